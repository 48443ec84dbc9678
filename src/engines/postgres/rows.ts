import type { KeyFault, RowComparison, RowCounts, TablePair } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import { shapeOf } from './bytes.ts';
import { beginCandidates, type Candidates, findCandidates } from './candidates.ts';
import { toNumber } from './connection.ts';
import { findByJoin, type Joined, joinOf } from './joined.ts';
import { findKeyFault } from './keys.ts';
import type { Lineage } from './lineage.ts';
import { findByBytes, roomFor } from './streamed.ts';
import { refuseLongestIntervals } from './two-servers.ts';
import { deviates, groupedParts, parts } from './values.ts';
import type { Lane } from './workspace.ts';

export type PlannedComparison = RowComparison & { readonly candidates: Candidates };

/** What decides in which way rows are compared; each way finds the same. */
export interface Ways {
  /** Null: by their texts. */
  readonly shapeOf: typeof shapeOf;
  /** How many deviating rows that both sides have are kept before the others are only counted. */
  readonly roomFor: typeof roomFor;
}

export const fastestWays: Ways = { shapeOf, roomFor };

/** One statement has room for so many columns. */
const columnsAtOnce = 200;

/**
 * Compares all rows of both sides, exactly: what is not equal byte by byte is brought together in the server, where the
 * values decide. Rows that are proven equal are not read.
 */
export async function compareRows(
  lane: Lane,
  pair: TablePair,
  rows: RowCounts,
  onProgress: (done: number) => void,
  { lineage, ways }: { readonly lineage: Lineage | null; readonly ways: Ways },
): Promise<PlannedComparison | RowComparison | KeyFault> {
  await refuseLongestIntervals(lane, pair);
  const fault = pair.key === null || pair.keyEnforced ? null : await findKeyFault(lane, pair);
  if (fault !== null) return fault;
  const blocks = (await lineage?.differsIn(lane, pair)) ?? null;
  if (blocks?.length === 0)
    return { added: 0, removed: 0, cells: new Map(), way: 'WAL summaries', proof: 'lineage' };
  const begun = await beginCandidates(lane, pair);
  const join = joinOf(lane, begun);
  if (join !== null) {
    const { candidates, ...counted } = await findByJoin(lane, join, rows, onProgress);
    return countDeviations(lane, candidates, 'join', counted);
  }
  const streams = blocks === null ? 'ordered streams' : 'WAL summaries, ordered streams';
  const shape = pair.key === null ? null : ways.shapeOf(begun.columns, pair);
  if (shape !== null) {
    const found = await findByBytes(
      lane,
      begun,
      { shape, blocks, room: ways.roomFor(rows) },
      rows,
      onProgress,
    );
    const { candidates, ...counted } = found;
    return countDeviations(lane, await pairByValue(lane, candidates), streams, counted);
  }
  const candidates = await findCandidates(lane, begun, blocks, rows, onProgress);
  return pair.key === null
    ? countSurplus(lane, candidates, blocks === null ? 'multiset' : 'WAL summaries, multiset')
    : countDeviations(lane, await pairByValue(lane, candidates), streams);
}

