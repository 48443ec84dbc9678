// src/manifest.generated.ts: the steps for the command line, and the options of each as a type.

import type { Input, Step } from './read.ts';
import { note } from './texts.ts';

export function manifestModule(steps: readonly Step[]): string {
  return `// ${note}

import type { StepDeclaration } from './manifest.ts';

export const steps: readonly (StepDeclaration & { readonly name: StepName })[] = ${JSON.stringify(
    steps.map(declarationOf),
    null,
    2,
  )};

export type StepName = keyof StepOptions;

/** What each step is given: by its options, or by the inputs of a CI host. */
export interface StepOptions {
${steps.map(optionsOf).join('\n')}
}
`;
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
