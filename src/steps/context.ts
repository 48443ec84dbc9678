import type { Config } from '../config/config.ts';
import type { Engine } from '../engines/engine.ts';
import type { Host } from '../hosts/host.ts';
import type { Ledger } from '../release/ledger.ts';

/** What every step works with. */
export interface StepContext {
  readonly config: Config;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly host: Host;
}
