import { GreenlightError } from '../../errors.ts';
import {
  factsOf,
  parkedColumns,
  type Readings,
  readingName,
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
  Places,
  ValidityFacts,
} from '../engine.ts';
import { countWhere, list } from '../sql.ts';
import { type Row, Session, toNumber } from './connection.ts';
import { withoutData } from './errors.ts';
import { literal, type Place, placeOf, qualified, quote } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { isTemporal, typeOf } from './types.ts';
import { textOf } from './values.ts';
import { rowsOf } from './workspace.ts';

/** All that is said in SQL of technical validity. A column without a zone holds UTC. */
export function snowflakeBitemporal(options: SnowflakeOptions, { live }: Places): BitemporalEditor {
  const shown = placeOf(live).schema;
  const reading = <T>(at: Location, work: (about: Reading) => Promise<T>): Promise<T> =>
    Session.use(options, { purpose: `look at the technical validity in ${at}` }, (session) =>
      work({ session, place: placeOf(at), shown }),
    );
  return {
    find: (at, technical) => reading(at, (about) => find(about, technical)),
    inspect: (at, tables, instants) =>
      reading(at, (about) => Promise.all(tables.map((table) => inspect(about, table, instants)))),
    parkedElsewhere: (at, parked, technical) =>
      reading(at, (about) => parkedElsewhere(about, parked, technical)),
    publish: (at, tables, parked, goLive) =>
      inOneTransaction(
        at,
        options,
        tables.flatMap((table) => publishing(placeOf(at), table, parked, goLive)),
      ),
    withdraw: (at, tables, parked) =>
      inOneTransaction(
        at,
        options,
        tables.flatMap((table) => withdrawing(placeOf(at), table, parked)),
      ),
  };
}

interface Reading {
  readonly session: Session;
  readonly place: Place;
  /** The name of the schema that a place is, as it is shown; null: a place is a database. */
  readonly shown: string | null;
}

export async function readingsOf(
  at: Location,
  readings: readonly BitemporalReading[],
  options: SnowflakeOptions,
): Promise<Readings> {
  if (readings.length === 0) return new Map();
  const place = placeOf(at);
  const about = { purpose: `look at the technical validity in ${at}` };
  return Session.use(options, about, async (session) => {
    const found = new Map<string, string>();
    for (const one of readings) {
      const { columns } = await session.table(`SELECT * FROM ${nameOf(place, one)} LIMIT 0`);
      const names = columns.map(({ name }) => name);
      found.set(readingName(one.schema, one.name), `(${readingOf(place, one, names)})`);
    }
    return found;
  });
}

/** All columns, other rows or ends. */
function readingOf(place: Place, one: BitemporalReading, columns: readonly string[]): string {
  const { from, until, parked } = one;
  const [begin, end] = [quote(from.name), quote(until.name)];
  const table = nameOf(place, one);
  if (one.as === 'visible') {
    return `SELECT ${list(columns, quote)} FROM ${table}
      WHERE (${begin} IS NULL OR ${begin} <= ${instantIn(from, parked)}) AND ${isOpen(until, parked)}`;
  }
  const reopened = `CASE WHEN ${end} = ${instantIn(until, parked)} THEN ${openEndIn(until, one.openEnd)} ELSE ${end} END AS ${end}`;
  return `SELECT ${list(columns, (name) => (name === until.name ? reopened : quote(name)))}
    FROM ${table} WHERE ${begin} IS DISTINCT FROM ${instantIn(from, parked)}`;
}

// Finding ----------------------------------------------------------------------------------------

/** Columns of tables in their order; of one schema where the place is one. */
async function columnsOfTables({ session, place }: Reading, about: string): Promise<Row[]> {
  const { database, schema } = place;
  const within = schema === null ? '' : ` AND c.table_schema = ${literal(schema)}`;
  return rowsOf(
    await session.table(
      `SELECT /* ${about} */ c.table_schema, c.table_name, c.column_name, c.data_type, c.datetime_precision
       FROM ${qualified(database, 'INFORMATION_SCHEMA', 'COLUMNS')} AS c
         JOIN ${qualified(database, 'INFORMATION_SCHEMA', 'TABLES')} AS t
           ON t.table_schema = c.table_schema AND t.table_name = c.table_name
       WHERE t.table_type = 'BASE TABLE' AND c.table_schema <> 'INFORMATION_SCHEMA'${within}
       ORDER BY c.table_schema, c.table_name, c.ordinal_position`,
    ),
  );
}

async function find(about: Reading, names: readonly [string, string]): Promise<FoundTables> {
  const [from, until] = names;
  const columns = (await columnsOfTables(about, 'find tables with a technical validity'))
    .map((row) => ({ own: ownNames(row, about), column: toColumn(row) }))
    .map((one) => ({ ...one, begins: isNamed(one.column.name, from) }))
    .filter(({ column, begins }) => begins || isNamed(column.name, until));
  return sortTables(columns, names, isTemporal, async (table) => {
    const { counted } = await ask(
      about,
      `SELECT COUNT(*) AS counted FROM ${nameOf(about.place, table)}`,
    );
    return toNumber(counted);
  });
}

/** In upper or lower case: whether it was written in quotes does not matter here. */
function isNamed(column: string, name: string): boolean {
  return column.toLowerCase() === name.toLowerCase();
}

function ownNames({ table_schema, table_name }: Row, { shown }: Reading) {
  return { schema: shown ?? String(table_schema), name: String(table_name) };
}

