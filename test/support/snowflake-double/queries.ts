import type { Moment, View } from './account.ts';
import { encode, encoded } from './duck.ts';
import { notFound, notInTheDouble, SnowflakeFault, unknownFunction } from './errors.ts';
import { known } from './functions.ts';
import { isNode, type Node, parse, toDuck, write, writeType } from './grammar.ts';
import { type Relation, relationOf } from './information-schema.ts';
import type { Session } from './session.ts';
import { typeOf } from './types.ts';

/** A query in DuckDB's words. */
export async function translateQuery(ast: Node, session: Session): Promise<string> {
  const translation = new Translation(session);
  return translation.finish(await translation.node(ast, new Scope([])));
}

/** An expression without tables. */
export async function translateExpression(text: string, session: Session): Promise<string> {
  const sql = await translateQuery(parse(`SELECT ${text}`), session);
  return sql.replace(/^SELECT /, '');
}

export type Path = [string, string, string];

/** Names of CTEs that are known here. */
class Scope {
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names;
  }
}

/** The name of a table as the tree has it. */
export interface TableName {
  readonly name: Identifier;
  readonly schema?: Identifier | null;
  readonly catalog?: Identifier | null;
}

export interface Identifier {
  readonly name: string;
  readonly quoted?: boolean;
}

export function nameOf({ name, quoted }: Identifier): string {
  return quoted ? name : name.toUpperCase();
}

export class Translation {
  readonly #session: Session;
  readonly #types: string[] = [];
  readonly #done = new WeakSet<object>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** The tree as DuckDB's text. */
  finish(ast: Node): string {
    return this.#fill(this.#withTypes(toDuck(write(ast))));
  }

  #withTypes(sql: string): string {
    return sql.replace(/\bSFTYPE_(\d+)\b/g, (_, at: string) => this.#types[Number(at)] ?? '');
  }

  /** Whole trees are made anew: what was parsed stays. */
  async node(value: Node, scope: Scope): Promise<Node> {
    return (await this.#walk(value, scope)) as Node;
  }

  async #walk(value: unknown, scope: Scope): Promise<unknown> {
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const item of value) items.push(await this.#walk(item, scope));
      return items;
    }
    if (!isNode(value) || this.#done.has(value)) return value;
    const inner = scopeWithin(value, scope);
    const special = await this.#special(value, inner);
    if (special !== null) return special;
    if (isIdentifier(value)) return { ...value, name: encode(nameOf(value)), quoted: true };
    const made: Node = {};
    for (const [key, one] of Object.entries(value)) made[key] = await this.#walk(one, inner);
    return made;
  }

