import { pairOf, planComparison } from '../compare/plan.ts';
import { nameMatcher, parseName, relationName } from '../config/names.ts';
import type { Location, TablePair } from '../engines/engine.ts';
import { EXIT, GreenlightError } from '../errors.ts';
import { plural } from '../format.ts';
import { strictly } from '../release/drift.ts';
import type { StepContext } from './context.ts';

/**
 * Brings the rows of input tables as live has them into the database that is about to take its place, by key: what was
 * written since the swap is not left behind. Results are not brought over: the old logic has made its own. To be called
 * behind the fence of live.
 * @returns the tables.
 * @throws GreenlightError (refused), with nothing changed, when a table cannot be brought over whole.
 */
export async function replayBack(
  { engine, config, host }: StepContext,
  release: string,
  previous: Location,
): Promise<string[]> {
  const { live } = engine.places;
  const catalogs = [await engine.catalog.read(previous), await engine.catalog.read(live)] as const;
  const exact = strictly(config.compare.keys, catalogs);
  const isInput = nameMatcher(config.compare.input, { ignoreCase: false });
  const reasons: string[] = [];
  const pairs: TablePair[] = [];
  for (const planned of planComparison(...catalogs, exact)) {
    const { table, old, new: released, key } = planned;
    if (old?.kind !== 'table' || released?.kind !== 'table') continue;
    if (!isInput(parseName(table))) continue;
    const missing = old.columns.filter(({ name }) =>
      released.columns.every((one) => one.name !== name),
    );
    if (key === null)
      reasons.push(`${table} has no key to bring rows over by; compare.keys can name one`);
    else if (missing.length > 0)
      reasons.push(
        `${table}: the released database has no ${missing.map(({ name }) => name).join(', ')}`,
      );
    else pairs.push(pairOf(planned, exact, key));
  }
  if (reasons.length > 0) {
    throw new GreenlightError(
      {
        what: `What was written since the swap cannot be brought over:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`,
        where: engine.places.describe(live),
        help: `greenlight rollback --release ${release} without --replay goes back without these rows; they stay in the database that is kept.`,
      },
      EXIT.refused,
    );
  }
  const task = host.progress.task(
    'Bringing rows over that were written since the swap',
    pairs.length,
  );
  try {
    if (pairs.length > 0)
      await engine.replay.bringOver(live, previous, pairs, `rollback ${release}`);
    task.done(plural(pairs.length, 'table'));
  } catch (error) {
    task.failed();
    throw error;
  }
  return pairs.map(relationName);
}
