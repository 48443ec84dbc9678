import { whyUnmet } from '../compare/expectations.ts';
import { isSilent } from '../compare/noise.ts';
import type { ExpectationOutcome } from '../compare/outcome.ts';
import { type ColumnStanding, deviates, type ObjectStanding } from '../compare/standing.ts';
import { count, duration, instant, plural } from '../format.ts';
import { awaitsReview, type Gate } from '../release/gate.ts';
import type { ReportedTable, ReportResult } from '../steps/report.ts';
import type { ReleaseStatus, ShownApproval } from '../steps/status.ts';
import { code, joined, type Line } from './inline.ts';
import { noisyToo } from './noise-text.ts';
import { hashedText, historyText } from './table-counts.ts';
import { byWeight, byWeightAndTable } from './weight.ts';

/** What the ledger knows of a release and of its latest comparison. */
export interface ReviewFacts {
  readonly report: ReportResult;
  readonly status: ReleaseStatus;
  /** Null: there is nothing to decide any more, or it could not be decided here. */
  readonly gate: Gate | null;
  readonly expectations: readonly ExpectationOutcome[];
  /** Why the comparison ended early; null: it did not. */
  readonly stopped: string | null;
  /** The commit that was compared, and the job that did it; null: nobody said. */
  readonly revision: string | null;
  readonly job: string | null;
  /** The last exchange that stands. */
  readonly exchange: { readonly at: string; readonly ms: number } | null;
}

/** Where the report is read. */
export interface ReviewPlace {
  /** pull request, merge request; null: on no host. */
  readonly called: string | null;
  /** The job that a person has to start after approving; absent: one starts by itself. */
  readonly approvalJob?: string;
  /** Of the review page; null: there is none. */
  readonly page: string | null;
}

/** What every report of a release says, in the order in which it is read. Texts that are not ours are marked as code. */
export interface ReviewModel {
  readonly release: string;
  readonly tone: 'good' | 'waiting' | 'bad';
  readonly title: string;
  readonly lead: readonly Line[];
  readonly coverage: Line;
  /** Null: nothing to hold the comparison against. */
  readonly since: Line | null;
  readonly hasStandings: boolean;
  /** With something that nothing explains, heaviest first. */
  readonly unexplained: readonly ReviewTable[];
  /** Deviating as declared. */
  readonly expected: readonly ReviewTable[];
  readonly objects: readonly Line[];
  /** Declarations that are not met. */
  readonly unmet: readonly Line[];
  readonly noise: { readonly summary: string; readonly lines: readonly Line[] } | null;
  readonly skipped: readonly Line[];
  /** Tables and views that do not deviate, of which there is something to say. */
  readonly noted: readonly Line[];
  /** Why the gate is closed, but for what awaits a review. */
  readonly obstacles: readonly Line[];
  readonly decisions: readonly Line[];
  readonly next: { readonly text: Line; readonly commands: readonly string[] } | null;
  readonly facts: readonly Line[];
  readonly page: string | null;
  readonly job: string | null;
}

export interface ReviewTable {
  readonly name: string;
  /** `new table`, `input!`; empty: its rows say it all. */
  readonly note: string;
  readonly standing: string;
  readonly counts: Readonly<Record<'added' | 'removed' | 'changed' | 'unexplained', number>>;
  /** What changed in it, a line each. */
  readonly changes: readonly Line[];
  readonly rows: ReportedTable['rows'];
  readonly rowsTotal: number;
}

export function reviewModel(facts: ReviewFacts, place: ReviewPlace): ReviewModel {
  const { report, status } = facts;
  // A table that neither side has any more is told with what it was then.
  const deviating = report.tables
    .filter((table) => deviates(table) && table.standing !== 'gone')
    .toSorted(byWeightAndTable);
  const tables = deviating.map((table) => reviewTable(facts, table));
  const isOpen = (_: ReviewTable, at: number) => deviating[at]?.explained !== true;
  const unexplained = tables.filter(isOpen);
  const expected = tables.filter((table, at) => !isOpen(table, at));
  return {
    release: report.release,
    ...headline(facts, unexplained),
    coverage: coverageLine(report),
    since: sinceLine(report),
    hasStandings: report.against !== null,
    unexplained,
    expected,
    objects: report.objects.filter(({ standing }) => standing !== 'gone').map(objectLine),
    unmet: facts.expectations.filter(({ status }) => status !== 'met').map(unmetLine),
    noise: noisePart(report),
    skipped: report.coverage.skipped.map(({ table, column, reason }) => [
      code(column === null ? table : `${table}.${column}`),
      ': ',
      code(reason),
    ]),
    noted: report.noted.map(({ table, reason }) => [code(table), ': ', code(reason)]),
    obstacles: obstacleLines(facts.gate),
    decisions: [...status.approvals.map(approvalLine), ...status.overrides.map(overrideLine)],
    next: nextStep(facts, place),
    facts: factLines(facts),
    page: place.page,
    job: facts.job,
  };
}

