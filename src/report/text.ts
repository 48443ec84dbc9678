import { whyUnmet } from '../compare/expectations.ts';
import { isSilent } from '../compare/noise.ts';
import type { ColumnOutcome, TableOutcome } from '../compare/outcome.ts';
import { bytes, count, duration, plural, visible } from '../format.ts';
import { describeDrift } from '../release/drift.ts';
import type { ShownOverride } from '../release/override.ts';
import { type DriftTold, describeTold } from '../release/watch.ts';
import type { ApproveResult } from '../steps/approve.ts';
import type { CaughtUp } from '../steps/catch-up.ts';
import type { CloneResult } from '../steps/clone.ts';
import type { CompareResult } from '../steps/compare.ts';
import type { InitResult } from '../steps/init.ts';
import type { MigrateResult } from '../steps/migrate.ts';
import type { PrepareResult } from '../steps/prepare.ts';
import type { RehearseResult } from '../steps/rehearse.ts';
import type { RetireResult } from '../steps/retire.ts';
import type { RollbackResult } from '../steps/rollback.ts';
import type { SimulateResult } from '../steps/simulate.ts';
import type { SwapResult } from '../steps/swap.ts';
import { noiseLines, noisyToo } from './noise-text.ts';
import { textTable } from './table.ts';
import { countCells, countHeads, hashedText, historyText } from './table-counts.ts';
import { byWeight, byWeightAndTable } from './weight.ts';

/** What a step says on standard output to a person; `--json` gives the result itself. */

export function cloneText(result: CloneResult): string {
  return `Release ${result.release} is cloned: ${plural(result.tables, 'table')} and ${plural(result.views, 'view')}, ${bytes(result.bytes)} for candidate and baseline.
candidate  ${visible(result.candidate)}
baseline   ${visible(result.baseline)}`;
}

export function migrateText({ release, applied, skipped }: MigrateResult): string {
  if (applied.length === 0)
    return `Release ${release}: nothing to migrate (${plural(skipped.length, 'script')} applied before).`;
  return [
    `Release ${release} is migrated.`,
    ...applied.map((script) => `applied  ${visible(script)}`),
    ...skipped.map((script) => `skipped  ${visible(script)} (applied before)`),
  ].join('\n');
}

export function simulateText(result: SimulateResult): string {
  const { release, items, clock, bitemporal, control, periods, noise_sources } = result;
  const repeated =
    periods === null
      ? ''
      : `, for ${plural(periods.total, 'period')}${periods.before > 0 ? ` (${count(periods.before)} finished before)` : ''}`;
  return [
    `Release ${release} is simulated, with ${clock} as now${repeated}.`,
    itemTable(items),
    ...(bitemporal === null ? [] : ['', ...parkedText(bitemporal), '']),
    ...(control === null
      ? []
      : [
          `Control: the old logic${control.commit === null ? '' : ` of commit ${control.commit.slice(0, 12)}`} ran on ${visible(control.database)}.`,
          itemTable(control.items),
        ]),
    ...inputText(result.input),
    ...noise_sources.map(
      ({ file, line, object, function: name, source }) =>
        `Noise  ${visible(object ?? `${file}:${line}`)} uses ${name} (${source})`,
    ),
  ].join('\n');
}

function itemTable(items: SimulateResult['items']): string {
  return textTable(
    ['item', 'time'],
    items.map(({ item, ms }) => [item, duration(ms)]),
  );
}

function parkedText({ parked, tables }: NonNullable<SimulateResult['bitemporal']>): string[] {
  const head = ['bitemporal table', 'open end', 'superseded', 'added', 'unchanged'];
  const rows = tables.map(({ table, open_end, superseded, added, unchanged }) => [
    visible(table),
    open_end ?? 'none',
    count(superseded),
    count(added),
    count(unchanged),
  ]);
  return [
    `Parked at ${parked}; proven: nothing else changed in the known past.`,
    textTable(head, rows),
  ];
}

