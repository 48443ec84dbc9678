import type { Physical } from '../engines/engine.ts';
import type { LedgerReader } from './ledger.ts';
import type { ScriptRecord, SwapRecord } from './records.ts';
import { isOpen } from './recover.ts';

/** The releases whose changes live holds, oldest first: swapped in and not rolled back. */
export function releasesInLive(swaps: readonly SwapRecord[]): string[] {
  const chain: string[] = [];
  for (const { direction, state, release } of swaps) {
    if (state !== 'done') continue;
    if (direction === 'swap') chain.push(release);
    else if (chain.at(-1) === release) chain.pop();
  }
  return chain;
}

/** The release whose database live is, as it is now; null before the first swap. */
export function releaseInLive(swaps: readonly SwapRecord[], live: Physical | null): string | null {
  // An exchange that was cut off after it had happened has happened.
  const asSeen = swaps.map((swap) =>
    isOpen(swap) && swap.incoming_id === live?.id ? { ...swap, state: 'done' as const } : swap,
  );
  return releasesInLive(asSeen).at(-1) ?? null;
}

/** Scripts that live already holds: name -> the record of its last run. */
export async function scriptsInLive(reader: LedgerReader): Promise<Map<string, ScriptRecord>> {
  const scripts = new Map<string, ScriptRecord>();
  for (const release of releasesInLive(await reader.swaps())) {
    for (const record of await reader.migrations(release)) {
      if (record.state === 'applied') scripts.set(record.script, record);
    }
  }
  return scripts;
}