  async #special(value: Node, scope: Scope): Promise<unknown> {
    const [key] = Object.keys(value);
    if (key === undefined || Object.keys(value).length !== 1) {
      return isNode(value.to) && 'data_type' in value.to ? this.#cast(value, scope) : null;
    }
    const content = value[key];
    if (!isNode(content)) return null;
    if (key === 'table') return this.#table(content as unknown as TableName & Node, scope);
    if (key === 'function' || key === 'aggregate_function') return this.#function(content, scope);
    if (key === 'lateral') throw notInTheDouble('LATERAL');
    if (key === 'column') return this.#column(content, scope);
    if (key === 'select') return this.#select(content, scope);
    if (key === 'to_char' || key === 'to_varchar') return null;
    const arguments_ = async (...names: readonly string[]) => {
      const walked: unknown[] = [];
      for (const name of names) walked.push(await this.#walk(content[name], scope));
      return walked;
    };
    if (key === 'date_diff') {
      const unit = String(content.unit).toLowerCase();
      return call('SF_DATEDIFF', [literal(unit), ...(await arguments_('expression', 'this'))]);
    }
    if (key === 'array_contains')
      return call('SF_ARRAY_CONTAINS', await arguments_('this', 'expression'));
    if (key === 'parse_json') return call('SF_PARSE_JSON', await arguments_('this'));
    if (key === 'to_json') return call('SF_TO_JSON', await arguments_('this'));
    if (key === 'array_size') return call('SF_ARRAY_SIZE', await arguments_('this'));
    if (key === 'to_number' && content.safe) {
      const [p, s] = [content.precision, content.scale].map((one, at) =>
        one ? textOf(one) : at === 0 ? '38' : '0',
      );
      const { select } = parse(`SELECT TRY_CAST(NULL AS NUMBER(${p}, ${s}))`) as {
        select: { expressions: { try_cast: Node }[] };
      };
      const cast = select.expressions[0]?.try_cast ?? {};
      const [value] = await arguments_('this');
      return { try_cast: { ...cast, this: value, to: this.#type(cast.to) } };
    }
    if ((key === 'cast' || key === 'try_cast') && isNode(content.to))
      return this.#castNode(key, content, scope);
    return null;
  }

  async #select(content: Node, scope: Scope): Promise<Node | null> {
    // HASH_AGG(*) looks at each column of what stands in FROM.
    if (!mentionsStar(content.expressions)) return null;
    const columns = await this.#columnsOf(content, scope);
    const select = { ...content, expressions: withoutStars(content.expressions, columns) };
    const inner = scopeWithin({ select }, scope);
    const made: Node = {};
    for (const [key, one] of Object.entries(select)) made[key] = await this.#walk(one, inner);
    return { select: made };
  }

  async #columnsOf(select: Node, scope: Scope): Promise<string[]> {
    const query = {
      select: {
        ...select,
        expressions: [{ star: { table: null, except: null, replace: null, rename: null } }],
        where_clause: null,
        group_by: null,
        having: null,
        order_by: null,
        limit: null,
        qualify: null,
        distinct: false,
      },
    };
    const other = new Translation(this.#session);
    const sql = other.finish(await other.node(query, scope));
    const { columns } = await this.#session.duck.rows(`SELECT * FROM (${sql}) LIMIT 0`);
    return columns.map(({ name }) => name);
  }

  async #cast(value: Node, scope: Scope): Promise<unknown> {
    const made: Node = {};
    for (const [key, one] of Object.entries(value))
      made[key] = key === 'to' ? this.#type(one) : await this.#walk(one, scope);
    return made;
  }

  async #castNode(key: string, content: Node, scope: Scope): Promise<unknown> {
    const { duckdb, text } = typeOf(writeType(content.to));
    const value = await this.#walk(content.this, scope);
    if (duckdb === 'VARCHAR' && key === 'cast') return call('SF_STR', [value]);
    if (text === 'VARIANT') return call('SF_VARIANT', [value]);
    return { [key]: { ...content, this: value, to: this.#type(content.to) } };
  }

  #type(type: unknown): Node {
    this.#types.push(typeOf(writeType(type)).duckdb);
    return { data_type: 'custom', name: `SFTYPE_${this.#types.length - 1}` };
  }

