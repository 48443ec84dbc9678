import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { bytes, plural } from '../../format.ts';
import type { ExaminationOptions, Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { list } from '../sql.ts';
import { findClients } from './clients.ts';
import { wayToClone } from './clone.ts';
import { relativesOfSchema } from './clone-schema.ts';
import { Session, toNumber } from './connection.ts';
import { readTies } from './container.ts';
import { stateBehind, withoutData } from './errors.ts';
import type { Examined } from './examiner.ts';
import { isLocal, type User } from './examiner-server.ts';
import { type Place, quote } from './names.ts';
import { openBeside } from './sessions.ts';

const { good, warning, fault, unknown, thrown } = findingsOf('databases');

/** What clones of a database need: the right to make them, a way, and room. */
export async function* examineCopies(
  examined: Examined,
  user: User,
  options: ExaminationOptions,
): AsyncIterable<Finding> {
  const { live } = examined;
  yield user.makesDatabases
    ? good('right to make databases', `${user.name} has it.`)
    : fault(
        'right to make databases',
        `${user.name} may not make databases: no clone can be made, and none be renamed.`,
        `A superuser can allow it: ALTER ROLE ${quote(user.name)} CREATEDB;`,
      );
  let session: Session;
  try {
    session = await openBeside([live.database], examined.options, 'doctor');
  } catch (error) {
    yield thrown('database beside live', error, withoutData);
    return;
  }
  try {
    yield good(
      'database beside live',
      `Databases are made, renamed and dropped from ${session.database}.`,
    );
    yield await examineOwner(session, 'database', live.database, user);
    const way = await examineWay(examined, options.method);
    yield way.finding;
    yield await examineClients(examined, user, options.method);
    yield* examineSuperuserOnly(examined, user, { method: options.method, byDump: way.byDump });
    yield* examineRoom(session, examined, user, {
      copies: options.copies,
      byDump: way.byDump === true,
    });
    yield await examineTies(session, live.database);
  } catch (error) {
    yield thrown('what else there is', error, withoutData);
  } finally {
    await session.close();
  }
}

/** The same for a schema: it is copied within its database. */
export async function* examineSchemaCopies(
  session: Session,
  { database, schema }: Place,
  user: User,
  { method }: ExaminationOptions,
): AsyncIterable<Finding> {
  const { makes } = await session.row(
    `SELECT has_database_privilege(current_database(), 'CREATE') AS makes`,
  );
  yield makes === true
    ? good('right to make schemas', `${user.name} has it.`)
    : fault(
        'right to make schemas',
        `${user.name} may not make schemas in database ${database}: no clone can be made, and none be renamed.`,
        `The owner of the database can allow it: GRANT CREATE ON DATABASE ${quote(database)} TO ${quote(user.name)};`,
      );
  yield await examineOwner(session, 'schema', schema ?? '', user);
  yield method === 'auto'
    ? good('way to clone', 'The server copies the schema within its database, row by row.')
    : fault(
        'way to clone',
        `A schema is not cloned by ${method}.`,
        'Write auto as clone.method in greenlight.yml.',
      );
  const relatives = await session.rows(relativesOfSchema, [schema]);
  yield relatives.length === 0
    ? good('tables of several schemas', 'No table of live has partitions or heirs in another one.')
    : fault(
        'tables of several schemas',
        `Their rows are read together with those of live, and the schema cannot be cloned without them: ${shown(relatives.map(({ dependent }) => String(dependent)))}.`,
        'Move them into the schema (ALTER TABLE ... SET SCHEMA), or take the database itself as live.',
      );
  const keys = await session.rows(keysToOthers, [schema]);
  if (keys.length > 0)
    yield warning(
      'foreign keys to other schemas',
      `Copies of live have them as well: as long as a release is under way, rows that its copies refer to cannot be deleted there, even when live refers to them no more: ${shown(keys.map(({ name }) => String(name)))}.`,
      'Delete no such rows until the release is swapped or retired, or take the database itself as live.',
    );
}

const keysToOthers = `
  SELECT format('%s.%s (%s)', c.relname, conname, confrelid::regclass) AS name
    FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid JOIN pg_class there ON there.oid = confrelid
   WHERE contype = 'f' AND conparentid = 0 AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
     AND there.relnamespace <> c.relnamespace ORDER BY 1`;

/** Only who has the owner's privileges may rename it, and give its owner to a clone. */
async function examineOwner(
  session: Session,
  kind: 'database' | 'schema',
  name: string,
  user: User,
): Promise<Finding> {
  const subject = 'ownership of live';
  const sets = user.serverMajor >= 16 ? 'SET' : 'MEMBER';
  const {
    owner,
    super: isSuper,
    has,
    gives,
  } = await session.row(
    `SELECT rolname AS owner, rolsuper AS super, pg_has_role(owner, 'USAGE') AS has, pg_has_role(owner, '${sets}') AS gives
       FROM pg_roles r JOIN (${
         kind === 'database'
           ? 'SELECT datdba AS owner FROM pg_database WHERE datname = $1'
           : 'SELECT nspowner AS owner FROM pg_namespace WHERE nspname = $1'
       }) AS there ON r.oid = there.owner`,
    [name],
  );
  if (has === true && gives === true)
    return good(subject, `${user.name} may do what its owner, ${owner}, may.`);
  return fault(
    subject,
    `Live belongs to ${owner}, and ${user.name} may not do what ${owner} may: live can be neither copied nor renamed.`,
    helpForOwner(user, {
      kind,
      name,
      owner: String(owner),
      isSuper: isSuper === true,
      gives: gives === true,
    }),
  );
}

function helpForOwner(
  { name: user, serverMajor }: User,
  live: {
    readonly kind: 'database' | 'schema';
    readonly name: string;
    readonly owner: string;
    readonly isSuper: boolean;
    /** The user is a member of it. */
    readonly gives: boolean;
  },
): string {
  if (live.isSuper) {
    // To be a member of a superuser is to be one.
    const owner = quote(`${live.name}_owner`);
    const kind = live.kind.toUpperCase();
    return `${live.owner} is a superuser. Give live a role of its own: CREATE ROLE ${owner}; GRANT ${owner} TO ${quote(user)}; ALTER ${kind} ${quote(live.name)} OWNER TO ${owner};`;
  }
  if (serverMajor < 16 && live.gives)
    return `A superuser can allow it: ALTER ROLE ${quote(user)} INHERIT;`;
  const how = serverMajor >= 16 ? ' WITH INHERIT TRUE, SET TRUE' : '';
  return `Somebody who administers that role can allow it: GRANT ${quote(live.owner)} TO ${quote(user)}${how};`;
}

interface Way {
  readonly finding: Finding;
  /** Null: not known. */
  readonly byDump: boolean | null;
}

/** As `clone` would decide it now. */
async function examineWay({ live, options }: Examined, method: string): Promise<Way> {
  const subject = 'way to clone';
  try {
    const { clientsVersion, reason } = await wayToClone(live.database, method, options);
    const byDump = clientsVersion !== null;
    return { finding: good(subject, `By ${byDump ? 'dump' : 'template'}: ${reason}.`), byDump };
  } catch (error) {
    return {
      finding: thrown(subject, error, withoutData),
      byDump: method === 'dump' ? true : null,
    };
  }
}

async function examineClients(
  { options }: Examined,
  { serverMajor }: User,
  method: string,
): Promise<Finding> {
  const subject = 'pg_dump and pg_restore';
  if (method === 'template')
    return good(subject, 'They are not needed: clones are made by template.');
  const clients = await findClients(serverMajor, options);
  if (clients !== null) return good(subject, `Version ${clients.version} is in ${clients.folder}.`);
  const found = `There is none that fits a server of version ${serverMajor}.`;
  const help = `Install the client programs (Debian: postgresql-client-${serverMajor}) or name their folder in connection.client_path of greenlight.yml.`;
  return method === 'dump'
    ? fault(subject, found, help)
    : warning(subject, `${found} Live can be cloned only while nobody is on it.`, help);
}

/** What pg_restore cannot make for a user like this one. A copy of the files has it. */
async function* examineSuperuserOnly(
  { live, options }: Examined,
  { name, isSuper }: User,
  { method, byDump }: { readonly method: string; readonly byDump: boolean | null },
): AsyncIterable<Finding> {
  const subject = 'what only some may restore';
  if (method === 'template') return;
  const found = await Session.use(
    live.database,
    options,
    { purpose: 'doctor', readOnly: true },
    (session) => session.rows(restorable, [isSuper]),
  );
  if (found.length === 0) {
    yield good(subject, `pg_restore can make everything of live again, as ${name}.`);
    return;
  }
  const roles = [...new Set(found.flatMap(({ role }) => (role === null ? [] : [String(role)])))];
  const what = `pg_restore could not make this of live as ${name}: ${shown(found.map(({ what: one }) => String(one)))}.`;
  const help = [
    ...(roles.length === 0
      ? []
      : [`A superuser can allow it: GRANT ${list(roles, quote)} TO ${quote(name)};`]),
    ...(found.some(({ role }) => role === null)
      ? [
          'No privilege should allow the rest: install what is missing, give what belongs to a superuser to the owner of live (ALTER ... OWNER TO), connect as a superuser, or set clone.method to template (and connection.end_sessions, when others are on live).',
        ]
      : []),
  ].join('\n');
  yield byDump === false
    ? warning(subject, `${what} It would be needed while others are on live.`, help)
    : fault(subject, what, help);
}

/**
 * `$1`: whether the user is a superuser. `role`: who has that role may make it. Extensions that a cluster begins with
 * are in every database.
 */
const restorable = `
  SELECT 'extension ' || e.extname AS what, NULL AS role
    FROM pg_extension e LEFT JOIN pg_available_extensions a ON a.name = e.extname
    LEFT JOIN pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version
   WHERE e.oid >= 16384 AND (v.name IS NULL OR v.superuser AND NOT v.trusted AND NOT $1)
  UNION ALL
  SELECT 'event trigger ' || evtname, NULL FROM pg_event_trigger WHERE NOT $1
  UNION ALL
  SELECT 'what belongs to ' || rolname, CASE WHEN NOT rolsuper THEN rolname END FROM pg_roles
   WHERE oid IN (SELECT relowner FROM pg_class WHERE oid >= 16384 UNION SELECT proowner FROM pg_proc WHERE oid >= 16384
                 UNION SELECT typowner FROM pg_type WHERE oid >= 16384 UNION SELECT nspowner FROM pg_namespace WHERE oid >= 16384
                 UNION SELECT lomowner FROM pg_largeobject_metadata)
     AND NOT pg_has_role(oid, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)
  ORDER BY 1`;

async function* examineRoom(
  session: Session,
  { live, options }: Examined,
  user: User,
  { copies, byDump }: { readonly copies: number; readonly byDump: boolean },
): AsyncIterable<Finding> {
  const subject = 'free disk space';
  let size: number;
  let folder: string | null;
  let shares: boolean;
  try {
    const row = await session.row(
      `SELECT pg_database_size(d.oid) AS size, current_setting('file_copy_method', true) = 'clone' AS shares,
              coalesce(nullif(pg_tablespace_location(d.dattablespace), ''),
                (SELECT setting FROM pg_settings WHERE name = 'data_directory')) AS folder
         FROM pg_database d WHERE d.datname = $1`,
      [live.database],
    );
    [size, shares] = [toNumber(row.size), row.shares === true];
    folder = row.folder === null ? null : String(row.folder);
  } catch (error) {
    // The size of a database is told to who may connect to it.
    if (stateBehind(error) !== '42501') throw error;
    yield unknown(subject, 'The server does not tell how large live is.');
    return;
  }
  const needed = shares && !byDump ? 0 : size * copies;
  const takes = `The ${plural(copies, 'copy', 'copies')} of live that a release makes take ${bytes(needed)} on the server`;
  const isHere = isLocal(options.host);
  const free = folder === null || !isHere ? null : await freeAt(folder);
  if (free === null) {
    yield unknown(
      subject,
      `${takes}; how much is free there cannot be seen from here.`,
      isHere && folder === null
        ? `Where it keeps its files it tells to those who may read its settings: GRANT pg_read_all_settings TO ${quote(user.name)};`
        : undefined,
    );
  } else {
    const found = `${takes}; ${bytes(free)} are free.`;
    const help =
      'Free some room (`greenlight retire --dry-run` lists what Greenlight keeps), or enlarge the disk of the server.';
    yield free < needed
      ? fault(subject, found, help)
      : free < needed + size
        ? warning(subject, `${found} What the new logic writes comes on top.`, help)
        : good(subject, found);
  }
  if (byDump) yield await examineFolderForDump(size);
}

async function examineFolderForDump(size: number): Promise<Finding> {
  const subject = 'room for the dump';
  const free = await freeAt(tmpdir());
  if (free === null) return unknown(subject, `It cannot be told how much is free in ${tmpdir()}.`);
  const found = `${bytes(free)} are free in ${tmpdir()}, where the dump of ${bytes(size)} stands for a while, packed.`;
  return free < size
    ? warning(subject, found, 'Name a folder with more room in the variable TMPDIR.')
    : good(subject, found);
}

async function freeAt(folder: string): Promise<number | null> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
}

async function examineTies(session: Session, database: string): Promise<Finding> {
  const subject = 'what a clone cannot have';
  const ties = await readTies(session, database);
  return ties.length === 0
    ? good(subject, 'Live has no replication slots and no subscriptions.')
    : warning(
        subject,
        `These belong to the database that is live now, and stay with it at the swap: ${shown(ties)}.`,
        'Make them anew on the new live right after the swap, or take a schema as live.',
      );
}

function shown(names: readonly string[]): string {
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return `${names.slice(0, 10).join(', ')}${more}`;
}
