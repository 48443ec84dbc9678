import type { CommandItem } from '../config/config.ts';
import { GreenlightError } from '../errors.ts';
import { plural } from '../format.ts';
import { leaveCandidate, requireCandidate, restoreCandidate } from '../release/candidate.ts';
import { type MigrationScript, migrationScripts, projectFiles, sha256 } from '../release/files.ts';
import { findRelease, requireState } from '../release/find.ts';
import { inventoryOf } from '../release/inventory.ts';
import { scriptsInLive } from '../release/lineage.ts';
import { logicHash } from '../release/logic-hash.ts';
import type { ClonedRelease, ScriptRecord } from '../release/records.ts';
import { runStep } from '../release/run.ts';
import { runOnCandidate } from './command.ts';
import type { StepContext } from './context.ts';

export interface MigrateResult {
  readonly release: string;
  readonly state: string;
  readonly applied: readonly string[];
  /** Scripts that live or this candidate already has, unchanged. */
  readonly skipped: readonly string[];
}

/** Runs the migration on the candidate, and on nothing else. What live already has is not run again. */
export async function migrate(
  context: StepContext,
  options: { readonly release?: string },
): Promise<MigrateResult> {
  const found = await findRelease(context.ledger, options.release);
  const release = requireState(
    found,
    ['cloned', 'migrated', 'simulated', 'compared', 'approved'],
    `greenlight clone --release ${found.id}`,
  );
  const logic = await logicHash(context.config);
  return runStep(
    context,
    { release: release.id, step: 'migrate', logic, seen: release },
    async () => {
      const ready = await usableCandidate(context, release);
      const { applied, skipped } = await applyMigrations(context, ready);
      // A step that found nothing to do leaves a simulated candidate simulated.
      const state = applied.length > 0 || ready.state === 'cloned' ? 'migrated' : ready.state;
      await leaveCandidate(context, ready, state);
      return { release: release.id, state, applied, skipped };
    },
  );
}

/** As the last step left it; made anew when a script did not get to its end in it, or when somebody else changed it. */
async function usableCandidate(
  context: StepContext,
  release: ClonedRelease,
): Promise<ClonedRelease> {
  const { config, host, ledger } = context;
  const state = await requireCandidate(context, release);
  const ran = await ledger.read<ScriptRecord[]>([], (reader) => reader.migrations(release.id));
  const cutOff = ran.some((script) => script.state === 'running');
  if (state === 'as-left' && !cutOff) return release;
  host.progress.note(
    cutOff
      ? 'An earlier run did not get to the end of a script, so the candidate is made anew.'
      : 'The candidate was changed since the last step left it, so it is made anew.',
  );
  return restoreCandidate(context, release, config.clone.method, host.progress);
}

export interface AppliedScripts {
  readonly applied: readonly string[];
  readonly skipped: readonly string[];
}

/** Applies what neither live nor the candidate has, in order, each with a record before and after. */
export async function applyMigrations(
  context: StepContext,
  release: ClonedRelease,
): Promise<AppliedScripts> {
  const { config, engine, ledger } = context;
  const result =
    config.migrate?.kind === 'command'
      ? await applyCommand(context, release, config.migrate)
      : await applyPending(context, release);
  if (result.applied.length > 0 || release.state === 'cloned') {
    const migrated_inventory = inventoryOf(await engine.catalog.read(release.candidate));
    await ledger.write(`migrate ${release.id}`, (writer) =>
      writer.updateRelease(release.id, { migrated_inventory }),
    );
  }
  return result;
}

async function applyPending(context: StepContext, release: ClonedRelease): Promise<AppliedScripts> {
  const { pending, skipped, ran } = await pendingScripts(context, release);
  await applyScripts(context, release, pending, ran);
  return { applied: pending.map(({ name }) => name), skipped };
}

interface PendingScripts {
  readonly pending: readonly MigrationScript[];
  readonly skipped: readonly string[];
  /** How many scripts ran on this candidate before. */
  readonly ran: number;
}

async function pendingScripts(
  { config, ledger }: StepContext,
  release: ClonedRelease,
): Promise<PendingScripts> {
  const scripts = await migrationScripts(config);
  const { inLive, onCandidate } = await ledger.read(
    { inLive: new Map<string, ScriptRecord>(), onCandidate: [] as ScriptRecord[] },
    async (reader) => ({
      inLive: await scriptsInLive(reader),
      onCandidate: await reader.migrations(release.id),
    }),
  );
  const pending = scripts.filter((script) => isPending(script, release, inLive, onCandidate));
  const skipped = scripts.filter((script) => !pending.includes(script)).map(({ name }) => name);
  return { pending, skipped, ran: onCandidate.length };
}

