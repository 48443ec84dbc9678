import { ConditionFault } from '../condition-fault.ts';
import { writeCondition } from '../conditions.ts';
import type {
  DeviationQuery,
  DeviationReader,
  RecordedComparison,
  RecordedRow,
  Standing,
} from '../engine.ts';
import {
  comparisonsRead,
  deviationCountOf,
  type RecordedDialect,
  type RecordedExample,
  recordedColumns,
  recordedNamesOf,
  recordedRowOf,
  resolveRecorded,
  unusableCondition,
  withStanding,
} from '../recorded.ts';
import { list } from '../sql.ts';
import { messageBehind, notFitting, requireBoolean } from './claims.ts';
import { readCondition } from './conditions.ts';
import type { Row, Session } from './connection.ts';
import { codeBehind, firstLine } from './errors.ts';
import { literal, qualified } from './names.ts';
import type { StorePlace } from './store-place.ts';
import { rowsOf, storedName, typeOfResult } from './workspace.ts';

/** Reads deviating rows back; the session is the reader's own and ends with it. */
export async function openRecorded(
  session: Session,
  place: StorePlace,
  query: DeviationQuery,
): Promise<DeviationReader> {
  try {
    const table = qualified(place.database, place.schema, storedName(query.table));
    const source: Source = { query, table, place };
    const examples = await readExamples(session, source);
    const condition =
      query.where === null ? null : await conditionOf(session, source, examples, query.where);
    return readerOf(session, source, { condition, order: orderOf(examples) });
  } catch (error) {
    await session.close();
    throw error;
  }
}

interface Source {
  readonly query: DeviationQuery;
  /** The store's table, as SQL. */
  readonly table: string;
  readonly place: StorePlace;
}

interface Asked {
  readonly condition: string | null;
  readonly order: string;
}

function readerOf(session: Session, source: Source, { condition, order }: Asked): DeviationReader {
  const { query, place } = source;
  const asked = (standings: readonly Standing[] | null, table: string | null = null) =>
    `FROM (${deviations(source, standings, table)}) AS d${condition === null ? '' : ` WHERE ${condition}`}`;
  const rows = async (statement: string): Promise<Row[]> => {
    try {
      return rowsOf(await session.table(statement));
    } catch (error) {
      throw broken(query, error);
    }
  };
  const columns = list(readColumns, (name) => `d.${name}`);
  return {
    counts: async () => {
      const found = await rows(
        `SELECT table_name, standing, COUNT(*) AS recorded, SUM(occurrences) AS "rows" ${asked(null)}
         GROUP BY table_name, standing ORDER BY table_name, standing`,
      );
      return found.map(deviationCountOf);
    },
    first: async (table, limit) => {
      const end = limit === null ? '' : ` LIMIT ${limit}`;
      const found = await rows(
        `SELECT ${columns} ${asked(query.standings, table)} ORDER BY ${order}${end}`,
      );
      return found.map(rowOf);
    },
    all: async function* () {
      // Taken at once, in a table that is this session's alone: numbered, so that it can be read in parts.
      const taken = qualified(place.database, place.schema, 'GREENLIGHT_TAKEN');
      await rows(
        `CREATE TEMPORARY TABLE ${taken} AS SELECT ${columns}, ROW_NUMBER() OVER (ORDER BY ${order}) AS nr ${asked(query.standings)}`,
      );
      for (let from = 0; ; from += pageSize) {
        const page = await rows(
          `SELECT ${list(readColumns, (name) => name)} FROM ${taken} WHERE nr > ${from} AND nr <= ${from + pageSize} ORDER BY nr`,
        );
        if (page.length > 0) yield page.map(rowOf);
        if (page.length < pageSize) break;
      }
      await rows(`DROP TABLE ${taken}`);
    },
    close: () => session.close(),
  };
}

/** Few: the rows of a wide table are long. */
const pageSize = 5_000;

function rowOf(row: Row): RecordedRow {
  return recordedRowOf(row, typeof row.fingerprint === 'string' ? row.fingerprint : null);
}

/** Each part of a key by its value where it is a number, else by its text; in the order of the key's own columns. */
function orderOf(examples: readonly Example[]): string {
  const keys = examples.flatMap(({ table_name, key }) =>
    key === null ? [] : [{ table: table_name, names: Object.keys(JSON.parse(key)) }],
  );
  const longest = Math.max(0, ...keys.map(({ names }) => names.length));
  const parts = Array.from({ length: longest }, (_, at) => {
    const cases = keys.flatMap(({ table, names }) => {
      const name = names[at];
      return name === undefined ? [] : [`WHEN ${literal(table)} THEN ${member('d.row_key', name)}`];
    });
    const part = `CASE d.table_name ${cases.join(' ')} END`;
    return [`TRY_TO_NUMBER(${part}, 38, 10)`, `TRY_TO_DOUBLE(${part})`, part];
  });
  const all = [
    'd.table_name',
    'd.kind',
    ...parts.flat(),
    'd.fingerprint',
    'd.standing',
    'd.columns',
    'd.occurrences',
  ];
  return all.join(', ');
}

