import type { CloneReport, Engine } from '../engines/engine.ts';
import { GreenlightError } from '../errors.ts';
import type { Progress } from '../hosts/host.ts';
import { copyBaseline, hasGivenBaseline } from './given.ts';
import type { Ledger } from './ledger.ts';
import type { ClonedRelease } from './records.ts';

interface Parts {
  readonly engine: Engine;
  readonly ledger: Ledger;
}

/** @throws GreenlightError when the baseline is gone, replaced or written to: nothing can be compared with it. */
export async function requireBaseline({ engine }: Parts, release: ClonedRelease): Promise<void> {
  const found = await engine.databases.identify(release.baseline);
  if (found?.id === release.baseline_id && found.mark === release.baseline_mark) return;
  const isOther = hasGivenBaseline(engine, release)
    ? 'The given baseline is not as it was at the clone: it was written to, or replaced.'
    : 'The baseline is not the one that the clone made.';
  throw new GreenlightError({
    what: found === null ? 'The baseline is gone.' : isOther,
    where: engine.places.describe(release.baseline),
    help: `Begin again with a fresh clone: greenlight clone --release ${release.id}`,
  });
}

/** In place of a mark while a database is made anew: whatever is there may be old, half of it, or nothing. */
export const beingMade = 'being made anew';

/**
 * Whether the candidate is as the last step left it, or was changed since by somebody else.
 * @throws GreenlightError when candidate or baseline are gone, or other databases took their place.
 */
export async function requireCandidate(
  parts: Parts,
  release: ClonedRelease,
): Promise<'as-left' | 'changed'> {
  if (release.candidate_mark === beingMade) {
    await requireBaseline(parts, release);
    return 'changed';
  }
  // Both at the same time: a server may have to read all of them.
  const [found] = await Promise.all([
    parts.engine.databases.identify(release.candidate),
    requireBaseline(parts, release),
  ]);
  if (found !== null && found.id === release.candidate_id) {
    return found.mark === release.candidate_mark ? 'as-left' : 'changed';
  }
  throw new GreenlightError({
    what:
      found === null
        ? 'The candidate is gone: somebody dropped it.'
        : 'Another database took the place of the candidate.',
    where: parts.engine.places.describe(release.candidate),
    help: `Begin again with a fresh clone: greenlight clone --release ${release.id}`,
  });
}

/** Makes the candidate anew from the baseline: as it was right after the clone. */
export async function restoreCandidate(
  { engine, ledger }: Parts,
  release: ClonedRelease,
  method: string,
  progress: Progress,
): Promise<ClonedRelease> {
  await requireBaseline({ engine, ledger }, release);
  // Until the new one is recorded, the ledger knows of none that anything could be run on.
  await ledger.write(`restore the candidate of ${release.id}`, async (writer) => {
    await writer.forgetCandidate(release.id);
    await writer.updateRelease(release.id, { state: 'cloned', candidate_mark: beingMade });
  });
  const setOf = ({ clone }: CloneReport) => ({
    candidate_id: clone.id,
    candidate_mark: clone.mark,
    state: 'cloned' as const,
  });
  const made = await copyBaseline(
    { engine, progress },
    'Making the candidate anew',
    release,
    { to: release.candidate, method },
    (report) =>
      ledger.write(`restore the candidate of ${release.id}`, (writer) =>
        writer.updateRelease(release.id, setOf(report)),
      ),
  );
  return { ...release, ...setOf(made) };
}

/** Records how this step leaves the candidate. */
export async function leaveCandidate(
  { engine, ledger }: Parts,
  release: ClonedRelease,
  state: ClonedRelease['state'],
): Promise<void> {
  const found = await engine.databases.identify(release.candidate);
  if (found === null || found.id !== release.candidate_id) {
    throw new GreenlightError({
      what: 'The candidate vanished, or was replaced by another database, while the step worked on it.',
      where: engine.places.describe(release.candidate),
      help: `Find out what did that, then run greenlight clone --release ${release.id}.`,
    });
  }
  await ledger.write(`${release.id}: ${state}`, (writer) =>
    writer.updateRelease(release.id, { state, candidate_mark: found.mark }),
  );
}
