import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Config, Control } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { GreenlightError, UsageError } from '../errors.ts';
import { openRepository, type Repository } from '../git.ts';
import { type RunStep, runSteps } from './files.ts';

/** The project as it was before the change, in a folder of its own. */
export interface OldLogic {
  /** For people: `commit 3f9c0a7e1234`, `folder ../released`. */
  readonly named: string;
  /** Null when it comes from a folder. */
  readonly commit: string | null;
  /** The old run list and its folder; all else as it is configured now. */
  readonly config: Config;
  readonly steps: readonly RunStep[];
  /** The new logic runs the same items with the same content. */
  readonly isSame: boolean;
  /** Removes what was made for it. */
  close(): Promise<void>;
}

export interface OldLogicRequest {
  readonly config: Config;
  readonly control: Control;
  /** Where the change is meant to go, as git revisions, the best first; empty: nobody says. */
  readonly target: readonly string[];
  /** The commit of the old logic that ran before for this release; null: none did. */
  readonly lastCommit: string | null;
}

/**
 * Finds the old logic and reads it. To be closed.
 * @throws GreenlightError when it is not there, and UsageError when what is there has no logic to run.
 */
export async function openOldLogic(request: OldLogicRequest): Promise<OldLogic> {
  const { config, control } = request;
  if (control.kind === 'folder') return fromFolder(config, control.folder);
  const repository = await openRepository(config.root);
  const found = await findCommit(repository, control, request.target);
  const old = await fromCommit(config, repository, found);
  if (!old.isSame || found !== (await repository.commitOf('HEAD'))) return old;
  // After the merge, the target branch holds the new logic: run as control, it would hide every deviation.
  await old.close();
  const { lastCommit } = request;
  if (lastCommit === null || lastCommit === found || !(await repository.commitOf(lastCommit)))
    throw nothingOlder(config, found);
  return fromCommit(config, repository, lastCommit);
}

// The commit ---------------------------------------------------------------------------------------

async function findCommit(
  repository: Repository,
  control: Exclude<Control, { kind: 'folder' }>,
  target: readonly string[],
): Promise<string> {
  if (control.kind === 'ref') {
    const { ref } = control;
    const [commit] = await known(repository, [ref, `refs/remotes/origin/${ref}`]);
    if (commit !== undefined) return commit;
    throw lacks(repository, `The repository has no commit, branch or tag ${ref}.`);
  }
  const [end] = await known(repository, target.length > 0 ? target : usualTargets);
  if (end === undefined) {
    const named = target.length > 0 ? target : usualTargets;
    throw lacks(
      repository,
      `The repository does not have the target branch: there is no ${named.join(', ')}.`,
    );
  }
  const base = await repository.mergeBase('HEAD', end);
  if (base !== null) return base;
  throw lacks(
    repository,
    `The repository does not have the commit at which HEAD and ${end.slice(0, 12)} parted.`,
  );
}

const usualTargets = [
  'refs/remotes/origin/HEAD',
  'refs/remotes/origin/main',
  'refs/remotes/origin/master',
  'refs/heads/main',
  'refs/heads/master',
];

async function known(repository: Repository, revisions: readonly string[]): Promise<string[]> {
  const commits = await Promise.all(revisions.map((revision) => repository.commitOf(revision)));
  return commits.filter((commit) => commit !== null);
}

function lacks({ isShallow }: Repository, what: string): GreenlightError {
  return new GreenlightError({
    what,
    where: 'greenlight.yml: simulate.control',
    ...(isShallow ? { cause: 'it is a shallow clone: a part of the history is missing' } : {}),
    help: isShallow
      ? 'Fetch all of the history: `fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` in GitLab CI, `git fetch --unshallow` in a shell.'
      : 'Fetch it, or name the old logic: { ref: COMMIT } or { folder: ../released }.',
  });
}

/** What is checked out has changed nothing yet, or is merged. */
export class NothingOlder extends UsageError {}

function nothingOlder({ file }: Config, commit: string): NothingOlder {
  return new NothingOlder({
    what: `The old logic is the new logic: commit ${commit.slice(0, 12)} is checked out, with the same run list.`,
    where: `${file}: simulate.control`,
    cause: 'as control it would count every deviation as noise',
    help: 'Name the logic that made what live holds: { ref: COMMIT }. To run the same logic twice on purpose: { folder: . }.',
  });
}

// The project --------------------------------------------------------------------------------------

async function fromFolder(config: Config, folder: string): Promise<OldLogic> {
  const root = resolve(config.root, folder);
  const isFolder = await stat(root).then(
    (there) => there.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new UsageError({
      what: `There is no folder ${folder}.`,
      where: `${config.file}: simulate.control.folder`,
      help: `Put the old project there. Paths are relative to ${config.root}.`,
    });
  }
  return readProject(config, root, {
    named: `folder ${folder}`,
    commit: null,
    close: async () => {},
  });
}

async function fromCommit(
  config: Config,
  repository: Repository,
  commit: string,
): Promise<OldLogic> {
  const made = await realpath(await mkdtemp(join(tmpdir(), 'greenlight-old-logic-')));
  const close = () => rm(made, { recursive: true, force: true });
  try {
    const top = join(made, 'project');
    await repository.checkOut(commit, top);
    const named = `commit ${commit.slice(0, 12)}`;
    return await readProject(config, join(top, repository.prefix), { named, commit, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function readProject(
  config: Config,
  root: string,
  source: Pick<OldLogic, 'named' | 'commit' | 'close'>,
): Promise<OldLogic> {
  const name = basename(config.file);
  const file = join(root, name);
  const there = await stat(file).catch(() => null);
  const old = there === null ? null : await aboutOldLogic(source, loadConfig(file, process.env));
  if (old === null || old.simulate === null || config.simulate === null) {
    throw new UsageError({
      what: `The old logic (${source.named}) has ${old === null ? `no ${name}` : `a ${name} without \`simulate\``}: nobody knows what to run.`,
      where: `${config.file}: simulate.control`,
      help: 'Name a later commit or another folder, with the run list in its configuration; or set simulate.control to false.',
    });
  }
  const asOld: Config = {
    ...config,
    file,
    root,
    simulate: { ...old.simulate, clock: config.simulate.clock, control: null },
    variables: [...new Set([...config.variables, ...old.variables])],
  };
  const steps = await aboutOldLogic(source, runSteps(asOld));
  return { ...source, config: asOld, steps, isSame: areEqual(steps, await runSteps(config)) };
}

function areEqual(one: readonly RunStep[], other: readonly RunStep[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, checksum }, at) => {
      const { name: otherName, checksum: otherChecksum } = other[at] as RunStep;
      return name === otherName && checksum === otherChecksum;
    })
  );
}

/** What goes wrong in files that are not the ones at hand says so. */
export async function aboutOldLogic<T>(
  { named }: Pick<OldLogic, 'named'>,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof GreenlightError)) throw error;
    const { problem, exitCode } = error;
    throw new GreenlightError(
      {
        ...problem,
        what: `The old logic (${named}) cannot run:\n${problem.what}`,
        help: 'Without it there is no control. Name another one in simulate.control ({ ref: COMMIT } or { folder: ../released }), or set it to false.',
      },
      exitCode,
    );
  }
}
