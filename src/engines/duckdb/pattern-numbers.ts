import type { ComparedColumn } from '../engine.ts';
import type { NumberDialect } from '../patterns/dialect.ts';

/** How DuckDB calculates with numbers. */
export const duckdbNumbers: NumberDialect = {
  clues: (column, o, n) => {
    const [x, y] = [`${o}::DOUBLE`, `${n}::DOUBLE`];
    const ratio = `(${y} / nullif(${x}, 0))`;
    const significant = (digits: number) =>
      text(`round(${ratio}, ${digits - 1} - floor(log10(nullif(abs(${ratio}), 0)))::INTEGER)`);
    return {
      offset: isFloat(column) ? floatDistance(column, x, y) : text(distance(column, o, n)),
      'factor, 2 decimals': text(`round(${ratio}, 2)`),
      'factor, 4 decimals': text(`round(${ratio}, 4)`),
      'factor, 9 digits': significant(9),
      'factor, 15 digits': significant(15),
      decimals: decimalsClue(column, n),
    };
  },
  noise: (column) => (isFloat(column) ? (isSingle(column) ? '1e-6' : '1e-14') : null),
  decimalsThatCanGo: ({ oldType }) =>
    Math.min(7, /FLOAT|DOUBLE/.test(oldType) ? 7 : scaleOf(oldType)),
  // An unsigned number is negated by wrapping it around.
  canNegate: ({ oldType }) => !oldType.startsWith('U'),
  canMultiply: (column, factor) => isFloat(column) || hasProduct(column.oldType, factor),
  operand: (value) => value,
  rounded: (value, digits) => `round(${value}, ${digits})`,
  truncated: (value, digits) => `trunc(${value}, ${digits})`,
  guarded: (check) => check,
};

/**
 * DuckDB refuses a product of more than 38 decimals, and lets that of two numbers of up to 18 digits have 18: what does
 * not fit is an error in each row.
 */
function hasProduct(type: string, factor: string): boolean {
  const digits = factor.replace(/\D/g, '').replace(/^0+/, '').length;
  const width = widthOf(type);
  // With a few digits more, only the largest numbers do not fit.
  const fits = width > 18 || digits > 18 || width + digits <= 18 || digits <= 4;
  return fits && scaleOf(type) + (factor.split('.')[1]?.length ?? 0) <= 38;
}

// ---------------------------------------------------------------------------------------------
// Clues

function text(value: string): string {
  return `TRY(${value})::VARCHAR`;
}

function distance({ oldType, newType }: ComparedColumn, o: string, n: string): string {
  const exact = /DECIMAL/.test(oldType + newType);
  // Unsigned integers have no negative distance.
  return exact ? `${n} - ${o}` : `${n}::HUGEINT - ${o}::HUGEINT`;
}

/** The distance without the digits that are noise at the size of these numbers. */
function floatDistance(column: ComparedColumn, x: string, y: string): string {
  const digits = isSingle(column) ? 6 : 14;
  const size = `ceil(log10(nullif(greatest(abs(${x}), abs(${y})), 0)))::INTEGER`;
  return text(`round(${y} - ${x}, least(15, ${digits} - ${size}))`);
}

/** How many decimals the new value has. */
function decimalsClue(column: ComparedColumn, n: string): string {
  const most = isFloat(column) ? 6 : Math.min(6, scaleOf(column.newType));
  const cases = Array.from(
    { length: most + 1 },
    (_, digits) => `WHEN ${n} = round(${n}, ${digits}) THEN '${digits}'`,
  );
  return `CASE ${cases.join(' ')} END`;
}

function widthOf(type: string): number {
  const [, width] = /^DECIMAL\((\d+),/.exec(type) ?? [];
  if (width !== undefined) return Number(width);
  return /HUGE/.test(type) ? 39 : /BIG/.test(type) ? 19 : 10;
}

function scaleOf(type: string): number {
  return Number(/^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)?.[1] ?? 0);
}

function isFloat({ oldType, newType }: ComparedColumn): boolean {
  return /FLOAT|DOUBLE/.test(oldType + newType);
}

function isSingle({ oldType, newType }: ComparedColumn): boolean {
  return /FLOAT/.test(oldType + newType);
}
