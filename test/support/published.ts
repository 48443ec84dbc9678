import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Project } from './project.ts';

/** The repository as a user's runner fetches it: actions, components, and the bundle that jest's setup made. */
export async function publish(folder: string): Promise<string> {
  const greenlight = join(folder, 'greenlight');
  await mkdir(greenlight, { recursive: true });
  for (const name of ['actions', 'templates']) {
    await cp(name, join(greenlight, name), { recursive: true });
  }
  await symlink(join(process.cwd(), 'build', 'dist'), join(greenlight, 'dist'));
  return greenlight;
}

/** Live and ledger stay where they are, whichever checkout a job works in. */
export function configOfJobs(project: Project): string {
  return `version: 1
engine: duckdb
live: ${project.path('warehouse.duckdb')}
ledger: ${project.path('ledger.duckdb')}
migrate: { scripts: migrations/ }
simulate: { run: [logic/*.sql] }
compare: { input: [staging.*] }
`;
}
