/**
 * The comparison on PostgreSQL as ratios, measured in one run because machines are shared and noisy: each round runs the
 * floor, the comparison alone and the command right after each other.
 *
 *   npm run bench:postgres                                      5 million rows, 3 rounds
 *   npm run bench:postgres -- --rows 500000 --level schema --only identical
 *
 * The floor is one hash scan of both sides by hand: a hash of each column by its type, summed, both sides at the same time.
 * The result is kept in bench/results.md, unless --only, --level or --rows asks for something else.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quote } from '../src/engines/postgres/names.ts';
import { createEngine } from '../src/engines/registry.ts';
import { type PostgresServer, startPostgres } from '../test/support/postgres-server.ts';
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

const wholeRun = 5_000_000;
const { values: given } = parseArgs({
  options: {
    rows: { type: 'string', default: String(wholeRun) },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    level: { type: 'string', default: '' },
  },
});
const rows = Number(given.rows);
const rounds = Number(given.rounds);
const work = join(process.cwd(), 'build', 'bench-postgres');

/** What live is: what stands beside it is of the same kind. */
const levels = [
  { name: 'databases', live: 'big' },
  { name: 'schemas', live: 'big.shop' },
] as const;
type Level = (typeof levels)[number];

interface Scenario {
  readonly name: string;
  readonly logic: string;
  /** The ratio that must not be exceeded. */
  readonly target: number;
  /** What the comparison must say; a fast wrong answer is worth nothing. */
  readonly expect: { readonly changed: number };
}

const scenarios: readonly Scenario[] = [
  { name: 'identical', logic: 'select 1;', target: 1.6, expect: { changed: 0 } },
  {
    name: '0.1 % of the rows',
    logic: 'update shop.t set amount = amount + 0.01 where id % 1000 = 7;',
    target: 1.5,
    expect: { changed: rows / 1000 },
  },
  {
    name: 'one column everywhere',
    logic: 'update shop.t set amount = amount + 0.01;',
    target: 2.1,
    expect: { changed: rows },
  },
];

/** What the server's summaries of its log spare, of two databases. */
const lineages = [
  { name: 'unchanged', logic: 'select 1;', changed: 0 },
  {
    name: '5,000 rows that stand together',
    logic: `update shop.t set amount = amount + 0.01 where id > ${rows / 2} and id <= ${rows / 2} + 5000;`,
    changed: 5000,
  },
  {
    name: '0.1 % of the rows',
    logic: 'update shop.t set amount = amount + 0.01 where id % 1000 = 7;',
    changed: rows / 1000,
  },
];

/** How the floor hashes each column. */
const hashes = {
  id: 'hashint8extended',
  customer: 'hashint4extended',
  day: 'hashint4extended',
  moment: 'timestamp_hash_extended',
  amount: 'hash_numeric_extended',
  quantity: 'hashint2extended',
  latitude: 'hashfloat8extended',
  name: 'hashtextextended',
  code: 'hashtextextended',
  active: 'hashcharextended',
};

interface Round {
  readonly floorMs: number;
  readonly valuesMs: number;
  readonly command: Usage;
}

const server = await startPostgres(18, {
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  autovacuum: 'off',
});
try {
  await main(server);
} finally {
  await server.stop();
}

