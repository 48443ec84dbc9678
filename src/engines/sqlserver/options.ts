import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, UsageError } from '../../errors.ts';
import { connectionOptions, optionsOf, usualStatementTimeout } from '../connection-options.ts';
import type { EngineSettings } from '../engine.ts';

/** How to reach the server. What is missing here comes from the variables of `sqlcmd` and of the Azure tools. */
export interface SqlserverOptions {
  readonly host: string;
  readonly port: number;
  /** A named instance, found by the SQL Server Browser; null: the port says it. */
  readonly instance: string | null;
  readonly login: Login;
  readonly tls: Tls;
  /** Milliseconds after which a statement of ours is cancelled; 0: never. */
  readonly statementTimeoutMs: number;
  /** Milliseconds that a statement of ours waits for a lock. */
  readonly lockTimeoutMs: number;
  /** Milliseconds within which a connection must stand. */
  readonly connectTimeoutMs: number;
  readonly files: ServerFiles;
  /** The database whose synonyms point to live, for a swap by synonyms; null: the databases change names. */
  readonly synonyms: string | null;
  /** Processors that one statement of the comparison may take; null: what the server says. */
  readonly maxdop: number | null;
  /** Tables compared at the same time; null: the comparison chooses. */
  readonly parallel: number | null;
}

export type Login =
  | { readonly way: 'sql'; readonly user: string; readonly password: string }
  | { readonly way: 'entra-default'; readonly clientId: string | null }
  | { readonly way: 'access-token'; readonly token: string }
  | {
      readonly way: 'service-principal';
      readonly clientId: string;
      readonly clientSecret: string;
      readonly tenantId: string;
    }
  | { readonly way: 'managed-identity'; readonly clientId: string | null };

export interface Tls {
  /** `strict` is TDS 8.0: TLS before anything else, the certificate always verified. */
  readonly encrypt: boolean | 'strict';
  readonly trustsCertificate: boolean;
  /** Another name than the host's that the certificate may bear; null: the host's. */
  readonly certificateName: string | null;
  /** Certificates of the authorities to believe, as PEM; null: those of Node. */
  readonly authorities: string | null;
}

/** Paths of the server, not of this machine; null: what the server's own settings say. */
export interface ServerFiles {
  /** Folder, or URL of a blob container (`https://...`), for the backup from which clones are restored. */
  readonly backup: string | null;
  readonly data: string | null;
  readonly log: string | null;
}

const ways = [
  'sql',
  'entra-default',
  'access-token',
  'service-principal',
  'managed-identity',
] as const satisfies readonly Login['way'][];

const known = [
  'url',
  'host',
  'port',
  'instance',
  'auth',
  'user',
  'password',
  'token',
  'client_id',
  'client_secret',
  'tenant_id',
  'encrypt',
  'trust_server_certificate',
  'certificate_name',
  'certificate_authority',
  'statement_timeout',
  'lock_timeout',
  'connect_timeout',
  'backup_path',
  'data_path',
  'log_path',
  'synonyms',
  'maxdop',
  'parallel',
] as const;
type Key = (typeof known)[number];
type Option = (key: Key, variable?: string) => string | undefined;

const { requireKnown, portOf, millisecondsOf, wrong } = optionsOf('SQL Server', known);

/** @throws UsageError for an option that is unknown or has a value that cannot be meant. Values are never shown. */
export function readOptions(
  { connection, root }: Pick<EngineSettings, 'connection' | 'root'>,
  env: NodeJS.ProcessEnv,
): SqlserverOptions {
  requireKnown(connection);
  const url = connection.url === undefined ? null : urlOf(String(connection.url));
  const option: Option = (key, variable) => {
    const written = connection[key];
    if (written !== undefined) return String(written);
    return url?.get(key) ?? (variable === undefined ? undefined : env[variable] || undefined);
  };
  return {
    ...serverOf(option),
    login: loginOf(option),
    tls: tlsOf(option, root),
    statementTimeoutMs: millisecondsOf(
      option('statement_timeout') ?? usualStatementTimeout.written,
      'statement_timeout',
    ),
    lockTimeoutMs: millisecondsOf(option('lock_timeout') ?? '20s', 'lock_timeout'),
    connectTimeoutMs: millisecondsOf(option('connect_timeout') ?? '15s', 'connect_timeout'),
    files: {
      backup: option('backup_path') ?? null,
      data: option('data_path') ?? null,
      log: option('log_path') ?? null,
    },
    synonyms: option('synonyms') ?? null,
    maxdop: countOf(option, 'maxdop', 64),
    parallel: countOf(option, 'parallel', 64),
  };
}

/** `sqlserver://user:password@host:1433/?encrypt=strict`; the database is what `live` says. */
function urlOf(text: string): Map<string, string> {
  let url: URL;
  try {
    url = new URL(text.replace(/^(sqlserver|mssql):/, 'http:'));
  } catch {
    throw wrong(
      'url',
      'Write sqlserver://user@host:1433, with the password as a variable of the environment.',
    );
  }
  if (!/^(sqlserver|mssql):/.test(text)) {
    throw wrong('url', 'It starts with sqlserver:// or mssql://.');
  }
  const stray = [...url.searchParams.keys()].filter((name) => !known.includes(name as Key));
  if (stray.length > 0) {
    throw wrong('url', `It has a parameter ${stray.join(', ')}; known are ${known.join(', ')}.`);
  }
  // A URL of http leaves out its own port.
  const port = url.port === '' && /:80(?=[/?]|$)/.test(text) ? '80' : url.port;
  const parts: [string, string][] = [
    ['host', decodeURIComponent(url.hostname)],
    ['port', port],
    ['user', decodeURIComponent(url.username)],
    ['password', decodeURIComponent(url.password)],
    ...url.searchParams,
  ];
  return new Map(parts.filter(([, value]) => value !== ''));
}

