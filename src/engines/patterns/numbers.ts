import type { ComparedColumn } from '../engine.ts';
import type { NumberDialect, PatternDialect } from './dialect.ts';
import { type Kind, manyRows, narrowed, type TextsOf } from './parts.ts';

/** What changes of numbers can be. */
export function numberKinds(
  { numbers }: PatternDialect,
  column: ComparedColumn,
  textsOf: TextsOf,
  constants: readonly Kind[],
): Kind[] {
  const offsets = numbersIn(textsOf('offset'), [0]);
  const factors = numbersIn(
    ['2 decimals', '4 decimals', '9 digits', '15 digits'].flatMap((precision) =>
      textsOf(`factor, ${precision}`),
    ),
    [0, 1, -1],
  );
  const decimals = textsOf('decimals').map(Number);
  const guarded = (kind: Kind) =>
    narrowed(kind, (check, o, n) => numbers.guarded(check, column, o, n));
  return [
    ...(numbers.canNegate(column) ? [negated(numbers, column)] : []).map(guarded),
    ...digitKinds(numbers, column).map(guarded),
    ...constants,
    ...offsets.flatMap((offset) => offsetKinds(numbers, column, offset)).map(guarded),
    ...factors.flatMap((factor) => factorKinds(numbers, column, factor, decimals)).map(guarded),
  ];
}

function negated(numbers: NumberDialect, { oldType }: ComparedColumn): Kind {
  return {
    pattern: 'sign',
    relation: (o, n) => `${n} = -${numbers.operand(o, oldType)}`,
    detail: null,
  };
}

/** All the roundings before all the truncations. */
function digitKinds(numbers: NumberDialect, column: ComparedColumn): Kind[] {
  const digits = Array.from({ length: numbers.decimalsThatCanGo(column) }, (_, count) => count);
  return [
    ...digits.map((count) => ({
      pattern: 'rounding',
      relation: (o: string, n: string) => `${n} = ${numbers.rounded(o, count, column)}`,
      detail: `new = round(old, ${count})`,
    })),
    ...digits.map((count) => ({
      pattern: 'truncation',
      relation: (o: string, n: string) => `${n} = ${numbers.truncated(o, count, column)}`,
      detail: `new = trunc(old, ${count})`,
    })),
  ];
}

function offsetKinds(numbers: NumberDialect, column: ComparedColumn, offset: string): Kind[] {
  const added = offset.startsWith('-') ? `- ${offset.slice(1)}` : `+ ${offset}`;
  const sum = (o: string) => `${numbers.operand(o, column.oldType)} ${added}`;
  const kind: Kind = {
    pattern: 'constant offset',
    relation: (o, n) => `${n} = ${sum(o)}`,
    detail: `new = old ${added}`,
    showsValues: true,
    enough: isNoChance,
  };
  return [kind, ...nearly(numbers, column, kind, sum)];
}

function factorKinds(
  numbers: NumberDialect,
  column: ComparedColumn,
  factor: string,
  decimals: readonly number[],
): Kind[] {
  if (!numbers.canMultiply(column, factor)) return [];
  const product = (o: string) => `${numbers.operand(o, column.oldType)} * ${factor}`;
  const kind: Kind = {
    pattern: 'constant factor',
    relation: (o, n) => `${n} = ${product(o)}`,
    detail: `new = old * ${factor}`,
    showsValues: true,
    enough: (rows, total) => rows > 1 && isNoChance(rows, total),
  };
  const rounded = decimals.map((digits) => ({
    ...kind,
    relation: (o: string, n: string) => `${n} = ${numbers.rounded(product(o), digits, column)}`,
    detail: `new = round(old * ${factor}, ${digits})`,
  }));
  return [kind, ...nearly(numbers, column, kind, product), ...rounded];
}

/** Two of several numbers often lie as far apart as two others. */
function isNoChance(rows: number, total: number): boolean {
  return rows * 2 >= total || (rows > 2 && manyRows(rows, total));
}

/** Floating-point numbers err in their last bits: the same relation but for these. */
function nearly(
  numbers: NumberDialect,
  column: ComparedColumn,
  kind: Kind,
  expected: (o: string) => string,
): Kind[] {
  const noise = numbers.noise(column);
  if (noise === null) return [];
  const operands = (o: string, n: string) => [
    numbers.operand(o, column.oldType),
    numbers.operand(n, column.newType),
  ];
  const size = (o: string, n: string) => {
    const [from, to] = operands(o, n);
    const greater = numbers.greater ?? ((a: string, b: string) => `greatest(${a}, ${b})`);
    return greater(`abs(${from})`, `abs(${to})`);
  };
  // Not <=: NaN is as great as NaN, and infinity as infinity, whatever the other value.
  const relation = (o: string, n: string) =>
    `abs(${n} - (${expected(o)})) < ${noise} * ${size(o, n)}`;
  return [
    {
      ...kind,
      relation,
      // A change that drowns in the noise is close to everything.
      check: (o, n) => {
        const [from, to] = operands(o, n);
        return `${relation(o, n)} AND abs(${to} - ${from}) > 100 * ${noise} * ${size(o, n)}`;
      },
    },
  ];
}

/** Each once, and as short as it can be: `1.50` is `1.5`. NaN, the infinities and what `trivial` lists say nothing. */
function numbersIn(texts: readonly string[], trivial: readonly number[]): string[] {
  const numbers = texts
    .filter((text) => Number.isFinite(Number(text)) && !trivial.includes(Number(text)))
    .map((text) => (/^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text));
  return [...new Set(numbers)];
}
