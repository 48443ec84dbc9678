import {
  type PatternDialect,
  type TextFunctions,
  textFunctions,
  type UnicodeDialect,
} from './dialect.ts';
import { type Clues, type Kind, manyRows, narrowed, type TextsOf } from './parts.ts';

/** What changes of texts can be. */

export function textClues(dialect: PatternDialect, o: string, n: string): Clues {
  const { texts } = dialect;
  const { length, from } = textFunctions(dialect);
  const added = affixAdded(textFunctions(dialect));
  const startsWith = (text: string, start: string) => texts.startsWith(text, start);
  const endsWith = (text: string, end: string) => texts.endsWith(text, end);
  return {
    length: `CAST(${length(n)} AS VARCHAR(20))`,
    first: `left(${n}, 1)`,
    last: `right(${n}, 1)`,
    'suffix added': added(startsWith, o, n, from(n, `${length(o)} + 1`)),
    'prefix added': added(endsWith, o, n, `left(${n}, ${length(n)} - ${length(o)})`),
    'suffix removed': added(startsWith, n, o, from(o, `${length(n)} + 1`)),
    'prefix removed': added(endsWith, n, o, `left(${o}, ${length(o)} - ${length(n)})`),
  };
}

export function textKinds(
  dialect: PatternDialect,
  textsOf: TextsOf,
  constants: readonly Kind[],
): Kind[] {
  const { unicode, startsWith } = dialect.texts;
  const { equal } = textFunctions(dialect);
  return [
    ...whitespaceKinds(dialect),
    ...caseKinds(dialect),
    ...(unicode === null ? [] : encodingKinds(unicode)).map(ofShortTexts),
    ...paddingKinds(dialect, textsOf),
    ...constants,
    ...textsOf('length').map(
      (length): Kind => ({
        pattern: 'truncation',
        relation: (o, n) => equal(n, `left(${o}, ${length})`),
        detail: `new = left(old, ${length})`,
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
function whitespaceKinds(dialect: PatternDialect): Kind[] {
  const { withoutBlanks } = dialect.texts;
  const { equal, trimmed } = textFunctions(dialect);
  return [
    {
      pattern: 'whitespace',
      relation: (o, n) => equal(n, trimmed(o)),
      detail: 'new = trim(old)',
    },
    {
      pattern: 'whitespace',
      relation: (o, n) => equal(trimmed(n), trimmed(o)),
      detail: 'trim(new) = trim(old)',
    },
    {
      pattern: 'whitespace',
      relation: (o, n) => equal(withoutBlanks(n), withoutBlanks(o)),
      detail: null,
    },
  ];
}

function caseKinds(dialect: PatternDialect): Kind[] {
  const { equal, upper, lower } = textFunctions(dialect);
  return [
    { pattern: 'case', relation: (o, n) => equal(n, upper(o)), detail: 'new = upper(old)' },
    { pattern: 'case', relation: (o, n) => equal(n, lower(o)), detail: 'new = lower(old)' },
    { pattern: 'case', relation: (o, n) => equal(lower(n), lower(o)), detail: null },
  ];
}

function paddingKinds(dialect: PatternDialect, textsOf: TextsOf): Kind[] {
  const { literal } = dialect;
  const { equal, length: lengthOf, padded: pad, withoutLeadingZeros } = textFunctions(dialect);
  const sides = [
    ['lpad', 'first'],
    ['rpad', 'last'],
  ] as const;
  const [length] = textsOf('length');
  const padded = sides.flatMap(([side, end]) => {
    const [character] = textsOf(end);
    if (length === undefined || character === undefined || character === '') return [];
    const filled = (text: string) => pad(side, text, length, literal(character));
    return [
      {
        pattern: 'padding',
        relation: (o: string, n: string) => equal(n, filled(o)),
        detail: `new = ${side}(old, ${length}, ${literal(character)})`,
        // A text that is too long is cut off: that is another change.
        check: (o: string, n: string) => `${lengthOf(o)} < ${length} AND ${equal(n, filled(o))}`,
        showsValues: true,
        enough: manyRows,
      },
    ];
  });
  return [
    ...padded,
    {
      pattern: 'padding',
      relation: (o, n) => equal(withoutLeadingZeros(n), withoutLeadingZeros(o)),
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
function affixKinds(dialect: PatternDialect, textsOf: TextsOf): Kind[] {
  const { literal } = dialect;
  const { equal, joined } = textFunctions(dialect);
  const ways = {
    'suffix added': joined,
    'prefix added': (from: string, affix: string) => joined(affix, from),
    'suffix removed': joined,
    'prefix removed': (from: string, affix: string) => joined(affix, from),
  };
  return Object.entries(ways).flatMap(([pattern, join]) =>
    textsOf(pattern).map(
      (affix): Kind => ({
        pattern,
        relation: (o, n) =>
          pattern.endsWith('added')
            ? equal(n, join(o, literal(affix)))
            : equal(o, join(n, literal(affix))),
        showsValues: true,
        enough: manyRows,
      }),
    ),
  );
}

/** What `long` has more than `short`; the empty text, and what nobody would read, is no affix. */
function affixAdded({ length }: TextFunctions) {
  return (
    has: (long: string, short: string) => string,
    short: string,
    long: string,
    affix: string,
  ): string =>
    `CASE WHEN ${short} <> '' AND ${length(long)} BETWEEN ${length(short)} + 1 AND ${length(short)} + 50
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
