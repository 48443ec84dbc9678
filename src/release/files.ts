import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CommandItem, Config, RunItem } from '../config/config.ts';
import { yamlContent } from '../config/file.ts';
import type { Script } from '../engines/engine.ts';
import { GreenlightError, UsageError } from '../errors.ts';
import { canonicalJson } from './digest.ts';

/** A file of the project: relative path with `/`, content, and the content's checksum. */
export interface ProjectFile extends Script {
  readonly checksum: string;
}

export interface MigrationScript extends ProjectFile {
  readonly kind: 'versioned' | 'repeatable';
  /** The file's name without folder: how the ledger knows it. */
  readonly name: string;
}

/** An item of a list of things to run: one SQL file of a glob, or a command. */
export type RunStep =
  | {
      readonly kind: 'sql';
      readonly name: string;
      readonly checksum: string;
      readonly script: Script;
    }
  | {
      readonly kind: 'command';
      readonly name: string;
      readonly checksum: string;
      readonly command: CommandItem;
    };

/**
 * The migration scripts in the order in which they run: `V<version>__<name>.sql` by version, then
 * `R__<name>.sql` by name (Flyway's convention).
 * @throws GreenlightError for a file of another name, and for two files of one version; UsageError without the folder.
 */
export async function migrationScripts(config: Config): Promise<MigrationScript[]> {
  if (config.migrate?.kind !== 'scripts') return [];
  const { folder } = config.migrate;
  if (!(await isFolder(join(config.root, folder)))) {
    throw new UsageError({
      what: `There is no folder ${folder}.`,
      where: `${config.file}: migrate.scripts`,
      help: `Make it, or write another one. Paths are relative to ${config.root}.`,
    });
  }
  const files = await projectFiles(config, [`${folder.replace(/\/+$/, '')}/**/*.sql`]);
  const scripts = files.map((file) => {
    const name = file.file.split('/').at(-1) ?? file.file;
    const match = /^(?:V(\d+(?:[._]\d+)*)|R)__(.+)\.sql$/.exec(name);
    if (match === null) {
      throw new GreenlightError({
        what: 'This file in the migrations folder has no migration name.',
        where: file.file,
        help: 'Call it V<version>__<name>.sql (runs once) or R__<name>.sql (runs when it changed), or move it elsewhere.',
      });
    }
    const version = match[1]?.split(/[._]/).map(Number) ?? null;
    return {
      ...file,
      name,
      version,
      kind: version === null ? ('repeatable' as const) : ('versioned' as const),
    };
  });
  scripts.sort((a, b) => compareVersions(a.version, b.version) || (a.name < b.name ? -1 : 1));
  scripts.forEach((script, at) => {
    const before = scripts[at - 1];
    if (before === undefined) return;
    const sameVersion =
      script.version !== null && compareVersions(before.version, script.version) === 0;
    if (!sameVersion && before.name !== script.name) return;
    throw new GreenlightError({
      what: sameVersion
        ? 'Two migration scripts have the same version.'
        : 'Two migration scripts have the same name.',
      where: `${before.file} and ${script.file}`,
      help: 'Rename one of them.',
    });
  });
  return scripts.map(({ version: _, ...script }) => script);
}

/** Repeatable scripts (no version) come after all versioned ones. */
function compareVersions(a: readonly number[] | null, b: readonly number[] | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The run list with its globs resolved, in order.
 * @throws UsageError for a glob that matches nothing.
 */
export function runSteps(config: Config): Promise<RunStep[]> {
  return stepsOf(config, config.simulate?.run ?? [], 'simulate.run');
}

/**
 * The checks that verify live after the swap, in order.
 * @throws UsageError for a glob that matches nothing.
 */
export function verifySteps(config: Config): Promise<RunStep[]> {
  return stepsOf(config, config.swap.verify, 'swap.verify');
}

async function stepsOf(config: Config, items: readonly RunItem[], key: string): Promise<RunStep[]> {
  const steps: RunStep[] = [];
  for (const item of items) {
    if (item.kind === 'command') {
      const checksum = sha256(
        item.command,
        ...(await projectFiles(config, item.paths)).map((file) => file.checksum),
      );
      steps.push({ kind: 'command', name: item.command, checksum, command: item });
      continue;
    }
    for (const file of await matching(config, item.glob, key)) {
      steps.push({ kind: 'sql', name: file.file, checksum: file.checksum, script: file });
    }
  }
  return steps;
}

/** The files of the checks: SQL files, and what the commands depend on. */
export async function verifyFiles(config: Config): Promise<ProjectFile[]> {
  const files: ProjectFile[] = [];
  for (const item of config.swap.verify) {
    files.push(
      ...(item.kind === 'sql'
        ? await matching(config, item.glob, 'swap.verify')
        : await projectFiles(config, item.paths)),
    );
  }
  return files;
}

/**
 * The file that declares the intended deviations; empty when there is none. Its checksum is that of what it declares:
 * a comment changes nothing.
 */
export async function expectationsFile({
  root,
  expectations: { file },
}: Config): Promise<ProjectFile[]> {
  const content = await readFile(resolve(root, file)).catch(() => null);
  if (content === null) return [];
  const text = content.toString('utf8');
  const says = yamlContent(text);
  return [{ file, text, checksum: sha256(says === undefined ? content : canonicalJson(says)) }];
}

/** The files of several globs, each once, ordered by path. */
export async function projectFiles(
  config: Config,
  globs: readonly string[],
): Promise<ProjectFile[]> {
  if (globs.length === 0) return [];
  const { glob } = await import('tinyglobby');
  const found = await glob([...globs], { cwd: config.root, expandDirectories: true });
  const files: ProjectFile[] = [];
  for (const file of found.sort()) {
    const content = await readFile(join(config.root, file));
    files.push({ file, text: content.toString('utf8'), checksum: sha256(content) });
  }
  return files;
}

export function sha256(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function matching(config: Config, glob: string, key: string): Promise<ProjectFile[]> {
  const files = await projectFiles(config, [glob]);
  if (files.length > 0) return files;
  throw new UsageError({
    what: `No file matches ${glob}.`,
    where: `${config.file}: ${key}`,
    help: `Paths are relative to ${config.root}.`,
  });
}
