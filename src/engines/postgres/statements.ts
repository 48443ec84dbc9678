import type { RawStmt } from 'libpg-query';
import { GreenlightError } from '../../errors.ts';
import type { Script } from '../engine.ts';
import { checkPlaceholders, type Filling, fillPlaceholders } from '../placeholders.ts';
import { lineBreaksIn, type Statement, tokensOf } from '../script.ts';
import {
  type Fields,
  isFields,
  namesIn,
  offsetOf,
  type Parser,
  SyntaxFault,
  walk,
} from './parser.ts';

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
  // Commands of psql first: the parser has no word for them.
  refusePsql(script);
  if (fillings !== null) checkPlaceholders(script, [...fillings.keys()]);
  const plain = fillings === null ? script.text : withoutPlaceholders(script.text);
  return statementsOf(parser, script, plain).map((statement) => {
    const text = script.text.slice(statement.at, statement.at + statement.text.length);
    const own = { text, line: statement.line, column: statement.column };
    const sql = fillings === null ? text : fillPlaceholders(script, own, fillings);
    return { ...own, sql, tree: parseOne(parser, script, own, sql) };
  });
}

/** The file with a text where a placeholder is, as long as it was: everything else stands where it stood. */
export function withoutPlaceholders(sql: string): string {
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

function statementsOf(parser: Parser, script: Script, sql: string): (Statement & { at: number })[] {
  // A byte order mark is blank, but not for the parser.
  const text = sql.replace(/^\uFEFF/, ' ');
  const bytes = Buffer.from(text);
  return rawStatements(parser, script, text).map(
    ({ stmt_location: from = 0, stmt_len: length }) => {
      const end = length === undefined ? bytes.length : from + length;
      const raw = bytes.subarray(from, end).toString();
      const start = bytes.subarray(0, from).toString().length + leadingBlanks(raw);
      const own = text.slice(start, offsetOf(text, end)).replace(/[\s;]+$/, '');
      const before = text.slice(0, start);
      const column = start - Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r'));
      return {
        text: withoutTrailingComments(own),
        at: start,
        line: lineBreaksIn(before) + 1,
        column,
      };
    },
  );
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
  const at = Math.min(error.at, sql.trimEnd().length - 1);
  const own = line + lineBreaksIn(sql.slice(0, Math.max(at, 0)));
  return new GreenlightError({
    what: `A statement is no SQL that PostgreSQL understands:\n${excerpt({ text: linesFrom(sql, own - line), line: own })}`,
    where: `${script.file}:${own}`,
    cause: error.message,
    help: 'Mend the statement, then run the same command again.',
  });
}

function linesFrom(sql: string, line: number): string {
  return sql
    .split(/\r\n|\r|\n/)
    .slice(line, line + 1)
    .join('\n');
}

/** `\i`, `\copy`, `\connect` are commands of psql, not SQL. */
function refusePsql(script: Script): void {
  let at = 0;
  for (const token of tokensOf(script.text)) {
    at = token.at;
    if (token.text !== '\\') continue;
    const [written] = /^\\\S*/.exec(script.text.slice(at)) ?? ['\\'];
    throw new GreenlightError({
      what: `${written} is a command of psql, not SQL.`,
      where: `${script.file}:${lineBreaksIn(script.text.slice(0, at)) + 1}`,
      help: 'Write it in SQL, one file for each \\i; or run psql as a command: simulate.run and migrate.command take commands.',
    });
  }
}

/** The first lines of a statement, with their numbers. */
export function excerpt({ text, line }: Pick<Statement, 'text' | 'line'>): string {
  const lines = text.split(/\r?\n/);
  const shown = lines
    .slice(0, 8)
    .map((content, at) => `  ${String(line + at).padStart(4)} | ${content.slice(0, 160)}`);
  return [
    ...shown,
    ...(lines.length > 8 ? [`       | ... ${lines.length - 8} more lines`] : []),
  ].join('\n');
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
