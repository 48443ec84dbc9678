import { DatabaseInUse, GreenlightError, messageOf, systemCode } from '../../errors.ts';
import { usualStatementTimeout } from '../connection-options.ts';
import { unreachable } from '../network.ts';

/** Told apart because some databases are made when they are first needed. */
export class NoSuchDatabase extends GreenlightError {}

/** The number of the message with which SQL Server refused (`sys.messages`); null for everything else. */
export function numberOf(error: unknown): number | null {
  if (error instanceof GreenlightError) return null;
  const own = propertyOf(error, 'number');
  if (typeof own === 'number') return own;
  const behind = propertyOf(error, 'originalError') ?? propertyOf(error, 'info');
  return behind === undefined || behind === error ? null : numberOf(behind);
}

/** The number of what was thrown, also when it has been explained since. */
export function numberBehind(error: unknown): number | null {
  return numberOf(error instanceof GreenlightError ? error.cause : error);
}

/** All numbers of one failure: a statement may be refused with several messages, and the last one says least. */
export function numbersBehind(error: unknown): number[] {
  const thrown = error instanceof GreenlightError ? error.cause : error;
  const earlier = propertyOf(thrown, 'precedingErrors');
  const all = [...(Array.isArray(earlier) ? earlier : []), thrown];
  return all.map(numberOf).filter((number) => number !== null);
}

/** The line of the batch in which it happened, from 1; null: none. */
export function lineOf(error: unknown): number | null {
  const thrown = error instanceof GreenlightError ? error.cause : error;
  const line =
    propertyOf(thrown, 'lineNumber') ?? propertyOf(propertyOf(thrown, 'info'), 'lineNumber');
  return typeof line === 'number' && line > 0 ? line : null;
}

/** Turns what SQL Server or the network says about a database into what a person can act on; other errors stay as they are. */
export function explain(error: unknown, database: string): unknown {
  if (error instanceof GreenlightError) return error;
  const numbers = numbersBehind(error);
  const code = codeOf(error);
  const message = firstLine(messageOf(error));
  const known = explanations.find(
    ({ numbers: own = [], codes = [], pattern }) =>
      own.some((number) => numbers.includes(number)) ||
      (numbers.length === 0 && codes.includes(code)) ||
      (pattern?.test(message) ?? false),
  );
  if (known === undefined) return error;
  const { kind = GreenlightError, problem } = known;
  const explained = new kind({
    where: `database ${database}`,
    cause: withoutData(error),
    ...problem(message, database),
  });
  explained.cause = error;
  return explained;
}

/** Neither the statement's fault nor the data's: the same statement may succeed elsewhere, or later. */
export function isOfTheMachine(error: unknown): boolean {
  if (error instanceof GreenlightError) return true;
  const number = numberOf(error);
  return number === null || ofTheMachine.has(number);
}

// Deadlock, locks, memory, disk, tempdb, log, quota, failover, throttling.
const ofTheMachine = new Set([
  701, 802, 823, 824, 825, 1101, 1105, 1204, 1205, 1222, 3959, 3967, 5149, 5901, 6005, 8645, 8651,
  9002, 10053, 10054, 10928, 10929, 40143, 40197, 40501, 40544, 40549, 40550, 40551, 40552, 40553,
  40613, 49918, 49919, 49920,
]);

/**
 * What may be shown of an error that came from reading data. Messages about grammar, names, privileges and the server
 * hold none; of the others nobody knows (a failed conversion and a duplicate key quote the value).
 */
export function withoutData(error: unknown): string {
  const number = numberOf(error);
  const message = firstLine(messageOf(error));
  if (number === null) return message;
  const severity = propertyOf(error, 'class') ?? propertyOf(propertyOf(error, 'info'), 'class');
  const isPlain =
    !quotingData.has(number) &&
    ((typeof severity === 'number' && severity >= 11 && severity <= 15) || aboutTheServer(number));
  return isPlain
    ? `${message} (message ${number})`
    : `Message ${number} of SQL Server (its text may hold data; run the query to see it)`;
}

const quotingData = new Set([2601, 2627]);

