import type { Declared, DeclaredRows, Expectation } from '../config/expectations.ts';
import { describeExpectation } from '../config/expectations.ts';
import type { Proposal } from '../config/expectations-file.ts';
import type { Comparer } from '../engines/engine.ts';
import { isAboutRows, type RowsExpectation } from './expectations.ts';
import type { ColumnOutcome, Comparison, ExpectationOutcome, TableOutcome } from './outcome.ts';

export interface Proposals {
  readonly proposals: readonly Proposal[];
  /** Deviations that no further declaration can explain, each with the reason. */
  readonly impossible: readonly string[];
}

/**
 * Declarations for all that deviates and is not explained. With them beside `expectations`, as long as those are met,
 * everything is explained.
 */
export function proposeExpectations(
  {
    tables,
    objects,
    expectations: outcomes,
  }: Pick<Comparison, 'tables' | 'objects' | 'expectations'>,
  expectations: readonly Expectation[],
  { noneOf }: Pick<Comparer, 'noneOf'>,
): Proposals {
  const proposals: Proposal[] = [];
  const impossible: string[] = [];
  for (const found of tables.filter(({ explained }) => !explained)) {
    const own = expectations.filter(({ table }) => table === found.table);
    const propose = (declares: Declared) => proposals.push({ table: found.table, declares });
    if (found.status === 'skipped') {
      impossible.push(`${found.table}: ${found.reason ?? 'it cannot be read'}`);
    } else if (found.status === 'added' || found.status === 'removed') {
      propose({ kind: 'table', status: found.status });
    } else {
      for (const declares of structureOf(found, own)) propose(declares);
      const rest = restOf(found.table, own.filter(isAboutRows), outcomes, noneOf);
      for (const { of, column, rows } of deviationsOf(found)) {
        const left = rest(of, column?.column ?? null, rows);
        if (left.rows === 0) continue;
        propose({
          kind: 'rows',
          of,
          column: column?.column ?? null,
          where: left.where ?? column?.condition ?? null,
          holds: holdsOf(column),
          atLeast: left.rows,
          atMost: left.rows,
          because: null,
        });
      }
    }
  }
  for (const { kind, name, status, explained } of objects)
    if (!explained)
      proposals.push({
        table: null,
        declares: { kind: 'object', object: `${kind} ${name}`, status },
      });
  return { proposals, impossible };
}

function structureOf(found: TableOutcome, own: readonly Expectation[]): Declared[] {
  const declared = (fits: (declares: Declared) => boolean) =>
    own.some(({ declares }) => fits(declares));
  const isStructural = (status: ColumnOutcome['status']) =>
    status === 'added' || status === 'removed' || status === 'retyped';
  return [
    ...found.columns.flatMap(({ column, status }): Declared[] =>
      isStructural(status) &&
      !declared((one) => one.kind === 'column' && one.column === column && one.status === status)
        ? [{ kind: 'column', column, status } as Declared]
        : [],
    ),
    ...found.structure
      .filter((part) => !declared((one) => one.kind === 'structure' && one.part === part))
      .map((part): Declared => ({ kind: 'structure', part })),
  ];
}

interface Deviation {
  readonly of: DeclaredRows['of'];
  /** Null: whole rows. */
  readonly column: ColumnOutcome | null;
  readonly rows: number;
}

function deviationsOf({ columns, added, removed }: TableOutcome): Deviation[] {
  return [
    ...columns
      .filter(({ unexplained }) => unexplained > 0)
      .map((column) => ({ of: 'changed' as const, column, rows: column.changed })),
    { of: 'added', column: null, rows: added },
    { of: 'removed', column: null, rows: removed },
  ];
}

/** What the declarations that are there leave: no two claim the same row, so their counts add up. */
function restOf(
  table: string,
  expectations: readonly RowsExpectation[],
  outcomes: readonly ExpectationOutcome[],
  noneOf: Comparer['noneOf'],
) {
  const claimedBy = (expectation: RowsExpectation) =>
    outcomes.find(
      ({ line, declares }) =>
        line === expectation.line &&
        declares === describeExpectation({ table, declares: expectation.declares }),
    )?.claimed ?? 0;
  return (of: DeclaredRows['of'], column: string | null, rows: number) => {
    const same = expectations.filter(
      ({ declares }) => declares.of === of && declares.column === column,
    );
    const claimed = same.reduce((sum, expectation) => sum + claimedBy(expectation), 0);
    const conditions = same
      .map(({ declares: { where } }) => where)
      .filter((where) => where !== null);
    return {
      rows: rows - claimed,
      where: conditions.length === 0 ? null : noneOf(conditions),
    };
  };
}

/** What describes all changes of the column describes those that are left. */
function holdsOf(column: ColumnOutcome | null): string | null {
  const [pattern, ...more] = column?.patterns ?? [];
  return more.length === 0 ? (pattern?.relation ?? null) : null;
}
