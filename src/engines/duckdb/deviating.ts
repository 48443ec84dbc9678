import { messageOf } from '../../errors.ts';
import type {
  ComparedColumn,
  DeviatingRows,
  GatherOptions,
  RowComparison,
  Side,
  TablePair,
} from '../engine.ts';
import { claimId, type Judge, judgeClaims, otherColumns, type WrittenClaim } from '../judging.ts';
import { readClaims, referencesOf, writeClaim } from './claims.ts';
import { isOfTheMachine, withoutData } from './errors.ts';
import { jsonObject, type Member } from './json-text.ts';
import { describeChanges } from './patterns.ts';
import {
  anyDeviates,
  beside,
  type Condition,
  joined,
  noted,
  numbered,
  type RawColumn,
  surplus,
  where,
} from './reading.ts';
import { recordRows } from './recording.ts';
import type { NotedBatch } from './rest.ts';
import { type PairedRows, type RowPlan, withoutTolerance } from './rows.ts';
import { holdsUnion } from './unions.ts';
import { deviates, isComparedAsStored, isEncoded, restored, type Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/**
 * The deviating rows of a pair in a table in memory, one row each: kind, occurrences, image (of a row that one side has:
 * all its values, as JSON), for each dirty column d0 (deviates), ..., for each kept column o0 (old value), n0 (new
 * value), ..., and with a key its values `keys` on the new side, and removed_key, as JSON, where only the old side has it.
 */
export interface GatheredRows {
  /** The table, quoted. */
  readonly table: string;
  readonly pair: TablePair;
  readonly plan: RowPlan;
  /** Columns that deviate in rows that both sides have. */
  readonly dirty: readonly ComparedColumn[];
  /** The dirty columns, then others whose values are needed. */
  readonly kept: readonly RawColumn[];
  /** `k0`, ...; empty without a key. */
  readonly keys: readonly string[];
  /** Some rows are on one side only. */
  readonly hasOneSided: boolean;
  /** Column -> rows in which it deviates. */
  readonly cells: RowComparison['cells'];
  /** Images are kept as texts. Else only their MD5: they take far more room than all the rest. */
  readonly keepsImages: boolean;
  /** By claimId. */
  readonly claims: ReadonlyMap<string, WrittenClaim>;
}

export async function gatherRows(
  workspace: Workspace,
  pair: TablePair,
  found: RowComparison,
  plan: RowPlan,
  { claims, privacy, signal }: GatherOptions,
): Promise<DeviatingRows> {
  const dirty = pair.columns.filter(({ name }) => found.cells.has(name));
  const read = await readClaims(workspace, claims, plan);
  const kept = [...dirty.map(onBothSides), ...otherColumns(read.flatMap(referencesOf), dirty)];
  const rows = {
    table: workspace.scratchTable(),
    pair,
    plan,
    dirty,
    kept,
    keys: (plan.key ?? []).map((_, at) => `k${at}`),
    hasOneSided: found.added + found.removed > 0,
    cells: found.cells,
    keepsImages: privacy === 'full' || privacy === 'masked',
  };
  const written = new Map<string, WrittenClaim>();
  for (const claim of read)
    written.set(claimId(claim.claim), await writeClaim(workspace, claim, rows));
  const gathered = { ...rows, claims: written };
  await workspace.abortable(signal, () => fillTable(workspace, gathered));
  return {
    judge: (claims) => judgeClaims(judgeIn(workspace), gathered, claims),
    record: (into, explaining) => recordRows(workspace, gathered, into, explaining),
    describe: ({ values, signal }) =>
      workspace.abortable(signal, () =>
        describeChanges(workspace, gathered, found.cells, { values }),
      ),
    discard: () =>
      workspace.run(
        `discard the deviating rows of ${nameOf(pair)}`,
        `DROP TABLE ${gathered.table}`,
      ),
  };
}

export function judgeIn(workspace: Workspace): Judge {
  return {
    ask: (about, statement) => workspace.ask(about, statement),
    isOfTheMachine,
    withoutData: (error) => withoutData(messageOf(error)),
  };
}

function nameOf({ schema, name }: TablePair): string {
  return `${schema}.${name}`;
}

// ---------------------------------------------------------------------------------------------
// Gathering

/** Piece by piece: what is joined at a time must fit into memory. */
async function fillTable(workspace: Workspace, gathered: GatheredRows): Promise<void> {
  const { plan, table, pair } = gathered;
  const { key, paired, rest } = plan;
  const about = `gather the deviating rows of ${nameOf(pair)}`;
  const inPlace = key === null ? [] : paired.map((rows) => changedRows(gathered, key, rows));
  const joined = rest.conditions.map((condition) =>
    key === null ? surplusRows(gathered, condition) : joinedRows(gathered, key, condition),
  );
  const again = (rest.noted?.batches ?? []).map((batch) =>
    notedRows(gathered, key ?? [], String(rest.noted?.table), batch),
  );
  const [first] = [...inPlace, ...joined, ...again];
  if (first === undefined) throw new Error(`${nameOf(pair)} has no deviating rows`);
  await workspace.run(about, `CREATE TABLE ${table} AS FROM (${first}) LIMIT 0`);
  const insert = (select: string) => `INSERT INTO ${table} ${select}`;
  await workspace.each(inPlace, about, insert, () => undefined);
  await workspace.oneByOne([...joined, ...again], about, insert, () => undefined);
}

/** Rows that stand side by side. */
function changedRows(
  { plan: { sources }, dirty, kept }: GatheredRows,
  key: readonly ComparedColumn[],
  { condition, by }: PairedRows,
): string {
  // What stands side by side is copied: nothing is read twice, and the key is the same on both sides.
  const isCompared = (side: Side, at: number) =>
    dirty[at] !== undefined && isComparedAsStored(dirty[at], side, sources);
  const raw = [
    ...kept.map((column, at) => ({
      name: column.name,
      old: column.old && !isCompared('old', at),
      new: column.new && !isCompared('new', at),
    })),
    ...key.map(({ name }) => ({ name, old: false, new: true })),
  ];
  const values = kept.map((_, at) => {
    const [old, candidate] = (['old', 'new'] as const).map((side) =>
      isCompared(side, at) ? `v${at}` : `r${at}`,
    );
    return `, o.${old} AS o${at}, n.${candidate} AS n${at}`;
  });
  const keyValues = key.map((_, at) => `, n.r${kept.length + at} AS k${at}`);
  return `SELECT 'changed' AS kind, 1 AS occurrences, NULL::VARCHAR AS image${dirtyFlags(dirty, sources, 'true')}${values.join('')}${keyValues.join('')}, NULL::VARCHAR AS removed_key
    FROM ${(by === 'position' ? beside : numbered)(sources, dirty, condition, { raw })} WHERE ${anyDeviates(dirty, sources)}`;
}

/** Rows that are joined by key. */
function joinedRows(
  gathered: GatheredRows,
  key: readonly ComparedColumn[],
  condition: Condition,
): string {
  const { dirty, plan } = gathered;
  const { sources } = plan.rest;
  const raw = rawColumns(gathered, key);
  const changed = dirty.length === 0 ? '' : ` OR ${anyDeviates(dirty, sources)}`;
  return `${selectJoined(gathered, key)} FROM ${joined(sources, key, dirty, condition, { raw })}
    WHERE o.here IS NULL OR n.here IS NULL${changed}`;
}

/** Rows of which the row numbers were noted when they were joined. */
function notedRows(
  gathered: GatheredRows,
  key: readonly ComparedColumn[],
  table: string,
  { condition, within }: NotedBatch,
): string {
  const { dirty, plan } = gathered;
  const raw = rawColumns(gathered, key);
  const rows = `(FROM ${table}${where(condition)})`;
  return `${selectJoined(gathered, key)} FROM ${noted(plan.rest.sources, rows, dirty, within, { raw })}`;
}

/** The kept columns, then the key, or all columns where rows that one side has are to be shown. */
function rawColumns(
  { kept, pair, hasOneSided }: GatheredRows,
  key: readonly ComparedColumn[],
): RawColumn[] {
  return [...kept, ...(hasOneSided ? pair.columns : key).map(onBothSides)];
}

/** Of rows `o` and `n` with the `rawColumns`, of which one side may be missing. */
function selectJoined(
  { plan, pair, dirty, kept, keepsImages, hasOneSided }: GatheredRows,
  key: readonly ComparedColumn[],
): string {
  const shown = hasOneSided ? pair.columns : key;
  const valuesOf = (side: 'o' | 'n', columns: readonly ComparedColumn[]) =>
    columns.map(({ name, ...column }) => {
      const at = shown.findIndex((one) => one.name === name);
      return [name, `${side}.r${kept.length + at}`, typeOn(side, { name, ...column })] as const;
    });
  const image = (side: 'o' | 'n') => imageOf(valuesOf(side, shown), keepsImages);
  const [images, removedKey] = hasOneSided
    ? [
        `CASE WHEN o.here IS NULL THEN ${image('n')} WHEN n.here IS NULL THEN ${image('o')} END`,
        `CASE WHEN n.here IS NULL THEN ${jsonObject(valuesOf('o', key))} END`,
      ]
    : ['NULL::VARCHAR', 'NULL::VARCHAR'];
  const newKey = valuesOf('n', key).map(([, value], at) => `, ${value} AS k${at}`);
  return `SELECT CASE WHEN o.here IS NULL THEN 'added' WHEN n.here IS NULL THEN 'removed' ELSE 'changed' END AS kind,
      1 AS occurrences, ${images} AS image${dirtyFlags(dirty, plan.rest.sources, 'o.here AND n.here')}${keptValues(kept)}${newKey.join('')},
      ${removedKey} AS removed_key`;
}

/** Rows without a key, as often as one side has them more often than the other. */
function surplusRows(
  { plan, pair, kept, keepsImages }: GatheredRows,
  condition: Condition,
): string {
  const { sources } = plan.rest;
  const columns = withoutTolerance(pair.columns);
  // Bytes that stand for a text are shown as the text.
  const shown = columns.map((column, at) =>
    isEncoded(column, sources) ? `decode(v${at})` : `v${at}`,
  );
  const image = imageOf(
    columns.map(({ name, oldType, newType }, at) => {
      // Else it is compared, and shown, with its tag.
      const isUnion = sources.mode === 'semantic' && oldType === newType && holdsUnion(oldType);
      return [name, String(shown[at]), isUnion ? oldType : undefined] as const;
    }),
    keepsImages,
  );
  const values = kept.map(({ name }, nth) => {
    const at = columns.findIndex((column) => column.name === name);
    const column = columns[at];
    const stored = (side: Side) => column && restored(`v${at}`, column, side, sources);
    return `, CASE WHEN surplus < 0 THEN ${stored('old') ?? 'NULL'} END AS o${nth}, CASE WHEN surplus > 0 THEN ${stored('new') ?? 'NULL'} END AS n${nth}`;
  });
  return `SELECT CASE WHEN surplus > 0 THEN 'added' ELSE 'removed' END AS kind, abs(surplus)::BIGINT AS occurrences,
      ${image} AS image${values.join('')} FROM (${surplus(sources, columns, condition)})`;
}

function imageOf(members: readonly Member[], kept: boolean): string {
  return kept ? jsonObject(members) : `md5(${jsonObject(members)})`;
}

export function typeOn(side: 'o' | 'n', { oldType, newType }: ComparedColumn): string {
  return side === 'o' ? oldType : newType;
}

function onBothSides({ name }: ComparedColumn): RawColumn {
  return { name, old: true, new: true };
}

/** `both`: the condition under which both sides have the row. */
function dirtyFlags(dirty: readonly ComparedColumn[], sources: Sources, both: string): string {
  return dirty
    .map(
      (column, at) => `, coalesce(${both} AND ${deviates(column, at, sources)}, false) AS d${at}`,
    )
    .join('');
}

function keptValues(kept: readonly RawColumn[]): string {
  return kept.map((_, at) => `, o.r${at} AS o${at}, n.r${at} AS n${at}`).join('');
}
