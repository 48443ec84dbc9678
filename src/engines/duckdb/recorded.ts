import { messageOf, UsageError } from '../../errors.ts';
import { patiently } from '../../patiently.ts';
import type {
  DeviationCount,
  DeviationQuery,
  DeviationReader,
  Location,
  RecordedComparison,
  RecordedRow,
  Standing,
} from '../engine.ts';
import { list, sqlComment } from '../sql.ts';
import { ConditionFault, Conditions, requireCondition } from './conditions.ts';
import {
  Duckdb,
  type DuckdbOptions,
  literal,
  quote,
  type Row,
  storePatienceMs,
  toNumber,
} from './connection.ts';
import { firstLine } from './errors.ts';
import { fingerprintAsText, fingerprintText } from './fingerprints.ts';
import { attached } from './reading.ts';

/** Reads deviating rows back: the store is attached for reading to an instance in memory. */
export async function openRecorded(
  store: Location,
  options: DuckdbOptions,
  query: DeviationQuery,
): Promise<DeviationReader> {
  const duckdb = await Duckdb.open(null, options);
  try {
    await patiently(storePatienceMs, () => duckdb.attach(store, attached.store, 'read'));
    const rows = (sql: string, values: readonly string[] = []) =>
      duckdb.rows(sqlComment(query.purpose) + sql, values);
    const condition = query.where === null ? null : await conditionOf(query, query.where, rows);
    return readerOf(duckdb, query, condition);
  } catch (error) {
    duckdb.close();
    throw error;
  }
}

function readerOf(duckdb: Duckdb, query: DeviationQuery, condition: string | null) {
  const comment = sqlComment(query.purpose);
  const asked = (standings: readonly Standing[] | null, table: string | null = null) =>
    `FROM (${deviations(query, standings, table)}) AS d${condition === null ? '' : ` WHERE ${condition}`}`;
  const judged = <T>(work: Promise<T>) =>
    work.catch((error) => Promise.reject(broken(query, error)));
  const reader: DeviationReader = {
    counts: async () => {
      const sql = `SELECT table_name, standing, count(*) AS recorded, sum(occurrences) AS rows ${asked(null)}
        GROUP BY ALL ORDER BY ALL`;
      return (await judged(duckdb.rows(comment + sql))).map(countOf);
    },
    first: async (table, limit) => {
      const sql = `SELECT * ${asked(query.standings, table)} ORDER BY ${order}${limit === null ? '' : ` LIMIT ${limit}`}`;
      return (await judged(duckdb.rows(comment + sql))).map(rowOf);
    },
    all: async function* () {
      const sql = `CREATE TABLE taken AS SELECT * ${asked(query.standings)} ORDER BY ${order}`;
      await judged(duckdb.run(comment + sql));
      await duckdb.run(`${comment}DETACH ${quote(attached.store)}`);
      for (let at = 0; ; at += pageSize) {
        const page = await duckdb.rows(
          `${comment}SELECT * FROM taken WHERE rowid >= ${at} AND rowid < ${at + pageSize} ORDER BY rowid`,
        );
        if (page.length === 0) return;
        yield page.map(rowOf);
      }
    },
    close: async () => duckdb.close(),
  };
  return reader;
}

/** Few: the rows of a wide table are long. */
const pageSize = 1_000;

/** Each part of a key by its value where it is a number, else by its text. */
const order = `table_name, kind,
  list_transform(json_extract_string(row_key, '$.*'), lambda part: {n: TRY_CAST(part AS DOUBLE), t: part}),
  fingerprint, standing, columns, occurrences`;

function countOf(row: Row): DeviationCount {
  return {
    table_name: String(row.table_name),
    standing: row.standing as Standing | null,
    recorded: toNumber(row.recorded),
    rows: toNumber(row.rows),
  };
}

function rowOf(row: Row): RecordedRow {
  return {
    ...(row as unknown as RecordedRow),
    comparison: toNumber(row.comparison),
    occurrences: toNumber(row.occurrences),
    fingerprint: row.fingerprint === null ? null : fingerprintText(row.fingerprint as bigint),
  };
}

