import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * Debian's packages, unpacked into a folder of `build/` and not installed. Gives the folder that stands for `/`; null: they
 * cannot be had here.
 */
export async function unpack(name: string, packages: readonly string[]): Promise<string | null> {
  const folder = resolve('build', name);
  const root = join(folder, 'root');
  try {
    await mkdir(root, { recursive: true });
    await promisify(execFile)('apt-get', ['download', ...packages], { cwd: folder });
    for (const file of await readdir(folder)) {
      if (file.endsWith('.deb'))
        await promisify(execFile)('dpkg', ['-x', join(folder, file), root]);
    }
    return root;
  } catch {
    return null;
  }
}

/** Of packages that are unpacked, where their libraries are: for `LD_LIBRARY_PATH`. */
export function librariesIn(root: string): string {
  return join(root, 'usr', 'lib', 'x86_64-linux-gnu');
}
