import { type Noise, noiseOf as summary } from '../compare/noise.ts';
import type { Coverage } from '../compare/outcome.ts';
import {
  type ColumnStanding,
  type ObjectStanding,
  standingOfObjects,
  type TableStanding,
} from '../compare/standing.ts';
import type {
  DeviationCount,
  DeviationReader,
  RecordedComparison,
  RecordedRow,
  Standing,
} from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import { type FinishedComparison, inShort } from '../release/find-compared.ts';
import { recordedOutcome } from '../release/recorded.ts';
import type { ComparisonRecord, Verdict } from '../release/records.ts';
import { csvLines } from '../report/csv.ts';
import type { StepContext } from './context.ts';
import { choose, type ReportChoice, type ReportOptions } from './report-choice.ts';

export interface ReportResult extends FinishedComparison {
  readonly release: string;
  /** noise: what is shown is where the old logic itself gave another result than production has. */
  readonly about: 'deviations' | 'noise';
  /** Null: there was no control. */
  readonly noise: Noise | null;
  readonly coverage: Coverage;
  /** The comparison that standings are told against; null when there is none. */
  readonly against: HeldAgainst | null;
  /** Why rows have no standing; null when they have. */
  readonly standing_unknown: string | null;
  readonly filter: {
    readonly tables: readonly string[] | null;
    readonly where: string | null;
    readonly standings: readonly Standing[] | null;
    /** Rows shown of each table; null: all. */
    readonly limit: number | null;
  };
  /** Those that deviate, were skipped or deviated before, and every one named by `--table`. */
  readonly tables: readonly ReportedTable[];
  /** Tables and views that do not deviate, with what is to be known of how they were compared. */
  readonly noted: readonly { readonly table: string; readonly reason: string }[];
  readonly objects: readonly ObjectStanding[];
  /** Rows of the ledger that the filter lets through. */
  readonly rows_total: number;
  /** True when not all of them are shown. */
  readonly truncated: boolean;
  /** Deviating tables and objects that the filter hides. */
  readonly left_out: { readonly tables: number; readonly objects: number };
}

export interface HeldAgainst {
  readonly comparison: number;
  readonly finished_at: string;
  readonly verdict: Verdict;
  readonly digest: string;
}

export interface ReportedTable extends TableStanding {
  /** Rows that `where` lets through, each as often as it occurs; null: their standing cannot be told. */
  readonly standings: Readonly<Record<Standing, number>> | null;
  readonly rows: readonly ReportedRow[];
  readonly rows_total: number;
  readonly truncated: boolean;
}

/** A deviating row. What `privacy` did not let be recorded is null. */
export interface ReportedRow {
  readonly kind: RecordedRow['kind'];
  readonly standing: Standing | null;
  readonly key: Values | null;
  readonly columns: readonly string[] | null;
  readonly old: Values | null;
  readonly new: Values | null;
  readonly occurrences: number;
  readonly explained: boolean;
  readonly fingerprint: string | null;
}

export type Values = Readonly<Record<string, string | null>>;

const defaultLimit = 20;

/** Reads a comparison back from the ledger. Touches nothing else, writes nothing, holds nothing. */
export async function report(context: StepContext, options: ReportOptions): Promise<ReportResult> {
  const chosen = await choose(context, options);
  const limit = (options.limit ?? defaultLimit) === 0 ? null : (options.limit ?? defaultLimit);
  const { release, comparison, against, shown, now, before } = chosen;
  const objects = standingOfObjects(now.objects, before?.objects ?? null);
  const shownObjects = filteredObjects(objects, options);
  const found = await reading(context, chosen, options, async (reader) => {
    const counts = await reader.counts();
    const tables: ReportedTable[] = [];
    for (const table of chosen.tables) {
      const own = counts.filter(({ table_name: name }) => name === table.table);
      const total = recordedRows(own, chosen.standings);
      if (!isShown(table, own, total, options)) continue;
      const rows = total === 0 ? [] : await reader.first(table.table, limit);
      tables.push({
        ...table,
        columns: filteredColumns(table.columns, options),
        standings: chosen.standingUnknown === null ? standingsOf(own) : null,
        rows: rows.map(reportedRow),
        rows_total: total,
        truncated: rows.length < total,
      });
    }
    return tables;
  });
  return {
    release: release.id,
    ...inShort(comparison, release),
    about: options.noise === true ? 'noise' : 'deviations',
    noise: await noiseOf(context, comparison),
    coverage: shown.comparison.coverage as Coverage,
    against: against === null ? null : heldAgainst(against),
    standing_unknown: chosen.standingUnknown,
    filter: {
      tables: options.table ?? null,
      where: options.where ?? null,
      standings: options.standing ?? null,
      limit,
    },
    tables: found,
    noted: chosen.noted.map(({ table, reason }) => ({ table, reason: reason ?? '' })),
    objects: shownObjects,
    rows_total: found.reduce((sum, { rows_total: total }) => sum + total, 0),
    truncated: found.some(({ truncated }) => truncated),
    left_out: {
      tables: chosen.worthShowing.filter(
        ({ table }) => !found.some((shown) => shown.table === table),
      ).length,
      objects: objects.length - shownObjects.length,
    },
  };
}

