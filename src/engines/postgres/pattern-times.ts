import type { ComparedColumn } from '../engine.ts';
import { type TimeDialect, type TimeUnit, yearsOf } from '../patterns/dialect.ts';

/** How PostgreSQL calculates with dates and timestamps: it fails beyond the years that a timestamp holds. */
export const postgresTimes: TimeDialect = {
  clues: (column, o, n) => {
    const [from, to] = [
      operand(o, column.oldType, column, 'MONTH'),
      operand(n, column.newType, column, 'MONTH'),
    ];
    const distance = (part: string) =>
      `extract(${part} FROM ${to}) - extract(${part} FROM ${from})`;
    const months = `((${distance('year')}) * 12 + ${distance('month')})::integer`;
    const within = (text: string) =>
      `CASE WHEN ${isWithin(o, column.oldType, 0)} AND ${isWithin(n, column.newType, 0)} THEN ${text} END`;
    return {
      months: within(
        `CASE WHEN ${from} + make_interval(months => ${months}) = ${to} THEN ${months}::text END`,
      ),
      microseconds: within(`round((${distance('epoch')}) * 1000000)::text`),
    };
  },
  operand,
  interval: (size, unit) => `INTERVAL '${size} ${unit}'`,
  guarded: (check, { oldType }, o, _, by) =>
    `CASE WHEN ${isWithin(o, oldType, yearsOf(by))} THEN ${check} ELSE false END`,
};

/** An instant has months and days in a time zone only; the session's own one must not matter. */
function operand(
  value: string,
  type: string,
  { oldType, newType }: ComparedColumn,
  unit: TimeUnit,
): string {
  const isFixed = unit !== 'MONTH' && unit !== 'DAY' && isZoned(oldType) && isZoned(newType);
  return isZoned(type) && !isFixed ? `${value} AT TIME ZONE 'UTC'` : value;
}

/** Whether it stays a timestamp when it moves by so many years; false for infinity. */
function isWithin(value: string, type: string, years: number): string {
  const [first, last] = [-4000 - Math.min(0, years), 200_000 - Math.max(0, years)];
  return `${value} BETWEEN ${startOf(first, type)} AND ${startOf(last, type)}`;
}

/** The year before the first one is the first before Christ. */
function startOf(year: number, type: string): string {
  const era = year > 0 ? '' : ' BC';
  const day = `${String(year > 0 ? year : 1 - year).padStart(4, '0')}-01-01 00:00`;
  return isZoned(type) ? `TIMESTAMPTZ '${day}+00${era}'` : `TIMESTAMP '${day}${era}'`;
}

export function isTime(type: string): boolean {
  return /^(date|timestamp(\(\d+\))? with(out)? time zone)$/.test(type);
}

function isZoned(type: string): boolean {
  return /^timestamp(\(\d+\))? with time zone$/.test(type);
}
