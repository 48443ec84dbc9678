import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type EngineName, engines, firstEngine, isEngineName } from '../engines/names.ts';
import { type Starter, starters } from '../engines/starters.ts';
import { UsageError } from '../errors.ts';

export interface InitResult {
  readonly written: readonly string[];
  readonly live: string;
}

/** Writes a first greenlight.yml with a word to each key, and the folders that it names. Overwrites nothing. */
export async function init(options: {
  readonly config: string;
  readonly engine?: string;
  readonly live?: string;
}): Promise<InitResult> {
  const { config: file, engine = firstEngine } = options;
  if (!isEngineName(engine)) throw new Error(`No engine is called ${engine}`);
  const starter = starters[engine];
  const folder = dirname(file);
  if (await exists(file)) {
    throw new UsageError({
      what: 'There is a configuration already.',
      where: file,
      help: 'Edit it, or remove it first.',
    });
  }
  const live = options.live ?? (await onlyDatabase(folder, engine, starter));
  const written = [file];
  await mkdir(folder, { recursive: true });
  await writeFile(file, configuration(engine, starter, live), { flag: 'wx' });
  for (const name of ['migrations', 'logic']) {
    const path = join(folder, name);
    if (await exists(path)) continue;
    await mkdir(path);
    // Git keeps no empty folder, and a checkout without it would be a mistake in the configuration.
    await writeFile(join(path, '.gitkeep'), '');
    written.push(`${path}/`);
  }
  return { written, live };
}

/** The database in the folder, when there is just one. */
async function onlyDatabase(
  folder: string,
  engine: EngineName,
  { files: endings }: Starter,
): Promise<string> {
  const { live: example, ledger } = engines[engine];
  if (endings === null) {
    throw new UsageError({
      what: 'The database that production uses is not named.',
      help: `Name it: greenlight init --engine ${engine} --live ${example}`,
    });
  }
  const files = await readdir(folder).catch((): string[] => []);
  const databases = files.filter((name) => endings.test(name) && name !== ledger);
  const [only] = databases;
  if (only !== undefined && databases.length === 1) return only;
  throw new UsageError({
    what:
      only === undefined
        ? 'There is no database file here.'
        : `There are several databases here: ${databases.join(', ')}.`,
    where: folder,
    help: `Say which one production uses: greenlight init --live ${example}`,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function configuration(engine: string, { lines }: Starter, live: string): string {
  return `# Greenlight: how changes to this database go live. Paths are relative to this file.
# All keys: docs/configuration.md.
version: 1
engine: ${engine}

# The database that production uses now.
live: ${JSON.stringify(live)}

${lines}

# V<version>__<name>.sql runs once, R__<name>.sql again whenever it changed.
# Or the team's own tool: { command: "...", paths: [...] }
migrate:
  scripts: migrations/

# The logic that makes the results: SQL files and commands, in this order.
simulate:
  run:
    - logic/*.sql

compare:
  # What the delivery systems bring, as schema.table. Everything else is a result of the logic.
  input: []
  # Keys of tables and views that declare none. Without a key, rows are compared as a whole.
  # keys: { marts.delay: [carrier, day] }

# What the ledger keeps of deviating rows: keys, masked, full or none.
privacy: keys

# Queries whose every value must be true on live after the swap; if not, Greenlight swaps back.
# swap: { verify: [checks/*.sql] }
`;
}
