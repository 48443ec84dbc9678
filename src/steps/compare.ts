import { compareDatabases } from '../compare/compare.ts';
import type { Comparison, Coverage, TableOutcome } from '../compare/outcome.ts';
import { proposeExpectations } from '../compare/proposals.ts';
import { coverageOf, verdictOf } from '../compare/verdict.ts';
import type { Config } from '../config/config.ts';
import { describeExpectation, type Expectation, loadExpectations } from '../config/expectations.ts';
import { addToExpectations } from '../config/expectations-file.ts';
import { GreenlightError, UsageError } from '../errors.ts';
import { requireCandidate } from '../release/candidate.ts';
import { digestOf } from '../release/digest.ts';
import { findRelease, requireState } from '../release/find.ts';
import { inventoryOf } from '../release/inventory.ts';
import { changedParts, type LogicHash, logicHash } from '../release/logic-hash.ts';
import { nextStep } from '../release/next.ts';
import type { ClonedRelease, Inventory, Release, StepRecord, Verdict } from '../release/records.ts';
import { runStep } from '../release/run.ts';
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
  readonly tables: readonly TableOutcome[];
  readonly objects: Comparison['objects'];
  readonly expectations: Comparison['expectations'];
  /** With `writeExpectations`: how many declarations were proposed, and where; else null. */
  readonly proposed: { readonly file: string; readonly declarations: number } | null;
}

/**
 * Compares all that the new logic made with what the old logic made, records every deviation, and judges them by what
 * the author declared. With `writeExpectations`, declarations are proposed for what is left.
 */
export async function compare(
  context: StepContext,
  options: { readonly release?: string; readonly writeExpectations?: boolean },
): Promise<CompareResult> {
  const { config, engine, ledger, host } = context;
  const writes = options.writeExpectations === true;
  const found = await findRelease(ledger, options.release);
  const release = requireState(
    found,
    [config.simulate === null ? 'migrated' : 'simulated', 'compared', 'approved'],
    wayTo(found, config),
  );
  const logic = await logicHash(config);
  await requireSameLogic(context, release, logic);
  const expectations = await loadExpectations(writes ? mayBeMissing(config) : config);
  return runStep(
    context,
    { release: release.id, step: 'compare', logic, seen: release },
    async () => {
      await requireUntouched(context, release);
      const id = await ledger.write(`compare ${release.id}`, (writer) =>
        writer.startComparison({
          release: release.id,
          logic_hash: logic.hash,
          privacy: config.privacy,
          mode: config.compare.mode,
        }),
      );
      const { comparison, newCatalog } = await compareDatabases({
        engine,
        old: release.baseline,
        new: release.candidate,
        config: config.compare,
        expectations,
        record: { table: rowDeviationTable.name, comparison: id, privacy: config.privacy },
        purpose: `compare ${release.id}`,
        progress: host.progress,
      });
      await requireUntouched(context, release);
      const inventory = inventoryOf(newCatalog);
      const judged = {
        digest: digestOf(comparison),
        verdict: verdictOf(comparison),
        coverage: coverageOf(comparison),
      };
      const state = await record(context, release, id, comparison, { ...judged, inventory });
      const proposed = writes ? await propose(context, comparison, expectations) : null;
      return {
        release: release.id,
        state,
        comparison: id,
        ...judged,
        tables: comparison.tables,
        objects: comparison.objects,
        expectations: comparison.expectations,
        proposed,
      };
    },
  );
}

/** What is about to be written need not be there. */
function mayBeMissing(config: Config): Pick<Config, 'root' | 'expectations'> {
  const { root, expectations } = config;
  return { root, expectations: { ...expectations, mustExist: false } };
}

/** Proposes declarations for what nothing explains. The verdict of this run was judged without them. */
async function propose(
  { config, engine, host }: StepContext,
  comparison: Comparison,
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
async function requireSameLogic(
  { config, ledger }: StepContext,
  release: ClonedRelease,
  logic: LogicHash,
): Promise<void> {
  const steps = await ledger.read<StepRecord[]>([], (reader) => reader.steps(release.id));
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

async function requireUntouched(context: StepContext, release: ClonedRelease): Promise<void> {
  if ((await requireCandidate(context, release)) === 'as-left') return;
  throw new GreenlightError({
    what: 'Somebody changed the candidate since it was simulated.',
    where: context.engine.places.describe(release.candidate),
    help: `Make it anew: greenlight simulate --release ${release.id}`,
  });
}

/** An approval of the same digest still holds: nothing new is there to be reviewed. */
async function record(
  { ledger, engine }: StepContext,
  release: ClonedRelease,
  id: number,
  comparison: Comparison,
  judged: { digest: string; verdict: Verdict; coverage: Coverage; inventory: Inventory },
): Promise<'compared' | 'approved'> {
  const candidate = await engine.databases.identify(release.candidate);
  return ledger.write(`compare ${release.id}`, async (writer) => {
    const approvals = await writer.approvals(release.id);
    const state = approvals.some(({ digest }) => digest === judged.digest)
      ? 'approved'
      : 'compared';
    await writer.finishComparison(
      id,
      { ...judged, candidate_mark: candidate?.mark ?? '' },
      deviationRows(comparison),
    );
    await writer.setState(release.id, state);
    return state;
  });
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
