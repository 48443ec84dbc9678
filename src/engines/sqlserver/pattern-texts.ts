import type { TextDialect, TextFunctions } from '../patterns/dialect.ts';
import { byCode } from './values.ts';

/** Blanks at the end count nowhere by themselves: neither in `=` nor in LEN. */
const functions: TextFunctions = {
  equal: (one, other) =>
    `${wide(one)} = ${wide(other)} COLLATE ${byCode} AND DATALENGTH(${wide(one)}) = DATALENGTH(${wide(other)})`,
  length,
  from: (text, place) => `SUBSTRING(${wide(text)}, ${place}, 2147483647)`,
  trimmed: (text) => `LTRIM(RTRIM(${text}))`,
  upper: (text) => `UPPER(${text})`,
  lower: (text) => `LOWER(${text})`,
  joined: (one, other) => `CONCAT(${wide(one)}, ${other})`,
  padded: (side, text, size, character) => {
    const filling = `REPLICATE(${character}, ${size} - ${length(text)})`;
    return side === 'lpad' ? `CONCAT(${filling}, ${text})` : `CONCAT(${text}, ${filling})`;
  },
  withoutLeadingZeros: (text) =>
    `SUBSTRING(${wide(text)}, PATINDEX(N'%[^0]%', CONCAT(${wide(text)}, N'.')), 2147483647)`,
};

/** In characters of Unicode, whatever code page the text has. */
function wide(text: string): string {
  return `CONVERT(nvarchar(max), ${text})`;
}

function length(text: string): string {
  return `(DATALENGTH(${wide(text)}) / 2)`;
}

/**
 * How SQL Server takes texts apart. Its versions before 2025 have no regular expressions, and none takes the bytes of a
 * text for those of another encoding: damaged letters cannot be told.
 */
export const sqlserverTexts: TextDialect = {
  startsWith: (text, start) => functions.equal(`LEFT(${wide(text)}, ${length(start)})`, start),
  endsWith: (text, end) => functions.equal(`RIGHT(${wide(text)}, ${length(end)})`, end),
  withoutBlanks: (text) =>
    `REPLACE(TRANSLATE(${wide(text)}, ${blanks.map((code) => `NCHAR(${code})`).join(' + ')}, REPLICATE(N' ', ${blanks.length})), N' ', N'')`,
  unicode: null,
  functions,
};

/** All that Unicode calls white space, but for the blank itself. */
const blanks = [
  9, 10, 11, 12, 13, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
  8202, 8232, 8233, 8239, 8287, 12288,
];
