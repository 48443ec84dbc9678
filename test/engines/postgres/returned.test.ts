import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import {
  defaultLive,
  makePostgresProject,
  type PostgresProject,
} from '../../support/postgres-project.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';

jest.setTimeout(120_000);

let server: PostgresServer;
let project: PostgresProject | undefined;
beforeAll(async () => {
  server = await startPostgres(18);
});
afterEach(() => project?.dispose());
afterAll(() => server.stop());

/** As a client does that gets a number and then has to wait for the fence. */
const check = `import pg from '${import.meta.resolve('pg')}';
const client = new pg.Client({ database: process.env.PGDATABASE, ssl: false });
await client.connect();
await client.query("select nextval('public.ids') from generate_series(1, 5)");
await client.end();
process.exit(3);
`;

test('numbers that are drawn during a verification that fails do not keep the old database away, and are not given out again', async () => {
  project = await makePostgresProject(server, {
    live: `${defaultLive} create sequence public.ids;`,
    files: { 'logic/01_nothing.sql': 'select 1;\n', 'checks/check.mjs': check },
    config: `simulate: { run: [logic/*.sql] }
swap: { verify: [{ command: node checks/check.mjs, paths: [checks/check.mjs] }] }
`,
  });
  await project.sql("select nextval('public.ids')");
  for (const step of ['clone', 'simulate', 'compare']) await project.json(step, '-r', 'pr-1');
  const swap = await project.run('swap', '-r', 'pr-1', '--json');
  expect(JSON.parse(swap.stdout)).toMatchObject({
    error: { live: expect.stringContaining('live is the old database again') },
    verification: { returned: true },
  });
  expect(swap.stderr).toContain('go on from there in live: public.ids');
  expect(await project.sql("select nextval('public.ids') as id")).toEqual([{ id: '7' }]);
});
