export const id = 73;
export const ids = [73];
export const modules = {

/***/ 7073:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  createDuckdb: () => (/* binding */ createDuckdb)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
;// CONCATENATED MODULE: ./build/esm/engines/script.js
// src/engines/script.ts
function splitStatements(sql) {
  const statements = [];
  const position = positions(sql);
  let start = -1;
  let end = -1;
  const finish = () => {
    if (start !== -1) statements.push({ text: sql.slice(start, end), ...position(start) });
    start = -1;
  };
  for (let at = 0; at < sql.length; ) {
    const next = tokenEnd(sql, at);
    if (sql[at] === ";") {
      finish();
    } else if (!isBlank(sql, at)) {
      if (start === -1) start = at;
      end = next;
    }
    at = next;
  }
  finish();
  return statements;
}
function isBlank(sql, at) {
  if (sql.startsWith("/*", at)) return commentEnd(sql, at) !== null;
  return sql.startsWith("--", at) || /\s/.test(sql[at]);
}
function tokenEnd(sql, at) {
  switch (sql[at]) {
    case "'":
      return closedBy(sql, "'", at + 1);
    case '"':
      return closedBy(sql, '"', at + 1);
    case "-":
      return sql[at + 1] === "-" ? lineEnd(sql, at) : at + 1;
    case "/":
      return sql[at + 1] === "*" ? commentEnd(sql, at) ?? sql.length : at + 1;
    case "$": {
      const tag = matchAt(DOLLAR_TAG, sql, at);
      return tag ? closedBy(sql, tag, at + tag.length) : at + 1;
    }
    default: {
      const word = matchAt(WORD, sql, at);
      if (!word) return at + 1;
      const isEscapeText = /^e$/i.test(word) && sql[at + 1] === "'";
      return isEscapeText ? escapeTextEnd(sql, at + 1) : at + word.length;
    }
  }
}
var WORD = /(?!\s)[A-Za-z_\u0080-\uffff](?:(?!\s)[\w$\u0080-\uffff])*/y;
var DOLLAR_TAG = /\$(?:(?!\s)[A-Za-z_\u0080-\uffff](?:(?!\s)[\w\u0080-\uffff])*)?\$/y;
function matchAt(expression, sql, at) {
  expression.lastIndex = at;
  return expression.exec(sql)?.[0];
}
function closedBy(sql, mark, from) {
  const found = sql.indexOf(mark, from);
  return found === -1 ? sql.length : found + mark.length;
}
function lineEnd(sql, from) {
  let at = from;
  while (at < sql.length && sql[at] !== "\n" && sql[at] !== "\r") at++;
  return at;
}
function commentEnd(sql, from) {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 0;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return null;
}
function escapeTextEnd(sql, quote) {
  const mark = /[\\']/g;
  mark.lastIndex = quote + 1;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    if (found[0] === "\\") {
      mark.lastIndex += 1;
      continue;
    }
    const end = mark.lastIndex;
    if (sql[end] === "'") {
      mark.lastIndex += 1;
      continue;
    }
    const gap = matchAt(CONTINUATION, sql, end);
    if (gap === void 0) return end;
    mark.lastIndex = end + gap.length;
  }
  return sql.length;
}
var CONTINUATION = /[ \t\f\v]*(?:--[^\r\n]*)?[\r\n](?:\s|--[^\r\n]*[\r\n])*'/y;
function positions(sql) {
  const lineBreak = /\r\n|\r|\n/g;
  let line = 1;
  let lineStart = sql.startsWith("\uFEFF") ? 1 : 0;
  let next = lineBreak.exec(sql);
  return (offset) => {
    while (next !== null && next.index < offset) {
      line += 1;
      lineStart = lineBreak.lastIndex;
      next = lineBreak.exec(sql);
    }
    return { line, column: offset - lineStart + 1 };
  };
}
function literalsOf(statement) {
  const literals = [];
  for (let at = 0; at < statement.length; ) {
    const end = tokenEnd(statement, at);
    const token = statement.slice(at, end);
    const literal = isBlank(statement, at) ? null : literalOf(token);
    const last = literals.at(-1);
    if (literal !== null && last !== void 0 && statement[at - 1] === token[0] && isQuote(token[0]))
      literals[literals.length - 1] = { ...last, value: last.value + token[0] + literal.value };
    else if (literal !== null) literals.push(literal);
    at = end;
  }
  return literals;
}
function outlineOf(statement) {
  let outline = "";
  for (let at = 0; at < statement.length; ) {
    const end = tokenEnd(statement, at);
    const token = statement.slice(at, end);
    if (isBlank(statement, at)) outline += " ";
    else outline += literalOf(token)?.kind === "text" ? /^e/i.test(token) ? "E''" : "''" : token;
    at = end;
  }
  return outline.replaceAll("''''", "''");
}
function isQuote(character) {
  return character === "'" || character === '"';
}
function literalOf(token) {
  if (token.startsWith('"')) return { kind: "name", value: token.slice(1, -1) };
  if (token.startsWith("'")) return { kind: "text", value: token.slice(1, -1) };
  if (/^e'/i.test(token)) return { kind: "text", value: token.slice(2, -1) };
  const tag = token.startsWith("$") ? matchAt(DOLLAR_TAG, token, 0) : void 0;
  return tag === void 0 ? null : { kind: "text", value: token.slice(tag.length, -tag.length) };
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/errors.js
// src/engines/duckdb/errors.ts

function explain(error, file) {
  if (error instanceof errors/* GreenlightError */.uf) return error;
  const message = (0,errors/* messageOf */.bD)(error);
  for (const { pattern, problem, kind = errors/* GreenlightError */.uf } of known) {
    const match = pattern.exec(message);
    if (match !== null) {
      return new kind({ where: file, cause: firstLine(message), ...problem(match) });
    }
  }
  return error;
}
function explainMemory(error) {
  if (!/^Out of Memory Error/.test((0,errors/* messageOf */.bD)(error))) return error;
  return new errors/* GreenlightError */.uf({
    what: "DuckDB needs more memory than it may use.",
    cause: firstLine((0,errors/* messageOf */.bD)(error)),
    help: "Raise `connection.memory_limit` in greenlight.yml, or lower `connection.threads`; then run the same command again."
  });
}
function isOfTheMachine(error) {
  return error instanceof errors/* GreenlightError */.uf || /^(IO|Out of Memory|Interrupt|INTERNAL|Fatal|Connection)|aborted/i.test((0,errors/* messageOf */.bD)(error));
}
function withoutData(message) {
  const line = firstLine(message);
  if (/^(Catalog|Binder|Parser|IO|Permission|Not implemented|Dependency|Out of Memory) Error/.test(
    line
  ))
    return line;
  return `${/^[\w ]+Error/.exec(line)?.[0] ?? "an error"} (its text may hold data; run the query to see it)`;
}
function firstLine(message) {
  return message.split("\n", 1)[0] ?? message;
}
var known = [
  {
    pattern: /Conflicting lock is held in (.*?) \(PID (\d+)\)/s,
    kind: errors/* DatabaseInUse */.qx,
    problem: ([, program, pid]) => ({
      what: "Another process has this database open in a way that excludes us.",
      cause: `held by ${program} (process ${pid})`,
      help: "DuckDB allows one writing process or many reading ones. Close the other process, then run the same command again."
    })
  },
  {
    pattern: /Could not set lock on file/,
    kind: errors/* DatabaseInUse */.qx,
    problem: () => ({
      what: "Another process has this database open in a way that excludes us.",
      help: "DuckDB allows one writing process or many reading ones. Close the other process, then run the same command again."
    })
  },
  {
    pattern: /not a valid DuckDB database file/,
    problem: () => ({
      what: "This file is not a DuckDB database.",
      help: "Check `live` and `ledger` in greenlight.yml."
    })
  },
  {
    pattern: /database file with version number|newer version of DuckDB|storage version/i,
    problem: () => ({
      what: "This database was written by a DuckDB version that this one cannot read.",
      help: "Use a Greenlight with that DuckDB version, or export and import the database."
    })
  },
  {
    pattern: /No space left on device|Could not write all bytes|disk is full|max_temp_directory_size/i,
    problem: () => ({
      what: "The disk is full.",
      help: "Free some room (`greenlight retire --dry-run` lists what Greenlight keeps), then run the same command again."
    })
  },
  {
    pattern: /Permission denied/i,
    problem: () => ({
      what: "The file system does not allow this.",
      help: "Check the owner and the mode of the file and its folder."
    })
  }
];


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/connection.js
// src/engines/duckdb/connection.ts

function small(options) {
  return { ...options, threads: 1 };
}
var inMemory = "greenlight: memory";
var renameMemory = `ATTACH ':memory:' AS "${inMemory}"; USE "${inMemory}"; DETACH memory`;
var Connection = class {
  #connection;
  constructor(connection) {
    this.#connection = connection;
  }
  /** Ends the statement that runs, with an error. */
  interrupt() {
    this.#connection.interrupt();
  }
  async rows(sql, values = []) {
    const reader = await this.#connection.runAndReadAll(sql, [...values]);
    return reader.getRowObjects();
  }
  async run(sql, values = []) {
    await this.#connection.run(sql, [...values]);
  }
  async row(sql, values = []) {
    const [first] = await this.rows(sql, values);
    if (first === void 0) throw new Error(`No row from: ${sql}`);
    return first;
  }
};
var Duckdb = class _Duckdb {
  #instance;
  #connections;
  #main;
  constructor(instance, connection) {
    this.#instance = instance;
    this.#connections = [connection];
    this.#main = new Connection(connection);
  }
  /**
   * Opens a database file for reading and writing as the only one in its instance, or an empty one in memory.
   * @throws GreenlightError when the file is no database or another process has it.
   */
  static async open(file, options) {
    const { DuckDBInstance } = await import(/* webpackIgnore: true */ "./duckdb.cjs");
    const settings = {};
    for (const [name, value] of Object.entries(options)) {
      if (value !== void 0) settings[name] = String(value);
    }
    try {
      const instance = await DuckDBInstance.create(file ?? ":memory:", settings);
      const duckdb = new _Duckdb(instance, await instance.connect());
      if (file === null) await duckdb.run(renameMemory);
      return duckdb;
    } catch (error) {
      throw explain(error, file ?? "memory");
    }
  }
  /** Attaches a database file under a name of ours. */
  async attach(file, as, access) {
    try {
      const option = access === "read" ? " (READ_ONLY)" : "";
      await this.run(`ATTACH ${literal(file)} AS ${quote(as)}${option}`);
    } catch (error) {
      throw explain(error, file);
    }
  }
  /** Runs one statement or several and gives the rows of the last. Values are bound as $1, $2, ... */
  rows(sql, values = []) {
    return this.#main.rows(sql, values);
  }
  run(sql, values = []) {
    return this.#main.run(sql, values);
  }
  /** The first row of a query that gives exactly one. */
  row(sql, values = []) {
    return this.#main.row(sql, values);
  }
  /** Another connection to the same instance, for work at the same time; closed with the instance. */
  async parallel() {
    const connection = await this.#instance.connect();
    this.#connections.push(connection);
    await connection.run(`USE ${quote(inMemory)}`);
    return new Connection(connection);
  }
  close() {
    for (const connection of this.#connections) connection.closeSync();
    this.#instance.closeSync();
  }
};
var storePatienceMs = 2e4;
function quote(identifier) {
  return `"${identifier.replaceAll('"', '""')}"`;
}
function literal(text) {
  const quoted = (part) => `'${part.replaceAll("'", "''")}'`;
  const parts = text.split("\0").map(quoted);
  return parts.length === 1 ? String(parts[0]) : `(${parts.join(" || chr(0) || ")})`;
}
function toNumber(value) {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new Error(`Not a whole number below 2^53: ${String(value)}`);
  return number;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/references.js
// src/engines/duckdb/references.ts

var functions = '"greenlight: functions"';
var columns = '"greenlight: columns"';
async function readDefinitions(duckdb) {
  const rows = await duckdb.rows(`
    SELECT 'view' AS kind, schema_name || '.' || view_name AS name, sql AS text
      FROM duckdb_views() WHERE database_name = 'catalog_of' AND NOT internal
    UNION ALL
    SELECT 'macro', schema_name || '.' || function_name, 'SELECT ' || macro_definition
      FROM ${functions} WHERE function_type = 'macro'
    UNION ALL
    SELECT 'table macro', schema_name || '.' || function_name, macro_definition
      FROM ${functions} WHERE function_type = 'table_macro'
    UNION ALL
    SELECT 'default', schema_name || '.' || table_name || '.' || column_name, 'SELECT ' || column_default
      FROM ${columns} WHERE column_default IS NOT NULL
    ORDER BY 1, 2`);
  const schemas = new Set(
    (await duckdb.rows(
      `SELECT lower(schema_name) AS name FROM duckdb_schemas() WHERE database_name = 'catalog_of'`
    )).map((row) => String(row.name))
  );
  const definitions = [];
  for (const row of rows) {
    const text = String(row.text);
    const query = row.kind === "view" ? queryOfView(text) : text;
    definitions.push({
      kind: String(row.kind),
      name: String(row.name),
      databases: [...new Set(await databasesIn(duckdb, query, schemas))].sort()
    });
  }
  return definitions;
}
async function databasesIn(duckdb, query, schemas) {
  const { tree } = await duckdb.row("SELECT json_serialize_sql($1::VARCHAR) AS tree", [
    query.replace(/;\s*$/, "")
  ]);
  const parsed = JSON.parse(String(tree));
  if (!isNode(parsed) || parsed.error === true) return qualifiersIn(query);
  const found = [];
  walk(parsed, (node) => {
    found.push(...fileIn(node));
    const table = node.type === "BASE_TABLE";
    if (!table && node.class !== "FUNCTION") return;
    const catalog = String(node[table ? "catalog_name" : "catalog"] ?? "");
    const schema = String(node[table ? "schema_name" : "schema"] ?? "");
    if (catalog !== "") found.push(catalog);
    else if (schema !== "" && !schemas.has(schema.toLowerCase())) found.push(schema);
    found.push(...sequenceDatabase(node, schemas));
  });
  return found;
}
function fileIn(node) {
  if (node.class !== "CONSTANT" || !isNode(node.value)) return [];
  const text = String(node.value.value ?? "");
  return /\.(duckdb|ddb|db)$/i.test(text) ? [(0,external_node_path_.resolve)(text)] : [];
}
function sequenceDatabase(node, schemas) {
  if (!["nextval", "currval"].includes(String(node.function_name))) return [];
  const texts = [];
  walk(node.children, (child) => {
    if (child.class === "CONSTANT" && isNode(child.value)) texts.push(String(child.value.value));
  });
  return texts.flatMap((text) => {
    const [first = "", ...rest] = text.split(".").map((part) => part.replaceAll('"', ""));
    return rest.length === 2 || rest.length === 1 && !schemas.has(first.toLowerCase()) ? [first] : [];
  });
}
function queryOfView(text) {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    else if (!quoted && /^\sAS\s/i.test(text.slice(at, at + 4))) return text.slice(at + 4);
  }
  return text;
}
function qualifiersIn(text) {
  const part = `(?:"(?:[^"]|"")+"|[\\p{L}_][\\p{L}\\p{N}_$]*)`;
  const chains = text.matchAll(new RegExp(`(${part})\\s*\\.\\s*${part}\\s*\\.\\s*${part}`, "gu"));
  return [...chains].map(([, first = ""]) => first.replace(/^"|"$/g, "").replaceAll('""', '"'));
}
function isNode(value) {
  return typeof value === "object" && value !== null;
}
function walk(value, visit) {
  if (!isNode(value)) return;
  visit(value);
  for (const child of Object.values(value)) walk(child, visit);
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/catalog.js
// src/engines/duckdb/catalog.ts








function duckdbCatalog(options) {
  return { read: (at) => readCatalog(at, options) };
}
async function readCatalog(at, options) {
  const duckdb = await Duckdb.open(null, small(options));
  try {
    await duckdb.attach(at, "catalog_of", "read");
    await duckdb.run("USE catalog_of");
    await keepLists(duckdb);
    return {
      relations: await readRelations(duckdb),
      objects: await readObjects(duckdb),
      definitions: await readDefinitions(duckdb)
    };
  } finally {
    duckdb.close();
  }
}
async function keepLists(duckdb) {
  await duckdb.run(`
    CREATE TEMP TABLE ${functions} AS FROM duckdb_functions() WHERE database_name = 'catalog_of' AND NOT internal;
    CREATE TEMP TABLE ${columns} AS FROM duckdb_columns() WHERE database_name = 'catalog_of' AND NOT internal`);
}
async function readRelations(duckdb) {
  const found = await duckdb.rows(`
    SELECT schema_name, table_name AS name, 'table' AS kind, NULL AS definition FROM duckdb_tables()
    WHERE database_name = 'catalog_of' AND NOT internal
    UNION ALL
    SELECT schema_name, view_name, 'view', sql FROM duckdb_views()
    WHERE database_name = 'catalog_of' AND NOT internal
    ORDER BY 1, 2`);
  const tableColumns = groupBy(
    await duckdb.rows(`
      SELECT schema_name, table_name, column_name, data_type FROM ${columns} ORDER BY column_index`)
  );
  const constraints = groupBy(
    await duckdb.rows(`
      SELECT schema_name, table_name, constraint_type, constraint_column_names::VARCHAR[] AS columns
      FROM duckdb_constraints() WHERE database_name = 'catalog_of' ORDER BY constraint_index`)
  );
  const relations = [];
  for (const row of found) {
    const schema = String(row.schema_name);
    const name = String(row.name);
    const own = { schema, name, definition: row.definition ?? null };
    const id = JSON.stringify([schema, name]);
    relations.push(
      row.kind === "view" ? { ...own, kind: "view", keys: [], ...await viewColumns(duckdb, schema, name) } : {
        ...own,
        kind: "table",
        columns: (tableColumns.get(id) ?? []).map(toColumn),
        keys: toKeys(constraints.get(id) ?? []),
        fault: null
      }
    );
  }
  return relations;
}
async function viewColumns(duckdb, schema, name) {
  try {
    const rows = await duckdb.rows(`DESCRIBE SELECT * FROM ${quote(schema)}.${quote(name)}`);
    return { columns: rows.map((row) => toColumn(row)), fault: null };
  } catch (error) {
    return { columns: [], fault: firstLine((0,errors/* messageOf */.bD)(error)) };
  }
}
function toColumn(row) {
  return {
    name: String(row.column_name),
    type: String(row.data_type ?? row.column_type)
  };
}
function toKeys(constraints) {
  const columnsOf = (row) => row.columns.items;
  const notNull = new Set(
    constraints.filter((row) => row.constraint_type === "NOT NULL").flatMap(columnsOf)
  );
  return constraints.filter((row) => row.constraint_type === "PRIMARY KEY" || row.constraint_type === "UNIQUE").map((row) => ({
    columns: columnsOf(row),
    primary: row.constraint_type === "PRIMARY KEY",
    enforced: true,
    notNull: columnsOf(row).every((column) => notNull.has(column))
  })).sort((a, b) => Number(b.primary) - Number(a.primary));
}
async function readObjects(duckdb) {
  const rows = await duckdb.rows(`
    SELECT kind, name, definition FROM (
      SELECT 'schema' AS kind, schema_name AS name, '' AS definition
        FROM duckdb_schemas() WHERE database_name = 'catalog_of' AND NOT internal
      UNION ALL
      SELECT 'sequence', schema_name || '.' || sequence_name, sql
        FROM duckdb_sequences() WHERE database_name = 'catalog_of'
      UNION ALL
      SELECT CASE function_type WHEN 'macro' THEN 'macro' ELSE 'table macro' END,
             schema_name || '.' || function_name || '(' || array_to_string(list_transform(list_zip(parameters, parameter_types),
               p -> concat_ws(' ', p[1], p[2])), ', ') || ')', macro_definition
        FROM ${functions}
      UNION ALL
      SELECT 'index', schema_name || '.' || index_name, sql
        FROM duckdb_indexes() WHERE database_name = 'catalog_of'
      UNION ALL
      SELECT 'constraint',
             schema_name || '.' || table_name || ': ' || constraint_text
               || CASE constraint_type WHEN 'NOT NULL' THEN ' ' || constraint_column_names[1] ELSE '' END, ''
        FROM duckdb_constraints() WHERE database_name = 'catalog_of'
      UNION ALL
      SELECT 'default', schema_name || '.' || table_name || '.' || column_name, column_default
        FROM ${columns} WHERE column_default IS NOT NULL
      UNION ALL
      SELECT 'collation', schema_name || '.' || table_name,
             array_to_string(regexp_extract_all(sql, '("(?:[^"]|"")+"|[\\w$]+) VARCHAR COLLATE [\\w.]+'), ', ')
        FROM duckdb_tables() WHERE database_name = 'catalog_of' AND NOT internal AND sql ILIKE '% COLLATE %'
      UNION ALL
      SELECT 'comment', 'column ' || schema_name || '.' || table_name || '.' || column_name, comment
        FROM ${columns} WHERE comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'table ' || schema_name || '.' || table_name, comment
        FROM duckdb_tables() WHERE database_name = 'catalog_of' AND NOT internal AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'view ' || schema_name || '.' || view_name, comment
        FROM duckdb_views() WHERE database_name = 'catalog_of' AND NOT internal AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'schema ' || schema_name, comment
        FROM duckdb_schemas() WHERE database_name = 'catalog_of' AND NOT internal AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'sequence ' || schema_name || '.' || sequence_name, comment
        FROM duckdb_sequences() WHERE database_name = 'catalog_of' AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'index ' || schema_name || '.' || index_name, comment
        FROM duckdb_indexes() WHERE database_name = 'catalog_of' AND comment IS NOT NULL
      UNION ALL
      SELECT 'comment', 'type ' || schema_name || '.' || type_name, comment
        FROM duckdb_types() WHERE database_name = 'catalog_of' AND NOT internal AND comment IS NOT NULL
      UNION ALL
      SELECT DISTINCT 'comment', 'macro ' || schema_name || '.' || function_name, comment
        FROM ${functions} WHERE comment IS NOT NULL
    ) ORDER BY kind, name, definition`);
  const objects = rows.map((row) => ({
    kind: String(row.kind),
    name: String(row.name),
    definition: String(row.definition ?? "")
  }));
  return [...objects, ...await readTypes(duckdb), ...await readMacroTexts(duckdb)];
}
async function readTypes(duckdb) {
  const types = await duckdb.rows(`
    SELECT schema_name, type_name FROM duckdb_types()
    WHERE database_name = 'catalog_of' AND NOT internal ORDER BY 1, 2`);
  const objects = [];
  for (const row of types) {
    const [schema, name] = [String(row.schema_name), String(row.type_name)];
    const { definition } = await duckdb.row(
      `SELECT typeof(NULL::${quote(schema)}.${quote(name)}) AS definition`
    );
    objects.push({ kind: "type", name: `${schema}.${name}`, definition: String(definition) });
  }
  return objects;
}
async function readMacroTexts(duckdb) {
  const { macros } = await duckdb.row(`
    SELECT count(*) AS macros FROM ${functions} WHERE len(parameters) > 0`);
  if (Number(macros) === 0) return [];
  const folder = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), "greenlight-catalog-"));
  try {
    await duckdb.run(`ATTACH ':memory:' AS structure`);
    await duckdb.run("COPY FROM DATABASE catalog_of TO structure (SCHEMA)");
    await duckdb.run(`USE structure; EXPORT DATABASE ${literal(folder)}; USE catalog_of`);
    const statements = splitStatements(await (0,promises_.readFile)((0,external_node_path_.join)(folder, "schema.sql"), "utf8"));
    return statements.flatMap(({ text }) => {
      const name = /^CREATE MACRO (.*?) \(/s.exec(text)?.[1];
      return name === void 0 ? [] : [{ kind: "macro text", name, definition: text }];
    });
  } finally {
    await duckdb.run("USE catalog_of; DETACH DATABASE IF EXISTS structure");
    await (0,promises_.rm)(folder, { recursive: true, force: true });
  }
}
function groupBy(rows) {
  const groups = /* @__PURE__ */ new Map();
  for (const row of rows) {
    const id = JSON.stringify([row.schema_name, row.table_name]);
    const group = groups.get(id);
    if (group === void 0) groups.set(id, [row]);
    else group.push(row);
  }
  return groups;
}


// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
;// CONCATENATED MODULE: ./build/esm/engines/duckdb/databases.js
// src/engines/duckdb/databases.ts






function duckdbDatabases(workFolder, options) {
  return {
    identify,
    clone: (from, to, cloneOptions) => clone(from, to, cloneOptions, workFolder, options),
    drop: (at) => drop(at, workFolder),
    size: async (at) => await fileSize(at) + await fileSize(logOf(at))
  };
}
function logOf(database) {
  return `${database}.wal`;
}
async function identify(at) {
  const file = await (0,promises_.stat)(at, { bigint: true }).catch(ignoreMissing);
  if (file === null) return null;
  if (!file.isFile()) {
    throw new errors/* GreenlightError */.uf({
      what: "This is not a database file.",
      where: at,
      help: "Check `live` in greenlight.yml: it takes the path of a DuckDB file."
    });
  }
  const log = await (0,promises_.stat)(logOf(at), { bigint: true }).catch(ignoreMissing);
  const logMark = log === null || log.size === 0n ? "none" : `${log.size}@${log.mtimeNs}`;
  return { id: `inode ${file.ino}`, mark: `file ${file.size}@${file.mtimeNs}, log ${logMark}` };
}
async function clone(from, to, { method, onProgress }, workFolder, options) {
  const lock = await Duckdb.open(null, small(options));
  const partial = `${to}.partial-${process.pid}`;
  try {
    await lock.attach(from, "source", "read");
    const source = await identify(from);
    if (source === null) throw new Error(`${from} vanished while it was read`);
    await ensureWorkFolder(workFolder);
    await (0,promises_.mkdir)((0,external_node_path_.dirname)(to), { recursive: true });
    await drop(to, workFolder, { keepFolders: true });
    const copied = await copyDatabase(from, partial, method, onProgress);
    requireSame(source, await identify(from), from);
    if (await exists(logOf(partial))) await workInLog(partial, options);
    await (0,promises_.rename)(partial, to);
    await syncFolder((0,external_node_path_.dirname)(to));
    const made = await identify(to);
    if (made === null) throw new Error(`${to} vanished after it was written`);
    return { source, clone: made, ...copied, bytes: await fileSize(to) };
  } catch (error) {
    await removeFiles(partial);
    throw error;
  } finally {
    lock.close();
  }
}
function requireSame(before, after, where) {
  if (after?.id === before.id && after.mark === before.mark) return;
  throw new errors/* GreenlightError */.uf({
    what: "The database was replaced while it was copied.",
    where,
    help: "Run the same command again."
  });
}
async function drop(at, workFolder, { keepFolders = false } = {}) {
  await removePartials(at);
  await removeFiles(at);
  if (keepFolders) return;
  for (let folder = (0,external_node_path_.dirname)(at); folder.startsWith(workFolder); folder = (0,external_node_path_.dirname)(folder)) {
    const left = await (0,promises_.readdir)(folder).catch(ignoreMissing);
    if (left === null) continue;
    if (left.some((name) => name !== ".gitignore")) return;
    if (folder === workFolder) await (0,promises_.rm)(`${folder}/.gitignore`, { force: true });
    await (0,promises_.rmdir)(folder);
  }
}
async function removePartials(database) {
  const folder = (0,external_node_path_.dirname)(database);
  for (const name of await (0,promises_.readdir)(folder).catch(ignoreMissing) ?? []) {
    if (name.startsWith(`${(0,external_node_path_.basename)(database)}.partial-`))
      await (0,promises_.rm)((0,external_node_path_.join)(folder, name), { force: true });
  }
}
async function removeFiles(database) {
  await (0,promises_.rm)(database, { force: true });
  await (0,promises_.rm)(logOf(database), { force: true });
}
async function copyDatabase(from, to, method, onProgress) {
  const log = await exists(logOf(from)) ? [{ from: logOf(from), to: logOf(to) }] : [];
  const files = [...log, { from, to }];
  const reflink = method === "copy" ? "not asked" : await copyFiles(files, external_node_fs_.constants.COPYFILE_FICLONE_FORCE);
  if (reflink === null) {
    return { method: "reflink", reason: "the file system shares the blocks: no bytes were copied" };
  }
  if (method === "reflink") {
    throw new errors/* GreenlightError */.uf({
      what: "This file system cannot make copy-on-write copies.",
      where: to,
      cause: reflink,
      help: "Set clone.method to auto or copy in greenlight.yml."
    });
  }
  await requireRoom(from, to);
  const watch = setInterval(async () => onProgress?.(await fileSize(to)), 200);
  try {
    const failure = await copyFiles(files, 0);
    if (failure !== null) throw copyFailed(failure, from, to);
  } finally {
    clearInterval(watch);
  }
  const reason = method === "copy" ? "as configured" : "the file system has no copy-on-write copies";
  return { method: "copy", reason };
}
async function copyFiles(files, mode) {
  const program = `
    const { copyFileSync } = require('node:fs');
    const { files, mode } = JSON.parse(process.argv[1]);
    try { for (const { from, to } of files) copyFileSync(from, to, mode); }
    catch (error) { process.stdout.write(error.code ?? String(error)); }`;
  const child = (0,external_node_child_process_.spawn)(process.execPath, ["-e", program, JSON.stringify({ files, mode })], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {}
  });
  let failure = "";
  child.stdout.on("data", (text) => {
    failure += text;
  });
  const exit = await new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done(code === 0 ? "" : `ended with ${signal ?? code}`));
  });
  return failure || exit || null;
}
async function requireRoom(from, to) {
  const needed = await fileSize(from) + await fileSize(logOf(from));
  const { bavail, bsize } = await (0,promises_.statfs)((0,external_node_path_.dirname)(to));
  if (bavail * bsize < needed)
    throw copyFailed("ENOSPC", from, to, `${needed} bytes needed, ${bavail * bsize} free`);
}
function copyFailed(code, from, to, cause = code) {
  return code === "ENOSPC" ? new errors/* GreenlightError */.uf({
    what: "The disk has no room for a copy of the database.",
    where: to,
    cause,
    help: "Free some room (`greenlight retire --dry-run` lists what Greenlight keeps), then run the same command again."
  }) : new errors/* GreenlightError */.uf({
    what: `The database could not be copied from ${from}.`,
    where: to,
    cause,
    help: "Remove the cause, then run the same command again."
  });
}
async function workInLog(database, options) {
  const copy = await Duckdb.open(database, options);
  try {
    await copy.run("CHECKPOINT");
  } finally {
    copy.close();
  }
  await requireNoLog(database);
}
async function requireNoLog(database) {
  if (await fileSize(logOf(database)) > 0) {
    throw new errors/* GreenlightError */.uf({
      what: "The database has a write-ahead log that is not worked in.",
      where: logOf(database),
      help: "Open the database with DuckDB, run CHECKPOINT, close it, then run the same command again."
    });
  }
  await (0,promises_.rm)(logOf(database), { force: true });
}
async function ensureWorkFolder(folder) {
  await (0,promises_.mkdir)(folder, { recursive: true });
  await (0,promises_.writeFile)(`${folder}/.gitignore`, "*\n");
}
async function syncFolder(folder) {
  const handle = await (0,promises_.open)(folder, "r").catch(() => null);
  await handle?.sync().catch(() => void 0);
  await handle?.close();
}
async function exists(path) {
  return await (0,promises_.stat)(path).catch(ignoreMissing) !== null;
}
async function fileSize(path) {
  return (await (0,promises_.stat)(path).catch(ignoreMissing))?.size ?? 0;
}
function ignoreMissing(error) {
  if ((0,errors/* systemCode */.xU)(error) === "ENOENT" || (0,errors/* systemCode */.xU)(error) === "ENOTDIR") return null;
  throw error;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/blocks.js
// src/engines/duckdb/blocks.ts


var headerBytes = 3 * 4096;
var defaultBlockSize = 262144;
var blocksAtOnce = 16;
var blocksOfTrial = 64;
async function compareBlocks(old, candidate) {
  if (await exists(logOf(old)) || await exists(logOf(candidate))) return null;
  const [a, b] = await Promise.all([(0,promises_.stat)(old), (0,promises_.stat)(candidate)]).catch(() => []);
  if (a === void 0 || b === void 0) return null;
  const [left, right] = [await (0,promises_.open)(old, "r"), await (0,promises_.open)(candidate, "r")];
  try {
    const files = [left, right];
    const [oldHeader, newHeader] = await readBoth(
      files,
      0,
      headerBytes,
      pairOfBuffers(headerBytes)
    );
    const blocks = Math.floor((Math.min(a.size, b.size) - headerBytes) / defaultBlockSize);
    const different = [];
    const buffers = [0, 1].map(() => pairOfBuffers(blocksAtOnce * defaultBlockSize));
    const readFrom = (block) => {
      const count = Math.max(0, Math.min(blocksAtOnce, blocks - block));
      const at = headerBytes + block * defaultBlockSize;
      const into = buffers[block / blocksAtOnce % 2];
      return readBoth(files, at, count * defaultBlockSize, into);
    };
    let reading = readFrom(0);
    for (let block = 0; block < blocks; block += blocksAtOnce) {
      const [one, two] = await reading;
      reading = readFrom(block + blocksAtOnce);
      if (!one.equals(two)) different.push(...differing(one, two).map((nth) => block + nth));
      const looked = block + blocksAtOnce;
      if (looked >= blocksOfTrial && different.length > looked / 2) {
        await reading;
        return null;
      }
    }
    await reading;
    const isWhole = a.size === b.size && different.length === 0 && oldHeader.equals(newHeader) && a.size === headerBytes + blocks * defaultBlockSize;
    return { wholeFile: isWhole ? { bytes: a.size } : null, end: blocks, different };
  } finally {
    await left.close();
    await right.close();
  }
}
function pairOfBuffers(length) {
  return [Buffer.allocUnsafe(length), Buffer.allocUnsafe(length)];
}
async function readBoth(files, at, length, into) {
  const buffers = [into[0].subarray(0, length), into[1].subarray(0, length)];
  await Promise.all(
    files.map(async (file, side) => {
      const buffer = buffers[side];
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(buffer, done, length - done, at + done);
        if (bytesRead === 0) {
          buffer.fill(side, done);
          break;
        }
        done += bytesRead;
      }
    })
  );
  return buffers;
}
function differing(one, two) {
  const numbers = [];
  for (let at = 0; at < one.length; at += defaultBlockSize) {
    const end = at + defaultBlockSize;
    if (one.compare(two, at, end, at, end) !== 0) numbers.push(at / defaultBlockSize);
  }
  return numbers;
}


