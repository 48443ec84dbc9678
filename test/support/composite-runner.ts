import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { filledIn, isMet, type Scope } from './github-expressions.ts';
import { git } from './repository.ts';

// Runs the jobs of a workflow as GitHub's runner does: composite actions of this checkout by their own steps, in the
// environment that GitHub gives and no other. Actions of GitHub's own have doubles: `checkout` takes the commit from a
// repository on this machine, `upload-artifact` notes what it was given.

/** What GitHub tells a runner of an event. */
export interface Delivery {
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly ref: string;
  readonly sha: string;
  /** Of a run that was started by hand. */
  readonly inputs?: Readonly<Record<string, string>>;
}

/** A machine with one workspace, which stays from job to job. */
export interface Machine {
  readonly folder: string;
  /** Where `OWNER/greenlight` of the workflow is. */
  readonly greenlight: string;
  /** The repository that `actions/checkout` takes its commits from. */
  readonly origin: string;
  readonly token: string;
  readonly env: Readonly<Record<string, string>>;
  /** Called before each job with the permissions that its token has. */
  readonly onJob?: (permissions: Readonly<Record<string, string>>) => void;
}

export interface JobRun {
  readonly name: string;
  readonly conclusion: 'success' | 'failure' | 'skipped';
  /** Output of all steps. */
  readonly log: string;
  /** The job summary. */
  readonly summary: string;
  /** Outputs of the last action. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What the double of `actions/upload-artifact` was given. */
  readonly uploads: readonly Readonly<Record<string, string>>[];
}

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Record<string, string>;
  readonly with?: Record<string, unknown>;
  readonly 'continue-on-error'?: boolean;
}

interface Trigger {
  readonly types?: readonly string[];
  readonly branches?: readonly string[];
}

interface Workflow {
  readonly on: Readonly<Record<string, Trigger | null>>;
  readonly jobs: Readonly<
    Record<string, { if?: string; permissions?: Record<string, string>; steps: readonly Step[] }>
  >;
}

