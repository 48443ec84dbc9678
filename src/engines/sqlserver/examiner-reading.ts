import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { list } from '../sql.ts';
import { type Session, toNumber } from './connection.ts';
import { quote } from './names.ts';
import { may } from './rights.ts';

export async function* examineDefinitions(own: Session): AsyncIterable<Finding> {
  const { good, warning, fault } = findingsOf('catalog');
  const subject = 'the right to see definitions';
  const sees = await may(own, own.database, 'VIEW DEFINITION');
  yield sees
    ? good(subject, 'The login sees every definition.')
    : fault(
        subject,
        'The login does not see every definition: objects would be missing from the inventory without a word.',
        `USE ${quote(own.database)}; GRANT VIEW DEFINITION TO release_user;`,
      );
  const hidden = await own.rows(
    `SELECT OBJECT_SCHEMA_NAME(m.object_id) + N'.' + OBJECT_NAME(m.object_id) AS name FROM sys.sql_modules AS m
      WHERE m.definition IS NULL ORDER BY 1`,
  );
  if (sees && hidden.length > 0)
    yield warning(
      'encrypted definitions',
      `What these say cannot be read (WITH ENCRYPTION), nor whether they name a database: ${list(hidden, ({ name }) => String(name))}.`,
      'Look after them yourself, or make them without encryption.',
    );
}

const comparison = findingsOf('comparison');

export async function* examineReading(own: Session): AsyncIterable<Finding> {
  const at = quote(own.database);
  const { good, warning, fault } = comparison;
  const subject = 'the right to read';
  yield (await may(own, own.database, 'SELECT'))
    ? good(subject, 'The login may read all tables.')
    : fault(
        subject,
        'The login may not read all tables.',
        `USE ${at}; GRANT SELECT TO release_user;`,
      );
  const facts = await own.row(
    `SELECT (SELECT COUNT(*) FROM sys.masked_columns) AS masked, (SELECT COUNT(*) FROM sys.security_policies AS p WHERE p.is_enabled = 1) AS policies,
            (SELECT COUNT(*) FROM sys.columns AS c WHERE c.encryption_type IS NOT NULL) AS encrypted,
            (SELECT COUNT(*) FROM sys.tables AS t WHERE t.is_ms_shipped = 0) AS tables,
            (SELECT COUNT(*) FROM sys.change_tracking_tables) AS tracked`,
  );
  if (toNumber(facts.masked) > 0 && !(await may(own, own.database, 'UNMASK')))
    yield fault(
      'masked columns',
      `${facts.masked} columns are masked for the login: it would compare masks.`,
      `USE ${at}; GRANT UNMASK TO release_user;`,
    );
  if (toNumber(facts.policies) > 0)
    yield warning(
      'row-level security',
      `${facts.policies} security policies are on: rows that they hide from the login are not compared.`,
      'Let their predicates pass for the login of the connection.',
    );
  if (toNumber(facts.encrypted) > 0)
    yield warning(
      'encrypted columns',
      `${facts.encrypted} columns are encrypted by the clients (Always Encrypted): the server cannot look into them.`,
      null,
    );
  yield* examineTracking(own);
  yield* examineRetention(own);
  const untracked = toNumber(facts.tables) - toNumber(facts.tracked);
  yield untracked === 0
    ? good('change tracking', 'Every table tells by itself whether it was written to.')
    : warning(
        'change tracking',
        `${untracked} of ${facts.tables} tables have no change tracking: whether they were written to since the clone takes reading all of them.`,
        `For large ones: ALTER DATABASE ${at} SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 14 DAYS); ALTER TABLE schema.name ENABLE CHANGE_TRACKING;`,
      );
}

/** A release that lasts a week is a long one. */
const leastRetentionMinutes = 7 * 24 * 60;

const units = [null, ['minutes', 1], ['hours', 60], ['days', 24 * 60]] as const;

/** What is cleared away while a release is on its way looks like a write: a table's oldest valid version has changed. */
async function* examineRetention(own: Session): AsyncIterable<Finding> {
  const [kept] = await own.rows(
    `SELECT c.retention_period AS period, c.retention_period_units AS units, c.is_auto_cleanup_on AS cleans
       FROM sys.change_tracking_databases AS c JOIN sys.databases AS d ON d.database_id = c.database_id WHERE d.name = DB_NAME()`,
  );
  if (kept === undefined) return;
  const subject = 'change retention';
  if (kept.cleans !== true) {
    yield comparison.good(subject, 'Change tracking keeps what it knows until somebody clears it.');
    return;
  }
  const [word, minutes] = units[toNumber(kept.units)] ?? ['days', 24 * 60];
  const period = toNumber(kept.period);
  const keeps = `Change tracking keeps what it knows for ${period} ${word}`;
  yield period * minutes >= leastRetentionMinutes
    ? comparison.good(subject, `${keeps}.`)
    : comparison.warning(
        subject,
        `${keeps}: in a release that takes longer, live looks written to, and all of it is compared to find out.`,
        `ALTER DATABASE ${quote(own.database)} SET CHANGE_TRACKING (CHANGE_RETENTION = 14 DAYS);`,
      );
}

/** Without the right to read what is tracked, nobody can tell whether such a table was written to. */
async function* examineTracking(own: Session): AsyncIterable<Finding> {
  const hidden = await own.rows(
    `SELECT DISTINCT s.name AS [schema] FROM sys.change_tracking_tables AS c JOIN sys.tables AS t ON t.object_id = c.object_id
       JOIN sys.schemas AS s ON s.schema_id = t.schema_id
      WHERE COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'VIEW CHANGE TRACKING'), 0) = 0 ORDER BY s.name`,
  );
  if (hidden.length === 0) return;
  const grants = list(
    hidden,
    ({ schema }) =>
      `GRANT VIEW CHANGE TRACKING ON SCHEMA::${quote(String(schema))} TO release_user;`,
    ' ',
  );
  yield comparison.fault(
    'the right to read change tracking',
    `The login may not read the change tracking of schema ${list(hidden, ({ schema }) => String(schema))}, so nobody could tell whether its tables were written to.`,
    `USE ${quote(own.database)}; ${grants}`,
  );
}
