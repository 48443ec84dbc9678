import type { ApprovalRules } from '../config/config.ts';
import type { Approval, Release } from './records.ts';

/**
 * valid: it names the digest of the comparison in force, and counts. own: it does too, but it is the author's, and the
 * configuration does not count those. void: it names the digest of another comparison.
 */
export type ApprovalStanding = 'valid' | 'own' | 'void';

export interface JudgedApprovals {
  /** In the order in which they were given. */
  readonly given: readonly { readonly approval: Approval; readonly standing: ApprovalStanding }[];
  /** Whose approvals are valid, each person once. */
  readonly persons: readonly string[];
  /** How many more persons have to approve. */
  readonly missing: number;
}

/** What the approvals of a release are worth for the comparison in force. */
export function judgeApprovals(
  approvals: readonly Approval[],
  { digest, author }: { readonly digest: string } & Pick<Release, 'author'>,
  { required, byAuthor }: ApprovalRules,
): JudgedApprovals {
  const isOwn = ({ approver }: Approval) =>
    !byAuthor && author !== null && isSamePerson(approver, author);
  const given = approvals.map((approval) => ({
    approval,
    standing:
      approval.digest !== digest
        ? ('void' as const)
        : isOwn(approval)
          ? ('own' as const)
          : ('valid' as const),
  }));
  const persons = distinctPersons(
    given.filter(({ standing }) => standing === 'valid').map(({ approval }) => approval.approver),
  );
  return { given, persons, missing: Math.max(0, required - persons.length) };
}

/** Names are compared without regard to case and to spaces around them. */
export function isSamePerson(a: string, b: string): boolean {
  const plain = (name: string) => name.normalize('NFC').trim().toLowerCase();
  return plain(a) === plain(b);
}

function distinctPersons(names: readonly string[]): string[] {
  return names.filter((name, at) => names.findIndex((other) => isSamePerson(other, name)) === at);
}
