import type { Claim, RecordedRows, RowTarget } from '../engine.ts';
import { explainedRow, recordedOf } from '../judging.ts';
import { sumWhere } from '../sql.ts';
import { type GatheredRows, jsonNames, typeOn } from './deviating.ts';
import { rowFingerprint, tableFingerprint } from './fingerprints.ts';
import { joined, jsonObject, jsonValue, type Member } from './json-text.ts';
import { judgeIn } from './judge.ts';
import { literal } from './names.ts';
import { nameOf } from './rows.ts';
import type { Workspace } from './workspace.ts';

/** Writes the gathered rows into the store, inside the warehouse, and tells what they are. */
export async function recordRows(
  workspace: Workspace,
  gathered: GatheredRows,
  into: RowTarget,
  explaining: readonly Claim[],
): Promise<RecordedRows> {
  const about = `record the deviating rows of ${nameOf(gathered.pair)}`;
  await workspace.runLater(about, recordStatement(workspace, gathered, into, explaining));
  const recorded = await workspace.askLater(about, summarise(gathered, explaining));
  return recordedOf(judgeIn(workspace), gathered, explaining, recorded);
}

function recordStatement(
  workspace: Workspace,
  gathered: GatheredRows,
  { table, comparison, tableName, privacy }: RowTarget,
  explaining: readonly Claim[],
): string {
  const isShown = privacy === 'full' || privacy === 'masked';
  const values = (side: 'o' | 'n') =>
    isShown
      ? `CASE kind WHEN 'changed' THEN ${valuesOf(gathered, side, privacy === 'masked')}
          WHEN '${side === 'o' ? 'removed' : 'added'}' THEN image END`
      : 'NULL';
  // From the digest of a row its values can be guessed; with `privacy: none` it does not stay.
  const secret = privacy === 'none';
  const selected = [
    String(comparison),
    literal(tableName),
    'kind',
    secret ? 'NULL' : keyText(gathered),
    changedColumns(gathered),
    values('o'),
    values('n'),
    'occurrences',
    explainedRow(gathered, explaining),
    secret ? 'NULL' : fingerprintOf(gathered),
  ];
  return `INSERT INTO ${workspace.stored(table)}
      (comparison, table_name, kind, row_key, columns, old_values, new_values, occurrences, explained, fingerprint)
    SELECT ${selected.join(', ')} FROM ${gathered.table}`;
}

/** A row's own digest says nothing of how often it occurs, so that it can be told in another comparison. */
function fingerprintOf(gathered: GatheredRows): string {
  return rowFingerprint(`kind || CHR(31) || COALESCE(${keyText(gathered)}, '-') || CHR(31) ||
        CASE WHEN kind = 'changed' THEN ${changedValues(gathered)} ELSE digest END`);
}

/** The same rows again, counted by kind, with a digest that does not depend on their order. */
function summarise(gathered: GatheredRows, explaining: readonly Claim[]): string {
  const counted = `CASE WHEN occurrences = 1 THEN fingerprint ELSE ${rowFingerprint("fingerprint || ' ' || TO_VARCHAR(occurrences)")} END`;
  const rowsWith = (condition: string) => `COALESCE(${sumWhere('occurrences', condition)}, 0)`;
  return `SELECT ${rowsWith("kind = 'added'")} AS added, ${rowsWith("kind = 'removed'")} AS removed,
      ${rowsWith("kind = 'changed'")} AS changed, ${rowsWith('NOT explained')} AS unexplained,
      ${tableFingerprint(counted)} AS fingerprint
    FROM (SELECT kind, occurrences, ${explainedRow(gathered, explaining)} AS explained, ${fingerprintOf(gathered)} AS fingerprint
      FROM ${gathered.table}) AS recorded`;
}

/** The key as a JSON object; NULL without one. */
function keyText({ key, keys }: GatheredRows): string {
  if (key === null) return 'NULL';
  const members = key.map(({ name, newType }, at): Member => [name, String(keys[at]), newType]);
  return `COALESCE(removed_key, ${jsonObject(members)})`;
}

/** A JSON array of the columns that deviate. */
function changedColumns({ dirty }: GatheredRows): string {
  if (dirty.length === 0) return 'NULL';
  if (dirty.length === 1) return `CASE WHEN kind = 'changed' THEN ${literal(jsonNames(dirty))} END`;
  const names = dirty.map(
    ({ name }, at) => `CASE WHEN d${at} THEN ${literal(JSON.stringify(name))} END`,
  );
  return `CASE WHEN kind = 'changed' THEN '[' || ${joined(names)} || ']' END`;
}

/** A JSON object of the values of the columns that deviate. */
function valuesOf({ dirty }: GatheredRows, side: 'o' | 'n', mask: boolean): string {
  if (dirty.length === 0) return 'NULL';
  const members = dirty.map((column, at) => {
    const value = jsonValue(`${side}${at}`, typeOn(side, column), mask);
    return `CASE WHEN d${at} THEN ${literal(`${JSON.stringify(column.name)}:`)} || ${value} END`;
  });
  return `'{' || ${joined(members)} || '}'`;
}

/** The columns that deviate, each with its old and new value; for the fingerprint. */
function changedValues({ dirty }: GatheredRows): string {
  if (dirty.length === 0) return "''";
  return joined(
    dirty.map((column, at) => {
      const [old, candidate] = [
        jsonValue(`o${at}`, column.oldType, false),
        jsonValue(`n${at}`, column.newType, false),
      ];
      return `CASE WHEN d${at} THEN ${literal(`${JSON.stringify(column.name)}:`)} || ${old} || ',' || ${candidate} END`;
    }),
  );
}
