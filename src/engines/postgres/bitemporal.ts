import type { BitemporalEditor } from '../engine.ts';

export function postgresBitemporal(..._: readonly unknown[]): BitemporalEditor {
  return new Proxy(
    {},
    { get: (_, name) => () => Promise.reject(new Error(`${String(name)}: not built yet`)) },
  ) as never;
}