  async #column(content: Node, scope: Scope): Promise<unknown> {
    const { name, table } = content as unknown as { name: Identifier; table: Identifier | null };
    const own = nameOf(name);
    if (table && own === 'NEXTVAL') {
      const path = this.#session.pathOf({ name: table });
      return call('NEXTVAL', [literal(this.#session.sequence(path))]);
    }
    if (!table && !name.quoted && /^\$\d+$/.test(name.name)) throw notInTheDouble(name.name);
    void scope;
    return null;
  }

  async #function(content: Node, scope: Scope): Promise<unknown> {
    const name = String(content.name).toUpperCase();
    const args = (content.args ?? []) as Node[];
    const fixed = this.#session.fact(name);
    if (fixed !== undefined) return fixed === null ? { null: null } : literal(fixed);
    if (/^(CURRENT_TIMESTAMP|GETDATE|SYSTIMESTAMP|LOCALTIMESTAMP|SYSDATE)$/.test(name)) {
      // The account's clock: nothing that it made is later.
      this.#types.push(name === 'SYSDATE' ? 'TIMESTAMP' : 'TIMESTAMPTZ');
      const to = { data_type: 'custom', name: `SFTYPE_${this.#types.length - 1}` };
      const now = literal(
        this.#session.account
          .now()
          .toISOString()
          .replace('Z', name === 'SYSDATE' ? '' : '+00'),
      );
      return {
        cast: {
          this: now,
          to,
          trailing_comments: [],
          double_colon_syntax: false,
          format: null,
          default: null,
        },
      };
    }
    if (name === 'TABLE' && args.length === 1) return this.#tableFunction(args[0] ?? {}, scope);
    if (name === 'IDENTIFIER') throw notInTheDouble('IDENTIFIER()');
    if (/^SYSTEM\$/.test(name)) throw unknownFunction(name);
    if (!known.has(name)) throw unknownFunction(name);
    const walked = async () => (await this.#walk(args, scope)) as Node[];
    switch (name) {
      case 'HASH':
        return call('SF_HASH', [listOf(await walked())]);
      case 'HASH_AGG':
        return {
          ...(await this.#aggregate('SF_HASH_AGG', [listOf(await walked())], content, scope)),
        };
      case 'TO_VARCHAR':
      case 'TO_CHAR': {
        const [value, format] = await walked();
        if (format === undefined) return call('SF_STR', [value]);
        return call('SF_FORMAT', [value, literal(strftimeOf(textOf(args[1])))]);
      }
      case 'TO_VARIANT':
        return call('SF_VARIANT', await walked());
      case 'DATEADD': {
        const unit = String(((args[0]?.var ?? {}) as Node).this ?? '').toLowerCase();
        // DuckDB's INTERVAL takes constants only.
        if ('literal' in (args[1] ?? {}) || unit === '') return null;
        const [, ...rest] = await walked();
        return call('SF_DATEADD', [literal(unit), ...rest]);
      }
      case 'COLLATE':
        return (await walked())[0];
      case 'GET':
        return call('SF_GET', await walked());
      case 'ARRAY_UNIQUE_AGG':
        return call('SF_UNIQUE', await walked());
      case 'TRY_PARSE_JSON':
        return call('SF_TRY_PARSE_JSON', await walked());
      default:
        return null;
    }
  }

  async #aggregate(name: string, args: unknown[], content: Node, scope: Scope): Promise<Node> {
    return {
      function: { ...content, name, args, filter: await this.#walk(content.filter ?? null, scope) },
    };
  }

  async #tableFunction(argument: Node, scope: Scope): Promise<unknown> {
    const inner = argument.function as Node | undefined;
    const name = String(inner?.name ?? '').toUpperCase();
    const args = (inner?.args ?? []) as Node[];
    if (name === 'RESULT_SCAN') {
      const id = textOf(await this.#walk(args[0], scope));
      return this.#inline(this.#session.resultOf(id), null);
    }
    if (name === 'GENERATOR') {
      const rows = textOf((args[0]?.named_argument as Node | undefined)?.value);
      return call('RANGE', [numberLiteral(rows)]);
    }
    const relation = this.#session.tableFunction(argument);
    if (relation !== null) return this.#inline(relation, null);
    throw notInTheDouble(`TABLE(${name})`);
  }

  async #table(content: TableName & Node, scope: Scope): Promise<unknown> {
    const alias = content.alias as Identifier | null | undefined;
    const own = nameOf(content.name);
    const shown = {
      name: encode(alias ? nameOf(alias) : own),
      quoted: true,
      trailing_comments: [],
    };
    if (!content.schema && scope.names.includes(own)) return null;
    const path = this.#session.pathOf(content);
    const [database, schema] = path;
    if (schema === 'INFORMATION_SCHEMA') {
      const relation = relationOf(this.#session, database, path[2]);
      if (relation === null) throw notFound('Object', path.join('.'));
      return this.#inline(relation, shown);
    }
    const at = await this.#moment(content.when as Node | null | undefined);
    const found = this.#session.relation(path, at);
    if (found.kind === 'VIEW') return this.#view(found.view, path, shown);
    if (content.changes) throw notInTheDouble('CHANGES');
    const made: Node = {
      ...content,
      name: { name: found.version.physical, quoted: true, trailing_comments: [] },
      schema: null,
      catalog: null,
      when: null,
      alias: shown,
      alias_explicit_as: true,
      column_aliases: await this.#walk(content.column_aliases ?? [], scope),
    };
    return { table: made };
  }

  async #view(view: View, path: Path, alias: Node): Promise<Node> {
    // Names within are those of where it stands, whoever asks.
    const within = this.#session.within(path[0], path[1], view.owner);
    const other = new Translation(within);
    const sql = other.finish(await other.node(parse(view.query), new Scope([])));
    const now = await this.#session.duck.rows(`SELECT * FROM (${sql}) LIMIT 0`);
    if (now.columns.length !== view.columns.length) {
      throw syntaxOfView(path, view.columns.length, now.columns.length);
    }
    const names = view.columns.map(({ name }) => encoded(name)).join(', ');
    this.#texts.push(`SELECT * FROM (${sql}) AS v(${names})`);
    return this.#placeholder(alias);
  }

  /** Text of DuckDB's that the grammar of Snowflake must not see: it is put in at the end. */
  readonly #texts: string[] = [];

  #placeholder(alias: Node | null): Node {
    const made: Node = {
      table: {
        name: { name: `SFTEXT_${this.#texts.length - 1}`, quoted: true, trailing_comments: [] },
        schema: null,
        catalog: null,
        alias,
        alias_explicit_as: true,
        column_aliases: [],
        trailing_comments: [],
        when: null,
        only: false,
        final_: false,
        hints: [],
      },
    };
    this.#done.add(made);
    return made;
  }

  #inline(relation: Relation, alias: Node | null): Node {
    const { columns, rows } = relation;
    const types = columns.map(({ type }) => typeOf(type).duckdb);
    const value = (cell: string | null, at: number) =>
      `CAST(${cell === null ? 'NULL' : `'${cell.replaceAll("'", "''")}'`} AS ${types[at]})`;
    const names = columns.map(({ name }) => encoded(name)).join(', ');
    const nothing = columns.map((_, at) => value(null, at)).join(', ');
    this.#texts.push(
      rows.length === 0
        ? `SELECT * FROM (VALUES (${nothing})) AS v(${names}) WHERE false`
        : `SELECT * FROM (VALUES ${rows.map((row) => `(${row.map(value).join(', ')})`).join(', ')}) AS v(${names})`,
    );
    return this.#placeholder(alias);
  }

  async #moment(when: Node | null | undefined): Promise<Moment | null> {
    if (!when) return null;
    const word = nameOf(((when.this as Node).identifier ?? {}) as unknown as Identifier);
    const expression = when.expression as Node;
    const sql = this.finishInner(await this.node(expression, new Scope([])));
    return this.#session.moment(word, String(when.kind).toUpperCase(), sql);
  }

  /** A lone expression. */
  finishInner(expression: Node): string {
    const select = parse('SELECT 1') as { select: Node };
    return this.finish({ select: { ...select.select, expressions: [expression] } });
  }

  #fill(sql: string): string {
    return sql.replace(/"SFTEXT_(\d+)"/g, (_, at: string) => `(${this.#texts[Number(at)]})`);
  }
}

