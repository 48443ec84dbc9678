import { GreenlightError, messageOf, UsageError } from '../../errors.ts';
import { bytes } from '../../format.ts';
import type { CloneOptions, CloneReport } from '../engine.ts';
import { list } from '../sql.ts';
import { Session, toNumber } from './connection.ts';
import { withinCopyTimeout } from './copy-limit.ts';
import { differingViews, storedViews } from './dump.ts';
import { stateBehind } from './errors.ts';
import { markOf, readContent, readPhysical, undecodedMarkOf } from './mark.ts';
import { locationOf, type Place, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import {
  type DefinedObject,
  definitionsOf,
  notCopied,
  privilegeDifferences,
} from './schema-definitions.ts';
import { requireNoShadows } from './shadows.ts';
import { type BegunTrail, beginTrail } from './trail.ts';

/**
 * Makes `to`, which is not there, a copy of a schema of the same database, in one transaction: of one snapshot, and
 * whole or not there. The server copies the rows; nobody is kept from anything but from changing definitions.
 */
export async function cloneSchema(
  from: Place,
  to: Place,
  { method, trail: release }: CloneOptions,
  options: PostgresOptions,
): Promise<CloneReport> {
  if (method !== 'auto') {
    throw new UsageError({
      what: `A schema is not cloned by ${method}.`,
      where: 'greenlight.yml: clone.method',
      help: 'Write auto: the server copies the schema within its database.',
    });
  }
  const trail = release === undefined ? null : await beginTrail(locationOf(from), release, options);
  try {
    return await copySchema(from, to, trail, options);
  } catch (error) {
    await trail?.giveUp().catch(() => undefined); // the error is the one to tell
    throw error;
  }
}

async function copySchema(
  from: Place,
  to: Place,
  trail: BegunTrail | null,
  options: PostgresOptions,
): Promise<CloneReport> {
  return Session.use(from.database, options, { purpose: 'clone' }, (session) =>
    withinCopyTimeout(session, options, () => copyWithin(session, from, to, trail)),
  );
}

async function copyWithin(
  session: Session,
  from: Place,
  to: Place,
  trail: BegunTrail | null,
): Promise<CloneReport> {
  const names = { from: from.schema ?? '', to: to.schema ?? '' };
  await session.run('SET check_function_bodies = off');
  const tables = await lockable(session, names.from);
  const { source, lacks, snapshot, undecoded } = await session.transaction(async () => {
    // Before the snapshot: what is copied is what the definitions say.
    if (tables.length > 0)
      await session.run(
        `SET LOCAL lock_timeout = '10s'; LOCK TABLE ${list(tables, (table) => `ONLY ${table}`)} IN ACCESS SHARE MODE; SET LOCAL lock_timeout = 0`,
      );
    const content = await readContent(session, from);
    if (content === null) throw noSchema(from);
    const source = await markOf(session, content, from.database);
    const undecoded = await undecodedMarkOf(session, content, from.database);
    const { snapshot } = await session.row('SELECT pg_current_snapshot() AS snapshot');
    await requireNoRelatives(session, from);
    const lacks = await copy(session, names);
    for (const { schema, name, lastValue, isCalled } of content.sequences) {
      if (schema === names.from)
        await session.rows('SELECT setval($1::regclass, $2::bigint, $3::boolean)', [
          `${quote(names.to)}.${quote(name)}`,
          lastValue,
          isCalled,
        ]);
    }
    await requireApart(session, names);
    const views = await storedViews(session, names.from);
    lacks.push(...differingViews(views, await storedViews(session, names.to, names.from)));
    return { source, lacks, snapshot: String(snapshot), undecoded };
  }, 'ISOLATION LEVEL REPEATABLE READ');
  for (const table of await lockable(session, names.to)) await session.run(`ANALYZE ${table}`);
  const clone = await readPhysical(session, to);
  if (clone === null) throw noSchema(to);
  const size = await session.row(
    `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes FROM pg_class c
        WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'm', 'S')`,
    [quote(names.to)],
  );
  return {
    source,
    clone,
    method: 'copy',
    reason: `the server copies the rows within the database (${bytes(toNumber(size.bytes))}) and builds every index anew; only changes to definitions wait meanwhile`,
    bytes: toNumber(size.bytes),
    lacks,
    ...(trail === null ? {} : { trail: trail.at(snapshot, undecoded) }),
  };
}

interface Names {
  readonly from: string;
  readonly to: string;
}

/** Gives what was not copied. */
async function copy(session: Session, { from, to }: Names): Promise<string[]> {
  const { oid, owner, comment } = await session.row(
    `SELECT oid, pg_get_userbyid(nspowner) AS owner, obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = $1`,
    [from],
  );
  await requireNoShadows(session, from);
  await session.run(`SET LOCAL search_path = ${quote(from)}`);
  const objects = await definitionsOf(session, String(oid));
  const lacks = await notCopied(session, String(oid));
  await session.run(`CREATE SCHEMA ${quote(to)} AUTHORIZATION ${quote(String(owner))}`);
  await session.run(`SET LOCAL search_path = ${quote(to)}`);
  await makeAll(session, objects, from);
  await session.run(`SELECT set_config('search_path', '', true)`);
  if (comment !== null) {
    const { sql } = await session.row(
      `SELECT format('COMMENT ON SCHEMA %I IS %L', $1::text, $2::text) AS sql`,
      [to, String(comment)],
    );
    await session.run(String(sql));
  }
  const copied = await session.row('SELECT oid FROM pg_namespace WHERE nspname = $1', [to]);
  await session.run(`SET LOCAL search_path = ${quote(to)}`);
  const privileges = await session.rows(privilegeDifferences, [String(oid), String(copied.oid)]);
  for (const { sql } of privileges) await session.run(String(sql));
  for (const sql of await schemaPrivileges(session, { from, to })) await session.run(sql);
  return lacks;
}

/** Tries what needs another object again, as long as any of them can be made. */
async function makeAll(
  session: Session,
  objects: readonly DefinedObject[],
  schema: string,
): Promise<void> {
  let left = objects;
  while (left.length > 0) {
    const failed: DefinedObject[] = [];
    let first: unknown = null;
    for (const object of left) {
      try {
        await session.run('SAVEPOINT object');
        await session.run(object.sql);
        await session.run('RELEASE SAVEPOINT object');
      } catch (error) {
        // Not for want of another object.
        if (stateBehind(error) === '57014') throw error;
        await session.run('ROLLBACK TO SAVEPOINT object');
        first ??= { object, error };
        failed.push(object);
      }
    }
    if (failed.length === left.length) throw notMade(schema, first as Failure);
    left = failed;
  }
}

interface Failure {
  readonly object: DefinedObject;
  readonly error: unknown;
}

function notMade(schema: string, { object, error }: Failure): unknown {
  if (error instanceof GreenlightError) return error;
  const state = stateBehind(error) ?? '';
  return new GreenlightError({
    what: `The schema could not be copied: ${object.what}.`,
    where: `schema ${schema}`,
    // Class 42 is about names and grammar; other messages may hold data.
    cause: state.startsWith('42') ? messageOf(error) : `SQLSTATE ${state}`,
    help: 'Take the database itself as live (live: database), or mend the object.',
  });
}

async function schemaPrivileges(session: Session, { from, to }: Names): Promise<string[]> {
  const rows = await session.rows(
    `WITH granted AS (
       SELECT nspname, privilege_type AS privilege, is_grantable AS grantable, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee
         FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) WHERE nspname IN ($1, $2))
     SELECT format('GRANT %s ON SCHEMA %I TO %s%s', privilege, $2::text, grantee, CASE WHEN grantable THEN ' WITH GRANT OPTION' END) AS sql
       FROM (SELECT privilege, grantable, grantee FROM granted WHERE nspname = $1 EXCEPT SELECT privilege, grantable, grantee FROM granted WHERE nspname = $2) lacking
     UNION ALL
     SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT %s ON %s TO %s%s', pg_get_userbyid(defaclrole), $2::text, privilege_type,
              CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES' WHEN 'T' THEN 'TYPES' END,
              CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
       FROM pg_default_acl, aclexplode(defaclacl) WHERE defaclnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)`,
    [from, to],
  );
  return rows.map(({ sql }) => String(sql));
}

async function requireNoRelatives(session: Session, { database, schema }: Place): Promise<void> {
  const found = await session.rows(relativesOfSchema, [schema]);
  if (found.length === 0) return;
  throw new GreenlightError({
    what: 'Partitions of one table, or tables that inherit from each other, stand in this schema and in others.',
    where: `schema ${schema} of ${database}`,
    cause: `in others: ${list(found, ({ dependent }) => String(dependent))}`,
    help: 'A schema is taken live as a whole: move them into it (ALTER TABLE ... SET SCHEMA), or take the database itself as live.',
  });
}

/** A name that the search path could not replace would make the copy read its model. */
async function requireApart(session: Session, { from, to }: Names): Promise<void> {
  const found = await session.rows(dependencies, [to, from]);
  if (found.length === 0) return;
  throw new GreenlightError({
    what: 'The copy of the schema would depend on the schema itself.',
    where: `schema ${from}`,
    cause: found.map(({ dependent }) => String(dependent)).join(', '),
    help: 'Rename what has the name of something of PostgreSQL, or take the database itself as live.',
  });
}

/** A view is known by its name, not by that of its rule. */
const describedObject = `pg_describe_object(
  CASE classid WHEN 'pg_rewrite'::regclass THEN 'pg_class'::regclass::oid ELSE classid END,
  CASE classid WHEN 'pg_rewrite'::regclass THEN (SELECT ev_class FROM pg_rewrite WHERE oid = objid) ELSE objid END, 0)`;

const namespaceOf = (classid: string, objid: string) => `CASE ${classid}
  WHEN 'pg_class'::regclass THEN (SELECT relnamespace FROM pg_class WHERE oid = ${objid})
  WHEN 'pg_type'::regclass THEN (SELECT typnamespace FROM pg_type WHERE oid = ${objid})
  WHEN 'pg_proc'::regclass THEN (SELECT pronamespace FROM pg_proc WHERE oid = ${objid})
  WHEN 'pg_constraint'::regclass THEN (SELECT connamespace FROM pg_constraint WHERE oid = ${objid})
  WHEN 'pg_rewrite'::regclass THEN (SELECT relnamespace FROM pg_rewrite JOIN pg_class c ON c.oid = ev_class WHERE pg_rewrite.oid = ${objid})
  WHEN 'pg_trigger'::regclass THEN (SELECT relnamespace FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE pg_trigger.oid = ${objid})
  WHEN 'pg_policy'::regclass THEN (SELECT relnamespace FROM pg_policy JOIN pg_class c ON c.oid = polrelid WHERE pg_policy.oid = ${objid})
  WHEN 'pg_attrdef'::regclass THEN (SELECT relnamespace FROM pg_attrdef JOIN pg_class c ON c.oid = adrelid WHERE pg_attrdef.oid = ${objid})
  WHEN 'pg_statistic_ext'::regclass THEN (SELECT stxnamespace FROM pg_statistic_ext WHERE oid = ${objid})
  WHEN 'pg_operator'::regclass THEN (SELECT oprnamespace FROM pg_operator WHERE oid = ${objid}) END`;

const dependencies = `
  SELECT DISTINCT ${describedObject} AS dependent FROM pg_depend
   WHERE deptype IN ('n', 'a') AND ${namespaceOf('classid', 'objid')} = (SELECT oid FROM pg_namespace WHERE nspname = $1)
     AND ${namespaceOf('refclassid', 'refobjid')} = (SELECT oid FROM pg_namespace WHERE nspname = $2)
   ORDER BY 1 LIMIT 20`;

/** Tables of other schemas that are partitions or heirs of tables of this one, or the other way round. */
const relatives = (own: 'inhparent' | 'inhrelid', other: 'inhparent' | 'inhrelid') => `
  SELECT pg_describe_object('pg_class'::regclass, ${other}, 0) AS dependent
    FROM pg_inherits JOIN pg_class here ON here.oid = ${own} JOIN pg_class there ON there.oid = ${other}
   WHERE here.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND there.relnamespace <> here.relnamespace
     AND there.relkind IN ('r', 'p', 'f') AND there.relpersistence <> 't'`;
const [childrenElsewhere, parentsElsewhere] = [
  relatives('inhparent', 'inhrelid'),
  relatives('inhrelid', 'inhparent'),
];

/** Their rows are read together: a copy would lack some of them, or be read with live's. */
export const relativesOfSchema = `${childrenElsewhere} UNION ${parentsElsewhere} ORDER BY 1 LIMIT 20`;

/** Views, functions and partitions of other schemas that would be dropped with objects of this one. */
export const dependentsOfSchema = `
  SELECT ${describedObject} AS dependent FROM pg_depend
   WHERE deptype = 'n' AND ${namespaceOf('refclassid', 'refobjid')} = (SELECT oid FROM pg_namespace WHERE nspname = $1)
     AND ${namespaceOf('classid', 'objid')} <> (SELECT oid FROM pg_namespace WHERE nspname = $1)
  UNION ${childrenElsewhere}
   ORDER BY 1 LIMIT 20`;

/** All of other schemas that is bound to an object of this one, whatever its name. */
export const boundToSchema = `
  SELECT * FROM (${dependentsOfSchema}) AS dependents UNION ${parentsElsewhere} ORDER BY 1 LIMIT 20`;

async function lockable(session: Session, schema: string): Promise<string[]> {
  const rows = await session.rows(
    `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE nspname = $1 AND relkind IN ('r', 'p') ORDER BY relname`,
    [schema],
  );
  return rows.map(({ relname }) => `${quote(schema)}.${quote(String(relname))}`);
}

function noSchema({ database, schema }: Place): GreenlightError {
  return new GreenlightError({
    what: `There is no schema ${schema}.`,
    where: `database ${database}`,
    help: 'Check `live` in greenlight.yml.',
  });
}
