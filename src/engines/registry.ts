import { UsageError } from '../errors.ts';
import type { Engine, EngineSettings } from './engine.ts';
import { type EngineName, isEngineName } from './names.ts';

type EngineFactory = (settings: EngineSettings) => Promise<Engine>;

/** The only place that names the engines' modules; each is loaded, driver included, when it is used. */
const factories: Record<EngineName, () => Promise<EngineFactory>> = {
  duckdb: async () => (await import('./duckdb/index.ts')).createDuckdb,
  snowflake: async () => (await import('./snowflake/index.ts')).createSnowflake,
  postgres: async () => (await import('./postgres/index.ts')).createPostgres,
  sqlserver: async () => (await import('./sqlserver/index.ts')).createSqlserver,
};

/** @throws UsageError for connection options that the engine does not know. */
export async function createEngine(name: string, settings: EngineSettings): Promise<Engine> {
  if (!isEngineName(name)) throw new Error(`No engine is called ${name}`);
  const create = await factories[name]();
  const engine = await create(settings);
  if (engine.places.given !== undefined || Object.keys(settings.servers ?? {}).length === 0)
    return engine;
  throw new UsageError({
    what: `With ${name}, there are no other servers than that of the connection.`,
    where: 'greenlight.yml: connection.servers',
    help: 'Remove `servers`.',
  });
}
