import type { DriftPolicy } from '../config/config.ts';
import type { TypedText } from '../engines/engine.ts';
import type { Drifted } from './drift.ts';

/** Rows of the ledger as the code sees them. Instants are ISO 8601 texts in UTC. */

export type ReleaseState =
  | 'new'
  | 'cloned'
  | 'migrated'
  | 'simulated'
  | 'compared'
  | 'approved'
  | 'swapped'
  | 'rolled-back'
  | 'retired';

export type StepName =
  | 'clone'
  | 'migrate'
  | 'simulate'
  | 'compare'
  | 'approve'
  | 'replay'
  | 'rehearse'
  | 'swap'
  | 'rollback'
  | 'retire';

/** What the clone step fills in is null until it has ended. */
export interface Release {
  readonly id: string;
  readonly state: ReleaseState;
  readonly created_at: string;
  readonly updated_at: string;
  readonly engine: string;
  readonly live: string;
  readonly live_id: string | null;
  readonly live_mark: string | null;
  /** Where that begins which the server keeps since the clone instant, in the engine's words; null: it keeps nothing. */
  readonly live_trail: string | null;
  /** Whose database live was at the clone; null: no release's yet. */
  readonly live_release: string | null;
  readonly clone_instant: string | null;
  readonly clone_method: string | null;
  readonly candidate: string | null;
  readonly candidate_id: string | null;
  /** As the last finished step left it. */
  readonly candidate_mark: string | null;
  readonly baseline: string | null;
  readonly baseline_id: string | null;
  readonly baseline_mark: string | null;
  /** Null as long as no old logic ran to its end. */
  readonly control: string | null;
  readonly control_id: string | null;
  /** As the old logic left it. */
  readonly control_mark: string | null;
  /** Of the old logic that ran last; null when it came from a folder. Outlives the control. */
  readonly control_commit: string | null;
  /** Objects of live at the clone instant. */
  readonly inventory: Inventory | null;
  /** Objects of the candidate right after its migration, before the logic ran. */
  readonly migrated_inventory: Inventory | null;
  /** Who made the change; null: nobody said. */
  readonly author: string | null;
}

type MayBeNull =
  | 'control'
  | 'control_id'
  | 'control_mark'
  | 'control_commit'
  | 'author'
  | 'live_trail'
  | 'live_release';

/** A release after its clone. */
export type ClonedRelease = Pick<Release, MayBeNull> & {
  readonly [K in Exclude<keyof Release, MayBeNull>]: NonNullable<Release[K]>;
};

/** Every object of a database -> a checksum of what it says. */
export type Inventory = Readonly<Record<string, string>>;

export interface StepRecord {
  readonly id: number;
  readonly release: string;
  readonly step: StepName;
  readonly state: 'running' | 'done' | 'failed' | 'refused' | 'interrupted';
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly actor: string;
  readonly machine: string;
  readonly tool_version: string;
  readonly logic_hash: string | null;
  readonly detail: unknown;
}

export interface ScriptRecord {
  readonly release: string;
  readonly position: number;
  readonly script: string;
  readonly kind: 'versioned' | 'repeatable' | 'command' | 'sql';
  readonly checksum: string;
  readonly state: 'running' | 'applied';
}

/** A business period for which the run list runs: column -> value. */
export interface Period {
  /** From 0. */
  readonly position: number;
  readonly variables: Readonly<Record<string, TypedText>>;
}

/** Whether candidate and baseline hold the same rows of an input table, in the columns that both have. */
export interface InputProof {
  readonly table: string;
  /** added: only the candidate has it, without a row. removed: only the baseline has it. */
  readonly outcome: 'equal' | 'added' | 'removed' | 'unequal';
  readonly proof: 'exact' | 'lineage' | 'hash' | null;
  readonly old_rows: number | null;
  readonly new_rows: number | null;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Why it is unequal; null when it is not. */
  readonly reason: string | null;
  /** Places in SQL files that probably wrote to it: `logic/01.sql:12`. */
  readonly suspects: readonly string[];
}

/** A place in the logic that may give another value in another run. */
export interface NoiseSourceRecord {
  readonly source: 'clock' | 'random' | 'sequence' | 'session';
  /** `now()`, `current_date`. */
  readonly function: string;
  /** A SQL file of the run list and the line in it; null for a stored definition. */
  readonly file: string | null;
  readonly line: number | null;
  /** `view marts.top`; null for a file. */
  readonly object: string | null;
}

