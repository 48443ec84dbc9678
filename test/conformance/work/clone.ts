// Says that it begins, and clones a database.
import { createEngine } from '../../../src/engines/registry.ts';

const { recipe, task } = JSON.parse(process.argv[2] ?? '');
const engine = await createEngine(recipe.engine, recipe.settings);
console.log(JSON.stringify('begun'));
const { from, to, ...how } = task;
await engine.databases.clone(from, to, how);
