import type { ApprovalRules, DriftPolicy } from '../config/config.ts';
import type { Physical } from '../engines/engine.ts';
import { indented } from '../format.ts';
import { type Drifted, describeDrift } from './drift.ts';
import { inventoryChanges } from './inventory.ts';
import { changedParts, type LogicHash } from './logic-hash.ts';
import type { Approval, ClonedRelease, ComparisonRecord, Inventory } from './records.ts';
import { reviewReasons } from './review.ts';
import type { Unexplained } from './unexplained.ts';

/** Everything that the decision is made from, gathered beforehand. */
export interface Evidence {
  readonly release: ClonedRelease;
  /** The step that comes next for it; null when there is none. */
  readonly next: string | null;
  /** The latest finished comparison; null when there is none. */
  readonly comparison: ComparisonRecord | null;
  /** The logic that was compared, part by part. */
  readonly comparedLogic: LogicHash | null;
  /** What of it nothing explains. */
  readonly unexplained: Unexplained;
  /** Of whatever digest. */
  readonly approvals: readonly Approval[];
  readonly approvalRules: ApprovalRules;
  /** Of the commit in hand. */
  readonly logic: LogicHash;
  /** Live now; null when there is none. */
  readonly live: Physical | null;
  /** Whose database that is, by the exchanges in the ledger; null: no release's. */
  readonly liveRelease: string | null;
  /** What changed in live since the clone instant; empty when nothing did. */
  readonly drift: readonly Drifted[];
  /** What a swap does about it. */
  readonly driftPolicy: DriftPolicy;
  /** The candidate now; null when it is gone. */
  readonly candidate: Physical | null;
  /** Objects of live, of the candidate after its migration, and of the candidate now. Null where it cannot be read. */
  readonly inventory: { readonly migrated: Inventory; readonly now: Inventory } | null;
  /** Definitions in the candidate that name a database of the release, as lines. */
  readonly namedDatabases: readonly string[];
}

export interface Reason {
  readonly condition:
    | 'comparison'
    | 'identity'
    | 'drift'
    | 'logic'
    | 'candidate'
    | 'deviations'
    | 'expectations'
    | 'digest'
    | 'approvals'
    | 'self-approval'
    | 'inventory'
    | 'definitions';
  readonly found: string;
  /** What would help: a command, or what to do. */
  readonly help: string;
  /** False: no person can decide it away: nobody knows what would go live, or onto what. */
  readonly overridable: boolean;
}

/** True for what people open by reviewing what was found; the others are about what would go live, and onto what. */
export function awaitsReview({ condition }: Reason): boolean {
  return ['deviations', 'expectations', 'digest', 'approvals', 'self-approval'].includes(condition);
}

export interface Gate {
  readonly open: boolean;
  readonly reasons: readonly Reason[];
}

/** Decides whether the release may be swapped, and lists every reason why not. */
export function decideGate(evidence: Evidence): Gate {
  const over = overReason(evidence);
  if (over !== null) return { open: false, reasons: [over] };
  const reasons = [
    comparisonReason(evidence),
    identityReason(evidence),
    driftReason(evidence),
    logicReason(evidence),
    candidateReason(evidence),
    ...reviewReasons(evidence),
    inventoryReason(evidence),
    definitionsReason(evidence),
  ].filter((reason) => reason !== null);
  return { open: reasons.length === 0, reasons };
}

/** Of a release that has not come to a candidate yet, nothing can be looked at. */
export function gateBeforeClone({ id }: { readonly id: string }): Gate {
  const found = 'the release is new: what would go live has not been cloned';
  const help = `greenlight clone --release ${id}`;
  return { open: false, reasons: [{ condition: 'comparison', found, help, overridable: false }] };
}

/** A release that went live, or is done with, has nothing left to swap. */
function overReason({ release }: Evidence): Reason | null {
  if (!['swapped', 'rolled-back', 'retired'].includes(release.state)) return null;
  return {
    condition: 'comparison',
    found: `the release is ${release.state}: there is nothing to swap any more`,
    help: 'Begin a new release: greenlight clone --release ID',
    overridable: false,
  };
}

