import type { ComparedColumn, RowComparison, TablePair } from '../engine.ts';
import type { Row, Value } from './connection.ts';
import { quote } from './names.ts';

/** One session in the database of one side, in which rows of one pair are worked on. `about` goes into the comment. */
export interface Workspace {
  /** Runs one statement and gives its only row. Values are bound as $1, $2, ... */
  ask(about: string, statement: string, values?: readonly Value[]): Promise<Row>;
  rows(about: string, statement: string, values?: readonly Value[]): Promise<Row[]>;
  run(about: string, statement: string, values?: readonly Value[]): Promise<void>;
  /** A name for a temporary table, quoted, that nobody has. */
  scratchTable(): string;
}

/** A column whose values are kept as they are stored, on the sides that have it. */
export interface KeptColumn {
  readonly name: string;
  readonly old: boolean;
  readonly new: boolean;
}

/**
 * The deviating rows of a pair in a temporary table, one row each: kind ('added', 'removed', 'changed'), occurrences,
 * image (of a row that one side has: all its values, as JSON), for each dirty column d0 (deviates), ..., for each kept
 * column o0 (old value), n0 (new value), ..., and with a key its values `keys` on the new side, and removed_key, as
 * JSON, where only the old side has it. d0, ... are never NULL; the values of texts have the database's own collation.
 */
export interface GatheredRows {
  /** The table, quoted. */
  readonly table: string;
  readonly pair: TablePair;
  /** The new side's table, quoted. */
  readonly newTable: string;
  /** Where the whole new side is read in the same session, with AS: the table, or what is read instead of it. */
  readonly newRelation: string;
  /** Null: as multisets. */
  readonly key: readonly ComparedColumn[] | null;
  /** Columns that deviate in rows that both sides have: d0, o0, n0, ... */
  readonly dirty: readonly ComparedColumn[];
  /** The dirty columns, then others whose values are needed. */
  readonly kept: readonly KeptColumn[];
  /** `k0`, ...; empty without a key. Of the new side's types. */
  readonly keys: readonly string[];
  /** Column -> rows in which it deviates. */
  readonly cells: RowComparison['cells'];
  /** Images are kept as texts. Else only their MD5: they take far more room than all the rest. */
  readonly keepsImages: boolean;
}

/** SQL that is true when the row `of` of the new relation is the gathered row `gathered`: their aliases. */
export function sameKey({ key, keys }: GatheredRows, of: string, gathered: string): string {
  return (key ?? [])
    .map(({ name, newType }, at) => {
      // Byte by byte, whatever collation the table declares.
      const collation = isText(newType) ? ' COLLATE "C"' : '';
      return `${of}.${quote(name)} = ${gathered}.${keys[at]}${collation}`;
    })
    .join(' AND ');
}

function isText(type: string): boolean {
  return /^(text|name|character varying(\(\d+\))?|character(\(\d+\))?)$/.test(type);
}
