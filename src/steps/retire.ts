import type { Location } from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import { bytes } from '../format.ts';
import { findRelease, requireState } from '../release/find.ts';
import { hasGivenBaseline } from '../release/given.ts';
import type { ClonedRelease, RehearsalRecord, SwapRecord } from '../release/records.ts';
import { isCutOff, requireNoOpenExchange } from '../release/recover.ts';
import { runStep } from '../release/run.ts';
import type { StepContext } from './context.ts';

export interface RetireResult {
  readonly release: string;
  readonly dry_run: boolean;
  readonly state: string;
  readonly dropped: readonly RetiredDatabase[];
  /** What is kept for a rollback, and until when; the release stays live and is retired later. */
  readonly kept: readonly (RetiredDatabase & { readonly until: string })[];
  /** Found where the release kept something, but not what the ledger knows: left alone. */
  readonly left: readonly {
    readonly role: string;
    readonly location: string;
    readonly reason: string;
  }[];
}

export interface RetiredDatabase {
  readonly role:
    | 'candidate'
    | 'baseline'
    | 'control'
    | 'published'
    | 'previous'
    | 'rolled-back'
    | 'rehearsal';
  readonly location: string;
  readonly bytes: number;
}

export interface RetireOptions {
  readonly release?: string;
  readonly dryRun?: boolean;
  /** Drops the old database although its time has not come. */
  readonly dropPrevious?: boolean;
}

/**
 * Drops what a release keeps and nobody needs any more: only what the ledger says that Greenlight made, and the old
 * database only when its time has come. Until then a rollback stays possible, and the release is not retired.
 */
