import { literal } from './connection.ts';
import { type Clues, type Kind, manyRows } from './pattern-parts.ts';

/** What changes of texts can be. */

export function textClues(o: string, n: string): Clues {
  return {
    length: `length(${n})::VARCHAR`,
    first: `left(${n}, 1)`,
    last: `right(${n}, 1)`,
    'suffix added': added('starts_with', o, n, `substr(${n}, length(${o}) + 1)`),
    'prefix added': added('ends_with', o, n, `left(${n}, length(${n}) - length(${o}))`),
    'suffix removed': added('starts_with', n, o, `substr(${o}, length(${n}) + 1)`),
    'prefix removed': added('ends_with', n, o, `left(${o}, length(${o}) - length(${n}))`),
  };
}

export function textKinds(
  clue: (name: string) => readonly string[],
  constants: readonly Kind[],
): Kind[] {
  return [
    ...whitespaceKinds,
    ...caseKinds,
    ...encodingKinds.map(ofShortTexts),
    ...paddingKinds(clue),
    ...constants,
    ...clue('length').map(
      (length): Kind => ({
        pattern: 'truncation',
        relation: (o, n) => `${n} = left(${o}, ${length})`,
        enough: manyRows,
      }),
    ),
    ...affixKinds(clue),
    {
      pattern: 'truncation',
      // Every text begins with the empty one.
      relation: (o, n) => `starts_with(${o}, ${n}) AND ${n} <> ''`,
      detail: null,
    },
  ];
}

/** `trim` takes blanks only; this takes all that Unicode calls white space, also inside. */
const blanks = `'[\\s\\p{Z}\\x{85}]+', '', 'g'`;

const whitespaceKinds: readonly Kind[] = [
  { pattern: 'whitespace', relation: (o, n) => `${n} = trim(${o})` },
  { pattern: 'whitespace', relation: (o, n) => `trim(${n}) = trim(${o})` },
  {
    pattern: 'whitespace',
    relation: (o, n) => `regexp_replace(${n}, ${blanks}) = regexp_replace(${o}, ${blanks})`,
    detail: null,
  },
];

const caseKinds: readonly Kind[] = [
  { pattern: 'case', relation: (o, n) => `${n} = upper(${o})` },
  { pattern: 'case', relation: (o, n) => `${n} = lower(${o})` },
  { pattern: 'case', relation: (o, n) => `lower(${n}) = lower(${o})`, detail: null },
];

function paddingKinds(clue: (name: string) => readonly string[]): Kind[] {
  const sides = [
    ['lpad', 'first'],
    ['rpad', 'last'],
  ] as const;
  const [length] = clue('length');
  const padded = sides.flatMap(([pad, end]) => {
    const [character] = clue(end);
    if (length === undefined || character === undefined || character === '') return [];
    const to = `${length}, ${literal(character)}`;
    return [
      {
        pattern: 'padding',
        relation: (o: string, n: string) => `${n} = ${pad}(${o}, ${to})`,
        // A text that is too long is cut off: that is another change.
        check: (o: string, n: string) => `length(${o}) < ${length} AND ${n} = ${pad}(${o}, ${to})`,
        showsValues: true,
        enough: manyRows,
      },
    ];
  });
  return [
    ...padded,
    {
      pattern: 'padding',
      relation: (o, n) => `ltrim(${n}, '0') = ltrim(${o}, '0')`,
      detail: 'leading zeros',
    },
  ];
}

/** Letter by letter, a text of millions of them would take minutes. */
function ofShortTexts(kind: Kind): Kind {
  const check = (o: string, n: string) =>
    `CASE WHEN greatest(length(${o}), length(${n})) <= 2000 THEN ${(kind.check ?? kind.relation)(o, n)} ELSE false END`;
  return { ...kind, check };
}

/** A constant text in front or behind. */
function affixKinds(clue: (name: string) => readonly string[]): Kind[] {
  const joined = {
    'suffix added': (from: string, affix: string) => `${from} || ${affix}`,
    'prefix added': (from: string, affix: string) => `${affix} || ${from}`,
    'suffix removed': (from: string, affix: string) => `${from} || ${affix}`,
    'prefix removed': (from: string, affix: string) => `${affix} || ${from}`,
  };
  return Object.entries(joined).flatMap(([pattern, join]) =>
    clue(pattern).map(
      (affix): Kind => ({
        pattern,
        relation: (o, n) =>
          pattern.endsWith('added')
            ? `${n} = ${join(o, literal(affix))}`
            : `${o} = ${join(n, literal(affix))}`,
        showsValues: true,
        enough: manyRows,
      }),
    ),
  );
}

/** What `long` has more than `short`; the empty text, and what nobody would read, is no affix. */
function added(has: string, short: string, long: string, affix: string): string {
  return `CASE WHEN ${short} <> '' AND length(${long}) BETWEEN length(${short}) + 1 AND length(${short}) + 50
    AND ${has}(${long}, ${short}) THEN ${affix} END`;
}

// ---------------------------------------------------------------------------------------------
// Encodings

const encodingKinds: readonly Kind[] = [
  ...misread('Latin-1', asLatin1),
  ...misread('Windows-1252', (text) => asWindows1252(asLatin1(text))),
  ...(["'?'", 'chr(65533)'] as const).map((mark) => ({
    pattern: 'encoding damage',
    relation: (o: string, n: string) =>
      `${n} = regexp_replace(${o}, '[^\\x00-\\x7F]', ${mark}, 'g')`,
    detail: mark === "'?'" ? 'letters became ?' : 'letters became U+FFFD',
  })),
  {
    pattern: 'encoding damage',
    // One mark for each byte of a letter.
    relation: (o, n) =>
      `contains(${n}, chr(65533)) AND regexp_replace(${n}, '\\x{FFFD}+', '?', 'g') = regexp_replace(${o}, '[^\\x00-\\x7F]+', '?', 'g')`,
    detail: 'letters became U+FFFD',
  },
  {
    pattern: 'normalization',
    relation: (o, n) => `nfc_normalize(${n}) = nfc_normalize(${o})`,
    detail: 'composed or decomposed letters',
  },
  { pattern: 'accents removed', relation: (o, n) => `${n} = strip_accents(${o})`, detail: null },
];

function misread(encoding: string, reading: (text: string) => string): Kind[] {
  return [
    {
      pattern: 'encoding damage',
      relation: (o, n) => `${n} = ${reading(o)}`,
      detail: `UTF-8 read as ${encoding}`,
    },
    {
      pattern: 'encoding repair',
      relation: (o, n) => `${o} = ${reading(n)}`,
      detail: `UTF-8 was read as ${encoding}`,
    },
  ];
}

/** Each byte of the text as a letter of its own. */
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
