import type { ComparedColumn } from '../engine.ts';
import { allOrManyRows, type Clues, type Kind } from './pattern-parts.ts';

/** What changes of dates and timestamps can be. */

export function timeClues({ oldType, newType }: ComparedColumn, o: string, n: string): Clues {
  const zoned = /TIME ZONE/.test(oldType + newType);
  const [from, to] = zoned ? [o, n] : [`${o}::TIMESTAMP`, `${n}::TIMESTAMP`];
  const months = `datediff('month', ${from}, ${to})`;
  return {
    months: `TRY(CASE WHEN ${from} + to_months(${months}::INTEGER) = ${to} THEN ${months}::VARCHAR END)`,
    microseconds: `TRY(epoch_us(${n}) - epoch_us(${o}))::VARCHAR`,
  };
}

export function timeKinds(
  clue: (name: string) => readonly string[],
  constants: readonly Kind[],
): Kind[] {
  return [
    ...constants,
    ...units.map((unit) => ({
      pattern: 'truncation',
      relation: (o: string, n: string) => `${n} = date_trunc('${unit}', ${o})`,
    })),
    ...clue('months').flatMap((months) => shift(BigInt(months), 'MONTH')),
    ...clue('microseconds').flatMap((microseconds) =>
      shift(...inLargestUnit(BigInt(microseconds))),
    ),
  ];
}

const units = ['second', 'minute', 'hour', 'day', 'month', 'year'] as const;

/** Calendar units shift the date; smaller ones are what a change of the time zone looks like. */
function shift(by: bigint, unit: string): Kind[] {
  if (by === 0n) return [];
  const size = by < 0n ? -by : by;
  // DuckDB's grammar takes a bare number of 32 bits only.
  const interval = `INTERVAL ${size > 2_147_483_647n ? `(${size})` : size} ${unit}`;
  const moved = (o: string) => `${o} ${by < 0n ? '-' : '+'} ${interval}`;
  return [
    {
      pattern: unit === 'MONTH' || unit === 'DAY' ? 'date shift' : 'constant offset',
      relation: (o, n) => `${n} = ${moved(o)}`,
      showsValues: true,
      enough: allOrManyRows,
    },
  ];
}

function inLargestUnit(microseconds: bigint): [bigint, string] {
  const sizes = [
    ['DAY', 86_400_000_000n],
    ['HOUR', 3_600_000_000n],
    ['MINUTE', 60_000_000n],
    ['SECOND', 1_000_000n],
  ] as const;
  const [unit, size] = sizes.find(([, one]) => microseconds % one === 0n) ?? ['MICROSECOND', 1n];
  return [microseconds / size, unit];
}
