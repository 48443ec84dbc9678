/**
 * Speed and memory as ratios, measured in one run because machines are shared and noisy: each round runs the floor and
 * the command right after each other, each in a process of its own, and the table shows the median of the rounds.
 *
 *   npm run bench                                   10 million rows, 3 rounds
 *   npm run bench -- --rows 1000000 --only shuffled --rounds 5
 *   npm run bench -- --rows 100000000 --only 'values: 0.1' --rounds 1 --alone     without full join and EXCEPT
 *   npm run bench -- --only 'shuffled: 0.1' --memory 1GB    with little memory also where that takes minutes
 *
 * The floor is one plain hash scan of both tables, written by hand. The result is kept in bench/results.md, unless --only
 * or --rows asks for something else.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance, version as duckdbVersion } from '@duckdb/node-api';
import {
  checkFound,
  greenlight,
  machine,
  median,
  run,
  say,
  type Usage,
  writeSection,
} from './measure.ts';

const wholeRun = 10_000_000;
const { values: given } = parseArgs({
  options: {
    rows: { type: 'string', default: String(wholeRun) },
    rounds: { type: 'string', default: '3' },
    memory: { type: 'string' },
    only: { type: 'string', default: '' },
    alone: { type: 'boolean', default: false },
  },
});
const rows = Number(given.rows);
const rounds = Number(given.rounds);
const memory = given.memory ?? '128MB';
const root = process.cwd();
const work = join(root, 'build', 'bench');

interface Scenario {
  readonly name: string;
  readonly logic: string;
  readonly flags?: readonly string[];
  /** The ratio that must not be exceeded. */
  readonly target: number;
  /** What the comparison must say; a fast wrong answer is worth nothing. */
  readonly expect: {
    readonly added?: number;
    readonly removed?: number;
    readonly changed?: number;
    readonly proof: string;
  };
  /** With little memory it takes minutes: measured when --memory asks for it. */
  readonly slow?: boolean;
  /** The other ways to do the same are measured as well. */
  readonly rivals?: boolean;
}

const permille = 'update t set amount = amount + 0.01 where id % 1000 = 7;';
const column = 'update t set amount = amount + 0.01;';
const percent = `delete from t where id % 100 = 7;
insert into t select * replace (id + ${rows} as id) from t where id % 100 = 8;`;
const shuffle = (change: string) =>
  `create table shuffled as select * ${change} from t order by hash(id); drop table t; alter table shuffled rename to t;`;
const values = ['--no-lineage'];

const scenarios: readonly Scenario[] = [
  {
    name: 'lineage: identical files',
    logic: 'select 1;',
    target: 0.3,
    expect: { proof: 'lineage' },
  },
  {
    name: 'lineage: identical table in another file',
    logic: 'create or replace table other as select 1 as one;',
    target: 0.3,
    expect: { proof: 'lineage' },
  },
  {
    name: 'lineage: 0.1 % of the rows',
    logic: permille,
    target: 0.5,
    expect: { changed: rows / 1000, proof: 'exact' },
  },
  {
    name: 'lineage: one column everywhere',
    slow: true,
    logic: column,
    target: 0.6,
    expect: { changed: rows, proof: 'exact' },
  },
  {
    name: 'lineage: 1 % deleted, 1 % inserted',
    logic: percent,
    target: 0.75,
    expect: { added: rows / 100, removed: rows / 100, proof: 'exact' },
  },
  {
    name: 'values: identical',
    logic: 'select 1;',
    flags: values,
    target: 1.2,
    expect: { proof: 'exact' },
    rivals: true,
  },
  {
    name: 'values: 0.1 % of the rows',
    logic: permille,
    flags: values,
    target: 1.2,
    expect: { changed: rows / 1000, proof: 'exact' },
    rivals: true,
  },
  {
    name: 'values: one column everywhere',
    slow: true,
    logic: column,
    flags: values,
    target: 1.4,
    expect: { changed: rows, proof: 'exact' },
    rivals: true,
  },
  {
    name: 'values: 1 % deleted, 1 % inserted',
    logic: percent,
    flags: values,
    target: 1.9,
    expect: { added: rows / 100, removed: rows / 100, proof: 'exact' },
    rivals: true,
  },
  {
    name: 'shuffled: identical',
    slow: true,
    logic: shuffle(''),
    flags: values,
    target: 2.8,
    expect: { proof: 'exact' },
    rivals: true,
  },
  {
    name: 'shuffled: 0.1 % of the rows',
    slow: true,
    logic: shuffle(
      'replace (case when id % 1000 = 7 then amount + 0.01 else amount end as amount)',
    ),
    flags: values,
    target: 3.5,
    expect: { changed: rows / 1000, proof: 'exact' },
    rivals: true,
  },
];

