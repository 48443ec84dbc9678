// Puts a fence around live, says that it begins, and exchanges it.
import { createEngine } from '../../../src/engines/registry.ts';

const { recipe, task } = JSON.parse(process.argv[2] ?? '');
const engine = await createEngine(recipe.engine, recipe.settings);
await engine.swap.fence(task.live);
console.log(JSON.stringify('begun'));
await engine.swap.exchange(task.live, task.incoming, task.kept);
