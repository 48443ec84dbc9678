import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { messageOf, UsageError } from '../../errors.ts';
import { optionsOf, usualStatementTimeout } from '../connection-options.ts';
import type { EngineSettings } from '../engine.ts';
import { usualPassfile } from './passfile.ts';
import { requireAddressOf, requireObeyed } from './variables.ts';

/** How to reach the cluster. What is missing here comes from the usual PG* variables. */
export interface PostgresOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Null: that of the password file, if any. */
  readonly password: string | null;
  /** The password file; it need not be there. */
  readonly passfile: string;
  readonly tls: Tls;
  /** Settings that a session begins with, as PGOPTIONS has them; Greenlight's own outweigh them. */
  readonly settings: string;
  /** Milliseconds after which the server ends a statement of ours; 0: never. */
  readonly statementTimeoutMs: number;
  /** The same for those that copy live, and for pg_dump and pg_restore. */
  readonly copyTimeoutMs: number;
  /** Milliseconds within which a connection must stand. */
  readonly connectTimeoutMs: number;
  /** PgBouncer in front of the cluster, for the swap; null: there is none. */
  readonly pgbouncer: PgBouncerOptions | null;
  /** Sessions on live may be ended: for a clone by template. A swap always ends them. */
  readonly endSessions: boolean;
  /** A database from which others are made, renamed and dropped; null: postgres, else template1. */
  readonly maintenanceDatabase: string | null;
  /** From when on the server keeps its log so that drift can be told by it. */
  readonly driftSlot: DriftSlot;
  /** The folder of pg_dump and pg_restore; null: they are looked for. */
  readonly clientPath: string | null;
}

/** auto: from the clone on where the server limits what a slot keeps, else during the swap only. */
export type DriftSlot = (typeof driftSlots)[number];

/** How its admin console is reached: the same host, user, password and `sslmode` unless said otherwise. */
export interface PgBouncerOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | null;
  readonly passfile: string;
  readonly tls: Tls;
}

/** As libpq means it (docs: "SSL Support"): the driver alone would verify where libpq only encrypts. */
export interface Tls {
  readonly mode: (typeof tlsModes)[number];
  /** What Node is given once TLS is wanted. */
  readonly options: ConnectionOptions;
}

/** Four times as long as any other statement may take: what copies reads all of live, writes it and builds its indexes. */
export const usualCopyTimeout = '24h';

const driftSlots = ['auto', 'clone', 'swap', 'never'] as const;

const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

const known = [
  'url',
  'host',
  'port',
  'user',
  'password',
  'passfile',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'statement_timeout',
  'copy_timeout',
  'connect_timeout',
  'pgbouncer',
  'pgbouncer_user',
  'pgbouncer_password',
  'pgbouncer_sslmode',
  'end_sessions',
  'drift_slot',
  'maintenance_database',
  'client_path',
] as const;
type Key = (typeof known)[number];

/** What may follow the `?`: all but the URL itself. */
const inUrl: readonly string[] = known.filter((name) => name !== 'url');

const { requireKnown, portOf, millisecondsOf, wrong } = optionsOf('PostgreSQL', known);

/** @throws UsageError for an option that is unknown or has a value that cannot be meant. Values are never shown. */
export function readOptions(
  { connection, root }: Pick<EngineSettings, 'connection' | 'root'>,
  env: NodeJS.ProcessEnv,
): PostgresOptions {
  requireKnown(connection);
  requireObeyed(env);
  const url = connection.url === undefined ? null : urlOf(String(connection.url));
  const option = (key: Key, variable?: string): string | undefined => {
    const written = connection[key];
    if (written !== undefined) return String(written);
    return url?.get(key) ?? (variable === undefined ? undefined : env[variable]);
  };
  const host = oneHost(option('host', 'PGHOST') ?? (env.PGHOSTADDR || 'localhost'));
  requireAddressOf(host, env);
  const port = portOf(option('port', 'PGPORT') ?? '5432', 'port');
  const user = option('user', 'PGUSER') ?? env.USER ?? 'postgres';
  const password = option('password', 'PGPASSWORD') ?? null;
  const passfile = resolve(root, option('passfile', 'PGPASSFILE') ?? usualPassfile(env));
  const files = { root, option, requiresTls: env.PGREQUIRESSL?.startsWith('1') ?? false };
  return {
    host,
    port,
    user,
    password,
    passfile,
    tls: tlsOf(files, 'sslmode'),
    settings: env.PGOPTIONS ?? '',
    statementTimeoutMs: millisecondsOf(
      option('statement_timeout') ?? usualStatementTimeout.written,
      'statement_timeout',
    ),
    copyTimeoutMs: millisecondsOf(option('copy_timeout') ?? usualCopyTimeout, 'copy_timeout'),
    connectTimeoutMs: millisecondsOf(
      option('connect_timeout', 'PGCONNECT_TIMEOUT') ?? '15',
      'connect_timeout',
    ),
    pgbouncer: pgbouncerOf(option('pgbouncer'), {
      host,
      user: option('pgbouncer_user') ?? user,
      password: option('pgbouncer_password') ?? password,
      passfile,
      tls: tlsOf(
        files,
        option('pgbouncer_sslmode') === undefined ? 'sslmode' : 'pgbouncer_sslmode',
      ),
    }),
    endSessions: option('end_sessions') === 'true',
    driftSlot: driftSlotOf(option('drift_slot') ?? 'auto'),
    maintenanceDatabase: option('maintenance_database') ?? null,
    clientPath: clientPathOf(root, option('client_path')),
  };
}

