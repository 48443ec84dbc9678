import type { Location } from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import { findRelease, requireState } from '../release/find.ts';
import type { ClonedRelease, RehearsalRecord, SwapRecord } from '../release/records.ts';
import { isCutOff } from '../release/recover.ts';
import { runStep } from '../release/run.ts';
import { bytes } from '../report/format.ts';
import type { StepContext } from './context.ts';

export interface RetireResult {
  readonly release: string;
  readonly dry_run: boolean;
  readonly state: string;
  readonly dropped: readonly RetiredDatabase[];
  /** Found where the release kept something, but not what the ledger knows: left alone. */
  readonly left: readonly {
    readonly role: string;
    readonly location: string;
    readonly reason: string;
  }[];
}

export interface RetiredDatabase {
  readonly role: 'candidate' | 'baseline' | 'previous' | 'rolled-back' | 'rehearsal';
  readonly location: string;
  readonly bytes: number;
}

/** Drops what a release keeps and nobody needs any more: only what the ledger says that Greenlight made. */
export async function retire(
  context: StepContext,
  options: { readonly release?: string; readonly dryRun?: boolean },
): Promise<RetireResult> {
  const { ledger, host, engine } = context;
  const found = await findRelease(ledger, options.release);
  if (found.state === 'new') {
    throw new UsageError({ what: `Release ${found.id} was not cloned; there is nothing to drop.` });
  }
  const release = requireState(
    found,
    [
      'cloned',
      'migrated',
      'simulated',
      'compared',
      'approved',
      'swapped',
      'rolled-back',
      'retired',
    ],
    '',
  );
  const dryRun = options.dryRun === true;
  const { claimed, left, empty } = await claims(context, release);
  if (release.state === 'swapped')
    host.progress.warn('Without the previous database this release cannot be rolled back.');
  for (const { role, location, reason } of left)
    host.progress.warn(`Left alone: ${role} ${location}: ${reason}.`);
  if (dryRun)
    return { release: release.id, dry_run: true, state: release.state, dropped: claimed, left };
  return runStep(
    context,
    { release: release.id, step: 'retire', logic: null, seen: release },
    async () => {
      const task = host.progress.task('Retiring', claimed.length);
      for (const [index, { role, location, bytes: size }] of claimed.entries()) {
        task.advance(index, `${role}, ${bytes(size)}`);
        await engine.databases.drop(location);
      }
      // Nothing is there any more, but the folder that it stood in may be.
      for (const location of empty) await engine.databases.drop(location);
      task.done();
      await ledger.write(`retire ${release.id}`, async (writer) => {
        await writer.clearRehearsals(release.id);
        await writer.setState(release.id, 'retired');
      });
      return { release: release.id, dry_run: false, state: 'retired', dropped: claimed, left };
    },
  );
}

/** What stands where the release kept its databases, told apart: its own, and anything else. */
async function claims(
  { engine, ledger }: StepContext,
  release: ClonedRelease,
): Promise<{
  claimed: RetiredDatabase[];
  left: RetireResult['left'][number][];
  empty: Location[];
}> {
  const swaps = await ledger.read<SwapRecord[]>([], (reader) => reader.swaps());
  const own = swaps.filter((swap) => swap.release === release.id && swap.state === 'done');
  const kept = (direction: SwapRecord['direction']) =>
    own.findLast((swap) => swap.direction === direction);
  const [swapped, back] = [kept('swap'), kept('rollback')];
  const rehearsals = await ledger.read<RehearsalRecord[]>([], (reader) =>
    reader.rehearsals(release.id),
  );
  // A cut-off rehearsal had claimed its places before it made anything there.
  const scratch = rehearsals
    .filter(isCutOff)
    .flatMap(({ live: own, incoming, kept: old }) => [own, incoming, old]);
  const places: { role: RetiredDatabase['role']; location: Location; id: string | null }[] = [
    { role: 'candidate', location: release.candidate, id: release.candidate_id },
    { role: 'baseline', location: release.baseline, id: release.baseline_id },
    ...(swapped === undefined
      ? []
      : [{ role: 'previous' as const, location: swapped.kept, id: swapped.live_id }]),
    ...(back === undefined
      ? []
      : [{ role: 'rolled-back' as const, location: back.kept, id: back.live_id }]),
    ...scratch.map((location) => ({ role: 'rehearsal' as const, location, id: null })),
  ];
  const live = await engine.databases.identify(engine.places.live);
  const claimed: RetiredDatabase[] = [];
  const left: RetireResult['left'][number][] = [];
  const empty: Location[] = [];
  for (const { role, location, id } of places) {
    const there = await engine.databases.identify(location);
    if (there === null) {
      empty.push(location);
      continue;
    }
    if (location === engine.places.live || there.id === live?.id)
      left.push({ role, location, reason: 'it is live' });
    else if (id !== null && there.id !== id)
      left.push({ role, location, reason: 'it is not the database that Greenlight made' });
    else claimed.push({ role, location, bytes: await engine.databases.size(location) });
  }
  return { claimed, left, empty };
}
