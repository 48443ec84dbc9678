import { messageOf } from '../../errors.ts';
import { ConditionFault } from '../condition-fault.ts';
import type { DeviationQuery, DeviationReader, RecordedComparison, Standing } from '../engine.ts';
import {
  comparisonsRead,
  deviationCountOf,
  nothingRecorded,
  type RecordedDialect,
  type RecordedExample,
  type RecordedNames,
  recordedColumns,
  recordedNamesOf,
  recordedRowOf,
  resolveRecorded,
  unusableCondition,
  withStanding,
} from '../recorded.ts';
import { list } from '../sql.ts';
import { readCondition, writeCondition } from './conditions.ts';
import type { Row, Session } from './connection.ts';
import { firstLine, stateOf } from './errors.ts';
import { literal, quote } from './names.ts';

/** Reads deviating rows back, as they are at one instant; the session is the reader's own and ends with it. */
export async function openRecorded(
  session: Session,
  schema: string,
  query: DeviationQuery,
): Promise<DeviationReader> {
  try {
    await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    // Rows that were recorded a moment ago are not counted yet: the server would take them for few.
    await session.run('SET LOCAL enable_nestloop = off');
    // Names in a condition are PostgreSQL's own; texts in it are read as its parser read them.
    await session.run("SET LOCAL search_path = ''; SET LOCAL standard_conforming_strings = on");
    const source = { query, table: `${quote(schema)}.${quote(query.table)}` };
    const condition = query.where === null ? null : await conditionOf(session, source, query.where);
    return readerOf(session, source, condition);
  } catch (error) {
    await session.close();
    throw error;
  }
}

interface Source {
  readonly query: DeviationQuery;
  /** The store's table, with its schema. */
  readonly table: string;
}

function readerOf(session: Session, source: Source, condition: string | null): DeviationReader {
  const { query } = source;
  const asked = (standings: readonly Standing[] | null, table: string | null = null) =>
    `FROM (${deviations(source, standings, table)}) AS d${condition === null ? '' : ` WHERE ${condition}`}`;
  const judged = <T>(work: Promise<T>) =>
    work.catch((error) => Promise.reject(broken(query, error)));
  return {
    counts: async () => {
      const rows = await judged(
        session.rows(`SELECT table_name, standing, count(*) AS recorded, sum(occurrences) AS rows ${asked(null)}
          GROUP BY table_name, standing ORDER BY table_name COLLATE "C", standing COLLATE "C"`),
      );
      return rows.map(deviationCountOf);
    },
    first: async (table, limit) => {
      const end = limit === null ? '' : ` LIMIT ${limit}`;
      const rows = await judged(
        session.rows(`SELECT * ${asked(query.standings, table)} ORDER BY ${order}${end}`),
      );
      return rows.map(rowOf);
    },
    all: async function* () {
      await judged(
        session.run(
          `DECLARE taken NO SCROLL CURSOR FOR SELECT * ${asked(query.standings)} ORDER BY ${order}`,
        ),
      );
      for (;;) {
        const page = await judged(session.rows(`FETCH ${pageSize} FROM taken`));
        if (page.length === 0) break;
        yield page.map(rowOf);
      }
      await session.run('CLOSE taken');
    },
    close: () => session.close(),
  };
}

/** Few: the rows of a wide table are long. */
const pageSize = 1_000;

/** Each part of a key by its value where it is a number, else by its text. */
const order = `table_name COLLATE "C", kind COLLATE "C",
  CASE WHEN row_key IS NOT NULL THEN ARRAY(SELECT ROW(
      CASE WHEN part ~ '^[-+]?([0-9]{1,200}(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]{1,3})?$' THEN part::numeric END, part COLLATE "C")
    FROM json_each_text(row_key::json) WITH ORDINALITY AS member (name, part, at) ORDER BY at) END,
  fingerprint, standing COLLATE "C", columns COLLATE "C", occurrences`;

function rowOf(row: Row) {
  const { fingerprint } = row;
  return recordedRowOf(
    row,
    typeof fingerprint === 'string' ? fingerprint.replaceAll('-', '') : null,
  );
}

// ---------------------------------------------------------------------------------------------
// Standing

