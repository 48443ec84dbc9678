import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readManifest } from '../../scripts/manifest/read.ts';
import { configSchema } from '../../src/config/schema.ts';
import { engineNames } from '../../src/engines/names.ts';
import { starters } from '../../src/engines/starters.ts';
import { steps as generated } from '../../src/manifest.generated.ts';
import { resultJsonSchemas } from '../../src/report/results.ts';

let text: string;
beforeAll(async () => {
  text = await readFile('manifest.yml', 'utf8');
});

describe('the manifest', () => {
  test('brings in what steps share, and works out the types', () => {
    const compare = readManifest(text).find(({ name }) => name === 'compare');
    const input = (name: string) => compare?.inputs.find((one) => one.name === name);
    expect(input('release')).toMatchObject({ type: 'text', variable: 'GREENLIGHT_RELEASE' });
    expect(input('lineage')).toMatchObject({ type: 'flag', default: 'true' });
    expect(input('write-expectations')).toMatchObject({
      type: 'flag',
      default: 'false',
      hosts: [],
    });
    expect(input('max-seconds')).toMatchObject({ type: 'count', default: '' });
    expect(input('github-token')).toMatchObject({ option: null, hosts: ['github'] });
  });

  test('lets a chain take what its steps take', () => {
    const steps = new Map(readManifest(text).map((step) => [step.name, step]));
    const names = (step: string) => steps.get(step)?.inputs.map(({ name }) => name);
    expect(names('prepare')?.sort()).toEqual(
      [
        ...new Set(
          ['clone', 'migrate', 'simulate', 'compare'].flatMap((step) => names(step) ?? []),
        ),
      ].sort(),
    );
  });

  test('offers every engine of the configuration for a first greenlight.yml', () => {
    const init = readManifest(text).find(({ name }) => name === 'init');
    const engine = init?.inputs.find(({ name }) => name === 'engine');
    expect(engine).toMatchObject({ choices: [...configSchema.shape.engine.options] });
    expect(Object.keys(starters).sort()).toEqual([...configSchema.shape.engine.options]);
  });

  test('and all lists of engines that are kept by hand name those that there are', async () => {
    const looked = await readFile('docs/steps/doctor.md', 'utf8');
    const examined = [...looked.matchAll(/^- \*\*([\w ]+):\*\*/gm)].map(([, name = '']) =>
      name.replace(' ', '').toLowerCase().replace('postgresql', 'postgres'),
    );
    expect(examined).toEqual(expect.arrayContaining([...engineNames]));
  });

  test('is refused with a key that nobody knows', () => {
    const wrong = text.replace('chains: [clone,', 'chain: [clone,');
    expect(() => readManifest(wrong)).toThrow(/Unrecognized key: "chain"\s+→ at steps\.prepare/);
  });

  test.each([
    ['option: --dry-run', 'option: --dryrun', /dry-run: the option --dryrun has another name/],
    ['      dry-run:\n', '      dry-rum:\n', /dry-rum: the option --dry-run has another name/],
    [
      '      review-page:\n',
      '      review-pages:\n',
      /compare: review-pages: from is not declared/,
    ],
    ['[read-code, comment, status]', '[read-code, commet]', /permissions: commet is not declared/],
    ['conflicts: [comparison,', 'conflicts: [comparisom,', /conflicts: comparisom is not declared/],
    ['chains: [clone,', 'chains: [clown,', /chains: clown is not declared/],
  ])('names the place of a mistake: %s -> %s', (right, wrong, message) => {
    expect(text).toContain(right);
    expect(() => readManifest(text.replace(right, wrong))).toThrow(message);
  });

  test('gives the command line each shared input once', () => {
    const inputs = generated.flatMap((step) => step.inputs);
    expect(new Set(inputs).size).toBe(new Set(inputs.map((one) => JSON.stringify(one))).size);
  });

  test('leaves who approves what to the host', () => {
    const approve = readManifest(text).find(({ name }) => name === 'approve');
    const given = approve?.inputs.filter(({ hosts }) => hosts.length > 0).map(({ name }) => name);
    expect(given).not.toEqual(expect.arrayContaining(['digest']));
    expect(given).not.toEqual(expect.arrayContaining(['by']));
  });

  test('names outputs that the results have', () => {
    const schemas = resultJsonSchemas();
    const missing = generated.flatMap(({ name, outputs }) =>
      outputs
        .filter(({ from }) => !hasPath(schemas[name], from.split('.')))
        .map(({ from }) => `${name}: ${from}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('npm run generate', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'greenlight-'));
    for (const name of ['manifest.yml', 'package.json', 'docs', 'actions', 'templates'])
      await cp(name, join(folder, name), { recursive: true });
    await generate();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const generate = async (...args: string[]) =>
    promisify(execFile)(
      process.execPath,
      [join(process.cwd(), 'scripts/run.mjs'), join(process.cwd(), 'scripts/generate.ts'), ...args],
      { cwd: folder },
    ).then(
      () => '',
      ({ stderr }) => String(stderr),
    );
  const edit = async (file: string, from: string, to: string) => {
    const before = await readFile(join(folder, file), 'utf8');
    expect(before).toContain(from);
    await writeFile(join(folder, file), before.replace(from, to));
  };

  test('makes the files that are committed', async () => {
    for (const file of [
      'action.yml',
      'actions/compare/action.yml',
      'actions/swap/README.md',
      'templates/swap.yml',
      'docs/steps/compare.md',
      'docs/cli.md',
      'src/manifest.generated.ts',
    ]) {
      expect(await readFile(join(folder, file), 'utf8')).toBe(await readFile(file, 'utf8'));
    }
    expect(await generate('--check')).toBe('');
  });

  test('with --check fails for each file that was edited, and for one that nothing gives', async () => {
    await edit('actions/compare/action.yml', 'INPUT_CONFIG', 'INPUT_CONFIGURATION');
    await edit('templates/swap.yml', 'resource_group', 'resource');
    await edit('docs/steps/compare.md', '`--no-lineage`', '`--no-line`');
    await edit('src/manifest.generated.ts', '--dry-run', '--try-run');
    await writeFile(join(folder, 'templates', 'old.yml'), '');
    expect((await generate('--check')).trim().split('\n').sort()).toEqual([
      'Run `npm run generate` and commit what it writes.',
      'differs: actions/compare/action.yml',
      'differs: docs/steps/compare.md',
      'differs: src/manifest.generated.ts',
      'differs: templates/swap.yml',
      'no longer made: templates/old.yml',
    ]);
    await generate();
    expect(await generate('--check')).toBe('');
  });

  test('with --check fails when the manifest was edited', async () => {
    await edit('manifest.yml', 'default: greenlight.yml', 'default: green.yml');
    const stale = await generate('--check');
    expect(stale).toContain('differs: actions/compare/action.yml');
    expect(stale).toContain('differs: templates/compare.yml');
    expect(stale).toContain('differs: src/manifest.generated.ts');
  });
});

/** Whether a JSON Schema knows the member; of alternatives, whether one does. */
function hasPath(schema: unknown, [first, ...rest]: string[]): boolean {
  if (first === undefined) return true;
  const { properties, anyOf = [] } = (schema ?? {}) as {
    properties?: Record<string, unknown>;
    anyOf?: unknown[];
  };
  if (properties !== undefined && first in properties) return hasPath(properties[first], rest);
  return anyOf.some((one) => hasPath(one, [first, ...rest]));
}
