import {
  type Connection,
  Duckdb,
  type DuckdbOptions,
  inMemory,
  literal,
  quote,
  small,
} from './connection.ts';
import { explain } from './errors.ts';

/** A database file that is open for moments, as the default database of a connection of its own. */
export interface AttachedFile {
  readonly connection: Connection;
  close(): Promise<void>;
}

/** All of a process are attached to one instance: to start one takes longer than what is done with such a file. */
interface Host {
  readonly duckdb: Promise<Duckdb>;
  files: number;
  timer?: NodeJS.Timeout;
}

const hosts = new Map<string, Host>();
/** A step opens the next file within moments; nothing of it must stay in a process that goes on to do other things. */
const idleMs = 1_000;
let attached = 0;

/**
 * Opens a database file for reading and writing; makes it if there is none.
 * @throws GreenlightError when the file is no database. DatabaseInUse when another process has it, or this one by
 *   `attachFile`: other instances of this process are not seen, a step does not hold the ledger in two at once.
 */
export async function attachFile(file: string, options: DuckdbOptions): Promise<AttachedFile> {
  const key = JSON.stringify(options);
  const host = hosts.get(key) ?? { duckdb: Duckdb.open(null, small(options)), files: 0 };
  hosts.set(key, host);
  host.duckdb.catch(() => hosts.delete(key));
  clearTimeout(host.timer);
  host.files += 1;
  const leave = () => {
    host.files -= 1;
    if (host.files === 0) host.timer = setTimeout(() => end(key, host), idleMs).unref();
  };
  try {
    const connection = await (await host.duckdb).parallel();
    attached += 1;
    const name = quote(`greenlight: file ${attached}`);
    await open(connection, file, name);
    const close = async () => {
      try {
        await connection.run(`USE ${quote(inMemory)}`);
        await connection.run(`DETACH ${name}`);
      } catch (error) {
        // It would stay attached: the next file needs another host.
        if (hosts.get(key) === host) hosts.delete(key);
        throw error;
      } finally {
        connection.close();
        leave();
      }
    };
    return { connection, close };
  } catch (error) {
    leave();
    throw error;
  }
}

async function open(connection: Connection, file: string, name: string): Promise<void> {
  try {
    await connection.run(`ATTACH ${literal(file)} AS ${name}`);
    await connection.run(`USE ${name}`);
  } catch (error) {
    connection.close();
    throw explain(error, file);
  }
}

async function end(key: string, host: Host): Promise<void> {
  if (hosts.get(key) === host) hosts.delete(key);
  await host.duckdb.then(
    (duckdb) => duckdb.close(),
    () => undefined,
  );
}
