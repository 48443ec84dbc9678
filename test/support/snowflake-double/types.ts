import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { notInTheDouble } from './errors.ts';

/** A column's type in Snowflake's words, as the information schema has it. */
export interface SnowflakeType {
  /** `NUMBER(38,0)`, `VARCHAR(16777216)`. */
  readonly text: string;
  readonly duckdb: string;
}

const longest = 16_777_216;

/** By what is written in a statement: synonyms become the type they stand for (docs: "Summary of data types"). */
export function typeOf(written: string): SnowflakeType {
  const [, name = '', args = ''] = /^([\w ]+?)\s*(?:\(([^)]*)\))?$/.exec(written.trim()) ?? [];
  const [first, second] = args.split(',').map((one) => one.trim());
  switch (name.toUpperCase()) {
    case 'NUMBER':
    case 'DECIMAL':
    case 'DEC':
    case 'NUMERIC':
    case 'INT':
    case 'INTEGER':
    case 'BIGINT':
    case 'SMALLINT':
    case 'TINYINT':
    case 'BYTEINT': {
      const own = /^(NUMBER|DEC|DECIMAL|NUMERIC)$/i.test(name);
      const [p, s] = [own && first ? first : '38', own && second ? second : '0'];
      return { text: `NUMBER(${p},${s})`, duckdb: `DECIMAL(${p},${s})` };
    }
    case 'FLOAT':
    case 'FLOAT4':
    case 'FLOAT8':
    case 'DOUBLE':
    case 'DOUBLE PRECISION':
    case 'REAL':
      return { text: 'FLOAT', duckdb: 'DOUBLE' };
    case 'VARCHAR':
    case 'STRING':
    case 'TEXT':
    case 'NVARCHAR':
    case 'CHAR VARYING':
      return { text: `VARCHAR(${first || longest})`, duckdb: 'VARCHAR' };
    case 'CHAR':
    case 'CHARACTER':
    case 'NCHAR':
      return { text: `VARCHAR(${first || 1})`, duckdb: 'VARCHAR' };
    case 'BINARY':
    case 'VARBINARY':
      return { text: `BINARY(${first || longest / 2})`, duckdb: 'BLOB' };
    case 'BOOLEAN':
      return { text: 'BOOLEAN', duckdb: 'BOOLEAN' };
    case 'DATE':
      return { text: 'DATE', duckdb: 'DATE' };
    case 'TIME':
      return { text: `TIME(${first || 9})`, duckdb: 'TIME' };
    case 'DATETIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMPNTZ':
    case 'TIMESTAMP WITHOUT TIME ZONE':
      return { text: `TIMESTAMP_NTZ(${first || 9})`, duckdb: 'TIMESTAMP' };
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMPLTZ':
    case 'TIMESTAMP WITH LOCAL TIME ZONE':
      return { text: `TIMESTAMP_LTZ(${first || 9})`, duckdb: 'TIMESTAMPTZ' };
    case 'TIMESTAMP_TZ':
    case 'TIMESTAMPTZ':
    case 'TIMESTAMP WITH TIME ZONE':
      return { text: `TIMESTAMP_TZ(${first || 9})`, duckdb: 'TIMESTAMPTZ' };
    case 'VARIANT':
      return { text: 'VARIANT', duckdb: 'JSON' };
    case 'OBJECT':
      return { text: 'OBJECT', duckdb: 'JSON' };
    case 'ARRAY':
      return { text: 'ARRAY', duckdb: 'JSON' };
    default:
      throw notInTheDouble(`type ${written}`);
  }
}

