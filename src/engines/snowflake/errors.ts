import { DatabaseInUse, GreenlightError, messageOf } from '../../errors.ts';
import { usualStatementTimeout } from '../connection-options.ts';

/** Told apart because some databases are made when they are first needed. */
export class NoSuchObject extends GreenlightError {}

/** Snowflake's number of what it refused, with all six digits; null for everything else. */
export function codeOf(error: unknown): string | null {
  if (error instanceof GreenlightError) return null;
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' || typeof code === 'number'
    ? String(code).padStart(6, '0')
    : null;
}

/** The same of what was thrown, also when it has been explained since. */
export function codeBehind(error: unknown): string | null {
  return codeOf(error instanceof GreenlightError ? error.cause : error);
}

/** Turns what Snowflake, its driver or the network says into what a person can act on; other errors stay as they are. */
export function explain(error: unknown, where: string): unknown {
  if (error instanceof GreenlightError) return error;
  const code = codeOf(error) ?? '';
  const message = firstLine(messageOf(error));
  const known = explanations.find(
    ({ codes, pattern }) => codes.includes(code) || (pattern?.test(message) ?? false),
  );
  if (known === undefined) return error;
  const { kind = GreenlightError, problem } = known;
  const explained = new kind({ where, cause: message, ...problem(messageOf(error)) });
  explained.cause = error;
  return explained;
}

/** Neither the statement's fault nor the data's: the same statement may succeed elsewhere, or later. */
export function isOfTheMachine(error: unknown): boolean {
  const code = codeBehind(error);
  // 000604..: ended, timed out, no warehouse; 39....: session; 40....: driver and network.
  return code === null || /^(00060[0-9]|00062|00063|39|40|0900(73|82))/.test(code);
}

/** The account was not reached, or its answer did not come through. */
export function isOfTheNetwork(error: unknown): boolean {
  return ['401001', '402001'].includes(codeOf(error) ?? '');
}

/**
 * What may be shown of an error that came from reading data. Messages about grammar, names and privileges do not hold
 * any; those about values (100...) quote them.
 */
export function withoutData(error: unknown): string {
  const code = codeBehind(error);
  if (code !== null && /^(00[0-9]{4}|09[0-9]{4})$/.test(code)) return firstLine(messageOf(error));
  return `error ${code ?? 'unknown'} (its text may hold data; run the query to see it)`;
}

/** What Snowflake said of a statement that read data, without the data; other errors stay as they are. */
export function shownWithoutData(error: unknown): unknown {
  return /^\d{6}$/.test(codeOf(error) ?? '') ? new Error(withoutData(error)) : error;
}

/** Compilation errors say the cause on the lines after the first; where it is in the SQL that we made helps nobody. */
export function firstLine(message: string): string {
  const [first = message, ...more] = message.split('\n');
  const [, head] =
    /^(SQL (?:compilation|access control|execution) error:?)(?: error line \d+ at position -?\d+)?\s*$/.exec(
      first,
    ) ?? [];
  return head !== undefined && more.length > 0 ? `${head} ${more[0]?.trim()}` : first;
}

interface Explanation {
  readonly codes: readonly string[];
  readonly pattern?: RegExp;
  readonly kind?: typeof GreenlightError;
  problem(message: string): { what: string; help: string };
}

