import type { CloneReport, Engine, Location, Physical } from '../engines/engine.ts';
import { bytes } from '../format.ts';
import type { Progress } from '../hosts/host.ts';
import { patiently } from '../patiently.ts';

/** Both are there, are the same database, and nothing was written to it in between. */
export function isUntouched(now: Physical | null, then: Physical | null): boolean {
  return now !== null && now.id === then?.id && now.mark === then.mark;
}

interface ToBeCloned {
  readonly from: Location;
  readonly to: Location;
  readonly method: string;
  /** How long a writer of `from` is waited for; default: not at all. */
  readonly patienceMs?: number;
  /** The release whose trail begins at the clone instant; default: none does. */
  readonly trail?: string;
}

/** Clones a database with its progress told. `record` belongs to the work: it is done when that is, or has failed with it. */
export async function cloneTold(
  { engine, progress }: { readonly engine: Engine; readonly progress: Progress },
  label: string,
  { from, to, method, patienceMs = 0, trail }: ToBeCloned,
  record?: (made: CloneReport) => Promise<void>,
): Promise<CloneReport> {
  const task = progress.task(label, await engine.databases.size(from));
  const onProgress = (done: number) => task.advance(done);
  try {
    const made = await patiently(patienceMs, () =>
      engine.databases.clone(from, to, {
        method,
        onProgress,
        ...(trail === undefined ? {} : { trail }),
      }),
    );
    await record?.(made);
    task.done(bytes(made.bytes));
    return made;
  } catch (error) {
    task.failed();
    throw error;
  }
}
