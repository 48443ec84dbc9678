import * as z from 'zod';
import type { Problem } from '../errors.ts';
import type { Gate } from '../release/gate.ts';
import type { DemoResult } from '../steps/demo.ts';
import type { InitResult } from '../steps/init.ts';
import type { VerificationFailed } from '../steps/verify.ts';
import { gate } from './results/gate.ts';
import { approve, retire, rollback, swap } from './results/going-live.ts';
import { count, exchangeMs, same, texts } from './results/parts.ts';
import { clone, compare, migrate, prepare, simulate, skipped } from './results/preparation.ts';
import { report } from './results/report.ts';
import { doctor, status } from './results/state.ts';

/**
 * What each step prints with --json, for people who read it with a program: the source of schemas/. The interfaces of
 * the steps are the truth. The product never loads this file; the generator and the tests do.
 */

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
