import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inCheckout } from '../checkout.ts';
import { loadConfig } from '../config/load.ts';
import { createEngine } from '../engines/registry.ts';
import { GreenlightError, UsageError } from '../errors.ts';
import { duration } from '../format.ts';
import type { Host } from '../hosts/host.ts';
import { Ledger } from '../release/ledger.ts';
import { statusText } from '../report/status-text.ts';
import { textTable } from '../report/table.ts';
import * as text from '../report/text.ts';
import { approve } from './approve.ts';
import { clone } from './clone.ts';
import { compare } from './compare.ts';
import type { StepContext } from './context.ts';
import { migrate } from './migrate.ts';
import { rollback } from './rollback.ts';
import { simulate } from './simulate.ts';
import { status } from './status.ts';
import { swap } from './swap.ts';

export interface DemoResult {
  /** Null when everything was removed at the end. */
  readonly folder: string | null;
  readonly ms: number;
  /** Unexplained rows of the first attempt and of the mended one. */
  readonly unexplained: readonly [number, number];
  readonly exchange_ms: number;
}

const release = 'pr-42';

/**
 * The main job on real input: examples/flights, with three million flights. A rule changes, the first attempt has a
 * side effect that nobody meant, the comparison shows it, the mended one goes live and back again.
 */
export async function demo(
  host: Host,
  options: { readonly keep?: string; readonly json?: boolean },
): Promise<DemoResult> {
  const say = (line = '') => {
    if (options.json !== true) process.stdout.write(`${line}\n`);
  };
  const started = performance.now();
  const folder = options.keep ?? (await mkdtemp(join(tmpdir(), 'greenlight-demo-')));
  try {
    const example = await copyExample(folder);
    process.chdir(folder);
    const context = await openProject(host);
    const result = await play(context, say, example);
    const ms = Math.round(performance.now() - started);
    return { ...result, ms, folder: options.keep === undefined ? null : folder };
  } finally {
    process.chdir(tmpdir());
    if (options.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

export function demoText({ folder, ms }: DemoResult): string {
  const left =
    folder === null
      ? 'Nothing of it is left; `--keep FOLDER` keeps it.'
      : `All of it is in ${folder}.`;
  return `The whole way took ${duration(ms)}. ${left}`;
}

async function play(context: StepContext, say: (line?: string) => void, example: Example) {
  const chapter = (title: string, command?: string) => {
    say(`\n${title}`);
    if (command !== undefined) say(`$ greenlight ${command}`);
  };

  chapter('1. Production today: a warehouse of three million flights, built by the old logic.');
  await buildProduction(context, example);
  await showReport(context, say);

  chapter(
    '2. A pull request changes what counts as delayed: from more than 15 minutes to 15 or more.',
    `clone --release ${release}`,
  );
  await overlay(join(example.story, '1-first-attempt'));
  say(text.cloneText(await clone(context, { release })));
  chapter(
    '3. The migration and the new logic run on the candidate; nobody touches production.',
    `migrate --release ${release}`,
  );
  say(text.migrateText(await migrate(context, { release })));
  say(`$ greenlight simulate --release ${release}`);
  say(text.simulateText(await simulate(context, { release })));
  chapter(
    '4. Every table, column and row is compared with what production has.',
    `compare --release ${release}`,
  );
  const first = await compare(context, { release });
  say(text.compareText(first));
  say(
    '14,411 flights are gone: those without a delay class, lost by an inner join. No total showed it.',
  );

  chapter('5. A swap now is refused.', `swap --release ${release}`);
  say(await refusal(() => swap(context, { release })));

  chapter('6. The logic is mended, simulated and compared again.', `simulate --release ${release}`);
  await cp(join(example.folder, 'logic'), 'logic', { recursive: true });
  say(text.simulateText(await simulate(context, { release })));
  say(`$ greenlight compare --release ${release}`);
  const second = await compare(context, { release });
  say(text.compareText(second));

  const digest = second.digest.slice(0, 12);
  chapter(
    '7. A reviewer approves exactly these deviations, and the release goes live.',
    `approve --release ${release} --digest ${digest} --by reviewer`,
  );
  say(text.approveText(await approve(context, { release, digest, by: 'reviewer' })));
  say(`$ greenlight swap --release ${release}`);
  const swapped = await swap(context, { release });
  say(text.swapText(swapped));
  await showReport(context, say);

  chapter('8. Back again: the old database was kept.', 'rollback');
  say(text.rollbackText(await rollback(context, {})));
  await showReport(context, say);
  say('\n$ greenlight status');
  say(statusText(await status(context, {})));
  say();

  const rows = ({ tables }: typeof first) =>
    tables.reduce((sum, table) => sum + table.unexplained, 0);
  return { unexplained: [rows(first), rows(second)] as const, exchange_ms: swapped.exchange_ms };
}

interface Example {
  readonly folder: string;
  readonly story: string;
  readonly flights: string;
}

/** The example as a user would copy it, without what only the demo needs. */
async function copyExample(target: string): Promise<Example> {
  const folder = inCheckout('examples/flights');
  const flights = inCheckout('node_modules/vega-datasets/data/flights-3m.parquet');
  if (folder === null || flights === null) {
    throw new GreenlightError({
      what: 'The demo needs the example and the flights, which come with a checkout of Greenlight.',
      live: 'no database was touched',
      help: 'In a checkout: npm ci && npm run demo',
    });
  }
  await mkdir(target, { recursive: true });
  if ((await readdir(target)).length > 0) {
    throw new UsageError({
      what: 'The folder for the demo is not empty.',
      where: target,
      help: 'Name a new one: --keep FOLDER',
    });
  }
  await cp(folder, target, { recursive: true });
  return { folder, story: join(folder, 'story'), flights };
}

async function openProject(host: Host): Promise<StepContext> {
  const config = await loadConfig('greenlight.yml', process.env);
  const engine = await createEngine(config.engine, config);
  return { config, engine, host, ledger: new Ledger(engine.stores, engine.places.live) };
}

async function buildProduction({ engine, host }: StepContext, { flights }: Example): Promise<void> {
  const files = [
    ...(await sqlFiles('production')),
    ...(await sqlFiles(join('production', 'logic'))),
  ];
  const task = host.progress.task('Building production', files.length);
  const session = await engine.scripts.open(engine.places.live, {
    write: true,
    variables: { flights_parquet: flights },
    forbidden: [],
  });
  try {
    for (const [index, file] of files.entries()) {
      task.advance(index, file);
      await session.run({ file, text: await readFile(file, 'utf8') });
    }
  } finally {
    await session.close();
  }
  task.done();
}

async function sqlFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return names.map((name) => join(folder, name));
}

async function overlay(folder: string): Promise<void> {
  await cp(folder, '.', { recursive: true });
}

async function showReport({ engine }: StepContext, say: (line: string) => void): Promise<void> {
  const session = await engine.scripts.open(engine.places.live, {
    write: false,
    variables: {},
    forbidden: [],
  });
  try {
    const { columns, rows } = await session.query({
      file: 'the report',
      text: 'SELECT * FROM reports.top_delayed_airports LIMIT 5',
    });
    say('reports.top_delayed_airports, as the business sees it on live:');
    say(textTable(columns, rows));
  } finally {
    await session.close();
  }
}

async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof GreenlightError) return error.problem.what;
    throw error;
  }
  throw new Error('The gate let an unapproved release through');
}