const explanations: readonly Explanation[] = [
  {
    codes: ['390100', '390144', '394400', '394300', '394304', '394305'],
    pattern: /JWT token is invalid|Incorrect username or password|access token is invalid/i,
    problem: () => ({
      what: 'Snowflake does not take this login.',
      help: 'Check connection.account, connection.user and the key or token; DESCRIBE USER shows RSA_PUBLIC_KEY_FP, SHOW USER PROGRAMMATIC ACCESS TOKENS the tokens (docs/snowflake.md).',
    }),
  },
  {
    codes: ['390303', '390318', '390302'],
    problem: () => ({
      what: 'Snowflake does not take this token, or it has expired.',
      help: 'Get a new one; check the security integration and its mapping to the user.',
    }),
  },
  {
    codes: ['390189', '390186'],
    problem: () => ({
      what: 'The role of the connection does not exist, or the user does not have it.',
      help: 'Check connection.role; an administrator can allow it: GRANT ROLE release_role TO USER release_user;',
    }),
  },
  {
    codes: ['390420', '390422', '390432'],
    pattern: /is not allowed to access Snowflake/,
    problem: () => ({
      what: 'A network policy of the account keeps this machine out.',
      help: 'Let the runner have an address that the policy allows, or allow its address for this user alone.',
    }),
  },
  {
    codes: ['002003', '002043'],
    pattern: /does not exist or not authorized|does not exist, or operation cannot be performed/,
    kind: NoSuchObject,
    problem: (message) => ({
      what: `There is no ${missing(message)}, or the role of the connection may not see it.`,
      help: grantFor(message),
    }),
  },
  {
    codes: ['003001', '003540'],
    pattern: /[Ii]nsufficient privileges/,
    problem: (message) => ({
      what: 'Snowflake does not allow this to the role of the connection.',
      help: grantFor(message),
    }),
  },
  {
    codes: ['000707', '000709'],
    pattern: /Time travel data is not available|Data is not available/,
    problem: () => ({
      what: 'The table has no data any more as of that time.',
      help: 'Raise DATA_RETENTION_TIME_IN_DAYS of the table (at least 1), then run the same command again.',
    }),
  },
  {
    codes: ['002002'],
    pattern: /already exists/,
    problem: () => ({
      what: 'There is something of that name already.',
      help: 'Somebody may be making or renaming objects at the same time. Run the same command again.',
    }),
  },
  {
    codes: ['000606', '000607'],
    pattern: /No active warehouse/,
    problem: () => ({
      what: 'No warehouse is there to work with.',
      help: 'Name one in connection.warehouse; the role needs it: GRANT USAGE, OPERATE ON WAREHOUSE release_wh TO ROLE release_role;',
    }),
  },
  {
    codes: ['090073', '090074'],
    pattern: /exceeded (its|the) quota/,
    problem: () => ({
      what: 'A resource monitor has used up its credits, and the warehouse cannot be resumed.',
      help: 'Raise the quota of the monitor, or name another connection.warehouse.',
    }),
  },
  {
    codes: ['000630'],
    pattern: /reached its statement or warehouse timeout/,
    problem: () => ({
      what: 'A statement took longer than it may.',
      help: `Raise connection.statement_timeout in greenlight.yml (it is ${usualStatementTimeout.written} when nothing is written; 0: as the account says), and STATEMENT_TIMEOUT_IN_SECONDS of the warehouse, then run the same command again.`,
    }),
  },
  {
    codes: ['000625'],
    pattern: /has locked (table|.* in transaction)|number of waiters for this lock exceeds/,
    kind: DatabaseInUse,
    problem: () => ({
      what: 'Somebody else is changing this table.',
      help: 'SHOW LOCKS IN ACCOUNT names the transaction. When it has ended, run the same command again.',
    }),
  },
  {
    codes: ['000604'],
    pattern: /^SQL execution canceled/,
    problem: () => ({
      what: 'Somebody ended a statement of ours.',
      help: 'Find out why in the query history, then run the same command again.',
    }),
  },
  {
    codes: ['090105'],
    problem: () => ({
      what: 'There is no such database, or the role of the connection may not use it.',
      help: 'An owner can allow it: GRANT USAGE ON DATABASE shop TO ROLE release_role;',
    }),
  },
  {
    codes: ['390111', '390112', '390114', '390104', '407002'],
    problem: () => ({
      what: 'The session has ended.',
      help: 'Run the same command again.',
    }),
  },
  {
    codes: ['401001', '402001', '403001', '404001', '405501'],
    pattern:
      /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|Unable to connect|Network error|login timeout/i,
    problem: () => ({
      what: 'The account cannot be reached.',
      help: 'Check connection.account (my_org-my_account) and connection.host; SELECT SYSTEM$ALLOWLIST() lists the hosts that a firewall must let through.',
    }),
  },
];

function missing(message: string): string {
  const [, kind = '', name = ''] = /(\w+) '([^']+)' does not exist/i.exec(message) ?? [];
  return name === '' ? 'such object' : `${kind.toLowerCase()} ${name}`;
}

/** Which privilege is missing, and the statement that gives it; `release_role` stands for the role of the connection. */
export function grantFor(message: string): string {
  const [, kind = '', name = ''] =
    /(?:Insufficient privileges to operate on|operate on) (\w+(?: \w+)?) '([^']+)'/i.exec(
      message,
    ) ??
    /(Database|Schema|Table|View|Object|Warehouse|Task|Procedure|Function) '([^']+)' does not exist/i.exec(
      message,
    ) ??
    [];
  const grants: Readonly<Record<string, string>> = {
    account: 'GRANT CREATE DATABASE ON ACCOUNT TO ROLE release_role;',
    database: `GRANT USAGE ON DATABASE ${name} TO ROLE release_role;`,
    schema: `GRANT USAGE ON SCHEMA ${name} TO ROLE release_role;`,
    table: `GRANT SELECT ON TABLE ${name} TO ROLE release_role;`,
    view: `GRANT SELECT ON VIEW ${name} TO ROLE release_role;`,
    warehouse: `GRANT USAGE, OPERATE ON WAREHOUSE ${name} TO ROLE release_role;`,
    task: `GRANT MONITOR, OPERATE ON TASK ${name} TO ROLE release_role;`,
  };
  const grant = grants[kind.toLowerCase()];
  return grant === undefined
    ? 'Check the name, and the privileges of the role of the connection (docs/snowflake.md has the script of the release role).'
    : `If it is there, an owner can allow it: ${grant}`;
}
