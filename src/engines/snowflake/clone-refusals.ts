import { GreenlightError } from '../../errors.ts';
import { guardedBy, readPolicies } from './catalog-policies.ts';
import { Scope } from './catalog-scope.ts';
import type { Ends } from './clone.ts';
import type { Session } from './connection.ts';
import { type Place, plain, quotePlace } from './names.ts';

/** Tables that Snowflake clones with a whole database only (docs: "Clone databases that contain hybrid tables"). */
export async function hybridTables(scope: Scope): Promise<string[]> {
  const rows = await scope.informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, IS_HYBRID',
  );
  return rows
    .filter(({ IS_HYBRID }) => IS_HYBRID === 'YES')
    .map((row) => `${plain(String(row.TABLE_SCHEMA))}.${plain(String(row.TABLE_NAME))}`);
}

export const cloneTheDatabase =
  'Let live be the whole database (`live: shop`), or move these tables to another schema.';

/**
 * Snowflake offers to leave hybrid tables of a schema out (docs: behaviour change bcr-1792, error 392105): the swap would
 * take them away from live.
 */
export async function requireNoHybrid(session: Session, from: Place): Promise<void> {
  if (from.schema === null) return;
  const found = await hybridTables(new Scope(session, from));
  if (found.length === 0) return;
  throw new GreenlightError({
    what: `The schema has ${found.length} hybrid tables, which are cloned with a whole database only: a release would take them away from live.`,
    where: quotePlace(from),
    cause: found.slice(0, 10).join(', '),
    live: 'live is unchanged, nothing was made',
    help: cloneTheDatabase,
  });
}

/** Tables and views for which the role has no SELECT are left out of a clone without a word. */
export async function requireWhole(session: Session, { from, to }: Ends): Promise<void> {
  const [before, after] = [await relationsOf(session, from), await relationsOf(session, to)];
  const missing = [...before].filter((name) => !after.has(name));
  if (missing.length === 0) return;
  throw new GreenlightError({
    what: `The clone lacks ${missing.length} of ${before.size} tables and views, and would take them away from live.`,
    where: quotePlace(from),
    cause: missing.slice(0, 10).join(', '),
    help: `Snowflake leaves out what the role of the connection may not read. An owner can allow it: GRANT SELECT ON TABLE ${missing[0]} TO ROLE release_role; (docs/snowflake.md)`,
  });
}

async function relationsOf(session: Session, place: Place): Promise<Set<string>> {
  const rows = await new Scope(session, place).informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE',
  );
  const inPlace = place.schema === null ? (schema: unknown) => `${schema}.` : () => '';
  return new Set(
    rows
      .filter(({ TABLE_TYPE }) => isCloned(TABLE_TYPE))
      .map((row) => `${inPlace(row.TABLE_SCHEMA)}${row.TABLE_NAME}`),
  );
}

/**
 * A policy that guards a table of live guards it in the clone too. Not so where it came by a tag of something that the clone
 * is no part of (docs: "Cloning and governance objects"): then readers would see what is hidden from them.
 */
export async function requireGuarded(session: Session, { from, to }: Ends): Promise<void> {
  const [before, after] = [await guardsOf(session, from), await guardsOf(session, to)];
  const missing = [...before].filter((one) => !after.has(one));
  if (missing.length === 0) return;
  throw new GreenlightError({
    what: `The clone lacks ${missing.length} policies that are in force in live, and would show what they hide.`,
    where: quotePlace(from),
    cause: missing.slice(0, 10).join(', '),
    live: 'live is unchanged',
    help: 'Set them on the tables and columns themselves, or on a tag that is set there or within live.',
  });
}

async function guardsOf(session: Session, place: Place): Promise<Set<string>> {
  const scope = new Scope(session, place, place.schema === null ? null : '');
  const rows = await new Scope(session, place).informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE',
  );
  const cloned = rows.filter(({ TABLE_TYPE }) => isCloned(TABLE_TYPE));
  const { objects } = await readPolicies(scope, cloned.map(guardedBy));
  return new Set(
    objects
      .filter(({ kind }) => / in force$/.test(kind))
      .map(({ kind, name, definition }) => `${kind} on ${name}: ${definition}`),
  );
}

function isCloned(type: unknown): boolean {
  return /^(BASE TABLE|VIEW|MATERIALIZED VIEW)$/.test(String(type));
}
