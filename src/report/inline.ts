import { visible } from './format.ts';

/** A line of a report: words of ours, and between them texts that may say anything, which every format shows as code. */
export type Line = readonly Inline[];

export type Inline = string | { readonly code: string };

/** Names and descriptions may be very long; the digest covers the whole of them. */
const MAX_CODE = 300;

/** A text that is not ours: on one line, without power over what is around it, not endless. */
export function code(text: string, most = MAX_CODE): Inline {
  // Nothing that a reader cannot see: two names may differ by it alone.
  const shown = visible(text).replace(/[\u200c\u200d]/g, (joiner) =>
    joiner === '\u200c' ? '\\u200c' : '\\u200d',
  );
  const characters = [...shown];
  return { code: characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : shown };
}

/** `line` + `, ` + `line` ... */
export function joined(lines: readonly Line[], separator = ', '): Line {
  return lines.flatMap((line, at) => (at === 0 ? line : [separator, ...line]));
}