function syntaxOfView(path: Path, declared: number, found: number): SnowflakeFault {
  return new SnowflakeFault(
    '002057',
    '42601',
    `SQL compilation error:\nView definition for '${path.join('.')}' declared ${declared} column(s), but view query produces ${found} column(s).`,
  );
}

function scopeWithin(value: Node, scope: Scope): Scope {
  const [only] = Object.values(value);
  const holder =
    isNode(only) && isNode(only.with) ? only.with : isNode(value.with) ? value.with : null;
  const ctes = (holder?.ctes ?? []) as { alias: Identifier }[];
  return ctes.length === 0
    ? scope
    : new Scope([...scope.names, ...ctes.map(({ alias }) => nameOf(alias))]);
}

function isIdentifier(value: Node): value is Node & Identifier {
  return (
    typeof value.name === 'string' &&
    typeof value.quoted === 'boolean' &&
    !('args' in value) &&
    !('style' in value)
  );
}

function mentionsStar(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(mentionsStar);
  if (!isNode(value)) return false;
  if ('subquery' in value || 'select' in value) return false;
  const { name, args } = (value.function ?? value.aggregate_function ?? {}) as {
    name?: string;
    args?: Node[];
  };
  if (/^hash(_agg)?$/i.test(name ?? '') && args?.some((one) => 'star' in one)) return true;
  return Object.values(value).some(mentionsStar);
}

