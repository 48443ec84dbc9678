import { toNumber } from '../counts.ts';
import type { ChangeDescription, ComparedColumn } from '../engine.ts';
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
import { isOfTheMachine } from './errors.ts';
import { type GatheredRows, sameKey, type Workspace } from './gathered.ts';
import { literal, quote } from './names.ts';
import { isNumber, postgresNumbers } from './pattern-numbers.ts';
import { postgresTexts } from './pattern-texts.ts';
import { isTime, postgresTimes } from './pattern-times.ts';

/** What the changes of each column look like that deviates in rows of both sides; `cells` tells in how many. */
export async function describeChanges(
  workspace: Workspace,
  gathered: GatheredRows,
  cells: ReadonlyMap<string, number>,
  { values }: { readonly values: boolean },
): Promise<Map<string, ChangeDescription>> {
  const { table, pair, dirty, keys, newRelation } = gathered;
  const { unicode, enums, plain } = await readTypes(workspace, gathered);
  const changes = {
    table,
    pair: { ...pair, columns: pair.columns.map(plain) },
    dirty: dirty.map(plain),
    keys,
    newRows: newRelation,
    sameKey: sameKey(gathered, 'new', 'deviating'),
  };
  const work = { workspace, gathered: changes, dialect: postgresPatterns(unicode, enums) };
  return describe(work, cells, { values });
}

interface Types {
  /** The database's encoding is UTF-8. */
  readonly unicode: boolean;
  readonly enums: ReadonlySet<string>;
  /** The column with the type that its domain is made of. */
  plain(column: ComparedColumn): ComparedColumn;
}

/** Names alone do not tell what a type of the user's is. */
async function readTypes(workspace: Workspace, { pair, newTable }: GatheredRows): Promise<Types> {
  const rows = await workspace.rows(
    `look up the types of ${pair.schema}.${pair.name}`,
    `SELECT attname AS name, typtype = 'e' AS enum, current_setting('server_encoding') = 'UTF8' AS unicode,
       CASE WHEN typtype = 'd' THEN format_type(typbasetype, typtypmod) END AS base
     FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
     WHERE attrelid = $1::regclass AND attnum > 0`,
    [newTable],
  );
  const found = new Map(rows.map((row) => [row.name, row]));
  const bases = new Map<string, string>();
  const enums = new Set<string>();
  for (const { name, newType } of pair.columns) {
    const base = found.get(name)?.base;
    if (typeof base === 'string') bases.set(newType, base);
    if (found.get(name)?.enum === true) enums.add(newType);
  }
  const plainType = (type: string) => bases.get(type) ?? type;
  return {
    unicode: rows.some(({ unicode }) => unicode === true),
    enums,
    plain: (column) => ({
      ...column,
      oldType: plainType(column.oldType),
      newType: plainType(column.newType),
    }),
  };
}

function postgresPatterns(unicode: boolean, enums: ReadonlySet<string>): PatternDialect {
  const hasConstants = (type: string) => hasSimpleTexts.test(type) || enums.has(type);
  return {
    quote,
    literal,
    keep: (table, select) => `CREATE TABLE ${table} AS ${select}`,
    family,
    hasConstants,
    constant,
    text: (value) => `(${value})::VARCHAR`,
    // The gathered texts have the database's own collation, which tells all different texts apart.
    value: (name) => name,
    mixed: (keys) =>
      `hashtextextended(${keys.length === 1 ? `${keys[0]}::text` : `concat_ws(' ', ${keys.join(', ')})`}, 0)`,
    digest: (value, type) => {
      const comparable = family(type) !== 'other' || hasConstants(type) || hasEquality.test(type);
      return comparable ? `md5(${value}::text)` : null;
    },
    fewValues,
    topTexts,
    countFits,
    isOfTheMachine,
    numbers: postgresNumbers,
    times: postgresTimes,
    texts: postgresTexts(unicode),
  };
}

const hasSimpleTexts = /^(uuid|inet|cidr|macaddr8?|time(\(\d+\))? with(out)? time zone)$/;
/** `json`, `xml` and the geometric types have none that compares values. */
const hasEquality = /^(bytea|jsonb|interval|money|bit.*)$/;

function family(type: string): Family {
  if (isNumber(type)) return 'number';
  if (isTime(type)) return 'time';
  if (/^(text|name|bpchar|character( varying)?(\(\d+\))?)$/.test(type)) return 'text';
  return type === 'boolean' ? 'boolean' : 'other';
}

function constant(text: string, type: string): string {
  // 0.1 is another number than the real next to it.
  if (isNumber(type) && type !== 'real' && /^-?\d/.test(text)) return text;
  if (type === 'boolean') return text;
  if (type === 'date') return `DATE ${literal(text)}`;
  if (/^timestamp.* without/.test(type)) return `TIMESTAMP ${literal(text)}`;
  if (/^timestamp.* with /.test(type)) return `TIMESTAMPTZ ${literal(text)}`;
  // Texts and enums take a bare one.
  if (isNumber(type) || hasSimpleTexts.test(type)) return `${literal(text)}::${type}`;
  return literal(text);
}

// ---------------------------------------------------------------------------------------------
// Statements

function fewValues(value: string, _type: string, most: number, longest: number): string {
  const text = `${value}::text COLLATE "C"`;
  return `CASE WHEN count(DISTINCT ${text}) <= ${most} AND max(length(${value}::text)) <= ${longest}
    THEN json_agg(DISTINCT ${text})::text END`;
}

function topTexts(table: string, clues: readonly Clue[], where: string): string {
  return `SELECT clue, text, rows FROM (
      SELECT clue, text, count(*) AS rows,
        row_number() OVER (PARTITION BY clue ORDER BY count(*) DESC, text COLLATE "C") AS place
      FROM (SELECT unnest(ARRAY[${list(clues, ({ name }) => literal(name))}]) AS clue,
          unnest(ARRAY[${list(clues, ({ text }) => text)}]) AS text
        FROM ${table} WHERE ${where}) AS given
      WHERE text IS NOT NULL GROUP BY clue, text) AS counted
    WHERE place <= 2 ORDER BY clue, place`;
}

/** How many rows each set of kinds fits together. The checks are such that none fails. */
async function countFits(
  workspace: PatternWorkspace,
  about: string,
  { table, columns, where }: FitCount,
): Promise<FitsByColumn> {
  const fits = list(columns, ({ when, checks }) => {
    const bits = checks.map(
      (check, bit) => `CASE WHEN ${check} THEN ${1n << BigInt(bit)} ELSE 0 END::bigint`,
    );
    return `CASE WHEN ${when} THEN ${bits.join(' + ') || '0'} END::bigint`;
  });
  const rows = await workspace.rows(
    about,
    `SELECT at, kinds, count(*) AS rows
     FROM (SELECT unnest(ARRAY[${list(columns, ({ at }) => String(at))}]) AS at, unnest(ARRAY[${fits}]) AS kinds
       FROM ${table} WHERE ${where}) AS fits
     WHERE kinds IS NOT NULL GROUP BY at, kinds`,
  );
  return new Map(
    columns.map(({ at }) => {
      const own = rows.filter((row) => toNumber(row.at) === at);
      return [
        at,
        own.map((row) => ({ kinds: BigInt(String(row.kinds)), rows: toNumber(row.rows) })),
      ];
    }),
  );
}
