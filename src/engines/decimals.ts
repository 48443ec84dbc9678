/** Numbers of a configuration as they are written, for SQL that compares exact numbers. */

/** `0.25` is 25 with two digits behind the point. For numbers that are not negative. */
export function decimalOf(number: number): { readonly digits: bigint; readonly point: number } {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(number)) ?? [];
  const point = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return point >= 0 ? { digits, point } : { digits: digits * 10n ** BigInt(-point), point: 0 };
}

/**
 * The greatest number of `scale` digits behind the point that is not greater: what is at most the one is at most the other,
 * when it has so many digits itself. Null: it takes more than 38 digits, which no exact type has.
 */
export function cutTo(scale: number, number: number): string | null {
  const { digits, point } = decimalOf(number);
  const steps =
    scale >= point ? digits * 10n ** BigInt(scale - point) : digits / 10n ** BigInt(point - scale);
  if (String(steps).length > 38) return null;
  const text = String(steps).padStart(scale + 1, '0');
  return scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
}
