import { quote, toNumber } from './connection.ts';
import type { GatheredRows } from './deviating.ts';
import { allOrManyRows, type Kind } from './pattern-parts.ts';
import type { Workspace } from './workspace.ts';

/** Rows in which partners are looked for. */
const lookedAt = 500;
const mostColumns = 200;

/** Dirty column -> the one that has its old values now, while it has the other's: in most of the rows looked at. */
export async function findSwaps(
  workspace: Workspace,
  { table, pair, dirty, keys }: GatheredRows,
): Promise<Map<number, number>> {
  const candidates = dirty
    .map(({ oldType, newType }, at) => ({ at, type: oldType === newType ? oldType : null }))
    // Two values are swapped by chance more often than not.
    .filter(({ type }) => type !== null && type !== 'BOOLEAN')
    .filter(({ type, at }, _, all) => all.some((one) => one.type === type && one.at !== at))
    .slice(0, mostColumns);
  if (candidates.length === 0) return new Map();
  const rows = await workspace.rows(
    `look for swapped columns in ${pair.schema}.${pair.name}`,
    `SELECT ${candidates.map(({ at }) => `hash(o${at})::VARCHAR AS o${at}, hash(n${at})::VARCHAR AS n${at}`).join(', ')}
     FROM ${table} WHERE kind = 'changed' ORDER BY hash(${keys.join(', ')}), ${keys.join(', ')} LIMIT ${lookedAt}`,
  );
  const meetings = new Map<string, number>();
  for (const row of rows) {
    const moved = new Map<string, number[]>();
    for (const { at, type } of candidates) {
      const [o, n] = [row[`o${at}`], row[`n${at}`]];
      if (o === n) continue;
      for (const other of moved.get(`${type} ${n} ${o}`) ?? []) {
        const both = `${other} ${at}`;
        meetings.set(both, (meetings.get(both) ?? 0) + 1);
      }
      const own = `${type} ${o} ${n}`;
      moved.set(own, [...(moved.get(own) ?? []), at]);
    }
  }
  return partners(meetings);
}

/** Those that met most often first; each column has one partner. */
function partners(meetings: ReadonlyMap<string, number>): Map<number, number> {
  const swaps = new Map<number, number>();
  for (const [both] of [...meetings].toSorted(([, a], [, b]) => b - a)) {
    const [one, other] = both.split(' ').map(toNumber) as [number, number];
    if (swaps.has(one) || swaps.has(other)) continue;
    swaps.set(one, other).set(other, one);
  }
  return swaps;
}

export function swapKinds(
  { dirty }: GatheredRows,
  at: number,
  partner: number | undefined,
): Kind[] {
  const other = partner === undefined ? undefined : dirty[partner]?.name;
  if (other === undefined) return [];
  return ['=', 'IS NOT DISTINCT FROM'].map((equals) => ({
    pattern: 'swapped columns',
    relation: () => `n${at} ${equals} o${partner} AND o${at} ${equals} n${partner}`,
    shown: `new ${equals} old.${quote(other)} AND old ${equals} new.${quote(other)}`,
    detail: `with ${other}`,
    enough: allOrManyRows,
  }));
}
