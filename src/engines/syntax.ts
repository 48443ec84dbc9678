/** How an engine writes conditions. In some dialects they are values, in others a value has to be compared to be one. */
export interface Syntax {
  /** Conditions. */
  readonly always: string;
  readonly never: string;
  /** The same as values. */
  readonly yes: string;
  readonly no: string;
  /** A value, a column of flags for example, as a condition. */
  isSet(value: string): string;
}

export const standardSyntax: Syntax = {
  always: 'true',
  never: 'false',
  yes: 'true',
  no: 'false',
  isSet: (value) => value,
};

/** A condition as a value that is never NULL. */
export function asValue(condition: string, { yes, no }: Syntax): string {
  return `CASE WHEN ${condition} THEN ${yes} ELSE ${no} END`;
}
