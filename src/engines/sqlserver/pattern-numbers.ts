import type { ComparedColumn } from '../engine.ts';
import type { NumberDialect } from '../patterns/dialect.ts';
import { digitsOf, isFloat as isFloatType, isInteger, typeNamed } from './types.ts';
import { textOf } from './values.ts';

/** How SQL Server calculates with numbers: a result that does not fit its type is an error. */
export const sqlserverNumbers: NumberDialect = {
  greater: (one, other) => `CASE WHEN ${one} > ${other} THEN ${one} ELSE ${other} END`,
  clues: (column, o, n) => {
    const text = (value: string) => `CASE WHEN ${isCalculable(column, o, n)} THEN ${value} END`;
    const near = nearRatio(o, n);
    const ratio = (rounded: string) => text(floatText(rounded));
    return {
      offset: text(
        isFloat(column)
          ? floatText(floatDistance(column, o, n))
          : `CONVERT(nvarchar(60), ${exact(n, column.newType)} - ${exact(o, column.oldType)})`,
      ),
      'factor, 2 decimals': ratio(`ROUND(${near}, 2)`),
      'factor, 4 decimals': ratio(`ROUND(${near}, 4)`),
      'factor, 9 digits': ratio(
        `ROUND(${near}, 8 - CONVERT(int, FLOOR(LOG10(ABS(NULLIF(${near}, 0))))))`,
      ),
      'factor, 15 digits': ratio(near),
      decimals: decimalsClue(column, n),
    };
  },
  noise: (column) => (isFloat(column) ? (isSingle(column) ? '1E-6' : '1E-14') : null),
  decimalsThatCanGo: ({ oldType }) => Math.min(7, scaleOf(oldType)),
  canNegate: () => true,
  canMultiply: (column, factor) => {
    const most = isSingle(column) ? 1e15 : 1e100;
    const size = Math.abs(Number(factor));
    return size > 1 / most && size < most;
  },
  operand: exact,
  rounded: (value, digits, { oldType }) => cut(value, digits, oldType, 0),
  truncated: (value, digits, { oldType }) => cut(value, digits, oldType, 1),
  guarded: (check, column, o, n) =>
    `CASE WHEN ${isCalculable(column, o, n)} THEN CASE WHEN ${check} THEN 1 ELSE 0 END ELSE 0 END = 1`,
};

/** Wide enough for a sum or a product, as far as a decimal can be. */
function exact(value: string, type: string): string {
  const own = typeNamed(type);
  if (isFloatType(own)) return value;
  const { scale } = digitsOf(own);
  return isInteger(own) || own.name.includes('money')
    ? `CONVERT(decimal(${19 + scale},${scale}), ${value})`
    : value;
}

/** What is rounded here is small enough for a decimal, which rounds the digits that people see. */
function cut(value: string, digits: number, oldType: string, how: 0 | 1): string {
  if (!isFloatType(typeNamed(oldType))) return `ROUND(${value}, ${digits}, ${how})`;
  return `CONVERT(float, ROUND(CONVERT(decimal(38,16), ${value}), ${digits}, ${how}))`;
}

/** Values that are so far from the ends of their types that sums, products and quotients are, too. */
function isCalculable({ oldType, newType }: ComparedColumn, o: string, n: string): string {
  const sides = [
    [o, oldType],
    [n, newType],
  ] as const;
  return sides
    .map(([value, type]) => {
      const size = `ABS(CONVERT(float, ${value}))`;
      return isFloatType(typeNamed(type))
        ? `(${value} = 0 OR ${size} BETWEEN 1E-15 AND 1E15)`
        : `${size} < 1E15`;
    })
    .join(' AND ');
}

// ---------------------------------------------------------------------------------------------
// Clues

function floatText(value: string): string {
  return textOf(`(${value})`, typeNamed('float'));
}

/** The distance without the digits that are noise at the size of these numbers. */
function floatDistance(column: ComparedColumn, o: string, n: string): string {
  const [x, y] = [`CONVERT(float, ${o})`, `CONVERT(float, ${n})`];
  const digits = isSingle(column) ? 6 : 14;
  const greater = `CASE WHEN ABS(${x}) > ABS(${y}) THEN ABS(${x}) ELSE ABS(${y}) END`;
  const places = `${digits} - CONVERT(int, CEILING(LOG10(NULLIF(${greater}, 0))))`;
  return `ROUND(${y} - ${x}, CASE WHEN ${places} > 15 THEN 15 ELSE ${places} END)`;
}

function nearRatio(o: string, n: string): string {
  return `(CONVERT(float, ${n}) / NULLIF(CONVERT(float, ${o}), 0))`;
}

/** How many decimals the new value has. */
function decimalsClue(column: ComparedColumn, n: string): string {
  const most = Math.min(6, isFloat(column) ? 6 : scaleOf(column.newType));
  const value = isFloatType(typeNamed(column.newType))
    ? `TRY_CONVERT(decimal(38,16), ${n})`
    : exact(n, column.newType);
  const cases = Array.from(
    { length: most + 1 },
    (_, digits) => `WHEN ${value} = ROUND(${value}, ${digits}) THEN N'${digits}'`,
  );
  return `CASE ${cases.join(' ')} END`;
}

// ---------------------------------------------------------------------------------------------
// Types

/** Of floats: more than anybody rounds to. */
function scaleOf(type: string): number {
  const own = typeNamed(type);
  return isFloatType(own) ? 7 : digitsOf(own).scale;
}

function isFloat({ oldType, newType }: ComparedColumn): boolean {
  return isFloatType(typeNamed(oldType)) || isFloatType(typeNamed(newType));
}

function isSingle({ oldType, newType }: ComparedColumn): boolean {
  return typeNamed(oldType).name === 'real' || typeNamed(newType).name === 'real';
}
