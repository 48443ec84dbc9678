import type { DuckDBMapValue } from '@duckdb/node-api';
import type { ChangeDescription } from '../engine.ts';
import { describeChanges as describe } from '../patterns/describe.ts';
import type {
  Clue,
  Family,
  Fit,
  FitCount,
  FitsByColumn,
  PatternDialect,
  PatternWorkspace,
} from '../patterns/dialect.ts';
import { list } from '../sql.ts';
import { literal, quote, toNumber } from './connection.ts';
import type { GatheredRows } from './deviating.ts';
import { isOfTheMachine } from './errors.ts';
import { duckdbNumbers } from './pattern-numbers.ts';
import { duckdbTexts } from './pattern-texts.ts';
import { duckdbTimes } from './pattern-times.ts';
import { isEncoded, isNumeric, isTemporal } from './values.ts';
import type { Workspace } from './workspace.ts';

/** What the changes of each column look like; `cells` tells in how many rows it deviates. */
export async function describeChanges(
  workspace: Workspace,
  gathered: GatheredRows,
  cells: ReadonlyMap<string, number>,
  { values }: { readonly values: boolean },
): Promise<Map<string, ChangeDescription>> {
  const { table, pair, dirty, keys, plan } = gathered;
  const changes = {
    table,
    pair,
    dirty,
    keys,
    newRows: plan.sources.new,
    sameKey: sameKey(gathered),
  };
  const dialect = duckdbPatterns(plan.sources.collated);
  // Views are read as if they had collations; few have.
  const isNamed = plan.sources.collated && (await isCollated(workspace, gathered));
  const told = isNamed ? { ...dialect, named: dialect.value } : dialect;
  return describe({ workspace, gathered: changes, dialect: told }, cells, { values });
}

/** What was gathered keeps its collations. Only the text of the table tells them. */
async function isCollated(workspace: Workspace, { table, pair }: GatheredRows): Promise<boolean> {
  const about = `look for collations in ${pair.schema}.${pair.name}`;
  const { collated } = await workspace.ask(
    about,
    `SELECT count(*) > 0 AS collated FROM duckdb_tables() WHERE contains(sql, ' COLLATE ')
       AND concat('"', database_name, '".', schema_name, '."', table_name, '"') = ${literal(table)}`,
  );
  return collated === true;
}

/** The key of a deviating row and of a row of the new side, byte by byte as the comparison took it. */
function sameKey({ plan: { key, sources }, keys }: GatheredRows): string {
  return list(
    key ?? [],
    (column, at) => {
      const [own, other] = [`new.${quote(column.name)}`, `deviating.${keys[at]}`];
      const bytes = isEncoded(column, sources) && column.newType === 'VARCHAR';
      return bytes ? `encode(${own}) = encode(${other})` : `${own} = ${other}`;
    },
    ' AND ',
  );
}

function duckdbPatterns(collated: boolean): PatternDialect {
  return {
    quote,
    literal,
    keep: (table, select) => `CREATE TABLE ${table} AS ${select}`,
    family,
    hasConstants: (type) => /^(UUID|TIME|ENUM\b.*)$/.test(type),
    constant,
    text: (value) => `(${value})::VARCHAR`,
    value: (name, type) => (collated && type === 'VARCHAR' ? `(${name} COLLATE C)` : name),
    mixed: (keys) => `hash(${keys.join(', ')})`,
    digest: (value) => `hash(${value})::VARCHAR`,
    fewValues,
    topTexts,
    countFits,
    isOfTheMachine,
    numbers: duckdbNumbers,
    times: duckdbTimes,
    texts: duckdbTexts,
  };
}

function family(type: string): Family {
  if (isNumeric(type)) return 'number';
  if (isTemporal(type)) return 'time';
  if (type === 'VARCHAR') return 'text';
  return type === 'BOOLEAN' ? 'boolean' : 'other';
}

function constant(text: string, type: string): string {
  if (isNumeric(type) && /^-?[\d.]/.test(text)) return text;
  if (type === 'BOOLEAN') return text;
  if (type === 'DATE' || type === 'TIMESTAMP') return `${type} ${literal(text)}`;
  // An enum takes a text; its type would list all its values.
  if (type === 'VARCHAR' || type.startsWith('ENUM')) return literal(text);
  return `${literal(text)}::${type}`;
}

// ---------------------------------------------------------------------------------------------
// Statements

function topTexts(table: string, clues: readonly Clue[], where: string): string {
  return `SELECT clue, text, count(*) AS rows FROM (
      SELECT unnest([${list(clues, ({ name }) => literal(name))}]) AS clue, unnest([${list(clues, ({ text }) => text)}]) AS text
      FROM ${table} WHERE ${where})
    WHERE text IS NOT NULL GROUP BY clue, text
    QUALIFY row_number() OVER (PARTITION BY clue ORDER BY count(*) DESC, text) <= 2
    ORDER BY clue, rows DESC, text`;
}

/** The histogram stays inside the engine: a key has a value for each row. */
function fewValues(value: string, _type: string, most: number, longest: number): string {
  const values = `histogram(${value}::VARCHAR)`;
  return `CASE WHEN cardinality(${values}) <= ${most}
     AND list_max(list_transform(map_keys(${values}), lambda value: length(value))) <= ${longest}
     THEN to_json(map_keys(${values}))::VARCHAR END`;
}

/** One histogram a column, of the sets of kinds that fit a row together. */
async function countFits(
  workspace: PatternWorkspace,
  about: string,
  { table, columns, where }: FitCount,
): Promise<FitsByColumn> {
  const histograms = list(columns, ({ at, when, checks }) => {
    const bits = checks.map(
      (check, bit) => `CASE WHEN TRY(${check}) THEN ${1n << BigInt(bit)}::BIGINT ELSE 0 END`,
    );
    const fit = bits.length === 0 ? '0::BIGINT' : bits.join(' + ');
    return `histogram(CASE WHEN ${when} THEN ${fit} END) AS fits_${at}`;
  });
  const row = await workspace.ask(about, `SELECT ${histograms} FROM ${table} WHERE ${where}`);
  return new Map(columns.map(({ at }) => [at, fitsIn(row[`fits_${at}`])]));
}

/** Null when there was nothing to count. */
function fitsIn(histogram: unknown): Fit[] {
  const { entries = [] } = (histogram as DuckDBMapValue | null) ?? {};
  return entries.map(({ key, value }) => ({ kinds: key as bigint, rows: toNumber(value) }));
}