async function main(at: PostgresServer): Promise<void> {
  const lines: string[] = [];
  for (const level of levels.filter(({ name }) => name.includes(given.level))) {
    for (const scenario of scenarios.filter(({ name }) => name.includes(given.only))) {
      await prepare(at, level, scenario);
      for (const role of ['baseline', 'candidate'])
        await at.sql(databaseOf(level, role), `vacuum (analyze) ${tableOf(level, role)}`);
      say(`${level.name}, ${scenario.name}: ${rounds} rounds`);
      const measured: Round[] = [];
      for (let round = 0; round <= rounds; round++) {
        const one = {
          floorMs: await floor(at, level),
          valuesMs: (await compareValues(at, level, scenario, false)).valuesMs,
          command: runCompare(at, scenario),
        };
        if (round > 0) measured.push(one); // the first round warms the caches
      }
      const found = line(level, scenario, measured);
      say(found);
      lines.push(found);
    }
  }
  const proofs: string[] = [];
  for (const { name, logic, changed } of lineages.filter((one) =>
    `lineage: ${one.name}`.includes(given.only),
  )) {
    await prepare(at, levels[0], { logic });
    say(`lineage: ${name}`);
    const measured: Timed[] = [];
    for (let round = 0; round < rounds; round++)
      measured.push(await compareValues(at, levels[0], { name, expect: { changed } }, true));
    const of = (one: (timed: Timed) => number) => median(measured.map(one)).toFixed(0);
    proofs.push(
      `| ${[name, measured[0]?.way, `${of(({ firstMs }) => firstMs)} ms`, `${of(({ countMs }) => countMs)} ms`, `${of(({ valuesMs }) => valuesMs)} ms`].join(' | ')} |`,
    );
    say(String(proofs.at(-1)));
  }
  const text = `## The comparison on PostgreSQL

Against the floor: one hash scan of both sides at the same time, typed, column by column. "Values" is the comparison of the table
alone, "command" all of \`compare --no-patterns --no-lineage\` with its start-up and with the rows that it writes into the ledger; the
targets are those of the values. ${rows.toLocaleString('en-US')} rows x 10 columns on each side, medians of ${rounds} interleaved rounds, warm
caches. ${machine()}, PostgreSQL ${at.version}. Made by \`npm run bench:postgres\`. Memory is the peak of Greenlight's own process.

| side by side | scenario | values | target | command | floor | peak |
| --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

By lineage, of two databases: "first" is the look at the log with its CHECKPOINT, once for all tables; then both sides are counted,
and their values compared.

| written since the copy | way | first | counts | values |
| --- | --- | --- | --- | --- |
${proofs.join('\n')}
`;
  if (given.only === '' && given.level === '' && rows === wholeRun) writeSection(text);
  process.stdout.write(text);
}

function line(level: Level, { name, target }: Scenario, measured: readonly Round[]): string {
  const of = (one: (round: Round) => number) => median(measured.map(one));
  return `| ${[
    level.name,
    name,
    of(({ valuesMs, floorMs }) => valuesMs / floorMs).toFixed(2),
    target.toFixed(2),
    of(({ command, floorMs }) => command.ms / floorMs).toFixed(2),
    `${(of(({ floorMs }) => floorMs) / 1000).toFixed(2)} s`,
    `${Math.max(...measured.map(({ command }) => command.peakMb)).toFixed(0)} MB`,
  ].join(' | ')} |`;
}

/** Milliseconds for both sides at the same time. */
async function floor(at: PostgresServer, level: Level): Promise<number> {
  const sums = Object.entries(hashes).map(([name, hash]) => {
    const value =
      name === 'day'
        ? `(day - date '2000-01-01')`
        : name === 'active'
          ? `active::integer::"char"`
          : name;
    return `sum(${hash}(${value}, 0)::numeric)`;
  });
  const started = performance.now();
  await Promise.all(
    ['baseline', 'candidate'].map((role) =>
      at.sql(
        databaseOf(level, role),
        `select count(*), ${sums.join(', ')} from ${tableOf(level, role)}`,
      ),
    ),
  );
  return performance.now() - started;
}

function databaseOf({ name }: Level, role: string): string {
  return name === 'databases' ? `big__bench__${role}` : 'big';
}

function tableOf({ name }: Level, role: string): string {
  return `${quote(name === 'databases' ? 'shop' : `shop__bench__${role}`)}.t`;
}

/** A release that is cloned and simulated, ready to be compared any number of times. */
async function prepare(
  at: PostgresServer,
  level: Level,
  { logic }: Pick<Scenario, 'logic'>,
): Promise<void> {
  const roles = ['candidate', 'baseline', 'control'];
  for (const name of [...roles.map((role) => `big__bench__${role}`), 'bench_ledger'])
    await at.sql('postgres', `drop database if exists ${quote(name)} with (force)`);
  const [there] = await at.sql('postgres', "select 1 from pg_database where datname = 'big'");
  if (there === undefined) await makeTable(at);
  for (const role of roles)
    await at.sql('big', `drop schema if exists ${quote(`shop__bench__${role}`)} cascade`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'logic'), { recursive: true });
  writeFileSync(
    join(work, 'greenlight.yml'),
    `version: 1\nengine: postgres\nlive: ${level.live}\nledger: bench_ledger\nsimulate: { run: [logic/*.sql] }\n`,
  );
  const own = level.name === 'schemas' ? logic.replace('shop.t', 't') : logic;
  writeFileSync(join(work, 'logic', '1.sql'), own);
  for (const step of ['clone', 'simulate'])
    run([greenlight, step, '-r', 'bench', '-q'], work, variablesFor(at));
}

