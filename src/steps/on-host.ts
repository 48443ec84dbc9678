import { resolve } from 'node:path';
import { GreenlightError, messageOf } from '../errors.ts';
import type { Change, Review } from '../hosts/review.ts';
import { approveAsked } from './approve-asked.ts';
import type { StepContext } from './context.ts';
import { nothingDone, type StepOutcome } from './outcome.ts';
import { PAGE, publishReview, statusName } from './publish-review.ts';

/** Options that a host can fill in. */
export interface HostOptions {
  readonly release?: string;
  readonly author?: string;
  readonly digest?: string;
  readonly by?: string;
  readonly rehearse?: boolean;
  readonly gate?: boolean;
  readonly review?: string;
}

/** Run the code of a change. */
const runsCode = ['prepare', 'migrate', 'simulate'];
const changesLive = ['swap', 'rollback'];
/** Find their release by the merged change; rollback goes by what is live, and status shows all. */
const afterTheMerge = ['approve', 'swap', 'retire'];
/** Need to know whose change it is, or what became of it. */
const needsDetails = ['prepare', 'clone', 'approve', 'retire'];
const begins = ['clone', 'prepare'];
const compares = ['compare', 'prepare'];
const beforeReview = ['prepare', 'clone', 'migrate', 'simulate', 'compare'];
/** Looks at no release. */
const beforeReleases = ['doctor'];
const isReviewed = ['prepare', 'compare', 'approve', 'swap', 'rollback', 'retire'];

/**
 * Runs a step where it is started: on a host it may be refused, it is told which release it is about and whose change
 * that is, and the reviewers are shown what came of it. Publishing comes after the ledger has its record: whatever goes
 * wrong there is told, and changes nothing of the step's outcome.
 */
export async function onHost<Options extends HostOptions>(
  context: StepContext,
  step: string,
  options: Options,
  run: (options: Options) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  const { review } = context.host;
  if (review !== null) requireAllowed(context, review, step, options);
  const change = review === null ? null : await findChange(review, step, options);
  const told = withChange(options, step, change);
  const skipped = await whyNothing(context, step, change);
  if (change !== null && skipped !== null) return nothingDone(change.release, skipped);

  try {
    const outcome =
      review !== null && asksHost(step, options)
        ? await approveAsked(context, review, requireChange(review, change, told), told.release)
        : await run(told);
    const page = isReviewed.includes(step)
      ? await publish(context, step, told, change, outcome.result)
      : null;
    return { ...outcome, result: withPage(outcome.result, step, page) };
  } catch (error) {
    await tellFailure(context, step, told, change, error);
    throw error;
  }
}

/** Who approves what is then told by the host, not by the command line. */
function asksHost(step: string, { digest, by }: HostOptions): boolean {
  return step === 'approve' && digest === undefined && by === undefined;
}

function requireAllowed(
  { config }: StepContext,
  review: Review,
  step: string,
  { rehearse }: HostOptions,
): void {
  const isRehearsal = step === 'swap' && rehearse === true;
  if (runsCode.includes(step) || isRehearsal) review.requireTrusted(step);
  if (changesLive.includes(step) && !isRehearsal) review.requireMerged(step, config.swap.branch);
}

/** Asked for only where the step needs it to know its release; else when the result is published. */
async function findChange(
  review: Review,
  step: string,
  { release, gate }: HostOptions,
): Promise<Change | null> {
  if (step === 'retire' && release !== undefined) {
    // A later job of GitLab's pipeline has the release of an earlier one in its environment: nobody has named it.
    const own = await review.change({ merged: false, details: true });
    return own?.release === release ? own : null;
  }
  if (release !== undefined && step !== 'approve' && !begins.includes(step)) return null;
  if (beforeReleases.includes(step)) return null;
  if (step === 'status' && gate !== true) return null;
  const merged = release === undefined && afterTheMerge.includes(step);
  const wanted = { merged, details: needsDetails.includes(step) };
  return review.change(release === undefined ? wanted : { ...wanted, release });
}

