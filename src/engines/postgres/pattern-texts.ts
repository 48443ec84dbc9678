import type { TextDialect, UnicodeDialect } from '../patterns/dialect.ts';

/** How PostgreSQL takes texts apart. `unicode`: the database's encoding is UTF-8. */
export function postgresTexts(unicode: boolean): TextDialect {
  return {
    startsWith: (text, start) => `starts_with(${text}, ${start})`,
    endsWith: (text, end) => `right(${text}, length(${end})) = ${end}`,
    withoutBlanks: (text) =>
      `regexp_replace(${text}, '[\\s${unicode ? unicodeBlanks : ''}]+', '', 'g')`,
    unicode: unicode ? unicodeTexts : null,
  };
}

/** Which of these are white space depends on the locale otherwise. */
const unicodeBlanks = '\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const letters = '[^\\u0001-\\u007f]';

const unicodeTexts: UnicodeDialect = {
  asLatin1,
  asWindows1252: (text) => `translate(${asLatin1(text)}, ${windowsControls}, '${windowsLetters}')`,
  withoutLetters: (text, mark) => `regexp_replace(${text}, '${letters}', ${mark}, 'g')`,
  lostBytes: (o, n) =>
    `strpos(${n}, chr(65533)) > 0 AND regexp_replace(${n}, '\\ufffd+', '?', 'g') = regexp_replace(${o}, '${letters}+', '?', 'g')`,
  composed: (text) => `normalize(${text}, NFC)`,
  withoutAccents: (text) =>
    `normalize(regexp_replace(normalize(${text}, NFD), '[\\u0300-\\u036f]+', '', 'g'), NFC)`,
};

/** Latin-1 has a letter for every byte: this never fails. */
function asLatin1(text: string): string {
  return `convert_from(convert_to(${text}, 'UTF8'), 'LATIN1')`;
}

/** Where Latin-1 has control characters, Windows has these; PostgreSQL's own WIN1252 fails on the five it leaves out. */
const windowsLetters = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';
const windowsControls =
  "E'\\u0080\\u0082\\u0083\\u0084\\u0085\\u0086\\u0087\\u0088\\u0089\\u008a\\u008b\\u008c\\u008e\\u0091\\u0092\\u0093\\u0094\\u0095\\u0096\\u0097\\u0098\\u0099\\u009a\\u009b\\u009c\\u009e\\u009f'";
