import type { KeyFault, Side, TablePair } from '../engine.ts';
import { list } from '../sql.ts';
import { toNumber } from './connection.ts';
import { quote } from './names.ts';
import { text } from './types.ts';
import { parts } from './values.ts';
import type { Lane } from './workspace.ts';

/** What makes the key unusable on either side; null when it is unique and never NULL on both. */
export async function findKeyFault(lane: Lane, pair: TablePair): Promise<KeyFault | null> {
  for (const side of ['old', 'new'] as const) {
    const [nulls, duplicates] = await countFaults(lane, pair, side);
    if (nulls > 0) return { side, fault: 'null', count: nulls };
    if (duplicates > 0) return { side, fault: 'duplicate', count: duplicates };
  }
  return null;
}

async function countFaults(lane: Lane, pair: TablePair, side: Side): Promise<[number, number]> {
  const { schema, name } = pair;
  const key = pair.key ?? [];
  const relation = lane.workshop.relation(side, schema, name);
  const types = {
    old: await lane.columnTypes('old', schema, name),
    new: await lane.columnTypes('new', schema, name),
  };
  const other = side === 'old' ? 'new' : 'old';
  const values = key.flatMap((column) => {
    const own = types[side].get(column) ?? text;
    // The session that reads has no function for the content of JSON.
    return own.kind === 'base' && own.name === 'json'
      ? [`${quote(column)}::${pair.mode === 'semantic' ? 'jsonb' : 'text'}`]
      : parts(quote(column), own, types[other].get(column) ?? text, pair.mode);
  });
  const row = await lane.readRow(
    side,
    side === 'old' ? pair.oldKind : pair.newKind,
    `check the key of ${schema}.${name}`,
    `SELECT (SELECT count(*) FROM ${relation} AS one WHERE ${list(key, (column) => `${quote(column)} IS NOT DISTINCT FROM NULL`, ' OR ')}) AS nulls,
      (SELECT count(*) FROM (SELECT FROM ${relation} AS one GROUP BY ${values.join(', ')} HAVING count(*) > 1) AS repeated) AS duplicates`,
  );
  return [toNumber(row.nulls), toNumber(row.duplicates)];
}
