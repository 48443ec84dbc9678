import { GreenlightError } from '../../errors.ts';
import type { Side, TablePair } from '../engine.ts';
import { list } from '../sql.ts';
import { Session } from './connection.ts';
import { locationOf, type Place, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { optionsAt } from './servers.ts';
import type { Type } from './types.ts';
import type { Lane } from './workspace.ts';

/** What sides have to have in common that stand on two servers, and what of their values means the same on both. */

/**
 * The major version of each server.
 * @throws GreenlightError when they are one server, or one holds texts that the other cannot.
 */
export async function readVersions(
  places: Readonly<Record<Side, Place>>,
  options: PostgresOptions,
  purpose: string,
): Promise<Readonly<Record<Side, number>>> {
  const about = { purpose: `${purpose}: look at both servers`, readOnly: true };
  const [old, candidate] = await Promise.all(
    [places.old, places.new].map((place) =>
      Session.use(place.database, optionsAt(options, place), about, async (session) => {
        const { encoding, version, started } = await session.row(
          `SELECT current_setting('server_encoding') AS encoding, current_setting('server_version_num') AS version,
             concat_ws(' ', (SELECT system_identifier FROM pg_control_system()), pg_postmaster_start_time()) AS started`,
        );
        return { encoding, started, major: Math.floor(Number(version) / 10_000) };
      }),
    ),
  );
  if (old === undefined || candidate === undefined) throw new Error('There are two sides');
  const where = `${locationOf(places.old)} and ${locationOf(places.new)}`;
  if (old.started === candidate.started) {
    throw new GreenlightError({
      what: 'This is not another server: the connection leads to the same one.',
      where,
      help: 'Correct its address under connection.servers of greenlight.yml.',
    });
  }
  if (old.encoding === candidate.encoding) return { old: old.major, new: candidate.major };
  throw new GreenlightError({
    what: 'The two databases have different encodings, so their texts cannot be compared byte by byte.',
    where,
    cause: `${old.encoding} and ${candidate.encoding}`,
    help: `Restore the one on the other server into a database with ENCODING '${candidate.encoding}'.`,
  });
}

/** From here on intervals can be infinite; before, the same bytes are the longest one. */
const infiniteIntervals = 17;

/** @throws GreenlightError where an interval is one value on one server, and another one on the other. */
export async function refuseLongestIntervals(lane: Lane, pair: TablePair): Promise<void> {
  const { versions } = lane.workshop;
  if (versions === null) return;
  if (versions.old >= infiniteIntervals === versions.new >= infiniteIntervals) return;
  const { schema, name } = pair;
  for (const side of ['old', 'new'] as const) {
    const types = await lane.columnTypes(side, schema, name);
    const columns = pair.columns
      .map((column) => column.name)
      .filter((column) => someBase(types.get(column), (base) => base === 'interval'));
    if (columns.length === 0) continue;
    const { any } = await lane.readRow(
      side,
      side === 'old' ? pair.oldKind : pair.newKind,
      `look for infinite intervals in ${schema}.${name}`,
      `SELECT EXISTS (SELECT FROM ${lane.workshop.relation(side, schema, name)} AS one
        WHERE ${list(columns, (column) => `${quote(column)}::text ~ 'infinity|178956970 years'`, ' OR ')}) AS any`,
    );
    if (any !== true) continue;
    throw new GreenlightError({
      what: 'An interval is infinite for the one server, and the longest there is for the other: nobody can say whether they are the same.',
      where: `${schema}.${name} of ${locationOf(lane.workshop.places[side])}: ${columns.join(', ')}`,
      cause: `PostgreSQL ${versions.old} and ${versions.new}`,
      help: `Compare servers of one version, or name the column in compare.ignore of greenlight.yml.`,
    });
  }
}

/**
 * Whether a text of this type, as one server writes it, is surely read as the same value by another one: extensions may
 * be of another version there, and types that are compared by their texts are written anew where they are read.
 */
export function travels(type: Type): boolean {
  return !someBase(type, (name) => !travelling.test(name));
}

const travelling =
  /^(int[248]|float[48]|numeric|money|bool|text|varchar|bpchar|name|bytea|uuid|date|time|timetz|timestamp|timestamptz|interval|json|jsonb|inet|cidr|macaddr8?|oid|pg_lsn)$/;

/** Of the types that it is made of. */
function someBase(type: Type | undefined, holds: (name: string) => boolean): boolean {
  switch (type?.kind) {
    case 'base':
      return holds(type.name);
    case 'array':
    case 'range':
      return someBase(type.of, holds);
    case 'composite':
      return type.fields.some((field) => someBase(field.type, holds));
    default:
      return false;
  }
}
