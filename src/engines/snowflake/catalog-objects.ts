import type { CatalogObject } from '../engine.ts';
import type { Scope } from './catalog-scope.ts';
import type { Row } from './connection.ts';
import { plain } from './names.ts';

/** A stored text that may name a database. */
export interface StoredText {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
  /** Names within its texts count as well: it makes SQL of them. */
  readonly isProgram: boolean;
}

/** A kind of object that SHOW tells of, and what of it makes it what it is. */
interface Shown {
  readonly kind: string;
  readonly plural: string;
  /** Columns that are its definition. State is none: it differs in every clone. */
  readonly says: readonly string[];
  /** The column whose text may name a database. */
  readonly text?: string;
}

const shown: readonly Shown[] = [
  {
    kind: 'task',
    plural: 'TASKS',
    says: ['definition', 'schedule', 'predecessors', 'condition'],
    text: 'definition',
  },
  { kind: 'pipe', plural: 'PIPES', says: ['definition'], text: 'definition' },
  { kind: 'stream', plural: 'STREAMS', says: ['source_type', 'mode'] },
  { kind: 'stage', plural: 'STAGES', says: ['url', 'type'] },
  {
    kind: 'dynamic table',
    plural: 'DYNAMIC TABLES',
    says: ['target_lag', 'refresh_mode'],
    text: 'text',
  },
  { kind: 'external table', plural: 'EXTERNAL TABLES', says: ['location'] },
  { kind: 'tag', plural: 'TAGS', says: ['allowed_values'] },
  { kind: 'alert', plural: 'ALERTS', says: ['schedule', 'condition', 'action'], text: 'action' },
];

/** Everything that is no table, view, column or key. */
export async function readObjects(
  scope: Scope,
): Promise<{ readonly objects: CatalogObject[]; readonly definitions: StoredText[] }> {
  const [schemas, sequences, functions, procedures, ...others] = await Promise.all([
    readSchemas(scope),
    readSequences(scope),
    readRoutines(scope, 'FUNCTION'),
    readRoutines(scope, 'PROCEDURE'),
    ...shown.map((one) => readShown(scope, one)),
  ]);
  const routines = [...functions, ...procedures];
  return {
    objects: [
      ...schemas,
      ...sequences,
      ...routines.map(({ kind, name, text }) => ({ kind, name, definition: text })),
      ...others.flatMap(({ objects }) => objects),
    ],
    definitions: [...routines, ...others.flatMap(({ texts }) => texts)],
  };
}

async function readSchemas(scope: Scope): Promise<CatalogObject[]> {
  const rows = await scope.informed(
    'SCHEMATA',
    'SCHEMA_NAME',
    'SCHEMA_NAME, IS_MANAGED_ACCESS, IS_TRANSIENT, COMMENT',
  );
  // Where a schema is the place, its name is that of the place.
  return rows.map((row) => ({
    kind: 'schema',
    name: scope.place.schema === null ? String(row.SCHEMA_NAME) : '',
    definition: [
      row.IS_MANAGED_ACCESS === 'YES' && 'managed access',
      row.IS_TRANSIENT === 'YES' && 'transient',
      row.COMMENT,
    ]
      .filter(Boolean)
      .join(', '),
  }));
}

async function readSequences(scope: Scope): Promise<CatalogObject[]> {
  const rows = await scope.informed(
    'SEQUENCES',
    'SEQUENCE_SCHEMA',
    'SEQUENCE_SCHEMA, SEQUENCE_NAME, START_VALUE, "INCREMENT" AS STEP, ORDERED',
  );
  return rows.map((row) => ({
    kind: 'sequence',
    name: `${row.SEQUENCE_SCHEMA}.${row.SEQUENCE_NAME}`,
    definition: `start ${row.START_VALUE} increment ${row.STEP}${row.ORDERED === 'YES' ? ' order' : ''}`,
  }));
}

async function readRoutines(scope: Scope, kind: 'FUNCTION' | 'PROCEDURE'): Promise<StoredText[]> {
  const rows = await scope.informed(
    `${kind}S`,
    `${kind}_SCHEMA`,
    `${kind}_SCHEMA AS S, ${kind}_NAME AS N, ARGUMENT_SIGNATURE, ${kind}_LANGUAGE AS LANGUAGE, ${kind}_DEFINITION AS BODY, DATA_TYPE`,
  );
  return rows.map((row) => ({
    kind: kind.toLowerCase(),
    name: `${row.S}.${row.N}${row.ARGUMENT_SIGNATURE}`,
    text: `returns ${row.DATA_TYPE} language ${row.LANGUAGE} as ${row.BODY ?? ''}`,
    isProgram: true,
  }));
}

async function readShown(
  scope: Scope,
  { kind, plural, says, text }: Shown,
): Promise<{ readonly objects: CatalogObject[]; readonly texts: StoredText[] }> {
  const rows = await scope.shownIfAny(plural);
  const nameOf = (row: Row) => `${row.schema_name}.${row.name}`;
  return {
    objects: rows.map((row) => ({
      kind,
      name: nameOf(row),
      definition: says
        .flatMap((column) =>
          row[column] ? [`${column} ${toldIn(scope, String(row[column]))}`] : [],
        )
        .join('\n'),
    })),
    texts: rows.flatMap((row) =>
      text === undefined || !row[text]
        ? []
        : [{ kind, name: nameOf(row), text: String(row[text]), isProgram: kind === 'task' }],
    ),
  };
}

/** Whole names of tasks before a task (`["SHOP.SALES.ROOT"]`): a clone has those of its own, and the graph is the same. */
function toldIn({ place: { database, schema } }: Scope, text: string): string {
  const own = [database, ...(schema === null ? [] : [schema])];
  const heads = [own.map(plain), own].map((names) => `"${names.join('.')}.`);
  return heads.reduce((told, head) => told.replaceAll(head, '"'), text);
}
