import { compareDatabases } from '../compare/compare.ts';
import type { ColumnOutcome, TableOutcome } from '../compare/outcome.ts';
import type { CompareConfig, Config } from '../config/config.ts';
import { formatName, nameMatcher, parseName, relationName } from '../config/names.ts';
import type { Catalog, Engine, Location, Physical } from '../engines/engine.ts';
import { count, plural } from '../format.ts';
import type { Progress } from '../hosts/host.ts';
import { patiently } from '../patiently.ts';
import type { ClonedRelease } from './records.ts';
import { trailOf } from './watch.ts';

/** One thing of live that is not as it was at the clone instant. */
export interface Drifted {
  /** `table`, `view`, the kind of another object; `database` when nobody can tell what changed. */
  readonly kind: string;
  readonly name: string;
  /** Null for what is neither table nor view. */
  readonly role: 'input' | 'result' | null;
  /** unknown: it may have changed, and nobody can tell. */
  readonly status: 'changed' | 'added' | 'removed' | 'unknown';
  /** Rows. */
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Its columns or its definition changed, not its rows alone. */
  readonly structural: boolean;
  /** By which its rows were brought together; null: as a whole. */
  readonly key: readonly string[] | null;
  readonly reason: string | null;
}

/**
 * What changed in live since the clone instant. Nothing did when live carries the mark it had at the clone; otherwise
 * its values are compared with the baseline, exactly, because a mark may change without the content.
 */
export async function findDrift(
  { engine, config }: Parts,
  release: ClonedRelease,
  live: Physical,
  progress: Progress,
): Promise<Drifted[]> {
  if (live.mark === release.live_mark) return [];
  progress.note(
    'Live was touched since the clone instant, so its values are compared with the baseline.',
  );
  const sides = { old: release.baseline, new: engine.places.live };
  const tables = await tablesWritten(engine, release, progress);
  return findDifferences({ engine, config }, sides, `drift ${release.id}`, progress, tables);
}

/**
 * The tables of live in which rows can differ from the baseline, if that is what the clone made of it; null: in any. They
 * are all that were written to up to now.
 */
export async function tablesWritten(
  engine: Engine,
  release: ClonedRelease,
  progress: Progress,
): Promise<ReadonlySet<string> | null> {
  const since = trailOf(release);
  const written = since === null ? null : ((await engine.databases.writtenSince?.(since)) ?? null);
  if (written === null) return null;
  const names = written.map(relationName).sort();
  const more = names.length > 10 ? ` and ${count(names.length - 10)} more` : '';
  progress.note(
    names.length === 0
      ? 'The log of the server tells that no rows of live were written since the clone instant.'
      : `The log of the server tells in which tables rows were written since the clone instant, so only these are read: ${names.slice(0, 10).join(', ')}${more}.`,
  );
  return new Set(names);
}

interface Parts {
  readonly engine: Engine;
  readonly config: Config;
}

/**
 * All in which two databases differ, however little: in rows of `tables` only, if they are given. A short writer of one of
 * them is waited for.
 */
export async function findDifferences(
  { engine, config }: Parts,
  sides: { readonly old: Location; readonly new: Location },
  purpose: string,
  progress: Progress,
  tables: ReadonlySet<string> | null = null,
): Promise<Drifted[]> {
  const patienceMs = config.swap.timeoutMs;
  const { keys, input } = config.compare;
  const read = (side: Location) => patiently(patienceMs, () => engine.catalog.read(side));
  const catalogs = [await read(sides.old), await read(sides.new)];
  const { comparison } = await compareDatabases({
    engine,
    ...sides,
    config: strictly(keys, catalogs),
    record: null,
    purpose,
    progress,
    patterns: false,
    everyWrite: true,
    tables,
    patienceMs,
  });
  const isInput = nameMatcher(input, { ignoreCase: false });
  return [
    ...comparison.tables
      .filter(({ status, columns }) => status !== 'identical' || columns.some(isIncomparable))
      .map((outcome) => driftedTable(outcome, isInput(parseName(outcome.table)))),
    ...comparison.objects.map(({ kind, name, status }) => ({ ...nothing, kind, name, status })),
  ];
}

