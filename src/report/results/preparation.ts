import * as z from 'zod';
import type { ParkedTable } from '../../release/parked.ts';
import type { InputProof, NoiseSourceRecord } from '../../release/records.ts';
import type { Told } from '../../release/watch.ts';
import type { CloneResult } from '../../steps/clone.ts';
import type { CompareResult } from '../../steps/compare.ts';
import type { MigrateResult } from '../../steps/migrate.ts';
import type { SkippedResult } from '../../steps/outcome.ts';
import type { PrepareResult } from '../../steps/prepare.ts';
import type { SimulateResult } from '../../steps/simulate.ts';
import {
  coverage,
  expectationOutcome,
  noise,
  noiseText,
  objectOutcome,
  tableOutcome,
} from './comparison.ts';
import { author, count, digest, live, release, same, table, texts, verdict } from './parts.ts';

/** The steps that prepare a release, in their order: clone, migrate, simulate, compare. */

export const told = same<Told>()(
  z.strictObject({
    by: z.string().describe('By what: `logical decoding`, `row versions`.'),
    reason: z.string().nullable().describe('Why by nothing better; null when there is none.'),
  }),
);

export const clone = same<CloneResult>()(
  z.strictObject({
    release,
    state: z.literal('cloned').describe('State of the release now.'),
    live,
    candidate: z.string().describe('Where the candidate is.'),
    baseline: z.string().describe('Where the baseline is.'),
    method: z
      .string()
      .describe('How the copies were made: `reflink` (shared blocks) or `copy` (all bytes).'),
    reason: z.string().describe('Why this method.'),
    clone_instant: z.string().describe('When live was cloned: ISO 8601, UTC.'),
    author,
    drift_told: told
      .nullable()
      .describe(
        'By what it will be told whether live was written to since; null: the engine has one way.',
      ),
    bytes: count('Size of candidate and baseline together.'),
    tables: count('Tables in the clone.'),
    views: count('Views in the clone.'),
    missing: texts('Objects of live that the clone does not have.'),
  }),
);

export const migrate = same<MigrateResult>()(
  z.strictObject({
    release,
    state: z
      .string()
      .describe(
        'State of the release now: `migrated`, or a later one when there was nothing to do.',
      ),
    applied: texts('Scripts that ran, by file name; or the command.'),
    skipped: texts('Scripts that live or this candidate already has, unchanged; or the command.'),
  }),
);

const inputProof = same<InputProof>()(
  z.strictObject({
    table,
    outcome: z
      .enum(['equal', 'added', 'removed', 'unequal'])
      .describe(
        'equal: both sides hold the same rows, in the columns that both have. added: only the candidate has it, without a row. removed: a migration dropped it. unequal: the logic wrote to it.',
      ),
    proof: z
      .enum(['exact', 'lineage', 'hash'])
      .nullable()
      .describe(
        'exact: values were compared. lineage: the storage was proven equal. Input is never proven by hashes.',
      ),
    old_rows: z.int().nonnegative().nullable().describe('Rows in the baseline.'),
    new_rows: z.int().nonnegative().nullable().describe('Rows in the candidate.'),
    added: count('Rows that only the candidate has.'),
    removed: count('Rows that only the baseline has.'),
    changed: count('Rows that both have with another value.'),
    reason: z.string().nullable().describe('Why it is unequal; null when it is not.'),
    suspects: texts('Places in SQL files that probably wrote to it, as file:line.'),
  }),
);

const noiseSource = same<NoiseSourceRecord>()(
  z.strictObject({
    source: z
      .enum(['clock', 'random', 'sequence', 'session'])
      .describe('What it looks at: the clock of the engine, chance, a sequence, the session.'),
    function: z.string().describe('The function, such as `now()`.'),
    file: z.string().nullable().describe('The SQL file; null for a stored definition.'),
    line: z.int().positive().nullable().describe('The line in the file; null for a definition.'),
    object: z
      .string()
      .nullable()
      .describe('The stored definition, such as `view marts.top`; null for a file.'),
  }),
);

