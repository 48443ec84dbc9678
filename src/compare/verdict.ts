import type { Comparison, Coverage, TableOutcome } from './outcome.ts';

/**
 * unexplained: something deviates, or could not be compared. explained: nothing deviates, and what was left out was
 * left out by the configuration. identical: everything was compared and is equal.
 */
export function verdictOf(comparison: Comparison): 'identical' | 'explained' | 'unexplained' {
  const deviates = comparison.objects.length > 0 || comparison.tables.some(isDeviation);
  if (deviates) return 'unexplained';
  return coverageOf(comparison).skipped.length > 0 ? 'explained' : 'identical';
}

/** A table that could not be read, or was not reached, counts: nobody knows what it hides. */
function isDeviation({ status, skipped }: TableOutcome): boolean {
  return status === 'skipped' ? skipped !== 'configured' : status !== 'identical';
}

/** Compared out of existing, and each thing left out with its reason. */
export function coverageOf({ tables }: Comparison): Coverage {
  const rowsOf = ({ old_rows, new_rows }: TableOutcome) => (old_rows ?? 0) + (new_rows ?? 0);
  const looked = tables.filter(({ skipped }) => skipped === null);
  const columns = tables.flatMap((table) => table.columns);
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    tables: { compared: looked.length, total: tables.length },
    columns: {
      compared: columns.filter(({ reason }) => reason === null).length,
      total: columns.length,
    },
    rows: { compared: sum(looked.map(rowsOf)), total: sum(tables.map(rowsOf)) },
    skipped: tables.flatMap(({ table, skipped, reason, columns: own }): Coverage['skipped'] => {
      if (skipped !== null) return [{ table, column: null, reason: reason ?? '' }];
      return own
        .filter((column) => column.reason !== null)
        .map(({ column, reason: why }) => ({ table, column, reason: why ?? '' }));
    }),
  };
}