;// CONCATENATED MODULE: ./build/esm/engines/sql.js
// src/engines/sql.ts
function sqlComment(purpose) {
  return `/* greenlight: ${purpose.replaceAll("*/", "* /").replaceAll("/*", "/ *")} */ `;
}
function list(items, one, by = ", ") {
  return items.map(one).join(by);
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/syntax-tree.js
// src/engines/duckdb/syntax-tree.ts
var ConditionFault = class extends Error {
};
async function onlyExpression(ask, text) {
  const tree = await treeOf(ask, text);
  const [statement, ...more] = JSON.parse(tree).statements;
  const [root, ...others] = statement.node.select_list ?? [];
  if (root === void 0 || others.length + more.length > 0) throw notOne();
  refuseClasses(root);
  const [plain] = JSON.parse(await treeOf(ask, "1")).statements;
  if (root.alias !== "" || around(statement) !== around(plain)) throw notOne();
  return { tree, root };
}
async function treeOf(ask, text) {
  const [row] = await ask("SELECT json_serialize_sql($1::VARCHAR)::VARCHAR AS tree", [
    `${before}${text}
)`
  ]);
  const tree = String(row?.tree);
  if (tree.includes('"value":Infinity'))
    throw new ConditionFault("It holds a number that is too large.");
  const { error, error_type: type, error_message: message, position } = JSON.parse(tree);
  if (error !== true) return tree;
  if (type === "not implemented") throw notOne();
  throw new ConditionFault(
    position === void 0 ? message : located(message, text, Number(position) - before.length)
  );
}
var before = "SELECT (";
function located(message, text, at) {
  const characters = [...text];
  if (at >= characters.length)
    return "Its end does not fit: something is missing, or a bracket is too many.";
  const rest = characters.slice(at);
  return `${message}, at character ${at + 1}: ${rest.slice(0, 40).join("")}${rest.length > 40 ? "..." : ""}`;
}
function around({ node, ...rest }) {
  return JSON.stringify({ ...rest, node: { ...node, select_list: [] } });
}
function notOne() {
  return new ConditionFault("It is more than one condition. Join conditions with AND or OR.");
}
var plainClasses = /* @__PURE__ */ new Set([
  "BETWEEN",
  "CASE",
  "CAST",
  "COLLATE",
  "COLUMN_REF",
  "COMPARISON",
  "CONJUNCTION",
  "CONSTANT",
  "FUNCTION",
  "LAMBDA",
  "OPERATOR"
]);
var syntax_tree_known = {
  DEFAULT: "DEFAULT",
  PARAMETER: "a parameter",
  POSITIONAL_REFERENCE: "a column by its number",
  STAR: "*",
  SUBQUERY: "a subquery",
  WINDOW: "a window function"
};
function refuseClasses(tree) {
  if (typeof tree !== "object" || tree === null) return;
  const found = tree.class;
  if (typeof found === "string" && !plainClasses.has(found)) {
    throw new ConditionFault(
      `It looks at one row only: it cannot hold ${syntax_tree_known[found] ?? found.toLowerCase()}.`
    );
  }
  for (const child of Object.values(tree)) refuseClasses(child);
}
function syntax_tree_walk(root, lambdas, { node: onNode, name: onName }) {
  const taken = /* @__PURE__ */ new Set();
  const visit = (value, parameters) => {
    if (typeof value !== "object" || value === null) return;
    const node = value;
    onNode(node);
    if (node.class === "COLUMN_REF") {
      const parts = node.column_names;
      onName(parts, parameters.includes((parts[0] ?? "").toLowerCase()));
    }
    if (node.class === "FUNCTION") taken.add(lambdaArgument(node, lambdas));
    const inside = node.class === "LAMBDA" ? [...parameters, ...parametersOf(node.lhs, taken.has(node))] : parameters;
    for (const child of Object.values(node)) visit(child, inside);
  };
  visit(root, []);
}
function lambdaArgument({ function_name: name, children }, lambdas) {
  const place = lambdas.get(String(name).toLowerCase());
  return place === void 0 ? void 0 : children[place];
}
function parametersOf(left, isTaken) {
  const { class: kind, query_location: at, column_names: names, children } = left;
  if (kind !== "COLUMN_REF")
    return (children ?? []).flatMap((child) => parametersOf(child, isTaken));
  const [name = "", ...more] = names;
  const isParameter = isTaken || Number(at) > Number.MAX_SAFE_INTEGER;
  return isParameter && more.length === 0 ? [name.toLowerCase()] : [];
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/functions.js
// src/engines/duckdb/functions.ts

var Functions = class {
  #ask;
  #faults = /* @__PURE__ */ new Map();
  #forms = null;
  constructor(ask) {
    this.#ask = ask;
  }
  /** The functions that take a lambda, and as which of their arguments, from 0. */
  async lambdas() {
    const places = /* @__PURE__ */ new Map();
    for (const [name, forms] of await this.#known())
      for (const { lambda } of forms) if (lambda !== null) places.set(name, lambda);
    return places;
  }
  /** @throws ConditionFault for a name, in lower case, of what does more than give the same value for the same values. */
  async require(names) {
    for (const name of names) {
      const fault = await this.#faultOf(name);
      if (fault !== null) throw new ConditionFault(`${name}() ${fault}.`);
    }
  }
  #faultOf(name) {
    const fault = this.#faults.get(name) ?? this.#look(name);
    this.#faults.set(name, fault);
    return fault;
  }
  async #look(name) {
    const forms = (await this.#known()).get(name);
    if (forms === void 0) return "is no function that DuckDB brings along";
    if (forms.some(({ type }) => type === "aggregate")) return manyRows;
    const usable = forms.filter(({ type }) => type === "scalar" || type === "macro");
    if (usable.length === 0) return "gives tables, not values";
    if (usable.some(({ isSteady }) => !isSteady) || dependingOnSession.has(name)) return unsteady;
    for (const { definition, parameters } of usable) {
      const fault = definition && await this.#faultWithin(name, definition, parameters);
      if (fault) return fault;
    }
    return null;
  }
  async #faultWithin(macro, definition, parameters) {
    const called = /* @__PURE__ */ new Set();
    let reads = false;
    syntax_tree_walk(JSON.parse(await treeOf(this.#ask, definition)), await this.lambdas(), {
      node: (node) => {
        if (node.class === "FUNCTION") called.add(String(node.function_name).toLowerCase());
        reads ||= node.class === "SUBQUERY";
      },
      // `current_timestamp` is written as a name.
      name: ([first = ""], isParameter) => {
        reads ||= !isParameter && !parameters.includes(first.toLowerCase());
      }
    });
    called.delete(macro);
    if (reads) return unsteady;
    for (const name of called) {
      const fault = await this.#faultOf(name);
      if (fault !== null) return fault === manyRows ? manyRows : unsteady;
    }
    return null;
  }
  #known() {
    this.#forms ??= this.#askForAll();
    return this.#forms;
  }
  async #askForAll() {
    const rows = await this.#ask(
      `SELECT DISTINCT lower(function_name) AS name, function_type AS type, macro_definition AS definition,
         coalesce(stability, 'CONSISTENT') = 'CONSISTENT' AS steady,
         CASE WHEN macro_definition IS NOT NULL THEN to_json([lower(one) FOR one IN parameters])::VARCHAR END AS parameters,
         list_position(parameter_types, 'LAMBDA') - 1 AS lambda
       FROM duckdb_functions() WHERE internal`,
      []
    );
    const forms = /* @__PURE__ */ new Map();
    for (const { name, type, definition, steady, parameters, lambda } of rows) {
      const form = {
        type: String(type),
        isSteady: steady === true,
        definition: definition === null ? null : String(definition),
        parameters: parameters === null ? [] : JSON.parse(String(parameters)),
        lambda: lambda === null ? null : Number(lambda)
      };
      forms.set(String(name), [...forms.get(String(name)) ?? [], form]);
    }
    return forms;
  }
};
var manyRows = "looks at many rows, a condition at one";
var unsteady = "does not give the same each time, or does more than give a value";
var dependingOnSession = /* @__PURE__ */ new Set([
  "current_setting",
  "getenv",
  "getvariable"
]);


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/conditions.js
// src/engines/duckdb/conditions.ts





var Conditions = class {
  #ask;
  #functions;
  constructor(ask) {
    this.#ask = ask;
    this.#functions = new Functions(ask);
  }
  /**
   * `resolve` gets the parts of a name (`old.x` -> `['old', 'x']`), and throws a ConditionFault for one that is not there.
   * @throws ConditionFault unless the text is one plain expression: no subquery, no aggregate, nothing that reads files,
   *   changes from call to call or has an effect. Whether it is true or false, and not a number, `requireCondition` tells.
   */
  async read(text, resolve) {
    const { tree, root } = await onlyExpression(this.#ask, text);
    const found = namesAndFunctions(root, await this.#functions.lambdas());
    await this.#functions.require(found.functions);
    return { tree, names: found.names.map((parts) => parts && resolve(parts)) };
  }
  /** The condition as SQL, with what `sqlOf` gives for each of its names. */
  async write(condition, sqlOf) {
    const marked = mark(condition);
    return marked.restore(await deserialize(this.#ask, marked.tree), sqlOf);
  }
};
function requireCondition(described) {
  const type = described?.column_type;
  if (type !== "BOOLEAN") throw new ConditionFault(`It gives ${type}, not true or false.`);
}
function namesAndFunctions(root, lambdas) {
  const found = { names: [], functions: /* @__PURE__ */ new Set() };
  syntax_tree_walk(root, lambdas, {
    name: (parts, isParameter) => found.names.push(isParameter ? null : parts),
    node: ({ class: kind, catalog, schema, function_name: name }) => {
      if (kind !== "FUNCTION") return;
      if (catalog !== "" || schema !== "" && schema !== "main")
        throw new ConditionFault(
          `${[catalog, schema, name].filter((part) => part !== "").join(".")}() is no function that DuckDB brings along.`
        );
      found.functions.add(String(name).toLowerCase());
    }
  });
  return found;
}
function mark({ tree, names }) {
  let stem = "greenlight name ";
  while (tree.includes(stem)) stem = `greenlight ${stem}`;
  let at = -1;
  const marked = tree.replace(/"column_names":\[(?:"(?:[^"\\]|\\.)*",?)*\]/g, (member) => {
    at += 1;
    return names[at] === null ? member : `"column_names":["${stem}${at}"]`;
  });
  if (at + 1 !== names.length) throw new Error("Names of the condition were lost");
  const restore = (sql, sqlOf) => sql.replace(new RegExp(`"${stem}(\\d+)"`, "g"), (_, nth) => sqlOf(names[nth]));
  return { tree: marked, restore };
}
async function deserialize(ask, tree) {
  try {
    const [row] = await ask("SELECT json_deserialize_sql($1::JSON) AS sql", [tree]);
    return String(row?.sql).replace(/^SELECT /, "");
  } catch (error) {
    throw new ConditionFault(
      `DuckDB cannot write this condition down: ${firstLine((0,errors/* messageOf */.bD)(error))}`
    );
  }
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/claims.js
// src/engines/duckdb/claims.ts





async function findClaimFault(workspace, claim, columns) {
  for (const part of ["where", "holds"]) {
    const text = claim[part];
    if (text === null) continue;
    try {
      const condition = await readCondition(workspace, text, claim, columns);
      await requireType(workspace, condition, columns);
    } catch (error) {
      if (error instanceof ConditionFault) return `\`${part}\`: ${error.message}`;
      throw error;
    }
  }
  return null;
}
async function readClaim(workspace, claim, columns) {
  const read = async (text) => text === null ? null : readCondition(workspace, text, claim, columns);
  return { claim, where: await read(claim.where), holds: await read(claim.holds) };
}
function referencesOf({ where, holds }) {
  return [...where?.names ?? [], ...holds?.names ?? []].filter(
    (reference) => reference !== null
  );
}
function write(workspace, condition, nameOf) {
  return conditionsOf(workspace).write(
    condition,
    (reference) => list([nameOf(reference), ...reference.fields], quote, ".")
  );
}
function noneOf(conditions) {
  return list(
    conditions,
    (condition) => `(${condition}${condition.includes("--") ? "\n" : ""}) is not true`,
    " and "
  );
}
function readCondition(workspace, text, claim, columns) {
  return conditionsOf(workspace).read(text, (parts) => resolve(parts, claim, columns));
}
var conditionsOfWorkspaces = /* @__PURE__ */ new WeakMap();
function conditionsOf(workspace) {
  const conditions = conditionsOfWorkspaces.get(workspace) ?? new Conditions(
    (statement, values) => workspace.rows("understand a condition", statement, values)
  );
  conditionsOfWorkspaces.set(workspace, conditions);
  return conditions;
}
function resolve(parts, { kind, column: own }, columns) {
  const [first = "", second, ...fields] = parts;
  const side = first.toLowerCase();
  const written = parts.join(".");
  if (side !== "old" && side !== "new")
    throw new ConditionFault(
      `It names ${written}, which is no column here. Write old.${written} or new.${written}.`
    );
  if (kind === "added" && side === "old")
    throw new ConditionFault(`It names ${written}, but a row that was added has no old values.`);
  if (kind === "removed" && side === "new")
    throw new ConditionFault(`It names ${written}, but a row that was removed has no new values.`);
  const asked = second ?? own;
  if (asked === null)
    throw new ConditionFault(`It says \`${side}\` without a column. Write ${side}.<column>.`);
  const has = (name) => name.toLowerCase() === asked.toLowerCase();
  const found = columns[side].find(({ name }) => name === asked) ?? columns[side].find(({ name }) => has(name));
  if (found === void 0)
    throw new ConditionFault(
      `It names ${written}, but there is no such column on the ${side} side. There are ${list(columns[side], ({ name }) => name)}.`
    );
  return { side, column: found.name, fields };
}
async function requireType(workspace, condition, columns) {
  const nameOf = ({ side, column }) => `${side}.${column}`;
  const used = new Map(
    condition.names.filter((reference) => reference !== null).map((reference) => [nameOf(reference), reference])
  );
  const typed = [...used].map(([name, { side, column }]) => {
    const { type } = columns[side].find((one) => one.name === column) ?? { type: "VARCHAR" };
    return `CAST(NULL AS ${type}) AS ${quote(name)}`;
  });
  const sql = await write(workspace, condition, nameOf);
  let described;
  try {
    described = await workspace.ask(
      "bind a condition",
      `DESCRIBE SELECT ${sql} AS condition FROM (SELECT ${["true AS here", ...typed].join(", ")}) WHERE ${sql}`
    );
  } catch (error) {
    const told = firstLine((0,errors/* messageOf */.bD)(error));
    throw new ConditionFault(`It does not fit: ${told.replace(/[.!]?$/, ".")}`);
  }
  requireCondition(described);
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/json-content.js
// src/engines/duckdb/json-content.ts
var json_content_mark = { from: "chr(1)", to: "chr(2)", text: "chr(3)" };
var string = '"(?:[^"\\\\]|\\\\.)*"';
function canonicalJson(value) {
  const read = (text) => `TRY_CAST(${text} AS JSON)::VARIANT`;
  const sorted = let_(
    "marked",
    shortNumbers(marked("source")),
    () => let_(
      "once",
      `${read(numbersAsTexts("marked"))}::JSON::VARCHAR`,
      () => (
        // DuckDB 1.5 keeps the last of the members of one name, and dies when it sorts them: they are counted first.
        `CASE WHEN ${members("once")} = ${members("source")} THEN variant_normalize(${read("once")})::JSON::VARCHAR END`
      )
    )
  );
  return let_(
    "source",
    `${value}::VARCHAR`,
    () => `coalesce(CASE WHEN json_valid(source) THEN TRY(${textsAsNumbers(sorted)}) END, source)`
  );
}
function marked(text) {
  const pattern = `'(")(${string.slice(1)})|(-?[0-9][-+0-9.eE]*)'`;
  const all = `regexp_replace(${text}, ${pattern}, '\\1' || ${json_content_mark.text} || '\\2' || ${json_content_mark.from} || '\\3' || ${json_content_mark.to}, 'g')`;
  return `replace(replace(${all}, ${json_content_mark.from} || ${json_content_mark.to}, ''), ${json_content_mark.text} || ${json_content_mark.from}, ${json_content_mark.from})`;
}
function numbersAsTexts(text) {
  return `replace(replace(replace(${text}, ${json_content_mark.from}, '"n'), ${json_content_mark.to}, '"'), ${json_content_mark.text}, 's')`;
}
function textsAsNumbers(text) {
  return `regexp_replace(${text}, '"n([^"]*)"|(")s(${string.slice(1)})', '\\1\\2\\3', 'g')`;
}
function members(text) {
  return let_(
    "outside",
    `regexp_replace(${text}, '${string}', '', 'g')`,
    () => `(length(outside) - length(replace(outside, ':', '')))`
  );
}
function shortNumbers(text) {
  const number = (inner) => `${json_content_mark.from} || '${inner}' || ${json_content_mark.to}`;
  const replaced = (from, pattern, by) => `regexp_replace(${from}, ${number(pattern)}, ${number(by)}, 'g')`;
  const plain = let_(
    "exact",
    text,
    () => `CASE WHEN regexp_matches(exact, ${json_content_mark.from} || '[-0-9.]*[eE]') THEN ${withoutExponents("exact")} ELSE exact END`
  );
  const shorter = replaced(plain, "(-?[0-9]+[.][0-9]*[1-9])0+", "\\1");
  return replaced(replaced(shorter, "(-?[0-9]+)[.]0+", "\\1"), "-0", "0");
}
function withoutExponents(text) {
  const parts = `regexp_extract_all(${text}, ${json_content_mark.from} || '[^' || ${json_content_mark.to} || ']*|[^' || ${json_content_mark.from} || ']+')`;
  return `array_to_string(list_transform(${parts}, lambda part: CASE
    WHEN part[1] = ${json_content_mark.from} AND regexp_matches(part, '[eE]') THEN ${json_content_mark.from} || ${withoutExponent("part[2:]")}
    ELSE part END), '')`;
}
function withoutExponent(number) {
  const parts = `regexp_extract(${number}, '^(-?)([0-9]+)(?:[.]([0-9]+))?[eE]([-+]?[0-9]+)$', ['sign', 'whole', 'fraction', 'power'])`;
  const power = "TRY_CAST(parts.power AS BIGINT)::HUGEINT";
  return let_(
    "parts",
    parts,
    () => let_(
      "digits",
      "ltrim(parts.whole || parts.fraction, '0')",
      () => let_(
        "exponent",
        `${power} - length(parts.fraction) + length(digits) - length(rtrim(digits, '0'))`,
        () => `CASE WHEN digits = '' THEN '0' WHEN exponent IS NULL THEN ${number}
          ELSE parts.sign || ${let_("d", "rtrim(digits, '0')", () => written("d", "exponent"))} END`
      )
    )
  );
}
function written(digits, exponent) {
  const behind = `(-${exponent})::BIGINT`;
  return `CASE WHEN ${exponent} NOT BETWEEN -400 AND 400 THEN ${digits} || 'e' || ${exponent}::VARCHAR
    WHEN ${exponent} >= 0 THEN ${digits} || repeat('0', ${exponent}::BIGINT)
    WHEN length(${digits}) > ${behind} THEN ${digits}[:length(${digits}) - ${behind}] || '.' || ${digits}[length(${digits}) - ${behind} + 1:]
    ELSE '0.' || repeat('0', ${behind} - length(${digits})) || ${digits} END`;
}
function let_(name, value, body) {
  return `list_transform([${value}], lambda ${name}: ${body()})[1]`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/types.js
// src/engines/duckdb/types.ts
function typeOf(name) {
  const list = /^(.*)\[(\d*)\]$/s.exec(name);
  if (list !== null) return { kind: "list", of: typeOf(list[1] ?? ""), length: list[2] ?? "" };
  const [, outer = "", inner = ""] = /^(STRUCT|MAP|UNION)\((.*)\)$/s.exec(name) ?? [];
  if (outer === "UNION") return { kind: "union", name };
  if (outer === "MAP") {
    const [key, value] = parts(inner);
    if (key !== void 0 && value !== void 0)
      return { kind: "map", key: typeOf(key), value: typeOf(value) };
  }
  if (outer === "STRUCT") {
    const fields = parts(inner).map(fieldOf);
    if (fields.every((field) => field !== null)) return { kind: "struct", fields };
  }
  return { kind: "plain", name };
}
function fieldOf(text) {
  const [, quoted, bare, type] = /^(?:"((?:[^"]|"")*)"|([^\s"]+)) (.+)$/s.exec(text) ?? [];
  if (type === void 0) return null;
  return { name: bare ?? quoted?.replaceAll('""', '"') ?? "", type: typeOf(type) };
}
function parts(text) {
  const found = [];
  let [depth, from] = [0, 0];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[(),]/g)) {
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    if (token !== "," || depth > 0) continue;
    found.push(text.slice(from, index).trim());
    from = index + 1;
  }
  return [...found, text.slice(from).trim()];
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/values.js
// src/engines/duckdb/values.ts



