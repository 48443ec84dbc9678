import type { ComparedColumn } from '../engine.ts';
import { allOrManyRows, type Clues, type Kind, manyRows } from './pattern-parts.ts';

/** What changes of numbers can be. */

export function numberClues(column: ComparedColumn, o: string, n: string): Clues {
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
}

export function numberKinds(
  column: ComparedColumn,
  clue: (name: string) => readonly string[],
  constants: readonly Kind[],
): Kind[] {
  const offsets = numbersIn(clue('offset'), [0]);
  const factors = numbersIn(
    ['2 decimals', '4 decimals', '9 digits', '15 digits'].flatMap((precision) =>
      clue(`factor, ${precision}`),
    ),
    [0, 1, -1],
  );
  const decimals = clue('decimals').map(Number);
  return [
    // DuckDB negates an unsigned number by wrapping it around.
    ...(column.oldType.startsWith('U')
      ? []
      : [{ pattern: 'sign', relation: negated, detail: null }]),
    ...digitsThatCanGo(column).map((digits) => ({
      pattern: 'rounding',
      relation: (o: string, n: string) => `${n} = round(${o}, ${digits})`,
    })),
    ...digitsThatCanGo(column).map((digits) => ({
      pattern: 'truncation',
      relation: (o: string, n: string) => `${n} = trunc(${o}, ${digits})`,
    })),
    ...constants,
    ...offsets.flatMap((offset) => offsetKinds(column, offset)),
    ...factors.flatMap((factor) => factorKinds(column, factor, decimals)),
  ];
}

function negated(o: string, n: string): string {
  return `${n} = -${o}`;
}

function offsetKinds(column: ComparedColumn, offset: string): Kind[] {
  const sum = (o: string) =>
    offset.startsWith('-') ? `${o} - ${offset.slice(1)}` : `${o} + ${offset}`;
  const kind = {
    pattern: 'constant offset',
    relation: (o: string, n: string) => `${n} = ${sum(o)}`,
    detail: `new = ${sum('old')}`,
    showsValues: true,
    enough: allOrManyRows,
  };
  return isFloat(column) ? [kind, nearly(column, kind, sum)] : [kind];
}

function factorKinds(column: ComparedColumn, factor: string, decimals: readonly number[]): Kind[] {
  const product = (o: string) => `${o} * ${factor}`;
  const kind = {
    pattern: 'constant factor',
    relation: (o: string, n: string) => `${n} = ${product(o)}`,
    detail: `new = ${product('old')}`,
    showsValues: true,
    enough: manyRows,
  };
  if (!isFloat(column) && !hasProduct(column.oldType, factor)) return [];
  const rounded = decimals.map((digits) => ({
    ...kind,
    relation: (o: string, n: string) => `${n} = round(${product(o)}, ${digits})`,
    detail: `new = round(${product('old')}, ${digits})`,
  }));
  return isFloat(column) ? [kind, nearly(column, kind, product), ...rounded] : [kind, ...rounded];
}

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

/** Floating-point numbers err in their last bits: the same relation but for these. */
function nearly(column: ComparedColumn, kind: Kind, expected: (o: string) => string): Kind {
  const noise = isSingle(column) ? '1e-6' : '1e-14';
  const size = (o: string, n: string) => `greatest(abs(${o}), abs(${n}))`;
  // Not <=: NaN is as great as NaN, and infinity as infinity, whatever the other value.
  const relation = (o: string, n: string) =>
    `abs(${n} - (${expected(o)})) < ${noise} * ${size(o, n)}`;
  return {
    ...kind,
    relation,
    // A change that drowns in the noise is close to everything.
    check: (o, n) => `${relation(o, n)} AND abs(${n} - ${o}) > 100 * ${noise} * ${size(o, n)}`,
  };
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

/** Each once, and as short as it can be: `1.50` is `1.5`. NaN, the infinities and what `trivial` lists say nothing. */
function numbersIn(texts: readonly string[], trivial: readonly number[]): string[] {
  const numbers = texts
    .filter((text) => Number.isFinite(Number(text)) && !trivial.includes(Number(text)))
    .map((text) => (/^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text));
  return [...new Set(numbers)];
}

/** To how many decimals a number of the old type can be rounded so that it changes. */
function digitsThatCanGo({ oldType }: ComparedColumn): number[] {
  const scale = /FLOAT|DOUBLE/.test(oldType) ? 7 : scaleOf(oldType);
  return Array.from({ length: Math.min(7, scale) }, (_, digits) => digits);
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
