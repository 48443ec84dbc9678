import { statusOf } from './api-error.ts';
import type { Comment } from './review.ts';

/** A comment as the host has it. */
export interface HostComment {
  readonly id: number;
  readonly body: string;
  readonly address: string;
}

/** Comments of the account that the token belongs to, on one change. */
export interface OwnComments {
  /** All of them, oldest first. */
  list(): Promise<readonly HostComment[]>;
  create(body: string): Promise<HostComment>;
  update(id: number, body: string): Promise<HostComment>;
  delete(id: number): Promise<void>;
}

/**
 * Keeps one comment of a kind, whatever else happens to it: it is left alone when nothing has changed, made anew when
 * somebody has deleted it, and of several (two runs at once, an answer that got lost) the oldest stays.
 * @returns its address.
 */
export async function keepOneComment(
  comments: OwnComments,
  { marker, body }: Comment,
): Promise<string> {
  const text = `${marker}\n${body}`;
  const ofMarker = async () =>
    (await comments.list()).filter((comment) => comment.body.startsWith(marker));
  const [known, ...surplus] = await ofMarker();
  for (const { id } of surplus) await deleted(comments, id);
  const kept = known === undefined ? null : await updated(comments, known, text);
  if (kept !== null) return kept.address;

  const made = await comments.create(text);
  const [oldest, ...others] = await ofMarker();
  for (const { id } of others) await deleted(comments, id);
  if (oldest === undefined || oldest.id === made.id) return made.address;
  return ((await updated(comments, oldest, text)) ?? made).address;
}

/** Null: it is not there any more. */
async function updated(
  comments: OwnComments,
  comment: HostComment,
  text: string,
): Promise<HostComment | null> {
  if (sameText(comment.body, text)) return comment;
  try {
    return await comments.update(comment.id, text);
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** Whoever else tidies up may have been quicker. */
async function deleted(comments: OwnComments, id: number): Promise<void> {
  try {
    await comments.delete(id);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** Hosts change line ends, and white space at the end. */
function sameText(a: string, b: string): boolean {
  const plain = (text: string) => text.replaceAll('\r\n', '\n').trimEnd();
  return plain(a) === plain(b);
}
