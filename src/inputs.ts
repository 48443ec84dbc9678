import { UsageError } from './errors.ts';
import type { InputDeclaration, StepDeclaration } from './manifest.ts';

/**
 * What a CI host gives a step: each input as an environment variable, `INPUT_MAX-SECONDS` as GitHub's runner writes it or
 * `INPUT_MAX_SECONDS` where a variable may have no dash. Actions give all their inputs, empty where nobody gave any.
 */
export function input(name: string, env: NodeJS.ProcessEnv): string | null {
  const [text] = variablesOf(name).flatMap((variable) => env[variable]?.trim() || []);
  return text ?? null;
}

/** An input that only the host reads, taken out of the environment: no command of the project gets to see a token. */
export function takeInput(env: NodeJS.ProcessEnv, name: string): string | null {
  const text = input(name, env);
  for (const variable of variablesOf(name)) delete env[variable];
  return text;
}

/** A variable that only the host reads, taken out of the environment. */
export function takeVariable(env: NodeJS.ProcessEnv, name: string): string | null {
  const text = env[name]?.trim() || null;
  delete env[name];
  return text;
}

/** A flag that only the host reads; on by default. */
export function isWanted(env: NodeJS.ProcessEnv, name: string): boolean {
  const text = takeInput(env, name);
  return text === null || isOn(name, text);
}

function variablesOf(name: string): string[] {
  const dashed = `INPUT_${name.toUpperCase()}`;
  return [dashed, dashed.replaceAll('-', '_')];
}

/**
 * The command line with what the inputs say put in front of the options that were typed, which win. An action that runs
 * any step names it in the input `step`, on a command line that is empty.
 *
 * @throws UsageError for an input that the step does not take, and for a flag that is neither true nor false.
 */
export function withInputs(
  words: readonly string[],
  steps: readonly StepDeclaration[],
  env: NodeJS.ProcessEnv,
): readonly string[] {
  const named = input('step', env);
  const [name, ...typed] = words.length === 0 && named !== null ? [named] : words;
  if (name === undefined) return words;
  const step = steps.find((one) => one.name === name);
  if (step === undefined) return [name, ...typed];
  if (words.length === 0) refuseOthers(step, steps, env);
  const isTyped = ({ name }: InputDeclaration) =>
    typed.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  return [
    name,
    ...step.inputs
      .filter((declared) => declared.hosts.length > 0 && !isTyped(declared))
      .flatMap((declared) => wordsOf(declared, input(declared.name, env))),
    ...typed,
  ];
}

/** The options that an input stands for. */
function wordsOf({ name, option, type }: InputDeclaration, text: string | null): string[] {
  if (option === null || text === null) return [];
  if (type === 'flag') return isOn(name, text) === option.startsWith('--no-') ? [] : [flag(option)];
  const values = type === 'list' ? text.split('\n').map((line) => line.trim()) : [text];
  return values.filter((value) => value !== '').map((value) => `--${name}=${value}`);
}

function flag(option: string): string {
  return /--[a-z-]+/.exec(option)?.[0] ?? option;
}

function isOn(name: string, text: string): boolean {
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  throw new UsageError({
    what: `The input ${name} is neither true nor false.`,
    help: `Write \`${name}: true\` or \`${name}: false\`.`,
  });
}

/** The action that runs any step takes the inputs of all: one that does nothing would be taken for one that does. */
function refuseOthers(
  step: StepDeclaration,
  steps: readonly StepDeclaration[],
  env: NodeJS.ProcessEnv,
): void {
  const own = new Set(step.inputs.filter(({ hosts }) => hosts.length > 0).map(({ name }) => name));
  const others = steps
    .flatMap(({ inputs }) => inputs)
    .filter(({ name, default: byDefault }) => {
      const text = input(name, env);
      return !own.has(name) && text !== null && text !== byDefault && byDefault[0] !== '$';
    });
  const [first] = others;
  if (first === undefined) return;
  throw new UsageError({
    what: `The step ${step.name} takes no input ${first.name}.`,
    help: `It takes ${[...own].join(', ')}.`,
  });
}
