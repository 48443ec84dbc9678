import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type {
  Catalog,
  ChangeDescription,
  Claim,
  ComparisonSession,
  TablePair,
} from '../../src/engines/engine.ts';
import type { Feature, Harness, Scratch } from './harness.ts';
import { compare, type PairOptions, pairOf } from './pairs.ts';
import { patternCases } from './patterns-cases.ts';

/** Two versions of a table, and what is said about its changes. */
export interface PatternCase extends Omit<PairOptions, 'key'> {
  readonly name: string;
  readonly needs?: readonly Feature[];
  /** The type of column v; the table has the key id as well. */
  readonly type?: string;
  readonly newType?: string;
  /** All columns, where there are more than these two. */
  readonly columns?: string;
  readonly newColumns?: string;
  /** A list of rows as in VALUES, or a query. */
  readonly old: string;
  readonly new: string;
  readonly key?: readonly string[] | null;
  /** Column -> its patterns as `name: detail` or `name`, with the rows of each. Default: not looked at. */
  readonly patterns?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The relation fails on rows that it does not describe. */
  readonly fails?: boolean;
  /** Column -> the condition for people; null: none may be found. */
  readonly conditions?: Readonly<Record<string, string | null>>;
}

const schema = 'patterns';

export function patternScenarios(harness: Harness): void {
  const { translate, inScenario = (condition: string) => condition } = harness;
  const cases = patternCases.filter(({ needs = [] }) =>
    needs.every((one) => harness.features.has(one)),
  );
  let scratch: Scratch;
  let session: ComparisonSession;
  let catalogs: { old: Catalog; new: Catalog };

  beforeAll(async () => {
    scratch = await harness.start();
    const { engine } = scratch;
    const [old, candidate] = [engine.places.baseline('p'), engine.places.candidate('p')];
    const created = `create schema ${schema};\n`;
    await scratch.create(old, created + tables(cases, 'old', 't'));
    await scratch.create(candidate, created + tables(cases, 'new', 't'));
    // Both sides in one database, to put the relations to the test there.
    const both = [tables(cases, 'old', 'before'), tables(cases, 'new', 'after')];
    await scratch.create(engine.places.live, created + both.join(';\n'));
    catalogs = { old: await engine.catalog.read(old), new: await engine.catalog.read(candidate) };
    const sides = { old, new: candidate };
    session = await engine.comparison.open({ ...sides, store: null, purpose: 't', lineage: true });
  });
  afterAll(async () => {
    await session?.close();
    await scratch?.dispose();
  });

  test.each(cases.map((one, at) => [one.name, one, at] as const))('%s', async (_, one, at) => {
    const key = one.key === undefined ? ['id'] : one.key;
    // Where live is a schema, all relations are in that.
    const own = catalogs.old.relations.find(({ name }) => name === `t${at}`)?.schema ?? schema;
    const pair = pairOf(catalogs.old, catalogs.new, own, `t${at}`, { ...one, key });
    const [found, cells] = await describePair(pair, true);
    for (const [column, { patterns }] of found) {
      const rows = patterns.map((pattern) => pattern.rows);
      expect([column, sum(rows)]).toEqual([column, cells.get(column)]);
      expect(rows).toEqual(rows.toSorted((a, b) => b - a));
    }
    for (const [column, expected] of Object.entries(one.patterns ?? {})) {
      const patterns = found.get(column)?.patterns ?? [];
      const texts = patterns.map(({ pattern, detail, rows }) => [
        detail === null ? pattern : `${pattern}: ${detail}`,
        rows,
      ]);
      const inWords = Object.entries(expected).map(([text, rows]) => [translate(text), rows]);
      expect([column, texts]).toEqual([column, inWords]);
    }
    for (const [column, expected] of Object.entries(one.conditions ?? {})) {
      expect([column, found.get(column)?.condition?.detail ?? null]).toEqual([column, expected]);
    }
    for (const [column, description] of one.fails ? [] : found)
      await checkRelations(at, pair, column, description);
    await checkClaims(pair, found);
    const [masked] = await describePair(pair, false);
    for (const { patterns, condition } of masked.values()) {
      expect(condition).toBeNull();
      for (const { relation } of patterns) expect(relation).toBeNull();
    }
  });

  async function describePair(pair: TablePair, values: boolean) {
    const found = await compare(session, pair);
    const deviating = await session.gather(pair, found, { claims: [], privacy: 'full' });
    try {
      return [await deviating.describe({ values }), found.cells] as const;
    } finally {
      await deviating.discard();
    }
  }

  /** What describes all changes of a column can be expected of them, in the words in which it is described. */
  async function checkClaims(
    pair: TablePair,
    found: ReadonlyMap<string, ChangeDescription>,
  ): Promise<void> {
    const claims = [...found].flatMap(([column, { patterns, condition }]): Claim[] => {
      const [pattern, ...more] = patterns;
      if (pattern === undefined || pattern.relation === null || more.length > 0) return [];
      const where = condition?.relation ?? null;
      return [{ kind: 'changed', column, where, holds: pattern.relation }];
    });
    const columnsOn = (side: 'old' | 'new') =>
      catalogs[side].relations.find(
        ({ schema: own, name }) => own === pair.schema && name === pair.name,
      )?.columns ?? [];
    const columns = { old: columnsOn('old'), new: columnsOn('new') };
    for (const claim of claims)
      expect([claim, await session.claimFault(claim, columns)]).toEqual([claim, null]);
    const compared = await compare(session, pair);
    const deviating = await session.gather(pair, compared, { claims, privacy: 'full' });
    try {
      const outcomes = await deviating.judge(claims);
      expect(outcomes).toEqual(
        claims.map(({ column }) => ({
          claimed: compared.cells.get(String(column)),
          broken: 0,
          overlap: null,
          fault: null,
        })),
      );
    } finally {
      await deviating.discard();
    }
  }

  /** A relation is true for each row that counts for it, a condition for the deviating rows and no others. */
  async function checkRelations(
    at: number,
    pair: TablePair,
    column: string,
    { patterns, condition }: ChangeDescription,
  ): Promise<void> {
    const quoted = `"${column.replaceAll('"', '""')}"`;
    const on = (pair.key ?? []).map((name) => `old."${name}" = new."${name}"`).join(' and ');
    const rows = `from (select *, ${quoted} as old from ${schema}.before${at}) as old
      join (select *, ${quoted} as new from ${schema}.after${at}) as new on ${on}`;
    const type = pair.columns.find(({ name }) => name === column);
    const deviates =
      type?.oldType === type?.newType
        ? `old.${quoted} is distinct from new.${quoted}`
        : `cast(old.${quoted} as varchar) is distinct from cast(new.${quoted} as varchar)`;
    const count = async (where: string) => {
      const sql = `select count(*) as n ${rows} where ${inScenario(where)}`;
      const [row] = await scratch.sql(scratch.engine.places.live, sql);
      return Number(row?.n);
    };
    const before: string[] = [];
    for (const { relation, rows: described, pattern } of patterns) {
      if (relation === null) {
        expect(pattern).toBe('free change');
        continue;
      }
      const none = before.map((other) => `coalesce(${other}, false)`).join(' or ') || 'false';
      const found = await count(`${deviates} and not (${none}) and (${relation})`);
      expect([column, relation, found]).toEqual([column, relation, described]);
      before.push(`(${relation})`);
    }
    if (condition === null) return;
    expect(await count(`${deviates} and (${condition.relation})`)).toBe(
      sum(patterns.map(({ rows: n }) => n)),
    );
    expect(await count(`not (${deviates}) and (${condition.relation})`)).toBe(0);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function tables(cases: readonly PatternCase[], side: 'old' | 'new', name: string): string {
  const statements = cases.flatMap((one, at) => {
    const type = (side === 'new' ? one.newType : undefined) ?? one.type;
    const own = (side === 'new' ? one.newColumns : undefined) ?? one.columns;
    const columns = own ?? `id integer, v ${type}`;
    const rows = one[side];
    return [
      `create table ${schema}.${name}${at} (${columns})`,
      `insert into ${schema}.${name}${at} ${/^\s*select/.test(rows) ? rows : `values ${rows}`}`,
    ];
  });
  return statements.join(';\n');
}