function withoutStars(value: unknown, columns: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutStars(one, columns));
  if (!isNode(value)) return value;
  const content = (value.function ?? value.aggregate_function) as
    | (Node & { name?: string; args?: Node[] })
    | undefined;
  if (content !== undefined && /^hash(_agg)?$/i.test(content.name ?? '')) {
    const args = content.args?.flatMap((one) => {
      if (!('star' in one)) return [one];
      const { table, except } = one.star as {
        table?: Identifier | null;
        except?: Identifier[] | null;
      };
      const left = new Set((except ?? []).map(nameOf));
      return columns
        .filter((name) => !left.has(name))
        .map((name) => ({
          column: {
            name: { name, quoted: true, trailing_comments: [] },
            table: table ?? null,
            join_mark: false,
            trailing_comments: [],
          },
        }));
    });
    return { function: { ...content, args } };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, withoutStars(one, columns)]),
  );
}

function listOf(args: readonly unknown[]): Node {
  return call(
    'LIST_VALUE',
    args.map((one) => call('SF_TEXT', [one])),
  );
}

export function call(name: string, args: readonly unknown[]): Node {
  return {
    function: {
      name,
      args,
      distinct: false,
      trailing_comments: [],
      use_bracket_syntax: false,
      no_parens: false,
      quoted: false,
    },
  };
}

export function literal(value: string): Node {
  return { literal: { literal_type: 'string', value } };
}

function numberLiteral(value: string): Node {
  return { literal: { literal_type: 'number', value } };
}

export function textOf(value: unknown): string {
  const { literal: found } = (isNode(value) ? value : {}) as { literal?: { value?: string } };
  if (found?.value === undefined) throw notInTheDouble('an argument that is no constant');
  return found.value;
}

/** Snowflake's format of dates and times in the words of DuckDB's. */
function strftimeOf(format: string): string {
  const words: readonly (readonly [RegExp, string])[] = [
    [/^"([^"]*)"/, ''],
    [/^YYYY/i, '%Y'],
    [/^YY/i, '%y'],
    [/^MON/i, '%b'],
    [/^MM/i, '%m'],
    [/^DD/i, '%d'],
    [/^HH24/i, '%H'],
    [/^HH12/i, '%I'],
    [/^(AM|PM)/i, '%p'],
    [/^MI/i, '%M'],
    [/^SS/i, '%S'],
    [/^FF9?/i, '%n'],
    [/^FF6/i, '%f'],
    [/^FF3/i, '%g'],
    [/^TZH:?TZM/i, '+00:00'],
    [/^(TM9|TME|TM)$/i, 'TM'],
  ];
  let left = format;
  let made = '';
  while (left !== '') {
    const word = words.find(([pattern]) => pattern.test(left));
    const [found = left.charAt(0), content] = word === undefined ? [] : (word[0].exec(left) ?? []);
    made +=
      word === undefined ? found : content !== undefined && word[1] === '' ? content : word[1];
    left = left.slice(found.length);
  }
  return made;
}
