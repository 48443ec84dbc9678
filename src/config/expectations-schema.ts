import * as z from 'zod';
import { formatName, parseName } from './names.ts';
import { always, type JsonSchema, namesAsKeys, TABLE, text } from './schema.ts';

// What is declared of rows --------------------------------------------------------------------------

const sql = text.meta({
  description: 'SQL over old.x and new.x, the values of a row; within a column also old and new.',
});

const rowsClaim = z
  .strictObject({
    where: sql.optional().meta({
      description: 'Which of the deviating rows. Default: all.',
      examples: ["new.currency = 'CAD'"],
    }),
    holds: sql.optional().meta({
      description: 'What must hold for each of them. Default: nothing more.',
      examples: ['new = round(old * 1.19, 2)'],
    }),
    at_least: z
      .int()
      .nonnegative('must not be negative')
      .default(1)
      .meta({ description: 'How many rows at least.', examples: [1] }),
    at_most: z
      .int()
      .nonnegative('must not be negative')
      .optional()
      .meta({ description: 'How many rows at most. Default: no limit.', examples: [5000] }),
    because: text.optional().meta({
      description: 'Why, for the reviewers. The report shows it.',
      examples: ['VAT since January'],
    }),
  })
  .superRefine(({ at_least, at_most }, context) => {
    if (at_most === undefined || at_least <= at_most) return;
    context.addIssue({
      code: 'custom',
      path: ['at_most'],
      message: `is less than at_least, which is ${at_least}`,
    });
  }, always)
  .meta({ description: 'Rows that deviate as intended.', examples: [{ where: 'new.id > 7' }] });

const rows = z
  .union([rowsClaim, z.array(rowsClaim).min(1, 'must not be empty')])
  .meta({ examples: [{ at_most: 100 }] });

const column = z
  .union([
    rowsClaim,
    z
      .array(z.union([rowsClaim, z.literal('retyped')]))
      .min(1, 'must not be empty')
      .refine(
        (list) => list.filter((one) => one === 'retyped').length < 2,
        'says `retyped` more than once',
      ),
    z.enum(['added', 'removed', 'retyped']),
  ])
  .meta({ examples: [{ holds: 'new = round(old * 1.19, 2)' }] });

// Tables and the file -------------------------------------------------------------------------------

const changed = z.literal('changed').optional();

const table = z
  .union([
    z.strictObject({
      columns: z
        .record(z.string(), column)
        .default({})
        .superRefine(namesAsKeys(1, 'one column'), always)
        .meta({
          description: 'Column -> what becomes of it, or which of its values change.',
          examples: [{ tax: 'added' }],
        }),
      rows: z
        .strictObject({
          added: rows.optional().meta({
            description: 'Rows that only the new side has.',
            examples: [{ at_most: 100 }],
          }),
          removed: rows.optional().meta({
            description: 'Rows that only the old side has.',
            examples: [{ where: 'old.id = 7' }],
          }),
        })
        .default({})
        .meta({
          description: 'Rows that come and go. {}: all of them.',
          examples: [{ added: { at_most: 100 } }],
        }),
      definition: changed.meta({
        description: 'The text of a view changes.',
        examples: ['changed'],
      }),
      order: changed.meta({
        description: 'Its columns stand in another order.',
        examples: ['changed'],
      }),
      kind: changed.meta({
        description: 'A table becomes a view, or the other way round.',
        examples: ['changed'],
      }),
    }),
    z.enum(['added', 'removed']),
  ])
  .meta({ examples: [{ columns: { tax: 'added' } }] });

/** greenlight.expected.yml as people write it. */
export const expectationsSchema = z
  .strictObject({
    version: z
      .literal(1)
      .default(1)
      .meta({ description: 'Version of this format.', examples: [1] }),
    tables: z
      .record(z.string(), table)
      .default({})
      .superRefine(namesAsKeys(2, TABLE), always)
      .meta({
        description: 'schema.table -> what becomes of it.',
        examples: [{ 'marts.extra': 'added' }],
      }),
    objects: z
      .record(z.string(), z.enum(['added', 'removed', 'changed']))
      .default({})
      .meta({
        description:
          'Anything that is neither table nor view, by kind and name as the report writes them.',
        examples: [{ 'macro marts.net': 'changed' }],
      }),
  })
  .meta({
    title: 'Greenlight expectations',
    description: 'Which deviations the author of a change intends: greenlight.expected.yml.',
  });

export type ExpectationsFile = z.output<typeof expectationsSchema>;
export type RowsClaim = z.output<typeof rowsClaim>;

/** The JSON Schema of greenlight.expected.yml, for editors. */
export function expectationsJsonSchema(): JsonSchema {
  return z.toJSONSchema(expectationsSchema, { io: 'input', target: 'draft-7' }) as JsonSchema;
}

/** `"a.b"` -> `a.b`: a column as the database knows it. */
export function columnOf(key: string): string {
  return parseName(key)[0] ?? key;
}

/** The name of a table in the one way that everybody writes it. */
export function canonicalTable(key: string): string {
  return formatName(parseName(key));
}
