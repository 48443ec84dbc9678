import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cli, openProject, type Project } from '../support/project.ts';

const execute = promisify(execFile);
const example = join(process.cwd(), 'examples', 'vault');
let project: Project;

beforeAll(async () => {
  project = openProject(await mkdtemp(join(tmpdir(), 'greenlight-vault-')));
  const versioned = (path: string) => !/\.duckdb|\.greenlight/.test(path.slice(example.length));
  await cp(example, project.folder, { recursive: true, filter: versioned });
  await symlink(join(process.cwd(), 'node_modules'), project.path('node_modules'));
  await mkdir(project.path('bin'));
  const greenlight = project.path('bin/greenlight');
  await writeFile(greenlight, `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  await chmod(greenlight, 0o755);
});
afterAll(() => rm(project.folder, { recursive: true, force: true }));

/** The README's blocks: a `sh` block is run as it stands, each `text` block after it is part of what it prints. */
async function walkThrough(): Promise<number> {
  const text = await readFile(join(example, 'README.md'), 'utf8');
  const env = {
    PATH: `${project.path('bin')}:${process.env.PATH}`,
    HOME: project.folder,
    GREENLIGHT_ACTOR: 'tester',
    CI: 'true',
    // Ahead of UTC, where each year begins earlier: the README holds everywhere.
    TZ: 'Asia/Tokyo',
  };
  let printed = '';
  let shown = 0;
  for (const [, kind, block = ''] of text.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)) {
    if (kind === 'sh') {
      const options = { cwd: project.folder, env };
      printed = (await execute('/bin/sh', ['-e', '-c', block], options)).stdout;
    } else {
      expect(printed).toContain(block.trimEnd());
      shown += 1;
    }
  }
  return shown;
}

test('the commands of the README print what it says', async () => {
  expect(await walkThrough()).toBe(11);
  expect(
    await project.sql(
      'warehouse.duckdb',
      `select (select count(*) from delivered.turnover)::int as turnovers, (select count(*) from vault.bonus)::int as bonuses,
           (select count(*) from vault.bonus where tech_to <> 'infinity')::int as corrected, count(distinct customer_id)::int as customers,
           count(distinct valid_from)::int as months from vault.bonus`,
    ),
  ).toEqual([{ turnovers: 926, bonuses: 926, corrected: 26, customers: 100, months: 9 }]);
  for (const file of ['warehouse.duckdb', 'greenlight.duckdb']) await project.remove(file);
}, 120_000);

test('the old logic changes nothing: what production has is what it makes', async () => {
  await execute(process.execPath, ['production/build.mjs'], { cwd: project.folder });
  await cp(project.path('production/logic'), project.path('logic'), { recursive: true });
  await project.remove('greenlight.expected.yml');
  await project.write(
    'greenlight.yml',
    (await readFile(project.path('greenlight.yml'), 'utf8')).replace(/^expectations.*$/m, ''),
  );
  await project.json('clone', '--release', 'same');
  expect(await project.json('simulate')).toMatchObject({
    bitemporal: { tables: [{ superseded: 0, added: 0, unchanged: 926 }] },
  });
  expect(await project.json('compare')).toMatchObject({ verdict: 'identical' });
}, 120_000);
