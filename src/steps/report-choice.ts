import { standingOfTables, type TableStanding } from '../compare/standing.ts';
import { nameMatcher, parseName } from '../config/names.ts';
import type { Standing } from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import { type ComparedRelease, findCompared } from '../release/find-compared.ts';
import type { Ledger } from '../release/ledger.ts';
import { type RecordedOutcome, recordedOutcome } from '../release/recorded.ts';
import type { ComparisonRecord } from '../release/records.ts';
import type { StepContext } from './context.ts';

export interface ReportOptions {
  readonly release?: string;
  /** Id of the comparison; default: the latest. */
  readonly comparison?: number;
  /** What the old logic itself made otherwise than production has it, in place of the deviations. */
  readonly noise?: boolean;
  /** Id of the comparison that standings are told against; default: the one before; `none`: no standings. */
  readonly against?: number | 'none';
  /** Patterns. */
  readonly table?: readonly string[];
  readonly where?: string;
  readonly standing?: readonly Standing[];
  /** Rows of each table; 0: all. */
  readonly limit?: number;
}

/** What a report is about. */
export interface ReportChoice {
  readonly release: ComparedRelease;
  readonly comparison: ComparisonRecord;
  readonly against: ComparisonRecord | null;
  /** Under which comparisons the ledger has what is shown: the same, or with `--noise` those that found their noise. */
  readonly shown: {
    readonly comparison: ComparisonRecord;
    readonly against: ComparisonRecord | null;
  };
  readonly now: RecordedOutcome;
  readonly before: RecordedOutcome | null;
  /** Those that `--table` names, of all that are worth showing when it names none. */
  readonly tables: readonly TableStanding[];
  /** Tables that do not deviate, of which there is something to say; none when `--table` names others. */
  readonly noted: readonly TableStanding[];
  /** All tables that deviate, were skipped or deviated before. */
  readonly worthShowing: readonly TableStanding[];
  /** Of the rows that are shown; null: all rows, their standing cannot be told. */
  readonly standings: readonly Standing[] | null;
  readonly standingUnknown: string | null;
}

const nothing: RecordedOutcome = { tables: [], objects: [] };

/** @throws UsageError when the ledger does not have what is asked for. */
export async function choose(
  { ledger }: StepContext,
  options: ReportOptions,
): Promise<ReportChoice> {
  const release = await findCompared(ledger, options.release);
  const comparison = chooseComparison(release, options.comparison);
  const against = chooseAgainst(release, comparison, options.against);
  const shown =
    options.noise === true
      ? await noiseOf(ledger, release, comparison, against)
      : { comparison, against };
  const outcomeOf = ({ id }: ComparisonRecord) =>
    ledger.read(nothing, (reader) => recordedOutcome(reader, id));
  const now = await outcomeOf(shown.comparison);
  const before = shown.against === null ? null : await outcomeOf(shown.against);
  const all = standingOfTables(now.tables, before?.tables ?? null);
  const matches = tableFilter(all, options.table);
  const standingUnknown = whyUnknown(shown.comparison, shown.against);
  if (options.standing !== undefined && standingUnknown !== null) {
    throw new UsageError({
      what: 'The standing of rows cannot be told.',
      where: '--standing',
      cause: standingUnknown,
      help: 'Leave --standing out, or name another comparison by --against.',
    });
  }
  return {
    release,
    comparison,
    against,
    shown,
    now,
    before,
    noted: options.table === undefined ? all.filter(isNoted) : [],
    worthShowing: all.filter(isWorthShowing),
    tables: all.filter((table) =>
      options.table === undefined ? isWorthShowing(table) : matches(table),
    ),
    standings: standingUnknown === null ? (options.standing ?? ['new', 'still']) : null,
    standingUnknown,
  };
}

function chooseComparison(release: ComparedRelease, id: number | undefined): ComparisonRecord {
  const found =
    id === undefined
      ? release.comparisons.at(-1)
      : release.comparisons.find((comparison) => comparison.id === id);
  if (found !== undefined) return found;
  throw unknownComparison(release, Number(id));
}

/** @throws UsageError when this comparison had no control. */
async function noiseOf(
  ledger: Ledger,
  { id: release }: ComparedRelease,
  comparison: ComparisonRecord,
  against: ComparisonRecord | null,
): Promise<ReportChoice['shown']> {
  const all = await ledger.read([], (reader) => reader.noiseComparisons(release));
  const found = all.find(({ id }) => id === comparison.noise);
  if (found !== undefined)
    return { comparison: found, against: all.find(({ id }) => id === against?.noise) ?? null };
  throw new UsageError({
    what: `Comparison ${comparison.id} had no control: nobody looked for noise.`,
    where: '--noise',
    help: 'Set simulate.control in greenlight.yml, then run simulate and compare again.',
  });
}

function chooseAgainst(
  release: ComparedRelease,
  comparison: ComparisonRecord,
  asked: ReportOptions['against'],
): ComparisonRecord | null {
  if (asked === 'none') return null;
  if (asked === undefined)
    return release.comparisons.findLast(({ id }) => id < comparison.id) ?? null;
  if (asked === comparison.id) {
    throw new UsageError({
      what: `Comparison ${asked} cannot be held against itself.`,
      where: '--against',
      help: 'Name another one; greenlight report --list shows them.',
    });
  }
  return chooseComparison(release, asked);
}

function unknownComparison(release: ComparedRelease, id: number): UsageError {
  const known = release.comparisons.map((comparison) => comparison.id);
  return new UsageError({
    what: `Release ${release.id} has no finished comparison ${id}.`,
    help: `It has ${known.join(', ')}; greenlight report --release ${release.id} --list shows them.`,
  });
}

function whyUnknown(comparison: ComparisonRecord, against: ComparisonRecord | null): string | null {
  if (against === null) return 'there is no other comparison to hold it against';
  const silent = [comparison, against].filter(({ privacy }) => privacy === 'none');
  if (silent.length === 0) return null;
  const ids = silent.map(({ id }) => id).join(' and ');
  return `comparison ${ids} recorded no fingerprints of rows (privacy: none)`;
}

/** @throws UsageError for a pattern that fits no table of either comparison. */
function tableFilter(all: readonly TableStanding[], patterns: readonly string[] = []) {
  for (const pattern of patterns) {
    const fits = nameMatcher([pattern], { ignoreCase: false });
    if (all.some(({ table }) => fits(parseName(table)))) continue;
    const names = all.map(({ table }) => table);
    const shown = names.slice(0, 12).join(', ');
    throw new UsageError({
      what: `The comparison has no table or view ${pattern}.`,
      where: '--table',
      help:
        names.length === 0
          ? 'It has none at all.'
          : `It has ${shown}${names.length > 12 ? ` and ${names.length - 12} more` : ''}.`,
    });
  }
  const fits = nameMatcher(patterns, { ignoreCase: false });
  return ({ table }: TableStanding) => fits(parseName(table));
}

/** That a slice of a table was compared says nothing yet. */
function isNoted(table: TableStanding): boolean {
  const isSliceOnly = table.history !== null && table.key !== null;
  return !isWorthShowing(table) && table.reason !== null && !isSliceOnly;
}

function isWorthShowing(table: TableStanding): boolean {
  return table.status !== 'identical' || table.standing === 'gone';
}