interface Composite {
  readonly inputs?: Record<string, { default?: string }>;
  readonly outputs?: Record<string, { value: string }>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** What one job gathers while it runs. */
interface Job {
  readonly machine: Machine;
  readonly github: Readonly<Record<string, unknown>>;
  readonly env: Record<string, string>;
  log: string;
  summary: string;
  readonly uploads: Record<string, string>[];
}

/** All jobs of the workflow one after the other; none when the event does not start it. */
export async function runWorkflow(
  text: string,
  delivery: Delivery,
  machine: Machine,
): Promise<JobRun[]> {
  const workflow = parse(text) as Workflow;
  if (!isStarted(workflow, delivery)) return [];
  const runs: JobRun[] = [];
  for (const [name, { if: condition, steps, permissions = {} }] of Object.entries(workflow.jobs)) {
    const job = await startJob(delivery, machine);
    const contexts = { github: job.github, inputs: delivery.inputs ?? {} };
    if (!isMet(condition, { contexts, hasFailed: false })) {
      runs.push({ name, conclusion: 'skipped', log: '', summary: '', outputs: {}, uploads: [] });
      continue;
    }
    machine.onJob?.(permissions);
    const { hasFailed, outputs } = await runSteps(steps, job, contexts);
    const { log, summary, uploads } = job;
    const conclusion = hasFailed ? 'failure' : 'success';
    runs.push({ name, conclusion, log, summary, outputs: outputs.at(-1) ?? {}, uploads });
  }
  return runs;
}

function isStarted({ on }: Workflow, { event, payload, ref }: Delivery): boolean {
  if (!(event in on)) return false;
  const { types, branches } = on[event] ?? {};
  return (
    (types?.includes(String(payload.action)) ?? true) &&
    (branches?.some((branch) => ref === `refs/heads/${branch}`) ?? true)
  );
}

async function startJob(delivery: Delivery, machine: Machine): Promise<Job> {
  const workspace = join(machine.folder, 'work');
  await mkdir(workspace, { recursive: true });
  await writeFile(join(machine.folder, 'event.json'), JSON.stringify(delivery.payload));
  const { event, payload, ref, sha } = delivery;
  return {
    machine,
    github: {
      event_name: event,
      event: payload,
      ref,
      sha,
      repository: 'o/r',
      workspace,
      token: machine.token,
    },
    env: {
      PATH: process.env.PATH ?? '',
      HOME: machine.folder,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTOR: 'bob',
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: join(machine.folder, 'event.json'),
      GITHUB_HEAD_REF: branchOf(payload),
      GITHUB_REF: ref,
      GITHUB_SHA: sha,
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_RUN_ID: '1001',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: join(machine.folder, 'temp'),
      RUNNER_TOOL_CACHE: join(machine.folder, 'tools'),
      ...machine.env,
    },
    log: '',
    summary: '',
    uploads: [],
  };
}

/** Of a pull request. */
function branchOf({ pull_request: pull }: Delivery['payload']): string {
  return (pull as { head?: { ref?: string } } | undefined)?.head?.ref ?? '';
}

async function runSteps(
  steps: readonly Step[],
  job: Job,
  contexts: Scope['contexts'],
): Promise<{ hasFailed: boolean; outputs: Record<string, string>[]; contexts: Scope['contexts'] }> {
  const known: Record<string, { outputs: Record<string, string>; outcome: string }> = {};
  const within = { ...contexts, steps: known, env: job.env };
  const outputs: Record<string, string>[] = [];
  let hasFailed = false;
  for (const step of steps) {
    const scope = { contexts: within, hasFailed };
    const isRun = isMet(step.if, scope);
    const done = isRun ? await runStep(step, job, scope) : { ok: true, outputs: {} };
    if (isRun) outputs.push(done.outputs);
    if (step.id !== undefined) {
      const outcome = isRun ? (done.ok ? 'success' : 'failure') : 'skipped';
      known[step.id] = { outputs: done.outputs, outcome };
    }
    if (!done.ok && step['continue-on-error'] !== true) hasFailed = true;
  }
  return { hasFailed, outputs, contexts: within };
}

interface Done {
  readonly ok: boolean;
  readonly outputs: Record<string, string>;
}

async function runStep(step: Step, job: Job, scope: Scope): Promise<Done> {
  const given = fillAll(step.with ?? {}, scope);
  if (step.run !== undefined) return runScript(step, job, scope);
  const [action = ''] = (step.uses ?? '').split('@');
  if (action === 'actions/checkout') return checkout(given.ref ?? '', job);
  if (action === 'actions/upload-artifact') return upload(given, job);
  const own = /^OWNER\/greenlight\/(actions\/\w+)$/.exec(action)?.[1];
  if (own === undefined) throw new Error(`Nobody plays ${step.uses}`);
  return runComposite(join(job.machine.greenlight, own), given, job);
}

async function runComposite(
  folder: string,
  given: Record<string, string>,
  job: Job,
): Promise<Done> {
  const action = parse(await readFile(join(folder, 'action.yml'), 'utf8')) as Composite;
  const outside = { contexts: { github: job.github }, hasFailed: false };
  const defaults = Object.entries(action.inputs ?? {}).map(([name, input]) => [
    name,
    filledIn(input.default ?? '', outside),
  ]);
  // An action that is not the job's own knows nothing of the job's steps, nor of the workflow's inputs.
  const { hasFailed, contexts } = await runSteps(action.runs.steps, job, {
    github: { ...job.github, action_path: folder },
    inputs: { ...Object.fromEntries(defaults), ...given },
  });
  const values = Object.entries(action.outputs ?? {}).map(([name, { value }]) => [
    name,
    filledIn(value, { contexts, hasFailed }),
  ]);
  return { ok: !hasFailed, outputs: Object.fromEntries(values) };
}

/** GitHub gives a script what its `env:` says. Of the inputs it sets nothing. */
async function runScript(step: Step, job: Job, scope: Scope): Promise<Done> {
  if (step.shell !== 'bash') throw new Error(`No shell ${step.shell}`);
  const files = await mkdtemp(join(job.machine.folder, 'step-'));
  const [output, variables, summary] = ['output', 'env', 'summary'].map((name) =>
    join(files, name),
  ) as [string, string, string];
  for (const file of [output, variables, summary]) await writeFile(file, '');
  await writeFile(join(files, 'script.sh'), filledIn(step.run ?? '', scope));
  const { action_path: folder } = scope.contexts.github as { action_path?: string };
  const env = {
    ...job.env,
    ...(folder === undefined ? {} : { GITHUB_ACTION_PATH: folder }),
    GITHUB_OUTPUT: output,
    GITHUB_ENV: variables,
    GITHUB_STEP_SUMMARY: summary,
    ...fillAll(step.env ?? {}, scope),
  };
  const shell = ['--noprofile', '--norc', '-e', '-o', 'pipefail', join(files, 'script.sh')];
  const { ok, log } = await run('bash', shell, String(job.github.workspace), env);
  job.log += log;
  job.summary += await readFile(summary, 'utf8');
  Object.assign(job.env, pairsOf(await readFile(variables, 'utf8')));
  const outputs = pairsOf(await readFile(output, 'utf8'));
  await rm(files, { recursive: true });
  return { ok, outputs };
}

function run(command: string, args: string[], cwd: string, env: Record<string, string>) {
  return new Promise<{ ok: boolean; log: string }>((done, failed) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        log += text;
      });
    }
    child.once('error', failed);
    child.once('close', (code) => done({ ok: code === 0, log }));
  });
}

/** The files of a step: `name=value`, or `name<<END`, lines, `END`. */
function pairsOf(text: string): Record<string, string> {
  const pair = /^([^=<\n]+)(?:=(.*)|<<(.+)\n([\s\S]*?)\n?\3)$/gm;
  return Object.fromEntries(
    [...text.matchAll(pair)].map(([, name, line, , lines]) => [name, line ?? lines ?? '']),
  );
}

/** As `actions/checkout`: one commit without history, and nothing that is not of it. */
async function checkout(ref: string, { machine, github }: Job): Promise<Done> {
  const workspace = String(github.workspace);
  await git(workspace, 'init', '--quiet');
  const wanted = ref === '' ? String(github.sha) : ref;
  await git(workspace, 'fetch', '--quiet', '--depth=1', `file://${machine.origin}`, wanted);
  await git(workspace, 'checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD');
  await git(workspace, 'clean', '-ffdxq');
  return { ok: true, outputs: { commit: await git(workspace, 'rev-parse', 'HEAD') } };
}

async function upload(given: Record<string, string>, { uploads }: Job): Promise<Done> {
  uploads.push(given);
  const isThere = await access(given.path ?? '').then(
    () => true,
    () => given['if-no-files-found'] === 'ignore',
  );
  return { ok: isThere, outputs: {} };
}

function fillAll(values: Readonly<Record<string, unknown>>, scope: Scope): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, filledIn(String(value), scope)]),
  );
}
