import { outlineOf } from '../script.ts';
import { literal } from './names.ts';
import { type Fields, isFields, namesIn, type Parser, SyntaxFault, walk } from './parser.ts';

/** SQL that stands within the text of a function or a DO block. */
export interface Inner {
  /** What the parser made of it; null: it is no SQL, or not alone. */
  readonly tree: unknown;
  readonly text: string;
  /** Where the text of the function is named in the statement, in bytes, and how many lines further this begins. */
  readonly at: number;
  readonly line: number;
}

/**
 * The SQL within what a statement makes or does: bodies of functions in SQL and PL/pgSQL, and DO blocks. Of any other
 * language, and where the parser cannot follow, it is the whole text.
 */
export function innerOf(parser: Parser, statement: unknown, sql: string): Inner[] {
  const found: Inner[] = [];
  walk(statement, (key, fields) => {
    if (key !== 'CreateFunctionStmt' && key !== 'DoStmt') return;
    const { language, body, at } = bodyOf(fields.options ?? fields.args);
    if (body === null) return;
    const inner =
      language === 'plpgsql'
        ? ofPlpgsql(parser, body, key === 'DoStmt' ? asFunction(body) : sql)
        : [language === 'sql' ? parsed(parser, body, 0) : notSql(body)];
    found.push(...inner.map((one) => ({ ...one, at })));
  });
  return found;
}

function bodyOf(options: unknown) {
  let [language, body, at]: [string, string | null, number] = ['plpgsql', null, 0];
  for (const option of Array.isArray(options) ? options : []) {
    const { defname, arg, location } = ((option as Fields).DefElem ?? {}) as Fields;
    const texts = isFields(arg) && isFields(arg.List) ? namesIn(arg.List.items) : namesIn([arg]);
    if (defname === 'language') language = (texts[0] ?? '').toLowerCase();
    if (defname !== 'as') continue;
    body = texts[0] ?? null;
    at = Number(location ?? 0);
  }
  return { language, body, at };
}

function asFunction(body: string): string {
  return `CREATE FUNCTION block() RETURNS void LANGUAGE plpgsql AS ${literal(body)}`;
}

type Part = Omit<Inner, 'at'>;

function ofPlpgsql(parser: Parser, body: string, sql: string): Part[] {
  const found: Part[] = [];
  let line = 0;
  try {
    walk(parser.parsePlpgsql(sql), (key, fields) => {
      const { lineno, query, parseMode } = fields;
      if (typeof lineno === 'number') line = lineno - 1;
      // EXECUTE: its texts are pieces of SQL.
      const dynamic = /_dyn/.test(key) ? query : fields.dynquery;
      if (isFields(dynamic) && isFields(dynamic.PLpgSQL_expr))
        found.push({ tree: null, text: String(dynamic.PLpgSQL_expr.query), line });
      if (key !== 'PLpgSQL_expr' || typeof query !== 'string') return;
      found.push(parsed(parser, asStatement(query, Number(parseMode ?? 0)), line));
    });
    return found;
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return [notSql(body)];
  }
}

/** How the server parses it (RawParseMode): a statement, a type, an expression, or an assignment. */
function asStatement(query: string, mode: number): string {
  if (mode === 0) return query;
  return `SELECT ${mode <= 2 ? query : query.slice(outlineOf(query).search(/:?=/) + 1).replace(/^=/, '')}`;
}

function notSql(text: string): Part {
  return { tree: null, text, line: 0 };
}

function parsed(parser: Parser, text: string, line: number): Part {
  try {
    return { tree: parser.parse(text), text, line };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return { tree: null, text, line };
  }
}
