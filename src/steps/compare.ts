import { compareDatabases } from '../compare/compare.ts';
import { compareNoise, type Noise, noiseOf } from '../compare/noise.ts';
import type { Comparison, Coverage, TableOutcome } from '../compare/outcome.ts';
import { proposeExpectations } from '../compare/proposals.ts';
import { coverageOf, verdictOf } from '../compare/verdict.ts';
import type { ApprovalRules, Config } from '../config/config.ts';
import { describeExpectation, type Expectation, loadExpectations } from '../config/expectations.ts';
import { addToExpectations } from '../config/expectations-file.ts';
import type { Location } from '../engines/engine.ts';
import { GreenlightError, UsageError } from '../errors.ts';
import { judgeApprovals } from '../release/approvals.ts';
import { requireCandidate } from '../release/candidate.ts';
import { requireControl } from '../release/control.ts';
import { digestOf } from '../release/digest.ts';
import { findRelease, requireState } from '../release/find.ts';
import { inventoryOf } from '../release/inventory.ts';
import type { LedgerWriter } from '../release/ledger.ts';
import { changedParts, type LogicHash, logicHash } from '../release/logic-hash.ts';
import { nextStep } from '../release/next.ts';
import type {
  ClonedRelease,
  InputProof,
  Inventory,
  Release,
  StepRecord,
  Verdict,
} from '../release/records.ts';
import { runRecordedStep } from '../release/run.ts';
import { rowDeviationTable } from '../release/tables.ts';
import type { StepContext } from './context.ts';

export interface CompareResult {
  readonly release: string;
  readonly state: 'compared' | 'approved';
  /** Id of the comparison in the ledger. */
  readonly comparison: number;
  readonly digest: string;
  readonly verdict: Verdict;
  readonly coverage: Coverage;
  /** Which budget was used up before all was compared; null: all was. */
  readonly stopped: string | null;
  readonly tables: readonly TableOutcome[];
  readonly objects: Comparison['objects'];
  readonly expectations: Comparison['expectations'];
  /** What the old logic itself made otherwise than production has it; null: there is no control to tell. */
  readonly noise: (Noise & { readonly comparison: number }) | null;
  /** With `writeExpectations`: how many declarations were proposed, and where; else null. */
  readonly proposed: { readonly file: string; readonly declarations: number } | null;
  /** The review page that was written; null: none was. */
  readonly review: string | null;
}

export interface CompareOptions {
  readonly release?: string;
  /** False: every value is compared, also where storage proves them equal. Default: true. */
  readonly lineage?: boolean;
  /** False: changes are counted and recorded, and not described. Default: true. */
  readonly patterns?: boolean;
  /** The comparison ends early after so many seconds, or deviating rows. */
  readonly maxSeconds?: number;
  readonly maxDeviations?: number;
  /** Declarations are proposed for what nothing explains. */
  readonly writeExpectations?: boolean;
}

/**
 * Compares all that the new logic made with what the old logic made (under the same conditions where there is a control),
 * records every deviation, and judges them by what the author declared. With `writeExpectations`, declarations are proposed for what is left.
 */
export async function compare(
  context: StepContext,
  options: CompareOptions,
): Promise<CompareResult> {
  const { config, ledger } = context;
  const writes = options.writeExpectations === true;
  const found = await findRelease(ledger, options.release);
  const release = requireState(
    found,
    [config.simulate === null ? 'migrated' : 'simulated', 'compared', 'approved'],
    wayTo(found, config),
  );
  const logic = await logicHash(config);
  const expectations = await loadExpectations(writes ? mayBeMissing(config) : config);
  const result = await runRecordedStep(
    context,
    { release: release.id, step: 'compare', logic, seen: release },
    (begun: BegunComparison) => compareSides(context, release, begun, expectations, options),
    {
      begin: async (writer) => {
        requireSameLogic(config, await writer.steps(release.id), release, logic);
        const common = {
          release: release.id,
          logic_hash: logic.hash,
          privacy: config.privacy,
          mode: config.compare.mode,
          revision: context.host.review?.revision ?? null,
          job: context.host.review?.run ?? null,
        };
        const noise = hasControl(config)
          ? await writer.startComparison({ ...common, kind: 'noise' })
          : null;
        const proofs = await writer.inputProofs(release.id, 'after');
        return {
          id: await writer.startComparison({ ...common, kind: 'deviations', noise }),
          noise,
          written: proofs.filter(({ outcome }) => outcome === 'unequal'),
        };
      },
      end: (writer, found) => record(writer, release, found, config.approvals),
    },
  );
  if (!writes) return result;
  if (result.stopped !== null) {
    context.host.progress.warn('Nothing is proposed: the comparison ended early.');
    return result;
  }
  return { ...result, proposed: await propose(context, result, expectations) };
}

