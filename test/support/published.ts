import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

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
