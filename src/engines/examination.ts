import { GreenlightError } from '../errors.ts';
import type { Finding } from './engine.ts';

type Part = Finding['part'];

/** Findings of one part of an engine. */
export interface FindingsOf {
  good(subject: string, found: string): Finding;
  /** `help` is null where nothing can be done about it. */
  warning(subject: string, found: string, help: string | null): Finding;
  fault(subject: string, found: string, help: string | null): Finding;
  /** It could not be looked at; `help` says how it could be. */
  unknown(subject: string, found: string, help?: string | undefined): Finding;
  /**
   * What was thrown while it was looked at: an explained problem is a fault, of all else it is only known that it could
   * not be looked at. `tell` gives what may be shown of an error.
   */
  thrown(subject: string, error: unknown, tell: (error: unknown) => string): Finding;
}

export function findingsOf(part: Part): FindingsOf {
  const make =
    (verdict: Finding['verdict']) =>
    (subject: string, found: string, help: string | null = null): Finding => ({
      part,
      subject,
      verdict,
      found,
      help,
    });
  const unknown = (subject: string, found: string, help?: string | undefined) =>
    make('unknown')(subject, found, help);
  return {
    good: make('good'),
    warning: make('warning'),
    fault: make('fault'),
    unknown,
    thrown: (subject, error, tell) =>
      error instanceof GreenlightError
        ? make('fault')(subject, problemText(error), error.problem.help ?? null)
        : unknown(subject, `It could not be looked at: ${tell(error)}`),
  };
}

/** What happened, where and why. */
export function problemText({ problem: { what, where, cause } }: GreenlightError): string {
  const place = where === undefined ? '' : ` (${where})`;
  return `${what.replace(/\.$/, '')}${place}${cause === undefined || cause === '' ? '.' : `: ${cause}`}`;
}
