import { mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { DoctorFinding, DoctorResult } from '../../src/steps/doctor.ts';
import { holdDatabase } from '../support/holder.ts';
import {
  defaultConfig,
  makeProject,
  type Project,
  type ProjectOptions,
} from '../support/project.ts';

let project: Project;
afterEach(() => project.dispose());

interface Examination {
  readonly exitCode: number | null;
  readonly result: DoctorResult;
  readonly stderr: string;
}

async function examine(options?: ProjectOptions): Promise<Examination> {
  if (options !== undefined) project = await makeProject(options);
  const { exitCode, stdout, stderr } = await project.run('doctor', '--json');
  return { exitCode, result: JSON.parse(stdout), stderr };
}

function of(result: DoctorResult, subject: string): DoctorFinding | undefined {
  return result.findings.find((finding) => finding.subject === subject);
}

function wrong({ findings }: DoctorResult): string[] {
  return findings
    .filter(({ verdict }) => verdict !== 'good')
    .map(({ part, subject, verdict }) => `${part}: ${subject}: ${verdict}`);
}

test('a project in which nothing is wrong', async () => {
  project = await makeProject();
  const before = [
    await project.fingerprint(),
    (await stat(project.path('warehouse.duckdb'))).mtimeMs,
  ];
  const files = await readdir(project.folder);
  const { exitCode, result } = await examine();
  expect([exitCode, wrong(result), result.ready]).toEqual([0, [], true]);
  expect(result.verdicts).toEqual({
    good: result.findings.length,
    warning: 0,
    fault: 0,
    unknown: 0,
  });
  expect(of(result, 'migration')?.found).toBe('1 script in migrations/.');
  expect(of(result, 'logic')?.found).toBe('1 SQL file.');
  expect(of(result, 'tables and views')?.found).toBe('3 tables and views can be read.');
  expect(of(result, 'ledger')?.found).toMatch(/^There is none yet/);
  expect([
    await project.fingerprint(),
    (await stat(project.path('warehouse.duckdb'))).mtimeMs,
  ]).toEqual(before);
  expect(await readdir(project.folder)).toEqual(files);
});

test('people read a line for each finding, and what to do below those that are not good', async () => {
  project = await makeProject();
  await project.remove('warehouse.duckdb');
  const { exitCode, stdout, stderr } = await project.run('doctor');
  expect(exitCode).toBe(1);
  expect(stdout).toContain('  ✔ migration: 1 script in migrations/.\n');
  expect(stdout).toMatch(
    /\n {2}✖ live: There is no file \S+warehouse\.duckdb\.\n {4}-> Check `live`/,
  );
  expect(stdout).toMatch(/\n1 fault: a release would fail\. .*\n$/);
  expect(stderr).toContain('Looking at what a release needs: done');
});

test('after a release has begun, the ledger is there', async () => {
  project = await makeProject();
  await project.json('clone', '--release', 'pr-1');
  const { exitCode, result } = await examine();
  expect([exitCode, wrong(result)]).toEqual([0, []]);
  expect(of(result, 'ledger')?.found).toBe('It is there.');
  expect(await readdir(project.path('.greenlight'))).toEqual(
    expect.not.arrayContaining([expect.stringMatching(/^doctor/)]),
  );
});

test('a mistake in the configuration is told as by every step', async () => {
  project = await makeProject({ config: `${defaultConfig}clone: { method: magic }\n` });
  const { exitCode, stdout } = await project.run('doctor', '--json');
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout).error.what).toBe('greenlight.yml has a mistake.');
});

test('what the repository lacks', async () => {
  const { exitCode, result } = await examine({
    config: `${defaultConfig}expectations: intended.yml\nswap: { verify: [checks/*.sql] }\n`,
    files: { 'migrations/V001__note.sql': 'select 1', 'migrations/V1__again.sql': 'select 1' },
  });
  expect([exitCode, result.ready]).toEqual([1, false]);
  expect(wrong(result)).toEqual([
    'project: migration: fault',
    'project: logic: fault',
    'project: verification: fault',
    'project: expectations: fault',
  ]);
  expect(of(result, 'migration')?.found).toMatch(/Two migration scripts have the same version/);
  expect(of(result, 'logic')?.found).toMatch(/No file matches logic\/\*\.sql/);
  expect(of(result, 'expectations')?.found).toMatch(/intended\.yml/);
});

