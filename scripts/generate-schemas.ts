// Writes the JSON Schemas that are published: npm run generate [folder]
//
//   schemas/greenlight.schema.json   greenlight.yml, from src/config/schema.ts
//   schemas/expected.schema.json     greenlight.expected.yml, from src/config/expectations-schema.ts
//   schemas/<step>.schema.json       what `greenlight <step> --json` prints, from src/report/results.ts
//   schemas/error.schema.json        what it prints in place of a result
//
// A schema that nothing gives any more goes.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectationsJsonSchema } from '../src/config/expectations-schema.ts';
import { configJsonSchema } from '../src/config/schema.ts';
import { resultJsonSchemas } from '../src/report/results.ts';

const folder = process.argv[2] ?? 'schemas';
const schemas: Record<string, object> = {
  greenlight: configJsonSchema(),
  expected: expectationsJsonSchema(),
  ...resultJsonSchemas(),
};
const files = new Map(
  Object.entries(schemas).map(([name, schema]) => [
    `${name}.schema.json`,
    `${JSON.stringify(schema, null, 2)}\n`,
  ]),
);

await mkdir(folder, { recursive: true });
for (const [name, text] of files) await writeFile(join(folder, name), text);
for (const name of await readdir(folder)) {
  if (name.endsWith('.schema.json') && !files.has(name)) await rm(join(folder, name));
}
