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

/** As many lists as it takes, so that no statement grows without bound. */
export function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
