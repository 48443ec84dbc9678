import { EXIT, GreenlightError, messageOf } from '../errors.ts';
import type { Answer, AskedApproval, Change, Review } from '../hosts/review.ts';
import type { ComparisonRecord } from '../release/records.ts';
import { approveText } from '../report/text.ts';
import { approve } from './approve.ts';
import type { StepContext } from './context.ts';
import { nothingDone, type StepOutcome } from './outcome.ts';

/** Records what people have approved where the change is reviewed, and answers each of them. */
export async function approveAsked(
  context: StepContext,
  review: Review,
  change: Change,
  release: string = change.release,
): Promise<StepOutcome> {
  const { known, comparisons, approvals } = await context.ledger.read(
    { known: null, comparisons: [], approvals: [] },
    async (reader) => ({
      known: await reader.release(release),
      comparisons: await reader.comparisons(release),
      approvals: await reader.approvals(release),
    }),
  );
  const isThere = known !== null && known.state !== 'new';
  // Requests without a release are approved as well; only who names a digest means one.
  const asked = (await review.approvals(change)).filter(
    ({ named }) => isThere || 'digest' in named,
  );
  const latest = comparisons.at(-1) ?? null;
  const isRecorded = ({ place }: AskedApproval) =>
    approvals.some((approval) => approval.place === place && approval.digest === latest?.digest);

  let outcome: StepOutcome | null = null;
  let refusal: GreenlightError | null = null;
  let failure: GreenlightError | null = null;
  for (const one of asked.filter((each) => !isRecorded(each))) {
    try {
      const digest = requireApprovable(one, latest);
      const options = { release, digest, by: one.by, place: one.place, author: change.author };
      const result = await approve(context, options);
      outcome = { result, text: approveText(result) };
      const own = result.counts ? '' : ' It does not count: it is the author of this change.';
      await answer(context, review, one, { accepted: true, text: `Recorded.${own}` });
    } catch (error) {
      if (!(error instanceof GreenlightError)) throw error;
      if (isNeedless(one, latest)) continue;
      const passes = error.exitCode === EXIT.error;
      if (passes) failure = error;
      else refusal = error;
      await answer(context, review, one, {
        accepted: passes ? null : false,
        text: refusalText(error),
      });
    }
  }
  if (failure !== null) throw failure;
  if (outcome !== null) return outcome;
  if (refusal !== null) throw refusal;
  return nothingDone(
    release,
    isThere ? `nobody approves anything new of ${release} here` : `there is no release ${release}`,
  );
}

/** People approve requests for many reasons. With nothing unexplained in that commit, nobody has to do it again. */
function isNeedless({ named }: AskedApproval, latest: ComparisonRecord | null): boolean {
  return (
    'revision' in named && latest?.revision === named.revision && latest.verdict !== 'unexplained'
  );
}

/** The digest that is approved. */
function requireApprovable(
  { by, mayApprove, isEdited, named }: AskedApproval,
  latest: ComparisonRecord | null,
): string {
  if (!mayApprove) {
    throw refused(
      `${by} may not approve: that takes the permission to write to this repository.`,
      'Ask somebody who has it.',
    );
  }
  if (isEdited === true) {
    throw refused(
      'The command was changed after it was written, or reacted to: it may not be what its author wrote.',
      'Write it anew.',
    );
  }
  if (latest === null)
    throw refused('Nothing was compared yet.', 'Approve again when the comparison is there.');
  if ('digest' in named) return named.digest;
  if (latest.revision !== named.revision) {
    throw refused(
      'The commit that was approved is not the one that was compared last.',
      'Approve again when the newest commit has been compared.',
    );
  }
  if (latest.finished_at === null || Date.parse(named.at) < Date.parse(latest.finished_at)) {
    throw refused(
      'The approval was given before the comparison had ended: its deviations cannot have been reviewed.',
      'Look at what was found, then approve again.',
    );
  }
  return latest.digest;
}

function refused(what: string, help: string): GreenlightError {
  return new GreenlightError({ what, help }, EXIT.refused);
}

/** On one line: a host may take a line of its own for a command. */
function refusalText({ problem: { what, help } }: GreenlightError): string {
  return `Not recorded. ${what}${help === undefined ? '' : ` ${help}`}`.replace(/\s+/g, ' ');
}

/** The decision stands in the ledger, or does not, whether or not the answer gets through. */
async function answer(
  { host }: StepContext,
  review: Review,
  asked: AskedApproval,
  told: Answer,
): Promise<void> {
  try {
    await review.answer(asked, told);
  } catch (error) {
    host.progress.warn(messageOf(error));
  }
}
