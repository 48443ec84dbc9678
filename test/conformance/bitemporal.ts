import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BitemporalReading, BitemporalTable, Location } from '../../src/engines/engine.ts';
import type { Feature, Harness, Scratch } from './harness.ts';

const parked = '9000-01-01T00:00:00Z';
const goLive = '2025-06-30T12:00:00.000Z';
const technical = ['tech_from', 'tech_to'] as const;

interface Way {
  readonly type: string;
  /** As a literal, and as the engine tells it. */
  readonly open: string;
  readonly told: string | null;
  readonly needs?: Feature;
}

const types = [
  { type: 'date', far: '9999-12-31' },
  { type: 'timestamp', far: '9999-12-31 00:00:00' },
  { type: 'timestamptz', far: '9999-12-31 00:00:00+00', needs: 'timestamptz' },
] as const;
const ways: Way[] = types.flatMap(({ type, far, ...more }) => [
  { type, open: 'null', told: null, ...more },
  { type, open: `'${far}'`, told: far, ...more },
  { type, open: `'infinity'`, told: 'infinity', ...more },
]);

/** 1 was corrected once, 2 never; the run superseded 2 and made 3. */
const create = ({ type, open }: Way) => `
  create schema vault;
  create table vault.t (id integer, v integer, Tech_From ${type}, tech_to ${type}, primary key (id, tech_from));
  insert into vault.t values (1, 10, '2025-01-01', '2025-02-01'), (1, 11, '2025-02-01', ${open}),
    (2, 20, '2025-01-01', '9000-01-01'), (2, 21, '9000-01-01', ${open}), (3, 30, '9000-01-01', ${open});
  create table vault.other (tech_from ${type});
  create view vault.v as select * from vault.t`;
const whole =
  'select id, v, cast(cast(tech_from as date) as varchar(20)) as b, cast(cast(tech_to as date) as varchar(20)) as e from vault.t order by v';

