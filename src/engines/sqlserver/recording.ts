import type { Claim, RecordedRows, RowTarget } from '../engine.ts';
import { explainedRow, recordedOf } from '../judging.ts';
import { list } from '../sql.ts';
import type { GatheredRows } from './deviating.ts';
import { rowFingerprint, tableFingerprint, textDigest } from './fingerprints.ts';
import { concat, jsonEscaped, jsonObject, jsonValue, type Member, masked } from './json-text.ts';
import { judgeIn, syntax } from './judge.ts';
import { literal, qualified } from './names.ts';
import { storeSchema } from './store-place.ts';
import { type Type, text } from './types.ts';
import type { Lane } from './workspace.ts';

/** Writes the gathered rows into the store, and tells what stands there. */
export async function recordRows(
  lane: Lane,
  gathered: GatheredRows,
  into: RowTarget,
  explaining: readonly Claim[],
): Promise<RecordedRows> {
  const about = `record the deviating rows of ${gathered.pair.schema}.${gathered.pair.name}`;
  const select = {
    sql: recordedRows(gathered, into, explaining),
    columns: recordedColumns.map(([name, type]) => [name, type] as const),
  };
  const recorded = await lane.withStore(about, select, async (session, rows, database) => {
    const table = qualified(database, storeSchema, into.table);
    const address = [into.comparison, into.tableName];
    await session.run(
      `INSERT INTO ${table} (comparison, table_name, ${names})
       SELECT ${into.comparison}, ${literal(into.tableName)}, ${names} FROM ${rows} AS one`,
    );
    const summary = await session.row(summariseRecorded(table), address);
    if (into.privacy === 'none') await session.run(forgetFingerprints(table), address);
    return summary;
  });
  return recordedOf(judgeIn(lane), gathered, explaining, recorded);
}

const bytes: Type = { ...text, name: 'binary', length: 16 };
const recordedColumns: readonly (readonly [string, Type])[] = [
  ['kind', text],
  ['row_key', text],
  ['columns', text],
  ['old_values', text],
  ['new_values', text],
  ['occurrences', { ...text, name: 'bigint' }],
  ['explained', { ...text, name: 'bit' }],
  ['fingerprint', bytes],
];
const names = list(recordedColumns, ([name]) => name);

export function recordedRows(
  gathered: GatheredRows,
  { privacy }: Pick<RowTarget, 'privacy'>,
  explaining: readonly Claim[],
): string {
  const { keepsImages } = gathered;
  const rowKey = keyText(gathered);
  const image = privacy === 'masked' ? maskedImage : 'image';
  const values = (side: 'o' | 'n') =>
    keepsImages
      ? `CASE kind WHEN 'changed' THEN ${valuesOf(gathered, side, privacy === 'masked')}
          WHEN '${side === 'o' ? 'removed' : 'added'}' THEN ${image} END`
      : 'CONVERT(nvarchar(max), NULL)';
  const whole = concat([
    'kind',
    'NCHAR(31)',
    `COALESCE(${rowKey}, N'-')`,
    'NCHAR(31)',
    `CASE WHEN kind = 'changed' THEN ${changedValues(gathered)} ELSE ${keepsImages ? textDigest('image') : 'image'} END`,
  ]);
  return `SELECT CONVERT(nvarchar(7), kind) AS kind, ${privacy === 'none' ? 'CONVERT(nvarchar(max), NULL)' : rowKey} AS row_key, ${changedColumns(gathered)} AS columns,
      ${values('o')} AS old_values, ${values('n')} AS new_values, occurrences, CONVERT(bit, ${explainedRow(gathered, explaining, syntax)}) AS explained,
      ${rowFingerprint(whole)} AS fingerprint
    FROM ${gathered.table}`;
}

/** The key as a JSON object; NULL without one. */
function keyText({ pair, differing, keys }: GatheredRows): string {
  if (pair.key === null) return 'CONVERT(nvarchar(max), NULL)';
  const members = differing.key.map(
    ({ column, new: type }, at): Member => [column.name, String(keys[at]), type],
  );
  return `COALESCE(removed_key, ${jsonObject(members)})`;
}

