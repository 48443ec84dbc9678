import { ConditionFault } from '../condition-fault.ts';
import type { Condition } from '../conditions.ts';
import { identifierOf, keywordOf, type Token, tokensOf } from './lexer.ts';
import { noisyFunctions } from './unsteady.ts';

/**
 * Reads a condition that a person wrote. `resolve` gets the parts of a name (`old.x` -> `['old', 'x']`), and throws a
 * ConditionFault for one that is not there.
 * @throws ConditionFault unless the text is one expression over one row, of functions that SQL Server brings along and
 *   that give the same each time. Whether it has the right types, and is true or false, the server tells.
 */
export function readCondition<Name>(
  given: string,
  resolve: (parts: readonly string[]) => Name,
): Condition<Name> {
  const text = withConditions(given);
  const code = tokensOf(text).filter(({ kind }) => kind !== 'blank');
  refuseMany(text, code);
  refuseWords(text, code);
  const names: { from: number; to: number; name: Name }[] = [];
  for (let at = 0; at < code.length; at++) {
    const skipped = pastNoName(code, at);
    if (skipped > at) {
      at = skipped - 1;
      continue;
    }
    const end = nameEnd(code, at);
    if (end === at) continue;
    const tokens = code.slice(at, end);
    const parts = tokens.flatMap((token) => identifierOf(token) ?? []);
    if (code[end]?.text === '(') refuseFunction(parts);
    else if (!isKeyword(tokens)) {
      const [first, last] = [tokens[0] as Token, tokens.at(-1) as Token];
      names.push({ from: first.at, to: last.at + last.text.length, name: resolve(parts) });
    }
    at = end - 1;
  }
  return { text, names };
}

export const endDoesNotFit =
  'Its end does not fit: something is missing, or a bracket is too many.';

/** T-SQL has no truth values. `true` and `false` alone are what everybody takes them for; they are no names here. */
function withConditions(text: string): string {
  const tokens = tokensOf(text);
  return tokens
    .map((token, at) => {
      const word = keywordOf(token);
      const isPart = [tokens[at - 1]?.text, tokens[at + 1]?.text].includes('.');
      if (isPart || (word !== 'true' && word !== 'false')) return token.text;
      return word === 'true' ? '1 = 1' : '1 = 0';
    })
    .join('');
}

// ---------------------------------------------------------------------------------------------
// One expression

function refuseMany(text: string, code: readonly Token[]): void {
  const isOpen = tokensOf(text).some(({ closed }) => !closed);
  if (code.length === 0 || isOpen) throw new ConditionFault(endDoesNotFit);
  let depth = 0;
  for (const { text: sign, kind } of code) {
    if (kind !== 'sign') continue;
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    if (sign === ';' || depth < 0)
      throw new ConditionFault('It is more than one condition. Join conditions with AND or OR.');
    if (sign === ',' && depth === 0) throw cannotHold('a list of values');
  }
  if (depth > 0) throw new ConditionFault(endDoesNotFit);
}

/** What no expression over one row can hold. All of these words are reserved. */
const others: Readonly<Record<string, string>> = {
  select: 'a subquery',
  exists: 'a subquery',
  over: 'a window function',
  current_date: 'the clock or the session',
  current_timestamp: 'the clock or the session',
  current_user: 'the clock or the session',
  session_user: 'the clock or the session',
  system_user: 'the clock or the session',
  user: 'the clock or the session',
};

const ofStatements =
  /^(from|where|group|order|having|union|except|intersect|into|with|option|set|declare|exec|execute|use|go|if|while|return|print|waitfor|throw|goto)$/;
const verbs =
  /^(insert|update|delete|merge|truncate|create|alter|drop|grant|revoke|deny|backup|restore|begin|commit|rollback|save|kill|shutdown|dbcc|bulk|openrowset|openquery|opendatasource|openxml|fetch|open|close|deallocate)$/;

function refuseWords(text: string, code: readonly Token[]): void {
  for (const token of code) {
    const what = others[keywordOf(token)];
    if (what !== undefined) throw cannotHold(what);
    if (/^[@$]/.test(token.text)) throw cannotHold('a parameter');
    if (token.kind === 'sign' && token.text === '?') throw cannotHold('a parameter');
  }
  for (const kinds of [ofStatements, verbs]) {
    const found = code.find((token, at) => kinds.test(keywordOf(token)) && !isOfTrim(code, at));
    if (found !== undefined) {
      const rest = [...text.slice(found.at)];
      throw new ConditionFault(
        `syntax error at or near "${found.text}", at character ${[...text.slice(0, found.at)].length + 1}: ${rest.slice(0, 40).join('')}${rest.length > 40 ? '...' : ''}`,
      );
    }
  }
}

/** `TRIM('0' FROM x)` */
function isOfTrim(code: readonly Token[], at: number): boolean {
  if (keywordOf(code[at]) !== 'from') return false;
  let depth = 0;
  for (let before = at - 1; before > 0; before--) {
    if (code[before]?.text === ')') depth += 1;
    if (code[before]?.text === '(' && depth-- === 0) return keywordOf(code[before - 1]) === 'trim';
  }
  return false;
}

