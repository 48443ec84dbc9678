import { writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { GreenlightError, messageOf } from '../errors.ts';
import type { Change, Review } from '../hosts/review.ts';
import { awaitsReview } from '../release/gate.ts';
import { annotationsOf } from '../report/annotations.ts';
import { commentText } from '../report/comment.ts';
import { type ReviewFacts, type ReviewModel, reviewModel } from '../report/model.ts';
import { reviewPage } from '../report/review-page.ts';
import type { StepContext } from './context.ts';
import { reviewFacts } from './review-facts.ts';

export interface Publication {
  readonly release: string;
  /** Where it is reviewed; null: nowhere. */
  readonly change: Change | null;
  /** The file of the review page; null: none is written. */
  readonly page: string | null;
  /** The job works with the files that were compared, or are about to go live. */
  readonly filesInHand: boolean;
}

/** A job summary may have 1 MiB, shared by the steps of a job, in bytes. */
const SUMMARY_LIMIT = 250_000;

/** Where the review page is written on a host. */
export const PAGE = 'greenlight-review.html';

/**
 * Shows what the ledger knows of a release to those who review it. Each part stands for itself: what fails is told.
 * @returns the path of the review page; null when none was written.
 */
export async function publishReview(
  context: StepContext,
  publication: Publication,
): Promise<string | null> {
  const { config, host } = context;
  const { release, change, page, filesInHand } = publication;
  const facts = await reviewFacts(context, release, filesInHand);
  if (facts === null) return null;
  const { review } = host;
  const modelWith = (address: string | null) =>
    reviewModel(facts, {
      called: review?.called ?? null,
      ...(review?.approvalJob ? { approvalJob: review.approvalJob } : {}),
      page: address,
    });

  const failures: string[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      failures.push(messageOf(error));
      host.progress.warn(messageOf(error));
      return null;
    }
  };
  const written = page === null ? null : await attempt(() => writePage(page, modelWith(null)));
  if (review === null) return written;
  const model = modelWith(pageAddress(review, facts, page, written));
  const address =
    change === null || !review.wantsComment
      ? null
      : await attempt(() =>
          review.comment(change, {
            marker: markerOf(context, release),
            body: commentText(model, review.commentLimit),
          }),
        );
  if (change !== null)
    await attempt(() => tellStatus(context, review, facts, model, address ?? review.run));
  const file = (name: string) => relative(review.workspace, resolve(config.root, name));
  await attempt(() => review.annotate(annotationsOf(facts.expectations, file)));
  const told = failures.map((failure) => `> ⚠️ ${failure.replaceAll('\n', ' ')}\n`);
  await attempt(() => review.summarise([...told, commentText(model, SUMMARY_LIMIT)].join('\n')));
  return written;
}

async function writePage(page: string, model: ReviewModel): Promise<string> {
  try {
    await writeFile(page, reviewPage(model));
    return page;
  } catch (error) {
    throw new GreenlightError({ what: `Could not write the review page: ${messageOf(error)}` });
  }
}

/** Two projects of one repository may both have a release of the same change. */
function markerOf(context: StepContext, release: string): string {
  const { config, host } = context;
  const file = relative(host.review?.workspace ?? config.root, config.file).replaceAll('--', '—');
  return `<!-- greenlight: release ${release}, ${file} -->`;
}

/** Of the page that this job has written; of a job that writes none, that of the job that compared. */
function pageAddress(
  review: Review,
  { job }: ReviewFacts,
  page: string | null,
  written: string | null,
): string | null {
  if (page === null) return job ? review.fileAddress(job, PAGE) : null;
  if (written === null || review.run === '') return null;
  return review.fileAddress(review.run, relative(review.workspace, written));
}

/** The gate, on the commit that was compared: success lets it be merged. */
async function tellStatus(
  context: StepContext,
  review: Review,
  { gate, revision, stopped, status }: ReviewFacts,
  { title }: ReviewModel,
  address: string,
): Promise<void> {
  if (revision === null || !['compared', 'approved'].includes(status.state)) return;
  const refused =
    stopped !== null || (gate?.reasons.some((reason) => !awaitsReview(reason)) ?? false);
  const isOpen = gate === null ? status.state === 'approved' : gate.open;
  await review.status(revision, {
    name: statusName(context),
    state: refused ? 'failure' : isOpen ? 'success' : 'pending',
    description: title,
    address,
  });
}

/** Of the project in the repository's root it is plain, so that branch protection can name it; others tell which. */
export function statusName({ config, host }: StepContext): string {
  const file = relative(host.review?.workspace ?? config.root, config.file);
  return file === 'greenlight.yml' || file.startsWith('..')
    ? 'greenlight/release'
    : `greenlight/release ${file}`;
}
