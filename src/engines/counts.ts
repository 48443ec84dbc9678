/** A count as a number, whatever whole number the driver gives. */
export function toNumber(value: unknown): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new Error(`Not a whole number below 2^53: ${String(value)}`);
  return number;
}
