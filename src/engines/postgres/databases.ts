import type { Databases } from '../engine.ts';

export function postgresDatabases(..._: readonly unknown[]): Databases {
  return new Proxy(
    {},
    { get: (_, name) => () => Promise.reject(new Error(`${String(name)}: not built yet`)) },
  ) as never;
}
