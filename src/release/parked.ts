import type { Bitemporal } from '../config/config.ts';
import { formatName, relationName } from '../config/names.ts';
import type {
  BitemporalReading,
  BitemporalTable,
  Catalog,
  ComparedColumn,
  ComparisonSession,
  Engine,
  Location,
  OpenEnd,
  Side,
  TablePair,
  ValidityFacts,
} from '../engines/engine.ts';
import { GreenlightError, UsageError } from '../errors.ts';
import { plural } from '../format.ts';
import type { Progress } from '../hosts/host.ts';
import type { ClonedRelease } from './records.ts';

/** A bitemporal table after the run. Numbers are rows. */
export interface ParkedTable {
  readonly table: string;
  /** How production writes an open end: `NULL`, `infinity` or an instant; null: the table has none. */
  readonly open_end: string | null;
  /** Of the old logic, closed at the parked instant. */
  readonly superseded: number;
  /** Of the new logic, which begin at the parked instant. */
  readonly added: number;
  /** All others: exactly as in production. */
  readonly unchanged: number;
}

/** What it takes to park a run. */
export interface Parking {
  readonly engine: Engine;
  readonly progress: Progress;
  readonly bitemporal: Bitemporal;
}

/** How production writes open ends, by table; a table without one is left out. */
export type OpenEnds = ReadonlyMap<string, { readonly end: OpenEnd; readonly type: string }>;

/**
 * Before the run: there are bitemporal tables, and in production's data the parked instant comes after every technical
 * instant but the open end, which each table writes in one way.
 * @throws UsageError when the parked instant cannot be told apart from data.
 */
export async function requireRoomToPark(
  { engine, progress, bitemporal }: Parking,
  release: ClonedRelease,
): Promise<void> {
  const { technical, parked } = bitemporal;
  const { tables, others } = await engine.bitemporal.find(release.candidate, technical);
  for (const { schema, name, reason } of others)
    progress.warn(`${formatName([schema, name])} is not taken as bitemporal: ${reason}.`);
  if (tables.length === 0) {
    throw new UsageError({
      what: `No table of the candidate has both ${technical.join(' and ')}.`,
      where: 'greenlight.yml: simulate.bitemporal.technical',
      help: 'Name the columns of the technical validity, from and until; without such columns, remove simulate.bitemporal.',
    });
  }
  const latest = latestKnown(release);
  if (Date.parse(parked) <= Date.parse(latest)) {
    throw new UsageError({
      what: `The parked instant ${parked} is not in the future.`,
      where: 'greenlight.yml: simulate.bitemporal.parked',
      help: 'Write an instant after every technical instant of the data, such as 9000-01-01T00:00:00Z.',
    });
  }
  // Not the candidate: a run that goes on where an earlier one was cut off has parked rows in it.
  const before = await engine.bitemporal.find(release.baseline, technical);
  const inspected = await engine.bitemporal.inspect(release.baseline, before.tables, {
    parked,
    latest,
  });
  const faults = inspected.flatMap(collisions);
  if (faults.length > 0) {
    throw new UsageError({
      what: `The run cannot be parked at ${parked}:\n${listed(faults)}`,
      where: 'greenlight.yml: simulate.bitemporal.parked',
      help: 'The parked instant comes after every technical instant of the data and before the date that stands for an open end; each table writes its open end in one way.',
    });
  }
  const ends = [...openEndsOf(inspected)].map(([table, { end }]) => `${table} ${shown(end)}`);
  if (ends.length > 0) progress.note(`Open ends of technical validity: ${ends.join(', ')}.`);
}

/**
 * After the run: with the parked rows left out and the parked ends open again, each table has exactly production's
 * rows. So nothing that is asked as of an instant before the parked one can have changed.
 * @throws GreenlightError that names the tables whose known past was changed.
 */
