import type {
  Location,
  RunMark,
  ScriptOptions,
  ScriptReport,
  ScriptSession,
} from '../engines/engine.ts';
import { count, duration, plural } from '../format.ts';
import type { RunClock } from '../release/clock.ts';
import type { RunStep } from '../release/files.ts';
import { describePeriod, scriptVariables } from '../release/periods.ts';
import type { ClonedRelease, Period, SimulationRole } from '../release/records.ts';
import { runOn } from './command.ts';
import type { StepContext } from './context.ts';

/** The database that logic runs in. */
export interface RunPlace {
  readonly role: SimulationRole;
  readonly at: Location;
  /** Databases that the logic must not reach. */
  readonly forbidden: readonly Location[];
}

/** What runs, where, and how much of it has run already. */
export interface RunPlan {
  readonly place: RunPlace;
  readonly steps: readonly RunStep[];
  readonly clock: RunClock;
  /** The whole list runs once for each of them; null: once. */
  readonly periods: readonly Period[] | null;
  /** Names this run in the mark that the database keeps of it; null: it keeps none, and a run that is cut off begins anew. */
  readonly run: string | null;
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
  const { steps, done, place } = plan;
  const { progress } = context.host;
  const times = steps.map(({ name, kind }) => ({ item: name, kind, ms: 0 }));
  const periods = plan.periods ?? [null];
  const total = periods.length * steps.length;
  const task = progress.task(
    labels[place.role] + (plan.periods === null ? '' : `, ${plural(periods.length, 'period')}`),
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

const labels = { candidate: 'Simulating', control: 'Running the old logic as control' } as const;

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
  const { role } = plan.place;
  const record = { release: release.id, role, position, period: period?.position ?? null };
  await ledger.write(purpose, (writer) =>
    writer.startScript('simulation', { ...record, name, kind, checksum }),
  );
  const started = performance.now();
  const report = await runOne(context, release, plan, { step, period, position }, onDetail);
  const ms = Math.round(performance.now() - started);
  await ledger.write(purpose, (writer) =>
    writer.finishScript('simulation', { release: release.id, role, position }, report),
  );
  return ms;
}

/** Each item has the database for itself: a command opens it in a process of its own. Gives null for a command. */
async function runOne(
  context: StepContext,
  release: ClonedRelease,
  { place, clock, run }: RunPlan,
  { step, period, position }: Item,
  onDetail: (detail: string) => void,
): Promise<ScriptReport | null> {
  const mark = run === null ? null : { run, done: position + 1, begun: false };
  if (step.kind === 'command') {
    const environment = Object.entries(period?.variables ?? {}).map(([name, { text }]) => [
      `GREENLIGHT_${name.toUpperCase()}`,
      text,
    ]);
    if (mark) await writeMark(context, place, { ...mark, done: position, begun: true });
    await runOn(place.at, context, release, step.command, onDetail, clock.now, {
      GREENLIGHT_BUSINESS_NOW: clock.businessNow,
      ...Object.fromEntries(environment),
    });
    if (mark) await writeMark(context, place, mark);
    return null;
  }
  const seen = { variables: scriptVariables(release, clock, period), utc: clock.utc };
  return inSession(context, place, seen, (session) =>
    session.run(
      step.script,
      (done, total) => onDetail(`${step.name}: statement ${done} of ${total}`),
      mark ?? undefined,
    ),
  );
}

/** The database remembers how far the simulation has come; null: it forgets it. */
export async function writeMark(
  context: StepContext,
  place: RunPlace,
  mark: RunMark | null,
): Promise<void> {
  await inSession(context, place, { variables: {} }, (session) =>
    mark === null ? session.dropMark() : session.writeMark(mark),
  );
}

async function inSession<T>(
  { engine }: StepContext,
  { at, forbidden }: RunPlace,
  seen: Pick<ScriptOptions, 'variables' | 'utc'>,
  work: (session: ScriptSession) => Promise<T>,
): Promise<T> {
  const session = await engine.scripts.open(at, {
    ...seen,
    write: true,
    placeholders: true,
    forbidden,
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
