import type { NoiseSource } from '../engine.ts';
import { contentOf, lineBreaksIn, type Token, tokensOf } from '../script.ts';

/**
 * DuckDB's functions that give another value in another run. `duckdb_functions()` knows most of them, by their
 * stability; a test holds this list against it. DuckDB calls those of the second group steady.
 */
export const noisyFunctions: Readonly<Record<string, NoiseSource['source']>> = {
  now: 'clock',
  today: 'clock',
  current_date: 'clock',
  get_current_time: 'clock',
  get_current_timestamp: 'clock',
  transaction_timestamp: 'clock',
  random: 'random',
  uuid: 'random',
  gen_random_uuid: 'random',
  uuidv4: 'random',
  uuidv7: 'random',
  nextval: 'sequence',
  currval: 'sequence',
  current_connection_id: 'session',
  current_query: 'session',
  current_query_id: 'session',
  current_transaction_id: 'session',
  txid_current: 'session',

  age: 'clock', // with one argument: until today
  ago: 'clock',
  current_localtime: 'clock',
  current_localtimestamp: 'clock',
  pg_conf_load_time: 'clock',
  pg_postmaster_start_time: 'clock',
  reservoir_quantile: 'random',
};

/** Not steady by DuckDB's word, and yet no noise: the same in each run of one candidate, or no value at all. */
export const quietFunctions: ReadonlySet<string> = new Set([
  'current_database',
  'current_schema',
  'current_schemas',
  'error',
  'in_search_path',
  'setseed',
  'sleep_ms',
  'stats',
  'write_log',
]);

/** Written without brackets. */
const clockWords: ReadonlySet<string> = new Set([
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
]);

/** Behind these comes a name of something that is made or written to, with brackets for its columns. */
const naming: ReadonlySet<string> = new Set([
  'into',
  'table',
  'exists',
  'view',
  'macro',
  'function',
]);

/** Each call, where it stands; texts and comments are none. */
export function noiseIn(sql: string): NoiseSource[] {
  const tokens = tokensOf(sql).filter(({ kind }) => kind !== 'blank');
  const lineOf = lines(sql);
  return tokens.flatMap((token, at): NoiseSource[] => {
    const found = noiseAt(tokens, at);
    return found === null ? [] : [{ ...found, line: lineOf(token.at) }];
  });
}

function noiseAt(tokens: readonly Token[], at: number): Omit<NoiseSource, 'line'> | null {
  const { kind, text } = tokens[at] as Token;
  if (kind !== 'word' && kind !== 'name') return null;
  const name = (kind === 'name' ? contentOf(text) : text).toLowerCase();
  const before = tokens[at - 1]?.text.toLowerCase() ?? '';
  const after = tokens[at + 1]?.text.toLowerCase() ?? '';
  if (after === '(') {
    const source = Object.hasOwn(noisyFunctions, name) ? noisyFunctions[name] : undefined;
    if (source !== undefined && !naming.has(before) && !(name === 'age' && isPair(tokens, at + 1)))
      return { function: `${name}()`, source };
  }
  if (kind !== 'word') return null;
  if (clockWords.has(name) && ![before, after].includes('.') && before !== 'as' && after !== '(')
    return { function: name, source: 'clock' };
  const isSample = name === 'tablesample' || (name === 'sample' && before === 'using');
  return isSample && !isSeeded(tokens, at) ? { function: name, source: 'random' } : null;
}

/** Two values or more within the brackets that open at `open`. */
function isPair(tokens: readonly Token[], open: number): boolean {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const { text } = tokens[at] as Token;
    if ('([{'.includes(text)) depth++;
    else if (')]}'.includes(text)) depth--;
    else if (text === ',' && depth === 1) return true;
    if (depth === 0) return false;
  }
  return false;
}

/** `USING SAMPLE 10% (bernoulli, 42)`, `TABLESAMPLE reservoir(10 ROWS) REPEATABLE (42)`. */
function isSeeded(tokens: readonly Token[], sample: number): boolean {
  const next = tokens.slice(sample, sample + 12);
  const open = next.findIndex(({ text }) => text === '(');
  return (
    next.some(({ text }) => /^repeatable$/i.test(text)) ||
    (open !== -1 && isPair(tokens, sample + open))
  );
}

/** Line numbers of ever later offsets, from 1. */
function lines(sql: string): (offset: number) => number {
  let [line, counted] = [1, 0];
  return (offset) => {
    line += lineBreaksIn(sql.slice(counted, offset));
    counted = offset;
    return line;
  };
}
