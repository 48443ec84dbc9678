import { fstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from './config/load.ts';
import type { Engine, Location } from './engines/engine.ts';
import { createEngine } from './engines/registry.ts';
import { EXIT, type ExitCode, GreenlightError, messageOf, type Problem } from './errors.ts';
import { visible } from './format.ts';
import { detectHost } from './hosts/detect.ts';
import type { Host } from './hosts/host.ts';
import { type StepName, steps } from './manifest.generated.ts';
import { outputsOf } from './outputs.ts';
import { Ledger } from './release/ledger.ts';
import type { StepContext } from './steps/context.ts';
import type { HostOptions } from './steps/on-host.ts';
import type { StepOutcome } from './steps/outcome.ts';
import { version } from './version.ts';

interface Options {
  readonly config: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly enginePath?: string;
}

type ToldProblem = Problem & { readonly live: string };

/** Runs a step in the project of a configuration file and prints its result. Gives the exit code. */
export function runInProject<Given extends Options & HostOptions>(
  step: StepName,
  options: Given,
  run: (context: StepContext, options: Given) => Promise<StepOutcome>,
): Promise<ExitCode> {
  const { enginePath } = options;
  const packages = enginePath === undefined ? {} : { packages: resolve(enginePath) };
  let tellLive = async () => 'live is unchanged';
  return runAlone(
    options,
    async (host) => {
      const config = await loadConfig(options.config, process.env);
      host.hide(config.variables.map((name) => process.env[name] ?? ''));
      const told = { ...options, ...absolute(options) };
      // An engine may take relative paths in SQL files from the working directory; commands run there as well.
      process.chdir(config.root);
      const release = (options as { readonly release?: string }).release ?? null;
      const settings = { ...config, ...packages, work: { step, release } };
      const engine = await createEngine(config.engine, settings);
      const { live } = engine.places;
      // Doctor has them among its findings.
      if (step !== 'doctor') for (const one of engine.warnings?.() ?? []) host.progress.warn(one);
      tellLive = await watch(engine, live);
      const context = { config, engine, host, ledger: new Ledger(engine.stores, live) };
      if (host.review === null && told.review === undefined) {
        return tellingCosts(context, () => run(context, told));
      }
      const { onHost } = await import('./steps/on-host.ts');
      const outcome = await onHost(context, step, told, (filled) =>
        tellingCosts(context, () => run(context, filled)),
      );
      await giveOutputs(host, step, outcome);
      return outcome;
    },
    () => tellLive(),
  );
}

/** What the step has cost in the database belongs to its end, however it ends. */
async function tellingCosts<T>({ engine, host }: StepContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    // A history that cannot be read is no reason to fail.
    for (const sentence of (await engine.costs?.().catch(() => [])) ?? [])
      host.progress.note(sentence);
  }
}

/** @throws GreenlightError when those who wait for the outputs get none; what the step did stands. */
async function giveOutputs(host: Host, step: StepName, { result }: StepOutcome): Promise<void> {
  const { outputs = [] } = steps.find(({ name }) => name === step) ?? {};
  try {
    await host.outputs(outputsOf(result, outputs));
  } catch (error) {
    throw new GreenlightError({
      what: `${step} is done and recorded, but its outputs could not be given to the jobs that follow.`,
      cause: messageOf(error),
      help: 'Let the job write that file. What was done stands: greenlight status shows it.',
    });
  }
}

/** The review page is named as seen from where the command was started. */
function absolute({ review }: HostOptions): Pick<HostOptions, 'review'> {
  return review === undefined ? {} : { review: resolve(review) };
}

/** Looks at live now, and tells later what became of it: said because it was seen, not because it should be so. */
async function watch({ databases }: Engine, live: Location): Promise<() => Promise<string>> {
  const look = () => databases.glance(live).catch(() => undefined);
  const before = await look();
  return async () => {
    const after = await look();
    if (before === undefined || after === undefined) return 'live could not be looked at';
    if (before === null && after === null) return 'there is no live database';
    return after?.id === before?.id && after?.mark === before?.mark
      ? 'live is unchanged'
      : 'live was written to or replaced while this ran, by this step or by somebody else';
  };
}

/** Runs what needs no project. */
export async function runAlone(
  { json, quiet }: Pick<Options, 'json' | 'quiet'>,
  work: (host: Host) => Promise<StepOutcome>,
  tellLive: () => Promise<string> = async () => 'live is unchanged',
): Promise<ExitCode> {
  let printable = (text: string) => text;
  try {
    const host = await detectHost(process.env, quiet === true);
    // What goes into a file is read by no runner.
    if (!fstatSync(1).isFile()) printable = host.printable;
    const { result, text, exitCode = EXIT.done } = await work(host);
    if (json === true) await print(printable(JSON.stringify(result, null, 2)));
    else if (typeof text === 'string') await print(printable(text));
    else await printPieces(text, printable);
    return exitCode;
  } catch (error) {
    const told = error instanceof GreenlightError ? error.problem : bug(error);
    const problem = { live: await tellLive(), ...told };
    process.stderr.write(printable(`${problemText(problem)}\n`));
    if (json === true)
      await print(printable(JSON.stringify(errorDocument(error, problem), null, 2)));
    return error instanceof GreenlightError ? error.exitCode : EXIT.error;
  }
}

/**
 * Waits until a pipe has taken all of it: a long result must not be cut by the end of the process. A reader that went
 * away (`| head`) is no error of the step.
 */
async function print(text: string): Promise<void> {
  await written(`${text}\n`);
}

/** Each piece is made when the one before it has been taken, and none for a reader that went away. */
async function printPieces(
  pieces: AsyncIterable<string>,
  printable: (text: string) => string,
): Promise<void> {
  for await (const piece of pieces) {
    if (!(await written(printable(piece)))) return;
  }
}

/** False when nobody reads any more. */
async function written(text: string): Promise<boolean> {
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => undefined);
  return new Promise((done) => {
    process.stdout.write(text, (error) => done(error === null || error === undefined));
  });
}

function problemText({ what, where, cause, live, help }: ToldProblem): string {
  const lines = (text: string) => text.split('\n').map(visible).join('\n');
  return [
    `error: ${lines(what)}`,
    ...(where === undefined ? [] : [`where: ${lines(where)}`]),
    ...(cause === undefined ? [] : [`cause: ${lines(cause)}`]),
    `live:  ${lines(live)}`,
    ...(help === undefined || help === '' ? [] : [`help:  ${lines(help)}`]),
  ].join('\n');
}

/** A refusal carries the gate's reasons, a failed verification what failed, one by one. */
function errorDocument(error: unknown, problem: ToldProblem): object {
  const gate = error instanceof Error && 'gate' in error ? { gate: error.gate } : {};
  const verification =
    error instanceof Error && 'verification' in error ? { verification: error.verification } : {};
  return { error: problem, ...gate, ...verification };
}

function bug(error: unknown): Problem {
  return {
    what: `This should not have happened: ${withoutStatement(messageOf(error))}`,
    cause: error instanceof Error ? framesOf(error).slice(0, 3).join('\n') : '',
    help: `Please report it, with the command and the version (${version}).`,
  };
}

/** An engine quotes the statement, and a statement may hold values. */
function withoutStatement(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/ at or near .*/, '');
}

function framesOf({ stack = '' }: Error): string[] {
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '));
}
