import { EXIT, GreenlightError, UsageError } from '../errors.ts';
import { placeOf } from '../hosts/host.ts';
import { judgeApprovals } from '../release/approvals.ts';
import { findRelease, requireState } from '../release/find.ts';
import { runStep } from '../release/run.ts';
import type { StepContext } from './context.ts';

export interface ApproveResult {
  readonly release: string;
  /** approved: enough persons have approved this digest. */
  readonly state: 'compared' | 'approved';
  readonly digest: string;
  readonly by: string;
  readonly comparison: number;
  /** False: the author of the release approved, and the configuration does not count that. */
  readonly counts: boolean;
  /** How many more persons have to approve. */
  readonly missing: number;
}

export interface ApproveOptions {
  readonly release?: string;
  readonly digest?: string;
  readonly by?: string;
  /** Where the decision was given; default: here. */
  readonly place?: string;
  /** Whose change it is, as the host says; counts where the clone was not told. */
  readonly author?: string | null;
}

/** Binds a person's decision to one digest: to exactly the deviations that were reviewed. */
export async function approve(
  context: StepContext,
  options: ApproveOptions,
): Promise<ApproveResult> {
  const { config, ledger, host } = context;
  const { digest: given, by } = options;
  if (given === undefined || by === undefined || by.trim() === '') {
    throw new UsageError({
      what: 'An approval names what is approved and who approves it.',
      help:
        host.review === null
          ? 'greenlight approve --digest DIGEST --by NAME; `greenlight status` shows the digest.'
          : `Give both --digest and --by; without both, what people approved on the ${host.review.called} is recorded.`,
    });
  }
  const found = await findRelease(ledger, options.release);
  const release = requireState(
    found,
    ['compared', 'approved'],
    `greenlight compare --release ${found.id}`,
  );
  return runStep(
    context,
    { release: release.id, step: 'approve', logic: null, seen: release },
    async () => {
      const latest = (await ledger.read([], (reader) => reader.comparisons(release.id))).at(-1);
      if (latest === undefined)
        throw new Error(`Release ${release.id} is ${release.state} without a comparison`);
      if (latest.stopped !== null) {
        throw new GreenlightError(
          {
            what: 'The latest comparison ended early: nobody has seen all deviations.',
            cause: latest.stopped,
            help: `greenlight compare --release ${release.id}, with a larger budget or none`,
          },
          EXIT.refused,
        );
      }
      if (!namesDigest(given, latest.digest)) {
        throw new GreenlightError(
          {
            what: 'This digest is not the one of the latest comparison: the deviations are other ones than those you reviewed.',
            cause: `given ${given}, latest ${latest.digest}`,
            help: `Review the latest comparison, then approve its digest: greenlight status --release ${release.id}`,
          },
          EXIT.refused,
        );
      }
      const { digest } = latest;
      return ledger.write(`approve ${release.id}`, async (writer) => {
        await writer.addApproval({
          release: release.id,
          comparison: latest.id,
          digest,
          approver: by.trim(),
          place: options.place ?? placeOf(host),
        });
        const approvals = await writer.approvals(release.id);
        const author = release.author ?? options.author ?? null;
        if (author !== release.author) await writer.updateRelease(release.id, { author });
        const judged = judgeApprovals(approvals, { digest, author }, config.approvals);
        const state = judged.missing === 0 ? 'approved' : 'compared';
        await writer.setState(release.id, state);
        return {
          release: release.id,
          state,
          digest,
          by: by.trim(),
          comparison: latest.id,
          counts: judged.given.at(-1)?.standing === 'valid',
          missing: judged.missing,
        };
      });
    },
  );
}

/** The whole digest, or as many of its first characters as reports show. */
function namesDigest(given: string, digest: string): boolean {
  return given.length >= 12 && digest.startsWith(given.toLowerCase());
}
