import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DatabaseInUse } from '../../errors.ts';
import { patiently } from '../../patiently.ts';
import type {
  Hold,
  Location,
  Store,
  StoreOperation,
  StoreRow,
  Stores,
  StoreTable,
  StoreType,
  StoreWriter,
} from '../engine.ts';
import { list, sqlComment } from '../sql.ts';
import { boundValue, type StoredValues, storeRowOf } from '../store.ts';
import { type AttachedFile, attachFile } from './attached-file.ts';
import { type DuckdbOptions, quote, storePatienceMs, toNumber } from './connection.ts';
import { exists } from './databases.ts';
import { fingerprintText } from './fingerprints.ts';
import { openRecorded } from './recorded.ts';

const columnTypes: Record<StoreType, string> = {
  integer: 'BIGINT',
  text: 'VARCHAR',
  instant: 'TIMESTAMP',
  boolean: 'BOOLEAN',
  json: 'JSON',
  fingerprint: 'UHUGEINT',
};

/** The store is a DuckDB file of its own. It is open for moments only, so that several steps can run at the same time. */
export function duckdbStores(location: Location, options: DuckdbOptions): Stores {
  return {
    location,
    open: async ({ create, purpose }) => {
      if (!create && !(await exists(location))) return null;
      await mkdir(dirname(location), { recursive: true });
      return openStore(await openPatiently(location, options, storePatienceMs), purpose);
    },
    openDeviations: async (query) =>
      (await exists(location)) ? openRecorded(location, options, query) : null,
    hold: (name, waitMs) => hold(location, options, name, waitMs),
  };
}

function openStore({ connection, close }: AttachedFile, purpose: string): Store {
  const comment = sqlComment(purpose);
  const reader = {
    tables: async () =>
      (
        await connection.rows(
          `${comment}SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal ORDER BY 1`,
        )
      ).map((row) => String(row.table_name)),
    select: async (table: StoreTable, where: StoreRow, order: readonly string[] = []) => {
      const condition = conditionOf(table, where);
      const orderBy = order.length === 0 ? '' : ` ORDER BY ${list(order, quote)}`;
      const sql = `SELECT ${list(Object.keys(table.columns), quote)} FROM ${quote(table.name)}${condition.sql}${orderBy}`;
      return (await connection.rows(comment + sql, condition.values)).map((row) =>
        storeRowOf(table, row, written),
      );
    },
    max: async (table: StoreTable, column: string) => {
      const { max } = await connection.row(
        `${comment}SELECT max(${quote(column)}) AS max FROM ${quote(table.name)}`,
      );
      return max === null ? null : toNumber(max);
    },
  };
  const writer: StoreWriter = {
    ...reader,
    apply: (operation) => connection.run(comment + statementOf(operation)),
    insert: async (table, row) => {
      const columns = Object.keys(row);
      const places = list(columns, (column, at) => placeholder(table, column, at));
      await connection.run(
        `${comment}INSERT INTO ${quote(table.name)} (${list(columns, quote)}) VALUES (${places})`,
        columns.map((column) => toEngine(table, column, row[column])),
      );
    },
    update: async (table, set, where) => {
      const columns = Object.keys(set);
      const assignments = list(
        columns,
        (column, at) => `${quote(column)} = ${placeholder(table, column, at)}`,
      );
      const condition = conditionOf(table, where, columns.length);
      await connection.run(
        `${comment}UPDATE ${quote(table.name)} SET ${assignments}${condition.sql}`,
        [...columns.map((column) => toEngine(table, column, set[column])), ...condition.values],
      );
    },
    delete: async (table, where) => {
      const condition = conditionOf(table, where);
      await connection.run(
        `${comment}DELETE FROM ${quote(table.name)}${condition.sql}`,
        condition.values,
      );
    },
  };
  return {
    ...reader,
    write: async (work) => {
      await connection.run('BEGIN');
      try {
        const result = await work(writer);
        await connection.run('COMMIT');
        return result;
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => undefined);
        throw error;
      }
    },
    close,
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
): { sql: string; values: (string | bigint | boolean | null)[] } {
  const columns = Object.keys(where);
  if (columns.length === 0) return { sql: '', values: [] };
  const tests = list(
    columns,
    (column, at) =>
      `${quote(column)} IS NOT DISTINCT FROM ${placeholder(table, column, before + at)}`,
    ' AND ',
  );
  return {
    sql: ` WHERE ${tests}`,
    values: columns.map((column) => toEngine(table, column, where[column])),
  };
}

function placeholder(table: StoreTable, column: string, at: number): string {
  const type = table.columns[column];
  if (type === undefined) throw new Error(`Table ${table.name} has no column ${column}`);
  return `$${at + 1}::${columnTypes[type]}`;
}

function toEngine(
  table: StoreTable,
  column: string,
  value: unknown,
): string | bigint | boolean | null {
  return table.columns[column] === 'fingerprint' && value !== null && value !== undefined
    ? BigInt(`0x${value}`).toString()
    : boundValue(table, column, value);
}

const written: StoredValues = {
  instant: (text) => `${text.replace(' ', 'T')}Z`,
  fingerprint: (value) => fingerprintText(value as bigint),
};

/**
 * An exclusive right that the system takes back when the process ends, however it ends: the write lock of a small
 * database file. The file stays; removing it would let two processes hold two files of one name.
 */
async function hold(
  location: Location,
  options: DuckdbOptions,
  name: string,
  waitMs: number,
): Promise<Hold> {
  const folder = join(dirname(location), '.greenlight', 'locks');
  await mkdir(folder, { recursive: true });
  try {
    const lock = await openPatiently(
      join(folder, `${basename(location)}.${name}.lock`),
      options,
      waitMs,
    );
    return { held: true, release: lock.close };
  } catch (error) {
    if (!(error instanceof DatabaseInUse)) throw error;
    return { held: false, holder: error.problem.cause ?? 'another process' };
  }
}

function openPatiently(
  file: string,
  options: DuckdbOptions,
  waitMs: number,
): Promise<AttachedFile> {
  return patiently(waitMs, () => attachFile(file, options));
}
