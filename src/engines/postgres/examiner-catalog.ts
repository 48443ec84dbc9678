import { plural } from '../../format.ts';
import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { list } from '../sql.ts';
import type { Row, Session } from './connection.ts';
import type { User } from './examiner-server.ts';
import { type Place, quote } from './names.ts';

const { good, warning, fault } = findingsOf('catalog');

/** What is in live can be read, all of it. */
export async function* examineCatalog(
  session: Session,
  { schema }: Place,
  user: User,
): AsyncIterable<Finding> {
  yield await examineReading(session, schema, user);
  yield await examinePolicies(session, schema, user);
  if (schema === null) yield await examineLargeObjects(session, user);
}

async function examineReading(
  session: Session,
  schema: string | null,
  { name: user }: User,
): Promise<Finding> {
  const subject = 'reading of tables';
  const relations = await session.rows(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind,
            has_schema_privilege(n.oid, 'USAGE') AS enters,
            CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT') ELSE has_table_privilege(c.oid, 'SELECT') END AS reads
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'm', 'v', 'S') AND c.relpersistence <> 't'
        AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AND ($1::name IS NULL OR n.nspname = $1)
      ORDER BY 1, 2`,
    [schema],
  );
  const closed = relations.filter(({ enters, reads }) => enters !== true || reads !== true);
  if (closed.length === 0) {
    const found = `${user} may read all ${plural(relations.length, 'table, view or sequence', 'tables, views and sequences')}.`;
    return good(subject, found);
  }
  const names = closed.slice(0, 10).map((one) => `${one.schema}.${one.name}`);
  const more = closed.length > 10 ? ` and ${closed.length - 10} more` : '';
  const found = `${user} may not read ${names.join(', ')}${more}.`;
  const help = [
    'Their owners can allow it:',
    ...grants(closed.slice(0, 10), user),
    `A superuser can allow it for everything: GRANT pg_read_all_data TO ${quote(user)};`,
  ].join('\n');
  return closed.every(({ kind }) => kind === 'v')
    ? warning(subject, `${found} These views would not be compared.`, help)
    : fault(subject, `${found} Live could not be copied, nor be compared.`, help);
}

function grants(closed: readonly Row[], user: string): string[] {
  const schemas = new Set(
    closed.filter(({ enters }) => enters !== true).map(({ schema }) => String(schema)),
  );
  const unread = (isSequence: boolean) =>
    closed.filter(({ kind, reads }) => reads !== true && (kind === 'S') === isSequence);
  const grant = (kind: string, relations: readonly Row[]) =>
    relations.length === 0
      ? []
      : [`GRANT SELECT ON ${kind}${list(relations, nameOf)} TO ${quote(user)};`];
  return [
    ...[...schemas].map((schema) => `GRANT USAGE ON SCHEMA ${quote(schema)} TO ${quote(user)};`),
    ...grant('', unread(false)),
    ...grant('SEQUENCE ', unread(true)),
  ];
}

export function nameOf({ schema, name }: Row): string {
  return `${quote(String(schema))}.${quote(String(name))}`;
}

async function examinePolicies(
  session: Session,
  schema: string | null,
  { name: user }: User,
): Promise<Finding> {
  const subject = 'row-level policies';
  const hiding = await session.rows(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relrowsecurity AND row_security_active(c.oid) AND ($1::name IS NULL OR n.nspname = $1) ORDER BY 1, 2`,
    [schema],
  );
  if (hiding.length === 0) return good(subject, `None hides rows from ${user}.`);
  return fault(
    subject,
    `They would hide rows of ${list(hiding.slice(0, 10), (one) => `${one.schema}.${one.name}`)} from ${user}: rows that are not seen are neither copied nor compared.`,
    `A superuser can lift them for this user: ALTER ROLE ${quote(user)} BYPASSRLS;`,
  );
}

async function examineLargeObjects(session: Session, { name: user }: User): Promise<Finding> {
  const subject = 'large objects';
  const { any, reads } = await session.row(
    `SELECT EXISTS (SELECT FROM pg_largeobject_metadata) AS any, has_table_privilege('pg_catalog.pg_largeobject', 'SELECT') AS reads`,
  );
  if (any !== true) return good(subject, 'Live has none.');
  return reads === true
    ? good(subject, `${user} may read them.`)
    : fault(
        subject,
        `Live has some, and ${user} may not read them: whether they have changed could not be told.`,
        `A superuser can allow it, in database ${session.database}: GRANT SELECT ON pg_catalog.pg_largeobject TO ${quote(user)};`,
      );
}
