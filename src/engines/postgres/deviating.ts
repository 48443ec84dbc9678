import { referencesOf } from '../claims.ts';
import type { Claim, ComparedColumn, GatherOptions, RowComparison, TablePair } from '../engine.ts';
import {
  claimId,
  coversNothing,
  keptName,
  otherColumns,
  type Reference,
  type WrittenClaim,
} from '../judging.ts';
import { list } from '../sql.ts';
import type { Candidates, StoredColumn } from './candidates.ts';
import { type ReadClaim, readClaim, writeClaim } from './claims.ts';
import type { GatheredRows, KeptColumn } from './gathered.ts';
import { jsonObject, type Member } from './json-text.ts';
import { fetchOthers, type OtherColumn, otherStored } from './others.ts';
import { surplusByValue } from './rows.ts';
import { deviates } from './values.ts';
import type { Lane } from './workspace.ts';

/** The gathered rows with what judging and recording ask of them. */
export interface DeviatingTable extends GatheredRows {
  /** In the order of the pair's columns. */
  readonly columns: readonly StoredColumn[];
  /** By claimId. */
  readonly claims: ReadonlyMap<string, WrittenClaim>;
}

/** Brings the deviating rows into a temporary table: `gathered.ts`. */
export async function gatherRows(
  lane: Lane,
  candidates: Candidates,
  found: RowComparison,
  { claims, privacy }: GatherOptions,
): Promise<DeviatingTable> {
  const { pair } = candidates;
  const dirty = pair.columns.filter(({ name }) => found.cells.has(name));
  const read = await readClaims(lane, pair, claims);
  const kept = [...dirty.map(onBothSides), ...otherColumns(read.flatMap(referencesOf), dirty)];
  await candidates.keepCounted(kept.map(({ name }) => name));
  const gathered = {
    table: lane.scratchTable(),
    pair,
    newTable: lane.workshop.table('new', pair.schema, pair.name),
    newRelation: candidates.relations.new,
    key: pair.key === null ? null : keyOf(candidates).map(({ column }) => column),
    dirty,
    kept,
    keys: (pair.key ?? []).map((_, at) => `k${at}`),
    cells: found.cells,
    keepsImages: privacy === 'full' || privacy === 'masked',
    columns: pair.columns.flatMap(({ name }) => columnOf(candidates, name) ?? []),
    claims: writeClaims(read, pair, dirty, kept),
  };
  await fillTable(lane, candidates, gathered);
  return gathered;
}

async function readClaims(
  lane: Lane,
  { schema, name }: TablePair,
  claims: readonly Claim[],
): Promise<ReadClaim[]> {
  const columnsOf = async (side: 'old' | 'new') =>
    [...(await lane.columnTypes(side, schema, name))].map(([own, { sql }]) => ({
      name: own,
      type: sql,
    }));
  const columns = { old: await columnsOf('old'), new: await columnsOf('new') };
  const read: ReadClaim[] = [];
  for (const claim of claims) read.push(await readClaim(lane, claim, columns));
  return read;
}

function writeClaims(
  claims: readonly ReadClaim[],
  pair: TablePair,
  dirty: readonly ComparedColumn[],
  kept: readonly KeptColumn[],
): Map<string, WrittenClaim> {
  // Without a key, rows are kept by the columns that are compared: nothing else of them is known.
  const isKnown = ({ column }: Reference) =>
    pair.key !== null || pair.columns.some(({ name }) => name === column);
  return new Map(
    claims.map((read) => [
      claimId(read.claim),
      referencesOf(read).every(isKnown)
        ? writeClaim(read, dirty, (reference) => keptName(kept, reference))
        : coversNothing,
    ]),
  );
}

// ---------------------------------------------------------------------------------------------
// Gathering

async function fillTable(
  lane: Lane,
  candidates: Candidates,
  gathered: DeviatingTable,
): Promise<void> {
  const { pair, table, kept } = gathered;
  const about = `gather the deviating rows of ${pair.schema}.${pair.name}`;
  if (pair.key === null) {
    await lane.run(
      about,
      `CREATE TEMPORARY TABLE ${table} AS ${surplusRows(candidates, gathered)}`,
    );
  } else {
    const others = await otherStored(lane, candidates, kept);
    await lane.run(
      about,
      `CREATE TEMPORARY TABLE ${table} AS ${joinedRows(candidates, gathered, others)}`,
    );
    await fetchOthers(lane, candidates, table, others);
  }
  // What it holds must be known for statements over it to be planned well.
  await lane.run(about, `ANALYZE ${table}`);
}