function toColumn({ column_name, data_type, datetime_precision }: Row): Column {
  const isTimestamp = /^TIMESTAMP/.test(String(data_type)) && datetime_precision !== null;
  const type = isTimestamp ? `${data_type}(${datetime_precision})` : String(data_type);
  return { name: String(column_name), type };
}

async function ask({ session }: Reading, statement: string): Promise<Row> {
  return rowsOf(await session.table(statement))[0] ?? {};
}

async function inspect(
  about: Reading,
  table: BitemporalTable,
  { parked, latest }: { readonly parked: string; readonly latest: string },
): Promise<ValidityFacts> {
  const { from, until } = table;
  const [begin, end] = [quote(from.name), quote(until.name)];
  const isLate = (column: Column) =>
    `(${quote(column.name)} > ${instantIn(column, latest)} AND ${quote(column.name)} < ${instantIn(column, parked)})`;
  const isBeyond = `${end} > ${instantIn(until, parked)}`;
  const open = (which: 'MIN' | 'MAX') =>
    textOf(`${which}(CASE WHEN ${isBeyond} THEN ${end} END)`, typeOf(until.type));
  const row = await ask(
    about,
    `SELECT /* look at the technical validity */ ${countWhere(`${begin} = ${instantIn(from, parked)}`)} AS begin_parked,
       ${countWhere(`${end} = ${instantIn(until, parked)}`)} AS end_parked,
       ${countWhere(`${isLate(from)} OR ${isLate(until)}`)} AS too_late,
       ${countWhere(`${begin} > ${instantIn(from, parked)}`)} AS beyond,
       ${countWhere(`${begin} = ${instantIn(from, parked)} AND ${end} < ${instantIn(until, parked)}`)} AS inverted,
       ${countWhere(`${end} IS NULL`)} AS without_end,
       ${open('MIN')} AS first_open, ${open('MAX')} AS last_open
     FROM ${nameOf(about.place, table)}`,
  );
  // Every date and timestamp of Snowflake reaches to the year 9999.
  return factsOf(table, row);
}

async function parkedElsewhere(
  about: Reading,
  parked: string,
  technical: readonly string[],
): Promise<ParkedColumn[]> {
  const rows = await columnsOfTables(about, 'find columns that hold instants');
  const instants = rows
    .map((row) => ({ own: ownNames(row, about), column: toColumn(row) }))
    .filter(
      ({ column: { name, type } }) =>
        isTemporal(type) && !technical.some((own) => isNamed(name, own)),
    );
  return parkedColumns(instants, (table, columns) => {
    const counts = list(columns, (column, at) => {
      const isParked = `${quote(column.name)} = ${instantIn(column, parked)}`;
      return `${countWhere(isParked)} AS c${at}`;
    });
    return ask(
      about,
      `SELECT /* look for the parked instant */ ${counts} FROM ${nameOf(about.place, table)}`,
    );
  });
}

// Publishing -------------------------------------------------------------------------------------

/** The end first: a row that begins and ends parked would look like one that was always so. */
function publishing(
  place: Place,
  table: BitemporalTable,
  parked: string,
  goLive: string,
): string[] {
  return [table.until, table.from].map(
    (
      column,
    ) => `UPDATE ${nameOf(place, table)} SET ${quote(column.name)} = ${instantIn(column, goLive)}
      WHERE ${quote(column.name)} = ${instantIn(column, parked)}`,
  );
}

function withdrawing(
  place: Place,
  table: BitemporalTable & { readonly openEnd: OpenEnd },
  parked: string,
): string[] {
  const { from, until, openEnd } = table;
  return [
    `DELETE FROM ${nameOf(place, table)} WHERE ${quote(from.name)} = ${instantIn(from, parked)}`,
    `UPDATE ${nameOf(place, table)} SET ${quote(until.name)} = ${openEndIn(until, openEnd)}
      WHERE ${quote(until.name)} = ${instantIn(until, parked)}`,
  ];
}

/** All or nothing: nothing but DML, which a transaction holds together. */
async function inOneTransaction(
  at: Location,
  options: SnowflakeOptions,
  statements: readonly string[],
): Promise<void> {
  const about = { purpose: `set the technical validity in ${at}` };
  await Session.use(options, about, async (session) => {
    try {
      await session.transaction(async () => {
        for (const statement of statements) await session.run(statement);
      });
    } catch (error) {
      throw error instanceof GreenlightError ? error : validityNotSet(at, withoutData(error));
    }
  });
}

// Parts ------------------------------------------------------------------------------------------

/** Where live is a schema, every place shows its own under live's name. */
function nameOf(place: Place, { schema, name }: TableName): string {
  return qualified(place.database, place.schema ?? schema, name);
}

/** As a value of the column; our sessions are in UTC. */
function instantIn({ type }: Column, instant: string): string {
  const utc = new Date(instant).toISOString();
  const { kind } = typeOf(type);
  const isZoned = kind === 'ltz' || kind === 'tz';
  const stamp = isZoned ? utc.replace('Z', '+00:00') : utc.replace('Z', '');
  return kind === 'date'
    ? `${literal(utc.slice(0, 10))}::DATE`
    : `${literal(stamp.replace('T', ' '))}::${type}`;
}

function isOpen(until: Column, parked: string): string {
  return `(${quote(until.name)} IS NULL OR ${quote(until.name)} > ${instantIn(until, parked)})`;
}

function openEndIn({ type }: Column, openEnd: OpenEnd): string {
  return openEnd === null ? `NULL::${type}` : `${literal(openEnd)}::${type}`;
}
