/**
 * A comment in front of a statement, so that whoever sees it in the server knows where it comes from.
 * The text cannot end the comment early.
 */
export function sqlComment(purpose: string): string {
  return `/* greenlight: ${purpose.replaceAll('*/', '* /').replaceAll('/*', '/ *')} */ `;
}

/** `a, b, c` of a list, each made by `one`. */
export function list<T>(
  items: readonly T[],
  one: (item: T, index: number) => string,
  by = ', ',
): string {
  return items.map(one).join(by);
}

/** How many rows it is true for, in words that every engine has. */
export function countWhere(condition: string): string {
  return `count(CASE WHEN ${condition} THEN 1 END)`;
}

/** The sum over the rows that it is true for; NULL when there are none. */
export function sumWhere(value: string, condition: string): string {
  return `sum(CASE WHEN ${condition} THEN ${value} END)`;
}

/** As many lists as it takes, so that no statement grows without bound. */
export function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
