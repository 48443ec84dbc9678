import type { PatternDialect, UnicodeDialect } from './dialect.ts';
import { type Clues, type Kind, manyRows, narrowed, type TextsOf } from './parts.ts';

/** What changes of texts can be. */

export function textClues({ texts }: PatternDialect, o: string, n: string): Clues {
  const startsWith = (text: string, start: string) => texts.startsWith(text, start);
  const endsWith = (text: string, end: string) => texts.endsWith(text, end);
  return {
    length: `length(${n})::VARCHAR`,
    first: `left(${n}, 1)`,
    last: `right(${n}, 1)`,
    'suffix added': added(startsWith, o, n, `substr(${n}, length(${o}) + 1)`),
    'prefix added': added(endsWith, o, n, `left(${n}, length(${n}) - length(${o}))`),
    'suffix removed': added(startsWith, n, o, `substr(${o}, length(${n}) + 1)`),
    'prefix removed': added(endsWith, n, o, `left(${o}, length(${o}) - length(${n}))`),
  };
}

export function textKinds(
  dialect: PatternDialect,
  textsOf: TextsOf,
  constants: readonly Kind[],
): Kind[] {
  const { unicode, startsWith } = dialect.texts;
  return [
    ...whitespaceKinds(dialect),
    ...caseKinds,
    ...(unicode === null ? [] : encodingKinds(unicode)).map(ofShortTexts),
    ...paddingKinds(dialect, textsOf),
    ...constants,
    ...textsOf('length').map(
      (length): Kind => ({
        pattern: 'truncation',
        relation: (o, n) => `${n} = left(${o}, ${length})`,
        enough: manyRows,
      }),
    ),
    ...affixKinds(dialect, textsOf),
    {
      pattern: 'truncation',
      // Every text begins with the empty one.
      relation: (o, n) => `${startsWith(o, n)} AND ${n} <> ''`,
      detail: null,
    },
  ];
}

/** `trim` takes blanks only. */
function whitespaceKinds({ texts }: PatternDialect): Kind[] {
  return [
    { pattern: 'whitespace', relation: (o, n) => `${n} = trim(${o})` },
    { pattern: 'whitespace', relation: (o, n) => `trim(${n}) = trim(${o})` },
    {
      pattern: 'whitespace',
      relation: (o, n) => `${texts.withoutBlanks(n)} = ${texts.withoutBlanks(o)}`,
      detail: null,
    },
  ];
}

const caseKinds: readonly Kind[] = [
  { pattern: 'case', relation: (o, n) => `${n} = upper(${o})` },
  { pattern: 'case', relation: (o, n) => `${n} = lower(${o})` },
  { pattern: 'case', relation: (o, n) => `lower(${n}) = lower(${o})`, detail: null },
];

function paddingKinds({ literal }: PatternDialect, textsOf: TextsOf): Kind[] {
  const sides = [
    ['lpad', 'first'],
    ['rpad', 'last'],
  ] as const;
  const [length] = textsOf('length');
  const padded = sides.flatMap(([pad, end]) => {
    const [character] = textsOf(end);
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
  return narrowed(
    kind,
    (check, o, n) =>
      `CASE WHEN greatest(length(${o}), length(${n})) <= 2000 THEN ${check} ELSE false END`,
  );
}

/** A constant text in front or behind. */
function affixKinds({ literal }: PatternDialect, textsOf: TextsOf): Kind[] {
  const joined = {
    'suffix added': (from: string, affix: string) => `${from} || ${affix}`,
    'prefix added': (from: string, affix: string) => `${affix} || ${from}`,
    'suffix removed': (from: string, affix: string) => `${from} || ${affix}`,
    'prefix removed': (from: string, affix: string) => `${affix} || ${from}`,
  };
  return Object.entries(joined).flatMap(([pattern, join]) =>
    textsOf(pattern).map(
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
function added(
  has: (long: string, short: string) => string,
  short: string,
  long: string,
  affix: string,
): string {
  return `CASE WHEN ${short} <> '' AND length(${long}) BETWEEN length(${short}) + 1 AND length(${short}) + 50
    AND ${has(long, short)} THEN ${affix} END`;
}

// ---------------------------------------------------------------------------------------------
// Encodings

function encodingKinds(unicode: UnicodeDialect): Kind[] {
  const { composed, withoutAccents } = unicode;
  return [
    ...misread('Latin-1', unicode.asLatin1),
    ...misread('Windows-1252', unicode.asWindows1252),
    ...(["'?'", 'chr(65533)'] as const).map((mark) => ({
      pattern: 'encoding damage',
      relation: (o: string, n: string) => `${n} = ${unicode.withoutLetters(o, mark)}`,
      detail: mark === "'?'" ? 'letters became ?' : 'letters became U+FFFD',
    })),
    {
      pattern: 'encoding damage',
      relation: unicode.lostBytes,
      detail: 'letters became U+FFFD',
    },
    ...(composed === null
      ? []
      : [
          {
            pattern: 'normalization',
            relation: (o: string, n: string) => `${composed(n)} = ${composed(o)}`,
            detail: 'composed or decomposed letters',
          },
        ]),
    ...(withoutAccents === null
      ? []
      : [
          {
            pattern: 'accents removed',
            relation: (o: string, n: string) => `${n} = ${withoutAccents(o)}`,
            detail: null,
          },
        ]),
  ];
}

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
