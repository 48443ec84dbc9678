import { messageOf } from '../../errors.ts';
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
import { requireConditionOver } from './claims.ts';
import { readCondition } from './conditions.ts';
import type { Row, Session } from './connection.ts';
import { firstLine, isOfTheMachine, numberOf } from './errors.ts';
import { literal, qualified } from './names.ts';
import { storeSchema } from './store-place.ts';
import { byCode } from './values.ts';

/** Reads deviating rows back, as they are at one instant; the session is the reader's own and ends with it. */
export async function openRecorded(
  session: Session,
  query: DeviationQuery,
): Promise<DeviationReader> {
  try {
    const source = { query, table: qualified(storeSchema, query.table) };
    // One instant, where the database keeps versions of rows: the one that we have made does.
    const { versions } = await session.row(
      'SELECT snapshot_isolation_state AS versions FROM sys.databases WHERE database_id = DB_ID()',
    );
    if (Number(versions) === 1) {
      await session.run('SET TRANSACTION ISOLATION LEVEL SNAPSHOT');
      await session.run('BEGIN TRANSACTION');
    }
    const examples = await readExamples(session, source);
    const condition =
      query.where === null
        ? null
        : await conditionOf(session, source, query.where, recordedNamesOf(examples));
    return readerOf(session, { ...source, examples }, condition);
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

interface Example extends RecordedExample {
  readonly table: string;
}

interface ReadSource extends Source {
  /** What was recorded, of each table: it tells the names in its keys. */
  readonly examples: readonly Example[];
}

function readerOf(session: Session, source: ReadSource, condition: string | null): DeviationReader {
  const { query, examples } = source;
  const asked = (standings: readonly Standing[] | null, table: string | null = null) =>
    `FROM (${deviations(source, standings, table)}) AS d${condition === null ? '' : ` WHERE ${condition}`}`;
  const order = orderOf(examples);
  const judged = <T>(work: Promise<T>) =>
    work.catch((error) => Promise.reject(broken(query, error)));
  return {
    counts: async () => {
      const rows = await judged(
        session.rows(
          `SELECT table_name, standing, COUNT_BIG(*) AS recorded, SUM(occurrences) AS [rows] ${asked(null)}
           GROUP BY table_name, standing ORDER BY table_name, standing`,
        ),
      );
      return rows.map(deviationCountOf);
    },
    first: async (table, limit) => {
      const top = limit === null ? '' : `TOP (${limit}) `;
      const rows = await judged(
        session.rows(
          `SELECT ${top}${shownColumns} ${asked(query.standings, table)} ORDER BY ${order}`,
        ),
      );
      return rows.map(rowOf);
    },
    // No lock is held meanwhile: what is read are versions of rows, or locks of moments.
    all: async function* () {
      const pages = session.stream(
        `SELECT ${shownColumns} ${asked(query.standings)} ORDER BY ${order}`,
        [],
        { size: pageSize },
      );
      try {
        for await (const page of pages)
          yield page.map((row) =>
            rowOf(Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null]))),
          );
      } catch (error) {
        throw broken(query, error);
      }
    },
    close: () => session.close(),
  };
}

/** Few: the rows of a wide table are long. */
const pageSize = 1_000;

function rowOf(row: Row): RecordedRow {
  const { fingerprint } = row;
  return recordedRowOf(row, typeof fingerprint === 'string' ? fingerprint : null);
}

/** Each part of a key by its value where it is a number, else by its text: which parts there are, the table says. */
function orderOf(examples: readonly Example[]): string {
  const keys = examples.map(({ table, key }) => ({
    table,
    names: key === null ? [] : Object.keys(JSON.parse(key)),
  }));
  const most = Math.max(0, ...keys.map(({ names }) => names.length));
  const parts = Array.from({ length: most }, (_, at) => {
    const cases = keys.flatMap(({ table, names }) => {
      const name = names[at];
      return name === undefined ? [] : [`WHEN ${literal(table)} THEN ${memberOf('row_key', name)}`];
    });
    const part = `CASE table_name ${cases.join(' ')} END`;
    const number = `TRY_CONVERT(decimal(38,10), ${part})`;
    return [`CASE WHEN ${number} IS NULL THEN 1 ELSE 0 END`, number, `${part} COLLATE ${byCode}`];
  });
  return [
    'table_name',
    'kind',
    ...parts.flat(),
    'fingerprint',
    'standing',
    'columns',
    'occurrences',
  ].join(', ');
}

