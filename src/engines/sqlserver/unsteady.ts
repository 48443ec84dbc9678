import type { NoiseSource } from '../engine.ts';
import { lineOf } from './batches.ts';
import { codeOf, identifierOf, keywordOf, type Token } from './lexer.ts';

/** SQL Server's functions that give another value in another run. */
export const noisyFunctions: Readonly<Record<string, NoiseSource['source']>> = {
  getdate: 'clock',
  getutcdate: 'clock',
  sysdatetime: 'clock',
  sysdatetimeoffset: 'clock',
  sysutcdatetime: 'clock',
  current_timezone: 'clock',
  current_timezone_id: 'clock',
  rand: 'random', // with a seed: the same each time
  newid: 'random',
  newsequentialid: 'random',
  crypt_gen_random: 'random',
  scope_identity: 'sequence',
  ident_current: 'sequence',
  min_active_rowversion: 'sequence',
  app_name: 'session',
  client_net_address: 'session',
  connectionproperty: 'session',
  context_info: 'session',
  current_request_id: 'session',
  current_transaction_id: 'session',
  host_id: 'session',
  host_name: 'session',
  original_login: 'session',
  suser_id: 'session',
  suser_name: 'session',
  suser_sid: 'session',
  suser_sname: 'session',
  user_id: 'session',
  user_name: 'session',
};

/** With an argument they are about that, and steady. */
const unsteadyWithoutArguments: ReadonlySet<string> = new Set([
  'rand',
  'suser_id',
  'suser_name',
  'suser_sid',
  'suser_sname',
  'user_id',
  'user_name',
]);

/** Written without brackets. */
const words: Readonly<Record<string, NoiseSource['source']>> = {
  current_date: 'clock',
  current_timestamp: 'clock',
  current_user: 'session',
  session_user: 'session',
  system_user: 'session',
  '@@connections': 'session',
  '@@cpu_busy': 'session',
  '@@dbts': 'sequence',
  '@@identity': 'sequence',
  '@@idle': 'session',
  '@@procid': 'session',
  '@@servername': 'session',
  '@@spid': 'session',
};

/** Behind these comes a name of something that is made or written to, with brackets for its columns. */
const naming: ReadonlySet<string> = new Set([
  'into',
  'table',
  'view',
  'function',
  'procedure',
  '.',
]);

/** Each call, where it stands, in bodies of procedures as well; texts and comments are none. */
export async function noiseIn(sql: string): Promise<NoiseSource[]> {
  const tokens = codeOf(sql);
  return tokens.flatMap((token, at): NoiseSource[] => {
    const found = noiseAt(tokens, at);
    return found === null ? [] : [{ ...found, line: lineOf(sql, token) }];
  });
}

function noiseAt(tokens: readonly Token[], at: number): Omit<NoiseSource, 'line'> | null {
  const token = tokens[at] as Token;
  const name = identifierOf(token)?.toLowerCase() ?? '';
  const [before, after] = [tokens[at - 1]?.text.toLowerCase() ?? '', tokens[at + 1]?.text];
  if (after === '(') {
    const source = Object.hasOwn(noisyFunctions, name) ? noisyFunctions[name] : undefined;
    const isSteady = unsteadyWithoutArguments.has(name) && tokens[at + 2]?.text !== ')';
    if (source !== undefined && !naming.has(before) && !isSteady)
      return { function: `${name}()`, source };
  }
  const word = keywordOf(token);
  if (
    word === 'next' &&
    keywordOf(tokens[at + 1]) === 'value' &&
    keywordOf(tokens[at + 2]) === 'for'
  )
    return { function: 'next value for', source: 'sequence' };
  if (word === 'tablesample' && !isRepeatable(tokens, at))
    return { function: 'tablesample', source: 'random' };
  const source = Object.hasOwn(words, word) ? words[word] : undefined;
  const isName = before === '.' || before === 'as' || after === '.';
  return source === undefined || isName ? null : { function: word, source };
}

/** `TABLESAMPLE (10 PERCENT) REPEATABLE (42)` gives the same rows while the table is the same. */
function isRepeatable(tokens: readonly Token[], at: number): boolean {
  return tokens.slice(at, at + 8).some((token) => keywordOf(token) === 'repeatable');
}
