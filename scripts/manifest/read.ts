// Reads manifest.yml: what steps share is brought in, what an option says of its type is worked out, mistakes are told.

import { parse } from 'yaml';
import * as z from 'zod';
import type { InputDeclaration, InputType, OutputDeclaration } from '../../src/manifest.ts';
import {
  type GitlabJob,
  type InputEntry,
  type ManifestFile,
  manifestSchema,
  type OutputEntry,
  type Permission,
  type StepEntry,
} from './schema.ts';

export interface Input extends InputDeclaration {
  /** More than `description`, for the docs. */
  readonly details: string | null;
}

export interface Output extends OutputDeclaration {
  readonly description: string;
}

export interface Step {
  readonly name: string;
  readonly summary: string;
  readonly alone: boolean;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  readonly permissions: readonly Permission[];
  /** Null: a step of the command line only. */
  readonly gitlab: GitlabJob | null;
  readonly examples: readonly string[];
}

/** @throws Error that names the place in the manifest. */
export function readManifest(text: string): Step[] {
  const parsed = manifestSchema.safeParse(parse(text));
  if (!parsed.success) throw new Error(`manifest.yml:\n${z.prettifyError(parsed.error)}`);
  const manifest = parsed.data;
  return Object.entries(manifest.steps).map(([name, entry]) => resolveStep(name, entry, manifest));
}

function resolveStep(name: string, entry: StepEntry, manifest: ManifestFile): Step {
  const at = `manifest.yml: ${name}`;
  const alone = entry.alone ?? false;
  const own = namedInputs(entry, manifest).filter(([input]) => !(input in manifest.everywhere));
  const common = Object.entries(manifest.everywhere).filter(
    ([input, declared]) => !alone || declared.alone || input in (entry.inputs ?? {}),
  );
  const inputs = [...own, ...common].map(([input, declared]) =>
    resolveInput(input, found(declared ?? manifest.inputs[input], `${at}: ${input}`)),
  );
  for (const other of inputs.flatMap(({ conflicts = [] }) => conflicts)) {
    found(
      inputs.find((input) => input.name === other),
      `${at}: conflicts: ${other}`,
    );
  }
  return {
    name,
    summary: entry.summary,
    alone,
    inputs,
    outputs: Object.entries(entry.outputs ?? {}).map(([output, declared]) =>
      resolveOutput(output, { ...manifest.outputs[output], ...declared }, at),
    ),
    permissions: (entry.permissions ?? []).map((permission) =>
      found(manifest.permissions[permission], `${at}: permissions: ${permission}`),
    ),
    gitlab: entry.gitlab ?? null,
    examples: entry.examples,
  };
}

/** The step's own, or those of all steps that it chains. */
function namedInputs(
  { chains, inputs = {} }: StepEntry,
  { steps }: ManifestFile,
): [string, InputEntry | null][] {
  const chained = (chains ?? []).flatMap((step) =>
    Object.entries(found(steps[step], `manifest.yml: chains: ${step}`).inputs ?? {}),
  );
  return [...new Map([...chained, ...Object.entries(inputs)])];
}

function resolveInput(name: string, entry: InputEntry): Input {
  const type = typeOf(entry);
  const long = entry.option === undefined ? null : /--([a-z-]+)/.exec(entry.option)?.[1];
  const isNegated = long === `no-${name}`;
  if (long !== null && long !== name && !isNegated)
    throw new Error(`manifest.yml: ${name}: the option ${entry.option} has another name`);
  const byDefault = entry.default ?? (type === 'flag' ? isNegated : '');
  return {
    name,
    option: entry.option ?? null,
    type,
    description: entry.description,
    details: entry.details ?? null,
    default: String(byDefault),
    hosts: entry.hosts ?? ['github', 'gitlab'],
    ...(entry.variable === undefined ? {} : { variable: entry.variable }),
    ...(entry.choices === undefined ? {} : { choices: entry.choices }),
    ...(entry.or === undefined ? {} : { or: entry.or }),
    ...(entry.conflicts === undefined ? {} : { conflicts: entry.conflicts }),
  };
}

function typeOf({ option = '<value>', type }: InputEntry): InputType {
  if (type !== undefined) return type;
  if (option.includes('...>')) return 'list';
  return option.includes('<') ? 'text' : 'flag';
}

function resolveOutput(name: string, { from, description }: OutputEntry, at: string): Output {
  return {
    name,
    from: found(from, `${at}: ${name}: from`),
    description: found(description, `${at}: ${name}: description`),
  };
}

function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`${what} is not declared`);
  return value;
}
