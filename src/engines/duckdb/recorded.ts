import { messageOf } from '../../errors.ts';
import { patiently } from '../../patiently.ts';
import { ConditionFault } from '../condition-fault.ts';
import type {
  DeviationQuery,
  DeviationReader,
  Location,
  RecordedComparison,
  Standing,
} from '../engine.ts';
import {
  comparisonsRead,
  deviationCountOf,
  nothingRecorded,
  type RecordedDialect,
  type RecordedExample,
  type RecordedNames,
  recordedColumns,
  recordedNamesOf,
  recordedRowOf,
  resolveRecorded,
  unusableCondition,
  withStanding,
} from '../recorded.ts';
import { list, sqlComment } from '../sql.ts';
import { Conditions, requireCondition } from './conditions.ts';
import {
  Duckdb,
  type DuckdbOptions,
  literal,
  quote,
  type Row,
  storePatienceMs,
} from './connection.ts';
import { firstLine } from './errors.ts';
import { fingerprintAsText, fingerprintText } from './fingerprints.ts';
import { attached } from './reading.ts';

/** Reads deviating rows back: the store is attached for reading to an instance in memory. */
export async function openRecorded(
  store: Location,
  options: DuckdbOptions,
  query: DeviationQuery,
): Promise<DeviationReader> {
  const duckdb = await Duckdb.open(null, options);
  try {
    await patiently(storePatienceMs, () => duckdb.attach(store, attached.store, 'read'));
    const rows = (sql: string, values: readonly string[] = []) =>
      duckdb.rows(sqlComment(query.purpose) + sql, values);
    const condition = query.where === null ? null : await conditionOf(query, query.where, rows);
    return readerOf(duckdb, query, condition);
  } catch (error) {
    duckdb.close();
    throw error;
  }
}

function readerOf(duckdb: Duckdb, query: DeviationQuery, condition: string | null) {
  const comment = sqlComment(query.purpose);
  const asked = (standings: readonly Standing[] | null, table: string | null = null) =>
    `FROM (${deviations(query, standings, table)}) AS d${condition === null ? '' : ` WHERE ${condition}`}`;
  const judged = <T>(work: Promise<T>) =>
    work.catch((error) => Promise.reject(broken(query, error)));
  const reader: DeviationReader = {
    counts: async () => {
      const sql = `SELECT table_name, standing, count(*) AS recorded, sum(occurrences) AS rows ${asked(null)}
        GROUP BY ALL ORDER BY ALL`;
      return (await judged(duckdb.rows(comment + sql))).map((row) => deviationCountOf(row));
    },
    first: async (table, limit) => {
      const sql = `SELECT * ${asked(query.standings, table)} ORDER BY ${order}${limit === null ? '' : ` LIMIT ${limit}`}`;
      return (await judged(duckdb.rows(comment + sql))).map(rowOf);
    },
    all: async function* () {
      const sql = `CREATE TABLE taken AS SELECT * ${asked(query.standings)} ORDER BY ${order}`;
      await judged(duckdb.run(comment + sql));
      await duckdb.run(`${comment}DETACH ${quote(attached.store)}`);
      for (let at = 0; ; at += pageSize) {
        const page = await duckdb.rows(
          `${comment}SELECT * FROM taken WHERE rowid >= ${at} AND rowid < ${at + pageSize} ORDER BY rowid`,
        );
        if (page.length === 0) return;
        yield page.map(rowOf);
      }
    },
    close: async () => duckdb.close(),
  };
  return reader;
}

/** Few: the rows of a wide table are long. */
const pageSize = 1_000;

/** Each part of a key by its value where it is a number, else by its text. */
const order = `table_name, kind,
  list_transform(json_extract_string(row_key, '$.*'), lambda part: {n: TRY_CAST(part AS DOUBLE), t: part}),
  fingerprint, standing, columns, occurrences`;

function rowOf(row: Row) {
  const fingerprint = row.fingerprint === null ? null : fingerprintText(row.fingerprint as bigint);
  return recordedRowOf(row, fingerprint);
}

// ---------------------------------------------------------------------------------------------
// Standing

