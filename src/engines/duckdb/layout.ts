import type { RowCounts, Side, TablePair } from '../engine.ts';
import { list } from '../sql.ts';
import { toNumber } from './connection.ts';
import { type Lineage, readLineage, type StoredSection } from './lineage.ts';
import type { RowRange } from './reading.ts';
import type { Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/** How a table is taken apart for its comparison. */
export interface Layout {
  /** In order; together all row numbers of both sides. */
  readonly sections: readonly Section[];
  /** Rows that only one side has, within sections whose `rows` are 'numbered'. */
  readonly loose: LooseRows | null;
}

export interface Section extends RowRange {
  /** Columns of which all values are proven equal, row number by row number. */
  readonly proven: ReadonlySet<string>;
  /**
   * same: both sides have the same row numbers, as far as is known. numbered: a side lacks some, and where the key is
   * proven, the row number still tells which rows belong together.
   */
  readonly rows: 'same' | 'numbered';
}

export interface LooseRows {
  /** Tables of row numbers (column `row`), by the side that has the row. */
  readonly tables: Readonly<Record<Side, string>>;
  readonly count: number;
}

export async function layOut(
  workspace: Workspace,
  pair: TablePair,
  sources: Sources,
  rows: RowCounts,
): Promise<Layout> {
  const total = Math.max(rows.old, rows.new);
  const { section: most } = workspace.portions;
  if (workspace.blocks?.wholeFile && sources.isStored) {
    const proven = new Set(pair.columns.map(({ name }) => name));
    return { sections: [{ from: 0, to: null, proven, rows: 'same' }], loose: null };
  }
  const lineage = await readLineage(workspace, pair, sources, rows);
  if (lineage === null || lineage.end === 0) {
    return { sections: sources.hasRowid ? cut(0, total, most) : cut(0, 0, most), loose: null };
  }
  const stored = merge(lineage.sections, most).map((section) => ({
    ...section,
    rows: 'same' as const,
  }));
  const tail = isWhole(lineage, rows) ? [] : cut(lineage.end, total, most);
  if (!lineage.hasDeleted.old && !lineage.hasDeleted.new) {
    return { sections: [...stored, ...tail], loose: null };
  }
  const loose = await findLoose(workspace, sources, lineage, stored);
  // Where most rows moved, their numbers tell little, and joining all by key is quicker.
  if (loose === null || loose.rows.count > total / 5) {
    await discardLoose(workspace, loose?.rows ?? null);
    return { sections: cut(0, total, most), loose: null };
  }
  const numbered = stored.map((section) => ({
    ...section,
    rows: loose.sections.has(section.from) ? ('numbered' as const) : ('same' as const),
  }));
  return { sections: [...numbered, ...tail], loose: loose.rows };
}

export async function discardLoose(workspace: Workspace, loose: LooseRows | null): Promise<void> {
  if (loose === null) return;
  await workspace.run(
    'discard row numbers',
    `DROP TABLE ${loose.tables.old}; DROP TABLE ${loose.tables.new}`,
  );
}

/** Nothing is known of these rows. */
function cut(from: number, total: number, most: number): Section[] {
  const count = Math.max(1, Math.ceil((total - from) / most));
  return Array.from({ length: count }, (_, at) => ({
    from: from + at * most,
    to: at === count - 1 ? null : from + (at + 1) * most,
    proven: new Set<string>(),
    rows: 'same',
  }));
}

/** Both sides end where the proven part ends. */
function isWhole({ end, hasDeleted }: Lineage, rows: RowCounts): boolean {
  return end === rows.old && end === rows.new && !hasDeleted.old && !hasDeleted.new;
}

/** Neighbours of which the same columns are proven are read together. */
function merge(sections: readonly StoredSection[], most: number): StoredSection[] {
  const merged: StoredSection[] = [];
  for (const section of sections) {
    const last = merged.at(-1);
    if (last !== undefined && section.to - last.from <= most && isAlike(last, section)) {
      merged[merged.length - 1] = { ...last, to: section.to };
    } else merged.push(section);
  }
  return merged;
}

function isAlike(a: StoredSection, b: StoredSection): boolean {
  return a.proven.size === b.proven.size && [...a.proven].every((name) => b.proven.has(name));
}

/**
 * The rows that one side has and the other has not, from the row numbers that are missing on each side. Null when that
 * cannot be told.
 */
async function findLoose(
  workspace: Workspace,
  sources: Sources,
  { end, hasDeleted }: Lineage,
  sections: readonly StoredSection[],
): Promise<{ rows: LooseRows; sections: ReadonlySet<number> } | null> {
  const about = 'find deleted rows';
  const missing = { old: workspace.scratchTable(), new: workspace.scratchTable() };
  const tables = { old: workspace.scratchTable(), new: workspace.scratchTable() };
  const all = Object.values(missing).concat(Object.values(tables));
  for (const table of all) await workspace.run(about, `CREATE TABLE ${table} ("row" BIGINT)`);
  const counts = await Promise.all(
    (['old', 'new'] as const).map(async (side) => {
      if (!hasDeleted[side]) return true;
      await workspace.run(about, insertMissing(missing[side], sources[side], end));
      const { missed } = await workspace.ask(
        about,
        `SELECT (SELECT count(*) FROM ${missing[side]}) + (SELECT count(*) FROM ${sources[side]} WHERE rowid < ${end}) AS missed`,
      );
      // Had DuckDB given the rows in another order, some would have been taken as missing that are there.
      return toNumber(missed) === end;
    }),
  );
  const drop = (names: readonly string[]) =>
    workspace.run(
      about,
      list(names, (name) => `DROP TABLE ${name}`, '; '),
    );
  if (counts.includes(false)) {
    await drop(all);
    return null;
  }
  const only = (side: Side, other: Side) =>
    workspace.run(
      about,
      `INSERT INTO ${tables[side]} FROM ${missing[other]} ANTI JOIN ${missing[side]} USING ("row")`,
    );
  await only('old', 'new');
  await only('new', 'old');
  await drop(Object.values(missing));
  const starts = list(sections, ({ from }) => `(${from})`);
  const found = await workspace.rows(
    about,
    `SELECT start, count(*) AS rows FROM (FROM ${tables.old} UNION ALL FROM ${tables.new}) AS loose
       ASOF JOIN (VALUES ${starts}) AS section(start) ON loose."row" >= section.start GROUP BY start`,
  );
  const count = found.reduce((sum, { rows }) => sum + toNumber(rows), 0);
  return {
    rows: { tables, count },
    sections: new Set(found.map(({ start }) => toNumber(start))),
  };
}

/** The row numbers below `end` that no row has. DuckDB gives the rows of a scan in their order. */
function insertMissing(into: string, relation: string, end: number): string {
  return `INSERT INTO ${into} SELECT unnest(range(before + 1, "row")) FROM (
      SELECT "row", lag("row", 1, -1) OVER () AS before FROM (
        SELECT rowid AS "row" FROM ${relation} WHERE rowid < ${end} UNION ALL SELECT ${end}))
    WHERE "row" > before + 1`;
}
