// Looks at a database that it watches, says so, and goes on watching.
import { createEngine } from '../../../src/engines/registry.ts';

const { recipe, task } = JSON.parse(process.argv[2] ?? '');
const engine = await createEngine(recipe.engine, recipe.settings);
await engine.databases.watch(task.at);
await engine.databases.identify(task.at);
console.log(JSON.stringify('watching'));
setInterval(() => undefined, 60_000);
