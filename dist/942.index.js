export const id = 942;
export const ids = [942];
export const modules = {

/***/ 4942:
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
  return `'${text.replaceAll("'", "''")}'`;
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


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/values.js
// src/engines/duckdb/values.ts

function compared(column, side, sources) {
  const { name, oldType, newType } = column;
  const [own, other] = side === "old" ? [oldType, newType] : [newType, oldType];
  const value = valueIn(quote(name), own, other, sources.mode);
  return isEncoded(column, sources) ? `encode(${value})` : value;
}
function isEncoded({ oldType, newType }, { collated }) {
  return collated && (oldType === "VARCHAR" || newType === "VARCHAR");
}
function valueIn(value, own, other, mode) {
  if (own !== other) {
    if (isNumeric(own) && isNumeric(other)) return numberOf(value, own, other, mode);
    if (isTemporal(own) && isTemporal(other)) return instantOf(value, own, other);
    return `${value}::VARCHAR`;
  }
  return mode === "strict" && /FLOAT|DOUBLE|INTERVAL/.test(own) ? `${value}::VARCHAR` : value;
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
  if (own === "TIMESTAMP_NS") return `${value}::VARCHAR`;
  return other === "TIMESTAMP_NS" ? `${value}::TIMESTAMP::VARCHAR` : value;
}
function deviates({ tolerance, oldType, newType }, at) {
  const [o, n] = [`o.v${at}`, `n.v${at}`];
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
function isNumeric(type) {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\([^)]*\))$/.test(type);
}
function isTemporal(type) {
  return /^(DATE|TIMESTAMP(_NS|_MS|_S| WITH TIME ZONE)?)$/.test(type);
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
function read(sources, side, columns, condition, { raw = [], row = false, here = columns.length === 0 && !row } = {}) {
  const values = columns.map((column, at) => `${compared(column, side, sources)} AS v${at}`);
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
      SELECT ${names.join(", ")}, 1 AS side FROM ${read(sources, "new", columns, condition)}
      UNION ALL
      SELECT ${names.join(", ")}, -1 AS side FROM ${read(sources, "old", columns, condition)})
    GROUP BY ${names.join(", ")} HAVING sum(side) <> 0`;
}
function anyDeviates(columns) {
  return columns.length === 0 ? "false" : `(${list(columns, deviates, " OR ")})`;
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
function countStrayKeys(sources, key, rest) {
  const on = (a, b) => list(key, (_, at) => `${a}.v${at} = ${b}.v${at}`, " AND ");
  return `SELECT count(*) AS stray
    FROM ${read(rest.sources, "new", key, rest.condition)} AS n
      ANTI JOIN ${read(rest.sources, "old", key, rest.condition)} AS o ON ${on("o", "n")}
      SEMI JOIN ${read(sources, "old", key, null)} AS s ON ${on("s", "n")}`;
}
function countAligned(sources, key, columns, condition) {
  const all = [...columns, ...key];
  const differs = list(
    key,
    (_, at) => `o.v${columns.length + at} IS DISTINCT FROM n.v${columns.length + at}`,
    " OR "
  );
  return `SELECT count(*) FILTER (${differs}) AS misaligned${changedCounts(columns)}
    FROM ${beside(sources, all, condition)}`;
}
function countPaired(sources, columns, condition, by) {
  if (columns.length === 0) return "SELECT 0 AS none";
  const rows = by === "position" ? beside : numbered;
  return `SELECT 0 AS none${changedCounts(columns)} FROM ${rows(sources, columns, condition)}`;
}
function countUnpaired(sources, condition) {
  const count = (side) => `(SELECT count(*) FROM ${read(sources, side, [], condition)})`;
  return `SELECT abs(${count("old")} - ${count("new")}) AS unpaired`;
}
function changedCounts(columns, also = "") {
  return columns.map((column, at) => `, count(*) FILTER (${also}${deviates(column, at)}) AS c${at}`).join("");
}
function countByJoin(sources, key, columns, condition) {
  const keyOf = (side) => `row(${list(key, (_, at) => `${side}.v${columns.length + at}`)})`;
  const isKey = (side) => list(key, (_, at) => `${side}.v${columns.length + at} IS NOT NULL`, " AND ");
  return `SELECT count(*) FILTER (o.here IS NULL) AS added, count(*) FILTER (n.here IS NULL) AS removed,
      count(*) FILTER (o.here AND n.here) AS matched,
      count(DISTINCT ${keyOf("n")}) FILTER (o.here IS NULL AND ${isKey("n")}) AS added_keys,
      count(DISTINCT ${keyOf("o")}) FILTER (n.here IS NULL AND ${isKey("o")}) AS removed_keys${changedCounts(columns, "o.here AND n.here AND ")}
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
  const parts = members.map((one, at) => `${at > 0 ? "',', " : ""}${member(one, false)}`);
  return `concat('{', ${[...parts, "'}'"].join(", ")})`;
}
function member([name, value, type], mask) {
  const text = `${value}::VARCHAR`;
  const shown = mask ? masked(text) : text;
  const json = type !== void 0 && isPlain(type) ? `('"' || ${shown} || '"')` : jsonText(shown);
  return `concat(${literal(`${JSON.stringify(name)}:`)}, coalesce(${json}, 'null'))`;
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


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/fingerprints.js
// src/engines/duckdb/fingerprints.ts


function fingerprintRows(relation, columns) {
  const image = jsonObject(columns.map((name) => [name, quote(name)]));
  return `SELECT ${fingerprintOf("row_hash")} AS fingerprint FROM (SELECT sha256(${image}) AS row_hash FROM ${relation})`;
}
function fingerprintOf(hash) {
  const lane = (at) => `coalesce(sum(('0x' || ${hash}[${at * 15 + 1}:${at * 15 + 15}])::BIGINT), 0)::VARCHAR`;
  return `sha256(concat_ws(' ', count(*)::VARCHAR, ${[0, 1, 2, 3].map(lane).join(", ")}))`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/patterns.js
// src/engines/duckdb/patterns.ts


var describedAtOnce = 8;
async function describeChanges(workspace, gathered) {
  const { dirty, pair } = gathered;
  const descriptions = /* @__PURE__ */ new Map();
  for (let from = 0; from < dirty.length; from += describedAtOnce) {
    const columns = dirty.slice(from, from + describedAtOnce);
    const row = await workspace.ask(
      `describe the changes of ${pair.schema}.${pair.name}`,
      countDescriptions(gathered.table, columns, from)
    );
    columns.forEach((column, index) => {
      descriptions.set(column.name, descriptionOf(column, from + index, row));
    });
  }
  return descriptions;
}
function descriptionOf(column, at, row) {
  const total = toNumber(row[`total_${at}`]);
  const pattern = (name, detail) => ({
    pattern: name,
    detail,
    relation: null,
    rows: total
  });
  const fitting = patternsOf(column).find(
    (_, index) => total > 0 && toNumber(row[`p${at}_${index}`]) === total
  );
  if (fitting !== void 0) return { patterns: [pattern(fitting.pattern, null)], condition: null };
  const [low, high] = [row[`low_${at}`], row[`high_${at}`]];
  const isConstant = low != null && low === high && toNumber(row[`distances_${at}`]) === total;
  return {
    patterns: [
      isConstant ? pattern("constant offset", `new - old = ${String(low)}`) : pattern("free change", null)
    ],
    condition: null
  };
}
function countDescriptions(table, dirty, from) {
  const columns = dirty.flatMap((column, index) => {
    const at = from + index;
    return [
      `count(*) FILTER (d${at}) AS total_${at}`,
      ...patternsOf(column).map(
        ({ holds }, nth) => `count(*) FILTER (d${at} AND ${holds(`o${at}`, `n${at}`)}) AS p${at}_${nth}`
      ),
      ...hasDistance(column) ? [
        `min(TRY(n${at} - o${at})) FILTER (d${at})::VARCHAR AS low_${at}`,
        `max(TRY(n${at} - o${at})) FILTER (d${at})::VARCHAR AS high_${at}`,
        `count(TRY(n${at} - o${at})) FILTER (d${at}) AS distances_${at}`
      ] : []
    ];
  });
  return `SELECT ${columns.join(", ")} FROM ${table} WHERE kind = 'changed'`;
}
function patternsOf({ oldType, newType }) {
  const always = [
    { pattern: "null to value", holds: (o) => `${o} IS NULL` },
    { pattern: "value to null", holds: (_, n) => `${n} IS NULL` }
  ];
  if (oldType !== newType) return always;
  if (oldType === "BOOLEAN") {
    return [
      ...always,
      { pattern: "false to true", holds: (o, n) => `(NOT ${o} AND ${n})` },
      { pattern: "true to false", holds: (o, n) => `(${o} AND NOT ${n})` }
    ];
  }
  if (isNumeric(oldType)) {
    return [
      ...always,
      // DuckDB negates an unsigned number by wrapping it around.
      ...oldType.startsWith("U") ? [] : [{ pattern: "sign", holds: (o, n) => `TRY(-${o}) = ${n}` }],
      ...[0, 1, 2].map((digits) => ({
        pattern: `rounding to ${digits} decimals`,
        holds: (o, n) => `round(${o}, ${digits}) = ${n}`
      }))
    ];
  }
  if (oldType === "VARCHAR") {
    return [
      ...always,
      {
        pattern: "whitespace",
        // As bytes: a collation would call a change of case one of white space.
        holds: (o, n) => `encode(regexp_replace(${o}, '\\s', '', 'g')) = encode(regexp_replace(${n}, '\\s', '', 'g'))`
      },
      { pattern: "case", holds: (o, n) => `lower(${o}) = lower(${n})` },
      { pattern: "truncation", holds: (o, n) => `starts_with(${o}, ${n})` }
    ];
  }
  return always;
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
  const ranges = sections.map(({ from, to }) => ({ from, to }));
  const counts = await Promise.all(
    ["old", "new"].map(async (side) => {
      if (!hasDeleted[side]) return true;
      await workspace.each(
        ranges,
        about,
        (range) => insertMissing(missing[side], sources[side], range),
        () => void 0
      );
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
function insertMissing(into, relation, { from, to }) {
  return `INSERT INTO ${into} SELECT unnest(range(before + 1, "row")) FROM (
      SELECT "row", lag("row", 1, ${from - 1}) OVER () AS before FROM (
        SELECT rowid AS "row" FROM ${relation} WHERE rowid >= ${from} AND rowid < ${to} UNION ALL SELECT ${to}))
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
  if (loose !== null) return copyRest(workspace, about, sources, condition, loose);
  const counted = {
    old: await countWithin("old"),
    new: await countWithin("new")
  };
  const pieces = key === null || Math.max(counted.old, counted.new) <= rowsPerPiece ? [null] : await cutByKey(workspace, about, sources, key, rows);
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
async function copyRest(workspace, about, sources, condition, loose) {
  const tables = { old: workspace.scratchTable(), new: workspace.scratchTable() };
  const copy = async (side) => {
    await workspace.run(
      `copy the rows of ${about} that moved`,
      `CREATE TABLE ${tables[side]} AS
        SELECT * FROM ${sources[side]} WHERE ${condition ?? "true"}
        UNION ALL SELECT * FROM ${sources[side]} WHERE rowid IN (SELECT "row" FROM ${loose.tables[side]})`
    );
    const row = await workspace.ask(`count ${about}`, countRows(tables[side]));
    return toNumber(row.rows);
  };
  const [old, candidate] = await Promise.all([copy("old"), copy("new")]);
  return {
    isEmpty: old + candidate === 0,
    sources: { ...sources, ...tables },
    conditions: [null],
    rows: { old, new: candidate },
    copies: [tables.old, tables.new]
  };
}
async function cutByKey(workspace, about, sources, key, rows) {
  const [first] = key;
  if (first === void 0 || !sources.hasRowid || !hasRanges(first)) return [null];
  const most = Math.max(rows.old, rows.new) / rowsPerPiece;
  for (const side of ["old", "new"]) {
    const disorder = await countNotIncreasing2(workspace, about, sources, side, key);
    if (disorder > most) return [null];
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
  const unique = pair.keyEnforced || isAllProven(sections, pair.columns) ? Promise.resolve(true) : isUnique(workspace, about, sources, "old", key);
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
    if (aligned.rest.length === sections.length) return false;
    const strays = rest.conditions.map((condition) => ({ sources: rest.sources, condition }));
    let stray = 0;
    await workspace.each(
      strays,
      `check the key of ${about}`,
      (one) => countStrayKeys(sources, key, one),
      (row) => {
        stray += toNumber(row.stray);
      }
    );
    return stray > 0;
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
  const total = { added: 0, removed: 0, matched: 0, addedKeys: 0, removedKeys: 0 };
  const deviating = /* @__PURE__ */ new Set();
  const groups = columnGroups(values);
  await workspace.each(
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
      total.addedKeys += toNumber(row.added_keys);
      total.removedKeys += toNumber(row.removed_keys);
      onProgress(added2 + toNumber(row.matched));
    }
  );
  const { added, removed, matched, addedKeys, removedKeys } = total;
  const isUniqueHere = matched + removed === rest.rows.old && matched + added === rest.rows.new && addedKeys === added && removedKeys === removed;
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
    await workspace.each(
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








async function gatherRows(workspace, pair, found, plan) {
  const dirty = pair.columns.filter(({ name }) => found.cells.has(name));
  const kept = dirty.map(({ name }) => ({ name, old: true, new: true }));
  const gathered = { table: workspace.scratchTable(), pair, plan, dirty, kept };
  await fillTable(workspace, gathered);
  return {
    judge: (claims) => judgeClaims(workspace, gathered, claims),
    record: (into, explaining) => recordRows(workspace, gathered, into, explaining),
    describe: () => describeChanges(workspace, gathered),
    discard: () => workspace.run(
      `discard the deviating rows of ${nameOf(pair)}`,
      `DROP TABLE ${gathered.table}`
    )
  };
}
async function judgeClaims(_workspace, _gathered, claims) {
  return claims.map(() => ({ claimed: 0, broken: 0, overlap: null }));
}
async function recordRows(workspace, gathered, into, _explaining) {
  const about = `record the deviating rows of ${nameOf(gathered.pair)}`;
  const address = [BigInt(into.comparison), into.tableName];
  const recorded = await workspace.withStore(async () => {
    await workspace.run(about, recordStatement(gathered, into), address);
    const summary = await workspace.ask(about, summariseRecorded(into.table), address);
    if (into.privacy === "none") {
      await workspace.run(about, forgetFingerprints(into.table), address);
    }
    return summary;
  });
  const [added, removed, changed] = [recorded.added, recorded.removed, recorded.changed].map(
    toNumber
  );
  return {
    added,
    removed,
    changed,
    unexplained: added + removed + changed,
    unexplainedCells: /* @__PURE__ */ new Map(),
    fingerprint: String(recorded.fingerprint)
  };
}
function nameOf({ schema, name }) {
  return `${schema}.${name}`;
}
async function fillTable(workspace, gathered) {
  const { plan, table, pair } = gathered;
  const { key, paired, rest } = plan;
  const about = `gather the deviating rows of ${nameOf(pair)}`;
  const [first, ...others] = key === null ? rest.conditions.map((condition) => surplusRows(gathered, condition)) : [
    ...paired.map((rows) => changedRows(gathered, key, rows)),
    ...rest.conditions.map((condition) => joinedRows(gathered, key, condition))
  ];
  if (first === void 0) throw new Error(`${nameOf(pair)} has no deviating rows`);
  await workspace.run(about, `CREATE TABLE ${table} AS ${first}`);
  await workspace.each(
    others,
    about,
    (select) => `INSERT INTO ${table} ${select}`,
    () => void 0
  );
}
function changedRows({ plan: { sources }, dirty, kept }, key, { condition, by }) {
  const raw = [...kept, ...key.map(onBothSides)];
  const rowKey = jsonObject(
    key.map(({ name, newType }, at) => [name, `n.r${kept.length + at}`, newType])
  );
  return `SELECT 'changed' AS kind, 1 AS occurrences, ${rowKey} AS row_key, NULL::VARCHAR AS image${dirtyFlags(dirty, "true")}${keptValues(kept)}
    FROM ${(by === "position" ? beside : numbered)(sources, dirty, condition, { raw })} WHERE ${anyDeviates(dirty)}`;
}
function joinedRows({ plan, pair, dirty, kept }, key, condition) {
  const raw = [...kept, ...pair.columns.map(onBothSides)];
  const image = (side) => jsonObject(
    pair.columns.map((column, at) => [
      column.name,
      `${side}.r${kept.length + at}`,
      typeOn(side, column)
    ])
  );
  const rowKey = (side) => jsonObject(
    key.map((column) => {
      const at = pair.columns.findIndex(({ name }) => name === column.name);
      return [column.name, `${side}.r${kept.length + at}`, typeOn(side, column)];
    })
  );
  const changed = dirty.length === 0 ? "" : ` OR ${anyDeviates(dirty)}`;
  return `SELECT CASE WHEN o.here IS NULL THEN 'added' WHEN n.here IS NULL THEN 'removed' ELSE 'changed' END AS kind,
      1 AS occurrences, CASE WHEN n.here THEN ${rowKey("n")} ELSE ${rowKey("o")} END AS row_key,
      CASE WHEN o.here IS NULL THEN ${image("n")} WHEN n.here IS NULL THEN ${image("o")} END AS image${dirtyFlags(dirty, "o.here AND n.here")}${keptValues(kept)}
    FROM ${joined(plan.rest.sources, key, dirty, condition, { raw })}
    WHERE o.here IS NULL OR n.here IS NULL${changed}`;
}
function surplusRows({ plan, pair, kept }, condition) {
  const { sources } = plan.rest;
  const columns = withoutTolerance(pair.columns);
  const shown = columns.map(
    (column, at) => isEncoded(column, sources) ? `decode(v${at})` : `v${at}`
  );
  const image = jsonObject(columns.map(({ name }, at) => [name, String(shown[at])]));
  const values = kept.map(({ name }, nth) => {
    const value = shown[columns.findIndex((column) => column.name === name)] ?? "NULL";
    return `, CASE WHEN surplus < 0 THEN ${value} END AS o${nth}, CASE WHEN surplus > 0 THEN ${value} END AS n${nth}`;
  });
  return `SELECT CASE WHEN surplus > 0 THEN 'added' ELSE 'removed' END AS kind, abs(surplus)::BIGINT AS occurrences,
      NULL::VARCHAR AS row_key, ${image} AS image${values.join("")} FROM (${surplus(sources, columns, condition)})`;
}
function typeOn(side, { oldType, newType }) {
  return side === "o" ? oldType : newType;
}
function onBothSides({ name }) {
  return { name, old: true, new: true };
}
function dirtyFlags(dirty, both) {
  return dirty.map((column, at) => `, coalesce(${both} AND ${deviates(column, at)}, false) AS d${at}`).join("");
}
function keptValues(kept) {
  return kept.map((_, at) => `, o.r${at} AS o${at}, n.r${at} AS n${at}`).join("");
}
function recordStatement({ table: gathered, dirty }, { table, privacy }) {
  const changedColumns = `CASE WHEN kind = 'changed' THEN concat('[', concat_ws(',', ${list(dirty, ({ name }, at) => `CASE WHEN d${at} THEN ${literal(JSON.stringify(name))} END`) || "''"}), ']') END`;
  const values = (side, mask) => `CASE WHEN kind = 'changed' THEN concat('{', concat_ws(',', ${list(
    dirty,
    (column, at) => `CASE WHEN d${at} THEN ${member([column.name, `${side}${at}`, typeOn(side, column)], mask)} END`
  ) || "''"}), '}') WHEN kind = ${side === "o" ? "'removed'" : "'added'"} THEN ${mask ? "masked_image" : "image"} END`;
  const shown = (side) => privacy === "full" ? `${side}_values` : privacy === "masked" ? `${side}_masked` : "NULL";
  return `INSERT INTO ${stored(table)}
      (comparison, table_name, kind, row_key, columns, old_values, new_values, occurrences, explained, fingerprint)
    SELECT $1, $2, kind, ${privacy === "none" ? "NULL" : "row_key"}, columns, ${shown("o")}, ${shown("n")}, occurrences, false,
      sha256(concat_ws(chr(31), kind, coalesce(row_key, '-'), coalesce(columns, '-'), coalesce(o_values, '-'),
        coalesce(n_values, '-'), occurrences::VARCHAR))
    FROM (
      SELECT kind, row_key, occurrences, ${changedColumns} AS columns,
        ${values("o", false)} AS o_values, ${values("n", false)} AS n_values,
        ${privacy === "masked" ? `${values("o", true)} AS o_masked, ${values("n", true)} AS n_masked` : "0"}
      FROM (SELECT *, ${privacy === "masked" ? maskedImage : "NULL"} AS masked_image FROM ${gathered}))`;
}
var maskedImage = `(SELECT '{' || string_agg(to_json(entry.key)::VARCHAR || ':' ||
  CASE WHEN json_type(entry.value) = 'NULL' THEN 'null' ELSE ${jsonText(masked("json_extract_string(entry.value, '$')"))} END, ','
  ORDER BY entry.id) || '}' FROM json_each(image) AS entry)`;
function summariseRecorded(table) {
  return `SELECT coalesce(sum(occurrences) FILTER (kind = 'added'), 0) AS added,
      coalesce(sum(occurrences) FILTER (kind = 'removed'), 0) AS removed,
      coalesce(sum(occurrences) FILTER (kind = 'changed'), 0) AS changed, ${fingerprintOf("fingerprint")} AS fingerprint
    FROM ${stored(table)} WHERE comparison = $1 AND table_name = $2`;
}
function forgetFingerprints(table) {
  return `UPDATE ${stored(table)} SET fingerprint = NULL WHERE comparison = $1 AND table_name = $2`;
}
function stored(table) {
  return `${quote(attached.store)}.main.${quote(table)}`;
}


// EXTERNAL MODULE: ./build/esm/patiently.js
var patiently = __webpack_require__(1810);
;// CONCATENATED MODULE: ./build/esm/engines/duckdb/workspace.js
// src/engines/duckdb/workspace.ts






var Workspace = class _Workspace {
  threads;
  /** What both files share; null when that is not known, or not asked for. */
  blocks;
  #duckdb;
  #store;
  #purpose;
  #idle = [];
  #waiting = [];
  #opened = 0;
  #scratchTables = 0;
  #differentBlocks;
  #peculiarTables;
  #storeQueue = Promise.resolve();
  /** Side and view -> the table in memory that holds its rows for the length of the session. */
  #viewRows = /* @__PURE__ */ new Map();
  constructor(duckdb, threads, { blocks, store, purpose }) {
    this.#duckdb = duckdb;
    this.threads = threads;
    this.blocks = blocks;
    this.#store = store;
    this.#purpose = purpose;
  }
  /** `duckdb` has both sides attached; it is closed with the workspace. */
  static async open(duckdb, about) {
    const { threads } = await duckdb.row("SELECT current_setting('threads') AS threads");
    return new _Workspace(duckdb, toNumber(threads), about);
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
  async each(pieces, about, statement, take) {
    const queue = [...pieces];
    const work = async () => {
      for (let piece = queue.shift(); piece !== void 0; piece = queue.shift()) {
        take(await this.ask(about, statement(piece)), piece);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.threads, pieces.length) }, work));
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
      mode: pair.mode
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
    const table = `${quote(inMemory)}.main.${quote(rowsOfView(side, schema, name))}`;
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
  close() {
    this.#duckdb.close();
  }
  /** Two connections more than threads: small questions need not wait for the long statements. */
  async #borrow(work) {
    let connection = this.#idle.pop();
    if (connection === void 0 && this.#opened < this.threads + 2) {
      this.#opened += 1;
      connection = await this.#duckdb.parallel();
    }
    connection ??= await new Promise((free) => this.#waiting.push(free));
    try {
      return await work(connection);
    } finally {
      const next = this.#waiting.shift();
      if (next === void 0) this.#idle.push(connection);
      else next(connection);
    }
  }
  #comment(about) {
    return sqlComment(`${this.#purpose}: ${about}`);
  }
};
function rowsOfView(side, schema, name) {
  return `${side} ${schema}.${name}`;
}


;// CONCATENATED MODULE: ./build/esm/engines/duckdb/comparison.js
// src/engines/duckdb/comparison.ts









function duckdbComparer(options) {
  return { open: (comparison) => openSession(comparison, options) };
}
async function openSession({ old, new: candidate, store, purpose, lineage }, options) {
  const blocks = lineage ? await compareBlocks(old, candidate) : null;
  const duckdb = await Duckdb.open(null, options);
  try {
    await duckdb.attach(old, attached.old, "read");
    await duckdb.attach(candidate, attached.new, "read");
    await duckdb.run("SET GLOBAL TimeZone = 'UTC'");
    return new Session(await Workspace.open(duckdb, { blocks, store, purpose }));
  } catch (error) {
    duckdb.close();
    throw error;
  }
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
  incomparable() {
    return null;
  }
  takesTolerance(type) {
    return isNumeric(type);
  }
  async countRows(side, schema, name, kind) {
    const relation = await this.#workspace.relation(side, schema, name, kind);
    const { rows } = await this.#workspace.ask(`count ${schema}.${name}`, countRows(relation));
    return toNumber(rows);
  }
  async compareRows(pair, rows, onProgress) {
    const found = await compareRows(this.#workspace, pair, rows, onProgress);
    if ("fault" in found) return found;
    const { plan, ...comparison } = found;
    this.#plans.set(planName(pair), plan);
    return comparison;
  }
  async claimFault() {
    return null;
  }
  async gather(pair, found, _claims) {
    const plan = this.#plans.get(planName(pair));
    if (plan === void 0) {
      throw new Error(`${pair.schema}.${pair.name} was not compared in this session`);
    }
    return gatherRows(this.#workspace, pair, found, plan);
  }
  async fingerprint(side, schema, name, kind, columns) {
    const relation = await this.#workspace.relation(side, schema, name, kind);
    const row = await this.#workspace.ask(
      `fingerprint ${schema}.${name}`,
      fingerprintRows(relation, columns)
    );
    return String(row.fingerprint);
  }
  async countEqual() {
    return null;
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
    this.#workspace.close();
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
      const condition = conditionOf(table, where);
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
      const condition = conditionOf(table, where, columns.length);
      await duckdb.run(`${comment}UPDATE ${quote(table.name)} SET ${assignments}${condition.sql}`, [
        ...columns.map((column) => toEngine(table, column, set[column])),
        ...condition.values
      ]);
    },
    delete: async (table, where) => {
      const condition = conditionOf(table, where);
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
function conditionOf(table, where, before = 0) {
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
