import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import type { Session } from './connection.ts';
import type { User } from './examiner-server.ts';
import { type Place, quote } from './names.ts';

const { good, warning, fault } = findingsOf('comparison');

export async function* examineComparison(
  session: Session,
  { schema }: Place,
  user: User,
): AsyncIterable<Finding> {
  yield await examineTemporary(session, user);
  if (schema === null) yield await examineLineage(session, user);
}

/** The candidate has the privileges that live has. */
async function examineTemporary(session: Session, { name }: User): Promise<Finding> {
  const subject = 'temporary tables';
  const { may } = await session.row(
    `SELECT has_database_privilege(current_database(), 'TEMPORARY') AS may`,
  );
  return may === true
    ? good(subject, `${name} may make them.`)
    : fault(
        subject,
        `${name} may not make them in ${session.database}: rows that deviate are gathered in some, in the clone of it.`,
        `The owner of the database can allow it: GRANT TEMPORARY ON DATABASE ${quote(session.database)} TO ${quote(name)};`,
      );
}

/** Without it, everything is compared all the same: it takes longer. */
async function examineLineage(
  session: Session,
  { name, isSuper, serverMajor }: User,
): Promise<Finding> {
  const subject = 'proof by lineage';
  if (serverMajor < 17) {
    return good(
      subject,
      `PostgreSQL ${serverMajor} keeps no summaries of its log: every table is read and compared.`,
    );
  }
  const { summarises, level, asks, records } = await session.row(
    `SELECT current_setting('summarize_wal') = 'on' AS summarises, current_setting('wal_level') AS level,
            pg_has_role('pg_checkpoint', 'USAGE') AS asks, has_parameter_privilege('greenlight.copied', 'SET') AS records`,
  );
  const without =
    'Tables to which nothing was written are read and compared as well, which takes longer.';
  if (summarises !== true) {
    return warning(
      subject,
      `The server does not summarise its log. ${without}`,
      [
        'An administrator can switch it on: ALTER SYSTEM SET summarize_wal = on; SELECT pg_reload_conf();',
        ...(level === 'minimal'
          ? ["It needs another level, and a restart: ALTER SYSTEM SET wal_level = 'replica';"]
          : []),
      ].join('\n'),
    );
  }
  const missing = [
    ...(isSuper || asks === true ? [] : [`GRANT pg_checkpoint TO ${quote(name)};`]),
    ...(isSuper || records === true
      ? []
      : [`GRANT SET ON PARAMETER greenlight.copied TO ${quote(name)};`]),
  ];
  return missing.length === 0
    ? good(
        subject,
        'Tables to which nothing was written are proven equal by the log of the server.',
      )
    : warning(
        subject,
        `${name} may not use the summaries of the log. ${without}`,
        ['A superuser can allow it:', ...missing].join('\n'),
      );
}
