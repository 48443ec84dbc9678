import type { Claim, RecordedRows, RowTarget } from '../engine.ts';
import { explainedRow, recordedOf } from '../judging.ts';
import { list } from '../sql.ts';
import { literal, quote } from './connection.ts';
import { type GatheredRows, judgeIn, typeOn } from './deviating.ts';
import { rowFingerprint, tableFingerprint } from './fingerprints.ts';
import { jsonObject, jsonText, jsonValue, masked } from './json-text.ts';
import { attached } from './reading.ts';
import type { Workspace } from './workspace.ts';

/** Writes the gathered rows into the store, and tells what stands there. */
export async function recordRows(
  workspace: Workspace,
  gathered: GatheredRows,
  into: RowTarget,
  explaining: readonly Claim[],
): Promise<RecordedRows> {
  const about = `record the deviating rows of ${gathered.pair.schema}.${gathered.pair.name}`;
  const address = [BigInt(into.comparison), into.tableName];
  const recorded = await workspace.withStore(async () => {
    await workspace.run(about, recordStatement(gathered, into, explaining), address);
    const summary = await workspace.ask(about, summariseRecorded(into.table), address);
    if (into.privacy === 'none') {
      await workspace.run(about, forgetFingerprints(into.table), address);
    }
    return summary;
  });
  return recordedOf(judgeIn(workspace), gathered, explaining, recorded);
}

/** $1: comparison, $2: name of the table. */
function recordStatement(
  gathered: GatheredRows,
  { table, privacy }: RowTarget,
  explaining: readonly Claim[],
): string {
  const { keepsImages } = gathered;
  const image = privacy === 'masked' ? maskedImage : 'image';
  const values = (side: 'o' | 'n') =>
    keepsImages
      ? `CASE kind WHEN 'changed' THEN ${valuesOf(gathered, side, privacy === 'masked')}
          WHEN '${side === 'o' ? 'removed' : 'added'}' THEN ${image} END`
      : 'NULL';
  return `INSERT INTO ${stored(table)}
      (comparison, table_name, kind, row_key, columns, old_values, new_values, occurrences, explained, fingerprint)
    SELECT $1, $2, kind, ${privacy === 'none' ? 'NULL' : 'key_text'}, ${changedColumns(gathered)}, ${values('o')}, ${values('n')},
      occurrences, ${explainedRow(gathered, explaining)},
      ${rowFingerprint(`concat(kind, chr(31), coalesce(key_text, '-'), chr(31),
        CASE WHEN kind = 'changed' THEN ${changedValues(gathered)} ELSE ${keepsImages ? 'md5(image)' : 'image'} END)`)}
    FROM (SELECT *, ${keyText(gathered)} AS key_text FROM ${gathered.table})`;
}

/** The key as a JSON object; NULL without one. */
function keyText({ plan: { key }, keys }: GatheredRows): string {
  if (key === null) return 'NULL::VARCHAR';
  const members = key.map(({ name, newType }, at) => [name, String(keys[at]), newType] as const);
  return `coalesce(removed_key, ${jsonObject(members)})`;
}

/** A JSON array of the columns that deviate. */
function changedColumns({ dirty }: GatheredRows): string {
  const [only] = dirty;
  if (only === undefined) return 'NULL';
  if (dirty.length === 1)
    return `CASE WHEN kind = 'changed' THEN ${literal(JSON.stringify([only.name]))} END`;
  const names = list(
    dirty,
    ({ name }, at) => `CASE WHEN d${at} THEN ${literal(JSON.stringify(name))} END`,
  );
  return `CASE WHEN kind = 'changed' THEN concat('[', concat_ws(',', ${names}), ']') END`;
}

/** A JSON object of the values of the columns that deviate. */
function valuesOf({ dirty }: GatheredRows, side: 'o' | 'n', mask: boolean): string {
  if (dirty.length === 0) return 'NULL';
  const members = list(dirty, (column, at) => {
    const value = jsonValue(`${side}${at}`, typeOn(side, column), mask);
    return `CASE WHEN d${at} THEN concat(${literal(`${JSON.stringify(column.name)}:`)}, ${value}) END`;
  });
  return `concat('{', concat_ws(',', ${members}), '}')`;
}

/** The columns that deviate, each with its old and new value; for the fingerprint. */
function changedValues({ dirty }: GatheredRows): string {
  const texts = dirty.map((column, at) => {
    const [old, candidate] = [
      jsonValue(`o${at}`, column.oldType, false),
      jsonValue(`n${at}`, column.newType, false),
    ];
    return `concat(${literal(`${JSON.stringify(column.name)}:`)}, ${old}, ',', ${candidate})`;
  });
  if (texts.length < 2) return texts[0] ?? "''";
  return `concat_ws(',', ${list(texts, (text, at) => `CASE WHEN d${at} THEN ${text} END`)})`;
}

/** The values of an image masked, its names kept. */
const maskedImage = `(SELECT '{' || string_agg(to_json(entry.key)::VARCHAR || ':' ||
  CASE WHEN json_type(entry.value) = 'NULL' THEN 'null' ELSE ${jsonText(masked("json_extract_string(entry.value, '$')"))} END, ','
  ORDER BY entry.id) || '}' FROM json_each(image) AS entry)`;

/**
 * What stands in the store for this table: counts by kind, and a digest that does not depend on the order of rows. A
 * row's own digest says nothing of how often it occurs, so that it can be told in another comparison.
 */
function summariseRecorded(table: string): string {
  const counted = `CASE WHEN occurrences = 1 THEN fingerprint ELSE ${rowFingerprint("concat(fingerprint, ' ', occurrences)")} END`;
  return `SELECT coalesce(sum(occurrences) FILTER (kind = 'added'), 0) AS added,
      coalesce(sum(occurrences) FILTER (kind = 'removed'), 0) AS removed,
      coalesce(sum(occurrences) FILTER (kind = 'changed'), 0) AS changed,
      coalesce(sum(occurrences) FILTER (NOT explained), 0) AS unexplained,
      ${tableFingerprint('counted')} AS fingerprint
    FROM (SELECT kind, occurrences, explained, ${counted} AS counted
      FROM ${stored(table)} WHERE comparison = $1 AND table_name = $2)`;
}

/** From the digest of a row its values can be guessed; with `privacy: none` it does not stay. */
function forgetFingerprints(table: string): string {
  return `UPDATE ${stored(table)} SET fingerprint = NULL WHERE comparison = $1 AND table_name = $2`;
}

function stored(table: string): string {
  return `${quote(attached.store)}.main.${quote(table)}`;
}
