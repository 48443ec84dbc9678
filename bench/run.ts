/**
 * Speed and memory as ratios, measured in one run because machines are shared and noisy: each round runs the floor and
 * the command right after each other, each in a process of its own, and the table shows the median of the rounds.
 *
 *   npm run bench                      10 million rows, 5 rounds
 *   npm run bench -- --rows 1000000 --rounds 3
 *
 * The floor is one plain hash scan of both tables, written by hand. The result is kept in bench/results.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance, version as duckdbVersion } from '@duckdb/node-api';

const { values: given } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '5' },
    memory: { type: 'string', default: '512MB' },
  },
});
const rows = Number(given.rows);
const rounds = Number(given.rounds);
const root = process.cwd();
const work = join(root, 'build', 'bench');
const greenlight = join(root, 'dist', 'index.js');

interface Scenario {
  readonly name: string;
  readonly logic: string;
  /** What the comparison must say; a fast wrong answer is worth nothing. */
  readonly expect: { readonly changed: number; readonly proof: string };
}

const scenarios: readonly Scenario[] = [
  {
    name: 'identical files',
    logic: 'select 1;',
    expect: { changed: 0, proof: 'lineage' },
  },
  {
    name: 'identical values in different files',
    logic: 'create or replace table other as select 1 as one;',
    expect: { changed: 0, proof: 'exact' },
  },
  {
    name: '0.1 % of the rows changed',
    logic: 'update t set amount = amount + 0.01 where id % 1000 = 7;',
    expect: { changed: rows / 1000, proof: 'exact' },
  },
];

const measured: Measured[] = [];
await main();

async function main(): Promise<void> {
  for (const scenario of scenarios) {
    const project = await prepare(scenario);
    say(`${scenario.name}: ${rounds} rounds`);
    const pairs = [];
    for (let round = 0; round <= rounds; round++) {
      const floor = run([join(root, 'bench', 'floor.mjs'), ...sides(project)], project);
      const compare = run([greenlight, 'compare', '-r', 'bench', '--json', '-q'], project);
      check(scenario, compare.stdout);
      if (round > 0) pairs.push({ floor, compare }); // the first round warms the page cache
    }
    const small = run([greenlight, 'compare', '-r', 'bench', '-q', '-c', 'small.yml'], project);
    measured.push({ scenario, pairs, small });
    rmSync(project, { recursive: true, force: true });
  }
  const text = report(measured, startUp());
  writeFileSync(join(root, 'bench', 'results.md'), text);
  process.stdout.write(text);
}

interface Usage {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly stdout: string;
}

interface Measured {
  readonly scenario: Scenario;
  readonly pairs: readonly { readonly floor: Usage; readonly compare: Usage }[];
  /** With DuckDB's own memory limited. */
  readonly small: Usage;
}

/** The files that are compared. */
function sides(project: string): string[] {
  return ['baseline', 'candidate'].map((role) =>
    join(project, '.greenlight', 'bench', role, 'big.duckdb'),
  );
}

/** A project whose release is cloned and simulated, ready to be compared any number of times. */
async function prepare({ name, logic }: Scenario): Promise<string> {
  const project = join(work, name.replace(/\W+/g, '-'));
  rmSync(project, { recursive: true, force: true });
  mkdirSync(join(project, 'logic'), { recursive: true });
  const config = `version: 1
engine: duckdb
live: big.duckdb
simulate: { run: [logic/*.sql] }
compare: { keys: { main.t: [id] } }
`;
  writeFileSync(join(project, 'greenlight.yml'), config);
  writeFileSync(
    join(project, 'small.yml'),
    `${config}connection: { memory_limit: ${given.memory} }\n`,
  );
  writeFileSync(join(project, 'logic', '1.sql'), logic);
  await makeTable(join(project, 'big.duckdb'));
  for (const step of ['clone', 'simulate']) run([greenlight, step, '-r', 'bench', '-q'], project);
  return project;
}

