import { toNumber } from '../counts.ts';
import type { PatternWork } from './dialect.ts';
import { allOrManyRows, type Kind } from './parts.ts';

/** Rows in which partners are looked for. */
const lookedAt = 500;
const mostColumns = 200;

/** Dirty column -> the one that has its old values now, while it has the other's: in most of the rows looked at. */
export async function findSwaps({
  workspace,
  gathered: { table, pair, dirty, keys },
  dialect,
}: PatternWork): Promise<Map<number, number>> {
  const candidates = dirty
    .flatMap(({ oldType, newType }, at) => {
      // Two values are swapped by chance more often than not.
      if (oldType !== newType || dialect.family(oldType) === 'boolean') return [];
      const [o, n] = [dialect.digest(`o${at}`, oldType), dialect.digest(`n${at}`, newType)];
      return o === null || n === null ? [] : [{ at, type: oldType, o, n }];
    })
    .filter(({ type, at }, _, all) => all.some((one) => one.type === type && one.at !== at))
    .slice(0, mostColumns);
  if (candidates.length === 0) return new Map();
  const firstRows =
    dialect.firstRows ??
    ((select: string, order: string, most: number) => `${select} ORDER BY ${order} LIMIT ${most}`);
  const rows = await workspace.rows(
    `look for swapped columns in ${pair.schema}.${pair.name}`,
    firstRows(
      `SELECT ${candidates.map(({ at, o, n }) => `${o} AS o${at}, ${n} AS n${at}`).join(', ')}
       FROM ${table} WHERE kind = 'changed'`,
      [dialect.mixed(keys), ...keys].join(', '),
      lookedAt,
    ),
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
  { gathered: { dirty }, dialect }: PatternWork,
  at: number,
  partner: number | undefined,
): Kind[] {
  const [own, other] = [dirty[at], partner === undefined ? undefined : dirty[partner]];
  if (own === undefined || other === undefined) return [];
  const value = (name: string) => dialect.value(name, own.oldType);
  const same = dialect.same ?? ((one: string, two: string) => `${one} IS NOT DISTINCT FROM ${two}`);
  const equal = (one: string, two: string) => `${one} = ${two}`;
  return [equal, same].map((equals) => ({
    pattern: 'swapped columns',
    relation: () =>
      `${equals(value(`n${at}`), value(`o${partner}`))} AND ${equals(value(`o${at}`), value(`n${partner}`))}`,
    shown: `${equals('new', `old.${dialect.quote(other.name)}`)} AND ${equals('old', `new.${dialect.quote(other.name)}`)}`,
    detail: `with ${other.name}`,
    enough: allOrManyRows,
  }));
}
