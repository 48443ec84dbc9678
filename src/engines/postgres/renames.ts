import type { Column, EqualValues, Side, TablePair } from '../engine.ts';
import { rowsOfFirstLook } from '../renames.ts';
import { list } from '../sql.ts';
import { usable } from './candidates.ts';
import { toNumber } from './connection.ts';
import { quote } from './names.ts';
import { type Type, text } from './types.ts';
import { groupedParts, keyOrder, needsJson, written } from './values.ts';
import type { Lane } from './workspace.ts';

/** What is read of one side: the key, and the column that may be a renamed one. */
interface Read {
  readonly name: string;
  readonly own: Type;
  /** As it is worked on. */
  readonly stored: Type;
  readonly other: Type;
}

/** How alike the values of two columns are, in the rows that both sides have by key. */
export async function countEqual(
  lane: Lane,
  pair: TablePair,
  old: Column,
  candidate: Column,
): Promise<EqualValues | null> {
  if (pair.key === null) return null;
  const { schema, name, key } = pair;
  const types = {
    old: await lane.columnTypes('old', schema, name),
    new: await lane.columnTypes('new', schema, name),
  };
  const meeting = async (nameOnOld: string, nameOnNew: string) => {
    const [a, b] = [types.old.get(nameOnOld) ?? text, types.new.get(nameOnNew) ?? text];
    return {
      old: { name: nameOnOld, own: a, stored: await usable(lane, 'old', a), other: b },
      new: { name: nameOnNew, own: b, stored: await usable(lane, 'new', b), other: a },
    };
  };
  const columns = [await meeting(old.name, candidate.name)];
  for (const one of key) columns.push(await meeting(one, one));
  if (columns.some((one) => needsJson(one.old.stored, one.new.stored, pair.mode)))
    await lane.provideJson();
  const look = await count(lane, pair, columns, rowsOfFirstLook);
  if (look.isAll || look.equal < look.rows / 2) return withoutAll(look);
  return withoutAll(await count(lane, pair, columns, null));
}

function withoutAll({ rows, equal, isConstant }: EqualValues): EqualValues {
  return { rows, equal, isConstant };
}

async function count(
  lane: Lane,
  pair: TablePair,
  columns: readonly Readonly<Record<Side, Read>>[],
  limit: number | null,
): Promise<EqualValues & { readonly isAll: boolean }> {
  const about = `look for renamed columns of ${pair.schema}.${pair.name}`;
  const tables = { old: lane.scratchTable(), new: lane.scratchTable() };
  for (const side of ['old', 'new'] as const) {
    await lane.run(
      about,
      `CREATE TEMPORARY TABLE ${tables[side]} (${list(columns, (_, at) => `v${at} text COLLATE "C"`)})`,
    );
    await lane.read(side, side === 'old' ? pair.oldKind : pair.newKind, async (reader) =>
      reader.pour(read(lane, pair, side, columns, limit), await lane.worker(), tables[side]),
    );
  }
  const row = await lane.ask(about, compare(tables, pair, columns));
  for (const table of Object.values(tables)) await lane.run(about, `DROP TABLE ${table}`);
  const read_ = [toNumber(row.old_rows), toNumber(row.new_rows)];
  return {
    rows: toNumber(row.rows),
    equal: toNumber(row.equal),
    isConstant: row.varied !== true,
    isAll: limit === null || read_.every((rows) => rows < limit),
  };
}

function read(
  lane: Lane,
  { schema, name, mode }: TablePair,
  side: Side,
  columns: readonly Readonly<Record<Side, Read>>[],
  limit: number | null,
): string {
  const values = columns.map((column) => {
    const { name: own, own: type, other } = column[side];
    return `(${written(quote(own), type, other, mode)})::text`;
  });
  const order = columns.slice(1).map((column) => {
    const { name: own, own: type, other } = column[side];
    return keyOrder(quote(own), type, other, mode).by;
  });
  const end = limit === null ? '' : ` ORDER BY ${order.join(', ')} LIMIT ${limit}`;
  return `SELECT ${values.join(', ')} FROM ${lane.workshop.relation(side, schema, name)} AS one${end}`;
}

function compare(
  tables: Readonly<Record<Side, string>>,
  { mode }: TablePair,
  columns: readonly Readonly<Record<Side, Read>>[],
): string {
  const partsOf = (side: Side, at: number) => {
    const { old, new: candidate } = columns[at] as Readonly<Record<Side, Read>>;
    return groupedParts(`v${at}`, old.stored, candidate.stored, mode).map(
      (part, nth) => `${part} AS ${side}${at}_${nth}`,
    );
  };
  const namesOf = (side: Side, at: number) =>
    partsOf(side, at).map((_, nth) => `${side}${at}_${nth}`);
  const keys = columns.slice(1).map((_, at) => at + 1);
  const on = keys.flatMap((at) =>
    namesOf('old', at).map((name, nth) =>
      nth === 0
        ? `${name} = ${namesOf('new', at)[nth]}`
        : `${name} IS NOT DISTINCT FROM ${namesOf('new', at)[nth]}`,
    ),
  );
  const same = namesOf('old', 0)
    .map((name, nth) => `${name} IS NOT DISTINCT FROM ${namesOf('new', 0)[nth]}`)
    .join(' AND ');
  const side = (of: Side) =>
    `(SELECT v0 AS ${of}_shown, ${columns.flatMap((_, at) => partsOf(of, at)).join(', ')} FROM ${tables[of]} OFFSET 0) AS ${of}_side`;
  return `SELECT (SELECT count(*) FROM ${tables.old}) AS old_rows, (SELECT count(*) FROM ${tables.new}) AS new_rows,
      count(*) AS rows, count(*) FILTER (WHERE same) AS equal,
      count(shown) FILTER (WHERE same) NOT IN (0, count(*) FILTER (WHERE same))
        OR coalesce(min(shown) FILTER (WHERE same) <> max(shown) FILTER (WHERE same), false) AS varied
    FROM (SELECT ${same} AS same, old_shown AS shown FROM ${side('old')} JOIN ${side('new')} ON ${on.join(' AND ')}) AS brought`;
}
