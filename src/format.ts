/** Words for people: numbers, times and sizes, and texts that may hold anything. */

/** `340 ms`, `12.3 s`, `2 min 5 s`, `1 h 3 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `2026-01-31 06:00 UTC`, of an ISO 8601 text in UTC. */
export function instant(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

/** `512 B`, `1.4 MB`: in steps of 1,000. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = n;
  let unit = 0;
  // From 999.95 on, one decimal would round to 1000.0.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** `1,204,311`; not by toLocaleString, which loads the world's languages first. */
export function count(n: number | bigint): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 row`, `1,204,311 rows`; `many` where an s does not do it. */
export function plural(n: number | bigint, one: string, many = `${one}s`): string {
  return `${count(n)} ${Number(n) === 1 ? one : many}`;
}

/** One line each, indented; a long list is cut and says so. */
export function indented(items: readonly string[]): string {
  const shown = items.slice(0, 20).map((item) => `    ${item.trim()}`);
  return [...shown, ...(items.length > 20 ? [`    ... ${items.length - 20} more`] : [])].join('\n');
}

/**
 * The text on one line and without power over a terminal: control characters, line breaks and marks that reverse the
 * direction of writing show as their escapes.
 */
export function visible(text: string): string {
  return text.replace(COMMANDING, (character) => {
    const code = character.charCodeAt(0);
    const known: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
    return (
      known[character] ??
      (code < 0x100
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : `\\u${code.toString(16).padStart(4, '0')}`)
    );
  });
}

/** Control and format characters of Unicode, line and paragraph separators. Joiners are left alone: emoji need them. */
const COMMANDING = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
