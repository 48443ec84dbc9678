import { bytes, indented, visible } from '../format.ts';
import type { Settled } from '../release/recover.ts';
import type { ReleaseStatus, ShownApproval, StatusResult } from '../steps/status.ts';
import { textTable } from './table.ts';
import { overrideText } from './text.ts';

/** What `status` says to a person: a line for each release, what needs attention of each, and the gate. */
export function statusText(result: StatusResult): string {
  const live = result.live_exists
    ? (result.live_release ?? 'as it was before the first release')
    : 'missing';
  const notes = result.releases.flatMap(notesOf);
  return [
    `live  ${visible(result.live)} (${live})`,
    ...result.settled.map(settledText),
    '',
    releasesTable(result.releases),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    ...gateText(result.gate),
  ].join('\n');
}

function settledText({ release, direction, outcome }: Settled): string {
  if (direction === 'rehearsal')
    return `The rehearsal of ${release} was cut off. Its copies are gone.`;
  const told = {
    undone: 'before the exchange: it did not happen',
    returned: 'after its verification had failed: the old database is back',
    done: 'after the exchange: it happened',
  }[outcome];
  return `The ${direction} of ${release} was cut off ${told}. That is recorded now.`;
}

function releasesTable(releases: readonly ReleaseStatus[]): string {
  if (releases.length === 0) return 'No release yet. Begin with: greenlight clone --release ID';
  const rows = releases.map((release) => [
    release.release,
    [
      release.state,
      ...(release.running === null ? [] : [`${release.running} is running`]),
      ...(release.unfinished === null ? [] : [`${release.unfinished} was cut off`]),
    ].join(', '),
    release.verdict ?? '',
    release.digest?.slice(0, 12) ?? '',
    release.approved_by.join(', '),
    release.next ?? '',
  ]);
  const head = ['release', 'state', 'verdict', 'digest', 'approved by', 'next'];
  return textTable(head, rows, { width: 160 });
}

/** What a reader must not miss of a release. Of one that is live or over, only what stays true for good. */
function notesOf(release: ReleaseStatus): string[] {
  const isAhead = ['compared', 'approved'].includes(release.state);
  return [
    ...(release.cut_off === null ? [] : [`The exchange was cut off: ${release.cut_off}.`]),
    ...(isAhead ? logicNotes(release) : []),
    ...(isAhead ? release.approvals.flatMap((approval) => approvalNote(approval, release)) : []),
    ...release.overrides.map(overrideText),
    ...(release.trail === null ? [] : [trailNote(release.trail)]),
  ].map((note) => `${release.release}: ${note}`);
}

function trailNote({ name, bytes: kept, usable }: NonNullable<ReleaseStatus['trail']>): string {
  return usable
    ? `The server keeps ${bytes(kept)} of its log in the replication slot ${name}, to tell drift by; retire drops it.`
    : `The server has given up the replication slot ${name}: drift is told by row versions. retire drops it.`;
}

function logicNotes({ logic }: ReleaseStatus): string[] {
  if (logic === null || logic.state === 'as-compared') return [];
  const parts = indented(logic.changed.map(visible));
  return logic.state === 'changed'
    ? [`The files in hand are not those that were compared:\n${parts}`]
    : [`Whether the files in hand are those that were compared cannot be told:\n${parts}`];
}

function approvalNote(
  { by, standing, digest }: ShownApproval,
  { digest: latest }: ReleaseStatus,
): string[] {
  if (standing === 'valid') return [];
  if (standing === 'own')
    return [`${visible(by)} approved, but is the author: that does not count.`];
  return [
    `${visible(by)} approved digest ${digest.slice(0, 12)}: void, the latest comparison has ${latest?.slice(0, 12)}.`,
  ];
}

function gateText(gate: StatusResult['gate']): string[] {
  if (gate === null) return [];
  if (gate.open) return ['', `The gate is open for ${gate.release}.`];
  return [
    '',
    `The gate is closed for ${gate.release}:`,
    ...gate.reasons.map(
      ({ condition, found, help }) =>
        `- ${condition}: ${found.split('\n').map(visible).join('\n')}\n    -> ${visible(help)}`,
    ),
  ];
}
