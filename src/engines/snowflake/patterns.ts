import { toNumber } from '../counts.ts';
import type { ChangeDescription } from '../engine.ts';
import { describeChanges as describe } from '../patterns/describe.ts';
import type {
  Clue,
  Family,
  FitCount,
  FitsByColumn,
  PatternDialect,
  PatternWorkspace,
} from '../patterns/dialect.ts';
import { list } from '../sql.ts';
import type { GatheredRows } from './deviating.ts';
import { isOfTheMachine } from './errors.ts';
import { literal, quote } from './names.ts';
import { snowflakeNumbers } from './pattern-numbers.ts';
import { snowflakeTexts } from './pattern-texts.ts';
import { snowflakeTimes } from './pattern-times.ts';
import { typeOf } from './types.ts';
import { bytes, meeting, textOf } from './values.ts';
import type { Workspace } from './workspace.ts';

/** What the changes of each column look like; `cells` tells in how many rows it deviates. */
export function describeChanges(
  workspace: Workspace,
  gathered: GatheredRows,
  cells: ReadonlyMap<string, number>,
  { values }: { readonly values: boolean },
): Promise<Map<string, ChangeDescription>> {
  const { table, pair, dirty, keys, sources } = gathered;
  const changes = { table, pair, dirty, keys, newRows: sources.new, sameKey: sameKey(gathered) };
  return describe({ workspace, gathered: changes, dialect }, cells, { values });
}

/** The key of a deviating row and of a row of the new side, as the comparison took it. */
function sameKey({ key, keys, sources }: GatheredRows): string {
  return list(
    key ?? [],
    ({ name, newType }, at) => {
      const type = typeOf(newType);
      const value = (one: string) => meeting(one, type, type, sources.mode);
      return `${value(`new.${quote(name)}`)} = ${value(`deviating.${keys[at]}`)}`;
    },
    ' AND ',
  );
}

const dialect: PatternDialect = {
  quote,
  literal,
  keep: (table, select) => `CREATE TEMPORARY TABLE ${table} AS ${select}`,
  family,
  hasConstants: (type) => typeOf(type).kind === 'time',
  constant,
  text: (value, type) => textOf(value, typeOf(type)),
  value: (name, type) => (typeOf(type).kind === 'text' ? bytes(name) : name),
  mixed: (keys) => `HASH(${keys.join(', ')})`,
  digest: (value, type) => `MD5(${textOf(value, typeOf(type))})`,
  fewValues,
  topTexts,
  countFits,
  isOfTheMachine,
  numbers: snowflakeNumbers,
  times: snowflakeTimes,
  texts: snowflakeTexts,
};

function family(type: string): Family {
  const { kind } = typeOf(type);
  if (kind === 'number' || kind === 'float') return 'number';
  if (kind === 'date' || kind === 'ntz' || kind === 'ltz' || kind === 'tz') return 'time';
  return kind === 'text' || kind === 'boolean' ? kind : 'other';
}

function constant(text: string, type: string): string {
  switch (typeOf(type).kind) {
    case 'number':
      return text;
    case 'float':
      return /^-?[\d.]/.test(text) ? `${text}::FLOAT` : `${literal(text)}::FLOAT`;
    case 'boolean':
      return text;
    case 'text':
      return literal(text);
    case 'date':
      return `DATE ${literal(text)}`;
    case 'ntz':
      return `${literal(text)}::TIMESTAMP_NTZ`;
    case 'ltz':
      return `${literal(text)}::TIMESTAMP_LTZ`;
    case 'tz':
      return `${literal(text)}::TIMESTAMP_TZ`;
    default:
      return `${literal(text)}::${type}`;
  }
}

// ---------------------------------------------------------------------------------------------
// Statements

/** The array stays inside the warehouse unless it is short: a key has a value for each row. */
function fewValues(value: string, type: string, most: number, longest: number): string {
  const text = textOf(value, typeOf(type));
  return `CASE WHEN COUNT(DISTINCT ${text}) <= ${most} AND MAX(LENGTH(${text})) <= ${longest}
    THEN TO_JSON(ARRAY_UNIQUE_AGG(${text})) END`;
}

function topTexts(table: string, clues: readonly Clue[], where: string): string {
  const given = list(
    clues,
    ({ name, text }) =>
      `SELECT ${literal(name)} AS clue, ${text} AS text FROM ${table} WHERE ${where}`,
    '\nUNION ALL\n',
  );
  return `SELECT clue, text, COUNT(*) AS "rows" FROM (${given}) AS given
    WHERE text IS NOT NULL GROUP BY clue, text
    QUALIFY ROW_NUMBER() OVER (PARTITION BY clue ORDER BY COUNT(*) DESC, text) <= 2
    ORDER BY clue, COUNT(*) DESC, text`;
}

/** How many rows each set of kinds fits together. The checks are such that none fails. */
async function countFits(
  workspace: PatternWorkspace,
  about: string,
  { table, columns, where }: FitCount,
): Promise<FitsByColumn> {
  const fits = list(
    columns,
    ({ at, when, checks }) => {
      const bits = checks.map(
        (check, bit) => `CASE WHEN ${check} THEN ${1n << BigInt(bit)} ELSE 0 END`,
      );
      return `SELECT ${at} AS at_column, ${bits.join(' + ') || '0'} AS kinds FROM ${table} WHERE (${where}) AND ${when}`;
    },
    '\nUNION ALL\n',
  );
  const rows = await workspace.rows(
    about,
    `SELECT at_column, kinds, COUNT(*) AS "rows" FROM (${fits}) AS fits GROUP BY at_column, kinds`,
  );
  return new Map(
    columns.map(({ at }) => {
      const own = rows.filter((row) => toNumber(row.at_column) === at);
      return [
        at,
        own.map((row) => ({ kinds: BigInt(String(row.kinds)), rows: toNumber(row.rows) })),
      ];
    }),
  );
}
