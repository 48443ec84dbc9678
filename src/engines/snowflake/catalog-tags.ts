import type { CatalogObject } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import type { Guarded } from './catalog-policies.ts';
import { isNotKnown, type Scope } from './catalog-scope.ts';
import type { Row, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { literal, type Place, qualified, quotePlace } from './names.ts';

/** A tag that is set on something. */
export interface TagOn {
  /** Where the tag stands, and its name. */
  readonly tag: readonly [database: string, schema: string, name: string];
  /** Null: on the whole. */
  readonly column: string | null;
  readonly value: string;
}

/** One statement makes so many calls. */
const askedAtOnce = 50;

/**
 * Where tags are set: on schemas, tables, views and columns. A clone keeps them, and a tag of its own place is that of the
 * clone (docs: "Cloning and governance objects"): so one is told by its name within its place.
 */
export async function readTags(
  scope: Scope,
  guarded: readonly Guarded[],
): Promise<CatalogObject[]> {
  const { database, schema } = scope.place;
  const schemas =
    schema === null
      ? (await scope.informed('SCHEMATA', 'SCHEMA_NAME', 'SCHEMA_NAME')).map((row) =>
          literal(qualified(database, String(row.SCHEMA_NAME))),
        )
      : [];
  const asked = [
    ...schemas.map((name) => `TAG_REFERENCES(${name}, 'SCHEMA')`),
    ...guarded.flatMap((one) => callsFor(scope, one)),
  ];
  const groups = inGroups(asked, askedAtOnce);
  const rows = (await Promise.all(groups.map((some) => referencesOf(scope, some)))).flat();
  return rows.filter(isSetItself).map((row) => setOn(scope, row));
}

function callsFor({ place }: Scope, { schema, name }: Guarded): string[] {
  const entity = literal(qualified(place.database, place.schema ?? schema, name));
  return [`TAG_REFERENCES(${entity}, 'TABLE')`, `TAG_REFERENCES_ALL_COLUMNS(${entity}, 'TABLE')`];
}

/** Those of one table or view, and of its columns. */
export async function tagsOfRelation(scope: Scope, relation: Guarded): Promise<TagOn[]> {
  const rows = await referencesOf(scope, callsFor(scope, relation));
  return rows.filter(isSetItself).map(tagOn);
}

/** Those of a database or schema itself. */
export async function readContainerTags(session: Session, place: Place): Promise<TagOn[]> {
  const level = place.schema === null ? 'DATABASE' : 'SCHEMA';
  const rows = await referencesOf({ session, place }, [
    `TAG_REFERENCES(${literal(quotePlace(place))}, '${level}')`,
  ]);
  return rows.filter(isSetItself).map(tagOn);
}

function tagOn({ TAG_DATABASE, TAG_SCHEMA, TAG_NAME, TAG_VALUE, COLUMN_NAME }: Row): TagOn {
  return {
    tag: [String(TAG_DATABASE), String(TAG_SCHEMA), String(TAG_NAME)],
    column: (COLUMN_NAME ?? '') === '' ? null : String(COLUMN_NAME),
    value: String(TAG_VALUE),
  };
}

/** Of what is gone by now, or what the role may not look at, nothing is known: then of the others alone. */
async function referencesOf(
  scope: Pick<Scope, 'session' | 'place'>,
  some: readonly string[],
): Promise<Row[]> {
  const of = (call: string) =>
    `SELECT TAG_DATABASE, TAG_SCHEMA, TAG_NAME, TAG_VALUE, APPLY_METHOD, "LEVEL" AS SET_AT, "DOMAIN" AS ASKED, OBJECT_SCHEMA, OBJECT_NAME, COLUMN_NAME
      FROM TABLE(${qualified(scope.place.database, 'INFORMATION_SCHEMA')}.${call})`;
  try {
    return await scope.session.rows(list(some, of, '\nUNION ALL\n'));
  } catch (error) {
    if (!isNotKnown(error) && codeBehind(error) !== '002003') throw error;
    if (some.length === 1) return [];
    const found = await Promise.all(some.map((one) => referencesOf(scope, [one])));
    return found.flat();
  }
}

const above: Readonly<Record<string, readonly string[]>> = {
  DATABASE: ['ACCOUNT'],
  SCHEMA: ['ACCOUNT', 'DATABASE'],
  COLUMN: ['ACCOUNT', 'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'],
};

/** What comes from further up, or along with data, comes again by itself. */
function isSetItself({ APPLY_METHOD, SET_AT, ASKED }: Row): boolean {
  if (/^(INHERITED|PROPAGATED)$/.test(String(APPLY_METHOD))) return false;
  const inherited = above[String(ASKED)] ?? ['ACCOUNT', 'DATABASE', 'SCHEMA'];
  return !inherited.includes(String(SET_AT));
}

function setOn(scope: Scope, row: Row): CatalogObject {
  const { place } = scope;
  const own = [row.TAG_DATABASE, row.TAG_SCHEMA, row.TAG_NAME].map(String);
  const isWithin = own[0] === place.database && (place.schema === null || own[1] === place.schema);
  const tag = (isWithin ? [scope.told(own[1] ?? ''), own[2]] : own).join('.');
  const isSchema = row.ASKED === 'SCHEMA';
  const at = isSchema
    ? `schema ${row.OBJECT_NAME}`
    : [scope.told(String(row.OBJECT_SCHEMA)), row.OBJECT_NAME, row.COLUMN_NAME]
        .filter((part) => part !== null && part !== '')
        .join('.');
  return { kind: 'tag set', name: `${tag} on ${at}`, definition: String(row.TAG_VALUE) };
}