interface BegunComparison {
  readonly id: number;
  /** The one that finds the noise; null: there is no control. */
  readonly noise: number | null;
  /** Input tables to which the logic wrote. */
  readonly written: readonly InputProof[];
}

/** What a comparison found, before it is recorded. */
interface Found {
  readonly id: number;
  readonly comparison: Comparison;
  readonly noise: { readonly id: number; readonly comparison: Comparison } | null;
  readonly judged: Pick<CompareResult, 'digest' | 'verdict' | 'coverage'>;
  readonly inventory: Inventory;
}

async function compareSides(
  context: StepContext,
  release: ClonedRelease,
  { id, noise: noiseId, written }: BegunComparison,
  expectations: readonly Expectation[],
  { lineage = true, patterns = true, maxSeconds, maxDeviations }: CompareOptions,
): Promise<Found> {
  const { config, engine, host } = context;
  const started = performance.now();
  const old = await requireUntouched(context, release);
  const request = (comparison: number) => ({
    engine,
    config: config.compare,
    bitemporal: config.simulate?.bitemporal ?? null,
    record: { table: rowDeviationTable.name, comparison, privacy: config.privacy },
    purpose: `compare ${release.id}`,
    progress: host.progress,
    // What the logic wrote to its input must show, also where the configuration would leave it out.
    whole: new Set(written.map(({ table }) => table)),
    lineage,
    patterns,
    // The comparison and the look for noise have one budget of time.
    budget: {
      seconds: maxSeconds ?? null,
      used: (performance.now() - started) / 1000,
      deviations: maxDeviations ?? null,
    },
  });
  const { comparison, newCatalog } = await compareDatabases({
    ...request(id),
    old,
    new: release.candidate,
    expectations,
  });
  const noise =
    noiseId === null
      ? null
      : await compareNoise({
          ...request(noiseId),
          old: release.baseline,
          new: old,
          title: 'Looking for noise',
        });
  await requireUntouched(context, release);
  return {
    id,
    comparison,
    noise: noise === null || noiseId === null ? null : { id: noiseId, comparison: noise },
    judged: {
      digest: digestOf(comparison, noise),
      verdict: verdictOf(comparison, noise),
      coverage: coverageOf(comparison),
    },
    inventory: inventoryOf(newCatalog),
  };
}

/** What is about to be written need not be there. */
function mayBeMissing(config: Config): Pick<Config, 'root' | 'expectations'> {
  const { root, expectations } = config;
  return { root, expectations: { ...expectations, mustExist: false } };
}

/** Proposes declarations for what nothing explains. The verdict of this run was judged without them. */
async function propose(
  { config, engine, host }: StepContext,
  comparison: Pick<Comparison, 'tables' | 'objects' | 'expectations'>,
  expectations: readonly Expectation[],
): Promise<{ file: string; declarations: number }> {
  const { proposals, impossible } = proposeExpectations(
    comparison,
    expectations,
    engine.comparison,
  );
  const { file, added, left } = await addToExpectations(config, proposals);
  for (const reason of impossible) host.progress.warn(`Not proposed: ${reason}.`);
  for (const proposal of left) {
    host.progress.warn(
      `Not proposed: ${describeExpectation(proposal)}: ${file} says something else there.`,
    );
  }
  return { file, declarations: added };
}

