import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DatabaseInUse, GreenlightError } from '../../../src/errors.ts';
import { ordersOf, startDouble } from './double.ts';

const { sqlserverSwap } = await import('../../../src/engines/sqlserver/swap.ts');
const { createSqlserver } = await import('../../../src/engines/sqlserver/index.ts');
const { sqlserverDatabases } = await import('../../../src/engines/sqlserver/databases.ts');

const [live, incoming, kept] = ['shop', 'shop__r__candidate', 'shop__r__previous'];

describe('the swap of SQL Server', () => {
  let world: ReturnType<typeof startDouble>;
  beforeEach(() => begin());
  afterEach(() => world.double.revive());

  function begin(edition = 3): void {
    world = startDouble({ edition });
    world.double.create(live, { tables: [ordersOf(['old'])] });
    world.double.create(incoming, { tables: [ordersOf(['new'])] });
  }
  /** As another process would come: nothing but what the server knows. */
  const fresh = () => ({
    swap: sqlserverSwap(world.options),
    databases: sqlserverDatabases(world.options, live),
  });
  const contentOf = (name: string) => world.double.find(name)?.tables[0]?.rows[0] ?? null;
  const accessOf = (name: string) => world.double.find(name)?.access ?? null;
  const changes = () =>
    world.double.log.filter((line) => /^(ALTER|KILL|EXECUTE sys\.sp_\w+ext)/.test(line));

  test('is two renamings, between which nobody but us can be in either database', async () => {
    await fresh().swap.exchange(live, incoming, kept);
    expect([contentOf(live), contentOf(kept), contentOf(incoming)]).toEqual(['new', 'old', null]);
    expect(changes().filter((line) => line.startsWith('ALTER'))).toEqual([
      'ALTER DATABASE [shop__r__candidate] SET SINGLE_USER WITH ROLLBACK IMMEDIATE',
      'ALTER DATABASE [shop] SET SINGLE_USER WITH ROLLBACK IMMEDIATE',
      'ALTER DATABASE [shop] MODIFY NAME = [shop__r__previous]',
      'ALTER DATABASE [shop__r__candidate] MODIFY NAME = [shop]',
      'ALTER DATABASE [shop] SET MULTI_USER',
      'ALTER DATABASE [shop__r__previous] SET MULTI_USER',
    ]);
    expect(world.double.find(live)?.intent.size).toBe(0);
  });

  test('back is the same', async () => {
    await fresh().swap.exchange(live, incoming, kept);
    await fresh().swap.exchange(live, kept, 'shop__r__rolled-back');
    expect([contentOf(live), contentOf('shop__r__rolled-back')]).toEqual(['old', 'new']);
  });

  test('asynchronous statistics, which would take the only session, are off meanwhile and on again', async () => {
    const old = world.double.require(live);
    old.properties.auto_update_statistics_async = true;
    await fresh().swap.exchange(live, incoming, kept);
    expect(changes()).toContain('ALTER DATABASE [shop] SET AUTO_UPDATE_STATISTICS_ASYNC OFF');
    expect(old.properties.auto_update_statistics_async).toBe(true);
  });

  describe('sequences', () => {
    const sequence = (name: string, last: number | null, more = {}) => ({
      schema: 'dbo',
      name,
      start: 10,
      increment: 5,
      last,
      ...more,
    });
    const lastOf = (database: string) =>
      Object.fromEntries(
        world.double.require(database).sequences.map(({ name, last }) => [name, last]),
      );

    test.each([3, 5, 8])(
      'give no number again that live has given; edition %i',
      async (edition) => {
        begin(edition);
        world.double.require(live).sequences = [
          sequence('went on', 40),
          sequence('fell behind', 20),
          sequence('began', 10),
          sequence('down', -20, { increment: -5 }),
          sequence('unused', null),
          sequence('begins elsewhere now', 40),
          sequence('gone', 40),
          sequence('between', 42),
        ];
        world.double.require(incoming).sequences = [
          sequence('went on', 20),
          sequence('fell behind', 60),
          sequence('began', null),
          sequence('down', 0, { increment: -5 }),
          sequence('unused', null),
          sequence('begins elsewhere now', 1, { start: 1 }),
          sequence('between', 20),
        ];
        await fresh().swap.exchange(live, incoming, kept);
        expect(lastOf(live)).toEqual({
          'went on': 40,
          'fell behind': 60,
          began: 10,
          down: -20,
          unused: null,
          'begins elsewhere now': 1,
          between: 45,
        });
      },
    );

    test('are read and set while nobody else is in either database', async () => {
      world.double.require(live).sequences = [sequence('ids', 40)];
      world.double.require(incoming).sequences = [sequence('ids', 20)];
      await fresh().swap.exchange(live, incoming, kept);
      const at = (part: string) => world.double.log.findIndex((line) => line.includes(part));
      expect(at('[shop] SET SINGLE_USER')).toBeLessThan(at('FROM [shop].[sys].[sequences]'));
      expect(at('sp_sequence_get_range')).toBeLessThan(at('MODIFY NAME'));
    });

    test('of a login that may draw no numbers stay, and it swaps all the same', async () => {
      world.double.missing.add('UPDATE');
      world.double.require(live).sequences = [sequence('ids', 40)];
      world.double.require(incoming).sequences = [sequence('ids', 20)];
      await fresh().swap.exchange(live, incoming, kept);
      expect([contentOf(live), lastOf(live).ids]).toEqual(['new', 20]);
    });
  });

  // As many statements as the exchange has that change something, and one more.
  const cuts = Array.from({ length: 15 }, (_, at) => at + 1);

  test.each(cuts)(
    'cut off after statement %i, it is ended by whoever looks at live',
    async (cut) => {
      const [old, brought] = [world.double.require(live), world.double.require(incoming)];
      old.properties.auto_update_statistics_async = true;
      world.double.dieAfter(cut);
      await fresh()
        .swap.exchange(live, incoming, kept)
        .catch(() => undefined);
      world.double.revive();

      const found = await fresh().databases.glance(live);
      const isOld = found?.id === `${old.id}/${old.guid}`;
      expect(found?.id).toBe(isOld ? `${old.id}/${old.guid}` : `${brought.id}/${brought.guid}`);
      expect([old.name, brought.name]).toEqual(isOld ? [live, incoming] : [kept, live]);
      expect([old.access, brought.access]).toEqual(['MULTI_USER', 'MULTI_USER']);

      if (isOld) await fresh().swap.exchange(live, incoming, kept);
      expect([contentOf(live), contentOf(kept), contentOf(incoming)]).toEqual(['new', 'old', null]);
      expect([accessOf(live), accessOf(kept)]).toEqual(['MULTI_USER', 'MULTI_USER']);
      expect(old.properties.auto_update_statistics_async).toBe(true);
      await fresh().swap.settle(live);
      expect(brought.intent.size).toBe(0);
    },
  );

  test.each(cuts)('cut off after statement %i, calling it again ends it', async (cut) => {
    world.double.dieAfter(cut);
    await fresh()
      .swap.exchange(live, incoming, kept)
      .catch(() => undefined);
    world.double.revive();
    await fresh()
      .swap.exchange(live, incoming, kept)
      .catch((error) => {
        // Ended to the last statement, there is nothing to bring in any more.
        expect(contentOf(live)).toBe('new');
        expect(error).toBeInstanceOf(GreenlightError);
      });
    expect([contentOf(live), contentOf(kept), contentOf(incoming)]).toEqual(['new', 'old', null]);
    expect([accessOf(live), accessOf(kept)]).toEqual(['MULTI_USER', 'MULTI_USER']);
  });

  test('the cuts reach past the last statement', async () => {
    world.double.require(live).properties.auto_update_statistics_async = true;
    world.double.dieAfter(cuts.length);
    await fresh().swap.exchange(live, incoming, kept);
    expect(world.double.hasDied).toBe(false);
  });

  test('somebody who took the only session of a database that was left so is ended', async () => {
    world.double.dieAfter(4);
    await fresh()
      .swap.exchange(live, incoming, kept)
      .catch(() => undefined);
    world.double.revive();
    const visitor = world.double.visit(accessOf(live) === 'SINGLE_USER' ? live : kept);
    await fresh().databases.glance(live);
    expect(visitor.isOpen).toBe(false);
    expect(accessOf(live)).toBe('MULTI_USER');
  });

  test('a database that only begins with the same letters is left alone', async () => {
    world.double.create('shop_archive').access = 'SINGLE_USER';
    world.double.create('shop__').intent.set('greenlight.exchange', 'no JSON');
    await fresh().databases.glance(live);
    expect(world.double.texts.some((text) => text.includes('AS intent'))).toBe(false);
    expect(accessOf('shop_archive')).toBe('SINGLE_USER');
  });

  test('a renaming that is refused leaves live as it was, and open', async () => {
    world.double.before = (statement) => {
      if (statement.startsWith('ALTER DATABASE [shop__r__candidate] MODIFY NAME'))
        throw Object.assign(new Error('refused'), {
          refusals: [
            { number: 5030, class: 16, message: 'The database could not be exclusively locked.' },
          ],
        });
    };
    await expect(fresh().swap.exchange(live, incoming, kept)).rejects.toThrow(DatabaseInUse);
    expect([contentOf(live), contentOf(incoming), contentOf(kept)]).toEqual(['old', 'new', null]);
    expect([accessOf(live), accessOf(incoming)]).toEqual(['MULTI_USER', 'MULTI_USER']);
  });

  test.each([
    ['availability group', 'availability group'],
    ['mirrored', 'mirrored'],
    ['replicated', 'replication'],
    ['cdc', 'change data capture'],
  ])('%s: refused with the reason, before anybody is disturbed', async (bound, reason) => {
    const database = world.double.require(live);
    database.bound.add(bound);
    const visitor = world.double.visit(live);
    const refused = fresh().swap.exchange(live, incoming, kept);
    await expect(refused).rejects.toMatchObject({
      problem: { cause: expect.stringContaining(reason) },
    });
    expect(visitor.isOpen).toBe(true);
    expect(changes()).toEqual([]);
  });

  test('what is kept from another swap is never replaced', async () => {
    world.double.create(kept, { tables: [ordersOf(['other'])] });
    await expect(fresh().swap.exchange(live, incoming, kept)).rejects.toThrow(
      'Something else is where',
    );
    expect([contentOf(live), contentOf(kept)]).toEqual(['old', 'other']);
    expect(changes()).toEqual([]);
  });

  test('without a database to bring in nothing is touched', async () => {
    world.double.databases.splice(
      world.double.databases.indexOf(world.double.require(incoming)),
      1,
    );
    await expect(fresh().swap.exchange(live, incoming, kept)).rejects.toThrow('no such database');
    expect(changes()).toEqual([]);
  });

  test('a writer keeps the fence away, and is told', async () => {
    const writer = world.double.visit(live);
    writer.locks.add('write dbo.orders');
    await expect(fresh().swap.fence(live)).rejects.toMatchObject({
      problem: { cause: expect.stringContaining('web (shop_app') },
    });
    world.double.logout(writer);
    const fence = await fresh().swap.fence(live);
    expect(world.double.sessions.some(({ locks }) => locks.has('read dbo.orders'))).toBe(true);
    await fence.release();
    expect(world.double.sessions).toEqual([]);
  });

  test('fences stand again on both databases in the batch that lets everybody in', async () => {
    const { swap } = fresh();
    const fences = [await swap.fence(live), await swap.fence(incoming)];
    await swap.exchange(live, incoming, kept);
    for (const name of [live, kept]) {
      const [session] = world.double.on(world.double.require(name));
      expect(session?.locks).toEqual(new Set(['read dbo.orders']));
      const letIn = world.double.texts.find((text) =>
        text.includes(`ALTER DATABASE [${name}] SET MULTI_USER`),
      );
      expect(letIn).toContain('HOLDLOCK');
    }
    for (const fence of fences) await fence.release();
    expect(world.double.sessions).toEqual([]);
  });

  test.each([3, 5, 8])(
    'a writer that waits for the fence may come in before the renaming, and the engine says so; edition %i',
    async (edition) => {
      begin(edition);
      const { swap, databases } = fresh();
      const fences = [await swap.fence(live), await swap.fence(incoming)];
      const before = await databases.identify(live);
      world.double.waitToWrite(live, 'orders', 'late');
      await swap.exchange(live, incoming, kept);
      for (const fence of fences) await fence.release();
      expect(world.double.require(kept).tables[0]?.rows).toEqual(['old', 'late']);
      const after = await databases.identify(kept);
      expect(after?.id).toBe(before?.id);
      expect(after?.mark).not.toBe(before?.mark);
      const connection = { host: world.options.host, user: 'release', password: 'secret' };
      const engine = await createSqlserver({ root: '/', live, ledger: null, connection });
      expect(engine.capabilities.fenceKeepsWriters).toBe(false);
    },
  );

  test('after an error behind both renamings it has happened, and each fence stands on its own database', async () => {
    const { swap } = fresh();
    const fences = [await swap.fence(live), await swap.fence(incoming)];
    let isCut = false;
    world.double.before = (statement) => {
      if (isCut || !statement.startsWith('ALTER DATABASE [shop] SET MULTI_USER')) return;
      isCut = true;
      throw new Error('the line went dead');
    };
    await swap.exchange(live, incoming, kept);
    expect(isCut).toBe(true);
    expect([contentOf(live), contentOf(kept)]).toEqual(['new', 'old']);
    const fenced = () =>
      [live, kept].map((name) =>
        world.double
          .on(world.double.require(name))
          .some(({ locks }) => locks.has('read dbo.orders')),
      );
    expect(fenced()).toEqual([true, true]);
    await fences[0]?.release();
    expect(fenced()).toEqual([true, false]);
    await fences[1]?.release();
    expect(fenced()).toEqual([false, false]);
    // Whoever asks for a fence again gets one of the database that bears the name now.
    const again = await swap.fence(kept);
    expect(fenced()).toEqual([false, true]);
    await again.release();
  });

  test('a fence that nobody waits for leaves the mark of what it kept writers off', async () => {
    const { swap, databases } = fresh();
    const fences = [await swap.fence(live), await swap.fence(incoming)];
    const before = await databases.identify(live);
    await swap.exchange(live, incoming, kept);
    for (const fence of fences) await fence.release();
    expect(await databases.identify(kept)).toEqual(before);
  });

  test('memory-optimized tables cannot be fenced, and are named', async () => {
    world.double.require(live).tables.push({ ...ordersOf([]), name: 'carts', isInMemory: true });
    await expect(fresh().swap.fence(live)).rejects.toMatchObject({
      problem: { cause: 'dbo.carts' },
    });
    expect(world.double.sessions).toEqual([]);
  });

  describe.each([
    ['Azure SQL Database', 5],
    ['Azure SQL Managed Instance', 8],
  ])('in %s', (_, edition) => {
    beforeEach(() => begin(edition));

    test('sessions are ended from inside, and the names change from master', async () => {
      const visitor = world.double.visit(live);
      await fresh().swap.exchange(live, incoming, kept);
      expect(visitor.isOpen).toBe(false);
      expect([contentOf(live), contentOf(kept)]).toEqual(['new', 'old']);
      expect(changes().filter((line) => line.startsWith('ALTER'))).toEqual([
        'ALTER DATABASE [shop] MODIFY NAME = [shop__r__previous]',
        'ALTER DATABASE [shop__r__candidate] MODIFY NAME = [shop]',
      ]);
    });

    test.each([1, 2, 3, 4, 5, 6])(
      'cut off after statement %i, it is ended by whoever looks at live',
      async (cut) => {
        world.double.dieAfter(cut);
        await fresh()
          .swap.exchange(live, incoming, kept)
          .catch(() => undefined);
        world.double.revive();
        expect(await fresh().databases.glance(live)).not.toBeNull();
        if (contentOf(live) === 'old') await fresh().swap.exchange(live, incoming, kept);
        expect([contentOf(live), contentOf(kept), contentOf(incoming)]).toEqual([
          'new',
          'old',
          null,
        ]);
      },
    );

    test('geo-replicated: refused with the reason', async () => {
      world.double.require(live).bound.add('geo-replicated');
      await expect(fresh().swap.exchange(live, incoming, kept)).rejects.toMatchObject({
        problem: { cause: expect.stringContaining('north') },
      });
    });
  });
});
