import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, UsageError } from '../../errors.ts';
import { connectionOptions, optionsOf, usualStatementTimeout } from '../connection-options.ts';
import type { EngineSettings } from '../engine.ts';
import { placeOf } from './names.ts';

/** How to reach the account. What is missing here comes from the usual SNOWFLAKE_* variables. */
export interface SnowflakeOptions {
  readonly account: string;
  /** `https://my-org.snowflakecomputing.com`; null: made from the account. */
  readonly accessUrl: string | null;
  readonly user: string | null;
  /** Null: the user's default. Exact names, as the catalog has them. */
  readonly role: string | null;
  readonly warehouse: string | null;
  readonly warehouseSize: string | null;
  readonly login: Login;
  /** Seconds after which the server ends a statement of ours; 0: as the account says. */
  readonly statementTimeoutS: number;
  /** Milliseconds within which a login must stand. */
  readonly connectTimeoutMs: number;
  /** How many statements may run at the same time. */
  readonly parallel: number;
  /** Whether the revocation of the server's certificate is asked for, at other hosts than the account's. */
  readonly checksRevocation: boolean;
  /** Milliseconds for which an exclusive right is ours without being renewed: for so long a process that died keeps it. */
  readonly leaseMs: number;
  /** Tells this process's statements from all others, in the tag of each. */
  readonly run: string;
  /** What the statements are for, in the tag of each. */
  readonly work: NonNullable<EngineSettings['work']>;
  /** Definitions of a clone that name the database they were cloned from name the clone instead. */
  readonly rewriteReferences: boolean;
}

/** Who logs in, by the driver's word for it. */
export type Login =
  | { readonly authenticator: 'SNOWFLAKE'; readonly password: string }
  | {
      readonly authenticator: 'SNOWFLAKE_JWT';
      readonly privateKey: string;
      readonly passphrase: string | null;
    }
  | {
      readonly authenticator: 'PROGRAMMATIC_ACCESS_TOKEN' | 'OAUTH';
      readonly token: string;
    }
  | {
      readonly authenticator: 'OAUTH_CLIENT_CREDENTIALS';
      readonly clientId: string;
      readonly clientSecret: string;
      readonly tokenUrl: string;
      readonly scope: string | null;
    }
  | {
      readonly authenticator: 'WORKLOAD_IDENTITY';
      /** Null: the job asks its host for one, at the login. */
      readonly token: string | null;
      readonly audience: string;
    };

const known = [
  'account',
  'host',
  'user',
  'role',
  'warehouse',
  'warehouse_size',
  'authenticator',
  'private_key',
  'private_key_file',
  'private_key_passphrase',
  'token',
  'token_file',
  'password',
  'oauth_client_id',
  'oauth_client_secret',
  'oauth_token_url',
  'oauth_scope',
  'oidc_audience',
  'statement_timeout',
  'connect_timeout',
  'parallel',
  'lease',
  'check_revocation',
  'rewrite_references',
] as const;
type Key = (typeof known)[number];

/** From XSMALL on; the spellings with a hyphen or digit-first are the same sizes to Snowflake. */
export const warehouseSizes = [
  'XSMALL',
  'SMALL',
  'MEDIUM',
  'LARGE',
  'XLARGE',
  'XXLARGE',
  'XXXLARGE',
  'X4LARGE',
  'X5LARGE',
  'X6LARGE',
] as const;

const { requireKnown, wrong } = optionsOf('Snowflake', known);

