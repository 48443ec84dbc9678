import type { CompareRequest } from '../../src/compare/compare.ts';
import type { CompareConfig } from '../../src/config/config.ts';
import type { Engine, Location } from '../../src/engines/engine.ts';

export const everything: CompareConfig = {
  input: [],
  result: null,
  keys: {},
  ignore: [],
  tolerance: {},
  mode: 'semantic',
};

/** Compares two databases as the step does, without a release; nothing is recorded. */
export function request(
  engine: Engine,
  sides: { readonly old: Location; readonly new: Location },
  config: Partial<CompareConfig> = {},
): CompareRequest {
  const silent = { advance: () => undefined, done: () => undefined, failed: () => undefined };
  return {
    engine,
    ...sides,
    config: { ...everything, ...config },
    record: null,
    purpose: 'test',
    progress: { task: () => silent, note: () => undefined, warn: () => undefined },
  };
}
