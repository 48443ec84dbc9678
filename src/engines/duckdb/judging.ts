import { messageOf } from '../../errors.ts';
import type { Claim, ClaimOutcome, Column, ComparedColumn } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import { type ReadClaim, type Reference, readClaim, referencesOf, write } from './claims.ts';
import { type Row, toNumber } from './connection.ts';
import type { GatheredRows } from './deviating.ts';
import { isOfTheMachine, withoutData } from './errors.ts';
import type { RawColumn } from './reading.ts';
import type { RowPlan } from './rows.ts';
import type { Workspace } from './workspace.ts';

/** Which of the gathered rows the claims cover. */

/** A claim as SQL over the gathered rows; both are true or false, never NULL. */
export interface WrittenClaim {
  readonly covers: string;
  /** It covers the row, and what must hold does not. */
  readonly breaks: string;
}

/** DuckDB's planning time grows with the square of the number of aggregates: few claims a statement. */
const judgedAtOnce = 8;

export async function readClaims(
  workspace: Workspace,
  claims: readonly Claim[],
  { sources }: RowPlan,
): Promise<ReadClaim[]> {
  if (claims.every(({ where, holds }) => where === null && holds === null))
    return claims.map((claim) => ({ claim, where: null, holds: null }));
  const columnsOf = async (relation: string): Promise<Column[]> =>
    (await workspace.rows('look at the columns', `DESCRIBE SELECT * FROM ${relation}`)).map(
      (row) => ({ name: String(row.column_name), type: String(row.column_type) }),
    );
  const columns = { old: await columnsOf(sources.old), new: await columnsOf(sources.new) };
  const read: ReadClaim[] = [];
  for (const claim of claims) read.push(await readClaim(workspace, claim, columns));
  return read;
}

/** The columns that claims ask for besides those that deviate. */
export function otherColumns(
  claims: readonly ReadClaim[],
  dirty: readonly ComparedColumn[],
): RawColumn[] {
  const sides = new Map<string, { old: boolean; new: boolean }>();
  for (const { side, column } of claims.flatMap(referencesOf)) {
    if (dirty.some(({ name }) => name === column)) continue;
    sides.set(column, { ...(sides.get(column) ?? { old: false, new: false }), [side]: true });
  }
  return [...sides].map(([name, on]) => ({ name, ...on }));
}

export async function writeClaim(
  workspace: Workspace,
  { claim, where, holds }: ReadClaim,
  { dirty, kept, pair, plan }: Pick<GatheredRows, 'dirty' | 'kept' | 'pair' | 'plan'>,
): Promise<WrittenClaim> {
  const deviates = dirty.findIndex(({ name }) => name === claim.column);
  // Without a key, rows are kept by the columns that are compared: nothing else of them is known.
  const isKnown = ({ column }: Reference) =>
    plan.key !== null || pair.columns.some(({ name }) => name === column);
  const isPossible = claim.kind !== 'changed' || deviates !== -1;
  if (!isPossible || !referencesOf({ claim, where, holds }).every(isKnown))
    return { covers: 'false', breaks: 'false' };
  const nameOf = ({ side, column }: Reference) => {
    const at = kept.findIndex((one) => one.name === column && one[side]);
    return `${side === 'old' ? 'o' : 'n'}${at}`;
  };
  const base = claim.kind === 'changed' ? `d${deviates}` : `kind = '${claim.kind}'`;
  const claimed = where === null ? 'true' : await write(workspace, where, nameOf);
  const held = holds === null ? 'true' : await write(workspace, holds, nameOf);
  // CASE keeps the order: what one condition rules out does not fail in the next.
  const among = (then: string) =>
    `CASE WHEN ${base} THEN CASE WHEN (${claimed}) THEN ${then} ELSE false END ELSE false END`;
  return { covers: among('true'), breaks: among(`(${held}) IS NOT TRUE`) };
}

/** What each claim covers. Only claims of the same rows (and column) can overlap. */
export async function judgeClaims(
  workspace: Workspace,
  gathered: GatheredRows,
  claims: readonly Claim[],
): Promise<ClaimOutcome[]> {
  const outcomes = new Map<Claim, ClaimOutcome>();
  for (const batch of batches(ofSameRows(claims))) {
    try {
      await judgeBatch(workspace, gathered, batch, claims, outcomes);
    } catch (error) {
      if (isOfTheMachine(error)) throw error;
      for (const claim of batch.flat()) {
        outcomes.set(claim, await judgeAlone(workspace, gathered, claim));
      }
    }
  }
  return claims.map((claim) => outcomes.get(claim) ?? nothing);
}

const nothing: ClaimOutcome = { claimed: 0, broken: 0, overlap: null, fault: null };

function ofSameRows(claims: readonly Claim[]): Claim[][] {
  const groups = new Map<string, Claim[]>();
  for (const claim of claims) {
    const id = JSON.stringify([claim.kind, claim.column]);
    groups.set(id, [...(groups.get(id) ?? []), claim]);
  }
  return [...groups.values()];
}

function batches(groups: readonly Claim[][]): Claim[][][] {
  const all: Claim[][][] = [];
  for (const group of groups) {
    const last = all.at(-1);
    if (last !== undefined && last.flat().length + group.length <= judgedAtOnce) last.push(group);
    else all.push([group]);
  }
  return all;
}

