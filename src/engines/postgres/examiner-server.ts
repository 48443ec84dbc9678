import { duration, plural } from '../../format.ts';
import { usualStatementTimeout } from '../connection-options.ts';
import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import type { Session } from './connection.ts';
import type { Examined } from './examiner.ts';
import { quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { mostSessions } from './workspace.ts';

/** The user of the connection, and the server's version. */
export interface User {
  readonly name: string;
  readonly isSuper: boolean;
  readonly makesDatabases: boolean;
  readonly serverMajor: number;
}

export async function readUser(session: Session): Promise<User> {
  const {
    name,
    super: isSuper,
    makes,
    version,
  } = await session.row(
    `SELECT rolname AS name, rolsuper AS super, rolsuper OR rolcreatedb AS makes, current_setting('server_version_num') AS version
       FROM pg_roles WHERE rolname = current_user`,
  );
  return {
    name: String(name),
    isSuper: isSuper === true,
    makesDatabases: makes === true,
    serverMajor: Math.floor(Number(version) / 10_000),
  };
}

const oldestMajor = 15;

const { good, warning, fault } = findingsOf('connection');

/** Version, role of the server, and its limits. */
export async function* examineServer(
  session: Session,
  { live, options }: Examined,
  user: User,
): AsyncIterable<Finding> {
  yield await examineVersion(session, user);
  yield await examineRole(session);
  yield await examineEncryption(session, options);
  yield await examineWriting(session, user);
  yield await examineConnections(session, user);
  yield await examineLocks(session, live.schema);
  yield await examineTimeout(session, options);
}

async function examineVersion(session: Session, { serverMajor }: User): Promise<Finding> {
  const { version } = await session.row(`SELECT current_setting('server_version') AS version`);
  return serverMajor >= oldestMajor
    ? good('version', `The server is PostgreSQL ${version}.`)
    : fault(
        'version',
        `The server is PostgreSQL ${version}; Greenlight works on ${oldestMajor} and newer.`,
        'Upgrade the server.',
      );
}

async function examineRole(session: Session): Promise<Finding> {
  const { standby } = await session.row('SELECT pg_is_in_recovery() AS standby');
  return standby === true
    ? fault(
        'primary server',
        'This server is a standby: it only reads.',
        'Name the primary server in connection.host of greenlight.yml, or in PGHOST.',
      )
    : good('primary server', 'It is one.');
}

async function examineEncryption(session: Session, { host }: PostgresOptions): Promise<Finding> {
  const subject = 'encryption';
  const { ssl, version } = await session.row(
    'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
  );
  if (ssl === true) return good(subject, `The connection is encrypted (${version}).`);
  return isLocal(host)
    ? good(subject, 'The connection is not encrypted, and does not leave this machine.')
    : warning(
        subject,
        'The connection is not encrypted: passwords and rows can be read on the way.',
        'Set connection.sslmode to verify-full in greenlight.yml, with the certificate of the provider as sslrootcert.',
      );
}

export function isLocal(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1|\/.*)$/.test(host);
}

/** Our own sessions say that they write; pg_restore and the project's commands do not. */
async function examineWriting(session: Session, { name }: User): Promise<Finding> {
  const subject = 'sessions that write';
  const { setting } = await session.row(
    `SELECT reset_val AS setting FROM pg_settings WHERE name = 'default_transaction_read_only'`,
  );
  return setting === 'on'
    ? warning(
        subject,
        'default_transaction_read_only is on: pg_restore and commands of the project cannot write.',
        `Switch it off for this user: ALTER ROLE ${quote(name)} SET default_transaction_read_only = off;`,
      )
    : good(subject, 'They may write by default.');
}

