import { toNumber } from './counts.ts';
import type {
  Claim,
  ClaimOutcome,
  ComparedColumn,
  RecordedRows,
  RowComparison,
  Side,
  TablePair,
} from './engine.ts';
import { countWhere, inGroups, list, sumWhere } from './sql.ts';
import { asValue, type Syntax, standardSyntax } from './syntax.ts';

/** Which of the gathered rows the claims cover: the same SQL for every engine. */

/** A column that a condition names. */
export interface Reference {
  readonly side: Side;
  readonly column: string;
  /** Fields of a struct behind it. */
  readonly fields: readonly string[];
}

/** A claim whose conditions were understood. `Condition`: what the engine made of one. */
export interface ReadClaim<Condition> {
  readonly claim: Claim;
  readonly where: Condition | null;
  readonly holds: Condition | null;
}

/** A claim as SQL over the gathered rows; both are values, true or false, never NULL. */
export interface WrittenClaim {
  readonly covers: string;
  /** It covers the row, and what must hold does not. */
  readonly breaks: string;
}

/** A column whose values are kept beside those that deviate, on the sides that have it. */
export interface KeptColumn {
  readonly name: string;
  readonly old: boolean;
  readonly new: boolean;
}

/** The deviating rows of a pair in a table: kind, occurrences, and d0, o0, n0, ... */
export interface JudgedRows {
  /** Quoted. */
  readonly table: string;
  readonly pair: TablePair;
  readonly dirty: readonly ComparedColumn[];
  /** Column -> rows in which it deviates. */
  readonly cells: RowComparison['cells'];
  /** By claimId. */
  readonly claims: ReadonlyMap<string, WrittenClaim>;
}

/** The engine, as far as judging asks for it. */
export interface Judge {
  /** Default: the standard's. */
  readonly syntax?: Syntax;
  /** The only row of a statement; `about` goes into its comment. */
  ask(about: string, statement: string): Promise<Readonly<Record<string, unknown>>>;
  /** Neither the statement's fault nor the data's. */
  isOfTheMachine(error: unknown): boolean;
  /** What may be shown of an error that came from reading data. */
  withoutData(error: unknown): string;
}

/** Planning time grows with the square of the number of aggregates: few claims a statement. */
const judgedAtOnce = 8;

/** The columns that claims ask for besides those that deviate. */
export function otherColumns(
  references: readonly Reference[],
  dirty: readonly ComparedColumn[],
): KeptColumn[] {
  const sides = new Map<string, { old: boolean; new: boolean }>();
  for (const { side, column } of references) {
    if (dirty.some(({ name }) => name === column)) continue;
    sides.set(column, { ...(sides.get(column) ?? { old: false, new: false }), [side]: true });
  }
  return [...sides].map(([name, on]) => ({ name, ...on }));
}

/** The name of the value that a condition means, in the table of the gathered rows. */
export function keptName(kept: readonly KeptColumn[], { side, column }: Reference): string {
  const at = kept.findIndex((one) => one.name === column && one[side]);
  return `${side === 'old' ? 'o' : 'n'}${at}`;
}

/** `where` and `holds` as SQL over the gathered rows; null: there is none. */
export function writtenClaim(
  { kind, column }: Claim,
  dirty: readonly ComparedColumn[],
  where: string | null,
  holds: string | null,
  syntax: Syntax = standardSyntax,
): WrittenClaim {
  const deviates = dirty.findIndex(({ name }) => name === column);
  if (kind === 'changed' && deviates === -1) return coveringNothing(syntax);
  const base = kind === 'changed' ? syntax.isSet(`d${deviates}`) : `kind = '${kind}'`;
  const { always, yes, no } = syntax;
  // CASE keeps the order: what one condition rules out does not fail in the next.
  const among = (then: string) =>
    `CASE WHEN ${base} THEN CASE WHEN (${where ?? always}) THEN ${then} ELSE ${no} END ELSE ${no} END`;
  const breaks = `CASE WHEN (${holds ?? always}) THEN ${no} ELSE ${yes} END`;
  return { covers: among(yes), breaks: among(breaks) };
}

