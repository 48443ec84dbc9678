import type { ComparedColumn, TablePair } from '../engine.ts';
import { type Syntax, standardSyntax } from '../syntax.ts';

/**
 * What the description of changes must know of an engine: where the gathered rows are, and how its SQL is written. What
 * changes can be, which of them is named and how conditions are looked for is the same everywhere.
 */
export interface PatternWork {
  readonly workspace: PatternWorkspace;
  readonly gathered: GatheredChanges;
  readonly dialect: PatternDialect;
}

export interface PatternWorkspace {
  /** Runs one statement and gives its only row. `about` goes into its comment. */
  ask(about: string, statement: string): Promise<PatternRow>;
  rows(about: string, statement: string): Promise<PatternRow[]>;
  run(about: string, statement: string): Promise<unknown>;
  /** A name for a table, quoted, that nobody has. */
  scratchTable(): string;
}

export type PatternRow = Readonly<Record<string, unknown>>;

/**
 * The deviating rows of a pair in a table: `kind` (`changed` where both sides have the row), for each dirty column d0
 * (deviates), o0 (old value), n0 (new value), ..., and the key's values on the new side.
 */
export interface GatheredChanges {
  /** The table, quoted. */
  readonly table: string;
  readonly pair: TablePair;
  /** Columns that deviate in rows that both sides have. */
  readonly dirty: readonly ComparedColumn[];
  /** `k0`, ...; empty without a key. */
  readonly keys: readonly string[];
  /** The rows of the new side, as they stand after FROM. */
  readonly newRows: string;
  /** True for the row of `deviating`, which is the gathered table, and that of `new` with the same key. */
  readonly sameKey: string;
}

export type Family = 'number' | 'time' | 'text' | 'boolean' | 'other';

export interface PatternDialect {
  /** Default: the standard's. */
  readonly syntax?: Syntax;
  quote(identifier: string): string;
  literal(text: string): string;
  /** The statement that makes a scratch table of the rows of a query. */
  keep(table: string, select: string): string;
  family(type: string): Family;
  /** Whether `constant` can be written for a type of no family: UUID, an enum. */
  hasConstants(type: string): boolean;
  /** A value, given as the engine's text of it, as it is written in SQL. */
  constant(text: string, type: string): string;
  /** The text of a value, as `constant` takes it. */
  text(value: string, type: string): string;
  /** A gathered value as kinds test it: byte by byte, whatever collation the table declares. */
  value(name: string, type: string): string;
  /** The same of `old` and `new` in the relation that is given back. Default: the bare name. */
  named?(name: string, type: string): string;
  /** A whole number, made of the values of a key: any, but the same in every run. */
  mixed(keys: readonly string[]): string;
  /** A text that is the same for the same values of one type; null where the type's values cannot be compared. */
  digest(value: string, type: string): string | null;
  /** An aggregate: the values as a list of texts in JSON, each at least once; NULL when they are more or longer than that. */
  fewValues(value: string, type: string, most: number, longest: number): string;
  /** For each clue the two texts that most rows give, most first: rows of `clue`, `text` and `rows`. */
  topTexts(table: string, clues: readonly Clue[], where: string): string;
  countFits(workspace: PatternWorkspace, about: string, count: FitCount): Promise<FitsByColumn>;
  /** The first rows of a query in an order; default: with LIMIT. */
  firstRows?(select: string, order: string, most: number): string;
  /** True for two NULLs; default: IS NOT DISTINCT FROM. */
  same?(one: string, other: string): string;
  /** For want of memory, connection or the like: another statement would do no better. */
  isOfTheMachine(error: unknown): boolean;
  readonly numbers: NumberDialect;
  readonly times: TimeDialect;
  readonly texts: TextDialect;
}

export interface Clue {
  readonly name: string;
  /** SQL that gives a text, or NULL. */
  readonly text: string;
}

/** Which kinds fit a row together, as bits, and how many rows that are. */
export interface Fit {
  readonly kinds: bigint;
  readonly rows: number;
}

/** Place of the column -> its rows by the kinds that fit them. */
export type FitsByColumn = ReadonlyMap<number, readonly Fit[]>;

export interface FitCount {
  readonly table: string;
  readonly where: string;
  readonly columns: readonly {
    readonly at: number;
    /** Which rows are counted. */
    readonly when: string;
    /** One for each kind; what fails in a row, or is NULL, does not fit it. */
    readonly checks: readonly string[];
  }[];
}

