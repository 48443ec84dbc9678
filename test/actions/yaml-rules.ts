import { parse } from 'yaml';

/** What must hold for the YAML that users run. Each function gives the faults of one file as lines. */

interface Action {
  readonly inputs?: Record<string, { readonly description?: string }>;
  readonly outputs?: Record<string, { readonly value?: string }>;
  readonly runs: {
    readonly using: string;
    readonly main?: string;
    readonly steps?: readonly Step[];
  };
}

interface Step {
  readonly id?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Record<string, string>;
  readonly with?: Record<string, unknown>;
  readonly 'continue-on-error'?: boolean;
}

export function compositeFaults(text: string, step: string): string[] {
  const { inputs = {}, outputs = {}, runs } = parse(text) as Action;
  const [first, ...others] = runs.steps ?? [];
  const env = first?.env ?? {};
  const wanted = Object.keys(inputs).map(
    (name) => [`INPUT_${name.toUpperCase()}`, `\${{ inputs.${name} }}`] as const,
  );
  return [
    ...fault(runs.using !== 'composite', `runs.using is ${runs.using}`),
    ...fault(
      first?.run !== `node "$GITHUB_ACTION_PATH/../../dist/index.js" ${step}`,
      `runs ${first?.run}`,
    ),
    ...(runs.steps ?? []).flatMap(({ run, shell }) => [
      ...fault(run?.includes('${{') ?? false, `an expression in run: ${run}`),
      ...fault(run !== undefined && shell !== 'bash', `shell is ${shell}`),
    ]),
    ...wanted.flatMap(([variable, value]) =>
      fault(env[variable] !== value, `${variable} is ${env[variable]}`),
    ),
    ...fault(Object.keys(env).length !== wanted.length, 'a variable without an input'),
    ...Object.entries(outputs).flatMap(([name, { value }]) =>
      fault(value !== `\${{ steps.${first?.id}.outputs.${name} }}`, `output ${name} is ${value}`),
    ),
    ...others.flatMap((other) =>
      fault(other['continue-on-error'] !== true, 'the run depends on keeping the page'),
    ),
    ...pinFaults(text),
  ];
}

/** Actions of others are named by commit, with the version for people beside it. */
export function pinFaults(text: string): string[] {
  return [...text.matchAll(/^ *(?:- )?uses: (.*)$/gm)]
    .map(([, uses = '']) => uses)
    .filter((uses) => !uses.startsWith('OWNER/greenlight/'))
    .flatMap((uses) =>
      fault(!/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(uses), `not pinned: ${uses}`),
    );
}

/** Of a workflow: nothing is allowed but what a job asks for, with its reason; our actions get what they take. */
export function workflowFaults(text: string, actions: ReadonlyMap<string, Action>): string[] {
  const workflow = parse(text) as {
    permissions?: object;
    jobs: Record<string, { permissions?: object; steps: readonly Step[] }>;
  };
  const asked = [...text.matchAll(/^ +(?:contents|[a-z]+(?:-[a-z]+)*): (?:read|write)\b(.*)$/gm)];
  const own = Object.values(workflow.jobs).flatMap(({ steps }) =>
    steps.filter(({ uses }) => uses?.startsWith('OWNER/greenlight/')),
  );
  return [
    ...fault(JSON.stringify(workflow.permissions) !== '{}', 'permissions at the top are not {}'),
    ...Object.entries(workflow.jobs).flatMap(([name, job]) =>
      fault(job.permissions === undefined, `${name} does not say its permissions`),
    ),
    ...asked.flatMap(([line, reason = '']) =>
      fault(!/^ # \w/.test(reason), `no reason: ${line.trim()}`),
    ),
    ...own.flatMap(({ uses = '', with: given = {} }) => {
      const action = actions.get(/actions\/([a-z]+)@/.exec(uses)?.[1] ?? '');
      if (action === undefined) return [`no such action: ${uses}`];
      const unknown = Object.keys(given).filter((name) => !(name in (action.inputs ?? {})));
      return unknown.map((name) => `${uses} takes no ${name}`);
    }),
    ...pinFaults(text),
  ];
}

/** Of a GitLab component: inputs reach the job as variables, and never the text of its script. */
export function componentFaults(text: string, step: string): string[] {
  const [head = '', body = ''] = text.split(/^---$/m);
  const { spec } = parse(head) as { spec: { inputs: Record<string, { description?: string }> } };
  const [job] = Object.values(parse(body) as Record<string, Job>);
  if (job === undefined) return ['no job'];
  const ofTheJob = ['job-name', 'stage', 'image', 'rules', 'environment'];
  return [
    ...fault(
      Object.keys(parse(body)).length !== 1 || !body.includes('$[[ inputs.job-name ]]:'),
      'more than one job, or its name is no input',
    ),
    ...job.script.flatMap((line) => fault(line.includes('$[['), `an input in script: ${line}`)),
    ...fault(
      job.script.at(-1) !== `node "$GREENLIGHT_HOME/dist/index.js" ${step}`,
      `runs ${job.script.at(-1)}`,
    ),
    ...Object.entries(spec.inputs).flatMap(([name, { description = '' }]) => [
      ...fault(description === '', `${name} has no description`),
      ...fault(!body.includes(`$[[ inputs.${name} ]]`), `${name} is not used`),
      ...fault(
        !ofTheJob.includes(name) &&
          name !== 'greenlight-project' &&
          job.variables[`INPUT_${name.toUpperCase().replaceAll('-', '_')}`]?.trim() !==
            `$[[ inputs.${name} ]]`,
        `${name} is no variable`,
      ),
    ]),
    ...fault(job.artifacts.reports?.dotenv !== 'greenlight.env', 'no outputs'),
  ];
}

interface Job {
  readonly script: readonly string[];
  readonly variables: Record<string, string>;
  readonly artifacts: { readonly reports?: { readonly dotenv?: string } };
}

function fault(isOne: boolean, what: string): string[] {
  return isOne ? [what] : [];
}
