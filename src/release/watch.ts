import type { Engine, Since, Trail, Watch } from '../engines/engine.ts';
import type { ClonedRelease } from './records.ts';

/** By what it was told whether a database was written to, and why by nothing better. */
export type Told = Omit<Trail, 'point'>;

/** What a swap was told by, in its two moments. */
export interface DriftTold {
  readonly since_clone: Told;
  readonly behind_fence: Told;
}

/**
 * Works while two databases are watched: after the first look at them, where the engine can, a look tells what was
 * written since and reads nothing else. So writers have not to wait for more than that.
 */
export async function watching<T>(
  engine: Engine,
  { live, other }: { readonly live: Since | null; readonly other: string },
  work: (live: Watch) => Promise<T>,
): Promise<T> {
  const watches: Watch[] = [];
  try {
    const own = await engine.databases.watch(engine.places.live, live ?? undefined);
    watches.push(own);
    watches.push(await engine.databases.watch(other));
    return await work(own);
  } finally {
    for (const watch of watches) await watch.end();
  }
}

/** Where the trail of a release begins; null: there is none. */
export function trailOf({ live_id, live_mark, live_trail }: ClonedRelease): Since | null {
  return live_trail === null
    ? null
    : { physical: { id: live_id, mark: live_mark }, point: live_trail };
}

/** `by logical decoding`, `by row versions (max_slot_wal_keep_size sets no limit ...)`. */
export function describeTold({ by, reason }: Told): string {
  return reason === null ? `by ${by}` : `by ${by} (${reason})`;
}
