/** A type in Snowflake's words, as far as values are compared and shown by it. */
export interface Type {
  readonly kind: Kind;
  /** As it is written in SQL. */
  readonly sql: string;
  /** Of exact numbers: digits, and those behind the point. */
  readonly precision: number;
  readonly scale: number;
}

export type Kind =
  | 'number'
  | 'float'
  | 'text'
  | 'boolean'
  | 'binary'
  | 'date'
  | 'time'
  /** Timestamps without a zone, with that of the session, and with an offset of their own. */
  | 'ntz'
  | 'ltz'
  | 'tz'
  /** VARIANT, OBJECT, ARRAY and MAP, whether they say what is in them or not. */
  | 'semi'
  | 'geo'
  | 'vector'
  | 'other';

const words: readonly (readonly [RegExp, Kind])[] = [
  [/^(NUMBER|DECIMAL|DEC|NUMERIC|INT|INTEGER|BIGINT|SMALLINT|TINYINT|BYTEINT)\b/, 'number'],
  [/^(FLOAT[48]?|DOUBLE( PRECISION)?|REAL)\b/, 'float'],
  [/^(VARCHAR|CHAR|CHARACTER|NCHAR|STRING|TEXT|NVARCHAR2?|CHAR VARYING|NCHAR VARYING)\b/, 'text'],
  [/^BOOLEAN\b/, 'boolean'],
  [/^(BINARY|VARBINARY)\b/, 'binary'],
  [/^DATE\b/, 'date'],
  [/^TIME\b/, 'time'],
  [/^(TIMESTAMP_?NTZ|TIMESTAMP WITHOUT TIME ZONE|DATETIME|TIMESTAMP(\(\d\))?$)/, 'ntz'],
  [/^(TIMESTAMP_?LTZ|TIMESTAMP WITH LOCAL TIME ZONE)/, 'ltz'],
  [/^(TIMESTAMP_?TZ|TIMESTAMP WITH TIME ZONE)/, 'tz'],
  [/^(VARIANT|OBJECT|ARRAY|MAP)\b/, 'semi'],
  [/^(GEOGRAPHY|GEOMETRY)\b/, 'geo'],
  [/^VECTOR\b/, 'vector'],
];

export function typeOf(sql: string): Type {
  const word = sql.toUpperCase();
  const kind = words.find(([pattern]) => pattern.test(word))?.[1] ?? 'other';
  const [, precision, scale] = /^\w+\((\d+)(?:,\s*(\d+))?\)/.exec(word) ?? [];
  return {
    kind,
    sql,
    precision: kind === 'number' ? Number(precision ?? 38) : 0,
    scale: kind === 'number' ? Number(scale ?? 0) : 0,
  };
}

/** Between two of its values there is a distance. */
export function isNumeric(type: string): boolean {
  return ['number', 'float'].includes(typeOf(type).kind);
}

export function isTemporal(type: string): boolean {
  return ['date', 'ntz', 'ltz', 'tz'].includes(typeOf(type).kind);
}
