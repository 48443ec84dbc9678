import { whyUnmet } from '../compare/expectations.ts';
import type { ExpectationOutcome } from '../compare/outcome.ts';
import type { LedgerReader } from './ledger.ts';

/** What of a comparison needs a person's approval, as lines. Both empty: nothing does. */
export interface Unexplained {
  /** Tables, views and other objects that deviate without a declaration, or that nobody could read. */
  readonly deviations: readonly string[];
  /** Declarations that are not met. */
  readonly expectations: readonly string[];
}

export const nothingUnexplained: Unexplained = { deviations: [], expectations: [] };

export async function unexplainedOf(
  reader: LedgerReader,
  comparison: number,
): Promise<Unexplained> {
  const [tables, objects, expectations] = [
    await reader.tableDeviations(comparison),
    await reader.objectDeviations(comparison),
    await reader.expectations(comparison),
  ];
  return {
    deviations: [
      ...tables
        .filter(({ explained }) => explained !== true)
        .map(({ table_name, status }) => `${table_name}: ${status}`),
      ...objects
        .filter(({ explained }) => explained !== true)
        .map(({ kind, object_name, status }) => `${kind} ${object_name}: ${status}`),
    ],
    expectations: (expectations as unknown as ExpectationOutcome[])
      .filter(({ status }) => status !== 'met')
      .map(
        (outcome) => `${outcome.file}:${outcome.line} ${outcome.declares}: ${whyUnmet(outcome)}`,
      ),
  };
}