const measured: Measured[] = [];
await main();

async function main(): Promise<void> {
  for (const scenario of scenarios.filter(({ name }) => name.includes(given.only))) {
    const project = await prepare(scenario);
    say(`${scenario.name}: ${rounds} rounds`);
    const pairs = [];
    for (let round = 0; round <= rounds; round++) {
      const floor = runScript('floor', project);
      const compare = runCompare(project, ['--no-patterns', ...(scenario.flags ?? [])]);
      checkFound(scenario.name, compare, 'main.t', scenario.expect);
      if (round > 0) pairs.push({ floor, compare }); // the first round warms the page cache
    }
    const one: Measured = {
      scenario,
      pairs,
      patterns: runCompare(project, scenario.flags ?? []),
      small:
        scenario.slow === true && given.memory === undefined
          ? null
          : runCompare(project, ['-c', 'small.yml', '--no-patterns', ...(scenario.flags ?? [])]),
      join: hasRivals(scenario) ? runScript('full-join', project) : null,
      except: hasRivals(scenario) ? runScript('except', project) : null,
    };
    measured.push(one);
    say(line(one)); // what comes after may fail
    rmSync(project, { recursive: true, force: true });
  }
  const text = report(measured, startUp());
  if (given.only === '' && rows === wholeRun) writeSection(text);
  process.stdout.write(text);
}

/** EXCEPT takes ten times the memory of the tables. */
function hasRivals({ rivals = false }: Scenario): boolean {
  return rivals && !given.alone;
}

interface Measured {
  readonly scenario: Scenario;
  readonly pairs: readonly { readonly floor: Usage; readonly compare: Usage }[];
  /** With the description of the changes. */
  readonly patterns: Usage;
  /** With DuckDB's own memory limited. */
  readonly small: Usage | null;
  readonly join: Usage | null;
  readonly except: Usage | null;
}

/** Another way to look at both files, in a process of its own: bench/<name>.mjs. */
function runScript(name: string, project: string): Usage {
  const sides = ['baseline', 'candidate'].map((role) =>
    join(project, '.greenlight', 'bench', role, 'big.duckdb'),
  );
  return run([join(root, 'bench', `${name}.mjs`), ...sides], project);
}

function runCompare(project: string, flags: readonly string[]): Usage {
  return run([greenlight, 'compare', '-r', 'bench', '--json', '-q', ...flags], project);
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
  writeFileSync(join(project, 'small.yml'), `${config}connection: { memory_limit: ${memory} }\n`);
  writeFileSync(join(project, 'logic', '1.sql'), logic);
  const table = join(work, `${rows}.duckdb`);
  if (!existsSync(table)) await makeTable(table);
  copyFileSync(table, join(project, 'big.duckdb'));
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

function line({ scenario, pairs, patterns, small, join: joined, except }: Measured): string {
  const of = (one: (pair: Measured['pairs'][number]) => number) => median(pairs.map(one));
  const floorMs = of(({ floor }) => floor.ms);
  const ratio = (usage: Usage | null) => (usage === null ? '' : (usage.ms / floorMs).toFixed(2));
  return `| ${[
    scenario.name,
    of(({ compare, floor }) => compare.ms / floor.ms).toFixed(2),
    scenario.target.toFixed(2),
    of(({ compare, floor }) => compare.cpuMs / floor.cpuMs).toFixed(2),
    `${(floorMs / 1000).toFixed(2)} s`,
    ratio(patterns),
    ratio(joined),
    ratio(except),
    small === null ? '' : `${small.peakMb.toFixed(0)} MB`,
    ratio(small),
  ].join(' | ')} |`;
}

function report(results: readonly Measured[], start: { bare: number; help: number }): string {
  return `# Bench

The whole \`compare --no-patterns\` command, with its start-up and its ledger writes, against the floor: one hash scan of both
tables. ${rows.toLocaleString('en-US')} rows x 16 columns on each side, medians of ${rounds} interleaved rounds, warm page cache.
${machine()}, DuckDB ${duckdbVersion()}. Made by \`npm run bench\`.
All columns but memory are ratios to the floor; "at ${memory}" is the command with that limit for the engine, its peak the
memory of the whole process. The full join and EXCEPT (both ways) are written by hand, and record nothing.

| scenario | wall | target | CPU | floor | with patterns | full join | EXCEPT | peak at ${memory} | wall at ${memory} |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${results.map(line).join('\n')}

Start-up: \`greenlight --help\` takes ${start.help.toFixed(0)} ms, a bare Node ${start.bare.toFixed(0)} ms: ${(start.help - start.bare).toFixed(0)} ms of work above it (medians of 15).
`;
}
