import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { DatabaseInUse, GreenlightError, messageOf } from '../../errors.ts';
import { byTls } from './connection.ts';
import { loadDriver } from './driver.ts';
import { quote } from './names.ts';
import type { PgBouncerOptions, PostgresOptions } from './options.ts';
import { passwordFor } from './passfile.ts';

/** Clients of these pools wait until they are resumed; none of them sees an error. */
export interface Paused {
  resume(): Promise<void>;
}

/**
 * A connection that PgBouncer was about to open is cut off by PAUSE. It takes that for a server that fails, and by default
 * lets all clients of the pool wait for 15 seconds more before it opens another one.
 */
const retrySeconds = 0.2;

/** So long clients may wait in vain: then they go on, and the pause is tried again later. */
const patienceMs = 5000;

/**
 * Lets the transactions under way come to their end and holds back new ones, in every pool that leads to `database`.
 * Null: there are none. Pools that are paused already (by a run that was killed) are taken over.
 * @throws DatabaseInUse when transactions do not end in time; then all go on.
 */
export async function pausePools(
  database: string,
  { pgbouncer, port, connectTimeoutMs }: PostgresOptions,
): Promise<Paused | null> {
  if (pgbouncer === null) return null;
  const admin = await open(pgbouncer, connectTimeoutMs);
  const letGo = resumingWhenStopped(() =>
    resumePools(database, { pgbouncer, port, connectTimeoutMs }),
  );
  const resume = () => letGo(true);
  try {
    const pools = await poolsOf(admin, database, port);
    if (pools.length === 0) {
      await letGo(false);
      return null;
    }
    await admin.query(`SET server_login_retry = '${retrySeconds}'`);
    for (const { name, isPaused } of pools) {
      if (!isPaused) await pause(admin, name, database);
    }
    return { resume };
  } catch (error) {
    await resume();
    throw error instanceof GreenlightError ? error : failed(database, error);
  } finally {
    await close(admin);
  }
}

const stopSignals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Until it is let go, whoever asks this process to stop (a job that is cancelled) lets the clients go on first.
 * @returns what ends this arrangement, after `resume` where there is something to resume.
 */
function resumingWhenStopped(resume: () => Promise<void>): (hasPaused: boolean) => Promise<void> {
  const leave = () => {
    for (const signal of stopSignals) process.off(signal, onSignal);
  };
  const onSignal = async (signal: NodeJS.Signals): Promise<void> => {
    await resume().catch(() => undefined);
    leave();
    // Now it takes its usual course.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  for (const signal of stopSignals) process.on(signal, onSignal);
  return async (hasPaused) => {
    try {
      if (hasPaused) await resume();
    } finally {
      leave();
    }
  };
}

/** What was paused goes on, whoever paused it. */
export async function resumePools(
  database: string,
  {
    pgbouncer,
    port,
    connectTimeoutMs,
  }: Pick<PostgresOptions, 'pgbouncer' | 'port' | 'connectTimeoutMs'>,
): Promise<void> {
  if (pgbouncer === null) return;
  const admin = await open(pgbouncer, connectTimeoutMs);
  try {
    const paused = (await poolsOf(admin, database, port)).filter(({ isPaused }) => isPaused);
    if (paused.length === 0) return;
    for (const { name } of paused) await admin.query(`RESUME ${quote(name)}`);
    // When clients are served again, all settings are those of its file.
    await sleep(2 * retrySeconds * 1000);
    await admin.query('RELOAD');
  } catch (error) {
    throw failed(database, error);
  } finally {
    await close(admin);
  }
}

/**
 * The pools that lead to `database`.
 * @throws GreenlightError when the console cannot be reached.
 */
export async function readPools(
  database: string,
  pgbouncer: PgBouncerOptions,
  { port, connectTimeoutMs }: Pick<PostgresOptions, 'port' | 'connectTimeoutMs'>,
): Promise<Pool[]> {
  const admin = await open(pgbouncer, connectTimeoutMs);
  try {
    return await poolsOf(admin, database, port);
  } catch (error) {
    throw failed(database, error);
  } finally {
    await close(admin);
  }
}

export interface Pool {
  readonly name: string;
  readonly isPaused: boolean;
}

/** Each name under which clients reach the database through PgBouncer. */
async function poolsOf(admin: Client, database: string, port: number): Promise<Pool[]> {
  const { rows } = await admin.query('SHOW DATABASES');
  return rows
    .filter((row) => row.database === database && Number(row.port) === port)
    .map(({ name, paused }) => ({ name: String(name), isPaused: Number(paused) > 0 }));
}

/** PAUSE comes back when the last transaction has ended. */
async function pause(admin: Client, name: string, database: string): Promise<void> {
  const waiting = new AbortController();
  const command = { text: `PAUSE ${quote(name)}`, query_timeout: 2 * patienceMs };
  const paused = admin.query(command).then(
    () => null,
    (error: unknown) => failed(database, error),
  );
  const outcome = await Promise.race([
    paused,
    sleep(patienceMs, 'late' as const, { signal: waiting.signal }).catch(() => null),
  ]);
  waiting.abort();
  if (outcome === null) return;
  if (outcome !== 'late') throw outcome;
  throw new DatabaseInUse({
    what: 'Transactions behind PgBouncer did not end in time.',
    where: `database ${database}, pool ${name}`,
    help: 'Let long transactions end; pools in session mode are free only when their clients disconnect (pool_mode = transaction).',
  });
}

async function open(to: PgBouncerOptions, connectTimeoutMs: number): Promise<Client> {
  const { Client } = await loadDriver();
  const { host, port, user, tls } = to;
  try {
    return await byTls(tls, async (ssl) => {
      const admin = new Client({
        host,
        port,
        user,
        database: 'pgbouncer',
        password: passwordFor(to, 'pgbouncer'),
        ssl: host.startsWith('/') ? false : ssl,
        application_name: 'greenlight swap',
        connectionTimeoutMillis: connectTimeoutMs,
        // It has no statement_timeout. All but PAUSE is done at once.
        query_timeout: connectTimeoutMs,
      });
      admin.on('error', () => undefined);
      await admin.connect().catch((error) => {
        void admin.end().catch(() => undefined);
        throw error;
      });
      return admin;
    });
  } catch (error) {
    throw new GreenlightError({
      what: 'The console of PgBouncer cannot be reached.',
      where: `PgBouncer at ${host}:${port}`,
      cause: messageOf(error),
      help: 'Check connection.pgbouncer, pgbouncer_user, pgbouncer_password and pgbouncer_sslmode in greenlight.yml; the user must be one of admin_users of pgbouncer.ini.',
    });
  }
}

async function close(admin: Client): Promise<void> {
  await admin.end().catch(() => undefined);
}

function failed(database: string, error: unknown): GreenlightError {
  const isLate = /Query read timeout/.test(messageOf(error));
  return new GreenlightError({
    what: isLate ? 'PgBouncer did not answer in time.' : 'PgBouncer refused a command.',
    where: `database ${database}`,
    cause: messageOf(error),
    help: `If clients wait, let them go on by hand: RESUME ${quote(database)} in the console of PgBouncer.`,
  });
}
