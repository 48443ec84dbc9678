/**
 * The part of a host where people review a change: GitHub's pull requests, GitLab's merge requests. It speaks to the
 * host's API. What it shows comes from the steps as texts; what it reads are facts, and the steps judge them.
 */
export interface Review {
  /** Address of the job that runs this. */
  readonly run: string;
  /** The newest commit of the branch under review, else the commit at hand. */
  readonly revision: string;
  readonly called: 'pull request' | 'merge request';
  /** The job that a person has to start after approving; null: the host starts one. */
  readonly approvalJob: string | null;
  /** False: the user wants none; the rest is published all the same. */
  readonly wantsComment: boolean;
  /** Address of a file that a job of this host keeps, this one (`run`) or an earlier one. */
  fileAddress(job: string, path: string): string;
  /** The folder of the repository: where files are shown, and where the review page is written. */
  readonly workspace: string;
  /** What the comment can hold at most. */
  readonly commentLimit: number;

  /** @throws UsageError when what started this job must not run the code of a change: strangers can start it. */
  requireTrusted(step: string): void;
  /** @throws UsageError unless this job runs on the branch that production follows, after the merge. */
  requireMerged(step: string, branch: string | null): void;

  /**
   * The change that this job is about: as its event says; else the one that `release` is named after; else, with
   * `merged`, the one that brought the commit at hand to its branch. Null: none.
   * @throws GreenlightError when the API has to be asked and does not answer.
   */
  change(wanted: WantedChange): Promise<Change | null>;
  /** Approvals that people gave where the change is reviewed, in their order, and that this job is to record. */
  approvals(change: Change): Promise<readonly AskedApproval[]>;
  /** Tells the person what became of it. */
  answer(asked: AskedApproval, answer: Answer): Promise<void>;

  /** The one comment of the release: made, changed, or left as it is. Gives its address. */
  comment(change: Change, comment: Comment): Promise<string>;
  status(revision: string, status: CommitStatus): Promise<void>;
  /** What the job's own page shows; nothing where jobs have none. */
  summarise(markdown: string): Promise<void>;
  /** Points to lines of files of the repository. */
  annotate(annotations: readonly Annotation[]): Promise<void>;
}

export interface WantedChange {
  readonly release?: string;
  readonly merged: boolean;
  /** Its author and its state are asked for, which may take a request. */
  readonly details: boolean;
}

/** A pull request or merge request. */
export interface Change {
  readonly number: number;
  /** Id of its release, unless another one is given: `pr-42`, `mr-7`. */
  readonly release: string;
  /** Null: the host did not say. */
  readonly author: string | null;
  /** The newest commit of its branch. */
  readonly head: string;
  /** Null: nobody asked, or the host did not say. */
  readonly state: 'open' | 'merged' | 'closed' | null;
}

export interface AskedApproval {
  readonly by: string;
  /** May write to the repository, by the host's own account. */
  readonly mayApprove: boolean;
  /** Its text was changed after it was written, by whomever the host lets do that. */
  readonly isEdited?: true;
  /** What is approved: a digest by its name, or all that was found in a commit, at a time. */
  readonly named: { readonly digest: string } | { readonly revision: string; readonly at: string };
  /** Its address: for the ledger. */
  readonly place: string;
  /** What the host needs to answer it. */
  readonly reference: AnswerReference;
}

export interface AnswerReference {
  readonly change: number;
  /** Of the comment or note that holds the command; null: it was no command. */
  readonly comment: number | null;
}

export interface Answer {
  /** Null: it could not be recorded this time, for a reason that passes. */
  readonly accepted: boolean | null;
  readonly text: string;
}

export interface Comment {
  /** Tells the comments of releases and projects apart; stands in the text, where nobody sees it. */
  readonly marker: string;
  readonly body: string;
}

export interface CommitStatus {
  readonly name: string;
  readonly state: 'pending' | 'success' | 'failure';
  readonly description: string;
  /** Where more is told. */
  readonly address: string;
}

export interface Annotation {
  /** Relative to the workspace. */
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly text: string;
}

/**
 * The digest that `/greenlight approve <digest>` names; empty: it names none. Null: the text is no such command. It has
 * to be the first line: a text that quotes or shows the command, as ours does, gives none.
 */
export function approvalCommand(body: string): string | null {
  const [first = ''] = body.trim().split(/\r?\n/, 1);
  const found = /^\/greenlight\s+approve(?:\s+`?([^\s`]+)`?)?\s*$/i.exec(first);
  return found === null ? null : (found[1] ?? '').toLowerCase();
}