// ---------------------------------------------------------------------------------------------
// Standing

const readColumns = [...recordedColumns, 'standing'] as const;

/** The rows of both comparisons with their standing. A row that both have in different numbers stands there twice. */
function deviations(
  source: Source,
  standings: readonly Standing[] | null,
  table: string | null,
): string {
  return withStanding(source.query, standings, (one) => rowsOfComparison(source, one, table), {
    untold: (rows) =>
      `SELECT ${list(recordedColumns, (name) => `a.${name}`)}, CAST(NULL AS VARCHAR) AS standing FROM ${rows} AS a`,
    fewer: 'LEAST(a.occurrences, b.occurrences)',
    part,
  });
}

function part(standing: Standing, a: string, b: string, join: string, occurrences: string): string {
  const columns = list(recordedColumns, (name) =>
    name === 'occurrences' ? `${occurrences} AS occurrences` : `a.${name}`,
  );
  return `SELECT ${columns}, '${standing}' AS standing FROM ${a} AS a ${join} ${b} AS b
    ON a.table_name = b.table_name AND a.kind = b.kind AND a.fingerprint = b.fingerprint WHERE ${occurrences} > 0`;
}

function rowsOfComparison(
  { table }: Source,
  { id, tables }: RecordedComparison,
  only: string | null,
): string {
  const wanted = tables.filter((name) => only === null || name === only);
  const names = wanted.length === 0 ? 'FALSE' : `table_name IN (${list(wanted, literal)})`;
  return `(SELECT ${list(recordedColumns, (name) => name)} FROM ${table} WHERE comparison = ${id} AND ${names})`;
}

// ---------------------------------------------------------------------------------------------
// Conditions

function member(json: string, name: string): string {
  return `GET(PARSE_JSON(${json}), ${literal(name)})::VARCHAR`;
}

const dialect: RecordedDialect = {
  columns: {
    ...Object.fromEntries(readColumns.map((name) => [name, `d.${name}`])),
    columns: 'PARSE_JSON(d.columns)::ARRAY',
  },
  member: (json, name) => member(`d.${json}`, name),
};

interface Example extends RecordedExample {
  readonly table_name: string;
}

async function conditionOf(
  session: Session,
  source: Source,
  examples: readonly Example[],
  text: string,
): Promise<string> {
  try {
    const recorded = recordedNamesOf(examples);
    const read = readCondition(text, (parts) =>
      resolveRecorded(source.query, parts, recorded, dialect),
    );
    const condition = writeCondition(read, (sql) => sql);
    const bound = await session
      .table(
        `SELECT ${condition} AS condition FROM (${deviations(source, null, null)}) AS d LIMIT 0`,
      )
      .catch((error) => {
        throw notFitting(error);
      });
    const [column] = bound.columns;
    requireBoolean(column === undefined ? 'nothing' : typeOfResult(column), text);
    return condition;
  } catch (error) {
    throw broken(source.query, error);
  }
}

/** What was recorded shows as it was recorded: a message may hold it. */
function broken(query: DeviationQuery, error: unknown): unknown {
  if (query.where === null) return error;
  const code = codeBehind(error) ?? '';
  // 1000..: a value that does not fit.
  if (!(error instanceof ConditionFault) && !/^(100|00[12]|0022)/.test(code)) return error;
  const help = code.startsWith('100')
    ? 'Keys and values are texts: TRY_TO_NUMBER(key.id) > 9, which is NULL for what is no number.'
    : null;
  return unusableCondition(query.where, firstLine(messageBehind(error)), help);
}

/** One row of each table tells what was recorded of all. */
async function readExamples(session: Session, source: Source): Promise<Example[]> {
  const read = comparisonsRead(source.query).map(
    (comparison) => `SELECT * FROM ${rowsOfComparison(source, comparison, null)} AS r`,
  );
  const { rows } = await session.table(
    `SELECT table_name, MIN(row_key), MIN(CASE WHEN kind = 'removed' THEN old_values END),
       MIN(CASE WHEN kind = 'added' THEN new_values END), TO_JSON(ARRAY_UNIQUE_AGG(columns))
     FROM (${read.join(' UNION ALL ')}) AS recorded GROUP BY table_name`,
  );
  return rows.map(([table_name, key = null, old = null, candidate = null, changed = null]) => ({
    table_name: String(table_name),
    key: key as string | null,
    old: old as string | null,
    new: candidate as string | null,
    changed: changed as string | null,
  }));
}