/** @throws UsageError for an option that is unknown or has a value that cannot be meant. Values are never shown. */
export function readOptions(
  { connection, root, work }: Pick<EngineSettings, 'connection' | 'root' | 'work'>,
  env: NodeJS.ProcessEnv,
): SnowflakeOptions {
  requireKnown(connection);
  const option = (key: Key, variable?: string): string | null => {
    const written = connection[key];
    if (written !== undefined) return String(written);
    const inherited = variable === undefined ? undefined : env[variable];
    return inherited === undefined || inherited === '' ? null : inherited;
  };
  const host = option('host', 'SNOWFLAKE_HOST');
  const account = option('account', 'SNOWFLAKE_ACCOUNT');
  if (account === null) {
    throw new UsageError({
      what: 'connection.account is missing.',
      where: connectionOptions,
      help: 'Write the account identifier: connection: { account: my_org-my_account }, or set SNOWFLAKE_ACCOUNT.',
    });
  }
  const name = (key: Key, variable: string) => {
    const written = option(key, variable);
    return written === null ? null : placeOf(written).database;
  };
  return {
    account,
    accessUrl: host === null ? null : accessUrlOf(host),
    user: option('user', 'SNOWFLAKE_USER'),
    role: name('role', 'SNOWFLAKE_ROLE'),
    warehouse: name('warehouse', 'SNOWFLAKE_WAREHOUSE'),
    warehouseSize: requiredSize(option('warehouse_size')),
    login: loginOf(option, root),
    statementTimeoutS: secondsOf(
      option('statement_timeout') ?? usualStatementTimeout.written,
      'statement_timeout',
    ),
    connectTimeoutMs:
      secondsOf(option('connect_timeout') ?? '60', 'connect_timeout') * 1000 || 60_000,
    parallel: parallelOf(option('parallel') ?? '8'),
    leaseMs: Math.max(2, secondsOf(option('lease') ?? '60', 'lease')) * 1000,
    checksRevocation: option('check_revocation') === 'true',
    run: randomUUID(),
    work: work ?? { step: null, release: null },
    rewriteReferences: option('rewrite_references') === 'true',
  };
}

type Option = (key: Key, variable?: string) => string | null;

/** One that is written counts; else what is there tells which is meant. */
function loginOf(option: Option, root: string): Login {
  const written = option('authenticator', 'SNOWFLAKE_AUTHENTICATOR')?.toUpperCase() ?? null;
  const key = option('private_key', 'SNOWFLAKE_PRIVATE_KEY_RAW');
  const keyFile = option('private_key_file', 'SNOWFLAKE_PRIVATE_KEY_PATH');
  const token =
    option('token', 'SNOWFLAKE_TOKEN') ??
    textOf(option('token_file', 'SNOWFLAKE_TOKEN_FILE_PATH'), root, 'token_file');
  const password = option('password', 'SNOWFLAKE_PASSWORD');
  const meant = written ?? guessed({ key: key ?? keyFile, token, password });
  switch (meant) {
    case 'SNOWFLAKE_JWT': {
      const privateKey = key ?? textOf(keyFile, root, 'private_key_file');
      if (privateKey === null) throw missing('private_key_file', 'SNOWFLAKE_PRIVATE_KEY_PATH');
      const passphrase = option('private_key_passphrase', 'SNOWFLAKE_PRIVATE_KEY_PASSPHRASE');
      return { authenticator: meant, privateKey, passphrase };
    }
    case 'PROGRAMMATIC_ACCESS_TOKEN':
    case 'OAUTH':
      if (token === null) throw missing('token', 'SNOWFLAKE_TOKEN');
      return { authenticator: meant, token };
    case 'OAUTH_CLIENT_CREDENTIALS': {
      const required = (name: Key, variable: string): string => {
        const value = option(name, variable);
        if (value === null) throw missing(name, variable);
        return value;
      };
      return {
        authenticator: meant,
        clientId: required('oauth_client_id', 'SNOWFLAKE_OAUTH_CLIENT_ID'),
        clientSecret: required('oauth_client_secret', 'SNOWFLAKE_OAUTH_CLIENT_SECRET'),
        tokenUrl: tokenUrlOf(required('oauth_token_url', 'SNOWFLAKE_OAUTH_TOKEN_REQUEST_URL')),
        scope: option('oauth_scope', 'SNOWFLAKE_OAUTH_SCOPE'),
      };
    }
    case 'WORKLOAD_IDENTITY': {
      const audience = option('oidc_audience') ?? 'snowflakecomputing.com';
      return { authenticator: meant, token, audience };
    }
    case 'SNOWFLAKE':
      if (password === null) throw missing('password', 'SNOWFLAKE_PASSWORD');
      return { authenticator: meant, password };
    default:
      throw wrong(
        'authenticator',
        'Write SNOWFLAKE_JWT, PROGRAMMATIC_ACCESS_TOKEN, OAUTH, OAUTH_CLIENT_CREDENTIALS, WORKLOAD_IDENTITY or SNOWFLAKE.',
      );
  }
}

