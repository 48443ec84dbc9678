import { statusOf } from '../api-error.ts';
import { type AskedApproval, approvalCommand } from '../review.ts';
import type { GitLabApi } from './api.ts';
import type { Account, MergeRequestPlace, Note } from './comments.ts';

export interface MergeRequestApprovals extends MergeRequestPlace {
  readonly project: string;
  readonly number: number;
  readonly head: string;
}

/** Who may push to the repository: Developer and above. */
const DEVELOPER = 30;

/**
 * What people have approved so far, in their order: by a note with a command, or by the merge request's own approval,
 * which is one of the newest commit. No event starts a job when they do, so each job looks at all of them.
 */
export async function askedApprovals(
  api: GitLabApi,
  request: MergeRequestApprovals,
): Promise<AskedApproval[]> {
  const notes = await api.list<Note>(`${request.path}/notes?sort=asc&order_by=created_at`);
  const { approved_by: approved } = await api.get<{ approved_by: { user: Account }[] }>(
    `${request.path}/approvals`,
  );
  const permitted = new Map<number, Promise<boolean>>();
  const mayApprove = (account: Account) => {
    const known = permitted.get(account.id) ?? mayPush(api, request.project, account);
    permitted.set(account.id, known);
    return known;
  };
  const asked: AskedApproval[] = [];
  for (const note of notes) {
    const { id, body, system, author, created_at: at } = note;
    const place = `${request.address}#note_${id}`;
    const common = { by: author.username, place };
    const reference = { change: request.number, comment: system ? null : id };
    if (system) {
      const isApproval = body.trim() === 'approved this merge request';
      const latest = notes.findLast((other) => other.author.id === author.id && isVote(other));
      if (!isApproval || latest?.id !== id || !approved.some(({ user }) => user.id === author.id))
        continue;
      const named = { revision: request.head, at };
      asked.push({ ...common, mayApprove: await mayApprove(author), named, reference });
      continue;
    }
    const digest = approvalCommand(body);
    if (digest === null || (await isAnswered(api, request, id))) continue;
    asked.push({
      ...common,
      mayApprove: await mayApprove(author),
      ...(isEdited(note) ? { isEdited: true as const } : {}),
      named: { digest },
      reference,
    });
  }
  return asked;
}

/** GitLab tells of approvals in notes of its own. */
function isVote({ system, body }: Note): boolean {
  return system && /^(un)?approved this merge request$/.test(body.trim());
}

/** Making a note may take GitLab a moment. */
const MAKING_MS = 10_000;

/** Maintainers may edit what others wrote, and it still bears the other's name. A reaction counts as a change too. */
function isEdited({ created_at: made, updated_at: changed }: Note): boolean {
  return Date.parse(changed) - Date.parse(made) > MAKING_MS;
}

/** Our own mark on a note: it was recorded or refused before. */
async function isAnswered(
  api: GitLabApi,
  { path }: MergeRequestPlace,
  note: number,
): Promise<boolean> {
  const { id } = await api.get<Account>('/user');
  const emoji = await api.list<{ name: string; user: Account }>(
    `${path}/notes/${note}/award_emoji`,
  );
  return emoji.some(({ name, user }) => user.id === id && Object.values(answers).includes(name));
}

export const answers = { accepted: 'thumbsup', refused: 'confused' };

/** Approvals are people's: an account of a token, or of a service, approves nothing. */
async function mayPush(api: GitLabApi, project: string, { id }: Account): Promise<boolean> {
  try {
    const member = await api.get<{ access_level: number; state?: string }>(
      `/projects/${project}/members/all/${id}`,
    );
    if (member.access_level < DEVELOPER || (member.state ?? 'active') !== 'active') return false;
    const { bot, username } = await api.get<Account>(`/users/${id}`);
    return bot !== true && !/^((project|group)_\d+_bot|service_account_)/.test(username);
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}
