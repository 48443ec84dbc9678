import { Command, InvalidArgumentError, Option } from 'commander';
import { type StepName, type StepOptions, steps } from './manifest.generated.ts';
import type { InputDeclaration } from './manifest.ts';
import { version } from './version.ts';

/** The command line that manifest.yml declares. `run` is called with the step that was asked for, and its options. */
export function commandLine(
  run: <Name extends StepName>(step: Name, options: StepOptions[Name]) => Promise<void>,
): Command {
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
  for (const { name, summary, inputs, examples } of steps) {
    const command = program
      .command(name)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .exitOverride()
      .addHelpText(
        'after',
        `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`,
      )
      .action((options) => run(name, options));
    for (const input of inputs) {
      if (input.option !== null) command.addOption(optionOf(input.option, input));
    }
  }
  return program;
}

function optionOf(flags: string, input: InputDeclaration): Option {
  const option = new Option(flags, input.description);
  if (input.type === 'count') option.argParser(positive);
  if (input.type === 'number') option.argParser((text) => (text === input.or ? text : whole(text)));
  if (input.choices !== undefined) option.choices([...input.choices]);
  if (input.conflicts !== undefined) option.conflicts([...input.conflicts]);
  if (input.variable !== undefined) option.env(input.variable);
  if (input.type !== 'flag' && input.default !== '') option.default(input.default);
  return option;
}

/** @throws InvalidArgumentError, which commander turns into a mistake of the command line. */
function whole(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number.');
}

function positive(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It takes a whole number from 1 on.');
}
