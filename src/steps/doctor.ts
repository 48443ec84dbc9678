import { basename } from 'node:path';
import type { Config } from '../config/config.ts';
import { loadExpectations } from '../config/expectations.ts';
import type { Finding, Location } from '../engines/engine.ts';
import { problemText } from '../engines/examination.ts';
import { GreenlightError } from '../errors.ts';
import { plural } from '../format.ts';
import { migrationScripts, type RunStep, runSteps, verifySteps } from '../release/files.ts';
import { givenBaseline } from '../release/given.ts';
import { NothingOlder, openOldLogic } from '../release/old-logic.ts';
import type { StepContext } from './context.ts';

export interface DoctorResult {
  readonly engine: string;
  readonly live: string;
  readonly ledger: string;
  /** True: nothing that was found would make a release fail. */
  readonly ready: boolean;
  /** How many findings there are of each verdict. */
  readonly verdicts: Readonly<Record<Finding['verdict'], number>>;
  /** In the order in which a release meets what they are about. */
  readonly findings: readonly DoctorFinding[];
}

export interface DoctorFinding extends Omit<Finding, 'part'> {
  /** project: what the repository says; else a part of the engine. */
  readonly part: 'project' | Finding['part'];
}

/**
 * Looks at everything that a release needs, before one is started: the project's files, the ledger, then whatever the
 * engine knows to look at. Changes nothing.
 */
export async function doctor(context: StepContext): Promise<DoctorResult> {
  const { engine, ledger, host } = context;
  const task = host.progress.task('Looking at what a release needs');
  const findings: DoctorFinding[] = [];
  try {
    for await (const finding of examineAll(context)) {
      findings.push(finding);
      task.advance(findings.length, finding.subject);
    }
  } catch (error) {
    task.failed();
    throw error;
  }
  const of = (verdict: Finding['verdict']) =>
    findings.filter((finding) => finding.verdict === verdict).length;
  const verdicts = {
    good: of('good'),
    warning: of('warning'),
    fault: of('fault'),
    unknown: of('unknown'),
  };
  task.done(plural(findings.length, 'finding'));
  return {
    engine: engine.name,
    live: engine.places.live,
    ledger: ledger.location,
    ready: verdicts.fault === 0,
    verdicts,
    findings,
  };
}

async function* examineAll(context: StepContext): AsyncIterable<DoctorFinding> {
  const { config, engine } = context;
  // It was read before the step began: with a mistake in it, there would be nothing to look at.
  yield good('project', 'configuration', `${basename(config.file)} is valid.`);
  yield* examineProject(context);
  let baseline: Location | null = null;
  try {
    baseline = givenBaseline(context);
  } catch (error) {
    yield failed('project', 'given baseline', error);
  }
  yield* engine.examiner.examine({
    ...(baseline === null ? {} : { baseline }),
    method: config.clone.method,
    copies: copiesOf(config),
    replays: config.swap.drift === 'replay',
  });
  yield await examineLedger(context);
}

/** Candidate and baseline, and what is made beside them. */
function copiesOf({ simulate, clone }: Config): number {
  const baseline = clone.baseline === null ? 1 : 0;
  const control = simulate?.control ? 1 : 0;
  const published = simulate?.bitemporal?.publish === 'at-swap' ? 1 : 0;
  return 1 + baseline + control + published;
}

async function* examineProject(context: StepContext): AsyncIterable<DoctorFinding> {
  const { config } = context;
  yield await attempt('migration', () => describeMigration(config));
  yield await attempt('logic', async () => {
    const steps = await runSteps(config);
    return steps.length === 0 ? 'None is run.' : `${describeSteps(steps)}.`;
  });
  if (config.simulate?.control) yield await examineControl(context, config.simulate.control);
  yield await attempt('verification', async () => {
    const steps = await verifySteps(config);
    return steps.length === 0
      ? 'Nothing verifies live after the swap.'
      : `${describeSteps(steps)}.`;
  });
  yield await attempt('expectations', async () => {
    const { length } = await loadExpectations(config);
    return length === 0
      ? 'Nothing is declared as intended.'
      : `${config.expectations.file} declares ${plural(length, 'deviation')} as intended.`;
  });
}

async function describeMigration(config: Config): Promise<string> {
  const { migrate } = config;
  if (migrate === null) return 'Nothing is migrated.';
  if (migrate.kind === 'command') return `A command migrates: ${migrate.command}`;
  const { length } = await migrationScripts(config);
  return `${plural(length, 'script')} in ${migrate.folder}.`;
}

function describeSteps(steps: readonly RunStep[]): string {
  const files = steps.filter(({ kind }) => kind === 'sql').length;
  const commands = steps.length - files;
  return [
    ...(files === 0 ? [] : [plural(files, 'SQL file')]),
    ...(commands === 0 ? [] : [plural(commands, 'command')]),
  ].join(' and ');
}

/** The old logic is read and put away again. */
async function examineControl(
  { config, host }: StepContext,
  control: Parameters<typeof openOldLogic>[0]['control'],
): Promise<DoctorFinding> {
  try {
    const old = await openOldLogic({ config, control, target: host.target, lastCommit: null });
    await old.close();
    const { length } = old.steps;
    return good(
      'project',
      'control',
      `The old logic is that of ${old.named}: ${plural(length, 'item')}.`,
    );
  } catch (error) {
    // Where the change is not begun yet, or merged: a release of another checkout has an older one.
    const verdict = error instanceof NothingOlder ? 'warning' : 'fault';
    return failed('project', 'control', error, verdict);
  }
}

async function examineLedger({ ledger }: StepContext): Promise<DoctorFinding> {
  const subject = 'ledger';
  try {
    const found = {
      missing: `There is none yet at ${ledger.location}: the first clone makes it.`,
      older: `It is there, of an earlier version: the next step brings it to this one.`,
      current: 'It is there.',
    }[await ledger.examine()];
    return good('stores', subject, found);
  } catch (error) {
    return failed('stores', subject, error);
  }
}

async function attempt(subject: string, look: () => Promise<string>): Promise<DoctorFinding> {
  try {
    return good('project', subject, await look());
  } catch (error) {
    return failed('project', subject, error);
  }
}

function good(part: DoctorFinding['part'], subject: string, found: string): DoctorFinding {
  return { part, subject, verdict: 'good', found, help: null };
}

/** @throws what is no expected failure: that is a bug, and is told as one. */
function failed(
  part: DoctorFinding['part'],
  subject: string,
  error: unknown,
  verdict: 'warning' | 'fault' = 'fault',
): DoctorFinding {
  if (!(error instanceof GreenlightError)) throw error;
  return { part, subject, verdict, found: problemText(error), help: error.problem.help ?? null };
}
