// src/manifest.generated.ts: the steps for the command line, and the options of each as a type.

import type { Input, Step } from './read.ts';
import { note } from './texts.ts';

export function manifestModule(steps: readonly Step[]): string {
  const declared = steps.map(declarationOf);
  const shared = sharedInputs(declared);
  return `// ${note}

import type { InputDeclaration, StepDeclaration } from './manifest.ts';

/** Inputs that several steps take. */
const shared = {
${[...shared].map(([json, name]) => `  '${name}': ${literal(JSON.parse(json), 2)},`).join('\n')}
} satisfies Record<string, InputDeclaration>;

export const steps: readonly (StepDeclaration & { readonly name: StepName })[] = [
${declared.map((step) => `${stepLiteral(step, shared)},`).join('\n')}
];

export type StepName = keyof StepOptions;

/** What each step is given: by its options, or by the inputs of a CI host. */
export interface StepOptions {
${steps.map(optionsOf).join('\n')}
}
`;
}

type Declaration = ReturnType<typeof declarationOf>;

/** An input as JSON -> its name, for those that more than one step takes in the same words. */
function sharedInputs(steps: readonly Declaration[]): Map<string, string> {
  const times = new Map<string, number>();
  for (const json of steps.flatMap(({ inputs }) => inputs.map((input) => JSON.stringify(input))))
    times.set(json, (times.get(json) ?? 0) + 1);
  const shared = [...times].filter(([, count]) => count > 1).map(([json]) => json);
  const names = shared.map((json) => String(JSON.parse(json).name));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`manifest.yml: ${twice} is shared in two wordings`);
  return new Map(shared.map((json, at) => [json, names[at] ?? '']));
}

function stepLiteral(
  { inputs, outputs, ...step }: Declaration,
  shared: ReadonlyMap<string, string>,
): string {
  const inputLines = inputs.map((input) => {
    const name = shared.get(JSON.stringify(input));
    return `      ${name === undefined ? literal(input, 6) : `shared['${name}']`},`;
  });
  const outputLines = outputs.map((output) => `      ${JSON.stringify(output)},`);
  return `  {
    ${Object.entries(step)
      .map(([key, value]) => `${key}: ${literal(value, 4)},`)
      .join('\n    ')}
    inputs: [
${inputLines.join('\n')}
    ],
    outputs: [
${outputLines.join('\n')}
    ],
  }`;
}

/** A value as JSON, at a depth of so many spaces. */
function literal(value: unknown, depth: number): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(depth)}`);
}

function declarationOf({ name, summary, alone, inputs, outputs, examples }: Step) {
  return {
    name,
    summary,
    alone,
    inputs: inputs.map(({ details, ...input }) => ({
      ...input,
      description: asPlainText(input.description),
    })),
    outputs: outputs.map(({ name, from }) => ({ name, from })),
    examples,
  };
}

function optionsOf({ name, inputs }: Step): string {
  const members = inputs
    .filter(({ option }) => option !== null)
    .map((input) => `    readonly ${camelCase(input.name)}${mark(input)}: ${typeOf(input)};`);
  return `  readonly ${name}: {\n${members.join('\n')}\n  };`;
}

/** With a default it is always there. */
function mark(input: Input): string {
  return input.default === '' || input.default === 'false' ? '?' : '';
}

function typeOf({ type, choices, or }: Input): string {
  const one = choices?.map((choice) => `'${choice}'`).join(' | ') ?? 'string';
  const number = or === undefined ? 'number' : `number | '${or}'`;
  const types = {
    text: one,
    flag: 'boolean',
    count: number,
    number,
    list: `readonly ${choices === undefined ? one : `(${one})`}[]`,
  };
  return types[type];
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** For a terminal, which shows no Markdown; backticks of a single word help there too. */
function asPlainText(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('`', '');
}
