import { toNumber } from '../counts.ts';
import type {
  ChangeCondition,
  ChangeDescription,
  ChangePattern,
  ComparedColumn,
} from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import {
  type Fit,
  type PatternDialect,
  type PatternRow,
  type PatternWork,
  syntaxOf,
} from './dialect.ts';
import { cluesOf, kindsOf } from './kinds.ts';
import { checkOf, type DirtyColumn, type Kind } from './parts.ts';
import { findConditions } from './separating.ts';
import { findSwaps, swapKinds } from './swapped.ts';

/** Planning time grows with the square of the number of aggregates in some engines: few columns a statement. */
const describedAtOnce = 8;
/** A kind that fits none of so many rows fits too few to be named. */
const sampleSize = 2_000;
/** More would not be read. What they describe, and less than one row in a hundred, is free change. */
const mostKinds = 4;

/**
 * What the changes of each column look like that deviates in rows of both sides; `cells` tells in how many. Kinds are
 * looked for in a sample; those that occur there are counted over all rows, by the very SQL that is given back. With
 * `values` false nothing that the data holds is given.
 */
export async function describeChanges(
  work: PatternWork,
  cells: ReadonlyMap<string, number>,
  { values }: { readonly values: boolean },
): Promise<Map<string, ChangeDescription>> {
  const dirty = work.gathered.dirty.map((column, at) =>
    dirtyColumn(work, column, at, cells.get(column.name) ?? 0),
  );
  if (dirty.length === 0) return new Map();
  const swaps = await orNothing(work, findSwaps(work));
  const patterns: ChangePattern[][] = [];
  for (const columns of inGroups(dirty, describedAtOnce)) {
    patterns.push(...(await findPatterns(work, columns, swaps, values)));
  }
  const conditions: ReadonlyMap<string, ChangeCondition> = values
    ? await orNothing(work, findConditions(work, dirty))
    : new Map();
  return new Map(
    dirty.map(({ column: { name } }, at) => [
      name,
      { patterns: patterns[at] ?? [], condition: conditions.get(name) ?? null },
    ]),
  );
}

function dirtyColumn(
  { gathered: { keys }, dialect }: PatternWork,
  column: ComparedColumn,
  at: number,
  cells: number,
): DirtyColumn {
  const every = Math.max(1, Math.floor(cells / sampleSize));
  // The same rows in every run, wherever they stand.
  const deviates = syntaxOf(dialect).isSet(`d${at}`);
  const isSampled =
    every === 1 ? deviates : `(${deviates} AND ${dialect.mixed(keys)} % ${every} = 0)`;
  return { column, at, cells, every, isSampled };
}

/** The patterns of each column, after it is certain that each of its changes was counted. */
async function findPatterns(
  work: PatternWork,
  columns: readonly DirtyColumn[],
  swaps: ReadonlyMap<number, number>,
  values: boolean,
): Promise<ChangePattern[][]> {
  const counted = await countKinds(work, columns, swaps);
  const { named = (name: string) => name } = work.dialect;
  return counted.map(({ dirty: { column, cells }, kinds, fits }) => {
    const names = [named('old', column.oldType), named('new', column.newType)] as const;
    const rows = fits.reduce((sum, fit) => sum + fit.rows, 0);
    if (rows !== cells)
      throw new Error(`${column.name}: ${rows} changes were described of ${cells}`);
    return choose(kinds, fits, cells).map((choice) => patternOf(choice, names, values));
  });
}

/**
 * Some values an engine cannot even plan with: the limits of a column of dates are truncated beforehand, and that fails
 * on the year 300000. What a column looks like then stays unknown; the comparison does not fail for a description.
 */
