import type { Simulate } from '../config/config.ts';
import type { ClonedRelease } from './records.ts';

/** What a run sees as now. */
export interface RunClock {
  /** The technical now: parked in the far future where results have a technical validity. */
  readonly now: string;
  /** The now of the business, which is never parked. */
  readonly businessNow: string;
  /** Whether sessions have UTC for their zone: then the parked instant is the same in every type of column. */
  readonly utc: boolean;
}

export function clockOf({ clock, bitemporal }: Simulate, release: ClonedRelease): RunClock {
  const businessNow = clock ?? release.clone_instant;
  return { now: bitemporal?.parked ?? businessNow, businessNow, utc: bitemporal !== null };
}
