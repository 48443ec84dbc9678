import { visible } from '../format.ts';

/** A line of a report: words of ours, and between them texts that may say anything, which every format shows as code. */
export type Line = readonly Inline[];

export type Inline = string | { readonly code: string };

/** Names and descriptions may be very long; the digest covers the whole of them. */
const MAX_CODE = 300;

/** A text that is not ours, which a report shows as code. */
export function code(text: string, most = MAX_CODE): Inline {
  return { code: readable(text, most) };
}

/**
 * On one line, not endless, and without anything that a reader cannot see: two names may differ by that alone. What
 * joins characters, which texts elsewhere may need, shows as its escape too.
 */
export function readable(text: string, most: number): string {
  const shown = visible(text).replaceAll('\u200c', '\\u200c').replaceAll('\u200d', '\\u200d');
  const characters = [...shown];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : shown;
}

/** `line` + `, ` + `line` ... */
export function joined(lines: readonly Line[], separator = ', '): Line {
  return lines.flatMap((line, at) => (at === 0 ? line : [separator, ...line]));
}
