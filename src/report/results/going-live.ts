import * as z from 'zod';
import type { Drifted } from '../../release/drift.ts';
import type { ShownOverride } from '../../release/override.ts';
import type { ApproveResult } from '../../steps/approve.ts';
import type { CaughtUp } from '../../steps/catch-up.ts';
import type { RehearseResult } from '../../steps/rehearse.ts';
import type { RetiredDatabase, RetireResult } from '../../steps/retire.ts';
import type { RollbackResult } from '../../steps/rollback.ts';
import type { SwapResult } from '../../steps/swap.ts';
import { count, digest, exchangeMs, live, release, same } from './parts.ts';
import { told } from './preparation.ts';

/** The steps that put a release live, and what comes after: approve, swap, rollback, retire. */

export const approve = same<ApproveResult>()(
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

export const shownOverride = same<ShownOverride>()(
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

export const swap = z.union([
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

export const rollback = same<RollbackResult>()(
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

export const retire = same<RetireResult>()(
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
