import * as z from 'zod';
import type { ColumnStanding, ObjectStanding, TableBefore } from '../../compare/standing.ts';
import type { Standing } from '../../engines/engine.ts';
import type { HeldAgainst, ReportedRow, ReportedTable, ReportResult } from '../../steps/report.ts';
import type { ListedComparison, ReportListResult } from '../../steps/report-list.ts';
import {
  columnOutcome,
  coverage,
  noise,
  noiseText,
  objectOutcome,
  tableOutcome,
} from './comparison.ts';
import { count, digest, release, same, texts, verdict } from './parts.ts';

/** What `report` reads back of what was recorded. */

const standing = same<Standing>()(z.enum(['new', 'still', 'gone']));
const standingOf = (meaning: string) => standing.nullable().describe(meaning);

const tableBefore = same<TableBefore>()(
  z.strictObject({
    status: tableOutcome.shape.status,
    old_rows: tableOutcome.shape.old_rows,
    new_rows: tableOutcome.shape.new_rows,
    added: tableOutcome.shape.added,
    removed: tableOutcome.shape.removed,
    changed: tableOutcome.shape.changed,
    same: z
      .boolean()
      .describe('True when it deviated in exactly the same way: the same rows, columns and texts.'),
  }),
);

const columnStanding = same<ColumnStanding>()(
  columnOutcome.extend({
    standing: standingOf(
      'new: it did not deviate before. still: it did, however. gone: it deviates no more, and shows as it was. Null: not told.',
    ),
    before: z
      .strictObject({
        status: columnOutcome.shape.status,
        old_type: columnOutcome.shape.old_type,
        new_type: columnOutcome.shape.new_type,
        changed: columnOutcome.shape.changed,
      })
      .nullable()
      .describe('What the earlier comparison found; null when it did not deviate then.'),
  }),
);

const objectStanding = same<ObjectStanding>()(
  objectOutcome.extend({
    standing: standingOf(
      'new: it did not deviate in this way before. still: it did. gone: it deviates so no more. Null: there is nothing to hold it against.',
    ),
  }),
);

const recordedValues = (meaning: string) =>
  z.record(z.string(), z.string().nullable()).nullable().describe(meaning);

const reportedRow = same<ReportedRow>()(
  z.strictObject({
    kind: z.enum(['added', 'removed', 'changed']).describe('What became of the row.'),
    standing: standingOf(
      'new: only this comparison has the deviation. still: both have it. gone: only the earlier one has it. Null: not told.',
    ),
    key: recordedValues('Key column -> value; null without a key, or when it was not recorded.'),
    columns: z
      .array(z.string())
      .nullable()
      .describe('The columns that deviate; null unless changed.'),
    old: recordedValues('Column -> old value; null where there is none, or it was not recorded.'),
    new: recordedValues('Column -> new value; null where there is none, or it was not recorded.'),
    occurrences: count('How often the row occurs; more than 1 only without a key.'),
    explained: z.boolean().describe('True when expectations explain all of it.'),
    fingerprint: z
      .string()
      .nullable()
      .describe('Equal in two comparisons for the same deviation; null: not recorded.'),
  }),
);

const reportedTable = same<ReportedTable>()(
  tableOutcome.extend({
    columns: z
      .array(columnStanding)
      .describe('Columns that deviate, were skipped, or deviated before.'),
    standing: standingOf(
      'new: it did not deviate before. still: it did, however. gone: it deviates no more. Null: not told.',
    ),
    before: tableBefore
      .nullable()
      .describe('What the earlier comparison found; null when it did not know the table.'),
    standings: z
      .strictObject({
        new: count('Rows that deviate in this way for the first time.'),
        still: count('Rows that did so before.'),
        gone: count('Rows that did so before and do so no more.'),
      })
      .nullable()
      .describe('Rows of the condition, each as often as it occurs; null: not told.'),
    rows: z.array(reportedRow).describe('The first rows, ordered by kind, key and fingerprint.'),
    rows_total: count('Rows of the ledger that the filter lets through.'),
    truncated: z.boolean().describe('True when `rows` does not hold all of them.'),
  }),
);

const listedComparison = same<ListedComparison>()(
  z.strictObject({
    comparison: count("The comparison's id in the ledger."),
    finished_at: z.string().describe('When it was finished: ISO 8601, UTC.'),
    verdict,
    digest,
    approved_by: texts('Who approved this digest.'),
    privacy: z.string().describe('What it recorded of rows: keys, masked, full or none.'),
    mode: z.string().describe('semantic or strict.'),
    tables: count('Tables and views that deviate.'),
    objects: count('Other objects that deviate.'),
    unexplained: count('Deviating rows that nothing explains.'),
  }),
);

const heldAgainst = same<HeldAgainst>()(
  z.strictObject({
    comparison: listedComparison.shape.comparison,
    finished_at: listedComparison.shape.finished_at,
    verdict,
    digest,
  }),
);

export const report = z.union([
  same<ReportResult>()(
    z.strictObject({
      release,
      comparison: listedComparison.shape.comparison,
      finished_at: listedComparison.shape.finished_at,
      verdict,
      digest,
      approved_by: listedComparison.shape.approved_by,
      privacy: listedComparison.shape.privacy,
      mode: listedComparison.shape.mode,
      about: z
        .enum(['deviations', 'noise'])
        .describe('What the tables, objects and rows are. noise: with --noise.'),
      noise: noise.nullable().describe(noiseText),
      coverage,
      against: heldAgainst
        .nullable()
        .describe('The comparison that standings are told against; null: there is none.'),
      standing_unknown: z
        .string()
        .nullable()
        .describe('Why the standing of rows cannot be told; null when it can.'),
      filter: z
        .strictObject({
          tables: z.array(z.string()).nullable().describe('As given by --table.'),
          where: z.string().nullable().describe('As given by --where.'),
          standings: z.array(standing).nullable().describe('As given by --standing.'),
          limit: z.int().nonnegative().nullable().describe('Rows shown of each table; null: all.'),
        })
        .describe('What was asked for; null: everything.'),
      tables: z
        .array(reportedTable)
        .describe('Tables and views that deviate, were skipped, deviated before, or were named.'),
      noted: z
        .array(
          z.strictObject({
            table: z.string().describe('Name, `schema.table`.'),
            reason: z.string().describe('What is to be known, for people.'),
          }),
        )
        .describe(
          'Tables and views that do not deviate, with what is to be known of how they were compared, such as a key that cannot be used. Empty with --table.',
        ),
      objects: z.array(objectStanding).describe('Other objects that deviate or did so before.'),
      rows_total: count('Rows of the ledger that the filter lets through, of all tables.'),
      truncated: z.boolean().describe('True when not all of them are shown.'),
      left_out: z
        .strictObject({
          tables: count('Deviating tables and views that the filter hides.'),
          objects: count('Deviating objects that the filter hides.'),
        })
        .describe('What deviates and is not shown.'),
    }),
  ),
  same<ReportListResult>()(
    z.strictObject({
      release,
      comparisons: z.array(listedComparison).describe('Finished comparisons, oldest first.'),
    }),
  ),
]);