function cannotHold(what: string): ConditionFault {
  return new ConditionFault(`It looks at one row only: it cannot hold ${what}.`);
}

// ---------------------------------------------------------------------------------------------
// Names

/** Behind what is no name though it looks like one: a type, a collation, a part of a date. */
function pastNoName(code: readonly Token[], at: number): number {
  const [word, before] = [keywordOf(code[at]), keywordOf(code[at - 1])];
  if (before === 'collate') return at + 1;
  // CAST(x AS decimal(10, 2))
  if (before === 'as') return typeEnd(code, at);
  if (code[at - 1]?.text !== '(') return at;
  const called = keywordOf(code[at - 2]);
  if (/^(try_)?convert$/.test(called)) return typeEnd(code, at);
  return ofDateParts.test(called) && word !== '' ? at + 1 : at;
}

const ofDateParts = /^(date(part|name|add|diff|diff_big|trunc)|date_bucket)$/;

/** `nvarchar(max)`, `[sys].[int]`, `double precision`. */
function typeEnd(code: readonly Token[], from: number): number {
  let at = from;
  while (identifierOf(code[at] ?? nothing) !== null || code[at]?.text === '.') at += 1;
  if (code[at]?.text !== '(') return at;
  while (at < code.length && code[at]?.text !== ')') at += 1;
  return at + 1;
}

const nothing: Token = { kind: 'sign', text: '', at: 0, closed: true };

/** The end of `a`, `a.b` or `[a].b`. A number is none. */
function nameEnd(code: readonly Token[], from: number): number {
  let end = from;
  for (let expectsPart = true; ; expectsPart = !expectsPart) {
    const token = code[end];
    if (token === undefined) return end;
    const isPart = identifierOf(token) !== null && !/^[\d.]/.test(token.text);
    if (expectsPart && token.text === '*')
      throw new ConditionFault('It looks at one row only: it cannot hold *.');
    if (expectsPart ? !isPart : token.text !== '.') return end;
    end += 1;
  }
}

const keywords =
  /^(and|or|not|is|null|in|like|between|case|when|then|else|end|escape|collate|as|at|time|zone|any|all|some|distinct|from|using|default)$/;

function isKeyword(tokens: readonly Token[]): boolean {
  const [only, ...more] = tokens;
  return only !== undefined && more.length === 0 && keywords.test(keywordOf(only));
}

// ---------------------------------------------------------------------------------------------
// Functions

function refuseFunction(parts: readonly string[]): void {
  const name = parts.join('.').toLowerCase();
  // A list of values, or a bracket.
  if (parts.length === 1 && keywords.test(name)) return;
  if (Object.hasOwn(noisyFunctions, name) || ofSession.has(name))
    throw new ConditionFault(
      `${name}() does not give the same each time, or does more than give a value.`,
    );
  if (aggregates.has(name))
    throw new ConditionFault(`${name}() looks at many rows, a condition at one.`);
  if (!functions.has(name))
    throw new ConditionFault(
      `${parts.join('.')}() is no function that SQL Server brings along for one row.`,
    );
}

const ofSession: ReadonlySet<string> = new Set([
  'session_context',
  'sessionproperty',
  'serverproperty',
  'db_name',
  'db_id',
  'object_id',
  'object_name',
  'is_member',
  'is_srvrolemember',
  'has_perms_by_name',
]);

const aggregates: ReadonlySet<string> = new Set(
  `approx_count_distinct avg checksum_agg count count_big grouping grouping_id max min stdev stdevp string_agg sum var varp
   row_number rank dense_rank ntile lag lead first_value last_value percent_rank cume_dist percentile_cont percentile_disc`.split(
    /\s+/,
  ),
);

/** Those that look at their arguments and at nothing else. */
const functions: ReadonlySet<string> = new Set(
  `abs acos ascii asin atan atn2 base64_decode base64_encode binary_checksum bit_count cast ceiling char charindex checksum
   choose coalesce compress concat concat_ws convert cos cot datalength date_bucket dateadd datediff datediff_big
   datefromparts datename datepart datetime2fromparts datetimefromparts datetimeoffsetfromparts datetrunc day
   decompress degrees difference edit_distance edit_distance_similarity eomonth exp floor format get_bit greatest hashbytes
   iif isdate isjson isnull isnumeric jaro_winkler_distance jaro_winkler_similarity json_array json_object json_path_exists
   json_query json_value least left left_shift len log log10 lower ltrim month nchar nullif parse patindex pi power
   quotename radians regexp_count regexp_instr regexp_like regexp_replace regexp_substr replace replicate reverse right
   right_shift round rtrim set_bit sign sin smalldatetimefromparts soundex space sql_variant_property sqrt square str
   string_escape stuff substring switchoffset tan timefromparts todatetimeoffset translate trim try_cast try_convert
   try_parse unicode upper year`.split(/\s+/),
);