/** The database that a simulated item ran on. */
export type SimulationRole = 'candidate' | 'control';

export type Verdict = 'identical' | 'explained' | 'unexplained';

export interface ComparisonRecord {
  readonly id: number;
  readonly release: string;
  /** noise: of the baseline with the control. It has no digest and no verdict. */
  readonly kind: 'deviations' | 'noise';
  /** The comparison that found the noise; null: there was no control. */
  readonly noise: number | null;
  readonly state: 'running' | 'done';
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly digest: string;
  readonly verdict: Verdict;
  /** Of the logic that made what was compared. */
  readonly logic_hash: string;
  /** The candidate as it was compared. */
  readonly candidate_mark: string;
  readonly privacy: string;
  readonly mode: string;
  readonly coverage: unknown;
  /** Which budget was used up before all was compared; null: all was. */
  readonly stopped: string | null;
  /** Of the candidate as it was compared. */
  readonly inventory: Inventory;
  /** The commit under review that was compared, and the address of the job that did it; null: on no host. */
  readonly revision: string | null;
  readonly job: string | null;
}

export interface Approval {
  readonly id: number;
  readonly release: string;
  readonly comparison: number;
  readonly digest: string;
  readonly approver: string;
  readonly approved_at: string;
  readonly place: string;
}

/** A person's decision to swap although the gate was closed. */
export interface Override {
  readonly id: number;
  readonly release: string;
  /** The exchange that it was for. */
  readonly swap: number;
  /** Of the comparison in force. */
  readonly digest: string;
  readonly overridden_by: string;
  readonly overridden_at: string;
  readonly because: string;
  readonly place: string;
  /** Why the gate was closed. */
  readonly reasons: readonly { readonly condition: string; readonly found: string }[];
}

export interface SwapRecord {
  readonly id: number;
  readonly release: string;
  readonly direction: 'swap' | 'rollback';
  /**
   * intended: about to exchange, or interrupted while it did. done: live is `incoming`. undone: it did not happen.
   * returning: verification failed, about to exchange back. returned: live is the old one again.
   */
  readonly state: 'intended' | 'done' | 'undone' | 'returning' | 'returned';
  readonly live: string;
  /** Of live before. */
  readonly live_id: string;
  readonly incoming: string;
  readonly incoming_id: string;
  /** As it was exchanged; another mark on live means that somebody wrote to it since. */
  readonly incoming_mark: string;
  /** Where the database that was live is kept. */
  readonly kept: string;
  readonly intended_at: string;
  readonly finished_at: string | null;
  readonly exchange_ms: number | null;
  readonly live_mark_after: string | null;
  readonly actor: string;
  readonly detail: unknown;
}

/** What a swap found changed in live, and what became of it. */
export interface DriftRecord extends Omit<Drifted, 'name'> {
  readonly release: string;
  /** The same for all that was found at one time. */
  readonly found_at: string;
  /** Live as it was looked at. */
  readonly live_id: string;
  readonly live_mark: string;
  readonly object_name: string;
  readonly policy: DriftPolicy;
  /**
   * refused: nothing was done. catching-up: the release is being made anew, or that was cut off. overridden: a person
   * let the swap go on without it.
   */
  readonly state: 'refused' | 'catching-up' | 'caught-up' | 'overridden';
}

export interface RehearsalRecord {
  readonly id: number;
  readonly release: string;
  /** The one whose candidate it was. */
  readonly comparison: number;
  readonly state: 'running' | 'done' | 'failed' | 'interrupted';
  /** The scratch places. */
  readonly live: string;
  readonly incoming: string;
  readonly kept: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly exchange_ms: number | null;
  readonly verify_ms: number | null;
  readonly rollback_ms: number | null;
  /** Checks that held. */
  readonly verified: number | null;
  readonly failures: readonly string[] | null;
  readonly actor: string;
}

/** Of a release whose parked rows are published, or withdrawn, in a copy of its candidate: that copy goes live. */
export interface Publication {
  readonly release: string;
  readonly location: string;
  /** Of the copy; null while it is made. */
  readonly database_id: string | null;
  /** What the parked instant became; null before that, and where the rows were withdrawn. */
  readonly go_live: string | null;
  /** Bitemporal table -> its rows as they went live; null before. */
  readonly rows: Readonly<Record<string, number>> | null;
}