test('a mistake in the expectations file has its line', async () => {
  const { result } = await examine({
    config: defaultConfig,
    files: {
      'logic/01.sql': 'select 1',
      'migrations/V1__a.sql': 'select 1',
      'greenlight.expected.yml': 'tables:\n  marts.revenue: { colums: {} }\n',
    },
  });
  expect(wrong(result)).toEqual(['project: expectations: fault']);
  expect(of(result, 'expectations')?.found).toMatch(/greenlight\.expected\.yml:2/);
});

test('old logic that is not to be found', async () => {
  const { result } = await examine({
    config: defaultConfig.replace(
      '[logic/*.sql]',
      '[logic/*.sql], control: { folder: ../released }',
    ),
  });
  expect(wrong(result)).toEqual(['project: control: fault']);
});

test('live that another process writes to', async () => {
  project = await makeProject();
  const holder = await holdDatabase('write', project.path('warehouse.duckdb'));
  try {
    const { exitCode, result } = await examine();
    expect([exitCode, wrong(result)]).toEqual([1, ['connection: live: fault']]);
    expect(of(result, 'live')?.found).toMatch(/held by .* \(process \d+\)/);
    expect(of(result, 'live')?.help).toMatch(/Close the other process/);
  } finally {
    await holder.end();
  }
});

test('live that is no database, or a folder', async () => {
  project = await makeProject();
  await project.write('warehouse.duckdb', 'id,name\n'.repeat(10_000));
  expect(wrong((await examine()).result)).toEqual(['connection: live: fault']);
  await project.remove('warehouse.duckdb');
  await mkdir(project.path('warehouse.duckdb'));
  expect(of((await examine()).result, 'live')?.found).toMatch(/^This is not a database file/);
});

test('a ledger that is none, and one that cannot be made', async () => {
  project = await makeProject({ config: `${defaultConfig}ledger: other.duckdb\n` });
  await project.sql('other.duckdb', 'create table t (i integer)');
  const { result } = await examine();
  expect(wrong(result)).toEqual(['stores: ledger: fault']);
  expect(of(result, 'ledger')?.found).toMatch(/is not a Greenlight ledger/);
  await project.write('greenlight.yml', `${defaultConfig}ledger: other.duckdb/greenlight.duckdb\n`);
  expect(wrong((await examine()).result)).toEqual(['stores: folder of the ledger: fault']);
});

test('a work folder that leads to another file system', async () => {
  project = await makeProject();
  const [here, there] = [await stat(project.folder), await stat('/dev/shm')];
  expect(there.dev).not.toBe(here.dev);
  await symlink('/dev/shm', project.path('.greenlight'));
  const { result } = await examine();
  expect(wrong(result)).toContain('databases: file system: fault');
});

test('an engine-path without the driver', async () => {
  project = await makeProject();
  const { exitCode, stdout } = await project.run(
    'doctor',
    '--json',
    '--engine-path',
    project.folder,
  );
  const result = JSON.parse(stdout) as DoctorResult;
  expect([exitCode, wrong(result)[0]]).toEqual([1, 'connection: driver: fault']);
  expect(of(result, 'driver')?.help).toMatch(/npm ci/);
  expect(of(result, 'live')?.verdict).toBe('good');
});

test('ways to clone that this engine or this file system does not have', async () => {
  const { result } = await examine({ config: `${defaultConfig}clone: { method: dump }\n` });
  expect(of(result, 'way to clone')).toMatchObject({
    verdict: 'fault',
    help: expect.stringMatching(/auto, reflink or copy/),
  });
});
