import { CommanderError } from 'commander';
import { commandLine } from './command-line.ts';
import { EXIT, type ExitCode, UsageError } from './errors.ts';
import { withInputs } from './inputs.ts';
import { type StepName, type StepOptions, steps } from './manifest.generated.ts';
import type { StepContext } from './steps/context.ts';
import type { StepOutcome } from './steps/outcome.ts';

/**
 * The one entry, of the command line, the actions and the components: picks the step that was asked for. manifest.yml
 * declares the steps and their options. Everything else is loaded when a step runs, so that `--help` is there at once.
 */
async function main(words: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = commandLine(async (step, options) => {
    exitCode = await run[step](options);
  });
  try {
    await program.parseAsync(withInputs(words, steps, process.env), { from: 'user' });
    return exitCode;
  } catch (error) {
    const json = words.includes('--json');
    if (error instanceof UsageError) return refuse(error, json);
    // Commander has said what is wrong; --help and --version end here too.
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done;
    if (json) process.stdout.write(`${usageDocument(error)}\n`);
    return EXIT.usage;
  }
}

const run: { readonly [Name in StepName]: (options: StepOptions[Name]) => Promise<ExitCode> } = {
  prepare: inProject('prepare', async (context, options) => {
    const result = await (await import('./steps/prepare.ts')).prepare(context, options);
    return { result, text: (await import('./report/text.ts')).prepareText(result) };
  }),
  clone: inProject('clone', async (context, options) => {
    const result = await (await import('./steps/clone.ts')).clone(context, options);
    return { result, text: (await import('./report/text.ts')).cloneText(result) };
  }),
  migrate: inProject('migrate', async (context, options) => {
    const result = await (await import('./steps/migrate.ts')).migrate(context, options);
    return { result, text: (await import('./report/text.ts')).migrateText(result) };
  }),
  simulate: inProject('simulate', async (context, options) => {
    const result = await (await import('./steps/simulate.ts')).simulate(context, options);
    return { result, text: (await import('./report/text.ts')).simulateText(result) };
  }),
  compare: inProject('compare', async (context, options) => {
    const result = await (await import('./steps/compare.ts')).compare(context, options);
    return { result, text: (await import('./report/text.ts')).compareText(result) };
  }),
  approve: inProject('approve', async (context, options) => {
    const result = await (await import('./steps/approve.ts')).approve(context, options);
    return { result, text: (await import('./report/text.ts')).approveText(result) };
  }),
  swap: inProject('swap', async (context, options) => {
    const { rehearseText, swapText } = await import('./report/text.ts');
    if (options.rehearse === true) {
      const result = await (await import('./steps/rehearse.ts')).rehearse(context, options);
      return { result, text: rehearseText(result) };
    }
    const result = await (await import('./steps/swap.ts')).swap(context, options);
    return { result, text: swapText(result) };
  }),
  rollback: inProject('rollback', async (context, options) => {
    const result = await (await import('./steps/rollback.ts')).rollback(context, options);
    return { result, text: (await import('./report/text.ts')).rollbackText(result) };
  }),
  retire: inProject('retire', async (context, options) => {
    const result = await (await import('./steps/retire.ts')).retire(context, options);
    return { result, text: (await import('./report/text.ts')).retireText(result) };
  }),
  status: inProject('status', async (context, options) => {
    const result = await (await import('./steps/status.ts')).status(context, options);
    return { result, text: (await import('./report/status-text.ts')).statusText(result) };
  }),
  report: inProject('report', async (context, options) => {
    const { report, reportCsv } = await import('./steps/report.ts');
    if (options.format === 'csv') return { result: {}, text: await reportCsv(context, options) };
    const { reportListText, reportText } = await import('./report/report-text.ts');
    if (options.list === true) {
      const result = await (await import('./steps/report-list.ts')).reportList(context, options);
      return { result, text: reportListText(result) };
    }
    const result = await report(context, options);
    return { result, text: reportText(result) };
  }),
  doctor: inProject('doctor', async (context) => {
    const result = await (await import('./steps/doctor.ts')).doctor(context);
    const text = (await import('./report/doctor-text.ts')).doctorText(result);
    return { result, text, exitCode: result.ready ? EXIT.done : EXIT.error };
  }),
  init: async (options) => {
    const { runAlone } = await import('./run-step.ts');
    return runAlone(options, async () => {
      const result = await (await import('./steps/init.ts')).init(options);
      return { result, text: (await import('./report/text.ts')).initText(result) };
    });
  },
  demo: async (options) => {
    const { runAlone } = await import('./run-step.ts');
    return runAlone(options, async (host) => {
      const { demo, demoText } = await import('./steps/demo.ts');
      const result = await demo(host, options);
      return { result, text: demoText(result) };
    });
  },
};

function inProject<Name extends ProjectStep>(
  step: Name,
  work: (context: StepContext, options: StepOptions[Name]) => Promise<StepOutcome>,
): (options: StepOptions[Name]) => Promise<ExitCode> {
  return async (options) => {
    const { runInProject } = await import('./run-step.ts');
    const json = options.json === true || ('format' in options && options.format === 'json');
    const told = { ...options, json };
    return runInProject(step, told, work);
  };
}

type ProjectStep = Exclude<StepName, 'init' | 'demo'>;

/** Told as every other error is. */
async function refuse(error: UsageError, json: boolean): Promise<ExitCode> {
  return (await import('./run-step.ts')).runAlone({ json }, () => Promise.reject(error));
}

function usageDocument({ message }: CommanderError): string {
  const what = message.replace(/^error: /, '');
  return JSON.stringify(
    { error: { what, live: 'live is unchanged', help: 'greenlight --help' } },
    null,
    2,
  );
}

// A reader that went away (`--help | head`) has read what it wanted.
process.stdout.on('error', () => undefined);

process.exitCode = await main(process.argv.slice(2));
