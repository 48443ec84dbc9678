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
import { asValue } from '../syntax.ts';
import type { GatheredRows } from './deviating.ts';
import { isOfTheMachine } from './errors.ts';
import { syntax } from './judge.ts';
import { literal, quote } from './names.ts';
import { sqlserverNumbers } from './pattern-numbers.ts';
import { sqlserverTexts } from './pattern-texts.ts';
import { sqlserverTimes } from './pattern-times.ts';
import { isInstant, isNumber, isText, type Type, typeNamed } from './types.ts';
import { byCode, parts, textOf } from './values.ts';
import type { Lane } from './workspace.ts';

/** What the changes of each column look like that deviates in rows of both sides; `cells` tells in how many. */
export async function describeChanges(
  lane: Lane,
  gathered: GatheredRows,
  cells: ReadonlyMap<string, number>,
  { values }: { readonly values: boolean },
): Promise<Map<string, ChangeDescription>> {
  const { table, pair, dirty, keys, differing } = gathered;
  const changes = {
    table,
    pair,
    dirty,
    keys,
    newRows: differing.relations.new,
    sameKey: sameKey(gathered),
  };
  const work = { workspace: lane, gathered: changes, dialect: sqlserverPatterns };
  return describe(work, cells, { values });
}

function sameKey({ differing: { key }, keys }: GatheredRows): string {
  return key
    .flatMap(({ column, new: type }, at) => {
      const [own, kept] = [`new.${quote(column.name)}`, `deviating.${keys[at]}`];
      const other = parts(kept, type, type, 'strict');
      return parts(own, type, type, 'strict').map((part, nth) => `${part} = ${other[nth]}`);
    })
    .join(' AND ');
}

export const sqlserverPatterns: PatternDialect = {
  syntax,
  quote,
  literal,
  keep: (table, select) => `SELECT * INTO ${table} FROM (${select}) AS kept`,
  family,
  hasConstants: (type) => hasSimpleTexts.test(typeNamed(type).name),
  constant,
  text: (value, type) => textOf(value, typeNamed(type)),
  value: (name) => name,
  mixed: (keys) =>
    `CONVERT(bigint, SUBSTRING(HASHBYTES('SHA2_256', CONVERT(nvarchar(max), CONCAT(N'' COLLATE ${byCode}, ${keys.join(", N' ', ")}))), 1, 7))`,
  digest: (value, type) => {
    const own = typeNamed(type);
    return `CONVERT(nvarchar(64), HASHBYTES('SHA2_256', ${textOf(value, own)}), 2)`;
  },
  fewValues,
  topTexts,
  countFits,
  firstRows: (select, order, most) =>
    `${select} ORDER BY ${order} OFFSET 0 ROWS FETCH NEXT ${most} ROWS ONLY`,
  // IS NOT DISTINCT FROM is not in all versions.
  same: (one, other) => `(${one} = ${other} OR (${one} IS NULL AND ${other} IS NULL))`,
  isOfTheMachine,
  numbers: sqlserverNumbers,
  times: sqlserverTimes,
  texts: sqlserverTexts,
};

const hasSimpleTexts = /^(uniqueidentifier|time)$/;

function family(type: string): Family {
  const own = typeNamed(type);
  if (own.name === 'bit') return 'boolean';
  if (isNumber(own)) return 'number';
  if (isInstant(own)) return 'time';
  return isText(own) && !/text$/.test(own.name) ? 'text' : 'other';
}

function constant(text: string, type: string): string {
  const own = typeNamed(type);
  if (isNumber(own)) {
    // 0.1 is another number than the real next to it.
    const isPlain = own.name !== 'real' && /^-?\d/.test(text);
    return isPlain ? text : `CAST(${text} AS ${own.name})`;
  }
  if (isText(own)) return literal(text);
  return `CAST(${literal(text)} AS ${written(own)})`;
}

function written({ name, scale }: Type): string {
  return /^(datetime2|datetimeoffset|time)$/.test(name) ? `${name}(${scale})` : name;
}

// ---------------------------------------------------------------------------------------------
// Statements

function fewValues(value: string, type: string, most: number, longest: number): string {
  const text = `CONVERT(nvarchar(max), ${textOf(value, typeNamed(type))}) COLLATE ${byCode}`;
  // A value that differs from another one in blanks at its end only must not get lost.
  const whole = `CONCAT(${text}, N'|')`;
  const listed = `CONCAT(N'"', STRING_ESCAPE(${text}, 'json'), N'"')`;
  // STRING_AGG knows no DISTINCT: each is listed as often as it occurs.
  return `CASE WHEN COUNT(DISTINCT ${whole}) <= ${most} AND MAX(DATALENGTH(${text})) <= ${longest * 2}
    THEN CONCAT(N'[', STRING_AGG(CONVERT(nvarchar(max), ${listed}), N','), N']') END`;
}

function topTexts(table: string, clues: readonly Clue[], where: string): string {
  const given = list(
    clues,
    ({ name, text }) => `(${literal(name)}, CONVERT(nvarchar(max), ${text}) COLLATE ${byCode})`,
  );
  return `SELECT clue, text, counted AS [rows] FROM (
      SELECT clue, text, COUNT_BIG(*) AS counted,
        ROW_NUMBER() OVER (PARTITION BY clue ORDER BY COUNT_BIG(*) DESC, text) AS place
      FROM (SELECT given.clue, given.text FROM ${table} CROSS APPLY (VALUES ${given}) AS given (clue, text) WHERE ${where}) AS all_clues
      WHERE text IS NOT NULL GROUP BY clue, text, DATALENGTH(text)) AS counted_clues
    WHERE place <= 2 ORDER BY clue, place`;
}

/** How many rows each set of kinds fits together; sixty kinds fit into a bigint. The checks are such that few fail. */
async function countFits(
  workspace: PatternWorkspace,
  about: string,
  { table, columns, where }: FitCount,
): Promise<FitsByColumn> {
  const rows = await workspace.rows(about, fitsStatement({ table, columns, where }));
  return new Map(
    columns.map(({ at }) => {
      const own = rows.filter((row) => toNumber(row.at) === at);
      return [
        at,
        own.map((row) => ({
          kinds: BigInt(String(row.kinds)) | (BigInt(String(row.more_kinds)) << 60n),
          rows: toNumber(row.counted),
        })),
      ];
    }),
  );
}

export function fitsStatement({ table, columns, where }: FitCount): string {
  const fits = list(columns, ({ at, when, checks }) => {
    const bits = (from: number) =>
      checks
        .slice(from, from + 60)
        .map(
          (check, bit) =>
            `CASE WHEN ${check} THEN CONVERT(bigint, ${1n << BigInt(bit)}) ELSE CONVERT(bigint, 0) END`,
        )
        .join(' + ') || 'CONVERT(bigint, 0)';
    return `(${at}, ${asValue(when, syntax)}, ${bits(0)}, ${bits(60)})`;
  });
  return `SELECT at, kinds, more_kinds, COUNT_BIG(*) AS counted
    FROM (SELECT given.at, given.kinds, given.more_kinds FROM ${table}
      CROSS APPLY (VALUES ${fits}) AS given (at, is_counted, kinds, more_kinds) WHERE (${where}) AND given.is_counted = 1) AS fits
    GROUP BY at, kinds, more_kinds`;
}