/** 16 columns of the usual types, in the order of the key. */
async function makeTable(file: string): Promise<void> {
  say(`making ${rows.toLocaleString('en-US')} rows`);
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(`
    create table t as select
      i as id, (i * 7919) % 100000 as customer, i % 97 as store, date '2020-01-01' + (i % 1500)::int as day,
      timestamp '2020-01-01' + interval (i % 86400) second as moment, (((i * 31) % 1000000) / 100)::decimal(12, 2) as amount,
      (i % 13)::smallint as quantity, sin(i) as latitude, cos(i) * 1000 as longitude, 'name-' || (i % 5000) as name,
      'city-' || (i % 300) as city, md5((i % 200000)::varchar) as code, i % 2 = 0 as active,
      case when i % 10 = 0 then null else i % 1000 end as optional, (i * 104729) % 1000003 as random, 'note ' || i as note
    from range(${rows}) r(i)`);
  await connection.run('checkpoint');
  connection.closeSync();
  instance.closeSync();
}

/** Runs Node in a process of its own; the process tells its own usage at its end. */
function run(args: readonly string[], cwd: string): Usage {
  const usage = join(work, 'usage.json');
  const tell = `process.on('exit', () => { const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    require('node:fs').writeFileSync(${JSON.stringify(usage)}, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024 })); });`;
  const preload = join(work, 'usage.cjs');
  writeFileSync(preload, tell);
  const started = performance.now();
  const stdout = execFileSync(process.execPath, ['--require', preload, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ms = performance.now() - started;
  return { ms, stdout, ...JSON.parse(readFileSync(usage, 'utf8')) };
}

function check({ name, expect }: Scenario, stdout: string): void {
  const { tables } = JSON.parse(stdout) as {
    tables: { table: string; changed: number; proof: string }[];
  };
  const table = tables.find((one) => one.table === 'main.t');
  if (table?.changed === expect.changed && table.proof === expect.proof) return;
  throw new Error(`${name}: expected ${JSON.stringify(expect)}, got ${JSON.stringify(table)}`);
}

/** Milliseconds that `greenlight --help` takes above a bare Node. */
function startUp(): { bare: number; help: number } {
  const bare: number[] = [];
  const help: number[] = [];
  for (let round = 0; round < 15; round++) {
    bare.push(run(['-e', '0'], root).ms);
    help.push(run([greenlight, '--help'], root).ms);
  }
  return { bare: median(bare), help: median(help) };
}

function report(results: readonly Measured[], start: { bare: number; help: number }): string {
  const line = ({ scenario, pairs, small }: Measured) => {
    const of = (one: (pair: Measured['pairs'][number]) => number) => median(pairs.map(one));
    const limitMb = Number.parseInt(given.memory, 10);
    return `| ${[
      scenario.name,
      `${of(({ compare, floor }) => compare.ms / floor.ms).toFixed(2)}`,
      `${of(({ compare, floor }) => compare.cpuMs / floor.cpuMs).toFixed(2)}`,
      `${(of(({ floor }) => floor.ms) / 1000).toFixed(2)} s`,
      `${(of(({ compare }) => compare.ms) / 1000).toFixed(2)} s`,
      `${small.peakMb.toFixed(0)} MB`,
      `${Math.max(0, small.peakMb - limitMb).toFixed(0)} MB`,
    ].join(' | ')} |`;
  };
  return `# Bench

The whole \`compare\` command, with its start-up and its ledger writes, against the floor: one hash scan of both tables.
${rows.toLocaleString('en-US')} rows x 16 columns on each side, medians of ${rounds} interleaved rounds, warm page cache.
${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GB of memory, Node ${process.versions.node}, DuckDB ${duckdbVersion()}. Made by \`npm run bench\`.

| scenario | wall / floor | CPU / floor | floor | compare | peak memory at a ${given.memory} limit | above the limit |
| --- | --- | --- | --- | --- | --- | --- |
${results.map(line).join('\n')}

Start-up: \`greenlight --help\` takes ${start.help.toFixed(0)} ms, a bare Node ${start.bare.toFixed(0)} ms: ${(start.help - start.bare).toFixed(0)} ms of work above it (medians of 15).
`;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
