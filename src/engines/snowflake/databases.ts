import { UsageError } from '../../errors.ts';
import type { CloneOptions, CloneReport, Databases, Physical } from '../engine.ts';
import { untrailed } from '../untrailed.ts';
import { cloneContainer } from './clone.ts';
import { Session } from './connection.ts';
import { levelOf } from './grants.ts';
import { glanceMark, idOf, readPhysical, sizeOf } from './mark.ts';
import { type Place, placeOf, quotePlace } from './names.ts';
import type { SnowflakeOptions } from './options.ts';

/** Databases of an account, or schemas of one of them. */
export function snowflakeDatabases(options: SnowflakeOptions): Databases {
  return {
    identify: (at) => within(options, 'identify', (session) => readPhysical(session, placeOf(at))),
    glance: (at) => within(options, 'glance', (session) => glance(session, placeOf(at))),
    clone: (from, to, how) => clone(placeOf(from), placeOf(to), how, options),
    drop: (at) => within(options, 'drop', (session) => drop(session, placeOf(at))),
    size: (at) => within(options, 'size', (session) => sizeOf(session, placeOf(at))),
    ...untrailed('hashes of all tables'),
  };
}

function within<T>(
  options: SnowflakeOptions,
  purpose: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return Session.use(options, { purpose }, work);
}

async function glance(session: Session, place: Place): Promise<Physical | null> {
  const id = await idOf(session, place);
  return id === null ? null : { id, mark: await glanceMark(session, place) };
}

async function clone(
  from: Place,
  to: Place,
  { method }: CloneOptions,
  options: SnowflakeOptions,
): Promise<CloneReport> {
  if (method !== 'auto') {
    throw new UsageError({
      what: `Snowflake makes no clone by ${method}.`,
      where: 'greenlight.yml: clone.method',
      help: 'Write auto: a zero-copy clone, by time travel where the tables keep a past.',
    });
  }
  return within(options, 'clone', async (session) => {
    await drop(session, to);
    return cloneContainer(session, { from, to }, options);
  });
}

/** What Snowflake keeps of it is found by UNDROP for as long as its retention says. */
async function drop(session: Session, place: Place): Promise<void> {
  // In a database that is not there, there is no schema either.
  if ((await idOf(session, place)) === null) return;
  await session.run(`DROP ${levelOf(place)} IF EXISTS ${quotePlace(place)} CASCADE`);
}
