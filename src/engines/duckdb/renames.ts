import type { Column, EqualValues, TablePair } from '../engine.ts';
import { countInTwoLooks } from '../renames.ts';
import { list } from '../sql.ts';
import { toNumber } from './connection.ts';
import { read } from './reading.ts';
import { deviates, type Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/** How alike the values of two columns are, in the rows that both sides have by key. */
export async function countEqual(
  workspace: Workspace,
  pair: TablePair,
  old: Column,
  candidate: Column,
): Promise<EqualValues | null> {
  if (pair.key === null) return null;
  const sources = await workspace.sources(pair);
  return countInTwoLooks(async (limit) => {
    const row = await workspace.ask(
      `look for renamed columns of ${pair.schema}.${pair.name}`,
      countStatement(sources, pair, old, candidate, limit),
    );
    return {
      rows: toNumber(row.rows),
      equal: toNumber(row.equal),
      isConstant: row.varied !== true,
    };
  });
}

function countStatement(
  sources: Sources,
  pair: TablePair,
  old: Column,
  candidate: Column,
  limit: number | null,
): string {
  const both = { oldType: old.type, newType: candidate.type, tolerance: null };
  const key = pair.columns.filter(({ name }) => pair.key?.includes(name));
  const sideOf = (side: 'old' | 'new', name: string) =>
    read(sources, side, [{ ...both, name }, ...key], null);
  const on = list(key, (_, at) => `o.v${at + 1} = n.v${at + 1}`, ' AND ');
  const rowsOfOld = limit === null ? '' : `(FROM ${sideOf('old', old.name)} LIMIT ${limit})`;
  return `SELECT count(*) AS rows, count(*) FILTER (same) AS equal,
      count(shown) FILTER (same) NOT IN (0, count(*) FILTER (same))
        OR coalesce(min(shown) FILTER (same) <> max(shown) FILTER (same), false) AS varied
    FROM (SELECT NOT ${deviates({ ...both, name: old.name }, 0, sources)} AS same, o.v0::VARCHAR AS shown
      FROM ${rowsOfOld || sideOf('old', old.name)} AS o JOIN ${sideOf('new', candidate.name)} AS n ON ${on})`;
}
