import type { Side } from '../engine.ts';
import { list } from '../sql.ts';
import { type Candidates, usable } from './candidates.ts';
import type { KeptColumn } from './gathered.ts';
import { quote } from './names.ts';
import { type Type, text } from './types.ts';
import { sameValue } from './values.ts';
import type { Lane } from './workspace.ts';

/** Values that are not compared, but that claims ask for: they are fetched by the keys of the deviating rows. */

export interface OtherColumn {
  readonly name: string;
  readonly side: Side;
  /** Its place among the columns that are kept. */
  readonly at: number;
  /** The type that its values have where they are worked on. */
  readonly stored: Type;
}

/** So many keys are looked up at a time. */
const keysAtOnce = 5_000;

/** Those of `kept` that were not compared. */
export async function otherStored(
  lane: Lane,
  { columns, pair: { schema, name } }: Candidates,
  kept: readonly KeptColumn[],
): Promise<OtherColumn[]> {
  const others: OtherColumn[] = [];
  for (const [at, one] of kept.entries()) {
    if (columns.some(({ column }) => column.name === one.name)) continue;
    for (const side of ['old', 'new'] as const) {
      if (!one[side]) continue;
      const own = (await lane.columnTypes(side, schema, name)).get(one.name) ?? text;
      const stored = await usable(lane, side, own);
      others.push({ name: one.name, side, at, stored });
    }
  }
  return others;
}

/** Fills the columns `o<at>` and `n<at>` of the gathered rows. */
export async function fetchOthers(
  lane: Lane,
  candidates: Candidates,
  gathered: string,
  others: readonly OtherColumn[],
): Promise<void> {
  if (others.length === 0) return;
  const about = `look up what claims ask for in ${candidates.pair.schema}.${candidates.pair.name}`;
  await lane.run(about, `CREATE INDEX ON ${gathered} (nr)`);
  await lane.run(about, `CREATE INDEX ON ${candidates.table} (nr)`);
  for (const side of ['old', 'new'] as const) {
    const own = others.filter((one) => one.side === side);
    if (own.length === 0) continue;
    let last = '0';
    for (;;) {
      const keys = await lane.rows(about, nextKeys(candidates, gathered, side), [last]);
      if (keys.length === 0) break;
      last = String(keys.at(-1)?.nr);
      await fetchSome(lane, candidates, { gathered, about, side, own, keys });
    }
  }
}

/** `$1`: the number of the last row that was looked up. */
function nextKeys(candidates: Candidates, gathered: string, side: Side): string {
  const names = keyNames(candidates).map(
    (_, at) => `c.${side === 'old' ? 'o' : 'n'}${at}::text AS k${at}`,
  );
  const missing = side === 'old' ? 'added' : 'removed';
  return `SELECT g.nr, ${names.join(', ')} FROM ${gathered} AS g JOIN ${candidates.table} AS c ON c.nr = g.nr AND c.kind = g.kind
    WHERE g.nr > $1::bigint AND g.kind <> '${missing}' ORDER BY g.nr LIMIT ${keysAtOnce}`;
}

async function fetchSome(
  lane: Lane,
  candidates: Candidates,
  {
    gathered,
    about,
    side,
    own,
    keys,
  }: {
    readonly gathered: string;
    readonly about: string;
    readonly side: Side;
    readonly own: readonly OtherColumn[];
    readonly keys: readonly Readonly<Record<string, unknown>>[];
  },
): Promise<void> {
  const { columns, pair, relations } = candidates;
  const names = keyNames(candidates);
  const textsOf = (rows: readonly Readonly<Record<string, unknown>>[], name: string) =>
    rows.map((row) => (row[name] === null ? null : String(row[name]))) as string[];
  const wanted = ['nr', ...names.map((_, at) => `k${at}`)];
  const on = list(
    names,
    (name, at) => {
      const type = columns[at]?.own[side] ?? text;
      return sameValue(`r.${quote(name)}`, `w.k${at}`, type);
    },
    ' AND ',
  );
  const found = await lane.read(side, side === 'old' ? pair.oldKind : pair.newKind, (reader) =>
    reader.rows(
      `SELECT w.nr, ${list(own, ({ name }, at) => `r.${quote(name)}::text AS c${at}`)}
       FROM unnest(${list(wanted, (_, at) => `$${at + 1}::text[]`)}) AS w (${wanted.join(', ')}) JOIN ${relations[side]} AS r ON ${on}`,
      wanted.map((name) => textsOf(keys, name)),
    ),
  );
  const given = ['nr', ...own.map((_, at) => `c${at}`)];
  const prefix = side === 'old' ? 'o' : 'n';
  await lane.run(
    about,
    `UPDATE ${gathered} AS g SET ${list(own, ({ at, stored }, nth) => `${prefix}${at} = f.c${nth}::${stored.sql}`)}
     FROM unnest(${list(given, (_, at) => `$${at + 1}::text[]`)}) AS f (${given.join(', ')}) WHERE g.nr = f.nr::bigint`,
    given.map((name) => textsOf(found, name)),
  );
}

function keyNames({ columns, pair }: Candidates): string[] {
  return columns.slice(0, pair.key?.length ?? 0).map(({ column }) => column.name);
}
