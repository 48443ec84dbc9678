import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { messageOf, UsageError } from '../../errors.ts';
import {
  type ConnectionValues,
  type OptionsOf,
  optionsOf,
  usualStatementTimeout,
} from '../connection-options.ts';
import type { EngineSettings } from '../engine.ts';
import { usualPassfile } from './passfile.ts';
import { requireAddressOf, requireObeyed } from './variables.ts';

/** How to reach a cluster. What is missing here comes from the usual PG* variables. */
export interface PostgresOptions {
  /** Its name among `connection.servers`; null: that of the connection. */
  readonly server: string | null;
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
  /** The others, by their names. */
  readonly servers: ReadonlyMap<string, PostgresOptions>;
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

const ofAnyServer = [
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
  'connect_timeout',
] as const;

const known = [
  ...ofAnyServer,
  'copy_timeout',
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

/** Reads the value of an option; `variable`: of the environment, where it is not written. */
type Option = (key: Key, variable?: string) => string | undefined;

const own = optionsOf('PostgreSQL', known);

/** @throws UsageError for an option that is unknown or has a value that cannot be meant. Values are never shown. */
export function readOptions(
  { connection, servers = {}, root }: Pick<EngineSettings, 'connection' | 'servers' | 'root'>,
  env: NodeJS.ProcessEnv,
): PostgresOptions {
  own.requireKnown(connection);
  requireObeyed(env);
  const written = writtenIn(connection, known, own);
  const option: Option = (key, variable) =>
    written(key) ?? (variable === undefined ? undefined : env[variable]);
  const way = { root, env, option, ...own };
  const host = option('host', 'PGHOST') ?? (env.PGHOSTADDR || 'localhost');
  requireAddressOf(host, env);
  const reached = reachedBy(way, {
    host,
    port: option('port', 'PGPORT'),
  });
  const { user, password, passfile, tls } = reached;
  return {
    ...reached,
    server: null,
    pgbouncer: pgbouncerOf(option('pgbouncer'), {
      host,
      user: option('pgbouncer_user') ?? user,
      password: option('pgbouncer_password') ?? password,
      passfile,
      tls: option('pgbouncer_sslmode') === undefined ? tls : tlsOf(way, 'pgbouncer_sslmode'),
    }),
    endSessions: option('end_sessions') === 'true',
    driftSlot: driftSlotOf(option('drift_slot') ?? 'auto'),
    maintenanceDatabase: option('maintenance_database') ?? null,
    clientPath: clientPathOf(root, option('client_path')),
    servers: new Map(
      Object.entries(servers).map(([name, values]) => [name, serverOf(name, values, way)]),
    ),
  };
}

/**
 * Another server. What is not written there is as for the connection, but for the address: nobody is to be led to the
 * wrong server by what was forgotten.
 */
function serverOf(
  name: string,
  values: ConnectionValues,
  { option, ...rest }: Way,
): PostgresOptions {
  const path = `connection.servers.${name}`;
  const told = optionsOf<Key>('PostgreSQL', ofAnyServer, path);
  told.requireKnown(values);
  const written = writtenIn(values, ofAnyServer, told);
  const host = written('host');
  if (host === undefined) {
    throw new UsageError({
      what: `The server ${name} has no host.`,
      where: `greenlight.yml: ${path}`,
      help: 'Write its host, and its port unless it is 5432; user, password and all else are those of the connection where nothing is written.',
    });
  }
  const way = {
    ...rest,
    ...told,
    option: (key: Key, variable?: string) => written(key) ?? option(key, variable),
  };
  return {
    ...reachedBy(way, { host, port: written('port') }),
    server: name,
    pgbouncer: null,
    endSessions: false,
    driftSlot: 'never',
    maintenanceDatabase: null,
    clientPath: null,
    servers: new Map(),
  };
}

/** What is written of a connection: by itself, or within its URL. */
function writtenIn(
  values: ConnectionValues,
  keys: readonly Key[],
  told: OptionsOf<Key>,
): (key: Key) => string | undefined {
  const url =
    values.url === undefined
      ? null
      : urlOf(
          String(values.url),
          keys.filter((key) => key !== 'url'),
          told,
        );
  return (key) => (values[key] === undefined ? url?.get(key) : String(values[key]));
}

type Way = OptionsOf<Key> & {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly option: Option;
};

/** All that any server needs. */
function reachedBy(
  way: Way,
  { host, port }: { readonly host: string; readonly port: string | undefined },
) {
  const { root, env, option, portOf, millisecondsOf, wrong } = way;
  return {
    host: oneHost(host, wrong),
    port: portOf(port ?? '5432', 'port'),
    user: option('user', 'PGUSER') ?? env.USER ?? 'postgres',
    password: option('password', 'PGPASSWORD') ?? null,
    passfile: resolve(root, option('passfile', 'PGPASSFILE') ?? usualPassfile(env)),
    tls: tlsOf(way, 'sslmode'),
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
  };
}

/** `postgres://user:password@host:5432/?sslmode=require`; the database is what `live` says. */
function urlOf(
  text: string,
  inUrl: readonly string[],
  { wrong }: OptionsOf<Key>,
): Map<string, string> {
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
    ['host', decoded(url.hostname, wrong).replace(/^\[(.*)\]$/, '$1')],
    ['port', url.port],
    ['user', decoded(url.username, wrong)],
    ['password', decoded(url.password, wrong)],
    ...url.searchParams,
  ];
  const unknown = [...url.searchParams.keys()].filter((name) => !inUrl.includes(name));
  if (unknown.length > 0)
    throw wrong('url', `It has ${unknown.join(', ')}; known after the ? are ${inUrl.join(', ')}.`);
  return new Map(parts.filter(([, value]) => value !== ''));
}

function decoded(part: string, wrong: Way['wrong']): string {
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
function oneHost(host: string, wrong: Way['wrong']): string {
  if (host.includes(',')) throw wrong('host', 'Write one host: that of the primary server.');
  return host;
}

function driftSlotOf(written: string): DriftSlot {
  const found = driftSlots.find((one) => one === written);
  if (found === undefined) throw own.wrong('drift_slot', `Write one of ${driftSlots.join(', ')}.`);
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
  return { ...rest, host: ownHost || host, port: own.portOf(port, 'pgbouncer') };
}

/** As libpq calls them, in place of a file with root certificates. */
export const publicAuthorities = 'system';

function tlsOf(
  { root, env, option, wrong }: Pick<Way, 'root' | 'env' | 'option' | 'wrong'>,
  by: 'sslmode' | 'pgbouncer_sslmode',
): Tls {
  const asksPublic = option('sslrootcert', 'PGSSLROOTCERT') === publicAuthorities;
  const requiresTls = env.PGREQUIRESSL?.startsWith('1') ?? false;
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
