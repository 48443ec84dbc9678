import { DatabaseInUse, GreenlightError, messageOf, systemCode } from '../../errors.ts';
import { usualStatementTimeout } from '../connection-options.ts';
import { unreachable } from '../network.ts';
import { quote } from './names.ts';

/** Told apart because some databases are made when they are first needed. */
export class NoSuchDatabase extends GreenlightError {}

/** The SQLSTATE of what PostgreSQL refused; null for everything else (docs: "PostgreSQL Error Codes"). */
export function stateOf(error: unknown): string | null {
  if (error instanceof GreenlightError) return null;
  const code = systemCode(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** Turns what PostgreSQL or the network says about a database into what a person can act on; other errors stay as they are. */
export function explain(error: unknown, database: string, user?: string): unknown {
  if (error instanceof GreenlightError) return error;
  const code = stateOf(error) ?? systemCode(error) ?? '';
  const message = firstLine(messageOf(error));
  const by = routineBehind(error) ?? '';
  const known = explanations.find(
    ({ codes, routine, pattern }) =>
      (codes.includes(code) && (routine?.test(by) ?? true)) || (pattern?.test(message) ?? false),
  );
  if (known === undefined) return error;
  const { kind = GreenlightError, problem } = known;
  const explained = new kind({
    where: `database ${database}`,
    cause: message,
    ...problem({ message, database, by, role: user === undefined ? 'release_user' : quote(user) }),
  });
  explained.cause = error;
  return explained;
}

/** The same, with another help. */
export function withHelp(error: GreenlightError, help: string): GreenlightError {
  const helped = new GreenlightError({ ...error.problem, help }, error.exitCode);
  helped.cause = error.cause;
  return helped;
}

/** The SQLSTATE of what was thrown, also when it has been explained since. */
export function stateBehind(error: unknown): string | null {
  return stateOf(error instanceof GreenlightError ? error.cause : error);
}

/** Too many columns, or too many bytes, for one row of a table. */
export function isTooWide(error: unknown): boolean {
  const state = stateOf(error);
  return (
    state === '54011' ||
    (state === '54000' &&
      /^(RelationGetBufferForTuple|heap_fill|raw_heap_insert)/.test(routineBehind(error) ?? ''))
  );
}

/** Which function of the server has refused: its name is the same in every language. Null: the server does not say. */
export function routineBehind(error: unknown): string | null {
  const thrown = error instanceof GreenlightError ? error.cause : error;
  const { routine } = (thrown ?? {}) as { readonly routine?: unknown };
  return typeof routine === 'string' ? routine : null;
}

/** Neither the statement's fault nor the data's: the same statement may succeed elsewhere, or later. */
export function isOfTheMachine(error: unknown): boolean {
  // Class 08: connection, 53: resources, 57: operator, 58: system, XX: internal.
  return error instanceof GreenlightError || /^(08|53|57|58|XX)/.test(stateOf(error) ?? '08');
}

/**
 * What may be shown of an error that came from reading data. Messages about grammar, names and privileges (class 42,
 * but for the two that quote a value) do not hold any.
 */
export function withoutData(error: unknown): string {
  const state = stateOf(error);
  if (state !== null && /^(42|0A|53|55|57|58)/.test(state)) return firstLine(messageOf(error));
  return `SQLSTATE ${state ?? 'unknown'} (its text may hold data; run the query to see it)`;
}

export function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

interface Explanation {
  readonly codes: readonly string[];
  /** Of the server, where codes alone do not tell. */
  readonly routine?: RegExp;
  /** Of what the driver says, which is always English. Of what the server says only where nothing else tells. */
  readonly pattern?: RegExp;
  readonly kind?: typeof GreenlightError;
  problem(told: Told): { what: string; help: string };
}

interface Told {
  readonly message: string;
  readonly database: string;
  /** The function of the server that refused. */
  readonly by: string;
  /** The user of the connection, as SQL. */
  readonly role: string;
}

const explanations: readonly Explanation[] = [
  {
    codes: ['28P01'],
    pattern: /no password supplied|client password must be a string/,
    problem: () => ({
      what: 'PostgreSQL does not take the password.',
      help: 'Check connection.user and connection.password in greenlight.yml, or PGUSER, PGPASSWORD and the password file.',
    }),
  },
  {
    codes: ['28000'],
    problem: () => ({
      what: 'PostgreSQL does not let this user in from here.',
      help: 'Check pg_hba.conf for this user, database and address, and connection.sslmode.',
    }),
  },
  {
    codes: ['3D000'],
    kind: NoSuchDatabase,
    problem: ({ database }) => ({
      what: `There is no database ${database}.`,
      help: 'Check `live` and `ledger` in greenlight.yml.',
    }),
  },
  {
    codes: ['42501'],
    problem: (told) => ({
      what: 'PostgreSQL does not allow this to the user of the connection.',
      help: grantFor(told),
    }),
  },
  {
    codes: ['53300'],
    problem: () => ({
      what: 'The server has no connection left.',
      help: 'Raise max_connections, or lower the number of sessions that others hold; then run the same command again.',
    }),
  },
  {
    codes: ['25006'],
    problem: () => ({
      what: 'This server only reads: it is a standby, or default_transaction_read_only is on.',
      help: 'Connect to the primary server.',
    }),
  },
  {
    codes: ['55006', '55P03'],
    kind: DatabaseInUse,
    problem: () => ({
      what: 'Other sessions use this database in a way that excludes us.',
      help: 'pg_stat_activity names them. When they have ended, run the same command again.',
    }),
  },
  {
    // The same SQLSTATE as that of a time limit.
    codes: [],
    pattern: /^canceling statement due to user request$/,
    problem: () => ({
      what: 'Somebody ended a statement of ours (pg_cancel_backend).',
      help: 'Find out why, then run the same command again.',
    }),
  },
  {
    codes: ['57014'],
    problem: ({ message }) => ({
      what: /statement timeout/.test(message)
        ? 'A statement took longer than it may.'
        : 'A statement took longer than it may, or somebody ended it (pg_cancel_backend).',
      help: `Raise connection.statement_timeout in greenlight.yml (it is ${usualStatementTimeout.written} when nothing is written; 0: no limit), then run the same command again.`,
    }),
  },
  {
    codes: ['53100'],
    problem: () => ({
      what: 'The disk of the server is full.',
      help: 'Free some room (`greenlight retire --dry-run` lists what Greenlight keeps), then run the same command again.',
    }),
  },
  {
    codes: ['53200'],
    routine: /^(LockAcquireExtended|FastPathGetRelationLockEntry)$/,
    problem: () => ({
      what: 'The server has no room left for locks: one for each table that is looked at.',
      help: 'Raise max_locks_per_transaction, restart the server, then run the same command again.',
    }),
  },
  {
    codes: ['53200'],
    problem: () => ({
      what: 'The server has no memory left for this.',
      help: 'Lower work_mem or the number of sessions, then run the same command again.',
    }),
  },
  {
    // 25P03, 57P05: idle for too long.
    codes: ['25P03', '57P05', '57P01', '57P02', '57P03', '08006', '08003', 'ECONNRESET', 'EPIPE'],
    pattern: /Connection terminated/,
    problem: () => ({
      what: 'The connection to the server was ended.',
      help: 'See the log of the server, then run the same command again.',
    }),
  },
  {
    codes: unreachable,
    pattern: /timeout expired|timeout exceeded/,
    problem: () => ({
      what: 'There is no PostgreSQL server to be reached here.',
      help: 'Check connection.host and connection.port in greenlight.yml, or PGHOST and PGPORT.',
    }),
  },
  {
    codes: [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_SIGNATURE_FAILURE',
    ],
    problem: () => ({
      what: 'The certificate of the server cannot be verified.',
      help: "Name the root certificate of the server's provider in connection.sslrootcert; `sslmode: require` encrypts without verifying.",
    }),
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    problem: () => ({
      what: 'The certificate of the server is for another host.',
      help: 'Write connection.host as the certificate names it; `sslmode: verify-ca` does not look at the name.',
    }),
  },
  {
    codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
    problem: () => ({
      what: 'The certificate of the server is not valid today.',
      help: 'Have it renewed, and check the clock of this machine; `sslmode: require` encrypts without verifying.',
    }),
  },
  {
    codes: [],
    pattern: /does not support SSL/,
    problem: () => ({
      what: 'The server offers no TLS, and connection.sslmode asks for it.',
      help: 'Switch TLS on in the server, or write `sslmode: prefer`.',
    }),
  },
];

/** What can be told without asking the server; `grantsFor` asks. */
function grantFor({ message, database, by, role }: Told): string {
  if (by === 'CheckMyDatabase')
    return `An owner can allow it: GRANT CONNECT ON DATABASE ${quote(database)} TO ${role};`;
  if (/^(createdb|RenameDatabase)$/.test(by))
    return `A superuser can allow it: ALTER ROLE ${role} CREATEDB;`;
  if (/must be owner/.test(message))
    return 'Only the owner may do this: make the user of the connection a member of the owning role.';
  if (by === 'check_enable_rls')
    return `Row-level policies would hide rows. A superuser can lift them for this user: ALTER ROLE ${role} BYPASSRLS;`;
  if (/^pg_(terminate|cancel)_backend$/.test(by))
    return `A superuser can allow it: GRANT pg_signal_backend TO ${role};`;
  return 'See the privileges of the user of the connection (docs/postgres.md).';
}
