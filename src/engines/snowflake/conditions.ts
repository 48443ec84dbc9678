import { ConditionFault } from '../condition-fault.ts';
import type { Condition } from '../conditions.ts';
import type { Token } from '../script.ts';
import { contentOf, tokensOf } from './lexis.ts';
import { noisyFunctions, noisyWords } from './unsteady.ts';

/**
 * Reads a condition that a person wrote. `resolve` gets the parts of a name (`old.x` -> `['old', 'x']`), and throws a
 * ConditionFault for one that is not there.
 * @throws ConditionFault unless the text is one plain expression: no subquery, no aggregate, nothing that changes from
 *   call to call or has an effect. Which functions there are, and whether it is true or false, the server tells.
 */
export function readCondition<Name>(
  text: string,
  resolve: (parts: readonly string[]) => Name,
): Condition<Name> {
  const reader = new Reader(text);
  reader.whole();
  return {
    text,
    names: reader.names.map(({ from, to, parts }) => ({ from, to, name: resolve(parts) })),
  };
}

/** NULL counts as not true. What ends with a comment ends its line. */
export function noneOf(conditions: readonly string[]): string {
  return conditions.map((condition) => `not coalesce((${condition}\n), false)`).join(' and ');
}

// ---------------------------------------------------------------------------------------------
// Reading

interface FoundName {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly string[];
}

/** Binding strength of what stands between two operands. */
const strengths: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  '=': 4,
  '<>': 4,
  '!=': 4,
  '<': 4,
  '>': 4,
  '<=': 4,
  '>=': 4,
  '||': 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '%': 7,
};
const testStrength = 4;
const notStrength = 3;
const signStrength = 8;

/** Words that begin no operand: what stands there is missing. */
const noOperand: ReadonlySet<string> = new Set(
  'and or as between collate else end escape from group having ilike in into is join like limit on order regexp rlike then union when where using values set'.split(
    ' ',
  ),
);