/** A token alone may be of three kinds: a programmatic one has none of the dots of a JWT. */
function guessed(given: Record<'key' | 'token' | 'password', string | null>): string {
  if (given.key !== null) return 'SNOWFLAKE_JWT';
  if (given.token !== null)
    throw wrong(
      'authenticator',
      'There is a token: say whether it is PROGRAMMATIC_ACCESS_TOKEN, OAUTH or WORKLOAD_IDENTITY.',
    );
  if (given.password !== null) return 'SNOWFLAKE';
  return 'WORKLOAD_IDENTITY';
}

function textOf(path: string | null, root: string, key: Key): string | null {
  if (path === null) return null;
  try {
    return readFileSync(resolve(root, path), 'utf8').trim();
  } catch (error) {
    throw new UsageError({
      what: `The file of connection.${key} cannot be read.`,
      where: resolve(root, path),
      cause: messageOf(error),
      help: 'Correct the path.',
    });
  }
}

/** `my-org.snowflakecomputing.com`, or a whole address. Without TLS only for a server on this machine. */
function accessUrlOf(host: string): string {
  const written = /^https?:\/\//.test(host) ? host : `https://${host}`;
  if (!URL.canParse(written))
    throw wrong('host', 'Write the name of the host: my_org-my_account.snowflakecomputing.com');
  requireSecure(written, 'host');
  return new URL(written).origin;
}

/** A secret goes there. */
function tokenUrlOf(written: string): string {
  if (!URL.canParse(written))
    throw wrong('oauth_token_url', 'Write the whole address: https://login.example/oauth/token');
  requireSecure(written, 'oauth_token_url');
  return written;
}

function requireSecure(url: string, key: Key): void {
  if (!isPlain(url) && !url.startsWith('https:')) throw wrong(key, 'It is reached by https only.');
}

/** Without TLS, which only a server on this machine may be. */
export function isPlain(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

/** Snowflake's own spelling of a size, in whichever it is written; null: it is none. */
export function sizeOf(written: string): string | null {
  const size = written
    .toUpperCase()
    .replace(/[-_ ]/g, '')
    .replace(/^2XLARGE$/, 'XXLARGE')
    .replace(/^3XLARGE$/, 'XXXLARGE')
    .replace(/^([456])XLARGE$/, 'X$1LARGE');
  return (warehouseSizes as readonly string[]).includes(size) ? size : null;
}

function requiredSize(written: string | null): string | null {
  const size = written === null ? null : sizeOf(written);
  if (written === null || size !== null) return size;
  throw wrong('warehouse_size', `Write one of ${warehouseSizes.join(', ')}.`);
}

function parallelOf(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 100) return number;
  throw wrong('parallel', 'Write how many statements may run at the same time, from 1 to 100.');
}

/** A number of seconds, or with its unit: `30s`, `2min`, `3h`. */
function secondsOf(text: string, key: Key): number {
  const [, number, unit = 's'] = /^(\d+)\s*(s|min|h)?$/.exec(text) ?? [];
  if (number === undefined)
    throw wrong(key, 'Write seconds, or a number with its unit: 30s, 2min, 3h.');
  return Number(number) * { s: 1, min: 60, h: 3600 }[unit as 's' | 'min' | 'h'];
}

function missing(key: Key, variable: string): UsageError {
  return new UsageError({
    what: `connection.${key} is missing.`,
    where: connectionOptions,
    help: `Set ${variable} in the environment; a secret stands in greenlight.yml as a variable only.`,
  });
}
