import { GreenlightError, messageOf } from '../../errors.ts';
import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { Session } from './connection.ts';
import { explain } from './errors.ts';
import type { SqlserverOptions } from './options.ts';

/** What is examined. */
export interface Place {
  readonly options: SqlserverOptions;
  readonly live: string;
  readonly ledger: string;
}

/** A session, or why there is none. */
export async function enter(
  database: string,
  { options, live }: Place,
): Promise<Session | Finding> {
  try {
    return await Session.open(database, options, { purpose: 'doctor' });
  } catch (error) {
    return notOpened(error, database === live ? `opening ${database}` : 'connecting', database);
  }
}

export function notOpened(error: unknown, subject: string, database: string): Finding {
  const { what, cause, help } = problemOf(error, database);
  const found = cause === undefined ? what : `${what} ${cause}`;
  return findingsOf('connection').fault(subject, found, help ?? null);
}

/** What cannot be looked at is a finding like others. */
export async function* guarded(
  part: Finding['part'],
  subject: string,
  findings: AsyncIterable<Finding>,
): AsyncIterable<Finding> {
  try {
    yield* findings;
  } catch (error) {
    const { what, cause, help } = problemOf(error, '');
    yield findingsOf(part).unknown(subject, `It could not be looked at: ${cause ?? what}`, help);
  }
}

export function problemOf(error: unknown, database: string): GreenlightError['problem'] {
  const explained = explain(error, database);
  return explained instanceof GreenlightError ? explained.problem : { what: messageOf(error) };
}
