import { GreenlightError, messageOf } from '../../errors.ts';
import {
  factsOf,
  factsOfTooShort,
  sortTables,
  type TableName,
  validityNotSet,
} from '../bitemporal.ts';
import type {
  BitemporalEditor,
  BitemporalReading,
  BitemporalTable,
  Column,
  FoundTables,
  Location,
  OpenEnd,
  ParkedColumn,
  ValidityFacts,
} from '../engine.ts';
import { sqlComment } from '../sql.ts';
import {
  Duckdb,
  type DuckdbOptions,
  literal,
  quote,
  type Row,
  small,
  toNumber,
} from './connection.ts';
import { requireNoLog } from './databases.ts';
import { explain, withoutData } from './errors.ts';
import { isTemporal } from './values.ts';

/** All that is said in SQL of technical validity. A column without a zone holds UTC. */
export function duckdbBitemporal(options: DuckdbOptions): BitemporalEditor {
  return {
    find: (at, technical) => reading(at, small(options), (duckdb) => find(duckdb, technical)),
    inspect: (at, tables, instants) =>
      reading(at, options, async (duckdb) => {
        const facts = [];
        for (const table of tables) facts.push(await inspect(duckdb, table, instants));
        return facts;
      }),
    parkedElsewhere: (at, parked, technical) =>
      reading(at, options, (duckdb) => parkedElsewhere(duckdb, parked, technical)),
    publish: (at, tables, parked, goLive) =>
      inOneTransaction(
        at,
        options,
        tables.flatMap((table) => publishing(table, parked, goLive)),
      ),
    withdraw: (at, tables, parked) =>
      inOneTransaction(
        at,
        options,
        tables.flatMap((table) => withdrawing(table, parked)),
      ),
  };
}

/** What is read instead of the table: all columns, other rows or ends. */
export function readingOf(reading: BitemporalReading): string {
  const { from, until, parked } = reading;
  const [begin, end] = [quote(from.name), quote(until.name)];
  const table = nameOf(reading);
  if (reading.as === 'visible') {
    return `SELECT * FROM ${table}
      WHERE (${begin} IS NULL OR ${begin} <= ${instantIn(from, parked)}) AND ${isOpen(until, parked)}`;
  }
  return `SELECT * REPLACE (CASE WHEN ${end} = ${instantIn(until, parked)} THEN ${openEndIn(until, reading.openEnd)} ELSE ${end} END AS ${end})
    FROM ${table} WHERE ${begin} IS DISTINCT FROM ${instantIn(from, parked)}`;
}

// Finding ----------------------------------------------------------------------------------------

async function find(duckdb: Duckdb, names: readonly [string, string]): Promise<FoundTables> {
  const rows = await duckdb.rows(
    `${sqlComment('find tables with a technical validity')}
     SELECT schema_name, table_name, column_name, data_type, lower(column_name) = lower($1) AS begins
     FROM duckdb_columns() SEMI JOIN (
       FROM duckdb_tables() WHERE database_name = ${literal(inspected)} AND NOT internal) USING (database_name, schema_name, table_name)
     WHERE lower(column_name) IN (lower($1), lower($2)) ORDER BY schema_name, table_name`,
    names,
  );
  return sortTables(
    rows.map((row) => ({
      own: ownNames(row),
      column: toColumn(row),
      begins: row.begins === true,
    })),
    names,
    isTemporal,
    async (table) => {
      const { rows: count } = await duckdb.row(`SELECT count(*) AS rows FROM ${nameOf(table)}`);
      return toNumber(count);
    },
  );
}

function ownNames({ schema_name, table_name }: Row): TableName {
  return { schema: String(schema_name), name: String(table_name) };
}

function toColumn(row: Row): Column {
  return { name: String(row.column_name), type: String(row.data_type) };
}

async function inspect(
  duckdb: Duckdb,
  table: BitemporalTable,
  { parked, latest }: { readonly parked: string; readonly latest: string },
): Promise<ValidityFacts> {
  const { from, until } = table;
  const about = sqlComment(`look at the technical validity of ${table.schema}.${table.name}`);
  const { holds } = await duckdb.row(
    `${about}SELECT TRY(${instantIn(from, parked)}) IS NOT NULL AND TRY(${instantIn(until, parked)}) IS NOT NULL AS holds`,
  );
  if (holds !== true) return factsOfTooShort(table);
  const [begin, end] = [quote(from.name), quote(until.name)];
  const isLate = (column: Column) =>
    `${quote(column.name)} > ${instantIn(column, latest)} AND ${quote(column.name)} < ${instantIn(column, parked)}`;
  const isBeyond = `${end} > ${instantIn(until, parked)}`;
  const row = await duckdb.row(
    `${about}SELECT count(*) FILTER (${begin} = ${instantIn(from, parked)}) AS begin_parked,
       count(*) FILTER (${end} = ${instantIn(until, parked)}) AS end_parked,
       count(*) FILTER ((${isLate(from)}) OR (${isLate(until)})) AS too_late,
       count(*) FILTER (${begin} > ${instantIn(from, parked)}) AS beyond,
       count(*) FILTER (${begin} = ${instantIn(from, parked)} AND ${end} < ${instantIn(until, parked)}) AS inverted,
       count(*) FILTER (${end} IS NULL) AS without_end,
       min(${end}) FILTER (${isBeyond})::VARCHAR AS first_open, max(${end}) FILTER (${isBeyond})::VARCHAR AS last_open
     FROM ${nameOf(table)}`,
  );
  return factsOf(table, row);
}