/** Rows that are brought together by key. */
function joinedRows(
  candidates: Candidates,
  gathered: DeviatingTable,
  others: readonly OtherColumn[],
): string {
  const { dirty, kept, keys, columns } = gathered;
  const { table, pair } = candidates;
  const image = (side: 'o' | 'n') => imageOf(columns.map(memberOn(candidates, side)), gathered);
  const flags = dirty.map(({ name }, at) => {
    const [column, nr] = found(candidates, name);
    return `kind = 'changed' AND ${deviates(column, `o${nr}`, `n${nr}`, pair.mode)} AS d${at}`;
  });
  const values = kept.flatMap(({ name }, at) => {
    const nr = candidates.columns.findIndex(({ column }) => column.name === name);
    if (nr !== -1) return [`o${nr} AS "o ${at}"`, `n${nr} AS "n ${at}"`];
    return (['old', 'new'] as const).map((side) => {
      const other = others.find((one) => one.at === at && one.side === side);
      return `NULL::${other?.stored.sql ?? 'text'} AS "${side === 'old' ? 'o' : 'n'} ${at}"`;
    });
  });
  const key = keys.map((name, nr) => `n${nr} AS "${name}"`);
  const removedKey = jsonObject(keyOf(candidates).map(memberOn(candidates, 'o')));
  const selected = [
    'kind',
    '1::bigint AS occurrences',
    'nr',
    `CASE kind WHEN 'added' THEN ${image('n')} WHEN 'removed' THEN ${image('o')} END AS image`,
    ...flags,
    ...values,
    ...key,
    `CASE WHEN kind = 'removed' THEN ${removedKey} END AS removed_key`,
  ];
  const names = [
    ...['kind', 'occurrences', 'nr', 'image'],
    ...dirty.map((_, at) => `d${at}`),
    ...kept.flatMap((_, at) => [`"o ${at}" AS o${at}`, `"n ${at}" AS n${at}`]),
    ...keys,
    'removed_key',
  ];
  const any = dirty.map((_, at) => ` OR d${at}`).join('');
  // Values are compared once: without OFFSET they would be for each time that a flag is named.
  return `SELECT ${names.join(', ')} FROM (SELECT ${selected.join(', ')} FROM ${table} OFFSET 0) AS differing
    WHERE kind <> 'changed'${any}`;
}

/** Rows without a key, as often as one side has them more often than the other. */
function surplusRows(candidates: Candidates, gathered: DeviatingTable): string {
  const { kept, columns } = gathered;
  // Of rows that are equal by value, any stands for all.
  const shown = candidates.columns.map((_, nr) => `min(v${nr}) AS v${nr}`);
  const shownOn = (column: StoredColumn, side: 'o' | 'n') => {
    const nr = candidates.columns.indexOf(column);
    return `v${nr}::${(side === 'o' ? column.old : column.new).sql}`;
  };
  const image = (side: 'o' | 'n') =>
    imageOf(
      columns.map(
        (column): Member => [
          column.column.name,
          shownOn(column, side),
          side === 'o' ? column.old : column.new,
        ],
      ),
      gathered,
    );
  const values = kept.map(({ name }, at) => {
    const column = columnOf(candidates, name);
    if (column === null) return `, NULL AS o${at}, NULL AS n${at}`;
    return `, CASE WHEN surplus < 0 THEN ${shownOn(column, 'o')} END AS o${at}, CASE WHEN surplus > 0 THEN ${shownOn(column, 'n')} END AS n${at}`;
  });
  return `SELECT CASE WHEN surplus > 0 THEN 'added' ELSE 'removed' END AS kind, abs(surplus)::bigint AS occurrences,
      CASE WHEN surplus > 0 THEN ${image('n')} ELSE ${image('o')} END AS image${values.join('')}, NULL::text AS removed_key
    FROM (${surplusByValue(candidates, shown)}) AS differing`;
}

function imageOf(members: readonly Member[], { keepsImages }: DeviatingTable): string {
  return keepsImages ? jsonObject(members) : `md5(${jsonObject(members)})`;
}

function memberOn(candidates: Candidates, side: 'o' | 'n') {
  return (column: StoredColumn): Member => [
    column.column.name,
    `${side}${candidates.columns.indexOf(column)}`,
    side === 'o' ? column.old : column.new,
  ];
}

function keyOf({ columns, pair }: Candidates): readonly StoredColumn[] {
  return columns.slice(0, pair.key?.length ?? 0);
}

function columnOf({ columns }: Candidates, name: string): StoredColumn | null {
  return columns.find(({ column }) => column.name === name) ?? null;
}

function found({ columns }: Candidates, name: string): [StoredColumn, number] {
  const nr = columns.findIndex(({ column }) => column.name === name);
  return [columns[nr] as StoredColumn, nr];
}

function onBothSides({ name }: ComparedColumn): KeptColumn {
  return { name, old: true, new: true };
}

/** A JSON array of names. */
export function jsonNames(columns: readonly ComparedColumn[]): string {
  return `[${list(columns, ({ name }) => JSON.stringify(name), ',')}]`;
}
