import type {
  ComparedColumn,
  KeyFault,
  RowComparison,
  RowCounts,
  Side,
  TablePair,
} from '../engine.ts';
import { countWhere, inGroups, list } from '../sql.ts';
import { toNumber } from './connection.ts';
import { quote } from './names.ts';
import { stored, text } from './types.ts';
import {
  anyDistinct,
  byCode,
  isWithin,
  type Meeting,
  type Mode,
  named,
  parts,
  textOf,
} from './values.ts';
import type { Lane } from './workspace.ts';

/** What is compared: the columns of the key first, then the others. */
export interface Matter {
  readonly pair: TablePair;
  /** As they stand after FROM. */
  readonly relations: Readonly<Record<Side, string>>;
  readonly key: readonly Meeting[];
  readonly values: readonly Meeting[];
}

/**
 * The rows that differ, in a temporary table:
 *
 *   with a key: kind ('changed', 'added', 'removed'), ok0, nk0, ... (the key's values on either side), d0, d1, ... (bits:
 *   whether the nth of `values` deviates; 0 unless both sides have the row)
 *   without: kind, surplus (how much more often one side has it), s0, s1, ... (values as texts of that side)
 */
export interface Differing extends Matter {
  /** The table, quoted. */
  readonly table: string;
}

export type PlannedComparison = RowComparison & { readonly differing: Differing };

/** One statement counts so many columns. */
const columnsAtOnce = 200;

/** Compares all rows of both sides, exactly: the server joins them by key, or counts them as multisets. */
export async function compareRows(
  lane: Lane,
  pair: TablePair,
  rows: RowCounts,
  onProgress: (done: number) => void,
): Promise<PlannedComparison | KeyFault> {
  const matter = await readMatter(lane, pair);
  const fault = pair.key === null || pair.keyEnforced ? null : await findKeyFault(lane, matter);
  if (fault !== null) return fault;
  const differing = { ...matter, table: lane.scratchTable() };
  const about = `compare ${pair.schema}.${pair.name}`;
  const statement = pair.key === null ? surplusRows(differing) : joinedRows(differing);
  await lane.run(about, statement + lane.hint);
  onProgress(Math.max(rows.old, rows.new));
  return pair.key === null ? countSurplus(lane, differing) : countDeviations(lane, differing);
}

async function readMatter(lane: Lane, pair: TablePair): Promise<Matter> {
  const { schema, name, oldKind, newKind, key, columns } = pair;
  const types = {
    old: await lane.columnTypes('old', schema, name),
    new: await lane.columnTypes('new', schema, name),
  };
  const meet = (column: ComparedColumn): Meeting => ({
    // Whether rows without a key belong together, only equality can tell.
    column: key === null ? { ...column, tolerance: null } : column,
    old: types.old.get(column.name) ?? text,
    new: types.new.get(column.name) ?? text,
  });
  const named = new Map(columns.map((column) => [column.name, column]));
  return {
    pair,
    relations: {
      old: await lane.relation('old', schema, name, oldKind),
      new: await lane.relation('new', schema, name, newKind),
    },
    key: (key ?? []).flatMap((one) => named.get(one) ?? []).map(meet),
    values: columns.filter((column) => !key?.includes(column.name)).map(meet),
  };
}

/** The type that a column has on a side, and the one that it meets. */
export function typesOn(side: Side, { old, new: candidate }: Meeting) {
  return side === 'old'
    ? ({ own: old, other: candidate } as const)
    : ({ own: candidate, other: old } as const);
}

// ---------------------------------------------------------------------------------------------
// Keys

/** What makes the key unusable on either side; null when it is unique and never NULL on both. */
async function findKeyFault(lane: Lane, matter: Matter): Promise<KeyFault | null> {
  const { schema, name } = matter.pair;
  for (const side of ['old', 'new'] as const) {
    const about = `check the key of ${schema}.${name}`;
    const row = await lane.ask(about, countKeyFaults(matter, side) + lane.hint);
    const [nulls, duplicates] = [toNumber(row.nulls), toNumber(row.duplicates)];
    if (nulls > 0) return { side, fault: 'null', count: nulls };
    if (duplicates > 0) return { side, fault: 'duplicate', count: duplicates };
  }
  return null;
}

