import { quote } from './names.ts';

/** What a type is made of, as far as comparing its values asks for it. Domains are the types that they are made of. */
export type Type =
  /** One of PostgreSQL's own (or of an extension) that is not made of others. */
  | {
      readonly kind: 'base';
      /** Short and without a schema when it is PostgreSQL's own: `int4`. Else `schema.name`. */
      readonly name: string;
      /** As SQL, with its length or precision. */
      readonly sql: string;
      /** Behind the point; null when it is not declared. Of numeric only. */
      readonly scale: number | null;
    }
  | { readonly kind: 'enum'; readonly sql: string; readonly labels: readonly string[] }
  | { readonly kind: 'array'; readonly sql: string; readonly of: Type }
  | { readonly kind: 'range'; readonly sql: string; readonly of: Type }
  | { readonly kind: 'composite'; readonly sql: string; readonly fields: readonly Field[] };

export interface Field {
  readonly name: string;
  readonly type: Type;
}

export const text = {
  kind: 'base',
  name: 'text',
  sql: 'text',
  scale: null,
} as const satisfies Type;

/** `$1`, `$2`: schema and name of a relation. Its columns in their order. */
export const columnsOfRelation = `SELECT a.attname AS name, a.atttypid::text AS type, a.atttypmod AS modifier
  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

/** `oidvector` and `int2vector` have elements as well, and texts of their own. */
const isArray = `t.typinput = 'pg_catalog.array_in'::regproc`;

/** `$1`: oids of types. Those and all that they are made of. */
export const typesWithParts = `WITH RECURSIVE used AS (
    SELECT unnest($1::oid[]) AS oid
    UNION
    SELECT part.oid FROM used JOIN pg_type AS t ON t.oid = used.oid CROSS JOIN LATERAL (
      SELECT t.typbasetype UNION ALL SELECT t.typelem WHERE ${isArray}
      UNION ALL SELECT r.rngsubtype FROM pg_range AS r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
      UNION ALL SELECT a.atttypid FROM pg_attribute AS a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS part (oid) WHERE part.oid <> 0)
  SELECT t.oid::text AS oid, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind,
    t.typbasetype::text AS base, t.typtypmod AS modifier,
    CASE WHEN ${isArray} THEN t.typelem::text END AS element,
    (SELECT r.rngsubtype::text FROM pg_range AS r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)) AS bound,
    (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid)::text AS labels,
    (SELECT json_agg(json_build_array(a.attname, a.atttypid::text, a.atttypmod) ORDER BY a.attnum) FROM pg_attribute AS a
      WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)::text AS fields
  FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace WHERE t.oid IN (SELECT oid FROM used)`;

export interface TypeRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly base: string;
  readonly modifier: string;
  readonly element: string | null;
  readonly bound: string | null;
  readonly labels: string | null;
  readonly fields: string | null;
}

/** Puts a type together from the rows of `typesWithParts`. */
export function typeOf(rows: ReadonlyMap<string, TypeRow>, oid: string, modifier: number): Type {
  const row = rows.get(oid);
  if (row === undefined) throw new Error(`There is no type with the oid ${oid}`);
  const { schema, name, kind, base, element, bound, labels, fields } = row;
  const isOwn = schema === 'pg_catalog';
  const sql = isOwn ? `pg_catalog.${quote(name)}` : `${quote(schema)}.${quote(name)}`;
  if (kind === 'd') {
    const own = Number(row.modifier);
    return typeOf(rows, base, modifier === -1 ? own : modifier);
  }
  if (kind === 'e') return { kind: 'enum', sql, labels: JSON.parse(labels ?? '[]') };
  if (kind === 'c') {
    const parts: [string, string, number][] = JSON.parse(fields ?? '[]');
    return {
      kind: 'composite',
      sql,
      fields: parts.map(([field, of, own]) => ({ name: field, type: typeOf(rows, of, own) })),
    };
  }
  if (element !== null) {
    const of = typeOf(rows, element, modifier);
    return { kind: 'array', sql: `${of.sql}[]`, of };
  }
  if (bound !== null) return { kind: 'range', sql, of: typeOf(rows, bound, -1) };
  return baseOf(isOwn ? name : `${schema}.${name}`, sql, modifier);
}

function baseOf(name: string, sql: string, modifier: number): Type {
  const declared = modifier < 4 ? null : modifier - 4;
  if (name === 'numeric' && declared !== null) {
    const precision = (declared >> 16) & 0xffff;
    // Eleven bits with a sign: a scale may be negative.
    const scale = ((declared & 0x7ff) ^ 1024) - 1024;
    return { kind: 'base', name, sql: `pg_catalog.numeric(${precision},${scale})`, scale };
  }
  if (name === 'bpchar' && declared !== null)
    return { kind: 'base', name, sql: `pg_catalog.bpchar(${declared})`, scale: null };
  return { kind: 'base', name, sql, scale: null };
}

/** PostgreSQL's own, and made of nothing else: it is the same one in every database. */
export function isBuiltIn(type: Type): boolean {
  if (type.kind === 'array' || type.kind === 'range') return isBuiltIn(type.of);
  return type.kind === 'base' && type.sql.startsWith('pg_catalog.');
}

/** Of a type as the catalog names it: between two of its values there is a distance. */
export function isNumeric(type: string): boolean {
  return /^(smallint|integer|bigint|real|double precision|numeric(\(\d+,-?\d+\))?)$/.test(type);
}
