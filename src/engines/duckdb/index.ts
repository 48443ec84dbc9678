import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { optionsOf } from '../connection-options.ts';
import type { Engine, EngineSettings } from '../engine.ts';
import { duckdbBitemporal } from './bitemporal.ts';
import { duckdbCatalog } from './catalog.ts';
import { duckdbComparer } from './comparison.ts';
import type { DuckdbOptions } from './connection.ts';
import { duckdbDatabases } from './databases.ts';
import { duckdbExaminer } from './examiner.ts';
import { duckdbPlaces, real } from './places.ts';
import { duckdbReplay } from './replay.ts';
import { duckdbScripts } from './scripts.ts';
import { duckdbStores } from './store.ts';
import { duckdbSwap } from './swap.ts';

/** DuckDB: databases are files, all work happens in this process. */
export async function createDuckdb(settings: EngineSettings): Promise<Engine> {
  const ledger = resolve(settings.root, settings.ledger ?? 'greenlight.duckdb');
  const options: DuckdbOptions = {
    ...readOptions(settings.connection, join(dirname(ledger), '.greenlight', 'spill')),
    ...(settings.packages === undefined ? {} : { packages: settings.packages }),
  };
  const places = duckdbPlaces(settings.root, settings.live);
  if (real(ledger) === places.live) {
    throw new UsageError({
      what: 'Live and the ledger are the same file.',
      where: ledger,
      help: 'Give `ledger` in greenlight.yml a file of its own: nothing is written to live before the swap.',
    });
  }
  const databases = duckdbDatabases(places.workFolder, options);
  const catalog = duckdbCatalog(options);
  return {
    name: 'duckdb',
    capabilities: {
      transactionalDdl: true,
      swapKeepsReaders: true,
      // The system drops a process's lock on a file when the process closes any of its handles of it.
      readsBehindFence: false,
    },
    places,
    databases,
    catalog,
    scripts: duckdbScripts(options),
    comparison: duckdbComparer(options),
    bitemporal: duckdbBitemporal(options),
    swap: duckdbSwap(options),
    replay: duckdbReplay(options),
    stores: duckdbStores(ledger, options),
    examiner: duckdbExaminer({
      live: places.live,
      workFolder: places.workFolder,
      ledger,
      options,
      databases,
      catalog,
    }),
    commandEnvironment: (at) => ({ GREENLIGHT_DATABASE: at, GREENLIGHT_ENGINE: 'duckdb' }),
    traces: () => [places.live, resolve(settings.root, settings.live), settings.live],
  };
}

function readOptions(connection: EngineSettings['connection'], spill: string): DuckdbOptions {
  const { requireKnown, wrong } = optionsOf('DuckDB', [
    'memory_limit',
    'threads',
    'temp_directory',
  ]);
  requireKnown(connection);
  const { memory_limit, threads, temp_directory } = connection;
  if (threads !== undefined && !(Number.isInteger(Number(threads)) && Number(threads) > 0)) {
    throw wrong('threads', 'Write a whole number from 1 on.');
  }
  if (memory_limit !== undefined && !/^\d+(\.\d+)?\s*[KMGT]i?B$/i.test(String(memory_limit))) {
    throw wrong('memory_limit', 'Write a number with its unit: 512MB, 4GB.');
  }
  return {
    ...(memory_limit === undefined ? {} : { memory_limit: String(memory_limit) }),
    ...(threads === undefined ? {} : { threads: Number(threads) }),
    temp_directory: temp_directory === undefined ? spill : String(temp_directory),
  };
}