export function countKeyFaults({ relations, key, pair }: Matter, side: Side): string {
  const isNull = list(key, ({ column }) => `${quote(column.name)} IS NULL`, ' OR ');
  const values = key.flatMap((meeting) => partsOn(side, meeting, pair.mode));
  return `SELECT (SELECT COUNT_BIG(*) FROM ${relations[side]} AS one WHERE ${isNull}) AS nulls,
      (SELECT COUNT_BIG(*) FROM (SELECT 1 AS one FROM ${relations[side]} AS one GROUP BY ${values.join(', ')} HAVING COUNT_BIG(*) > 1) AS repeated) AS duplicates`;
}

function partsOn(side: Side, meeting: Meeting, mode: Mode): string[] {
  const { own, other } = typesOn(side, meeting);
  return parts(quote(meeting.column.name), own, other, mode);
}

// ---------------------------------------------------------------------------------------------
// Rows brought together by key

/** Rows that only one side has, and those in which a value deviates. */
export function joinedRows({ table, relations, key, values, pair }: Differing): string {
  const { mode } = pair;
  const side = (of: Side) => {
    const keys = key.flatMap(({ column, ...meeting }, at) => {
      const { own } = typesOn(of, { column, ...meeting });
      return [
        `${stored(quote(column.name), own)} AS k${at}`,
        named(partsOn(of, { column, ...meeting }, mode), `k${at}_`),
      ];
    });
    const others = values.flatMap((meeting, at) => {
      const raw = stored(quote(meeting.column.name), typesOn(of, meeting).own);
      return [
        named(partsOn(of, meeting, mode), `v${at}_`),
        ...(meeting.column.tolerance === null ? [] : [`${raw} AS t${at}`]),
      ];
    });
    return `(SELECT ${['1 AS here', ...keys, ...others].join(', ')} FROM ${relations[of]} AS one)`;
  };
  const on = key.flatMap((meeting, at) =>
    partsOn('old', meeting, mode).map((_, nth) => `o.k${at}_${nth} = n.k${at}_${nth}`),
  );
  const partNames = (of: 'o' | 'n', at: number) =>
    partsOn('old', values[at] as Meeting, mode).map((_, nth) => `${of}.v${at}_${nth}`);
  const deviates = (meeting: Meeting, at: number) => {
    const distinct = anyDistinct(partNames('o', at), partNames('n', at));
    return meeting.column.tolerance === null
      ? distinct
      : `(${distinct} AND CASE WHEN ${isWithin(meeting, `o.t${at}`, `n.t${at}`)} THEN 0 ELSE 1 END = 1)`;
  };
  const flags = values.map(
    (meeting, at) =>
      `CONVERT(bit, CASE WHEN o.here = 1 AND n.here = 1 AND ${deviates(meeting, at)} THEN 1 ELSE 0 END) AS d${at}`,
  );
  const exact = [...values.entries()].filter(([, { column }]) => column.tolerance === null);
  const tolerant = [...values.entries()].filter(([, { column }]) => column.tolerance !== null);
  const conditions = [
    'o.here IS NULL',
    'n.here IS NULL',
    ...(exact.length === 0
      ? []
      : [
          anyDistinct(
            exact.flatMap(([at]) => partNames('o', at)),
            exact.flatMap(([at]) => partNames('n', at)),
          ),
        ]),
    ...tolerant.map(([at, meeting]) => deviates(meeting, at)),
  ];
  const selected = [
    `CONVERT(varchar(7), CASE WHEN o.here IS NULL THEN 'added' WHEN n.here IS NULL THEN 'removed' ELSE 'changed' END) AS kind`,
    ...key.flatMap((_, at) => [`o.k${at} AS ok${at}`, `n.k${at} AS nk${at}`]),
    ...flags,
  ];
  return `SELECT ${selected.join(', ')} INTO ${table}
    FROM ${side('old')} AS o FULL OUTER JOIN ${side('new')} AS n ON ${on.join(' AND ')}
    WHERE ${conditions.join(' OR ')}`;
}

