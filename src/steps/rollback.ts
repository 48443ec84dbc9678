import { formatName } from '../config/names.ts';
import type { Physical } from '../engines/engine.ts';
import { EXIT, GreenlightError } from '../errors.ts';
import { count } from '../format.ts';
import { patiently } from '../patiently.ts';
import { exchangeLive, raiseFences } from '../release/exchange.ts';
import { findRelease, requireState } from '../release/find.ts';
import { releasesInLive } from '../release/lineage.ts';
import { isUntouched } from '../release/physical.ts';
import type { Release, SwapRecord } from '../release/records.ts';
import { isOpen, recordRolledBack, recoverExchange, settleCutOff } from '../release/recover.ts';
import { runStep, withHold } from '../release/run.ts';
import { keptMarkOf, writtenBehind } from '../release/unfenced.ts';
import { watching } from '../release/watch.ts';
import type { StepContext } from './context.ts';
import { replayBack } from './replay-back.ts';

export interface RollbackResult {
  readonly release: string;
  readonly state: 'rolled-back';
  readonly live: string;
  /** Where the database that was released is kept. */
  readonly kept: string;
  readonly exchange_ms: number;
  /** What was written to live since the swap, as lines; null when nothing was. It stays in the kept database. */
  readonly written_since_swap: readonly string[] | null;
  /** Input tables whose rows were brought over before the exchange, with --replay. */
  readonly replayed: readonly string[];
}

/**
 * Puts the database back that was live before the swap, after telling what was written since. With `replay`, rows of
 * input tables that were written since come along.
 */
export async function rollback(
  context: StepContext,
  options: { readonly release?: string; readonly replay?: boolean },
): Promise<RollbackResult> {
  const { engine, ledger, host } = context;
  const found = await releaseToRollBack(context, options.release);
  return withHold(ledger, 'live', 'live', async () => {
    await settleCutOff(context, found.id);
    const recovered = await recoverExchange(context, found);
    const run = { release: found.id, step: 'rollback', logic: null } as const;
    if (recovered?.state === 'done' && recovered.direction === 'rollback') {
      host.progress.note(
        'An earlier rollback was cut off after the exchange; the rest is done now.',
      );
      return runStep(context, { ...run, seen: found }, () =>
        finish(context, found, recovered, { written: null, replayed: [] }),
      );
    }
    if (recovered?.state === 'done' || recovered?.state === 'returning') {
      await adoptSwap(context, found, recovered);
    }
    const release = await findRelease(ledger, found.id);
    requireState(
      release,
      ['swapped'],
      release.state === 'retired'
        ? 'Its old database was dropped when it was retired; there is nothing to go back to.'
        : 'Only a release that is live can be rolled back.',
    );
    const swaps = await ledger.read<SwapRecord[]>([], (reader) => reader.swaps());
    const swapped = swaps.findLast(
      (swap) => swap.release === release.id && swap.direction === 'swap' && swap.state === 'done',
    );
    if (swapped === undefined)
      throw new Error(`${release.id} is live without a swap in the ledger`);
    return runStep(context, { ...run, seen: release }, async () => {
      return watching(engine, { live: null, other: swapped.kept }, () =>
        goBack(release, swaps, swapped),
      );
    });
  });

  async function goBack(
    release: Release,
    swaps: readonly SwapRecord[],
    swapped: SwapRecord,
  ): Promise<RollbackResult> {
    await requireOnTop(context, release, swaps, swapped);
    const { live } = engine.places;
    const patience = context.config.swap.timeoutMs;
    // First, because it changes the mark by which a row shows that comes while the others are counted.
    if (await patiently(patience, () => engine.swap.settle(live)))
      host.progress.note('The log of live was worked in.');
    const early = engine.capabilities.readsBehindFence
      ? await raiseFences(context, [live], patience)
      : null;
    try {
      const seen = await engine.databases.identify(live);
      const written = await patiently(patience, () =>
        writtenSince(context, release, swapped, seen),
      );
      for (const line of written ?? []) host.progress.warn(`Written since the swap: ${line}`);
      const replay = options.replay === true;
      return await exchange(context, release, swapped, { written, seen, replay });
    } finally {
      await early?.release();
    }
  }
}