export function coveringNothing({ no }: Syntax): WrittenClaim {
  return { covers: no, breaks: no };
}

export const coversNothing: WrittenClaim = coveringNothing(standardSyntax);

/** What each claim covers. Only claims of the same rows (and column) can overlap. */
export async function judgeClaims(
  judge: Judge,
  gathered: JudgedRows,
  claims: readonly Claim[],
): Promise<ClaimOutcome[]> {
  const outcomes = new Map<Claim, ClaimOutcome>();
  for (const batch of batches(ofSameRows(claims))) {
    try {
      await judgeBatch(judge, gathered, batch, claims, outcomes);
    } catch (error) {
      if (judge.isOfTheMachine(error)) throw error;
      for (const claim of batch.flat()) {
        outcomes.set(claim, await judgeAlone(judge, gathered, claim));
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
  judge: Judge,
  gathered: JudgedRows,
  groups: readonly Claim[][],
  claims: readonly Claim[],
  outcomes: Map<Claim, ClaimOutcome>,
): Promise<void> {
  const batch = groups.flat();
  const about = `judge the deviating rows of ${gathered.pair.schema}.${gathered.pair.name}`;
  const row = await judge.ask(about, judgeStatement(gathered, groups, syntaxOf(judge)));
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
                (await judge.ask(about, countCommon(gathered, first, claim, syntaxOf(judge)))).rows,
              ),
            },
      fault: null,
    });
  }
}

async function judgeAlone(judge: Judge, gathered: JudgedRows, claim: Claim): Promise<ClaimOutcome> {
  try {
    const row = await judge.ask(
      'judge one claim',
      judgeStatement(gathered, [[claim]], syntaxOf(judge)),
    );
    return { ...nothing, ...countsOf(row, 0) };
  } catch (error) {
    if (judge.isOfTheMachine(error)) throw error;
    return { ...nothing, fault: judge.withoutData(error) };
  }
}

function countsOf(
  row: Readonly<Record<string, unknown>>,
  at: number,
): Pick<ClaimOutcome, 'claimed' | 'broken'> {
  return { claimed: toNumber(row[`claimed${at}`]), broken: toNumber(row[`broken${at}`]) };
}

function judgeStatement(
  gathered: JudgedRows,
  groups: readonly Claim[][],
  { isSet }: Syntax,
): string {
  const batch = groups.flat();
  const flags = list(batch, (claim, at) => {
    const { covers, breaks } = writtenFor(gathered, claim);
    return `${covers} AS c${at}, ${breaks} AS b${at}`;
  });
  const rowsWith = (flag: string) => `coalesce(${sumWhere('occurrences', isSet(flag))}, 0)`;
  const counts = groups.flatMap((group) => {
    const from = batch.indexOf(group[0] as Claim);
    return group.flatMap((_, nth) => {
      const at = from + nth;
      const earlier = group
        .slice(0, nth)
        .map((_, of) => `WHEN ${isSet(`c${from + of}`)} THEN ${from + of}`);
      return [
        `${rowsWith(`c${at}`)} AS claimed${at}`,
        `${rowsWith(`b${at}`)} AS broken${at}`,
        ...(nth === 0
          ? []
          : [
              `min(CASE WHEN ${isSet(`c${at}`)} THEN CASE ${earlier.join(' ')} END END) AS earlier${at}`,
            ]),
      ];
    });
  });
  return `SELECT ${counts.join(', ')} FROM (SELECT occurrences, ${flags} FROM ${gathered.table}) AS judged`;
}

function countCommon(gathered: JudgedRows, one: Claim, other: Claim, { isSet }: Syntax): string {
  const [a, b] = [writtenFor(gathered, one), writtenFor(gathered, other)];
  return `SELECT coalesce(sum(occurrences), 0) AS "rows" FROM ${gathered.table} WHERE ${isSet(a.covers)} AND ${isSet(b.covers)}`;
}

// ---------------------------------------------------------------------------------------------
// What is explained

