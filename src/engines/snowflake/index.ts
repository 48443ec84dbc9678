import { UsageError } from '../../errors.ts';
import type { Engine, EngineSettings } from '../engine.ts';
import { snowflakeBitemporal } from './bitemporal.ts';
import { snowflakeCatalog } from './catalog.ts';
import { snowflakeComparer } from './comparison.ts';
import { costs } from './costs.ts';
import { snowflakeDatabases } from './databases.ts';
import { snowflakeExaminer } from './examiner.ts';
import { isPlace, locationOf, placeOf } from './names.ts';
import { readOptions, type SnowflakeOptions } from './options.ts';
import { snowflakePlaces } from './places.ts';
import { snowflakeReplay } from './replay.ts';
import { snowflakeScripts } from './scripts.ts';
import { snowflakeStores } from './store.ts';
import { storePlaceOf } from './store-place.ts';
import { snowflakeSwap } from './swap.ts';
import { tracesOf } from './traces.ts';
import { warningsOf } from './warnings.ts';

/** Snowflake: live is a database of an account, or a schema of a database; all work happens in the warehouse. */
export async function createSnowflake(settings: EngineSettings): Promise<Engine> {
  const options = readOptions(settings, process.env);
  requirePlace('live', settings.live);
  requirePlace('ledger', settings.ledger ?? 'greenlight');
  const places = snowflakePlaces(settings.live);
  const ledger = placeOf(settings.ledger ?? 'greenlight');
  const live = placeOf(places.live);
  const isWithin = live.schema === null || [null, live.schema].includes(ledger.schema);
  if (ledger.database === live.database && isWithin) {
    throw new UsageError({
      what: `Live and the ledger are the same ${live.schema === null ? 'database' : 'schema'}.`,
      where: 'greenlight.yml: ledger',
      help: 'Give `ledger` a database of its own: nothing is written to live before the swap.',
    });
  }
  return {
    name: 'snowflake',
    capabilities: {
      transactionalDdl: false,
      swapKeepsReaders: false,
      readsBehindFence: true,
      comparesHashes: true,
      fenceKeepsWriters: false,
    },
    places,
    scripts: snowflakeScripts(options),
    comparison: snowflakeComparer(options, locationOf(ledger)),
    bitemporal: snowflakeBitemporal(options, places),
    replay: snowflakeReplay(options),
    stores: snowflakeStores(locationOf(ledger), options),
    databases: snowflakeDatabases(options),
    catalog: snowflakeCatalog(options, places),
    swap: snowflakeSwap(options),
    examiner: snowflakeExaminer({ live, ledger: storePlaceOf(locationOf(ledger)), options }),
    commandEnvironment: (at) => environmentOf(at, options),
    warnings: () => warningsOf(options).map(({ what, help }) => `${what} ${help}`),
    costs: () => costs(options, ledger),
    traces: () => tracesOf(live),
  };
}

function requirePlace(key: 'live' | 'ledger', written: string): void {
  if (isPlace(written)) return;
  throw new UsageError({
    what: `\`${key}\` is neither a database nor a schema of one.`,
    where: `greenlight.yml: ${key}`,
    help: 'Write shop, or shop.sales for one schema of it; other names than plain ones stand in double quotes, as in SQL.',
  });
}

/** What Snowflake's own tools and connectors read. */
function environmentOf(at: string, options: SnowflakeOptions): Record<string, string | undefined> {
  const { database, schema } = placeOf(at);
  const given = {
    SNOWFLAKE_USER: options.user,
    SNOWFLAKE_ROLE: options.role,
    SNOWFLAKE_WAREHOUSE: options.warehouse,
    SNOWFLAKE_SCHEMA: schema,
  };
  return {
    GREENLIGHT_DATABASE: at,
    GREENLIGHT_ENGINE: 'snowflake',
    SNOWFLAKE_ACCOUNT: options.account,
    SNOWFLAKE_DATABASE: database,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)),
  } as Record<string, string | undefined>;
}
