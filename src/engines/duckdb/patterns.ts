import type { ChangeDescription, ChangePattern, ComparedColumn } from '../engine.ts';
import { type Row, toNumber } from './connection.ts';
import type { GatheredRows } from './deviating.ts';
import { hasDistance, isNumeric } from './values.ts';
import type { Workspace } from './workspace.ts';

/** DuckDB's planning time grows with the square of the number of aggregates: few columns a statement. */
const describedAtOnce = 8;

/** What the changes of each dirty column have in common. */
export async function describeChanges(
  workspace: Workspace,
  gathered: GatheredRows,
): Promise<Map<string, ChangeDescription>> {
  const { dirty, pair } = gathered;
  const descriptions = new Map<string, ChangeDescription>();
  for (let from = 0; from < dirty.length; from += describedAtOnce) {
    const columns = dirty.slice(from, from + describedAtOnce);
    const row = await workspace.ask(
      `describe the changes of ${pair.schema}.${pair.name}`,
      countDescriptions(gathered.table, columns, from),
    );
    columns.forEach((column, index) => {
      descriptions.set(column.name, descriptionOf(column, from + index, row));
    });
  }
  return descriptions;
}

function descriptionOf(column: ComparedColumn, at: number, row: Row): ChangeDescription {
  const total = toNumber(row[`total_${at}`]);
  const pattern = (name: string, detail: string | null): ChangePattern => ({
    pattern: name,
    detail,
    relation: null,
    rows: total,
  });
  const fitting = patternsOf(column).find(
    (_, index) => total > 0 && toNumber(row[`p${at}_${index}`]) === total,
  );
  if (fitting !== undefined) return { patterns: [pattern(fitting.pattern, null)], condition: null };
  const [low, high] = [row[`low_${at}`], row[`high_${at}`]];
  const isConstant = low != null && low === high && toNumber(row[`distances_${at}`]) === total;
  return {
    patterns: [
      isConstant
        ? pattern('constant offset', `new - old = ${String(low)}`)
        : pattern('free change', null),
    ],
    condition: null,
  };
}

/** For each dirty column, the first with number `from`, a description of its changes and how many of the `changed` rows it holds for. */
function countDescriptions(table: string, dirty: readonly ComparedColumn[], from: number): string {
  const columns = dirty.flatMap((column, index) => {
    const at = from + index;
    return [
      `count(*) FILTER (d${at}) AS total_${at}`,
      ...patternsOf(column).map(
        ({ holds }, nth) =>
          `count(*) FILTER (d${at} AND ${holds(`o${at}`, `n${at}`)}) AS p${at}_${nth}`,
      ),
      ...(hasDistance(column)
        ? [
            `min(TRY(n${at} - o${at})) FILTER (d${at})::VARCHAR AS low_${at}`,
            `max(TRY(n${at} - o${at})) FILTER (d${at})::VARCHAR AS high_${at}`,
            `count(TRY(n${at} - o${at})) FILTER (d${at}) AS distances_${at}`,
          ]
        : []),
    ];
  });
  return `SELECT ${columns.join(', ')} FROM ${table} WHERE kind = 'changed'`;
}

interface Pattern {
  readonly pattern: string;
  holds(old: string, new_: string): string;
}

/** From the most telling to the least. */
function patternsOf({ oldType, newType }: ComparedColumn): Pattern[] {
  const always: Pattern[] = [
    { pattern: 'null to value', holds: (o) => `${o} IS NULL` },
    { pattern: 'value to null', holds: (_, n) => `${n} IS NULL` },
  ];
  if (oldType !== newType) return always;
  if (oldType === 'BOOLEAN') {
    return [
      ...always,
      { pattern: 'false to true', holds: (o, n) => `(NOT ${o} AND ${n})` },
      { pattern: 'true to false', holds: (o, n) => `(${o} AND NOT ${n})` },
    ];
  }
  if (isNumeric(oldType)) {
    return [
      ...always,
      // DuckDB negates an unsigned number by wrapping it around.
      ...(oldType.startsWith('U')
        ? []
        : [{ pattern: 'sign', holds: (o: string, n: string) => `TRY(-${o}) = ${n}` }]),
      ...[0, 1, 2].map((digits) => ({
        pattern: `rounding to ${digits} decimals`,
        holds: (o: string, n: string) => `round(${o}, ${digits}) = ${n}`,
      })),
    ];
  }
  if (oldType === 'VARCHAR') {
    return [
      ...always,
      {
        pattern: 'whitespace',
        // As bytes: a collation would call a change of case one of white space.
        holds: (o, n) =>
          `encode(regexp_replace(${o}, '\\s', '', 'g')) = encode(regexp_replace(${n}, '\\s', '', 'g'))`,
      },
      { pattern: 'case', holds: (o, n) => `lower(${o}) = lower(${n})` },
      { pattern: 'truncation', holds: (o, n) => `starts_with(${o}, ${n})` },
    ];
  }
  return always;
}
