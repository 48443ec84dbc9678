import type { ComparedColumn, TablePair } from '../engine.ts';
import { quote } from './names.ts';
import { type Type, text } from './types.ts';

/**
 * How the values of two types meet. Rows that are equal byte by byte, as each side writes them, are equal; of all others
 * the values decide.
 */

type Mode = TablePair['mode'];
type Base = Type & { readonly kind: 'base' };

/** How a key's values are ordered, so that the server and Node agree on it. */
export type KeyOrder = 'number' | 'instant' | 'bytes';

// ---------------------------------------------------------------------------------------------
// What is read

/**
 * A value as a side writes it: equal texts of both sides are equal values, and the text read as `own` gives the value
 * that it came from.
 */
export function written(value: string, own: Type, other: Type, mode: Mode): string {
  if (own.kind !== 'base' || other.kind !== 'base')
    return sameType(own, other) ? value : `${value}::text`;
  // Its own text pads with blanks that mean nothing.
  if (own.name === 'bpchar') return `${value}::text`;
  if (isNumber(own) && isNumber(other)) return writtenNumber(value, own, other, mode);
  if (own.name === other.name) return value;
  if (isTemporal(own) && isTemporal(other)) return writtenInstant(value, own, other);
  if (isTime(own) && isTime(other)) return `${value}::timetz`;
  return `${value}::text`;
}

function writtenNumber(value: string, own: Base, other: Base, mode: Mode): string {
  if (isFloat(own) && isFloat(other)) return own.name === other.name ? value : `${value}::float8`;
  if (isFloat(own) || isFloat(other)) return plainNumber(value, own, mode);
  if (isInteger(own) && isInteger(other)) return value;
  const [scale, otherScale] = [scaleOf(own), scaleOf(other)];
  if (scale === otherScale) return value;
  // Without zeros behind the point a whole number can be read as one.
  if (scale === null || otherScale === null || isInteger(own) || isInteger(other))
    return `trim_scale(${value}::numeric)`;
  return `${value}::numeric(1000, ${Math.max(scale, otherScale)})`;
}

/** A float by its shortest text, because PostgreSQL's own cast keeps fifteen digits only. */
function plainNumber(value: string, own: Base, mode: Mode): string {
  if (!isFloat(own)) return `trim_scale(${value}::numeric)::text`;
  const plain = `trim_scale(${value}::text::numeric)::text`;
  return mode === 'strict' ? `CASE WHEN ${value}::text = '-0' THEN '-0' ELSE ${plain} END` : plain;
}

/** Dates go further than instants do. */
function writtenInstant(value: string, own: Base, other: Base): string {
  const wide = [own.name, other.name].includes('timestamptz') ? 'timestamptz' : 'timestamp';
  if (own.name !== 'date') return `${value}::${wide}::text`;
  return `CASE WHEN ${value} > date '294276-12-31' AND ${value} < 'infinity' THEN ${value}::text ELSE ${value}::${wide}::text END`;
}

// ---------------------------------------------------------------------------------------------
// What decides

/**
 * A value as it is compared, in one or more parts: two values are equal when none of their parts is distinct. Parts can
 * be grouped by. `other` is the type that it meets.
 */
export function parts(value: string, own: Type, other: Type, mode: Mode): string[] {
  if (own.kind === 'base' && other.kind === 'base') return baseParts(value, own, other, mode);
  if (mode === 'strict' || own.kind === 'enum' || !sameType(own, other)) return [bytesOf(value)];
  if (own.kind === 'composite' && other.kind === 'composite') {
    const fields = own.fields.flatMap(({ name, type }) =>
      parts(`(${value}).${quote(name)}`, type, type, mode),
    );
    // A row of NULLs is not NULL.
    return [`(${value}::text IS NULL)`, ...fields];
  }
  if (own.kind === 'array' && own.of.kind === 'base') {
    if (isText(own.of)) return [`${value}::text[] COLLATE "C"`];
    if (hasEquality(own.of)) return [value];
  }
  if (own.kind === 'range' && own.of.kind === 'base' && hasEquality(own.of) && !isText(own.of))
    return [value];
  return [bytesOf(value)];
}

function baseParts(value: string, own: Base, other: Base, mode: Mode): string[] {
  if (isJsonLike(own, other) && mode === 'semantic') return jsonParts(value, own);
  if (isNumber(own) && isNumber(other)) return numberParts(value, own, other, mode);
  if (own.name !== other.name) {
    if (isTemporal(own) && isTemporal(other)) return [bytesOf(writtenInstant(value, own, other))];
    return isTime(own) && isTime(other) ? [`${value}::timetz`] : [bytesOf(value)];
  }
  if (isText(own) || !hasEquality(own)) return [bytesOf(value)];
  return mode === 'strict' && !isExact(own) ? [bytesOf(value)] : [value];
}

