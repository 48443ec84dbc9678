import { indented, plural } from '../format.ts';
import { isSamePerson, type JudgedApprovals, judgeApprovals } from './approvals.ts';
import type { Evidence, Reason } from './gate.ts';

/**
 * What keeps the gate closed until people have reviewed it: deviations and declarations that nothing explains, and
 * every approval that does not count. Nothing, once enough persons have approved the digest in force.
 */
export function reviewReasons(evidence: Evidence): Reason[] {
  const { release, comparison, approvals, approvalRules, unexplained } = evidence;
  if (comparison?.verdict !== 'unexplained') return [];
  const judged = judgeApprovals(
    approvals,
    { digest: comparison.digest, author: release.author },
    approvalRules,
  );
  if (judged.missing === 0) return [];
  const digest = comparison.digest.slice(0, 12);
  const approve = `greenlight approve --release ${release.id} --digest ${digest} --by NAME`;
  const { deviations, expectations } = unexplained;
  return [
    ...(deviations.length > 0 || expectations.length === 0
      ? [unreviewed('deviations', 'deviates, and nothing explains it', deviations, approve)]
      : []),
    ...(expectations.length > 0
      ? [unreviewed('expectations', 'was declared, and is not met', expectations, approve)]
      : []),
    ...staleReason(judged, digest, approve),
    ...missingReason(judged, approvalRules.required, approve),
    ...ownReason(judged, approve),
  ];
}

function unreviewed(
  condition: Reason['condition'],
  why: string,
  found: readonly string[],
  approve: string,
): Reason {
  return {
    condition,
    found: `this ${why}; it is not approved:\n${indented(found)}`,
    help: `Review it, then: ${approve}`,
    overridable: true,
  };
}

/** Of everybody who has approved, but nothing that is in force now. */
function staleReason({ given }: JudgedApprovals, digest: string, approve: string): Reason[] {
  const inForce = given.filter(({ standing }) => standing !== 'void');
  const latest = new Map(
    given
      .filter(({ approval: { approver } }) =>
        inForce.every(({ approval }) => !isSamePerson(approval.approver, approver)),
      )
      .map(({ approval }) => [approval.approver, approval.digest]),
  );
  if (latest.size === 0) return [];
  const told = [...latest].map(
    ([approver, approved]) => `${approver} approved digest ${approved.slice(0, 12)}`,
  );
  return [
    {
      condition: 'digest',
      found: `${told.join(', ')}, but the latest comparison has ${digest}: it found something else`,
      help: `Review what the latest comparison found, then: ${approve}`,
      overridable: true,
    },
  ];
}

/** With one person needed, what is not approved says all. */
function missingReason(
  { persons, missing }: JudgedApprovals,
  required: number,
  approve: string,
): Reason[] {
  if (required === 1) return [];
  const whose = persons.length === 0 ? '' : `: ${persons.join(', ')}`;
  return [
    {
      condition: 'approvals',
      found: `${persons.length} of ${plural(required, 'person has', 'persons have')} approved${whose}`,
      help: `${plural(missing, 'more person has', 'more persons have')} to approve: ${approve}`,
      overridable: true,
    },
  ];
}

function ownReason({ given }: JudgedApprovals, approve: string): Reason[] {
  const own = given.find(({ standing }) => standing === 'own');
  if (own === undefined) return [];
  return [
    {
      condition: 'self-approval',
      found: `${own.approval.approver} approved, but is the author of this release: that does not count`,
      help: `Let somebody else review it, then: ${approve}`,
      overridable: true,
    },
  ];
}
