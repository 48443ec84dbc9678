import type { RawStmt } from 'libpg-query';
import { GreenlightError } from '../../errors.ts';
import type { Script } from '../engine.ts';
import { excerpt } from '../excerpt.ts';
import { standardLexis } from '../lexis.ts';
import { checkPlaceholders, type Filling, fillPlaceholders } from '../placeholders.ts';
import { lineBreaksIn, type Statement, tokensOf } from '../script.ts';
import { type Fields, isFields, namesIn, type Parser, SyntaxFault, walk } from './parser.ts';

/** A statement as it is written, which people are told of, and as it runs. */
export interface ReadyStatement extends Statement {
  readonly sql: string;
  /** What the parser made of `sql`. */
  readonly tree: unknown;
}

/**
 * The statements of a file, split by PostgreSQL's own parser: the body of a function may hold semicolons.
 * @throws GreenlightError, with file and line, for what is no SQL, and for an unknown placeholder; then nothing has run.
 */
export function readStatements(
  parser: Parser,
  script: Script,
  fillings: ReadonlyMap<string, Filling> | null,
): ReadyStatement[] {
  if (fillings !== null) checkPlaceholders(script, [...fillings.keys()], standardLexis);
  const plain = fillings === null ? script.text : withoutPlaceholders(script.text);
  return statementsOf(parser, script, plain).map(({ at, stmt, ...statement }) => {
    if (fillings === null) return { ...statement, sql: statement.text, tree: stmt };
    const text = script.text.slice(at, at + statement.text.length);
    const own = { ...statement, text };
    const sql = fillPlaceholders(script, own, fillings);
    return { ...own, sql, tree: parseOne(parser, script, own, sql) };
  });
}

/** The file with a text where a placeholder is, as long as it was: everything else stands where it stood. */
export function withoutPlaceholders(sql: string): string {
  if (!sql.includes('{{')) return sql;
  const placeholder = /\{\{(\s*[\p{L}_][\p{L}\p{N}_]*\s*)\}\}/uy;
  let [plain, end] = ['', 0];
  for (const { kind, at } of tokensOf(sql)) {
    if (kind !== 'sign' || at < end) continue;
    placeholder.lastIndex = at;
    const [written, name = ''] = placeholder.exec(sql) ?? [];
    if (written === undefined) continue;
    plain += `${sql.slice(end, at)}' ${name} '`;
    end = at + written.length;
  }
  return plain + sql.slice(end);
}

interface Placed extends Statement {
  /** Where the text begins, in the file. */
  readonly at: number;
  readonly stmt: unknown;
}

function statementsOf(parser: Parser, script: Script, sql: string): Placed[] {
  // A byte order mark is blank, but not for the parser.
  const text = sql.replace(/^\uFEFF/, ' ');
  const bytes = Buffer.from(text);
  const place = places(text, sql.length - sql.replace(/^\uFEFF/, '').length);
  let [from, begin] = [0, 0];
  return rawStatements(parser, script, text).map(({ stmt, stmt_location: at = 0, stmt_len }) => {
    const end = stmt_len === undefined ? bytes.length : at + stmt_len;
    // Ever further on: a file may hold a great many statements.
    begin += bytes.subarray(from, at).toString().length;
    from = at;
    const raw = bytes.subarray(at, end).toString();
    const blanks = leadingBlanks(raw);
    const own = withoutTrailingComments(raw.slice(blanks).replace(/[\s;]+$/, ''));
    return { text: own, at: begin + blanks, stmt, ...place(begin + blanks) };
  });
}

/** Line and column of ever later offsets, from 1. */
function places(text: string, first: number): (offset: number) => { line: number; column: number } {
  let [line, counted, lineStart] = [1, 0, first];
  return (offset) => {
    const between = text.slice(counted, offset);
    line += lineBreaksIn(between);
    const last = Math.max(between.lastIndexOf('\n'), between.lastIndexOf('\r'));
    if (last !== -1) lineStart = counted + last + 1;
    counted = offset;
    return { line, column: offset - lineStart + 1 };
  };
}

