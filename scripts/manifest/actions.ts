// action.yml, and a composite action with its README for each step.
//
// Each input goes to the environment by its own line, because a composite action gives none by itself, and nothing is
// put into the text of a script: a value can never become a command.

import type { Input, Output, Step } from './read.ts';
import {
  indent,
  inputsOn,
  meaningOnHost,
  note,
  scalar,
  sentence,
  table,
  variableOf,
} from './texts.ts';

/** Other people's actions, by the commit that was looked at. */
export const pinned = {
  checkout: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  uploadArtifact: 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0',
};

/** Runs any step, on the Node that GitHub's runner brings. */
export function rootAction(steps: readonly Step[]): string {
  const inputs = new Map<string, { input: Input; takenBy: string[] }>();
  for (const step of steps) {
    for (const input of inputsOn('github', step)) {
      const known = inputs.get(input.name) ?? { input, takenBy: [] };
      inputs.set(input.name, { ...known, takenBy: [...known.takenBy, step.name] });
    }
  }
  const outputs = new Map(steps.flatMap((step) => step.outputs.map((one) => [one.name, one])));
  const names = steps.map(({ name }) => name);
  return `# ${note}
name: Greenlight
description: 'Takes a change to a database live without risk: clone, migrate, simulate, compare, swap.'
author: The Greenlight authors
branding:
  icon: check-circle
  color: green
inputs:
  step:
    description: ${scalar(`One of ${names.join(', ')}.`)}
    required: true
${[...inputs.values()]
  .map(({ input, takenBy }) => inputYaml(input, whoTakes(takenBy, names)))
  .join('\n')}
outputs:
${[...outputs.values()].map((output) => outputYaml(output, '')).join('\n')}
runs:
  using: node24
  main: dist/index.js
`;
}

export function compositeAction(step: Step): string {
  const { name, summary, outputs } = step;
  const inputs = inputsOn('github', step);
  return `# ${note}
name: Greenlight ${name}
description: ${scalar(sentence(summary))}
author: The Greenlight authors
inputs:
${inputs.map((input) => inputYaml(input, '')).join('\n')}
outputs:
${outputs.map((output) => outputYaml(output, `\n  value: \${{ steps.greenlight.outputs.${output.name} }}`)).join('\n')}
runs:
  using: composite
  steps:
    - id: greenlight
      shell: bash
      env:
${inputs.map((input) => `        ${variableOf(input.name, '-')}: \${{ inputs.${input.name} }}`).join('\n')}
      run: node "$GITHUB_ACTION_PATH/../../dist/index.js" ${name}
${hasReviewPage(step) ? keepReviewPage : ''}`;
}

/** The shorter of both lists, when there is one. */
function whoTakes(takenBy: readonly string[], steps: readonly string[]): string {
  const others = steps.filter((step) => !takenBy.includes(step));
  if (others.length === 0) return '';
  return others.length < takenBy.length
    ? ` Not taken by ${others.join(', ')}.`
    : ` Taken by ${takenBy.join(', ')}.`;
}

function hasReviewPage({ outputs }: Step): boolean {
  return outputs.some(({ name }) => name === 'review-page');
}

/** Also when the step failed after it had written the page; the run is not lost because the page could not be kept. */
const keepReviewPage = `    - name: Keep the review page
      if: \${{ always() && steps.greenlight.outputs.review-page != '' }}
      continue-on-error: true
      uses: ${pinned.uploadArtifact}
      with:
        name: greenlight-review-\${{ steps.greenlight.outputs.release }}
        path: \${{ steps.greenlight.outputs.review-page }}
        if-no-files-found: ignore
        overwrite: true
`;

function inputYaml(input: Input, more: string): string {
  return indent(
    `${input.name}:
  description: ${scalar(`${meaningOnHost(input)}${more}`)}
  required: false
  default: ${input.default.startsWith('$') ? input.default : `'${input.default}'`}`,
    2,
  );
}

function outputYaml({ name, description }: Output, value: string): string {
  return indent(`${name}:\n  description: ${scalar(description)}${value}`, 2);
}

export function actionReadme(step: Step, version: string): string {
  const { name, summary, outputs, permissions } = step;
  const inputs = inputsOn('github', step);
  return `<!-- ${note} -->

# ${name}

${sentence(summary)} What it does, step by step: [docs/steps/${name}.md](../../docs/steps/${name}.md).

\`\`\`yaml
permissions:
${permissions.map(({ scope, access, reason }) => `  ${scope}: ${access} # ${reason}`).join('\n')}
steps:
  - uses: ${pinned.checkout}
  - uses: OWNER/greenlight/actions/${name}@v${version}
\`\`\`

OWNER is the account that holds [your copy of Greenlight](../../docs/adopt.md#before-you-begin). Node 20 or newer must be on the runner's path; GitHub's own runners have it.
Whole workflows to copy: [examples/github](../../examples/github/README.md).

## Inputs

${table(
  ['input', 'default', 'meaning'],
  inputs.map((input) => [
    `\`${input.name}\``,
    input.default === '' ? '' : `\`${input.default}\``,
    [meaningOnHost(input), detailsFrom('../../docs/', input)].join(' ').trim(),
  ]),
)}

## Outputs

${table(
  ['output', 'meaning'],
  outputs.map(({ name, description }) => [`\`${name}\``, description]),
)}
`;
}

/** Links in the manifest start in docs/steps/. */
function detailsFrom(docs: string, { details }: Input): string {
  return details?.replaceAll('](../', `](${docs}`) ?? '';
}