/** The rows of both comparisons with their standing. A row that both have in different numbers stands there twice. */
function deviations(
  source: Source,
  standings: readonly Standing[] | null,
  table: string | null,
): string {
  return withStanding(source.query, standings, (one) => rowsOf(source, one, table), {
    untold: (rows) => `SELECT *, NULL::text AS standing FROM ${rows} AS a`,
    fewer: 'least(a.occurrences, b.occurrences)',
    part,
  });
}

function part(standing: Standing, a: string, b: string, join: string, occurrences: string): string {
  const columns = list(recordedColumns, (name) =>
    name === 'occurrences' ? `${occurrences} AS occurrences` : `a.${name}`,
  );
  return `SELECT ${columns}, '${standing}'::text AS standing
    FROM ${a} AS a ${join} ${b} AS b USING (table_name, kind, fingerprint) WHERE ${occurrences} > 0`;
}

function rowsOf(
  { table }: Source,
  { id, tables }: RecordedComparison,
  only: string | null,
): string {
  const wanted = tables.filter((name) => only === null || name === only);
  const names = wanted.length === 0 ? 'false' : `table_name IN (${list(wanted, literal)})`;
  return `(SELECT ${list(recordedColumns, (name) => name)} FROM ${table} WHERE comparison = ${id} AND ${names})`;
}

// ---------------------------------------------------------------------------------------------
// Conditions

const dialect: RecordedDialect = {
  columns: {
    comparison: 'comparison',
    table_name: 'table_name',
    kind: 'kind',
    row_key: 'row_key',
    columns:
      'CASE WHEN columns IS NOT NULL THEN ARRAY(SELECT json_array_elements_text(columns::json)) END',
    old_values: 'old_values',
    new_values: 'new_values',
    occurrences: 'occurrences',
    explained: 'explained',
    fingerprint: "replace(fingerprint::text, '-', '')",
    standing: 'standing',
  },
  member: (json, name) => `${json}::json ->> ${literal(name)}`,
};

async function conditionOf(session: Session, source: Source, text: string): Promise<string> {
  try {
    // Names of what was recorded have a dot.
    const recorded = text.includes('.') ? await recordedNames(session, source) : nothingRecorded;
    const read = await readCondition(
      text,
      (sql, values) => session.rows(sql, values),
      (parts) => resolveRecorded(source.query, parts, recorded, dialect),
    );
    const condition = writeCondition(read, (sql) => sql);
    const { types } = await session.table(
      `SELECT ${condition} AS condition FROM (${deviations(source, null, null)}) AS d LIMIT 0`,
    );
    if (types[0] !== 'boolean')
      throw new ConditionFault(`It gives ${types[0]}, not true or false.`);
    return condition;
  } catch (error) {
    throw broken(source.query, error);
  }
}

/** What was recorded shows as it was recorded: a message may hold it. */
function broken(query: DeviationQuery, error: unknown): unknown {
  if (query.where === null) return error;
  // 22: a value that does not fit, 42: a name, a type or the grammar.
  const state = stateOf(error) ?? '';
  if (!(error instanceof ConditionFault) && !/^(22|42)/.test(state)) return error;
  const help = /^22|42883|42804/.test(state)
    ? "Keys and values are texts: key.id::integer > 9, or CASE WHEN old.x ~ '^[0-9]+$' THEN old.x::integer END, which is NULL for what is no number."
    : null;
  return unusableCondition(query.where, firstLine(messageOf(error)), help);
}

async function recordedNames(session: Session, source: Source): Promise<RecordedNames> {
  const read = comparisonsRead(source.query).map((comparison) => rowsOf(source, comparison, null));
  const found = await session.rows(
    `SELECT min(row_key) AS key, min(old_values) FILTER (WHERE kind = 'removed') AS old,
       min(new_values) FILTER (WHERE kind = 'added') AS new, json_agg(DISTINCT columns) FILTER (WHERE columns IS NOT NULL) AS changed
     FROM (${list(read, (one) => `SELECT * FROM ${one} AS r`, ' UNION ALL ')}) AS recorded GROUP BY table_name`,
  );
  return recordedNamesOf(found as unknown as RecordedExample[]);
}
