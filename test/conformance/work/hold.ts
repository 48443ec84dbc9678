// Takes the right to a name and keeps it until the process ends.
import { createEngine } from '../../../src/engines/registry.ts';

const { recipe, task } = JSON.parse(process.argv[2] ?? '');
const engine = await createEngine(recipe.engine, recipe.settings);
const hold = await engine.stores.hold(task.name, task.waitMs);
console.log(JSON.stringify({ held: hold.held }));
process.stdin.resume();
