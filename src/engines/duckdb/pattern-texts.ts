import type { TextDialect } from '../patterns/dialect.ts';

/** How DuckDB takes texts apart. */
export const duckdbTexts: TextDialect = {
  startsWith: (text, start) => `starts_with(${text}, ${start})`,
  endsWith: (text, end) => `ends_with(${text}, ${end})`,
  withoutBlanks: (text) => `regexp_replace(${text}, '[\\s\\p{Z}\\x{85}]+', '', 'g')`,
  unicode: {
    asLatin1,
    asWindows1252: (text) => asWindows1252(asLatin1(text)),
    withoutLetters: (text, mark) => `regexp_replace(${text}, '[^\\x00-\\x7F]', ${mark}, 'g')`,
    lostBytes: (o, n) =>
      `contains(${n}, chr(65533)) AND regexp_replace(${n}, '\\x{FFFD}+', '?', 'g') = regexp_replace(${o}, '[^\\x00-\\x7F]+', '?', 'g')`,
    composed: (text) => `nfc_normalize(${text})`,
    withoutAccents: (text) => `strip_accents(${text})`,
  },
};

function asLatin1(text: string): string {
  return `array_to_string(list_transform(regexp_extract_all(hex(encode(${text})), '..'), lambda byte: chr(('0x' || byte)::INTEGER)), '')`;
}

/** Where Latin-1 has control characters, Windows has these. */
const windowsLetters = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';
const windowsBytes = [
  128, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 142, 145, 146, 147, 148, 149, 150,
  151, 152, 153, 154, 155, 156, 158, 159,
];

function asWindows1252(latin1: string): string {
  const bytes = `array_to_string(list_transform([${windowsBytes.join(', ')}], lambda byte: chr(byte)), '')`;
  return `translate(${latin1}, ${bytes}, '${windowsLetters}')`;
}
