import type { ColumnStanding, ObjectStanding, TableStanding } from '../compare/standing.ts';
import { count, instant, plural, visible } from '../format.ts';
import type { ReportedRow, ReportedTable, ReportResult, Values } from '../steps/report.ts';
import type { ReportListResult } from '../steps/report-list.ts';
import { noiseInShort, noisyToo } from './noise-text.ts';
import { textTable } from './table.ts';
import { countCells, countHeads, hashedText, historyText } from './table-counts.ts';
import { byWeight, byWeightAndTable } from './weight.ts';

/** What `greenlight report` says to a person: the comparison, its tables at a glance, then each with its first rows. */
export function reportText(report: ReportResult): string {
  const tables = report.tables.toSorted(
    (a, b) =>
      Number(a.standing === 'gone') - Number(b.standing === 'gone') || byWeightAndTable(a, b),
  );
  return [
    ...headLines(report),
    ...(tables.length === 0 ? ['', nothingText(report)] : ['', overview(report, tables)]),
    ...tables.flatMap((table) => tableLines(report, table)),
    ...objectLines(report.objects),
    ...endLines(report),
  ].join('\n');
}

export function reportListText({ release, comparisons }: ReportListResult): string {
  const head = ['comparison', 'finished', 'verdict', 'digest', 'approved by', 'privacy'];
  const counts = ['tables', 'other objects', 'unexplained rows'];
  const rows = comparisons.map((one) => [
    String(one.comparison),
    instant(one.finished_at),
    one.verdict,
    one.digest.slice(0, 12),
    one.approved_by.join(', '),
    one.privacy,
    one.tables,
    one.objects,
    one.unexplained,
  ]);
  return `Comparisons of release ${release}, with what deviates:\n${textTable([...head, ...counts], rows, { width: 160 })}`;
}

// Head and end -------------------------------------------------------------------------------------

function headLines(report: ReportResult): string[] {
  const { against, coverage, privacy, approved_by: approvers, filter } = report;
  const share = (name: string, of: { compared: number; total: number }) =>
    `${count(of.compared)} of ${count(of.total)} ${name}`;
  return [
    `${report.release}, comparison ${report.comparison} of ${instant(report.finished_at)}: ${report.verdict}`,
    `digest    ${report.digest}${approvers.length === 0 ? '' : `, approved by ${approvers.map(visible).join(', ')}`}`,
    ...(report.about === 'noise'
      ? [
          'shows     noise: where the old logic, run again, gives another result than production has',
        ]
      : noiseInShort(report.noise).map((line) => `noise     ${line}`)),
    `compared  ${share('tables and views', coverage.tables)}, ${share('columns', coverage.columns)}, ${share('rows (both sides)', coverage.rows)}`,
    ...historyText(coverage.history),
    ...hashedText(coverage.hashed ?? []),
    ...coverage.skipped.map(
      ({ table, column, reason }) =>
        `skipped   ${visible(column === null ? table : `${table}.${column}`)}: ${visible(reason)}`,
    ),
    ...report.noted.map(({ table, reason }) => `identical ${visible(table)}: ${visible(reason)}`),
    ...coverage.tolerated.map(
      ({ table, column, within }) =>
        `tolerance ${visible(`${table}.${column}`)}: equal within ${within}`,
    ),
    against === null
      ? 'against   no other comparison: nothing is new, still there or gone'
      : `against   comparison ${against.comparison} of ${instant(against.finished_at)}: ${against.verdict}${against.digest === report.digest ? ', the same digest' : ''}`,
    ...(against === null || report.standing_unknown === null
      ? []
      : [`          which rows are new cannot be told: ${report.standing_unknown}`]),
    ...(filter.tables === null ? [] : [`tables    ${filter.tables.map(visible).join(', ')}`]),
    ...(filter.where === null ? [] : [`where     ${visible(filter.where)}`]),
    ...(filter.standings === null ? [] : [`standing  ${filter.standings.join(', ')}`]),
    ...(privacy === 'full' || report.rows_total === 0 ? [] : [`privacy   ${privacyText(privacy)}`]),
  ];
}

function privacyText(privacy: string): string {
  if (privacy === 'masked') return 'masked: letters of values are recorded as x, digits as 9';
  if (privacy === 'keys') return 'keys: old and new values were not recorded';
  return 'none: neither keys nor values were recorded';
}

