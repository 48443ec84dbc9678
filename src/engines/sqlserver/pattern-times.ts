import type { ComparedColumn } from '../engine.ts';
import {
  type TimeDialect,
  type TimeUnit,
  type TruncatedUnit,
  yearsOf,
} from '../patterns/dialect.ts';

/** How SQL Server calculates with instants: from year 1 to 9999, and beyond with an error. */
export const sqlserverTimes: TimeDialect = {
  clues: (column, o, n) => {
    const [from, to] = [operand(o, column.oldType), operand(n, column.newType)];
    const months = `DATEDIFF(MONTH, ${from}, ${to})`;
    const within = (text: string) => `CASE WHEN ${isWithin(o, column.oldType, 0)} THEN ${text} END`;
    return {
      months: within(
        `CASE WHEN DATEADD(MONTH, ${months}, ${from}) = ${to} THEN CONVERT(nvarchar(20), ${months}) END`,
      ),
      microseconds: within(`CONVERT(nvarchar(30), DATEDIFF_BIG(MICROSECOND, ${from}, ${to}))`),
    };
  },
  operand: (value, type) => operand(value, type),
  interval: (size, unit) => `${size} ${unit}`,
  moved,
  truncated,
  guarded: (check, { oldType }: ComparedColumn, o, _, by) =>
    `CASE WHEN ${isWithin(o, oldType, yearsOf(by))} THEN CASE WHEN ${check} THEN 1 ELSE 0 END ELSE 0 END = 1`,
};

/** In UTC, with all digits that an instant can have. */
function operand(value: string, type: string): string {
  return type.startsWith('datetimeoffset')
    ? `CONVERT(datetime2(7), ${value}, 1)`
    : `CONVERT(datetime2(7), ${value})`;
}

/** DATEADD takes an int: what is more is added as days first. */
function moved(value: string, by: bigint, unit: TimeUnit): string {
  const size = inOneDay[unit];
  if (size === undefined || (by < mostAtOnce && by > -mostAtOnce))
    return `DATEADD(${unit}, ${by}, ${value})`;
  const [days, rest] = [by / size, by % size];
  const whole = `DATEADD(DAY, ${days}, ${value})`;
  if (rest < mostAtOnce && rest > -mostAtOnce)
    return rest === 0n ? whole : `DATEADD(${unit}, ${rest}, ${whole})`;
  const [seconds, smaller] = [rest / 1_000_000n, rest % 1_000_000n];
  return `DATEADD(${unit}, ${smaller}, DATEADD(SECOND, ${seconds}, ${whole}))`;
}

const mostAtOnce = 2_147_483_647n;
const inOneDay: Partial<Record<TimeUnit, bigint>> = {
  HOUR: 24n,
  MINUTE: 1_440n,
  SECOND: 86_400n,
  MICROSECOND: 86_400_000_000n,
};

/** DATETRUNC is not in all versions. */
function truncated(unit: TruncatedUnit, value: string): string {
  const without = (part: string, inner: string) =>
    `DATEADD(${part}, -DATEPART(${part}, ${inner}), ${inner})`;
  const day = `CONVERT(datetime2(7), CONVERT(date, ${value}))`;
  switch (unit) {
    case 'second':
      return without('NANOSECOND', value);
    case 'minute':
      return `DATEADD(MINUTE, DATEDIFF(MINUTE, ${day}, ${value}), ${day})`;
    case 'hour':
      return `DATEADD(HOUR, DATEDIFF(HOUR, ${day}, ${value}), ${day})`;
    case 'day':
      return day;
    case 'month':
      return `CONVERT(datetime2(7), DATEFROMPARTS(YEAR(${value}), MONTH(${value}), 1))`;
    case 'year':
      return `CONVERT(datetime2(7), DATEFROMPARTS(YEAR(${value}), 1, 1))`;
  }
}

/** Whether it stays an instant when it moves by so many years. */
function isWithin(value: string, type: string, years: number): string {
  return `YEAR(${operand(value, type)}) BETWEEN ${2 - Math.min(0, years)} AND ${9998 - Math.max(0, years)}`;
}
