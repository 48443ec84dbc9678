import * as z from 'zod';
import type { Noise } from '../compare/noise.ts';
import type {
  ColumnOutcome,
  Coverage,
  ExpectationOutcome,
  LikelyRename,
  ObjectOutcome,
  TableOutcome,
} from '../compare/outcome.ts';
import type { ColumnStanding, ObjectStanding, TableBefore } from '../compare/standing.ts';
import type { ChangePattern, Standing } from '../engines/engine.ts';
import type { Problem } from '../errors.ts';
import type { Drifted } from '../release/drift.ts';
import type { Gate, Reason } from '../release/gate.ts';
import type { LogicInHand } from '../release/logic-in-hand.ts';
import type { ShownOverride } from '../release/override.ts';
import type { ParkedTable } from '../release/parked.ts';
import type { InputProof, NoiseSourceRecord } from '../release/records.ts';
import type { Settled } from '../release/recover.ts';
import type { Told } from '../release/watch.ts';
import type { ApproveResult } from '../steps/approve.ts';
import type { CaughtUp } from '../steps/catch-up.ts';
import type { CloneResult } from '../steps/clone.ts';
import type { CompareResult } from '../steps/compare.ts';
import type { DemoResult } from '../steps/demo.ts';
import type { DoctorFinding, DoctorResult } from '../steps/doctor.ts';
import type { InitResult } from '../steps/init.ts';
import type { MigrateResult } from '../steps/migrate.ts';
import type { SkippedResult } from '../steps/outcome.ts';
import type { PrepareResult } from '../steps/prepare.ts';
import type { RehearseResult } from '../steps/rehearse.ts';
import type { HeldAgainst, ReportedRow, ReportedTable, ReportResult } from '../steps/report.ts';
import type { ListedComparison, ReportListResult } from '../steps/report-list.ts';
import type { RetiredDatabase, RetireResult } from '../steps/retire.ts';
import type { RollbackResult } from '../steps/rollback.ts';
import type { SimulateResult } from '../steps/simulate.ts';
import type { ReleaseStatus, ShownApproval, StatusResult } from '../steps/status.ts';
import type { SwapResult } from '../steps/swap.ts';
import type { VerificationFailed } from '../steps/verify.ts';

/**
 * What each step prints with --json, for people who read it with a program: the source of schemas/. The interfaces of
 * the steps are the truth. The product never loads this file; the generator and the tests do.
 */

/**
 * Does not compile when the schema and the interface differ.
 * @example same<InitResult>()(z.strictObject({ ... }))
 */
function same<Interface>() {
  return <Schema extends z.ZodType>(
    schema: Schema &
      (Equal<z.output<Schema>, Interface> extends true ? unknown : 'schema and interface differ'),
  ): Schema => schema;
}

type Equal<A, B> = [Writable<A>, Writable<B>] extends [Writable<B>, Writable<A>] ? true : false;

/** Whether a member may be written to makes no difference in JSON. */
type Writable<T> = { -readonly [Key in keyof T]: Writable<T[Key]> };

// Parts that several results share ----------------------------------------------------------------

const release = z.string().describe('Id of the release.');
const author = z.string().nullable().describe('Whose change it is; null: nobody said.');
const live = z.string().describe('The live database: for DuckDB the path of its file.');
const exchangeMs = count('Milliseconds in which live was exchanged, rounded up.');
const table = z
  .string()
  .describe(
    'Name of the table or view as schema.table; a part is quoted as in SQL where it needs it.',
  );
const verdict = z
  .enum(['identical', 'explained', 'unexplained'])
  .describe(
    'identical: everything was compared and is equal. explained: an expectation explains each deviation, or the configuration left something out. unexplained: something deviates that nothing explains, an expectation is not met, or something could not be read.',
  );
const digest = z
  .string()
  .describe('SHA-256 of the canonical comparison result, in hexadecimal: what an approval names.');

function count(description: string) {
  return z.int().nonnegative().describe(description);
}

function texts(description: string) {
  return z.array(z.string()).describe(description);
}