/** A JSON array of the columns that deviate. */
function changedColumns({ dirty }: GatheredRows): string {
  if (dirty.length === 0) return 'CONVERT(nvarchar(max), NULL)';
  const written = dirty.map(
    ({ name }, at) => `CASE WHEN d${at} = 1 THEN ${literal(`,${JSON.stringify(name)}`)} END`,
  );
  return `CASE WHEN kind = 'changed' THEN ${enclosed(written, '[', ']')} END`;
}

/** A JSON object of the values of the columns that deviate. */
function valuesOf({ meetings }: GatheredRows, side: 'o' | 'n', mask: boolean): string {
  if (meetings.length === 0) return 'NULL';
  const members = meetings.map(({ column, old, new: candidate }, at) => {
    const value = jsonValue(`${side}${at}`, side === 'o' ? old : candidate, mask);
    return `CASE WHEN d${at} = 1 THEN CONCAT(${literal(`,${JSON.stringify(column.name)}:`)}, ${value}) END`;
  });
  return enclosed(members, '{', '}');
}

/** The columns that deviate, each with its old and new value; for the fingerprint. */
function changedValues({ meetings }: GatheredRows): string {
  if (meetings.length === 0) return "N''";
  return concat(
    meetings.map(({ column, old, new: candidate }, at) => {
      const [before, after] = [
        jsonValue(`o${at}`, old, false),
        jsonValue(`n${at}`, candidate, false),
      ];
      return `CASE WHEN d${at} = 1 THEN CONCAT(${literal(`,${JSON.stringify(column.name)}:`)}, ${before}, N',', ${after}) END`;
    }),
  );
}

/** Pieces that each begin with a comma, the first of which goes. */
function enclosed(pieces: readonly string[], open: string, close: string): string {
  return `CONCAT(STUFF(${concat(pieces)}, 1, 1, N'${open}'), N'${close}')`;
}

/** The values of an image masked, its names kept. All of them are texts or null. */
const maskedImage = `(SELECT CONCAT(N'{', STRING_AGG(CONCAT(CONVERT(nvarchar(max), N'"'), ${jsonEscaped('member.[key]')}, N'":',
    CASE WHEN member.shown IS NULL THEN N'null' ELSE CONCAT(N'"', ${jsonEscaped('member.shown')}, N'"') END), N','), N'}')
  FROM (SELECT entry.[key], ${masked('entry.[value]')} AS shown FROM OPENJSON(image) AS entry) AS member)`;

/**
 * What stands in the store for this table: counts by kind, and a digest that does not depend on the order of rows. A
 * row's own digest says nothing of how often it occurs, so that it can be told in another comparison. `@p1`, `@p2`:
 * comparison, name of the table.
 */
export function summariseRecorded(table: string): string {
  const again = `CONCAT(CONVERT(nvarchar(32), fingerprint, 2), N' ', occurrences)`;
  const counted = `CASE WHEN occurrences = 1 THEN CONVERT(binary(16), fingerprint) ELSE ${rowFingerprint(again)} END`;
  const rowsWith = (condition: string, name: string) =>
    `COALESCE(SUM(CASE WHEN ${condition} THEN occurrences END), 0) AS ${name}`;
  return `SELECT ${rowsWith("kind = N'added'", 'added')}, ${rowsWith("kind = N'removed'", 'removed')},
      ${rowsWith("kind = N'changed'", 'changed')}, ${rowsWith('explained = 0', 'unexplained')},
      ${tableFingerprint('counted')} AS fingerprint
    FROM (SELECT kind, occurrences, explained, ${counted} AS counted
      FROM ${table} WHERE comparison = @p1 AND table_name = @p2) AS recorded`;
}

/** From the digest of a row its values can be guessed; with `privacy: none` it does not stay. */
export function forgetFingerprints(table: string): string {
  return `UPDATE ${table} SET fingerprint = NULL WHERE comparison = @p1 AND table_name = @p2`;
}
