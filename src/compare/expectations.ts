import {
  type DeclaredRows,
  describeExpectation,
  type Expectation,
  type StructurePart,
} from '../config/expectations.ts';
import type { Claim, ClaimOutcome } from '../engines/engine.ts';
import { UsageError } from '../errors.ts';
import { count, plural } from '../format.ts';
import type { ColumnOutcome, ExpectationOutcome, ObjectOutcome, TableOutcome } from './outcome.ts';

/** What explains a deviation: a declaration that covers it, and whose relation holds for every row that it claims. */

export type RowsExpectation = Expectation & { readonly declares: DeclaredRows };

export function isAboutRows(expectation: Expectation): expectation is RowsExpectation {
  return expectation.declares.kind === 'rows';
}

/** What the engine is asked. */
export function claimOf({ declares: { of, column, where, holds } }: RowsExpectation): Claim {
  return { kind: of, column, where, holds };
}

// Rows ----------------------------------------------------------------------------------------------

export interface JudgedRows {
  /** One for each expectation, in the same order. */
  readonly outcomes: readonly ExpectationOutcome[];
  /** Of those that are met: what they claim is explained. */
  readonly explaining: readonly Claim[];
}

/**
 * @param claimed what the engine found for each expectation; null when there is no deviating row.
 * @throws UsageError when two declarations claim the same row, and when the condition of one fails on the data.
 */
export function judgeRows(
  expectations: readonly RowsExpectation[],
  claimed: readonly ClaimOutcome[] | null,
): JudgedRows {
  if (claimed !== null) refuseUnclear(expectations, claimed);
  const outcomes = expectations.map((expectation, at) =>
    outcomeOf(expectation, claimed?.[at]?.claimed ?? 0, claimed?.[at]?.broken ?? 0),
  );
  const met = expectations.filter((_, at) => outcomes[at]?.status === 'met');
  return { outcomes, explaining: met.map(claimOf) };
}

function refuseUnclear(
  expectations: readonly RowsExpectation[],
  claimed: readonly ClaimOutcome[],
): void {
  const faults = claimed.flatMap(({ fault, overlap }, at): string[] => {
    const own = expectations[at];
    if (own === undefined) return [];
    if (fault !== null) return [`${placeOf(own)} ${describeExpectation(own)}: ${fault}`];
    const other = overlap === null ? undefined : expectations[overlap.claim];
    if (overlap === null || other === undefined) return [];
    return [
      `${placeOf(other)} and ${placeOf(own)} both claim the same ${overlap.rows} rows of ${subjectOf(own)}.`,
    ];
  });
  if (faults.length === 0) return;
  const failed = claimed.some(({ fault }) => fault !== null);
  throw new UsageError({
    what: failed
      ? 'The condition of a declaration fails on the data.'
      : 'Declarations are ambiguous: it is not clear which of them explains a row.',
    cause: faults.join('\n'),
    help: failed
      ? 'Rule out the rows for which it fails, in `where`, or let it give NULL for them.'
      : 'Let the `where` of one of them rule out the rows of the other.',
  });
}

function placeOf({ file, line }: Expectation): string {
  return `${file}:${line}`;
}

function subjectOf({ table, declares }: RowsExpectation): string {
  return describeExpectation({ table, declares: { ...declares, where: null, holds: null } });
}

function outcomeOf(expectation: Expectation, claimed: number, broken: number): ExpectationOutcome {
  const { file, line, table, declares } = expectation;
  return {
    file,
    line,
    table,
    declares: describeExpectation(expectation),
    status: statusOf(expectation, claimed, broken),
    claimed,
    broken,
    because: declares.kind === 'rows' ? declares.because : null,
  };
}

function statusOf(
  { declares }: Expectation,
  claimed: number,
  broken: number,
): ExpectationOutcome['status'] {
  if (broken > 0) return 'broken';
  const [atLeast, atMost] =
    declares.kind === 'rows' ? [declares.atLeast, declares.atMost] : [1, null];
  if (claimed < atLeast) return claimed === 0 ? 'unmatched' : 'too-few';
  return atMost !== null && claimed > atMost ? 'too-many' : 'met';
}

