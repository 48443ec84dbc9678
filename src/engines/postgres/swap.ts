import type { Swapper } from '../engine.ts';

export function postgresSwap(..._: readonly unknown[]): Swapper {
  return new Proxy(
    {},
    { get: (_, name) => () => Promise.reject(new Error(`${String(name)}: not built yet`)) },
  ) as never;
}
