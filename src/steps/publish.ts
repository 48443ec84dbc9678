import type { Bitemporal } from '../config/config.ts';
import { relationName } from '../config/names.ts';
import type { BitemporalTable, Location, Physical } from '../engines/engine.ts';
import { GreenlightError } from '../errors.ts';
import { plural } from '../format.ts';
import { raiseFences } from '../release/exchange.ts';
import { productionsOpenEnds } from '../release/parked.ts';
import { cloneTold, isUntouched } from '../release/physical.ts';
import type { ClonedRelease, Publication } from '../release/records.ts';
import type { StepContext } from './context.ts';

/**
 * What was compared goes live, and of bitemporal tables only the parked instant is set. That happens in a copy: the
 * candidate stays as it was compared, so that a swap that is refused, cut off or taken back can be tried again.
 */

/** The database that goes live. */
export interface Incoming extends Physical {
  readonly at: Location;
  /** What the parked instant became in it; null where nothing was parked, or nothing is published. */
  readonly goLive: string | null;
}

/** Before any fence is raised, because it takes its time. `seen` is the candidate as the gate saw it. */
export async function copyToPublish(
  { config, engine, ledger, host }: StepContext,
  { id, candidate }: ClonedRelease,
  seen: Physical | null,
): Promise<void> {
  if (!isParked(config.simulate)) return;
  const copy = engine.places.published(id);
  // Whatever stands there is ours from here on, also when nobody comes to record what it is.
  await ledger.write(`swap ${id}: copy`, (writer) => writer.startPublication(id, copy));
  await cloneTold(
    { engine, progress: host.progress },
    'Copying the candidate, to publish in it',
    { from: candidate, to: copy, method: config.clone.method },
    async ({ source, clone }) => {
      if (!isUntouched(source, seen)) throw writtenTo(candidate);
      await ledger.write(`swap ${id}: copied`, (writer) =>
        writer.updatePublication(id, { database_id: clone.id }),
      );
    },
  );
}

/**
 * Behind the fences: sets the technical validity of the parked rows, with now as the go-live instant. Then `use` takes
 * the database live, while nobody writes to it.
 */
export async function publish<T>(
  context: StepContext,
  release: ClonedRelease,
  seen: Physical | null,
  use: (incoming: Incoming) => Promise<T>,
): Promise<T> {
  const { config, engine, ledger } = context;
  const { simulate } = config;
  if (!isParked(simulate)) {
    const { candidate, candidate_id } = release;
    return use({ at: candidate, id: candidate_id, mark: seen?.mark ?? '', goLive: null });
  }
  const copy = engine.places.published(release.id);
  const goLive = await settleParked(context, release, copy, simulate.bitemporal, (set) =>
    ledger.write(`swap ${release.id}: publish`, (writer) =>
      writer.updatePublication(release.id, set),
    ),
  );
  const published = await engine.databases.identify(copy);
  const fence = await raiseFences(context, [copy], config.swap.timeoutMs);
  try {
    const now = await engine.databases.identify(copy);
    if (now === null || !isUntouched(now, published)) throw writtenTo(copy);
    return await use({ at: copy, ...now, goLive });
  } finally {
    await fence.release();
  }
}

/** Unless it went live. A copy that cannot be dropped now is in the ledger, and retired with the release. */
export async function dropCopy({ config, engine }: StepContext, id: string): Promise<void> {
  if (!isParked(config.simulate)) return;
  await engine.databases.drop(engine.places.published(id)).catch(() => undefined);
}

/** In a copy that never goes live: so that checks find in it what they will find in live. */
export async function publishForRehearsal(
  context: StepContext,
  release: ClonedRelease,
  copy: Location,
): Promise<void> {
  const { simulate } = context.config;
  if (!isParked(simulate)) return;
  await settleParked(context, release, copy, simulate.bitemporal, async () => undefined);
}

/** Gives the go-live instant; null when the parked rows were withdrawn. */
async function settleParked(
  context: StepContext,
  release: ClonedRelease,
  copy: Location,
  bitemporal: Bitemporal,
  record: (set: Partial<Publication>) => Promise<void>,
): Promise<string | null> {
  const { engine, host } = context;
  const { technical, parked } = bitemporal;
  const { tables } = await engine.bitemporal.find(copy, technical);
  const goLive = bitemporal.publish === 'never' ? null : new Date().toISOString();
  if (goLive === null) {
    const openEnds = await productionsOpenEnds(engine, release, bitemporal);
    const withEnds = tables.map((table) => ({
      ...table,
      openEnd: openEnds.get(relationName(table))?.end ?? null,
    }));
    await engine.bitemporal.withdraw(copy, withEnds, parked);
    host.progress.note(`Withdrew the parked rows of ${plural(tables.length, 'table')}.`);
  } else {
    await requireAllEarlier(context, copy, tables, { parked, goLive });
    await record({ go_live: goLive });
    await engine.bitemporal.publish(copy, tables, parked, goLive);
    host.progress.note(`Published ${plural(tables.length, 'table')}: new from ${goLive} on.`);
  }
  const settled = await engine.bitemporal.find(copy, technical);
  const rows = Object.fromEntries(settled.tables.map((table) => [relationName(table), table.rows]));
  await record({ rows });
  return goLive;
}

/** A row that is superseded before it begins would never have been in force. */
async function requireAllEarlier(
  { engine }: StepContext,
  copy: Location,
  tables: readonly BitemporalTable[],
  { parked, goLive }: { readonly parked: string; readonly goLive: string },
): Promise<void> {
  const facts = await engine.bitemporal.inspect(copy, tables, { parked, latest: goLive });
  const late = facts.flatMap(({ table, tooLate }) =>
    tooLate > 0 ? [`  ${relationName(table)}: ${plural(tooLate, 'row')}`] : [],
  );
  if (late.length === 0) return;
  throw new GreenlightError({
    what: `There are technical instants after the go-live instant:\n${late.join('\n')}`,
    cause:
      'clocks differ, or a column without a zone holds a local time: Greenlight takes it for UTC',
    help: 'Run the swap again when these instants have passed.',
  });
}

function writtenTo(where: Location): GreenlightError {
  return new GreenlightError({
    what: 'The candidate, or its copy, was written to while the swap was prepared.',
    where,
    help: 'Run the swap again: it decides anew.',
  });
}

type Simulate = StepContext['config']['simulate'];

function isParked(simulate: Simulate): simulate is NonNullable<Simulate> & {
  readonly bitemporal: Bitemporal;
} {
  return (simulate?.bitemporal ?? null) !== null;
}
