import type { Config } from '../config/config.ts';
import { canonicalJson } from './digest.ts';
import {
  expectationsFile,
  migrationScripts,
  projectFiles,
  runSteps,
  sha256,
  verifyFiles,
} from './files.ts';

/** What a release's outcome depends on, by content. */
export interface LogicHash {
  readonly hash: string;
  /** Of the parts that make the candidate: a candidate made by other ones must be made anew. */
  readonly candidate: string;
  /** File, or a section of the configuration -> checksum: shows what changed. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Where live is and how it is reached does not count: the same logic is the same in test and production. */
export async function logicHash(config: Config): Promise<LogicHash> {
  const scripts = await migrationScripts(config);
  const run = await runSteps(config);
  const migratePaths =
    config.migrate?.kind === 'command' ? await projectFiles(config, config.migrate.paths) : [];
  const runPaths = await projectFiles(
    config,
    (config.simulate?.run ?? []).flatMap((item) => (item.kind === 'command' ? item.paths : [])),
  );
  const makesCandidate = {
    'greenlight.yml: migrate': checksum(config.migrate),
    'greenlight.yml: simulate': checksum(config.simulate),
    ...checksums([...scripts, ...migratePaths, ...runPaths]),
    ...checksums(
      run.flatMap((step) =>
        step.kind === 'sql' ? [{ file: step.name, checksum: step.checksum }] : [],
      ),
    ),
  };
  const parts = {
    ...makesCandidate,
    'greenlight.yml: compare': checksum(config.compare),
    'greenlight.yml: swap': checksum(config.swap),
    ...checksums(await expectationsFile(config)),
    ...checksums(await verifyFiles(config)),
  };
  return { hash: checksum(parts), candidate: checksum(makesCandidate), parts };
}

function checksums(
  files: readonly { readonly file: string; readonly checksum: string }[],
): Record<string, string> {
  return Object.fromEntries(files.map(({ file, checksum: content }) => [file, content]));
}

function checksum(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** The parts that differ between two logics: `+` new, `-` gone, `~` changed. */
export function changedParts(before: LogicHash['parts'], after: LogicHash['parts']): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    if (before[name] === after[name]) return [];
    if (before[name] === undefined) return [`+ ${name}`];
    return after[name] === undefined ? [`- ${name}`] : [`~ ${name}`];
  });
}
