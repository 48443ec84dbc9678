import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { cli, makeProject, type Project, type Run } from '../support/project.ts';

const validators = new Map<string, ValidateFunction>();

beforeAll(async () => {
  const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
  for (const file of await readdir('schemas')) {
    const schema = JSON.parse(await readFile(join('schemas', file), 'utf8'));
    validators.set(file.replace('.schema.json', ''), ajv.compile(schema));
  }
});

/** What is wrong with a document, one line each. */
function faults(name: string, document: unknown): string[] {
  const validate = validators.get(name);
  if (validate === undefined) throw new Error(`schemas/ has no ${name}`);
  validate(document);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

const config = `version: 1
engine: duckdb
live: warehouse.duckdb
migrate: { scripts: migrations/ }
simulate: { run: [logic/*.sql, { command: "true" }], clock: 2026-01-31T06:00:00Z }
compare: { input: [staging.*], result: [marts.*], ignore: [marts.revenue.note], keys: { marts.top: [customer] } }
privacy: full
swap: { verify: [checks/*.sql] }
`;

describe('what a step prints with --json is what its schema says', () => {
  let project: Project;
  const results: Record<string, Run> = {};

  const run = async (name: string, ...args: string[]) => {
    const done = await project.run(...args, '--json');
    results[name] = done;
    return JSON.parse(done.stdout);
  };

  beforeAll(async () => {
    project = await makeProject({ config });
    await project.write('checks/rows.sql', 'select count(*) > 0 as has_rows from marts.revenue;');
    await project.write(
      'migrations/V001__note.sql',
      `alter table marts.revenue add column note varchar;
       create table marts.extra (id integer, big hugeint);
       insert into marts.extra values (1, 1);
       create sequence marts.ids;
       create table marts.gone (i integer);
       create view marts.broken as select * from marts.gone;
       drop table marts.gone;`,
    );
    await project.write(
      'logic/01_revenue.sql',
      `update marts.revenue set amount = amount + 1;
       delete from marts.revenue where customer = 'customer 3';`,
    );
    const release = ['--release', 'pr-1'];
    await run('status, empty', 'status');
    await run('doctor', 'doctor');
    await run('clone', 'clone', ...release);
    await run('status, cloned', 'status', ...release, '--gate');
    await run('migrate', 'migrate', ...release);
    await run('migrate, again', 'migrate', ...release);
    await run('simulate', 'simulate', ...release);
    await project.write(
      'greenlight.expected.yml',
      'tables: { marts.revenue: { rows: { removed: { because: gone } } } }',
    );
    const { digest } = await run('compare', 'compare', ...release);
    await run('swap, refused', 'swap', ...release);
    await run('approve, refused', 'approve', ...release, '--digest', '0'.repeat(64), '--by', 'me');
    await run('approve', 'approve', ...release, '--digest', digest, '--by', 'me');
    await run('compare, approved', 'compare', ...release);
    await run('report', 'report', ...release);
    await run('report, first', 'report', ...release, '--comparison', '1', '--where', 'true');
    await run('report, list', 'report', ...release, '--list');
    await run('report, error', 'report', ...release, '--where', 'max(kind) = 1');
    await run('swap', 'swap', ...release);
    await project.sql('warehouse.duckdb', 'insert into marts.extra values (2, 2)');
    await run('rollback', 'rollback');
    await run('retire, dry run', 'retire', ...release, '--dry-run');
    await run('retire', 'retire', ...release);
    await run('status', 'status');
    await project.remove('migrations');
    await run('doctor, faults', 'doctor');
    await run('init, error', 'init');
    await project.remove('greenlight.yml');
    await run('init', 'init');
    await run('migrate, error', 'migrate', '--release', 'nobody');
  }, 120_000);
  afterAll(() => project?.dispose());

  const expected: [name: string, schema: string, exitCode: number][] = [
    ['status, empty', 'status', 0],
    ['doctor', 'doctor', 0],
    ['clone', 'clone', 0],
    ['status, cloned', 'status', 0],
    ['migrate', 'migrate', 0],
    ['migrate, again', 'migrate', 0],
    ['simulate', 'simulate', 0],
    ['compare', 'compare', 0],
    ['swap, refused', 'error', 3],
    ['approve, refused', 'error', 3],
    ['approve', 'approve', 0],
    ['compare, approved', 'compare', 0],
    ['report', 'report', 0],
    ['report, first', 'report', 0],
    ['report, list', 'report', 0],
    ['report, error', 'error', 2],
    ['swap', 'swap', 0],
    ['rollback', 'rollback', 0],
    ['retire, dry run', 'retire', 0],
    ['retire', 'retire', 0],
    ['status', 'status', 0],
    ['doctor, faults', 'doctor', 1],
    ['init, error', 'error', 2],
    ['init', 'init', 0],
    ['migrate, error', 'error', 2],
  ];

  test.each(expected)('%s', (name, schema, exitCode) => {
    const { stdout, stderr, exitCode: found } = results[name] as Run;
    expect({ exitCode: found, stderr: found === exitCode ? '' : stderr }).toEqual({
      exitCode,
      stderr: '',
    });
    expect(faults(schema, JSON.parse(stdout))).toEqual([]);
  });

  test('and these results hold what schemas could leave out', () => {
    const document = (name: string) => JSON.parse((results[name] as Run).stdout);
    const { tables, coverage, objects } = document('compare');
    const statuses = tables.map(({ status }: { status: string }) => status);
    expect(statuses).toEqual(expect.arrayContaining(['identical', 'changed', 'added', 'skipped']));
    expect(coverage.skipped).not.toEqual([]);
    expect(objects).not.toEqual([]);
    expect(document('report').tables.map(({ rows }: { rows: [] }) => rows.length)).toContain(7);
    expect(document('report').against.comparison).toBe(1);
    expect(document('report, first').against).toBeNull();
    expect(document('report, list').comparisons).toHaveLength(2);
    expect(document('swap, refused').gate.reasons).not.toEqual([]);
    expect(document('status, cloned').gate.open).toBe(false);
    expect(document('rollback').written_since_swap).not.toBeNull();
  });
});

describe('a schema', () => {
  test('takes nothing that it does not know', () => {
    for (const [name, validate] of validators) {
      validate({ invented: 1 });
      expect(`${name}: ${JSON.stringify(validate.errors)}`).toContain('additionalProperty');
    }
  });

  test('describes every property', async () => {
    for (const file of await readdir('schemas')) {
      const schema = JSON.parse(await readFile(join('schemas', file), 'utf8'));
      expect(undescribed(schema, file)).toEqual([]);
    }
  });

  test('exists for each step of the command line', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, '--help']);
    const steps = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name);
    expect([...validators.keys()].sort()).toEqual(
      [...steps, 'error', 'greenlight', 'expected'].sort(),
    );
  });

  test('is not loaded by the command line', async () => {
    for (const name of await readdir('build/dist')) {
      const text = await readFile(join('build/dist', name), 'utf8').catch(() => '');
      expect(`${name} ${text.includes('Result of greenlight')}`).toBe(`${name} false`);
    }
  });

  test('takes the configurations of the examples', async () => {
    const projects = (await readdir('examples')).map((name) =>
      join('examples', name, 'greenlight.yml'),
    );
    for (const file of projects.filter((one) => existsSync(one))) {
      const text = await readFile(file, 'utf8');
      expect(faults('greenlight', parse(text))).toEqual([]);
    }
  });
});

/** Paths of the properties that have no description. */
function undescribed(schema: Record<string, unknown>, path: string): string[] {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, typeof schema>);
  const children = [schema.items, schema.additionalProperties, schema.anyOf, schema.oneOf]
    .flat()
    .filter((child): child is typeof schema => typeof child === 'object' && child !== null);
  return [
    ...properties
      .filter(([, property]) => !property.description)
      .map(([name]) => `${path}.${name}`),
    ...properties.flatMap(([name, property]) => undescribed(property, `${path}.${name}`)),
    ...children.flatMap((child) => undescribed(child, `${path}[]`)),
  ];
}
