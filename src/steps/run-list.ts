import type { RunMark, ScriptReport, ScriptSession } from '../engines/engine.ts';
import type { RunStep } from '../release/files.ts';
import { describePeriod, scriptVariables } from '../release/periods.ts';
import type { ClonedRelease, Period } from '../release/records.ts';
import { count, duration, plural } from '../report/format.ts';
import { runOnCandidate } from './command.ts';
import type { StepContext } from './context.ts';

/** What runs on the candidate, and how much of it has run already. */
export interface RunPlan {
  readonly steps: readonly RunStep[];
  readonly clock: string;
  /** The whole list runs once for each of them; null: once. */
  readonly repeated: { readonly run: string; readonly periods: readonly Period[] } | null;
  /** Items that came to their end before, of all periods together. */
  readonly done: number;
}

export interface ItemTime {
  readonly item: string;
  readonly kind: 'sql' | 'command';
  /** In this run, of all periods together. */
  readonly ms: number;
}

/** Runs what is missing, in order: each item with a record before and after. */
export async function runList(
  context: StepContext,
  release: ClonedRelease,
  plan: RunPlan,
): Promise<ItemTime[]> {
  const { steps, repeated, done } = plan;
  const { progress } = context.host;
  const times = steps.map(({ name, kind }) => ({ item: name, kind, ms: 0 }));
  const periods = repeated?.periods ?? [null];
  const total = periods.length * steps.length;
  const task = progress.task(
    repeated === null ? 'Simulating' : `Simulating ${plural(periods.length, 'period')}`,
    total - done,
  );
  let ofPeriod = 0;
  try {
    for (let position = done; position < total; position++) {
      const at = position % steps.length;
      const period = periods[Math.floor(position / steps.length)] ?? null;
      const [step, time] = [steps[at], times[at]];
      if (step === undefined || time === undefined) break;
      const item: Item = { step, period, position };
      const tell = (detail: string) =>
        task.advance(position - done, [periodText(period, periods), detail].join(''));
      tell(step.name);
      const ms = await runRecorded(context, release, plan, item, tell);
      time.ms += ms;
      ofPeriod += ms;
      if (period === null) progress.note(`${step.name}: ${duration(ms)}`);
      if (at < steps.length - 1) continue;
      if (period !== null) progress.note(`${periodText(period, periods)}${duration(ofPeriod)}`);
      ofPeriod = 0;
    }
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done(plural(total - done, 'item'));
  return times;
}

/** `period 3 of 12 (month 2024-03): ` */
function periodText(period: Period | null, all: readonly unknown[]): string {
  return period === null
    ? ''
    : `period ${count(period.position + 1)} of ${count(all.length)} (${describePeriod(period)}): `;
}

/** One item of the list, for one period; `position` counts through the items of all periods. */
interface Item {
  readonly step: RunStep;
  readonly period: Period | null;
  readonly position: number;
}

async function runRecorded(
  context: StepContext,
  release: ClonedRelease,
  plan: RunPlan,
  { step, period, position }: Item,
  onDetail: (detail: string) => void,
): Promise<number> {
  const { ledger } = context;
  const { name, kind, checksum } = step;
  const purpose = `simulate ${release.id}: ${name}`;
  const record = { release: release.id, position, period: period?.position ?? null };
  await ledger.write(purpose, (writer) =>
    writer.startScript('simulation', { ...record, name, kind, checksum }),
  );
  const started = performance.now();
  const report = await runOne(context, release, plan, { step, period, position }, onDetail);
  const ms = Math.round(performance.now() - started);
  await ledger.write(purpose, (writer) =>
    writer.finishScript('simulation', { release: release.id, position }, report),
  );
  return ms;
}

/** Each item has the candidate for itself: a command opens it in a process of its own. Gives null for a command. */
async function runOne(
  context: StepContext,
  release: ClonedRelease,
  { clock, repeated }: RunPlan,
  { step, period, position }: Item,
  onDetail: (detail: string) => void,
): Promise<ScriptReport | null> {
  const mark = repeated && { run: repeated.run, done: position + 1, begun: false };
  if (step.kind === 'command') {
    const environment = Object.entries(period?.variables ?? {}).map(([name, { text }]) => [
      `GREENLIGHT_${name.toUpperCase()}`,
      text,
    ]);
    if (mark) await writeMark(context, release, { ...mark, done: position, begun: true });
    await runOnCandidate(
      context,
      release,
      step.command,
      onDetail,
      clock,
      Object.fromEntries(environment),
    );
    if (mark) await writeMark(context, release, mark);
    return null;
  }
  const variables = scriptVariables(release, clock, period);
  return onCandidate(context, release, variables, (session) =>
    session.run(
      step.script,
      (done, total) => onDetail(`${step.name}: statement ${done} of ${total}`),
      mark ?? undefined,
    ),
  );
}

/** The candidate remembers how far the simulation has come; null: it forgets it. */
export async function writeMark(
  context: StepContext,
  release: ClonedRelease,
  mark: RunMark | null,
): Promise<void> {
  await onCandidate(context, release, {}, (session) =>
    mark === null ? session.dropMark() : session.writeMark(mark),
  );
}

async function onCandidate<T>(
  { engine, ledger }: StepContext,
  release: ClonedRelease,
  variables: Parameters<typeof engine.scripts.open>[1]['variables'],
  work: (session: ScriptSession) => Promise<T>,
): Promise<T> {
  const session = await engine.scripts.open(release.candidate, {
    write: true,
    variables,
    placeholders: true,
    forbidden: [engine.places.live, release.baseline, ledger.location],
  });
  try {
    const result = await work(session);
    await session.close();
    return result;
  } catch (error) {
    await session.close().catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}