export async function proveParked(
  parts: Parking,
  release: ClonedRelease,
): Promise<readonly ParkedTable[]> {
  const { engine, progress, bitemporal } = parts;
  const { technical, parked } = bitemporal;
  const { faults, facts, openEnds } = await lookAtParked(parts, release, release.candidate);
  if (faults.length > 0) {
    throw new GreenlightError({
      what: `The logic did more than to park its rows, so standard reports would change before the swap:\n${listed(faults)}`,
      where: engine.places.describe(release.candidate),
      cause: `rows may begin at ${parked}, and rows that were open may end there; all else must stay as it is`,
      help: 'Let the logic take greenlight_now as the technical instant, close rows instead of changing or deleting them, then run simulate again.',
    });
  }
  for (const { schema, name, column, rows } of await engine.bitemporal.parkedElsewhere(
    release.candidate,
    parked,
    technical,
  )) {
    progress.warn(
      `${formatName([schema, name, column])} holds the parked instant in ${plural(rows, 'row')}. It is no technical column, so the swap does not set it: use greenlight_business_now there.`,
    );
  }
  return facts.map(({ table, beginParked, endParked }) => {
    const open = openEnds.get(relationName(table));
    return {
      table: relationName(table),
      open_end: open === undefined ? null : shown(open.end),
      superseded: endParked,
      added: beginParked,
      unchanged: table.rows - beginParked - endParked,
    };
  });
}

/** What the logic did to the bitemporal tables of a database besides parking rows, as lines; and what is parked. */
export async function lookAtParked(
  parts: Parking,
  release: ClonedRelease,
  at: Location,
): Promise<{
  readonly faults: readonly string[];
  readonly facts: readonly ValidityFacts[];
  readonly openEnds: OpenEnds;
}> {
  const { engine, bitemporal } = parts;
  const { technical, parked } = bitemporal;
  const { tables } = await engine.bitemporal.find(at, technical);
  const instants = { parked, latest: latestKnown(release) };
  const facts = await engine.bitemporal.inspect(at, tables, instants);
  const openEnds = await productionsOpenEnds(engine, release, bitemporal);
  const faults = [
    ...facts.flatMap((one) => strays(one, openEnds)),
    ...(await changedPast(parts, { old: release.baseline, new: at }, tables, openEnds)),
  ];
  return { faults, facts, openEnds };
}

export async function productionsOpenEnds(
  engine: Engine,
  release: ClonedRelease,
  { technical, parked }: Bitemporal,
): Promise<OpenEnds> {
  const { tables } = await engine.bitemporal.find(release.baseline, technical);
  const instants = { parked, latest: latestKnown(release) };
  return openEndsOf(await engine.bitemporal.inspect(release.baseline, tables, instants));
}

// What is checked --------------------------------------------------------------------------------

/** A column without a zone may hold a local time, and clocks go wrong a little. */
const oneDay = 86_400_000;

function latestKnown({ clone_instant }: ClonedRelease): string {
  return new Date(Date.parse(clone_instant) + oneDay).toISOString();
}

function collisions(facts: ValidityFacts): string[] {
  const { table, holdsParked, beginParked, endParked, openEnds, tooLate, beyond } = facts;
  const name = relationName(table);
  if (!holdsParked) return [cannotHold(table)];
  return [
    ...(beginParked + endParked > 0
      ? [`${name}: held by ${plural(beginParked + endParked, 'row')} already`]
      : []),
    ...(tooLate > 0
      ? [
          `${name}: ${plural(tooLate, 'row')} with a technical instant between the clone and the parked instant`,
        ]
      : []),
    ...(beyond > 0 ? [`${name}: ${plural(beyond, 'row')} beginning after it`] : []),
    ...(openEnds.length > 1
      ? [`${name}: its open end is written in two ways: ${openEnds.map(shown).join(' and ')}`]
      : []),
  ];
}

function cannotHold(table: BitemporalTable): string {
  const types = [...new Set([table.from.type, table.until.type])];
  return `${relationName(table)}: ${types.join(' or ')} does not hold this instant`;
}

/** What the logic wrote into the technical validity that is neither parked nor open. */
function strays(facts: ValidityFacts, production: OpenEnds): string[] {
  const { table, holdsParked, openEnds, tooLate, beyond, inverted } = facts;
  if (!holdsParked) return [cannotHold(table)];
  const name = relationName(table);
  const open = production.get(name);
  // A migration that changes the type changes how the end is written.
  const meant = open?.type === table.until.type ? open.end : undefined;
  const other = openEnds.find((end) => meant !== undefined && end !== meant);
  return [
    ...(tooLate + beyond > 0
      ? [
          `${name}: ${plural(tooLate + beyond, 'row')} with a technical instant in the future that is not the parked one`,
        ]
      : []),
    ...(inverted > 0
      ? [`${name}: ${plural(inverted, 'row')} beginning at the parked instant and ending before it`]
      : []),
    ...(other !== undefined && meant !== undefined
      ? [`${name}: open ends are written as ${shown(other)}, production writes ${shown(meant)}`]
      : []),
  ];
}

