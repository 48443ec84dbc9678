import { toNumber } from '../counts.ts';
import type { ChangeCondition, ComparedColumn } from '../engine.ts';
import { countWhere, inGroups, list } from '../sql.ts';
import { asValue } from '../syntax.ts';
import { type PatternDialect, type PatternRow, type PatternWork, syntaxOf } from './dialect.ts';
import { isOrdered } from './kinds.ts';
import type { DirtyColumn } from './parts.ts';

/** Beyond these the search would cost more than it tells. */
const mostDirtyColumns = 32;
const mostOtherColumns = 32;
const mostRows = 20_000_000;
const mostValues = 5;
const longestValue = 100;
/** Conditions of one column that are put to the proof. */
const mostProven = 4;
/** Planning time grows with the square of the number of aggregates in some engines. */
const conditionsAtOnce = 16;
const columnsAtOnce = 8;

/** One that could separate the deviating rows of a column from the others. */
interface Candidate extends ChangeCondition {
  readonly dirty: DirtyColumn;
  /** The column it is about. */
  readonly about: OtherColumn;
  readonly form: 'equal' | 'null' | 'in' | 'from' | 'to' | 'between';
}

/** A column that does not deviate, so that both sides have the same value in each row; c<nth> in the sample. */
interface OtherColumn {
  readonly column: ComparedColumn;
  readonly nth: number;
}

/**
 * For each column the simplest condition on a column that does not deviate, if there is one that is true for exactly
 * its deviating rows, of the rows that both sides have. It is guessed from the sample of these rows; a count over the
 * new side rules nearly all wrong guesses out; what is left is proven row by row.
 */
export async function findConditions(
  work: PatternWork,
  dirty: readonly DirtyColumn[],
): Promise<Map<string, ChangeCondition>> {
  const rows = await countRows(work);
  const others = otherColumns(work);
  const asked = dirty
    .filter(({ cells }) => cells > 1 && cells <= mostRows && cells < rows.new - rows.added)
    .toSorted((a, b) => b.cells - a.cells)
    .slice(0, mostDirtyColumns);
  if (asked.length === 0 || others.length === 0) return new Map();
  const guessed = await guess(work, asked, others);
  const possible = await ruleOut(work, guessed, rows.added);
  const exact = await widen(work, possible);
  const proven = await prove(work, exact);
  return new Map(
    proven
      .toReversed()
      .map(({ dirty: { column }, detail, relation }) => [column.name, { detail, relation }]),
  );
}

async function countRows({ workspace, gathered: { table, newRows, pair } }: PatternWork) {
  const row = await workspace.ask(
    `look for conditions in ${pair.schema}.${pair.name}`,
    `SELECT (SELECT count(*) FROM ${newRows} AS new) AS new,
      (SELECT count(*) FROM ${table} WHERE kind = 'added') AS added`,
  );
  return { new: toNumber(row.new), added: toNumber(row.added) };
}

function otherColumns({ gathered: { pair, dirty }, dialect }: PatternWork): OtherColumn[] {
  return pair.columns
    .filter(({ name }) => !dirty.some((column) => column.name === name))
    .filter(({ oldType, newType, tolerance }) => oldType === newType && tolerance === null)
    .filter(({ newType }) => dialect.family(newType) !== 'other' || dialect.hasConstants(newType))
    .slice(0, mostOtherColumns)
    .map((column, nth) => ({ column, nth }));
}

// ---------------------------------------------------------------------------------------------
// Guessing

async function guess(
  work: PatternWork,
  dirty: readonly DirtyColumn[],
  others: readonly OtherColumn[],
): Promise<Candidate[]> {
  const { workspace, dialect } = work;
  const about = aboutOf(work);
  const sample = workspace.scratchTable();
  await workspace.run(about, takeSample(work, sample, dirty, others));
  try {
    const candidates: Candidate[] = [];
    for (const one of dirty) {
      for (const some of inGroups(others, columnsAtOnce)) {
        const row = await workspace.ask(about, lookAtValues(dialect, sample, one, some));
        candidates.push(...some.flatMap((other) => candidatesFrom(dialect, row, one, other)));
      }
    }
    return candidates;
  } finally {
    await workspace.run(about, `DROP TABLE ${sample}`);
  }
}

