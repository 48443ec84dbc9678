import { plural } from '../format.ts';

/** When a comparison ends early. Null: not for this. */
export interface Budget {
  readonly seconds: number | null;
  /** Seconds of it that were used before this comparison. Default: none. */
  readonly used?: number;
  /** Deviating rows. */
  readonly deviations: number | null;
}

/** What has been used up of a budget. */
export class SpentBudget {
  readonly #budget: Budget;
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  #deviations = 0;
  #spent: string | null = null;

  constructor(budget: Budget) {
    this.#budget = budget;
    if (budget.seconds === null) return;
    const text = `--max-seconds ${budget.seconds} was used up`;
    const left = budget.seconds - (budget.used ?? 0);
    this.#timer = setTimeout(() => this.#end(text), Math.max(0, left) * 1000);
  }

  /** Which part of the budget is used up; null while there is some left. */
  get spent(): string | null {
    return this.#spent;
  }

  /** Aborts when the budget is used up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Adds the deviating rows of one more table. False when they are more than was left. */
  add(rows: number): boolean {
    this.#deviations += rows;
    const { deviations: most } = this.#budget;
    if (most === null || this.#deviations <= most) return true;
    if (this.#spent === null) {
      const found = plural(this.#deviations, 'deviating row');
      this.#end(`--max-deviations ${most} was used up: ${found} so far`);
    }
    return false;
  }

  /** The comparison is over. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #end(text: string): void {
    this.#spent = text;
    this.#abort.abort();
  }
}