/** SQL that is true when the row is explained: each of its deviating cells, or the row itself, is covered. */
export function explainedRow(
  gathered: JudgedRows,
  explaining: readonly Claim[],
  syntax: Syntax = standardSyntax,
): string {
  if (explaining.length === 0) return syntax.no;
  const ofKind = (kind: Claim['kind']) => explaining.filter((claim) => claim.kind === kind);
  const cells = gathered.dirty.map(({ name }, at) => {
    const claims = ofColumn(explaining, name);
    const isClean = `NOT (${syntax.isSet(`d${at}`)})`;
    return claims.length === 0 ? isClean : `(${isClean} OR ${coveredBy(gathered, claims, syntax)})`;
  });
  const isCovered = (kind: Claim['kind']) =>
    asValue(coveredBy(gathered, ofKind(kind), syntax), syntax);
  return `CASE kind WHEN 'added' THEN ${isCovered('added')}
    WHEN 'removed' THEN ${isCovered('removed')} ELSE ${asValue(cells.join(' AND ') || syntax.never, syntax)} END`;
}

/** What was recorded. `summary`: rows by their kind, those that are not explained, and the fingerprint of all. */
export async function recordedOf(
  judge: Judge,
  gathered: JudgedRows,
  explaining: readonly Claim[],
  summary: Readonly<Record<string, unknown>>,
): Promise<RecordedRows> {
  return {
    added: toNumber(summary.added),
    removed: toNumber(summary.removed),
    changed: toNumber(summary.changed),
    unexplained: toNumber(summary.unexplained),
    ...(await countCells(judge, gathered, explaining)),
    fingerprint: String(summary.fingerprint),
  };
}

/** Per column the rows in which it deviates: of the gathered rows, counted again, and those of them that no claim covers. */
async function countCells(
  judge: Judge,
  gathered: JudgedRows,
  explaining: readonly Claim[],
): Promise<Pick<RecordedRows, 'cells' | 'unexplainedCells'>> {
  const { dirty, table, pair } = gathered;
  const syntax = syntaxOf(judge);
  const cells = new Map<string, number>();
  const unexplainedCells = new Map<string, number>();
  for (const columns of inGroups([...dirty.entries()], judgedAtOnce)) {
    const counts = columns.map(([at, { name }]) => {
      const own = ofColumn(explaining, name);
      const deviates = syntax.isSet(`d${at}`);
      const uncovered = `${deviates} AND NOT ${coveredBy(gathered, own, syntax)}`;
      return `${countWhere(deviates)} AS d${at}${own.length === 0 ? '' : `, ${countWhere(uncovered)} AS u${at}`}`;
    });
    const row = await judge.ask(
      `judge the deviating rows of ${pair.schema}.${pair.name}`,
      `SELECT ${counts.join(', ')} FROM ${table}`,
    );
    for (const [at, { name }] of columns) {
      const unexplained = toNumber(row[`u${at}`] ?? row[`d${at}`]);
      cells.set(name, toNumber(row[`d${at}`]));
      if (unexplained > 0) unexplainedCells.set(name, unexplained);
    }
  }
  return { cells, unexplainedCells };
}

function ofColumn(claims: readonly Claim[], column: string): Claim[] {
  return claims.filter((claim) => claim.kind === 'changed' && claim.column === column);
}

/** A condition. */
function coveredBy(
  gathered: JudgedRows,
  claims: readonly Claim[],
  { never, isSet }: Syntax,
): string {
  if (claims.length === 0) return `(${never})`;
  return `(${list(claims, (claim) => isSet(writtenFor(gathered, claim).covers), ' OR ')})`;
}

function writtenFor({ claims }: JudgedRows, claim: Claim): WrittenClaim {
  const written = claims.get(claimId(claim));
  if (written === undefined) throw new Error('A claim was not gathered for');
  return written;
}

/** Claims are the same when they say the same. */
export function claimId({ kind, column, where, holds }: Claim): string {
  return JSON.stringify([kind, column, where, holds]);
}

function syntaxOf({ syntax = standardSyntax }: Judge): Syntax {
  return syntax;
}
