import * as z from 'zod';
import type { LogicInHand } from '../../release/logic-in-hand.ts';
import type { Settled } from '../../release/recover.ts';
import type { DoctorFinding, DoctorResult } from '../../steps/doctor.ts';
import type { ReleaseStatus, ShownApproval, StatusResult } from '../../steps/status.ts';
import { gate } from './gate.ts';
import { shownOverride } from './going-live.ts';
import { author, count, digest, live, release, same, texts, verdict } from './parts.ts';

/** The steps that only look: status and doctor. */

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

export const status = same<StatusResult>()(
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

export const doctor = same<DoctorResult>()(
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
