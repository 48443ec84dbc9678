/** `500ms`, `30s`, `5m`, `2h`; decimals are allowed. */
export const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/;

/** The longest time that a timer of Node can wait. */
export const MAX_DURATION_MS = 2 ** 31 - 1;

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a text such as `30s`; null when it is not a duration of 1 ms to 24 days. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const ms = Math.round(Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN));
  return ms >= 1 && ms <= MAX_DURATION_MS ? ms : null;
}