/** The values that the sampled rows have in the other columns. */
function takeSample(
  { gathered, dialect }: PatternWork,
  sample: string,
  dirty: readonly DirtyColumn[],
  others: readonly OtherColumn[],
): string {
  const syntax = syntaxOf(dialect);
  const flags = dirty.map((one) => `${asValue(one.isSampled, syntax)} AS s${one.at}`);
  return dialect.keep(
    sample,
    `SELECT ${list(dirty, ({ at }) => `deviating.s${at}`)},
      ${list(others, ({ column, nth }) => `new.${dialect.quote(column.name)} AS c${nth}`)}
    FROM ${gathered.newRows} AS new JOIN (
      SELECT ${[...gathered.keys, ...flags].join(', ')} FROM ${gathered.table}
      WHERE kind = 'changed' AND (${list(dirty, ({ isSampled }) => isSampled, ' OR ')})) AS deviating ON ${gathered.sameKey}`,
  );
}

/** Of each column: number of rows and of values that are not NULL, the values if they are few, the least and the greatest. */
function lookAtValues(
  dialect: PatternDialect,
  sample: string,
  { at }: DirtyColumn,
  others: readonly OtherColumn[],
): string {
  const facts = others.flatMap(({ column, nth }) => [
    `count(c${nth}) AS present_${nth}`,
    `${dialect.fewValues(`c${nth}`, column.newType, mostValues, longestValue)} AS values_${nth}`,
    ...(isOrdered(dialect, column.newType)
      ? [
          `${dialect.text(`min(c${nth})`, column.newType)} AS least_${nth}`,
          `${dialect.text(`max(c${nth})`, column.newType)} AS greatest_${nth}`,
        ]
      : []),
  ]);
  return `SELECT count(*) AS all_rows, ${facts.join(', ')} FROM ${sample} WHERE ${syntaxOf(dialect).isSet(`s${at}`)}`;
}

function candidatesFrom(
  dialect: PatternDialect,
  row: PatternRow,
  dirty: DirtyColumn,
  about: OtherColumn,
): Candidate[] {
  const { column, nth } = about;
  const present = toNumber(row[`present_${nth}`]);
  const candidate = (form: Candidate['form'], test: string) =>
    candidateOf(dialect, dirty, about, form, test);
  if (present === 0) return [candidate('null', 'IS NULL')];
  if (present < toNumber(row.all_rows)) return [];
  const texts =
    row[`values_${nth}`] === null ? [] : (JSON.parse(String(row[`values_${nth}`])) as string[]);
  const values = [...new Set(texts)]
    .toSorted()
    .map((text) => dialect.constant(text, column.newType));
  const [least, greatest] = [row[`least_${nth}`], row[`greatest_${nth}`]];
  return [
    ...equalTo(values, dirty).map(([form, test]) => candidate(form, test)),
    candidate('null', 'IS NOT NULL'),
    ...(least == null || dirty.cells < 3
      ? []
      : rangesOf(dialect, String(least), String(greatest), column).map(([form, test]) =>
          candidate(form, test),
        )),
  ];
}

/** A few rows have values that no other row has by chance: each value must occur twice. */
function equalTo(values: readonly string[], { cells }: DirtyColumn): [Candidate['form'], string][] {
  const [first] = values;
  if (first === undefined || values.length * 2 > cells) return [];
  if (values.length === 1) return [['equal', `= ${first}`]];
  return [['in', `IN (${values.join(', ')})`]];
}

function rangesOf(
  dialect: PatternDialect,
  least: string,
  greatest: string,
  { newType }: ComparedColumn,
): [Candidate['form'], string][] {
  const [from, to] = [dialect.constant(least, newType), dialect.constant(greatest, newType)];
  return [
    ['from', `>= ${from}`],
    ['to', `<= ${to}`],
    ['between', `BETWEEN ${from} AND ${to}`],
  ];
}

function candidateOf(
  { quote }: PatternDialect,
  dirty: DirtyColumn,
  about: OtherColumn,
  form: Candidate['form'],
  test: string,
): Candidate {
  const { name } = about.column;
  const shown = /^[a-z_][a-z0-9_]*$/i.test(name) ? name : quote(name);
  return { dirty, about, form, detail: `${shown} ${test}`, relation: `new.${quote(name)} ${test}` };
}

// ---------------------------------------------------------------------------------------------
// Ruling out, and proving