// The verdict ------------------------------------------------------------------------------------

function headline(
  facts: ReviewFacts,
  unexplained: readonly ReviewTable[],
): Pick<ReviewModel, 'tone' | 'title' | 'lead'> {
  const { state } = facts.status;
  const found = foundLine(facts, unexplained);
  const told = { lead: [found] };
  switch (state) {
    case 'swapped': {
      const { exchange } = facts;
      const when =
        exchange === null
          ? ''
          : ` since ${instant(exchange.at)}, exchanged in ${duration(exchange.ms)}`;
      return { tone: 'good', title: 'Live', lead: [[`This release is live${when}.`], found] };
    }
    case 'rolled-back':
      return {
        tone: 'bad',
        title: 'Rolled back',
        lead: [['The old database is live again.'], found],
      };
    case 'retired':
      return {
        tone: 'good',
        title: 'Retired',
        lead: [['Its databases are dropped. What was found stays in the ledger.'], found],
      };
    case 'compared':
    case 'approved':
      break;
    default:
      return {
        tone: 'waiting',
        title: 'Being made anew',
        lead: [[`The release is ${state} again. What follows is the comparison of before.`], found],
      };
  }
  const { gate, report } = facts;
  const blocked = obstacleLines(gate).length > 0;
  if (facts.stopped !== null)
    return { tone: 'bad', title: 'Not compared to the end', lead: [[code(facts.stopped)], found] };
  if (blocked)
    return { tone: 'bad', title: `${verdictTitle(facts)}, and the gate is closed`, ...told };
  if (report.verdict !== 'unexplained')
    return { tone: 'good', title: verdictTitle(facts), ...told };
  return state === 'approved'
    ? { tone: 'good', title: 'Unexplained deviations, approved', ...told }
    : { tone: 'waiting', title: verdictTitle(facts), ...told };
}

function verdictTitle({ report: { verdict }, status: { state } }: ReviewFacts): string {
  if (verdict === 'identical') return 'Nothing deviates';
  if (verdict === 'explained') return 'Everything that deviates is expected';
  return state === 'approved' ? 'Unexplained deviations, approved' : 'Unexplained deviations';
}

/** `3 tables and views deviate unexplained, with 12,034 rows; 2 expectations are not met.` */
function foundLine(
  { report, expectations }: ReviewFacts,
  unexplained: readonly ReviewTable[],
): Line {
  const rows = unexplained.reduce((sum, { counts }) => sum + counts.unexplained, 0);
  const objects = report.objects.filter(
    ({ explained, standing }) => !explained && standing !== 'gone',
  );
  const unmet = expectations.filter(({ status }) => status !== 'met').length;
  const parts = [
    ...(unexplained.length > 0
      ? [
          `${plural(unexplained.length, 'table or view deviates', 'tables and views deviate')} unexplained, with ${plural(rows, 'row')}`,
        ]
      : []),
    ...(objects.length > 0
      ? [`${plural(objects.length, 'other object deviates', 'other objects deviate')}`]
      : []),
    ...(unmet > 0 ? [plural(unmet, 'expectation is not met', 'expectations are not met')] : []),
  ];
  if (parts.length > 0) return [`${parts.join('; ')}.`];
  return [
    report.verdict === 'identical'
      ? 'The new logic gives what the old logic gives.'
      : 'Nothing is unexplained.',
  ];
}

// What was compared --------------------------------------------------------------------------------

function coverageLine({
  coverage: { tables, columns, rows, history, skipped, tolerated, hashed = [] },
}: ReportResult): Line {
  const share = (of: { compared: number; total: number }, what: string) =>
    `${count(of.compared)} of ${count(of.total)} ${what}`;
  return [
    `Compared ${share(tables, 'tables and views')}, ${share(columns, 'columns')}, ${share(rows, 'rows (both sides)')}${
      skipped.length > 0 ? `; ${count(skipped.length)} skipped` : ''
    }.`,
    ...historyText(history).map((told) => ` ${told}`),
    ...tolerated.flatMap(({ table, column, within }, at) => [
      at === 0 ? ' Equal within a tolerance: ' : ', ',
      code(`${table}.${column}`),
      ` (${within})`,
    ]),
    ...(tolerated.length === 0 ? [] : ['.']),
    ...hashedText(hashed).map((told) => ` ${told}`),
  ];
}

