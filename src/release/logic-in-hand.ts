import type { Config } from '../config/config.ts';
import { GreenlightError, messageOf } from '../errors.ts';
import { changedParts, type LogicHash, logicHash } from './logic-hash.ts';

/** The files and the configuration in hand, against those that were compared. */
export interface LogicInHand {
  /** unreadable: the files in hand cannot be read as a project; `changed` says why. */
  readonly state: 'as-compared' | 'changed' | 'unreadable';
  /** The parts that differ: `+` new, `-` gone, `~` changed. */
  readonly changed: readonly string[];
}

/** Gives a look at what is in hand. The files are read at the first look, and once. */
export function logicInHand(config: Config): (compared: LogicHash | null) => Promise<LogicInHand> {
  let read: Promise<LogicHash> | null = null;
  return async (compared) => {
    try {
      read ??= logicHash(config);
      const { hash, parts } = await read;
      if (hash === compared?.hash) return { state: 'as-compared', changed: [] };
      return { state: 'changed', changed: changedParts(compared?.parts ?? {}, parts) };
    } catch (error) {
      const where = error instanceof GreenlightError ? error.problem.where : undefined;
      const why = messageOf(error);
      return { state: 'unreadable', changed: [where === undefined ? why : `${where}: ${why}`] };
    }
  };
}
