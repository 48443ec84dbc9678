/**
 * JSON by its content. DuckDB's own JSON functions read a long number as a double; so each number becomes a text
 * before they see it, and a number again afterwards. Neither is a digit lost, nor is anything but text compared.
 *
 * On the way, characters that JSON forbids in its text mark where a number begins and ends, and where a text begins.
 */
const mark = { from: 'chr(1)', to: 'chr(2)', text: 'chr(3)' } as const;
const string = '"(?:[^"\\\\]|\\\\.)*"';

/**
 * The same text for the same content: members sorted, no white space, escapes resolved, numbers in their shortest
 * form. A text that is no JSON, or in which an object names a member twice, stays as it is: no two readers of such
 * JSON need agree about what it means.
 */
export function canonicalJson(value: string): string {
  const read = (text: string) => `TRY_CAST(${text} AS JSON)::VARIANT`;
  const sorted = let_('marked', shortNumbers(marked('source')), () =>
    let_(
      'once',
      `${read(numbersAsTexts('marked'))}::JSON::VARCHAR`,
      () =>
        // DuckDB 1.5 keeps the last of the members of one name, and dies when it sorts them: they are counted first.
        `CASE WHEN ${members('once')} = ${members('source')} THEN variant_normalize(${read('once')})::JSON::VARCHAR END`,
    ),
  );
  return let_(
    'source',
    `${value}::VARCHAR`,
    () => `coalesce(CASE WHEN json_valid(source) THEN TRY(${textsAsNumbers(sorted)}) END, source)`,
  );
}

function marked(text: string): string {
  const pattern = `'(")(${string.slice(1)})|(-?[0-9][-+0-9.eE]*)'`;
  const all = `regexp_replace(${text}, ${pattern}, '\\1' || ${mark.text} || '\\2' || ${mark.from} || '\\3' || ${mark.to}, 'g')`;
  // The marks of a text around no number, and of a number around no text.
  return `replace(replace(${all}, ${mark.from} || ${mark.to}, ''), ${mark.text} || ${mark.from}, ${mark.from})`;
}

/** Numbers begin with n, texts with s: none is taken for the other. */
function numbersAsTexts(text: string): string {
  return `replace(replace(replace(${text}, ${mark.from}, '"n'), ${mark.to}, '"'), ${mark.text}, 's')`;
}

function textsAsNumbers(text: string): string {
  return `regexp_replace(${text}, '"n([^"]*)"|(")s(${string.slice(1)})', '\\1\\2\\3', 'g')`;
}

/** How many members all objects of a JSON text have together. */
function members(text: string): string {
  return let_(
    'outside',
    `regexp_replace(${text}, '${string}', '', 'g')`,
    () => `(length(outside) - length(replace(outside, ':', '')))`,
  );
}

/** Marked numbers without exponent, zeros behind the point, and the sign of zero. */
function shortNumbers(text: string): string {
  const number = (inner: string) => `${mark.from} || '${inner}' || ${mark.to}`;
  const replaced = (from: string, pattern: string, by: string) =>
    `regexp_replace(${from}, ${number(pattern)}, ${number(by)}, 'g')`;
  const plain = let_(
    'exact',
    text,
    () =>
      `CASE WHEN regexp_matches(exact, ${mark.from} || '[-0-9.]*[eE]') THEN ${withoutExponents('exact')} ELSE exact END`,
  );
  const shorter = replaced(plain, '(-?[0-9]+[.][0-9]*[1-9])0+', '\\1');
  return replaced(replaced(shorter, '(-?[0-9]+)[.]0+', '\\1'), '-0', '0');
}

function withoutExponents(text: string): string {
  const parts = `regexp_extract_all(${text}, ${mark.from} || '[^' || ${mark.to} || ']*|[^' || ${mark.from} || ']+')`;
  return `array_to_string(list_transform(${parts}, lambda part: CASE
    WHEN part[1] = ${mark.from} AND regexp_matches(part, '[eE]') THEN ${mark.from} || ${withoutExponent('part[2:]')}
    ELSE part END), '')`;
}

/** The number written out; one far from its point stays with its exponent, in one way of writing. */
function withoutExponent(number: string): string {
  const parts = `regexp_extract(${number}, '^(-?)([0-9]+)(?:[.]([0-9]+))?[eE]([-+]?[0-9]+)$', ['sign', 'whole', 'fraction', 'power'])`;
  const power = 'TRY_CAST(parts.power AS BIGINT)::HUGEINT';
  return let_('parts', parts, () =>
    let_('digits', "ltrim(parts.whole || parts.fraction, '0')", () =>
      let_(
        'exponent',
        `${power} - length(parts.fraction) + length(digits) - length(rtrim(digits, '0'))`,
        () => `CASE WHEN digits = '' THEN '0' WHEN exponent IS NULL THEN ${number}
          ELSE parts.sign || ${let_('d', "rtrim(digits, '0')", () => written('d', 'exponent'))} END`,
      ),
    ),
  );
}

/** `digits` times ten to the power `exponent`. */
function written(digits: string, exponent: string): string {
  const behind = `(-${exponent})::BIGINT`;
  return `CASE WHEN ${exponent} NOT BETWEEN -400 AND 400 THEN ${digits} || 'e' || ${exponent}::VARCHAR
    WHEN ${exponent} >= 0 THEN ${digits} || repeat('0', ${exponent}::BIGINT)
    WHEN length(${digits}) > ${behind} THEN ${digits}[:length(${digits}) - ${behind}] || '.' || ${digits}[length(${digits}) - ${behind} + 1:]
    ELSE '0.' || repeat('0', ${behind} - length(${digits})) || ${digits} END`;
}

/** SQL has no local names; a lambda over a list of one does. */
function let_(name: string, value: string, body: () => string): string {
  return `list_transform([${value}], lambda ${name}: ${body()})[1]`;
}
