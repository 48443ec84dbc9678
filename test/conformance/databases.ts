import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Location, Physical } from '../../src/engines/engine.ts';
import { GreenlightError } from '../../src/errors.ts';
import type { Harness, Scratch } from './harness.ts';

const rows = `create table t (id integer primary key, v varchar(20));
  insert into t values (1, 'one'), (2, 'two')`;

export function databaseScenarios({ start, features }: Harness): void {
  let scratch: Scratch;
  beforeEach(async () => {
    scratch = await start();
  });
  afterEach(() => scratch.dispose());
  const whenLogged = features.has('write-ahead-log') ? test : test.skip;
  const whenBeside = features.has('clone-beside-readers') ? test : test.skip;
  const whenOtherThings = features.has('other-things') ? test : test.skip;

  const identify = async (at: Location): Promise<Physical> => {
    const found = await scratch.engine.databases.identify(at);
    if (found === null) throw new Error(`${at} is not there`);
    return found;
  };
  const clone = (from: Location, to: Location) =>
    scratch.engine.databases.clone(from, to, { method: 'auto' });
  const count = async (at: Location) => {
    const [row] = await scratch.sql(at, 'select count(*) as n from t');
    return Number(row?.n);
  };

  test('every database of a release has a place of its own', () => {
    const { places } = scratch.engine;
    const roles = ['candidate', 'baseline', 'control', 'previous', 'rolledBack'] as const;
    const all = ['r', 's'].flatMap((release) => roles.map((role) => places[role](release)));
    expect(new Set([places.live, ...all]).size).toBe(11);
  });

  test('there is no identity where there is no database', async () => {
    const { places, databases } = scratch.engine;
    expect(await databases.identify(places.live)).toBeNull();
    expect(await databases.identify(places.candidate('nothing'))).toBeNull();
    expect(await databases.size(places.live)).toBe(0);
  });

  whenOtherThings('what is no database is an error, not an absence', async () => {
    const { places, databases } = scratch.engine;
    await scratch.createSomethingElse(places.live);
    await expect(databases.identify(places.live)).rejects.toThrow(GreenlightError);
  });

  test('identity and mark stay while nobody writes, and reading is not writing', async () => {
    const { places, catalog } = scratch.engine;
    await scratch.create(places.live, rows);
    const before = await identify(places.live);
    await catalog.read(places.live);
    const client = await scratch.client(places.live, 'read');
    await client.sql('select * from t');
    await client.close();
    expect(await identify(places.live)).toEqual(before);
    expect(await scratch.engine.databases.size(places.live)).toBeGreaterThan(0);
  });

  test('each write changes the mark and keeps the identity', async () => {
    const { live } = scratch.engine.places;
    await scratch.create(live, rows);
    const seen = [await identify(live)];
    const client = await scratch.client(live, 'write');
    for (const write of [
      "insert into t values (3, 'three')",
      "update t set v = 'drei' where id = 3",
      'delete from t where id = 3',
      'create table other (id integer)',
    ]) {
      await client.sql(write);
      seen.push(await identify(live));
    }
    await client.close();
    const marks = seen.map(({ mark }) => mark);
    for (const [at, mark] of marks.slice(1).entries()) expect(mark).not.toBe(marks[at]);
    if (features.has('marks-of-writes')) {
      // Closing works the log in.
      marks.push((await identify(live)).mark);
      expect(new Set(marks).size).toBe(marks.length);
    }
    expect(new Set([...seen, await identify(live)].map(({ id }) => id)).size).toBe(1);
  });

  whenLogged('a write that is only in the log changes the mark', async () => {
    const { live } = scratch.engine.places;
    await scratch.create(live, rows);
    const before = await identify(live);
    const client = await scratch.client(live, 'write');
    await client.sql("insert into t values (3, 'three')");
    await client.kill();
    const after = await identify(live);
    expect(after.id).toBe(before.id);
    expect(after.mark).not.toBe(before.mark);
  });

  test('another database of the same content in the same place has another identity', async () => {
    const { places, databases } = scratch.engine;
    await scratch.create(places.candidate('a'), rows);
    await scratch.create(places.candidate('b'), rows);
    const [a, b] = [await identify(places.candidate('a')), await identify(places.candidate('b'))];
    expect(a.id).not.toBe(b.id);
    await databases.drop(places.candidate('b'));
    expect(await identify(places.candidate('a'))).toEqual(a);
  });

  test('a clone is whole and independent, and its source is not touched', async () => {
    const { places } = scratch.engine;
    const candidate = places.candidate('r');
    await scratch.create(places.live, rows);
    const before = await scratch.fingerprint(places.live);
    const report = await clone(places.live, candidate);
    expect(report.source).toEqual(await identify(places.live));
    expect(report.clone).toEqual(await identify(candidate));
    expect(report.clone.id).not.toBe(report.source.id);
    expect(report.bytes).toBeGreaterThan(0);
    expect(report.method).not.toBe('');
    await scratch.sql(
      candidate,
      "insert into t values (3, 'three'); update t set v = 'x' where id = 1",
    );
    expect(await count(candidate)).toBe(3);
    expect(await scratch.fingerprint(places.live)).toBe(before);
    const [first] = await scratch.sql(places.live, 'select v from t where id = 1');
    expect(first?.v).toBe('one');
  });

  whenLogged('a clone holds the committed rows that are still in the log', async () => {
    const { places } = scratch.engine;
    await scratch.create(places.live, rows);
    const client = await scratch.client(places.live, 'write');
    await client.sql("insert into t values (3, 'three')");
    await client.kill();
    const before = await scratch.fingerprint(places.live);
    await clone(places.live, places.candidate('r'));
    expect(await scratch.fingerprint(places.live)).toBe(before);
    expect(await count(places.candidate('r'))).toBe(3);
  });

  test('a clone replaces what was there', async () => {
    const { places } = scratch.engine;
    const candidate = places.candidate('r');
    await scratch.create(places.live, rows);
    await scratch.create(candidate, 'create table old_stuff (id integer)');
    const former = await identify(candidate);
    await clone(places.live, candidate);
    expect(await count(candidate)).toBe(2);
    expect((await identify(candidate)).mark).not.toBe(former.mark);
    await expect(scratch.sql(candidate, 'select * from old_stuff')).rejects.toThrow();
  });

  test('a clone of a clone', async () => {
    const { places, databases } = scratch.engine;
    await scratch.create(places.live, rows);
    await clone(places.live, places.baseline('r'));
    await clone(places.baseline('r'), places.candidate('r'));
    await databases.drop(places.baseline('r'));
    expect(await count(places.candidate('r'))).toBe(2);
  });

  test('a clone that fails leaves nothing where it would have been', async () => {
    const { places, databases } = scratch.engine;
    await expect(clone(places.live, places.candidate('r'))).rejects.toThrow();
    expect(await databases.identify(places.candidate('r'))).toBeNull();
    expect(await databases.identify(places.live)).toBeNull();
  });

  whenBeside('readers of live do not disturb a clone', async () => {
    const { places } = scratch.engine;
    await scratch.create(places.live, rows);
    const reader = await scratch.client(places.live, 'read');
    await clone(places.live, places.candidate('r'));
    expect(await reader.sql('select count(*) as n from t')).toEqual([{ n: '2' }]);
    await reader.close();
    expect(await count(places.candidate('r'))).toBe(2);
  });

  test('drop takes the database away, and nothing else', async () => {
    const { places, databases } = scratch.engine;
    await scratch.create(places.live, rows);
    const before = await scratch.fingerprint(places.live);
    await clone(places.live, places.candidate('r'));
    await clone(places.live, places.baseline('r'));
    await clone(places.live, places.candidate('other'));
    await databases.drop(places.candidate('r'));
    await databases.drop(places.candidate('r'));
    expect(await databases.identify(places.candidate('r'))).toBeNull();
    expect(await databases.size(places.candidate('r'))).toBe(0);
    expect(await count(places.baseline('r'))).toBe(2);
    expect(await count(places.candidate('other'))).toBe(2);
    expect(await scratch.fingerprint(places.live)).toBe(before);
  });

  test('dropping what never was is no error', async () => {
    const { places, databases } = scratch.engine;
    await databases.drop(places.previous('never'));
  });
}
