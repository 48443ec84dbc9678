import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Engine, ExaminationOptions, Finding } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { freePort, type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { openShop, type Shop, versions } from './shop.ts';

/** The script of the documentation, word by word. */
const [, script = ''] =
  /## Privileges[\s\S]*?```sql\n([\s\S]*?)```/.exec(readFileSync('docs/postgres.md', 'utf8')) ?? [];

const tables = `create table orders (id serial primary key, item text);
  create table lines (id integer references orders); create view seen as select * from orders;
  insert into orders (item) values ('a'), ('b'); insert into lines values (1)`;

async function examine(engine: Engine, options: Partial<ExaminationOptions> = {}) {
  const findings: Finding[] = [];
  const all = { method: 'auto', copies: 2, replays: true, ...options };
  for await (const finding of engine.examiner.examine(all)) findings.push(finding);
  return findings;
}

/** What stands in the way, but for programs that this machine lacks. */
function wrong(findings: readonly Finding[]): Finding[] {
  return findings.filter(
    ({ verdict, subject }) =>
      ['warning', 'fault'].includes(verdict) && subject !== 'pg_dump and pg_restore',
  );
}

function told(findings: readonly Finding[]): string[] {
  return wrong(findings).map(({ part, subject, verdict }) => `${part}: ${subject}: ${verdict}`);
}

/** The statements that a finding tells to run. */
function statements(findings: readonly Finding[]): string[] {
  return wrong(findings).flatMap(
    ({ help }) =>
      help?.match(/\b(?:GRANT|CREATE ROLE|ALTER (?:ROLE|DATABASE|SCHEMA)) [^;]+;/g) ?? [],
  );
}

interface Lack {
  readonly name: string;
  /** What takes it away; `LIVE` stands for the database. */
  readonly without: string;
  /** Runs in live first. */
  readonly live?: string;
  /** Gives back what the statements of the help did not. */
  readonly after?: string;
  readonly told: readonly string[];
  /** Of the statements that help. */
  readonly helps: RegExp;
  readonly since?: number;
}

const lacks: readonly Lack[] = [
  {
    name: 'to make databases',
    without: 'alter role release_user nocreatedb',
    told: ['databases: right to make databases: fault', 'stores: place of the ledger: fault'],
    helps: /ALTER ROLE "release_user" CREATEDB;/,
  },
  {
    name: 'to do what the owner of live may',
    without: 'revoke shop_owner from release_user',
    told: [
      'databases: ownership of live: fault',
      'databases: what only some may restore: warning',
      'swap: locks on tables: fault',
    ],
    helps: /GRANT "shop_owner" TO "release_user"/,
  },
  {
    name: 'to read a table of somebody else',
    without: 'revoke pg_read_all_data from release_user',
    live: `create table foreigner (id integer); alter table foreigner owner to other_owner;
      grant other_owner to release_user; revoke all on foreigner from other_owner;
      grant update on foreigner to release_user; create schema hidden; create sequence hidden.numbers;
      alter schema hidden owner to other_owner; alter sequence hidden.numbers owner to other_owner;
      revoke all on schema hidden from other_owner; revoke all on sequence hidden.numbers from other_owner`,
    after: 'revoke other_owner from release_user',
    told: ['catalog: reading of tables: fault'],
    helps:
      /GRANT USAGE ON SCHEMA "hidden" TO "release_user";\nGRANT SELECT ON "public"."foreigner" TO "release_user";\nGRANT SELECT ON SEQUENCE "hidden"."numbers" TO "release_user";/,
  },
  {
    name: 'to see rows that a policy hides',
    without: 'alter role release_user nobypassrls',
    live: 'alter table orders enable row level security; alter table orders force row level security',
    told: ['catalog: row-level policies: fault'],
    helps: /ALTER ROLE "release_user" BYPASSRLS;/,
  },
  {
    name: 'to read large objects',
    without: 'revoke pg_read_all_data from release_user',
    live: 'set role shop_owner; select lo_create(0); reset role',
    told: ['catalog: large objects: fault'],
    helps: /GRANT SELECT ON pg_catalog.pg_largeobject TO "release_user";/,
  },
  {
    name: 'to end sessions',
    without: 'revoke pg_signal_backend from release_user',
    told: ['swap: right to end sessions: warning'],
    helps: /GRANT pg_signal_backend TO "release_user";/,
  },
  {
    name: 'to make temporary tables',
    without: 'revoke temporary on database LIVE from public, shop_owner',
    told: ['comparison: temporary tables: fault'],
    helps: /GRANT TEMPORARY ON DATABASE "shop\w+" TO "release_user";/,
  },
  {
    name: 'to connect to live',
    without: 'revoke connect on database LIVE from public, shop_owner',
    told: ['connection: session on live: fault'],
    helps: /GRANT CONNECT ON DATABASE "shop\w+" TO "release_user";/,
  },
  {
    name: 'to bring rows past triggers',
    without: 'revoke set on parameter session_replication_role from release_user',
    told: ['replay: rows past triggers and foreign keys: warning'],
    helps: /GRANT SET ON PARAMETER session_replication_role TO "release_user";/,
  },
  {
    name: 'to ask for checkpoints, and to note what was copied',
    without:
      'revoke pg_checkpoint from release_user; revoke set on parameter greenlight.copied from release_user',
    told: ['comparison: proof by lineage: warning'],
    helps:
      /GRANT pg_checkpoint TO "release_user";\nGRANT SET ON PARAMETER greenlight.copied TO "release_user";/,
    since: 17,
  },
  {
    name: 'to have the server decode its log',
    without: 'alter role release_user noreplication',
    told: ['swap: logical decoding: warning'],
    helps: /ALTER ROLE "release_user" REPLICATION;/,
  },
  {
    name: 'as many connections as a release takes',
    without: 'alter role release_user connection limit 3',
    told: ['connection: connections: fault'],
    helps: /ALTER ROLE "release_user" CONNECTION LIMIT -1;/,
  },
  {
    name: 'to write by default',
    without: 'alter role release_user set default_transaction_read_only = on',
    told: ['connection: sessions that write: warning'],
    helps: /ALTER ROLE "release_user" SET default_transaction_read_only = off;/,
    after: 'alter role release_user reset default_transaction_read_only',
  },
];

describe.each(versions)('PostgreSQL %s', (version) => {
  let server: PostgresServer;
  let shop: Shop;
  beforeAll(async () => {
    server = await startPostgres(version);
    await server.sql(
      'postgres',
      `create role shop_owner; create role other_owner; create role app login password 'only for tests'; ${script}`,
    );
    await server.sql('postgres', `alter role release_user password 'only for tests'`);
  });
  afterEach(() => shop.dispose());
  afterAll(() => server.stop());

  async function openOwned(): Promise<Engine> {
    shop = await openShop(server, '');
    await shop.sql('postgres', `alter database ${shop.live} owner to shop_owner`);
    await shop.sql(shop.live, `set role shop_owner; ${tables}`);
    return shop.engineWith({ user: 'release_user' });
  }

  test('nothing is wrong with what the documentation grants, and nothing is written', async () => {
    const engine = await openOwned();
    const before = [await engine.databases.identify(shop.live), await shop.databases()];
    const findings = await examine(engine);
    expect(told(findings)).toEqual([]);
    const unknown = findings.filter(({ verdict }) => verdict === 'unknown');
    expect(unknown.map(({ subject, help }) => [subject, help])).toEqual([
      ['free disk space', expect.stringContaining('GRANT pg_read_all_settings TO "release_user"')],
    ]);
    expect(
      findings.map(({ part }) => part).filter((part, at, all) => part !== all[at - 1]),
    ).toEqual(['connection', 'databases', 'catalog', 'comparison', 'swap', 'replay', 'stores']);
    expect([await engine.databases.identify(shop.live), await shop.databases()]).toEqual(before);
  });

  test('nor with a superuser', async () => {
    await openOwned();
    const findings = await examine(shop.engine);
    expect(told(findings)).toEqual([]);
    expect(findings.filter(({ verdict }) => verdict === 'unknown')).toEqual([]);
  });

  test.each(lacks.filter(({ since = 0 }) => version >= since))(
    'a user who lacks the right $name is told the statement that gives it',
    async ({ without, live = '', after = '', told: expected, helps }) => {
      const engine = await openOwned();
      await shop.sql(shop.live, `${live}; select 1`);
      try {
        await shop.sql(shop.live, without.replace('LIVE', shop.live));
        const findings = await examine(engine);
        expect(told(findings)).toEqual(expected);
        expect(
          wrong(findings)
            .map(({ help }) => help)
            .join('\n'),
        ).toMatch(helps);
        for (const statement of statements(findings)) await shop.sql(shop.live, statement);
        expect(told(await examine(engine))).toEqual([]);
      } finally {
        await server.sql('postgres', `${after}; ${restore}`);
      }
    },
  );

  test('a user who is a member of the owner, and has not its privileges', async () => {
    const engine = await openOwned();
    const without =
      version >= 16
        ? 'revoke shop_owner from release_user; grant shop_owner to release_user with inherit false'
        : 'alter role release_user noinherit';
    await shop.sql('postgres', without);
    try {
      const findings = await examine(engine);
      expect(told(findings)).toContain('databases: ownership of live: fault');
      const help = findings.find(({ subject }) => subject === 'ownership of live')?.help;
      expect(help).toMatch(
        version >= 16 ? /WITH INHERIT TRUE/ : /ALTER ROLE "release_user" INHERIT/,
      );
      await shop.sql(shop.live, statements(findings).join(''));
      expect(told(await examine(engine))).toEqual([]);
    } finally {
      await server.sql(
        'postgres',
        `revoke shop_owner from release_user; alter role release_user inherit; ${restore}`,
      );
    }
  });

  test('sessions on live that may not be ended are named', async () => {
    const engine = await openOwned();
    await shop.session(shop.live, 'psql of an administrator');
    expect(told(await examine(engine, { method: 'dump' }))).toContain(
      'swap: right to end sessions: warning',
    );
    await shop.sql('postgres', 'revoke pg_signal_backend from release_user');
    try {
      const ending = (await examine(engine)).find(
        ({ subject }) => subject === 'right to end sessions',
      );
      expect(ending?.verdict).toBe('fault');
      expect(ending?.found).toContain('psql of an administrator');
    } finally {
      await server.sql('postgres', restore);
    }
  });

  test('what only a superuser restores matters when live is dumped', async () => {
    const engine = await openOwned();
    await shop.sql(
      shop.live,
      `create extension file_fdw; create function noted() returns event_trigger language plpgsql as 'begin end';
       create event trigger noting on ddl_command_end execute function noted(); alter function noted owner to shop_owner`,
    );
    const restoring = async (method: string) =>
      (await examine(engine, { method })).find(
        ({ subject }) => subject === 'what only some may restore',
      );
    expect(await restoring('template')).toBeUndefined();
    expect((await restoring('auto'))?.verdict).toBe('warning');
    const dumped = await restoring('dump');
    expect(dumped?.verdict).toBe('fault');
    expect(dumped?.found).toContain('event trigger noting, extension file_fdw');
    expect(dumped?.help).toMatch(/^No privilege should allow the rest/);
  });

  test('a dump where the client programs are not', async () => {
    await openOwned();
    const engine = await shop.engineWith({ user: 'release_user', client_path: '/nowhere' });
    expect(told(await examine(engine, { method: 'dump' }))).toEqual([
      'databases: way to clone: fault',
    ]);
    const clients = (await examine(engine, { method: 'auto' })).find(
      ({ subject }) => subject === 'pg_dump and pg_restore',
    );
    expect(clients?.verdict).toBe('warning');
    expect(clients?.help).toContain(`postgresql-client-${version}`);
  });

  test('what holds a database, or belongs to this one only', async () => {
    const engine = await openOwned();
    await shop.sql(
      shop.live,
      `select pg_create_logical_replication_slot('cdc_${version}', 'test_decoding')`,
    );
    try {
      const findings = await examine(engine);
      expect(told(findings)).toEqual(['databases: what a clone cannot have: warning']);
      expect(wrong(findings)[0]?.found).toContain(`replication slot cdc_${version}`);
    } finally {
      await shop.sql(shop.live, `select pg_drop_replication_slot('cdc_${version}')`);
    }
  });

  test('the place of the ledger', async () => {
    await openOwned();
    const ops = `${shop.live}_ops`;
    await shop.sql('postgres', `create database ${ops}`);
    const engine = await createEngine('postgres', {
      ...shop.recipe.settings,
      ledger: `${ops}.kept`,
      connection: { ...server.connection, user: 'release_user' },
    });
    for (const before of ['', 'create schema kept']) {
      await shop.sql(ops, `${before}; select 1`);
      const findings = await examine(engine);
      expect(told(findings)).toEqual(['stores: place of the ledger: fault']);
      await shop.sql(ops, statements(findings).join(''));
      expect(told(await examine(engine))).toEqual([]);
      await shop.sql(ops, `revoke create on database ${ops} from release_user`);
    }
  });

  test('a schema as live', async () => {
    await openOwned();
    await shop.sql(
      shop.live,
      `create schema sales; set search_path = sales; ${tables}; create view public.outside as select * from sales.orders`,
    );
    const engine = await shop.engineFor(`${shop.live}.sales`, { user: 'release_user' });
    await shop.sql(shop.live, `revoke create on database ${shop.live} from shop_owner`);
    const findings = await examine(engine);
    expect(told(findings)).toEqual([
      'databases: right to make schemas: fault',
      'databases: ownership of live: fault',
      'swap: locks on tables: fault',
      'swap: what other schemas use: fault',
    ]);
    await shop.sql(shop.live, 'drop view public.outside');
    // It belongs to a superuser, of whom nobody should be made a member.
    expect(statements(findings).join('\n')).toContain(
      'ALTER SCHEMA "sales" OWNER TO "sales_owner";',
    );
    expect(statements(findings).join('\n')).not.toContain('GRANT "release" TO');
    await shop.sql(shop.live, statements(findings).join(''));
    expect(told(await examine(engine))).toEqual([]);
    await shop.sql(
      shop.live,
      `create table public.country (code text primary key); create table sales.paid (c text references public.country);
       create table public.base (a integer); create table sales.heir () inherits (public.base); grant select on all tables in schema sales to release_user`,
    );
    const shared = await examine(engine);
    for (const [subject, verdict, found] of [
      ['tables of several schemas', 'fault', 'table public.base'],
      ['foreign keys to other schemas', 'warning', 'paid.paid_c_fkey (public.country)'],
    ] as const) {
      expect(shared.find((one) => one.subject === subject)).toMatchObject({
        verdict,
        found: expect.stringContaining(found),
      });
    }
    await shop.sql(shop.live, 'drop table sales.heir, sales.paid');
    const nowhere = await shop.engineFor(`${shop.live}.nowhere`, { user: 'release_user' });
    expect((await examine(nowhere)).map(({ found }) => found)).toEqual([
      `There is no schema nowhere in database ${shop.live}.`,
    ]);
  });

  test('a connection that does not come about is told, and nothing else', async () => {
    await openOwned();
    const port = await freePort();
    const first = async (connection: Record<string, string | number>) => {
      const findings = await examine(await shop.engineWith(connection));
      expect(findings.map(({ verdict }) => verdict)).toEqual(['fault']);
      const text = JSON.stringify(findings);
      expect(text).not.toMatch(/not the password|only for tests/);
      return text;
    };
    expect(await first({ password: 'not the password' })).toMatch(
      /does not take the password.*PGPASSWORD/,
    );
    expect(await first({ user: 'nobody_knows' })).toMatch(/does not take the password/);
    expect(await first({ port })).toMatch(/no PostgreSQL server to be reached.*PGHOST/);
    expect(await first({ sslmode: 'require' })).toMatch(/offers no TLS.*sslmode: prefer/);
    const nowhere = await shop.engineFor('nowhere');
    expect(JSON.stringify(await examine(nowhere))).toMatch(
      /There is no database nowhere.*Check `live`/,
    );
  });

  test('a console of PgBouncer that cannot be reached', async () => {
    await openOwned();
    const port = await freePort();
    const engine = await shop.engineWith({ user: 'release_user', pgbouncer: `127.0.0.1:${port}` });
    const findings = await examine(engine);
    expect(told(findings)).toEqual(['swap: console of PgBouncer: fault']);
    expect(wrong(findings)[0]?.help).toContain('admin_users');
  });

  test('a statement_timeout of the configuration', async () => {
    await openOwned();
    const findings = async (statement_timeout: string) =>
      examine(await shop.engineWith({ user: 'release_user', statement_timeout }));
    for (const [limit, about] of [
      ['30s', 'ended after 30 s'],
      ['0', 'no limit'],
    ] as const) {
      const found = await findings(limit);
      expect(told(found)).toEqual(['connection: statement_timeout: warning']);
      expect(wrong(found)[0]?.found).toContain(about);
    }
    expect(told(await findings('6h'))).toEqual([]);
  });
});

test.each(versions)('a standby of PostgreSQL %s only reads', async (version) => {
  const server = await startPostgres(version, { max_connections: '100' }, { standby: true });
  try {
    const engine = await createEngine('postgres', {
      root: '.',
      live: 'postgres',
      ledger: null,
      connection: server.connection,
    });
    const findings = await examine(engine);
    expect(told(findings)).toContain('connection: primary server: fault');
    expect(findings.find(({ subject }) => subject === 'primary server')?.help).toContain('PGHOST');
  } finally {
    await server.stop();
  }
});

/** What the documentation grants. */
const restore = `grant shop_owner to release_user; ${script.replace(/CREATE ROLE[^;]*;/, '')}
  alter role release_user createdb connection limit -1`;

test.each(versions)(
  'what a server of PostgreSQL %s lacks to tell drift by its log',
  async (version) => {
    const settings = { wal_level: 'replica', max_replication_slots: '2', max_wal_senders: '0' };
    const server = await startPostgres(version, settings);
    try {
      const about = async (driftSlot: string) => {
        const engine = await createEngine('postgres', {
          root: '.',
          live: 'postgres',
          ledger: null,
          connection: { ...server.connection, drift_slot: driftSlot },
        });
        const findings = await examine(engine);
        return findings.filter(({ subject }) => /decoding|slot/.test(subject));
      };
      expect(await about('swap')).toEqual([
        expect.objectContaining({
          verdict: 'warning',
          found: expect.stringMatching(/^wal_level is replica: .*row versions/),
          help: expect.stringMatching(/^[^\n]*ALTER SYSTEM SET wal_level = logical;$/),
        }),
      ]);
      const [few] = await about('clone');
      expect(few?.help).toMatch(/wal_level[^\n]*\n.*ALTER SYSTEM SET max_replication_slots = 3;$/);
      expect((await about('never')).map(({ verdict }) => verdict)).toEqual(['good']);
    } finally {
      await server.stop();
    }
  },
);

test.each(versions)('slots that PostgreSQL %s keeps for releases', async (version) => {
  // The server keeps log that it has not summarised yet, whatever the slot may keep.
  const server = await startPostgres(version, {
    max_replication_slots: '4',
    ...(version >= 17 ? { summarize_wal: 'off' } : {}),
  });
  try {
    const about = async (driftSlot: string) => {
      const engine = await createEngine('postgres', {
        root: '.',
        live: 'postgres',
        ledger: null,
        connection: { ...server.connection, drift_slot: driftSlot },
      });
      const findings = await examine(engine);
      return findings
        .filter(({ subject }) => /decoding|slot/.test(subject))
        .map(({ subject, verdict }) => [subject, verdict]);
    };
    const decodes = ['logical decoding', 'good'];
    expect(await about('auto')).toEqual([decodes, ['slot from the clone on', 'good']]);
    expect(await about('clone')).toEqual([decodes, ['slot from the clone on', 'warning']]);
    await server.sql(
      'postgres',
      `select pg_create_logical_replication_slot('greenlight_pr_1', 'test_decoding')`,
    );
    expect(await about('auto')).toEqual([
      decodes,
      ['slot from the clone on', 'good'],
      ['slots of releases', 'good'],
    ]);
    // As soon as more log is written than it may keep, it is lost.
    await server.sql('postgres', `alter system set max_slot_wal_keep_size = '1MB'`);
    await server.sql('postgres', 'select pg_reload_conf()');
    for (let segment = 0; segment < 3; segment++)
      await server.sql('postgres', `select pg_switch_wal(); create table t${segment} ()`);
    await server.sql('postgres', 'checkpoint');
    expect(await about('auto')).toEqual([
      decodes,
      ['slot from the clone on', 'good'],
      ['slots of releases', 'warning'],
    ]);
  } finally {
    await server.stop();
  }
});