/** Of severity 16 and more: names, files, databases, backups, privileges, not values. */
function aboutTheServer(number: number): boolean {
  return (
    ofTheMachine.has(number) ||
    [102, 156, 207, 208, 226, 262, 229, 297, 300, 547, 911, 913, 916, 924, 942, 976].includes(
      number,
    ) ||
    (number >= 1800 && number < 1850) ||
    (number >= 3000 && number < 3400) ||
    (number >= 3700 && number < 3710) ||
    (number >= 4060 && number <= 4064) ||
    (number >= 5000 && number < 5200) ||
    (number >= 15000 && number < 16000) ||
    (number >= 18400 && number < 18500) ||
    (number >= 40000 && number < 50000)
  );
}

export function firstLine(message: string): string {
  return message.split(/\r?\n/, 1)[0] ?? message;
}

function codeOf(error: unknown): string {
  const own = systemCode(error) ?? '';
  const behind = propertyOf(error, 'originalError') ?? propertyOf(error, 'cause');
  // The driver calls everything of the network ESOCKET; Node's own code lies behind it.
  return own === 'ESOCKET' || own === '' ? (systemCode(behind) ?? own) : own;
}

function propertyOf(thrown: unknown, name: string): unknown {
  return typeof thrown === 'object' && thrown !== null && name in thrown
    ? (thrown as Record<string, unknown>)[name]
    : undefined;
}

interface Explanation {
  readonly numbers?: readonly number[];
  /** Of the driver and of Node, where the server gave no number. */
  readonly codes?: readonly string[];
  readonly pattern?: RegExp;
  readonly kind?: typeof GreenlightError;
  problem(message: string, database: string): { what: string; help: string };
}

const again = 'then run the same command again.';