function rawStatements(parser: Parser, script: Script, text: string): RawStmt[] {
  try {
    return parser.parse(text).stmts ?? [];
  } catch (error) {
    throw syntaxError(script, text, 1, error);
  }
}

function parseOne(parser: Parser, script: Script, { line }: Statement, sql: string): unknown {
  try {
    const statements = parser.parse(sql).stmts ?? [];
    if (statements.length === 1) return statements[0]?.stmt;
  } catch (error) {
    throw syntaxError(script, sql, line, error);
  }
  throw new GreenlightError({
    what: 'With its placeholders filled in, this is no longer one statement.',
    where: `${script.file}:${line}`,
    help: 'A placeholder stands for one value.',
  });
}

function leadingBlanks(raw: string): number {
  const first = tokensOf(raw).find(({ kind, text }) => kind !== 'blank' && text !== ';');
  return first?.at ?? 0;
}

function withoutTrailingComments(text: string): string {
  const last = tokensOf(text).findLast(({ kind }) => kind !== 'blank');
  return last === undefined ? text : text.slice(0, last.at + last.text.length);
}

function syntaxError(script: Script, sql: string, line: number, error: unknown): unknown {
  if (!(error instanceof SyntaxFault)) return error;
  const at = Math.max(Math.min(error.at, sql.trimEnd().length - 1), 0);
  const own = line + lineBreaksIn(sql.slice(0, at));
  const text = sql.split(/\r\n|\r|\n/)[own - line] ?? '';
  // As in `\i other.sql`.
  const [psql] = /^\s*\\\S*/.exec(text) ?? [];
  if (psql !== undefined) {
    return new GreenlightError({
      what: `${psql.trim()} is a command of psql, not SQL.`,
      where: `${script.file}:${own}`,
      help: 'Write it in SQL, one file for each \\i; or run psql as a command: simulate.run and migrate.command take commands.',
    });
  }
  return new GreenlightError({
    what: `A statement is no SQL that PostgreSQL understands:\n${excerpt({ text, line: own })}`,
    where: `${script.file}:${own}`,
    cause: error.message,
    help: 'Mend the statement, then run the same command again.',
  });
}

// ---------------------------------------------------------------------------------------------
// What a statement is

/** What ends, begins or saves a transaction; null for other statements. */
export function transactionKind({ tree }: ReadyStatement): string | null {
  const node = nodeOf(tree, 'TransactionStmt');
  return node === null ? null : String(node.kind);
}

/** A script that leaves its own transaction open has not come to its end. */
export function leavesOpen(statements: readonly ReadyStatement[]): ReadyStatement | null {
  let open: ReadyStatement | null = null;
  for (const statement of statements) {
    const kind = transactionKind(statement);
    const chains = nodeOf(statement.tree, 'TransactionStmt')?.chain === true;
    if (/^TRANS_STMT_(BEGIN|START)$/.test(kind ?? '') || chains) open = statement;
    else if (/^TRANS_STMT_(COMMIT|ROLLBACK|PREPARE)$/.test(kind ?? '')) open = null;
  }
  return open;
}

/** Why the statement cannot run in a transaction with others: what it is. Null: it can. */
export function cannotBeWrapped(
  { tree, sql }: ReadyStatement,
  later: readonly ReadyStatement[],
): string | null {
  if (!isFields(tree)) return null;
  const [kind = '', node] = Object.entries(tree)[0] ?? [];
  if (!isFields(node)) return null;
  return (wrappingFaults[kind] ?? (() => null))(node, { sql, later });
}

interface Around {
  readonly sql: string;
  readonly later: readonly ReadyStatement[];
}