export function bitemporalScenarios({ start, features, translate, schemaOf }: Harness): void {
  const runnable = ways.filter(
    ({ needs, open }) =>
      (needs === undefined || features.has(needs)) &&
      (!open.includes('infinity') || features.has('infinite-dates')),
  );

  describe.each(runnable)('$type, open end $open', (way) => {
    let scratch: Scratch;
    let at: Location;
    let table: BitemporalTable;
    const end = way.told === null || way.told === 'infinity' ? way.told : '9999-12-31';
    beforeAll(async () => {
      scratch = await start();
      at = scratch.engine.places.candidate('r');
      await scratch.create(at, translate(create(way)));
    });
    afterAll(() => scratch.dispose());

    const look = async (to: Location) =>
      (await scratch.sql(to, whole)).map(({ id, v, ...more }) => ({
        id: Number(id),
        v: Number(v),
        ...more,
      }));
    const copy = async (name: string): Promise<Location> => {
      const to = scratch.engine.places.published(name);
      await scratch.engine.databases.clone(at, to, { method: 'auto' });
      return to;
    };

    test('is found, by names in any case', async () => {
      const found = await scratch.engine.bitemporal.find(at, technical);
      expect(found).toMatchObject({
        tables: [
          { schema: schemaOf('vault'), name: 't', from: { name: translate('Tech_From') }, rows: 5 },
        ],
        others: [
          { schema: schemaOf('vault'), name: 'other', reason: 'it has tech_from and not tech_to' },
        ],
      });
      table = found.tables[0] as BitemporalTable;
    });

    test('is read as it stands', async () => {
      const before = await scratch.fingerprint(at);
      const instants = { parked, latest: '2025-01-15T00:00:00Z' };
      expect(await scratch.engine.bitemporal.inspect(at, [table], instants)).toEqual([
        {
          table,
          holdsParked: true,
          beginParked: 2,
          endParked: 1,
          openEnds: [way.told === null ? null : translate(way.told)],
          tooLate: 2,
          beyond: 0,
          inverted: 0,
        },
      ]);
      expect(await scratch.fingerprint(at)).toBe(before);
    });

    test('is compared as it is visible, and as it was before it was parked', async () => {
      const read = async (reading: BitemporalReading) => {
        const session = await scratch.engine.comparison.open({
          old: at,
          new: at,
          store: null,
          purpose: 'test',
          lineage: true,
          readings: { old: [], new: [reading] },
        });
        const rows = await session.countRows('new', schemaOf('vault'), 't', 'table');
        const digest = await session.fingerprint('new', schemaOf('vault'), 't', 'table', [
          'id',
          'v',
        ]);
        const ends = await session.fingerprint('new', schemaOf('vault'), 't', 'table', ['tech_to']);
        await session.close();
        return { rows, digest, ends };
      };
      const same = async (sql: string) => {
        const other = scratch.engine.places.baseline('same');
        await scratch.engine.databases.drop(other);
        await scratch.create(
          other,
          `create schema vault; create table vault.t (id integer, v integer, tech_to ${way.type}); insert into vault.t ${sql}`,
        );
        const session = await scratch.engine.comparison.open({
          old: other,
          new: other,
          store: null,
          purpose: 'test',
          lineage: true,
        });
        const digest = await session.fingerprint('new', schemaOf('vault'), 't', 'table', [
          'id',
          'v',
        ]);
        const ends = await session.fingerprint('new', schemaOf('vault'), 't', 'table', ['tech_to']);
        await session.close();
        return { digest, ends };
      };
      expect(await read({ ...table, parked, as: 'visible' })).toEqual({
        rows: 3,
        ...(await same(`values (1, 11, ${way.open}), (2, 21, ${way.open}), (3, 30, ${way.open})`)),
      });
      expect(await read({ ...table, parked, as: 'unparked', openEnd: way.told })).toEqual({
        rows: 3,
        ...(await same(`values (1, 10, '2025-02-01'), (1, 11, ${way.open}), (2, 20, ${way.open})`)),
      });
    });

    test('is published, and nothing else changes', async () => {
      const to = await copy('published');
      await scratch.engine.bitemporal.publish(to, [table], parked, goLive);
      expect(await look(to)).toEqual([
        { id: 1, v: 10, b: '2025-01-01', e: '2025-02-01' },
        { id: 1, v: 11, b: '2025-02-01', e: end },
        { id: 2, v: 20, b: '2025-01-01', e: '2025-06-30' },
        { id: 2, v: 21, b: '2025-06-30', e: end },
        { id: 3, v: 30, b: '2025-06-30', e: end },
      ]);
    });

    test('is withdrawn, and is as it was before it was parked', async () => {
      const to = await copy('withdrawn');
      await scratch.engine.bitemporal.withdraw(to, [{ ...table, openEnd: way.told }], parked);
      expect(await look(to)).toEqual([
        { id: 1, v: 10, b: '2025-01-01', e: '2025-02-01' },
        { id: 1, v: 11, b: '2025-02-01', e: end },
        { id: 2, v: 20, b: '2025-01-01', e: end },
      ]);
    });

    const whenUnique = features.has('enforced-keys') ? test : test.skip;
    whenUnique('is published in all tables or in none', async () => {
      const to = await copy('refused');
      // A row that has the key of row 2 as it will be.
      await scratch.sql(
        to,
        `create table vault.second as select * from vault.t; create unique index one on vault.second (id, tech_from);
         insert into vault.second values (2, 0, '2025-06-30 12:00:00'::timestamp::${way.type}, null); checkpoint`,
      );
      const before = await look(to);
      const second = { ...table, name: 'second' };
      const publish = scratch.engine.bitemporal.publish(to, [table, second], parked, goLive);
      await expect(publish).rejects.toThrow('The technical validity of the parked rows');
      expect(await look(to)).toEqual(before);
    });
  });
}
