import type { NoiseSource } from '../engine.ts';
import { lineBreaksIn, type Token } from '../script.ts';
import { contentOf, tokensOf } from './lexis.ts';

/** Snowflake's functions that give another value in another run (docs: "Context functions", "Data generation functions"). */
export const noisyFunctions: Readonly<Record<string, NoiseSource['source']>> = {
  current_date: 'clock',
  current_time: 'clock',
  current_timestamp: 'clock',
  getdate: 'clock',
  localtime: 'clock',
  localtimestamp: 'clock',
  now: 'clock',
  sysdate: 'clock',
  systimestamp: 'clock',
  random: 'random',
  randstr: 'random',
  uniform: 'random', // with a seed that is not constant
  normal: 'random',
  zipf: 'random',
  uuid_string: 'random',
  seq1: 'sequence',
  seq2: 'sequence',
  seq4: 'sequence',
  seq8: 'sequence',
  getnextval: 'sequence',
  current_account: 'session',
  current_account_name: 'session',
  current_available_roles: 'session',
  current_client: 'session',
  current_ip_address: 'session',
  current_organization_name: 'session',
  current_region: 'session',
  current_role: 'session',
  current_role_type: 'session',
  current_secondary_roles: 'session',
  current_session: 'session',
  current_statement: 'session',
  current_transaction: 'session',
  current_user: 'session',
  current_version: 'session',
  current_warehouse: 'session',
  invoker_role: 'session',
  invoker_share: 'session',
  is_role_in_session: 'session',
  last_query_id: 'session',
  last_transaction: 'session',
};

/** Written without brackets. */
export const noisyWords: Readonly<Record<string, NoiseSource['source']>> = {
  current_date: 'clock',
  current_time: 'clock',
  current_timestamp: 'clock',
  localtime: 'clock',
  localtimestamp: 'clock',
  current_user: 'session',
};

/** Behind these comes a name of something that is made or written to, with brackets for its columns. */
const naming: ReadonlySet<string> = new Set([
  'into',
  'table',
  'exists',
  'view',
  'function',
  'procedure',
]);

/** Each call, where it stands, in $$...$$ as well: it is a body of code. Texts and comments are none. */
export function noiseIn(sql: string): NoiseSource[] {
  return noiseFrom(sql, 1).sort((a, b) => a.line - b.line);
}

function noiseFrom(sql: string, firstLine: number): NoiseSource[] {
  const tokens = tokensOf(sql).filter(({ kind }) => kind !== 'blank');
  const lineOf = ({ at }: Token) => firstLine + lineBreaksIn(sql.slice(0, at));
  return tokens.flatMap((token, at): NoiseSource[] => {
    if (token.kind === 'text' && token.text.startsWith('$$'))
      return noiseFrom(contentOf(token.text), lineOf(token));
    const found = noiseAt(tokens, at);
    return found === null ? [] : [{ ...found, line: lineOf(token) }];
  });
}

function noiseAt(tokens: readonly Token[], at: number): Omit<NoiseSource, 'line'> | null {
  const { kind, text } = tokens[at] as Token;
  if (kind !== 'word' && kind !== 'name') return null;
  const name = (kind === 'name' ? contentOf(text) : text).toLowerCase();
  const before = tokens[at - 1]?.text.toLowerCase() ?? '';
  const after = tokens[at + 1]?.text.toLowerCase() ?? '';
  // seq.nextval
  if (name === 'nextval' && before === '.') return { function: 'nextval', source: 'sequence' };
  if (after === '(' && Object.hasOwn(noisyFunctions, name)) {
    const source = noisyFunctions[name];
    const isSeeded = name === 'random' && tokens[at + 2]?.text !== ')';
    // UNIFORM(1, 10, RANDOM()) is told by its RANDOM().
    const isDerived = ['uniform', 'normal', 'zipf', 'randstr'].includes(name);
    if (source !== undefined && !naming.has(before) && !isSeeded && !isDerived && before !== '.')
      return { function: `${name}()`, source };
    return null;
  }
  if (kind !== 'word') return null;
  if (Object.hasOwn(noisyWords, name) && ![before, after].includes('.') && before !== 'as')
    return { function: name, source: noisyWords[name] as NoiseSource['source'] };
  const isSample = name === 'tablesample' || name === 'sample';
  return isSample && after !== ',' && isRead(before) && !isSeededSample(tokens, at)
    ? { function: name, source: 'random' }
    : null;
}

/** SAMPLE stands behind a table, not as the name of a column. */
function isRead(before: string): boolean {
  return before !== '.' && before !== ',' && before !== 'select' && before !== '(';
}

/** `SAMPLE SYSTEM (3) SEED (82)`, `TABLESAMPLE BLOCK (10) REPEATABLE (42)`. */
function isSeededSample(tokens: readonly Token[], at: number): boolean {
  return tokens.slice(at, at + 10).some(({ text }) => /^(seed|repeatable)$/i.test(text));
}
