import * as z from 'zod';
import type { Noise } from '../../compare/noise.ts';
import type {
  ColumnOutcome,
  Coverage,
  ExpectationOutcome,
  LikelyRename,
  ObjectOutcome,
  TableOutcome,
} from '../../compare/outcome.ts';
import type { ChangePattern } from '../../engines/engine.ts';
import { count, same, share, table } from './parts.ts';

/** What a comparison has found. */

export const coverage = same<Coverage>()(
  z.strictObject({
    tables: share('Tables and views that exist on either side.'),
    columns: share('Columns of these tables and views.'),
    rows: share(
      'Rows of both sides together, where they could be counted; of bitemporal tables the slices.',
    ),
    history: z
      .strictObject({
        tables: count('Bitemporal tables of which a slice was compared.'),
        rows: count('Their other rows on both sides, which simulate proved unchanged.'),
      })
      .describe('What was proven instead of compared.'),
    skipped: z
      .array(
        z.strictObject({
          table,
          column: z
            .string()
            .nullable()
            .describe('The column that was left out; null: all of the table.'),
          reason: z.string().describe('Why it was left out.'),
        }),
      )
      .describe('Everything that was not compared.'),
    tolerated: z
      .array(
        z.strictObject({
          table,
          column: z.string().describe('Its column.'),
          within: z.string().describe('How much a value may differ: `absolute 0.001`.'),
        }),
      )
      .describe('Values that count as equal although they differ: `compare.tolerance`.'),
    hashed: z
      .array(table)
      .optional()
      .describe(
        'Tables of which nothing but a hash of 64 bits was compared: `compare.proof: hash`. Absent: none.',
      ),
  }),
).describe('What was compared out of what exists.');

const changePattern = same<ChangePattern>()(
  z.strictObject({
    pattern: z.string().describe('Name of the pattern, such as `constant offset`.'),
    detail: z
      .string()
      .nullable()
      .describe('The pattern with its values; null: the name says it all.'),
    relation: z
      .string()
      .nullable()
      .describe('SQL over `old` and `new` that is true for each of its rows; null: there is none.'),
    rows: count('Rows that it describes. A row counts for the first pattern that fits it.'),
  }),
);

const likelyRename = same<LikelyRename | null>()(
  z
    .strictObject({
      other: z.string().describe('The name on the other side.'),
      evidence: z.string().describe('What speaks for it.'),
    })
    .nullable()
    .describe('Set where it was probably renamed; it counts as removed and added all the same.'),
);

export const columnOutcome = same<ColumnOutcome>()(
  z.strictObject({
    column: z.string().describe('Name of the column.'),
    status: z
      .enum(['identical', 'changed', 'retyped', 'added', 'removed', 'skipped', 'incomparable'])
      .describe(
        'What became of the column. changed: a value deviates. retyped: its type is another one, whether or not a value deviates. skipped: left out by the configuration. incomparable: its values have a type that cannot be compared.',
      ),
    reason: z.string().nullable().describe('Why it was skipped; null otherwise.'),
    old_type: z
      .string()
      .nullable()
      .describe("Its type on the old side, in the engine's words; null: not there."),
    new_type: z
      .string()
      .nullable()
      .describe("Its type on the new side, in the engine's words; null: not there."),
    changed: count('Rows of both sides, brought together by key, in which the value deviates.'),
    unexplained: count('Of these, the ones that no expectation explains.'),
    explained: z
      .boolean()
      .describe('False: something of it deviates that no expectation explains.'),
    pattern: z
      .string()
      .nullable()
      .describe(
        'What the changes of this column look like, in one line such as `null to value`; null: nothing changed, or nothing is known.',
      ),
    patterns: z
      .array(changePattern)
      .describe('The same in parts, most rows first; empty when nothing changed.'),
    condition: z
      .string()
      .nullable()
      .describe(
        'SQL that is true for exactly the rows in which the column deviates, of those that both sides have; null: none was found.',
      ),
    likely_rename: likelyRename,
  }),
);