function inputText(input: SimulateResult['input']): string[] {
  if (input === null) return ['Input  nothing is proven: compare.input names no table'];
  const equal = input.filter(({ outcome }) => outcome === 'equal');
  const rows = equal.reduce((sum, { new_rows }) => sum + (new_rows ?? 0), 0);
  const lineage = equal.filter(({ proof }) => proof === 'lineage').length;
  const how = lineage > 0 ? `, ${count(lineage)} of them without reading` : '';
  return [
    `Input  ${plural(equal.length, 'table')} with ${plural(rows, 'row')} proven equal before and after the run${how}`,
    ...input
      .filter(({ outcome }) => outcome === 'unequal')
      .map(
        ({ table, reason, suspects }) =>
          `Input  ${visible(table)} was written to by the logic: ${visible(reason ?? '')}${suspects.length > 0 ? `; look at ${suspects.map(visible).join(', ')}` : ''}`,
      ),
  ];
}

export function compareText(result: CompareResult): string {
  const { tables, columns, rows, history, skipped, tolerated, hashed = [] } = result.coverage;
  const share = (name: string, of: { compared: number; total: number }) =>
    `${count(of.compared)} of ${count(of.total)} ${name}`;
  const lineage = result.tables.filter(({ proof }) => proof === 'lineage').length;
  return [
    `${result.release}: ${verdictText(result)}`,
    ...(result.stopped === null ? [] : [`Ended early: ${result.stopped}.`]),
    `Compared ${share('tables and views', tables)}, ${share('columns', columns)}, ${share('rows (both sides)', rows)}${
      lineage > 0 ? `; ${plural(lineage, 'table')} proven equal without reading` : ''
    }.`,
    ...historyText(history),
    ...hashedText(hashed),
    ...skipped.map(
      ({ table, column, reason }) =>
        `Skipped ${visible(column === null ? table : `${table}.${column}`)}: ${visible(reason)}`,
    ),
    ...tolerated.map(
      ({ table, column, within }) =>
        `Equal within a tolerance: ${visible(`${table}.${column}`)}, ${within}`,
    ),
    ...result.tables
      .filter(({ status, reason }) => status === 'identical' && reason !== null)
      .map(({ table, reason }) => `Identical ${visible(table)}: ${visible(reason ?? '')}`),
    ...unmetExpectations(result.expectations),
    ...deviatingTables(result),
    ...result.objects
      .toSorted((a, b) => Number(a.explained) - Number(b.explained))
      .map(
        ({ kind, name, status, explained }) =>
          `${status} ${kind} ${visible(name)}${explained ? ' (explained)' : ''}`,
      ),
    ...noiseLines(result.noise),
    ...proposedText(result),
    `digest ${result.digest}`,
  ].join('\n');
}

export function prepareText({ clone, migrate, simulate, compare }: PrepareResult): string {
  const texts = [
    cloneText(clone),
    ...(migrate === null ? [] : [migrateText(migrate)]),
    ...(simulate === null ? [] : [simulateText(simulate)]),
    compareText(compare),
  ];
  return texts.join('\n\n');
}

function verdictText({
  verdict,
  tables,
  objects,
  expectations,
  noise,
  state,
}: CompareResult): string {
  if (verdict === 'identical') return 'identical. Nothing deviates.';
  const explainedRows = tables.reduce(
    (sum, { added, removed, changed, unexplained }) =>
      sum + added + removed + changed - unexplained,
    0,
  );
  const isDeviating = ({ status }: TableOutcome) => !['identical', 'skipped'].includes(status);
  if (verdict === 'explained') {
    const declared = tables.some(isDeviating) || objects.length > 0;
    if (!declared && noise !== null && !isSilent(noise))
      return 'explained. Nothing deviates; there is noise.';
    return declared
      ? `explained. All that deviates is declared, with ${plural(explainedRows, 'row')}.`
      : 'explained. Nothing deviates in what was compared.';
  }
  const deviating = tables.filter((table) => isDeviating(table) && !table.explained);
  const rows = deviating.reduce((sum, table) => sum + table.unexplained, 0);
  const unreadable = tables.filter(({ skipped }) => skipped === 'unreadable').length;
  const unexplainedObjects = objects.filter(({ explained }) => !explained).length;
  const unmet = expectations.filter(({ status }) => status !== 'met').length;
  const found = [
    `${plural(deviating.length, 'table or view deviates', 'tables and views deviate')}, ${plural(rows, 'row')}`,
    ...(unexplainedObjects > 0 ? [plural(unexplainedObjects, 'other object')] : []),
    ...(unreadable > 0 ? [`${count(unreadable)} could not be read`] : []),
    ...(unmet > 0 ? [plural(unmet, 'expectation is not met', 'expectations are not met')] : []),
    ...(explainedRows > 0
      ? [plural(explainedRows, 'more row is explained', 'more rows are explained')]
      : []),
  ];
  return `unexplained. ${found.join(', ')}${state === 'approved' ? '; this digest is approved' : ''}.`;
}

