import * as z from 'zod';
import type { Reason } from '../../release/gate.ts';
import { same } from './parts.ts';

/** Whether a release may be swapped, and why not. */

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

export const gate = {
  open: z.boolean().describe('True when the release may be swapped.'),
  reasons: z.array(reason).describe('Every reason why it may not; empty when it may.'),
};