// ---------------------------------------------------------------------------------------------
// Standing

/** The rows of both comparisons with their standing. A row that both have in different numbers stands there twice. */
function deviations(
  query: DeviationQuery,
  standings: readonly Standing[] | null,
  table: string | null,
): string {
  const { comparison, against } = query;
  const now = rowsOf(query, comparison, table);
  if (against === null || !canTell(query)) return `SELECT *, NULL::VARCHAR AS standing FROM ${now}`;
  const before = rowsOf(query, against, table);
  const parts: Record<Standing, string> = {
    new: part('new', now, before, 'LEFT JOIN', 'a.occurrences - coalesce(b.occurrences, 0)'),
    still: part('still', now, before, 'JOIN', 'least(a.occurrences, b.occurrences)'),
    gone: part('gone', before, now, 'LEFT JOIN', 'a.occurrences - coalesce(b.occurrences, 0)'),
  };
  return list(
    standings ?? (['new', 'still', 'gone'] as const),
    (one) => parts[one],
    '\nUNION ALL\n',
  );
}

function part(standing: Standing, a: string, b: string, join: string, occurrences: string): string {
  return `SELECT a.* REPLACE (${occurrences} AS occurrences), '${standing}' AS standing
    FROM ${a} AS a ${join} ${b} AS b USING (table_name, kind, fingerprint) WHERE ${occurrences} > 0`;
}

/** Rows without fingerprints cannot be found again. */
function canTell({ comparison, against }: DeviationQuery): boolean {
  return comparison.privacy !== 'none' && against !== null && against.privacy !== 'none';
}

function readComparisons(query: DeviationQuery): RecordedComparison[] {
  const { comparison, against } = query;
  return against !== null && canTell(query) ? [comparison, against] : [comparison];
}

function rowsOf(
  { table }: DeviationQuery,
  { id, tables }: RecordedComparison,
  only: string | null,
): string {
  const wanted = tables.filter((name) => only === null || name === only);
  const names = wanted.length === 0 ? 'false' : `table_name IN (${list(wanted, literal)})`;
  return `(SELECT comparison, table_name, kind, row_key, columns, old_values, new_values, occurrences, explained, fingerprint
    FROM ${quote(attached.store)}.main.${quote(table)} WHERE comparison = ${id} AND ${names})`;
}

// ---------------------------------------------------------------------------------------------
// Conditions

type Rows = (sql: string, values?: readonly string[]) => Promise<Row[]>;

const plain: Readonly<Record<string, string>> = {
  comparison: 'comparison',
  table_name: 'table_name',
  kind: 'kind',
  row_key: 'row_key',
  columns: `from_json(columns, '["VARCHAR"]')`,
  old_values: 'old_values',
  new_values: 'new_values',
  occurrences: 'occurrences',
  explained: 'explained',
  fingerprint: fingerprintAsText('fingerprint'),
  standing: 'standing',
};

async function conditionOf(query: DeviationQuery, text: string, rows: Rows): Promise<string> {
  try {
    // Names of what was recorded have a dot.
    const recorded = text.includes('.') ? await recordedNames(query, rows) : nothingRecorded;
    const conditions = new Conditions(rows);
    const read = await conditions.read(text, (parts) => resolve(query, parts, recorded));
    const condition = await conditions.write(read, (sql) => sql);
    const sql = `DESCRIBE SELECT (${condition}) AS condition FROM (${deviations(query, null, null)}) AS d`;
    const [described] = await rows(sql);
    requireCondition(described);
    return `(${condition})`;
  } catch (error) {
    throw broken(query, error);
  }
}

/** What was recorded shows as it was recorded: a message may hold it. */
function broken(query: DeviationQuery, error: unknown): unknown {
  if (query.where === null) return error;
  const message = firstLine(messageOf(error));
  if (
    !(error instanceof ConditionFault) &&
    !/^(Binder|Catalog|Conversion|Invalid Input|Out of Range) Error/.test(message)
  )
    return error;
  return new UsageError({
    what: 'This condition cannot be used.',
    where: query.where,
    cause: message,
    help: /^Conversion Error|VARCHAR/.test(message)
      ? 'Keys and values are texts: key.id::INTEGER > 9, or TRY_CAST(old.x AS DOUBLE), which is NULL for what is no number.'
      : "It is one SQL condition over the columns of row_deviation, standing, and key.x, old.x, new.x: kind = 'changed' AND key.id = '7'",
  });
}

