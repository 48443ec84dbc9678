import { UsageError } from '../errors.ts';
import { ConditionFault } from './condition-fault.ts';
import { toNumber } from './counts.ts';
import type {
  DeviationCount,
  DeviationQuery,
  RecordedComparison,
  RecordedRow,
  Standing,
} from './engine.ts';
import { list } from './sql.ts';

/** What is the same in every engine about deviating rows that are read back. */

/** Rows without fingerprints cannot be found again. */
export function canTellStanding({ comparison, against }: DeviationQuery): boolean {
  return comparison.privacy !== 'none' && against !== null && against.privacy !== 'none';
}

export function comparisonsRead(query: DeviationQuery): RecordedComparison[] {
  const { comparison, against } = query;
  return against !== null && canTellStanding(query) ? [comparison, against] : [comparison];
}

/** The columns of the store's table. */
export const recordedColumns = [
  'comparison',
  'table_name',
  'kind',
  'row_key',
  'columns',
  'old_values',
  'new_values',
  'occurrences',
  'explained',
  'fingerprint',
] as const;

/** How an engine tells standings; rows are those of one comparison, as they stand after FROM. */
export interface StandingDialect {
  /** The rows with NULL for their standing. */
  untold(rows: string): string;
  /** The smaller number of `a.occurrences` and `b.occurrences`. */
  readonly fewer: string;
  /** The rows of `a` with this standing, where `b` is joined by what tells a row, and as often as `occurrences` says. */
  part(standing: Standing, a: string, b: string, join: string, occurrences: string): string;
}

/** The rows of both comparisons with their standing. A row that both have in different numbers stands there twice. */
export function withStanding(
  query: DeviationQuery,
  standings: readonly Standing[] | null,
  rowsOf: (comparison: RecordedComparison) => string,
  { untold, fewer, part }: StandingDialect,
): string {
  const { comparison, against } = query;
  const now = rowsOf(comparison);
  if (against === null || !canTellStanding(query)) return untold(now);
  const before = rowsOf(against);
  const more = 'a.occurrences - COALESCE(b.occurrences, 0)';
  const parts: Record<Standing, string> = {
    new: part('new', now, before, 'LEFT JOIN', more),
    still: part('still', now, before, 'JOIN', fewer),
    gone: part('gone', before, now, 'LEFT JOIN', more),
  };
  return list(
    standings ?? (['new', 'still', 'gone'] as const),
    (one) => parts[one],
    '\nUNION ALL\n',
  );
}

/** What a condition may name, as SQL of the engine. */
export interface RecordedDialect {
  /** The columns of the store's table, and `standing`. */
  readonly columns: Readonly<Record<string, string>>;
  /** One member of a JSON object, as a text. */
  member(json: string, name: string): string;
}

const sources = { key: 'row_key', old: 'old_values', new: 'new_values' } as const;
type Part = keyof typeof sources;

/** Names as the parts of a row have them. */
export type RecordedNames = Readonly<Record<Part, ReadonlySet<string>>>;

export const nothingRecorded: RecordedNames = { key: new Set(), old: new Set(), new: new Set() };

/** What was recorded of one table: all of its added and removed rows have the same names, and so have all keys. */
export interface RecordedExample {
  /** JSON: objects. */
  readonly key: string | null;
  readonly old: string | null;
  readonly new: string | null;
  /** JSON: a list of lists; changed rows name their columns. */
  readonly changed: string | null;
}

export function recordedNamesOf(examples: readonly RecordedExample[]): RecordedNames {
  const members = (text: string | null) => (text === null ? [] : Object.keys(JSON.parse(text)));
  const changed = examples.flatMap((one) =>
    one.changed === null
      ? []
      : (JSON.parse(one.changed) as string[]).flatMap((list) => JSON.parse(list) as string[]),
  );
  const whole = examples.flatMap((one) => [...members(one.old), ...members(one.new)]);
  return {
    key: new Set(examples.flatMap((one) => members(one.key))),
    old: new Set([...changed, ...whole]),
    new: new Set([...changed, ...whole]),
  };
}

/**
 * A name of a condition, by its parts, as SQL.
 * @throws ConditionFault for one that was not recorded.
 */
export function resolveRecorded(
  query: DeviationQuery,
  names: readonly string[],
  recorded: RecordedNames,
  { columns, member }: RecordedDialect,
): string {
  const [first = '', name, ...more] = names;
  if (name === undefined) {
    const column = first.toLowerCase();
    if (column === 'standing' && !canTellStanding(query))
      throw new ConditionFault(
        'standing cannot be told: there is no other comparison, or no fingerprints were recorded.',
      );
    if (column in columns) return String(columns[column]);
    throw new ConditionFault(
      `There is no ${first}. There are ${Object.keys(columns).join(', ')}, and key.x, old.x, new.x for what was recorded of a row.`,
    );
  }
  const at = first.toLowerCase();
  if (!(at === 'key' || at === 'old' || at === 'new') || more.length > 0)
    throw new ConditionFault(
      `There is no ${names.join('.')}. What was recorded of a row is key.x, old.x and new.x.`,
    );
  const values = meantNames(query, at, name, recorded[at]).map((one) => member(sources[at], one));
  return values.length === 1 ? String(values[0]) : `coalesce(${values.join(', ')})`;
}

function meantNames(
  query: DeviationQuery,
  part: Part,
  name: string,
  known: ReadonlySet<string>,
): string[] {
  const shown = part === 'key' ? ['keys', 'masked', 'full'] : ['masked', 'full'];
  const silent = comparisonsRead(query).filter(({ privacy }) => !shown.includes(privacy));
  if (silent.length > 0) {
    const who = silent.map(({ id, privacy }) => `comparison ${id} (privacy: ${privacy})`);
    throw new ConditionFault(
      `${part}.${name} cannot be asked for: ${part === 'key' ? 'keys' : 'old and new values'} were not recorded by ${who.join(' and ')}.`,
    );
  }
  const meant = [...known].filter((one) => one.toLowerCase() === name.toLowerCase());
  if (meant.length === 0 && known.size > 0)
    throw new ConditionFault(
      `No recorded row has ${part}.${name}. There is ${[...known]
        .sort()
        .map((one) => `${part}.${one}`)
        .join(', ')}.`,
    );
  return meant.length === 0 ? [name] : meant;
}

/** `help`: what mends it, where it is no matter of the grammar. */
export function unusableCondition(where: string, cause: string, help: string | null): UsageError {
  return new UsageError({
    what: 'This condition cannot be used.',
    where,
    cause,
    help:
      help ??
      "It is one SQL condition over the columns of row_deviation, standing, and key.x, old.x, new.x: kind = 'changed' AND key.id = '7'",
  });
}

/** A row as an engine gives it; its fingerprint as 32 digits. */
export function recordedRowOf(
  row: Readonly<Record<string, unknown>>,
  fingerprint: string | null,
): RecordedRow {
  return {
    ...(row as unknown as RecordedRow),
    comparison: toNumber(row.comparison),
    occurrences: toNumber(row.occurrences),
    fingerprint,
  };
}

export function deviationCountOf(row: Readonly<Record<string, unknown>>): DeviationCount {
  return {
    table_name: String(row.table_name),
    standing: row.standing as Standing | null,
    recorded: toNumber(row.recorded),
    rows: toNumber(row.rows),
  };
}
