/**
 * The comparison on PostgreSQL as ratios, measured in one run because machines are shared and noisy: each round runs the
 * floor and the command right after each other.
 *
 *   npm run bench:postgres                                      5 million rows, 3 rounds
 *   npm run bench:postgres -- --rows 500000 --only identical
 *
 * The floor is one hash scan of both sides by hand: a hash of each column by its type, summed, both sides at the same time.
 * The result is kept in bench/postgres-results.md, unless --only or --rows asks for something else.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type PostgresServer, startPostgres } from '../test/support/postgres-server.ts';

const wholeRun = 5_000_000;
const { values: given } = parseArgs({
  options: {
    rows: { type: 'string', default: String(wholeRun) },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
const rows = Number(given.rows);
const rounds = Number(given.rounds);
const root = process.cwd();
const work = join(root, 'build', 'bench-postgres');
const greenlight = join(root, 'dist', 'index.js');

interface Scenario {
  readonly name: string;
  readonly logic: string;
  /** The ratio that must not be exceeded. */
  readonly target: number;
  /** What the comparison must say; a fast wrong answer is worth nothing. */
  readonly expect: Readonly<Record<string, unknown>>;
}

const scenarios: readonly Scenario[] = [
  { name: 'identical', logic: 'select 1;', target: 1.6, expect: {} },
  {
    name: '0.1 % of the rows',
    logic: 'update t set amount = amount + 0.01 where id % 1000 = 7;',
    target: 1.5,
    expect: { changed: rows / 1000 },
  },
  {
    name: 'one column everywhere',
    logic: 'update t set amount = amount + 0.01;',
    target: 2.1,
    expect: { changed: rows },
  },
];

interface Usage {
  readonly ms: number;
  readonly peakMb: number;
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
  for (const scenario of scenarios.filter(({ name }) => name.includes(given.only))) {
    const project = await prepare(at, scenario);
    say(`${scenario.name}: ${rounds} rounds`);
    const pairs: { floorMs: number; compare: Usage }[] = [];
    for (let round = 0; round <= rounds; round++) {
      const floorMs = await floor(at);
      const compare = runCompare(at, project, scenario);
      if (round > 0) pairs.push({ floorMs, compare }); // the first round warms the caches
    }
    const ratio = median(pairs.map(({ floorMs, compare }) => compare.ms / floorMs));
    const floorMs = median(pairs.map((pair) => pair.floorMs));
    const peak = Math.max(...pairs.map(({ compare }) => compare.peakMb));
    const line = `| ${scenario.name} | ${ratio.toFixed(2)} | ${scenario.target.toFixed(2)} | ${(floorMs / 1000).toFixed(2)} s | ${peak.toFixed(0)} MB |`;
    say(line);
    lines.push(line);
  }
  const text = `# Bench on PostgreSQL

The whole \`compare --no-patterns\` command, with its start-up and its ledger writes, against the floor: one hash scan of both
sides at the same time, typed, column by column. ${rows.toLocaleString('en-US')} rows x 10 columns on each side, two databases of one
cluster, medians of ${rounds} interleaved rounds, warm caches. ${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GB of memory, Node ${process.versions.node}, PostgreSQL ${at.version}.
Made by \`npm run bench:postgres\`. Memory is the peak of Greenlight's own process.

| scenario | wall | target | floor | peak |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
  if (given.only === '' && rows === wholeRun)
    writeFileSync(join(root, 'bench', 'postgres-results.md'), text);
  process.stdout.write(text);
}

const columns = {
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

/** Milliseconds for both sides at the same time. */
async function floor(at: PostgresServer): Promise<number> {
  const sums = Object.entries(columns).map(([name, hash]) => {
    const value =
      name === 'day'
        ? `(day - date '2000-01-01')`
        : name === 'active'
          ? `active::integer::"char"`
          : name;
    return `sum(${hash}(${value}, 0)::numeric)`;
  });
  const sql = `select count(*), ${sums.join(', ')} from t`;
  const started = performance.now();
  await Promise.all(['baseline', 'candidate'].map((role) => at.sql(`big__bench__${role}`, sql)));
  return performance.now() - started;
}

/** A release that is cloned and simulated, ready to be compared any number of times. */
async function prepare(at: PostgresServer, { logic }: Scenario): Promise<string> {
  for (const name of [
    'big__bench__candidate',
    'big__bench__baseline',
    'big__bench__control',
    'bench_ledger',
  ])
    await at.sql('postgres', `drop database if exists "${name}" with (force)`);
  const [there] = await at.sql('postgres', "select 1 from pg_database where datname = 'big'");
  if (there === undefined) await makeTable(at);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'logic'), { recursive: true });
  writeFileSync(
    join(work, 'greenlight.yml'),
    'version: 1\nengine: postgres\nlive: big\nledger: bench_ledger\nsimulate: { run: [logic/*.sql] }\n',
  );
  writeFileSync(join(work, 'logic', '1.sql'), logic);
  for (const step of ['clone', 'simulate']) run(at, [step, '-r', 'bench', '-q'], work);
  for (const role of ['baseline', 'candidate'])
    await at.sql(`big__bench__${role}`, 'vacuum (analyze) t');
  return work;
}

async function makeTable(at: PostgresServer): Promise<void> {
  say(`making ${rows.toLocaleString('en-US')} rows`);
  await at.sql('postgres', 'create database big');
  await at.sql(
    'big',
    `create table t as select i::bigint as id, ((i::bigint * 7919) % 100000)::integer as customer, date '2020-01-01' + (i % 1500) as day,
      timestamp '2020-01-01' + (i % 86400) * interval '1 second' as moment, (((i::bigint * 31) % 1000000) / 100.0)::numeric(12, 2) as amount,
      (i % 13)::smallint as quantity, sin(i) as latitude, 'name-' || (i % 5000) as name, md5((i % 200000)::text) as code, i % 2 = 0 as active
    from generate_series(1, ${rows}) as r(i);
    alter table t add primary key (id);`,
  );
  await at.sql('big', 'vacuum (freeze, analyze) t');
}

function runCompare(at: PostgresServer, project: string, { name, expect }: Scenario): Usage {
  const { stdout, ...usage } = run(
    at,
    ['compare', '-r', 'bench', '--json', '-q', '--no-patterns', '--no-lineage'],
    project,
  );
  const { tables } = JSON.parse(stdout) as { tables: Record<string, unknown>[] };
  const found = tables.find(({ table }) => table === 'public.t');
  const wanted = { added: 0, removed: 0, changed: 0, proof: 'exact', ...expect };
  if (!Object.entries(wanted).every(([member, value]) => found?.[member] === value))
    throw new Error(`${name}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(found)}`);
  return usage;
}

/** Runs greenlight in a process of its own; the process tells its own peak at its end. */
function run(at: PostgresServer, args: readonly string[], cwd: string): Usage & { stdout: string } {
  const usage = join(work, 'usage.json');
  const preload = join(work, 'usage.cjs');
  writeFileSync(
    preload,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(usage)}, JSON.stringify({ peakMb: process.resourceUsage().maxRSS / 1024 })));`,
  );
  const { host, port, user, password } = at;
  const started = performance.now();
  const stdout = execFileSync(process.execPath, ['--require', preload, greenlight, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password },
  });
  return { ms: performance.now() - started, stdout, ...JSON.parse(readFileSync(usage, 'utf8')) };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
