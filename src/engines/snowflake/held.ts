import { GreenlightError } from '../../errors.ts';

/** A right that this process has for as long as its lease is renewed. */
export interface Held {
  readonly name: string;
  /** Whether the server still knows it as ours. */
  isOurs(): Promise<boolean>;
}

/**
 * What this process holds, for all sessions that are opened with the same options: when a right is lost, another process
 * may have it, and nothing that relied on it may go on.
 */
export class HeldRights {
  static readonly #all = new WeakMap<object, HeldRights>();
  readonly #held = new Set<Held>();
  #end = new AbortController();

  /** The one of these options. */
  static of(options: object): HeldRights {
    const known = HeldRights.#all.get(options);
    if (known !== undefined) return known;
    const made = new HeldRights();
    HeldRights.#all.set(options, made);
    return made;
  }

  /** Ends when a right is lost; its reason says which. */
  get lost(): AbortSignal {
    return this.#end.signal;
  }

  add(held: Held): void {
    this.#held.add(held);
  }

  lose(held: Held): void {
    if (this.#held.has(held)) this.#end.abort(lostRight(held));
  }

  /** It is given back: what comes next does not rely on it. */
  remove(held: Held): void {
    this.#held.delete(held);
    if (this.lost.aborted && this.#held.size === 0) this.#end = new AbortController();
  }

  /** @throws GreenlightError when one of them is another process's, or nobody's, by now. */
  async require(): Promise<void> {
    this.lost.throwIfAborted();
    for (const held of this.#held) if (!(await held.isOurs())) this.lose(held);
    this.lost.throwIfAborted();
  }
}

function lostRight({ name }: Held): GreenlightError {
  return new GreenlightError({
    what: 'The exclusive right to work ended while the work was under way: another greenlight may have it by now, so all statements were ended.',
    where: name,
    cause: 'its lease (connection.lease) was not renewed in time, or somebody took it',
    help: 'Look at greenlight status, then run the same command again.',
  });
}
