// The format of manifest.yml, as people write it. read.ts resolves it.

import * as z from 'zod';

/** `release:` with nothing behind it takes the declaration that several steps share. */
function sharedOr<Schema extends z.ZodType>(schema: Schema) {
  return z.record(z.string().regex(/^[a-z]+(-[a-z]+)*$/), schema.nullable());
}

const sentence = z.string().regex(/^(?!.*\n)\S.*[^.]$/, 'one phrase, without a full stop');
const paragraph = z.string().regex(/\.$/, 'whole sentences');

const input = z.strictObject({
  option: z.string().optional(),
  type: z.enum(['flag', 'count', 'number']).optional(),
  default: z.union([z.string(), z.boolean()]).optional(),
  description: sentence,
  details: paragraph.optional(),
  variable: z.string().optional(),
  choices: z.array(z.string()).optional(),
  or: z.string().optional(),
  conflicts: z.array(z.string()).optional(),
  hosts: z.array(z.enum(['github', 'gitlab'])).optional(),
  alone: z.literal(true).optional(),
});

const output = z.strictObject({
  from: z.string().optional(),
  description: paragraph.optional(),
});

const permission = z.strictObject({
  scope: z.enum(['contents', 'pull-requests', 'statuses']),
  access: z.enum(['read', 'write']),
  reason: sentence,
});

const gitlab = z.strictObject({
  stage: z.string(),
  rules: z.array(
    z.strictObject({
      on: z.enum(['merge-request', 'default-branch', 'any']),
      when: z.literal('manual').optional(),
    }),
  ),
  /** The job changes this environment: one at a time, with the approvals and the variables that GitLab has for it. */
  environment: z.string().optional(),
  /** Jobs that work on the release of one merge request wait for each other. */
  'one-at-a-time': z.literal(true).optional(),
  /** Only the newest commit matters: a job of an older one may be ended. */
  'newest-only': z.literal(true).optional(),
  /** It can be started whatever became of the jobs before it, and takes nothing from them. */
  'at-any-time': z.literal(true).optional(),
  /** A refusal (exit code 3) is shown, and the pipeline goes on. */
  refusal: z.literal('warning').optional(),
});

const step = z.strictObject({
  summary: sentence,
  alone: z.literal(true).optional(),
  /** Runs these steps one after the other, and takes what they take. */
  chains: z.array(z.string()).optional(),
  inputs: sharedOr(input).optional(),
  outputs: sharedOr(output).optional(),
  /** Where it is missing, the step is one of the command line only. */
  permissions: z.array(z.string()).optional(),
  gitlab: gitlab.optional(),
  examples: z.array(z.string().startsWith('greenlight ')).min(1),
});

export const manifestSchema = z.strictObject({
  inputs: z.record(z.string(), input),
  everywhere: z.record(z.string(), input),
  outputs: z.record(z.string(), output),
  permissions: z.record(z.string(), permission),
  steps: z.record(z.string(), step),
});

export type ManifestFile = z.output<typeof manifestSchema>;
export type StepEntry = z.output<typeof step>;
export type InputEntry = z.output<typeof input>;
export type OutputEntry = z.output<typeof output>;
export type Permission = z.output<typeof permission>;
export type GitlabJob = z.output<typeof gitlab>;
