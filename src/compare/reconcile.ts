import type { RecordedRows, RowComparison, RowCounts } from '../engines/engine.ts';
import { GreenlightError } from '../errors.ts';

/**
 * old rows - removed + added = new rows, and what was recorded is what was counted. A comparison that fails this is
 * wrong somewhere, and no verdict may be built on it.
 * @throws GreenlightError when it does not.
 */
export function requireReconciled(
  table: string,
  rows: RowCounts,
  found: RowComparison,
  recorded: RecordedRows | null,
): void {
  const faults = [
    ...faultsOfCounts(rows, found),
    ...(recorded === null ? [] : faultsOfRecord(found, recorded)),
  ];
  if (faults.length === 0) return;
  throw new GreenlightError({
    what: 'The comparison does not reconcile, so there is no verdict.',
    where: table,
    cause: faults.join('; '),
    help: 'If another process changed the candidate meanwhile, run compare again; else please report this as a bug.',
  });
}

function* faultsOfCounts(rows: RowCounts, { added, removed }: RowComparison): Iterable<string> {
  if (rows.old - removed + added !== rows.new)
    yield `${rows.old} old rows - ${removed} removed + ${added} added is not ${rows.new} new rows`;
}

function* faultsOfRecord(found: RowComparison, recorded: RecordedRows): Iterable<string> {
  if (recorded.added !== found.added || recorded.removed !== found.removed)
    yield `${found.added} added and ${found.removed} removed rows were counted, ${recorded.added} and ${recorded.removed} recorded`;
  const cells = [...found.cells.values()];
  const most = cells.reduce((sum, count) => sum + count, 0);
  if (recorded.changed < Math.max(0, ...cells) || recorded.changed > most)
    yield `${recorded.changed} changed rows were recorded for ${most} changed cells`;
  for (const name of new Set([...found.cells.keys(), ...recorded.cells.keys()])) {
    const [counted, kept] = [found.cells.get(name) ?? 0, recorded.cells.get(name) ?? 0];
    if (counted !== kept)
      yield `${counted} changed values of ${name} were counted, ${kept} recorded`;
  }
}
