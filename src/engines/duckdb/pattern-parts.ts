import type { ComparedColumn } from '../engine.ts';

/** A column that deviates; its values stand in d<at>, o<at> and n<at> of the gathered rows. */
export interface DirtyColumn {
  readonly column: ComparedColumn;
  readonly at: number;
  /** Rows in which it deviates. */
  readonly cells: number;
  /** One in so many of these rows is in the sample. */
  readonly every: number;
  /** The columns of the key: its hash picks the sample. */
  readonly keys: readonly string[];
}

/** The same rows in every run, wherever they stand. */
export function isSampled({ at, every, keys }: DirtyColumn): string {
  return every === 1 ? `d${at}` : `(d${at} AND hash(${keys.join(', ')}) % ${every} = 0)`;
}

/** A way to describe changes, with all its parameters known. */
export interface Kind {
  readonly pattern: string;
  /** SQL that is true for the rows it describes, over the two values. */
  relation(old: string, new_: string): string;
  /** The same, narrowed to the rows of which it says something. Default: the relation. */
  check?(old: string, new_: string): string;
  /** The relation as it is shown where that is not `relation('old', 'new')`. */
  readonly shown?: string;
  /** For people. Default: the relation; null: the name says it all. */
  readonly detail?: string | null;
  /** The detail holds values of the data. */
  readonly showsValues?: boolean;
  /** Whether it may be named when it describes `rows` of `total`. Default: always. */
  enough?(rows: number, total: number): boolean;
}

/** Name -> SQL that gives a text, or NULL, for each row. */
export type Clues = Readonly<Record<string, string>>;

/** For what was guessed from the data: a few rows always have something in common by chance. */
export function manyRows(rows: number, total: number): boolean {
  return rows >= 2 && rows * 5 >= total;
}

/** The same where one row alone is worth its description too. */
export function allOrManyRows(rows: number, total: number): boolean {
  return rows === total || manyRows(rows, total);
}
