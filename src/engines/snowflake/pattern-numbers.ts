import type { ComparedColumn } from '../engine.ts';
import type { NumberDialect } from '../patterns/dialect.ts';
import { typeOf } from './types.ts';
import { isFiniteFloat } from './values.ts';

/**
 * How Snowflake calculates with numbers: exactly with up to 38 digits, and with an error beyond them; so that what could
 * leave them is calculated with floats, or not at all.
 */
export const snowflakeNumbers: NumberDialect = {
  clues: (column, o, n) => {
    const [x, y] = [`${o}::FLOAT`, `${n}::FLOAT`];
    const ratio = `DIV0NULL(${y}, ${x})`;
    const text = (value: string) => calculable(column, o, n, `TO_VARCHAR(${value})`, 'NULL');
    const significant = (digits: number) =>
      text(
        `CASE WHEN ABS(${ratio}) BETWEEN 1e-9 AND 1e9 THEN ${roundedTo(ratio, `(${digits - 1} - FLOOR(LOG(10, ABS(${ratio}))))`)} END`,
      );
    return {
      offset: isFloat(column) ? text(floatDistance(x, y)) : text(`${n} - ${o}`),
      'factor, 2 decimals': text(`ROUND(${ratio}, 2)`),
      'factor, 4 decimals': text(`ROUND(${ratio}, 4)`),
      'factor, 9 digits': significant(9),
      'factor, 15 digits': significant(15),
      decimals: decimalsClue(column, o, n),
    };
  },
  noise: (column) => (isFloat(column) ? '1e-14' : null),
  decimalsThatCanGo: ({ oldType }) => Math.min(7, scaleOf(oldType)),
  canNegate: () => true,
  canMultiply: (column, factor) => {
    const digits = factor.replace(/\D/g, '').replace(/^0+/, '').length;
    const { precision, scale } = typeOf(column.oldType);
    const fraction = factor.split('.')[1]?.length ?? 0;
    const used = Math.min(precision, mostDigits);
    return isFloat(column) || (used + digits <= 38 && scale + fraction <= 37);
  },
  operand: (value) => value,
  rounded: (value, digits) => `ROUND(${value}, ${digits})`,
  truncated: (value, digits) => `TRUNC(${value}, ${digits})`,
  guarded: (check, column, o, n) => calculable(column, o, n, check, 'FALSE'),
};

/** INTEGER is stored with 38 digits, and uses few of them: so many are calculated with, and a factor has the others. */
const mostDigits = 30;

/** `then` for values that are so far from the ends of their types that sums, products and quotients are, too. */
function calculable(
  column: ComparedColumn,
  o: string,
  n: string,
  then: string,
  otherwise: string,
): string {
  const sides = [
    [o, column.oldType],
    [n, column.newType],
  ] as const;
  const conditions = sides.flatMap(([value, type]) => {
    const { kind, precision, scale } = typeOf(type);
    if (kind === 'float')
      return [
        `${isFiniteFloat(value)} AND ${value} BETWEEN -1e150 AND 1e150 AND (${value} = 0 OR ${value} NOT BETWEEN -1e-150 AND 1e-150)`,
      ];
    const most = Math.max(
      0,
      mostDigits - Math.max(scaleOf(column.oldType), scaleOf(column.newType)),
    );
    return precision - scale > most ? [`${value} BETWEEN -1e${most} AND 1e${most}`] : [];
  });
  if (conditions.length === 0) return then;
  return `CASE WHEN ${conditions.join(' AND ')} THEN ${then} ELSE ${otherwise} END`;
}

/** The distance without the digits that are noise at the size of these numbers. */
function floatDistance(x: string, y: string): string {
  const size = `GREATEST(ABS(${x}), ABS(${y}))`;
  return `CASE WHEN ${size} BETWEEN 1e-9 AND 1e15 THEN ${roundedTo(`(${y} - ${x})`, `LEAST(15, 14 - CEIL(LOG(10, ${size})))`)} END`;
}

/** To a number of decimals that is not the same for all rows. */
function roundedTo(value: string, decimals: string): string {
  return `ROUND(${value} * POWER(10, ${decimals})) / POWER(10, ${decimals})`;
}

/** How many decimals the new value has. */
function decimalsClue(column: ComparedColumn, o: string, n: string): string {
  const most = Math.min(6, isFloat(column) ? 6 : scaleOf(column.newType));
  const cases = Array.from(
    { length: most + 1 },
    (_, digits) => `WHEN ${n} = ROUND(${n}, ${digits}) THEN '${digits}'`,
  );
  return calculable(column, o, n, `CASE ${cases.join(' ')} END`, 'NULL');
}

/** Of floats: more than anybody rounds to. */
function scaleOf(type: string): number {
  const { kind, scale } = typeOf(type);
  return kind === 'float' ? 7 : scale;
}

function isFloat({ oldType, newType }: ComparedColumn): boolean {
  return [oldType, newType].some((type) => typeOf(type).kind === 'float');
}
