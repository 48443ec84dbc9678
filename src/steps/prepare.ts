import { type CloneResult, clone } from './clone.ts';
import { type CompareOptions, type CompareResult, compare } from './compare.ts';
import type { StepContext } from './context.ts';
import { type MigrateResult, migrate } from './migrate.ts';
import { type SimulateResult, simulate } from './simulate.ts';

export interface PrepareResult {
  readonly release: string;
  readonly clone: CloneResult;
  readonly migrate: MigrateResult;
  readonly simulate: SimulateResult;
  readonly compare: CompareResult;
}

/** Makes a release ready for approval: what a pipeline does on every push. The first step that fails ends it. */
export async function prepare(
  context: StepContext,
  options: CompareOptions & { readonly author?: string },
): Promise<PrepareResult> {
  const cloned = await clone(context, options);
  return {
    release: cloned.release,
    clone: cloned,
    migrate: await migrate(context, options),
    simulate: await simulate(context, options),
    compare: await compare(context, options),
  };
}
