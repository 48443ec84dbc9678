import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { canonicalJson } from './digest.ts';
import {
  expectationsFile,
  migrationScripts,
  type ProjectFile,
  projectFiles,
  runSteps,
  sha256,
  verifyFiles,
} from './files.ts';
import type { StepRecord } from './records.ts';

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
    config.migrate?.kind === 'command' ? await commandFiles(config, config.migrate.paths) : [];
  const runPaths = await commandFiles(
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
    'greenlight.yml: approvals': checksum(config.approvals),
    ...checksums(await expectationsFile(config)),
    ...checksums(await verifyFiles(config)),
  };
  return { hash: checksum(parts), candidate: checksum(makesCandidate), parts };
}

/** The logic that the latest comparison was made with; null when there is none. */
export function comparedLogic(steps: readonly StepRecord[]): LogicHash | null {
  const compared = steps.findLast(({ step, state }) => step === 'compare' && state === 'done');
  return (compared?.detail as { logic?: LogicHash } | undefined)?.logic ?? null;
}

/** Byte by byte, but for the files that count by what they say. */
async function commandFiles(config: Config, globs: readonly string[]): Promise<ProjectFile[]> {
  const bySense = [config.file, resolve(config.root, config.expectations.file)];
  const files = await projectFiles(config, globs);
  return files.filter(({ file }) => !bySense.includes(resolve(config.root, file)));
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