/** Grammar of one expression; every name in it is noted with its place. */
class Reader {
  readonly names: FoundName[] = [];
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text).filter(({ kind }) => kind !== 'blank');
  }

  whole(): void {
    this.#expression(0);
    const rest = this.#token();
    if (rest === undefined) return;
    if (rest.text === ',') throw oneRow('a list of values');
    const isEnd = rest.text === ')' || rest.text === ';';
    if (isEnd && this.#at + 1 < this.#tokens.length)
      throw new ConditionFault('It is more than one condition. Join conditions with AND or OR.');
    if (isEnd) throw endDoesNotFit();
    throw this.#unexpected(rest);
  }

  #expression(strength: number): void {
    this.#operand();
    for (;;) {
      const token = this.#token();
      if (token === undefined) return;
      const word = token.text.toLowerCase();
      const own = strengths[word];
      if (own !== undefined) {
        if (own <= strength) return;
        this.#at += 1;
        this.#expression(own);
      } else if (isTest(word) && token.kind === 'word') {
        if (testStrength <= strength) return;
        this.#test();
      } else return;
    }
  }

  #operand(): void {
    const token = this.#token();
    if (token === undefined) throw endDoesNotFit();
    const word = token.kind === 'word' ? token.text.toLowerCase() : token.text;
    if (word === 'not') {
      this.#behind(() => this.#expression(notStrength));
      return;
    }
    if (word === '-' || word === '+') {
      this.#behind(() => this.#expression(signStrength));
      return;
    }
    this.#plainOperand(token, word);
    this.#behindOperand();
  }

  #plainOperand(token: Token, word: string): void {
    if (word === '(') {
      this.#inBrackets();
      return;
    }
    if (word === '[') {
      this.#list(']', () => this.#expression(0));
      return;
    }
    if (word === '{') {
      this.#list('}', () => this.#member());
      return;
    }
    if (token.kind === 'text' || /^[.\d]/.test(word)) {
      this.#behind(() => undefined);
      return;
    }
    if (word.startsWith('$')) throw oneRow('a parameter');
    if (word === '*') throw oneRow('*');
    if (token.kind === 'word') {
      if (['true', 'false', 'null'].includes(word)) {
        this.#behind(() => undefined);
        return;
      }
      if (word === 'case') {
        this.#case();
        return;
      }
      if ((word === 'cast' || word === 'try_cast') && this.#token(1)?.text === '(') {
        this.#cast();
        return;
      }
      if (word === 'extract' && this.#token(1)?.text === '(') {
        this.#extract();
        return;
      }
      // DATE '2026-01-01', INTERVAL '1 month'
      if (/^(date|time|timestamp\w*|interval|x)$/.test(word) && this.#token(1)?.kind === 'text') {
        this.#behind(() => this.#behind(() => undefined));
        return;
      }
      if (word === 'select' || word === 'with' || word === 'exists') throw oneRow('a subquery');
      if (noOperand.has(word)) throw this.#unexpected(token);
    }
    if (token.kind === 'word' || token.kind === 'name') {
      this.#nameOrCall();
      return;
    }
    if (word === ')' || word === ';')
      throw this.#at + 1 < this.#tokens.length ? this.#unexpected(token) : endDoesNotFit();
    throw this.#unexpected(token);
  }

  #inBrackets(): void {
    this.#take('(');
    if (/^(select|with)$/i.test(this.#token()?.text ?? '')) throw oneRow('a subquery');
    this.#expression(0);
    if (this.#token()?.text === ',') throw oneRow('a list of values');
    this.#take(')');
  }

  /** Casts, members of a VARIANT, collations. */
  #behindOperand(): void {
    for (;;) {
      const token = this.#token();
      const word = token?.text.toLowerCase() ?? '';
      if (word === '::') this.#behind(() => this.#type());
      else if (word === '[') this.#list(']', () => this.#expression(0));
      else if (word === ':') this.#behind(() => this.#path());
      else if (word === '.' && this.#token(-1)?.text === ']') this.#behind(() => this.#path());
      else if (word === 'collate') this.#behind(() => this.#behind(() => undefined));
      else return;
    }
  }

  /** `a.b` of `new.doc:a.b`. */
  #path(): void {
    for (;;) {
      const token = this.#token();
      if (token?.kind !== 'word' && token?.kind !== 'name') throw this.#missing(token);
      this.#at += 1;
      if (this.#token()?.text !== '.') return;
      this.#at += 1;
    }
  }

  #nameOrCall(): void {
    const first = this.#token() as Token;
    const parts: string[] = [];
    let last = first;
    for (;;) {
      const token = this.#token();
      if (token === undefined) throw endDoesNotFit();
      if (token.text === '*') throw oneRow('*');
      if (token.kind !== 'word' && token.kind !== 'name') throw this.#unexpected(token);
      parts.push(token.kind === 'name' ? contentOf(token.text) : token.text);
      last = token;
      this.#at += 1;
      if (this.#token()?.text !== '.') break;
      this.#at += 1;
    }
    if (this.#token()?.text === '(') {
      this.#call(parts);
      return;
    }
    const word = first.text.toLowerCase();
    if (parts.length === 1 && first.kind === 'word' && Object.hasOwn(noisyWords, word))
      throw oneRow('the clock or the session');
    this.names.push({ from: first.at, to: last.at + last.text.length, parts });
  }

  #call(parts: readonly string[]): void {
    const name = parts.join('.').toLowerCase();
    if (parts.length > 1) throw notBuiltIn(name);
    this.#take('(');
    let isWhole = false;
    if (this.#token()?.text !== ')') {
      do {
        if (/^(select|with)$/i.test(this.#token()?.text ?? '')) throw oneRow('a subquery');
        isWhole ||= /^(distinct|\*)$/i.test(this.#token()?.text ?? '');
        if (isWhole) this.#at += 1;
        if (this.#token()?.text === ')') break;
        // argument => value
        if (this.#token(1)?.text === '=>') this.#at += 2;
        this.#expression(0);
      } while (this.#taken(','));
    }
    this.#take(')');
    if (/^(over|within)$/i.test(this.#token()?.text ?? ''))
      throw oneRow(
        /^over$/i.test(this.#token()?.text ?? '') ? 'a window function' : 'an aggregate',
      );
    if (isWhole || aggregates.has(name))
      throw new ConditionFault(`${name}() looks at many rows, a condition at one.`);
    if (Object.hasOwn(noisyFunctions, name) || /^(current_|system\$)/.test(name))
      throw new ConditionFault(
        `${name}() does not give the same each time, or does more than give a value.`,
      );
  }

  #case(): void {
    this.#at += 1;
    if (!this.#isWord('when')) this.#expression(0);
    while (this.#takenWord('when')) {
      this.#expression(0);
      this.#takeWord('then');
      this.#expression(0);
    }
    if (this.#takenWord('else')) this.#expression(0);
    this.#takeWord('end');
  }

  #cast(): void {
    this.#at += 1;
    this.#take('(');
    this.#expression(0);
    this.#takeWord('as');
    this.#type();
    this.#take(')');
  }

  #extract(): void {
    this.#at += 3;
    this.#takeWord('from');
    this.#expression(0);
    this.#take(')');
  }

  #member(): void {
    this.#at += 1;
    this.#take(':');
    this.#expression(0);
  }

  /** `NUMBER(10, 2)`, `TIMESTAMP WITHOUT TIME ZONE`. */
  #type(): void {
    const token = this.#token();
    if (token?.kind !== 'word') throw this.#missing(token);
    this.#at += 1;
    while (/^(precision|varying|with|without|local|time|zone)$/i.test(this.#token()?.text ?? ''))
      this.#at += 1;
    if (this.#token()?.text === '(') this.#list(')', () => this.#typeArgument());
  }

  #typeArgument(): void {
    while (![',', ')', undefined].includes(this.#token()?.text)) this.#at += 1;
  }

  /** `IS [NOT] NULL`, `[NOT] IN (...)`, `[NOT] BETWEEN a AND b`, `[NOT] LIKE [ANY] ... [ESCAPE ...]`. */
  #test(): void {
    if (this.#takenWord('is')) {
      this.#takenWord('not');
      if (this.#takenWord('distinct')) {
        this.#takeWord('from');
        this.#expression(testStrength);
        return;
      }
      if (/^(null|true|false)$/i.test(this.#token()?.text ?? '')) {
        this.#at += 1;
        return;
      }
      throw this.#missing(this.#token());
    }
    this.#takenWord('not');
    if (this.#takenWord('between')) {
      this.#expression(testStrength);
      this.#takeWord('and');
      this.#expression(testStrength);
      return;
    }
    if (this.#takenWord('in')) {
      this.#values();
      return;
    }
    const token = this.#token();
    if (!/^(like|ilike|rlike|regexp)$/i.test(token?.text ?? '')) throw this.#missing(token);
    this.#at += 1;
    if (/^(any|all)$/i.test(this.#token()?.text ?? '')) {
      this.#at += 1;
      this.#values();
    } else this.#expression(testStrength);
    if (this.#takenWord('escape')) this.#expression(testStrength);
  }

  #values(): void {
    if (/^(select|with)$/i.test(this.#token(1)?.text ?? '')) throw oneRow('a subquery');
    this.#list(')', () => this.#expression(0));
  }

  #list(close: string, one: () => void): void {
    this.#take(close === ')' ? '(' : close === ']' ? '[' : '{');
    if (this.#taken(close)) return;
    do one();
    while (this.#taken(','));
    this.#take(close);
  }

  // Tokens ----------------------------------------------------------------------------------------

  #token(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  #behind(then: () => void): void {
    this.#at += 1;
    then();
  }

  #take(text: string): void {
    if (!this.#taken(text)) throw this.#missing(this.#token());
  }

  #taken(text: string): boolean {
    if (this.#token()?.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #isWord(word: string): boolean {
    const token = this.#token();
    return token?.kind === 'word' && token.text.toLowerCase() === word;
  }

  #takenWord(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#at += 1;
    return true;
  }

  #takeWord(word: string): void {
    if (!this.#takenWord(word)) throw this.#missing(this.#token());
  }

  #missing(token: Token | undefined): ConditionFault {
    return token === undefined ? endDoesNotFit() : this.#unexpected(token);
  }

  /** `syntax error at or near "=", at character 9: = 1` */
  #unexpected({ text, at }: Token): ConditionFault {
    const rest = [...this.#text.slice(at)];
    const shown = `${rest.slice(0, 40).join('')}${rest.length > 40 ? '...' : ''}`;
    return new ConditionFault(
      `syntax error at or near "${text}", at character ${[...this.#text.slice(0, at)].length + 1}: ${shown}`,
    );
  }
}

function isTest(word: string): boolean {
  return /^(is|not|in|between|like|ilike|rlike|regexp)$/.test(word);
}

function oneRow(what: string): ConditionFault {
  return new ConditionFault(`It looks at one row only: it cannot hold ${what}.`);
}

export function notBuiltIn(name: string): ConditionFault {
  return new ConditionFault(`${name}() is no function that Snowflake brings along.`);
}

function endDoesNotFit(): ConditionFault {
  return new ConditionFault(
    'Its end does not fit: something is missing, or a bracket is too many.',
  );
}

/** Snowflake's aggregate functions; those that need OVER are refused by that word. */
const aggregates: ReadonlySet<string> = new Set(
  `any_value approx_count_distinct approx_percentile approx_percentile_accumulate approx_percentile_combine approx_top_k
  approx_top_k_accumulate approx_top_k_combine approximate_jaccard_index approximate_similarity array_agg array_union_agg
  array_unique_agg avg bitand_agg bitandagg bitor_agg bitoragg bitxor_agg bitxoragg bit_and_agg bit_or_agg bit_xor_agg
  bitmap_construct_agg bitmap_or_agg booland_agg boolor_agg boolxor_agg corr count count_if countif covar_pop covar_samp
  datasketches_hll datasketches_hll_accumulate datasketches_hll_combine grouping grouping_id hash_agg hll hll_accumulate
  hll_combine hll_export hll_import kurtosis listagg max max_by median min min_by minhash minhash_combine mode
  object_agg percentile_cont percentile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
  regr_sxy regr_syy skew st_collect st_union_agg stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance
  variance_pop variance_samp vector_avg vector_max vector_min vector_sum ai_agg ai_summarize_agg`
    .split(/\s+/)
    .filter((name) => name !== ''),
);
