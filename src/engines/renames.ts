import type { EqualValues } from './engine.ts';

/** Two columns of which fewer than half of these rows are alike are not worth reading as a whole. */
export const rowsOfFirstLook = 10_000;

/** `count` takes the first rows of the old side, or all of them: null. */
export async function countInTwoLooks(
  count: (limit: number | null) => Promise<EqualValues>,
): Promise<EqualValues> {
  const look = await count(rowsOfFirstLook);
  return look.rows < rowsOfFirstLook || look.equal < look.rows / 2 ? look : count(null);
}
