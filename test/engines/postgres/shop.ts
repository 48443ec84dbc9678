import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Engine } from '../../../src/engines/engine.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import type { Recipe } from '../../conformance/harness.ts';
import { isGate } from '../../support/gate.ts';
import type { PostgresServer, PostgresVersion } from '../../support/postgres-server.ts';
import { hasPostgres } from '../../support/postgres-server.ts';

/** A live database of its own in a cluster, and the engine for it. */
export interface Shop {
  readonly live: string;
  readonly candidate: string;
  readonly previous: string;
  readonly recipe: Recipe;
  readonly engine: Engine;
  /** The same database by other options of the connection. */
  engineWith(connection: Record<string, string | boolean | number>): Promise<Engine>;
  /** For another live of the same cluster: a schema of the database. */
  engineFor(live: string, connection?: Record<string, string>): Promise<Engine>;
  sql(database: string, sql: string): Promise<Record<string, unknown>[]>;
  /** A session of another program. */
  session(database: string, application?: string, user?: string): Promise<pg.Client>;
  databases(): Promise<string[]>;
  dispose(): Promise<void>;
}

/** In the gate, 15 is left to its conformance suite. */
export const wantedVersions: readonly PostgresVersion[] = isGate ? [18] : [18, 15];
export const versions = wantedVersions.filter(hasPostgres);

let shops = 0;

export async function openShop(server: PostgresServer, tables: string): Promise<Shop> {
  shops += 1;
  const live = `shop${process.pid}_${shops}`;
  const root = await mkdtemp(join(tmpdir(), 'greenlight-shop-'));
  const settings = { root, live, ledger: `${live}_ledger`, connection: server.connection };
  const engine = await createEngine('postgres', settings);
  const clients: pg.Client[] = [];
  await server.sql('postgres', `create database ${live}`);
  await server.sql(live, tables);
  const databases = async () =>
    (await server.sql('postgres', 'select datname from pg_database order by 1')).map(
      ({ datname }) => String(datname),
    );
  return {
    live,
    candidate: engine.places.candidate('r'),
    previous: engine.places.previous('r'),
    recipe: { engine: 'postgres', settings },
    engine,
    engineWith: (more) =>
      createEngine('postgres', { ...settings, connection: { ...server.connection, ...more } }),
    engineFor: (other, more = {}) =>
      createEngine('postgres', {
        ...settings,
        live: other,
        connection: { ...server.connection, ...more },
      }),
    sql: (database, sql) => server.sql(database, sql),
    session: async (database, application = 'web', user = server.user) => {
      const client = new pg.Client({
        ...server.connection,
        user,
        database,
        application_name: application,
        types: { getTypeParser: () => (text: string) => text },
      });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
      return client;
    },
    databases,
    dispose: async () => {
      for (const client of clients) await client.end().catch(() => undefined);
      for (const name of await databases()) {
        if (name.startsWith(live) || name.startsWith('greenlight~'))
          await server.sql('postgres', `drop database if exists "${name}" with (force)`);
      }
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Waits until it is so. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}