/** Names as the parts of a row have them. */
type RecordedNames = Readonly<Record<Part, ReadonlySet<string>>>;

const nothingRecorded: RecordedNames = { key: new Set(), old: new Set(), new: new Set() };

const sources = { key: 'row_key', old: 'old_values', new: 'new_values' } as const;
type Part = keyof typeof sources;

function resolve(query: DeviationQuery, names: readonly string[], recorded: RecordedNames): string {
  const [first = '', name, ...more] = names;
  if (name === undefined) {
    const column = first.toLowerCase();
    if (column === 'standing' && !canTell(query))
      throw new ConditionFault(
        'standing cannot be told: there is no other comparison, or no fingerprints were recorded.',
      );
    if (column in plain) return String(plain[column]);
    throw new ConditionFault(
      `There is no ${first}. There are ${Object.keys(plain).join(', ')}, and key.x, old.x, new.x for what was recorded of a row.`,
    );
  }
  const at = first.toLowerCase();
  if (!(at === 'key' || at === 'old' || at === 'new') || more.length > 0)
    throw new ConditionFault(
      `There is no ${names.join('.')}. What was recorded of a row is key.x, old.x and new.x.`,
    );
  return recordedValue(query, at, name, recorded[at]);
}

function recordedValue(
  query: DeviationQuery,
  part: Part,
  name: string,
  known: ReadonlySet<string>,
): string {
  const shown = part === 'key' ? ['keys', 'masked', 'full'] : ['masked', 'full'];
  const silent = readComparisons(query).filter(({ privacy }) => !shown.includes(privacy));
  if (silent.length > 0) {
    const who = silent.map(({ id, privacy }) => `comparison ${id} (privacy: ${privacy})`);
    throw new ConditionFault(
      `${part}.${name} cannot be asked for: ${part === 'key' ? 'keys' : 'old and new values'} were not recorded by ${who.join(' and ')}.`,
    );
  }
  const meant = [...known].filter((one) => one.toLowerCase() === name.toLowerCase());
  if (meant.length === 0 && known.size > 0)
    throw new ConditionFault(
      `No recorded row has ${part}.${name}. There is ${[...known]
        .sort()
        .map((one) => `${part}.${one}`)
        .join(', ')}.`,
    );
  const paths = (meant.length === 0 ? [name] : meant).map(
    (one) => `/${one.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  );
  const values = paths.map((path) => `json_extract_string(${sources[part]}, ${literal(path)})`);
  return values.length === 1 ? String(values[0]) : `coalesce(${values.join(', ')})`;
}

/** Of a table, all added and removed rows have the same names, and all keys; changed rows name their columns. */
async function recordedNames(query: DeviationQuery, rows: Rows): Promise<RecordedNames> {
  const read = readComparisons(query).map((comparison) => rowsOf(query, comparison, null));
  const found = await rows(
    `SELECT any_value(row_key) AS key, any_value(old_values) FILTER (kind = 'removed') AS old,
       any_value(new_values) FILTER (kind = 'added') AS new, to_json(list(DISTINCT columns) FILTER (columns IS NOT NULL)) AS changed
     FROM (${list(read, (one) => `FROM ${one}`, ' UNION ALL ')}) GROUP BY table_name`,
  );
  const members = (text: unknown) => (text === null ? [] : Object.keys(JSON.parse(String(text))));
  const changed = found.flatMap((row) =>
    row.changed === null
      ? []
      : (JSON.parse(String(row.changed)) as string[]).flatMap((one) => JSON.parse(one) as string[]),
  );
  const whole = found.flatMap((row) => [...members(row.old), ...members(row.new)]);
  return {
    key: new Set(found.flatMap((row) => members(row.key))),
    old: new Set([...changed, ...whole]),
    new: new Set([...changed, ...whole]),
  };
}