/** As sqlcmd writes it: `host`, `host,1433` or `host\instance`. */
function serverOf(option: Option): Pick<SqlserverOptions, 'host' | 'port' | 'instance'> {
  const written = option('host', 'SQLCMDSERVER') ?? 'localhost';
  const [, host = '', instance, port] =
    /^(?:tcp:)?([^\\,]*)(?:\\([^,]*))?(?:,\s*(\d+))?$/i.exec(written) ?? [];
  if (host === '') throw wrong('host', 'Write db.example, db.example,1433 or db.example\\SALES.');
  return {
    host: host === '.' || host === '(local)' ? 'localhost' : host,
    port: portOf(option('port') ?? port ?? '1433', 'port'),
    instance: option('instance') ?? instance ?? null,
  };
}

/** What is written decides where `auth` does not: a token, then a user, then a secret of an application. */
function loginOf(option: Option): Login {
  const user = option('user', 'SQLCMDUSER');
  const token = option('token');
  const way = option('auth') ?? likelyWay(option, { user, token });
  if (!isOneOf(ways, way)) throw wrong('auth', `Write one of ${ways.join(', ')}.`);
  const clientId = option('client_id', 'AZURE_CLIENT_ID') ?? null;
  const required = (key: Key, value: string | null | undefined, variable?: string): string => {
    if (value !== undefined && value !== null) return value;
    throw new UsageError({
      what: `connection.${key} is missing; \`auth: ${way}\` needs it.`,
      where: connectionOptions,
      help: `Write \`${key}: "\${${variable ?? `DB_${key.toUpperCase()}`}}"\`${variable === undefined ? '' : `, or set the variable ${variable}`}.`,
    });
  };
  switch (way) {
    case 'sql':
      return {
        way,
        user: required('user', user, 'SQLCMDUSER'),
        password: required('password', option('password', 'SQLCMDPASSWORD'), 'SQLCMDPASSWORD'),
      };
    case 'access-token':
      return { way, token: required('token', token) };
    case 'service-principal':
      return {
        way,
        clientId: required('client_id', clientId, 'AZURE_CLIENT_ID'),
        clientSecret: required(
          'client_secret',
          option('client_secret', 'AZURE_CLIENT_SECRET'),
          'AZURE_CLIENT_SECRET',
        ),
        tenantId: required('tenant_id', option('tenant_id', 'AZURE_TENANT_ID'), 'AZURE_TENANT_ID'),
      };
    default:
      return { way, clientId };
  }
}

function likelyWay(
  option: Option,
  { user, token }: { readonly user: string | undefined; readonly token: string | undefined },
): string {
  if (token !== undefined) return 'access-token';
  if (user !== undefined) return 'sql';
  if (option('client_secret') !== undefined) return 'service-principal';
  const isAzure = /\.database\.(windows\.net|azure\.com|usgovcloudapi\.net|chinacloudapi\.cn)$/i;
  return isAzure.test(option('host', 'SQLCMDSERVER') ?? '') ? 'entra-default' : 'sql';
}

/** The driver alone would encrypt as well; here the certificate is verified unless somebody says otherwise. */
function tlsOf(option: Option, root: string): Tls {
  const written = option('encrypt') ?? 'true';
  if (!isOneOf(['true', 'false', 'strict'] as const, written)) {
    throw wrong('encrypt', 'Write true, strict (TDS 8.0) or false.');
  }
  const encrypt = written === 'strict' ? written : written === 'true';
  const trusts = option('trust_server_certificate') ?? 'false';
  if (!isOneOf(['true', 'false'] as const, trusts)) {
    throw wrong('trust_server_certificate', 'Write true or false.');
  }
  const trustsCertificate = trusts === 'true';
  if (trustsCertificate && encrypt === 'strict') {
    throw wrong(
      'trust_server_certificate',
      '`encrypt: strict` always verifies the certificate: name its authority in connection.certificate_authority.',
    );
  }
  const path = option('certificate_authority');
  return {
    encrypt,
    trustsCertificate,
    certificateName: option('certificate_name') ?? null,
    authorities: path === undefined ? null : textOf(resolve(root, path)),
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError({
      what: 'The file of connection.certificate_authority cannot be read.',
      where: path,
      cause: messageOf(error),
      help: 'Correct the path; it is relative to the folder of greenlight.yml.',
    });
  }
}

function countOf(option: Option, key: Key, most: number): number | null {
  const text = option(key);
  if (text === undefined) return null;
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= most) return count;
  throw wrong(key, `Write a whole number from 1 to ${most}.`);
}

function isOneOf<T extends string>(all: readonly T[], text: string): text is T {
  return all.includes(text as T);
}
