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
  const cells = [...found.cells.values()];
  const most = cells.reduce((sum, count) => sum + count, 0);
  const columns = new Set([...found.cells.keys(), ...(recorded?.cells.keys() ?? [])]);
  const faults = [
    rows.old - found.removed + found.added === rows.new ||
      `${rows.old} old rows - ${found.removed} removed + ${found.added} added is not ${rows.new} new rows`,
    recorded === null ||
      (recorded.added === found.added && recorded.removed === found.removed) ||
      `${found.added} added and ${found.removed} removed rows were counted, ${recorded.added} and ${recorded.removed} recorded`,
    recorded === null ||
      (recorded.changed >= Math.max(0, ...cells) && recorded.changed <= most) ||
      `${recorded.changed} changed rows were recorded for ${most} changed cells`,
    ...[...columns].map((name) => {
      const [counted, kept] = [found.cells.get(name) ?? 0, recorded?.cells.get(name) ?? 0];
      return recorded === null || counted === kept
        ? true
        : `${counted} changed values of ${name} were counted, ${kept} recorded`;
    }),
  ].filter((fault) => fault !== true);
  if (faults.length === 0) return;
  throw new GreenlightError({
    what: 'The comparison does not reconcile, so there is no verdict.',
    where: table,
    cause: faults.join('; '),
    help: 'If another process changed the candidate meanwhile, run compare again; else please report this as a bug.',
  });
}
