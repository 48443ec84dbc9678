import { GreenlightError } from '../../errors.ts';
import type { Location, Script } from '../engine.ts';
import { excerpt } from '../excerpt.ts';
import { type Filling, fillPlaceholders } from '../placeholders.ts';
import { type Batch, batchesOf, lineOf } from './batches.ts';
import { codeOf, contentOf, identifierOf, keywordOf, type Token, tokensOf } from './lexer.ts';
import { lexis } from './lexis.ts';
import { databaseOf } from './names.ts';

/** A batch as it is written, which people are told of, and as it runs. */
export interface ReadyBatch extends Batch {
  readonly sql: string;
  /** Of `sql`, without blanks. */
  readonly code: readonly Token[];
}

/**
 * The batches of a file. SQL Server alone reads the statements within: T-SQL needs no semicolons between them.
 * @throws GreenlightError, with file and line, for what nobody could run; then nothing has run.
 */
export function readBatches(
  script: Script,
  variables: ReadonlyMap<string, string>,
  fillings: ReadonlyMap<string, Filling> | null,
): ReadyBatch[] {
  return batchesOf(script, variables).map((batch) => {
    refuseOpen(script, batch);
    const place = { text: batch.text, line: batch.line, column: 1 };
    const sql = fillings === null ? batch.text : fillPlaceholders(script, place, fillings, lexis);
    return { ...batch, sql, code: codeOf(sql) };
  });
}

function refuseOpen(script: Script, batch: Batch): void {
  const open = tokensOf(batch.text).find(({ closed }) => !closed);
  if (open === undefined) return;
  const what = { blank: 'comment', text: 'text', name: 'quoted name', word: '', sign: '' }[
    open.kind
  ];
  const line = batch.line + lineOf(batch.text, open) - 1;
  throw new GreenlightError({
    what: `A ${what} is never closed:\n${excerpt({ text: open.text, line })}`,
    where: `${script.file}:${line}`,
    help: 'Close it, then run the same command again.',
  });
}