/** Without an id: the one whose exchange was cut off, else the release that is live. */
async function releaseToRollBack(
  { ledger }: StepContext,
  id: string | undefined,
): Promise<Release> {
  if (id !== undefined) return findRelease(ledger, id);
  const swaps = await ledger.read<SwapRecord[]>([], (reader) => reader.swaps());
  const cutOff = swaps.find(isOpen);
  return findRelease(ledger, cutOff?.release ?? releasesInLive(swaps).at(-1));
}

/** A swap that was cut off before its end was recorded; rolling it back ends it. */
async function adoptSwap(
  { ledger }: StepContext,
  release: Release,
  record: SwapRecord,
): Promise<void> {
  await ledger.write(`swap ${release.id}: done`, async (writer) => {
    await writer.updateSwap(record.id, {
      state: 'done',
      finished_at: new Date().toISOString(),
      live_mark_after: record.incoming_mark,
    });
    await writer.setState(release.id, 'swapped');
  });
}

async function requireOnTop(
  { engine }: StepContext,
  release: Release,
  swaps: readonly SwapRecord[],
  swapped: SwapRecord,
): Promise<void> {
  const top = releasesInLive(swaps).at(-1) ?? release.id;
  if (top !== release.id) {
    throw new GreenlightError(
      {
        what: `Release ${top} went live after ${release.id}.`,
        help: `greenlight rollback --release ${top}`,
      },
      EXIT.refused,
    );
  }
  const live = await engine.databases.glance(engine.places.live);
  const previous = await engine.databases.glance(swapped.kept);
  if (live?.id === swapped.incoming_id && previous?.id === swapped.live_id) return;
  throw new GreenlightError(
    previous?.id === swapped.live_id
      ? {
          what: `Live is not the database of ${release.id} any more.`,
          where: engine.places.live,
          cause: `released ${swapped.incoming_id}, now ${live?.id ?? 'nothing'}`,
          help: `The old database is untouched at ${swapped.kept}. Find out who replaced live.`,
        }
      : {
          what: 'The old database is not there any more.',
          where: engine.places.describe(swapped.kept),
          help: 'Without it there is nothing to roll back to.',
        },
    EXIT.refused,
  );
}

/**
 * Rows written since the swap would stay behind in the kept database. A rollback is urgent, so live's tables are
 * counted, not compared: rows that were only changed do not show, and the line says so.
 */
async function writtenSince(
  { engine, ledger }: StepContext,
  release: Release,
  { live_mark_after, kept, incoming_id }: SwapRecord,
  live: Physical | null,
): Promise<string[] | null> {
  if (live?.mark === live_mark_after) return null;
  const { comparison, publication } = await ledger.read(
    { comparison: null, publication: null },
    async (reader) => {
      const last = (await reader.comparisons(release.id)).at(-1);
      return {
        comparison: last === undefined ? null : await reader.tableDeviations(last.id),
        publication: await reader.publication(release.id),
      };
    },
  );
  const { relations } = await engine.catalog.read(engine.places.live);
  const session = await engine.comparison.open({
    old: kept,
    new: engine.places.live,
    store: null,
    lineage: true,
    purpose: `rollback ${release.id}`,
  });
  const lines: string[] = [];
  try {
    for (const { schema, name, kind } of relations) {
      if (kind !== 'table') continue;
      const table = formatName([schema, name]);
      // Of a bitemporal table, the comparison has counted a slice.
      const released =
        (publication?.database_id === incoming_id ? publication.rows?.[table] : undefined) ??
        comparison?.find(({ table_name }) => table_name === table)?.new_rows;
      const now = await session.countRows('new', schema, name, kind);
      if (released === undefined)
        lines.push(`${table}: not there when released, ${count(now)} rows now`);
      if (typeof released === 'number' && now !== released) {
        lines.push(`${table}: ${count(released)} rows when released, ${count(now)} now`);
      }
    }
  } finally {
    await session.close();
  }
  return [
    ...lines,
    'rows that were only changed are not counted here; all of it stays in the database that is kept',
  ];
}

