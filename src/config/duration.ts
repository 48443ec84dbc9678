/** `500ms`, `30s`, `5m`, `2h`, `7d`; decimals are allowed. */
export const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/** The longest time that a timer of Node can wait. */
export const MAX_DURATION_MS = 2 ** 31 - 1;

const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a text such as `30s`; null when it is no duration, or not within the limits. */
export function parseDuration(
  text: string,
  { least = 1, most = MAX_DURATION_MS }: { readonly least?: number; readonly most?: number } = {},
): number | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const ms = Math.round(Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN));
  return ms >= least && ms <= most ? ms : null;
}
