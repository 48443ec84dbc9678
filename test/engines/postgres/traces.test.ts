import { expect, test } from '@jest/globals';
import { commandEnvironment } from '../../../src/command.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';

const engineFor = (live: string): Promise<Engine> =>
  createEngine('postgres', {
    root: '.',
    live,
    ledger: null,
    connection: { host: 'db.example', port: 5433, user: 'release', password: 'only for tests' },
  });

const environment = (engine: Engine, base: Record<string, string>) =>
  commandEnvironment(base, {
    add: engine.commandEnvironment(engine.places.candidate('PR 1')),
    forbiddenValues: engine.traces(),
    forbiddenNames: [],
  });

const toLive = {
  DB_NAME: 'shop',
  URL: 'postgres://app:word@db.example:5432/shop',
  URL_OF_ALCHEMY: 'postgresql+psycopg://db.example/shop?sslmode=require',
  JDBC: 'jdbc:postgresql://db.example/shop',
  SOCKET: 'postgresql:///shop?host=/run',
  ENCODED: encodeURIComponent('postgres://db.example/shop'),
  CONNINFO: "host=db.example dbname='shop' user=app",
  NPGSQL: 'Host=db.example;Database=shop;Username=app',
  JSON_OPTIONS: '{"host":"db.example","database":"shop"}',
};
const harmless = {
  PATH: '/opt/shop/bin:/home/shop/bin:/usr/bin',
  PWD: '/builds/acme/shop',
  REPOSITORY: 'acme/shop',
  PROJECT_URL: 'https://git.example/shop',
  OTHER_DATABASE: 'postgres://db.example/shop_reports',
  OTHER_NAME: 'shop2',
};
const misleading = {
  PGSERVICE: 'production',
  PGSERVICEFILE: '/etc/s.conf',
  PGHOSTADDR: '10.0.0.1',
};

test('a command reaches the candidate, and no variable leads it to live', async () => {
  const base = { ...toLive, ...harmless, ...misleading, PGDATABASE: 'shop', PGHOST: 'elsewhere' };
  const { env, dropped } = environment(await engineFor('shop'), base);
  expect(dropped).toEqual([...Object.keys(toLive), ...Object.keys(misleading)].sort());
  expect(env).toMatchObject({
    ...harmless,
    GREENLIGHT_DATABASE: 'shop__PR 1__candidate',
    PGDATABASE: 'shop__PR 1__candidate',
    PGHOST: 'db.example',
    PGPORT: '5433',
    PGUSER: 'release',
  });
});

test('of a schema, the command gets its search path, whatever letters the name has', async () => {
  const { DB_NAME, ...connections } = toLive;
  const toSchema = {
    SCHEMA: 'Sales',
    LOCATION: 'shop.Sales',
    OPTIONS: '-c search_path=public,Sales',
    ADDRESS: 'jdbc:postgresql://db.example/other?currentSchema=Sales',
  };
  const base = {
    ...connections,
    ...toSchema,
    DB_NAME,
    ...harmless,
    PGOPTIONS: '-c search_path=Sales',
  };
  const { env, dropped } = environment(await engineFor('shop.Sales'), base);
  expect(dropped).toEqual([...Object.keys(connections), ...Object.keys(toSchema)].sort());
  expect(env).toMatchObject({
    ...harmless,
    DB_NAME: 'shop',
    PGDATABASE: 'shop',
    PGOPTIONS: '-c search_path="Sales__PR\\ 1__candidate"',
  });
});
