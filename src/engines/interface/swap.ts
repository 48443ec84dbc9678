import type { Location } from './places.ts';

/** Swap: the only part that touches live. */

export interface Swapper {
  /**
   * Finishes what live has unfinished (a log that is not worked in) so that it can be swapped. Writes to live's files,
   * not to its content. Gives false when there was nothing to do.
   */
  settle(live: Location): Promise<boolean>;
  /**
   * Makes the database that is about to go live as quick as the old one, before anybody has to wait: its planner knows
   * what the tables hold. Changes neither its content nor its mark. Gives how many tables it looked at.
   */
  warm(incoming: Location): Promise<number>;
  /** Keeps writers off live until it is released; readers may stay. Throws DatabaseInUse when somebody is writing. */
  fence(live: Location): Promise<Fence>;
  /**
   * Puts the database at `incoming` in live's place and keeps the old one at `kept`, in one quick operation.
   * May be called again after a crash at any point in it. `back`: the incoming one was live before; what only one that
   * is new has to fulfil does not hold it up.
   */
  exchange(live: Location, incoming: Location, kept: Location, direction?: 'back'): Promise<void>;
  /**
   * After an exchange: sequences that went on in the old database behind the fence go on from there in the new one,
   * unless they are further already. Gives their names.
   */
  carryOn(kept: Location, live: Location): Promise<readonly string[]>;
  /**
   * Does what an exchange of these places has left to do that was cut off after live was exchanged. Done again, it does
   * nothing. Only of engines whose exchange takes more than one step.
   */
  finish?(live: Location, incoming: Location, kept: Location): Promise<void>;
}

export interface Fence {
  release(): Promise<void>;
}
