import type { DuckDBMapValue } from '@duckdb/node-api';
import type { ChangeCondition, ChangeDescription, ChangePattern } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import { literal, toNumber } from './connection.ts';
import type { GatheredRows } from './deviating.ts';
import { isOfTheMachine } from './errors.ts';
import { cluesOf, kindsOf } from './pattern-kinds.ts';
import { type DirtyColumn, isSampled, type Kind } from './pattern-parts.ts';
import { findConditions } from './separating.ts';
import { findSwaps, swapKinds } from './swapped.ts';
import type { Workspace } from './workspace.ts';

/** DuckDB's planning time grows with the square of the number of aggregates: few columns a statement. */
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
  workspace: Workspace,
  gathered: GatheredRows,
  cells: ReadonlyMap<string, number>,
  { values }: { readonly values: boolean },
): Promise<Map<string, ChangeDescription>> {
  const dirty = gathered.dirty.map((column, at): DirtyColumn => {
    const count = cells.get(column.name) ?? 0;
    return {
      column,
      at,
      cells: count,
      every: Math.max(1, Math.floor(count / sampleSize)),
      keys: gathered.keys,
    };
  });
  if (dirty.length === 0) return new Map();
  const swaps = await orNothing(findSwaps(workspace, gathered));
  const patterns: ChangePattern[][] = [];
  for (const columns of inGroups(dirty, describedAtOnce)) {
    patterns.push(...(await tryPatterns(workspace, gathered, columns, swaps, values)));
  }
  const conditions: ReadonlyMap<string, ChangeCondition> = values
    ? await orNothing(findConditions(workspace, gathered, dirty))
    : new Map();
  return new Map(
    dirty.map(({ column: { name } }, at) => [
      name,
      { patterns: patterns[at] ?? [], condition: conditions.get(name) ?? null },
    ]),
  );
}

/**
 * Some values DuckDB cannot even plan with: it truncates the limits of a column of dates beforehand, and fails on the
 * year 300000. What a column looks like then stays unknown; the comparison does not fail for a description.
 */
async function tryPatterns(
  workspace: Workspace,
  gathered: GatheredRows,
  columns: readonly DirtyColumn[],
  swaps: ReadonlyMap<number, number>,
  values: boolean,
): Promise<ChangePattern[][]> {
  try {
    return await findPatterns(workspace, gathered, columns, swaps, values);
  } catch (error) {
    const [only, ...others] = columns;
    if (only === undefined || isOfTheMachine(error)) throw error;
    if (others.length === 0) return [[patternOf({ kind: null, rows: only.cells }, values)]];
    const patterns: ChangePattern[][] = [];
    for (const column of columns)
      patterns.push(...(await tryPatterns(workspace, gathered, [column], swaps, values)));
    return patterns;
  }
}

async function findPatterns(
  workspace: Workspace,
  gathered: GatheredRows,
  columns: readonly DirtyColumn[],
  swaps: ReadonlyMap<number, number>,
  values: boolean,
): Promise<ChangePattern[][]> {
  const about = `describe the changes of ${gathered.pair.schema}.${gathered.pair.name}`;
  const clues = await workspace.rows(about, collectClues(gathered, columns));
  // What occurs once among several says nothing.
  const textsOf = ({ at, cells }: DirtyColumn, name: string) =>
    clues
      .filter(
        ({ clue, rows }) => clue === `${name} of ${at}` && (cells === 1 || toNumber(rows) > 1),
      )
      .map(({ text }) => String(text));
  let kinds = columns.map((dirty): Kind[] => [
    ...kindsOf(dirty.column, (clue) => textsOf(dirty, clue)),
    ...swapKinds(gathered, dirty.at, swaps.get(dirty.at)),
  ]);
  const count = async (rows: 'sample' | 'all') => {
    const row = await workspace.ask(about, countFits(gathered, columns, kinds, rows));
    return columns.map(({ at }) => fitsIn(row[`fits_${at}`]));
  };
  let fits = await count('sample');
  if (columns.some(({ every }) => every > 1)) {
    kinds = kinds.map((own, nth) => own.filter((_, bit) => rowsThatFit(bit, fits[nth] ?? []) > 0));
    fits = await count('all');
  }
  return columns.map(({ column, cells }, nth) => {
    const own = fits[nth] ?? [];
    const counted = own.reduce((sum, { rows }) => sum + rows, 0);
    if (counted !== cells) {
      throw new Error(`${column.name}: ${counted} changes were described of ${cells}`);
    }
    return choose(kinds[nth] ?? [], own, cells).map((choice) => patternOf(choice, values));
  });
}