/** Why a declaration is not met, in words; empty for one that is. */
export function whyUnmet({
  status,
  claimed,
  broken,
}: Pick<ExpectationOutcome, 'status' | 'claimed' | 'broken'>): string {
  return {
    met: '',
    unmatched: 'matches nothing',
    broken: `does not hold for ${count(broken)} of ${plural(claimed, 'row')}`,
    'too-few': `matches only ${plural(claimed, 'row')}`,
    'too-many': `matches ${plural(claimed, 'row')}, too many`,
  }[status];
}

// Structure -----------------------------------------------------------------------------------------

/** The table with what the declarations of its structure explain, and what became of them. Its rows are judged. */
export function explainTable(
  found: TableOutcome,
  expectations: readonly Expectation[],
): { table: TableOutcome; outcomes: ExpectationOutcome[] } {
  const outcomes: ExpectationOutcome[] = [];
  const met = expectations.filter((expectation) => {
    if (isAboutRows(expectation)) return false;
    const matches = isThere(found, expectation);
    outcomes.push(outcomeOf(expectation, matches ? 1 : 0, 0));
    return matches;
  });
  const columns = found.columns.map((column) => ({
    ...column,
    explained: isColumnExplained(column, met),
  }));
  const isOnOneSide = found.status === 'added' || found.status === 'removed';
  const whole = isOnOneSide && met.length > 0;
  const explained =
    found.status === 'skipped'
      ? found.skipped === 'configured'
      : isOnOneSide
        ? whole
        : found.unexplained === 0 &&
          columns.every((column) => column.explained) &&
          found.structure.every((part) => declaresPart(met, part));
  return {
    table: {
      ...found,
      explained,
      unexplained: whole ? 0 : found.unexplained,
      columns: isOnOneSide ? columns.map((column) => ({ ...column, explained: whole })) : columns,
    },
    outcomes,
  };
}

function isThere(found: TableOutcome, { declares }: Expectation): boolean {
  switch (declares.kind) {
    case 'table':
      return found.status === declares.status;
    case 'column':
      return found.columns.some(
        ({ column, status }) => column === declares.column && status === declares.status,
      );
    case 'structure':
      return found.structure.includes(declares.part);
    default:
      return false;
  }
}

/** That a column was retyped, and that its values changed, are two deviations. */
function isColumnExplained(
  { column, status, unexplained }: ColumnOutcome,
  met: readonly Expectation[],
): boolean {
  const isDeclared = () =>
    met.some(({ declares }) => declares.kind === 'column' && declares.column === column);
  switch (status) {
    case 'identical':
    case 'skipped':
      return true;
    case 'changed':
      return unexplained === 0;
    case 'incomparable':
      return false;
    case 'retyped':
      return unexplained === 0 && isDeclared();
    default:
      return isDeclared();
  }
}

function declaresPart(met: readonly Expectation[], part: StructurePart): boolean {
  return met.some(({ declares }) => declares.kind === 'structure' && declares.part === part);
}

/** The objects with what the declarations explain, and what became of these. */
export function explainObjects(
  found: readonly ObjectOutcome[],
  expectations: readonly Expectation[],
): { objects: ObjectOutcome[]; outcomes: ExpectationOutcome[] } {
  const declared = expectations.filter(({ table }) => table === null);
  const matches = ({ declares }: Expectation, { kind, name, status }: ObjectOutcome) =>
    declares.kind === 'object' &&
    declares.object === `${kind} ${name}` &&
    declares.status === status;
  return {
    objects: found.map((object) => ({
      ...object,
      explained: declared.some((expectation) => matches(expectation, object)),
    })),
    outcomes: declared.map((expectation) =>
      outcomeOf(expectation, found.some((object) => matches(expectation, object)) ? 1 : 0, 0),
    ),
  };
}
