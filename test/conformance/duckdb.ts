import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Location } from '../../src/engines/engine.ts';
import { createEngine } from '../../src/engines/registry.ts';
import type { Client, Feature, Harness, Scratch } from './harness.ts';
import { kill } from './other-process.ts';

const features: ReadonlySet<Feature> = new Set([
  'not-a-number',
  'negative-zero',
  'timestamptz',
  'boolean',
  'typed-comparisons',
  'range',
  'uuid',
  'interval',
  'macro',
  'sequence',
  'comment',
  'enum',
  'list',
  'struct',
  'json',
  'json-text',
  'unicode-forms',
  'infinite-dates',
  'index',
  'check',
  'enforced-keys',
  'changing-defaults',
  'fence',
  'write-ahead-log',
  'clone-beside-readers',
  'marks-of-writes',
  'other-things',
  'stored-names',
]);

export const duckdb: Harness = {
  features,
  start,
  translate: (text) => text,
  script: (text) => text,
  schemaOf: (name) => name,
};

/** Files that say that an older DuckDB need not read them: some types are stored in no others. */
export const newFiles: Harness = {
  ...duckdb,
  start: async () => {
    const scratch = await start();
    return {
      ...scratch,
      create: async (at, sql) => {
        await mkdir(dirname(at), { recursive: true });
        const instance = await DuckDBInstance.create(at, {
          storage_compatibility_version: 'v1.5.0',
        });
        const connection = await instance.connect();
        await connection.run(sql);
        connection.closeSync();
        instance.closeSync();
      },
    };
  },
};

async function start(): Promise<Scratch> {
  const root = await mkdtemp(join(tmpdir(), 'greenlight-conformance-'));
  const settings = { root, live: 'warehouse.duckdb', ledger: 'greenlight.duckdb', connection: {} };
  const engine = await createEngine('duckdb', settings);
  return {
    engine,
    recipe: { engine: 'duckdb', settings },
    create: async (at, sql) => {
      await mkdir(dirname(at), { recursive: true });
      await runSql(at, `${sql};\nCHECKPOINT`);
    },
    sql: runSql,
    client,
    fingerprint,
    createSomethingElse: async (at) => {
      await mkdir(at, { recursive: true });
    },
    nameWithin: (at) => at,
    reaching: (literal) => [
      `attach ${literal} as other`,
      `copy t to ${literal}`,
      `select ${literal} <> ''`,
      `copy /* it's a trap */ t to ${literal}`,
      `copy t to -- it's another\n ${literal}`,
    ],
    aliases: async (at) => {
      const link = join(root, 'a link');
      await rm(link, { force: true });
      await symlink(at, link);
      const detour = join(dirname(at), '.', 'x', '..', 'x', '..');
      return [
        link,
        relative(process.cwd(), at),
        `${detour}/${relative(dirname(at), at)}`,
        `file:${at}`,
        `file://${at}`,
      ];
    },
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

async function runSql(at: Location, sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(at);
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function fingerprint(at: Location): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [at, `${at}.wal`]) {
    const there = await stat(file).catch(() => null);
    hash.update(there === null ? 'none' : await readFile(file));
  }
  return hash.digest('hex');
}

/** DuckDB's locks are between processes, so every client is one. One statement a line in, one answer a line out. */
const clientProgram = `
  import { createInterface } from 'node:readline';
  import { DuckDBInstance } from '@duckdb/node-api';
  const [at, access] = JSON.parse(process.argv[1]);
  const connection = await (await DuckDBInstance.create(at, { access_mode: access })).connect();
  console.log('{}');
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const rows = (await connection.runAndReadAll(JSON.parse(line))).getRowObjectsJson();
      console.log(JSON.stringify({ rows }));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error) }));
    }
  }`;

async function client(at: Location, access: 'read' | 'write'): Promise<Client> {
  const mode = access === 'read' ? 'READ_ONLY' : 'READ_WRITE';
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', clientProgram, JSON.stringify([at, mode])],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<{ rows?: Record<string, unknown>[]; error?: string }> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The client ended: ${complaint}`);
    return JSON.parse(value);
  };
  await answer();
  return {
    sql: async (statement) => {
      child.stdin.write(`${JSON.stringify(statement)}\n`);
      const { rows, error } = await answer();
      if (rows === undefined) throw new Error(error);
      return rows;
    },
    kill: () => kill(child),
    close: async () => {
      const closed = new Promise((done) => child.once('close', done));
      child.stdin.end();
      await closed;
    },
  };
}
