import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseInUse } from './errors.ts';

/** Opens what another process has open, as soon as it can be had, at most `waitMs` from now. */
export async function patiently<T>(waitMs: number, open: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof DatabaseInUse) || Date.now() >= deadline) throw error;
      await sleep(50);
    }
  }
}
