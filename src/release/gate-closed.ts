import { EXIT, GreenlightError } from '../errors.ts';
import type { Drifted } from './drift.ts';
import type { Gate } from './gate.ts';
import type { OverrideRequest } from './override.ts';

/** The drift that a decision saw. */
export interface FoundDrift {
  /** How the ledger knows it. */
  readonly found_at: string;
  readonly live_id: string;
  readonly changed: readonly Drifted[];
}

/** What a decision was made on, besides the gate. */
interface Seen {
  /** Null: live has not changed. */
  readonly drift: FoundDrift | null;
  /** Null: nobody asked to override the gate. */
  readonly request: OverrideRequest | null;
}

/** Thrown when the gate is closed; the reasons are part of the step's result. */
export class GateClosed extends GreenlightError {
  readonly release: string;
  readonly gate: Gate;
  readonly seen: Seen;

  constructor(
    release: string,
    gate: Gate,
    seen: Seen,
    /** What was done about it before. */
    also: { readonly cause?: string; readonly help?: string } = {},
  ) {
    const reasons = gate.reasons.map(
      ({ condition, found, help, overridable }) =>
        `- ${condition}: ${found}${seen.request === null || overridable ? '' : '\n    (no override opens the gate for this)'}\n    -> ${help}`,
    );
    super(
      {
        what: `The gate refuses to swap ${release}, for ${gate.reasons.length === 1 ? 'this reason' : 'these reasons'}:\n${reasons.join('\n')}`,
        ...also,
      },
      EXIT.refused,
    );
    this.release = release;
    this.gate = gate;
    this.seen = seen;
  }

  because(also: { readonly cause?: string; readonly help?: string }): GateClosed {
    return new GateClosed(this.release, this.gate, this.seen, also);
  }
}
