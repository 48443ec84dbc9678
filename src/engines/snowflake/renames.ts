import type { Column, EqualValues, TablePair } from '../engine.ts';
import { countInTwoLooks } from '../renames.ts';
import { countWhere, list } from '../sql.ts';
import { toNumber } from './connection.ts';
import { read } from './reading.ts';
import { nameOf, split } from './rows.ts';
import { typeOf } from './types.ts';
import { deviates, textOf } from './values.ts';
import type { Workspace } from './workspace.ts';

/** How alike the values of two columns are, in the rows that both sides have by key. */
export async function countEqual(
  workspace: Workspace,
  pair: TablePair,
  old: Column,
  candidate: Column,
): Promise<EqualValues | null> {
  if (pair.key === null) return null;
  return countInTwoLooks(async (limit) => {
    const row = await workspace.askLater(
      `look for renamed columns of ${nameOf(pair)}`,
      countStatement(workspace, pair, old, candidate, limit),
    );
    const [equal, present] = [toNumber(row.equal), toNumber(row.present)];
    const isVaried = (present !== 0 && present !== equal) || row.varied === true;
    return { rows: toNumber(row.all_rows), equal, isConstant: !isVaried };
  });
}

function countStatement(
  workspace: Workspace,
  pair: TablePair,
  old: Column,
  candidate: Column,
  limit: number | null,
): string {
  const sources = workspace.sources(pair);
  const both = { oldType: old.type, newType: candidate.type, tolerance: null };
  const { key } = split(pair);
  const sideOf = (side: 'old' | 'new', name: string) =>
    read(sources, side, [{ ...both, name }, ...key], [{ name, old: true, new: true }]);
  const on = list(key, (_, at) => `o.v${at + 1} = n.v${at + 1}`, ' AND ');
  const limited = limit === null ? '' : ` LIMIT ${limit}`;
  const shown = (which: 'MIN' | 'MAX') => `${which}(CASE WHEN same THEN shown END)`;
  return `SELECT COUNT(*) AS all_rows, ${countWhere('same')} AS equal, ${countWhere('same AND shown IS NOT NULL')} AS present,
      COALESCE(${shown('MIN')} <> ${shown('MAX')}, FALSE) AS varied
    FROM (SELECT NOT (${deviates({ ...both, name: old.name }, 0)}) AS same, ${textOf('o.r0', typeOf(old.type))} AS shown
      FROM (SELECT * FROM ${sideOf('old', old.name)} AS first_rows${limited}) AS o JOIN ${sideOf('new', candidate.name)} AS n ON ${on}) AS brought`;
}
