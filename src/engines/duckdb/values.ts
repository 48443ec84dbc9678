import type { ComparedColumn, TablePair } from '../engine.ts';
import { quote } from './connection.ts';

/**
 * How values are compared. Each side is read through a subquery that gives its columns the names v0, v1, ... (the
 * values as they are compared), so that no name of the user's can collide with ours: `reading.ts`.
 */

/** What is read on each side: quoted relations, and whether `rowid` means DuckDB's own. */
export interface Sources {
  readonly old: string;
  readonly new: string;
  readonly hasRowid: boolean;
  /** Text columns compare byte by byte even where the table declares a collation. */
  readonly collated: boolean;
  readonly mode: TablePair['mode'];
}

/** The value as it is compared: of the type that both sides share, in the representation that the mode asks for. */
export function compared(column: ComparedColumn, side: 'old' | 'new', sources: Sources): string {
  const { name, oldType, newType } = column;
  const [own, other] = side === 'old' ? [oldType, newType] : [newType, oldType];
  const value = valueIn(quote(name), own, other, sources.mode);
  return isEncoded(column, sources) ? `encode(${value})` : value;
}

/** Byte by byte, whatever collation the table declares; a cast to text keeps it. */
export function isEncoded({ oldType, newType }: ComparedColumn, { collated }: Sources): boolean {
  return collated && (oldType === 'VARCHAR' || newType === 'VARCHAR');
}

function valueIn(value: string, own: string, other: string, mode: Sources['mode']): string {
  if (own !== other) {
    if (isNumeric(own) && isNumeric(other)) return numberOf(value, own, other, mode);
    if (isTemporal(own) && isTemporal(other)) return instantOf(value, own, other);
    return `${value}::VARCHAR`;
  }
  // In strict mode -0.0 is not 0.0, and a month is not thirty days: their texts tell.
  return mode === 'strict' && /FLOAT|DOUBLE|INTERVAL/.test(own) ? `${value}::VARCHAR` : value;
}

/**
 * A number that meets one of another type. DuckDB's own common type may lose digits (BIGINT and DOUBLE) or not hold
 * the value at all (two DECIMALs): then the shortest text of the number is compared.
 */
function numberOf(value: string, own: string, other: string, mode: Sources['mode']): string {
  if (isFloat(own)) {
    const wide = isFloat(other) ? `${value}::DOUBLE` : value;
    if (mode === 'strict') return `${wide}::VARCHAR`;
    return isFloat(other)
      ? wide
      : `(CASE WHEN ${value} = 0 THEN 0::${own} ELSE ${value} END)::VARCHAR`;
  }
  if (isFloat(other)) {
    // By its text: DuckDB's cast of a long DECIMAL is a division, which errs in the last bit.
    const near = `TRY_CAST(${value}::VARCHAR AS ${other})::VARCHAR`;
    return `CASE WHEN TRY_CAST(${near} AS ${own}) = ${value} THEN ${near} ELSE ${value}::VARCHAR END`;
  }
  const [a, b] = [digitsOf(own), digitsOf(other)];
  const integers = a.scale + b.scale === 0;
  const fits = Math.max(a.whole, b.whole) + Math.max(a.scale, b.scale) <= 38;
  const onlyOneIsHuge =
    integers && !(/HUGE/.test(own) && /HUGE/.test(other)) && !/DECIMAL/.test(own + other);
  if (fits || onlyOneIsHuge) return value;
  return a.scale === 0 ? `${value}::VARCHAR` : `rtrim(rtrim(${value}::VARCHAR, '0'), '.')`;
}

/** Nanoseconds hold the years from 1677 to 2262 only: against another type their text is compared. */
function instantOf(value: string, own: string, other: string): string {
  if (own === 'TIMESTAMP_NS') return `${value}::VARCHAR`;
  return other === 'TIMESTAMP_NS' ? `${value}::TIMESTAMP::VARCHAR` : value;
}

export function deviates({ tolerance, oldType, newType }: ComparedColumn, at: number): string {
  const [o, n] = [`o.v${at}`, `n.v${at}`];
  if (tolerance === null) return `${o} IS DISTINCT FROM ${n}`;
  // Between exact numbers the distance is exact; where it overflows, it is beyond every tolerance.
  const exact = oldType === newType && !isFloat(oldType);
  const distance = exact
    ? `TRY(greatest(${o}, ${n}) - least(${o}, ${n}))::DOUBLE`
    : `abs(${n}::DOUBLE - ${o}::DOUBLE)`;
  const limit =
    'absolute' in tolerance
      ? `${tolerance.absolute}`
      : `${tolerance.relative} * greatest(abs(${o}::DOUBLE), abs(${n}::DOUBLE))`;
  const finite = `isfinite(${o}::DOUBLE) AND isfinite(${n}::DOUBLE)`;
  return `(${o} IS DISTINCT FROM ${n} AND NOT coalesce(${finite} AND ${distance} <= ${limit}, false))`;
}

export function hasDistance({ oldType, newType }: ComparedColumn): boolean {
  return oldType === newType && (isNumeric(oldType) || isTemporal(oldType));
}

export function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\([^)]*\))$/.test(type);
}

export function isTemporal(type: string): boolean {
  return /^(DATE|TIMESTAMP(_NS|_MS|_S| WITH TIME ZONE)?)$/.test(type);
}

function isFloat(type: string): boolean {
  return type === 'FLOAT' || type === 'DOUBLE';
}

/** How many digits an exact number can have before and behind its point. */
function digitsOf(type: string): { whole: number; scale: number } {
  const [, width = '', scale = ''] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  if (width !== '') return { whole: Number(width) - Number(scale), scale: Number(scale) };
  const whole = [
    ['TINY', 3],
    ['SMALL', 5],
    ['BIG', 20],
    ['HUGE', 39],
  ] as const;
  return { whole: whole.find(([part]) => type.includes(part))?.[1] ?? 10, scale: 0 };
}