/** The step that is still missing; without one, a fresh clone. */
function wayTo(release: Release, config: Config): string {
  const missing = nextStep(release, config, null);
  const step = missing === 'migrate' || missing === 'simulate' ? missing : 'clone';
  return `greenlight ${step} --release ${release.id}`;
}

/** What is compared must have been made by the logic in hand. */
function requireSameLogic(
  config: Config,
  steps: readonly StepRecord[],
  release: ClonedRelease,
  logic: LogicHash,
): void {
  // Not a later `migrate` that had nothing to do: the logic in the candidate is that of the simulation.
  const maker = config.simulate === null ? 'migrate' : 'simulate';
  const last = steps.findLast(
    ({ step, state }) => step === maker && !['failed', 'refused'].includes(state),
  );
  if (last === undefined) return;
  // A run that was killed after its last write to the release has no detail.
  const made = (last.detail as { logic?: LogicHash } | null)?.logic;
  if (made === undefined ? last.logic_hash === logic.hash : made.candidate === logic.candidate)
    return;
  throw new UsageError({
    what: 'The logic has changed since the candidate was made.',
    ...(made === undefined ? {} : { cause: changedParts(made.parts, logic.parts).join(', ') }),
    help: `Make the candidate anew: greenlight clone --release ${release.id}, and the steps after it`,
  });
}

function hasControl({ simulate }: Config): boolean {
  return simulate !== null && simulate.control !== null;
}

/** All is as the steps before left it. Gives the old result: that of the control, else production's. */
async function requireUntouched(context: StepContext, release: ClonedRelease): Promise<Location> {
  if ((await requireCandidate(context, release)) === 'as-left')
    return hasControl(context.config) ? requireControl(context, release) : release.baseline;
  throw new GreenlightError({
    what: 'Somebody changed the candidate since it was simulated.',
    where: context.engine.places.describe(release.candidate),
    help: `Make it anew: greenlight simulate --release ${release.id}`,
  });
}

/** Approvals of the same digest still hold: nothing new is there to be reviewed. */
async function record(
  writer: LedgerWriter,
  release: ClonedRelease,
  { id, comparison, noise, judged, inventory }: Found,
  rules: ApprovalRules,
): Promise<CompareResult> {
  const approvals = await writer.approvals(release.id);
  const { author } = release;
  const { missing } = judgeApprovals(approvals, { digest: judged.digest, author }, rules);
  const state = missing === 0 ? 'approved' : 'compared';
  const stopped = comparison.stopped ?? noise?.comparison.stopped ?? null;
  if (noise !== null) {
    await writer.explainRows(noise.id);
    await writer.finishComparison(
      noise.id,
      { coverage: coverageOf(noise.comparison), stopped: noise.comparison.stopped },
      deviationRows(noise.comparison),
    );
  }
  await writer.finishComparison(
    id,
    { ...judged, stopped, inventory, candidate_mark: release.candidate_mark },
    deviationRows(comparison),
  );
  await writer.setState(release.id, state);
  const { tables, objects, expectations } = comparison;
  return {
    release: release.id,
    state,
    comparison: id,
    ...judged,
    stopped,
    tables,
    objects,
    expectations,
    noise: noise && { comparison: noise.id, ...noiseOf(noise.comparison) },
    proposed: null,
    review: null,
  };
}

/** Every table has its row; columns and objects have one where they deviate or were skipped. */
function deviationRows({ tables, objects, expectations }: Comparison) {
  return {
    tables: tables.map(({ table, columns: _columns, ...rest }) => ({ table_name: table, ...rest })),
    columns: tables.flatMap(({ table, columns }) =>
      columns
        .filter(({ status }) => status !== 'identical')
        .map(({ column, ...rest }) => ({ table_name: table, column_name: column, ...rest })),
    ),
    objects: objects.map(({ name, ...rest }) => ({ object_name: name, ...rest })),
    expectations: expectations.map(({ table, ...rest }, position) => ({
      position,
      table_name: table,
      ...rest,
    })),
  };
}
