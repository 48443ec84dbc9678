import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Location } from '../../src/engines/engine.ts';
import { DatabaseInUse, GreenlightError } from '../../src/errors.ts';
import type { Client, Harness, Scratch } from './harness.ts';
import { otherProcess } from './other-process.ts';

const marked = (mark: string) =>
  `create table mark (name varchar(20)); insert into mark values ('${mark}'), ('${mark}')`;
const whole = 'select count(*) as n, min(name) as low, max(name) as high from mark';

export function swapScenarios({ start, features }: Harness): void {
  let scratch: Scratch;
  let live: Location;
  let candidate: Location;
  let previous: Location;
  const clients: Client[] = [];
  beforeEach(async () => {
    scratch = await start();
    const { places } = scratch.engine;
    live = places.live;
    candidate = places.candidate('r');
    previous = places.previous('r');
    await scratch.create(live, marked('old'));
    await scratch.create(candidate, marked('new'));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.kill();
    await scratch.dispose();
  });
  const whenLogged = features.has('write-ahead-log') ? test : test.skip;
  const whenFenced = features.has('fence') ? test : test.skip;

  const open = async (at: Location, access: 'read' | 'write'): Promise<Client> => {
    const client = await scratch.client(at, access);
    clients.push(client);
    return client;
  };
  const isWhole = (name: string) => [{ n: '2', low: name, high: name }];
  const identify = async (at: Location) =>
    (await scratch.engine.databases.identify(at))?.id ?? null;
  const exchange = () => scratch.engine.swap.exchange(live, candidate, previous);

  test('live is the candidate, and the old live is kept', async () => {
    const ids = [await identify(live), await identify(candidate)];
    await exchange();
    expect([await identify(previous), await identify(live)]).toEqual(ids);
    expect(await identify(candidate)).toBeNull();
    expect(await scratch.sql(live, whole)).toEqual(isWhole('new'));
    expect(await scratch.sql(previous, whole)).toEqual(isWhole('old'));
  });

  test('and back again', async () => {
    const id = await identify(live);
    await exchange();
    const { places, swap } = scratch.engine;
    await swap.exchange(live, previous, places.rolledBack('r'));
    expect(await identify(live)).toBe(id);
    expect(await identify(previous)).toBeNull();
    expect(await scratch.sql(live, whole)).toEqual(isWhole('old'));
    expect(await scratch.sql(places.rolledBack('r'), whole)).toEqual(isWhole('new'));
  });

  test('readers that are open keep the old database, new ones get the new one', async () => {
    if (!scratch.engine.capabilities.swapKeepsReaders) return;
    const before = await open(live, 'read');
    expect(await before.sql(whole)).toEqual(isWhole('old'));
    const fence = await scratch.engine.swap.fence(live);
    await exchange();
    await fence.release();
    expect(await before.sql(whole)).toEqual(isWhole('old'));
    expect(await (await open(live, 'read')).sql(whole)).toEqual(isWhole('new'));
    expect(await before.sql(whole)).toEqual(isWhole('old'));
  });

  test('a swap without a database to bring in changes nothing', async () => {
    await scratch.engine.databases.drop(candidate);
    const before = await scratch.fingerprint(live);
    await expect(exchange()).rejects.toThrow();
    expect(await scratch.fingerprint(live)).toBe(before);
    await scratch.create(candidate, marked('new'));
    await exchange();
    expect(await scratch.sql(live, whole)).toEqual(isWhole('new'));
  });

  test('what is kept from another swap is never replaced', async () => {
    await scratch.create(previous, marked('other'));
    const before = await scratch.fingerprint(live);
    await expect(exchange()).rejects.toThrow(GreenlightError);
    expect(await scratch.fingerprint(live)).toBe(before);
    expect(await scratch.sql(previous, whole)).toEqual(isWhole('other'));
    expect(await scratch.sql(candidate, whole)).toEqual(isWhole('new'));
  });

  whenFenced('a writer keeps the fence away, and is told', async () => {
    const writer = await open(live, 'write');
    await expect(scratch.engine.swap.fence(live)).rejects.toThrow(DatabaseInUse);
    await writer.close();
    await (await scratch.engine.swap.fence(live)).release();
  });

  whenFenced('the fence keeps writers out and lets readers in, until it is released', async () => {
    const { swap, databases } = scratch.engine;
    const fence = await swap.fence(live);
    await databases.identify(live);
    await expect(open(live, 'write')).rejects.toThrow();
    const reader = await open(live, 'read');
    expect(await reader.sql(whole)).toEqual(isWhole('old'));
    await reader.close();
    await expect(open(live, 'write')).rejects.toThrow();
    await fence.release();
    const writer = await open(live, 'write');
    await writer.sql("insert into mark values ('later')");
  });

  whenFenced(
    'the fence holds through the exchange: nobody writes to the old live meanwhile',
    async () => {
      const fence = await scratch.engine.swap.fence(live);
      await exchange();
      await expect(open(previous, 'write')).rejects.toThrow();
      await fence.release();
      await (await open(previous, 'write')).close();
    },
  );

  whenFenced('the fence ends with its process', async () => {
    const other = await otherProcess(scratch.recipe, 'fence', { at: live });
    await expect(open(live, 'write')).rejects.toThrow();
    await other.kill();
    await (await open(live, 'write')).close();
  });

  whenLogged('a log beside live is never replayed into the candidate', async () => {
    const writer = await open(live, 'write');
    await writer.sql("insert into mark values ('logged')");
    await writer.kill();
    const before = await scratch.fingerprint(live);
    await expect(exchange()).rejects.toThrow(GreenlightError);
    expect(await scratch.fingerprint(live)).toBe(before);
    expect(await identify(previous)).toBeNull();
  });

  whenLogged('a log beside the candidate is not left behind', async () => {
    const writer = await open(candidate, 'write');
    await writer.sql("insert into mark values ('logged')");
    await writer.kill();
    const before = await scratch.fingerprint(live);
    await expect(exchange()).rejects.toThrow(GreenlightError);
    expect(await scratch.fingerprint(live)).toBe(before);
    expect(await identify(previous)).toBeNull();
  });

  whenLogged('settling works the log in, once, and loses nothing', async () => {
    const { swap } = scratch.engine;
    expect(await swap.settle(live)).toBe(false);
    const writer = await open(live, 'write');
    await writer.sql("insert into mark values ('logged')");
    await writer.kill();
    const id = await identify(live);
    expect(await swap.settle(live)).toBe(true);
    expect(await swap.settle(live)).toBe(false);
    expect(await identify(live)).toBe(id);
    await exchange();
    expect(await scratch.sql(previous, 'select count(*) as n from mark')).toEqual([{ n: '3' }]);
    expect(await scratch.sql(live, whole)).toEqual(isWhole('new'));
  });

  whenLogged('settling waits for nobody: a writer is told', async () => {
    const writer = await open(live, 'write');
    await writer.sql("insert into mark values ('logged')");
    await expect(scratch.engine.swap.settle(live)).rejects.toThrow(DatabaseInUse);
    expect(await writer.sql('select count(*) as n from mark')).toEqual([{ n: '3' }]);
  });

  test('readers that come and go through many swaps always see one whole database', async () => {
    if (!scratch.engine.capabilities.swapKeepsReaders) return;
    const { places, swap } = scratch.engine;
    let swapping = true;
    const seen = new Set<string>();
    const reading = (async () => {
      while (swapping) {
        const reader = await scratch.client(live, 'read');
        for (const row of [...(await reader.sql(whole)), ...(await reader.sql(whole))])
          seen.add(JSON.stringify(row));
        await reader.close();
      }
    })();
    let incoming = candidate;
    const until = Date.now() + 1500;
    for (let at = 0; Date.now() < until; at++) {
      const kept = places.previous(`swap ${at}`);
      const fence = await swap.fence(live);
      await swap.exchange(live, incoming, kept);
      await fence.release();
      incoming = kept;
    }
    swapping = false;
    await reading;
    const possible = ['old', 'new'].map((name) => JSON.stringify(isWhole(name)[0]));
    expect(possible).toEqual(expect.arrayContaining([...seen]));
    expect(seen.size).toBeGreaterThan(0);
  });
}
