import type { ComparedColumn } from '../engine.ts';
import type { PatternDialect, Shift, TimeDialect, TimeUnit } from './dialect.ts';
import { allOrManyRows, type Kind, narrowed, type TextsOf } from './parts.ts';

/** What changes of dates and timestamps can be. */
export function timeKinds(
  dialect: PatternDialect,
  column: ComparedColumn,
  textsOf: TextsOf,
  constants: readonly Kind[],
): Kind[] {
  return [
    ...constants,
    ...truncationKinds(dialect, column),
    ...textsOf('months').flatMap((months) => shift(dialect, column, BigInt(months), 'MONTH')),
    ...textsOf('microseconds').flatMap((microseconds) =>
      shift(dialect, column, ...inLargestUnit(BigInt(microseconds))),
    ),
  ];
}

const units = ['second', 'minute', 'hour', 'day', 'month', 'year'] as const;

function truncationKinds({ times }: PatternDialect, column: ComparedColumn): Kind[] {
  const value = (name: string, type: string) => times.operand(name, type, column, 'MONTH');
  const { oldType, newType } = column;
  const truncated =
    times.truncated ?? ((unit: string, whole: string) => `date_trunc('${unit}', ${whole})`);
  return units.map((unit) => {
    const kind: Kind = {
      pattern: 'truncation',
      relation: (o, n) => `${value(n, newType)} = ${truncated(unit, value(o, oldType))}`,
      detail: `new = date_trunc('${unit}', old)`,
    };
    return guarded(times, column, kind, { by: 0n, unit: 'MONTH' });
  });
}

/** Calendar units shift the date; smaller ones are what a change of the time zone looks like. */
function shift(
  { times }: PatternDialect,
  column: ComparedColumn,
  by: bigint,
  unit: TimeUnit,
): Kind[] {
  if (by === 0n) return [];
  const sum = (whole: string) =>
    times.moved?.(whole, by, unit) ??
    `${whole} ${by < 0n ? '-' : '+'} ${times.interval(by < 0n ? -by : by, unit)}`;
  const value = (name: string, type: string) => times.operand(name, type, column, unit);
  const kind: Kind = {
    pattern: unit === 'MONTH' || unit === 'DAY' ? 'date shift' : 'constant offset',
    relation: (o, n) => `${value(n, column.newType)} = ${sum(value(o, column.oldType))}`,
    detail: `new = ${sum('old')}`,
    showsValues: true,
    enough: allOrManyRows,
  };
  return [guarded(times, column, kind, { by, unit })];
}

function guarded(times: TimeDialect, column: ComparedColumn, kind: Kind, by: Shift): Kind {
  return narrowed(kind, (check, o, n) => times.guarded(check, column, o, n, by));
}

function inLargestUnit(microseconds: bigint): [bigint, TimeUnit] {
  const sizes = [
    ['DAY', 86_400_000_000n],
    ['HOUR', 3_600_000_000n],
    ['MINUTE', 60_000_000n],
    ['SECOND', 1_000_000n],
  ] as const;
  const [unit, size] = sizes.find(([, one]) => microseconds % one === 0n) ?? ['MICROSECOND', 1n];
  return [microseconds / size, unit];
}
