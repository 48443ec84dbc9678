// Compares two databases as the product does, records what deviates, and tells the counts, how many tables were compared
// at the same time, and the peak of this process's memory.
import { compareDatabases } from '../../../src/compare/compare.ts';
import { createEngine } from '../../../src/engines/registry.ts';
import { rowDeviationTable } from '../../../src/release/tables.ts';
import { request } from '../../compare/request.ts';

const { recipe, task } = JSON.parse(process.argv[2] ?? '');
const engine = await createEngine(recipe.engine, recipe.settings);
let [now, most] = [0, 0];
const open: typeof engine.comparison.open = async (options) => {
  const session = await engine.comparison.open(options);
  const compareRows = session.compareRows.bind(session);
  session.compareRows = async (...asked) => {
    now += 1;
    most = Math.max(most, now);
    return compareRows(...asked).finally(() => {
      now -= 1;
    });
  };
  return session;
};
const { comparison } = await compareDatabases({
  ...request({ ...engine, comparison: { ...engine.comparison, open } }, task.sides, task.config),
  record: { table: rowDeviationTable.name, comparison: 1, privacy: 'full' },
  patterns: false,
});
const tables = comparison.tables.map(({ table, way, added, removed, changed }) => ({
  table,
  way,
  added,
  removed,
  changed,
}));
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ tables, atOnce: most, peak }));