const allStandings = ['new', 'still', 'gone'] as const;

/** Of tables and views, other objects, and rows where their standing is known. */
function sinceLine({
  against,
  tables,
  objects,
  standing_unknown: unknown,
}: ReportResult): Line | null {
  if (against === null) return null;
  const all = [...tables, ...objects];
  const things = { new: 0, still: 0, gone: 0 };
  for (const { standing } of all) if (standing !== null) things[standing] += 1;
  const rows = { new: 0, still: 0, gone: 0 };
  for (const { standings } of tables)
    for (const standing of allStandings) rows[standing] += standings?.[standing] ?? 0;
  const told = (of: Readonly<Record<(typeof allStandings)[number], number>>) =>
    `${count(of.new)} new, ${count(of.still)} still there, ${count(of.gone)} gone`;
  const ofRows = unknown === null ? `; rows: ${told(rows)}` : '';
  return [`Since the comparison before, tables and other objects: ${told(things)}${ofRows}.`];
}

// Tables -------------------------------------------------------------------------------------------

function reviewTable({ report }: ReviewFacts, table: ReportedTable): ReviewTable {
  const { table: name, added, removed, changed, unexplained } = table;
  const isNew = report.against !== null && table.standing !== null;
  return {
    name,
    note: tableNote(table),
    standing: isNew ? (table.standing ?? '') : '',
    counts: { added, removed, changed, unexplained },
    changes: [...tableLines(table), ...columnLines(report, table)],
    rows: table.rows,
    rowsTotal: table.rows_total,
  };
}

function tableNote({ status, kind, role }: ReportedTable): string {
  const notes = [
    ...(role === 'input' ? ['input!'] : []),
    ...(status === 'changed' ? [] : [status === 'skipped' ? 'not compared' : `${kind} ${status}`]),
  ];
  return notes.join(', ');
}

function tableLines(table: ReportedTable): Line[] {
  const name = code(table.table);
  return [
    ...(table.reason === null ? [] : [[name, ': ', code(table.reason)]]),
    ...(table.key === null && table.reason === null && table.status === 'changed'
      ? [[name, ': no key, rows are compared as a whole']]
      : []),
    ...(table.status === 'changed' && table.old_definition !== table.new_definition
      ? [[name, ': its definition changed']]
      : []),
    ...(table.likely_rename === null
      ? []
      : [
          [
            name,
            ': likely renamed, ',
            code(table.likely_rename.other),
            ': ',
            code(table.likely_rename.evidence),
          ],
        ]),
  ];
}

function columnLines(report: ReportResult, table: ReportedTable): Line[] {
  if (table.status !== 'changed') return [];
  return table.columns
    .filter(
      ({ status, standing }) => !['identical', 'skipped'].includes(status) && standing !== 'gone',
    )
    .toSorted(byWeight)
    .map((column) => columnLine(report, table, column));
}

function columnLine(
  { noise }: ReportResult,
  { table }: ReportedTable,
  column: ColumnStanding,
): Line {
  const told: Line[] = [
    ...structureOf(column),
    ...(column.changed > 0 ? [rowsOf(column)] : []),
    ...(column.condition === null ? [] : [['exactly where ', code(column.condition)]]),
  ];
  const expected = column.explained ? ' (expected)' : '';
  const noisy = noisyToo(noise, table, column.column);
  return [code(`${table}.${column.column}`), ': ', ...joined(told), `${expected}${noisy}`];
}

function structureOf({
  status,
  old_type: was,
  new_type: is,
  likely_rename: rename,
}: ColumnStanding): Line[] {
  const renamed: Line = rename === null ? [] : [', likely renamed, ', code(rename.other)];
  switch (status) {
    case 'retyped':
      return [[code(was ?? ''), ' is now ', code(is ?? '')]];
    case 'added':
      return [['column added, ', code(is ?? ''), ...renamed]];
    case 'removed':
      return [['column removed, ', code(was ?? ''), ...renamed]];
    case 'incomparable':
      return [['has a type that cannot be compared']];
    default:
      return [];
  }
}