const explanations: readonly Explanation[] = [
  {
    // At login it comes with 4060.
    numbers: [924, 5064],
    kind: DatabaseInUse,
    problem: (_, database) => ({
      what: 'The database takes one session only (SINGLE_USER), and another one has it.',
      help: `A swap that was cut off leaves it so: run the same command again. Else: ALTER DATABASE ${bracketed(database)} SET MULTI_USER;`,
    }),
  },
  {
    // Also what a database gives that cannot be opened at login.
    numbers: [4060, 911],
    kind: NoSuchDatabase,
    problem: (_, database) => ({
      what: `There is no database ${database} that the login of the connection may open.`,
      help: `Check \`live\` and \`ledger\` in greenlight.yml; where it is there, let the login in: USE ${bracketed(database)}; CREATE USER release_login FOR LOGIN release_login;`,
    }),
  },
  {
    numbers: [18456, 18452, 18486, 18487, 18488],
    problem: () => ({
      what: 'SQL Server does not take the login.',
      help: 'Check connection.auth, user and password (or the token, or the identity) in greenlight.yml. The log of the server has the reason as the state of error 18456. Where there is no such login, an administrator makes it: CREATE LOGIN release_login WITH PASSWORD = ...;',
    }),
  },
  {
    numbers: [4064],
    problem: () => ({
      what: 'The default database of the login is not there, or may not be opened.',
      help: 'An administrator can set it: ALTER LOGIN release_login WITH DEFAULT_DATABASE = [master];',
    }),
  },
  {
    numbers: [916],
    problem: (_, database) => ({
      what: `The login of the connection is no user of the database ${database}.`,
      help: `An administrator can let it in: USE ${bracketed(database)}; CREATE USER release_login FOR LOGIN release_login;`,
    }),
  },
  {
    numbers: [262],
    problem: (message) => ({
      what: 'SQL Server does not allow this to the login of the connection.',
      help: grantFor(message),
    }),
  },
  {
    numbers: [229, 230, 297, 300, 371, 2760, 5011, 15151, 15247, 15517, 3110, 1088],
    problem: (message) => ({
      what: 'SQL Server does not allow this to the login of the connection, or there is no such thing.',
      help: grantFor(message),
    }),
  },
  {
    numbers: [1205],
    problem: () => ({
      what: 'SQL Server ended a statement of ours to resolve a deadlock: sessions of Greenlight let others win.',
      help: 'Run the same command again.',
    }),
  },
  {
    numbers: [1222],
    kind: DatabaseInUse,
    problem: () => ({
      what: 'Another session holds a lock for longer than we wait.',
      help: `sys.dm_tran_locks names it. Wait for it, or raise connection.lock_timeout, ${again}`,
    }),
  },
  {
    // Cannot obtain exclusive access; in use; cannot be placed in this state; ALTER DATABASE failed on a lock.
    numbers: [3101, 3702, 5030, 5061, 5070, 1807],
    kind: DatabaseInUse,
    problem: () => ({
      what: 'Other sessions use this database in a way that excludes us.',
      help: 'sys.dm_exec_sessions names them. When they have ended, run the same command again.',
    }),
  },
  {
    numbers: [226, 574],
    problem: () => ({
      what: 'SQL Server does not allow this statement in a transaction.',
      help: 'Put it into a script of its own.',
    }),
  },
  {
    numbers: [942, 922, 927, 946, 945, 913],
    problem: () => ({
      what: 'The database cannot be used now: it is offline, being restored or recovered, or damaged.',
      help: 'See its state in sys.databases (state_desc), and the log of the server.',
    }),
  },
  {
    numbers: [3906],
    problem: () => ({
      what: 'The database only reads: it is a snapshot, or READ_ONLY.',
      help: 'See is_read_only and source_database_id in sys.databases.',
    }),
  },
  {
    numbers: [976, 978, 979, 983, 1408, 1460, 1468, 5069],
    pattern: /participating in an availability group|database mirroring|geo-?replication/i,
    problem: () => ({
      what: 'SQL Server refuses this statement for the database, for example because it is in an availability group, mirrored or replicated.',
      help: 'See docs/sqlserver.md: what cannot be swapped. `connection.synonyms` swaps without renaming a database.',
    }),
  },
  {
    numbers: [1105, 1101, 9002, 5149, 3257, 3202, 3266, 40544],
    problem: () => ({
      what: 'There is no room left: on the disk of the server, in a file, or in the quota of the database.',
      help: `Make room (\`greenlight retire --dry-run\` lists what Greenlight keeps), ${again}`,
    }),
  },
  {
    // The operating system's words about files: 3201 backup device, 5133 directory, 1802 create failed, 3634 restore.
    numbers: [3201, 5133, 5123, 1802, 3634, 3156, 3119, 5170, 3013, 3271],
    problem: () => ({
      what: 'SQL Server could not write or read one of the files of a database or a backup.',
      help: 'The paths are those of the server, and its service account has to be allowed in: see connection.backup_path, data_path and log_path.',
    }),
  },
  {
    numbers: [40613, 40197, 40501, 40143, 10928, 10929, 49918, 49919, 49920, 40549, 40553],
    problem: () => ({
      what: 'Azure SQL cannot serve the database at the moment: it fails over, scales, or is throttled.',
      help: 'Run the same command again in a minute.',
    }),
  },
  {
    numbers: [40615, 40914],
    problem: () => ({
      what: 'The firewall of Azure SQL does not let this address in.',
      help: 'Add a rule for the address of the runner, or run inside the virtual network.',
    }),
  },
  {
    numbers: [701, 802, 8645, 8651],
    problem: () => ({
      what: 'The server has no memory left for this.',
      help: `Lower connection.parallel or connection.maxdop, ${again}`,
    }),
  },
  {
    numbers: [17830, 17809],
    problem: () => ({
      what: 'The server has no connection left.',
      help: `Lower the number of sessions that others hold, ${again}`,
    }),
  },
  {
    codes: [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    pattern:
      /self[- ]signed certificate|unable to verify the first certificate|certificate has expired|does not match certificate|unable to get (local )?issuer certificate/i,
    problem: () => ({
      what: 'The certificate of the server cannot be verified, so nothing was sent to it. (SQL Server makes one itself that nobody can verify, until it is given another.)',
      help: "Name its authority in connection.certificate_authority; where the certificate bears another name than the host's, write that as connection.certificate_name. `trust_server_certificate: true` encrypts without verifying: whoever stands in between can then read along.",
    }),
  },
  {
    codes: ['EENCRYPT'],
    pattern: /Server does not support encryption|requires encryption/i,
    problem: () => ({
      what: 'The server and connection.encrypt do not agree on encryption.',
      help: 'Leave `encrypt: true`, and force encryption in the server.',
    }),
  },
  {
    codes: ['EINSTLOOKUP'],
    problem: () => ({
      what: 'The SQL Server Browser does not tell the port of the instance.',
      help: 'Start the browser service (UDP 1434), or write connection.port instead of the instance.',
    }),
  },
  {
    codes: unreachable,
    pattern: /Failed to connect to .* in \d+ ?ms|Could not connect \(/i,
    problem: () => ({
      what: 'There is no SQL Server to be reached here.',
      help: 'Check connection.host and connection.port in greenlight.yml, or SQLCMDSERVER.',
    }),
  },
  {
    codes: ['EFEDAUTH'],
    pattern: /CredentialUnavailable|AADSTS\d+|ChainedTokenCredential|DefaultAzureCredential/,
    problem: () => ({
      what: 'Microsoft Entra gives no token for the connection.',
      help: 'Log in first (azure/login with OpenID Connect, or `az login`), or check client_id, client_secret and tenant_id.',
    }),
  },
  {
    codes: ['ETIMEOUT'],
    problem: () => ({
      what: 'A statement took longer than it may.',
      help: `Raise connection.statement_timeout in greenlight.yml (it is ${usualStatementTimeout.written} when nothing is written; 0: no limit), ${again}`,
    }),
  },
  {
    codes: ['ELOGIN'],
    problem: () => ({
      what: 'SQL Server does not take the login.',
      help: 'Check connection.auth, user and password (or the token, or the identity) in greenlight.yml.',
    }),
  },
  {
    numbers: [596, 6005, 6006, 10053, 10054, 64, 233],
    codes: ['ECONNRESET', 'EPIPE', 'ECONNCLOSED', 'ENOTOPEN', 'ESOCKET', 'ENOCONN'],
    pattern: /Connection lost|Connection is closed|connection ended|socket hang up/i,
    problem: () => ({
      what: 'The connection to the server was ended.',
      help: `See the log of the server, ${again}`,
    }),
  },
];

/** The statement that gives what is missing; `release_login` and `release_user` stand for those of the connection. */
function grantFor(message: string): string {
  const [, denied = '', onKind, on = '', inside = ''] =
    /(?:^|The )([A-Z][A-Z ]+?) permission (?:was )?denied(?: (?:on|in) (?:the )?(object|schema|database|column|server) '([^']*)'(?:.*? schema '([^']*)')?)?/.exec(
      message,
    ) ?? [];
  const right = denied.trim();
  if (/^(CREATE DATABASE|CREATE ANY DATABASE)/.test(right))
    return 'An administrator can allow it: USE master; GRANT CREATE ANY DATABASE TO release_login; in Azure SQL: ALTER ROLE dbmanager ADD MEMBER release_login;';
  if (/^BACKUP/.test(right))
    return `An owner can allow it: USE ${bracketed(on || 'live')}; ALTER ROLE db_backupoperator ADD MEMBER release_user;`;
  if (/^VIEW SERVER (PERFORMANCE |SECURITY )?STATE|^VIEW ANY/.test(right))
    return `An administrator can allow it: USE master; GRANT ${right} TO release_login;`;
  if (right !== '' && onKind === 'object')
    return `An owner can allow it: GRANT ${right} ON ${inside === '' ? '' : `${bracketed(inside)}.`}${bracketed(on)} TO release_user;`;
  if (right !== '' && onKind === 'schema')
    return `An owner can allow it: GRANT ${right} ON SCHEMA::${bracketed(on)} TO release_user;`;
  if (right !== '') return `An owner can allow it: GRANT ${right} TO release_user;`;
  return 'docs/sqlserver.md has the privileges of the login as a script; `greenlight doctor` says which are missing.';
}

function bracketed(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}
