import type {
  ComparedColumn,
  KeyFault,
  RowComparison,
  RowCounts,
  Side,
  TablePair,
} from '../engine.ts';
import { countWhere, inGroups, list, sumWhere } from '../sql.ts';
import { type Row, toNumber } from './connection.ts';
import { joined, read, type Sources, surplus } from './reading.ts';
import { deviates } from './values.ts';
import type { Workspace } from './workspace.ts';

/** A table of thousands of columns is read in groups of them: one statement could not be compiled. */
const columnsAtOnce = 400;

/**
 * Compares all rows of both sides, exactly: by key in one join, without a key as multisets. Only where the user asks for
 * it, tables of equal hashes are taken as equal.
 */
export async function compareRows(
  workspace: Workspace,
  pair: TablePair,
  rows: RowCounts,
  onProgress: (done: number) => void,
  proof: 'exact' | 'hash',
): Promise<RowComparison | KeyFault> {
  const isHashed = proof === 'hash' && rows.old === rows.new && (await hasOneHash(workspace, pair));
  const found = isHashed
    ? equalByHash
    : pair.key === null
      ? await compareMultisets(workspace, pair)
      : ((await findKeyFault(workspace, pair)) ?? (await compareByKey(workspace, pair)));
  onProgress(Math.max(rows.old, rows.new));
  return found;
}

const equalByHash: RowComparison = {
  added: 0,
  removed: 0,
  cells: new Map(),
  way: 'HASH_AGG, 64 bits',
  proof: 'hash',
};

/** HASH_AGG over the values as they are compared: tells rows of any order, and how often each occurs. */
async function hasOneHash(workspace: Workspace, pair: TablePair): Promise<boolean> {
  const sources = workspace.sources(pair);
  const columns = withoutTolerance(pair.columns);
  const hash = (side: Side) =>
    `(SELECT HASH_AGG(${['here', ...columns.map((_, at) => `v${at}`)].join(', ')}) FROM ${read(sources, side, columns)} AS ${side}_side)`;
  const row = await workspace.askLater(
    `hash ${nameOf(pair)}`,
    `SELECT ${hash('old')} = ${hash('new')} AS same`,
  );
  return row.same === true;
}

async function compareByKey(workspace: Workspace, pair: TablePair): Promise<RowComparison> {
  const sources = workspace.sources(pair);
  const { key, values } = split(pair);
  const groups = values.length === 0 ? [[]] : inGroups(values, columnsAtOnce);
  const counted = await Promise.all(
    groups.map((group) =>
      workspace.askLater(`compare ${nameOf(pair)}`, countByJoin(sources, key, group)),
    ),
  );
  const cells = new Map<string, number>();
  for (const [nth, group] of groups.entries()) {
    for (const [at, { name }] of group.entries()) {
      const count = toNumber((counted[nth] as Row)[`c${at}`]);
      if (count > 0) cells.set(name, count);
    }
  }
  const [{ added, removed }] = counted as [Row];
  return {
    added: toNumber(added),
    removed: toNumber(removed),
    cells,
    way: 'join',
    proof: 'exact',
  };
}

/** added, removed; and c0, c1, ... over the rows that both sides have. */
function countByJoin(
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
): string {
  const changed = columns.map(
    (column, at) => `${countWhere(`o.here AND n.here AND ${deviates(column, at)}`)} AS c${at}`,
  );
  return `SELECT ${[`${countWhere('o.here IS NULL')} AS added`, `${countWhere('n.here IS NULL')} AS removed`, ...changed].join(', ')}
    FROM ${joined(sources, key, columns)}`;
}

/** Rows as often as one side has them more often than the other. */
async function compareMultisets(workspace: Workspace, pair: TablePair): Promise<RowComparison> {
  const row = await workspace.askLater(
    `compare ${nameOf(pair)} as multisets`,
    `SELECT COALESCE(${sumWhere('surplus', 'surplus > 0')}, 0) AS added,
      COALESCE(-${sumWhere('surplus', 'surplus < 0')}, 0) AS removed
     FROM (${surplus(workspace.sources(pair), withoutTolerance(pair.columns))}) AS differing`,
  );
  return {
    added: toNumber(row.added),
    removed: toNumber(row.removed),
    cells: new Map(),
    way: 'multiset',
    proof: 'exact',
  };
}

/**
 * What makes the key unusable on either side; null when it is unique and never NULL on both. Snowflake itself enforces
 * no key but that of a hybrid table.
 */
export async function findKeyFault(
  workspace: Workspace,
  pair: TablePair,
): Promise<KeyFault | null> {
  if (pair.keyEnforced) return null;
  const sources = workspace.sources(pair);
  const { key } = split(pair);
  const found = await Promise.all(
    (['old', 'new'] as const).map(async (side): Promise<KeyFault | null> => {
      const row = await workspace.askLater(
        `check the key of ${nameOf(pair)}`,
        countKeyFaults(sources, side, key),
      );
      const [nulls, duplicates] = [toNumber(row.nulls), toNumber(row.duplicates)];
      if (nulls > 0) return { side, fault: 'null', count: nulls };
      return duplicates > 0 ? { side, fault: 'duplicate', count: duplicates } : null;
    }),
  );
  return found.find((one) => one !== null) ?? null;
}

function countKeyFaults(sources: Sources, side: Side, key: readonly ComparedColumn[]): string {
  const names = list(key, (_, at) => `v${at}`);
  const isNull = list(key, (_, at) => `v${at} IS NULL`, ' OR ');
  return `SELECT COALESCE(${sumWhere('times', isNull)}, 0) AS nulls, ${countWhere('times > 1')} AS duplicates
    FROM (SELECT ${names}, COUNT(*) AS times FROM ${read(sources, side, key)} AS side GROUP BY ${names}) AS keys`;
}

export function split(pair: TablePair): { key: ComparedColumn[]; values: ComparedColumn[] } {
  const key = (pair.key ?? []).flatMap((name) => pair.columns.filter((one) => one.name === name));
  return { key, values: pair.columns.filter(({ name }) => !pair.key?.includes(name)) };
}

/** Whether two rows without a key belong together, only their equality can tell. */
export function withoutTolerance(columns: readonly ComparedColumn[]): ComparedColumn[] {
  return columns.map((column) => ({ ...column, tolerance: null }));
}

export function nameOf({ schema, name }: Pick<TablePair, 'schema' | 'name'>): string {
  return `${schema}.${name}`;
}
