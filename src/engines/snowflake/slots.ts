/** At most so many pieces of work at the same time; the others wait their turn. */
export class Slots {
  static readonly #all = new WeakMap<object, Slots>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  private constructor(most: number) {
    this.#free = most;
  }

  /** The one of these options, for all sessions that are opened with them. */
  static of(options: { readonly parallel: number }): Slots {
    const known = Slots.#all.get(options);
    if (known !== undefined) return known;
    const made = new Slots(options.parallel);
    Slots.#all.set(options, made);
    return made;
  }

  /** @throws the reason of `signal` when that came before its turn. */
  async use<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((go) => this.#waiting.push(go));
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
