import { locationOf, placeOf, quote } from '../../src/engines/postgres/names.ts';
import { createEngine } from '../../src/engines/registry.ts';
import type { PostgresServer, PostgresVersion } from '../support/postgres-server.ts';
import type { Harness, Scratch } from './harness.ts';
import { postgres } from './postgres.ts';

/** Candidates and ledger are on one server, and baselines on another one, where texts have another order. */
export function postgresAcross(
  own: () => PostgresServer,
  other: () => PostgresServer,
  version: PostgresVersion,
): Harness {
  const here = postgres(own, 'database', version);
  const there = postgres(other, 'database', version);
  return { ...here, start: async () => across(await here.start(), await there.start(), other()) };
}

/** A name that has to be quoted. */
const server = 'the.other';

async function across(here: Scratch, there: Scratch, other: PostgresServer): Promise<Scratch> {
  const settings = { ...here.recipe.settings, servers: { [server]: other.connection } };
  const engine = await createEngine('postgres', settings);
  const of = (location: string) => (placeOf(location).server === null ? here : there);
  const within = (location: string) => locationOf({ ...placeOf(location), server: null });
  const baseline = (release: string) =>
    locationOf({ ...placeOf(there.engine.places.baseline(release)), server });
  return {
    ...here,
    engine: { ...engine, places: { ...engine.places, baseline } },
    recipe: { engine: 'postgres', settings },
    create: async (location, sql) => {
      const { database, server: named } = placeOf(location);
      if (named !== null)
        await other.sql('postgres', `create database ${quote(database)} ${otherOrder}`);
      await of(location).create(within(location), sql);
    },
    sql: (location, sql) => of(location).sql(within(location), sql),
    client: (location, access) => of(location).client(within(location), access),
    fingerprint: (location) => of(location).fingerprint(within(location)),
    dispose: async () => {
      await here.dispose();
      await there.dispose();
    },
  };
}

const otherOrder = `template template0 encoding 'UTF8' locale 'C.UTF-8' locale_provider icu icu_locale 'en-US'`;