/** One member of a JSON object, however long. */
function memberOf(json: string, name: string): string {
  return `(SELECT member.[value] FROM OPENJSON(${json}) AS member WHERE member.[key] = ${literal(name)} AND DATALENGTH(member.[key]) = ${name.length * 2})`;
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
    untold: (rows) => `SELECT a.*, CONVERT(nvarchar(5), NULL) AS standing FROM ${rows} AS a`,
    fewer: 'CASE WHEN a.occurrences < b.occurrences THEN a.occurrences ELSE b.occurrences END',
    part,
  });
}

const columns = [...recordedColumns, 'standing'] as const;

/** The fingerprint as 32 digits. */
const shownColumns = list(columns, (name) =>
  name === 'fingerprint' ? 'LOWER(CONVERT(nvarchar(32), fingerprint, 2)) AS fingerprint' : name,
);

function part(standing: Standing, a: string, b: string, join: string, occurrences: string): string {
  const selected = list(recordedColumns, (name) =>
    name === 'occurrences' ? `${occurrences} AS occurrences` : `a.${name}`,
  );
  return `SELECT ${selected}, CONVERT(nvarchar(5), N'${standing}') AS standing
    FROM ${a} AS a ${join} ${b} AS b ON b.table_name = a.table_name AND b.kind = a.kind AND b.fingerprint = a.fingerprint
    WHERE ${occurrences} > 0`;
}

function rowsOf(
  { table }: Source,
  { id, tables }: RecordedComparison,
  only: string | null,
): string {
  const wanted = tables.filter((name) => only === null || name === only);
  const isWanted = wanted.length === 0 ? '1 = 0' : `table_name IN (${list(wanted, literal)})`;
  return `(SELECT ${list(recordedColumns, (name) => name)} FROM ${table} WHERE comparison = ${id} AND ${isWanted})`;
}

// ---------------------------------------------------------------------------------------------
// Conditions

const dialect: RecordedDialect = {
  columns: {
    comparison: 'comparison',
    table_name: 'table_name',
    kind: 'kind',
    row_key: 'row_key',
    columns: 'columns',
    old_values: 'old_values',
    new_values: 'new_values',
    occurrences: 'occurrences',
    explained: 'explained',
    fingerprint: 'LOWER(CONVERT(nvarchar(32), fingerprint, 2))',
    standing: 'standing',
  },
  member: memberOf,
};

async function conditionOf(
  session: Session,
  source: Source,
  text: string,
  recorded: RecordedNames,
): Promise<string> {
  try {
    const read = readCondition(text, (parts) =>
      // Names of what was recorded have a dot.
      resolveRecorded(
        source.query,
        parts,
        text.includes('.') ? recorded : nothingRecorded,
        dialect,
      ),
    );
    const condition = writeCondition(read, (sql) => sql);
    await requireConditionOver(
      (_, statement) => session.rows(statement),
      condition,
      `FROM (SELECT TOP (0) * FROM (${deviations(source, null, null)}) AS none) AS d`,
    );
    return condition;
  } catch (error) {
    throw broken(source.query, error);
  }
}

/** What was recorded shows as it was recorded: a message may hold it. */
function broken(query: DeviationQuery, error: unknown): unknown {
  if (query.where === null) return error;
  const isFault = error instanceof ConditionFault;
  if (!isFault && (numberOf(error) === null || isOfTheMachine(error))) return error;
  const help = isFault
    ? null
    : 'Keys and values are texts: TRY_CAST(key.id AS int) > 9, which is NULL for what is no number.';
  return unusableCondition(query.where, firstLine(messageOf(error)), help);
}

async function readExamples(session: Session, source: Source): Promise<Example[]> {
  const read = comparisonsRead(source.query).map((comparison) => rowsOf(source, comparison, null));
  const all = `(${list(read, (one) => `SELECT * FROM ${one} AS r`, ' UNION ALL ')})`;
  const found = await session.rows(
    `SELECT table_name AS [table], MIN(row_key) AS [key], MIN(CASE WHEN kind = N'removed' THEN old_values END) AS old,
       MIN(CASE WHEN kind = N'added' THEN new_values END) AS new,
       (SELECT CONCAT(N'[', STRING_AGG(CONVERT(nvarchar(max), CONCAT(N'"', STRING_ESCAPE(different.columns, 'json'), N'"')), N','), N']')
        FROM (SELECT DISTINCT c.columns FROM ${all} AS c WHERE c.table_name = recorded.table_name AND c.columns IS NOT NULL) AS different) AS changed
     FROM ${all} AS recorded GROUP BY table_name`,
  );
  return found.map((row) => ({
    table: String(row.table),
    key: textOrNull(row.key),
    old: textOrNull(row.old),
    new: textOrNull(row.new),
    changed: textOrNull(row.changed),
  }));
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