async function countKinds(
  work: PatternWork,
  columns: readonly DirtyColumn[],
  swaps: ReadonlyMap<number, number>,
): Promise<Described[]> {
  try {
    return await countOccurringKinds(work, columns, swaps);
  } catch (error) {
    const [only, ...others] = columns;
    if (only === undefined || work.dialect.isOfTheMachine(error)) throw error;
    if (others.length === 0)
      return [{ dirty: only, kinds: [], fits: [{ kinds: 0n, rows: only.cells }] }];
    const counted: Described[] = [];
    for (const column of columns) counted.push(...(await countKinds(work, [column], swaps)));
    return counted;
  }
}

async function countOccurringKinds(
  work: PatternWork,
  columns: readonly DirtyColumn[],
  swaps: ReadonlyMap<number, number>,
): Promise<Described[]> {
  const { gathered, dialect } = work;
  const about = `describe the changes of ${gathered.pair.schema}.${gathered.pair.name}`;
  const clues = await findClues(work, about, columns);
  // What occurs once among several says nothing.
  const textsOf = ({ at, cells }: DirtyColumn, name: string) =>
    clues
      .filter(
        ({ clue, rows }) => clue === `${name} of ${at}` && (cells === 1 || toNumber(rows) > 1),
      )
      .map(({ text }) => String(text));
  const all = columns.map((dirty): Described => {
    const own = kindsOf(dialect, dirty.column, (clue) => textsOf(dirty, clue));
    return { dirty, kinds: [...own, ...swapKinds(work, dirty.at, swaps.get(dirty.at))], fits: [] };
  });
  return countAll(work, about, await countFits(work, about, all, 'sample'));
}

/** A column with the kinds that its changes may be of, and with what was counted of them. */
interface Described {
  readonly dirty: DirtyColumn;
  readonly kinds: readonly Kind[];
  readonly fits: readonly Fit[];
}

/** From the rows of the sample to all: first the one kind that would be the only choice, then all that occur. */
async function countAll(
  work: PatternWork,
  about: string,
  sampled: readonly Described[],
): Promise<Described[]> {
  const only = sampled.filter(isOfASample).flatMap((column) => onlyChoice(column) ?? []);
  const whole = (await countFits(work, about, only, 'all')).filter(
    ({ dirty, fits }) => rowsThatFit(0, fits) === dirty.cells,
  );
  const known = [...sampled.filter((column) => !isOfASample(column)), ...whole];
  const isKnown = ({ dirty }: Described) => known.some((column) => column.dirty === dirty);
  const left = sampled.filter((column) => !isKnown(column)).map(ofOccurringKinds);
  const counted = [...known, ...(await countFits(work, about, left, 'all'))];
  return counted.toSorted((a, b) => a.dirty.at - b.dirty.at);
}

function isOfASample({ dirty }: Described): boolean {
  return dirty.every > 1;
}

/** With the most telling of the kinds that fit the whole sample: if it fits all rows, `choose` takes it alone. */
function onlyChoice({ dirty, kinds, fits }: Described): Described | null {
  const rows = fits.reduce((sum, fit) => sum + fit.rows, 0);
  const kind = kinds.find(
    ({ enough }, bit) =>
      rowsThatFit(bit, fits) === rows && (enough?.(dirty.cells, dirty.cells) ?? true),
  );
  return kind === undefined ? null : { dirty, kinds: [kind], fits: [] };
}

function ofOccurringKinds({ dirty, kinds, fits }: Described): Described {
  return { dirty, kinds: kinds.filter((_, bit) => rowsThatFit(bit, fits) > 0), fits: [] };
}

// ---------------------------------------------------------------------------------------------
// Choosing

/** What cannot be found stays unknown, as above. */
async function orNothing<K, T>(
  work: PatternWork,
  search: Promise<ReadonlyMap<K, T>>,
): Promise<ReadonlyMap<K, T>> {
  try {
    return await search;
  } catch (error) {
    if (work.dialect.isOfTheMachine(error)) throw error;
    return new Map();
  }
}

/** Null: free change. */
interface Choice {
  readonly kind: Kind | null;
  readonly rows: number;
}

