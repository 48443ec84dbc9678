import { UsageError } from '../errors.ts';
import { requireReleaseId } from './find.ts';
import type { Ledger } from './ledger.ts';
import type { Approval, ComparisonRecord, Release, Verdict } from './records.ts';

/** A release with its finished comparisons, oldest first: at least one. */
export interface ComparedRelease {
  readonly id: string;
  readonly comparisons: readonly ComparisonRecord[];
  /** Who approved a digest of this release. */
  approvedBy(digest: string): string[];
}

/**
 * The release that is named, of whichever live; or the only one under way that was compared, else the only one that was
 * compared at all. Its databases may be gone, and may have been on another machine.
 * @throws UsageError when there is none.
 */
export async function findCompared(
  ledger: Ledger,
  id: string | undefined,
): Promise<ComparedRelease> {
  if (id !== undefined) requireReleaseId(id);
  const found = await ledger.read(null, async (reader) => {
    const releases = await reader.allReleases();
    const compared: Candidate[] = [];
    for (const release of releases) {
      compared.push({ release, comparisons: await reader.comparisons(release.id) });
    }
    const chosen = choose(ledger, compared, id);
    return { ...chosen, approvals: await reader.approvals(chosen.release.id) };
  });
  if (found === null) {
    throw new UsageError({
      what: 'There is no ledger yet.',
      where: ledger.location,
      help: 'Check `ledger` in greenlight.yml, or begin with: greenlight clone --release ID',
    });
  }
  const { release, comparisons, approvals } = found;
  return { id: release.id, comparisons, approvedBy: (digest) => approversOf(approvals, digest) };
}

/** A finished comparison in short. */
export interface FinishedComparison {
  readonly comparison: number;
  readonly finished_at: string;
  readonly verdict: Verdict;
  readonly digest: string;
  readonly approved_by: readonly string[];
  readonly privacy: string;
  readonly mode: string;
}

export function inShort(
  { id, finished_at, started_at, verdict, digest, privacy, mode }: ComparisonRecord,
  { approvedBy }: Pick<ComparedRelease, 'approvedBy'>,
): FinishedComparison {
  return {
    comparison: id,
    finished_at: finished_at ?? started_at,
    verdict,
    digest,
    approved_by: approvedBy(digest),
    privacy,
    mode,
  };
}

interface Candidate {
  readonly release: Release;
  readonly comparisons: readonly ComparisonRecord[];
}

function choose(ledger: Ledger, all: readonly Candidate[], id: string | undefined): Candidate {
  const compared = all.filter(({ comparisons }) => comparisons.length > 0);
  const known =
    compared.length === 0
      ? 'No release was compared yet.'
      : `Compared are ${compared.map(({ release }) => `${release.id} (${release.state})`).join(', ')}.`;
  if (id !== undefined) {
    const named = all.find(({ release }) => release.id === id);
    if (named !== undefined && named.comparisons.length > 0) return named;
    throw new UsageError({
      what:
        named === undefined
          ? `The ledger knows no release ${id}.`
          : `Release ${id} was not compared yet; it is ${named.release.state}.`,
      where: ledger.location,
      help: known,
    });
  }
  const underWay = compared.filter(
    ({ release: { live, state } }) =>
      live === ledger.live && state !== 'retired' && state !== 'rolled-back',
  );
  const [only] = underWay.length === 1 ? underWay : compared;
  if (only !== undefined && (underWay.length === 1 || compared.length === 1)) return only;
  throw new UsageError({
    what:
      compared.length === 0 ? 'No release was compared yet.' : 'Several releases were compared.',
    where: ledger.location,
    help:
      compared.length === 0
        ? 'greenlight status shows what comes next.'
        : `Say which by --release. ${known}`,
  });
}

function approversOf(approvals: readonly Approval[], digest: string): string[] {
  const own = approvals.filter((approval) => approval.digest === digest);
  return [...new Set(own.map(({ approver }) => approver))];
}
