import type { StructurePart } from '../config/expectations.ts';
import type { ChangeDescription, Relation } from '../engines/engine.ts';
import { describeChange } from './changes.ts';
import type { ColumnOutcome } from './outcome.ts';
import { type PlannedTable, sides } from './plan.ts';

export interface Structure {
  /** A column was added, removed, retyped or moved, or the text of a view is another one. */
  readonly changed: boolean;
  readonly definitionChanged: boolean;
  readonly parts: readonly StructurePart[];
  readonly notes: readonly string[];
  readonly columns: readonly ColumnOutcome[];
}

/** What was found of the values, by column; only of those that deviate. */
export interface ComparedValues {
  readonly cells: ReadonlyMap<string, number>;
  readonly unexplainedCells: ReadonlyMap<string, number>;
  readonly descriptions: ReadonlyMap<string, ChangeDescription>;
}

const notCompared: ComparedValues = {
  cells: new Map(),
  unexplainedCells: new Map(),
  descriptions: new Map(),
};

export function structureOf(
  planned: PlannedTable,
  values: ComparedValues = notCompared,
): Structure {
  const [before, after] = sides(planned);
  const columns = columnOutcomes(planned, values);
  const shared = (from: Relation, other: Relation) =>
    from.columns
      .map(({ name }) => name)
      .filter((name) => other.columns.some((one) => one.name === name));
  const moved = shared(before, after).join('\0') !== shared(after, before).join('\0');
  const definitionChanged = before.definition !== after.definition;
  const becameOther = before.kind !== after.kind;
  const parts: StructurePart[] = [
    // A table that becomes a view has a text now; that says nothing more.
    ...(definitionChanged && !becameOther ? (['definition'] as const) : []),
    ...(moved ? (['order'] as const) : []),
    ...(becameOther ? (['kind'] as const) : []),
  ];
  return {
    changed:
      parts.length > 0 ||
      columns.some(
        ({ status }) => status !== 'identical' && status !== 'skipped' && status !== 'changed',
      ),
    definitionChanged,
    parts,
    notes: [
      ...(!becameOther ? [] : [`was a ${before.kind}, is a ${after.kind}`]),
      ...(moved ? ['its columns stand in another order'] : []),
    ],
    columns,
  };
}

function columnOutcomes(
  planned: PlannedTable,
  { cells, unexplainedCells, descriptions }: ComparedValues,
): ColumnOutcome[] {
  const [before, after] = sides(planned);
  const oldTypes = new Map(before.columns.map(({ name, type }) => [name, type]));
  const newTypes = new Map(after.columns.map(({ name, type }) => [name, type]));
  const names = [...new Set([...newTypes.keys(), ...oldTypes.keys()])];
  return names.map((name): ColumnOutcome => {
    const [oldType, newType] = [oldTypes.get(name) ?? null, newTypes.get(name) ?? null];
    const changed = cells.get(name) ?? 0;
    const ignored = planned.ignored.has(name);
    const outcome = {
      column: name,
      reason: ignored ? 'in compare.ignore' : null,
      old_type: oldType,
      new_type: newType,
      changed,
      unexplained: unexplainedCells.get(name) ?? 0,
      explained: false,
      ...describeChange(descriptions.get(name)),
      likely_rename: null,
    };
    // Only values can be ignored: that a column is there, and of which type, always counts.
    if (oldType === null) return { ...outcome, status: 'added' };
    if (newType === null) return { ...outcome, status: 'removed' };
    if (oldType !== newType) return { ...outcome, status: 'retyped' };
    if (ignored) return { ...outcome, status: 'skipped' };
    return { ...outcome, status: changed > 0 ? 'changed' : 'identical' };
  });
}
