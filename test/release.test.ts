import { afterEach, test } from '@jest/globals';
import { makeProject, type Project } from './support/project.ts';
import { goThereAndBack, goWithoutChange } from './support/release-flow.ts';

let project: Project;
afterEach(() => project?.dispose());

test('a release goes the whole way and back, and live changes at swap and rollback only', async () => {
  project = await makeProject();
  await goThereAndBack(project, {
    content: () => project.fingerprint(),
    newRows: () => project.sql('warehouse.duckdb', 'select count(*) as n from marts.revenue'),
  });
});

test('a release that changes nothing has no deviations and needs no approval', async () => {
  project = await makeProject();
  await project.remove('migrations/V001__note.sql');
  await goWithoutChange(project, ['clone', 'migrate', 'simulate']);
});