/** The rows of both comparisons with their standing. A row that both have in different numbers stands there twice. */
function deviations(
  query: DeviationQuery,
  standings: readonly Standing[] | null,
  table: string | null,
): string {
  return withStanding(query, standings, (one) => rowsOf(query, one, table), {
    untold: (rows) => `SELECT *, NULL::VARCHAR AS standing FROM ${rows}`,
    fewer: 'least(a.occurrences, b.occurrences)',
    part,
  });
}

function part(standing: Standing, a: string, b: string, join: string, occurrences: string): string {
  return `SELECT a.* REPLACE (${occurrences} AS occurrences), '${standing}' AS standing
    FROM ${a} AS a ${join} ${b} AS b USING (table_name, kind, fingerprint) WHERE ${occurrences} > 0`;
}

function rowsOf(
  { table }: DeviationQuery,
  { id, tables }: RecordedComparison,
  only: string | null,
): string {
  const wanted = tables.filter((name) => only === null || name === only);
  const names = wanted.length === 0 ? 'false' : `table_name IN (${list(wanted, literal)})`;
  return `(SELECT ${list(recordedColumns, (name) => name)}
    FROM ${quote(attached.store)}.main.${quote(table)} WHERE comparison = ${id} AND ${names})`;
}

// ---------------------------------------------------------------------------------------------
// Conditions

type Rows = (sql: string, values?: readonly string[]) => Promise<Row[]>;

const columns: Readonly<Record<string, string>> = {
  comparison: 'comparison',
  table_name: 'table_name',
  kind: 'kind',
  row_key: 'row_key',
  columns: `from_json(columns, '["VARCHAR"]')`,
  old_values: 'old_values',
  new_values: 'new_values',
  occurrences: 'occurrences',
  explained: 'explained',
  fingerprint: fingerprintAsText('fingerprint'),
  standing: 'standing',
};

const dialect: RecordedDialect = {
  columns,
  member: (json, name) =>
    `json_extract_string(${json}, ${literal(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)})`,
};

async function conditionOf(query: DeviationQuery, text: string, rows: Rows): Promise<string> {
  try {
    // Names of what was recorded have a dot.
    const recorded = text.includes('.') ? await recordedNames(query, rows) : nothingRecorded;
    const conditions = new Conditions(rows);
    const read = await conditions.read(text, (parts) =>
      resolveRecorded(query, parts, recorded, dialect),
    );
    const condition = await conditions.write(read, (sql) => sql);
    const sql = `DESCRIBE SELECT (${condition}) AS condition FROM (${deviations(query, null, null)}) AS d`;
    const [described] = await rows(sql);
    requireCondition(described);
    return `(${condition})`;
  } catch (error) {
    throw broken(query, error);
  }
}

/** What was recorded shows as it was recorded: a message may hold it. */
function broken(query: DeviationQuery, error: unknown): unknown {
  if (query.where === null) return error;
  const message = firstLine(messageOf(error));
  if (
    !(error instanceof ConditionFault) &&
    !/^(Binder|Catalog|Conversion|Invalid Input|Out of Range) Error/.test(message)
  )
    return error;
  const help = /^Conversion Error|VARCHAR/.test(message)
    ? 'Keys and values are texts: key.id::INTEGER > 9, or TRY_CAST(old.x AS DOUBLE), which is NULL for what is no number.'
    : null;
  return unusableCondition(query.where, message, help);
}

async function recordedNames(query: DeviationQuery, rows: Rows): Promise<RecordedNames> {
  const read = comparisonsRead(query).map((comparison) => rowsOf(query, comparison, null));
  const found = await rows(
    `SELECT any_value(row_key) AS key, any_value(old_values) FILTER (kind = 'removed') AS old,
       any_value(new_values) FILTER (kind = 'added') AS new, to_json(list(DISTINCT columns) FILTER (columns IS NOT NULL)) AS changed
     FROM (${list(read, (one) => `FROM ${one}`, ' UNION ALL ')}) GROUP BY table_name`,
  );
  return recordedNamesOf(found as unknown as RecordedExample[]);
}