/** Each query of a batch that holds nothing else, where semicolons tell them apart; else the batch whole. */
export function queriesOf(batch: ReadyBatch): { readonly sql: string; readonly line: number }[] {
  const pieces: Token[][] = [[]];
  for (const token of batch.code) {
    if (token.text === ';' && token.kind === 'sign') pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  const queries = pieces.filter(({ length }) => length > 0);
  const areAll = queries.every(
    ([first]) => /^(select|with)$/.test(keywordOf(first)) || first?.text === '(',
  );
  if (!areAll) return [{ sql: batch.sql, line: batch.line }];
  return queries.map((tokens) => {
    const [first, last] = [tokens[0] as Token, tokens.at(-1) as Token];
    return {
      sql: batch.sql.slice(first.at, last.at + last.text.length),
      line: batch.line + lineOf(batch.sql, first) - 1,
    };
  });
}

// ---------------------------------------------------------------------------------------------
// What a batch is

/** Words, and how a person would call the statement that they begin. */
interface Found {
  readonly what: string;
  /** In the file. */
  readonly line: number;
}

/**
 * What SQL Server does not run in a transaction of ours (error 226 and its like), and what has transactions of its own.
 * The words are reserved: outside of texts and quoted names they are nothing else.
 */
export function outsideOf(batch: ReadyBatch): Found | null {
  if (isDefinition(batch)) return null;
  return found(batch, (at, words) => {
    for (const [phrase, but] of phrasesOutside) {
      if (matches(batch.code, at, phrase) && !(but?.test(words(-3)) ?? false))
        return phrase.join(' ');
    }
    return null;
  });
}

/** GRANT and its like name rights by the same words. */
const rights = /\b(grant|revoke|deny|for|,|any)\b/;
/** `COMMIT` and `ROLLBACK` also end what a batch has begun itself. */
const phrasesOutside: readonly (readonly [readonly string[], RegExp?])[] = [
  [['begin', 'tran']],
  [['begin', 'transaction']],
  [['begin', 'distributed', 'tran']],
  [['begin', 'distributed', 'transaction']],
  [['commit']],
  [['rollback']],
  [['alter', 'database'], rights],
  [['create', 'database'], rights],
  [['drop', 'database']],
  [['backup', 'database'], rights],
  [['backup', 'log'], rights],
  [['backup', 'certificate']],
  [['restore']],
  [['create', 'fulltext']],
  [['alter', 'fulltext']],
  [['drop', 'fulltext']],
  [['create', 'server', 'audit']],
  [['alter', 'server', 'configuration']],
  [['kill']],
  [['reconfigure']],
  [['shutdown']],
  [['sp_addlinkedserver']],
  [['sp_dropserver']],
  [['sp_fulltext_catalog']],
  [['sp_fulltext_column']],
  [['sp_fulltext_database']],
  [['sp_fulltext_service']],
  [['sp_fulltext_table']],
  // DDL of tables in memory, and of natively compiled modules.
  [['memory_optimized']],
  [['native_compilation']],
  [['resumable', '=', 'on']],
];

/** `CREATE [OR ALTER] PROCEDURE` and the like take all of their batch: it runs when they are called. */
function isDefinition({ code }: ReadyBatch): boolean {
  const [first, second, third, fourth] = code.slice(0, 4).map(keywordOf);
  if (first !== 'create' && first !== 'alter') return false;
  const kind = second === 'or' && third === 'alter' ? fourth : second;
  const isNative = code.some((token) => keywordOf(token) === 'native_compilation');
  return /^(proc|procedure|function|trigger|view)$/.test(kind ?? '') && !isNative;
}

/** What in a batch does more than read: none of it can stand in a query. */
export function writingIn(batch: ReadyBatch): Found | null {
  const called = initialProcedure(batch.code);
  return found(batch, (at) => {
    if (at === called) return identifierOf(batch.code[at] as Token);
    const word = keywordOf(batch.code[at]);
    if (matches(batch.code, at, ['next', 'value', 'for'])) return 'next value for';
    if (
      matches(batch.code, at, ['begin', 'tran']) ||
      matches(batch.code, at, ['begin', 'transaction'])
    )
      return 'begin transaction';
    return writing.has(word) ? word : null;
  });
}

const writing: ReadonlySet<string> = new Set([
  'insert',
  'update',
  'delete',
  'merge',
  'truncate',
  'into',
  'create',
  'alter',
  'drop',
  'exec',
  'execute',
  'grant',
  'revoke',
  'deny',
  'bulk',
  'dbcc',
  'backup',
  'restore',
  'kill',
  'shutdown',
  'use',
  'reconfigure',
  'checkpoint',
  'commit',
  'rollback',
  'save',
  'writetext',
  'updatetext',
  'openquery',
  'openrowset',
  'opendatasource',
]);

function found(
  batch: ReadyBatch,
  look: (at: number, words: (before: number) => string) => string | null,
): Found | null {
  for (const [at, token] of batch.code.entries()) {
    const words = (before: number) =>
      batch.code
        .slice(Math.max(0, at + before), at)
        .map(({ text }) => text.toLowerCase())
        .join(' ');
    const what = look(at, words);
    if (what !== null)
      return { what: what.toUpperCase(), line: batch.line + lineOf(batch.sql, token) - 1 };
  }
  return null;
}

function matches(code: readonly Token[], at: number, phrase: readonly string[]): boolean {
  return phrase.every((word, nth) => {
    const token = code[at + nth];
    return token?.kind === 'word' || token?.kind === 'sign'
      ? token.text.toLowerCase() === word
      : false;
  });
}

// ---------------------------------------------------------------------------------------------
// What a batch names

/** Databases that no script of a session may name, in lower case: on most servers their names have no case. */
export type Reach = ReadonlySet<string>;

export function reachOf(at: Location, forbidden: readonly Location[]): Reach {
  const own = databaseOf(at).toLowerCase();
  return new Set(
    forbidden.map((one) => databaseOf(one).toLowerCase()).filter((name) => name !== own),
  );
}

/** @throws GreenlightError when the batch names what it must not touch, or leaves its database. */
export function refuseForbidden(
  script: Script,
  batch: ReadyBatch,
  at: Location,
  reach: Reach,
): void {
  const left = usedDatabase(batch, at);
  const named = left === null || reach.has(left.what.toLowerCase()) ? namedIn(batch, reach) : null;
  const fault = named ?? left;
  if (fault === null) return;
  const isForbidden = reach.has(fault.what.toLowerCase());
  throw new GreenlightError({
    what: isForbidden
      ? `The script names a database that it must not touch: live, another one of the release, or the ledger.\n${excerpt(batch)}`
      : `The script leaves the database that it runs in.\n${excerpt(batch)}`,
    where: `${script.file}:${fault.line}`,
    cause: isForbidden ? `it names ${fault.what}` : `USE ${fault.what}`,
    help: 'Scripts work on the database that they run in: leave USE, and the name of the database in front of schemas, out.',
  });
}

function usedDatabase({ code, line, sql }: ReadyBatch, at: Location): Found | null {
  for (const [nth, token] of code.entries()) {
    const next = code[nth + 1];
    if (keywordOf(token) !== 'use' || next === undefined) continue;
    const name = identifierOf(next);
    // OPTION (USE HINT ('...')), OPTION (USE PLAN N'...')
    const isHint = /^(hint|plan)$/.test(keywordOf(next)) && code[nth + 2]?.kind !== undefined;
    if (name === null || (isHint && code[nth - 1]?.text !== ';')) continue;
    if (name.toLowerCase() === databaseOf(at).toLowerCase()) continue;
    return { what: name, line: line + lineOf(sql, token) - 1 };
  }
  return null;
}

function namedIn({ code, sql, line }: ReadyBatch, reach: Reach): Found | null {
  const first = initialProcedure(code);
  const runsTexts =
    first !== null || code.some((token) => running.has((identifierOf(token) ?? '').toLowerCase()));
  const called = argumentsIn(code, first);
  for (const [at, token] of code.entries()) {
    const named =
      token.kind === 'text'
        ? namedInText(contentOf(token.text), reach, runsTexts)
        : namedInCode(code, at, reach, called);
    if (named !== null) return { what: named, line: line + lineOf(sql, token) - 1 };
  }
  return null;
}

/** `live.dbo.t`, `live..t`, `USE live`, `DROP DATABASE IF EXISTS other, live`, `sp_renamedb live, other`. */
function namedInCode(
  code: readonly Token[],
  at: number,
  reach: Reach,
  called: ReadonlySet<number>,
): string | null {
  const name = identifierOf(code[at] as Token);
  if (name === null || !reach.has(name.toLowerCase())) return null;
  const isFirstOfThree =
    code[at + 1]?.text === '.' && (code[at + 2]?.text === '.' || code[at + 3]?.text === '.');
  return isFirstOfThree || called.has(at) || isNamedAsDatabase(code, at) ? name : null;
}

/** As in `DATABASE IF EXISTS a, live` and `DATABASE::live`. */
function isNamedAsDatabase(code: readonly Token[], at: number): boolean {
  let before = at - 1;
  while (code[before]?.text === ',' && identifierOf(code[before - 1] ?? noToken) !== null)
    before -= 2;
  if (code[before]?.text === '(' && keywordOf(code[before - 2]) === 'dbcc') return true;
  const between = [
    ['if', 'exists'],
    [':', ':'],
  ].find((two) => matches(code, before - 1, two));
  before -= between?.length ?? 0;
  return beforeDatabase.some((phrase) => matches(code, before + 1 - phrase.length, phrase));
}

const beforeDatabase: readonly (readonly string[])[] = [
  ['use'],
  ['database'],
  ['backup', 'log'],
  ['restore', 'log'],
  ['snapshot', 'of'],
  ['copy', 'of'],
];

/** What runs a text, or connects with it. */
const running: ReadonlySet<string> = new Set([
  'exec',
  'execute',
  'sp_executesql',
  'openquery',
  'openrowset',
  'opendatasource',
  'dbcc',
]);

/** In SQL within a text; and, where the batch runs texts, as all that a text says: it may be put together with others. */
function namedInText(text: string, reach: Reach, runsTexts: boolean): string | null {
  const code = codeOf(text);
  const first = runsTexts ? initialProcedure(code) : null;
  // Not by any name: every text of two words looks like a call.
  const isCall = first !== null && /^\W?sp_/i.test(code[first]?.text ?? '');
  const called = argumentsIn(code, isCall ? first : null);
  for (const [at, token] of code.entries()) {
    const named =
      token.kind === 'text' && runsTexts
        ? namedInText(contentOf(token.text), reach, runsTexts)
        : namedInCode(code, at, reach, called);
    if (named !== null) return named;
  }
  const bare = text.trim().replace(/^\[(.*?)\]?\.?$|^(.*?)\.$/s, '$1$2');
  if (runsTexts && reach.has(bare.toLowerCase())) return bare;
  const [, connected] = /(?:database|initial catalog)\s*=\s*([^;]+)/i.exec(text) ?? [];
  return connected !== undefined && reach.has(connected.trim().toLowerCase())
    ? connected.trim()
    : null;
}

// ---------------------------------------------------------------------------------------------
// What a batch calls

/** Where the procedure stands that a batch begins with: there it needs no EXECUTE. Null: it begins with a statement. */
function initialProcedure(code: readonly Token[]): number | null {
  const at = code.findIndex(({ text }) => text !== ';');
  const first = code[at] ?? noToken;
  const isLabel = code[at + 1]?.text === ':';
  if (identifierOf(first) === null || /^[@\d]/.test(first.text) || isLabel) return null;
  return beginning.has(keywordOf(first)) ? null : at;
}

/** The words that statements begin with. */
const beginning: ReadonlySet<string> = new Set(
  `add alter backup begin break bulk checkpoint close commit continue create dbcc deallocate declare delete deny disable
   drop enable end exec execute fetch get goto grant if insert kill lineno merge move open print raiserror readtext receive
   reconfigure restore return revert revoke rollback save select send set setuser shutdown throw truncate update
   updatetext use waitfor while with writetext`.split(/\s+/),
);

/** Where the arguments of procedures stand: a bare word among them is a text. */
function argumentsIn(code: readonly Token[], initial: number | null): ReadonlySet<number> {
  const calls = code.flatMap((token, at) => {
    if (!/^exec(ute)?$/.test(keywordOf(token))) return [];
    const keepsResult = code[at + 2]?.text === '=';
    return [at + (keepsResult ? 3 : 1)];
  });
  if (initial !== null) calls.push(initial);
  return new Set(calls.flatMap((name) => argumentsOf(code, name)));
}

/** Of the procedure whose name begins there: `a.b.c;1 first, @second = other OUTPUT`. */
function argumentsOf(code: readonly Token[], name: number): number[] {
  if (identifierOf(code[name] ?? noToken) === null) return [];
  let at = name + 1;
  while (code[at]?.text === '.') at += code[at + 1]?.text === '.' ? 1 : 2;
  if (code[at]?.text === ';' && /^\d+$/.test(code[at + 1]?.text ?? '')) at += 2;
  const found: number[] = [];
  for (;;) {
    if (code[at + 1]?.text === '=') at += 2;
    found.push(at);
    at += /^out(put)?$/.test(keywordOf(code[at + 1])) ? 2 : 1;
    if (code[at]?.text !== ',') return found;
    at += 1;
  }
}

const noToken: Token = { kind: 'sign', text: '', at: 0, closed: true };
