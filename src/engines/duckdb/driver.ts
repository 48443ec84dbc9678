import { createRequire } from 'node:module';
import { join } from 'node:path';
import { messageOf, systemCode, UsageError } from '../../errors.ts';
import { installedPackages } from '../packages.ts';

type Driver = typeof import('@duckdb/node-api');

/** By folder: a step opens many databases. */
const loaded = new Map<string | undefined, Promise<Driver>>();

/**
 * DuckDB's driver with its native binding: from the folder that the user names; else from node_modules, as a checkout or
 * a package has them; else installed on first use.
 */
export function loadDriver(folder: string | undefined): Promise<Driver> {
  const driver = loaded.get(folder) ?? load(folder);
  loaded.set(folder, driver);
  return driver;
}

async function load(folder: string | undefined): Promise<Driver> {
  if (folder !== undefined) return loadFrom(folder);
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    if (!isMissing(error)) throw error;
    return loadFrom(await installedPackages('duckdb', process.env));
  }
}

/** @throws UsageError when the folder has no driver for this machine. */
function loadFrom(folder: string): Driver {
  try {
    return createRequire(join(folder, 'package.json'))('@duckdb/node-api');
  } catch (error) {
    throw new UsageError({
      what: 'DuckDB cannot be loaded from this folder.',
      where: folder,
      cause: messageOf(error).split('\n', 1)[0] ?? '',
      live: 'live was not touched',
      help: 'It needs a node_modules for this machine: copy package.json and package-lock.json of engines/duckdb there, and run `npm ci`.',
    });
  }
}

/** The driver or its binding for this machine. */
function isMissing(error: unknown): boolean {
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(systemCode(error) ?? '');
}
