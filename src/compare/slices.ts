import type { Bitemporal } from '../config/config.ts';
import { relationName } from '../config/names.ts';
import type {
  BitemporalReading,
  BitemporalTable,
  Catalog,
  Engine,
  Location,
  Side,
} from '../engines/engine.ts';
import { count } from '../format.ts';
import type { TableOutcome } from './outcome.ts';
import type { PlannedTable } from './plan.ts';

/** The part of a bitemporal table that is compared. */
export interface Slice {
  /** Columns of the technical validity, on either side: they decide what is visible and are not compared. */
  readonly technical: ReadonlySet<string>;
  /** Rows of both sides, those outside of the slice among them. */
  readonly rows: number;
}

export interface Slices {
  /** By table. */
  readonly byTable: ReadonlyMap<string, Slice>;
  readonly readings: Readonly<Record<Side, readonly BitemporalReading[]>>;
}

interface Sides {
  readonly old: Location;
  readonly new: Location;
}

/**
 * Old and new logic as two slices of one table: of both sides, what is visible at the parked instant. On the old side
 * that is production's result, because every technical instant comes before the parked one. A table that only one side
 * has is taken whole, and so are those that `whole` names.
 */
export async function findSlices(
  engine: Engine,
  sides: Sides,
  catalogs: Readonly<Record<Side, Catalog>>,
  bitemporal: Bitemporal | null,
  whole: ReadonlySet<string>,
): Promise<Slices> {
  if (bitemporal === null) return { byTable: new Map(), readings: { old: [], new: [] } };
  const { technical, parked } = bitemporal;
  const find = async (side: Side) => (await engine.bitemporal.find(sides[side], technical)).tables;
  const found = { old: await find('old'), new: await find('new') };
  const before = new Map(found.old.map((table) => [relationName(table), table]));
  const existed = new Set(catalogs.old.relations.map(relationName));
  const sliced = found.new.filter(
    (table) => existed.has(relationName(table)) && !whole.has(relationName(table)),
  );
  const visible = (table: BitemporalTable): BitemporalReading => ({
    ...table,
    parked,
    as: 'visible',
  });
  const wasSliced = sliced.flatMap((table) => before.get(relationName(table)) ?? []);
  return {
    byTable: new Map(
      sliced.map((table) => {
        const own = [table, before.get(relationName(table))].filter((one) => one !== undefined);
        return [
          relationName(table),
          {
            technical: new Set(own.flatMap(({ from, until }) => [from.name, until.name])),
            rows: own.reduce((sum, { rows }) => sum + rows, 0),
          },
        ];
      }),
    ),
    readings: { old: wasSliced.map(visible), new: sliced.map(visible) },
  };
}

/** Says of a table that a slice of it was compared, and how much is history. */
export function toldAsSlice({ slice }: PlannedTable, outcome: TableOutcome): TableOutcome {
  const { old_rows, new_rows } = outcome;
  if (slice === null || outcome.skipped !== null || old_rows === null || new_rows === null)
    return outcome;
  const history = slice.rows - old_rows - new_rows;
  const note = `compared as it is visible at the parked instant, without ${[...slice.technical].join(', ')}; the ${count(history)} other rows are history, which simulate proved unchanged`;
  return {
    ...outcome,
    history,
    reason: outcome.reason === null ? note : `${outcome.reason}; ${note}`,
  };
}
