import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Programs in a folder of their own that tell a version, and do nothing else. Without a version there is no such program. */
export async function fakeClients(
  folder: string,
  { dump, restore = dump }: { readonly dump: string | null; readonly restore?: string | null },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, version] of Object.entries({ pg_dump: dump, pg_restore: restore }))
    if (version !== null)
      await writeFile(join(folder, name), `#!/bin/sh\necho '${name} (PostgreSQL) ${version}'\n`, {
        mode: 0o755,
      });
  return folder;
}