/** Keys that are equal as values though not as texts: 1.0 and 1.00. */
async function pairByValue(lane: Lane, candidates: Candidates): Promise<Candidates> {
  const { table, found, pair, columns } = candidates;
  if (found.added === 0 || found.removed === 0) return candidates;
  const about = aboutOf('bring rows together by key', pair);
  const key = columns.slice(0, pair.key?.length);
  const side = (kind: string, of: 'o' | 'n') => {
    const values = key.flatMap(({ old, new: candidate }, at) =>
      of === 'o'
        ? parts(`o${at}`, old, candidate, pair.mode)
        : parts(`n${at}`, candidate, old, pair.mode),
    );
    return `SELECT nr, kind, ${list(values, (value, at) => `${value} AS p${at}`)} FROM ${table} WHERE kind = '${kind}'`;
  };
  const grouped = key.flatMap(({ old, new: candidate }, at) =>
    parts(`o${at}`, old, candidate, pair.mode),
  );
  const pairs = lane.scratchTable();
  await lane.run(
    about,
    `CREATE TEMPORARY TABLE ${pairs} AS
      SELECT min(nr) FILTER (WHERE kind = 'removed') AS removed, min(nr) FILTER (WHERE kind = 'added') AS added
      FROM (${side('removed', 'o')} UNION ALL ${side('added', 'n')}) AS one_sided
      GROUP BY ${list(grouped, (_, at) => `p${at}`)} HAVING count(DISTINCT kind) = 2`,
  );
  const row = await lane.ask(about, `SELECT count(*) AS pairs FROM ${pairs}`);
  const count = toNumber(row.pairs);
  if (count > 0) {
    const [olds, news] = [columns.map((_, at) => `o${at}`), columns.map((_, at) => `n${at}`)];
    const names = [...olds, ...news].join(', ');
    await lane.run(
      about,
      `INSERT INTO ${table} (kind, nr, ${names})
        SELECT 'changed', o.nr, ${[...olds.map((name) => `o.${name}`), ...news.map((name) => `n.${name}`)].join(', ')}
        FROM ${pairs} AS pairs JOIN ${table} AS o ON o.nr = pairs.removed JOIN ${table} AS n ON n.nr = pairs.added`,
    );
    await lane.run(
      about,
      `DELETE FROM ${table} WHERE kind = 'removed' AND nr IN (SELECT removed FROM ${pairs})
        OR kind = 'added' AND nr IN (SELECT added FROM ${pairs})`,
    );
  }
  await lane.run(about, `DROP TABLE ${pairs}`);
  const { changed, added, removed } = found;
  return {
    ...candidates,
    found: { changed: changed + count, added: added - count, removed: removed - count },
  };
}

/** `counted`: what was counted already, and is not among the candidates. */
async function countDeviations(
  lane: Lane,
  candidates: Candidates,
  way: string,
  counted: Omit<Joined, 'candidates'> = { added: 0, removed: 0, cells: new Map() },
): Promise<PlannedComparison> {
  const { table, found, pair, columns } = candidates;
  const cells = new Map(
    [...counted.cells].map(([at, count]) => [columns[at]?.column.name ?? '', count]),
  );
  const values = [...columns.entries()].slice(pair.key?.length);
  for (const group of found.changed === 0 ? [] : inGroups(values, columnsAtOnce)) {
    const counts = await lane.ask(
      aboutOf('compare', pair),
      `SELECT ${list(group, ([at, column]) => `count(*) FILTER (WHERE ${deviates(column, `o${at}`, `n${at}`, pair.mode)}) AS c${at}`)}
        FROM ${table} WHERE kind = 'changed'`,
    );
    for (const [at, { column }] of group) {
      const count = toNumber(counts[`c${at}`]);
      if (count > 0) cells.set(column.name, count + (cells.get(column.name) ?? 0));
    }
  }
  return {
    added: found.added + counted.added,
    removed: found.removed + counted.removed,
    cells,
    way,
    proof: 'exact',
    candidates,
  };
}

/** Rows that are equal by their values count as the same row. */
async function countSurplus(
  lane: Lane,
  candidates: Candidates,
  way: string,
): Promise<PlannedComparison> {
  const { found, pair } = candidates;
  const none = { cells: new Map(), way, proof: 'exact' as const, candidates };
  if (found.added === 0 || found.removed === 0)
    return { added: found.added, removed: found.removed, ...none };
  const row = await lane.ask(
    aboutOf('compare', pair),
    `SELECT coalesce(sum(surplus) FILTER (WHERE surplus > 0), 0) AS added,
        coalesce(-sum(surplus) FILTER (WHERE surplus < 0), 0) AS removed
      FROM (${surplusByValue(candidates, [])}) AS differing`,
  );
  return { added: toNumber(row.added), removed: toNumber(row.removed), ...none };
}

/** Distinct rows with their surplus, and what else is asked of one row of each. */
export function surplusByValue(
  { table, columns, pair }: Candidates,
  also: readonly string[],
): string {
  const values = columns.flatMap(({ old, new: candidate }, at) =>
    groupedParts(`v${at}`, old, candidate, pair.mode),
  );
  const grouped = values.length === 0 ? '' : `GROUP BY ${values.join(', ')}`;
  return `SELECT ${['sum(surplus) AS surplus', ...also].join(', ')} FROM ${table} ${grouped} HAVING sum(surplus) <> 0`;
}

function aboutOf(what: string, { schema, name }: TablePair): string {
  return `${what}: ${schema}.${name}`;
}
