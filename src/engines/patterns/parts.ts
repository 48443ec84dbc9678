import type { ComparedColumn } from '../engine.ts';

/** A column that deviates; its values stand in d<at>, o<at> and n<at> of the gathered rows. */
export interface DirtyColumn {
  readonly column: ComparedColumn;
  readonly at: number;
  /** Rows in which it deviates. */
  readonly cells: number;
  /** One in so many of these rows is in the sample. */
  readonly every: number;
  /** True for the rows of the sample. */
  readonly isSampled: string;
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

export function checkOf(kind: Kind, old: string, new_: string): string {
  return (kind.check ?? kind.relation)(old, new_);
}

/** The kind with a check that is made of its own. */
export function narrowed(
  kind: Kind,
  to: (check: string, old: string, new_: string) => string,
): Kind {
  return { ...kind, check: (old, new_) => to(checkOf(kind, old, new_), old, new_) };
}

/** Name -> SQL that gives a text, or NULL, for each row. */
export type Clues = Readonly<Record<string, string>>;

/** The most frequent texts that a clue gives. */
export type TextsOf = (clue: string) => readonly string[];

/** For what was guessed from the data: a few rows always have something in common by chance. */
export function manyRows(rows: number, total: number): boolean {
  return rows >= 2 && rows * 5 >= total;
}

/** The same where one row alone is worth its description too. */
export function allOrManyRows(rows: number, total: number): boolean {
  return rows === total || manyRows(rows, total);
}