function nothingText({ filter, verdict }: ReportResult): string {
  if (filter.tables !== null || filter.where !== null || filter.standings !== null)
    return 'Nothing that was asked for.';
  return verdict === 'identical' ? 'Nothing deviates.' : 'No table or view deviates.';
}

function endLines({
  truncated,
  rows_total: total,
  tables,
  filter,
  left_out: left,
}: ReportResult): string[] {
  const shown = tables.reduce((sum, { rows }) => sum + rows.length, 0);
  const gone = tables.reduce((sum, { standings }) => sum + (standings?.gone ?? 0), 0);
  const hidden = [
    ...(left.tables > 0 ? [plural(left.tables, 'table or view', 'tables and views')] : []),
    ...(left.objects > 0 ? [plural(left.objects, 'other object')] : []),
  ];
  return [
    ...(truncated
      ? [
          '',
          `${count(shown)} of ${plural(total, 'row')} shown; --limit 0 shows all, --format csv writes them.`,
        ]
      : []),
    ...(gone > 0 && filter.standings === null
      ? ['', `${plural(gone, 'row is', 'rows are')} gone; --standing gone shows them.`]
      : []),
    ...(hidden.length > 0 ? ['', `Left out by what was asked for: ${hidden.join(', ')}.`] : []),
  ];
}

// Tables -------------------------------------------------------------------------------------------

function overview(report: ReportResult, tables: readonly ReportedTable[]): string {
  const told = report.against !== null;
  const rowsTold = report.standing_unknown === null;
  const head = ['table', ...(told ? ['standing'] : []), 'status', ...countHeads];
  const rows = tables.map((table) => [
    table.table,
    ...(told ? [table.standing ?? ''] : []),
    statusText(table),
    ...countCells(table),
    ...(rowsTold ? standingCells(table) : []),
  ]);
  const standings = rowsTold ? ['new', 'still', 'gone'] : [];
  return textTable([...head, ...standings], rows, { width: 160 });
}

function standingCells({ standings }: ReportedTable): (number | null)[] {
  return [standings?.new ?? null, standings?.still ?? null, standings?.gone ?? null];
}

function statusText({ status, role, standing, explained }: TableStanding): string {
  const shown = standing === 'gone' && status !== 'identical' ? 'no more' : status;
  const deviates = !['identical', 'skipped'].includes(status) && standing !== 'gone';
  return `${shown}${deviates && role === 'input' ? ' (input!)' : ''}${deviates && explained ? ' (explained)' : ''}`;
}

function tableLines(report: ReportResult, table: ReportedTable): string[] {
  const notes = [
    ...tableNotes(table),
    ...(table.status === 'changed'
      ? table.columns.toSorted(byWeight).flatMap((column) => {
          const noise = report.about === 'noise' ? null : report.noise;
          const noisy = noisyToo(noise, table.table, column.column);
          return columnNotes(column, table.before?.same === true, noisy);
        })
      : []),
  ];
  const rows = table.rows.length === 0 ? [] : rowLines(report, table);
  if (notes.length + rows.length === 0) return [];
  return ['', visible(table.table), ...notes.map((note) => `  ${note}`), ...rows];
}

function tableNotes(table: ReportedTable): string[] {
  const { before, standing } = table;
  return [
    ...(table.reason === null ? [] : [visible(table.reason)]),
    ...(table.key === null && table.reason === null && table.status === 'changed'
      ? ['no key: rows are compared as a whole']
      : []),
    ...(table.likely_rename === null
      ? []
      : [
          `probably renamed: ${visible(table.likely_rename.other)} (${visible(table.likely_rename.evidence)})`,
        ]),
    ...(table.old_definition !== table.new_definition && table.status === 'changed'
      ? ['its definition changed']
      : []),
    ...(before === null || standing === null || standing === 'new'
      ? []
      : [`before: ${beforeText(before)}`]),
    ...(before?.status === 'skipped' && standing === 'new' ? ['before: it was skipped'] : []),
  ];
}

function beforeText(before: NonNullable<TableStanding['before']>): string {
  if (before.same) return 'the same';
  if (before.status !== 'changed') return before.status;
  return `${count(before.removed)} removed, ${count(before.added)} added, ${count(before.changed)} changed`;
}

