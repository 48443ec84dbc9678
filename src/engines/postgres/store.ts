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
import { boundValue, type StoredValues, storeRowOf } from '../store.ts';
import { Session, toNumber, type Value } from './connection.ts';
import { NoSuchDatabase } from './errors.ts';
import { hold, lockKey } from './hold.ts';
import { quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { openRecorded } from './recorded.ts';
import { createStore, type StorePlace, storePlaceOf } from './store-place.ts';

/** `json` keeps texts as they are written: jsonb would lose the order of members, and takes no NUL character. */
const columnTypes: Record<StoreType, string> = {
  integer: 'bigint',
  text: 'text',
  instant: 'timestamptz',
  boolean: 'boolean',
  json: 'json',
  fingerprint: 'uuid',
};

/** How long a step waits for another one that holds a lock right now. */
const patienceMs = 20_000;

/** The store is one schema: of a database of its own, or of one that others use as well. */
export function postgresStores(location: Location, options: PostgresOptions): Stores {
  const place = storePlaceOf(location);
  const ready = async (purpose: string, create: boolean): Promise<Session | null> => {
    const found = await openStore(place, options, purpose);
    if (found !== null || !create) return found;
    await createStore(place, options);
    return openStore(place, options, purpose);
  };
  return {
    location,
    open: async ({ create, purpose }) => {
      const session = await ready(purpose, create);
      return session && storeOf(session, place);
    },
    openDeviations: async (query) => {
      const session = await ready(query.purpose, false);
      return session && openRecorded(session, place.schema, query);
    },
    hold: async (name, waitMs) => {
      // Advisory locks are those of one database.
      await (await ready('hold', true))?.close();
      return hold(place, options, name, waitMs);
    },
  };
}

/** Null when the database or its schema is not there. */
async function openStore(
  { database, schema }: StorePlace,
  options: PostgresOptions,
  purpose: string,
): Promise<Session | null> {
  let session: Session;
  try {
    session = await Session.open(database, options, { purpose, searchPath: [schema] });
  } catch (error) {
    if (error instanceof NoSuchDatabase) return null;
    throw error;
  }
  const { there } = await session.row(
    'SELECT count(*) > 0 AS there FROM pg_namespace WHERE nspname = $1',
    [schema],
  );
  if (there === true) return session;
  await session.close();
  return null;
}

function storeOf(session: Session, place: StorePlace): Store {
  const reader = readerOf(session, place);
  const writer = writerOf(session, reader);
  return {
    ...reader,
    write: (work) =>
      session.transaction(async () => {
        // One writer at a time: numbers are given as the largest plus one, and upgrades look before they change.
        await session.run(`SET LOCAL lock_timeout = ${patienceMs}`);
        await session.run('SELECT pg_advisory_xact_lock($1::bigint)', [
          lockKey(place.schema, 'write'),
        ]);
        await session.run('SET LOCAL lock_timeout = 0');
        return work(writer);
      }),
    close: () => session.close(),
  };
}

function readerOf(session: Session, { schema }: StorePlace): StoreReader {
  return {
    tables: async () => {
      const rows = await session.rows(
        `SELECT relname FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
           AND relkind IN ('r', 'p') ORDER BY relname COLLATE "C"`,
        [schema],
      );
      return rows.map(({ relname }) => String(relname));
    },
    select: async (table, where, order = []) => {
      const condition = conditionOf(table, where);
      const orderBy =
        order.length === 0 ? '' : ` ORDER BY ${list(order, (one) => orderOf(table, one))}`;
      const rows = await session.rows(
        `SELECT ${list(Object.keys(table.columns), quote)} FROM ${quote(table.name)}${condition.sql}${orderBy}`,
        condition.values,
      );
      return rows.map((row) => storeRowOf(table, row, written));
    },
    max: async (table, column) => {
      const { max } = await session.row(
        `SELECT max(${quote(column)}) AS max FROM ${quote(table.name)}`,
      );
      return max === null ? null : toNumber(max);
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
      const places = list(columns, (column, at) => placeholder(table, column, at));
      await session.run(
        `INSERT INTO ${quote(table.name)} (${list(columns, quote)}) VALUES (${places})`,
        columns.map((column) => boundValue(table, column, row[column])),
      );
    },
    update: async (table, set, where) => {
      const columns = Object.keys(set);
      const assignments = list(
        columns,
        (column, at) => `${quote(column)} = ${placeholder(table, column, at)}`,
      );
      const condition = conditionOf(table, where, columns.length);
      await session.run(`UPDATE ${quote(table.name)} SET ${assignments}${condition.sql}`, [
        ...columns.map((column) => boundValue(table, column, set[column])),
        ...condition.values,
      ]);
    },
    delete: async (table, where) => {
      const condition = conditionOf(table, where);
      await session.run(`DELETE FROM ${quote(table.name)}${condition.sql}`, condition.values);
    },
  };
}

function statementOf(operation: StoreOperation): string {
  if ('createTable' in operation) {
    const { name, columns, key } = operation.createTable;
    const definitions = list(
      Object.entries(columns),
      ([column, type]) => `${quote(column)} ${columnTypes[type]}`,
    );
    const primaryKey = key.length === 0 ? '' : `, PRIMARY KEY (${list(key, quote)})`;
    return `CREATE TABLE ${quote(name)} (${definitions}${primaryKey})`;
  }
  const { table, column, type } = operation.addColumn;
  return `ALTER TABLE ${quote(table)} ADD COLUMN ${quote(column)} ${columnTypes[type]}`;
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
      const value = placeholder(table, column, before + at);
      // Unlike IS NOT DISTINCT FROM, this can use an index.
      return where[column] === null || where[column] === undefined
        ? `(${quote(column)} IS NULL AND ${value} IS NULL)`
        : `${quote(column)} = ${value}`;
    },
    ' AND ',
  );
  return {
    sql: ` WHERE ${tests}`,
    values: columns.map((column) => boundValue(table, column, where[column])),
  };
}

/** Texts by their bytes, whatever the collation of the database. */
function orderOf(table: StoreTable, column: string): string {
  return table.columns[column] === 'text' ? `${quote(column)} COLLATE "C"` : quote(column);
}

function placeholder(table: StoreTable, column: string, at: number): string {
  const type = table.columns[column];
  if (type === undefined) throw new Error(`Table ${table.name} has no column ${column}`);
  return `$${at + 1}::${columnTypes[type]}`;
}

const written: StoredValues = {
  // `2026-03-29 01:30:00.123+00`, as every session of ours writes it.
  instant: (text) => text.replace(' ', 'T').replace(/\+00$/, 'Z'),
  fingerprint: (value) => String(value).replaceAll('-', ''),
};
