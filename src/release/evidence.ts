import type { Config } from '../config/config.ts';
import type { Engine } from '../engines/engine.ts';
import { messageOf } from '../errors.ts';
import type { Progress } from '../hosts/host.ts';
import { describeNamed, namedDatabases } from './definitions.ts';
import { type Drifted, findDrift, unknownDrift } from './drift.ts';
import type { Evidence } from './gate.ts';
import { inventoryOf } from './inventory.ts';
import type { Ledger, LedgerReader } from './ledger.ts';
import { releaseInLive } from './lineage.ts';
import { comparedLogic, logicHash } from './logic-hash.ts';
import { nextStep } from './next.ts';
import type { ClonedRelease, ComparisonRecord } from './records.ts';
import { nothingUnexplained, type Unexplained, unexplainedOf } from './unexplained.ts';

interface Parts {
  readonly config: Config;
  readonly engine: Engine;
  readonly ledger: Ledger;
}

/** Looks at everything that the gate decides from: ledger, files in hand, live and candidate as they are now. */
export async function gatherEvidence(
  { config, engine, ledger }: Parts,
  release: ClonedRelease,
  progress: Progress,
): Promise<Evidence> {
  const recorded = await ledger.read(null, async (reader) => ({
    ...(await latestComparison(reader, release.id)),
    approvals: await reader.approvals(release.id),
    steps: await reader.steps(release.id),
    swaps: await reader.swaps(),
  }));
  const live = await engine.databases.identify(engine.places.live);
  const candidate = await engine.databases.identify(release.candidate);
  return {
    release,
    next: nextStep(release, config, recorded?.comparison?.verdict ?? null),
    comparison: recorded?.comparison ?? null,
    comparedLogic: comparedLogic(recorded?.steps ?? []),
    unexplained: recorded?.unexplained ?? nothingUnexplained,
    approvals: recorded?.approvals ?? [],
    approvalRules: config.approvals,
    logic: await logicHash(config),
    live,
    liveRelease: releaseInLive(recorded?.swaps ?? [], live),
    drift: await drift(),
    driftPolicy: config.swap.drift,
    candidate,
    ...(candidate?.id === release.candidate_id
      ? await readCandidate()
      : { inventory: null, namedDatabases: [] }),
  };

  async function drift(): Promise<Drifted[]> {
    if (live === null || live.id !== release.live_id) return []; // another reason already
    if (live.mark === release.live_mark) return [];
    const baseline = await engine.databases.identify(release.baseline);
    const unknown = (why: string) => [
      unknownDrift(engine.places.live, `live was written to, and ${why}`),
    ];
    if (baseline?.id !== release.baseline_id)
      return unknown('the baseline is gone, so nobody can say what changed');
    if (baseline.mark !== release.baseline_mark)
      return unknown('so was the baseline, so nobody can say what changed');
    try {
      return await findDrift({ engine, config }, release, live, progress);
    } catch (error) {
      return unknown(`could not be compared with the baseline: ${messageOf(error)}`);
    }
  }

  async function readCandidate(): Promise<Pick<Evidence, 'inventory' | 'namedDatabases'>> {
    const catalog = await engine.catalog.read(release.candidate);
    return {
      inventory: { migrated: release.migrated_inventory, now: inventoryOf(catalog) },
      namedDatabases: namedDatabases(engine, release, catalog.definitions).map(describeNamed),
    };
  }
}

async function latestComparison(
  reader: LedgerReader,
  release: string,
): Promise<{ comparison: ComparisonRecord | null; unexplained: Unexplained }> {
  const comparison = (await reader.comparisons(release)).at(-1) ?? null;
  const unexplained =
    comparison === null ? nothingUnexplained : await unexplainedOf(reader, comparison.id);
  return { comparison, unexplained };
}
