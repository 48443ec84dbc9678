import type { ComparedColumn } from '../engine.ts';
import { type Family, type PatternDialect, syntaxOf, textFunctions } from './dialect.ts';
import { numberKinds } from './numbers.ts';
import { type Clues, type Kind, manyRows, type TextsOf } from './parts.ts';
import { textClues, textKinds } from './texts.ts';
import { timeKinds } from './times.ts';

/** The clues that are needed to know the kinds of this column: name -> SQL that gives a text, or NULL, for each row. */
export function cluesOf(
  dialect: PatternDialect,
  column: ComparedColumn,
  old: string,
  new_: string,
): Clues {
  return { ...valueClue(dialect, column, new_), ...ownClues(dialect, column, old, new_) };
}

/** What the changes of a column can be, from the most telling to the least. */
export function kindsOf(dialect: PatternDialect, column: ComparedColumn, textsOf: TextsOf): Kind[] {
  const constants = textsOf('value').map((text) => dialect.constant(text, column.newType));
  return [
    ...constants.map(nullToConstant),
    { pattern: 'null to value', relation: (o) => `${o} IS NULL`, detail: null },
    { pattern: 'value to null', relation: (_, n) => `${n} IS NULL`, detail: null },
    ...ownKinds(dialect, column, textsOf, constants.map(toConstant)),
  ];
}

function ownClues(
  dialect: PatternDialect,
  column: ComparedColumn,
  old: string,
  new_: string,
): Clues {
  switch (familyOf(dialect, column)) {
    case 'number':
      return dialect.numbers.clues(column, old, new_);
    case 'time':
      return dialect.times.clues(column, old, new_);
    case 'text':
      return textClues(dialect, old, new_);
    default:
      return {};
  }
}

function ownKinds(
  dialect: PatternDialect,
  column: ComparedColumn,
  textsOf: TextsOf,
  constants: readonly Kind[],
): Kind[] {
  switch (familyOf(dialect, column)) {
    case 'number':
      return numberKinds(dialect, column, textsOf, constants);
    case 'time':
      return timeKinds(dialect, column, textsOf, constants);
    case 'text':
      return textKinds(dialect, textsOf, constants);
    case 'boolean': {
      const { isSet } = syntaxOf(dialect);
      const both = (one: string, other: string) => `NOT ${isSet(one)} AND ${isSet(other)}`;
      return [
        { pattern: 'false to true', relation: both, detail: null },
        { pattern: 'true to false', relation: (o, n) => both(n, o), detail: null },
      ];
    }
    default:
      return [...constants];
  }
}

function familyOf(dialect: PatternDialect, { oldType, newType }: ComparedColumn): Family {
  const family = dialect.family(newType);
  return dialect.family(oldType) === family ? family : 'other';
}

/** Values of the type lie in an order, and between two of them there is a distance. */
export function isOrdered(dialect: PatternDialect, type: string): boolean {
  return ['number', 'time'].includes(dialect.family(type));
}

// ---------------------------------------------------------------------------------------------
// One constant value

/** A longer text is no default that anybody would read. */
const longestConstant = 200;

function valueClue(dialect: PatternDialect, { newType }: ComparedColumn, new_: string): Clues {
  const isText = dialect.family(newType) === 'text';
  const known = isText || isOrdered(dialect, newType) || dialect.hasConstants(newType);
  if (!known) return {};
  const text = isText ? new_ : dialect.text(new_, newType);
  const { length } = textFunctions(dialect);
  return { value: `CASE WHEN ${length(text)} <= ${longestConstant} THEN ${text} END` };
}

function nullToConstant(constant: string): Kind {
  return {
    pattern: 'null to value',
    relation: (o, n) => `${o} IS NULL AND ${n} = ${constant}`,
    detail: `new = ${constant}`,
    showsValues: true,
    enough: manyRows,
  };
}

function toConstant(constant: string): Kind {
  return {
    pattern: 'default',
    relation: (_, n) => `${n} = ${constant}`,
    // NULL to a constant has a name of its own.
    check: (o, n) => `${o} IS NOT NULL AND ${n} = ${constant}`,
    showsValues: true,
    // One row alone always becomes one constant; that it became empty says something.
    enough: constant === "''" ? (rows, total) => rows === total || manyRows(rows, total) : manyRows,
  };
}