function comparisonReason({ release, comparison, next }: Evidence): Reason | null {
  if (comparison === null || !['compared', 'approved'].includes(release.state)) {
    return {
      condition: 'comparison',
      found: `the release is ${release.state}: what would go live has not been compared`,
      help: `greenlight ${next ?? 'compare'} --release ${release.id}`,
      overridable: false,
    };
  }
  if (comparison.stopped === null) return null;
  return {
    condition: 'comparison',
    found: `the comparison ended early: ${comparison.stopped}`,
    help: `greenlight compare --release ${release.id}, with a larger budget or none`,
    overridable: true,
  };
}

/** By the database's own id and by the ledger: a system may give the id of a database that was dropped to another one. */
function identityReason({ release, live, liveRelease }: Evidence): Reason | null {
  if (live?.id === release.live_id && liveRelease === release.live_release) return null;
  const whose = (id: string | null) => (id === null ? '' : ` of ${id}`);
  return {
    condition: 'identity',
    found:
      live === null
        ? `there is no live database any more (cloned was ${release.live_id})`
        : `live is another database than the one that was cloned (cloned was ${release.live_id}${whose(release.live_release)}, now it is ${live.id}${whose(liveRelease)})`,
    help: `greenlight clone --release ${release.id}, and the steps after it, on what is live now`,
    overridable: false,
  };
}

function driftReason({ release, drift, driftPolicy }: Evidence): Reason | null {
  if (drift.length === 0) return null;
  return {
    condition: 'drift',
    found: `live was changed since it was cloned:\n${indented(drift.map(describeDrift))}`,
    help:
      driftPolicy === 'refuse'
        ? `greenlight clone --release ${release.id}, and the steps after it, so that nothing written since is lost`
        : `greenlight swap --release ${release.id}: with nothing else in the way it does a ${driftPolicy} first`,
    overridable: true,
  };
}

function logicReason({ release, comparison, comparedLogic, logic }: Evidence): Reason | null {
  if (comparison === null || comparison.logic_hash === logic.hash) return null;
  const changed = comparedLogic === null ? [] : changedParts(comparedLogic.parts, logic.parts);
  return {
    condition: 'logic',
    found: `the logic in hand is not the one that was compared:\n${indented(changed)}`,
    help:
      comparedLogic?.candidate === logic.candidate
        ? `Check out what was compared, or compare again: greenlight compare --release ${release.id}`
        : `Check out what was compared, or run migrate, simulate and compare again with --release ${release.id}`,
    overridable: true,
  };
}

function candidateReason({ release, comparison, candidate }: Evidence): Reason | null {
  if (comparison === null) return null;
  if (candidate?.id === release.candidate_id && candidate.mark === comparison.candidate_mark)
    return null;
  return {
    condition: 'candidate',
    found:
      candidate?.id === release.candidate_id
        ? 'the candidate was changed after it was compared'
        : 'the candidate is gone, or another database took its place',
    help:
      candidate?.id === release.candidate_id
        ? `greenlight simulate --release ${release.id}, then compare`
        : `greenlight clone --release ${release.id}, and the steps after it`,
    overridable: false,
  };
}

/**
 * An object of live may be missing or different in the candidate only where the migration did that. What the logic
 * lost (a table that it made anew without its primary key) would be lost to production.
 */
function inventoryReason({ release, comparison, inventory }: Evidence): Reason | null {
  if (inventory === null || comparison === null) return null;
  const kept = Object.entries(inventory.migrated).filter(([name]) => !/^(table|view) /.test(name));
  const lost = kept.flatMap(([name, checksum]) => {
    const now = inventory.now[name];
    if (now === checksum) return [];
    return [now === undefined ? `- ${name}` : `~ ${name}`];
  });
  const since = inventoryChanges(comparison.inventory, inventory.now);
  if (lost.length + since.length === 0) return null;
  return {
    condition: 'inventory',
    found: [
      ...(lost.length > 0
        ? [`the logic lost or changed what the migration had left:\n${indented(lost)}`]
        : []),
      ...(since.length > 0 ? [`objects changed since the comparison:\n${indented(since)}`] : []),
    ].join('\n'),
    help: `Let the logic keep them, or let a migration change them on purpose; then run the steps again with --release ${release.id}`,
    overridable: since.length === 0,
  };
}

function definitionsReason({ release, namedDatabases }: Evidence): Reason | null {
  if (namedDatabases.length === 0) return null;
  return {
    condition: 'definitions',
    found: `stored definitions name a database of this release:\n${indented(namedDatabases)}`,
    help: `Let a migration create them again with schema.table only, then run the steps again with --release ${release.id}`,
    overridable: false,
  };
}