const wrappingFaults: Readonly<Record<string, (node: Fields, around: Around) => string | null>> = {
  TransactionStmt: () => 'transaction control of its own',
  IndexStmt: ({ concurrent }) => when(concurrent, 'CREATE INDEX CONCURRENTLY'),
  DropStmt: ({ concurrent }) => when(concurrent, 'DROP INDEX CONCURRENTLY'),
  ReindexStmt: ({ kind, params }) =>
    hasOption(params, 'concurrently')
      ? 'REINDEX CONCURRENTLY'
      : when(/SCHEMA|SYSTEM|DATABASE/.test(String(kind)), 'REINDEX of a schema or database'),
  VacuumStmt: ({ is_vacuumcmd: isVacuum }) => when(isVacuum, 'VACUUM'),
  ClusterStmt: ({ relation }) => when(relation === undefined, 'CLUSTER of all tables'),
  AlterSystemStmt: () => 'ALTER SYSTEM',
  AlterTableStmt: (node) => when(detaches(node), 'DETACH PARTITION CONCURRENTLY'),
  AlterEnumStmt: ({ newVal }, { later }) =>
    when(
      typeof newVal === 'string' && later.some(({ sql }) => sql.includes(newVal)),
      'ALTER TYPE ... ADD VALUE, whose value is used further down,',
    ),
  CreateTableSpaceStmt: () => 'CREATE TABLESPACE',
  DropTableSpaceStmt: () => 'DROP TABLESPACE',
  CreateSubscriptionStmt: () => 'CREATE SUBSCRIPTION',
  AlterSubscriptionStmt: () => 'ALTER SUBSCRIPTION',
  DropSubscriptionStmt: () => 'DROP SUBSCRIPTION',
  DiscardStmt: ({ target }) => when(target === 'DISCARD_ALL', 'DISCARD ALL'),
  DoStmt: ({ args }) => when(commits(args), 'a DO block that commits'),
};

function when(holds: unknown, what: string): string | null {
  return holds === true ? what : null;
}

function hasOption(options: unknown, name: string): boolean {
  return (Array.isArray(options) ? options : []).some(
    (one) => isFields(one) && isFields(one.DefElem) && one.DefElem.defname === name,
  );
}

function detaches(node: Fields): boolean {
  let found = false;
  walk(node, (_, { subtype, def }) => {
    if (subtype !== 'AT_DetachPartition' || !isFields(def) || !isFields(def.PartitionCmd)) return;
    found ||= def.PartitionCmd.concurrent === true;
  });
  return found;
}

function commits(options: unknown): boolean {
  return (Array.isArray(options) ? options : []).some((one) => {
    const { defname, arg } = ((one as Fields).DefElem ?? {}) as Fields;
    return defname === 'as' && namesIn([arg]).some(holdsCommit);
  });
}

/** In the body of a procedure: a text or a comment that says commit is none. */
export function holdsCommit(body: string): boolean {
  const words = tokensOf(body).filter(({ kind }) => kind !== 'blank');
  return words.some(
    ({ kind, text }, at) =>
      kind === 'word' &&
      /^(commit|rollback)$/i.test(text) &&
      /^(;|and)$/i.test(words[at + 1]?.text ?? ''),
  );
}

/** The procedure that a CALL names: its schema, if it is named, and its name. */
export function calledProcedure({ tree }: ReadyStatement): string[] | null {
  const call = nodeOf(tree, 'CallStmt');
  return call === null || !isFields(call.funccall) ? null : namesIn(call.funccall.funcname);
}

/** Why no script may hold this at all; null: it may. */
export function refusalOf({ tree }: ReadyStatement): string | null {
  if (nodeOf(tree, 'CreatedbStmt') !== null || nodeOf(tree, 'DropdbStmt') !== null)
    return 'A script works on the database that it runs in; it makes and drops none.';
  const copy = nodeOf(tree, 'CopyStmt');
  if (copy !== null && copy.filename === undefined)
    return 'COPY from standard input or to standard output needs psql: there is none here. Write INSERT, or name a file of the server.';
  return null;
}

function nodeOf(tree: unknown, kind: string): Fields | null {
  const node = isFields(tree) ? tree[kind] : undefined;
  return isFields(node) ? node : null;
}