function unmetExpectations(expectations: CompareResult['expectations']): string[] {
  return expectations
    .filter(({ status }) => status !== 'met')
    .map(
      (outcome) =>
        `Not met ${visible(outcome.file)}:${outcome.line} ${visible(outcome.declares)}: ${whyUnmet(outcome)}`,
    );
}

function proposedText({ proposed, release }: CompareResult): string[] {
  if (proposed === null) return [];
  const { file, declarations } = proposed;
  if (declarations === 0) return [`Nothing to propose for ${visible(file)}.`];
  return [
    `${plural(declarations, 'declaration')} proposed in ${visible(file)}. Read and edit them, then: greenlight compare --release ${release}`,
  ];
}

function deviatingTables({ tables, noise }: CompareResult): string[] {
  const deviating = tables
    .filter(({ status }) => !['identical', 'skipped'].includes(status))
    .toSorted(byWeightAndTable);
  if (deviating.length === 0) return [];
  const head = ['table', 'status', ...countHeads];
  const rows = deviating.map((table) => [
    table.table,
    `${table.status}${table.role === 'input' ? ' (input!)' : ''}${table.explained ? ' (explained)' : ''}`,
    ...countCells(table),
  ]);
  return [
    '',
    textTable(head, rows),
    '',
    ...deviating.flatMap((table) => columnLines(table, noise)),
    '',
  ];
}

function columnLines(outcome: TableOutcome, noise: CompareResult['noise']): string[] {
  const { table, columns, reason, key, status, old_definition, new_definition } = outcome;
  const keyless =
    key === null && status === 'changed' ? ['no key: rows are compared as a whole'] : [];
  const notes = [
    ...(reason === null ? keyless : [reason]),
    ...(old_definition !== new_definition && status === 'changed'
      ? ['its definition changed']
      : []),
    ...(outcome.likely_rename === null ? [] : [`${status}${renamed(outcome)}`]),
  ];
  const lines =
    status !== 'changed'
      ? []
      : columns.toSorted(byWeight).flatMap((column) => {
          const name = `  ${visible(`${table}.${column.column}`)}:`;
          const pattern = column.pattern === null ? '' : `: ${visible(column.pattern)}`;
          const cells =
            column.changed > 0
              ? `${plural(column.changed, 'row')} changed${explainedShare(column)}${pattern}${noisyToo(noise, table, column.column)}`
              : '';
          const declared = column.explained ? ' (explained)' : '';
          if (column.status === 'changed') return [`${name} ${cells}`];
          if (column.status === 'retyped') {
            const types = `${column.old_type} is now ${column.new_type}`;
            return [`${name} ${types}${cells === '' ? declared : `, ${cells}`}`];
          }
          if (column.status === 'added')
            return [`${name} column added (${column.new_type})${renamed(column)}${declared}`];
          return column.status === 'removed'
            ? [`${name} column removed (${column.old_type})${renamed(column)}${declared}`]
            : [];
        });
  return [...notes.map((note) => `  ${visible(table)}: ${visible(note)}`), ...lines];
}

/** `, likely renamed to fare: 3,000 of 3,000 values are equal`. */
function renamed({
  status,
  likely_rename,
}: Pick<ColumnOutcome | TableOutcome, 'status' | 'likely_rename'>): string {
  if (likely_rename === null) return '';
  const { other, evidence } = likely_rename;
  return `, likely renamed ${status === 'removed' ? 'to' : 'from'} ${visible(other)}: ${visible(evidence)}`;
}

/** ` (explained)`, ` (12 explained)`; nothing where nothing is. */
function explainedShare({ changed, unexplained }: ColumnOutcome): string {
  if (unexplained === changed) return '';
  return unexplained === 0 ? ' (explained)' : ` (${count(changed - unexplained)} explained)`;
}

