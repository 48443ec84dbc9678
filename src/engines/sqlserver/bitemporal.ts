import { GreenlightError } from '../../errors.ts';
import {
  factsOf,
  factsOfTooShort,
  parkedColumns,
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
  ValidityFacts,
} from '../engine.ts';
import { countWhere, list } from '../sql.ts';
import { isWrittenByServer } from './catalog-relations.ts';
import { type Row, Session } from './connection.ts';
import { withoutData } from './errors.ts';
import { literal, qualified, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { keepStill } from './stillness.ts';
import { type Type, typeOf } from './types.ts';
import { textOf } from './values.ts';

/** All that is said in SQL of technical validity. A column without an offset holds UTC. */
export function sqlserverBitemporal(options: SqlserverOptions): BitemporalEditor {
  return {
    find: (at, technical) => reading(at, options, (session) => find(session, technical)),
    inspect: (at, tables, instants) =>
      reading(at, options, async (session) => {
        const facts = [];
        for (const table of tables) facts.push(await inspect(session, table, instants));
        return facts;
      }),
    parkedElsewhere: (at, parked, technical) =>
      reading(at, options, (session) => parkedElsewhere(session, parked, technical)),
    publish: (at, tables, parked, goLive) =>
      editing(at, options, tables, () =>
        tables.flatMap((table) => publishing(table, parked, goLive)),
      ),
    withdraw: (at, tables, parked) =>
      editing(at, options, tables, () => tables.flatMap((table) => withdrawing(table, parked))),
  };
}

/** All columns of `table`, other rows or ends. */
export function readingOf(
  one: BitemporalReading,
  table: string,
  columns: readonly string[],
): string {
  const { from, until, parked } = one;
  const [begin, end] = [quote(from.name), quote(until.name)];
  if (one.as === 'visible') {
    return `SELECT ${list(columns, quote)} FROM ${table}
      WHERE (${begin} IS NULL OR ${begin} <= ${instantIn(from, parked)}) AND (${end} IS NULL OR ${end} > ${instantIn(until, parked)})`;
  }
  const reopened = `CASE WHEN ${end} = ${instantIn(until, parked)} THEN ${openEndIn(until, one.openEnd)} ELSE ${end} END AS ${end}`;
  return `SELECT ${list(columns, (name) => (name === until.name ? reopened : quote(name)))}
    FROM ${table} WHERE ${begin} IS NULL OR ${begin} <> ${instantIn(from, parked)}`;
}

// Finding ----------------------------------------------------------------------------------------

const tableColumns = `sys.columns AS c JOIN sys.tables AS o ON o.object_id = c.object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
  JOIN sys.types AS t ON t.user_type_id = CASE WHEN c.system_type_id = 240 THEN c.user_type_id ELSE c.system_type_id END
  WHERE o.is_ms_shipped = 0`;

const columnFacts =
  's.name AS schema_name, o.name AS table_name, c.name AS column_name, t.name AS type, c.max_length, c.precision, c.scale, c.collation_name';

async function find(session: Session, names: readonly [string, string]): Promise<FoundTables> {
  const rows = await session.rows(
    `SELECT ${columnFacts}, CASE WHEN LOWER(c.name) = LOWER(@p1) THEN 1 ELSE 0 END AS begins,
       CASE WHEN ${isWrittenByServer} THEN 1 ELSE 0 END AS is_written_by_server FROM ${tableColumns}
       AND LOWER(c.name) IN (LOWER(@p1), LOWER(@p2)) ORDER BY schema_name, table_name, c.column_id`,
    names,
  );
  return sortTables(
    rows.map((row) => ({
      own: ownNames(row),
      column: toColumn(row),
      begins: Number(row.begins) === 1,
    })),
    names,
    isTemporal,
    async (table) => {
      const { counted } = await session.row(
        `SELECT COUNT_BIG(*) AS counted FROM ${nameOf(table)} AS one`,
      );
      return toNumber(counted);
    },
  );
}

function ownNames({ schema_name, table_name }: Row) {
  return { schema: String(schema_name), name: String(table_name) };
}

function toColumn(row: Row): Column {
  const made = Number(row.is_written_by_server) === 1 ? ' generated always' : '';
  return { name: String(row.column_name), type: typeText(typeOf(row)) + made };
}

/** As the catalog writes it. */
function typeText({ name, scale, precision, length }: Type): string {
  if (/^(datetime2|datetimeoffset|time)$/.test(name)) return `${name}(${scale})`;
  if (name === 'decimal' || name === 'numeric') return `${name}(${precision},${scale})`;
  return length === null ? name : `${name}(${length})`;
}

async function inspect(
  session: Session,
  table: BitemporalTable,
  { parked, latest }: { readonly parked: string; readonly latest: string },
): Promise<ValidityFacts> {
  const { from, until } = table;
  if (![from, until].every(({ type }) => holds(type, parked))) return factsOfTooShort(table);
  const [begin, end] = [quote(from.name), quote(until.name)];
  const isLate = (column: Column) =>
    `${quote(column.name)} > ${instantIn(column, latest)} AND ${quote(column.name)} < ${instantIn(column, parked)}`;
  const isBeyond = `${end} > ${instantIn(until, parked)}`;
  const open = `CASE WHEN ${isBeyond} THEN ${end} END`;
  const shown = (value: string) => textOf(value, typeOfColumn(until));
  const row = await session.row(
    `SELECT ${countWhere(`${begin} = ${instantIn(from, parked)}`)} AS begin_parked,
       ${countWhere(`${end} = ${instantIn(until, parked)}`)} AS end_parked,
       ${countWhere(`(${isLate(from)}) OR (${isLate(until)})`)} AS too_late,
       ${countWhere(`${begin} > ${instantIn(from, parked)}`)} AS beyond,
       ${countWhere(`${begin} = ${instantIn(from, parked)} AND ${end} < ${instantIn(until, parked)}`)} AS inverted,
       ${countWhere(`${end} IS NULL`)} AS without_end,
       ${shown(`MIN(${open})`)} AS first_open, ${shown(`MAX(${open})`)} AS last_open
     FROM ${nameOf(table)} AS one`,
  );
  return factsOf(table, row);
}

/** A smalldatetime ends in 2079; the others with the year 9999. */
function holds(type: string, instant: string): boolean {
  return new Date(instant) < new Date(type === 'smalldatetime' ? '2079-06-06' : '9999-12-31');
}

async function parkedElsewhere(
  session: Session,
  parked: string,
  technical: readonly string[],
): Promise<ParkedColumn[]> {
  const rows = await session.rows(
    `SELECT ${columnFacts} FROM ${tableColumns} ORDER BY schema_name, table_name, c.column_id`,
  );
  const isTechnical = (name: string) =>
    technical.some((own) => own.toLowerCase() === name.toLowerCase());
  const instants = rows
    .map((row) => ({ own: ownNames(row), column: toColumn(row) }))
    .filter(
      ({ column: { name, type } }) => isTemporal(type) && holds(type, parked) && !isTechnical(name),
    );
  return parkedColumns(instants, (table, columns) => {
    const counts = list(
      columns,
      (column, at) =>
        `${countWhere(`${quote(column.name)} = ${instantIn(column, parked)}`)} AS c${at}`,
    );
    return session.row(`SELECT ${counts} FROM ${nameOf(table)} AS one`);
  });
}

// Publishing -------------------------------------------------------------------------------------

/** The end first: a row that begins and ends parked would look like one that was always so. */
export function publishing(table: BitemporalTable, parked: string, goLive: string): string[] {
  return [table.until, table.from].map(
    (column) => `UPDATE ${nameOf(table)} SET ${quote(column.name)} = ${instantIn(column, goLive)}
      WHERE ${quote(column.name)} = ${instantIn(column, parked)}`,
  );
}

export function withdrawing(
  table: BitemporalTable & { readonly openEnd: OpenEnd },
  parked: string,
): string[] {
  const { from, until, openEnd } = table;
  return [
    `DELETE FROM ${nameOf(table)} WHERE ${quote(from.name)} = ${instantIn(from, parked)}`,
    `UPDATE ${nameOf(table)} SET ${quote(until.name)} = ${openEndIn(until, openEnd)}
      WHERE ${quote(until.name)} = ${instantIn(until, parked)}`,
  ];
}

/** All or nothing; what triggers would do was done when the rows were parked. */
async function editing(
  at: Location,
  options: SqlserverOptions,
  tables: readonly TableName[],
  statements: () => readonly string[],
): Promise<void> {
  const about = { purpose: `set the technical validity in ${at}` };
  await Session.use(at, options, about, async (session) => {
    try {
      await session.transaction(async () => {
        const wake = await keepStill(session, tables, { keys: false });
        for (const statement of statements()) await session.run(statement);
        await wake();
      });
    } catch (error) {
      throw error instanceof GreenlightError ? error : validityNotSet(at, withoutData(error));
    }
  });
}

// Parts ------------------------------------------------------------------------------------------

function reading<T>(
  at: Location,
  options: SqlserverOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return Session.use(at, options, { purpose: `look at the technical validity in ${at}` }, work);
}

function nameOf({ schema, name }: TableName): string {
  return qualified(schema, name);
}

function isTemporal(type: string): boolean {
  return /^(date|datetime|smalldatetime|(datetime2|datetimeoffset)(\(\d\))?)$/.test(type);
}

function typeOfColumn({ type }: Column): Type {
  const [, name = type, scale = '7'] = /^(\w+?)(?:\((\d)\))?$/.exec(type) ?? [];
  return { name, length: null, precision: 0, scale: Number(scale), collation: null };
}

/** As a value of the column, which is in UTC. */
function instantIn({ type }: Column, instant: string): string {
  const utc = new Date(instant).toISOString();
  return type.startsWith('datetimeoffset')
    ? `CONVERT(${type}, ${literal(utc)}, 127)`
    : `CONVERT(${type}, CONVERT(datetime2(7), ${literal(utc.slice(0, -1))}, 126))`;
}

/** As `textOf` has written it. */
function openEndIn({ type }: Column, openEnd: OpenEnd): string {
  if (openEnd === null) return `CONVERT(${type}, NULL)`;
  return `CONVERT(${type}, ${literal(openEnd)}, 121)`;
}
