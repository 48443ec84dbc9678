import type { Replayer } from '../engine.ts';

export function postgresReplay(..._: readonly unknown[]): Replayer {
  return new Proxy(
    {},
    { get: (_, name) => () => Promise.reject(new Error(`${String(name)}: not built yet`)) },
  ) as never;
}