/** What a result of DuckDB's is to Snowflake. */
export function typeOfResult(type: DuckDBType): string {
  const text = type.toString().toUpperCase();
  if (type.alias === 'JSON') return 'VARIANT';
  const [, width, scale] = /^DECIMAL\((\d+),\s*(\d+)\)/.exec(text) ?? [];
  if (width !== undefined) return `NUMBER(${width},${scale})`;
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(text)) return 'NUMBER(38,0)';
  const plain: Record<string, string> = {
    DOUBLE: 'FLOAT',
    FLOAT: 'FLOAT',
    VARCHAR: `VARCHAR(${longest})`,
    BOOLEAN: 'BOOLEAN',
    DATE: 'DATE',
    TIME: 'TIME(9)',
    TIMESTAMP: 'TIMESTAMP_NTZ(9)',
    TIMESTAMP_S: 'TIMESTAMP_NTZ(9)',
    TIMESTAMP_MS: 'TIMESTAMP_NTZ(9)',
    TIMESTAMP_NS: 'TIMESTAMP_NTZ(9)',
    'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP_LTZ(9)',
    BLOB: 'BINARY(8388608)',
    SQLNULL: `VARCHAR(${longest})`,
    '"NULL"': `VARCHAR(${longest})`,
  };
  const known = plain[text];
  if (known !== undefined) return known;
  if (/\[\]$|^STRUCT|^MAP/.test(text)) return 'VARIANT';
  throw notInTheDouble(`a result of DuckDB's type ${text}`);
}

/** How the driver is told a column (docs of the driver: rowtype). */
export function rowtypeOf(name: string, type: string): Record<string, unknown> {
  const [, kind = '', first, second] = /^(\w+)(?:\((\d+)(?:,(\d+))?\))?$/.exec(type) ?? [];
  const own: Record<string, Record<string, unknown>> = {
    NUMBER: { type: 'fixed', precision: Number(first), scale: Number(second) },
    FLOAT: { type: 'real' },
    VARCHAR: { type: 'text', length: Number(first), byteLength: Number(first) },
    BINARY: { type: 'binary', length: Number(first), byteLength: Number(first) },
    BOOLEAN: { type: 'boolean' },
    DATE: { type: 'date' },
    TIME: { type: 'time', precision: 0, scale: Number(first) },
    TIMESTAMP_NTZ: { type: 'timestamp_ntz', precision: 0, scale: Number(first) },
    TIMESTAMP_LTZ: { type: 'timestamp_ltz', precision: 0, scale: Number(first) },
    TIMESTAMP_TZ: { type: 'timestamp_tz', precision: 0, scale: Number(first) },
    VARIANT: { type: 'variant' },
    OBJECT: { type: 'object' },
    ARRAY: { type: 'array' },
  };
  const nothing = { precision: null, scale: null, length: null, byteLength: null, nullable: true };
  return { name, ...nothing, ...own[kind] };
}

/** A value as it goes over the wire in a result of JSON. */
export function wireOf(value: DuckDBValue, type: string): string | null {
  if (value === null) return null;
  const kind = type.replace(/\(.*/, '');
  const { micros, days, bytes } = value as unknown as {
    micros?: bigint;
    days?: number;
    bytes?: Uint8Array;
  };
  switch (kind) {
    case 'BOOLEAN':
      return value === true ? '1' : '0';
    case 'DATE':
      return String(days);
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
      return secondsOf(value as { micros?: bigint });
    case 'TIMESTAMP_TZ':
      return `${secondsOf({ micros: micros ?? 0n })} 1440`;
    case 'BINARY':
      return Buffer.from(bytes ?? [])
        .toString('hex')
        .toUpperCase();
    case 'FLOAT':
      return floatOf(Number(value));
    case 'VARIANT':
      return typeof value === 'string' ? value : JSON.stringify(jsonOf(value));
    default:
      return String(value);
  }
}

function floatOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

function secondsOf(value: {
  micros?: bigint;
  seconds?: bigint;
  millis?: bigint;
  nanos?: bigint;
}): string {
  const nanos =
    value.nanos ??
    (value.micros !== undefined
      ? value.micros * 1000n
      : value.millis !== undefined
        ? value.millis * 1_000_000n
        : (value.seconds ?? 0n) * 1_000_000_000n);
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  return `${sign}${size / 1_000_000_000n}.${String(size % 1_000_000_000n).padStart(9, '0')}`;
}

function jsonOf(value: DuckDBValue): unknown {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
  if (typeof value === 'bigint') return Number(value);
  const { items, entries } = value as {
    items?: DuckDBValue[];
    entries?: Record<string, DuckDBValue>;
  };
  if (Array.isArray(items)) return items.map(jsonOf);
  if (entries !== undefined)
    return Object.fromEntries(Object.entries(entries).map(([key, one]) => [key, jsonOf(one)]));
  return String(value);
}
