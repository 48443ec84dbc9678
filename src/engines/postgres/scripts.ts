import type { ScriptRunner } from '../engine.ts';

export function postgresScripts(..._: readonly unknown[]): ScriptRunner {
  return new Proxy(
    {},
    { get: (_, name) => () => Promise.reject(new Error(`${String(name)}: not built yet`)) },
  ) as never;
}