/**
 * How databases are compared that should be the same: no tolerance, nothing ignored, nothing skipped. Keys of tables
 * that a database lacks belong to what the release makes, and are left out.
 */
export function strictly(keys: CompareConfig['keys'], catalogs: readonly Catalog[]): CompareConfig {
  const known = keysInAll(keys, catalogs);
  return { input: [], result: null, keys: known, ignore: [], tolerance: {}, mode: 'strict' };
}

/** For when live cannot be compared with the baseline. */
export function unknownDrift(live: Location, reason: string): Drifted {
  return { ...nothing, kind: 'database', name: live, status: 'unknown', reason };
}

export function describeDrift(drifted: Drifted): string {
  const { kind, name, status, added, removed, changed, structural, reason } = drifted;
  if (kind === 'database') return `${reason}`;
  if (drifted.role === null) return `${kind} ${name}: ${status}`;
  if (status === 'unknown') return `${name}: ${reason}`;
  if (status !== 'changed') return `${name}: ${status}`;
  if (added + removed + changed === 0) return `${name}: its structure changed`;
  const structure = structural ? ', and its structure' : '';
  return `${name}: ${writtenRows({ added, removed, changed })}${structure}`;
}

function writtenRows({
  added,
  removed,
  changed,
}: Pick<Drifted, 'added' | 'removed' | 'changed'>): string {
  const atLeast = changed > 0 ? 'at least ' : '';
  return `${plural(added, 'row')} added, ${count(removed)} removed, ${atLeast}${count(changed)} changed`;
}

const nothing = {
  role: null,
  added: 0,
  removed: 0,
  changed: 0,
  structural: false,
  key: null,
  reason: null,
} as const;

function driftedTable(outcome: TableOutcome, isInput: boolean): Drifted {
  const { table, kind, status, added, removed, changed, structure, key, reason, columns } = outcome;
  const incomparable = columns.find(isIncomparable);
  const ofWrites = added + removed + changed > 0 ? columns.find(tellsWrites) : undefined;
  const isUnknown = status === 'skipped' || (incomparable ?? ofWrites) !== undefined;
  return {
    kind,
    name: table,
    role: isInput ? 'input' : 'result',
    status: isUnknown || status === 'identical' ? 'unknown' : status,
    added,
    removed,
    changed,
    structural:
      structure.length > 0 || columns.some((column) => /added|removed|retyped/.test(column.status)),
    key,
    reason: incomparable
      ? `${incomparable.column} ${incomparable.reason ?? ''}`
      : ofWrites
        ? `${writtenRows(outcome)}; ${ofWrites.column} cannot be brought over: ${ofWrites.reason ?? ''}`
        : reason,
  };
}

/** Such a column may hide a change. */
function isIncomparable({ status }: ColumnOutcome): boolean {
  return status === 'incomparable';
}

/** Compared, and still with a reason: no row that is brought over gets the value that it has where it comes from. */
function tellsWrites({ status, reason }: ColumnOutcome): boolean {
  return reason !== null && (status === 'identical' || status === 'changed');
}

function keysInAll(keys: CompareConfig['keys'], catalogs: readonly Catalog[]): typeof keys {
  const columns = catalogs.map(
    ({ relations }) =>
      new Map(
        relations.map((relation) => [
          formatName([relation.schema, relation.name]),
          new Set(relation.columns.map(({ name }) => name)),
        ]),
      ),
  );
  return Object.fromEntries(
    Object.entries(keys).filter(([table, key]) =>
      columns.every((of) => key.every((column) => of.get(table)?.has(column) ?? false)),
    ),
  );
}
