import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT, type ExitCode } from './errors.ts';
import type { StepContext } from './steps/context.ts';
import { version } from './version.ts';

/**
 * The command line: picks the step and the host it runs under. Everything else is loaded when a step runs, so that
 * `--help` is there at once.
 */
async function main(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = commands((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong; --help and --version end here too.
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done;
    if (argv.includes('--json')) process.stdout.write(`${usageDocument(error)}\n`);
    return EXIT.usage;
  }
}

function usageDocument({ message }: CommanderError): string {
  const what = message.replace(/^error: /, '');
  return JSON.stringify(
    { error: { what, live: 'live is unchanged', help: 'greenlight --help' } },
    null,
    2,
  );
}

interface Options {
  readonly config: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly release?: string;
  readonly digest?: string;
  readonly by?: string;
  readonly review?: string;
  readonly author?: string;
  readonly override?: string;
  readonly dryRun?: boolean;
  readonly dropPrevious?: boolean;
  readonly gate?: boolean;
  readonly rehearse?: boolean;
  readonly live?: string;
  readonly keep?: string;
  readonly lineage?: boolean;
  readonly patterns?: boolean;
  readonly maxSeconds?: number;
  readonly maxDeviations?: number;
  readonly writeExpectations?: boolean;
  readonly list?: boolean;
  readonly comparison?: number;
  readonly noise?: boolean;
  readonly against?: number | 'none';
  readonly table?: readonly string[];
  readonly where?: string;
  readonly standing?: readonly ('new' | 'still' | 'gone')[];
  readonly limit?: number;
  readonly format?: 'text' | 'json' | 'csv';
}

/** A step as the command line knows it. `run` loads the step's module. */
interface StepCommand {
  readonly name: string;
  readonly summary: string;
  readonly options?: readonly Option[];
  readonly examples: readonly string[];
  run(
    context: StepContext,
    options: Options,
  ): Promise<{ result: object; text: string | AsyncIterable<string> }>;
}

const config = new Option('-c, --config <file>', 'the configuration').default('greenlight.yml');
const release = new Option('-r, --release <id>', 'the release: pr-42').env('GREENLIGHT_RELEASE');

const reportFilters = ['comparison', 'noise', 'against', 'table', 'where', 'standing', 'limit'];

const steps: readonly StepCommand[] = [
  {
    name: 'clone',
    summary: 'make candidate and baseline from live',
    options: [
      release,
      new Option('-a, --author <name>', 'whose change it is').env('GREENLIGHT_AUTHOR'),
    ],
    examples: ['greenlight clone --release pr-42', 'greenlight clone --release pr-42 --author bob'],
    run: async (context, options) => {
      const result = await (await import('./steps/clone.ts')).clone(context, options);
      return { result, text: (await import('./report/text.ts')).cloneText(result) };
    },
  },
  {
    name: 'migrate',
    summary: 'run the migration on the candidate',
    options: [release],
    examples: ['greenlight migrate --release pr-42'],
    run: async (context, options) => {
      const result = await (await import('./steps/migrate.ts')).migrate(context, options);
      return { result, text: (await import('./report/text.ts')).migrateText(result) };
    },
  },
  {
    name: 'simulate',
    summary: 'run the new logic on the candidate',
    options: [release],
    examples: ['greenlight simulate --release pr-42'],
    run: async (context, options) => {
      const result = await (await import('./steps/simulate.ts')).simulate(context, options);
      return { result, text: (await import('./report/text.ts')).simulateText(result) };
    },
  },
  {
    name: 'compare',
    summary: 'compare every table, column and row of the new result with the old one',
    options: [
      release,
      new Option('--no-lineage', 'compare every value, also where storage proves them equal'),
      new Option('--no-patterns', 'do not describe what the changes look like'),
      new Option('--max-seconds <n>', 'end early after so many seconds').argParser(positive),
      new Option('--max-deviations <n>', 'end early after so many deviating rows').argParser(
        positive,
      ),
      new Option('--review <file>', 'write the review page, one HTML file, here'),
      new Option(
        '--write-expectations',
        'propose declarations for what nothing explains, in the expectations file',
      ),
    ],
    examples: [
      'greenlight compare --release pr-42',
      'greenlight compare --release pr-42 --write-expectations',
      'greenlight compare --release pr-42 --json > comparison.json',
    ],
    run: async (context, options) => {
      const result = await (await import('./steps/compare.ts')).compare(context, options);
      return { result, text: (await import('./report/text.ts')).compareText(result) };
    },
  },
  {
    name: 'approve',
    summary: 'approve exactly the deviations that a digest stands for',
    options: [
      release,
      new Option('-d, --digest <digest>', 'digest of the comparison; its first 12 characters do'),
      new Option('-b, --by <name>', 'who approves'),
    ],
    examples: ['greenlight approve --release pr-42 --digest 3f9c0a7be112 --by alice'],
    run: async (context, options) => {
      const result = await (await import('./steps/approve.ts')).approve(context, options);
      return { result, text: (await import('./report/text.ts')).approveText(result) };
    },
  },
  {
    name: 'swap',
    summary: 'take the candidate live',
    options: [
      release,
      new Option(
        '--override <reason>',
        'in an emergency: go live although the gate is closed; recorded for good',
      ),
      new Option('-b, --by <name>', 'who overrides the gate'),
      new Option('--rehearse', 'swap, verify and roll back copies; live is not touched').conflicts([
        'override',
        'by',
      ]),
    ],
    examples: [
      'greenlight swap --release pr-42 --rehearse',
      'greenlight swap --release pr-42',
      'greenlight swap --release pr-42 --override "prices are wrong since 06:00" --by alice',
    ],
    run: async (context, options) => {
      const { rehearseText, swapText } = await import('./report/text.ts');
      if (options.rehearse === true) {
        const result = await (await import('./steps/rehearse.ts')).rehearse(context, options);
        return { result, text: rehearseText(result) };
      }
      const result = await (await import('./steps/swap.ts')).swap(context, options);
      return { result, text: swapText(result) };
    },
  },
  {
    name: 'rollback',
    summary: 'put the old database back',
    options: [release],
    examples: ['greenlight rollback', 'greenlight rollback --release pr-42'],
    run: async (context, options) => {
      const result = await (await import('./steps/rollback.ts')).rollback(context, options);
      return { result, text: (await import('./report/text.ts')).rollbackText(result) };
    },
  },
  {
    name: 'retire',
    summary: 'drop what a release keeps and nobody needs any more',
    options: [
      release,
      new Option('--dry-run', 'only list it'),
      new Option('--drop-previous', 'the old database too, before its time: no rollback then'),
    ],
    examples: [
      'greenlight retire --release pr-42 --dry-run',
      'greenlight retire --release pr-42',
      'greenlight retire --release pr-42 --drop-previous',
    ],
    run: async (context, options) => {
      const result = await (await import('./steps/retire.ts')).retire(context, options);
      return { result, text: (await import('./report/text.ts')).retireText(result) };
    },
  },
  {
    name: 'status',
    summary: 'show where every release stands',
    options: [
      release,
      new Option('--gate', 'and every reason why this release may not be swapped'),
    ],
    examples: ['greenlight status', 'greenlight status --release pr-42 --gate'],
    run: async (context, options) => {
      const result = await (await import('./steps/status.ts')).status(context, options);
      return { result, text: (await import('./report/status-text.ts')).statusText(result) };
    },
  },
  {
    name: 'report',
    summary: 'read a comparison back from the ledger',
    options: [
      release,
      new Option('--list', 'the comparisons of the release').conflicts(reportFilters),
      new Option('--comparison <id>', 'an earlier comparison; default: the latest').argParser(
        whole,
      ),
      new Option('--noise', 'where the old logic itself gives another result, not the deviations'),
      new Option(
        '--against <id>',
        'tell what is new, still there or gone against this one; or `none`',
      ).argParser((text) => (text === 'none' ? text : whole(text))),
      new Option('--table <patterns...>', 'these tables only: marts.delay or marts.*'),
      new Option('--where <condition>', 'rows for which this SQL holds: "kind = \'changed\'"'),
      new Option('--standing <standings...>', 'only what is').choices(['new', 'still', 'gone']),
      new Option('--limit <rows>', 'rows shown of each table; 0: all; default: 20').argParser(
        whole,
      ),
      new Option('--format <format>', 'csv writes all rows').choices(['text', 'json', 'csv']),
    ],
    examples: [
      'greenlight report --release pr-42',
      'greenlight report --release pr-42 --list',
      'greenlight report --release pr-42 --noise',
      "greenlight report --release pr-42 --table 'marts.*' --standing new --limit 0",
      `greenlight report --release pr-42 --where "kind = 'changed' AND key.carrier = 'AA'"`,
      'greenlight report --release pr-42 --format csv > deviations.csv',
    ],
    run: async (context, options) => {
      const { report, reportCsv } = await import('./steps/report.ts');
      if (options.format === 'csv') return { result: {}, text: await reportCsv(context, options) };
      const { reportListText, reportText } = await import('./report/report-text.ts');
      if (options.list === true) {
        const result = await (await import('./steps/report-list.ts')).reportList(context, options);
        return { result, text: reportListText(result) };
      }
      const result = await report(context, options);
      return { result, text: reportText(result) };
    },
  },
];

function positive(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It takes a whole number from 1 on.');
}

function commands(setExitCode: (code: ExitCode) => void): Command {
  const program = new Command('greenlight')
    .description(
      'Takes a change to a database live without risk: clone, migrate, simulate, compare, swap.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(greenlight --help shows all steps)')
    .addHelpText(
      'after',
      `
Examples:
  $ greenlight init                        write a first greenlight.yml
  $ greenlight clone --release pr-42       then migrate, simulate, compare, approve, swap
  $ greenlight status                      where every release stands, and what comes next
  $ greenlight demo                        the whole way on real data, in a folder of its own

Exit codes: 0 done, 1 error, 2 wrong use or configuration, 3 refused by the gate.`,
    );
  for (const step of steps) {
    const command = addCommand(program, step.name, step.summary, step.examples, [
      ...(step.options ?? []),
      config,
    ]);
    command.action(async (options: Options) => {
      const { runInProject } = await import('./run-step.ts');
      const told = { ...options, json: options.json === true || options.format === 'json' };
      setExitCode(
        await runInProject(step.name, told, (context, filled) => step.run(context, filled)),
      );
    });
  }
  addCommand(
    program,
    'init',
    'write a first greenlight.yml',
    ['greenlight init --live warehouse.duckdb'],
    [new Option('--live <database>', 'the database that production uses'), config],
  ).action(async (options: Options) => {
    const { runAlone } = await import('./run-step.ts');
    setExitCode(
      await runAlone(options, async () => {
        const result = await (await import('./steps/init.ts')).init(options);
        return { result, text: (await import('./report/text.ts')).initText(result) };
      }),
    );
  });
  addCommand(
    program,
    'demo',
    'take a change live on three million real flights',
    ['greenlight demo --keep ./flights'],
    [new Option('--keep <folder>', 'where to play, and to leave everything for you to look at')],
  ).action(async (options: Options) => {
    const { runAlone } = await import('./run-step.ts');
    setExitCode(
      await runAlone(options, async (host) => {
        const { demo, demoText } = await import('./steps/demo.ts');
        const result = await demo(host, options);
        return { result, text: demoText(result) };
      }),
    );
  });
  return program;
}

/** @throws InvalidArgumentError, which commander turns into a mistake of the command line. */
function whole(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number.');
}

function addCommand(
  program: Command,
  name: string,
  summary: string,
  examples: readonly string[],
  options: readonly Option[] = [],
): Command {
  const command = program
    .command(name)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .exitOverride();
  for (const option of options) command.addOption(option);
  return command
    .option('--json', 'print the result as one JSON document')
    .option('-q, --quiet', 'say nothing but the result and errors')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
}

process.exitCode = await main(process.argv);
