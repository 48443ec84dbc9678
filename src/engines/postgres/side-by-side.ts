/** What is the same whatever two streams that are read side by side hold. */

/** A place in bytes. */
interface Place {
  readonly buffer: Buffer;
  readonly at: number;
}

/** Rows of a stream, of which a piece at a time is at hand. */
interface Rows extends Place {
  /** All rows of the piece are passed. */
  readonly isEmpty: boolean;
  /** Then: more of them, unless there are none. */
  fill(): Promise<void>;
}

/** Who is told what differs. */
export interface Listener {
  /** Waits until what was told is worked off. `bytes`: how far both have come, together. */
  settled(bytes: number): Promise<void>;
}

/** Does `step`, which passes rows of one side or both and tells what differs, until both have come to their end. */
export async function walkBoth(
  old: Rows,
  candidate: Rows,
  listener: Listener,
  step: () => void,
): Promise<void> {
  let settledAt = 0;
  let bytes = 0;
  for (;;) {
    if (old.isEmpty) await old.fill();
    if (candidate.isEmpty) await candidate.fill();
    if (old.isEmpty && candidate.isEmpty) return listener.settled(bytes);
    const before = old.at + candidate.at;
    step();
    bytes += old.at + candidate.at - before;
    if (bytes - settledAt > 65_536 || old.isEmpty || candidate.isEmpty) {
      settledAt = bytes;
      await listener.settled(bytes);
    }
  }
}

/** How many of the next `length` bytes are the same on both before the first one that is not. */
export function equalBytes(old: Place, candidate: Place, length: number): number {
  const isEqual = (from: number, to: number) =>
    old.buffer.compare(
      candidate.buffer,
      candidate.at + from,
      candidate.at + to,
      old.at + from,
      old.at + to,
    ) === 0;
  // Windows that grow: where much differs, little is read twice.
  let [low, window] = [0, 256];
  while (low < length) {
    let high = Math.min(length, low + window);
    if (!isEqual(low, high)) {
      while (high - low > 64) {
        const middle = (low + high) >> 1;
        if (isEqual(low, middle)) low = middle;
        else high = middle;
      }
      while (low < high && old.buffer[old.at + low] === candidate.buffer[candidate.at + low])
        low += 1;
      return low;
    }
    low = high;
    window *= 4;
  }
  return length;
}
