import type {
  Claim,
  ClaimOutcome,
  ComparedColumn,
  DeviatingRows,
  RecordedRows,
  RowComparison,
  RowTarget,
  TablePair,
} from '../engine.ts';
import { list } from '../sql.ts';
import { literal, quote, toNumber } from './connection.ts';
import { fingerprintOf } from './fingerprints.ts';
import { jsonObject, jsonText, masked, member } from './json-text.ts';
import { describeChanges } from './patterns.ts';
import {
  anyDeviates,
  attached,
  beside,
  type Condition,
  joined,
  numbered,
  type RawColumn,
  surplus,
} from './reading.ts';
import { type PairedRows, type RowPlan, withoutTolerance } from './rows.ts';
import { deviates, isEncoded, type Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/**
 * The deviating rows of a pair in a table in memory, one row each: kind, occurrences, row_key and image as JSON texts,
 * for each dirty column d0 (deviates), ..., for each kept column o0 (old value), n0 (new value), ...,
 * and with a key its values k0, ... on the new side.
 */
export interface GatheredRows {
  /** The table, quoted. */
  readonly table: string;
  readonly pair: TablePair;
  readonly plan: RowPlan;
  /** Columns that deviate in rows that both sides have. */
  readonly dirty: readonly ComparedColumn[];
  /** The dirty columns, then others whose values are needed. */
  readonly kept: readonly RawColumn[];
}

export async function gatherRows(
  workspace: Workspace,
  pair: TablePair,
  found: RowComparison,
  plan: RowPlan,
): Promise<DeviatingRows> {
  const dirty = pair.columns.filter(({ name }) => found.cells.has(name));
  const kept = dirty.map(({ name }) => ({ name, old: true, new: true }));
  const gathered = { table: workspace.scratchTable(), pair, plan, dirty, kept };
  await fillTable(workspace, gathered);
  return {
    judge: (claims) => judgeClaims(workspace, gathered, claims),
    record: (into, explaining) => recordRows(workspace, gathered, into, explaining),
    describe: (options) => describeChanges(workspace, gathered, found.cells, options),
    discard: () =>
      workspace.run(
        `discard the deviating rows of ${nameOf(pair)}`,
        `DROP TABLE ${gathered.table}`,
      ),
  };
}

async function judgeClaims(
  _workspace: Workspace,
  _gathered: GatheredRows,
  claims: readonly Claim[],
): Promise<ClaimOutcome[]> {
  return claims.map(() => ({ claimed: 0, broken: 0, overlap: null }));
}

async function recordRows(
  workspace: Workspace,
  gathered: GatheredRows,
  into: RowTarget,
  _explaining: readonly Claim[],
): Promise<RecordedRows> {
  const about = `record the deviating rows of ${nameOf(gathered.pair)}`;
  const address = [BigInt(into.comparison), into.tableName];
  const recorded = await workspace.withStore(async () => {
    await workspace.run(about, recordStatement(gathered, into), address);
    const summary = await workspace.ask(about, summariseRecorded(into.table), address);
    if (into.privacy === 'none') {
      await workspace.run(about, forgetFingerprints(into.table), address);
    }
    return summary;
  });
  const [added, removed, changed] = [recorded.added, recorded.removed, recorded.changed].map(
    toNumber,
  ) as [number, number, number];
  return {
    added,
    removed,
    changed,
    unexplained: added + removed + changed,
    unexplainedCells: new Map(),
    fingerprint: String(recorded.fingerprint),
  };
}

function nameOf({ schema, name }: TablePair): string {
  return `${schema}.${name}`;
}

// ---------------------------------------------------------------------------------------------
// Gathering

/** Piece by piece: what is joined at a time must fit into memory. */
async function fillTable(workspace: Workspace, gathered: GatheredRows): Promise<void> {
  const { plan, table, pair } = gathered;
  const { key, paired, rest } = plan;
  const about = `gather the deviating rows of ${nameOf(pair)}`;
  const [first, ...others] =
    key === null
      ? rest.conditions.map((condition) => surplusRows(gathered, condition))
      : [
          ...paired.map((rows) => changedRows(gathered, key, rows)),
          ...rest.conditions.map((condition) => joinedRows(gathered, key, condition)),
        ];
  if (first === undefined) throw new Error(`${nameOf(pair)} has no deviating rows`);
  await workspace.run(about, `CREATE TABLE ${table} AS ${first}`);
  await workspace.each(
    others,
    about,
    (select) => `INSERT INTO ${table} ${select}`,
    () => undefined,
  );
}

/** Rows that stand side by side. */
function changedRows(
  { plan: { sources }, dirty, kept }: GatheredRows,
  key: readonly ComparedColumn[],
  { condition, by }: PairedRows,
): string {
  const raw = [...kept, ...key.map(onBothSides)];
  const rowKey = jsonObject(
    key.map(({ name, newType }, at) => [name, `n.r${kept.length + at}`, newType]),
  );
  const keyValues = key.map((_, at) => `, n.r${kept.length + at} AS k${at}`).join('');
  return `SELECT 'changed' AS kind, 1 AS occurrences, ${rowKey} AS row_key, NULL::VARCHAR AS image${dirtyFlags(dirty, sources, 'true')}${keptValues(kept)}${keyValues}
    FROM ${(by === 'position' ? beside : numbered)(sources, dirty, condition, { raw })} WHERE ${anyDeviates(dirty, sources)}`;
}

/** Rows that are joined by key. */
function joinedRows(
  { plan, pair, dirty, kept }: GatheredRows,
  key: readonly ComparedColumn[],
  condition: Condition,
): string {
  const { sources } = plan.rest;
  const raw = [...kept, ...pair.columns.map(onBothSides)];
  const image = (side: 'o' | 'n') =>
    jsonObject(
      pair.columns.map((column, at) => [
        column.name,
        `${side}.r${kept.length + at}`,
        typeOn(side, column),
      ]),
    );
  const keyValues = (side: 'o' | 'n') =>
    key.map((column) => {
      const at = pair.columns.findIndex(({ name }) => name === column.name);
      return [column.name, `${side}.r${kept.length + at}`, typeOn(side, column)] as const;
    });
  const rowKey = (side: 'o' | 'n') => jsonObject(keyValues(side));
  const newKey = keyValues('n').map(([, value], at) => `, ${value} AS k${at}`);
  const changed = dirty.length === 0 ? '' : ` OR ${anyDeviates(dirty, sources)}`;
  return `SELECT CASE WHEN o.here IS NULL THEN 'added' WHEN n.here IS NULL THEN 'removed' ELSE 'changed' END AS kind,
      1 AS occurrences, CASE WHEN n.here THEN ${rowKey('n')} ELSE ${rowKey('o')} END AS row_key,
      CASE WHEN o.here IS NULL THEN ${image('n')} WHEN n.here IS NULL THEN ${image('o')} END AS image${dirtyFlags(dirty, sources, 'o.here AND n.here')}${keptValues(kept)}${newKey.join('')}
    FROM ${joined(sources, key, dirty, condition, { raw })}
    WHERE o.here IS NULL OR n.here IS NULL${changed}`;
}

/** Rows without a key, as often as one side has them more often than the other. */
function surplusRows({ plan, pair, kept }: GatheredRows, condition: Condition): string {
  const { sources } = plan.rest;
  const columns = withoutTolerance(pair.columns);
  // Bytes that stand for a text are shown as the text.
  const shown = columns.map((column, at) =>
    isEncoded(column, sources) ? `decode(v${at})` : `v${at}`,
  );
  const image = jsonObject(columns.map(({ name }, at) => [name, String(shown[at])]));
  const values = kept.map(({ name }, nth) => {
    const value = shown[columns.findIndex((column) => column.name === name)] ?? 'NULL';
    return `, CASE WHEN surplus < 0 THEN ${value} END AS o${nth}, CASE WHEN surplus > 0 THEN ${value} END AS n${nth}`;
  });
  return `SELECT CASE WHEN surplus > 0 THEN 'added' ELSE 'removed' END AS kind, abs(surplus)::BIGINT AS occurrences,
      NULL::VARCHAR AS row_key, ${image} AS image${values.join('')} FROM (${surplus(sources, columns, condition)})`;
}

function typeOn(side: 'o' | 'n', { oldType, newType }: ComparedColumn): string {
  return side === 'o' ? oldType : newType;
}

function onBothSides({ name }: ComparedColumn): RawColumn {
  return { name, old: true, new: true };
}

/** `both`: the condition under which both sides have the row. */
function dirtyFlags(dirty: readonly ComparedColumn[], sources: Sources, both: string): string {
  return dirty
    .map(
      (column, at) => `, coalesce(${both} AND ${deviates(column, at, sources)}, false) AS d${at}`,
    )
    .join('');
}

function keptValues(kept: readonly RawColumn[]): string {
  return kept.map((_, at) => `, o.r${at} AS o${at}, n.r${at} AS n${at}`).join('');
}

// ---------------------------------------------------------------------------------------------
// Recording

/** Writes the gathered rows into the store's table. $1: comparison, $2: name of the table. */
function recordStatement(
  { table: gathered, dirty }: GatheredRows,
  { table, privacy }: RowTarget,
): string {
  const changedColumns = `CASE WHEN kind = 'changed' THEN concat('[', concat_ws(',', ${
    list(dirty, ({ name }, at) => `CASE WHEN d${at} THEN ${literal(JSON.stringify(name))} END`) ||
    "''"
  }), ']') END`;
  const values = (side: 'o' | 'n', mask: boolean) =>
    `CASE WHEN kind = 'changed' THEN concat('{', concat_ws(',', ${
      list(
        dirty,
        (column, at) =>
          `CASE WHEN d${at} THEN ${member([column.name, `${side}${at}`, typeOn(side, column)], mask)} END`,
      ) || "''"
    }), '}') WHEN kind = ${side === 'o' ? "'removed'" : "'added'"} THEN ${mask ? 'masked_image' : 'image'} END`;
  const shown = (side: 'o' | 'n') =>
    privacy === 'full' ? `${side}_values` : privacy === 'masked' ? `${side}_masked` : 'NULL';
  return `INSERT INTO ${stored(table)}
      (comparison, table_name, kind, row_key, columns, old_values, new_values, occurrences, explained, fingerprint)
    SELECT $1, $2, kind, ${privacy === 'none' ? 'NULL' : 'row_key'}, columns, ${shown('o')}, ${shown('n')}, occurrences, false,
      sha256(concat_ws(chr(31), kind, coalesce(row_key, '-'), coalesce(columns, '-'), coalesce(o_values, '-'),
        coalesce(n_values, '-'), occurrences::VARCHAR))
    FROM (
      SELECT kind, row_key, occurrences, ${changedColumns} AS columns,
        ${values('o', false)} AS o_values, ${values('n', false)} AS n_values,
        ${privacy === 'masked' ? `${values('o', true)} AS o_masked, ${values('n', true)} AS n_masked` : '0'}
      FROM (SELECT *, ${privacy === 'masked' ? maskedImage : 'NULL'} AS masked_image FROM ${gathered}))`;
}

/** The values of an image masked, its names kept. */
const maskedImage = `(SELECT '{' || string_agg(to_json(entry.key)::VARCHAR || ':' ||
  CASE WHEN json_type(entry.value) = 'NULL' THEN 'null' ELSE ${jsonText(masked("json_extract_string(entry.value, '$')"))} END, ','
  ORDER BY entry.id) || '}' FROM json_each(image) AS entry)`;

/** What stands in the store for this table: counts by kind, and a digest that does not depend on the order of rows. */
function summariseRecorded(table: string): string {
  return `SELECT coalesce(sum(occurrences) FILTER (kind = 'added'), 0) AS added,
      coalesce(sum(occurrences) FILTER (kind = 'removed'), 0) AS removed,
      coalesce(sum(occurrences) FILTER (kind = 'changed'), 0) AS changed, ${fingerprintOf('fingerprint')} AS fingerprint
    FROM ${stored(table)} WHERE comparison = $1 AND table_name = $2`;
}

/** From the digest of a row its values can be guessed; with `privacy: none` it does not stay. */
function forgetFingerprints(table: string): string {
  return `UPDATE ${stored(table)} SET fingerprint = NULL WHERE comparison = $1 AND table_name = $2`;
}

function stored(table: string): string {
  return `${quote(attached.store)}.main.${quote(table)}`;
}