async function noiseOf(
  { ledger }: StepContext,
  { noise: id }: ComparisonRecord,
): Promise<Noise | null> {
  if (id === null) return null;
  return ledger.read(null, async (reader) => summary(await recordedOutcome(reader, id)));
}

function heldAgainst(record: ComparisonRecord): HeldAgainst {
  const { id, verdict, digest, finished_at, started_at } = record;
  return { comparison: id, finished_at: finished_at ?? started_at, verdict, digest };
}

/**
 * All rows that the filter lets through, as CSV, in pieces. Tables, columns and objects are not in it.
 * @throws UsageError also for options that go with another format.
 */
export async function reportCsv(
  context: StepContext,
  options: ReportOptions & { readonly json?: boolean; readonly list?: boolean },
): Promise<AsyncIterable<string>> {
  refuseOtherFormats(options);
  return csvOf(await openReader(context, await choose(context, options), options));
}

async function* csvOf(reader: DeviationReader): AsyncGenerator<string> {
  try {
    yield* csvLines<RecordedRow>(csvColumns, reader.all());
  } finally {
    await reader.close();
  }
}

const csvColumns: readonly (keyof RecordedRow)[] = [
  'comparison',
  'table_name',
  'standing',
  'kind',
  'row_key',
  'columns',
  'old_values',
  'new_values',
  'occurrences',
  'explained',
  'fingerprint',
];

function refuseOtherFormats({
  json,
  list,
  limit,
}: {
  readonly json?: boolean;
  readonly list?: boolean;
  readonly limit?: number;
}): void {
  const other = json === true ? '--json' : list === true ? '--list' : '--limit';
  if (json !== true && list !== true && limit === undefined) return;
  throw new UsageError({
    what: `--format csv does not go with ${other}.`,
    help: 'It writes all rows that --table, --where and --standing let through.',
  });
}

// ---------------------------------------------------------------------------------------------
// Filters

/** With a condition on rows, tables in which it finds some; with standings, those that have one in anything. */
function isShown(
  table: TableStanding,
  counts: readonly DeviationCount[],
  total: number,
  options: ReportOptions,
): boolean {
  if (total > 0 || (options.standing === undefined && counts.length > 0)) return true;
  if (options.where !== undefined) return false;
  if (options.standing === undefined) return true;
  return [table, ...table.columns].some(
    ({ standing }) => standing !== null && options.standing?.includes(standing),
  );
}

function filteredColumns(columns: readonly ColumnStanding[], { standing }: ReportOptions) {
  return columns.filter(
    (column) =>
      standing === undefined || (column.standing !== null && standing.includes(column.standing)),
  );
}

/** Objects belong to no table and have no rows. */
function filteredObjects(objects: readonly ObjectStanding[], options: ReportOptions) {
  if (options.table !== undefined || options.where !== undefined) return [];
  return objects.filter(
    ({ standing }) =>
      options.standing === undefined || (standing !== null && options.standing.includes(standing)),
  );
}

// ---------------------------------------------------------------------------------------------
// Rows

async function reading<T>(
  context: StepContext,
  chosen: ReportChoice,
  options: ReportOptions,
  work: (reader: DeviationReader) => Promise<T>,
): Promise<T> {
  const reader = await openReader(context, chosen, options);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

async function openReader(
  { ledger }: StepContext,
  { shown: { comparison, against }, now, tables, standings, release }: ReportChoice,
  { where }: ReportOptions,
): Promise<DeviationReader> {
  const names = tables.map(({ table }) => table);
  // Rows of a table that was not compared now are not gone: nobody looked. Its structure may have changed all the same.
  const skipped = new Set(
    now.tables.filter((table) => table.skipped !== null).map(({ table }) => table),
  );
  const of = (record: ComparisonRecord, its: readonly string[]): RecordedComparison => ({
    id: record.id,
    privacy: record.privacy as RecordedComparison['privacy'],
    tables: its,
  });
  const reader = await ledger.deviations({
    comparison: of(comparison, names),
    against:
      against === null
        ? null
        : of(
            against,
            names.filter((name) => !skipped.has(name)),
          ),
    standings,
    where: where ?? null,
    purpose: `report ${release.id}`,
  });
  if (reader === null) throw new Error('The ledger went away');
  return reader;
}

function recordedRows(
  counts: readonly DeviationCount[],
  standings: readonly Standing[] | null,
): number {
  return counts
    .filter(
      ({ standing }) => standing === null || standings === null || standings.includes(standing),
    )
    .reduce((sum, { recorded }) => sum + recorded, 0);
}

function standingsOf(counts: readonly DeviationCount[]): Record<Standing, number> {
  const rows = (standing: Standing) =>
    counts.find((count) => count.standing === standing)?.rows ?? 0;
  return { new: rows('new'), still: rows('still'), gone: rows('gone') };
}

function reportedRow(row: RecordedRow): ReportedRow {
  const parsed = <T>(text: string | null) => (text === null ? null : (JSON.parse(text) as T));
  return {
    kind: row.kind,
    standing: row.standing,
    key: parsed<Values>(row.row_key),
    columns: parsed<string[]>(row.columns),
    old: parsed<Values>(row.old_values),
    new: parsed<Values>(row.new_values),
    occurrences: row.occurrences,
    explained: row.explained,
    fingerprint: row.fingerprint,
  };
}