function share(of: string) {
  return z
    .strictObject({
      compared: count('How many were compared.'),
      total: count('How many there are.'),
    })
    .describe(of);
}

// Parts of a comparison ---------------------------------------------------------------------------

const coverage = same<Coverage>()(
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

const columnOutcome = same<ColumnOutcome>()(
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

const tableOutcome = same<TableOutcome>()(
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

const objectOutcome = same<ObjectOutcome>()(
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

const expectationOutcome = same<ExpectationOutcome>()(
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

const noise = same<Noise>()(
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
const noiseText =
  'Where the old logic, run again as control, gives another result than production has: no part of the deviations. Null: there was no control.';

// The gate ----------------------------------------------------------------------------------------

const reason = same<Reason>()(
  z.strictObject({
    condition: z
      .enum([
        'comparison',
        'identity',
        'drift',
        'logic',
        'candidate',
        'deviations',
        'expectations',
        'digest',
        'approvals',
        'self-approval',
        'inventory',
        'definitions',
      ])
      .describe('The condition that does not hold; docs/swap.md tells what each one asks.'),
    found: z.string().describe('What was found.'),
    help: z.string().describe('What would help: a command, or what to do.'),
    overridable: z
      .boolean()
      .describe('False: not even an override in an emergency opens the gate for this.'),
  }),
);

const gate = {
  open: z.boolean().describe('True when the release may be swapped.'),
  reasons: z.array(reason).describe('Every reason why it may not; empty when it may.'),
};

// One result a step -------------------------------------------------------------------------------

const told = same<Told>()(
  z.strictObject({
    by: z.string().describe('By what: `logical decoding`, `row versions`.'),
    reason: z.string().nullable().describe('Why by nothing better; null when there is none.'),
  }),
);

const clone = same<CloneResult>()(
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

const migrate = same<MigrateResult>()(
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

const simulate = same<SimulateResult>()(
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

const compare = same<CompareResult>()(
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

const skipped = same<SkippedResult>()(
  z.strictObject({
    release,
    skipped: z
      .string()
      .describe('On GitHub and GitLab: why what started the job asks nothing of this step.'),
  }),
);

const prepare = same<PrepareResult>()(
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

const approve = same<ApproveResult>()(
  z.strictObject({
    release,
    state: z
      .enum(['compared', 'approved'])
      .describe('State of the release now. approved: enough persons have approved this digest.'),
    digest,
    by: z.string().describe('Who approved.'),
    comparison: count('Id of the comparison whose digest it is.'),
    counts: z
      .boolean()
      .describe('False: it is the author who approved, and the configuration does not count that.'),
    missing: count('How many more persons have to approve.'),
  }),
);

const shownOverride = same<ShownOverride>()(
  z.strictObject({
    by: z.string().describe('Who overrode the gate.'),
    because: z.string().describe('Why, in their words.'),
    at: z.string().describe('When: ISO 8601, UTC.'),
    place: z.string().describe('Where it was given, and who typed it.'),
    digest: z.string().describe('Digest of the comparison in force then.'),
    reasons: z
      .array(
        z.strictObject({
          condition: z.string().describe('The condition of the gate that did not hold.'),
          found: z.string().describe('What was found.'),
        }),
      )
      .describe('Why the gate was closed.'),
  }),
);

const drifted = same<Drifted>()(
  z.strictObject({
    kind: z
      .string()
      .describe(
        '`table`, `view`, the kind of another object; `database` when nobody can tell what changed.',
      ),
    name: z.string().describe('Its name: of a table or view as schema.table.'),
    role: z
      .enum(['input', 'result'])
      .nullable()
      .describe('Whether `compare.input` names it; null for what is neither table nor view.'),
    status: z
      .enum(['changed', 'added', 'removed', 'unknown'])
      .describe('What became of it; unknown: it may have changed, and nobody can tell.'),
    added: count('Rows added.'),
    removed: count('Rows removed.'),
    changed: count('Rows changed, at least.'),
    structural: z.boolean().describe('True: its columns or its definition changed.'),
    key: z
      .array(z.string())
      .nullable()
      .describe('By which its rows were brought together; null: as a whole.'),
    reason: z.string().nullable().describe('Why it cannot be told; null when there is none.'),
  }),
);

const caughtUp = same<CaughtUp>()(
  z.strictObject({
    policy: z.enum(['rebuild', 'replay']).describe('What was done: `swap.drift`.'),
    rounds: count('How often.'),
    drift: z.array(drifted).describe('What was found changed in live, round by round.'),
  }),
);

const verified = count('Checks that held: files and commands of `swap.verify`.');

const swap = z.union([
  same<SwapResult>()(
    z.strictObject({
      release,
      state: z.literal('swapped').describe('State of the release now.'),
      live,
      previous: z.string().describe('Where the old live database is kept for a rollback.'),
      exchange_ms: exchangeMs,
      verified,
      drift_told: z
        .strictObject({
          since_clone: told.describe('Since the clone instant.'),
          behind_fence: told.describe('Since the gate was decided, while writers waited.'),
        })
        .nullable()
        .describe(
          'How it was told whether live was written to; null: an earlier run was told, and was cut off.',
        ),
      fenced_ms: count('Milliseconds that writers had to wait, rounded up.'),
      caught_up: caughtUp
        .nullable()
        .describe(
          'How the release was brought up to what is live now, before the swap; null: live had not changed.',
        ),
      override: shownOverride
        .nullable()
        .describe('Who opened the gate against its reasons; null when it was open.'),
      go_live: z
        .string()
        .nullable()
        .describe(
          "From when on the new logic's rows are in force in bitemporal tables; null where nothing was published.",
        ),
    }),
  ),
  same<RehearseResult>()(
    z.strictObject({
      release,
      rehearsed: z.literal(true).describe('With --rehearse: live was not touched.'),
      exchange_ms: count('Milliseconds in which the copies were exchanged, rounded up.'),
      verify_ms: count('Milliseconds that `swap.verify` took.'),
      rollback_ms: count('Milliseconds in which they were exchanged back.'),
      verified,
    }),
  ),
]);

const rollback = same<RollbackResult>()(
  z.strictObject({
    release,
    state: z.literal('rolled-back').describe('State of the release now.'),
    live,
    kept: z.string().describe('Where the database that was released is kept.'),
    exchange_ms: exchangeMs,
    written_since_swap: z
      .array(z.string())
      .nullable()
      .describe(
        'What was written to live since the swap, as lines; null when nothing was. It stays in the kept database.',
      ),
    replayed: z
      .array(z.string())
      .describe('Input tables whose rows were brought over before the exchange, with --replay.'),
  }),
);

const retiredDatabase = same<RetiredDatabase>()(
  z.strictObject({
    role: z
      .enum([
        'candidate',
        'baseline',
        'control',
        'published',
        'previous',
        'rolled-back',
        'rehearsal',
      ])
      .describe('What the database was for the release.'),
    location: z.string().describe('Where it was.'),
    bytes: count('Its size.'),
  }),
);

const retire = same<RetireResult>()(
  z.strictObject({
    release,
    dry_run: z.boolean().describe('True: nothing was dropped, only listed.'),
    state: z.string().describe('State of the release now: `retired`, unless it was a dry run.'),
    dropped: z
      .array(retiredDatabase)
      .describe('What was dropped, or would be when it is a dry run.'),
    kept: z
      .array(
        retiredDatabase.extend({
          until: z.string().describe('Until when it is kept: ISO 8601, UTC.'),
        }),
      )
      .describe('What is kept for a rollback: the release is not retired yet.'),
    left: z
      .array(
        z.strictObject({
          role: z.string().describe('What was expected there.'),
          location: z.string().describe('Where it is.'),
          reason: z.string().describe('Why it was left alone.'),
        }),
      )
      .describe('Databases found in a place of the release that are not what the ledger knows.'),
  }),
);

const releaseState = z
  .enum([
    'new',
    'cloned',
    'migrated',
    'simulated',
    'compared',
    'approved',
    'swapped',
    'rolled-back',
    'retired',
  ])
  .describe('Where the release stands.');

const shownApproval = same<ShownApproval>()(
  z.strictObject({
    by: z.string().describe('Who approved.'),
    standing: z
      .enum(['valid', 'own', 'void'])
      .describe(
        'valid: it counts. own: it is of the author and does not count. void: it is of another digest than the latest.',
      ),
    digest: z.string().describe('The digest that was approved.'),
    at: z.string().describe('When: ISO 8601, UTC.'),
    place: z.string().describe('Where it was given, and who typed it.'),
  }),
);

const logicInHand = same<LogicInHand>()(
  z.strictObject({
    state: z
      .enum(['as-compared', 'changed', 'unreadable'])
      .describe('unreadable: the files in hand cannot be read as a project; `changed` says why.'),
    changed: texts('Files and sections that differ: + new, - gone, ~ changed.'),
  }),
);

const settled = same<Settled>()(
  z.strictObject({
    release,
    direction: z.enum(['swap', 'rollback', 'rehearsal']).describe('What was cut off.'),
    outcome: z
      .enum(['undone', 'returned', 'done'])
      .describe(
        'undone: it did not happen, or its copies are dropped. returned: the verification failed and the old database is back. done: it happened.',
      ),
  }),
);

const releaseStatus = same<ReleaseStatus>()(
  z.strictObject({
    release,
    state: releaseState,
    created_at: z.string().describe('When it began: ISO 8601, UTC.'),
    author,
    verdict: verdict
      .nullable()
      .describe('Verdict of the comparison in force; null when there is none.'),
    digest: digest
      .nullable()
      .describe('Digest of the comparison in force; null when there is none.'),
    approved_by: texts('Whose approvals of this digest count, each person once.'),
    approvals: z
      .array(shownApproval)
      .describe('All approvals of the release, in the order in which they were given.'),
    overrides: z.array(shownOverride).describe('Swaps of this release against a closed gate.'),
    logic: logicInHand
      .nullable()
      .describe(
        'Whether the files in hand are those that were compared; null without a comparison in force.',
      ),
    running: z
      .string()
      .nullable()
      .describe('The step that a process works on right now; null when there is none.'),
    unfinished: z
      .string()
      .nullable()
      .describe('A step that was cut off before its end; null when there is none.'),
    cut_off: z
      .string()
      .nullable()
      .describe('How far the exchange came that was cut off; null when there is none.'),
    next: z.string().nullable().describe('The command that comes next; null when there is none.'),
    trail: z
      .strictObject({
        name: z.string().describe('The replication slot.'),
        bytes: count('Bytes of its log that the server keeps for it now.'),
        usable: z.boolean().describe('False: the server has given it up.'),
      })
      .nullable()
      .describe('What the server keeps since the clone instant to tell drift by; null: nothing.'),
  }),
);

const status = same<StatusResult>()(
  z.strictObject({
    live,
    live_exists: z.boolean().describe('False when there is no database at `live`.'),
    live_release: z
      .string()
      .nullable()
      .describe('The release whose database live is; null before the first swap.'),
    ledger: z.string().describe('Where the ledger is.'),
    settled: z
      .array(settled)
      .describe(
        'Exchanges and rehearsals that were cut off, and that this status has recorded as ended.',
      ),
    releases: z.array(releaseStatus).describe('The releases that the ledger knows, oldest first.'),
    gate: z
      .strictObject({ release, ...gate })
      .nullable()
      .describe('With --gate: whether this release may be swapped. Null otherwise.'),
  }),
);

// The doctor --------------------------------------------------------------------------------------

const doctor = same<DoctorResult>()(
  z.strictObject({
    engine: z.string().describe('The database engine.'),
    live,
    ledger: z.string().describe('Where the ledger is, or will be.'),
    ready: z
      .boolean()
      .describe(
        'True when no finding is a fault. False: a release would fail; the exit code is 1.',
      ),
    verdicts: z
      .strictObject({
        good: z.int().min(0).describe('It is as a release needs it.'),
        warning: z.int().min(0).describe('A release would do less, or take longer.'),
        fault: z.int().min(0).describe('A release would fail.'),
        unknown: z.int().min(0).describe('It could not be looked at.'),
      })
      .describe('How many findings there are of each verdict.'),
    findings: z
      .array(
        same<DoctorFinding>()(
          z.strictObject({
            part: z
              .enum([
                'project',
                'connection',
                'databases',
                'catalog',
                'scripts',
                'comparison',
                'swap',
                'replay',
                'stores',
              ])
              .describe('project: what the repository says; else the part of the engine.'),
            subject: z.string().describe('What was looked at.'),
            verdict: z
              .enum(['good', 'warning', 'fault', 'unknown'])
              .describe(
                'fault: a release would fail. warning: it would do less, or take longer. unknown: it could not be looked at.',
              ),
            found: z.string().describe('What is so; lines are separated by line breaks.'),
            help: z
              .string()
              .nullable()
              .describe('What to do, with the statement to run where there is one. Null: nothing.'),
          }),
        ),
      )
      .describe('In the order in which a release meets what they are about.'),
  }),
);

// The report --------------------------------------------------------------------------------------

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

const report = z.union([
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

const init = same<InitResult>()(
  z.strictObject({
    written: texts('Files and folders that were made; a folder ends with `/`.'),
    live: z.string().describe('The live database that the configuration names.'),
  }),
);

const demo = same<DemoResult>()(
  z.strictObject({
    folder: z
      .string()
      .nullable()
      .describe('Where everything is left; null when it was removed at the end.'),
    ms: count('How long it took, in milliseconds.'),
    unexplained: z
      .tuple([count('Of the first attempt.'), count('Of the mended one.')])
      .describe('Unexplained rows of both comparisons.'),
    exchange_ms: exchangeMs,
  }),
);

// What is printed in place of a result ---------------------------------------------------------------

interface ErrorDocument {
  readonly error: Problem & Required<Pick<Problem, 'live'>>;
  readonly gate?: Gate;
  readonly verification?: VerificationFailed['verification'];
}

const error = same<ErrorDocument>()(
  z.strictObject({
    error: z
      .strictObject({
        what: z.string().describe('What happened.'),
        where: z
          .exactOptional(z.string())
          .describe('Where: a file with its line, a table, a database.'),
        cause: z
          .exactOptional(z.string())
          .describe('The cause, in the words of the engine, the system or the tool.'),
        live: z.string().describe('What it means for the live database.'),
        help: z.exactOptional(z.string()).describe('What to do next.'),
      })
      .describe('What went wrong. The exit code tells which kind it is.'),
    gate: z
      .exactOptional(z.strictObject(gate))
      .describe('Set when the gate refused the swap (exit code 3).'),
    verification: z
      .exactOptional(
        z.strictObject({
          failures: z.array(z.string()).describe('Each check that failed.'),
          returned: z
            .boolean()
            .describe(
              'True: the old database is live again. False: somebody has written to live since, and it was left.',
            ),
        }),
      )
      .describe('Set when `swap.verify` failed after the exchange (exit code 1).'),
  }),
);

export const resultSchemas = {
  prepare,
  clone,
  migrate,
  simulate,
  compare,
  approve: z.union([approve, skipped]),
  swap,
  rollback,
  retire: z.union([retire, skipped]),
  status,
  report,
  doctor,
  init,
  demo,
} as const;

/** Name of a file in schemas/ -> its JSON Schema. */
export function resultJsonSchemas(): Record<string, object> {
  const results = Object.entries(resultSchemas).map(([step, schema]) => [
    step,
    toJsonSchema(
      schema,
      `Result of greenlight ${step}`,
      `What \`greenlight ${step} --json\` prints.`,
    ),
  ]);
  return {
    ...Object.fromEntries(results),
    error: toJsonSchema(
      error,
      'Error of greenlight',
      'What a step prints with --json when it ends with exit code 1, 2 or 3.',
    ),
  };
}

function toJsonSchema(schema: z.ZodType, title: string, description: string): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-7' });
  return { $schema, title, description, ...rest };
}
