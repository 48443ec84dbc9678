import { afterEach, expect, jest, test } from '@jest/globals';
import { makePostgresProject, type PostgresProject } from '../../support/postgres-project.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';

jest.setTimeout(400_000);

const live = `create schema delivery; create schema reports;
create table delivery.event (id bigserial primary key, what text not null);
create table delivery.large (id integer primary key, v text);
create table reports.kind (what text primary key, events bigint not null);
insert into delivery.event (what) select case i when 1 then 'late' else 'early' end from generate_series(1, 50) as i;
insert into delivery.large select i, 'v' from generate_series(1, 5000) as i;
insert into reports.kind values ('early', 49)`;

const files = {
  'logic/kinds.sql': `delete from reports.kind;
insert into reports.kind select what, count(*) from delivery.event group by what;
`,
  'greenlight.expected.yml': `version: 1
tables:
  reports.kind: { rows: { added: { where: "new.what = 'late'", at_most: 1 } } }
`,
};

let server: PostgresServer | undefined;
let project: PostgresProject | undefined;
afterEach(async () => {
  await project?.dispose();
  await server?.stop();
});

test('a release catches up with the tables that the log names, and reads no others', async () => {
  server = await startPostgres(18);
  project = await makePostgresProject(server, {
    live,
    files,
    config: `connection: { drift_slot: clone }
clone: { method: template }
simulate: { run: [logic/*.sql] }
compare: { input: [delivery.*] }
swap: { drift: replay }
`,
  });
  for (const step of ['clone', 'simulate', 'compare']) await project.json(step, '-r', 'pr-1');
  await project.sql(`insert into delivery.event (what) values ('late'), ('late')`);
  const swap = await project.run('swap', '-r', 'pr-1');
  if (swap.exitCode !== 0) throw new Error(swap.stderr);
  const told = [...swap.stderr.matchAll(/only these are read: (.*)\.$/gm)].map(
    ([, names]) => names,
  );
  // Once when drift is found, once when the baseline is proven to be what live is.
  expect(told).toEqual(['delivery.event', 'delivery.event']);
  expect(await project.sql('select what, events from reports.kind order by 1')).toEqual([
    { what: 'early', events: '49' },
    { what: 'late', events: '3' },
  ]);
  expect(await project.sql('select count(*) as n from delivery.event')).toEqual([{ n: '52' }]);
  expect(await project.sql('select slot_name from pg_replication_slots')).toEqual([]);
});
