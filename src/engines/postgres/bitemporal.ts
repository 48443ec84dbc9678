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
import { toNumber } from '../counts.ts';
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
import { list } from '../sql.ts';
import { type Row, Session } from './connection.ts';
import { withoutData } from './errors.ts';
import { literal, type Place, placeOf, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { optionsAt, requireOwnServer } from './servers.ts';

/** All that is said in SQL of technical validity. A column without a zone holds UTC. */
export function postgresBitemporal(options: PostgresOptions, { live }: Places): BitemporalEditor {
  const shown = placeOf(live).schema;
  return {
    find: (at, technical) =>
      reading(at, options, (session, place) => find(session, place, shown, technical)),
    inspect: (at, tables, instants) =>
      reading(at, options, async (session, place) => {
        const facts = [];
        for (const table of tables) facts.push(await inspect(session, place, table, instants));
        return facts;
      }),
    parkedElsewhere: (at, parked, technical) =>
      reading(at, options, (session, place) =>
        parkedElsewhere(session, place, shown, { parked, technical }),
      ),
    publish: (at, tables, parked, goLive) =>
      editing(at, options, tables, (place) =>
        tables.flatMap((table) => publishing(place, table, parked, goLive)),
      ),
    withdraw: (at, tables, parked) =>
      editing(at, options, tables, (place) =>
        tables.flatMap((table) => withdrawing(place, table, parked)),
      ),
  };
}

export async function readingsOf(
  at: Location,
  readings: readonly BitemporalReading[],
  options: PostgresOptions,
): Promise<Readings> {
  if (readings.length === 0) return new Map();
  return reading(at, options, async (session, place) => {
    const found = new Map<string, string>();
    for (const one of readings) {
      const columns = await session.rows(
        'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
        [nameOf(place, one)],
      );
      const sql = readingOf(
        place,
        one,
        columns.map(({ name }) => String(name)),
      );
      found.set(readingName(one.schema, one.name), `(${sql})`);
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

/** Columns of tables, partitioned ones once; `$1` is the schema that the place is, or NULL. */
const tableColumns = `pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence <> 't' AND attnum > 0 AND NOT attisdropped
    AND CASE WHEN $1::text IS NULL THEN nspname !~ '^pg_' AND nspname <> 'information_schema' ELSE nspname = $1 END`;

async function find(
  session: Session,
  place: Place,
  shown: string | null,
  names: readonly [string, string],
): Promise<FoundTables> {
  // A name that is written without quotes is in lower case.
  const rows = await session.rows(
    `SELECT nspname, relname, attname, format_type(atttypid, atttypmod) AS type, attname::text IN ($2::text, lower($2::text)) AS begins
     FROM ${tableColumns} AND attname::text IN ($2::text, lower($2::text), $3::text, lower($3::text)) ORDER BY nspname, relname, attnum`,
    [place.schema, ...names],
  );
  return sortTables(
    rows.map((row) => ({
      own: ownNames(row, place, shown),
      column: toColumn(row),
      begins: row.begins === true,
    })),
    names,
    isTemporal,
    async (table) => {
      const { rows: count } = await session.row(
        `SELECT count(*) AS rows FROM ${nameOf(place, table)}`,
      );
      return toNumber(count);
    },
  );
}

function ownNames({ nspname, relname }: Row, { schema }: Place, shown: string | null) {
  return { schema: schema === null ? String(nspname) : String(shown), name: String(relname) };
}

function toColumn({ attname, type }: Row): Column {
  return { name: String(attname), type: String(type) };
}

async function inspect(
  session: Session,
  place: Place,
  table: BitemporalTable,
  { parked, latest }: { readonly parked: string; readonly latest: string },
): Promise<ValidityFacts> {
  const { from, until } = table;
  const [begin, end] = [quote(from.name), quote(until.name)];
  const isLate = (column: Column) =>
    `${quote(column.name)} > ${instantIn(column, latest)} AND ${quote(column.name)} < ${instantIn(column, parked)}`;
  const isBeyond = `${end} > ${instantIn(until, parked)}`;
  const row = await session.row(
    `SELECT count(*) FILTER (WHERE ${begin} = ${instantIn(from, parked)}) AS begin_parked,
       count(*) FILTER (WHERE ${end} = ${instantIn(until, parked)}) AS end_parked,
       count(*) FILTER (WHERE (${isLate(from)}) OR (${isLate(until)})) AS too_late,
       count(*) FILTER (WHERE ${begin} > ${instantIn(from, parked)}) AS beyond,
       count(*) FILTER (WHERE ${begin} = ${instantIn(from, parked)} AND ${end} < ${instantIn(until, parked)}) AS inverted,
       count(*) FILTER (WHERE ${end} IS NULL) AS without_end,
       min(${end}) FILTER (WHERE ${isBeyond})::text AS first_open, max(${end}) FILTER (WHERE ${isBeyond})::text AS last_open
     FROM ${nameOf(place, table)}`,
  );
  // Every date and timestamp of PostgreSQL reaches far beyond the parked instant.
  return factsOf(table, row);
}

async function parkedElsewhere(
  session: Session,
  place: Place,
  shown: string | null,
  { parked, technical }: { readonly parked: string; readonly technical: readonly string[] },
): Promise<ParkedColumn[]> {
  const rows = await session.rows(
    `SELECT nspname, relname, attname, format_type(atttypid, atttypmod) AS type
     FROM ${tableColumns} ORDER BY nspname, relname, attnum`,
    [place.schema],
  );
  const isTechnical = (name: string) =>
    technical.some((own) => own === name || own.toLowerCase() === name);
  const instants = rows
    .map((row) => ({ own: ownNames(row, place, shown), column: toColumn(row) }))
    .filter(({ column: { name, type } }) => isTemporal(type) && !isTechnical(name));
  return parkedColumns(instants, (table, columns) => {
    const counts = list(
      columns,
      (column, at) =>
        `count(*) FILTER (WHERE ${quote(column.name)} = ${instantIn(column, parked)}) AS c${at}`,
    );
    return session.row(`SELECT ${counts} FROM ${nameOf(place, table)}`);
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

/** All or nothing; what triggers would do was done when the rows were parked. */
async function editing(
  at: Location,
  options: PostgresOptions,
  tables: readonly TableName[],
  statements: (place: Place) => readonly string[],
): Promise<void> {
  const place = placeOf(at);
  requireOwnServer(place);
  const about = { purpose: `set the technical validity in ${at}` };
  await Session.use(place.database, options, about, async (session) => {
    try {
      await session.transaction(async () => {
        await session.run('SET LOCAL row_security = off');
        const names = tables.map((table) => nameOf(place, table));
        const triggers = await enabledTriggers(session, names);
        for (const trigger of triggers) await session.run(trigger.disable);
        for (const statement of statements(place)) await session.run(statement);
        // What waits for the end of the transaction would refuse that a table is altered.
        await session.run('SET CONSTRAINTS ALL IMMEDIATE');
        for (const trigger of triggers) await session.run(trigger.enable);
      });
    } catch (error) {
      throw error instanceof GreenlightError ? error : validityNotSet(at, withoutData(error));
    }
  });
}

/** Of the tables and their partitions, each as it is enabled now. */
async function enabledTriggers(session: Session, names: readonly string[]) {
  const rows = await session.rows(
    `SELECT t.tgrelid::regclass AS table, quote_ident(tgname) AS name,
       CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END AS enable
     FROM pg_trigger t WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgrelid IN (
       SELECT name::regclass FROM unnest($1::text[]) AS name
       UNION SELECT relid FROM unnest($1::text[]) AS name, pg_partition_tree(name::regclass))
     ORDER BY 1, 2`,
    [names],
  );
  return rows.map(({ table, name, enable }) => ({
    disable: `ALTER TABLE ONLY ${table} DISABLE TRIGGER ${name}`,
    enable: `ALTER TABLE ONLY ${table} ${enable} TRIGGER ${name}`,
  }));
}

// Parts ------------------------------------------------------------------------------------------

function reading<T>(
  at: Location,
  options: PostgresOptions,
  work: (session: Session, place: Place) => Promise<T>,
): Promise<T> {
  const place = placeOf(at);
  const about = { purpose: `look at the technical validity in ${at}`, readOnly: true };
  return Session.use(place.database, optionsAt(options, place), about, async (session) => {
    await session.run('SET row_security = off');
    return work(session, place);
  });
}

/** Where live is a schema, every place shows its own under live's name. */
function nameOf(place: Place, { schema, name }: TableName): string {
  return `${quote(place.schema ?? schema)}.${quote(name)}`;
}

function isTemporal(type: string): boolean {
  return /^(date|timestamp(\(\d\))? with(out)? time zone)$/.test(type);
}

/** As a value of the column; our sessions are in UTC. */
function instantIn({ type }: Column, instant: string): string {
  const utc = new Date(instant).toISOString();
  return / with time zone$/.test(type)
    ? `TIMESTAMPTZ ${literal(utc)}`
    : `CAST(TIMESTAMP ${literal(utc.slice(0, -1))} AS ${type})`;
}

function isOpen(until: Column, parked: string): string {
  return `(${quote(until.name)} IS NULL OR ${quote(until.name)} > ${instantIn(until, parked)})`;
}

function openEndIn({ type }: Column, openEnd: OpenEnd): string {
  return openEnd === null ? `NULL::${type}` : `${literal(openEnd)}::${type}`;
}
