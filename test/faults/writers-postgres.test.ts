import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { wantedVersions } from '../engines/postgres/shop.ts';
import { makePostgresProject, type PostgresProject } from '../support/postgres-project.ts';
import {
  clientsFor,
  hasPostgres,
  type PostgresServer,
  startPostgres,
} from '../support/postgres-server.ts';

// Clients write numbered rows to live all the time: through clone, migrate, simulate, compare and swap, and through the
// rollback. Each row that a client was told is committed is in live afterwards.

jest.setTimeout(400_000);

const live = `create schema delivery;
create table delivery.event (id bigint primary key, what text not null);
insert into delivery.event select i, 'early' from generate_series(1, 50) as i;
create schema reports;
create table reports.kind (what text primary key, events bigint not null);
insert into reports.kind values ('early', 50)`;

const files = {
  'migrations/V001__note.sql': 'alter table delivery.event add column note text;\n',
  // The report is stale as soon as somebody writes: the logic has to run again on what is brought over.
  'logic/kinds.sql': `delete from reports.kind;
insert into reports.kind select what, count(*) from delivery.event group by what;
`,
  'greenlight.expected.yml': `version: 1
tables:
  delivery.event:
    columns:
      note: added
  reports.kind:
    rows:
      added: { where: "new.what = 'late'", at_most: 1 }
`,
};

let server: PostgresServer | undefined;
let project: PostgresProject | undefined;
afterEach(async () => {
  await project?.dispose();
  await server?.stop();
});

describe.each(wantedVersions)('on PostgreSQL %s', (version) => {
  const runs = hasPostgres(version) ? test : test.skip;
  runs('no row is lost that was committed while a release went live and back', async () => {
    server = await startPostgres(version);
    // Without a pg_dump that fits, sessions are ended for the moment of the clone.
    const ends = clientsFor(version) === null ? 'connection: { end_sessions: true }\n' : '';
    project = await makePostgresProject(server, {
      live,
      files,
      config: `${ends}migrate: { scripts: migrations/ }
simulate: { run: [logic/*.sql] }
compare: { input: [delivery.*] }
swap: { drift: replay, timeout: 60s }
`,
    });
    const writers = [startWriter(server, project.live, 1), startWriter(server, project.live, 2)];
    const past = async (more: number) => {
      const before = writers.map(({ acknowledged }) => acknowledged.length);
      for (const until = Date.now() + 60_000; ; await sleep(20)) {
        if (writers.every(({ acknowledged }, at) => acknowledged.length > (before[at] ?? 0) + more))
          return;
        if (Date.now() > until) throw new Error('The writers stand still');
      }
    };
    const lost = async () => {
      // What is acknowledged from here on may come after the look.
      const told = writers.flatMap(({ acknowledged }) => [...acknowledged]);
      const rows = (await project?.sql('select id from delivery.event')) ?? [];
      const there = new Set(rows.map(({ id }) => Number(id)));
      return told.filter((id) => !there.has(id));
    };

    await past(5);
    for (const step of ['clone', 'migrate', 'simulate', 'compare']) {
      await project.json(step, '-r', 'pr-1');
      await past(5);
    }
    const before = countOf(writers);
    const swap = await project.run('swap', '-r', 'pr-1');
    if (swap.exitCode !== 0) throw new Error(swap.stderr);
    expect(swap.stdout).toContain('replay was done');
    await past(20);
    expect(await lost()).toEqual([]);
    expect(
      await project.sql('select count(*) as n from delivery.event where note is null'),
    ).not.toEqual([{ n: '0' }]);
    const [late] = await project.sql(`select events from reports.kind where what = 'late'`);
    expect(Number(late?.events)).toBeGreaterThanOrEqual(before);

    const back = await project.run('rollback', '-r', 'pr-1', '--replay');
    if (back.exitCode !== 0) throw new Error(back.stderr);
    expect(back.stdout).toContain('The rows of delivery.event came along.');
    await past(20);
    for (const writer of writers) await writer.end();
    expect(await lost()).toEqual([]);
    await expect(project.sql('select note from delivery.event')).rejects.toThrow(/note/);
    expect(countOf(writers)).toBeGreaterThan(100);
  });
});

/** Writes rows with numbers of its own; a number is acknowledged once the server has said that it is committed. */
function startWriter({ connection }: PostgresServer, database: string, nth: number) {
  const acknowledged: number[] = [];
  let isOver = false;
  const work = (async () => {
    let client: pg.Client | null = null;
    for (let id = nth * 1_000_000; !isOver; ) {
      try {
        client ??= await connect({ ...connection, database });
        // Whether a row was committed whose answer was lost, nobody knows: it is written again.
        await client.query(
          "insert into delivery.event (id, what) values ($1, 'late') on conflict (id) do nothing",
          [id],
        );
        acknowledged.push(id);
        id += 1;
        await sleep(2);
      } catch (error) {
        const { code = '' } = error as { code?: string };
        if (/^(22|23|42)/.test(code)) throw error;
        client = null;
        await sleep(20);
      }
    }
    await client?.end();
  })();
  return {
    acknowledged,
    end: async () => {
      isOver = true;
      await work;
    },
  };
}

function countOf(writers: readonly { readonly acknowledged: readonly number[] }[]): number {
  return writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
}

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
