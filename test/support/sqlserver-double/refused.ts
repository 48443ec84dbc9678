export interface Refusal {
  readonly number: number;
  readonly class: number;
  readonly message: string;
}

/** What the server answers instead of doing what it was told: messages with the numbers of `sys.messages`. */
export class Refused extends Error {
  readonly refusals: readonly Refusal[];

  constructor(...refusals: readonly Refusal[]) {
    super(refusals.at(-1)?.message ?? '');
    this.refusals = refusals;
  }
}

export function refuse(number: number, message: string, severity = 16): Refused {
  return new Refused({ number, class: severity, message });
}

/** As the driver tells that the connection is gone. */
export function closed(): Error {
  return Object.assign(new Error('Connection is closed.'), { code: 'ECONNCLOSED' });
}
