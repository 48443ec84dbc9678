// templates/<step>.yml: a GitLab CI component for each step.
//
// GitLab puts inputs into the text of the file before it reads it, so none stands in a script: each becomes a variable.
// A text goes into a block, where no character of it means anything to YAML.

import type { Input, Step } from './read.ts';
import type { GitlabJob } from './schema.ts';
import { indent, inputsOn, meaningOnHost, note, scalar, sentence, variableOf } from './texts.ts';

export function component(step: Step, job: GitlabJob): string {
  const inputs = inputsOn('gitlab', step);
  return `# ${note}
#
# ${sentence(step.summary)} docs/steps/${step.name}.md tells what it does.
spec:
  # The tool is fetched at the very commit of this component.
  component: [sha]
  inputs:
${jobInputs(step, job)}
${inputs.map(inputYaml).join('\n')}
---
$[[ inputs.job-name ]]:
  stage: $[[ inputs.stage ]]
  image: $[[ inputs.image ]]
  rules: $[[ inputs.rules ]]
${[
  job.environment === undefined ? '' : oneSwapAtATime,
  job['one-at-a-time'] ? oneAtATime : '',
  job['newest-only'] ? newestOnly : '',
  job['at-any-time'] ? atAnyTime : '',
  job.refusal === 'warning' ? refusalIsWarning : '',
].join('')}  variables:
    GREENLIGHT_PROJECT: $[[ inputs.greenlight-project ]]
    GREENLIGHT_COMMIT: $[[ component.sha ]]
    GREENLIGHT_CACHE: $CI_PROJECT_DIR/.cache/greenlight
${inputs.map(variableYaml).join('\n')}
  cache:
    key: greenlight-$[[ component.sha ]]
    paths: [.cache/greenlight/]
  script:
    # A runner that has Greenlight says where, in GREENLIGHT_HOME; else it is fetched.
    - |
      if [ -z "\${GREENLIGHT_HOME:-}" ]; then
        GREENLIGHT_HOME="$(mktemp -d)"
        trap 'rm -rf "$GREENLIGHT_HOME"' EXIT
        git init --quiet "$GREENLIGHT_HOME"
        git -C "$GREENLIGHT_HOME" -c credential.helper='!f() { echo username=gitlab-ci-token; echo "password=$CI_JOB_TOKEN"; }; f' \\
          fetch --quiet --depth 1 "$CI_SERVER_URL/$GREENLIGHT_PROJECT.git" "$GREENLIGHT_COMMIT"
        git -C "$GREENLIGHT_HOME" checkout --quiet FETCH_HEAD
      fi
    - node "$GREENLIGHT_HOME/dist/index.js" ${step.name}
  artifacts:
    when: always
    expire_in: 30 days
${isReviewed(step) ? '    paths: [greenlight-review.html]\n' : ''}    reports:
      dotenv: greenlight.env
${isReviewed(step) ? '      # Declarations that are not met, at their lines.\n      codequality: greenlight-codequality.json\n' : ''}`;
}

function isReviewed({ outputs }: Step): boolean {
  return outputs.some(({ name }) => name === 'review-page');
}

const oneAtATime = `  resource_group: greenlight-mr-$CI_MERGE_REQUEST_IID
`;

const newestOnly = `  interruptible: true
`;

/** Else GitLab skips a job that waits for its start when one before it has failed. */
const atAnyTime = `  needs: []
`;

/** Whoever may talk may be refused: that must not keep the jobs after this one from deciding for themselves. */
const refusalIsWarning = `  # A refusal is shown here; whether the release may go live is decided by the swap.
  allow_failure:
    exit_codes: [3]
`;

/** GitLab asks for the environment's approvals, and gives its protected variables. */
const oneSwapAtATime = `  environment:
    name: $[[ inputs.environment ]]
  resource_group: greenlight-$[[ inputs.environment ]]
`;

function jobInputs({ name }: Step, { stage, rules, environment }: GitlabJob): string {
  const declared: [string, string, string][] = [
    ['job-name', `greenlight-${name}`, 'Name of the job.'],
    ['stage', stage, 'Stage of the job.'],
    ['image', 'node:22', 'Image with Node 20 or newer, Git, and what your own commands need.'],
    [
      'greenlight-project',
      'greenlight/greenlight',
      'Project on this GitLab that holds Greenlight; the job token must be allowed to read it.',
    ],
  ];
  if (environment !== undefined)
    declared.push(['environment', environment, 'Environment that the job changes.']);
  const texts = declared.map(
    ([input, value, description]) => `${input}:
  default: ${scalar(value)}
  description: ${scalar(description)}`,
  );
  const when = `rules:
  type: array
  default: [${rules.map(rule).join(', ')}]
  description: When the job runs.`;
  return indent([...texts, when].join('\n'), 4);
}

function rule({ on, when }: GitlabJob['rules'][number]): string {
  const conditions = {
    'merge-request': `if: '$CI_PIPELINE_SOURCE == "merge_request_event"'`,
    'default-branch': `if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'`,
    any: '',
  };
  // A pipeline does not wait for a job that nobody has started.
  const start = when === undefined ? '' : 'when: manual, allow_failure: true';
  const text = [conditions[on], start].filter((part) => part !== '').join(', ');
  return `{ ${text === '' ? 'when: on_success' : text} }`;
}

function inputYaml(input: Input): string {
  const { name, type, choices } = input;
  const isFlag = type === 'flag';
  const lines = [
    `${name}:`,
    ...(isFlag ? ['  type: boolean'] : []),
    `  default: ${isFlag ? input.default : `'${input.default}'`}`,
    ...(choices === undefined || type === 'list' ? [] : [`  options: ['', ${choices.join(', ')}]`]),
    ...(type === 'count' || type === 'number' ? [`  regex: ${numberOrNone(input)}`] : []),
    `  description: ${scalar(meaningOnHost(input))}`,
  ];
  return indent(lines.join('\n'), 4);
}

/** GitLab's own `number` cannot be left out. */
function numberOrNone({ or }: Input): string {
  return `'^([0-9]*${or === undefined ? '' : `|${or}`})$'`;
}

function variableYaml({ name, type }: Input): string {
  const value = `$[[ inputs.${name} ]]`;
  const isText = type === 'text' || type === 'list';
  return indent(`${variableOf(name, '_')}: ${isText ? `|-\n  ${value}` : `"${value}"`}`, 4);
}
