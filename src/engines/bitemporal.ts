import { GreenlightError } from '../errors.ts';
import { toNumber } from './counts.ts';
import type {
  BitemporalTable,
  Column,
  FoundTables,
  Location,
  ParkedColumn,
  ValidityFacts,
} from './engine.ts';

/** What is the same in every engine about technical validity. */

export type TableName = Pick<BitemporalTable, 'schema' | 'name'>;

/** What a comparison reads instead of tables of one side: queries in brackets. */
export type Readings = ReadonlyMap<string, string>;

/** How the readings know a table. */
export function readingName(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}

interface ColumnOfTable {
  readonly own: TableName;
  readonly column: Column;
}

/** A column that has the one name, or the other. */
export interface NamedColumn extends ColumnOfTable {
  readonly begins: boolean;
}

/** Tables that have both columns, and why others do not count. */
export async function sortTables(
  columns: readonly NamedColumn[],
  [from, until]: readonly [string, string],
  isTemporal: (type: string) => boolean,
  countRows: (table: TableName) => Promise<number>,
): Promise<FoundTables> {
  const tables: BitemporalTable[] = [];
  const others: FoundTables['others'][number][] = [];
  for (const [own, ofTable] of byTable(columns)) {
    const [begin, end] = [true, false].map(
      (begins) => ofTable.find((one) => one.begins === begins)?.column,
    );
    if (begin === undefined || end === undefined) {
      const [has, lacks] = begin === undefined ? [until, from] : [from, until];
      others.push({ ...own, reason: `it has ${has} and not ${lacks}` });
      continue;
    }
    const wrong = [begin, end].find(({ type }) => !isTemporal(type));
    if (wrong === undefined)
      tables.push({ ...own, from: begin, until: end, rows: await countRows(own) });
    else
      others.push({
        ...own,
        reason: `${wrong.name} has type ${wrong.type}, which takes no instants`,
      });
  }
  return { tables, others };
}

/** `row`: numbers of rows, and the first and the last end behind the parked one, as the engine writes them. */
export function factsOf(
  table: BitemporalTable,
  row: Readonly<Record<string, unknown>>,
): ValidityFacts {
  const written = [row.first_open, row.last_open]
    .filter((one) => one !== null && one !== undefined)
    .map(String);
  return {
    table,
    holdsParked: true,
    beginParked: toNumber(row.begin_parked),
    endParked: toNumber(row.end_parked),
    openEnds: [...(toNumber(row.without_end) > 0 ? [null] : []), ...new Set(written)].slice(0, 2),
    tooLate: toNumber(row.too_late),
    beyond: toNumber(row.beyond),
    inverted: toNumber(row.inverted),
  };
}

/** Of a table with a column whose type ends before the parked instant. */
export function factsOfTooShort(table: BitemporalTable): ValidityFacts {
  return {
    table,
    holdsParked: false,
    beginParked: 0,
    endParked: 0,
    openEnds: [],
    tooLate: 0,
    beyond: 0,
    inverted: 0,
  };
}

/** `count` gives c0, c1, ...: in how many rows each column of a table holds the parked instant. */
export async function parkedColumns(
  columns: readonly ColumnOfTable[],
  count: (
    table: TableName,
    columns: readonly Column[],
  ) => Promise<Readonly<Record<string, unknown>>>,
): Promise<ParkedColumn[]> {
  const parked: ParkedColumn[] = [];
  for (const [own, ofTable] of byTable(columns)) {
    const counts = await count(
      own,
      ofTable.map(({ column }) => column),
    );
    for (const [at, { column }] of ofTable.entries()) {
      const rows = toNumber(counts[`c${at}`]);
      if (rows > 0) parked.push({ ...own, column: column.name, rows });
    }
  }
  return parked;
}

function byTable<T extends ColumnOfTable>(columns: readonly T[]): [TableName, T[]][] {
  const tables = new Map<string, [TableName, T[]]>();
  for (const column of columns) {
    const id = JSON.stringify([column.own.schema, column.own.name]);
    const known = tables.get(id);
    if (known === undefined) tables.set(id, [column.own, [column]]);
    else known[1].push(column);
  }
  return [...tables.values()];
}

export function validityNotSet(at: Location, cause: string): GreenlightError {
  return new GreenlightError({
    what: 'The technical validity of the parked rows could not be set.',
    where: at,
    cause,
    help: 'Another row of its table may have the same key then: a technical validity in dates has room for one version a day. Run the swap on a later day.',
  });
}
