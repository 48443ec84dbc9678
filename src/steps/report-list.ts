import { deviates } from '../compare/standing.ts';
import { type FinishedComparison, findCompared, inShort } from '../release/find-compared.ts';
import { recordedOutcome } from '../release/recorded.ts';
import type { StepContext } from './context.ts';

export interface ReportListResult {
  readonly release: string;
  readonly comparisons: readonly ListedComparison[];
}

export interface ListedComparison extends FinishedComparison {
  /** How many tables and views, and how many other objects, deviate. */
  readonly tables: number;
  readonly objects: number;
  /** Deviating rows, and the rows of tables on one side, that nothing explains. */
  readonly unexplained: number;
}

/** The finished comparisons of a release, oldest first. */
export async function reportList(
  { ledger }: StepContext,
  options: { readonly release?: string },
): Promise<ReportListResult> {
  const release = await findCompared(ledger, options.release);
  const comparisons: ListedComparison[] = [];
  for (const comparison of release.comparisons) {
    const { tables, objects } = await ledger.read({ tables: [], objects: [] }, (reader) =>
      recordedOutcome(reader, comparison.id),
    );
    comparisons.push({
      ...inShort(comparison, release),
      tables: tables.filter(deviates).length,
      objects: objects.length,
      unexplained: tables.reduce((sum, { unexplained }) => sum + unexplained, 0),
    });
  }
  return { release: release.id, comparisons };
}
