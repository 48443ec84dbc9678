import type { ExpectationOutcome } from '../compare/outcome.ts';
import { GreenlightError, messageOf, UsageError } from '../errors.ts';
import type { Gate } from '../release/gate.ts';
import type { LedgerReader } from '../release/ledger.ts';
import type { ReviewFacts } from '../report/model.ts';
import type { StepContext } from './context.ts';
import { report } from './report.ts';
import { status } from './status.ts';

/**
 * What people are shown of a release, read from the ledger alone: any step in any job tells the same. Null: there is no
 * comparison to show.
 *
 * @param filesInHand false: the job works with the files of another commit than the one that was compared.
 */
export async function reviewFacts(
  context: StepContext,
  release: string,
  filesInHand: boolean,
): Promise<ReviewFacts | null> {
  const read = await context.ledger.read(null, (reader) => recorded(reader, release));
  if (read === null) return null;
  const shown = await report(context, { release, comparison: read.comparison.id });
  const { releases, gate } = await statusWithGate(context, release);
  const [own] = releases;
  if (own === undefined) return null;
  return {
    report: shown,
    status: own,
    gate:
      gate === null || !['compared', 'approved'].includes(own.state)
        ? null
        : seen(gate, filesInHand),
    expectations: read.expectations,
    stopped: read.comparison.stopped,
    revision: read.comparison.revision,
    job: read.comparison.job,
    exchange: read.exchange,
  };
}

async function recorded(reader: LedgerReader, release: string) {
  const comparison = (await reader.comparisons(release)).at(-1);
  if (comparison === undefined) return null;
  const last = (await reader.swaps()).findLast(
    (swap) => swap.release === release && swap.state === 'done',
  );
  return {
    comparison,
    expectations: (await reader.expectations(comparison.id)) as unknown as ExpectationOutcome[],
    exchange:
      last === undefined
        ? null
        : { at: last.finished_at ?? last.intended_at, ms: last.exchange_ms ?? 0 },
  };
}

/** Where the databases are on another machine, nobody can say whether they are as they were. */
async function statusWithGate(context: StepContext, release: string) {
  try {
    return await status(context, { release, gate: true });
  } catch (error) {
    if (error instanceof GreenlightError && !(error instanceof UsageError))
      context.host.progress.warn(`The gate could not be looked at: ${messageOf(error)}`);
    return status(context, { release });
  }
}

/** A job that has checked out another commit says nothing of the logic that was compared. */
function seen(gate: Gate, filesInHand: boolean): Gate {
  if (filesInHand) return gate;
  const reasons = gate.reasons.filter(({ condition }) => condition !== 'logic');
  return { open: reasons.length === 0, reasons };
}
