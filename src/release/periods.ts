import type { Config } from '../config/config.ts';
import type { Engine, Location, RunMark, TypedText } from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import type { RunClock } from './clock.ts';
import { canonicalJson } from './digest.ts';
import { sha256 } from './files.ts';
import type { Ledger } from './ledger.ts';
import type { LogicHash } from './logic-hash.ts';
import type { ClonedRelease, Period } from './records.ts';

interface Parts {
  readonly config: Config;
  readonly engine: Engine;
  readonly ledger: Ledger;
}

/** What a SQL file sees: as session variables, and without `greenlight_` as placeholders. */
export function scriptVariables(
  release: ClonedRelease,
  clock: RunClock,
  period: Period | null,
): Record<string, string | TypedText> {
  const own = Object.entries(period?.variables ?? {});
  return {
    greenlight_release: release.id,
    greenlight_now: clock.now,
    greenlight_business_now: clock.businessNow,
    ...Object.fromEntries(own.map(([name, value]) => [`greenlight_${name}`, value])),
  };
}

/**
 * Asks a database for the periods: each row is one, each column a variable.
 * @throws UsageError when there is none, or when one cannot be what a script could see; GreenlightError when the query
 *   fails.
 */
export async function listPeriods(
  { config, engine }: Pick<Parts, 'config' | 'engine'>,
  release: ClonedRelease,
  { at, forbidden }: { readonly at: Location; readonly forbidden: readonly Location[] },
  query: string,
  clock: RunClock,
): Promise<Period[]> {
  const where = `${config.file}: simulate.for each`;
  const session = await engine.scripts.open(at, {
    write: false,
    variables: scriptVariables(release, clock, null),
    placeholders: true,
    forbidden,
    utc: clock.utc,
  });
  try {
    const { columns, types, rows } = await session.query({
      file: 'simulate.for each',
      text: query,
    });
    const names = namesOf(columns, engine, release, where);
    if (rows.length === 0) {
      throw new UsageError({
        what: 'The query of the periods gives no row: there is nothing to simulate.',
        where,
        help: 'Ask for the periods in a table that has rows, or remove the key: then the run list runs once.',
      });
    }
    return rows.map((row, position) => ({
      position,
      variables: Object.fromEntries(
        names.map((name, at): [string, TypedText] => [
          name,
          { text: requireValue(row[at], position, name, where), type: types[at] ?? '' },
        ]),
      ),
    }));
  } finally {
    await session.close();
  }
}

/** In lower case: a placeholder, a session variable and a variable of the environment are named by it. */
function namesOf(
  columns: readonly string[],
  engine: Engine,
  release: ClonedRelease,
  where: string,
): string[] {
  const names = columns.map((column) => column.toLowerCase());
  const taken = [
    'now',
    'business_now',
    'release',
    ...Object.keys(engine.commandEnvironment(release.candidate)),
  ].map((name) => name.toLowerCase().replace(/^greenlight_/, ''));
  names.forEach((name, at) => {
    const fault = !/^[a-z_][a-z0-9_]*$/.test(name)
      ? 'is no plain name: letters, digits and underscores'
      : taken.includes(name)
        ? 'is a name that scripts and commands know already'
        : names.indexOf(name) !== at
          ? 'stands there twice'
          : null;
    if (fault === null) return;
    throw new UsageError({
      what: `The column ${JSON.stringify(columns[at])} of the periods ${fault}.`,
      where,
      help: 'Give it another name, with AS.',
    });
  });
  return names;
}

function requireValue(
  value: string | null | undefined,
  position: number,
  name: string,
  where: string,
): string {
  if (value !== null && value !== undefined && !value.includes('\0')) return value;
  throw new UsageError({
    what: `Period ${position + 1} has ${value === null ? 'NULL' : 'a NUL character'} in its column ${name}.`,
    where,
    help: 'Leave such rows out, or give them a value of their own.',
  });
}

/** `month 2024-01-01, region EU` */
export function describePeriod({ variables }: Period): string {
  return Object.entries(variables)
    .map(([name, { text }]) => `${name} ${text}`)
    .join(', ');
}

/** Tells a simulation from every other one of the same candidate: what it runs, when, and for which periods. */
export function runIdOf(logic: LogicHash, clock: RunClock, periods: readonly Period[]): string {
  return sha256(canonicalJson({ logic: logic.candidate, clock, periods }));
}

/** Where a simulation that was cut off goes on; or why it cannot. */
export type Unfinished =
  | { readonly run: string; readonly periods: readonly Period[]; readonly done: number }
  | { readonly cannot: string };

/**
 * What is left of a simulation over periods that did not come to its end. The mark in the candidate says how far it
 * came, the ledger what it was. Null when it had not begun.
 */
export async function findUnfinished(
  { engine, ledger }: Parts,
  release: ClonedRelease,
  logic: LogicHash,
  clock: RunClock,
  items: number,
): Promise<Unfinished | null> {
  const known = await ledger.read(null, async (reader) => ({
    periods: await reader.periods(release.id),
    run: await reader.simulationRun(release.id),
    ran: await reader.simulations(release.id, 'candidate'),
  }));
  if (known === null || known.run === null) return null;
  const { periods, run, ran } = known;
  if (run !== runIdOf(logic, clock, periods))
    return { cannot: 'the logic or the clock has changed since' };
  const mark = await readMark(engine, release);
  const total = periods.length * items;
  // The mark goes when all is done, right before the step ends.
  const isAllDone = ran.length === total && ran.every(({ state }) => state === 'applied');
  if (mark === null && isAllDone) return { run, periods, done: total };
  if (mark === null)
    return ran.length === 0 ? null : { cannot: 'its mark in the candidate is gone' };
  if (mark.run !== run) return { cannot: 'the candidate is that of another simulation' };
  return mark.begun
    ? { cannot: 'it was cut off within an item that runs in no transaction' }
    : { run, periods, done: mark.done };
}

async function readMark(engine: Engine, release: ClonedRelease): Promise<RunMark | null> {
  // For writing: what the log beside the candidate still holds is worked in.
  const options = { write: true, variables: {}, forbidden: [] };
  const session = await engine.scripts.open(release.candidate, options);
  try {
    return await session.readMark();
  } finally {
    await session.close();
  }
}
