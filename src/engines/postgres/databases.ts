import { GreenlightError } from '../../errors.ts';
import type { CloneOptions, CloneReport, Databases, Location, Physical } from '../engine.ts';
import { list } from '../sql.ts';
import { cloneDatabase, dropLeftovers } from './clone.ts';
import { cloneSchema, dependentsOfSchema } from './clone-schema.ts';
import { Session, toNumber } from './connection.ts';
import { stateBehind } from './errors.ts';
import { glancePhysical, isSameButSequences, readPhysical } from './mark.ts';
import { locationOf, type Place, placeOf, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { optionsAt, requireOwnServer, requireReadable } from './servers.ts';
import { beside } from './sessions.ts';
import { dropTrail, readTrail } from './trail.ts';
import { Watches, writtenSince } from './watch.ts';

/** Databases of a cluster, or schemas of one of them. */
export function postgresDatabases(options: PostgresOptions, live: Location): Databases {
  const watches = new Watches(options);
  return {
    identify: (at) => identify(placeOf(at), options, watches),
    glance: (at) => glance(placeOf(at), options),
    isSameButSequences,
    clone: async (from, to, how) => {
      requireOwnServer(placeOf(from), placeOf(to));
      for (const at of [from, to]) await watches.rest(placeOf(at));
      return clone(placeOf(from), placeOf(to), how, { options, live });
    },
    drop: async (at) => {
      requireOwnServer(placeOf(at));
      await watches.rest(placeOf(at));
      await drop(placeOf(at), options);
    },
    size: (at) => size(placeOf(at), options),
    watch: async (at, since) => watches.begin(placeOf(at), since),
    writtenSince: (since) => writtenSince(placeOf(live), since, options),
    trail: (release) => readTrail(live, release, options),
    dropTrail: (release) => dropTrail(live, release, options),
  };
}

/** A scan of every table, unless it is watched: the price of knowing that nothing was written, whatever wrote it. */
async function identify(
  place: Place,
  options: PostgresOptions,
  watches: Watches,
): Promise<Physical | null> {
  const watched = watches.find(place);
  if (watched !== null) return unlessGone(() => watched.identify());
  return inThere(place, options, 'identify', async (session) => {
    await session.run(whoChangesTables);
    if (place.server !== null) await requireReadable(session, place);
    return thereOn(place, await readPhysical(session, place));
  });
}

async function glance(place: Place, options: PostgresOptions): Promise<Physical | null> {
  return inThere(place, options, 'glance', async (session) =>
    thereOn(place, await glancePhysical(session, place)),
  );
}

/** A standby, and what was restored from a copy of the files, call themselves what the original does. */
function thereOn({ server }: Place, found: Physical | null): Physical | null {
  return found === null || server === null ? found : { ...found, id: `${found.id}@${server}` };
}

/** Somebody who changes a table's definition is waited for so long; then it is said. */
const whoChangesTables = `SET lock_timeout = '10s'`;

async function clone(
  from: Place,
  to: Place,
  how: CloneOptions,
  { options, live }: { readonly options: PostgresOptions; readonly live: Location },
): Promise<CloneReport> {
  await drop(to, options);
  if (from.schema !== null) return cloneSchema(from, to, how, options);
  const isLive = locationOf(from) === live;
  return cloneDatabase(from.database, to.database, how, { options, isLive });
}

async function drop({ database, schema }: Place, options: PostgresOptions): Promise<void> {
  if (schema !== null) {
    await inThere({ database, schema, server: null }, options, 'drop', (session) =>
      dropSchema(session, schema),
    );
    return;
  }
  await beside([database], options, 'drop', async (session) => {
    await dropLeftovers(session, database);
    const [there] = await session.rows(
      'SELECT datistemplate AS template FROM pg_database WHERE datname = $1',
      [database],
    );
    if (there === undefined) return;
    if (there.template === true)
      await session.run(`ALTER DATABASE ${quote(database)} IS_TEMPLATE false`);
    await session.run(`DROP DATABASE IF EXISTS ${quote(database)} WITH (FORCE)`);
  });
}

/** CASCADE takes along whatever depends on it, wherever that stands: first, nothing may. */
async function dropSchema(session: Session, schema: string): Promise<void> {
  const bound = await session.rows(dependentsOfSchema, [schema]);
  if (bound.length > 0) {
    throw new GreenlightError({
      what: 'Objects of other schemas depend on this one, and would be dropped with it.',
      where: `schema ${schema} of ${session.database}`,
      cause: list(bound, ({ dependent }) => String(dependent)),
      help: 'Drop them, or bind them to live, then run the same command again.',
    });
  }
  await session.run(`DROP SCHEMA IF EXISTS ${quote(schema)} CASCADE`);
}

async function size(place: Place, options: PostgresOptions): Promise<number> {
  const found = await inThere(place, options, 'size', async (session) => {
    const { bytes } =
      place.schema === null
        ? await session.row('SELECT pg_database_size(current_database()) AS bytes')
        : await session.row(
            `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = $1 AND c.relkind IN ('r', 'm', 'S')`,
            [place.schema],
          );
    return toNumber(bytes);
  });
  return found ?? 0;
}

/** Null when there is no such database. */
async function inThere<T>(
  place: Place,
  options: PostgresOptions,
  purpose: string,
  work: (session: Session) => Promise<T>,
): Promise<T | null> {
  return unlessGone(() =>
    Session.use(
      place.database,
      optionsAt(options, place),
      { purpose, readOnly: purpose !== 'drop' },
      work,
    ),
  );
}

async function unlessGone<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (stateBehind(error) === '3D000') return null;
    throw error;
  }
}