/** Compares production's rows with those of the new side, parked marks undone, as multisets of all columns of both. */
async function changedPast(
  { engine, progress, bitemporal: { parked } }: Parking,
  sides: Readonly<Record<Side, Location>>,
  tables: readonly BitemporalTable[],
  openEnds: OpenEnds,
): Promise<string[]> {
  const catalogs = {
    old: await engine.catalog.read(sides.old),
    new: await engine.catalog.read(sides.new),
  };
  const readings = tables.map(
    (table): BitemporalReading => ({
      ...table,
      parked,
      as: 'unparked',
      openEnd: openEnds.get(relationName(table))?.end ?? null,
    }),
  );
  const session = await engine.comparison.open({
    ...sides,
    store: null,
    purpose: 'prove the known past unchanged',
    lineage: false,
    readings: { old: [], new: readings },
  });
  const task = progress.task('Proving that the known past is unchanged', tables.length);
  const faults: string[] = [];
  try {
    for (const [at, { schema, name }] of tables.entries()) {
      const table = formatName([schema, name]);
      task.advance(at, table);
      const shared = sharedColumns(schema, name, catalogs);
      if (shared === null) continue; // the migration made it: there is no past
      const [pair, left] = comparable(session, shared);
      if (left.length > 0)
        progress.warn(`Not proven unchanged, because it cannot be compared: ${left.join(', ')}.`);
      const rows = {
        old: await session.countRows('old', schema, name, pair.oldKind),
        new: await session.countRows('new', schema, name, pair.newKind),
      };
      const found = await session.compareRows(pair, rows, () => undefined);
      await session.release(schema, name);
      if ('fault' in found) throw new Error(`${table} has no key that could be at fault`);
      if (found.removed > 0)
        faults.push(`${table}: ${plural(found.removed, 'row')} of production changed or deleted`);
      if (found.added > 0)
        faults.push(
          `${table}: ${plural(found.added, 'row')} that production does not have, and not beginning at the parked instant`,
        );
    }
  } catch (error) {
    task.failed();
    throw error;
  } finally {
    await session.close();
  }
  if (faults.length > 0) task.failed(`${faults.length} found`);
  else task.done(plural(tables.length, 'table'));
  return faults;
}

function comparable(session: ComparisonSession, pair: TablePair): [TablePair, string[]] {
  const isComparable = ({ oldType, newType }: ComparedColumn) =>
    session.incomparable(oldType, newType) === null;
  const left = pair.columns.filter((column) => !isComparable(column));
  return [
    { ...pair, columns: pair.columns.filter(isComparable) },
    left.map(({ name }) => formatName([pair.schema, pair.name, name])),
  ];
}

/** Null where production has no such table. Values are compared in full: of the same type, by their own equality. */
function sharedColumns(
  schema: string,
  name: string,
  catalogs: { readonly old: Catalog; readonly new: Catalog },
): TablePair | null {
  const of = ({ relations }: Catalog) =>
    relations.find((relation) => relation.schema === schema && relation.name === name);
  const [before, after] = [of(catalogs.old), of(catalogs.new)];
  if (before === undefined || after === undefined) return null;
  const newTypes = new Map(after.columns.map((column) => [column.name, column.type]));
  return {
    schema,
    name,
    oldKind: before.kind,
    newKind: after.kind,
    key: null,
    keyEnforced: false,
    columns: before.columns.flatMap(({ name: column, type }) => {
      const newType = newTypes.get(column);
      return newType === undefined
        ? []
        : [{ name: column, oldType: type, newType, tolerance: null }];
    }),
    mode: 'strict',
  };
}

// Parts ------------------------------------------------------------------------------------------

function openEndsOf(facts: readonly ValidityFacts[]): OpenEnds {
  return new Map(
    facts.flatMap(({ table, openEnds: [end] }) =>
      end === undefined ? [] : [[relationName(table), { end, type: table.until.type }] as const],
    ),
  );
}

function shown(end: OpenEnd): string {
  return end ?? 'NULL';
}

function listed(faults: readonly string[]): string {
  return faults.map((fault) => `  ${fault}`).join('\n');
}