/** @throws GreenlightError when a script that ran before has another content now. */
function isPending(
  script: MigrationScript,
  release: ClonedRelease,
  inLive: ReadonlyMap<string, ScriptRecord>,
  onCandidate: readonly ScriptRecord[],
): boolean {
  const here = onCandidate.find((record) => record.script === script.name);
  const before = here ?? inLive.get(script.name);
  if (before === undefined) return true;
  if (before.checksum === script.checksum) return false;
  if (script.kind === 'repeatable' && here === undefined) return true;
  const [where, help] =
    here === undefined
      ? [
          `to live by release ${before.release}`,
          'Put the old content back, and write the change as a new version.',
        ]
      : [
          'to this candidate',
          `To run the new content, begin with a fresh clone: greenlight clone --release ${release.id}`,
        ];
  throw new GreenlightError({
    what: `The script was applied ${where} and has changed since.`,
    where: script.file,
    cause: `checksum when applied ${before.checksum}, now ${script.checksum}`,
    help,
  });
}

async function applyScripts(
  { engine, ledger, host }: StepContext,
  release: ClonedRelease,
  scripts: readonly MigrationScript[],
  firstPosition: number,
): Promise<void> {
  if (scripts.length === 0) return;
  const task = host.progress.task('Migrating the candidate', scripts.length);
  const session = await engine.scripts.open(release.candidate, {
    write: true,
    variables: { greenlight_release: release.id, greenlight_now: release.clone_instant },
    forbidden: [
      engine.places.live,
      release.baseline,
      engine.places.control(release.id),
      ledger.location,
    ],
  });
  try {
    for (const [index, script] of scripts.entries()) {
      const position = firstPosition + index;
      task.advance(index, script.name);
      await ledger.write(`migrate ${release.id}: ${script.name}`, (writer) =>
        writer.startScript('migration', {
          release: release.id,
          position,
          name: script.name,
          kind: script.kind,
          checksum: script.checksum,
        }),
      );
      const report = await session.run(script);
      if (!report.transactional)
        host.progress.note(`${script.name} ran without a transaction: ${report.reason}.`);
      await ledger.write(`migrate ${release.id}: ${script.name}`, (writer) =>
        writer.finishScript('migration', { release: release.id, position }, report),
      );
    }
  } catch (error) {
    task.failed();
    await session.close().catch(() => undefined); // the first error is the one to tell
    throw error;
  }
  await session.close();
  task.done(plural(scripts.length, 'script'));
}

/** True when `migrate` would run something on this candidate. */
export async function migrationIsPending(
  context: StepContext,
  release: ClonedRelease,
): Promise<boolean> {
  const { migrate: item } = context.config;
  if (item === null) return false;
  if (item.kind === 'scripts') return (await pendingScripts(context, release)).pending.length > 0;
  return !(await commandHasRun(context, release, item)).done;
}

/** The team's own tool keeps its own history; ours says which content ran on this candidate. */
async function applyCommand(
  context: StepContext,
  release: ClonedRelease,
  item: CommandItem,
): Promise<AppliedScripts> {
  const { ledger, host } = context;
  const { done, checksum } = await commandHasRun(context, release, item);
  if (done) return { applied: [], skipped: [item.command] };
  const position = 0;
  await ledger.write(`migrate ${release.id}`, (writer) =>
    writer.startScript('migration', {
      release: release.id,
      position,
      name: item.command,
      kind: 'command',
      checksum,
    }),
  );
  const task = host.progress.task('Migrating the candidate by command');
  try {
    await runOnCandidate(context, release, item, (line) => task.advance(0, line));
    task.done();
  } catch (error) {
    task.failed();
    throw error;
  }
  await ledger.write(`migrate ${release.id}`, (writer) =>
    writer.finishScript('migration', { release: release.id, position }, null),
  );
  return { applied: [item.command], skipped: [] };
}

/** @throws GreenlightError when another command, or the same one with other files, ran on this candidate. */
async function commandHasRun(
  { config, ledger }: StepContext,
  release: ClonedRelease,
  item: CommandItem,
): Promise<{ done: boolean; checksum: string }> {
  const files = await projectFiles(config, item.paths);
  const checksum = sha256(item.command, ...files.map((file) => file.checksum));
  const [before] = await ledger.read<ScriptRecord[]>([], (reader) => reader.migrations(release.id));
  if (before === undefined || before.checksum === checksum)
    return { done: before !== undefined, checksum };
  throw new GreenlightError({
    what: 'The migration command, or a file of its `paths`, has changed since it ran on this candidate.',
    where: `${config.file}: migrate.command`,
    cause: `checksum when it ran ${before.checksum}, now ${checksum}`,
    help: `To run the new one, begin with a fresh clone: greenlight clone --release ${release.id}`,
  });
}