/** All rows of the new side for which it is true must be deviating ones, or added. */
async function ruleOut(
  work: PatternWork,
  candidates: readonly Candidate[],
  added: number,
): Promise<Candidate[]> {
  const { workspace, gathered } = work;
  const counts = new Map<string, number>();
  const relations = [...new Set(candidates.map(({ relation }) => relation))];
  for (const some of inGroups(relations, conditionsAtOnce)) {
    const row = await workspace.ask(
      aboutOf(work),
      `SELECT ${list(some, (relation, at) => `${countWhere(relation)} AS t${at}`)} FROM ${gathered.newRows} AS new`,
    );
    some.forEach((relation, at) => {
      counts.set(relation, toNumber(row[`t${at}`]));
    });
  }
  const possible = candidates.filter((candidate) => {
    const { cells, every } = candidate.dirty;
    const rows = counts.get(candidate.relation) ?? 0;
    // A range of sampled values may grow yet.
    const tooFew = rows < cells && !(isRange(candidate) && every > 1);
    return !tooFew && rows <= cells + added;
  });
  return groupsOf(possible).flatMap((own) =>
    own.toSorted((a, b) => simplicity(a) - simplicity(b)).slice(0, mostProven),
  );
}

/** From the range of the sampled values to that of all. */
async function widen(work: PatternWork, candidates: readonly Candidate[]): Promise<Candidate[]> {
  const { workspace, gathered, dialect } = work;
  const ranges = candidates.filter((one) => isRange(one) && one.dirty.every > 1);
  const exact = new Map<Candidate, Candidate>();
  for (const some of inGroups(ranges, columnsAtOnce)) {
    const limits = list(some, ({ dirty, about }, at) => {
      const value = `new.${dialect.quote(about.column.name)}`;
      const { isSet } = syntaxOf(dialect);
      const deviating = `CASE WHEN ${isSet(`deviating.d${dirty.at}`)} THEN ${value} END`;
      const limit = (which: 'min' | 'max') =>
        dialect.text(`${which}(${deviating})`, about.column.newType);
      return `${limit('min')} AS least_${at}, ${limit('max')} AS greatest_${at}`;
    });
    const row = await workspace.ask(
      aboutOf(work),
      `SELECT ${limits} FROM ${gathered.newRows} AS new JOIN ${gathered.table} AS deviating
       ON ${gathered.sameKey} WHERE deviating.kind = 'changed'`,
    );
    some.forEach((candidate, at) => {
      const { dirty, about, form } = candidate;
      const ranges = rangesOf(
        dialect,
        String(row[`least_${at}`]),
        String(row[`greatest_${at}`]),
        about.column,
      );
      const test = ranges.find(([own]) => own === form)?.[1] ?? '';
      exact.set(candidate, candidateOf(dialect, dirty, about, form, test));
    });
  }
  return candidates.map((candidate) => exact.get(candidate) ?? candidate);
}

/** True for each deviating row, and for no other row that both sides have. */
async function prove(work: PatternWork, candidates: readonly Candidate[]): Promise<Candidate[]> {
  const { workspace, gathered } = work;
  const proven: Candidate[] = [];
  for (const some of inGroups(candidates, columnsAtOnce)) {
    const counts = list(some, ({ dirty, relation }, at) => {
      const { isSet, no } = syntaxOf(work.dialect);
      const deviates = isSet(`coalesce(deviating.d${dirty.at}, ${no})`);
      return `${countWhere(`${relation} AND ${deviates}`)} AS within_${at},
        ${countWhere(`${relation} AND NOT ${deviates} AND (deviating.kind IS NULL OR deviating.kind <> 'added')`)} AS beyond_${at}`;
    });
    const row = await workspace.ask(
      aboutOf(work),
      `SELECT ${counts} FROM ${gathered.newRows} AS new LEFT JOIN ${gathered.table} AS deviating
       ON ${gathered.sameKey} WHERE ${list(some, ({ relation }) => `(${relation})`, ' OR ')}`,
    );
    proven.push(
      ...some.filter(
        ({ dirty }, at) =>
          toNumber(row[`within_${at}`]) === dirty.cells && toNumber(row[`beyond_${at}`]) === 0,
      ),
    );
  }
  return proven;
}

function simplicity({ form }: Candidate): number {
  return ['equal', 'null', 'in', 'from', 'to', 'between'].indexOf(form);
}

function isRange({ form }: Candidate): boolean {
  return form === 'from' || form === 'to' || form === 'between';
}

function aboutOf({ gathered: { pair } }: PatternWork): string {
  return `look for conditions in ${pair.schema}.${pair.name}`;
}

/** Those of one column together, the columns in their order. */
function groupsOf(candidates: readonly Candidate[]): Candidate[][] {
  const columns = [...new Set(candidates.map(({ dirty }) => dirty))];
  return columns.map((column) => candidates.filter(({ dirty }) => dirty === column));
}