async function judgeBatch(
  workspace: Workspace,
  gathered: GatheredRows,
  groups: readonly Claim[][],
  claims: readonly Claim[],
  outcomes: Map<Claim, ClaimOutcome>,
): Promise<void> {
  const batch = groups.flat();
  const about = `judge the deviating rows of ${gathered.pair.schema}.${gathered.pair.name}`;
  const row = await workspace.ask(about, judgeStatement(gathered, groups));
  for (const [at, claim] of batch.entries()) {
    const earlier = row[`earlier${at}`] ?? null;
    const first = earlier === null ? null : batch[toNumber(earlier)];
    outcomes.set(claim, {
      ...countsOf(row, at),
      overlap:
        first == null
          ? null
          : {
              claim: claims.indexOf(first),
              rows: toNumber(
                (await workspace.ask(about, countCommon(gathered, first, claim))).rows,
              ),
            },
      fault: null,
    });
  }
}

async function judgeAlone(
  workspace: Workspace,
  gathered: GatheredRows,
  claim: Claim,
): Promise<ClaimOutcome> {
  try {
    const row = await workspace.ask('judge one claim', judgeStatement(gathered, [[claim]]));
    return { ...nothing, ...countsOf(row, 0) };
  } catch (error) {
    if (isOfTheMachine(error)) throw error;
    return { ...nothing, fault: withoutData(messageOf(error)) };
  }
}

function countsOf(row: Row, at: number): Pick<ClaimOutcome, 'claimed' | 'broken'> {
  return { claimed: toNumber(row[`claimed${at}`]), broken: toNumber(row[`broken${at}`]) };
}

function judgeStatement(gathered: GatheredRows, groups: readonly Claim[][]): string {
  const batch = groups.flat();
  const flags = list(batch, (claim, at) => {
    const { covers, breaks } = writtenClaim(gathered, claim);
    return `${covers} AS c${at}, ${breaks} AS b${at}`;
  });
  const rowsWith = (flag: string) => `coalesce(sum(occurrences) FILTER (${flag}), 0)`;
  const counts = groups.flatMap((group) => {
    const from = batch.indexOf(group[0] as Claim);
    return group.flatMap((_, nth) => {
      const at = from + nth;
      const earlier = group.slice(0, nth).map((_, of) => `WHEN c${from + of} THEN ${from + of}`);
      return [
        `${rowsWith(`c${at}`)} AS claimed${at}`,
        `${rowsWith(`b${at}`)} AS broken${at}`,
        ...(nth === 0
          ? []
          : [`min(CASE ${earlier.join(' ')} END) FILTER (c${at}) AS earlier${at}`]),
      ];
    });
  });
  return `SELECT ${counts.join(', ')} FROM (SELECT occurrences, ${flags} FROM ${gathered.table})`;
}

function countCommon(gathered: GatheredRows, one: Claim, other: Claim): string {
  const [a, b] = [writtenClaim(gathered, one), writtenClaim(gathered, other)];
  return `SELECT coalesce(sum(occurrences), 0) AS rows FROM ${gathered.table} WHERE ${a.covers} AND ${b.covers}`;
}

// ---------------------------------------------------------------------------------------------
// What is explained

/** SQL that is true when the row is explained: each of its deviating cells, or the row itself, is covered. */
export function explainedRow(gathered: GatheredRows, explaining: readonly Claim[]): string {
  if (explaining.length === 0) return 'false';
  const ofKind = (kind: Claim['kind']) => explaining.filter((claim) => claim.kind === kind);
  const cells = gathered.dirty.map(({ name }, at) => {
    const claims = ofColumn(explaining, name);
    return claims.length === 0 ? `NOT d${at}` : `(NOT d${at} OR ${coveredBy(gathered, claims)})`;
  });
  return `CASE kind WHEN 'added' THEN ${coveredBy(gathered, ofKind('added'))}
    WHEN 'removed' THEN ${coveredBy(gathered, ofKind('removed'))} ELSE ${cells.join(' AND ') || 'false'} END`;
}

/** Column -> its deviating cells that no claim covers; only where there are any. */
export async function countUnexplainedCells(
  workspace: Workspace,
  gathered: GatheredRows,
  explaining: readonly Claim[],
): Promise<Map<string, number>> {
  const { dirty, cells, table, pair } = gathered;
  const unexplained = new Map(cells);
  const claimed = [...dirty.entries()].filter(
    ([, { name }]) => ofColumn(explaining, name).length > 0,
  );
  for (const columns of inGroups(claimed, judgedAtOnce)) {
    const row = await workspace.ask(
      `judge the deviating rows of ${pair.schema}.${pair.name}`,
      `SELECT ${list(
        columns,
        ([at, { name }]) =>
          `count(*) FILTER (d${at} AND NOT ${coveredBy(gathered, ofColumn(explaining, name))}) AS c${at}`,
      )} FROM ${table}`,
    );
    for (const [at, { name }] of columns) {
      const count = toNumber(row[`c${at}`]);
      if (count === 0) unexplained.delete(name);
      else unexplained.set(name, count);
    }
  }
  return unexplained;
}

function ofColumn(claims: readonly Claim[], column: string): Claim[] {
  return claims.filter((claim) => claim.kind === 'changed' && claim.column === column);
}

function coveredBy(gathered: GatheredRows, claims: readonly Claim[]): string {
  if (claims.length === 0) return 'false';
  return `(${list(claims, (claim) => writtenClaim(gathered, claim).covers, ' OR ')})`;
}

function writtenClaim({ claims }: GatheredRows, claim: Claim): WrittenClaim {
  const written = claims.get(claimId(claim));
  if (written === undefined) throw new Error('A claim was not gathered for');
  return written;
}

/** Claims are the same when they say the same. */
export function claimId({ kind, column, where, holds }: Claim): string {
  return JSON.stringify([kind, column, where, holds]);
}
