import type { Comparer } from '../engine.ts';

export function postgresComparer(..._: readonly unknown[]): Comparer {
  return new Proxy(
    {},
    { get: (_, name) => () => Promise.reject(new Error(`${String(name)}: not built yet`)) },
  ) as never;
}
