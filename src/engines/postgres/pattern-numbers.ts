import type { ComparedColumn } from '../engine.ts';
import type { NumberDialect } from '../patterns/dialect.ts';

/** How PostgreSQL calculates with numbers: exactly and without bounds in `numeric`; in floats it fails beyond their range. */
export const postgresNumbers: NumberDialect = {
  clues: (column, o, n) => {
    const text = (value: string) =>
      calculable(column, o, n, `trim_scale(${value})::text`, 'NULL::text');
    const near = nearRatio(column, o, n);
    return {
      offset: text(isFloat(column) ? floatDistance(column, o, n) : `${n}::numeric - ${o}::numeric`),
      'factor, 2 decimals': text(`round(${near}::numeric, 2)`),
      'factor, 4 decimals': text(`round(${near}::numeric, 4)`),
      'factor, 9 digits': text(`round(${near}::numeric, 8 - floor(log(abs(${near})))::integer)`),
      // So many a double has as numeric.
      'factor, 15 digits': text(`${near}::numeric`),
      decimals: decimalsClue(column, n),
    };
  },
  noise: (column) => (isFloat(column) ? (isSingle(column) ? '1e-6' : '1e-14') : null),
  decimalsThatCanGo: ({ oldType }) => Math.min(7, scaleOf(oldType)),
  canNegate: () => true,
  canMultiply: (column, factor) => {
    const most = isSingle(column) ? 1e15 : 1e100;
    const size = Math.abs(Number(factor));
    return size > 1 / most && size < most;
  },
  // A sum of integers may be none.
  operand: (value, type) => (isInteger(type) ? `${value}::numeric` : value),
  rounded: (value, digits, column) => cut('round', value, digits, column),
  truncated: (value, digits, column) => cut('trunc', value, digits, column),
  guarded: (check, column, o, n) => calculable(column, o, n, check, 'false'),
};

/** Floats have no rounding to decimals of their own. */
function cut(
  how: 'round' | 'trunc',
  value: string,
  digits: number,
  column: ComparedColumn,
): string {
  const exact = isFloat(column) ? `CAST(${value} AS numeric)` : value;
  const rounded = `${how}(${exact}, ${digits})`;
  return isFloatType(column.newType) ? `${rounded}::${column.newType}` : rounded;
}

/** `then` for values that are so far from the ends of their types that sums, products and quotients are, too. */
function calculable(
  column: ComparedColumn,
  o: string,
  n: string,
  then: string,
  otherwise: string,
): string {
  const { oldType, newType } = column;
  const most = isSingle(column) ? '1e20' : '1e150';
  const least = most.replace('1e', '1e-');
  const sides = [
    [o, oldType],
    [n, newType],
  ] as const;
  const conditions = sides
    .filter(([, type]) => isFloatType(type) || type === 'numeric')
    .map(
      ([value]) =>
        `${value} BETWEEN -${most} AND ${most} AND (${value} = 0 OR ${value} NOT BETWEEN -${least} AND ${least})`,
    );
  if (conditions.length === 0) return then;
  return `CASE WHEN ${conditions.join(' AND ')} THEN ${then} ELSE ${otherwise} END`;
}

// ---------------------------------------------------------------------------------------------
// Clues

/** The distance without the digits that are noise at the size of these numbers. */
function floatDistance(column: ComparedColumn, o: string, n: string): string {
  const [x, y] = [`${o}::double precision`, `${n}::double precision`];
  const digits = isSingle(column) ? 6 : 14;
  const size = `ceil(log(nullif(greatest(abs(${x}), abs(${y})), 0)))::integer`;
  return `round((${y} - ${x})::numeric, least(15, ${digits} - ${size}))`;
}

function nearRatio(column: ComparedColumn, o: string, n: string): string {
  const type = isFloat(column) ? 'double precision' : 'numeric';
  const ratio = `${n}::${type} / nullif(${o}::${type}, 0)`;
  return `(CASE WHEN abs(${ratio}) BETWEEN 1e-100 AND 1e100 THEN (${ratio})::double precision END)`;
}

/** How many decimals the new value has. */
function decimalsClue(column: ComparedColumn, n: string): string {
  const exact = `${n}::numeric`;
  const most = Math.min(6, isFloat(column) ? 6 : scaleOf(column.newType));
  const cases = Array.from(
    { length: most + 1 },
    (_, digits) => `WHEN ${exact} = round(${exact}, ${digits}) THEN '${digits}'`,
  );
  return `CASE ${cases.join(' ')} END`;
}

// ---------------------------------------------------------------------------------------------
// Types

export function isNumber(type: string): boolean {
  return isInteger(type) || isFloatType(type) || /^numeric(\(.*\))?$/.test(type);
}

function isInteger(type: string): boolean {
  return /^(smallint|integer|bigint)$/.test(type);
}

function isFloatType(type: string): boolean {
  return type === 'real' || type === 'double precision';
}

/** Of floats and of numbers without a declared scale: more than anybody rounds to. */
function scaleOf(type: string): number {
  if (isInteger(type)) return 0;
  const [, scale] = /^numeric\(\d+,\s*(-?\d+)\)$/.exec(type) ?? [];
  return scale === undefined ? 7 : Math.max(0, Number(scale));
}

function isFloat({ oldType, newType }: ComparedColumn): boolean {
  return isFloatType(oldType) || isFloatType(newType);
}

function isSingle({ oldType, newType }: ComparedColumn): boolean {
  return oldType === 'real' || newType === 'real';
}
