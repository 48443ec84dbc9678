import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Document, LineCounter } from 'yaml';
import type { Config } from './config.ts';
import {
  canonicalTable,
  columnOf,
  type ExpectationsFile,
  expectationsJsonSchema,
  expectationsSchema,
  type RowsClaim,
} from './expectations-schema.ts';
import { type Fault, keyOffsetOf, offsetOf, schemaFaults, syntaxFaults } from './faults.ts';
import { parseYaml, readText, refusal, toPlain } from './file.ts';
import { formatName } from './names.ts';

/** One declaration of the expectations file: a deviation that the author intends. */
export interface Expectation {
  /** The file as the configuration writes it, and where in it the declaration stands. */
  readonly file: string;
  readonly line: number;
  /** `schema.table`; null for another object. */
  readonly table: string | null;
  readonly declares: Declared;
}

export type Declared =
  | DeclaredRows
  | { readonly kind: 'table'; readonly status: 'added' | 'removed' }
  | {
      readonly kind: 'column';
      readonly column: string;
      readonly status: 'added' | 'removed' | 'retyped';
    }
  | { readonly kind: 'structure'; readonly part: StructurePart }
  | {
      readonly kind: 'object';
      /** `kind name`, as the report writes it. */
      readonly object: string;
      readonly status: 'added' | 'removed' | 'changed';
    };

/** What of a table or view can deviate besides its columns and rows. */
export type StructurePart = 'definition' | 'order' | 'kind';

export interface DeclaredRows {
  readonly kind: 'rows';
  readonly of: 'changed' | 'added' | 'removed';
  /** The column whose values change; null for rows that come or go. */
  readonly column: string | null;
  readonly where: string | null;
  readonly holds: string | null;
  readonly atLeast: number;
  /** Null: no limit. */
  readonly atMost: number | null;
  readonly because: string | null;
}

/**
 * What the author of a change intends; none when there is no file.
 * @throws UsageError that lists everything that is wrong with the file, each with its line, and when the configuration
 *   names a file that is not there.
 */
export async function loadExpectations({
  root,
  expectations: { file, mustExist },
}: Pick<Config, 'root' | 'expectations'>): Promise<Expectation[]> {
  const path = resolve(root, file);
  if (!mustExist && !existsSync(path)) return [];
  const text = await readText(path, {
    called: 'expectations file',
    help: 'Write it, let `greenlight compare --write-expectations` propose one, or remove `expectations` from the configuration.',
  });
  return readExpectations(text, file);
}

/** Its schema is made only when there is a mistake to explain. */
const format = {
  get schema() {
    return expectationsJsonSchema();
  },
};

/** @throws UsageError that lists everything that is wrong with the text. */
export function readExpectations(text: string, file: string): Expectation[] {
  const { document, lines } = parseYaml(text);
  const unreadable = syntaxFaults(document);
  if (unreadable.some((fault) => fault.fatal)) throw refusal(file, unreadable, lines);
  const written = expectationsSchema.safeParse(toPlain(document, file, 'expectations file'));
  const faults = [
    ...unreadable,
    ...schemaFaults(written.error?.issues ?? [], document, text, format),
  ];
  if (faults.length > 0 || !written.success) throw refusal(file, faults, lines);
  const placed = declarationsOf(written.data);
  const expectations = placed.map(({ path, table, declares }) => ({
    file,
    line: lineOf(document, lines, path),
    table,
    declares,
  }));
  const senseless = [
    ...findEmpty(written.data, placed, document),
    ...findAmbiguous(placed, expectations, document),
  ];
  if (senseless.length > 0) throw refusal(file, senseless, lines);
  return expectations;
}

/** `marts.delay.amount where new.currency = 'CAD' holds new = old * 2`. */
export function describeExpectation({ table, declares }: Pick<Expectation, 'table' | 'declares'>) {
  switch (declares.kind) {
    case 'table':
      return `${table} ${declares.status}`;
    case 'column':
      return `${columnName(table, declares.column)} ${declares.status}`;
    case 'structure':
      return `${table} ${declares.part} changed`;
    case 'object':
      return `${declares.object} ${declares.status}`;
    case 'rows': {
      const { of, column, where, holds } = declares;
      const about = column === null ? `${table} rows ${of}` : columnName(table, column);
      return `${about}${where === null ? '' : ` where ${where}`}${holds === null ? '' : ` holds ${holds}`}`;
    }
  }
}

