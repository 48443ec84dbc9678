// Puts a fence around a database and keeps it until the process ends.
import { createEngine } from '../../../src/engines/registry.ts';

const { recipe, task } = JSON.parse(process.argv[2] ?? '');
const engine = await createEngine(recipe.engine, recipe.settings);
await engine.swap.fence(task.at);
console.log(JSON.stringify('fenced'));
process.stdin.resume();
