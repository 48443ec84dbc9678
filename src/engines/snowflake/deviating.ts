import { referencesOf } from '../claims.ts';
import type { Claim, ComparedColumn, GatherOptions, RowComparison, TablePair } from '../engine.ts';
import { claimId, type JudgedRows, otherColumns, type WrittenClaim } from '../judging.ts';
import { list } from '../sql.ts';
import { type ReadClaim, readClaim, writeClaim } from './claims.ts';
import { jsonObject, type Member } from './json-text.ts';
import { anyDeviates, joined, type RawColumn, type Sources, surplus } from './reading.ts';
import { nameOf, split, withoutTolerance } from './rows.ts';
import { deviates } from './values.ts';
import type { Workspace } from './workspace.ts';

/**
 * The deviating rows of a pair in a temporary table, one row each: kind, occurrences, digest (of a row that one side has:
 * the MD5 of all its values, as JSON), image (the same as it will be shown; NULL when it will not be), for each dirty column d0 (deviates), ..., for each kept column o0 (old value), n0 (new
 * value), ..., and with a key its values `keys` on the new side, and removed_key, as JSON, where only the old side has it.
 */
export interface GatheredRows extends JudgedRows {
  readonly sources: Sources;
  /** Null: as multisets. */
  readonly key: readonly ComparedColumn[] | null;
  /** The dirty columns, then others whose values are needed. */
  readonly kept: readonly RawColumn[];
  /** `k0`, ...; empty without a key. */
  readonly keys: readonly string[];
  readonly privacy: GatherOptions['privacy'];
}

export async function gatherRows(
  workspace: Workspace,
  pair: TablePair,
  found: RowComparison,
  { claims, privacy }: GatherOptions,
): Promise<GatheredRows> {
  const dirty = pair.columns.filter(({ name }) => found.cells.has(name));
  const read = await readClaims(workspace, pair, claims);
  const kept = [...dirty.map(onBothSides), ...otherColumns(read.flatMap(referencesOf), dirty)];
  const gathered = {
    table: workspace.scratchTable(),
    pair,
    sources: workspace.sources(pair),
    key: pair.key === null ? null : split(pair).key,
    dirty,
    kept,
    keys: (pair.key ?? []).map((_, at) => `k${at}`),
    cells: found.cells,
    privacy,
    claims: writeClaims(read, pair, dirty, kept),
  };
  await workspace.runLater(
    `gather the deviating rows of ${nameOf(pair)}`,
    `CREATE TEMPORARY TABLE ${gathered.table} AS ${pair.key === null ? surplusRows(gathered) : joinedRows(gathered)}`,
  );
  return gathered;
}

async function readClaims(
  workspace: Workspace,
  { schema, name }: TablePair,
  claims: readonly Claim[],
): Promise<ReadClaim[]> {
  if (claims.every(({ where, holds }) => where === null && holds === null))
    return claims.map((claim) => ({ claim, where: null, holds: null }));
  const columns = {
    old: await workspace.columnsOf('old', schema, name),
    new: await workspace.columnsOf('new', schema, name),
  };
  return Promise.all(claims.map((claim) => readClaim(claim, columns)));
}

function writeClaims(
  read: readonly ReadClaim[],
  pair: TablePair,
  dirty: readonly ComparedColumn[],
  kept: readonly RawColumn[],
): Map<string, WrittenClaim> {
  return new Map(read.map((claim) => [claimId(claim.claim), writeClaim(claim, pair, dirty, kept)]));
}

// ---------------------------------------------------------------------------------------------
// Gathering

type Unfilled = Omit<GatheredRows, 'claims'>;

