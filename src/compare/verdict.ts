import { isSilent, noiseOf } from './noise.ts';
import type { Comparison, Coverage, TableOutcome } from './outcome.ts';

/**
 * unexplained: something deviates that no expectation explains, an expectation is not met, or something could not be
 * read. explained: all that deviates is explained or noise, and what was left out, forgiven or only hashed was so by the
 * configuration.
 * identical: everything was compared and is equal, and what goes live is what production has.
 */
export function verdictOf(
  comparison: Comparison,
  noise: Comparison | null = null,
): 'identical' | 'explained' | 'unexplained' {
  const { tables, objects, expectations } = comparison;
  const isExplained =
    [...tables, ...objects].every(({ explained }) => explained) &&
    expectations.every(({ status }) => status === 'met');
  if (!isExplained) return 'unexplained';
  const isIdentical =
    (noise === null || isSilent(noiseOf(noise))) &&
    tables.every(({ status }) => status === 'identical') &&
    objects.length === 0 &&
    comparison.tolerated.length === 0 &&
    coverageOf(comparison).skipped.length === 0 &&
    coverageOf(comparison).hashed === undefined;
  return isIdentical ? 'identical' : 'explained';
}

/** Compared out of existing, and each thing left out with its reason. */
export function coverageOf({
  tables,
  tolerated,
}: Pick<Comparison, 'tables' | 'tolerated'>): Coverage {
  const rowsOf = ({ old_rows, new_rows }: TableOutcome) => (old_rows ?? 0) + (new_rows ?? 0);
  const hashed = tables.filter(({ proof }) => proof === 'hash').map(({ table }) => table);
  const looked = tables.filter(({ skipped }) => skipped === null);
  const columns = tables.flatMap((table) => table.columns);
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    tables: { compared: looked.length, total: tables.length },
    columns: {
      compared: looked.flatMap((table) => table.columns).filter(({ reason }) => reason === null)
        .length,
      total: columns.length,
    },
    rows: { compared: sum(looked.map(rowsOf)), total: sum(tables.map(rowsOf)) },
    history: {
      tables: tables.filter(({ history }) => history !== null).length,
      rows: sum(tables.map(({ history }) => history ?? 0)),
    },
    skipped: tables.flatMap(({ table, skipped, reason, columns: own }): Coverage['skipped'] => {
      if (skipped !== null) return [{ table, column: null, reason: reason ?? '' }];
      return own
        .filter((column) => column.reason !== null)
        .map(({ column, reason: why }) => ({ table, column, reason: why ?? '' }));
    }),
    tolerated,
    ...(hashed.length === 0 ? {} : { hashed }),
  };
}
