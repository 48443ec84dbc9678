import type { Config } from '../config/config.ts';
import type { CloneReport, Engine, Location, Physical } from '../engines/engine.ts';
import { EXIT, GreenlightError, UsageError } from '../errors.ts';
import type { Progress } from '../hosts/host.ts';
import { describeDrift, findDifferences } from './drift.ts';
import { cloneTold, isUntouched } from './physical.ts';
import type { ClonedRelease } from './records.ts';

/** A baseline that is not made: somebody keeps a frozen image of live on another server. It is only read. */

interface Parts {
  readonly config: Config;
  readonly engine: Engine;
}

/**
 * Where the baseline is that the configuration gives; null: one is made.
 * @throws UsageError where the engine takes none, or a policy would have to write to it.
 */
export function givenBaseline({ config, engine }: Parts): Location | null {
  const { baseline } = config.clone;
  if (baseline === null) return null;
  if (engine.places.given === undefined) {
    throw new UsageError({
      what: `With ${engine.name}, the baseline is always made from live.`,
      where: 'greenlight.yml: clone.baseline',
      help: 'Remove `baseline`, or write `baseline: auto`.',
    });
  }
  if (config.swap.drift === 'replay') {
    throw new UsageError({
      what: 'A replay brings rows of live into the baseline, and nothing is written to one that is given.',
      where: 'greenlight.yml: swap.drift',
      help: 'Write `drift: refuse`, or `baseline: auto` under `clone`.',
    });
  }
  return engine.places.given.locate(baseline);
}

export function hasGivenBaseline(
  { places }: Pick<Engine, 'places'>,
  { baseline }: Pick<ClonedRelease, 'baseline'>,
): boolean {
  return places.given?.has(baseline) ?? false;
}

/**
 * Proves that it is the image of live from which the candidate was made: all values of all tables and views, and every
 * definition. Gives the database as it was compared.
 * @throws GreenlightError (refused) when it is not.
 */
export async function proveGiven(
  parts: Parts,
  release: string,
  sides: { readonly old: Location; readonly new: Location },
  progress: Progress,
): Promise<Physical> {
  const { engine } = parts;
  const before = await engine.databases.identify(sides.old);
  if (before === null) {
    throw new GreenlightError({
      what: 'There is no baseline where it is said to be.',
      where: sides.old,
      help: 'Check clone.baseline in greenlight.yml.',
    });
  }
  const differing = await findDifferences(parts, sides, `baseline of ${release}`, progress);
  const now = await engine.databases.identify(sides.old);
  const cause = isUntouched(now, before)
    ? differing.map((one) => `  ${describeDrift(one)}`)
    : ['  it was written to, or replaced, while it was compared'];
  if (cause.length === 0) return before;
  throw new GreenlightError(
    {
      what: `The given baseline is no image of live:\n${cause.join('\n')}`,
      where: sides.old,
      cause: 'it is older or newer than the clone, or not a whole copy',
      help: 'Bring it to what live is (let the standby replay while nobody writes to live, then pause it; or restore it anew), then clone again.',
    },
    EXIT.refused,
  );
}

/**
 * Makes a copy of the baseline. Where that is given, of live: its mark tells that it still is what was compared with the
 * baseline at the clone instant.
 */
export async function copyBaseline(
  { engine, progress }: { readonly engine: Engine; readonly progress: Progress },
  doing: string,
  release: ClonedRelease,
  { to, method }: { readonly to: Location; readonly method: string },
  record?: (made: CloneReport) => Promise<void>,
): Promise<CloneReport> {
  const parts = { engine, progress };
  if (!hasGivenBaseline(engine, release)) {
    const copy = { from: release.baseline, to, method };
    return cloneTold(parts, `${doing} from the baseline`, copy, record);
  }
  const copy = { from: engine.places.live, to, method };
  return cloneTold(parts, `${doing} from live`, copy, async (made) => {
    if (isUntouched(made.source, { id: release.live_id, mark: release.live_mark }))
      return record?.(made);
    await engine.databases.drop(to);
    throw new GreenlightError({
      what: 'Live was written to since the clone, and of a given baseline no copy is made.',
      where: release.baseline,
      help: `Bring the baseline to what live is now, and begin again with a fresh clone: greenlight clone --release ${release.id}`,
    });
  });
}