async function countDeviations(lane: Lane, differing: Differing): Promise<PlannedComparison> {
  const { table, values, pair } = differing;
  const about = `compare ${pair.schema}.${pair.name}`;
  const cells = new Map<string, number>();
  const kinds = await lane.ask(
    about,
    `SELECT ${list(['added', 'removed', 'changed'] as const, (kind) => `${countWhere(`kind = '${kind}'`)} AS ${kind}`)} FROM ${table}`,
  );
  const all = toNumber(kinds.changed) === 0 ? [] : [...values.entries()];
  for (const group of inGroups(all, columnsAtOnce)) {
    const counts = await lane.ask(
      about,
      `SELECT ${list(group, ([at]) => `${countWhere(`d${at} = 1`)} AS c${at}`)} FROM ${table}`,
    );
    for (const [at, { column }] of group) {
      const count = toNumber(counts[`c${at}`]);
      if (count > 0) cells.set(column.name, count);
    }
  }
  const [added, removed] = [toNumber(kinds.added), toNumber(kinds.removed)];
  return { added, removed, cells, way: 'join', proof: 'exact', differing };
}

// ---------------------------------------------------------------------------------------------
// Rows without a key

/** Distinct rows that one side has more often, with how much. Of rows that are equal, any stands for all. */
export function surplusRows({ table, relations, values, pair }: Differing): string {
  const allParts = values.flatMap((meeting, at) =>
    partsOn('old', meeting, pair.mode).map((_, nth) => `v${at}_${nth}`),
  );
  const side = (of: Side, weight: number) => {
    const selected = values.flatMap((meeting, at) => {
      const { own } = typesOn(of, meeting);
      return [
        named(partsOn(of, meeting, pair.mode), `v${at}_`),
        `${textOf(quote(meeting.column.name), own)} COLLATE ${byCode} AS s${at}`,
      ];
    });
    return `SELECT ${[`CONVERT(bigint, ${weight}) AS side`, ...selected].join(', ')} FROM ${relations[of]} AS one`;
  };
  const shown = values.map(
    (_, at) =>
      `CASE WHEN SUM(side) > 0 THEN MIN(CASE WHEN side = 1 THEN s${at} END) ELSE MIN(CASE WHEN side = -1 THEN s${at} END) END AS s${at}`,
  );
  const selected = [
    `CONVERT(varchar(7), CASE WHEN SUM(side) > 0 THEN 'added' ELSE 'removed' END) AS kind`,
    'ABS(SUM(side)) AS surplus',
    ...shown,
  ];
  return `SELECT ${selected.join(', ')} INTO ${table}
    FROM (${side('new', 1)} UNION ALL ${side('old', -1)}) AS both_sides
    ${allParts.length === 0 ? '' : `GROUP BY ${allParts.join(', ')}`} HAVING SUM(side) <> 0`;
}

async function countSurplus(lane: Lane, differing: Differing): Promise<PlannedComparison> {
  const { table, pair } = differing;
  const surplus = (kind: string) =>
    `COALESCE(SUM(CASE WHEN kind = '${kind}' THEN surplus END), 0) AS ${kind}`;
  const row = await lane.ask(
    `compare ${pair.schema}.${pair.name} as multisets`,
    `SELECT ${surplus('added')}, ${surplus('removed')} FROM ${table}`,
  );
  return {
    added: toNumber(row.added),
    removed: toNumber(row.removed),
    cells: new Map(),
    way: 'multiset',
    proof: 'exact',
    differing,
  };
}