export const tableOutcome = same<TableOutcome>()(
  z.strictObject({
    table,
    kind: z.enum(['table', 'view']).describe('What it is on the new side, else on the old one.'),
    role: z
      .enum(['input', 'result'])
      .describe('input: named in compare.input. result: everything else.'),
    status: z
      .enum(['identical', 'changed', 'added', 'removed', 'skipped'])
      .describe(
        'What became of it. changed: rows, columns, or the text of a view deviate. added, removed: only the new or only the old side has it.',
      ),
    skipped: z
      .enum(['configured', 'unreadable', 'budget'])
      .nullable()
      .describe(
        'Why it was skipped: left out by the configuration, nobody could read it, or the budget was used up. Null when it was not.',
      ),
    reason: z
      .string()
      .nullable()
      .describe(
        'Why it was skipped, compared without its key, or otherwise than asked; null when there is nothing to say.',
      ),
    key: z
      .array(z.string())
      .nullable()
      .describe(
        'Columns by which rows were brought together; null: rows were compared as a whole, or not at all.',
      ),
    old_rows: z.int().nonnegative().nullable().describe('Rows on the old side; null: not counted.'),
    new_rows: z.int().nonnegative().nullable().describe('Rows on the new side; null: not counted.'),
    history: z
      .int()
      .nonnegative()
      .nullable()
      .describe(
        'Of a bitemporal table: rows of both sides outside of the slice that was compared; null: the whole table was.',
      ),
    added: count('Rows that only the new side has.'),
    removed: count('Rows that only the old side has.'),
    changed: count('Rows that both sides have with another value in at least one column.'),
    unexplained: count('Deviating rows that nothing explains; of a table on one side, its rows.'),
    explained: z
      .boolean()
      .describe(
        'False: something of it deviates that no expectation explains, or nobody could read it.',
      ),
    structure: z
      .array(z.enum(['definition', 'order', 'kind']))
      .describe(
        'What of it deviates besides columns and rows. definition: the text of a view. order: of its columns. kind: a table became a view, or the other way round.',
      ),
    proof: z
      .enum(['exact', 'lineage', 'hash'])
      .nullable()
      .describe(
        'exact: values were compared. lineage: the storage was proven equal. hash: a hash over all rows is the same on both sides, and nothing else was looked at. Null: skipped.',
      ),
    way: z
      .string()
      .nullable()
      .describe(
        'How rows were brought together (position, join, position and join, multiset), or the proof by lineage. For people.',
      ),
    fingerprint: z
      .string()
      .nullable()
      .describe(
        'SHA-256 over the deviating rows, or over all rows of a table on one side; null when there are none. Part of the digest.',
      ),
    old_definition: z
      .string()
      .nullable()
      .describe('The old text of a view whose text differs or that was removed; else null.'),
    new_definition: z
      .string()
      .nullable()
      .describe('The new text of a view whose text differs or that was added; else null.'),
    likely_rename: likelyRename,
    columns: z.array(columnOutcome).describe('Its columns: those of either side.'),
  }),
);

export const objectOutcome = same<ObjectOutcome>()(
  z.strictObject({
    kind: z
      .string()
      .describe(
        'schema, sequence, type, macro, table macro, index, constraint, default, collation or comment.',
      ),
    name: z.string().describe('Name of the object, with its schema.'),
    old_definition: z.string().nullable().describe('What it said; null when it was added.'),
    new_definition: z.string().nullable().describe('What it says now; null when it was removed.'),
    status: z.enum(['added', 'removed', 'changed']).describe('What became of it.'),
    explained: z.boolean().describe('An expectation declares it.'),
  }),
);

export const expectationOutcome = same<ExpectationOutcome>()(
  z.strictObject({
    file: z.string().describe('The expectations file.'),
    line: count('The line where the declaration stands.'),
    table: z.string().nullable().describe('Its table or view; null: another object.'),
    declares: z.string().describe('What it declares, in short.'),
    status: z
      .enum(['met', 'unmatched', 'broken', 'too-few', 'too-many'])
      .describe(
        'met: what it claims is explained. The others explain nothing and make the verdict unexplained. unmatched: it claims nothing. broken: its relation does not hold for every row that it claims. too-few, too-many: it claims fewer or more rows than it says.',
      ),
    claimed: count('Deviating rows that it claims; 1 when what it declares is no row.'),
    broken: count('Of these, the ones for which its relation does not hold.'),
    because: z.string().nullable().describe("Why, in the author's words."),
  }),
);

export const noise = same<Noise>()(
  z.strictObject({
    tables: z
      .array(
        z.strictObject({
          table,
          kind: tableOutcome.shape.kind,
          role: tableOutcome.shape.role,
          status: tableOutcome.shape.status,
          reason: tableOutcome.shape.reason,
          added: count('Rows that only the control has.'),
          removed: count('Rows that only the baseline has.'),
          changed: count('Rows that both have with another value in at least one column.'),
          columns: z
            .array(
              z.strictObject({
                column: columnOutcome.shape.column,
                status: columnOutcome.shape.status,
                changed: columnOutcome.shape.changed,
                pattern: columnOutcome.shape.pattern,
              }),
            )
            .describe('Its columns that differ.'),
        }),
      )
      .describe('Tables and views that differ, or that nobody could read.'),
    objects: z
      .array(
        z.strictObject({
          kind: objectOutcome.shape.kind,
          name: objectOutcome.shape.name,
          status: objectOutcome.shape.status,
        }),
      )
      .describe('Other objects that differ.'),
  }),
);
export const noiseText =
  'Where the old logic, run again as control, gives another result than production has: no part of the deviations. Null: there was no control.';