async function parkedElsewhere(
  duckdb: Duckdb,
  parked: string,
  technical: readonly string[],
): Promise<ParkedColumn[]> {
  const columns = await duckdb.rows(
    `${sqlComment('find columns that hold instants')}
     SELECT schema_name, table_name, column_name, data_type
     FROM duckdb_columns() SEMI JOIN (
       FROM duckdb_tables() WHERE database_name = ${literal(inspected)} AND NOT internal) USING (database_name, schema_name, table_name)
     ORDER BY schema_name, table_name, column_index`,
  );
  const holders: ParkedColumn[] = [];
  const isTechnical = (name: string) =>
    technical.some((own) => own.toLowerCase() === name.toLowerCase());
  for (const row of columns) {
    const [own, column] = [ownNames(row), toColumn(row)];
    if (!isTemporal(column.type) || isTechnical(column.name)) continue;
    const { rows } = await duckdb.row(
      `${sqlComment(`look for the parked instant in ${own.schema}.${own.name}`)}
       SELECT count(*) AS rows FROM ${nameOf(own)}
       WHERE ${quote(column.name)} = TRY(${instantIn(column, parked)})`,
    );
    if (toNumber(rows) > 0) holders.push({ ...own, column: column.name, rows: toNumber(rows) });
  }
  return holders;
}

// Publishing -------------------------------------------------------------------------------------

/** Two statements: DuckDB deletes and inserts a row anew when a column of its primary key changes. */
function publishing(table: BitemporalTable, parked: string, goLive: string): string[] {
  const about = sqlComment(`publish ${table.schema}.${table.name}`);
  return [table.until, table.from].map(
    (
      column,
    ) => `${about}UPDATE ${nameOf(table)} SET ${quote(column.name)} = ${instantIn(column, goLive)}
      WHERE ${quote(column.name)} = ${instantIn(column, parked)}`,
  );
}

function withdrawing(
  table: BitemporalTable & { readonly openEnd: OpenEnd },
  parked: string,
): string[] {
  const { from, until, openEnd } = table;
  const about = sqlComment(`withdraw ${table.schema}.${table.name}`);
  return [
    `${about}DELETE FROM ${nameOf(table)} WHERE ${quote(from.name)} = ${instantIn(from, parked)}`,
    `${about}UPDATE ${nameOf(table)} SET ${quote(until.name)} = ${openEndIn(until, openEnd)}
      WHERE ${quote(until.name)} = ${instantIn(until, parked)}`,
  ];
}

async function inOneTransaction(
  at: Location,
  options: DuckdbOptions,
  statements: readonly string[],
): Promise<void> {
  const duckdb = await Duckdb.open(at, options);
  try {
    // Texts of open ends hold the zone that they were read with.
    await duckdb.run("SET TimeZone = 'UTC'");
    await duckdb.run('BEGIN');
    for (const statement of statements) await duckdb.run(statement);
    await duckdb.run('COMMIT');
    await duckdb.run('CHECKPOINT');
  } catch (error) {
    const explained = explain(error, at);
    throw explained instanceof GreenlightError
      ? explained
      : validityNotSet(at, withoutData(messageOf(error)));
  } finally {
    duckdb.close();
  }
  await requireNoLog(at);
}

// Parts ------------------------------------------------------------------------------------------

const inspected = 'greenlight: inspected';

async function reading<T>(
  at: Location,
  options: DuckdbOptions,
  work: (duckdb: Duckdb) => Promise<T>,
): Promise<T> {
  const duckdb = await Duckdb.open(null, options);
  try {
    await duckdb.attach(at, inspected, 'read');
    await duckdb.run(`USE ${quote(inspected)}; SET TimeZone = 'UTC'`);
    return await work(duckdb);
  } finally {
    duckdb.close();
  }
}

function nameOf({ schema, name }: TableName): string {
  return `${quote(schema)}.${quote(name)}`;
}

/** As a value of the column, whatever the session's zone. */
function instantIn({ type }: Column, instant: string): string {
  const utc = new Date(instant).toISOString();
  return type === 'TIMESTAMP WITH TIME ZONE'
    ? `TIMESTAMPTZ ${literal(utc)}`
    : `CAST(TIMESTAMP ${literal(utc.slice(0, -1))} AS ${type})`;
}

function isOpen(until: Column, parked: string): string {
  return `(${quote(until.name)} IS NULL OR ${quote(until.name)} > ${instantIn(until, parked)})`;
}

function openEndIn({ type }: Column, openEnd: OpenEnd): string {
  return openEnd === null ? `NULL::${type}` : `${literal(openEnd)}::${type}`;
}
