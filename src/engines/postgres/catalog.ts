import type { Catalog, CatalogObject, CatalogReader, Location, Places } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import { readObjects } from './catalog-objects.ts';
import { readRelations } from './catalog-relations.ts';
import { isOwnRelation } from './catalog-scope.ts';
import { Session, toNumber } from './connection.ts';
import { readContainer } from './container.ts';
import { readDefinitions } from './definitions.ts';
import { stateOf } from './errors.ts';
import { literal, type Place, placeOf, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { optionsAt } from './servers.ts';
import { requireNoShadows } from './shadows.ts';

/** A schema-level place reads as if it held one schema that has live's name, wherever it really stands. */
export function postgresCatalog(options: PostgresOptions, places: Places): CatalogReader {
  return {
    read: async (at) => {
      const place = placeOf(at);
      const { database, schema } = place;
      const about = { purpose: `read the catalog of ${at}`, readOnly: true };
      return Session.use(database, optionsAt(options, place), about, async (session) => {
        if (schema !== null) {
          await requireNoShadows(session, schema);
          // What is found without its schema is written without it: the same text in every place.
          await session.run(`SET search_path = ${quote(schema)}`);
        }
        return readCatalog(session, place, places.live);
      });
    },
  };
}

async function readCatalog(
  session: Session,
  { schema, server }: Place,
  live: Location,
): Promise<Catalog> {
  const shown = schema === null ? null : placeOf(live).schema;
  const place = [schema, shown];
  const version = await versionOf(session);
  const catalog = await unchanging(session, async () => {
    const relations = await readRelations(session, place, version);
    const objects = await readObjects(session, place);
    const definitions = await readDefinitions(session, place, { relations, objects });
    const container = schema === null ? await readContainer(session, session.database) : [];
    return { relations, objects: [...objects, ...container], definitions };
  });
  const objects = await shownAs(session, schema, shown, catalog.objects);
  // The log runs ahead of sequences, and so do a standby and what was restored from files.
  if (server !== null) return { ...catalog, objects, untold: [sequencePosition] };
  const positions = await again(() => readPositions(session, schema, shown));
  return { ...catalog, objects: [...objects, ...positions] };
}

/** All that the session's whole database holds, but for rows and what belongs to the database from outside. */
export async function readHeld(
  session: Session,
  snapshot?: string,
): Promise<Pick<Catalog, 'relations' | 'objects'>> {
  const version = await versionOf(session);
  const everything = [null, null];
  return unchanging(
    session,
    async () => ({
      relations: await readRelations(session, everything, version),
      objects: await readObjects(session, everything),
    }),
    snapshot,
  );
}

async function versionOf(session: Session): Promise<number> {
  const { version } = await session.row("SELECT current_setting('server_version_num') AS version");
  return toNumber(version);
}

/**
 * One instant for all of it: now, or that of an exported snapshot. What the catalog's functions write down follows the
 * newest definitions all the same: when something is dropped meanwhile they fail, and everything is read again.
 */
function unchanging<T>(session: Session, read: () => Promise<T>, snapshot?: string): Promise<T> {
  return again(() =>
    session.transaction(async () => {
      if (snapshot !== undefined)
        await session.run(`SET TRANSACTION SNAPSHOT ${literal(snapshot)}`);
      // Compiling these long statements takes longer than running them.
      await session.run('SET LOCAL jit = off');
      return read();
    }, 'ISOLATION LEVEL REPEATABLE READ, READ ONLY'),
  );
}

/** XX000: `cache lookup failed`; 42P01: no such relation. */
async function again<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (!['XX000', '42P01'].includes(stateOf(error) ?? '') || attempt === 5) throw error;
    }
  }
}

/** The text of a function or statistics names its own schema, whatever the search path. */
async function shownAs(
  session: Session,
  schema: string | null,
  shown: string | null,
  objects: readonly CatalogObject[],
): Promise<readonly CatalogObject[]> {
  if (schema === null || schema === shown) return objects;
  const { physical, live } = await session.row(
    'SELECT quote_ident($1) AS physical, quote_ident($2) AS live',
    [schema, shown],
  );
  const heads = ['FUNCTION', 'PROCEDURE'].map((kind) => `CREATE OR REPLACE ${kind} `);
  return objects.map((object) => {
    const head = heads.find((one) => object.definition.startsWith(`${one}${physical}.`));
    return head === undefined
      ? object
      : {
          ...object,
          definition: object.definition.replace(`${head}${physical}.`, () => `${head}${live}.`),
        };
  });
}

// ---------------------------------------------------------------------------------------------
// Positions of sequences

const sequencePosition = 'sequence position';

/** Few: each sequence that is read is locked until the transaction ends, and the server has room for some thousands. */
const sequencesAtOnce = 200;

/** No snapshot holds them: they are read on their own. */
async function readPositions(
  session: Session,
  schema: string | null,
  shown: string | null,
): Promise<CatalogObject[]> {
  const sequences = await session.rows(
    `SELECT c.oid, nspname, relname, has_sequence_privilege(c.oid, 'SELECT') AS readable
     FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind = 'S' AND relpersistence <> 't'
       AND CASE WHEN $1::text IS NULL THEN nspname !~ '^pg_' AND nspname <> 'information_schema' ELSE nspname = $1 END
       AND ${isOwnRelation('c.oid', '$1::text')}
     ORDER BY nspname, relname`,
    [schema],
  );
  const positions: CatalogObject[] = [];
  for (const group of inGroups(sequences, sequencesAtOnce)) {
    const readable = group.filter((one) => one.readable === true);
    const found = await session.rows(
      list(
        readable,
        ({ oid, nspname, relname }) =>
          `SELECT ${oid} AS oid, CASE WHEN is_called THEN 'after ' ELSE 'at ' END || last_value AS position
           FROM ${quote(String(nspname))}.${quote(String(relname))}`,
        ' UNION ALL ',
      ) || 'SELECT NULL AS oid, NULL AS position',
    );
    const byId = new Map(found.map(({ oid, position }) => [oid, String(position)]));
    for (const { oid, nspname, relname } of group)
      positions.push({
        kind: sequencePosition,
        name: `${schema === null ? nspname : shown}.${relname}`,
        definition: byId.get(oid ?? null) ?? 'not readable: the user may not SELECT from it',
      });
  }
  return positions;
}