/** Rows that are joined by key. */
function joinedRows({ sources, pair, key, dirty, kept, privacy }: Unfilled): string {
  const own = key ?? [];
  const raw = [...kept, ...pair.columns.map(onBothSides)];
  const rawOf = ({ name }: ComparedColumn) =>
    `r${kept.length + pair.columns.findIndex((column) => column.name === name)}`;
  const members = (side: 'o' | 'n', columns: readonly ComparedColumn[]) =>
    columns.map(
      (column): Member => [column.name, `${side}.${rawOf(column)}`, typeOn(side, column)],
    );
  const ofOneSide = (one: (members: readonly Member[]) => string) =>
    `CASE WHEN o.here IS NULL THEN ${one(members('n', pair.columns))} WHEN n.here IS NULL THEN ${one(members('o', pair.columns))} END`;
  const selected = [
    `CASE WHEN o.here IS NULL THEN 'added' WHEN n.here IS NULL THEN 'removed' ELSE 'changed' END AS kind`,
    '1 AS occurrences',
    `${ofOneSide(digestOf)} AS digest`,
    `${ofOneSide((row) => imageOf(row, privacy))} AS image`,
    ...dirty.map(
      (column, at) => `COALESCE(o.here AND n.here AND ${deviates(column, at)}, FALSE) AS d${at}`,
    ),
    ...keptValues(kept, (side, at) => `${side}.r${at}`),
    ...own.map((column, at) => `n.${rawOf(column)} AS k${at}`),
    `CASE WHEN n.here IS NULL THEN ${jsonObject(members('o', own))} END AS removed_key`,
  ];
  return `SELECT ${selected.join(', ')} FROM ${joined(sources, own, dirty, raw)}
    WHERE o.here IS NULL OR n.here IS NULL OR ${anyDeviates(dirty)}`;
}

/** Rows without a key, as often as one side has them more often than the other. */
function surplusRows({ sources, pair, kept, privacy }: Unfilled): string {
  const columns = withoutTolerance(pair.columns);
  const members = (side: 'o' | 'n') =>
    columns.map((column, at): Member => [column.name, `${side}${at}`, typeOn(side, column)]);
  const ofOneSide = (one: (members: readonly Member[]) => string) =>
    `CASE WHEN surplus > 0 THEN ${one(members('n'))} ELSE ${one(members('o'))} END`;
  // Nothing is known of columns that are not compared.
  const values = keptValues(kept, (side, nth) => {
    const at = columns.findIndex(({ name }) => name === kept[nth]?.name);
    return at === -1 ? noText : `${side}${at}`;
  });
  const selected = [
    `CASE WHEN surplus > 0 THEN 'added' ELSE 'removed' END AS kind`,
    'ABS(surplus) AS occurrences',
    `${ofOneSide(digestOf)} AS digest`,
    `${ofOneSide((row) => imageOf(row, privacy))} AS image`,
    ...values,
    `${noText} AS removed_key`,
  ];
  return `SELECT ${selected.join(', ')}
    FROM (${surplus(sources, columns, columns.map(onBothSides))}) AS differing`;
}

function digestOf(members: readonly Member[]): string {
  return `MD5(${jsonObject(members)})`;
}

function imageOf(members: readonly Member[], privacy: GatherOptions['privacy']): string {
  const isShown = privacy === 'full' || privacy === 'masked';
  return isShown ? jsonObject(members, privacy === 'masked') : noText;
}

function keptValues(
  kept: readonly RawColumn[],
  shownAs: (side: 'o' | 'n', at: number) => string,
): string[] {
  return kept.flatMap((_, at) => [
    `${shownAs('o', at)} AS o${at}`,
    `${shownAs('n', at)} AS n${at}`,
  ]);
}

export function typeOn(side: 'o' | 'n', { oldType, newType }: ComparedColumn): string {
  return side === 'o' ? oldType : newType;
}

function onBothSides({ name }: ComparedColumn): RawColumn {
  return { name, old: true, new: true };
}

/** A JSON array of names. */
export function jsonNames(columns: readonly ComparedColumn[]): string {
  return `[${list(columns, ({ name }) => JSON.stringify(name), ',')}]`;
}

/** A column of nothing but NULL needs a type to be kept. */
const noText = 'CAST(NULL AS VARCHAR)';