export function approveText({
  release,
  digest,
  by,
  state,
  counts,
  missing,
}: ApproveResult): string {
  return [
    `${visible(by)} approved digest ${digest.slice(0, 12)} of release ${release}.`,
    ...(counts ? [] : [`${visible(by)} is the author of this release, so that does not count.`]),
    state === 'approved'
      ? `Next: greenlight swap --release ${release}`
      : `${plural(missing, 'more person has', 'more persons have')} to approve.`,
  ].join('\n');
}

export function swapText(result: SwapResult): string {
  const { release, exchange_ms, verified, previous, override, fenced_ms } = result;
  const { caught_up: caughtUp, go_live: goLive } = result;
  return [
    `Release ${release} is live: exchanged in ${duration(exchange_ms)}, ${plural(verified, 'check')} held.`,
    ...(caughtUp === null ? [] : caughtUpText(caughtUp)),
    `Writers had to wait for ${duration(fenced_ms)}.`,
    ...(result.drift_told === null ? [] : [driftToldText(result.drift_told)]),
    ...(goLive === null ? [] : [`New logic in force from ${goLive} on.`]),
    ...(override === null ? [] : [overrideText(override)]),
    `previous  ${visible(previous)}`,
    `To go back: greenlight rollback --release ${release}`,
  ].join('\n');
}

function driftToldText({ since_clone, behind_fence }: DriftTold): string {
  return `Drift was told ${describeTold(since_clone)} since the clone, ${describeTold(behind_fence)} behind the fence.`;
}

/** `The gate was overridden by alice at 2026-01-31T06:00:00.000Z: "why". It was closed for deviations, drift.` */
export function overrideText({ by, because, at, place, reasons }: ShownOverride): string {
  const conditions = reasons.map(({ condition }) => condition).join(', ');
  return `The gate was overridden by ${visible(by)} at ${at} (${visible(place)}): "${visible(because)}". It was closed for ${conditions}.`;
}

function caughtUpText({ policy, rounds, drift }: CaughtUp): string[] {
  return [
    `Live had changed since the clone; ${policy} was done ${plural(rounds, 'time')} before the swap:`,
    ...drift.map((drifted) => `  ${visible(describeDrift(drifted))}`),
  ];
}

export function rehearseText(result: RehearseResult): string {
  const { release, exchange_ms, verify_ms, rollback_ms, verified } = result;
  const rows = [
    ['swap', duration(exchange_ms)],
    [`verification, ${plural(verified, 'check')} held`, duration(verify_ms)],
    ['rollback', duration(rollback_ms)],
  ];
  return `The swap of release ${release} is rehearsed; live was not touched.\n${textTable(['', 'time'], rows)}`;
}

export function rollbackText({
  release,
  exchange_ms,
  kept,
  written_since_swap: written,
  replayed,
}: RollbackResult): string {
  return [
    `Release ${release} is rolled back: the old database is live again, exchanged in ${duration(exchange_ms)}.`,
    ...(written ?? ['Nothing was written to live since the swap.']).map((line) => visible(line)),
    ...(replayed.length === 0
      ? []
      : [`The rows of ${replayed.map(visible).join(', ')} came along.`]),
    `kept  ${visible(kept)}`,
  ].join('\n');
}

export function retireText({
  release,
  dropped,
  dry_run: dryRun,
  kept,
  left,
}: RetireResult): string {
  const lines = [
    ...dropped.map(
      ({ role, location, bytes: size }) =>
        `${dryRun ? 'would drop' : 'dropped'}  ${role}  ${bytes(size)}  ${visible(location)}`,
    ),
    ...kept.map(
      ({ role, location, bytes: size, until }) =>
        `kept  ${role}  ${bytes(size)}  ${visible(location)}: until ${until}, for a rollback; --drop-previous drops it now`,
    ),
    ...left.map(
      ({ role, location, reason }) => `left alone  ${role}  ${visible(location)}: ${reason}`,
    ),
  ];
  return lines.length === 0 ? `Release ${release} keeps no database.` : lines.join('\n');
}

export function initText({ written, live }: InitResult): string {
  return [
    ...written.map((file) => `wrote  ${visible(file)}`),
    `live   ${visible(live)}`,
    '',
    'Next: put migration scripts and logic into the folders, name your input tables in greenlight.yml, then',
    '  greenlight clone --release my-first',
  ].join('\n');
}
