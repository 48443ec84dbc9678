import type { TimeDialect } from '../patterns/dialect.ts';

/** How DuckDB calculates with dates and timestamps. */
export const duckdbTimes: TimeDialect = {
  clues: ({ oldType, newType }, o, n) => {
    const zoned = /TIME ZONE/.test(oldType + newType);
    const [from, to] = zoned ? [o, n] : [`${o}::TIMESTAMP`, `${n}::TIMESTAMP`];
    const months = `datediff('month', ${from}, ${to})`;
    return {
      months: `TRY(CASE WHEN ${from} + to_months(${months}::INTEGER) = ${to} THEN ${months}::VARCHAR END)`,
      microseconds: `TRY(epoch_us(${n}) - epoch_us(${o}))::VARCHAR`,
    };
  },
  operand: (value) => value,
  // The grammar takes a bare number of 32 bits only.
  interval: (size, unit) => `INTERVAL ${size > 2_147_483_647n ? `(${size})` : size} ${unit}`,
  guarded: (check) => check,
};