export async function retire(context: StepContext, options: RetireOptions): Promise<RetireResult> {
  const { ledger, host, engine } = context;
  const found = await findRelease(ledger, options.release);
  if (found.state === 'new') {
    if (options.dryRun !== true && (await engine.databases.dropTrail(found.id)))
      host.progress.note('What a clone that was cut off had the server keep is dropped.');
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
  if (options.dryRun === true) {
    const { dropped, kept, left } = await look(context, release, options);
    return { release: release.id, dry_run: true, state: release.state, dropped, kept, left };
  }
  return runStep(
    context,
    { release: release.id, step: 'retire', logic: null, seen: release },
    async () => {
      const { dropped, kept, left, empty } = await look(context, release, options);
      await engine.databases.dropTrail(release.id);
      const task = host.progress.task('Retiring', dropped.length);
      for (const [index, { role, location, bytes: size }] of dropped.entries()) {
        task.advance(index, `${role}, ${bytes(size)}`);
        await engine.databases.drop(location);
      }
      // Nothing is there any more, but the folder that it stood in may be.
      for (const location of empty) await engine.databases.drop(location);
      task.done();
      const state = kept.length === 0 ? 'retired' : release.state;
      await ledger.write(`retire ${release.id}`, async (writer) => {
        await writer.clearRehearsals(release.id);
        await writer.setState(release.id, state);
      });
      return { release: release.id, dry_run: false, state, dropped, kept, left };
    },
  );
}

interface Found {
  readonly dropped: RetiredDatabase[];
  readonly kept: RetireResult['kept'][number][];
  readonly left: RetireResult['left'][number][];
  /** Places of the release where nothing is. */
  readonly empty: Location[];
}

/** What is there to be dropped, and what is not, with the reason told. */
async function look(
  context: StepContext,
  release: ClonedRelease,
  { dropPrevious = false }: RetireOptions,
): Promise<Found> {
  const { progress } = context.host;
  const swaps = await context.ledger.read<SwapRecord[]>([], (reader) => reader.swaps());
  requireNoOpenExchange(swaps, release.id);
  const found = await claims(context, release, swaps, dropPrevious);
  if (release.state === 'swapped' && found.kept.length === 0)
    progress.warn('Without the previous database this release cannot be rolled back.');
  for (const { role, location, reason } of found.left)
    progress.warn(`Left alone: ${role} ${location}: ${reason}.`);
  return found;
}

interface Place {
  readonly role: RetiredDatabase['role'];
  readonly location: Location;
  readonly id: string | null;
}

/** The copy that a swap made, if it is still there: it was killed before it came to use it. */
async function publishedBy(
  { engine, ledger }: StepContext,
  { id }: ClonedRelease,
): Promise<Place | null> {
  const publication = await ledger.read(null, (reader) => reader.publication(id));
  if (publication === null) return null;
  const { location, database_id } = publication;
  // While it is made it has no identity yet: whatever is there is what was made.
  const made = database_id ?? (await engine.databases.glance(location))?.id ?? null;
  return { role: 'published', location, id: made };
}

/** What stands where the release kept its databases, told apart: its own, and anything else. */
async function claims(
  context: StepContext,
  release: ClonedRelease,
  swaps: readonly SwapRecord[],
  dropPrevious: boolean,
): Promise<Found> {
  const { engine, config } = context;
  const exchanges = swaps.filter((swap) => swap.release === release.id && swap.state === 'done');
  const last = (direction: SwapRecord['direction']) =>
    exchanges.findLast((swap) => swap.direction === direction);
  const [swapped, back] = [last('swap'), last('rollback')];
  const publication = await publishedBy(context, release);
  const rehearsals = await context.ledger.read<RehearsalRecord[]>([], (reader) =>
    reader.rehearsals(release.id),
  );
  // A cut-off rehearsal had claimed its places before it made anything there.
  const scratch = rehearsals
    .filter(isCutOff)
    .flatMap(({ live: own, incoming, kept: old }) => [own, incoming, old]);
  const isGiven = hasGivenBaseline(engine, release);
  const places: Place[] = [
    { role: 'candidate', location: release.candidate, id: release.candidate_id },
    ...(isGiven
      ? []
      : [{ role: 'baseline' as const, location: release.baseline, id: release.baseline_id }]),
    { role: 'control', location: engine.places.control(release.id), id: release.control_id },
    ...(publication === null ? [] : [publication]),
    ...(swapped === undefined
      ? []
      : [{ role: 'previous' as const, location: swapped.kept, id: swapped.live_id }]),
    ...(back === undefined
      ? []
      : [{ role: 'rolled-back' as const, location: back.kept, id: back.live_id }]),
    ...scratch.map((location) => ({ role: 'rehearsal' as const, location, id: null })),
  ];
  const live = await engine.databases.glance(engine.places.live);
  const found: Found = { dropped: [], kept: [], left: [], empty: [] };
  if (isGiven)
    found.left.push({
      role: 'baseline',
      location: release.baseline,
      reason: 'it was given, and Greenlight has not made it',
    });
  const until =
    release.state === 'swapped' && !dropPrevious
      ? keptUntil(swapped, config.retire.keepPreviousMs)
      : null;
  for (const { role, location, id } of places) {
    const there = await engine.databases.glance(location);
    if (there === null) {
      found.empty.push(location);
      continue;
    }
    if (location === engine.places.live || there.id === live?.id)
      found.left.push({ role, location, reason: 'it is live' });
    else if (role !== 'rehearsal' && there.id !== id)
      found.left.push({ role, location, reason: 'it is not the database that Greenlight made' });
    else {
      const own = { role, location, bytes: await engine.databases.size(location) };
      if (role === 'previous' && until !== null) found.kept.push({ ...own, until });
      else found.dropped.push(own);
    }
  }
  return found;
}

/** Null: its time has come. */
function keptUntil(swapped: SwapRecord | undefined, keepMs: number): string | null {
  if (swapped === undefined) return null;
  const until = Date.parse(swapped.finished_at ?? swapped.intended_at) + keepMs;
  return until > Date.now() ? new Date(until).toISOString() : null;
}
