import type { ComparedColumn } from '../engine.ts';
import { literal } from './connection.ts';
import { numberClues, numberKinds } from './pattern-numbers.ts';
import { type Clues, type Kind, manyRows } from './pattern-parts.ts';
import { textClues, textKinds } from './pattern-texts.ts';
import { timeClues, timeKinds } from './pattern-times.ts';
import { isNumeric, isOrdered, isTemporal } from './values.ts';

/** The clues that are needed to know the kinds of this column: name -> SQL that gives a text, or NULL, for each row. */
export function cluesOf(column: ComparedColumn, old: string, new_: string): Clues {
  return { ...valueClue(column, new_), ...ownClues(column, old, new_) };
}

/** What the changes of a column can be, from the most telling to the least. `clue` gives the most frequent texts. */
export function kindsOf(column: ComparedColumn, clue: (name: string) => readonly string[]): Kind[] {
  const constants = clue('value').map((text) => constantOf(text, column.newType));
  return [
    ...constants.map(nullToConstant),
    { pattern: 'null to value', relation: (o) => `${o} IS NULL`, detail: null },
    { pattern: 'value to null', relation: (_, n) => `${n} IS NULL`, detail: null },
    ...ownKinds(column, clue, constants.map(toConstant)),
  ];
}

function ownClues(column: ComparedColumn, old: string, new_: string): Clues {
  switch (familyOf(column)) {
    case 'number':
      return numberClues(column, old, new_);
    case 'time':
      return timeClues(column, old, new_);
    case 'text':
      return textClues(old, new_);
    default:
      return {};
  }
}

function ownKinds(
  column: ComparedColumn,
  clue: (name: string) => readonly string[],
  constants: readonly Kind[],
): Kind[] {
  switch (familyOf(column)) {
    case 'number':
      return numberKinds(column, clue, constants);
    case 'time':
      return timeKinds(clue, constants);
    case 'text':
      return textKinds(clue, constants);
    case 'boolean':
      return [
        { pattern: 'false to true', relation: (o, n) => `NOT ${o} AND ${n}`, detail: null },
        { pattern: 'true to false', relation: (o, n) => `${o} AND NOT ${n}`, detail: null },
      ];
    default:
      return [...constants];
  }
}

function familyOf({ oldType, newType }: ComparedColumn) {
  const both = (is: (type: string) => boolean) => is(oldType) && is(newType);
  if (both(isNumeric)) return 'number';
  if (both(isTemporal)) return 'time';
  if (both((type) => type === 'VARCHAR')) return 'text';
  return both((type) => type === 'BOOLEAN') ? 'boolean' : 'other';
}

// ---------------------------------------------------------------------------------------------
// One constant value

/** A longer text is no default that anybody would read. */
const longestConstant = 200;

function valueClue({ newType }: ComparedColumn, new_: string): Clues {
  const known = isOrdered(newType) || /^(VARCHAR|UUID|TIME|ENUM\b.*)$/.test(newType);
  if (!known) return {};
  const text = newType === 'VARCHAR' ? new_ : `${new_}::VARCHAR`;
  return { value: `CASE WHEN length(${text}) <= ${longestConstant} THEN ${text} END` };
}

/** A value of this type as it is written in SQL. */
export function constantOf(text: string, type: string): string {
  if (isNumeric(type) && /^-?[\d.]/.test(text)) return text;
  if (type === 'BOOLEAN') return text;
  if (type === 'DATE' || type === 'TIMESTAMP') return `${type} ${literal(text)}`;
  // An enum takes a text; its type would list all its values.
  if (type === 'VARCHAR' || type.startsWith('ENUM')) return literal(text);
  return `${literal(text)}::${type}`;
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