/** `postgres://user:password@host:5432/?sslmode=require`; the database is what `live` says. */
function urlOf(text: string): Map<string, string> {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong(
      'url',
      'Write postgres://user@host:5432, with the password as a variable of the environment.',
    );
  }
  if (!/^postgres(ql)?:$/.test(url.protocol)) {
    throw wrong('url', 'It starts with postgres:// or postgresql://.');
  }
  const parts: [string, string][] = [
    // An address of IPv6 stands in brackets.
    ['host', decoded(url.hostname).replace(/^\[(.*)\]$/, '$1')],
    ['port', url.port],
    ['user', decoded(url.username)],
    ['password', decoded(url.password)],
    ...url.searchParams,
  ];
  const unknown = [...url.searchParams.keys()].filter((name) => !inUrl.includes(name));
  if (unknown.length > 0)
    throw wrong('url', `It has ${unknown.join(', ')}; known after the ? are ${inUrl.join(', ')}.`);
  return new Map(parts.filter(([, value]) => value !== ''));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrong(
      'url',
      'In user, password and host write %25 for %, %40 for @, %3A for : and %2F for /.',
    );
  }
}

/** libpq would try one after the other. */
function oneHost(host: string): string {
  if (host.includes(',')) throw wrong('host', 'Write one host: that of the primary server.');
  return host;
}

function driftSlotOf(written: string): DriftSlot {
  const found = driftSlots.find((one) => one === written);
  if (found === undefined) throw wrong('drift_slot', `Write one of ${driftSlots.join(', ')}.`);
  return found;
}

function clientPathOf(root: string, written: string | undefined): string | null {
  return written === undefined ? null : resolve(root, written);
}

function pgbouncerOf(
  written: string | undefined,
  { host, ...rest }: Omit<PgBouncerOptions, 'port'>,
): PgBouncerOptions | null {
  if (written === undefined) return null;
  const [, ownHost, port = '6432'] = /^(.*?)(?::(\d+))?$/.exec(written) ?? [];
  return { ...rest, host: ownHost || host, port: portOf(port, 'pgbouncer') };
}

/** As libpq calls them, in place of a file with root certificates. */
export const publicAuthorities = 'system';

function tlsOf(
  {
    root,
    option,
    requiresTls,
  }: {
    readonly root: string;
    /** As PGREQUIRESSL says; PGSSLMODE outweighs it. */
    readonly requiresTls: boolean;
    option(key: Key, variable: string): string | undefined;
  },
  by: 'sslmode' | 'pgbouncer_sslmode',
): Tls {
  const asksPublic = option('sslrootcert', 'PGSSLROOTCERT') === publicAuthorities;
  const usual = asksPublic ? 'verify-full' : requiresTls ? 'require' : 'prefer';
  const mode = (option(by, 'PGSSLMODE') ?? usual) as Tls['mode'];
  if (!tlsModes.includes(mode)) throw wrong(by, `Write one of ${tlsModes.join(', ')}.`);
  if (asksPublic && mode !== 'verify-full' && by === 'sslmode')
    throw wrong(
      by,
      `With \`sslrootcert: ${publicAuthorities}\` anybody can have a certificate: write verify-full.`,
    );
  const file = (key: Key, variable: string): string | undefined => {
    const path = option(key, variable);
    if (path === undefined || (key === 'sslrootcert' && asksPublic)) return undefined;
    try {
      return readFileSync(resolve(root, path), 'utf8');
    } catch (error) {
      throw new UsageError({
        what: `The file of connection.${key} cannot be read.`,
        where: resolve(root, path),
        cause: messageOf(error),
        help: `Correct the path, or the variable ${variable}.`,
      });
    }
  };
  const [ca, cert, key] = [
    file('sslrootcert', 'PGSSLROOTCERT'),
    file('sslcert', 'PGSSLCERT'),
    file('sslkey', 'PGSSLKEY'),
  ];
  // libpq verifies with `require` as well when it has a root certificate.
  const verifies = /^verify/.test(mode) || (mode === 'require' && ca !== undefined);
  return {
    mode,
    options: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      rejectUnauthorized: verifies,
      checkServerIdentity: mode === 'verify-full' ? checkServerIdentity : () => undefined,
    },
  };
}
