// The JSON Schemas that are published: path -> text.
//
//   schemas/greenlight.schema.json   greenlight.yml, from src/config/schema.ts
//   schemas/expected.schema.json     greenlight.expected.yml, from src/config/expectations-schema.ts
//   schemas/<step>.schema.json       what `greenlight <step> --json` prints, from src/report/results.ts
//   schemas/error.schema.json        what it prints in place of a result

import { expectationsJsonSchema } from '../src/config/expectations-schema.ts';
import { configJsonSchema } from '../src/config/schema.ts';
import { resultJsonSchemas } from '../src/report/results.ts';

export function schemaFiles(): Map<string, string> {
  const schemas: Record<string, object> = {
    greenlight: configJsonSchema(),
    expected: expectationsJsonSchema(),
    ...resultJsonSchemas(),
  };
  return new Map(
    Object.entries(schemas).map(([name, schema]) => [
      `schemas/${name}.schema.json`,
      `${JSON.stringify(schema, null, 2)}\n`,
    ]),
  );
}
