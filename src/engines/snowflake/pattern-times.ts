import type { ComparedColumn } from '../engine.ts';
import { type TimeDialect, yearsOf } from '../patterns/dialect.ts';
import { typeOf } from './types.ts';
import { inUtc } from './values.ts';

/** How Snowflake calculates with dates and timestamps; beyond the year 9999 it need not. */
export const snowflakeTimes: TimeDialect = {
  clues: ({ oldType, newType }, o, n) => {
    const [from, to] = [plain(o, oldType), plain(n, newType)];
    const months = `DATEDIFF(MONTH, ${from}, ${to})`;
    const within = (text: string) =>
      `CASE WHEN ${isWithin(from, 0)} AND ${isWithin(to, 0)} THEN ${text} END`;
    return {
      months: within(
        `CASE WHEN DATEADD(MONTH, ${months}, ${from}) = ${to} THEN TO_VARCHAR(${months}) END`,
      ),
      microseconds: within(`TO_VARCHAR(DATEDIFF(MICROSECOND, ${from}, ${to}))`),
    };
  },
  operand: (value, type) => plain(value, type),
  interval: (size, unit) => `INTERVAL '${size} ${unit}'`,
  guarded: (check, { oldType }: ComparedColumn, o, _, by) =>
    `CASE WHEN ${isWithin(plain(o, oldType), yearsOf(by))} THEN ${check} ELSE FALSE END`,
};

/** Without a zone: an instant in UTC, a date at its midnight. */
function plain(value: string, type: string): string {
  const own = typeOf(type);
  return own.kind === 'ntz' ? value : inUtc(value, own);
}

/** Whether it stays a timestamp when it moves by so many years. */
function isWithin(value: string, years: number): string {
  const [first, last] = [2 - Math.min(0, years), 9998 - Math.max(0, years)];
  if (first > last) return 'FALSE';
  const year = (one: number) => String(one).padStart(4, '0');
  return `${value} BETWEEN '${year(first)}-01-01'::TIMESTAMP_NTZ AND '${year(last)}-12-31'::TIMESTAMP_NTZ`;
}