export interface NumberDialect {
  /** Of two numbers; default: `greatest`. */
  greater?(one: string, other: string): string;
  clues(column: ComparedColumn, old: string, new_: string): Readonly<Record<NumberClue, string>>;
  /** What the last bits of a floating-point number may err, as a share of it; null: both sides are exact. */
  noise(column: ComparedColumn): string | null;
  /** To how many decimals, from 0 on, a number of the old type can be rounded so that it changes. */
  decimalsThatCanGo(column: ComparedColumn): number;
  canNegate(column: ComparedColumn): boolean;
  canMultiply(column: ComparedColumn, factor: string): boolean;
  /** A value to calculate with. */
  operand(value: string, type: string): string;
  rounded(value: string, digits: number, column: ComparedColumn): string;
  truncated(value: string, digits: number, column: ComparedColumn): string;
  /** The check, where the engine can calculate with these values without an error. */
  guarded(check: string, column: ComparedColumn, old: string, new_: string): string;
}

export type NumberClue =
  | 'offset'
  | 'factor, 2 decimals'
  | 'factor, 4 decimals'
  | 'factor, 9 digits'
  | 'factor, 15 digits'
  /** How many the new value has. */
  | 'decimals';

export interface TimeDialect {
  /** The distance in whole months, where it is that, and in microseconds. */
  clues(
    column: ComparedColumn,
    old: string,
    new_: string,
  ): Readonly<Record<'months' | 'microseconds', string>>;
  /** A value to calculate with by the unit. */
  operand(value: string, type: string, column: ComparedColumn, unit: TimeUnit): string;
  interval(size: bigint, unit: TimeUnit): string;
  /** Default: the sum with an interval. */
  moved?(value: string, by: bigint, unit: TimeUnit): string;
  /** Default: `date_trunc`. */
  truncated?(unit: TruncatedUnit, value: string): string;
  /** The check, where the engine can calculate with these values without an error. */
  guarded(check: string, column: ComparedColumn, old: string, new_: string, by: Shift): string;
}

export type TruncatedUnit = 'second' | 'minute' | 'hour' | 'day' | 'month' | 'year';

export type TimeUnit = 'MONTH' | 'DAY' | 'HOUR' | 'MINUTE' | 'SECOND' | 'MICROSECOND';

export interface Shift {
  readonly by: bigint;
  readonly unit: TimeUnit;
}

/** At least, away from zero: whether an instant that moves so far can still be written. */
export function yearsOf({ by, unit }: Shift): number {
  const inOneYear: Readonly<Record<TimeUnit, number>> = {
    MONTH: 12,
    DAY: 365,
    HOUR: 8760,
    MINUTE: 525_600,
    SECOND: 31_536_000,
    MICROSECOND: 31_536_000_000_000,
  };
  const years = Number(by) / inOneYear[unit];
  return years < 0 ? Math.floor(years) : Math.ceil(years);
}

export interface TextDialect {
  startsWith(text: string, start: string): string;
  endsWith(text: string, end: string): string;
  /** Without all that Unicode calls white space, also inside. */
  withoutBlanks(text: string): string;
  /** Damaged letters can be told only where texts are Unicode. */
  readonly unicode: UnicodeDialect | null;
  /** Default: `standardTexts`. */
  readonly functions?: TextFunctions;
}

/** Functions over texts that are called otherwise in some dialects; lengths count characters, blanks at the end as well. */
export interface TextFunctions {
  /** Character by character. */
  equal(one: string, other: string): string;
  length(text: string): string;
  /** All from a place on, which counts from 1. */
  from(text: string, place: string): string;
  trimmed(text: string): string;
  upper(text: string): string;
  lower(text: string): string;
  joined(one: string, other: string): string;
  padded(side: 'lpad' | 'rpad', text: string, length: string, character: string): string;
  withoutLeadingZeros(text: string): string;
}

export const standardTexts: TextFunctions = {
  equal: (one, other) => `${one} = ${other}`,
  length: (text) => `length(${text})`,
  from: (text, place) => `substr(${text}, ${place})`,
  trimmed: (text) => `trim(${text})`,
  upper: (text) => `upper(${text})`,
  lower: (text) => `lower(${text})`,
  joined: (one, other) => `${one} || ${other}`,
  padded: (side, text, length, character) => `${side}(${text}, ${length}, ${character})`,
  withoutLeadingZeros: (text) => `ltrim(${text}, '0')`,
};

export function textFunctions({ texts: { functions = standardTexts } }: PatternDialect) {
  return functions;
}

export function syntaxOf({ syntax = standardSyntax }: PatternDialect): Syntax {
  return syntax;
}

export interface UnicodeDialect {
  /** Each byte of the text's UTF-8 as a letter of its own. */
  asLatin1(text: string): string;
  /** The same in the encoding that has letters where Latin-1 has control characters. */
  asWindows1252(text: string): string;
  /** Each letter beyond ASCII is `mark`. */
  withoutLetters(text: string, mark: string): string;
  /** Some letters of the old value became U+FFFD, as often as they have bytes. */
  lostBytes(old: string, new_: string): string;
  /** In Unicode's composed form; null: the engine has no function for it. */
  readonly composed: ((text: string) => string) | null;
  readonly withoutAccents: ((text: string) => string) | null;
}
