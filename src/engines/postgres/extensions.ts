import type { Session } from './connection.ts';
import { literal, quote } from './names.ts';

export interface Extension {
  readonly name: string;
  readonly schema: string;
  /** Null: the server cannot install the one that is there, so the copy gets another. */
  readonly version: string | null;
}

/**
 * All extensions of a database, those first that others need. Empty where each has the version that the server installs
 * by itself: then nothing has to be done for them.
 */
export async function oddExtensions(session: Session): Promise<Extension[]> {
  const rows = await session.rows(
    `WITH RECURSIVE needed (oid, depth) AS (
       SELECT oid, 0 FROM pg_extension
       UNION SELECT refobjid, depth + 1 FROM needed JOIN pg_depend ON objid = needed.oid
        WHERE classid = 'pg_extension'::regclass AND refclassid = 'pg_extension'::regclass)
     SELECT extname AS name, nspname AS schema,
            (SELECT version FROM pg_available_extension_versions v WHERE v.name = extname AND version = extversion) AS version,
            extversion IS DISTINCT FROM (SELECT default_version FROM pg_available_extensions a WHERE a.name = extname) AS odd
       FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace
      ORDER BY (SELECT max(depth) FROM needed WHERE needed.oid = e.oid) DESC, extname`,
  );
  const isOdd = rows.some(({ odd, version }) => odd === true && version !== null);
  return !isOdd
    ? []
    : rows.map(({ name, schema, version }) => ({
        name: String(name),
        schema: String(schema),
        version: version === null ? null : String(version),
      }));
}

/** As pg_restore does, but in their versions; it leaves alone what is there. */
export async function createExtensions(
  session: Session,
  extensions: readonly Extension[],
): Promise<void> {
  for (const { name, schema, version } of extensions)
    await session.run(
      `CREATE EXTENSION IF NOT EXISTS ${quote(name)} SCHEMA ${quote(schema)}${version === null ? '' : ` VERSION ${literal(version)}`}`,
    );
}
