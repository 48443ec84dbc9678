// The parts of the docs that the manifest knows, between two marks. What stands around them is written by hand.

import { pinned } from './actions.ts';
import type { Input, Step } from './read.ts';
import { isNegated, sentence, table } from './texts.ts';

const begin = (name: string) =>
  `<!-- ${name}: from manifest.yml by \`npm run generate\`; do not edit -->`;
const end = (name: string) => `<!-- end of ${name} -->`;

/** @throws Error when the page has no place for it. */
export function withPart(page: string, file: string, name: string, text: string): string {
  const [start, stop] = [page.indexOf(begin(name)), page.indexOf(end(name))];
  if (start === -1 || stop < start)
    throw new Error(`${file} has no place for ${name}:\n${begin(name)}\n${end(name)}`);
  return `${page.slice(0, start + begin(name).length)}\n\n${text}\n\n${page.slice(stop)}`;
}

/** What a step takes and gives: for docs/steps/<step>.md. */
export function stepPart(step: Step, steps: readonly Step[], version: string): string {
  const { name, outputs, permissions, gitlab, examples } = step;
  const shared = sharedInputs(steps).map(({ name }) => name);
  const own = step.inputs.filter((input) => !shared.includes(input.name));
  const others = '[options of every step](../cli.md#options-of-every-step)';
  const parts = [
    own.length === 0
      ? `## Options\n\nThe ${others}.`
      : `## Options\n\nBesides the ${others}:\n\n${optionsTable(own)}`,
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ];
  if (outputs.length > 0) {
    parts.push(
      `## Outputs\n\nOn GitHub they are outputs of the step; on GitLab variables of later jobs.`,
      table(
        ['GitHub', 'GitLab', 'meaning'],
        outputs.map((output) => [
          `\`${output.name}\``,
          `\`GREENLIGHT_${output.name.toUpperCase().replaceAll('-', '_')}\``,
          output.description,
        ]),
      ),
    );
  }
  if (permissions.length > 0) {
    parts.push(
      `## On GitHub\n\nThe action is [actions/${name}](../../actions/${name}/README.md) of [\`OWNER\`](../adopt.md#before-you-begin). Its permissions:`,
      table(
        ['permission', 'why: the action'],
        permissions.map(({ scope, access, reason }) => [`\`${scope}: ${access}\``, reason]),
      ),
      `\`\`\`yaml\n- uses: ${pinned.checkout}\n- uses: OWNER/greenlight/actions/${name}@v${version}\n\`\`\``,
    );
  }
  if (gitlab !== null) {
    parts.push(
      `## On GitLab\n\nThe component is [templates/${name}.yml](../../templates/${name}.yml) of [\`OWNER\`](../adopt.md#before-you-begin).`,
      `\`\`\`yaml\ninclude:\n  - component: $CI_SERVER_FQDN/OWNER/greenlight/${name}@${version}\n\`\`\``,
    );
  }
  return parts.join('\n\n');
}

function optionsTable(inputs: readonly Input[]): string {
  return table(
    ['option', 'input', 'default', 'meaning'],
    inputs.map((input) => [
      input.option === null ? '' : `\`${input.option}\``,
      input.hosts.length === 0 ? '' : `\`${input.name}${isNegated(input) ? ': false' : ''}\``,
      defaultOf(input),
      [sentence(input.description), input.details ?? ''].join(' ').trim(),
    ]),
  );
}

function defaultOf(input: Input): string {
  const isSaid = input.default !== '' && !(input.type === 'flag' && input.option !== null);
  return isSaid ? `\`${input.default}\`` : '';
}

/** All steps, each with its page: for docs/cli.md. */
export function stepsPart(steps: readonly Step[]): string {
  return table(
    ['step', 'what it does'],
    steps.map(({ name, summary }) => [`[${name}](steps/${name}.md)`, sentence(summary)]),
  );
}

/** Inputs that every step of a release takes. */
function sharedInputs(steps: readonly Step[]): Input[] {
  const takes = ({ inputs }: Step, name: string) => inputs.some((input) => input.name === name);
  const [first, ...others] = steps.filter((step) => takes(step, 'release'));
  return (first?.inputs ?? []).filter(({ name }) => others.every((step) => takes(step, name)));
}

/** Options that every step has: for docs/cli.md. */
export function sharedOptionsPart(steps: readonly Step[]): string {
  return table(
    ['option', 'environment', 'meaning'],
    [
      ...sharedInputs(steps).map((input) => [
        `\`${input.option}\``,
        input.variable === undefined ? '' : `\`${input.variable}\``,
        [
          sentence(input.description),
          (input.details ?? '').replaceAll('](../', ']('),
          input.default === '' || input.type === 'flag' ? '' : `Default: \`${input.default}\`.`,
        ]
          .filter((text) => text !== '')
          .join(' '),
      ]),
      ['`-h, --help`', '', 'The options of the step, with examples.'],
    ],
  );
}