function numberParts(value: string, own: Base, other: Base, mode: Mode): string[] {
  if (own.name === other.name) {
    const byText = mode === 'strict' && (isFloat(own) || own.scale === other.scale);
    return byText && !isInteger(own) ? [bytesOf(value)] : [value];
  }
  if (isInteger(own) && isInteger(other)) return [`${value}::int8`];
  if (isFloat(own) && isFloat(other))
    return mode === 'strict' ? [bytesOf(`${value}::float8`)] : [`${value}::float8`];
  const number = isFloat(own) ? `${value}::text::numeric` : `${value}::numeric`;
  if (mode === 'semantic' || !(isFloat(own) || isFloat(other))) return [number];
  return [number, isFloat(own) ? `coalesce(${value}::text = '-0', false)` : 'false'];
}

/** By content. What has no content that can be compared (a member twice, a number without end) is compared by its text. */
function jsonParts(value: string, own: Base): string[] {
  if (own.name === 'jsonb') return [value, 'NULL::text COLLATE "C"'];
  const content = `pg_temp.greenlight_json(${value}::text)`;
  return [content, `CASE WHEN ${content} IS NULL THEN ${value}::text END COLLATE "C"`];
}

/**
 * The same of what `written` gave for either side, `value`, a text. Where the types differ it is written alike for equal
 * values, but for what is said here.
 */
export function groupedParts(value: string, own: Type, other: Type, mode: Mode): string[] {
  if (mode === 'strict') return [value];
  if (own.kind === 'base' && other.kind === 'base') {
    if (isJsonLike(own, other))
      return areJsonb(own, other) ? [`${value}::jsonb`] : jsonParts(value, text);
    if (isFloat(own) && isFloat(other)) return [`${value}::float8`];
    if (own.name === 'numeric' && other.name === 'numeric') return [`${value}::numeric`];
    if (isText(own) || isText(other)) return [value];
  }
  // Two schemas of one database may have enums of one name with other labels: as the one, the other's cannot be read.
  const isReadAsOwn = sameType(own, other) && knowsLabels(other, own);
  return isReadAsOwn ? parts(`${value}::${own.sql}`, own, other, mode) : [value];
}

function bytesOf(value: string): string {
  return `${value}::text COLLATE "C"`;
}

/** Whether one of these types needs the session's `greenlight_json`. */
export function needsJson(own: Type, other: Type, mode: Mode): boolean {
  if (own.kind === 'base' && other.kind === 'base')
    return mode === 'semantic' && isJsonLike(own, other) && !areJsonb(own, other);
  return own.kind === 'composite' && own.fields.some(({ type }) => needsJson(type, type, mode));
}

/**
 * The content of a JSON text; NULL for what is no JSON, holds a number that jsonb does not take, or names a member twice:
 * of two of the same name jsonb keeps the last one only.
 */
export const createJson = `CREATE FUNCTION pg_temp.greenlight_json(content text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
  BEGIN
    IF EXISTS (
      WITH RECURSIVE inner_value (value) AS (
        SELECT content::json
        UNION ALL
        SELECT part.value FROM inner_value AS outer_value CROSS JOIN LATERAL (
          SELECT member.value FROM json_each(CASE json_typeof(outer_value.value) WHEN 'object' THEN outer_value.value END) AS member
          UNION ALL
          SELECT element.value FROM json_array_elements(CASE json_typeof(outer_value.value) WHEN 'array' THEN outer_value.value END) AS element
        ) AS part)
      SELECT FROM inner_value CROSS JOIN LATERAL (
        SELECT count(*) AS members, count(DISTINCT name) AS names
        FROM json_object_keys(CASE json_typeof(inner_value.value) WHEN 'object' THEN inner_value.value END) AS name) AS counted
      WHERE members <> names)
    THEN RETURN NULL; END IF;
    RETURN content::jsonb;
  EXCEPTION WHEN data_exception OR program_limit_exceeded OR statement_too_complex THEN RETURN NULL;
  END $$`;

// ---------------------------------------------------------------------------------------------
// Whether two values deviate

/** The type that a side's values have where they are compared, beside the column that they belong to. */
export interface Meeting {
  readonly column: ComparedColumn;
  readonly old: Type;
  readonly new: Type;
}

/** SQL that is true or false: whether the values `o` and `n` of a column deviate. */
export function deviates(
  { column: { tolerance }, old, new: candidate }: Meeting,
  o: string,
  n: string,
  mode: Mode,
): string {
  const [before, after] = [parts(o, old, candidate, mode), parts(n, candidate, old, mode)];
  const distinct = before.map((part, at) => `${part} IS DISTINCT FROM ${after[at]}`).join(' OR ');
  if (tolerance === null) return `(${distinct})`;
  const [a, b] = [exactNumber(o, old), exactNumber(n, candidate)];
  const limit =
    'absolute' in tolerance
      ? `${tolerance.absolute}::numeric`
      : `${tolerance.relative}::numeric * greatest(abs(${a}), abs(${b}))`;
  const finite = [a, b]
    .map((one) => `${one} NOT IN ('NaN', 'Infinity', '-Infinity')`)
    .join(' AND ');
  return `((${distinct}) AND NOT coalesce(CASE WHEN ${finite} THEN abs(${b} - ${a}) <= ${limit} END, false))`;
}