function rowsOf({ changed, unexplained, explained, pattern }: ColumnStanding): Line {
  const partly =
    explained || unexplained === changed ? '' : ` (${count(changed - unexplained)} expected)`;
  const rows = `${plural(changed, 'row')} changed${partly}`;
  return pattern === null ? [rows] : [`${rows}: `, code(pattern)];
}

function objectLine({ kind, name, status, explained, standing }: ObjectStanding): Line {
  return [
    `${status} `,
    code(kind),
    ' ',
    code(name),
    `${explained ? ' (expected)' : ''}${standing === null ? '' : ` (${standing === 'still' ? 'still there' : standing})`}`,
  ];
}

function unmetLine(outcome: ExpectationOutcome): Line {
  return [
    code(`${outcome.file}:${outcome.line}`),
    ' ',
    code(outcome.declares),
    `: ${whyUnmet(outcome)}`,
  ];
}

function noisePart({ noise }: ReportResult): ReviewModel['noise'] {
  if (noise === null) return null;
  if (isSilent(noise))
    return { summary: 'No noise: the old logic, run again, gives what production has', lines: [] };
  const lines: Line[] = [
    ...noise.tables.map(
      ({ table, added, removed, changed, columns }): Line => [
        code(table),
        `: ${plural(added + removed + changed, 'row')}`,
        ...columns.flatMap(
          ({ column, changed: rows, pattern }): Line => [
            '; ',
            code(column),
            ` ${plural(rows, 'row')}`,
            ...(pattern === null ? [] : [' ', code(pattern)]),
          ],
        ),
      ],
    ),
    ...noise.objects.map(
      ({ kind, name, status }): Line => [`${status} `, code(kind), ' ', code(name)],
    ),
  ];
  return {
    summary: `Noise in ${plural(noise.tables.length, 'table or view', 'tables and views')}: the old logic, run again, gives another result than production has`,
    lines,
  };
}

// Decisions ----------------------------------------------------------------------------------------

function obstacleLines(gate: Gate | null): Line[] {
  return (gate?.reasons ?? [])
    .filter((reason) => !awaitsReview(reason))
    .map(({ condition, found, help }) => [
      `${condition}: `,
      code(oneLine(found), 600),
      '. To do: ',
      code(help),
    ]);
}

function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
}

function approvalLine({ by, standing, digest, at }: ShownApproval): Line {
  const worth = {
    valid: '',
    own: ', which does not count: it is the author of the change',
    void: ', which is void: something else was found since',
  }[standing];
  return [code(by), ' approved ', code(digest.slice(0, 12)), ` on ${instant(at)}${worth}`];
}

function overrideLine({ by, because, at }: ReleaseStatus['overrides'][number]): Line {
  return [code(by), ` overrode the gate on ${instant(at)}: `, code(because)];
}

function nextStep(facts: ReviewFacts, { called, approvalJob }: ReviewPlace): ReviewModel['next'] {
  const { report, status, gate } = facts;
  const { release } = report;
  const digest = report.digest.slice(0, 12);
  if (status.state === 'swapped')
    return { text: ['To go back:'], commands: [`greenlight rollback --release ${release}`] };
  if (!['compared', 'approved'].includes(status.state)) return null;
  if (obstacleLines(gate).length > 0)
    return { text: ['Clear what keeps the gate closed, as told above.'], commands: [] };
  if (report.verdict !== 'unexplained' || status.state === 'approved') {
    const text = called === null ? 'It may go live:' : `It may go live: merge this ${called}.`;
    return {
      text: [text],
      commands: called === null ? [`greenlight swap --release ${release}`] : [],
    };
  }
  const either =
    'Mend the logic, or declare what is intended in the expectations file, and push. Or, when all of this is right,';
  return called === null
    ? {
        text: [`${either} approve it:`],
        commands: [`greenlight approve --release ${release} --digest ${digest} --by NAME`],
      }
    : {
        text: [
          `${either} approve this ${called}, or comment`,
          ...(approvalJob === undefined ? [] : [', and start the job ', code(approvalJob)]),
          ':',
        ],
        commands: [`/greenlight approve ${digest}`],
      };
}

function factLines({ report, status, revision }: ReviewFacts): Line[] {
  return [
    ['Digest ', code(report.digest)],
    [
      `Comparison ${report.comparison} of `,
      code(report.release),
      `, ${instant(report.finished_at)}`,
      ...(revision === null ? [] : [', commit ', code(revision.slice(0, 12))]),
      ...(status.author === null ? [] : [', a change by ', code(status.author)]),
    ],
  ];
}