async function exchange(
  context: StepContext,
  release: Release,
  swapped: SwapRecord,
  {
    written,
    seen,
    replay,
  }: {
    readonly written: string[] | null;
    readonly seen: Physical | null;
    readonly replay: boolean;
  },
): Promise<RollbackResult> {
  const { engine, host, config } = context;
  const { live } = engine.places;
  const fence = await raiseFences(context, [live], config.swap.timeoutMs);
  try {
    const now = await engine.databases.identify(live);
    if (!isUntouched(now, seen)) {
      throw new GreenlightError({
        what: 'Live was written to while the rollback looked for what was written.',
        where: live,
        help: 'Run the rollback again: it tells the new rows as well.',
      });
    }
    const before = await engine.databases.identify(swapped.kept);
    if (isWrittenTo(before, swapped) && !(replay && isReplayedInto(swapped))) {
      const place = engine.places.describe(swapped.kept);
      host.progress.warn(
        isReplayedInto(swapped)
          ? `An earlier rollback with --replay brought rows over into the old database at ${place} before it was cut off: they come back with it.`
          : `The old database was written to while it was kept at ${place}: that comes back with it.`,
      );
    }
    const replayed = replay ? await bringBack(context, release, swapped) : [];
    const previous = replay ? await engine.databases.identify(swapped.kept) : before;
    const intent = {
      release: release.id,
      direction: 'rollback' as const,
      live,
      live_id: swapped.incoming_id,
      incoming: swapped.kept,
      incoming_id: swapped.live_id,
      incoming_mark: previous?.mark ?? '',
      kept: engine.places.rolledBack(release.id),
      actor: host.actor,
      detail: now === null ? null : { kept_mark: now.mark },
    };
    return await exchangeLive(context, intent, (record) =>
      finish(context, release, record, { written, replayed }),
    );
  } finally {
    await fence.release();
  }
}

/** The intent comes first: whoever finds the old database with rows that it did not have knows why. */
async function bringBack(
  context: StepContext,
  { id }: Release,
  { id: swap, kept, detail }: SwapRecord,
): Promise<string[]> {
  const known = { ...(detail ?? {}), replayed_into: true };
  await context.ledger.write(`rollback ${id}: replay`, (writer) =>
    writer.updateSwap(swap, { detail: known }),
  );
  return replayBack(context, id, kept);
}

function isReplayedInto({ detail }: SwapRecord): boolean {
  const { replayed_into } = (detail ?? {}) as { replayed_into?: boolean };
  return replayed_into === true;
}

/** It cannot be told where nobody had looked before. */
function isWrittenTo(previous: Physical | null, swapped: SwapRecord): boolean {
  const seen = keptMarkOf(swapped);
  return seen !== null && previous?.mark !== seen;
}

async function finish(
  context: StepContext,
  release: Release,
  record: SwapRecord,
  { written, replayed }: { readonly written: string[] | null; readonly replayed: string[] },
): Promise<RollbackResult> {
  const last = await writtenBehind(context.engine, record);
  for (const line of last) context.host.progress.warn(`Written since the swap: ${line}`);
  const all = written === null && last.length === 0 ? null : [...(written ?? []), ...last];
  await recordRolledBack(context, record, all);
  return {
    release: release.id,
    state: 'rolled-back',
    live: context.engine.places.live,
    kept: record.kept,
    exchange_ms: record.exchange_ms ?? 0,
    written_since_swap: all,
    replayed,
  };
}
