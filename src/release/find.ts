import { UsageError } from '../errors.ts';
import type { Ledger } from './ledger.ts';
import type { ClonedRelease, Release, ReleaseState } from './records.ts';

const validId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** @throws UsageError for an id that cannot be part of a name of a database or a folder. */
export function requireReleaseId(id: string): string {
  if (validId.test(id)) return id;
  throw new UsageError({
    what: `${JSON.stringify(id.slice(0, 80))} cannot be the id of a release.`,
    help: 'Use letters, digits, dot, dash and underscore, at most 63 of them: pr-42.',
  });
}

/** The release that is named, or the only one that is under way. */
export async function findRelease(ledger: Ledger, id: string | undefined): Promise<Release> {
  if (id !== undefined) requireReleaseId(id);
  const { releases, found } = await ledger.read<{ releases: Release[]; found: Release | null }>(
    { releases: [], found: null },
    async (reader) => ({
      releases: await reader.releases(),
      found: id === undefined ? null : await reader.release(id),
    }),
  );
  if (id !== undefined) {
    if (found !== null) return requireSameLive(ledger, found);
    throw new UsageError({
      what: `The ledger knows no release ${id}.`,
      where: ledger.location,
      help:
        releases.length === 0 ? `greenlight clone --release ${id}` : `It knows ${names(releases)}.`,
    });
  }
  const open = releases.filter(({ state }) => state !== 'retired' && state !== 'rolled-back');
  const [only] = open;
  if (only !== undefined && open.length === 1) return only;
  throw new UsageError({
    what: open.length === 0 ? 'There is no release under way.' : 'Several releases are under way.',
    where: ledger.location,
    help:
      open.length === 0
        ? 'greenlight clone --release ID'
        : `Say which by --release: ${names(open)}.`,
  });
}

/** @throws UsageError for a release that was made from another live. */
export function requireSameLive<T extends Release>(ledger: Ledger, release: T): T {
  if (release.live === ledger.live) return release;
  throw new UsageError({
    what: `Release ${release.id} belongs to another live database.`,
    where: ledger.location,
    cause: `it was cloned from ${release.live}, the configuration says ${ledger.live}`,
    help: 'Use the configuration it was cloned with, or take another id.',
  });
}

/**
 * @throws UsageError when the release has not been cloned, or is in none of the states; `then` is the way out.
 */
export function requireState(
  release: Release,
  states: readonly ReleaseState[],
  then: string,
): ClonedRelease {
  if (states.includes(release.state) && release.candidate_id !== null)
    return release as ClonedRelease;
  throw new UsageError({
    what: `Release ${release.id} is ${release.state === 'new' ? 'not cloned yet' : release.state}.`,
    help: then,
  });
}

function names(releases: readonly Release[]): string {
  return releases.map(({ id, state }) => `${id} (${state})`).join(', ');
}
