import type { Stores } from '../engine.ts';

export function postgresStores(..._: readonly unknown[]): Stores {
  return new Proxy(
    {},
    { get: (_, name) => () => Promise.reject(new Error(`${String(name)}: not built yet`)) },
  ) as never;
}
