/** What an expression of a workflow may name: `github`, `inputs`, `steps`, ... and the state of the job so far. */
export interface Scope {
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly hasFailed: boolean;
}

/** The text with each `${{ }}` replaced, as GitHub fills in `env:` and `with:`. */
export function filledIn(text: string, scope: Scope): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression) => asText(evaluate(expression, scope)));
}

/** An `if:`, with or without `${{ }}`. One that asks for no status runs only while all went well. */
export function isMet(condition: string | undefined, scope: Scope): boolean {
  const expression = (condition ?? 'success()').trim().replace(/^\$\{\{(.*)\}\}$/s, '$1');
  if (expression.includes('${{')) throw new Error(`Text around an expression: ${condition}`);
  const asksForStatus = /\b(always|failure|success|cancelled)\(\)/.test(expression);
  return isTrue(evaluate(expression, scope)) && (asksForStatus || !scope.hasFailed);
}

/** The part of GitHub's expression language that the actions and the examples use. */
export function evaluate(expression: string, { contexts, hasFailed }: Scope): unknown {
  const words = wordsOf(expression);
  const functions: Record<string, (...values: unknown[]) => unknown> = {
    always: () => true,
    success: () => !hasFailed,
    failure: () => hasFailed,
    startsWith: (text, start) => asText(text).toLowerCase().startsWith(asText(start).toLowerCase()),
    contains: (text, part) => asText(text).toLowerCase().includes(asText(part).toLowerCase()),
  };

  const takes = (word: string) => words[0] === word && words.shift() !== undefined;
  const expects = (word: string) => {
    if (!takes(word)) throw new Error(`Not ${word} but ${words[0]} in: ${expression}`);
  };
  // Both sides are read in any case: only their values are skipped.
  function either(): unknown {
    let value = both();
    while (takes('||')) {
      const other = both();
      value = isTrue(value) ? value : other;
    }
    return value;
  }
  function both(): unknown {
    let value = comparison();
    while (takes('&&')) {
      const other = comparison();
      value = isTrue(value) ? other : value;
    }
    return value;
  }
  function comparison(): unknown {
    const value = single();
    if (takes('==')) return areEqual(value, single());
    if (takes('!=')) return !areEqual(value, single());
    return value;
  }
  function single(): unknown {
    if (takes('!')) return !isTrue(single());
    if (takes('(')) {
      const value = either();
      expects(')');
      return value;
    }
    const word = words.shift() ?? '';
    if (word.startsWith("'")) return word.slice(1, -1).replaceAll("''", "'");
    if (/^\d/.test(word)) return Number(word);
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    return takes('(') ? call(word) : member(word);
  }
  function call(name: string): unknown {
    const values: unknown[] = [];
    while (!takes(')')) {
      values.push(either());
      takes(',');
    }
    const called = functions[name];
    if (called === undefined) throw new Error(`No function ${name} in: ${expression}`);
    return called(...values);
  }
  function member(name: string): unknown {
    if (!(name in contexts)) throw new Error(`No context ${name} in: ${expression}`);
    let value = contexts[name];
    // What is not there is null, however deep.
    while (takes('.')) {
      const key = words.shift() ?? '';
      value = (value as Record<string, unknown> | null)?.[key] ?? null;
    }
    return value;
  }

  const value = either();
  if (words.length > 0) throw new Error(`Left over: ${words.join(' ')} of: ${expression}`);
  return value;
}

function wordsOf(expression: string): string[] {
  const word = /\s*('(?:[^']|'')*'|\d+(?:\.\d+)?|[A-Za-z_][\w-]*|&&|\|\||[=!]=|[!().,])\s*/y;
  const words: string[] = [];
  while (word.lastIndex < expression.length) {
    const at = word.lastIndex;
    const found = word.exec(expression)?.[1];
    if (found === undefined) throw new Error(`Cannot be read from ${at} on: ${expression}`);
    words.push(found);
  }
  return words;
}

function isTrue(value: unknown): boolean {
  return value !== null && value !== undefined && value !== false && value !== 0 && value !== '';
}

/** Texts without regard to case; values of different types as numbers. */
function areEqual(one: unknown, other: unknown): boolean {
  if (typeof one === 'string' && typeof other === 'string')
    return one.toLowerCase() === other.toLowerCase();
  if (typeof one === typeof other && one !== null && other !== null) return one === other;
  return Number(one) === Number(other);
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
