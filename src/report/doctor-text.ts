import { plural, visible } from '../format.ts';
import type { DoctorFinding, DoctorResult } from '../steps/doctor.ts';

/** What `doctor` says to a person: a line for each finding, what to do below it, and what it comes to. */
export function doctorText(result: DoctorResult): string {
  return [
    `live  ${visible(result.live)} (${result.engine})`,
    ...result.findings.flatMap((finding, at) => [
      ...(finding.part === result.findings[at - 1]?.part ? [] : ['', titles[finding.part]]),
      ...findingText(finding),
    ]),
    '',
    summaryText(result),
  ].join('\n');
}

const titles: Readonly<Record<DoctorFinding['part'], string>> = {
  project: 'Project',
  connection: 'Connection',
  databases: 'Clone',
  catalog: 'What is in live',
  scripts: 'Scripts',
  comparison: 'Comparison',
  swap: 'Swap',
  replay: 'Replay',
  stores: 'Ledger',
};

const signs: Readonly<Record<DoctorFinding['verdict'], string>> = {
  good: '✔',
  warning: '⚠',
  fault: '✖',
  unknown: '?',
};

function findingText({ verdict, subject, found, help }: DoctorFinding): string[] {
  const [first = '', ...more] = found.split('\n').map(visible);
  return [
    `  ${signs[verdict]} ${subject}: ${first}`,
    ...more.map((line) => `    ${line}`),
    ...(help ?? '').split('\n').flatMap((line) => (line === '' ? [] : [`    -> ${visible(line)}`])),
  ];
}

function summaryText({ ready, verdicts: { warning, fault, unknown } }: DoctorResult): string {
  const others = [
    ...(warning === 0 ? [] : [plural(warning, 'warning')]),
    ...(unknown === 0 ? [] : [`${plural(unknown, 'thing')} could not be looked at`]),
  ];
  const beside = others.length === 0 ? '' : ` (${others.join(', ')})`;
  return ready
    ? `Nothing that was looked at stands in the way of a release${beside}.`
    : `${plural(fault, 'fault')}${beside}: a release would fail. When they are mended, run greenlight doctor again.`;
}