// ---------------------------------------------------------------------------------------------
// Choosing

/** What cannot be found stays unknown, as above. */
async function orNothing<T>(search: Promise<Map<string, T>>): Promise<Map<string, T>>;
async function orNothing<T>(
  search: Promise<ReadonlyMap<number, T>>,
): Promise<ReadonlyMap<number, T>>;
async function orNothing(search: Promise<unknown>): Promise<unknown> {
  try {
    return await search;
  } catch (error) {
    if (isOfTheMachine(error)) throw error;
    return new Map();
  }
}

/** Which kinds fit a row together, as bits, and how many rows that are. */
interface Fit {
  readonly kinds: bigint;
  readonly rows: number;
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

function patternOf({ kind, rows }: Choice, values: boolean): ChangePattern {
  if (kind === null) return { pattern: 'free change', detail: null, relation: null, rows };
  const relation = kind.shown ?? kind.relation('old', 'new');
  const detail = kind.detail === undefined ? relation : kind.detail;
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
function collectClues(gathered: GatheredRows, columns: readonly DirtyColumn[]): string {
  const clues = columns.flatMap((dirty) =>
    Object.entries(cluesOf(dirty.column, ...valuesOf(gathered, dirty))).map(([name, text]) => ({
      name: literal(`${name} of ${dirty.at}`),
      text: `CASE WHEN ${isSampled(dirty)} THEN ${text} END`,
    })),
  );
  return `SELECT clue, text, count(*) AS rows FROM (
      SELECT unnest([${list(clues, ({ name }) => name)}]) AS clue, unnest([${list(clues, ({ text }) => text)}]) AS text
      FROM ${gathered.table} WHERE kind = 'changed' AND (${list(columns, isSampled, ' OR ')}))
    WHERE text IS NOT NULL GROUP BY clue, text
    QUALIFY row_number() OVER (PARTITION BY clue ORDER BY count(*) DESC, text) <= 2
    ORDER BY clue, rows DESC, text`;
}

/** `fits_<at>`: for each set of kinds that fit a row together, the number of such rows. */
function countFits(
  gathered: GatheredRows,
  columns: readonly DirtyColumn[],
  kinds: readonly (readonly Kind[])[],
  rows: 'sample' | 'all',
): string {
  const isCounted = rows === 'sample' ? isSampled : ({ at }: DirtyColumn) => `d${at}`;
  const histograms = columns.map((dirty, nth) => {
    const [o, n] = valuesOf(gathered, dirty);
    const bits = (kinds[nth] ?? []).map((kind, bit) => {
      const check = (kind.check ?? kind.relation)(o, n);
      return `CASE WHEN TRY(${check}) THEN ${1n << BigInt(bit)}::BIGINT ELSE 0 END`;
    });
    const fit = bits.length === 0 ? '0::BIGINT' : bits.join(' + ');
    return `histogram(CASE WHEN ${isCounted(dirty)} THEN ${fit} END) AS fits_${dirty.at}`;
  });
  return `SELECT ${histograms.join(', ')} FROM ${gathered.table}
    WHERE kind = 'changed' AND (${list(columns, isCounted, ' OR ')})`;
}

/** As bytes: a collation would call a change of case one of white space. */
function valuesOf({ plan }: GatheredRows, { column, at }: DirtyColumn): [string, string] {
  const value = (name: string, type: string) =>
    plan.sources.collated && type === 'VARCHAR' ? `(${name} COLLATE C)` : name;
  return [value(`o${at}`, column.oldType), value(`n${at}`, column.newType)];
}

function fitsIn(histogram: unknown): Fit[] {
  return entriesOf(histogram).map(({ key, value }) => ({
    kinds: key as bigint,
    rows: toNumber(value),
  }));
}

/** A map as DuckDB gives it; null when there was nothing to count. */
function entriesOf(histogram: unknown): DuckDBMapValue['entries'] {
  return (histogram as DuckDBMapValue | null | undefined)?.entries ?? [];
}
