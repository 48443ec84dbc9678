import { UsageError } from '../errors.ts';
import type { Engine, EngineSettings } from './engine.ts';

type EngineFactory = (settings: EngineSettings) => Promise<Engine>;

/** The only place that names the engines' modules; each is loaded, driver included, when it is used. */
const factories: Record<string, () => Promise<EngineFactory>> = {
  duckdb: async () => (await import('./duckdb/index.ts')).createDuckdb,
  snowflake: async () => (await import('./snowflake/index.ts')).createSnowflake,
  postgres: async () => (await import('./postgres/index.ts')).createPostgres,
  sqlserver: async () => (await import('./sqlserver/index.ts')).createSqlserver,
};

/** All that there are. */
export const engineNames: readonly string[] = Object.keys(factories).sort();

/** @throws UsageError for connection options that the engine does not know. */
export async function createEngine(name: string, settings: EngineSettings): Promise<Engine> {
  const load = factories[name];
  if (load === undefined) throw new Error(`No engine is called ${name}`);
  const create = await load();
  const engine = await create(settings);
  if (engine.places.given !== undefined || Object.keys(settings.servers ?? {}).length === 0)
    return engine;
  throw new UsageError({
    what: `With ${name}, there are no other servers than that of the connection.`,
    where: 'greenlight.yml: connection.servers',
    help: 'Remove `servers`.',
  });
}
