import type { NoiseSource } from '../engine.ts';
import { lineBreaksIn, splitStatements, type Token, tokensOf } from '../script.ts';
import { innerOf } from './bodies.ts';
import {
  type Fields,
  isFields,
  loadParser,
  namesIn,
  offsetOf,
  type Parser,
  SyntaxFault,
  textOf,
  walk,
} from './parser.ts';
import { withoutPlaceholders } from './statements.ts';

/**
 * PostgreSQL's functions, and those of its usual extensions, that give another value in another run. A test holds this
 * list against what `pg_proc` says of their volatility.
 */
export const noisyFunctions: Readonly<Record<string, NoiseSource['source']>> = {
  now: 'clock',
  clock_timestamp: 'clock',
  statement_timestamp: 'clock',
  transaction_timestamp: 'clock',
  timeofday: 'clock',
  age: 'clock', // with one argument: until today
  pg_conf_load_time: 'clock',
  pg_postmaster_start_time: 'clock',
  random: 'random',
  random_normal: 'random',
  array_sample: 'random',
  array_shuffle: 'random',
  gen_random_uuid: 'random',
  uuidv4: 'random',
  uuidv7: 'random',
  uuid_generate_v1: 'random',
  uuid_generate_v1mc: 'random',
  uuid_generate_v4: 'random',
  gen_random_bytes: 'random',
  gen_salt: 'random',
  nextval: 'sequence',
  currval: 'sequence',
  lastval: 'sequence',
  current_query: 'session',
  inet_client_addr: 'session',
  inet_client_port: 'session',
  inet_server_addr: 'session',
  inet_server_port: 'session',
  pg_backend_pid: 'session',
  pg_current_snapshot: 'session',
  pg_current_wal_insert_lsn: 'session',
  pg_current_wal_lsn: 'session',
  pg_current_xact_id: 'session',
  pg_current_xact_id_if_assigned: 'session',
  txid_current: 'session',
  txid_current_if_assigned: 'session',
  txid_current_snapshot: 'session',
};

/** Written without brackets. */
const words: Readonly<Record<string, NoiseSource['source']>> = {
  current_date: 'clock',
  current_time: 'clock',
  current_timestamp: 'clock',
  localtime: 'clock',
  localtimestamp: 'clock',
  current_role: 'session',
  current_user: 'session',
  session_user: 'session',
  user: 'session',
};

interface Found extends Omit<NoiseSource, 'line'> {
  /** Where it stands: characters of the text. */
  readonly at: number;
}

/** Each call, where it stands, in bodies of functions as well; texts and comments are none. */
export async function noiseIn(sql: string): Promise<NoiseSource[]> {
  const parser = await loadParser();
  const whole = withoutPlaceholders(sql);
  const tree = parsed(parser, whole);
  if (tree !== null) return inTree(parser, tree, whole);
  // A statement that nobody can read does not hide the others.
  const found: NoiseSource[] = [];
  for (const { text, line } of splitStatements(whole)) {
    const own = parsed(parser, text);
    const noise = own === null ? inWords(text, 1) : inTree(parser, own, text);
    found.push(...noise.map((one) => ({ ...one, line: one.line + line - 1 })));
  }
  return found;
}

function parsed(parser: Parser, sql: string): unknown {
  try {
    return parser.parse(sql);
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return null;
  }
}

function inTree(parser: Parser, tree: unknown, sql: string): NoiseSource[] {
  const outer = noisyNodes(tree, sql).map(({ at, ...one }) => ({ ...one, line: lineAt(sql, at) }));
  const inner = innerOf(parser, tree, sql).flatMap(({ tree: own, text, at, line }) => {
    const begin = lineAt(sql, offsetOf(sql, at)) + line;
    if (own === null) return inWords(text, begin);
    return noisyNodes(own, text).map(({ at: place, ...one }) => ({
      ...one,
      line: begin + lineAt(text, place) - 1,
    }));
  });
  return [...outer, ...inner].sort((a, b) => a.line - b.line);
}

function lineAt(sql: string, at: number): number {
  return lineBreaksIn(sql.slice(0, at)) + 1;
}

function noisyNodes(tree: unknown, sql: string): Found[] {
  const found: Found[] = [];
  walk(tree, (key, fields) => {
    const noise = noisyNode(key, fields);
    if (noise !== null) found.push({ ...noise, at: offsetOf(sql, Number(fields.location ?? 0)) });
  });
  return found.sort((a, b) => a.at - b.at);
}

function noisyNode(key: string, fields: Fields): Omit<Found, 'at'> | null {
  if (key === 'SQLValueFunction') {
    const name = String(fields.op)
      .replace(/^SVFOP_/, '')
      .replace(/_N$/, '')
      .toLowerCase();
    const source = words[name];
    return source === undefined ? null : { function: name, source };
  }
  if (key === 'FuncCall') {
    const name = namesIn(fields.funcname).at(-1)?.toLowerCase() ?? '';
    const isPair = Array.isArray(fields.args) && fields.args.length > 1;
    const source = Object.hasOwn(noisyFunctions, name) ? noisyFunctions[name] : undefined;
    return source === undefined || (name === 'age' && isPair)
      ? null
      : { function: `${name}()`, source };
  }
  if (key === 'TypeCast') {
    const type = isFields(fields.typeName) ? namesIn(fields.typeName.names).at(-1) : '';
    const text = textOf(fields.arg)?.trim().toLowerCase() ?? '';
    return /^(now|today|tomorrow|yesterday)$/.test(text) && /^(date|time)/.test(type ?? '')
      ? { function: `'${text}'`, source: 'clock' }
      : null;
  }
  if (key === 'RangeTableSample' && fields.repeatable === undefined)
    return { function: 'tablesample', source: 'random' };
  return null;
}

/** Where the parser cannot follow: names before a bracket. `line`: that of the text's first one. */
function inWords(text: string, line: number): NoiseSource[] {
  const tokens = tokensOf(text).filter(({ kind }) => kind !== 'blank');
  return tokens.flatMap((token: Token, at): NoiseSource[] => {
    if (token.kind !== 'word') return [];
    const name = token.text.toLowerCase();
    const isCall = tokens[at + 1]?.text === '(' && name !== 'age';
    const source = isCall ? noisyFunctions[name] : name === 'user' ? undefined : words[name];
    if (source === undefined) return [];
    const own = line + lineAt(text, token.at) - 1;
    return [{ function: isCall ? `${name}()` : name, source, line: own }];
  });
}
