import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/errors.ts';
import { withInputs } from '../../src/inputs.ts';
import { steps } from '../../src/manifest.generated.ts';
import { outputsOf } from '../../src/outputs.ts';
import { makeProject, type Project } from '../support/project.ts';

const words = (env: Record<string, string>, ...typed: string[]) => withInputs(typed, steps, env);

describe('inputs', () => {
  test('become options in front of those that were typed', () => {
    expect(words({ INPUT_RELEASE: 'pr-1', 'INPUT_MAX-SECONDS': '5' }, 'compare', '--json')).toEqual(
      ['compare', '--release=pr-1', '--max-seconds=5', '--json'],
    );
  });

  test('may be written with underscores', () => {
    expect(words({ INPUT_MAX_SECONDS: '5' }, 'compare')).toEqual(['compare', '--max-seconds=5']);
  });

  test('are found under the other name where one is empty', () => {
    expect(words({ 'INPUT_MAX-SECONDS': '', INPUT_MAX_SECONDS: '5' }, 'compare')).toEqual([
      'compare',
      '--max-seconds=5',
    ]);
  });

  test('that are empty were not given', () => {
    expect(words({ INPUT_RELEASE: '', INPUT_LINEAGE: ' ' }, 'compare')).toEqual(['compare']);
  });

  test('that are flags take true and false, in the sense of the input', () => {
    const given = (env: Record<string, string>, step: string) => words(env, step).slice(1);
    expect(given({ INPUT_LINEAGE: 'false' }, 'compare')).toEqual(['--no-lineage']);
    expect(given({ INPUT_LINEAGE: 'true' }, 'compare')).toEqual([]);
    expect(given({ 'INPUT_DRY-RUN': 'True' }, 'retire')).toEqual(['--dry-run']);
    expect(given({ 'INPUT_DRY-RUN': 'false' }, 'retire')).toEqual([]);
    expect(() => given({ 'INPUT_DRY-RUN': 'yes' }, 'retire')).toThrow(UsageError);
  });

  test('that are lists have one entry a line, and are replaced by what is typed', () => {
    const env = { INPUT_TABLE: 'marts.a\n  marts."b c"\n\n' };
    expect(words(env, 'report')).toEqual(['report', '--table=marts.a', '--table=marts."b c"']);
    expect(words(env, 'report', '--table', 'x')).toEqual(['report', '--table', 'x']);
  });

  test('never become another option, whatever they hold', () => {
    expect(words({ INPUT_RELEASE: '--help' }, 'compare')).toEqual(['compare', '--release=--help']);
    expect(words({ INPUT_RELEASE: '$(touch x); `y`' }, 'compare')).toEqual([
      'compare',
      '--release=$(touch x); `y`',
    ]);
  });

  test('of the command line only are none', () => {
    expect(words({ INPUT_JSON: 'true', INPUT_BY: 'eve' }, 'approve')).toEqual(['approve']);
  });

  test('name the step where nothing is typed', () => {
    expect(words({ INPUT_STEP: 'status', INPUT_GATE: 'true', INPUT_COMMENT: 'true' })).toEqual([
      'status',
      '--gate',
    ]);
    expect(words({ INPUT_STEP: 'status' }, 'clone')).toEqual(['clone']);
    expect(words({})).toEqual([]);
    expect(words({ INPUT_STEP: 'nonsense' })).toEqual(['nonsense']);
  });

  test('that the step does not take are refused', () => {
    const env = { INPUT_STEP: 'clone', INPUT_DIGEST: '3f9c0a7be112' };
    expect(() => words(env)).toThrow('The step clone takes no input digest.');
  });

  test('that others take are not in the way at their default', () => {
    const env = { INPUT_STEP: 'clone', INPUT_LINEAGE: 'true', 'INPUT_GITHUB-TOKEN': 'ghs_1' };
    expect(words(env)).toEqual(['clone']);
  });
});

describe('the command line', () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject();
  });
  afterAll(() => project.dispose());

  test('takes inputs, and a typed option wins', async () => {
    const { exitCode } = await project.runWith({ env: { INPUT_RELEASE: 'pr-5' } }, 'clone');
    expect(exitCode).toBe(0);
    const env = { INPUT_RELEASE: 'pr-5', GREENLIGHT_RELEASE: 'pr-7' };
    const typed = await project.runWith({ env }, 'clone', '--release', 'pr-6');
    expect(typed.stdout).toContain('Release pr-6 is cloned');
    const { stdout } = await project.runWith({ env: { INPUT_STEP: 'status' } });
    expect(stdout).toMatch(/pr-5 .*\n.*pr-6 /);
    expect(stdout).not.toContain('pr-7');
  });

  test('tells of a wrong input as of a wrong option', async () => {
    const flag = await project.runWith({ env: { INPUT_GATE: 'perhaps' } }, 'status', '--json');
    expect(flag.exitCode).toBe(2);
    expect(JSON.parse(flag.stdout)).toEqual({
      error: {
        what: 'The input gate is neither true nor false.',
        live: 'live is unchanged',
        help: 'Write `gate: true` or `gate: false`.',
      },
    });
    const number = await project.runWith({ env: { 'INPUT_MAX-SECONDS': '-1' } }, 'compare');
    expect(number.exitCode).toBe(2);
    expect(number.stderr).toContain("option '--max-seconds <n>' argument '-1' is invalid");
  });

  test('prepares a release in one step', async () => {
    const { release, clone, migrate, simulate, compare } = await project.json<{
      release: string;
      clone: object;
      migrate: object;
      simulate: object;
      compare: object;
    }>('prepare', '--release', 'pr-9', '--max-deviations', '1000');
    expect(release).toBe('pr-9');
    expect(clone).toMatchObject({ release: 'pr-9', state: 'cloned' });
    expect(migrate).toMatchObject({ applied: ['V001__note.sql'] });
    expect(simulate).toMatchObject({ state: 'simulated' });
    expect(compare).toMatchObject({ state: 'compared', verdict: 'unexplained' });
  });

  test('ends a preparation at the step that fails', async () => {
    await project.write('logic/02_wrong.sql', 'select * from marts.nowhere;');
    const { exitCode, stderr } = await project.run('prepare', '--release', 'pr-9');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('02_wrong.sql');
    await project.remove('logic/02_wrong.sql');
    const { releases } = await project.json<{ releases: { release: string; state: string }[] }>(
      'status',
    );
    expect(releases.find(({ release }) => release === 'pr-9')?.state).toBe('migrated');
  });
});

describe('outputs', () => {
  test('are parts of the result as texts', () => {
    const result = { release: 'pr-1', gate: null, compare: { verdict: 'identical' }, n: 0, l: [1] };
    const declared = ['release', 'gate.open', 'compare.verdict', 'n', 'l', 'none'];
    expect(
      outputsOf(
        result,
        declared.map((from) => ({ name: from, from })),
      ),
    ).toEqual({
      release: 'pr-1',
      'gate.open': '',
      'compare.verdict': 'identical',
      n: '0',
      l: '[1]',
      none: '',
    });
  });
});
