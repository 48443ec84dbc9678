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
import { storeRowOf } from '../store.ts';
import { Session, toNumber, type Value } from './connection.ts';
import { HeldRights } from './held.ts';
import { hold } from './hold.ts';
import { literal, qualified, quote } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { openRecorded } from './recorded.ts';
import { lockStore, provideLock } from './store-lock.ts';
import { createStore, isThere, type StorePlace, storePlaceOf } from './store-place.ts';
import { rowsOf, storedName } from './workspace.ts';

/** `json` keeps texts as they are written: a VARIANT would order the members. */
const columnTypes: Record<StoreType, string> = {
  integer: 'NUMBER(38, 0)',
  text: 'VARCHAR',
  instant: 'TIMESTAMP_NTZ(9)',
  boolean: 'BOOLEAN',
  json: 'VARCHAR',
  fingerprint: 'VARCHAR(32)',
};

/** Tables of the store's own that belong to no ledger. */
const ownTables: ReadonlySet<string> = new Set(['greenlight_lock', 'greenlight_hold']);

/** The store is one schema: of a database of its own, or of one that others use as well. */
export function snowflakeStores(location: Location, options: SnowflakeOptions): Stores {
  const place = storePlaceOf(location);
  const ready = async (
    purpose: string,
    create: boolean,
    apart = false,
  ): Promise<Session | null> => {
    const session = await Session.open(options, { purpose, apart });
    try {
      if (await isThere(session, place)) return session;
      if (!create) {
        await session.close();
        return null;
      }
      await createStore(session, place);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  };
  return {
    location,
    open: async ({ create, purpose }) => {
      const session = await ready(purpose, create);
      return session && storeOf(session, { place, options, purpose });
    },
    openDeviations: async (query) => {
      const session = await ready(query.purpose, false);
      return session && openRecorded(session, place, query);
    },
    hold: async (name, waitMs) => {
      const session = await ready(`hold ${name}`, true, true);
      if (session === null) throw new Error('The store was not made');
      const rights = HeldRights.of(options);
      return hold(session, place, { leaseMs: options.leaseMs, name, waitMs, rights });
    },
  };
}

interface Opened {
  readonly place: StorePlace;
  readonly options: SnowflakeOptions;
  readonly purpose: string;
}

function storeOf(session: Session, opened: Opened): Store {
  const reader = readerOf(session, opened);
  return {
    ...reader,
    write: async (work) => {
      await provideLock(session, opened.place);
      const changes = new Changes(session, opened);
      try {
        const result = await work(writerOf(session, opened, reader, changes));
        await changes.commit();
        return result;
      } catch (error) {
        await changes.undo();
        throw error;
      }
    },
    close: () => session.close(),
  };
}

/**
 * All or nothing, though DDL ends the transaction that it stands in: it runs in a session of its own, and what it has
 * made is taken back when the work fails. The transaction of the rows begins with the first of them.
 */
class Changes {
  readonly #session: Session;
  readonly #opened: Opened;
  readonly #takingBack: string[] = [];
  #isOpen = false;
  /** Has the lock where there is DDL before the first row. */
  #locking: Session | undefined;
  #defining: Session | undefined;

  constructor(session: Session, opened: Opened) {
    this.#session = session;
    this.#opened = opened;
  }

  /** From here on no other process writes. */
  async begin(): Promise<void> {
    if (this.#isOpen) return;
    await this.#session.run('BEGIN TRANSACTION');
    this.#isOpen = true;
    if (this.#locking === undefined) await lockStore(this.#session, this.#opened.place);
  }

  async define({ isThere: asked, make, takeBack }: Definition): Promise<void> {
    if (!this.#isOpen && this.#locking === undefined) await this.#lockBeside();
    const session = await this.#beside();
    const [found] = rowsOf(await session.table(asked));
    if (toNumber(found?.counted) > 0) return;
    this.#takingBack.unshift(takeBack);
    await session.run(make);
  }

  async commit(): Promise<void> {
    if (this.#isOpen) await this.#session.run('COMMIT');
    this.#isOpen = false;
    await this.#end();
  }

  async undo(): Promise<void> {
    if (this.#isOpen) await this.#session.run('ROLLBACK').catch(() => undefined);
    this.#isOpen = false;
    for (const statement of this.#takingBack)
      await this.#defining?.run(statement).catch(() => undefined);
    await this.#end();
  }

  async #lockBeside(): Promise<void> {
    const { options, purpose, place } = this.#opened;
    this.#locking = await Session.open(options, { purpose });
    await this.#locking.run('BEGIN TRANSACTION');
    await lockStore(this.#locking, place);
  }

  async #beside(): Promise<Session> {
    const { options, purpose } = this.#opened;
    this.#defining ??= await Session.open(options, { purpose });
    return this.#defining;
  }

  async #end(): Promise<void> {
    await this.#locking?.run('ROLLBACK').catch(() => undefined);
    await this.#locking?.close();
    await this.#defining?.close();
  }
}

function readerOf(session: Session, { place }: Opened): StoreReader {
  const tableOf = (table: StoreTable) => nameOf(place, table.name);
  return {
    tables: async () => {
      const rows = rowsOf(
        await session.table(
          `SELECT table_name FROM ${qualified(place.database, 'INFORMATION_SCHEMA', 'TABLES')}
           WHERE table_schema = ${literal(place.schema)} AND table_type = 'BASE TABLE' ORDER BY table_name`,
        ),
      );
      return rows
        .map(({ table_name }) => shownName(String(table_name)))
        .filter((name) => !ownTables.has(name))
        .sort();
    },
    select: async (table, where, order = []) => {
      const condition = conditionOf(table, where);
      const orderBy = order.length === 0 ? '' : ` ORDER BY ${list(order, column)}`;
      const { rows } = await session.table(
        `SELECT ${list(Object.entries(table.columns), selected)} FROM ${tableOf(table)}${condition.sql}${orderBy}`,
        condition.values,
      );
      const names = Object.keys(table.columns);
      return rows.map((row) =>
        storeRowOf(table, Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])), {
          instant: instantOf,
        }),
      );
    },
    max: async (table, name) => {
      const [row] = rowsOf(
        await session.table(`SELECT MAX(${column(name)}) AS greatest FROM ${tableOf(table)}`),
      );
      const greatest = row?.greatest ?? null;
      return greatest === null ? null : toNumber(greatest);
    },
  };
}

function writerOf(
  session: Session,
  { place }: Opened,
  reader: StoreReader,
  changes: Changes,
): StoreWriter {
  return {
    tables: () => reader.tables(),
    select: async (...asked) => {
      await changes.begin();
      return reader.select(...asked);
    },
    max: async (...asked) => {
      await changes.begin();
      return reader.max(...asked);
    },
    apply: async (operation) => {
      await changes.define(definitionOf(place, operation));
    },
    insert: async (table, row) => {
      await changes.begin();
      const columns = Object.keys(row);
      const places = list(columns, (name) => placeholder(table, name));
      const same = keyCondition(table, row);
      // Snowflake enforces no key of an ordinary table.
      const unless =
        same === null
          ? ''
          : ` WHERE NOT EXISTS (SELECT 1 FROM ${nameOf(place, table.name)}${same.sql})`;
      const inserted = await session.run(
        `INSERT INTO ${nameOf(place, table.name)} (${list(columns, column)}) SELECT ${places}${unless}`,
        [...columns.map((name) => toEngine(table, name, row[name])), ...(same?.values ?? [])],
      );
      if (inserted === 1) return;
      throw new GreenlightError({
        what: `The ledger has a row with this key already: ${table.name}.`,
        where: `${place.database}.${place.schema}`,
        cause: `key ${table.key.join(', ')}`,
        help: 'Another process may have written it. Run the same command again.',
      });
    },
    update: async (table, set, where) => {
      await changes.begin();
      const columns = Object.keys(set);
      const assignments = list(columns, (name) => `${column(name)} = ${placeholder(table, name)}`);
      const condition = conditionOf(table, where);
      await session.run(`UPDATE ${nameOf(place, table.name)} SET ${assignments}${condition.sql}`, [
        ...columns.map((name) => toEngine(table, name, set[name])),
        ...condition.values,
      ]);
    },
    delete: async (table, where) => {
      await changes.begin();
      const condition = conditionOf(table, where);
      await session.run(
        `DELETE FROM ${nameOf(place, table.name)}${condition.sql}`,
        condition.values,
      );
    },
  };
}

interface Definition {
  /** `counted` of one row: 0 when it is to be made. What a crash left behind is there already. */
  readonly isThere: string;
  readonly make: string;
  readonly takeBack: string;
}

function definitionOf(place: StorePlace, operation: StoreOperation): Definition {
  const { database, schema } = place;
  const counted = (view: 'TABLES' | 'COLUMNS', names: string) =>
    `SELECT COUNT(*) AS counted FROM ${qualified(database, 'INFORMATION_SCHEMA', view)}
     WHERE table_schema = ${literal(schema)} AND ${names}`;
  if ('createTable' in operation) {
    const { name, columns, key } = operation.createTable;
    const definitions = list(
      Object.entries(columns),
      ([own, type]) => `${column(own)} ${columnTypes[type]}`,
    );
    const primaryKey = key.length === 0 ? '' : `, PRIMARY KEY (${list(key, column)})`;
    const table = nameOf(place, name);
    return {
      isThere: counted('TABLES', `table_name = ${literal(storedName(name))}`),
      make: `CREATE TABLE ${table} (${definitions}${primaryKey})`,
      takeBack: `DROP TABLE IF EXISTS ${table}`,
    };
  }
  const { table, column: own, type } = operation.addColumn;
  return {
    isThere: counted(
      'COLUMNS',
      `table_name = ${literal(storedName(table))} AND column_name = ${literal(storedName(own))}`,
    ),
    make: `ALTER TABLE ${nameOf(place, table)} ADD COLUMN ${column(own)} ${columnTypes[type]}`,
    takeBack: `ALTER TABLE ${nameOf(place, table)} DROP COLUMN ${column(own)}`,
  };
}

function nameOf({ database, schema }: StorePlace, table: string): string {
  return qualified(database, schema, storedName(table));
}

/** As the ledger calls what Snowflake has in upper case. */
function shownName(name: string): string {
  return /^[A-Z_][A-Z0-9_]*$/.test(name) ? name.toLowerCase() : name;
}

function column(name: string): string {
  return quote(storedName(name));
}

function selected([name, type]: [string, StoreType]): string {
  if (type !== 'instant') return column(name);
  return `TO_VARCHAR(${column(name)}, 'YYYY-MM-DD"T"HH24:MI:SS.FF9')`;
}

/** The row with the same key; null for a table without one. */
function keyCondition(table: StoreTable, row: StoreRow) {
  if (table.key.length === 0) return null;
  return conditionOf(table, Object.fromEntries(table.key.map((name) => [name, row[name] ?? null])));
}

function conditionOf(table: StoreTable, where: StoreRow): { sql: string; values: Value[] } {
  const columns = Object.keys(where);
  if (columns.length === 0) return { sql: '', values: [] };
  const isNull = (name: string) => where[name] === null || where[name] === undefined;
  const tests = list(
    columns,
    (name) =>
      isNull(name) ? `${column(name)} IS NULL` : `${column(name)} = ${placeholder(table, name)}`,
    ' AND ',
  );
  return {
    sql: ` WHERE ${tests}`,
    values: columns
      .filter((name) => !isNull(name))
      .map((name) => toEngine(table, name, where[name])),
  };
}

function placeholder(table: StoreTable, name: string): string {
  const type = table.columns[name];
  if (type === undefined) throw new Error(`Table ${table.name} has no column ${name}`);
  return `?::${columnTypes[type]}`;
}

/** All but booleans go as texts: a number of the driver would lose digits. */
function toEngine(table: StoreTable, name: string, value: unknown): Value {
  if (value === null || value === undefined) return null;
  switch (table.columns[name]) {
    case 'boolean':
      return value as boolean;
    case 'json':
      return JSON.stringify(value);
    case 'instant':
      return new Date(String(value)).toISOString().replace('Z', '');
    default:
      return String(value);
  }
}

/** `2026-03-29T01:30:00.123000000` in ISO 8601: as many digits behind the point as say something. */
function instantOf(text: string): string {
  return `${text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}Z`;
}
