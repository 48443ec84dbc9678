import type { Column, EqualValues, Side, TablePair } from '../engine.ts';
import { countInTwoLooks } from '../renames.ts';
import { countWhere, list } from '../sql.ts';
import { toNumber } from './connection.ts';
import { quote } from './names.ts';
import { type Type, text } from './types.ts';
import { anyDistinct, byCode, named, parts, textOf } from './values.ts';
import type { Lane } from './workspace.ts';

/** What is read of one side: the key, and the column that may be a renamed one. */
interface Read {
  readonly name: string;
  readonly own: Type;
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
  const relations = {
    old: await lane.relation('old', schema, name, pair.oldKind),
    new: await lane.relation('new', schema, name, pair.newKind),
  };
  const meet = (nameOnOld: string, nameOnNew: string): Readonly<Record<Side, Read>> => {
    const [a, b] = [types.old.get(nameOnOld) ?? text, types.new.get(nameOnNew) ?? text];
    return {
      old: { name: nameOnOld, own: a, other: b },
      new: { name: nameOnNew, own: b, other: a },
    };
  };
  const columns = [meet(old.name, candidate.name), ...key.map((one) => meet(one, one))];
  return countInTwoLooks(async (limit) => {
    const row = await lane.ask(
      `look for renamed columns of ${schema}.${name}`,
      countStatement(relations, columns, pair, limit) + lane.hint,
    );
    return {
      rows: toNumber(row.all_rows),
      equal: toNumber(row.equal_rows),
      isConstant: Number(row.varied) !== 1,
    };
  });
}

export function countStatement(
  relations: Readonly<Record<Side, string>>,
  columns: readonly Readonly<Record<Side, Read>>[],
  { mode }: Pick<TablePair, 'mode'>,
  limit: number | null,
): string {
  const partsOn = (side: Side, at: number) => {
    const { name, own, other } = (columns[at] as Readonly<Record<Side, Read>>)[side];
    return parts(quote(name), own, other, mode);
  };
  const namesOn = (of: 'o' | 'n', at: number) =>
    partsOn('old', at).map((_, nth) => `${of}.p${at}_${nth}`);
  const sideOf = (side: Side) => {
    const [first] = columns as [Readonly<Record<Side, Read>>];
    const shown = `${textOf(quote(first[side].name), first[side].own)} COLLATE ${byCode} AS shown`;
    const top = side === 'old' && limit !== null ? `TOP (${limit}) ` : '';
    return `(SELECT ${top}${[shown, ...columns.map((_, at) => named(partsOn(side, at), `p${at}_`))].join(', ')} FROM ${relations[side]} AS one)`;
  };
  const keys = columns.slice(1).map((_, at) => at + 1);
  const on = keys.flatMap((at) =>
    namesOn('o', at).map((one, nth) => `${one} = ${namesOn('n', at)[nth]}`),
  );
  const shownSame = 'CASE WHEN same = 1 THEN shown END';
  const presence = `COUNT_BIG(${shownSame})`;
  return `SELECT COUNT_BIG(*) AS all_rows, ${countWhere('same = 1')} AS equal_rows,
      CASE WHEN ${presence} NOT IN (0, ${countWhere('same = 1')}) OR MIN(${shownSame}) <> MAX(${shownSame}) THEN 1 ELSE 0 END AS varied
    FROM (SELECT CASE WHEN ${anyDistinct(namesOn('o', 0), namesOn('n', 0))} THEN 0 ELSE 1 END AS same, o.shown
      FROM ${sideOf('old')} AS o JOIN ${sideOf('new')} AS n ON ${list(on, (one) => one, ' AND ')}) AS brought`;
}