function exactNumber(value: string, own: Type): string {
  return own.kind === 'base' && isFloat(own) ? `${value}::text::numeric` : `${value}::numeric`;
}

// ---------------------------------------------------------------------------------------------
// Keys

/** SQL that is true when the value is the one that was written as `written`, a text. */
export function sameValue(value: string, written: string, type: Type): string {
  if (type.kind !== 'base' || !isExact(type)) return `${value}::text COLLATE "C" = ${written}`;
  return `${value} = ${written}::${type.sql}`;
}

/** How the values of a key column are ordered on both sides, and by what. */
export function keyOrder(value: string, own: Type, other: Type, mode: Mode) {
  const order = nativeOrder(own, other);
  const by = order === null ? `(${written(value, own, other, mode)})::text COLLATE "C"` : value;
  return { order: order ?? ('bytes' as const), by };
}

/** Null: the type's own order is none that both sides share, or none that Node knows. */
function nativeOrder(own: Type, other: Type): KeyOrder | null {
  if (own.kind !== 'base' || other.kind !== 'base') return null;
  const isWhole = (type: Base) => isInteger(type) || (type.name === 'numeric' && type.scale === 0);
  if (isWhole(own) && isWhole(other)) return 'number';
  if (own.name !== other.name) return null;
  if (/^(date|timestamp|timestamptz)$/.test(own.name)) return 'instant';
  return /^(uuid|bool|bytea|time)$/.test(own.name) ? 'bytes' : null;
}

// ---------------------------------------------------------------------------------------------
// Kinds of types

/** The same but for lengths and precisions. */
export function sameType(one: Type, other: Type): boolean {
  if (one.kind === 'base' && other.kind === 'base') return one.name === other.name;
  if (one.kind === 'array' && other.kind === 'array') return sameType(one.of, other.of);
  if (one.kind === 'composite' && other.kind === 'composite')
    return (
      one.fields.length === other.fields.length &&
      one.fields.every(({ name, type }, at) => {
        const field = other.fields[at];
        return field !== undefined && field.name === name && sameType(type, field.type);
      })
    );
  if (one.kind === 'range' && other.kind === 'range') return sameType(one.of, other.of);
  return one.kind === 'enum' && other.kind === 'enum';
}

/** Of types that are the same: whether each label of `type`, wherever it is in it, is one of `there` as well. */
export function knowsLabels(type: Type, there: Type): boolean {
  if (type.kind === 'enum' && there.kind === 'enum')
    return type.labels.every((label) => there.labels.includes(label));
  if (type.kind === 'array' && there.kind === 'array') return knowsLabels(type.of, there.of);
  if (type.kind === 'composite' && there.kind === 'composite')
    return type.fields.every((field, at) => {
      const other = there.fields[at];
      return other !== undefined && knowsLabels(field.type, other.type);
    });
  return true;
}

function isNumber(type: Base): boolean {
  return isInteger(type) || isFloat(type) || type.name === 'numeric';
}

function isInteger({ name }: Base): boolean {
  return /^int[248]$/.test(name);
}

function isFloat({ name }: Base): boolean {
  return /^float[48]$/.test(name);
}

function scaleOf(type: Base): number | null {
  return isInteger(type) ? 0 : type.scale;
}

function isTemporal({ name }: Base): boolean {
  return /^(date|timestamp|timestamptz)$/.test(name);
}

function isTime({ name }: Base): boolean {
  return /^(time|timetz)$/.test(name);
}

function isText({ name }: Base): boolean {
  return /^(text|varchar|bpchar|name|char)$/.test(name);
}

function isJsonLike(one: Base, other: Base): boolean {
  const isJson = ({ name }: Base) => name === 'json' || name === 'jsonb';
  const both = [one, other].every((type) => isJson(type) || isText(type));
  return both && (isJson(one) || isJson(other));
}

function areJsonb(one: Base, other: Base): boolean {
  return one.name === 'jsonb' && other.name === 'jsonb';
}

/** Types of PostgreSQL's own whose `=` says that two values are the same. That of boxes compares their areas. */
function hasEquality({ name }: Base): boolean {
  return (
    isExactName(name) ||
    /^(numeric|float[48]|interval|jsonb|timetz|inet|cidr|money|tsvector|tsquery)$/.test(name)
  );
}

/** Types of which equal values are the same in every respect. */
function isExact({ name }: Base): boolean {
  return isExactName(name);
}

function isExactName(name: string): boolean {
  return /^(int[248]|bool|uuid|date|timestamp|timestamptz|time|bytea|oid|money|macaddr8?|pg_lsn)$/.test(
    name,
  );
}
