import { UsageError } from '../../errors.ts';
import type { Engine, EngineSettings } from '../engine.ts';
import { sqlserverBitemporal } from './bitemporal.ts';
import { sqlserverCatalog } from './catalog.ts';
import { sqlserverComparer } from './comparison.ts';
import { sqlserverDatabases } from './databases.ts';
import { sqlserverExaminer } from './examiner.ts';
import { databaseOf, isDatabase } from './names.ts';
import { readOptions, type SqlserverOptions } from './options.ts';
import { sqlserverPlaces } from './places.ts';
import { sqlserverReplay } from './replay.ts';
import { sqlserverScripts } from './scripts.ts';
import { sqlserverStores } from './store.ts';
import { sqlserverSwap } from './swap.ts';
import { Synonyms } from './synonyms.ts';
import { throughSynonyms } from './through-synonyms.ts';
import { tracesOf } from './traces.ts';

/** SQL Server, Azure SQL Managed Instance and Azure SQL Database: live is a database of a server; all work happens in it. */
export async function createSqlserver(settings: EngineSettings): Promise<Engine> {
  const options = readOptions(settings, process.env);
  const written = settings.ledger ?? 'greenlight';
  requireDatabase('live', settings.live);
  requireDatabase('ledger', written);
  const places = sqlserverPlaces(settings.live);
  const ledger = databaseOf(written);
  // The collation of most servers does not tell the case of names.
  if (ledger.toLowerCase() === places.live.toLowerCase()) {
    throw new UsageError({
      what: 'Live and the ledger are the same database.',
      where: 'greenlight.yml: ledger',
      help: 'Give `ledger` a database of its own: nothing is written to live before the swap.',
    });
  }
  const synonyms = options.synonyms === null ? null : new Synonyms(options.synonyms, options);
  const databaseOfLive = async () => (await synonyms?.databaseAt(places.live)) ?? places.live;
  const engine: Engine = {
    name: 'sqlserver',
    capabilities: {
      // A script is one transaction; what SQL Server takes in none is refused there, and told.
      transactionalDdl: true,
      swapKeepsReaders: false,
      readsBehindFence: true,
      // The locks of the fence end before the renaming begins, by our hand in Azure, by SINGLE_USER elsewhere. Who has
      // waited for them may commit before their own session is ended.
      fenceKeepsWriters: false,
    },
    places,
    databases: sqlserverDatabases(options, places.live),
    catalog: sqlserverCatalog(options),
    scripts: sqlserverScripts(options),
    comparison: sqlserverComparer(options, places.live),
    bitemporal: sqlserverBitemporal(options),
    swap: sqlserverSwap(options),
    replay: sqlserverReplay(options),
    stores: sqlserverStores(ledger, options),
    commandEnvironment: (at) => environmentOf(databaseOf(at), options),
    traces: () => tracesOf(places.live),
    examiner: sqlserverExaminer({ options, ledger, databaseOfLive }),
  };
  return synonyms === null ? engine : throughSynonyms(engine, synonyms);
}

function requireDatabase(key: 'live' | 'ledger', written: string): void {
  if (isDatabase(written)) return;
  throw new UsageError({
    what: `\`${key}\` is not the name of a database.`,
    where: `greenlight.yml: ${key}`,
    help: 'Write shop; a name with a dot in it stands in brackets: "[shop.eu]". A schema of SQL Server has no second name to be swapped with.',
  });
}

/** What `sqlcmd` reads. */
function environmentOf(
  database: string,
  options: SqlserverOptions,
): Record<string, string | undefined> {
  const { host, port, instance, login } = options;
  return {
    GREENLIGHT_DATABASE: database,
    GREENLIGHT_ENGINE: 'sqlserver',
    SQLCMDSERVER: instance === null ? `${host},${port}` : `${host}\\${instance}`,
    SQLCMDDBNAME: database,
    SQLCMDUSER: login.way === 'sql' ? login.user : undefined,
    SQLCMDPASSWORD: login.way === 'sql' ? login.password : undefined,
  };
}