function compared(column, side, sources, grouped) {
  const { name, oldType, newType } = column;
  const [own, other] = side === "old" ? [oldType, newType] : [newType, oldType];
  if (isJson(column, sources.mode)) {
    const text = withoutCollation(`${quote(name)}::VARCHAR`, sources);
    return grouped || sources.key?.includes(name) ? canonicalJson(text) : text;
  }
  const value = valueIn(quote(name), typeOf(own), typeOf(other), sources.mode, 0);
  return isEncoded(column, sources) ? `encode(${value})` : value;
}
function isEncoded(column, { collated, mode }) {
  const types = [column.oldType, column.newType];
  return collated && types.includes("VARCHAR") && !types.includes("BLOB") && !isJson(column, mode);
}
function withoutCollation(text, { collated }) {
  return collated ? `decode(encode(${text}))` : text;
}
function isJson({ oldType, newType }, mode) {
  const isText = (type) => type === "JSON" || type === "VARCHAR";
  const both = isText(oldType) && isText(newType);
  return mode === "semantic" && both && (oldType === "JSON" || newType === "JSON");
}
function valueIn(value, own, other, mode, depth) {
  if (own.kind === "list" && other.kind === "list") {
    const item = `item_${depth}`;
    const inner = valueIn(item, own.of, other.of, mode, depth + 1);
    return inner === item && own.length === other.length ? value : `list_transform(${value}, lambda ${item}: ${inner})`;
  }
  if (own.kind === "map" && other.kind === "map") {
    const item = `item_${depth}`;
    const [key, of] = [`struct_extract(${item}, 'key')`, `struct_extract(${item}, 'value')`];
    const inner = [
      valueIn(key, own.key, other.key, mode, depth + 1),
      valueIn(of, own.value, other.value, mode, depth + 1)
    ];
    if (inner[0] === key && inner[1] === of) return value;
    return `list_transform(map_entries(${value}), lambda ${item}: struct_pack(k := ${inner[0]}, v := ${inner[1]}))`;
  }
  if (own.kind === "struct" && other.kind === "struct" && sameFields(own, other)) {
    return structIn(value, own, other, mode, depth);
  }
  if (own.kind === "union" && other.kind === "union" && (own.name !== other.name || mode === "strict")) {
    return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(tag := union_tag(${value})::VARCHAR, text := ${value}::VARCHAR) END`;
  }
  if (own.kind === "plain" && other.kind === "plain") {
    return plainIn(value, own.name, other.name, mode);
  }
  return own.kind === other.kind && own.kind !== "struct" ? value : `${value}::VARCHAR`;
}
function structIn(value, own, other, mode, depth) {
  const fields = byName(own).map(({ name, type }, at) => {
    const from = `struct_extract(${value}, ${literal(name)})`;
    const otherType = byName(other)[at]?.type ?? type;
    return { from, to: valueIn(from, type, otherType, mode, depth + 1) };
  });
  if (fields.every(({ from, to }) => from === to) && fieldNames(own) === fieldNames(other))
    return value;
  const packed = fields.map(({ to }, at) => `f${at} := ${to}`);
  return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${packed.join(", ")}) END`;
}
function sameFields(one, other) {
  const names = (type) => byName(type).map(({ name }) => name.toLowerCase());
  return JSON.stringify(names(one)) === JSON.stringify(names(other));
}
function byName({ fields }) {
  const lower = ({ name }) => name.toLowerCase();
  return [...fields].sort((a, b) => lower(a) < lower(b) ? -1 : 1);
}
function fieldNames({ fields }) {
  return JSON.stringify(fields.map(({ name }) => name));
}
function plainIn(value, own, other, mode) {
  if (own !== other) {
    if (isNumeric(own) && isNumeric(other)) return numberOf(value, own, other, mode);
    if (isTemporal(own) && isTemporal(other)) return instantOf(value, own, other);
    if (isTime(own) && isTime(other)) return `${value}::TIME WITH TIME ZONE`;
    if (own === "BLOB" && other === "VARCHAR") return value;
    if (own === "VARCHAR" && other === "BLOB") return `encode(${value})`;
    return `${value}::VARCHAR`;
  }
  if (own.startsWith("GEOMETRY")) return `ST_AsWKB(${value})`;
  return mode === "strict" && /^(FLOAT|DOUBLE|INTERVAL)$/.test(own) ? `${value}::VARCHAR` : value;
}
function numberOf(value, own, other, mode) {
  if (isFloat(own)) {
    const wide = isFloat(other) ? `${value}::DOUBLE` : value;
    if (mode === "strict") return `${wide}::VARCHAR`;
    return isFloat(other) ? wide : `(CASE WHEN ${value} = 0 THEN 0::${own} ELSE ${value} END)::VARCHAR`;
  }
  if (isFloat(other)) {
    const near = `TRY_CAST(${value}::VARCHAR AS ${other})::VARCHAR`;
    return `CASE WHEN TRY_CAST(${near} AS ${own}) = ${value} THEN ${near} ELSE ${value}::VARCHAR END`;
  }
  const [a, b] = [digitsOf(own), digitsOf(other)];
  const integers = a.scale + b.scale === 0;
  const fits = Math.max(a.whole, b.whole) + Math.max(a.scale, b.scale) <= 38;
  const onlyOneIsHuge = integers && !(/HUGE/.test(own) && /HUGE/.test(other)) && !/DECIMAL/.test(own + other);
  if (fits || onlyOneIsHuge) return value;
  return a.scale === 0 ? `${value}::VARCHAR` : `rtrim(rtrim(${value}::VARCHAR, '0'), '.')`;
}
function instantOf(value, own, other) {
  const isMicro = (type) => /^TIMESTAMP( WITH TIME ZONE)?$/.test(type);
  if (isMicro(own) && isMicro(other)) return value;
  if (own === "TIMESTAMP_NS") return `${value}::VARCHAR`;
  return `coalesce(TRY_CAST(${value} AS TIMESTAMP)::VARCHAR, ${value}::VARCHAR)`;
}
function deviates(column, at, { mode }) {
  const { tolerance, oldType, newType } = column;
  const [o, n] = [`o.v${at}`, `n.v${at}`];
  if (isJson(column, mode)) {
    return `CASE WHEN ${o} IS DISTINCT FROM ${n} THEN ${canonicalJson(o)} IS DISTINCT FROM ${canonicalJson(n)} ELSE false END`;
  }
  if (tolerance === null) return `${o} IS DISTINCT FROM ${n}`;
  const exact = oldType === newType && !isFloat(oldType);
  const distance = exact ? `TRY(greatest(${o}, ${n}) - least(${o}, ${n}))::DOUBLE` : `abs(${n}::DOUBLE - ${o}::DOUBLE)`;
  const limit = "absolute" in tolerance ? `${tolerance.absolute}` : `${tolerance.relative} * greatest(abs(${o}::DOUBLE), abs(${n}::DOUBLE))`;
  const finite = `isfinite(${o}::DOUBLE) AND isfinite(${n}::DOUBLE)`;
  return `(${o} IS DISTINCT FROM ${n} AND NOT coalesce(${finite} AND ${distance} <= ${limit}, false))`;
}
function hasDistance({ oldType, newType }) {
  return oldType === newType && (isNumeric(oldType) || isTemporal(oldType));
}
function incomparable(type) {
  const unquoted = type.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, "");
  return /\bVARIANT\b/.test(unquoted) ? "DuckDB does not compare values of type VARIANT" : null;
}
function isNumeric(type) {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\([^)]*\))$/.test(type);
}
function isTemporal(type) {
  return /^(DATE|TIMESTAMP(_NS|_MS|_S| WITH TIME ZONE)?)$/.test(type);
}
function isTime(type) {
  return /^TIME( WITH TIME ZONE)?$/.test(type);
}
function isFloat(type) {
  return type === "FLOAT" || type === "DOUBLE";
}
function digitsOf(type) {
  const [, width = "", scale = ""] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  if (width !== "") return { whole: Number(width) - Number(scale), scale: Number(scale) };
  const whole = [
    ["TINY", 3],
    ["SMALL", 5],
    ["BIG", 20],
    ["HUGE", 39]
  ];
  return { whole: whole.find(([part]) => type.includes(part))?.[1] ?? 10, scale: 0 };
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/reading.js
// src/engines/duckdb/reading.ts



var attached = {
  old: "greenlight: old",
  new: "greenlight: new",
  store: "greenlight: store"
};
function read(sources, side, columns, condition, { raw = [], row = false, grouped = false, here = columns.length === 0 && !row } = {}) {
  const values = columns.map(
    (column, at) => `${compared(column, side, sources, grouped)} AS v${at}`
  );
  const rawValues = raw.map(
    (column, at) => `${column[side] ? quote(column.name) : "NULL"} AS r${at}`
  );
  const selected = [
    ...values,
    ...rawValues,
    ...here ? ["true AS here"] : [],
    ...row ? ["rowid AS row"] : []
  ];
  return `(SELECT ${selected.join(", ")} FROM ${sources[side]}${where(condition)})`;
}
function beside(sources, columns, condition, also = {}) {
  return `${read(sources, "old", columns, condition, also)} AS o POSITIONAL JOIN ${read(sources, "new", columns, condition, also)} AS n`;
}
function numbered(sources, columns, condition, also = {}) {
  const [old, candidate] = ["old", "new"].map(
    (side) => read(sources, side, columns, condition, { ...also, row: true })
  );
  return `${old} AS o JOIN ${candidate} AS n ON o.row = n.row`;
}
function joined(sources, key, columns, condition, also = {}) {
  const all = [...columns, ...key];
  const on = list(key, (_, at) => `o.v${columns.length + at} = n.v${columns.length + at}`, " AND ");
  return `${read(sources, "old", all, condition, { ...also, here: true })} AS o FULL JOIN ${read(sources, "new", all, condition, { ...also, here: true })} AS n ON ${on}`;
}
function surplus(sources, columns, condition) {
  const names = columns.length === 0 ? ["here"] : columns.map((_, at) => `v${at}`);
  return `SELECT ${names.join(", ")}, sum(side) AS surplus FROM (
      SELECT ${names.join(", ")}, 1 AS side FROM ${read(sources, "new", columns, condition, { grouped: true })}
      UNION ALL
      SELECT ${names.join(", ")}, -1 AS side FROM ${read(sources, "old", columns, condition, { grouped: true })})
    GROUP BY ${names.join(", ")} HAVING sum(side) <> 0`;
}
function anyDeviates(columns, sources) {
  if (columns.length === 0) return "false";
  return `(${list(columns, (column, at) => deviates(column, at, sources), " OR ")})`;
}
function within(ranges) {
  const bounds = ranges.map(
    ({ from, to }) => both(from > 0 ? `rowid >= ${from}` : null, to === null ? null : `rowid < ${to}`)
  );
  if (bounds.includes(null)) return null;
  return bounds.length === 0 ? "false" : `(${bounds.join(" OR ")})`;
}
function both(one, other) {
  if (one === null || other === null) return one ?? other;
  return `${one} AND ${other}`;
}
function where(condition) {
  return condition === null ? "" : ` WHERE ${condition}`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/counts.js
// src/engines/duckdb/counts.ts




function columnGroups(columns) {
  const size = 200;
  const count = Math.max(1, Math.ceil(columns.length / size));
  return Array.from({ length: count }, (_, at) => columns.slice(at * size, (at + 1) * size));
}
function countRows(relation, condition = null) {
  return `SELECT count(*) AS rows FROM ${relation}${where(condition)}`;
}
function countNullKeys(relation, key) {
  return `SELECT count(*) AS nulls FROM ${relation} WHERE ${list(key, (name) => `${quote(name)} IS NULL`, " OR ")}`;
}
function countDuplicateKeys(sources, side, key) {
  return `SELECT count(*) AS duplicates FROM (
    SELECT 1 FROM ${read(sources, side, key, null)} AS s
    GROUP BY ${list(key, (_, at) => `v${at}`)} HAVING count(*) > 1)`;
}
function countNotIncreasing(sources, side, key) {
  const before = list(key, (_, at) => `lag(v${at}) OVER () AS b${at}`);
  const tuple = (name) => `(${list(key, (_, at) => `${name}${at}`)})`;
  return `SELECT count(*) FILTER (b0 IS NOT NULL AND (${tuple("b")} < ${tuple("v")}) IS NOT TRUE) AS not_increasing
    FROM (SELECT *, ${before} FROM ${read(sources, side, key, null)})`;
}
function findStrayKeys(sources, key, rest) {
  const columns = list(key, (_, at) => `v${at}`);
  const on = (a, b) => list(key, (_, at) => `${a}.v${at} = ${b}.v${at}`, " AND ");
  const isNull = list(key, (_, at) => `v${at} IS NULL`, " OR ");
  const elsewhere = `EXISTS (FROM added AS n SEMI JOIN ${read(sources, "old", key, null)} AS o ON ${on("o", "n")})`;
  return `WITH added AS MATERIALIZED (
      SELECT n.* FROM ${read(rest.sources, "new", key, rest.condition)} AS n
        ANTI JOIN ${read(rest.sources, "old", key, rest.condition)} AS o ON ${on("o", "n")})
    SELECT EXISTS (FROM added WHERE ${isNull})
      OR EXISTS (SELECT 1 FROM added GROUP BY ${columns} HAVING count(*) > 1)
      OR ${rest.isAll ? "false" : elsewhere} AS stray`;
}
function countAligned(sources, key, columns, condition) {
  const all = [...columns, ...key];
  const differs = list(
    key,
    (_, at) => `o.v${columns.length + at} IS DISTINCT FROM n.v${columns.length + at}`,
    " OR "
  );
  return `SELECT count(*) FILTER (${differs}) AS misaligned${changedCounts(sources, columns)}
    FROM ${beside(sources, all, condition)}`;
}
function countPaired(sources, columns, condition, by) {
  if (columns.length === 0) return "SELECT 0 AS none";
  const rows = by === "position" ? beside : numbered;
  return `SELECT 0 AS none${changedCounts(sources, columns)} FROM ${rows(sources, columns, condition)}`;
}
function countUnpaired(sources, condition) {
  const count = (side) => `(SELECT count(*) FROM ${read(sources, side, [], condition)})`;
  return `SELECT abs(${count("old")} - ${count("new")}) AS unpaired`;
}
function changedCounts(sources, columns, also = "") {
  return columns.map((column, at) => `, count(*) FILTER (${also}${deviates(column, at, sources)}) AS c${at}`).join("");
}
function countByJoin(sources, key, columns, condition) {
  return `SELECT count(*) FILTER (o.here IS NULL) AS added, count(*) FILTER (n.here IS NULL) AS removed,
      count(*) FILTER (o.here AND n.here) AS matched${changedCounts(sources, columns, "o.here AND n.here AND ")}
    FROM ${joined(sources, key, columns, condition)}`;
}
function countMultiset(sources, columns, condition) {
  return `SELECT coalesce(sum(surplus) FILTER (surplus > 0), 0) AS added,
      coalesce(-sum(surplus) FILTER (surplus < 0), 0) AS removed
    FROM (${surplus(sources, columns, condition)})`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/json-text.js
// src/engines/duckdb/json-text.ts


function jsonObject(members) {
  const parts = members.flatMap(([name, value, type], at) => [
    literal(`${at === 0 ? "{" : ","}${JSON.stringify(name)}:`),
    jsonValue(value, type, false)
  ]);
  return `concat(${[...parts.length === 0 ? ["'{'"] : parts, "'}'"].join(", ")})`;
}
function jsonValue(value, type, mask) {
  const text = `${value}::VARCHAR`;
  const shown = mask ? masked(text) : text;
  const json = type !== void 0 && isPlain(type) ? `('"' || ${shown} || '"')` : jsonText(shown);
  return `coalesce(${json}, 'null')`;
}
function isPlain(type) {
  return isNumeric(type) || isTemporal(type) || type === "BOOLEAN" || type === "UUID";
}
function jsonText(text) {
  return `to_json(${text})::VARCHAR`;
}
function masked(text) {
  return `regexp_replace(regexp_replace(${text}, '[\\p{L}\\p{M}]', 'x', 'g'), '\\p{N}', '9', 'g')`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/judging.js
// src/engines/duckdb/judging.ts





var judgedAtOnce = 8;
async function readClaims(workspace, claims, { sources }) {
  if (claims.every(({ where, holds }) => where === null && holds === null))
    return claims.map((claim) => ({ claim, where: null, holds: null }));
  const columnsOf = async (relation) => (await workspace.rows("look at the columns", `DESCRIBE SELECT * FROM ${relation}`)).map(
    (row) => ({ name: String(row.column_name), type: String(row.column_type) })
  );
  const columns = { old: await columnsOf(sources.old), new: await columnsOf(sources.new) };
  const read = [];
  for (const claim of claims) read.push(await readClaim(workspace, claim, columns));
  return read;
}
function otherColumns(claims, dirty) {
  const sides = /* @__PURE__ */ new Map();
  for (const { side, column } of claims.flatMap(referencesOf)) {
    if (dirty.some(({ name }) => name === column)) continue;
    sides.set(column, { ...sides.get(column) ?? { old: false, new: false }, [side]: true });
  }
  return [...sides].map(([name, on]) => ({ name, ...on }));
}
async function writeClaim(workspace, { claim, where, holds }, { dirty, kept, pair, plan }) {
  const deviates = dirty.findIndex(({ name }) => name === claim.column);
  const isKnown = ({ column }) => plan.key !== null || pair.columns.some(({ name }) => name === column);
  const isPossible = claim.kind !== "changed" || deviates !== -1;
  if (!isPossible || !referencesOf({ claim, where, holds }).every(isKnown))
    return { covers: "false", breaks: "false" };
  const nameOf = ({ side, column }) => {
    const at = kept.findIndex((one) => one.name === column && one[side]);
    return `${side === "old" ? "o" : "n"}${at}`;
  };
  const base = claim.kind === "changed" ? `d${deviates}` : `kind = '${claim.kind}'`;
  const claimed = where === null ? "true" : await write(workspace, where, nameOf);
  const held = holds === null ? "true" : await write(workspace, holds, nameOf);
  const among = (then) => `CASE WHEN ${base} THEN CASE WHEN (${claimed}) THEN ${then} ELSE false END ELSE false END`;
  return { covers: among("true"), breaks: among(`(${held}) IS NOT TRUE`) };
}
async function judgeClaims(workspace, gathered, claims) {
  const outcomes = /* @__PURE__ */ new Map();
  for (const batch of batches(ofSameRows(claims))) {
    try {
      await judgeBatch(workspace, gathered, batch, claims, outcomes);
    } catch (error) {
      if (isOfTheMachine(error)) throw error;
      for (const claim of batch.flat()) {
        outcomes.set(claim, await judgeAlone(workspace, gathered, claim));
      }
    }
  }
  return claims.map((claim) => outcomes.get(claim) ?? nothing);
}
var nothing = { claimed: 0, broken: 0, overlap: null, fault: null };
function ofSameRows(claims) {
  const groups = /* @__PURE__ */ new Map();
  for (const claim of claims) {
    const id = JSON.stringify([claim.kind, claim.column]);
    groups.set(id, [...groups.get(id) ?? [], claim]);
  }
  return [...groups.values()];
}
function batches(groups) {
  const all = [];
  for (const group of groups) {
    const last = all.at(-1);
    if (last !== void 0 && last.flat().length + group.length <= judgedAtOnce) last.push(group);
    else all.push([group]);
  }
  return all;
}
async function judgeBatch(workspace, gathered, groups, claims, outcomes) {
  const batch = groups.flat();
  const about = `judge the deviating rows of ${gathered.pair.schema}.${gathered.pair.name}`;
  const row = await workspace.ask(about, judgeStatement(gathered, groups));
  for (const [at, claim] of batch.entries()) {
    const earlier = row[`earlier${at}`] ?? null;
    const first = earlier === null ? null : batch[toNumber(earlier)];
    outcomes.set(claim, {
      ...countsOf(row, at),
      overlap: first == null ? null : {
        claim: claims.indexOf(first),
        rows: toNumber(
          (await workspace.ask(about, countCommon(gathered, first, claim))).rows
        )
      },
      fault: null
    });
  }
}
async function judgeAlone(workspace, gathered, claim) {
  try {
    const row = await workspace.ask("judge one claim", judgeStatement(gathered, [[claim]]));
    return { ...nothing, ...countsOf(row, 0) };
  } catch (error) {
    if (isOfTheMachine(error)) throw error;
    return { ...nothing, fault: withoutData((0,errors/* messageOf */.bD)(error)) };
  }
}
function countsOf(row, at) {
  return { claimed: toNumber(row[`claimed${at}`]), broken: toNumber(row[`broken${at}`]) };
}
function judgeStatement(gathered, groups) {
  const batch = groups.flat();
  const flags = list(batch, (claim, at) => {
    const { covers, breaks } = writtenClaim(gathered, claim);
    return `${covers} AS c${at}, ${breaks} AS b${at}`;
  });
  const rowsWith = (flag) => `coalesce(sum(occurrences) FILTER (${flag}), 0)`;
  const counts = groups.flatMap((group) => {
    const from = batch.indexOf(group[0]);
    return group.flatMap((_, nth) => {
      const at = from + nth;
      const earlier = group.slice(0, nth).map((_2, of) => `WHEN c${from + of} THEN ${from + of}`);
      return [
        `${rowsWith(`c${at}`)} AS claimed${at}`,
        `${rowsWith(`b${at}`)} AS broken${at}`,
        ...nth === 0 ? [] : [`min(CASE ${earlier.join(" ")} END) FILTER (c${at}) AS earlier${at}`]
      ];
    });
  });
  return `SELECT ${counts.join(", ")} FROM (SELECT occurrences, ${flags} FROM ${gathered.table})`;
}
function countCommon(gathered, one, other) {
  const [a, b] = [writtenClaim(gathered, one), writtenClaim(gathered, other)];
  return `SELECT coalesce(sum(occurrences), 0) AS rows FROM ${gathered.table} WHERE ${a.covers} AND ${b.covers}`;
}
function explainedRow(gathered, explaining) {
  if (explaining.length === 0) return "false";
  const ofKind = (kind) => explaining.filter((claim) => claim.kind === kind);
  const cells = gathered.dirty.map(({ name }, at) => {
    const claims = ofColumn(explaining, name);
    return claims.length === 0 ? `NOT d${at}` : `(NOT d${at} OR ${coveredBy(gathered, claims)})`;
  });
  return `CASE kind WHEN 'added' THEN ${coveredBy(gathered, ofKind("added"))}
    WHEN 'removed' THEN ${coveredBy(gathered, ofKind("removed"))} ELSE ${cells.join(" AND ") || "false"} END`;
}
async function countUnexplainedCells(workspace, gathered, explaining) {
  const { dirty, cells, table, pair } = gathered;
  const unexplained = new Map(cells);
  const claimed = [...dirty.entries()].filter(
    ([, { name }]) => ofColumn(explaining, name).length > 0
  );
  for (let from = 0; from < claimed.length; from += judgedAtOnce) {
    const columns = claimed.slice(from, from + judgedAtOnce);
    const row = await workspace.ask(
      `judge the deviating rows of ${pair.schema}.${pair.name}`,
      `SELECT ${list(
        columns,
        ([at, { name }]) => `count(*) FILTER (d${at} AND NOT ${coveredBy(gathered, ofColumn(explaining, name))}) AS c${at}`
      )} FROM ${table}`
    );
    for (const [at, { name }] of columns) {
      const count = toNumber(row[`c${at}`]);
      if (count === 0) unexplained.delete(name);
      else unexplained.set(name, count);
    }
  }
  return unexplained;
}
function ofColumn(claims, column) {
  return claims.filter((claim) => claim.kind === "changed" && claim.column === column);
}
function coveredBy(gathered, claims) {
  if (claims.length === 0) return "false";
  return `(${list(claims, (claim) => writtenClaim(gathered, claim).covers, " OR ")})`;
}
function writtenClaim({ claims }, claim) {
  const written = claims.get(claimId(claim));
  if (written === void 0) throw new Error("A claim was not gathered for");
  return written;
}
function claimId({ kind, column, where, holds }) {
  return JSON.stringify([kind, column, where, holds]);
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/pattern-parts.js
// src/engines/duckdb/pattern-parts.ts
function isSampled({ at, every }) {
  return every === 1 ? `d${at}` : `(d${at} AND hash(row_key) % ${every} = 0)`;
}
function pattern_parts_manyRows(rows, total) {
  return rows >= 2 && rows * 5 >= total;
}
function allOrManyRows(rows, total) {
  return rows === total || pattern_parts_manyRows(rows, total);
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/pattern-numbers.js
// src/engines/duckdb/pattern-numbers.ts

function numberClues(column, o, n) {
  const [x, y] = [`${o}::DOUBLE`, `${n}::DOUBLE`];
  const ratio = `(${y} / nullif(${x}, 0))`;
  const significant = (digits) => pattern_numbers_text(`round(${ratio}, ${digits - 1} - floor(log10(nullif(abs(${ratio}), 0)))::INTEGER)`);
  return {
    offset: pattern_numbers_isFloat(column) ? floatDistance(column, x, y) : pattern_numbers_text(distance(column, o, n)),
    "factor, 2 decimals": pattern_numbers_text(`round(${ratio}, 2)`),
    "factor, 4 decimals": pattern_numbers_text(`round(${ratio}, 4)`),
    "factor, 9 digits": significant(9),
    "factor, 15 digits": significant(15),
    decimals: decimalsClue(column, n)
  };
}
function numberKinds(column, clue, constants) {
  const offsets = numbersIn(clue("offset"), [0]);
  const factors = numbersIn(
    ["2 decimals", "4 decimals", "9 digits", "15 digits"].flatMap(
      (precision) => clue(`factor, ${precision}`)
    ),
    [0, 1, -1]
  );
  const decimals = clue("decimals").map(Number);
  return [
    // DuckDB negates an unsigned number by wrapping it around.
    ...column.oldType.startsWith("U") ? [] : [{ pattern: "sign", relation: negated, detail: null }],
    ...digitsThatCanGo(column).map((digits) => ({
      pattern: "rounding",
      relation: (o, n) => `${n} = round(${o}, ${digits})`
    })),
    ...digitsThatCanGo(column).map((digits) => ({
      pattern: "truncation",
      relation: (o, n) => `${n} = trunc(${o}, ${digits})`
    })),
    ...constants,
    ...offsets.flatMap((offset) => offsetKinds(column, offset)),
    ...factors.flatMap((factor) => factorKinds(column, factor, decimals))
  ];
}
function negated(o, n) {
  return `${n} = -${o}`;
}
function offsetKinds(column, offset) {
  const sum = (o) => offset.startsWith("-") ? `${o} - ${offset.slice(1)}` : `${o} + ${offset}`;
  const kind = {
    pattern: "constant offset",
    relation: (o, n) => `${n} = ${sum(o)}`,
    detail: `new = ${sum("old")}`,
    showsValues: true,
    enough: allOrManyRows
  };
  return pattern_numbers_isFloat(column) ? [kind, nearly(column, kind, sum)] : [kind];
}
function factorKinds(column, factor, decimals) {
  const product = (o) => `${o} * ${factor}`;
  const kind = {
    pattern: "constant factor",
    relation: (o, n) => `${n} = ${product(o)}`,
    detail: `new = ${product("old")}`,
    showsValues: true,
    enough: pattern_parts_manyRows
  };
  if (!pattern_numbers_isFloat(column) && !hasProduct(column.oldType, factor)) return [];
  const rounded = decimals.map((digits) => ({
    ...kind,
    relation: (o, n) => `${n} = round(${product(o)}, ${digits})`,
    detail: `new = round(${product("old")}, ${digits})`
  }));
  return pattern_numbers_isFloat(column) ? [kind, nearly(column, kind, product), ...rounded] : [kind, ...rounded];
}
function hasProduct(type, factor) {
  const digits = factor.replace(/\D/g, "").replace(/^0+/, "").length;
  const width = widthOf(type);
  const fits = width > 18 || digits > 18 || width + digits <= 18 || digits <= 4;
  return fits && scaleOf(type) + (factor.split(".")[1]?.length ?? 0) <= 38;
}
function nearly(column, kind, expected) {
  const noise = isSingle(column) ? "1e-6" : "1e-14";
  const size = (o, n) => `greatest(abs(${o}), abs(${n}))`;
  const relation = (o, n) => `abs(${n} - (${expected(o)})) < ${noise} * ${size(o, n)}`;
  return {
    ...kind,
    relation,
    // A change that drowns in the noise is close to everything.
    check: (o, n) => `${relation(o, n)} AND abs(${n} - ${o}) > 100 * ${noise} * ${size(o, n)}`
  };
}
function pattern_numbers_text(value) {
  return `TRY(${value})::VARCHAR`;
}
function distance({ oldType, newType }, o, n) {
  const exact = /DECIMAL/.test(oldType + newType);
  return exact ? `${n} - ${o}` : `${n}::HUGEINT - ${o}::HUGEINT`;
}
function floatDistance(column, x, y) {
  const digits = isSingle(column) ? 6 : 14;
  const size = `ceil(log10(nullif(greatest(abs(${x}), abs(${y})), 0)))::INTEGER`;
  return pattern_numbers_text(`round(${y} - ${x}, least(15, ${digits} - ${size}))`);
}
function decimalsClue(column, n) {
  const most = pattern_numbers_isFloat(column) ? 6 : Math.min(6, scaleOf(column.newType));
  const cases = Array.from(
    { length: most + 1 },
    (_, digits) => `WHEN ${n} = round(${n}, ${digits}) THEN '${digits}'`
  );
  return `CASE ${cases.join(" ")} END`;
}
function numbersIn(texts, trivial) {
  const numbers = texts.filter((text2) => Number.isFinite(Number(text2)) && !trivial.includes(Number(text2))).map((text2) => /^-?\d+\.\d+$/.test(text2) ? text2.replace(/\.?0+$/, "") : text2);
  return [...new Set(numbers)];
}
function digitsThatCanGo({ oldType }) {
  const scale = /FLOAT|DOUBLE/.test(oldType) ? 7 : scaleOf(oldType);
  return Array.from({ length: Math.min(7, scale) }, (_, digits) => digits);
}
function widthOf(type) {
  const [, width] = /^DECIMAL\((\d+),/.exec(type) ?? [];
  if (width !== void 0) return Number(width);
  return /HUGE/.test(type) ? 39 : /BIG/.test(type) ? 19 : 10;
}
function scaleOf(type) {
  return Number(/^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)?.[1] ?? 0);
}
function pattern_numbers_isFloat({ oldType, newType }) {
  return /FLOAT|DOUBLE/.test(oldType + newType);
}
function isSingle({ oldType, newType }) {
  return /FLOAT/.test(oldType + newType);
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/pattern-texts.js
// src/engines/duckdb/pattern-texts.ts


function textClues(o, n) {
  return {
    length: `length(${n})::VARCHAR`,
    first: `left(${n}, 1)`,
    last: `right(${n}, 1)`,
    "suffix added": added("starts_with", o, n, `substr(${n}, length(${o}) + 1)`),
    "prefix added": added("ends_with", o, n, `left(${n}, length(${n}) - length(${o}))`),
    "suffix removed": added("starts_with", n, o, `substr(${o}, length(${n}) + 1)`),
    "prefix removed": added("ends_with", n, o, `left(${o}, length(${o}) - length(${n}))`)
  };
}
function textKinds(clue, constants) {
  return [
    ...whitespaceKinds,
    ...caseKinds,
    ...encodingKinds.map(ofShortTexts),
    ...paddingKinds(clue),
    ...constants,
    ...clue("length").map(
      (length) => ({
        pattern: "truncation",
        relation: (o, n) => `${n} = left(${o}, ${length})`,
        enough: pattern_parts_manyRows
      })
    ),
    ...affixKinds(clue),
    {
      pattern: "truncation",
      // Every text begins with the empty one.
      relation: (o, n) => `starts_with(${o}, ${n}) AND ${n} <> ''`,
      detail: null
    }
  ];
}
var blanks = `'[\\s\\p{Z}\\x{85}]+', '', 'g'`;
var whitespaceKinds = [
  { pattern: "whitespace", relation: (o, n) => `${n} = trim(${o})` },
  { pattern: "whitespace", relation: (o, n) => `trim(${n}) = trim(${o})` },
  {
    pattern: "whitespace",
    relation: (o, n) => `regexp_replace(${n}, ${blanks}) = regexp_replace(${o}, ${blanks})`,
    detail: null
  }
];
var caseKinds = [
  { pattern: "case", relation: (o, n) => `${n} = upper(${o})` },
  { pattern: "case", relation: (o, n) => `${n} = lower(${o})` },
  { pattern: "case", relation: (o, n) => `lower(${n}) = lower(${o})`, detail: null }
];
function paddingKinds(clue) {
  const sides = [
    ["lpad", "first"],
    ["rpad", "last"]
  ];
  const [length] = clue("length");
  const padded = sides.flatMap(([pad, end]) => {
    const [character] = clue(end);
    if (length === void 0 || character === void 0 || character === "") return [];
    const to = `${length}, ${literal(character)}`;
    return [
      {
        pattern: "padding",
        relation: (o, n) => `${n} = ${pad}(${o}, ${to})`,
        // A text that is too long is cut off: that is another change.
        check: (o, n) => `length(${o}) < ${length} AND ${n} = ${pad}(${o}, ${to})`,
        showsValues: true,
        enough: pattern_parts_manyRows
      }
    ];
  });
  return [
    ...padded,
    {
      pattern: "padding",
      relation: (o, n) => `ltrim(${n}, '0') = ltrim(${o}, '0')`,
      detail: "leading zeros"
    }
  ];
}
function ofShortTexts(kind) {
  const check = (o, n) => `CASE WHEN greatest(length(${o}), length(${n})) <= 2000 THEN ${(kind.check ?? kind.relation)(o, n)} ELSE false END`;
  return { ...kind, check };
}
function affixKinds(clue) {
  const joined = {
    "suffix added": (from, affix) => `${from} || ${affix}`,
    "prefix added": (from, affix) => `${affix} || ${from}`,
    "suffix removed": (from, affix) => `${from} || ${affix}`,
    "prefix removed": (from, affix) => `${affix} || ${from}`
  };
  return Object.entries(joined).flatMap(
    ([pattern, join]) => clue(pattern).map(
      (affix) => ({
        pattern,
        relation: (o, n) => pattern.endsWith("added") ? `${n} = ${join(o, literal(affix))}` : `${o} = ${join(n, literal(affix))}`,
        showsValues: true,
        enough: pattern_parts_manyRows
      })
    )
  );
}
function added(has, short, long, affix) {
  return `CASE WHEN ${short} <> '' AND length(${long}) BETWEEN length(${short}) + 1 AND length(${short}) + 50
    AND ${has}(${long}, ${short}) THEN ${affix} END`;
}
var encodingKinds = [
  ...misread("Latin-1", asLatin1),
  ...misread("Windows-1252", (text) => asWindows1252(asLatin1(text))),
  ...["'?'", "chr(65533)"].map((mark) => ({
    pattern: "encoding damage",
    relation: (o, n) => `${n} = regexp_replace(${o}, '[^\\x00-\\x7F]', ${mark}, 'g')`,
    detail: mark === "'?'" ? "letters became ?" : "letters became U+FFFD"
  })),
  {
    pattern: "encoding damage",
    // One mark for each byte of a letter.
    relation: (o, n) => `contains(${n}, chr(65533)) AND regexp_replace(${n}, '\\x{FFFD}+', '?', 'g') = regexp_replace(${o}, '[^\\x00-\\x7F]+', '?', 'g')`,
    detail: "letters became U+FFFD"
  },
  {
    pattern: "normalization",
    relation: (o, n) => `nfc_normalize(${n}) = nfc_normalize(${o})`,
    detail: "composed or decomposed letters"
  },
  { pattern: "accents removed", relation: (o, n) => `${n} = strip_accents(${o})`, detail: null }
];
function misread(encoding, reading) {
  return [
    {
      pattern: "encoding damage",
      relation: (o, n) => `${n} = ${reading(o)}`,
      detail: `UTF-8 read as ${encoding}`
    },
    {
      pattern: "encoding repair",
      relation: (o, n) => `${o} = ${reading(n)}`,
      detail: `UTF-8 was read as ${encoding}`
    }
  ];
}
function asLatin1(text) {
  return `array_to_string(list_transform(regexp_extract_all(hex(encode(${text})), '..'), lambda byte: chr(('0x' || byte)::INTEGER)), '')`;
}
var windowsLetters = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";
var windowsBytes = [
  128,
  130,
  131,
  132,
  133,
  134,
  135,
  136,
  137,
  138,
  139,
  140,
  142,
  145,
  146,
  147,
  148,
  149,
  150,
  151,
  152,
  153,
  154,
  155,
  156,
  158,
  159
];
function asWindows1252(latin1) {
  const bytes = `array_to_string(list_transform([${windowsBytes.join(", ")}], lambda byte: chr(byte)), '')`;
  return `translate(${latin1}, ${bytes}, '${windowsLetters}')`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/pattern-times.js
// src/engines/duckdb/pattern-times.ts

function timeClues({ oldType, newType }, o, n) {
  const zoned = /TIME ZONE/.test(oldType + newType);
  const [from, to] = zoned ? [o, n] : [`${o}::TIMESTAMP`, `${n}::TIMESTAMP`];
  const months = `datediff('month', ${from}, ${to})`;
  return {
    months: `TRY(CASE WHEN ${from} + to_months(${months}::INTEGER) = ${to} THEN ${months}::VARCHAR END)`,
    microseconds: `TRY(epoch_us(${n}) - epoch_us(${o}))::VARCHAR`
  };
}
function timeKinds(clue, constants) {
  return [
    ...constants,
    ...units.map((unit) => ({
      pattern: "truncation",
      relation: (o, n) => `${n} = date_trunc('${unit}', ${o})`
    })),
    ...clue("months").flatMap((months) => shift(BigInt(months), "MONTH")),
    ...clue("microseconds").flatMap(
      (microseconds) => shift(...inLargestUnit(BigInt(microseconds)))
    )
  ];
}
var units = ["second", "minute", "hour", "day", "month", "year"];
function shift(by, unit) {
  if (by === 0n) return [];
  const size = by < 0n ? -by : by;
  const interval = `INTERVAL ${size > 2147483647n ? `(${size})` : size} ${unit}`;
  const moved = (o) => `${o} ${by < 0n ? "-" : "+"} ${interval}`;
  return [
    {
      pattern: unit === "MONTH" || unit === "DAY" ? "date shift" : "constant offset",
      relation: (o, n) => `${n} = ${moved(o)}`,
      showsValues: true,
      enough: allOrManyRows
    }
  ];
}
function inLargestUnit(microseconds) {
  const sizes = [
    ["DAY", 86400000000n],
    ["HOUR", 3600000000n],
    ["MINUTE", 60000000n],
    ["SECOND", 1000000n]
  ];
  const [unit, size] = sizes.find(([, one]) => microseconds % one === 0n) ?? ["MICROSECOND", 1n];
  return [microseconds / size, unit];
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/pattern-kinds.js
// src/engines/duckdb/pattern-kinds.ts






function cluesOf(column, old, new_) {
  return { ...valueClue(column, new_), ...ownClues(column, old, new_) };
}
function kindsOf(column, clue) {
  const constants = clue("value").map((text) => constantOf(text, column.newType));
  return [
    ...constants.map(nullToConstant),
    { pattern: "null to value", relation: (o) => `${o} IS NULL`, detail: null },
    { pattern: "value to null", relation: (_, n) => `${n} IS NULL`, detail: null },
    ...ownKinds(column, clue, constants.map(toConstant))
  ];
}
function ownClues(column, old, new_) {
  switch (familyOf(column)) {
    case "number":
      return numberClues(column, old, new_);
    case "time":
      return timeClues(column, old, new_);
    case "text":
      return textClues(old, new_);
    default:
      return {};
  }
}
function ownKinds(column, clue, constants) {
  switch (familyOf(column)) {
    case "number":
      return numberKinds(column, clue, constants);
    case "time":
      return timeKinds(clue, constants);
    case "text":
      return textKinds(clue, constants);
    case "boolean":
      return [
        { pattern: "false to true", relation: (o, n) => `NOT ${o} AND ${n}`, detail: null },
        { pattern: "true to false", relation: (o, n) => `${o} AND NOT ${n}`, detail: null }
      ];
    default:
      return [...constants];
  }
}
function familyOf({ oldType, newType }) {
  const both = (is) => is(oldType) && is(newType);
  if (both(isNumeric)) return "number";
  if (both(isTemporal)) return "time";
  if (both((type) => type === "VARCHAR")) return "text";
  return both((type) => type === "BOOLEAN") ? "boolean" : "other";
}
var longestConstant = 200;
function valueClue({ newType }, new_) {
  const known = isNumeric(newType) || isTemporal(newType) || /^(VARCHAR|UUID|TIME|ENUM\b.*)$/.test(newType);
  if (!known) return {};
  const text = newType === "VARCHAR" ? new_ : `${new_}::VARCHAR`;
  return { value: `CASE WHEN length(${text}) <= ${longestConstant} THEN ${text} END` };
}
function constantOf(text, type) {
  if (isNumeric(type) && /^-?[\d.]/.test(text)) return text;
  if (type === "BOOLEAN") return text;
  if (type === "DATE" || type === "TIMESTAMP") return `${type} ${literal(text)}`;
  if (type === "VARCHAR" || type.startsWith("ENUM")) return literal(text);
  return `${literal(text)}::${type}`;
}
function nullToConstant(constant) {
  return {
    pattern: "null to value",
    relation: (o, n) => `${o} IS NULL AND ${n} = ${constant}`,
    detail: `new = ${constant}`,
    showsValues: true,
    enough: pattern_parts_manyRows
  };
}
function toConstant(constant) {
  return {
    pattern: "default",
    relation: (_, n) => `${n} = ${constant}`,
    // NULL to a constant has a name of its own.
    check: (o, n) => `${o} IS NOT NULL AND ${n} = ${constant}`,
    showsValues: true,
    // One row alone always becomes one constant; that it became empty says something.
    enough: constant === "''" ? (rows, total) => rows === total || pattern_parts_manyRows(rows, total) : pattern_parts_manyRows
  };
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/separating.js
// src/engines/duckdb/separating.ts





var mostDirtyColumns = 32;
var mostOtherColumns = 32;
var mostRows = 2e7;
var mostValues = 5;
var longestValue = 100;
var mostProven = 4;
var conditionsAtOnce = 16;
var columnsAtOnce = 8;
async function findConditions(workspace, gathered, dirty) {
  const rows = await separating_countRows(workspace, gathered);
  const others = separating_otherColumns(gathered);
  const asked = dirty.filter(({ cells }) => cells > 1 && cells <= mostRows && cells < rows.new - rows.added).toSorted((a, b) => b.cells - a.cells).slice(0, mostDirtyColumns);
  if (asked.length === 0 || others.length === 0) return /* @__PURE__ */ new Map();
  const guessed = await guess(workspace, gathered, asked, others);
  const possible = await ruleOut(workspace, gathered, guessed, rows.added);
  const exact = await widen(workspace, gathered, possible);
  const proven = await prove(workspace, gathered, exact);
  return new Map(
    proven.toReversed().map(({ dirty: { column }, detail, relation }) => [column.name, { detail, relation }])
  );
}
async function separating_countRows(workspace, { table, plan, pair }) {
  const row = await workspace.ask(
    `look for conditions in ${pair.schema}.${pair.name}`,
    `SELECT (SELECT count(*) FROM ${plan.sources.new}) AS new,
      (SELECT count(*) FROM ${table} WHERE kind = 'added') AS added`
  );
  return { new: toNumber(row.new), added: toNumber(row.added) };
}
function separating_otherColumns({ pair, dirty }) {
  return pair.columns.filter(({ name }) => !dirty.some((column) => column.name === name)).filter(({ oldType, newType, tolerance }) => oldType === newType && tolerance === null).filter(
    ({ newType }) => isOrdered(newType) || /^(VARCHAR|BOOLEAN|UUID|ENUM\b.*)$/.test(newType)
  ).slice(0, mostOtherColumns).map((column, nth) => ({ column, nth }));
}
function isOrdered(type) {
  return isNumeric(type) || isTemporal(type);
}
async function guess(workspace, gathered, dirty, others) {
  const about = aboutOf(gathered);
  const sample = workspace.scratchTable();
  await workspace.run(about, takeSample(sample, gathered, dirty, others));
  try {
    const candidates = [];
    for (const one of dirty) {
      for (const some of groups(others, columnsAtOnce)) {
        const row = await workspace.ask(about, lookAtValues(sample, one, some));
        candidates.push(...some.flatMap((other) => candidatesFrom(row, one, other)));
      }
    }
    return candidates;
  } finally {
    await workspace.run(about, `DROP TABLE ${sample}`);
  }
}
function takeSample(sample, gathered, dirty, others) {
  const keys = (gathered.plan.key ?? []).map((_, at) => `k${at}`);
  const flags = dirty.map((one) => `${isSampled(one)} AS s${one.at}`);
  return `CREATE TABLE ${sample} AS SELECT ${list(dirty, ({ at }) => `deviating.s${at}`)},
      ${list(others, ({ column, nth }) => `new.${quote(column.name)} AS c${nth}`)}
    FROM ${gathered.plan.sources.new} AS new JOIN (
      SELECT ${[...keys, ...flags].join(", ")} FROM ${gathered.table}
      WHERE kind = 'changed' AND (${list(dirty, isSampled, " OR ")})) AS deviating ON ${sameKey(gathered)}`;
}
function lookAtValues(sample, { at }, others) {
  const facts = others.flatMap(({ column, nth }) => [
    `count(c${nth}) AS present_${nth}`,
    `histogram(c${nth}::VARCHAR) AS values_${nth}`,
    ...isOrdered(column.newType) ? [`min(c${nth})::VARCHAR AS least_${nth}`, `max(c${nth})::VARCHAR AS greatest_${nth}`] : []
  ]);
  const columns = others.flatMap(({ column, nth }) => [
    `present_${nth}`,
    `CASE WHEN cardinality(values_${nth}) <= ${mostValues}
       AND list_max(list_transform(map_keys(values_${nth}), lambda value: length(value))) <= ${longestValue}
       THEN to_json(map_keys(values_${nth}))::VARCHAR END AS values_${nth}`,
    ...isOrdered(column.newType) ? [`least_${nth}`, `greatest_${nth}`] : []
  ]);
  return `SELECT all_rows, ${columns.join(", ")}
    FROM (SELECT count(*) AS all_rows, ${facts.join(", ")} FROM ${sample} WHERE s${at})`;
}
function candidatesFrom(row, dirty, about) {
  const { column, nth } = about;
  const present = toNumber(row[`present_${nth}`]);
  const candidate = (form, test) => candidateOf(dirty, about, form, test);
  if (present === 0) return [candidate("null", "IS NULL")];
  if (present < toNumber(row.all_rows)) return [];
  const texts = row[`values_${nth}`] === null ? [] : JSON.parse(String(row[`values_${nth}`]));
  const values = texts.toSorted().map((text) => constantOf(text, column.newType));
  const [least, greatest] = [row[`least_${nth}`], row[`greatest_${nth}`]];
  return [
    ...equalTo(values, dirty).map(([form, test]) => candidate(form, test)),
    candidate("null", "IS NOT NULL"),
    ...least == null || dirty.cells < 3 ? [] : rangesOf(String(least), String(greatest), column).map(
      ([form, test]) => candidate(form, test)
    )
  ];
}
function equalTo(values, { cells }) {
  const [first] = values;
  if (first === void 0 || values.length * 2 > cells) return [];
  if (values.length === 1) return [["equal", `= ${first}`]];
  return [["in", `IN (${values.join(", ")})`]];
}
function rangesOf(least, greatest, { newType }) {
  const [from, to] = [constantOf(least, newType), constantOf(greatest, newType)];
  return [
    ["from", `>= ${from}`],
    ["to", `<= ${to}`],
    ["between", `BETWEEN ${from} AND ${to}`]
  ];
}
function candidateOf(dirty, about, form, test) {
  const { name } = about.column;
  const shown = /^[a-z_][a-z0-9_]*$/i.test(name) ? name : quote(name);
  return { dirty, about, form, detail: `${shown} ${test}`, relation: `new.${quote(name)} ${test}` };
}
async function ruleOut(workspace, gathered, candidates, added) {
  const counts = /* @__PURE__ */ new Map();
  const relations = [...new Set(candidates.map(({ relation }) => relation))];
  for (const some of groups(relations, conditionsAtOnce)) {
    const row = await workspace.ask(
      aboutOf(gathered),
      `SELECT ${list(some, (relation, at) => `count(*) FILTER (${relation}) AS t${at}`)} FROM ${gathered.plan.sources.new} AS new`
    );
    some.forEach((relation, at) => {
      counts.set(relation, toNumber(row[`t${at}`]));
    });
  }
  const possible = candidates.filter((candidate) => {
    const { cells, every } = candidate.dirty;
    const rows = counts.get(candidate.relation) ?? 0;
    const tooFew = rows < cells && !(isRange(candidate) && every > 1);
    return !tooFew && rows <= cells + added;
  });
  return groupsOf(possible).flatMap(
    (own) => own.toSorted((a, b) => simplicity(a) - simplicity(b)).slice(0, mostProven)
  );
}
async function widen(workspace, gathered, candidates) {
  const ranges = candidates.filter((one) => isRange(one) && one.dirty.every > 1);
  const exact = /* @__PURE__ */ new Map();
  for (const some of groups(ranges, columnsAtOnce)) {
    const limits = list(some, ({ dirty, about }, at) => {
      const value = `new.${quote(about.column.name)}`;
      const deviates = `deviating.d${dirty.at}`;
      return `min(${value}) FILTER (${deviates})::VARCHAR AS least_${at}, max(${value}) FILTER (${deviates})::VARCHAR AS greatest_${at}`;
    });
    const row = await workspace.ask(
      aboutOf(gathered),
      `SELECT ${limits} FROM ${gathered.plan.sources.new} AS new JOIN ${gathered.table} AS deviating
       ON ${sameKey(gathered)} WHERE deviating.kind = 'changed'`
    );
    some.forEach((candidate, at) => {
      const { dirty, about, form } = candidate;
      const ranges2 = rangesOf(
        String(row[`least_${at}`]),
        String(row[`greatest_${at}`]),
        about.column
      );
      const test = ranges2.find(([own]) => own === form)?.[1] ?? "";
      exact.set(candidate, candidateOf(dirty, about, form, test));
    });
  }
  return candidates.map((candidate) => exact.get(candidate) ?? candidate);
}
async function prove(workspace, gathered, candidates) {
  const proven = [];
  for (const some of groups(candidates, columnsAtOnce)) {
    const counts = list(some, ({ dirty, relation }, at) => {
      const deviates = `coalesce(deviating.d${dirty.at}, false)`;
      return `count(*) FILTER (${relation} AND ${deviates}) AS within_${at},
        count(*) FILTER (${relation} AND NOT ${deviates} AND deviating.kind IS DISTINCT FROM 'added') AS beyond_${at}`;
    });
    const row = await workspace.ask(
      aboutOf(gathered),
      `SELECT ${counts} FROM ${gathered.plan.sources.new} AS new LEFT JOIN ${gathered.table} AS deviating
       ON ${sameKey(gathered)} WHERE ${list(some, ({ relation }) => `(${relation})`, " OR ")}`
    );
    proven.push(
      ...some.filter(
        ({ dirty }, at) => toNumber(row[`within_${at}`]) === dirty.cells && toNumber(row[`beyond_${at}`]) === 0
      )
    );
  }
  return proven;
}
function sameKey({ plan: { key, sources } }) {
  return list(
    key ?? [],
    (column, at) => {
      const [own, other] = [`new.${quote(column.name)}`, `deviating.k${at}`];
      const bytes = isEncoded(column, sources) && column.newType === "VARCHAR";
      return bytes ? `encode(${own}) = encode(${other})` : `${own} = ${other}`;
    },
    " AND "
  );
}
function simplicity({ form }) {
  return ["equal", "null", "in", "from", "to", "between"].indexOf(form);
}
function isRange({ form }) {
  return form === "from" || form === "to" || form === "between";
}
function aboutOf({ pair }) {
  return `look for conditions in ${pair.schema}.${pair.name}`;
}
function groupsOf(candidates) {
  const columns = [...new Set(candidates.map(({ dirty }) => dirty))];
  return columns.map((column) => candidates.filter(({ dirty }) => dirty === column));
}
function groups(items, size) {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, at) => items.slice(at * size, (at + 1) * size)
  );
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/swapped.js
// src/engines/duckdb/swapped.ts


var lookedAt = 500;
var mostColumns = 200;
async function findSwaps(workspace, { table, pair, dirty }) {
  const candidates = dirty.map(({ oldType, newType }, at) => ({ at, type: oldType === newType ? oldType : null })).filter(({ type }) => type !== null && type !== "BOOLEAN").filter(({ type, at }, _, all) => all.some((one) => one.type === type && one.at !== at)).slice(0, mostColumns);
  if (candidates.length === 0) return /* @__PURE__ */ new Map();
  const rows = await workspace.rows(
    `look for swapped columns in ${pair.schema}.${pair.name}`,
    `SELECT ${candidates.map(({ at }) => `hash(o${at})::VARCHAR AS o${at}, hash(n${at})::VARCHAR AS n${at}`).join(", ")}
     FROM ${table} WHERE kind = 'changed' ORDER BY hash(row_key), row_key LIMIT ${lookedAt}`
  );
  const meetings = /* @__PURE__ */ new Map();
  for (const row of rows) {
    const moved = /* @__PURE__ */ new Map();
    for (const { at, type } of candidates) {
      const [o, n] = [row[`o${at}`], row[`n${at}`]];
      if (o === n) continue;
      for (const other of moved.get(`${type} ${n} ${o}`) ?? []) {
        const both = `${other} ${at}`;
        meetings.set(both, (meetings.get(both) ?? 0) + 1);
      }
      const own = `${type} ${o} ${n}`;
      moved.set(own, [...moved.get(own) ?? [], at]);
    }
  }
  return partners(meetings);
}
function partners(meetings) {
  const swaps = /* @__PURE__ */ new Map();
  for (const [both] of [...meetings].toSorted(([, a], [, b]) => b - a)) {
    const [one, other] = both.split(" ").map(toNumber);
    if (swaps.has(one) || swaps.has(other)) continue;
    swaps.set(one, other).set(other, one);
  }
  return swaps;
}
function swapKinds({ dirty }, at, partner) {
  const other = partner === void 0 ? void 0 : dirty[partner]?.name;
  if (other === void 0) return [];
  return ["=", "IS NOT DISTINCT FROM"].map((equals) => ({
    pattern: "swapped columns",
    relation: () => `n${at} ${equals} o${partner} AND o${at} ${equals} n${partner}`,
    shown: `new ${equals} old.${quote(other)} AND old ${equals} new.${quote(other)}`,
    detail: `with ${other}`,
    enough: allOrManyRows
  }));
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/patterns.js
// src/engines/duckdb/patterns.ts







var describedAtOnce = 8;
var sampleSize = 2e3;
var mostKinds = 4;
async function describeChanges(workspace, gathered, cells, { values }) {
  const dirty = gathered.dirty.map((column, at) => {
    const count = cells.get(column.name) ?? 0;
    return { column, at, cells: count, every: Math.max(1, Math.floor(count / sampleSize)) };
  });
  if (dirty.length === 0) return /* @__PURE__ */ new Map();
  const swaps = await orNothing(findSwaps(workspace, gathered));
  const patterns = [];
  for (let from = 0; from < dirty.length; from += describedAtOnce) {
    const columns = dirty.slice(from, from + describedAtOnce);
    patterns.push(...await tryPatterns(workspace, gathered, columns, swaps, values));
  }
  const conditions = values ? await orNothing(findConditions(workspace, gathered, dirty)) : /* @__PURE__ */ new Map();
  return new Map(
    dirty.map(({ column: { name } }, at) => [
      name,
      { patterns: patterns[at] ?? [], condition: conditions.get(name) ?? null }
    ])
  );
}
async function tryPatterns(workspace, gathered, columns, swaps, values) {
  try {
    return await findPatterns(workspace, gathered, columns, swaps, values);
  } catch (error) {
    const [only, ...others] = columns;
    if (only === void 0 || isOfTheMachine(error)) throw error;
    if (others.length === 0) return [[patternOf({ kind: null, rows: only.cells }, values)]];
    const patterns = [];
    for (const column of columns)
      patterns.push(...await tryPatterns(workspace, gathered, [column], swaps, values));
    return patterns;
  }
}
async function findPatterns(workspace, gathered, columns, swaps, values) {
  const about = `describe the changes of ${gathered.pair.schema}.${gathered.pair.name}`;
  const clues = await workspace.rows(about, collectClues(gathered, columns));
  const textsOf = ({ at, cells }, name) => clues.filter(
    ({ clue, rows }) => clue === `${name} of ${at}` && (cells === 1 || toNumber(rows) > 1)
  ).map(({ text }) => String(text));
  let kinds = columns.map((dirty) => [
    ...kindsOf(dirty.column, (clue) => textsOf(dirty, clue)),
    ...swapKinds(gathered, dirty.at, swaps.get(dirty.at))
  ]);
  const count = async (rows) => {
    const row = await workspace.ask(about, countFits(gathered, columns, kinds, rows));
    return columns.map(({ at }) => fitsIn(row[`fits_${at}`]));
  };
  let fits = await count("sample");
  if (columns.some(({ every }) => every > 1)) {
    kinds = kinds.map((own, nth) => own.filter((_, bit) => rowsThatFit(bit, fits[nth] ?? []) > 0));
    fits = await count("all");
  }
  return columns.map(({ column, cells }, nth) => {
    const own = fits[nth] ?? [];
    const counted = own.reduce((sum, { rows }) => sum + rows, 0);
    if (counted !== cells) {
      throw new Error(`${column.name}: ${counted} changes were described of ${cells}`);
    }
    return choose(kinds[nth] ?? [], own, cells).map((choice) => patternOf(choice, values));
  });
}
async function orNothing(search) {
  try {
    return await search;
  } catch (error) {
    if (isOfTheMachine(error)) throw error;
    return /* @__PURE__ */ new Map();
  }
}
function choose(kinds, fits, total) {
  const choices = [];
  let left = fits;
  let rest = total;
  while (choices.length < mostKinds) {
    const [widest] = kinds.map((kind, bit) => ({ kind, bit, rows: rowsThatFit(bit, left) })).filter(({ rows }) => rows > 0 && rows * 100 >= total).filter(({ kind, rows }) => kind.enough?.(rows, total) ?? true).toSorted((a, b) => b.rows - a.rows);
    if (widest === void 0) break;
    choices.push(widest);
    left = left.filter((fit) => !includes(fit, widest.bit));
    rest -= widest.rows;
  }
  if (rest > 0) choices.push({ kind: null, rows: rest });
  return choices.toSorted((a, b) => b.rows - a.rows);
}
function patternOf({ kind, rows }, values) {
  if (kind === null) return { pattern: "free change", detail: null, relation: null, rows };
  const relation = kind.shown ?? kind.relation("old", "new");
  const detail = kind.detail === void 0 ? relation : kind.detail;
  if (values) return { pattern: kind.pattern, detail, relation, rows };
  return {
    pattern: kind.pattern,
    detail: kind.showsValues === true ? null : detail,
    relation: null,
    rows
  };
}
function rowsThatFit(bit, fits) {
  return fits.reduce((sum, fit) => sum + (includes(fit, bit) ? fit.rows : 0), 0);
}
function includes({ kinds }, bit) {
  return (kinds >> BigInt(bit) & 1n) === 1n;
}
function collectClues(gathered, columns) {
  const clues = columns.flatMap(
    (dirty) => Object.entries(cluesOf(dirty.column, ...valuesOf(gathered, dirty))).map(([name, text]) => ({
      name: literal(`${name} of ${dirty.at}`),
      text: `CASE WHEN ${isSampled(dirty)} THEN ${text} END`
    }))
  );
  return `SELECT clue, text, count(*) AS rows FROM (
      SELECT unnest([${list(clues, ({ name }) => name)}]) AS clue, unnest([${list(clues, ({ text }) => text)}]) AS text
      FROM ${gathered.table} WHERE kind = 'changed' AND (${list(columns, isSampled, " OR ")}))
    WHERE text IS NOT NULL GROUP BY clue, text
    QUALIFY row_number() OVER (PARTITION BY clue ORDER BY count(*) DESC, text) <= 2
    ORDER BY clue, rows DESC, text`;
}
function countFits(gathered, columns, kinds, rows) {
  const isCounted = rows === "sample" ? isSampled : ({ at }) => `d${at}`;
  const histograms = columns.map((dirty, nth) => {
    const [o, n] = valuesOf(gathered, dirty);
    const bits = (kinds[nth] ?? []).map((kind, bit) => {
      const check = (kind.check ?? kind.relation)(o, n);
      return `CASE WHEN TRY(${check}) THEN ${1n << BigInt(bit)}::BIGINT ELSE 0 END`;
    });
    const fit = bits.length === 0 ? "0::BIGINT" : bits.join(" + ");
    return `histogram(CASE WHEN ${isCounted(dirty)} THEN ${fit} END) AS fits_${dirty.at}`;
  });
  return `SELECT ${histograms.join(", ")} FROM ${gathered.table}
    WHERE kind = 'changed' AND (${list(columns, isCounted, " OR ")})`;
}
function valuesOf({ plan }, { column, at }) {
  const value = (name, type) => plan.sources.collated && type === "VARCHAR" ? `(${name} COLLATE C)` : name;
  return [value(`o${at}`, column.oldType), value(`n${at}`, column.newType)];
}
function fitsIn(histogram) {
  return entriesOf(histogram).map(({ key, value }) => ({
    kinds: key,
    rows: toNumber(value)
  }));
}
function entriesOf(histogram) {
  return histogram?.entries ?? [];
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/fingerprints.js
// src/engines/duckdb/fingerprints.ts


function fingerprintRows(relation, columns) {
  const image = jsonObject(columns.map((name) => [name, quote(name)]));
  return `SELECT ${fingerprint} FROM (SELECT ${rowNumber(`sha256(${image})`)} FROM ${relation})`;
}
var fingerprint = `sha256(concat_ws(' ', count(*)::VARCHAR,
    coalesce(sum((row_number >> 64)::UBIGINT), 0)::VARCHAR,
    coalesce(sum((row_number & 18446744073709551615::UHUGEINT)::UBIGINT), 0)::VARCHAR)) AS fingerprint`;
function rowNumber(hash) {
  return `md5_number(${hash}) AS row_number`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/recording.js
// src/engines/duckdb/recording.ts







async function recordRows(workspace, gathered, into, explaining) {
  const about = `record the deviating rows of ${gathered.pair.schema}.${gathered.pair.name}`;
  const address = [BigInt(into.comparison), into.tableName];
  const recorded = await workspace.withStore(async () => {
    await workspace.run(about, recordStatement(gathered, into, explaining), address);
    const summary = await workspace.ask(about, summariseRecorded(into.table), address);
    if (into.privacy === "none") {
      await workspace.run(about, forgetFingerprints(into.table), address);
    }
    return summary;
  });
  return {
    added: toNumber(recorded.added),
    removed: toNumber(recorded.removed),
    changed: toNumber(recorded.changed),
    unexplained: toNumber(recorded.unexplained),
    unexplainedCells: await countUnexplainedCells(workspace, gathered, explaining),
    fingerprint: String(recorded.fingerprint)
  };
}
function recordStatement(gathered, { table, privacy }, explaining) {
  const { keepsImages } = gathered;
  const image = privacy === "masked" ? maskedImage : "image";
  const values = (side) => keepsImages ? `CASE kind WHEN 'changed' THEN ${recording_valuesOf(gathered, side, privacy === "masked")}
          WHEN '${side === "o" ? "removed" : "added"}' THEN ${image} END` : "NULL";
  return `INSERT INTO ${stored(table)}
      (comparison, table_name, kind, row_key, columns, old_values, new_values, occurrences, explained, fingerprint)
    SELECT $1, $2, kind, ${privacy === "none" ? "NULL" : "row_key"}, ${changedColumns(gathered)}, ${values("o")}, ${values("n")},
      occurrences, ${explainedRow(gathered, explaining)},
      sha256(concat(kind, chr(31), coalesce(row_key, '-'), chr(31),
        CASE WHEN kind = 'changed' THEN ${changedValues(gathered)} ELSE ${keepsImages ? "sha256(image)" : "image"} END))
    FROM ${gathered.table}`;
}
function changedColumns({ dirty }) {
  const [only] = dirty;
  if (only === void 0) return "NULL";
  if (dirty.length === 1)
    return `CASE WHEN kind = 'changed' THEN ${literal(JSON.stringify([only.name]))} END`;
  const names = list(
    dirty,
    ({ name }, at) => `CASE WHEN d${at} THEN ${literal(JSON.stringify(name))} END`
  );
  return `CASE WHEN kind = 'changed' THEN concat('[', concat_ws(',', ${names}), ']') END`;
}
function recording_valuesOf({ dirty }, side, mask) {
  if (dirty.length === 0) return "NULL";
  const members = list(dirty, (column, at) => {
    const value = jsonValue(`${side}${at}`, typeOn(side, column), mask);
    return `CASE WHEN d${at} THEN concat(${literal(`${JSON.stringify(column.name)}:`)}, ${value}) END`;
  });
  return `concat('{', concat_ws(',', ${members}), '}')`;
}
function changedValues({ dirty }) {
  if (dirty.length === 0) return "''";
  return `concat_ws(',', ${list(dirty, (column, at) => {
    const [old, candidate] = [
      jsonValue(`o${at}`, column.oldType, false),
      jsonValue(`n${at}`, column.newType, false)
    ];
    return `CASE WHEN d${at} THEN concat(${literal(`${JSON.stringify(column.name)}:`)}, ${old}, ',', ${candidate}) END`;
  })})`;
}
var maskedImage = `(SELECT '{' || string_agg(to_json(entry.key)::VARCHAR || ':' ||
  CASE WHEN json_type(entry.value) = 'NULL' THEN 'null' ELSE ${jsonText(masked("json_extract_string(entry.value, '$')"))} END, ','
  ORDER BY entry.id) || '}' FROM json_each(image) AS entry)`;
function summariseRecorded(table) {
  const counted = "CASE WHEN occurrences = 1 THEN fingerprint ELSE sha256(concat(fingerprint, ' ', occurrences)) END";
  return `SELECT coalesce(sum(occurrences) FILTER (kind = 'added'), 0) AS added,
      coalesce(sum(occurrences) FILTER (kind = 'removed'), 0) AS removed,
      coalesce(sum(occurrences) FILTER (kind = 'changed'), 0) AS changed,
      coalesce(sum(occurrences) FILTER (NOT explained), 0) AS unexplained, ${fingerprint}
    FROM (SELECT kind, occurrences, explained, ${rowNumber(counted)}
      FROM ${stored(table)} WHERE comparison = $1 AND table_name = $2)`;
}
function forgetFingerprints(table) {
  return `UPDATE ${stored(table)} SET fingerprint = NULL WHERE comparison = $1 AND table_name = $2`;
}
function stored(table) {
  return `${quote(attached.store)}.main.${quote(table)}`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/keys.js
// src/engines/duckdb/keys.ts


async function isUnique(workspace, about, sources, side, key) {
  return await faultOf(workspace, `check the key of ${about}`, sources, side, key) === null;
}
async function findKeyFault(workspace, { schema, name }, sources, key) {
  for (const side of ["old", "new"]) {
    const about = `check the key of ${schema}.${name}`;
    const fault = await faultOf(workspace, about, sources, side, key);
    if (fault !== null) return fault;
  }
  return null;
}
async function faultOf(workspace, about, sources, side, key) {
  const names = key.map(({ name }) => name);
  const { nulls } = await workspace.ask(about, countNullKeys(sources[side], names));
  if (toNumber(nulls) > 0) return { side, fault: "null", count: toNumber(nulls) };
  if (await countNotIncreasing2(workspace, about, sources, side, key) === 0) return null;
  const { duplicates } = await workspace.ask(about, countDuplicateKeys(sources, side, key));
  return toNumber(duplicates) > 0 ? { side, fault: "duplicate", count: toNumber(duplicates) } : null;
}
async function countNotIncreasing2(workspace, about, sources, side, key) {
  const row = await workspace.ask(about, countNotIncreasing(sources, side, key));
  return toNumber(row.not_increasing);
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/lineage.js
// src/engines/duckdb/lineage.ts



async function readLineage(workspace, pair, { hasRowid }, rows) {
  const { blocks } = workspace;
  const isStored = pair.oldKind === "table" && pair.newKind === "table" && hasRowid;
  const isNamed = !`${pair.schema}${pair.name}`.includes('"');
  if (blocks === null || !isStored || !isNamed) return null;
  const columns = pair.columns.filter(isProvable);
  if (columns.length === 0) return null;
  const groups = await readRowGroups(workspace, pair, columns, blocks);
  return groups === null ? null : lineageOf(groups, rows);
}
function isProvable({ oldType, newType }) {
  return oldType === newType && /^(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|VARCHAR|JSON|BLOB|UUID|DATE|TIME|TIMESTAMP(_NS|_MS|_S| WITH TIME ZONE)?|INTERVAL|ENUM\([^[\]]*\))$/.test(
    oldType
  );
}
async function readRowGroups(workspace, pair, columns, blocks) {
  const about = `look at how ${pair.schema}.${pair.name} is stored`;
  const segments = { old: workspace.scratchTable(), new: workspace.scratchTable() };
  await Promise.all(
    ["old", "new"].map(
      (side) => workspace.run(about, readSegments(segments[side], pair, side))
    )
  );
  const differs = await workspace.differentBlocks(blocks);
  const rows = await workspace.rows(about, matchSegments(segments, columns, differs, blocks.end));
  await workspace.run(about, `DROP TABLE ${segments.old}; DROP TABLE ${segments.new}`);
  return rows.some(({ old_rows, new_rows }) => old_rows === null && new_rows === null) ? null : rows.map(toRowGroup);
}
function readSegments(into, { schema, name }, side) {
  const table = [attached[side], schema, name].map(quote).join(".");
  return `CREATE TABLE ${into} AS
    SELECT row_group_id AS row_group, column_name AS name, ltrim(column_path, '[0123456789') AS path, segment_id AS segment,
      segment_type AS type, count, compression, stats, block_id, block_offset, segment_info,
      additional_block_ids AS further, persistent AND NOT has_updates AS settled
    FROM pragma_storage_info(${literal(table)})`;
}
function matchSegments(segments, columns, differs, end) {
  const names = list(columns, ({ name }) => literal(name));
  const isSame = (block) => `(${block} < ${end} AND ${block} NOT IN (FROM ${differs}))`;
  const rowsOf = (side) => `(
      SELECT row_group, sum(count) AS rows FROM ${segments[side]}
      WHERE name = ${literal(columns[0]?.name ?? "")} AND type = 'VALIDITY' AND path = ', 0]' GROUP BY row_group)`;
  return `WITH moved AS (
      SELECT DISTINCT row_group, name, segment FROM (
        SELECT row_group, name, segment, unnest(further) AS block FROM ${segments.old})
      WHERE NOT ${isSame("block")}),
    matched AS (
      SELECT row_group, name, bool_and(coalesce(o.settled AND n.settled AND o.type = n.type AND o.count = n.count
          AND o.compression = n.compression AND o.stats = n.stats AND o.segment_info = n.segment_info
          AND o.block_id = n.block_id AND o.block_offset = n.block_offset AND o.further = n.further
          AND (o.block_id >= 0 AND ${isSame("o.block_id")} OR o.block_id < 0 AND o.compression = 'Constant' AND o.type <> 'VARCHAR')
          AND (row_group, name, o.segment) NOT IN (FROM moved), false)) AS proven
      FROM (FROM ${segments.old} WHERE name IN (${names})) AS o
        FULL JOIN (FROM ${segments.new} WHERE name IN (${names})) AS n USING (row_group, name, path, segment)
      GROUP BY row_group, name)
    SELECT row_group, any_value(o.rows) AS old_rows, any_value(n.rows) AS new_rows, list(name) FILTER (proven) AS proven
    FROM matched LEFT JOIN ${rowsOf("old")} AS o USING (row_group) LEFT JOIN ${rowsOf("new")} AS n USING (row_group)
    GROUP BY row_group ORDER BY row_group`;
}
function toRowGroup({ old_rows, new_rows, proven }) {
  return {
    oldRows: toNumber(old_rows ?? 0),
    newRows: toNumber(new_rows ?? 0),
    proven: new Set(proven?.items ?? [])
  };
}
function lineageOf(groups, rows) {
  const stored = { old: 0, new: 0 };
  for (const { oldRows, newRows } of groups) {
    stored.old += oldRows;
    stored.new += newRows;
  }
  if (stored.old < rows.old || stored.new < rows.new) return null;
  const sections = [];
  let from = 0;
  for (const { oldRows, newRows, proven } of groups) {
    if (oldRows !== newRows) break;
    sections.push({ from, to: from + oldRows, proven });
    from += oldRows;
  }
  return {
    sections,
    end: from,
    hasDeleted: { old: stored.old > rows.old, new: stored.new > rows.new }
  };
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/layout.js
// src/engines/duckdb/layout.ts



var rowsPerSection = 8 * 122880;
async function layOut(workspace, pair, sources, rows) {
  const total = Math.max(rows.old, rows.new);
  const lineage = await readLineage(workspace, pair, sources, rows);
  if (lineage === null || lineage.end === 0) {
    return { sections: sources.hasRowid ? cut(0, total) : cut(0, 0), loose: null };
  }
  const stored = merge(lineage.sections).map((section) => ({ ...section, rows: "same" }));
  const tail = isWhole(lineage, rows) ? [] : cut(lineage.end, total);
  if (!lineage.hasDeleted.old && !lineage.hasDeleted.new) {
    return { sections: [...stored, ...tail], loose: null };
  }
  const loose = await findLoose(workspace, sources, lineage, stored);
  if (loose === null || loose.rows.count > total / 5) {
    await discardLoose(workspace, loose?.rows ?? null);
    return { sections: cut(0, total), loose: null };
  }
  const numbered = stored.map((section) => ({
    ...section,
    rows: loose.sections.has(section.from) ? "numbered" : "same"
  }));
  return { sections: [...numbered, ...tail], loose: loose.rows };
}
async function discardLoose(workspace, loose) {
  if (loose === null) return;
  await workspace.run(
    "discard row numbers",
    `DROP TABLE ${loose.tables.old}; DROP TABLE ${loose.tables.new}`
  );
}
function cut(from, total) {
  const count = Math.max(1, Math.ceil((total - from) / rowsPerSection));
  return Array.from({ length: count }, (_, at) => ({
    from: from + at * rowsPerSection,
    to: at === count - 1 ? null : from + (at + 1) * rowsPerSection,
    proven: /* @__PURE__ */ new Set(),
    rows: "same"
  }));
}
function isWhole({ end, hasDeleted }, rows) {
  return end === rows.old && end === rows.new && !hasDeleted.old && !hasDeleted.new;
}
function merge(sections) {
  const merged = [];
  for (const section of sections) {
    const last = merged.at(-1);
    if (last !== void 0 && isAlike(last, section)) {
      merged[merged.length - 1] = { ...last, to: section.to };
    } else merged.push(section);
  }
  return merged;
}
function isAlike(a, b) {
  return b.to - a.from <= rowsPerSection && a.proven.size === b.proven.size && [...a.proven].every((name) => b.proven.has(name));
}
async function findLoose(workspace, sources, { end, hasDeleted }, sections) {
  const about = "find deleted rows";
  const missing = { old: workspace.scratchTable(), new: workspace.scratchTable() };
  const tables = { old: workspace.scratchTable(), new: workspace.scratchTable() };
  const all = Object.values(missing).concat(Object.values(tables));
  for (const table of all) await workspace.run(about, `CREATE TABLE ${table} ("row" BIGINT)`);
  const counts = await Promise.all(
    ["old", "new"].map(async (side) => {
      if (!hasDeleted[side]) return true;
      await workspace.run(about, insertMissing(missing[side], sources[side], end));
      const { missed } = await workspace.ask(
        about,
        `SELECT (SELECT count(*) FROM ${missing[side]}) + (SELECT count(*) FROM ${sources[side]} WHERE rowid < ${end}) AS missed`
      );
      return toNumber(missed) === end;
    })
  );
  const drop = (names) => workspace.run(
    about,
    list(names, (name) => `DROP TABLE ${name}`, "; ")
  );
  if (counts.includes(false)) {
    await drop(all);
    return null;
  }
  const only = (side, other) => workspace.run(
    about,
    `INSERT INTO ${tables[side]} FROM ${missing[other]} ANTI JOIN ${missing[side]} USING ("row")`
  );
  await only("old", "new");
  await only("new", "old");
  await drop(Object.values(missing));
  const starts = list(sections, ({ from }) => `(${from})`);
  const found = await workspace.rows(
    about,
    `SELECT start, count(*) AS rows FROM (FROM ${tables.old} UNION ALL FROM ${tables.new}) AS loose
       ASOF JOIN (VALUES ${starts}) AS section(start) ON loose."row" >= section.start GROUP BY start`
  );
  const count = found.reduce((sum, { rows }) => sum + toNumber(rows), 0);
  return {
    rows: { tables, count },
    sections: new Set(found.map(({ start }) => toNumber(start)))
  };
}
function insertMissing(into, relation, end) {
  return `INSERT INTO ${into} SELECT unnest(range(before + 1, "row")) FROM (
      SELECT "row", lag("row", 1, -1) OVER () AS before FROM (
        SELECT rowid AS "row" FROM ${relation} WHERE rowid < ${end} UNION ALL SELECT ${end}))
    WHERE "row" > before + 1`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/rest.js
// src/engines/duckdb/rest.ts




var rowsPerPiece = 2 * 122880;
async function restOf(workspace, pair, sources, {
  ranges,
  loose,
  rows,
  key
}) {
  if (ranges.length === 0 && loose === null) {
    return { isEmpty: true, sources, conditions: [], rows: { old: 0, new: 0 }, copies: [] };
  }
  const about = `${pair.schema}.${pair.name}`;
  const condition = within([...ranges].sort((a, b) => a.from - b.from));
  if (loose !== null) return copyRest(workspace, about, sources, { condition, loose, key });
  const counted = {
    old: await countWithin("old"),
    new: await countWithin("new")
  };
  const most = Math.max(counted.old, counted.new);
  const pieces = key === null || most <= rowsPerPiece ? [null] : await cutByKey(workspace, about, sources, key, rows) ?? cutByHash(key, piecesFor(workspace, pair, most));
  return {
    isEmpty: false,
    sources,
    conditions: pieces.map((piece) => both(condition, piece)),
    rows: counted,
    copies: []
  };
  async function countWithin(side) {
    if (condition === null) return rows[side];
    const row = await workspace.ask(`count ${about}`, countRows(sources[side], condition));
    return toNumber(row.rows);
  }
}
async function copyRest(workspace, about, sources, {
  condition,
  loose,
  key
}) {
  const tables = { old: workspace.scratchTable(), new: workspace.scratchTable() };
  const elsewhere = condition === null ? "false" : `NOT ${condition}`;
  const copy = async (side) => {
    await workspace.run(
      `copy the rows of ${about} that moved`,
      `CREATE TABLE ${tables[side]} AS
        SELECT * FROM ${sources[side]} WHERE ${condition ?? "true"}
        UNION ALL SELECT * FROM ${sources[side]} WHERE ${elsewhere} AND rowid IN (SELECT "row" FROM ${loose.tables[side]})`
    );
    const row = await workspace.ask(`count ${about}`, countRows(tables[side]));
    return toNumber(row.rows);
  };
  const old = await copy("old");
  const candidate = await copy("new");
  return {
    isEmpty: old + candidate === 0,
    sources: { ...sources, ...tables },
    conditions: cutByHash(key, Math.ceil(Math.max(old, candidate) / copiesPerPiece)),
    rows: { old, new: candidate },
    copies: [tables.old, tables.new]
  };
}
var copiesPerPiece = 65536;
function piecesFor({ memoryLimit }, { columns }, rows) {
  const bytesPerRow = columns.reduce(
    (sum, { oldType }) => sum + (/INT|DATE|BOOLEAN/.test(oldType) ? 8 : 16),
    16
  );
  return Math.ceil(rows * bytesPerRow / memoryLimit);
}
function cutByHash(key, count) {
  if (key === null || count < 2 || !key.every(hasHash)) return [null];
  const hash = `hash(${key.map(({ name }) => quote(name)).join(", ")})`;
  return Array.from({ length: count }, (_, at) => `${hash} % ${count} = ${at}`);
}
function hasHash(column) {
  const { oldType, newType } = column;
  return hasRanges(column) || oldType === newType && /^(VARCHAR|UUID|BOOLEAN)$/.test(oldType);
}
async function cutByKey(workspace, about, sources, key, rows) {
  const [first] = key;
  if (first === void 0 || !sources.hasRowid || !hasRanges(first)) return null;
  const most = Math.max(rows.old, rows.new) / rowsPerPiece;
  for (const side of ["old", "new"]) {
    const disorder = await countNotIncreasing2(workspace, about, sources, side, key);
    if (disorder > most) return null;
  }
  const starts = Array.from(
    { length: Math.floor(rows.old / rowsPerPiece) },
    (_, at) => String((at + 1) * rowsPerPiece)
  );
  const found = await workspace.rows(
    `cut ${about} by its key`,
    `SELECT DISTINCT ${quote(first.name)}::VARCHAR AS bound, ${quote(first.name)} AS value FROM ${sources.old}
     WHERE rowid IN (${starts.join(", ")}) ORDER BY value`
  );
  const bounds = found.map(({ bound }) => `${literal(String(bound))}::${first.oldType}`);
  const name = quote(first.name);
  if (bounds.length === 0) return [null];
  return [
    `${name} < ${bounds[0]}`,
    ...bounds.map(
      (bound, at) => at === bounds.length - 1 ? `(${name} >= ${bound} OR ${name} IS NULL)` : `${name} >= ${bound} AND ${name} < ${bounds[at + 1]}`
    )
  ];
}
function hasRanges({ oldType, newType }) {
  return oldType === newType && /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,\d+\)|DATE|TIMESTAMP)$/.test(oldType);
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/rows.js
// src/engines/duckdb/rows.ts






async function compareRows(workspace, pair, rows, onProgress) {
  const sources = await workspace.sources(pair);
  const about = `${pair.schema}.${pair.name}`;
  const work = { workspace, pair, about, sources, rows, onProgress };
  const layout = await layOut(workspace, pair, sources, rows);
  try {
    return pair.key === null ? await compareMultisets(work, layout) : await compareKeyed(work, layout);
  } finally {
    await discardLoose(workspace, layout.loose);
  }
}
async function compareKeyed(work, { sections, loose }) {
  const { workspace, pair, about, sources, rows } = work;
  const key = pair.columns.filter(({ name }) => pair.key?.includes(name));
  const values = pair.columns.filter(({ name }) => !pair.key?.includes(name));
  const isProven = (section) => key.every(({ name }) => section.proven.has(name));
  const cells = new Counter();
  const [byStorage, byKey] = split(sections, isProven);
  const unique = pair.keyEnforced || isUnique(workspace, about, sources, "old", key);
  const paired = await compareProven(work, byStorage, values, cells);
  const aligned = await compareAligned(work, byKey, key, values, cells);
  if (!await unique) return await findKeyFault(workspace, pair, sources, key) ?? impossible();
  const rest = await restOf(workspace, pair, sources, { ranges: aligned.rest, loose, rows, key });
  const found = rest.isEmpty ? { added: 0, removed: 0, deviating: [] } : await joinRest(work, rest, key, values, cells);
  if ("suspicious" in found || !pair.keyEnforced && found.added > 0 && await hasStrayKeys()) {
    const fault = await findKeyFault(workspace, pair, sources, key);
    if (fault !== null) return fault;
  }
  if ("suspicious" in found) throw impossible();
  return {
    added: found.added,
    removed: found.removed,
    cells: cells.counts,
    way: wayOf(sections, paired.read + aligned.read > 0, rest.isEmpty ? null : "join"),
    proof: isAllProven(sections, pair.columns) && rest.isEmpty ? "lineage" : "exact",
    plan: {
      sources,
      key,
      paired: [...paired.deviating, ...aligned.deviating],
      rest: { ...rest, conditions: found.deviating }
    }
  };
  async function hasStrayKeys() {
    const isAll = aligned.rest.length === sections.length;
    let found2 = false;
    await workspace.oneByOne(
      rest.conditions,
      `check the key of ${about}`,
      (condition) => findStrayKeys(sources, key, { sources: rest.sources, condition, isAll }),
      (row) => {
        found2 ||= row.stray === true;
      }
    );
    return found2;
  }
}
async function compareProven({ workspace, about, sources, onProgress }, sections, values, cells) {
  const deviating = /* @__PURE__ */ new Set();
  const pieces = sections.flatMap((section) => {
    const unproven = values.filter(({ name }) => !section.proven.has(name));
    const by = section.rows === "same" ? "position" : "row number";
    const rows = { condition: within([section]), by };
    if (unproven.length === 0) onProgress(lengthOf(section));
    return unproven.length === 0 ? [] : columnGroups(unproven).map((group, _, all) => ({
      rows,
      group,
      done: lengthOf(section) / all.length
    }));
  });
  await workspace.each(
    pieces,
    `compare ${about}`,
    ({ rows, group }) => countPaired(sources, group, rows.condition, rows.by),
    (row, { rows, group, done }) => {
      if (cells.add(group, row)) deviating.add(rows);
      onProgress(done);
    }
  );
  return { deviating: [...deviating], read: pieces.length };
}
async function compareAligned({ workspace, about, sources, rows, onProgress }, sections, key, values, cells) {
  const rest = new Set(
    sections.filter((section) => !sources.hasRowid || section.rows === "numbered")
  );
  const hopeful = sections.filter((section) => !rest.has(section));
  await workspace.each(
    hopeful,
    `align ${about}`,
    (section) => countAligned(sources, key, [], within([endOf(section, rows)])),
    (row, section) => {
      if (toNumber(row.misaligned) > 0) rest.add(section);
    }
  );
  const deviating = /* @__PURE__ */ new Map();
  const unprovenOf = (section) => columnGroups(values.filter(({ name }) => !section.proven.has(name)));
  await workspace.each(
    hopeful.filter((section) => !rest.has(section)),
    `compare ${about}`,
    (section) => countAligned(sources, key, unprovenOf(section)[0] ?? [], within([section])),
    (row, section) => {
      if (toNumber(row.misaligned) > 0) rest.add(section);
      else take(section, unprovenOf(section)[0] ?? [], row);
    }
  );
  const more = hopeful.filter((section) => !rest.has(section)).flatMap(
    (section) => unprovenOf(section).slice(1).map((group) => ({ section, group }))
  );
  await workspace.each(
    more,
    `compare ${about}`,
    ({ section, group }) => countPaired(sources, group, within([section]), "position"),
    (row, { section, group }) => take(section, group, row)
  );
  return {
    deviating: [...deviating.values()],
    rest: [...rest],
    read: hopeful.filter((section) => !rest.has(section)).length
  };
  function take(section, group, row) {
    onProgress(lengthOf(section) / unprovenOf(section).length);
    if (!cells.add(group, row)) return;
    deviating.set(section, { condition: within([section]), by: "position" });
  }
}
async function joinRest({ workspace, about, pair, onProgress }, rest, key, values, cells) {
  const total = { added: 0, removed: 0, matched: 0 };
  const deviating = /* @__PURE__ */ new Set();
  const groups = columnGroups(values);
  await workspace.oneByOne(
    rest.conditions.flatMap(
      (condition) => groups.map((group, nth) => ({ condition, group, isFirst: nth === 0 }))
    ),
    `join ${about}`,
    ({ condition, group }) => countByJoin(rest.sources, key, group, condition),
    (row, { condition, group, isFirst }) => {
      const any = cells.add(group, row);
      const [added2, removed2] = [toNumber(row.added), toNumber(row.removed)];
      if (any || added2 + removed2 > 0) deviating.add(condition);
      if (!isFirst) return;
      total.added += added2;
      total.removed += removed2;
      total.matched += toNumber(row.matched);
      onProgress(added2 + toNumber(row.matched));
    }
  );
  const { added, removed, matched } = total;
  const isUniqueHere = matched + removed === rest.rows.old && matched + added === rest.rows.new;
  if (!isUniqueHere && !pair.keyEnforced) return { suspicious: true };
  return { added, removed, deviating: [...deviating] };
}
async function compareMultisets(work, { sections, loose }) {
  const { workspace, pair, about, sources, rows, onProgress } = work;
  const columns = withoutTolerance(pair.columns);
  const unprovenOf = ({ proven: proven2 }) => columns.filter(({ name }) => !proven2.has(name));
  const unequal = /* @__PURE__ */ new Set();
  const [proven, read] = split(
    sections,
    (section) => unprovenOf(section).length === 0 && columns.length > 0
  );
  for (const section of proven) onProgress(lengthOf(section));
  await workspace.each(
    read,
    `count ${about}`,
    (section) => countUnpaired(sources, within([section])),
    (row, section) => {
      const isPaired = section.rows === "same" && toNumber(row.unpaired) === 0;
      if (!isPaired) unequal.add(section);
    }
  );
  await workspace.each(
    read.filter((section) => !unequal.has(section)).flatMap(
      (section) => columnGroups(unprovenOf(section)).map((group) => ({ section, group }))
    ),
    `compare ${about}`,
    ({ section, group }) => countPaired(sources, group, within([section]), "position"),
    (row, { section }) => {
      if (Object.values(row).some((count) => toNumber(count) > 0)) unequal.add(section);
      onProgress(lengthOf(section));
    }
  );
  const rest = await restOf(workspace, pair, sources, {
    ranges: [...unequal],
    loose,
    rows,
    key: null
  });
  let [added, removed] = [0, 0];
  if (!rest.isEmpty) {
    await workspace.oneByOne(
      rest.conditions,
      `compare ${about} as multisets`,
      (condition) => countMultiset(rest.sources, columns, condition),
      (row) => {
        added += toNumber(row.added);
        removed += toNumber(row.removed);
      }
    );
  }
  return {
    added,
    removed,
    cells: /* @__PURE__ */ new Map(),
    way: wayOf(sections, read.length > unequal.size, rest.isEmpty ? null : "multiset"),
    proof: read.length === 0 && rest.isEmpty ? "lineage" : "exact",
    plan: {
      sources,
      key: null,
      paired: [],
      rest: { ...rest, conditions: added + removed > 0 ? rest.conditions : [] }
    }
  };
}
function withoutTolerance(columns) {
  return columns.map((column) => ({ ...column, tolerance: null }));
}
var Counter = class {
  counts = /* @__PURE__ */ new Map();
  /** Gives true when any column deviates in this row of counts. */
  add(columns, row) {
    let any = false;
    columns.forEach(({ name }, at) => {
      const count = toNumber(row[`c${at}`]);
      if (count === 0) return;
      any = true;
      this.counts.set(name, (this.counts.get(name) ?? 0) + count);
    });
    return any;
  }
};
function isAllProven(sections, columns) {
  return sections.every(
    ({ proven, rows }) => rows === "same" && columns.every(({ name }) => proven.has(name))
  );
}
function wayOf(sections, byPosition, rest) {
  const ways = [
    ...sections.some(({ proven }) => proven.size > 0) ? ["storage"] : [],
    ...byPosition ? ["position"] : [],
    ...rest === null ? [] : [rest]
  ];
  return ways.length < 3 ? ways.join(" and ") || "position" : `${ways[0]}, ${ways[1]} and ${ways[2]}`;
}
function endOf({ from, to }, rows) {
  const end = to ?? Math.max(rows.old, rows.new);
  return { from: Math.max(from, end - 64), to };
}
function lengthOf({ from, to }) {
  return to === null ? 0 : to - from;
}
function split(items, test) {
  return [items.filter(test), items.filter((item) => !test(item))];
}
function impossible() {
  throw new Error("The key brings rows together twice, and yet it is unique");
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/deviating.js
// src/engines/duckdb/deviating.ts







async function gatherRows(workspace, pair, found, plan, { claims, privacy, signal }) {
  const dirty = pair.columns.filter(({ name }) => found.cells.has(name));
  const read = await readClaims(workspace, claims, plan);
  const kept = [...dirty.map(onBothSides), ...otherColumns(read, dirty)];
  const rows = {
    table: workspace.scratchTable(),
    pair,
    plan,
    dirty,
    kept,
    cells: found.cells,
    keepsImages: privacy === "full" || privacy === "masked"
  };
  const written = /* @__PURE__ */ new Map();
  for (const claim of read)
    written.set(claimId(claim.claim), await writeClaim(workspace, claim, rows));
  const gathered = { ...rows, claims: written };
  await workspace.abortable(signal, () => fillTable(workspace, gathered));
  return {
    judge: (claims2) => judgeClaims(workspace, gathered, claims2),
    record: (into, explaining) => recordRows(workspace, gathered, into, explaining),
    describe: ({ values, signal: signal2 }) => workspace.abortable(
      signal2,
      () => describeChanges(workspace, gathered, found.cells, { values })
    ),
    discard: () => workspace.run(
      `discard the deviating rows of ${nameOf(pair)}`,
      `DROP TABLE ${gathered.table}`
    )
  };
}
function nameOf({ schema, name }) {
  return `${schema}.${name}`;
}
async function fillTable(workspace, gathered) {
  const { plan, table, pair } = gathered;
  const { key, paired, rest } = plan;
  const about = `gather the deviating rows of ${nameOf(pair)}`;
  const beside2 = key === null ? [] : paired.map((rows) => changedRows(gathered, key, rows));
  const joined2 = rest.conditions.map(
    (condition) => key === null ? surplusRows(gathered, condition) : joinedRows(gathered, key, condition)
  );
  const [first] = [...beside2, ...joined2];
  if (first === void 0) throw new Error(`${nameOf(pair)} has no deviating rows`);
  await workspace.run(about, `CREATE TABLE ${table} AS FROM (${first}) LIMIT 0`);
  const insert = (select) => `INSERT INTO ${table} ${select}`;
  await workspace.each(beside2, about, insert, () => void 0);
  await workspace.oneByOne(joined2, about, insert, () => void 0);
}
function changedRows({ plan: { sources }, dirty, kept }, key, { condition, by }) {
  const raw = [...kept, ...key.map(onBothSides)];
  const rowKey = jsonObject(
    key.map(({ name, newType }, at) => [name, `n.r${kept.length + at}`, newType])
  );
  const keyValues = key.map((_, at) => `, n.r${kept.length + at} AS k${at}`).join("");
  return `SELECT 'changed' AS kind, 1 AS occurrences, ${rowKey} AS row_key, NULL::VARCHAR AS image${dirtyFlags(dirty, sources, "true")}${keptValues(kept)}${keyValues}
    FROM ${(by === "position" ? beside : numbered)(sources, dirty, condition, { raw })} WHERE ${anyDeviates(dirty, sources)}`;
}
function joinedRows({ plan, pair, dirty, kept, keepsImages }, key, condition) {
  const { sources } = plan.rest;
  const raw = [...kept, ...pair.columns.map(onBothSides)];
  const image = (side) => imageOf(
    pair.columns.map((column, at) => [
      column.name,
      `${side}.r${kept.length + at}`,
      typeOn(side, column)
    ]),
    keepsImages
  );
  const keyValues = (side) => key.map((column) => {
    const at = pair.columns.findIndex(({ name }) => name === column.name);
    return [column.name, `${side}.r${kept.length + at}`, typeOn(side, column)];
  });
  const rowKey = (side) => jsonObject(keyValues(side));
  const newKey = keyValues("n").map(([, value], at) => `, ${value} AS k${at}`);
  const changed = dirty.length === 0 ? "" : ` OR ${anyDeviates(dirty, sources)}`;
  return `SELECT CASE WHEN o.here IS NULL THEN 'added' WHEN n.here IS NULL THEN 'removed' ELSE 'changed' END AS kind,
      1 AS occurrences, CASE WHEN n.here THEN ${rowKey("n")} ELSE ${rowKey("o")} END AS row_key,
      CASE WHEN o.here IS NULL THEN ${image("n")} WHEN n.here IS NULL THEN ${image("o")} END AS image${dirtyFlags(dirty, sources, "o.here AND n.here")}${keptValues(kept)}${newKey.join("")}
    FROM ${joined(sources, key, dirty, condition, { raw })}
    WHERE o.here IS NULL OR n.here IS NULL${changed}`;
}
function surplusRows({ plan, pair, kept, keepsImages }, condition) {
  const { sources } = plan.rest;
  const columns = withoutTolerance(pair.columns);
  const shown = columns.map(
    (column, at) => isEncoded(column, sources) ? `decode(v${at})` : `v${at}`
  );
  const image = imageOf(
    columns.map(({ name }, at) => [name, String(shown[at])]),
    keepsImages
  );
  const values = kept.map(({ name }, nth) => {
    const at = columns.findIndex((column2) => column2.name === name);
    const [column, value] = [columns[at], shown[at]];
    if (column === void 0) return `, NULL AS o${nth}, NULL AS n${nth}`;
    return `, CASE WHEN surplus < 0 THEN TRY_CAST(${value} AS ${column.oldType}) END AS o${nth}, CASE WHEN surplus > 0 THEN TRY_CAST(${value} AS ${column.newType}) END AS n${nth}`;
  });
  return `SELECT CASE WHEN surplus > 0 THEN 'added' ELSE 'removed' END AS kind, abs(surplus)::BIGINT AS occurrences,
      NULL::VARCHAR AS row_key, ${image} AS image${values.join("")} FROM (${surplus(sources, columns, condition)})`;
}
function imageOf(members, kept) {
  return kept ? jsonObject(members) : `sha256(${jsonObject(members)})`;
}
function typeOn(side, { oldType, newType }) {
  return side === "o" ? oldType : newType;
}
function onBothSides({ name }) {
  return { name, old: true, new: true };
}
function dirtyFlags(dirty, sources, both) {
  return dirty.map(
    (column, at) => `, coalesce(${both} AND ${deviates(column, at, sources)}, false) AS d${at}`
  ).join("");
}
function keptValues(kept) {
  return kept.map((_, at) => `, o.r${at} AS o${at}, n.r${at} AS n${at}`).join("");
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/renames.js
// src/engines/duckdb/renames.ts




var rowsOfFirstLook = 1e4;
async function countEqual(workspace, pair, old, candidate) {
  if (pair.key === null) return null;
  const sources = await workspace.sources(pair);
  const count = async (limit) => {
    const row = await workspace.ask(
      `look for renamed columns of ${pair.schema}.${pair.name}`,
      countStatement(sources, pair, old, candidate, limit)
    );
    return {
      rows: toNumber(row.rows),
      equal: toNumber(row.equal),
      isConstant: row.varied !== true
    };
  };
  const look = await count(rowsOfFirstLook);
  return look.rows < rowsOfFirstLook || look.equal < look.rows / 2 ? look : count(null);
}
function countStatement(sources, pair, old, candidate, limit) {
  const both = { oldType: old.type, newType: candidate.type, tolerance: null };
  const key = pair.columns.filter(({ name }) => pair.key?.includes(name));
  const sideOf = (side, name) => read(sources, side, [{ ...both, name }, ...key], null);
  const on = list(key, (_, at) => `o.v${at + 1} = n.v${at + 1}`, " AND ");
  const rowsOfOld = limit === null ? "" : `(FROM ${sideOf("old", old.name)} LIMIT ${limit})`;
  return `SELECT count(*) AS rows, count(*) FILTER (same) AS equal,
      count(shown) FILTER (same) NOT IN (0, count(*) FILTER (same))
        OR coalesce(min(shown) FILTER (same) <> max(shown) FILTER (same), false) AS varied
    FROM (SELECT NOT ${deviates({ ...both, name: old.name }, 0, sources)} AS same, o.v0::VARCHAR AS shown
      FROM ${rowsOfOld || sideOf("old", old.name)} AS o JOIN ${sideOf("new", candidate.name)} AS n ON ${on})`;
}


// EXTERNAL MODULE: external "node:async_hooks"
var external_node_async_hooks_ = __webpack_require__(6698);
// EXTERNAL MODULE: ./build/esm/patiently.js
var patiently = __webpack_require__(1810);
;// CONCATENATED MODULE: ./build/esm/engines/duckdb/workspace.js
// src/engines/duckdb/workspace.ts







var Workspace = class _Workspace {
  threads;
  /** Bytes that DuckDB may use. */
  memoryLimit;
  /** What both files share; null when that is not known, or not asked for. */
  blocks;
  #duckdb;
  #store;
  #purpose;
  /** Ends the statements of what runs inside `abortable`. */
  #signal = new external_node_async_hooks_.AsyncLocalStorage();
  #idle = [];
  #waiting = [];
  #underWay = /* @__PURE__ */ new Set();
  #opened = 0;
  #scratchTables = 0;
  #differentBlocks;
  #peculiarTables;
  #storeQueue = Promise.resolve();
  /** Side and view -> the table in memory that holds its rows for the length of the session. */
  #viewRows = /* @__PURE__ */ new Map();
  constructor(duckdb, { threads, memory }, { blocks, store, purpose }) {
    this.#duckdb = duckdb;
    this.threads = threads;
    this.memoryLimit = memory;
    this.blocks = blocks;
    this.#store = store;
    this.#purpose = purpose;
  }
  /** `duckdb` has both sides attached; it is closed with the workspace. */
  static async open(duckdb, about) {
    const { threads, memory } = await duckdb.row(
      "SELECT current_setting('threads') AS threads, current_setting('memory_limit') AS memory"
    );
    return new _Workspace(duckdb, { threads: toNumber(threads), memory: bytesOf(memory) }, about);
  }
  /** Runs one statement on a connection of its own and gives its only row. `about` goes into its comment. */
  ask(about, statement, values = []) {
    return this.#borrow((connection) => connection.row(this.#comment(about) + statement, values));
  }
  rows(about, statement, values = []) {
    return this.#borrow((connection) => connection.rows(this.#comment(about) + statement, values));
  }
  run(about, statement, values = []) {
    return this.#borrow((connection) => connection.run(this.#comment(about) + statement, values));
  }
  /** One statement a piece, as many at a time as DuckDB has threads: a positional join uses one thread only. */
  each(pieces, about, statement, take) {
    return this.#each(this.threads, pieces, about, statement, take);
  }
  /** The same, one after the other: a join uses all threads, and a large part of the memory. */
  oneByOne(pieces, about, statement, take) {
    return this.#each(1, pieces, about, statement, take);
  }
  async #each(most, pieces, about, statement, take) {
    const queue = [...pieces];
    const work = async () => {
      for (let piece = queue.shift(); piece !== void 0; piece = queue.shift()) {
        take(await this.ask(about, statement(piece)), piece);
      }
    };
    await Promise.all(Array.from({ length: Math.min(most, pieces.length) }, work));
  }
  /** The table of the numbers of the blocks that differ. */
  differentBlocks({ different }) {
    this.#differentBlocks ??= (async () => {
      const table = this.scratchTable();
      const numbers = different.map((block) => `(${block})`).join(", ");
      await this.run("note which blocks differ", `CREATE TABLE ${table} (block BIGINT)`);
      if (different.length > 0) {
        await this.run("note which blocks differ", `INSERT INTO ${table} VALUES ${numbers}`);
      }
      return table;
    })();
    return this.#differentBlocks;
  }
  /** Runs `work`; when `signal` ends it, statements under way are interrupted and its reason is thrown. */
  async abortable(signal, work) {
    if (signal === void 0) return work();
    try {
      return await this.#signal.run(signal, work);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
  /** A name for a table in memory, quoted, that nobody has. */
  scratchTable() {
    this.#scratchTables += 1;
    return `${quote(inMemory)}.main.${quote(`scratch ${this.#scratchTables}`)}`;
  }
  /** The store is open for moments only: other steps, and `status`, want it as well. One table at a time. */
  withStore(work) {
    const store = this.#store;
    if (store === null) throw new Error("This comparison records nothing");
    const inTurn = async () => {
      await (0,patiently/* patiently */.d)(storePatienceMs, () => this.#duckdb.attach(store, attached.store, "write"));
      try {
        return await work();
      } finally {
        await this.#duckdb.run(`DETACH ${quote(attached.store)}`);
      }
    };
    const done = this.#storeQueue.then(inTurn);
    this.#storeQueue = done.catch(() => void 0);
    return done;
  }
  async sources(pair) {
    const { schema, name } = pair;
    const isView = pair.oldKind === "view" || pair.newKind === "view";
    const relations = {
      old: await this.relation("old", schema, name, pair.oldKind),
      new: await this.relation("new", schema, name, pair.newKind)
    };
    const { collated, shadowed } = await this.#peculiar();
    const named = JSON.stringify([schema, name]);
    const columns = pair.columns.map((column) => column.name.toLowerCase());
    return {
      ...relations,
      hasRowid: !shadowed.has(named) && !columns.includes("rowid"),
      // The table that holds a view's rows keeps the collations of the columns that the view reads.
      collated: collated.has(named) || isView && collated.size > 0,
      mode: pair.mode,
      key: pair.key
    };
  }
  /** Tables with a collation, and tables with a column that hides DuckDB's own row number. */
  #peculiar() {
    this.#peculiarTables ??= (async () => {
      const rows = await this.rows(
        "look for collations",
        `SELECT 'collated' AS what, schema_name, table_name FROM duckdb_tables() WHERE sql ILIKE '%COLLATE%'
         UNION ALL SELECT 'shadowed', schema_name, table_name FROM duckdb_columns() WHERE lower(column_name) = 'rowid'`
      );
      const of = (what) => new Set(
        rows.filter((row) => row.what === what).map((row) => JSON.stringify([row.schema_name, row.table_name]))
      );
      return { collated: of("collated"), shadowed: of("shadowed") };
    })();
    return this.#peculiarTables;
  }
  /**
   * A table is read where it is. The rows of a view are taken once, so that every statement sees the same ones, with
   * the view's own database as the default one, because macros in it are looked up there.
   */
  async relation(side, schema, name, kind) {
    if (kind === "table") return `${quote(attached[side])}.${quote(schema)}.${quote(name)}`;
    const id = JSON.stringify([side, schema, name]);
    const known = this.#viewRows.get(id) ?? this.#takeViewRows(side, schema, name);
    this.#viewRows.set(id, known);
    return known;
  }
  async #takeViewRows(side, schema, name) {
    const table = this.scratchTable();
    const comment = this.#comment(`take the rows of view ${schema}.${name}`);
    await this.#borrow(async (connection) => {
      await connection.run(`USE ${quote(attached[side])}`);
      try {
        await connection.run(
          `${comment}CREATE TABLE ${table} AS SELECT * FROM ${quote(schema)}.${quote(name)}`
        );
      } catch (error) {
        throw new Error(withoutData((0,errors/* messageOf */.bD)(error)));
      } finally {
        await connection.run(`USE ${quote(inMemory)}`);
      }
    });
    return table;
  }
  async forgetView(schema, name) {
    for (const side of ["old", "new"]) {
      const id = JSON.stringify([side, schema, name]);
      const table = await this.#viewRows.get(id)?.catch(() => void 0);
      this.#viewRows.delete(id);
      if (table !== void 0)
        await this.run(`forget view ${schema}.${name}`, `DROP TABLE ${table}`);
    }
  }
  /** Waits for statements that are still being interrupted. */
  async close() {
    await Promise.allSettled(this.#underWay);
    this.#duckdb.close();
  }
  #borrow(work) {
    const done = this.#useConnection(work);
    this.#underWay.add(done);
    const forget = () => this.#underWay.delete(done);
    done.then(forget, forget);
    return done;
  }
  async #useConnection(work) {
    const connection = await this.#freeConnection();
    const signal = this.#signal.getStore();
    const interrupt = () => connection.interrupt();
    try {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", interrupt);
      return await work(connection);
    } catch (error) {
      throw explainMemory(error);
    } finally {
      signal?.removeEventListener("abort", interrupt);
      const next = this.#waiting.shift();
      if (next === void 0) this.#idle.push(connection);
      else next(connection);
    }
  }
  /** Two connections more than threads: small questions need not wait for the long statements. */
  async #freeConnection() {
    const idle = this.#idle.pop();
    if (idle !== void 0) return idle;
    if (this.#opened < this.threads + 2) {
      this.#opened += 1;
      return this.#duckdb.parallel();
    }
    return new Promise((free) => this.#waiting.push(free));
  }
  #comment(about) {
    return sqlComment(`${this.#purpose}: ${about}`);
  }
};
function bytesOf(size) {
  const [, number = "", unit = ""] = /^([\d.]+) (\w+)$/.exec(String(size)) ?? [];
  const power = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"].indexOf(unit);
  return power === -1 ? Number.POSITIVE_INFINITY : Number(number) * 1024 ** power;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/comparison.js
// src/engines/duckdb/comparison.ts













function duckdbComparer(options) {
  return { open: (comparison) => openSession(comparison, options), noneOf: noneOf };
}
async function openSession({ old, new: candidate, store, purpose, lineage }, options) {
  const before = await marksOf(old, candidate);
  const compared = lineage ? await compareBlocks(old, candidate) : null;
  const duckdb = await Duckdb.open(null, fitting(options));
  try {
    await duckdb.attach(old, attached.old, "read");
    await duckdb.attach(candidate, attached.new, "read");
    const blocks = before === await marksOf(old, candidate) ? compared : null;
    await duckdb.run("SET GLOBAL TimeZone = 'UTC'");
    await duckdb.run("SET GLOBAL disabled_optimizers = 'common_subexpressions'");
    return new Session(await Workspace.open(duckdb, { blocks, store, purpose }));
  } catch (error) {
    duckdb.close();
    throw error;
  }
}
function fitting(options) {
  const [, number = "", unit = ""] = /^([\d.]+)\s*([KMGT]i?)B$/i.exec(options.memory_limit ?? "") ?? [];
  if (options.threads !== void 0 || number === "") return options;
  const power = ["K", "M", "G", "T"].indexOf(unit.charAt(0).toUpperCase()) + 1;
  const bytes = Number(number) * (unit.length > 1 ? 1024 : 1e3) ** power;
  const threads = Math.max(1, Math.min((0,external_node_os_.availableParallelism)(), Math.floor(bytes / 125e6)));
  return { ...options, threads };
}
async function marksOf(...files) {
  return JSON.stringify(await Promise.all(files.map(identify)));
}
var Session = class {
  sameBytes;
  parallel;
  #workspace;
  /** How the rows of each pair were brought together, for finding the deviating ones again. */
  #plans = /* @__PURE__ */ new Map();
  constructor(workspace) {
    const whole = workspace.blocks?.wholeFile ?? null;
    this.sameBytes = whole && `the files of both databases are equal, byte by byte (${whole.bytes} bytes)`;
    this.parallel = workspace.threads;
    this.#workspace = workspace;
  }
  incomparable(oldType, newType) {
    return incomparable(oldType) ?? incomparable(newType);
  }
  takesTolerance(type) {
    return isNumeric(type);
  }
  async countRows(side, schema, name, kind, signal) {
    return this.#workspace.abortable(signal, async () => {
      const relation = await this.#workspace.relation(side, schema, name, kind);
      const { rows } = await this.#workspace.ask(`count ${schema}.${name}`, countRows(relation));
      return toNumber(rows);
    });
  }
  async compareRows(pair, rows, onProgress, signal) {
    const found = await this.#workspace.abortable(
      signal,
      () => compareRows(this.#workspace, pair, rows, onProgress)
    );
    if ("fault" in found) return found;
    const { plan, ...comparison } = found;
    this.#plans.set(planName(pair), plan);
    return comparison;
  }
  claimFault(claim, columns) {
    return findClaimFault(this.#workspace, claim, columns);
  }
  async gather(pair, found, options) {
    const plan = this.#plans.get(planName(pair));
    if (plan === void 0) {
      throw new Error(`${pair.schema}.${pair.name} was not compared in this session`);
    }
    return gatherRows(this.#workspace, pair, found, plan, options);
  }
  async fingerprint(side, schema, name, kind, columns) {
    const relation = await this.#workspace.relation(side, schema, name, kind);
    const row = await this.#workspace.ask(
      `fingerprint ${schema}.${name}`,
      fingerprintRows(relation, columns)
    );
    return String(row.fingerprint);
  }
  countEqual(pair, oldColumn, newColumn) {
    return countEqual(this.#workspace, pair, oldColumn, newColumn);
  }
  async release(schema, name) {
    const plan = this.#plans.get(planName({ schema, name }));
    this.#plans.delete(planName({ schema, name }));
    for (const copy of plan?.rest.copies ?? []) {
      await this.#workspace.run(`forget ${schema}.${name}`, `DROP TABLE ${copy}`);
    }
    await this.#workspace.forgetView(schema, name);
  }
  async close() {
    await this.#workspace.close();
  }
};
function planName({ schema, name }) {
  return JSON.stringify([schema, name]);
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/places.js
// src/engines/duckdb/places.ts


function duckdbPlaces(root, live) {
  const file = real((0,external_node_path_.resolve)(root, live));
  const workFolder = (0,external_node_path_.join)((0,external_node_path_.dirname)(file), ".greenlight");
  const place = (release, role) => (0,external_node_path_.join)(workFolder, release, role, (0,external_node_path_.basename)(file));
  return {
    live: file,
    workFolder,
    candidate: (release) => place(release, "candidate"),
    baseline: (release) => place(release, "baseline"),
    previous: (release) => place(release, "previous"),
    rolledBack: (release) => place(release, "rolled-back"),
    // DuckDB calls a file's database by the file's name up to its first dot.
    names: (at) => [(0,external_node_path_.basename)(at).split(".", 1)[0] ?? "", at],
    describe: (at) => (0,external_node_path_.relative)(root, at).startsWith("..") ? at : (0,external_node_path_.relative)(root, at)
  };
}
function real(file) {
  try {
    return (0,external_node_fs_.realpathSync)(file);
  } catch {
    return file;
  }
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/scripts.js
// src/engines/duckdb/scripts.ts








function duckdbScripts(options) {
  return { open: (at, scriptOptions) => scripts_openSession(at, scriptOptions, options) };
}
async function scripts_openSession(at, { write, variables, forbidden }, options) {
  const duckdb = await openAlone(at, write, options);
  for (const [name, text] of Object.entries(variables)) {
    const value = name.endsWith("_now") ? `TIMESTAMPTZ ${literal(text)}` : literal(text);
    await duckdb.run(`SET VARIABLE ${quote(name)} = ${value}`);
  }
  return {
    run: (script, onStatement) => run(duckdb, script, forbidden, onStatement),
    check: (script) => check(duckdb, script, forbidden),
    query: async (sql) => {
      const rows = await duckdb.rows(sql);
      const text = (value) => value === null ? null : String(value);
      return {
        columns: Object.keys(rows[0] ?? {}),
        rows: rows.map((row) => Object.values(row).map(text))
      };
    },
    close: async () => {
      try {
        if (write) await duckdb.run("CHECKPOINT");
      } catch (error) {
        throw explain(error, at);
      } finally {
        duckdb.close();
      }
      if (write) await requireNoLog(at);
    }
  };
}
var readOnly = "greenlight: read only";
async function openAlone(at, write, options) {
  if (write) return Duckdb.open(at, options);
  const duckdb = await Duckdb.open(null, options);
  await duckdb.attach(at, readOnly, "read");
  await duckdb.run(`USE ${quote(readOnly)}`);
  return duckdb;
}
async function run(duckdb, script, forbidden, onStatement) {
  const statements = splitStatements(script.text);
  for (const statement of statements) refuseForbidden(script, statement, forbidden);
  const outside = statements.find((statement) => cannotBeWrapped.test(statement.text));
  const transactional = outside === void 0 && !optOut.test(script.text);
  if (transactional) await duckdb.run("BEGIN");
  let done = 0;
  try {
    for (const statement of statements) {
      await runStatement(duckdb, script, statement);
      done++;
      onStatement?.(done, statements.length);
    }
    if (transactional) await duckdb.run("COMMIT");
  } catch (error) {
    await duckdb.run("ROLLBACK").catch(() => void 0);
    if (error instanceof errors/* GreenlightError */.uf) throw error;
    throw new errors/* GreenlightError */.uf({
      what: "The script could not be committed.",
      where: script.file,
      cause: firstLine((0,errors/* messageOf */.bD)(error)),
      help: "Mend the script, then run the same command again."
    });
  }
  const reason = outside === void 0 ? "it asks for no transaction" : `line ${outside.line} cannot run in ours`;
  return { statements: done, transactional, reason: transactional ? null : reason };
}
var cannotBeWrapped = /^(BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|(FORCE\s+)?CHECKPOINT|VACUUM|DETACH)\b/i;
var optOut = /^\s*--\s*greenlight:\s*no transaction\s*$/im;
async function runStatement(duckdb, script, statement) {
  try {
    await duckdb.run(statement.text);
  } catch (error) {
    throw failed(script, statement, error);
  }
}
async function check(duckdb, script, forbidden) {
  const statements = splitStatements(script.text);
  if (statements.length === 0) return [`${script.file}: holds no query`];
  const failures = [];
  for (const statement of statements) {
    refuseForbidden(script, statement, forbidden);
    const rows = await duckdb.rows(statement.text).catch((error) => {
      throw failed(script, statement, error);
    });
    if (rows.length === 0) failures.push(`${script.file}:${statement.line}: gives no row`);
    rows.forEach((row, at) => {
      for (const [column, value] of Object.entries(row)) {
        if (value !== true)
          failures.push(`${script.file}:${statement.line}: row ${at + 1}: ${column} is not true`);
      }
    });
  }
  return failures;
}
function failed(script, statement, error) {
  const message = (0,errors/* messageOf */.bD)(error);
  const inStatement = Number(/^LINE (\d+):/m.exec(message)?.[1] ?? 1);
  const where = `${script.file}:${statement.line + inStatement - 1}`;
  const explained = /^IO Error/.test(message) ? explain(error, where) : null;
  if (explained instanceof errors/* GreenlightError */.uf) return explained;
  return new errors/* GreenlightError */.uf({
    what: `A statement failed:
${excerpt(statement)}`,
    where,
    cause: firstLine(message),
    help: "Mend the statement, then run the same command again."
  });
}
function excerpt({ text, line }) {
  const lines = text.split(/\r?\n/);
  const shown = lines.slice(0, 8).map((content, at) => `  ${String(line + at).padStart(4)} | ${content.slice(0, 160)}`);
  return [
    ...shown,
    ...lines.length > 8 ? [`       | ... ${lines.length - 8} more lines`] : []
  ].join("\n");
}
function refuseForbidden(script, statement, forbidden) {
  const where = `${script.file}:${statement.line}`;
  const files = new Set(forbidden.flatMap((file) => [...identitiesOf(file), scripts_nameOf(logOf(file))]));
  for (const { value } of literalsOf(statement.text)) {
    if (!identitiesOf(pathOf(value)).some((id) => files.has(id))) continue;
    throw new errors/* GreenlightError */.uf({
      what: "The script names a database file that it must not touch: live, the baseline or the ledger.",
      where,
      cause: `it names ${value}`,
      help: "Scripts work on the candidate, which is the default database. Remove the path."
    });
  }
  const outline = outlineOf(statement.text);
  if (!opensFile.test(outline) || plainPath.test(outline)) return;
  throw new errors/* GreenlightError */.uf({
    what: "The script opens a file whose path cannot be read from the statement.",
    where,
    help: "Write the path as one plain text: ATTACH 'reference.duckdb' (READ_ONLY), COPY t TO 'export.csv'."
  });
}
var opensFile = /^(ATTACH|PREPARE)\b|^COPY\b.*\bTO\b/is;
var plainPath = /^ATTACH\s+(DATABASE\s+)?(IF\s+NOT\s+EXISTS\s+)?''(?!\s*'')|^COPY\b(?!\s+FROM\s+DATABASE).*\bTO\s*''(?!\s*'')|^PREPARE\b(?!.*\b(COPY|ATTACH|EXPORT|CALL|PRAGMA)\b)|^COPY\s+FROM\s+DATABASE\b/is;
function pathOf(text) {
  const path = text.replace(/^duckdb:/i, "").replace(/^file:(\/\/(localhost(?=\/))?)?/i, "");
  return path.startsWith("~") ? (0,external_node_os_.homedir)() + path.slice(1) : path;
}
function identitiesOf(path) {
  try {
    const { dev, ino } = (0,external_node_fs_.statSync)(path, { bigint: true });
    return [scripts_nameOf(path), `${dev}:${ino}`];
  } catch {
    return [scripts_nameOf(path)];
  }
}
function scripts_nameOf(path) {
  try {
    return (0,external_node_path_.join)((0,external_node_fs_.realpathSync)((0,external_node_path_.dirname)(path)), (0,external_node_path_.basename)(path));
  } catch {
    return path;
  }
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/recorded.js
// src/engines/duckdb/recorded.ts







async function openRecorded(store, options, query) {
  const duckdb = await Duckdb.open(null, options);
  try {
    await (0,patiently/* patiently */.d)(storePatienceMs, () => duckdb.attach(store, attached.store, "read"));
    const rows = (sql, values = []) => duckdb.rows(sqlComment(query.purpose) + sql, values);
    const condition = query.where === null ? null : await conditionOf(query, query.where, rows);
    return readerOf(duckdb, query, condition);
  } catch (error) {
    duckdb.close();
    throw error;
  }
}
function readerOf(duckdb, query, condition) {
  const comment = sqlComment(query.purpose);
  const asked = (standings, table = null) => `FROM (${deviations(query, standings, table)}) AS d${condition === null ? "" : ` WHERE ${condition}`}`;
  const judged = (work) => work.catch((error) => Promise.reject(broken(query, error)));
  const reader = {
    counts: async () => {
      const sql = `SELECT table_name, standing, count(*) AS recorded, sum(occurrences) AS rows ${asked(null)}
        GROUP BY ALL ORDER BY ALL`;
      return (await judged(duckdb.rows(comment + sql))).map(countOf);
    },
    first: async (table, limit) => {
      const sql = `SELECT * ${asked(query.standings, table)} ORDER BY ${order}${limit === null ? "" : ` LIMIT ${limit}`}`;
      return (await judged(duckdb.rows(comment + sql))).map(rowOf);
    },
    all: async function* () {
      const sql = `CREATE TABLE taken AS SELECT * ${asked(query.standings)} ORDER BY ${order}`;
      await judged(duckdb.run(comment + sql));
      await duckdb.run(`${comment}DETACH ${quote(attached.store)}`);
      for (let at = 0; ; at += pageSize) {
        const page = await duckdb.rows(
          `${comment}SELECT * FROM taken WHERE rowid >= ${at} AND rowid < ${at + pageSize} ORDER BY rowid`
        );
        if (page.length === 0) return;
        yield page.map(rowOf);
      }
    },
    close: async () => duckdb.close()
  };
  return reader;
}
var pageSize = 1e3;
var order = `table_name, kind,
  list_transform(json_extract_string(row_key, '$.*'), lambda part: {n: TRY_CAST(part AS DOUBLE), t: part}),
  fingerprint, standing, columns, occurrences`;
function countOf(row) {
  return {
    table_name: String(row.table_name),
    standing: row.standing,
    recorded: toNumber(row.recorded),
    rows: toNumber(row.rows)
  };
}
function rowOf(row) {
  return {
    ...row,
    comparison: toNumber(row.comparison),
    occurrences: toNumber(row.occurrences)
  };
}
function deviations(query, standings, table) {
  const { comparison, against } = query;
  const now = rowsOf(query, comparison, table);
  if (against === null || !canTell(query)) return `SELECT *, NULL::VARCHAR AS standing FROM ${now}`;
  const before = rowsOf(query, against, table);
  const parts = {
    new: part("new", now, before, "LEFT JOIN", "a.occurrences - coalesce(b.occurrences, 0)"),
    still: part("still", now, before, "JOIN", "least(a.occurrences, b.occurrences)"),
    gone: part("gone", before, now, "LEFT JOIN", "a.occurrences - coalesce(b.occurrences, 0)")
  };
  return list(
    standings ?? ["new", "still", "gone"],
    (one) => parts[one],
    "\nUNION ALL\n"
  );
}
function part(standing, a, b, join, occurrences) {
  return `SELECT a.* REPLACE (${occurrences} AS occurrences), '${standing}' AS standing
    FROM ${a} AS a ${join} ${b} AS b USING (table_name, kind, fingerprint) WHERE ${occurrences} > 0`;
}
function canTell({ comparison, against }) {
  return comparison.privacy !== "none" && against !== null && against.privacy !== "none";
}
function readComparisons(query) {
  const { comparison, against } = query;
  return against !== null && canTell(query) ? [comparison, against] : [comparison];
}
function rowsOf({ table }, { id, tables }, only) {
  const wanted = tables.filter((name) => only === null || name === only);
  const names = wanted.length === 0 ? "false" : `table_name IN (${list(wanted, literal)})`;
  return `(SELECT comparison, table_name, kind, row_key, columns, old_values, new_values, occurrences, explained, fingerprint
    FROM ${quote(attached.store)}.main.${quote(table)} WHERE comparison = ${id} AND ${names})`;
}
var plain = {
  comparison: "comparison",
  table_name: "table_name",
  kind: "kind",
  row_key: "row_key",
  columns: `from_json(columns, '["VARCHAR"]')`,
  old_values: "old_values",
  new_values: "new_values",
  occurrences: "occurrences",
  explained: "explained",
  fingerprint: "fingerprint",
  standing: "standing"
};
async function conditionOf(query, text, rows) {
  try {
    const recorded = text.includes(".") ? await recordedNames(query, rows) : nothingRecorded;
    const conditions = new Conditions(rows);
    const read = await conditions.read(text, (parts) => recorded_resolve(query, parts, recorded));
    const condition = await conditions.write(read, (sql2) => sql2);
    const sql = `DESCRIBE SELECT (${condition}) AS condition FROM (${deviations(query, null, null)}) AS d`;
    const [described] = await rows(sql);
    requireCondition(described);
    return `(${condition})`;
  } catch (error) {
    throw broken(query, error);
  }
}
function broken(query, error) {
  if (query.where === null) return error;
  const message = firstLine((0,errors/* messageOf */.bD)(error));
  if (!(error instanceof ConditionFault) && !/^(Binder|Catalog|Conversion|Invalid Input|Out of Range) Error/.test(message))
    return error;
  return new errors/* UsageError */.eb({
    what: "This condition cannot be used.",
    where: query.where,
    cause: message,
    help: /^Conversion Error|VARCHAR/.test(message) ? "Keys and values are texts: key.id::INTEGER > 9, or TRY_CAST(old.x AS DOUBLE), which is NULL for what is no number." : "It is one SQL condition over the columns of row_deviation, standing, and key.x, old.x, new.x: kind = 'changed' AND key.id = '7'"
  });
}
var nothingRecorded = { key: /* @__PURE__ */ new Set(), old: /* @__PURE__ */ new Set(), new: /* @__PURE__ */ new Set() };
var sources = { key: "row_key", old: "old_values", new: "new_values" };
function recorded_resolve(query, names, recorded) {
  const [first = "", name, ...more] = names;
  if (name === void 0) {
    const column = first.toLowerCase();
    if (column === "standing" && !canTell(query))
      throw new ConditionFault(
        "standing cannot be told: there is no other comparison, or no fingerprints were recorded."
      );
    if (column in plain) return String(plain[column]);
    throw new ConditionFault(
      `There is no ${first}. There are ${Object.keys(plain).join(", ")}, and key.x, old.x, new.x for what was recorded of a row.`
    );
  }
  const at = first.toLowerCase();
  if (!(at === "key" || at === "old" || at === "new") || more.length > 0)
    throw new ConditionFault(
      `There is no ${names.join(".")}. What was recorded of a row is key.x, old.x and new.x.`
    );
  return recordedValue(query, at, name, recorded[at]);
}
function recordedValue(query, part2, name, known) {
  const shown = part2 === "key" ? ["keys", "masked", "full"] : ["masked", "full"];
  const silent = readComparisons(query).filter(({ privacy }) => !shown.includes(privacy));
  if (silent.length > 0) {
    const who = silent.map(({ id, privacy }) => `comparison ${id} (privacy: ${privacy})`);
    throw new ConditionFault(
      `${part2}.${name} cannot be asked for: ${part2 === "key" ? "keys" : "old and new values"} were not recorded by ${who.join(" and ")}.`
    );
  }
  const meant = [...known].filter((one) => one.toLowerCase() === name.toLowerCase());
  if (meant.length === 0 && known.size > 0)
    throw new ConditionFault(
      `No recorded row has ${part2}.${name}. There is ${[...known].sort().map((one) => `${part2}.${one}`).join(", ")}.`
    );
  const paths = (meant.length === 0 ? [name] : meant).map(
    (one) => `/${one.replaceAll("~", "~0").replaceAll("/", "~1")}`
  );
  const values = paths.map((path) => `json_extract_string(${sources[part2]}, ${literal(path)})`);
  return values.length === 1 ? String(values[0]) : `coalesce(${values.join(", ")})`;
}
async function recordedNames(query, rows) {
  const read = readComparisons(query).map((comparison) => rowsOf(query, comparison, null));
  const found = await rows(
    `SELECT any_value(row_key) AS key, any_value(old_values) FILTER (kind = 'removed') AS old,
       any_value(new_values) FILTER (kind = 'added') AS new, to_json(list(DISTINCT columns) FILTER (columns IS NOT NULL)) AS changed
     FROM (${list(read, (one) => `FROM ${one}`, " UNION ALL ")}) GROUP BY table_name`
  );
  const members = (text) => text === null ? [] : Object.keys(JSON.parse(String(text)));
  const changed = found.flatMap(
    (row) => row.changed === null ? [] : JSON.parse(String(row.changed)).flatMap((one) => JSON.parse(one))
  );
  const whole = found.flatMap((row) => [...members(row.old), ...members(row.new)]);
  return {
    key: new Set(found.flatMap((row) => members(row.key))),
    old: /* @__PURE__ */ new Set([...changed, ...whole]),
    new: /* @__PURE__ */ new Set([...changed, ...whole])
  };
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/store.js
// src/engines/duckdb/store.ts








var columnTypes = {
  integer: "BIGINT",
  text: "VARCHAR",
  instant: "TIMESTAMP",
  boolean: "BOOLEAN",
  json: "JSON"
};
function duckdbStores(location, options) {
  return {
    location,
    open: async ({ create, purpose }) => {
      if (!create && !await exists(location)) return null;
      await (0,promises_.mkdir)((0,external_node_path_.dirname)(location), { recursive: true });
      return openStore(await openPatiently(location, small(options), storePatienceMs), purpose);
    },
    openDeviations: async (query) => await exists(location) ? openRecorded(location, options, query) : null,
    hold: (name, waitMs) => hold(location, name, waitMs)
  };
}
function openStore(duckdb, purpose) {
  const comment = sqlComment(purpose);
  const reader = {
    tables: async () => (await duckdb.rows(
      `${comment}SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1`
    )).map((row) => String(row.table_name)),
    select: async (table, where, order = []) => {
      const condition = store_conditionOf(table, where);
      const orderBy = order.length === 0 ? "" : ` ORDER BY ${list(order, quote)}`;
      const sql = `SELECT ${list(Object.keys(table.columns), quote)} FROM ${quote(table.name)}${condition.sql}${orderBy}`;
      return (await duckdb.rows(comment + sql, condition.values)).map(
        (row) => fromEngine(table, row)
      );
    },
    max: async (table, column) => {
      const { max } = await duckdb.row(
        `${comment}SELECT max(${quote(column)}) AS max FROM ${quote(table.name)}`
      );
      return max === null ? null : toNumber(max);
    }
  };
  const writer = {
    ...reader,
    apply: (operation) => duckdb.run(comment + statementOf(operation)),
    insert: async (table, row) => {
      const columns = Object.keys(row);
      const places = list(columns, (column, at) => placeholder(table, column, at));
      await duckdb.run(
        `${comment}INSERT INTO ${quote(table.name)} (${list(columns, quote)}) VALUES (${places})`,
        columns.map((column) => toEngine(table, column, row[column]))
      );
    },
    update: async (table, set, where) => {
      const columns = Object.keys(set);
      const assignments = list(
        columns,
        (column, at) => `${quote(column)} = ${placeholder(table, column, at)}`
      );
      const condition = store_conditionOf(table, where, columns.length);
      await duckdb.run(`${comment}UPDATE ${quote(table.name)} SET ${assignments}${condition.sql}`, [
        ...columns.map((column) => toEngine(table, column, set[column])),
        ...condition.values
      ]);
    },
    delete: async (table, where) => {
      const condition = store_conditionOf(table, where);
      await duckdb.run(
        `${comment}DELETE FROM ${quote(table.name)}${condition.sql}`,
        condition.values
      );
    }
  };
  return {
    ...reader,
    write: async (work) => {
      await duckdb.run("BEGIN");
      try {
        const result = await work(writer);
        await duckdb.run("COMMIT");
        return result;
      } catch (error) {
        await duckdb.run("ROLLBACK").catch(() => void 0);
        throw error;
      }
    },
    close: async () => duckdb.close()
  };
}
function statementOf(operation) {
  if ("createTable" in operation) {
    const { name, columns, key } = operation.createTable;
    const definitions = list(
      Object.entries(columns),
      ([column2, type2]) => `${quote(column2)} ${columnTypes[type2]}`
    );
    const primaryKey = key.length === 0 ? "" : `, PRIMARY KEY (${list(key, quote)})`;
    return `CREATE TABLE ${quote(name)} (${definitions}${primaryKey})`;
  }
  const { table, column, type } = operation.addColumn;
  return `ALTER TABLE ${quote(table)} ADD COLUMN ${quote(column)} ${columnTypes[type]}`;
}
function store_conditionOf(table, where, before = 0) {
  const columns = Object.keys(where);
  if (columns.length === 0) return { sql: "", values: [] };
  const tests = list(
    columns,
    (column, at) => `${quote(column)} IS NOT DISTINCT FROM ${placeholder(table, column, before + at)}`,
    " AND "
  );
  return {
    sql: ` WHERE ${tests}`,
    values: columns.map((column) => toEngine(table, column, where[column]))
  };
}
function placeholder(table, column, at) {
  const type = table.columns[column];
  if (type === void 0) throw new Error(`Table ${table.name} has no column ${column}`);
  return `$${at + 1}::${columnTypes[type]}`;
}
function toEngine(table, column, value) {
  if (value === null || value === void 0) return null;
  switch (table.columns[column]) {
    case "integer":
      return BigInt(value);
    case "boolean":
      return value;
    case "json":
      return JSON.stringify(value);
    default:
      return String(value);
  }
}
function fromEngine(table, row) {
  const converted = Object.entries(table.columns).map(([column, type]) => {
    const value = row[column];
    if (value === null || value === void 0) return [column, null];
    if (type === "integer") return [column, toNumber(value)];
    if (type === "json") return [column, JSON.parse(String(value))];
    if (type === "instant") return [column, `${String(value).replace(" ", "T")}Z`];
    return [column, value];
  });
  return Object.fromEntries(converted);
}
async function hold(location, name, waitMs) {
  const folder = (0,external_node_path_.join)((0,external_node_path_.dirname)(location), ".greenlight", "locks");
  await (0,promises_.mkdir)(folder, { recursive: true });
  try {
    const lock = await openPatiently(
      (0,external_node_path_.join)(folder, `${(0,external_node_path_.basename)(location)}.${name}.lock`),
      small({}),
      waitMs
    );
    return { held: true, release: async () => lock.close() };
  } catch (error) {
    if (!(error instanceof errors/* DatabaseInUse */.qx)) throw error;
    return { held: false, holder: error.problem.cause ?? "another process" };
  }
}
function openPatiently(file, options, waitMs) {
  return (0,patiently/* patiently */.d)(waitMs, () => Duckdb.open(file, options));
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/swap.js
// src/engines/duckdb/swap.ts





function duckdbSwap(options) {
  return {
    settle: (live) => settle(live, options),
    fence: (live) => fence(live, options),
    exchange
  };
}
async function settle(live, options) {
  if (!await exists(logOf(live))) return false;
  const duckdb = await Duckdb.open(live, small(options));
  try {
    await duckdb.run("CHECKPOINT");
  } finally {
    duckdb.close();
  }
  await requireNoLog(live);
  return true;
}
async function fence(live, options) {
  const reader = await Duckdb.open(null, small(options));
  try {
    await reader.attach(live, "live", "read");
  } catch (error) {
    reader.close();
    throw error;
  }
  return { release: async () => reader.close() };
}
async function exchange(live, incoming, kept) {
  await requireNoLog(incoming);
  await requireNoLog(live);
  await takeOwner(live, incoming);
  await keep(live, kept);
  await (0,promises_.rename)(incoming, live);
  await syncFolder((0,external_node_path_.dirname)(live));
  await syncFolder((0,external_node_path_.dirname)(kept));
}
async function takeOwner(live, incoming) {
  const [want, have] = await Promise.all([(0,promises_.stat)(live), (0,promises_.stat)(incoming)]);
  try {
    if (want.uid !== have.uid || want.gid !== have.gid) await (0,promises_.chown)(incoming, want.uid, want.gid);
    if (want.mode !== have.mode) await (0,promises_.chmod)(incoming, want.mode);
  } catch (error) {
    throw new errors/* GreenlightError */.uf({
      what: "The new database cannot get the old one's owner and mode.",
      where: incoming,
      cause: `${(0,errors/* systemCode */.xU)(error)}: live belongs to ${want.uid}:${want.gid}, the candidate to ${have.uid}:${have.gid}`,
      help: "Run the swap as the owner of live, or as root."
    });
  }
}
async function keep(live, kept) {
  await (0,promises_.mkdir)((0,external_node_path_.dirname)(kept), { recursive: true });
  const already = await identify(kept);
  if (already !== null) {
    const current = await identify(live);
    if (already.id === current?.id) return;
    throw new errors/* GreenlightError */.uf({
      what: "Something else is where the old database would be kept.",
      where: kept,
      help: "Move it away, then run the same command again."
    });
  }
  try {
    await (0,promises_.link)(live, kept);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes((0,errors/* systemCode */.xU)(error) ?? ""))
      throw error;
    throw new errors/* GreenlightError */.uf({
      what: "This file system has no hard links, without which live cannot be swapped at one instant.",
      where: live,
      cause: (0,errors/* systemCode */.xU)(error) ?? "",
      help: "Move the database to a file system that has them (ext4, XFS, btrfs, APFS, NTFS, NFS)."
    });
  }
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/index.js
// src/engines/duckdb/index.ts









async function createDuckdb(settings) {
  const ledger = (0,external_node_path_.resolve)(settings.root, settings.ledger);
  const options = readOptions(settings.connection, (0,external_node_path_.join)((0,external_node_path_.dirname)(ledger), ".greenlight", "spill"));
  const places = duckdbPlaces(settings.root, settings.live);
  if (real(ledger) === places.live) {
    throw new errors/* UsageError */.eb({
      what: "Live and the ledger are the same file.",
      where: ledger,
      help: "Give `ledger` in greenlight.yml a file of its own: nothing is written to live before the swap."
    });
  }
  return {
    name: "duckdb",
    capabilities: { transactionalDdl: true, swapKeepsReaders: true },
    places,
    databases: duckdbDatabases(places.workFolder, options),
    catalog: duckdbCatalog(options),
    scripts: duckdbScripts(options),
    comparison: duckdbComparer(options),
    swap: duckdbSwap(options),
    stores: duckdbStores(ledger, options),
    commandEnvironment: (at) => ({ GREENLIGHT_DATABASE: at, GREENLIGHT_ENGINE: "duckdb" }),
    traces: () => [places.live, (0,external_node_path_.resolve)(settings.root, settings.live), settings.live]
  };
}
function readOptions(connection, spill) {
  const known = ["memory_limit", "threads", "temp_directory"];
  const unknown = Object.keys(connection).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new errors/* UsageError */.eb({
      what: `DuckDB has no connection option ${unknown.join(", ")}.`,
      where: "greenlight.yml: connection",
      help: `Known are ${known.join(", ")}.`
    });
  }
  const { memory_limit, threads, temp_directory } = connection;
  const wrong = (key, help) => new errors/* UsageError */.eb({
    // Not the value: it may come from the environment.
    what: `connection.${key} has a value that DuckDB does not take.`,
    where: "greenlight.yml: connection",
    help
  });
  if (threads !== void 0 && !(Number.isInteger(Number(threads)) && Number(threads) > 0)) {
    throw wrong("threads", "Write a whole number from 1 on.");
  }
  if (memory_limit !== void 0 && !/^\d+(\.\d+)?\s*[KMGT]i?B$/i.test(String(memory_limit))) {
    throw wrong("memory_limit", "Write a number with its unit: 512MB, 4GB.");
  }
  return {
    ...memory_limit === void 0 ? {} : { memory_limit: String(memory_limit) },
    ...threads === void 0 ? {} : { threads: Number(threads) },
    temp_directory: temp_directory === void 0 ? spill : String(temp_directory)
  };
}



/***/ }),

/***/ 1810:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   d: () => (/* binding */ patiently)
/* harmony export */ });
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8500);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3893);
// src/patiently.ts


async function patiently(waitMs, open) {
  const deadline = Date.now() + waitMs;
  for (; ; ) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .DatabaseInUse */ .qx) || Date.now() >= deadline) throw error;
      await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(50);
    }
  }
}



/***/ })

};
