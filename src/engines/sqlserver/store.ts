import { GreenlightError } from '../../errors.ts';
import type {
  Location,
  Store,
  StoreOperation,
  StoreReader,
  StoreRow,
  Stores,
  StoreTable,
  StoreType,
  StoreWriter,
} from '../engine.ts';
import { list } from '../sql.ts';
import { boundValue, storeRowOf } from '../store.ts';
import { Session, storePatienceMs, toNumber, type Value } from './connection.ts';
import { NoSuchDatabase } from './errors.ts';
import { hold } from './hold.ts';
import { databaseOf, qualified, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { openRecorded } from './recorded.ts';
import { createStore, storeSchema } from './store-place.ts';
import { byCode } from './values.ts';

const columnTypes: Record<StoreType, string> = {
  integer: 'bigint',
  text: `nvarchar(max) COLLATE ${byCode}`,
  instant: 'datetime2(7)',
  boolean: 'bit',
  json: 'nvarchar(max)',
  fingerprint: 'binary(16)',
};

/** A key takes 1,700 bytes at most, of all its columns together. */
const textOfKey = `nvarchar(400) COLLATE ${byCode}`;

/** The store is a database of its own. */
export function sqlserverStores(location: Location, options: SqlserverOptions): Stores {
  const database = databaseOf(location);
  const ready = async (purpose: string, create: boolean): Promise<Session | null> => {
    const found = await openStore(database, options, purpose);
    if (found !== null || !create) return found;
    await createStore(database, options);
    return openStore(database, options, purpose);
  };
  return {
    location,
    open: async ({ create, purpose }) => {
      const session = await ready(purpose, create);
      return session && storeOf(session);
    },
    openDeviations: async (query) => {
      const session = await ready(query.purpose, false);
      return session && openRecorded(session, query);
    },
    hold: async (name, waitMs) => {
      // Application locks are those of one database.
      await (await ready('hold', true))?.close();
      return hold(location, options, name, waitMs);
    },
  };
}

async function openStore(
  database: string,
  options: SqlserverOptions,
  purpose: string,
): Promise<Session | null> {
  try {
    return await Session.open(database, options, { purpose, lockTimeoutMs: storePatienceMs });
  } catch (error) {
    if (error instanceof NoSuchDatabase) return null;
    throw error;
  }
}

function storeOf(session: Session): Store {
  const reader = readerOf(session);
  const writer = writerOf(session, reader);
  return {
    ...reader,
    write: (work) =>
      session.transaction(async () => {
        await takeTurn(session);
        return work(writer);
      }),
    close: () => session.close(),
  };
}

/** One writer at a time: numbers are given as the largest plus one, and upgrades look before they change. */
async function takeTurn(session: Session): Promise<void> {
  const { taken } = await session.row(
    `DECLARE @taken int;
     EXECUTE @taken = sys.sp_getapplock @Resource = N'greenlight write', @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = ${storePatienceMs};
     SELECT @taken AS taken`,
  );
  if (Number(taken) >= 0) return;
  throw new GreenlightError({
    what: 'Another process writes to the ledger for longer than we wait.',
    where: `database ${session.database}`,
    help: 'Run the same command again when it has ended.',
  });
}

function readerOf(session: Session): StoreReader {
  return {
    tables: async () => {
      const rows = await session.rows(
        `SELECT t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
         WHERE s.name = N'${storeSchema}' AND t.is_ms_shipped = 0 ORDER BY t.name COLLATE ${byCode}`,
      );
      return rows.map(({ name }) => String(name));
    },
    select: async (table, where, order = []) => {
      const condition = conditionOf(table, where);
      const columns = list(Object.entries(table.columns), ([column, type]) => shown(column, type));
      const orderBy =
        order.length === 0 ? '' : ` ORDER BY ${list(order, (column) => `one.${quote(column)}`)}`;
      const rows = await session.rows(
        `SELECT ${columns} FROM ${nameOf(table.name)} AS one${condition.sql}${orderBy}`,
        condition.values,
      );
      return rows.map((row) => storeRowOf(table, row, { instant: instantOf }));
    },
    max: async (table, column) => {
      const { greatest } = await session.row(
        `SELECT MAX(${quote(column)}) AS greatest FROM ${nameOf(table.name)}`,
      );
      return greatest === null || greatest === undefined ? null : toNumber(greatest);
    },
  };
}

function writerOf(session: Session, reader: StoreReader): StoreWriter {
  return {
    ...reader,
    apply: async (operation) => {
      await session.run(statementOf(operation));
    },
    insert: async (table, row) => {
      const columns = Object.keys(row);
      const places = list(columns, (column, at) => given(table, column, at));
      await session.run(
        `INSERT INTO ${nameOf(table.name)} (${list(columns, quote)}) VALUES (${places})`,
        columns.map((column) => boundValue(table, column, row[column])),
      );
    },
    update: async (table, set, where) => {
      const columns = Object.keys(set);
      const assignments = list(
        columns,
        (column, at) => `${quote(column)} = ${given(table, column, at)}`,
      );
      const condition = conditionOf(table, where, columns.length);
      await session.run(
        `UPDATE one SET ${assignments} FROM ${nameOf(table.name)} AS one${condition.sql}`,
        [...columns.map((column) => boundValue(table, column, set[column])), ...condition.values],
      );
    },
    delete: async (table, where) => {
      const condition = conditionOf(table, where);
      await session.run(
        `DELETE one FROM ${nameOf(table.name)} AS one${condition.sql}`,
        condition.values,
      );
    },
  };
}

export function statementOf(operation: StoreOperation): string {
  if ('createTable' in operation) {
    const { name, columns, key } = operation.createTable;
    const definitions = list(Object.entries(columns), ([column, type]) => {
      const isKey = key.includes(column);
      const written = isKey && type === 'text' ? textOfKey : columnTypes[type];
      return `${quote(column)} ${written} ${isKey ? 'NOT NULL' : 'NULL'}`;
    });
    const primaryKey = key.length === 0 ? '' : `, PRIMARY KEY NONCLUSTERED (${list(key, quote)})`;
    return `CREATE TABLE ${nameOf(name)} (${definitions}${primaryKey})`;
  }
  const { table, column, type } = operation.addColumn;
  return `ALTER TABLE ${nameOf(table)} ADD ${quote(column)} ${columnTypes[type]} NULL`;
}

function nameOf(table: string): string {
  return qualified(storeSchema, table);
}

function conditionOf(
  table: StoreTable,
  where: StoreRow,
  before = 0,
): { sql: string; values: Value[] } {
  const columns = Object.keys(where);
  if (columns.length === 0) return { sql: '', values: [] };
  const tests = list(
    columns,
    (column, at) => {
      const [own, value] = [`one.${quote(column)}`, given(table, column, before + at)];
      if (where[column] === null || where[column] === undefined)
        return `(${own} IS NULL AND ${value} IS NULL)`;
      // To SQL Server, blanks at the end of a text are nothing.
      return table.columns[column] === 'text' || table.columns[column] === 'json'
        ? `(${own} = ${value} AND DATALENGTH(${own}) = DATALENGTH(${value}))`
        : `${own} = ${value}`;
    },
    ' AND ',
  );
  return {
    sql: ` WHERE ${tests}`,
    values: columns.map((column) => boundValue(table, column, where[column])),
  };
}

/** A column as a text that says all of it. */
function shown(column: string, type: StoreType): string {
  const name = quote(column);
  if (type === 'instant') return `CONVERT(nvarchar(27), one.${name}, 121) AS ${name}`;
  if (type === 'fingerprint') return `LOWER(CONVERT(nvarchar(32), one.${name}, 2)) AS ${name}`;
  return `one.${name} AS ${name}`;
}

/** A bound value in the column's type. */
function given(table: StoreTable, column: string, at: number): string {
  const value = `@p${at + 1}`;
  switch (table.columns[column]) {
    case undefined:
      throw new Error(`Table ${table.name} has no column ${column}`);
    case 'instant':
      // With its zone: all of ours are in UTC, others become it.
      return `CONVERT(datetime2(7), CONVERT(datetimeoffset(7), ${value}, 127), 1)`;
    case 'fingerprint':
      return `CONVERT(binary(16), ${value}, 2)`;
    case 'text':
      return `CONVERT(nvarchar(max), ${value})`;
    default:
      return value;
  }
}

/** `2026-03-29 01:30:00.1230000`, as it is kept in UTC, in ISO 8601. */
export function instantOf(text: string): string {
  const [whole = '', digits = ''] = text.replace(' ', 'T').split('.');
  const fraction = digits.replace(/0+$/, '');
  return `${whole}${fraction === '' ? '' : `.${fraction.padEnd(3, '0')}`}Z`;
}