function columnNotes(column: ColumnStanding, same: boolean, noisy: string): string[] {
  const name = `${visible(column.column)}:`;
  const before = column.before === null || same ? '' : ` (before: ${columnBefore(column.before)})`;
  if (column.standing === 'gone') return [`${name} deviates no more${before}`];
  const standing = column.standing === 'new' ? ' (new)' : before;
  const what = columnText(column);
  if (what === null) return [];
  const explained = column.explained ? ' (explained)' : '';
  const more = column.patterns.length > 1 ? column.patterns.map(patternLine) : [];
  return [
    `${name} ${what}${explained}${noisy}${standing}`,
    ...more.map((line) => `  ${line}`),
    ...(column.condition === null ? [] : [`  exactly where ${visible(column.condition)}`]),
    ...(column.likely_rename === null
      ? []
      : [
          `  probably renamed: ${visible(column.likely_rename.other)} (${visible(column.likely_rename.evidence)})`,
        ]),
  ];
}

function columnBefore({
  status,
  changed,
  old_type,
  new_type,
}: NonNullable<ColumnStanding['before']>) {
  if (status === 'changed') return plural(changed, 'row');
  const type = status === 'retyped' ? ` from ${old_type} to ${new_type}` : '';
  return `${status}${type}${changed > 0 ? `, ${plural(changed, 'row')}` : ''}`;
}

function columnText(column: ColumnStanding): string | null {
  const cells =
    column.changed === 0
      ? ''
      : `${plural(column.changed, 'row')} changed${column.pattern === null ? '' : `: ${visible(column.pattern)}`}`;
  switch (column.status) {
    case 'changed':
      return cells;
    case 'retyped':
      return `${column.old_type} is now ${column.new_type}${cells === '' ? '' : `, ${cells}`}`;
    case 'added':
      return `column added (${column.new_type})`;
    case 'removed':
      return `column removed (${column.old_type})`;
    case 'skipped':
      return `skipped: ${visible(column.reason ?? '')}`;
    default:
      return null;
  }
}

function patternLine({ pattern, detail, rows }: ColumnStanding['patterns'][number]): string {
  return `${plural(rows, 'row')}: ${visible(detail ?? pattern)}`;
}

function objectLines(objects: readonly ObjectStanding[]): string[] {
  if (objects.length === 0) return [];
  return [
    '',
    'Other objects',
    ...objects.map(
      ({ kind, name, status, standing }) =>
        `  ${status} ${kind} ${visible(name)}${standing === null ? '' : ` (${standing})`}`,
    ),
  ];
}

// Rows ---------------------------------------------------------------------------------------------

function rowLines(
  report: ReportResult,
  { rows, rows_total: total, truncated }: ReportedTable,
): string[] {
  const keys = [...new Set(rows.flatMap(({ key }) => Object.keys(key ?? {})))];
  const told = report.standing_unknown === null;
  const repeated = rows.some(({ occurrences }) => occurrences > 1);
  const explained = rows.some((row) => row.explained);
  const head = [
    ...(told ? ['standing'] : []),
    'row',
    ...(repeated ? ['times'] : []),
    ...(explained ? ['explained'] : []),
    ...keys,
    'what deviates',
  ];
  const cells = rows.map((row) => [
    ...(told ? [row.standing ?? ''] : []),
    row.kind,
    ...(repeated ? [row.occurrences] : []),
    ...(explained ? [row.explained ? 'yes' : 'no'] : []),
    ...keys.map((key) => valueText(row.key?.[key])),
    whatDeviates(row),
  ]);
  const table = textTable(head, cells, { width: 118 });
  return [
    '',
    ...table.split('\n').map((line) => `  ${line}`.trimEnd()),
    ...(truncated ? [`  ${count(rows.length)} of ${plural(total, 'row')} shown`] : []),
  ];
}

/** `amount: 1.50 -> 2.50`; of a row on one side its values; without recorded values the names. */
function whatDeviates({ kind, columns, old, new: now, key }: ReportedRow): string {
  if (kind === 'changed') {
    const changes = (columns ?? []).map((column) =>
      old === null || now === null
        ? column
        : `${column}: ${valueText(old[column])} -> ${valueText(now[column])}`,
    );
    return changes.join(', ');
  }
  const values: Values = (kind === 'added' ? now : old) ?? {};
  return Object.entries(values)
    .filter(([column]) => key === null || !(column in key))
    .map(([column, value]) => `${column}: ${valueText(value)}`)
    .join(', ');
}

/** NULL is told from the text NULL, and an empty text from nothing. */
function valueText(value: string | null | undefined): string {
  if (value === undefined) return '';
  if (value === null) return 'NULL';
  return value === '' || value === 'NULL' || value !== value.trim() ? `'${value}'` : value;
}
