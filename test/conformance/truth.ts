import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Catalog, ComparisonSession } from '../../src/engines/engine.ts';
import type { Feature, Harness, Scratch } from './harness.ts';
import { compare, createRowStore, pairOf, recordRows, type Tolerance, target } from './pairs.ts';

/** One line of the truth table: two versions of a table and what differs between them. */
export interface Case {
  readonly name: string;
  readonly needs?: readonly Feature[];
  /** Statements before the table is made, on both sides or on one. */
  readonly before?: string;
  readonly oldBefore?: string;
  readonly newBefore?: string;
  /** The columns of `create table`, on both sides or on the new one. */
  readonly columns: string;
  readonly newColumns?: string;
  /** A list of rows as in VALUES, a query, or nothing for an empty table. */
  readonly old: string;
  readonly new: string;
  /** Compared with this key and again without any; null: only without. Default: id. */
  readonly key?: readonly string[] | null;
  readonly ignore?: readonly string[];
  readonly tolerance?: Readonly<Record<string, Tolerance>>;
  readonly expect: Expected;
  /** Else strict mode is not looked at. */
  readonly strictNeeds?: readonly Feature[];
  /** Where strict mode finds something else. */
  readonly strict?: Expected;
  /** Without the key. Default: each changed row is one removed and one added. */
  readonly keyless?: Expected;
  readonly keylessStrict?: Expected;
  /** Compare through a view over the table as well. Default: yes. */
  readonly view?: boolean;
}

export interface Expected {
  readonly added?: number;
  readonly removed?: number;
  readonly changed?: number;
  readonly cells?: Readonly<Record<string, number>>;
  readonly patterns?: Readonly<Record<string, string>>;
}

const modes = ['semantic', 'strict'] as const;
const schema = 'truth';

export function truthScenarios(harness: Harness, cases: readonly Case[]): void {
  const possible = cases.filter(({ needs = [] }) =>
    needs.every((one) => harness.features.has(one)),
  );
  const names = new Map(possible.map((one, at) => [one, `t${at}`]));
  let scratch: Scratch;
  let session: ComparisonSession;
  let catalogs: { old: Catalog; new: Catalog };
  let comparisons = 0;

  beforeAll(async () => {
    scratch = await harness.start();
    const { engine } = scratch;
    const [old, candidate] = [engine.places.baseline('truth'), engine.places.candidate('truth')];
    await scratch.create(old, tables(possible, names, 'old', harness.translate));
    await scratch.create(candidate, tables(possible, names, 'new', harness.translate));
    catalogs = { old: await engine.catalog.read(old), new: await engine.catalog.read(candidate) };
    const store = await createRowStore(engine);
    session = await engine.comparison.open({
      old,
      new: candidate,
      store,
      purpose: 'truth',
      lineage: true,
    });
  });
  afterAll(async () => {
    await session?.close();
    await scratch?.dispose();
  });

  test.each(possible.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const name = names.get(one) ?? '';
    const isStrictToo = (one.strictNeeds ?? []).every((need) => harness.features.has(need));
    const ofTables = isStrictToo ? modes : (['semantic'] as const);
    for (const relation of one.view === false ? [name] : [name, `${name}_view`]) {
      // Views and tables differ in how they are read only.
      for (const mode of relation === name ? ofTables : (['semantic'] as const)) {
        const keyed = (mode === 'strict' ? one.strict : undefined) ?? one.expect;
        const options = { mode, ignore: one.ignore ?? [], tolerance: one.tolerance ?? {} };
        const key = one.key === undefined ? ['id'] : one.key;
        if (key !== null) {
          const found = await look(relation, { ...options, key });
          expect([relation, mode, 'key', found]).toEqual([
            relation,
            mode,
            'key',
            {
              ...found,
              ...counts(keyed),
              ...(found.changed === null ? {} : details(keyed, harness.translate)),
            },
          ]);
        }
        const keyless =
          (mode === 'strict' ? (one.keylessStrict ?? one.keyless) : one.keyless) ??
          withoutKey(keyed);
        const found = await look(relation, { ...options, key: null });
        expect([relation, mode, 'no key', found]).toEqual([
          relation,
          mode,
          'no key',
          { ...found, ...counts(keyless), cells: {} },
        ]);
      }
    }
  });

  async function look(name: string, options: Parameters<typeof pairOf>[4]) {
    const pair = pairOf(catalogs.old, catalogs.new, schema, name, options);
    const found = await compare(session, pair);
    let recorded: Awaited<ReturnType<typeof recordRows>> | null = null;
    // Writing rows is slow, and no other in strict mode.
    if (options?.mode === 'semantic' && found.added + found.removed + found.cells.size > 0) {
      recorded = await recordRows(session, pair, found, target(++comparisons, 'full'));
      expect(recorded).toMatchObject({ added: found.added, removed: found.removed });
    }
    await session.release(pair.schema, pair.name);
    return {
      added: found.added,
      removed: found.removed,
      cells: Object.fromEntries(found.cells),
      changed: recorded?.changed ?? null,
      patterns: recorded && Object.fromEntries(recorded.patterns),
    };
  }
}

function counts({ added = 0, removed = 0, cells = {} }: Expected) {
  return { added, removed, cells };
}

/** What only recorded rows tell. */
function details(
  { changed, cells = {}, patterns = {} }: Expected,
  translate: Harness['translate'] = (sql) => sql,
) {
  const most = Math.max(0, ...Object.values(cells));
  const inWords = Object.entries(patterns).map(([column, text]) => [column, translate(text)]);
  return {
    changed: changed ?? most,
    ...(inWords.length === 0 ? {} : { patterns: Object.fromEntries(inWords) }),
  };
}

function withoutKey(keyed: Expected): Expected {
  const { added, removed } = counts(keyed);
  const { changed } = details(keyed);
  return { added: added + changed, removed: removed + changed };
}

function tables(
  cases: readonly Case[],
  names: ReadonlyMap<Case, string>,
  side: 'old' | 'new',
  translate: Harness['translate'],
) {
  const statements = cases.flatMap((one) => {
    const name = `${schema}.${names.get(one)}`;
    const columns = (side === 'new' ? one.newColumns : undefined) ?? one.columns;
    const rows = one[side];
    return [
      one.before && translate(one.before),
      side === 'old' ? one.oldBefore : one.newBefore,
      `create table ${name} (${columns})`,
      rows === '' ? '' : `insert into ${name} ${/^\s*select/.test(rows) ? rows : `values ${rows}`}`,
      `create view ${name}_view as select * from ${name}`,
    ].filter(Boolean);
  });
  return [`create schema ${schema}`, ...statements].join(';\n');
}