/**
 * Each row counts for the first choice that fits it, and the first is the one that fits most rows: if one kind fits
 * all, it is the only choice. Of kinds that fit as many rows the more telling one, which comes first, is taken.
 */
function choose(kinds: readonly Kind[], fits: readonly Fit[], total: number): Choice[] {
  const choices: Choice[] = [];
  let left = fits;
  let rest = total;
  while (choices.length < mostKinds) {
    const [widest] = kinds
      .map((kind, bit) => ({ kind, bit, rows: rowsThatFit(bit, left) }))
      .filter(({ rows }) => rows > 0 && rows * 100 >= total)
      .filter(({ kind, rows }) => kind.enough?.(rows, total) ?? true)
      .toSorted((a, b) => b.rows - a.rows);
    if (widest === undefined) break;
    choices.push(widest);
    left = left.filter((fit) => !includes(fit, widest.bit));
    rest -= widest.rows;
  }
  if (rest > 0) choices.push({ kind: null, rows: rest });
  return choices.toSorted((a, b) => b.rows - a.rows);
}

function patternOf(
  { kind, rows }: Choice,
  names: readonly [old: string, new_: string],
  values: boolean,
): ChangePattern {
  if (kind === null) return { pattern: 'free change', detail: null, relation: null, rows };
  const relation = kind.shown ?? kind.relation(...names);
  const detail = kind.detail === undefined ? kind.relation('old', 'new') : kind.detail;
  if (values) return { pattern: kind.pattern, detail, relation, rows };
  return {
    pattern: kind.pattern,
    detail: kind.showsValues === true ? null : detail,
    relation: null,
    rows,
  };
}

function rowsThatFit(bit: number, fits: readonly Fit[]): number {
  return fits.reduce((sum, fit) => sum + (includes(fit, bit) ? fit.rows : 0), 0);
}

function includes({ kinds }: Fit, bit: number): boolean {
  return ((kinds >> BigInt(bit)) & 1n) === 1n;
}

// ---------------------------------------------------------------------------------------------
// Statements

/** For each clue of each column the two most frequent texts that it gives in the sample, and how often. */
async function findClues(
  { workspace, gathered, dialect }: PatternWork,
  about: string,
  columns: readonly DirtyColumn[],
): Promise<PatternRow[]> {
  const clues = columns.flatMap((dirty) =>
    Object.entries(cluesOf(dialect, dirty.column, ...valuesOf(dialect, dirty))).map(
      ([name, text]) => ({
        name: `${name} of ${dirty.at}`,
        text: `CASE WHEN ${dirty.isSampled} THEN ${text} END`,
      }),
    ),
  );
  if (clues.length === 0) return [];
  const where = `kind = 'changed' AND (${list(columns, ({ isSampled }) => isSampled, ' OR ')})`;
  return workspace.rows(about, dialect.topTexts(gathered.table, clues, where));
}

async function countFits(
  { workspace, gathered, dialect }: PatternWork,
  about: string,
  columns: readonly Described[],
  rows: 'sample' | 'all',
): Promise<Described[]> {
  if (columns.length === 0) return [];
  const isCounted = ({ dirty: { at, isSampled } }: Described) =>
    rows === 'sample' ? isSampled : syntaxOf(dialect).isSet(`d${at}`);
  const found = await dialect.countFits(workspace, about, {
    table: gathered.table,
    where: `kind = 'changed' AND (${list(columns, isCounted, ' OR ')})`,
    columns: columns.map((column) => ({
      at: column.dirty.at,
      when: isCounted(column),
      checks: column.kinds.map((kind) => checkOf(kind, ...valuesOf(dialect, column.dirty))),
    })),
  });
  return columns.map((column) => ({ ...column, fits: found.get(column.dirty.at) ?? [] }));
}

function valuesOf(dialect: PatternDialect, { column, at }: DirtyColumn): [string, string] {
  return [dialect.value(`o${at}`, column.oldType), dialect.value(`n${at}`, column.newType)];
}
