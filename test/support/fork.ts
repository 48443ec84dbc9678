import { execFile } from 'node:child_process';
import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openProject, type Project } from './project.ts';

const execute = promisify(execFile);

/**
 * A copy of a project with all its databases, as it stands: so that many tests start from one state that is made once.
 * The ledger knows databases by inode and by path; it is told those of the copies.
 */
export async function forkProject(original: Project): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'greenlight-test-'));
  await execute('cp', ['-a', `${original.folder}/.`, folder]);
  const fork = openProject(folder);
  if ((await stat(fork.path('greenlight.duckdb')).catch(() => null)) === null) return fork;
  const ids = await inodes(original.folder, folder);
  const move = (column: string) =>
    `${column} = replace(${column}, '${original.folder}/', '${folder}/')`;
  const rename = (column: string) =>
    `${column} = case ${column} ${ids.map(([from, to]) => `when 'inode ${from}' then 'inode ${to}'`).join(' ')} else ${column} end`;
  await fork.sql(
    'greenlight.duckdb',
    `begin;
     update release set ${['live', 'candidate', 'baseline', 'control'].map(move).join(', ')},
       ${['live_id', 'candidate_id', 'baseline_id', 'control_id'].map(rename).join(', ')};
     update swap set ${['live', 'incoming', 'kept'].map(move).join(', ')},
       ${['live_id', 'incoming_id'].map(rename).join(', ')};
     commit`,
  );
  return fork;
}

async function inodes(from: string, to: string): Promise<[bigint, bigint][]> {
  const names = (await readdir(from, { recursive: true })).filter((name) =>
    name.endsWith('.duckdb'),
  );
  return Promise.all(
    names.map(async (name): Promise<[bigint, bigint]> => {
      const [before, after] = await Promise.all(
        [from, to].map((folder) => stat(join(folder, name), { bigint: true })),
      );
      return [before?.ino ?? 0n, after?.ino ?? 0n];
    }),
  );
}

/** Something that is made once, by whoever needs it first: concurrent tests do not wait for `beforeAll`. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * Projects of one test file: forked from bases that are made once, and all of them removed at the end.
 * `bases` names how each base is made.
 */
export function projects<Name extends string>(bases: Record<Name, () => Promise<Project>>) {
  const all: Project[] = [];
  const keep = (project: Project) => {
    all.push(project);
    return project;
  };
  const made = Object.fromEntries(
    Object.entries<() => Promise<Project>>(bases).map(([name, make]) => [
      name,
      once(async () => keep(await make())),
    ]),
  ) as Record<Name, () => Promise<Project>>;
  return {
    /** A project of the test's own, as the base is. */
    fork: async (name: Name) => keep(await forkProject(await made[name]())),
    /** The base itself: only to be looked at. */
    base: (name: Name) => made[name](),
    keep,
    dispose: async () => {
      for (const project of all) await project.dispose();
    },
  };
}

/** Files anywhere below a folder of the project, as paths relative to it. */
export async function filesBelow(project: Project, folder = '.'): Promise<string[]> {
  const entries = await readdir(project.path(folder), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name).slice(project.folder.length + 1),
    )
    .sort();
}