function withChange<Options extends HostOptions>(
  options: Options,
  step: string,
  change: Change | null,
): Options & HostOptions {
  if (change === null) return options;
  const author = begins.includes(step) ? (options.author ?? change.author) : null;
  return {
    ...options,
    release: options.release ?? change.release,
    ...(author === null ? {} : { author }),
  };
}

function requireChange(review: Review, change: Change | null, { release }: HostOptions): Change {
  if (change !== null) return change;
  throw new GreenlightError({
    what: `Release ${release ?? ''} belongs to no ${review.called}: nobody can have approved it there.`,
    help: 'Approve it by digest and name: greenlight approve --release ID --digest DIGEST --by NAME',
  });
}

/**
 * A request that is closed may have nothing to drop, or nothing yet: that is no mistake. Null: it has.
 * @throws GreenlightError when databases would be dropped that the swap may need: nobody says whether it was merged.
 */
async function whyNothing(
  { ledger, host }: StepContext,
  step: string,
  change: Change | null,
): Promise<string | null> {
  if (change === null || step !== 'retire') return null;
  const release = await ledger.read(null, (reader) => reader.release(change.release));
  if (release === null || release.state === 'new') return `there is no release ${change.release}`;
  if (['swapped', 'rolled-back', 'retired'].includes(release.state)) return null;
  if (change.state === 'merged')
    return `${change.release} is merged and not live yet: the swap needs its databases`;
  if (change.state === null) {
    throw new GreenlightError({
      what: `Nothing was dropped: it is not known whether ${change.release} was merged, and the swap would need its databases.`,
      cause: `the ${host.review?.called ?? 'change'} could not be read`,
      help: `Run it again when it can be read. From a shell, greenlight retire --release ${change.release} drops them.`,
    });
  }
  return null;
}

/** Gives the path of the review page; null: none was written. */
async function publish(
  context: StepContext,
  step: string,
  { release: told, review: asked }: HostOptions,
  known: Change | null,
  result: object,
): Promise<string | null> {
  const { review, progress } = context.host;
  const release = 'release' in result && typeof result.release === 'string' ? result.release : told;
  if (release === undefined) return null;
  const page = pagePath(step, review, asked);
  if (review === null && page === null) return null;
  const change = known ?? (await changeOf(context, review, release));
  try {
    const filesInHand = step !== 'approve';
    return await publishReview(context, { release, change, page, filesInHand });
  } catch (error) {
    progress.warn(`What was found is recorded, but could not be shown: ${messageOf(error)}`);
    return null;
  }
}

/** The result of the comparison says where its page is. */
function withPage(result: object, step: string, review: string | null): object {
  if (step === 'compare') return { ...result, review };
  if (step !== 'prepare' || !('compare' in result)) return result;
  return { ...result, compare: { ...(result.compare as object), review } };
}

async function changeOf(
  { host }: StepContext,
  review: Review | null,
  release: string,
): Promise<Change | null> {
  try {
    return (await review?.change({ release, merged: false, details: false })) ?? null;
  } catch (error) {
    host.progress.warn(messageOf(error));
    return null;
  }
}

function pagePath(step: string, review: Review | null, asked: string | undefined): string | null {
  if (!compares.includes(step)) return null;
  if (asked !== undefined) return asked;
  return review === null ? null : resolve(review.workspace, PAGE);
}

/**
 * The comment shows why a swap was refused, and no longer what was compared before a preparation that failed. The commit
 * shows that its release is not ready.
 */
async function tellFailure(
  context: StepContext,
  step: string,
  told: HostOptions,
  known: Change | null,
  error: unknown,
): Promise<void> {
  const { review, progress } = context.host;
  if (review === null) return;
  const isShown = changesLive.includes(step) || beforeReview.includes(step);
  if (isShown && error instanceof GreenlightError) await publish(context, step, told, known, {});
  if (!beforeReview.includes(step)) return;
  const change =
    known ?? (told.release === undefined ? null : await changeOf(context, review, told.release));
  if (change === null || change.state === 'merged' || change.state === 'closed') return;
  try {
    await review.status(review.revision, {
      name: statusName(context),
      state: 'failure',
      description: `${step} failed`,
      address: review.run,
    });
  } catch (failure) {
    progress.warn(messageOf(failure));
  }
}