async function examineConnections(session: Session, { name }: User): Promise<Finding> {
  const subject = 'connections';
  const { all, own, here } = await session.row(
    `WITH others AS (SELECT * FROM pg_stat_activity WHERE usesysid IS NOT NULL AND pid <> pg_backend_pid())
     SELECT current_setting('max_connections')::integer
            - CASE WHEN r.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::integer
                + coalesce(current_setting('reserved_connections', true)::integer, 0) END
            - (SELECT count(*) FROM others) AS all,
            CASE WHEN r.rolconnlimit >= 0 AND NOT r.rolsuper
                 THEN r.rolconnlimit - (SELECT count(*) FROM others WHERE usesysid = r.oid) END AS own,
            CASE WHEN d.datconnlimit >= 0 AND NOT r.rolsuper
                 THEN d.datconnlimit - (SELECT count(*) FROM others WHERE datid = d.oid) END AS here
       FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`,
  );
  const limits = [
    {
      free: Number(all),
      help: 'Raise max_connections, or lower the number of sessions that others hold.',
    },
    ...limit(own, `Raise the limit of this user: ALTER ROLE ${quote(name)} CONNECTION LIMIT -1;`),
    ...limit(
      here,
      `Raise the limit of the database: ALTER DATABASE ${quote(session.database)} CONNECTION LIMIT -1;`,
    ),
  ].sort((a, b) => a.free - b.free);
  const { free, help } = limits[0] as { free: number; help: string };
  const found = `${plural(Math.max(0, free), 'connection is', 'connections are')} free now; a release takes up to ${mostSessions} at a time.`;
  return free < mostSessions ? fault(subject, found, help) : good(subject, found);
}

function limit(free: unknown, help: string): { free: number; help: string }[] {
  return free === null ? [] : [{ free: Number(free), help }];
}

/** Everything that is looked at in one snapshot is locked, indexes too, as with pg_dump. */
async function examineLocks(session: Session, schema: string | null): Promise<Finding> {
  const subject = 'room for locks';
  const { relations, each, transactions } = await session.row(
    `SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'p', 'm', 'S', 'i', 'I') AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
                AND ($1::name IS NULL OR n.nspname = $1)) AS relations,
            current_setting('max_locks_per_transaction') AS each,
            current_setting('max_connections')::integer + current_setting('max_prepared_transactions')::integer AS transactions`,
    [schema],
  );
  const needed = Number(relations);
  const room = Number(each) * Number(transactions);
  const found = `Live has ${plural(needed, 'table, index or sequence', 'tables, indexes and sequences')}, each of which needs a lock; the server has room for ${plural(room, 'lock')}.`;
  // Others lock as well.
  if (needed * 2 <= room) return good(subject, found);
  const enough = Math.ceil((needed * 2) / Number(transactions));
  const help = `An administrator can raise it, and restart the server: ALTER SYSTEM SET max_locks_per_transaction = ${enough};`;
  return needed > room ? fault(subject, found, help) : warning(subject, found, help);
}

async function examineTimeout(
  session: Session,
  { statementTimeoutMs }: PostgresOptions,
): Promise<Finding> {
  const subject = 'statement_timeout';
  const leaveOut = `Leave connection.statement_timeout out of greenlight.yml when that is not meant: then it is ${usualStatementTimeout.written}.`;
  if (statementTimeoutMs === 0) {
    return warning(
      subject,
      "Greenlight's statements have no limit: what a killed job leaves behind goes on in the server.",
      leaveOut,
    );
  }
  const ends = `Each statement is ended after ${duration(statementTimeoutMs)}`;
  if (statementTimeoutMs < usualStatementTimeout.ms) {
    return warning(subject, `${ends}, also one that compares or migrates a large table.`, leaveOut);
  }
  const { setting } = await session.row(
    `SELECT reset_val::bigint AS setting FROM pg_settings WHERE name = 'statement_timeout'`,
  );
  return good(
    subject,
    Number(setting) === 0
      ? `${ends}.`
      : `${ends}; one of the project's commands by the setting of the server, after ${duration(Number(setting))}.`,
  );
}
