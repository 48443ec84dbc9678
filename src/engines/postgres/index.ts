import { UsageError } from '../../errors.ts';
import type { Engine, EngineSettings } from '../engine.ts';
import { postgresBitemporal } from './bitemporal.ts';
import { postgresCatalog } from './catalog.ts';
import { postgresComparer } from './comparison.ts';
import { postgresDatabases } from './databases.ts';
import { postgresExaminer } from './examiner.ts';
import { isPlace, locationOf, placeOf, quote } from './names.ts';
import { type PostgresOptions, readOptions } from './options.ts';
import { postgresPlaces } from './places.ts';
import { postgresReplay } from './replay.ts';
import { postgresScripts } from './scripts.ts';
import { optionsAt } from './servers.ts';
import { postgresStores } from './store.ts';
import { storePlaceOf } from './store-place.ts';
import { postgresSwap } from './swap.ts';
import { tracesOf } from './traces.ts';

/** PostgreSQL: live is a database of a cluster, or a schema of a database; all work happens in the server. */
export async function createPostgres(settings: EngineSettings): Promise<Engine> {
  const options = readOptions(settings, process.env);
  requirePlace('live', settings.live);
  requirePlace('ledger', settings.ledger ?? 'greenlight');
  const places = postgresPlaces(settings.live, options);
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
    name: 'postgres',
    capabilities: { transactionalDdl: true, swapKeepsReaders: false, readsBehindFence: true },
    places,
    databases: postgresDatabases(options, places.live),
    catalog: postgresCatalog(options, places),
    scripts: postgresScripts(options),
    comparison: postgresComparer(options, places.live),
    bitemporal: postgresBitemporal(options, places),
    swap: postgresSwap(options),
    replay: postgresReplay(options),
    stores: postgresStores(locationOf(ledger), options),
    examiner: postgresExaminer({ live, ledger: storePlaceOf(locationOf(ledger)), options }),
    commandEnvironment: (at) => environmentOf(at, options),
    traces: () => tracesOf(live),
  };
}

function requirePlace(key: 'live' | 'ledger', written: string): void {
  if (isPlace(written)) {
    if (placeOf(written).server === null) return;
    throw new UsageError({
      what: `\`${key}\` stands on the server of the connection, and names another one.`,
      where: `greenlight.yml: ${key}`,
      help: 'Write its server in `connection`; a name with an @ in it stands in double quotes.',
    });
  }
  throw new UsageError({
    what: `\`${key}\` is neither a database nor a schema of one.`,
    where: `greenlight.yml: ${key}`,
    help: 'Write shop, or shop.sales for one schema of it; a name with a dot or an @ in it stands in double quotes.',
  });
}

/** What libpq and everything built on it reads. A service or an address of its own would outweigh it. */
function environmentOf(
  at: string,
  ofConnection: PostgresOptions,
): Record<string, string | undefined> {
  const place = placeOf(at);
  const { database, schema } = place;
  const options = optionsAt(ofConnection, place);
  return {
    GREENLIGHT_DATABASE: at,
    GREENLIGHT_ENGINE: 'postgres',
    PGHOST: options.host,
    PGPORT: String(options.port),
    PGUSER: options.user,
    PGDATABASE: database,
    PGSERVICE: undefined,
    PGSERVICEFILE: undefined,
    PGHOSTADDR: undefined,
    PGSSLMODE: options.tls.mode,
    ...(options.password === null
      ? { PGPASSFILE: options.passfile }
      : { PGPASSWORD: options.password }),
    ...(schema === null ? {} : { PGOPTIONS: `-c search_path=${optionValue(quote(schema))}` }),
  };
}

/** In PGOPTIONS, a blank begins the next option. */
function optionValue(text: string): string {
  return text.replace(/[\\\s]/g, '\\$&');
}
