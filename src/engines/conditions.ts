/** A condition that was understood. `Name`: what its reader makes of a name in it. */
export interface Condition<Name> {
  /** It is one expression. */
  readonly text: string;
  /** Where its names stand in the text, in their order. */
  readonly names: readonly { readonly from: number; readonly to: number; readonly name: Name }[];
}

/** The condition as SQL that can stand within a statement, with what `sqlOf` gives for each of its names. */
export function writeCondition<Name>(
  { text, names }: Condition<Name>,
  sqlOf: (name: Name) => string,
): string {
  let [sql, at] = ['', 0];
  for (const { from, to, name } of names) {
    sql += text.slice(at, from) + sqlOf(name);
    at = to;
  }
  // The closing bracket stands on a line of its own: the text may end with a comment.
  return `(${sql}${text.slice(at)}\n)`;
}
