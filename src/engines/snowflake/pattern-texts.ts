import type { TextDialect } from '../patterns/dialect.ts';
import { literal } from './names.ts';

/** How Snowflake takes texts apart. They are Unicode always. */
export const snowflakeTexts: TextDialect = {
  startsWith: (text, start) => `STARTSWITH(${text}, ${start})`,
  endsWith: (text, end) => `ENDSWITH(${text}, ${end})`,
  withoutBlanks: (text) => `REGEXP_REPLACE(${text}, ${literal(`[${blanks}]+`)}, '')`,
  unicode: {
    asLatin1,
    asWindows1252: (text) =>
      `TRANSLATE(${asLatin1(text)}, ${literal(windowsControls)}, ${literal(windowsLetters)})`,
    withoutLetters: (text, mark) => `REGEXP_REPLACE(${text}, ${literal(letter)}, ${mark})`,
    lostBytes: (o, n) =>
      `CONTAINS(${n}, CHR(65533)) AND REGEXP_REPLACE(${n}, '\uFFFD+', '?') = REGEXP_REPLACE(${o}, ${literal(`${letter}+`)}, '?')`,
    // Snowflake has no function for the forms of Unicode.
    composed: null,
    withoutAccents: null,
  },
};

/** All that Unicode calls white space. */
const blanks = '\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000';
const letter = '[^\u0001-\u007f]';

/**
 * Each byte of the text's UTF-8 as a letter of its own. Its bytes as hexadecimal digits, each with a blank before it, are
 * written anew as the bytes of these letters.
 */
function asLatin1(text: string): string {
  const apart = `REGEXP_REPLACE(HEX_ENCODE(${text}), '(..)', ' \\\\1')`;
  const written = bytesOfLetters.reduce(
    (bytes, [from, to]) => `REGEXP_REPLACE(${bytes}, ' ${from}', ' ${to}')`,
    apart,
  );
  return `HEX_DECODE_STRING(REPLACE(${written}, ' ', ''))`;
}

/** In lower case what is done. */
const bytesOfLetters = [
  ['C(.)', 'c38\\\\1'],
  ['D(.)', 'c39\\\\1'],
  ['E(.)', 'c3a\\\\1'],
  ['F(.)', 'c3b\\\\1'],
  ['([89AB].)', 'c2\\\\1'],
] as const;

/** Where Latin-1 has control characters, Windows has these. */
const windowsLetters = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';
const windowsControls =
  '\u0080\u0082\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008a\u008b\u008c\u008e\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098\u0099\u009a\u009b\u009c\u009e\u009f';