function columnName(table: string | null, column: string): string {
  return `${table}.${formatName([column])}`;
}

// From the file to declarations ---------------------------------------------------------------------

interface Placed {
  readonly path: readonly PropertyKey[];
  readonly table: string | null;
  readonly declares: Declared;
}

function declarationsOf({ tables, objects }: ExpectationsFile): Placed[] {
  return [
    ...Object.entries(tables).flatMap(([key, declared]): Placed[] => {
      const table = canonicalTable(key);
      const at = ['tables', key];
      if (typeof declared === 'string')
        return [{ path: at, table, declares: { kind: 'table', status: declared } }];
      const { columns, rows } = declared;
      return [
        ...Object.entries(columns).flatMap(([name, one]) =>
          ofColumn([...at, 'columns', name], table, columnOf(name), one),
        ),
        ...(['added', 'removed'] as const).flatMap((of) =>
          claimsOf([...at, 'rows', of], rows[of]).map(({ path, claim }) => ({
            path,
            table,
            declares: declaredRows(of, null, claim),
          })),
        ),
        ...(['definition', 'order', 'kind'] as const)
          .filter((part) => declared[part] !== undefined)
          .map(
            (part): Placed => ({
              path: [...at, part],
              table,
              declares: { kind: 'structure', part },
            }),
          ),
      ];
    }),
    ...Object.entries(objects).map(
      ([object, status]): Placed => ({
        path: ['objects', object],
        table: null,
        declares: { kind: 'object', object, status },
      }),
    ),
  ];
}

function ofColumn(
  at: readonly PropertyKey[],
  table: string,
  column: string,
  declared: RowsClaim | (RowsClaim | 'retyped')[] | 'added' | 'removed' | 'retyped',
): Placed[] {
  if (typeof declared === 'string')
    return [{ path: at, table, declares: { kind: 'column', column, status: declared } }];
  return claimsOf(at, declared).map(({ path, claim }) => ({
    path,
    table,
    declares:
      claim === 'retyped'
        ? { kind: 'column', column, status: claim }
        : declaredRows('changed', column, claim),
  }));
}

function claimsOf<T>(
  path: readonly PropertyKey[],
  declared: T | T[] | undefined,
): { path: readonly PropertyKey[]; claim: T }[] {
  if (declared === undefined) return [];
  if (!Array.isArray(declared)) return [{ path, claim: declared }];
  return declared.map((claim, at) => ({ path: [...path, at], claim }));
}

function declaredRows(
  of: DeclaredRows['of'],
  column: string | null,
  claim: RowsClaim,
): DeclaredRows {
  return {
    kind: 'rows',
    of,
    column,
    where: claim.where ?? null,
    holds: claim.holds ?? null,
    atLeast: claim.at_least,
    atMost: claim.at_most ?? null,
    because: claim.because ?? null,
  };
}

/** Where a person looks for it: an item of a list, else the line of its key. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  const isItem = typeof path.at(-1) === 'number';
  return lines.linePos(isItem ? offsetOf(document, path) : keyOffsetOf(document, path)).line;
}

function findEmpty(
  { tables }: ExpectationsFile,
  placed: readonly Placed[],
  document: Document,
): Fault[] {
  return Object.keys(tables)
    .filter((key) => !placed.some(({ path }) => path[0] === 'tables' && path[1] === key))
    .map((key) => ({
      offset: keyOffsetOf(document, ['tables', key]),
      message: `\`${key}\` declares nothing. Write \`columns\`, \`rows\`, \`definition\`, \`order\` or \`kind\`, or remove it.`,
    }));
}

/** Two declarations without `where` for the same rows: that they overlap needs no data. */
function findAmbiguous(
  placed: readonly Placed[],
  expectations: readonly Expectation[],
  document: Document,
): Fault[] {
  const first = new Map<string, number>();
  return placed.flatMap(({ table, declares, path }, at): Fault[] => {
    if (declares.kind !== 'rows' || declares.where !== null) return [];
    const rows = JSON.stringify([table, declares.of, declares.column]);
    const earlier = first.get(rows);
    if (earlier === undefined) {
      first.set(rows, at);
      return [];
    }
    const { line = 0 } = expectations[earlier] ?? {};
    const message = `this declaration and the one in line ${line} both claim all rows. Give one of them a \`where\`, or remove it.`;
    return [{ offset: offsetOf(document, path), message }];
  });
}
