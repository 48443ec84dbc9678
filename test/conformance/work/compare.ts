// Compares one pair of tables and tells the counts.
import { createEngine } from '../../../src/engines/registry.ts';

const { recipe, task } = JSON.parse(process.argv[2] ?? '');
const engine = await createEngine(recipe.engine, recipe.settings);
const session = await engine.comparison.open({
  ...task.open,
  store: null,
  purpose: 'test',
  lineage: true,
});
const found = await session.compareRows(task.pair, task.rows, () => undefined);
await session.close();
if ('fault' in found) throw new Error('The key is at fault');
const { added, removed, cells } = found;
console.log(JSON.stringify({ added, removed, cells: Object.fromEntries(cells) }));
