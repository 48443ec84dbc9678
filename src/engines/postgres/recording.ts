import type { Claim, RecordedRows, RowTarget } from '../engine.ts';
import { explainedRow, recordedOf } from '../judging.ts';
import { type DeviatingTable, jsonNames } from './deviating.ts';
import { rowFingerprint, tableFingerprint } from './fingerprints.ts';
import { jsonObject, jsonText, jsonValue, type Member, masked } from './json-text.ts';
import { judgeIn } from './judge.ts';
import { literal, quote } from './names.ts';
import { type Type, text } from './types.ts';
import type { Lane } from './workspace.ts';

/** Writes the gathered rows into the store, and tells what stands there. */
export async function recordRows(
  lane: Lane,
  gathered: DeviatingTable,
  into: RowTarget,
  explaining: readonly Claim[],
): Promise<RecordedRows> {
  const recorded = await lane.workshop.withStore(async (store) => {
    const address = [into.comparison, into.tableName];
    const rows = recordedRows(gathered, into, explaining);
    await (await lane.worker()).pour(rows, store, targetOf(into.table));
    const summary = await store.row(summariseRecorded(into.table), address);
    if (into.privacy === 'none') await store.run(forgetFingerprints(into.table), address);
    return summary;
  });
  return recordedOf(judgeIn(lane), gathered, explaining, recorded);
}

function targetOf(table: string): string {
  return `${quote(table)} (comparison, table_name, kind, row_key, columns, old_values, new_values, occurrences, explained, fingerprint)`;
}

function recordedRows(
  gathered: DeviatingTable,
  { comparison, tableName, privacy }: RowTarget,
  explaining: readonly Claim[],
): string {
  const { keepsImages } = gathered;
  const rowKey = keyText(gathered);
  const image = privacy === 'masked' ? maskedImage : 'image';
  const values = (side: 'o' | 'n') =>
    keepsImages
      ? `CASE kind WHEN 'changed' THEN ${valuesOf(gathered, side, privacy === 'masked')}
          WHEN '${side === 'o' ? 'removed' : 'added'}' THEN ${image} END`
      : 'NULL';
  return `SELECT ${comparison}, ${literal(tableName)}, kind, ${privacy === 'none' ? 'NULL' : rowKey}, ${changedColumns(gathered)}, ${values('o')}, ${values('n')},
      occurrences, ${explainedRow(gathered, explaining)},
      ${rowFingerprint(`concat(kind, chr(31), coalesce(${rowKey}, '-'), chr(31),
        CASE WHEN kind = 'changed' THEN ${changedValues(gathered)} ELSE ${keepsImages ? 'md5(image)' : 'image'} END)`)}
    FROM ${gathered.table}`;
}

/** The key as a JSON object; NULL without one. */
function keyText({ key, keys, columns }: DeviatingTable): string {
  if (key === null) return 'NULL::text';
  const members = key.map(({ name }, at): Member => {
    const type = columns.find(({ column }) => column.name === name)?.new;
    return [name, String(keys[at]), type ?? text];
  });
  return `coalesce(removed_key, ${jsonObject(members)})`;
}

/** A JSON array of the columns that deviate. */
function changedColumns({ dirty }: DeviatingTable): string {
  if (dirty.length === 0) return 'NULL';
  if (dirty.length === 1) return `CASE WHEN kind = 'changed' THEN ${literal(jsonNames(dirty))} END`;
  const names = dirty.map(
    ({ name }, at) => `CASE WHEN d${at} THEN ${literal(JSON.stringify(name))} END`,
  );
  return `CASE WHEN kind = 'changed' THEN concat('[', ${joined(names)}, ']') END`;
}

/** A JSON object of the values of the columns that deviate. */
function valuesOf(gathered: DeviatingTable, side: 'o' | 'n', mask: boolean): string {
  if (gathered.dirty.length === 0) return 'NULL';
  const members = gathered.dirty.map(({ name }, at) => {
    const value = jsonValue(`${side}${at}`, typeOn(gathered, side, name), mask);
    return `CASE WHEN d${at} THEN concat(${literal(`${JSON.stringify(name)}:`)}, ${value}) END`;
  });
  return `concat('{', ${joined(members)}, '}')`;
}

/** The columns that deviate, each with its old and new value; for the fingerprint. */
function changedValues(gathered: DeviatingTable): string {
  if (gathered.dirty.length === 0) return "''";
  return joined(
    gathered.dirty.map(({ name }, at) => {
      const [old, candidate] = [
        jsonValue(`o${at}`, typeOn(gathered, 'o', name), false),
        jsonValue(`n${at}`, typeOn(gathered, 'n', name), false),
      ];
      return `CASE WHEN d${at} THEN concat(${literal(`${JSON.stringify(name)}:`)}, ${old}, ',', ${candidate}) END`;
    }),
  );
}

/** Those that are not NULL, with commas between them. */
function joined(texts: readonly string[]): string {
  return `array_to_string(ARRAY[${texts.join(', ')}], ',')`;
}

function typeOn({ columns }: DeviatingTable, side: 'o' | 'n', name: string): Type {
  const found = columns.find(({ column }) => column.name === name);
  return (side === 'o' ? found?.old : found?.new) ?? text;
}

/** The values of an image masked, its names kept. */
const maskedImage = `(SELECT '{' || string_agg(${jsonText('entry.key')} || ':' || coalesce(${jsonText(masked('entry.value'))}, 'null'), ','
  ORDER BY entry.nr) || '}' FROM json_each_text(image::json) WITH ORDINALITY AS entry (key, value, nr))`;

/**
 * What stands in the store for this table: counts by kind, and a digest that does not depend on the order of rows. A
 * row's own digest says nothing of how often it occurs, so that it can be told in another comparison. `$1`, `$2`:
 * comparison, name of the table.
 */
function summariseRecorded(table: string): string {
  const counted = `CASE WHEN occurrences = 1 THEN fingerprint ELSE ${rowFingerprint("concat(fingerprint, ' ', occurrences)")} END`;
  const rowsWith = (condition: string) =>
    `coalesce(sum(occurrences) FILTER (WHERE ${condition}), 0)`;
  return `SELECT ${rowsWith("kind = 'added'")} AS added, ${rowsWith("kind = 'removed'")} AS removed,
      ${rowsWith("kind = 'changed'")} AS changed, ${rowsWith('NOT explained')} AS unexplained,
      ${tableFingerprint('counted')} AS fingerprint
    FROM (SELECT kind, occurrences, explained, ${counted} AS counted
      FROM ${quote(table)} WHERE comparison = $1 AND table_name = $2) AS recorded`;
}

/** From the digest of a row its values can be guessed; with `privacy: none` it does not stay. */
function forgetFingerprints(table: string): string {
  return `UPDATE ${quote(table)} SET fingerprint = NULL WHERE comparison = $1 AND table_name = $2`;
}