const simulated = z
  .array(
    z.strictObject({
      item: z.string().describe('Path of the SQL file, or the command.'),
      kind: z.enum(['sql', 'command']).describe('What the item is.'),
      ms: count('How long it took, in milliseconds; of all periods that ran now, together.'),
    }),
  )
  .describe('What ran, in this order.');

const parkedTable = same<ParkedTable>()(
  z.strictObject({
    table,
    open_end: z
      .string()
      .nullable()
      .describe(
        'How production writes an open end: NULL, infinity or an instant; null: it has none.',
      ),
    superseded: count('Rows of the old logic that the run closed at the parked instant.'),
    added: count('Rows of the new logic, which begin at the parked instant.'),
    unchanged: count('All other rows: exactly as in production.'),
  }),
);

export const simulate = same<SimulateResult>()(
  z.strictObject({
    release,
    state: z.literal('simulated').describe('State of the release now.'),
    clock: z
      .string()
      .describe(
        'The instant that the run was given as now ({{ now }}, greenlight_now, GREENLIGHT_NOW): ISO 8601.',
      ),
    items: simulated,
    control: z
      .strictObject({
        database: z.string().describe('Where the control is: a copy of the baseline.'),
        commit: z
          .string()
          .nullable()
          .describe('The commit of the old logic; null: it came from a folder.'),
        items: simulated,
      })
      .nullable()
      .describe('The run of the old logic; null: none was asked for.'),
    periods: z
      .strictObject({
        total: count('How many periods the query lists.'),
        before: count('Of these, the ones that an earlier run had finished before it was cut off.'),
      })
      .nullable()
      .describe('Of simulate.for each; null without it.'),
    input: z
      .array(inputProof)
      .nullable()
      .describe(
        'The input tables after the run; null: compare.input names none, so nothing is proven.',
      ),
    noise_sources: z
      .array(noiseSource)
      .describe('What in the logic may give another value in another run.'),
    bitemporal: z
      .strictObject({
        parked: z.string().describe('The parked instant.'),
        tables: z
          .array(parkedTable)
          .describe('Each bitemporal table, proven unchanged but for its parked rows.'),
      })
      .nullable()
      .describe('What the run did to bitemporal tables; null: none are configured.'),
  }),
);

export const compare = same<CompareResult>()(
  z.strictObject({
    release,
    state: z
      .enum(['compared', 'approved'])
      .describe('State of the release now. approved: this very digest was approved before.'),
    comparison: count("The comparison's id in the ledger."),
    digest,
    verdict,
    coverage,
    stopped: z
      .string()
      .nullable()
      .describe('Which budget was used up before all was compared; null: all was.'),
    tables: z
      .array(tableOutcome)
      .describe('One entry for each table and view that exists on either side.'),
    objects: z
      .array(objectOutcome)
      .describe('Objects other than tables and views that deviate, such as sequences and macros.'),
    expectations: z
      .array(expectationOutcome)
      .describe('What became of each declaration of the expectations file, in its order.'),
    noise: noise
      .extend({ comparison: count('Id of the comparison with the baseline in the ledger.') })
      .nullable()
      .describe(noiseText),
    proposed: z
      .strictObject({
        file: z.string().describe('The expectations file.'),
        declarations: count('How many declarations were added to it.'),
      })
      .nullable()
      .describe('With --write-expectations: what was proposed; else null.'),
    review: z
      .string()
      .nullable()
      .describe('Path of the review page that was written; null: none was.'),
  }),
);

export const skipped = same<SkippedResult>()(
  z.strictObject({
    release,
    skipped: z
      .string()
      .describe('On GitHub and GitLab: why what started the job asks nothing of this step.'),
  }),
);

export const prepare = same<PrepareResult>()(
  z.strictObject({
    release,
    clone: clone.describe('What `clone` gives.'),
    migrate: migrate.nullable().describe('What `migrate` gives; null: there is no migration.'),
    simulate: simulate
      .nullable()
      .describe('What `simulate` gives; null: there is nothing to simulate.'),
    compare: compare.describe('What `compare` gives.'),
  }),
);
