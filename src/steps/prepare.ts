import { type CloneResult, clone } from './clone.ts';
import { type CompareOptions, type CompareResult, compare } from './compare.ts';
import type { StepContext } from './context.ts';
import { type MigrateResult, migrate } from './migrate.ts';
import { type SimulateResult, simulate } from './simulate.ts';

export interface PrepareResult {
  readonly release: string;
  readonly clone: CloneResult;
  /** Null: the configuration has none. */
  readonly migrate: MigrateResult | null;
  readonly simulate: SimulateResult | null;
  readonly compare: CompareResult;
}

/** Makes a release ready for approval: what a pipeline does on every push. The first step that fails ends it. */
export async function prepare(
  context: StepContext,
  options: CompareOptions & { readonly author?: string },
): Promise<PrepareResult> {
  const { config } = context;
  const cloned = await clone(context, options);
  return {
    release: cloned.release,
    clone: cloned,
    migrate: config.migrate === null ? null : await migrate(context, options),
    simulate: config.simulate === null ? null : await simulate(context, options),
    compare: await compare(context, options),
  };
}
