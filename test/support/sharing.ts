import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { librariesIn, unpack } from './debian.ts';

const run = promisify(execFile);

export interface SharingFileSystem {
  readonly folder: string;
  dispose(): Promise<void>;
}

const tools = {
  xfs: ['xfsprogs', 'libinih1', 'liburcu8'],
  btrfs: ['btrfs-progs', 'liblzo2-2'],
} as const;

/**
 * A file system in which copies share blocks, in a file of its own, mounted by a loop device. A text says why this
 * machine has none: it takes root, a kernel that knows it, and its tools from Debian.
 */
export async function mountSharing(kind: keyof typeof tools): Promise<SharingFileSystem | string> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root may mount';
  const base = await mkdtemp(join(tmpdir(), `greenlight-${kind}-`));
  const [image, folder] = [join(base, 'image'), join(base, 'mounted')];
  const clear = () => rm(base, { recursive: true, force: true });
  try {
    await mkdir(folder);
    const file = await open(image, 'w');
    await file.truncate(400 * 1024 * 1024);
    await file.close();
    await format(kind, image);
    await run('mount', ['-t', kind, '-o', 'loop', image, folder]);
  } catch (error) {
    await clear();
    return `${kind} cannot be mounted: ${String(error).split('\n', 1)[0]}`;
  }
  return {
    folder,
    dispose: async () => {
      await run('umount', [folder]);
      await clear();
    },
  };
}

async function format(kind: keyof typeof tools, image: string): Promise<void> {
  const command = `mkfs.${kind}`;
  try {
    await run(command, ['-q', image]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const root = await unpack(`${kind}-tools`, tools[kind]);
    if (root === null) throw new Error(`there is no ${command}`);
    const env = { ...process.env, LD_LIBRARY_PATH: librariesIn(root) };
    await run(join(root, 'sbin', command), ['-q', image], { env });
  }
}