async function makeTable(at: PostgresServer): Promise<void> {
  say(`making ${rows.toLocaleString('en-US')} rows`);
  await at.sql('postgres', 'create database big');
  await at.sql(
    'big',
    `create schema shop;
    create table shop.t as select i::bigint as id, ((i::bigint * 7919) % 100000)::integer as customer, date '2020-01-01' + (i % 1500) as day,
      timestamp '2020-01-01' + (i % 86400) * interval '1 second' as moment, (((i::bigint * 31) % 1000000) / 100.0)::numeric(12, 2) as amount,
      (i % 13)::smallint as quantity, sin(i) as latitude, 'name-' || (i % 5000) as name, md5((i % 200000)::text) as code, i % 2 = 0 as active
    from generate_series(1, ${rows}) as r(i);
    alter table shop.t add primary key (id);`,
  );
  await at.sql('big', 'vacuum (freeze, analyze) shop.t');
}

interface Timed {
  readonly way: string;
  /** Both sides are opened, and the log is looked at. */
  readonly firstMs: number;
  readonly countMs: number;
  readonly valuesMs: number;
}

/** The comparison of the table, as the command does it, from connections of its own on. */
async function compareValues(
  at: PostgresServer,
  { live }: Level,
  { name, expect }: Pick<Scenario, 'name' | 'expect'>,
  lineage: boolean,
): Promise<Timed> {
  const settings = { root: work, live, ledger: 'bench_ledger', connection: at.connection };
  const { places, catalog, comparison } = await createEngine('postgres', settings);
  const sides = { old: places.baseline('bench'), new: places.candidate('bench') };
  const { relations } = await catalog.read(sides.new);
  const table = relations.find((one) => one.name === 't');
  if (table === undefined) throw new Error('There is no table to compare');
  const { schema } = table;
  const session = await comparison.open({ ...sides, store: null, purpose: 'bench', lineage });
  try {
    const started = performance.now();
    if (lineage) await session.countRows('old', schema, 't', 'table');
    const looked = performance.now();
    if (lineage)
      for (const side of ['old', 'new'] as const)
        await session.countRows(side, schema, 't', 'table');
    const counted = performance.now();
    const found = await session.compareRows(
      {
        schema,
        name: 't',
        oldKind: 'table',
        newKind: 'table',
        key: ['id'],
        keyEnforced: true,
        columns: table.columns.map(({ name: column, type }) => ({
          name: column,
          oldType: type,
          newType: type,
          tolerance: null,
        })),
        mode: 'semantic',
      },
      { old: rows, new: rows },
      () => undefined,
    );
    const ended = performance.now();
    if ('fault' in found) throw new Error(`${name}: the key is at fault`);
    const changed = found.cells.get('amount') ?? 0;
    if (changed !== expect.changed)
      throw new Error(`${name}: expected ${expect.changed} changed amounts, got ${changed}`);
    return {
      way: found.way,
      firstMs: looked - started,
      countMs: counted - looked,
      valuesMs: ended - counted,
    };
  } finally {
    await session.close();
  }
}

function runCompare(at: PostgresServer, { name, expect }: Scenario): Usage {
  const usage = run(
    [greenlight, 'compare', '-r', 'bench', '--json', '-q', '--no-patterns', '--no-lineage'],
    work,
    variablesFor(at),
  );
  checkFound(name, usage, 'shop.t', { ...expect, proof: 'exact' });
  return usage;
}

function variablesFor({ host, port, user, password }: PostgresServer): Record<string, string> {
  return { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
}
