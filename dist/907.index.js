export const id = 907;
export const ids = [907];
export const modules = {

/***/ 6431:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Z: () => (/* binding */ loadConfig)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./node_modules/yaml/dist/index.js
var dist = __webpack_require__(8815);
// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
// EXTERNAL MODULE: ./node_modules/fastest-levenshtein/mod.js
var mod = __webpack_require__(1916);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 7 modules
var schemas = __webpack_require__(2311);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/core.js
var core = __webpack_require__(8532);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/regexes.js
var regexes = __webpack_require__(3908);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/json-schema-processors.js
var json_schema_processors = __webpack_require__(8439);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/registries.js
var registries = __webpack_require__(9396);
;// CONCATENATED MODULE: ./build/esm/config/duration.js
// src/config/duration.ts
var DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/;
var MAX_DURATION_MS = 2 ** 31 - 1;
var UNIT_MS = { ms: 1, s: 1e3, m: 6e4, h: 36e5 };
function parseDuration(text) {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const ms = Math.round(Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? Number.NaN));
  return ms >= 1 && ms <= MAX_DURATION_MS ? ms : null;
}


// EXTERNAL MODULE: ./build/esm/config/names.js
var names = __webpack_require__(7963);
;// CONCATENATED MODULE: ./build/esm/config/schema.js
// src/config/schema.ts



var DEFAULT_COMMAND_TIMEOUT = "1h";
var TABLE = "schema.table";
var COLUMN = "schema.table.column";
var schema_text = schemas/* string */.YjP().min(1, "must not be empty");
var glob = schema_text.describe("A glob of files, relative to the folder of this file.");
var duration = schemas/* string */.YjP().regex(DURATION, "must be a number with its unit: ms, s, m or h").transform((written, context) => {
  const ms = parseDuration(written);
  if (ms !== null) return ms;
  context.addIssue("must be between 1ms and 576h");
  return core/* NEVER */.tm;
});
var commandFields = {
  command: schema_text.meta({
    description: "A command for the shell of the system, in the folder of this file. The shell replaces variables itself.",
    examples: ["dbt build --target candidate"]
  }),
  paths: schemas/* array */.YOg(glob).meta({
    description: "Globs of the files that the command's outcome depends on. A change in one of them is a change of the logic.",
    examples: [["models/**", "dbt_project.yml"]]
  }),
  timeout: duration.meta({
    description: `The command is stopped after this time. Default: ${DEFAULT_COMMAND_TIMEOUT}.`,
    examples: ["30m"]
  })
};
var commandItem = schemas/* strictObject */.rej({
  command: commandFields.command,
  paths: commandFields.paths.optional(),
  timeout: commandFields.timeout.optional()
}).transform(toCommandItem);
var tablePattern = schema_text.superRefine((written, context) => {
  const fault = wrongParts(() => (0,names/* patternParts */.F6)(written), 2, TABLE);
  if (fault !== null) context.addIssue(fault);
});
var columnName = schema_text.transform((written, context) => {
  const fault = wrongName(written, 3, COLUMN);
  if (fault === null) return (0,names/* formatName */.nD)((0,names/* parseName */.$q)(written));
  context.addIssue(fault);
  return core/* NEVER */.tm;
});
var keyColumn = schema_text.transform((written, context) => {
  const fault = wrongParts(() => (0,names/* parseName */.$q)(written).length, 1, "one column");
  if (fault === null) return (0,names/* parseName */.$q)(written)[0];
  context.addIssue(`${fault}; a name that holds a dot or a quote is quoted as in SQL`);
  return core/* NEVER */.tm;
});
function wrongName(written, parts, shape) {
  return wrongParts(() => (0,names/* parseName */.$q)(written).length, parts, shape) ?? ((0,names/* isPattern */.Pt)(written) ? `must be one ${shape}, without *` : null);
}
function wrongParts(count, parts, shape) {
  try {
    return count() === parts ? null : `must be ${shape}`;
  } catch {
    return `must be ${shape}; a part that holds a dot or a quote is quoted as in SQL`;
  }
}
function namesAsKeys(parts, shape) {
  return (written, context) => {
    const seen = /* @__PURE__ */ new Set();
    for (const key of Object.keys(written)) {
      const fault = wrongName(key, parts, shape) ?? (seen.has((0,names/* formatName */.nD)((0,names/* parseName */.$q)(key))) ? "is a second spelling of a name above it" : null);
      if (fault === null) seen.add((0,names/* formatName */.nD)((0,names/* parseName */.$q)(key)));
      else context.addIssue({ code: "custom", path: [key], message: fault, params: { at: "key" } });
    }
  };
}
var always = {
  when: ({ value }) => typeof value === "object" && value !== null && !Array.isArray(value)
};
var clone = schemas/* strictObject */.rej({
  method: schemas/* enum */.k5n(["auto", "reflink", "copy"]).default("auto").meta({
    description: "How the clone is made. auto: shares blocks with live where the file system can, else copies.",
    examples: ["auto"]
  }),
  baseline: schemas/* literal */.euz("auto").default("auto").meta({
    description: "How the frozen image of live is made. auto: the way the engine knows best.",
    examples: ["auto"]
  })
});
var migrate = schemas/* strictObject */.rej({
  scripts: schema_text.optional().meta({
    description: "A folder of SQL scripts: V<version>__<name>.sql runs once, R__<name>.sql again whenever it has changed.",
    examples: ["migrations/"]
  }),
  command: commandFields.command.optional(),
  paths: commandFields.paths.optional(),
  timeout: commandFields.timeout.optional()
}).meta({
  oneOf: [{ required: ["scripts"] }, { required: ["command"] }],
  dependencies: { paths: ["command"], timeout: ["command"] }
}).transform((written, context) => {
  const { scripts, command, paths, timeout } = written;
  if (scripts !== void 0 && (command ?? paths ?? timeout) !== void 0) {
    context.addIssue("has either scripts, or command with paths and timeout, not both");
  } else if (scripts !== void 0) {
    return { kind: "scripts", folder: scripts };
  } else if (command !== void 0) {
    return toCommandItem({ command, paths, timeout });
  } else {
    context.addIssue("needs scripts (a folder) or command (your own tool)");
  }
  return core/* NEVER */.tm;
});
var simulate = schemas/* strictObject */.rej({
  run: schemas/* array */.YOg(schemas/* union */.KCZ([glob, commandItem])).min(1, "must not be empty").transform(
    (items) => items.map((item) => typeof item === "string" ? { kind: "sql", glob: item } : item)
  ).meta({
    description: "The logic: globs of SQL files and commands, in the order in which they run.",
    examples: [["logic/*.sql"]]
  }),
  clock: schemas/* string */.YjP().regex(regexes/* datetime */.w$({ offset: true }), "must be an instant with its offset from UTC").optional().meta({
    description: "What scripts see as greenlight_now and commands as GREENLIGHT_NOW. The clock of the engine itself is not changed. Default: the instant of the clone.",
    examples: ["2026-01-31T06:00:00Z"]
  }),
  control: schemas/* literal */.euz(false).default(false).meta({
    description: "Whether the old logic runs on the baseline as well, to find noise.",
    examples: [false]
  })
});
var tolerance = schemas/* strictObject */.rej({
  absolute: schemas/* number */.aig().nonnegative("must not be negative").optional().meta({
    description: "Values that differ by no more than this are equal.",
    examples: [1e-3]
  }),
  relative: schemas/* number */.aig().nonnegative("must not be negative").optional().meta({
    description: "Values that differ by no more than this share of the larger one are equal.",
    examples: [1e-6]
  })
}).meta({ minProperties: 1, maxProperties: 1 }).transform(({ absolute, relative }, context) => {
  if (absolute !== void 0 && relative === void 0) return { absolute };
  if (relative !== void 0 && absolute === void 0) return { relative };
  context.addIssue("needs either absolute or relative");
  return core/* NEVER */.tm;
});
var compare = schemas/* strictObject */.rej({
  input: schemas/* array */.YOg(tablePattern).default([]).meta({
    description: "Tables that the delivery systems fill. * stands for any text within a part.",
    examples: [["staging.*"]]
  }),
  result: schemas/* array */.YOg(tablePattern).optional().meta({
    description: "Tables and views that the logic computes. Default: every table and view that is not input.",
    examples: [["marts.*"]]
  }),
  keys: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* array */.YOg(keyColumn).min(1, "must name at least one column")).default({}).superRefine(namesAsKeys(2, TABLE), always).transform(
    (written) => Object.fromEntries(
      Object.entries(written).map(([name, columns]) => [(0,names/* formatName */.nD)((0,names/* parseName */.$q)(name)), columns])
    )
  ).meta({
    description: "Key columns of tables. Default: the primary key, else a unique key; without one, rows are compared by counts.",
    examples: [{ "marts.delay": ["carrier", "day"] }]
  }),
  ignore: schemas/* array */.YOg(columnName).default([]).meta({
    description: "Columns that are not compared. The report names them.",
    examples: [["marts.delay.loaded_at"]]
  }),
  tolerance: schemas/* record */.g1P(schemas/* string */.YjP(), tolerance).default({}).superRefine(namesAsKeys(3, COLUMN), always).transform(byTable).meta({
    description: "How much the values of a column may differ and still be equal.",
    examples: [{ "marts.delay.mean": { absolute: 1e-3 } }]
  }),
  mode: schemas/* enum */.k5n(["semantic", "strict"]).default("semantic").meta({
    description: "semantic: the engine's own equality, so that -0.0 = 0.0. strict: by the text of the value for floating-point numbers and intervals, so that they differ.",
    examples: ["semantic"]
  })
});
var swap = schemas/* strictObject */.rej({
  drift: schemas/* literal */.euz("refuse").default("refuse").meta({
    description: "What happens when live has changed since the clone. refuse: the swap is refused.",
    examples: ["refuse"]
  }),
  verify: schemas/* array */.YOg(glob).default([]).meta({
    description: "Globs of SQL files that check live after the swap. A value that is not true swaps back.",
    examples: [["checks/*.sql"]]
  }),
  timeout: duration.prefault("30s").meta({
    description: "How long the swap waits for writers to leave live and the candidate. Then it is given up, and live is as it was.",
    examples: ["30s"]
  })
});
var configSchema = schemas/* strictObject */.rej({
  version: schemas/* literal */.euz(1).default(1).meta({
    description: "Version of this format.",
    examples: [1]
  }),
  engine: schemas/* enum */.k5n(["duckdb"]).meta({
    description: "The database engine.",
    examples: ["duckdb"]
  }),
  live: schema_text.meta({
    description: "The database that production uses: a file (relative to the folder of this file) or a name.",
    examples: ["warehouse.duckdb"]
  }),
  connection: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* union */.KCZ([schemas/* string */.YjP(), schemas/* number */.aig(), schemas/* boolean */.zMY()])).default({}).meta({
    description: 'How to connect, in the words of the engine. Secrets come from the environment: "${NAME}".',
    examples: [{ host: "db.example", user: "release", password: "${DB_PASSWORD}" }]
  }),
  ledger: schema_text.default("greenlight.duckdb").meta({
    description: "Where the history of releases is kept: its own file or database.",
    examples: ["greenlight.duckdb"]
  }),
  clone: clone.prefault({}).meta({
    description: "How live is cloned.",
    examples: [{ method: "auto" }]
  }),
  migrate: migrate.optional().meta({
    description: "What changes the structure: a folder of SQL scripts, or the team's own tool.",
    examples: [{ scripts: "migrations/" }]
  }),
  simulate: simulate.optional().meta({
    description: "The new logic, which runs on the migrated clone.",
    examples: [{ run: ["logic/*.sql"] }]
  }),
  compare: compare.prefault({}).meta({
    description: "What is compared, and how.",
    examples: [{ input: ["staging.*"], result: ["marts.*"] }]
  }),
  privacy: schemas/* enum */.k5n(["keys", "masked", "full", "none"]).default("keys").meta({
    description: "What the ledger and the reports show of a row. keys: the key; masked: shapes of values; full: values; none: counts only.",
    examples: ["keys"]
  }),
  swap: swap.prefault({}).meta({
    description: "How the candidate goes live.",
    examples: [{ timeout: "30s", verify: ["checks/*.sql"] }]
  })
}).refine((written) => written.migrate !== void 0 || written.simulate !== void 0, {
  error: "names nothing to release: write migrate, simulate or both",
  ...always
}).meta({
  title: "Greenlight configuration",
  description: "What a release takes live, and how: greenlight.yml.",
  anyOf: [{ required: ["migrate"] }, { required: ["simulate"] }]
});
var later = {
  engine: ["postgres", "sqlserver", "snowflake"],
  "clone.baseline": true,
  "simulate.control": [true],
  "simulate.bitemporal": true,
  "simulate.for each": true,
  expectations: true,
  "swap.drift": ["rebuild", "replay"]
};
function isLater(path, value) {
  const values = later[path.map(String).join(".")];
  return values === true || (values?.includes(value) ?? false);
}
function configJsonSchema() {
  return json_schema_processors/* toJSONSchema */.bl(configSchema, {
    io: "input",
    target: "draft-7",
    // Zod leaves examples out where a value is transformed, as they may be of what comes out. Ours never are.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = registries/* globalRegistry */.fd.get(zodSchema)?.examples;
      if (examples !== void 0) jsonSchema.examples = examples;
    }
  });
}
function toCommandItem(written) {
  return {
    kind: "command",
    command: written.command,
    paths: written.paths ?? [],
    timeoutMs: written.timeout ?? parseDuration(DEFAULT_COMMAND_TIMEOUT)
  };
}
function byTable(columns) {
  const tables = /* @__PURE__ */ new Map();
  for (const [name, value] of Object.entries(columns)) {
    const parts = (0,names/* parseName */.$q)(name);
    const table = (0,names/* formatName */.nD)(parts.slice(0, -1));
    tables.set(table, [...tables.get(table) ?? [], [parts.at(-1), value]]);
  }
  return Object.fromEntries(
    [...tables].map(([table, entries]) => [table, Object.fromEntries(entries)])
  );
}


;// CONCATENATED MODULE: ./build/esm/config/faults.js
// src/config/faults.ts



var YAML_FAULTS = {
  BAD_ALIAS: "this alias is not well-formed.",
  BAD_DQ_ESCAPE: "this is no escape of YAML. Write \\\\ for a backslash, or use single quotes.",
  BAD_INDENT: "the indentation is wrong. Keys of one map start in the same column; what [ or { opens, ] or } closes.",
  BAD_SCALAR_START: "a value cannot start with this character. Put the value in quotes.",
  BLOCK_AS_IMPLICIT_KEY: "a second key is on this line. Put it on its own, or the value in quotes.",
  MISSING_CHAR: "a closing quote or bracket, or a comma, is missing here.",
  MULTIPLE_DOCS: "a second document begins here (---). The file holds one.",
  NON_STRING_KEY: "a key must be a text.",
  TAB_AS_INDENT: "a tab indents this line. Use spaces.",
  TAG_RESOLVE_FAILED: "tags (!name) have no meaning here. Remove it, or put the value in quotes.",
  UNEXPECTED_TOKEN: "this does not belong here. A quote, a bracket or a line break is missing before it, or the value needs quotes."
};
function syntaxFaults(document) {
  const faults = [...document.errors, ...document.warnings].map(toFault);
  (0,dist/* visit */.YR)(document, {
    Pair(_, { key }) {
      if (!(0,dist/* isScalar */.jn)(key) || key.value !== "__proto__") return;
      faults.push({ offset: key.range?.[0] ?? 0, message: "`__proto__` cannot be a key." });
    },
    Alias(_, alias) {
      if (alias.resolve(document) !== void 0) return;
      const message = '`*` at the start of a value is an alias in YAML. Put a pattern in quotes: "*.name".';
      faults.push({ offset: alias.range?.[0] ?? 0, message, fatal: true });
    }
  });
  return faults.some((fault) => fault.fatal) ? firstOfEachCause(faults) : faults;
}
function toFault(error) {
  return error.code === "DUPLICATE_KEY" ? { offset: error.pos[0], message: "this key is written twice. Keep one of the two." } : {
    offset: error.pos[0],
    message: YAML_FAULTS[error.code] ?? "this is not well-formed YAML.",
    fatal: true
  };
}
function firstOfEachCause(faults) {
  const messages = /* @__PURE__ */ new Set();
  return faults.filter(({ message }) => {
    const isNew = !messages.has(message);
    messages.add(message);
    return isNew;
  });
}
function variableFaults(faults, text) {
  return faults.map((fault) => {
    const start = fault.node.range?.[0] ?? 0;
    const offset = text.indexOf(fault.text, start);
    return { offset: offset === -1 ? start : offset, message: fault.message };
  });
}
function schemaFaults(issues, document, text, variables) {
  const incomplete = new Set(variables.map((fault) => fault.node));
  return issues.flatMap((issue) => explain(issue, [], document, text, incomplete));
}
function explain(issue, above, document, text, incomplete) {
  const path = [...above, ...issue.path];
  const { node, offset, keyOffset } = find(document, path);
  if (incomplete.has(node)) return [];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      offset: find(document, [...path, key]).keyOffset,
      message: unknownKey(path, key)
    }));
  }
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((errors) => !errors.some(isAboutKind));
    if (meant) return meant.flatMap((inner) => explain(inner, path, document, text, incomplete));
  }
  if (node === null && issue.code !== "custom") {
    return [{ offset, message: `${faults_name(path)} is missing.${example(path)}` }];
  }
  switch (issue.code) {
    case "invalid_union":
      return [{ offset, message: wrongKind(path, issue.errors.flat(), node) }];
    case "invalid_type":
      return [{ offset, message: wrongKind(path, [issue], node) }];
    case "invalid_value": {
      const value = (0,dist/* isScalar */.jn)(node) ? node.value : void 0;
      const written = excerpt(text.slice(...node?.range ?? [0, 0]));
      const fault = isLater(path, value) ? "is not available in this version" : "is not allowed";
      const message = `${faults_name(path)}: \`${written}\` ${fault}. Write ${oneOf(issue.values)}.`;
      return [{ offset, message }];
    }
    default: {
      const told = `${faults_name(path)} ${issue.message}.`;
      return issue.code === "custom" && issue.params?.at === "key" ? [{ offset: keyOffset, message: told }] : [{ offset, message: `${told}${example(path)}` }];
    }
  }
}
function unknownKey(path, key) {
  const told = faults_name([...path, key]);
  if (isLater([...path, key], void 0)) {
    return `${told} is not available in this version. Remove it.`;
  }
  const known = Object.keys(describedAt(path)?.properties ?? {});
  const nearest = (0,mod/* closest */.kp)(key.toLowerCase(), known);
  const limit = Math.max(1, Math.floor(nearest.length / 3));
  const isNear = (0,mod/* distance */.Io)(key.toLowerCase(), nearest) <= limit;
  return `${told} is not a known key. ${isNear ? `Did you mean \`${nearest}\`?` : `Known are ${list(known)}.`}`;
}
function isAboutKind(issue) {
  return issue.code === "invalid_type" && issue.path.length === 0;
}
var KINDS = {
  string: "a text",
  number: "a number",
  boolean: "true/false",
  array: "a list",
  object: "a map",
  record: "a map"
};
function wrongKind(path, issues, node) {
  const kinds = issues.map((issue) => KINDS[issue.code === "invalid_type" ? issue.expected : ""]);
  const expected = kinds.join(", ").replace(/, ([^,]*)$/, " or $1");
  return `${faults_name(path)} must be ${expected}, ${actualKind(node)}.${example(path)}`;
}
function actualKind(node) {
  if ((0,dist/* isMap */.jh)(node)) return "not a map";
  if ((0,dist/* isSeq */.oP)(node)) return "not a list";
  const value = (0,dist/* isScalar */.jn)(node) ? node.value : null;
  return value === null ? "and has no value" : `not ${KINDS[typeof value]}`;
}
function find(document, path) {
  let node = document.contents;
  let keyOffset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if ((0,dist/* isAlias */.Vj)(node)) node = node.resolve(document) ?? null;
    if ((0,dist/* isMap */.jh)(node)) {
      const pair = node.items.findLast(
        ({ key }) => String((0,dist/* isScalar */.jn)(key) ? key.value : key) === String(step)
      );
      if (pair === void 0) return { node: null, offset: keyOffset, keyOffset };
      keyOffset = pair.key.range?.[0] ?? keyOffset;
      node = pair.value ?? null;
    } else {
      node = (0,dist/* isSeq */.oP)(node) ? node.items[Number(step)] ?? null : null;
      keyOffset = node?.range?.[0] ?? keyOffset;
    }
  }
  const isEmpty = (0,dist/* isScalar */.jn)(node) && node.value === null;
  return { node, offset: isEmpty ? keyOffset : node?.range?.[0] ?? keyOffset, keyOffset };
}
function faults_name(path) {
  if (path.length === 0) return "the file";
  const text = path.map(
    (step) => typeof step === "string" && /^[\w ]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
  ).join("").replace(/^\./, "");
  return `\`${text}\``;
}
function example(path) {
  const keys = path.slice(0, path.findLastIndex((step) => typeof step === "string") + 1);
  const value = describedAt(keys)?.examples?.[0];
  if (value === void 0) return "";
  const written = (0,dist/* stringify */.As)(
    { [String(keys.at(-1))]: value },
    { collectionStyle: "flow", flowCollectionPadding: false, lineWidth: 0 }
  );
  return ` Example: \`${written.trim().replace(/^\{(.*)\}$/s, "$1")}\``;
}
function describedAt(path) {
  let described = configJsonSchema();
  for (const step of path) {
    const variants2 = [described ?? {}, ...described?.anyOf ?? []];
    described = variants2.map((variant) => child(variant, step)).find((found) => found !== void 0);
  }
  const variants = [described ?? {}, ...described?.anyOf ?? []];
  return variants.find((variant) => variant.properties !== void 0) ?? described;
}
function child(described, step) {
  if (typeof step === "number") return described.items;
  const { properties, additionalProperties } = described;
  const other = typeof additionalProperties === "object" ? additionalProperties : void 0;
  return properties?.[String(step)] ?? other;
}
function list(words) {
  return words.map((word) => `\`${String(word)}\``).join(", ");
}
function oneOf(values) {
  return values.length === 1 ? list(values) : `one of ${list(values)}`;
}
function excerpt(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}


;// CONCATENATED MODULE: ./build/esm/config/variables.js
// src/config/variables.ts

var OPEN = "﷐";
var CLOSE = "﷑";
function maskVariables(text) {
  return text.replace(/\$\{([^{}\r\n]*)\}/g, `$$${OPEN}$1${CLOSE}`);
}
function replaceVariables(document, env) {
  const ofConnection = /* @__PURE__ */ new Set();
  const faults = [];
  (0,dist/* visit */.YR)(document, {
    Scalar(position, node, ancestors) {
      if (typeof node.value !== "string") return;
      const written = unmask(node.value);
      if (position === "key" || isUnder("command", ancestors.slice(-1))) {
        node.value = written;
        return;
      }
      const { text, names, faults: found } = replaceIn(written, node, env);
      node.value = text;
      faults.push(...found);
      if (isUnder("connection", ancestors.slice(2, 3))) {
        for (const name of names) ofConnection.add(name);
      }
    }
  });
  return { ofConnection: [...ofConnection], faults };
}
function isUnder(key, ancestors) {
  return ancestors.some((node) => (0,dist/* isPair */.tO)(node) && (0,dist/* isScalar */.jn)(node.key) && node.key.value === key);
}
function unmask(text) {
  return text.replaceAll(OPEN, "{").replaceAll(CLOSE, "}");
}
function replaceIn(written, node, env) {
  const names = [];
  const faults = [];
  const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;
  const text = written.replace(reference, (found, name) => {
    if (found === "$${") return "${";
    if (name !== void 0) {
      names.push(name);
      const value = Object.hasOwn(env, name) ? env[name] : void 0;
      if (value !== void 0) return value;
    }
    const message = name === void 0 ? "`${` is not followed by a name and `}`. Write `${NAME}`, or `$${` for the text itself." : `the environment variable ${name} is not set. Set it, or write \`$\${${name}}\` for the text itself.`;
    faults.push({ node, text: found, message });
    return found;
  });
  return { text, names, faults };
}


;// CONCATENATED MODULE: ./build/esm/config/load.js
// src/config/load.ts







async function loadConfig(file, env) {
  const text = await readText(file);
  const lines = new dist/* LineCounter */.HN();
  const document = (0,dist/* parseDocument */.Tp)(maskVariables(text), {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true
  });
  const unreadable = syntaxFaults(document);
  if (unreadable.some((fault) => fault.fatal)) throw refusal(file, unreadable, lines);
  const variables = replaceVariables(document, env);
  const written = configSchema.safeParse(toPlain(document, file));
  const faults = [
    ...unreadable,
    ...variableFaults(variables.faults, text),
    ...schemaFaults(written.error?.issues ?? [], document, text, variables.faults)
  ];
  if (faults.length > 0 || !written.success) throw refusal(file, faults, lines);
  return toConfig((0,external_node_path_.resolve)(file), variables.ofConnection, written.data);
}
async function readText(file) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await (0,promises_.readFile)(file));
  } catch (thrown) {
    if ((0,errors/* systemCode */.xU)(thrown) === "ENOENT") {
      throw new errors/* UsageError */.eb({
        what: "There is no configuration file.",
        where: file,
        help: "Run `greenlight init` to write one, or name another with --config."
      });
    }
    const notText = (0,errors/* systemCode */.xU)(thrown) === "ERR_ENCODING_INVALID_ENCODED_DATA";
    throw new errors/* UsageError */.eb({
      what: "The configuration file cannot be read.",
      where: file,
      cause: notText ? "It is not text in UTF-8." : (0,errors/* messageOf */.bD)(thrown)
    });
  }
}
function toPlain(document, file) {
  try {
    return document.toJS() ?? {};
  } catch {
    throw new errors/* UsageError */.eb({
      what: "The configuration file repeats its anchors too often.",
      where: file,
      help: "Write the values out in place of aliases (*name)."
    });
  }
}
function refusal(file, faults, lines) {
  const sorted = faults.toSorted((a, b) => a.offset - b.offset);
  const told = sorted.map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col} ${message}`;
  });
  const distinct = [...new Set(told)];
  return new errors/* UsageError */.eb({
    what: distinct.length === 1 ? `${file} has a mistake.` : `${file} has ${distinct.length} mistakes.`,
    cause: distinct.join("\n")
  });
}
function toConfig(file, variables, written) {
  return {
    version: written.version,
    file,
    root: (0,external_node_path_.dirname)(file),
    engine: written.engine,
    live: written.live,
    connection: written.connection,
    ledger: written.ledger,
    clone: { method: written.clone.method },
    migrate: written.migrate ?? null,
    simulate: written.simulate ? { run: written.simulate.run, clock: written.simulate.clock ?? null } : null,
    compare: { ...written.compare, result: written.compare.result ?? null },
    privacy: written.privacy,
    swap: {
      drift: written.swap.drift,
      verify: written.swap.verify,
      timeoutMs: written.swap.timeout
    },
    variables
  };
}



/***/ }),

/***/ 5165:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   P: () => (/* binding */ createEngine)
/* harmony export */ });
// src/engines/registry.ts
var factories = {
  duckdb: async () => (await __webpack_require__.e(/* import() */ 942).then(__webpack_require__.bind(__webpack_require__, 4942))).createDuckdb
};
async function createEngine(name, settings) {
  const load = factories[name];
  if (load === void 0) throw new Error(`No engine is called ${name}`);
  const create = await load();
  return create(settings);
}



/***/ }),

/***/ 7529:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Oc: () => (/* binding */ Ledger)
/* harmony export */ });
/* unused harmony exports LedgerReader, LedgerWriter */
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8161);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3893);
/* harmony import */ var _version_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7960);
/* harmony import */ var _tables_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6697);
// src/release/ledger.ts




var Ledger = class {
  #stores;
  #upgrades;
  /** The database whose releases these are; a ledger may serve several. */
  live;
  constructor(stores, live, upgrades2 = _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .upgrades */ .Sm) {
    this.#stores = stores;
    this.live = live;
    this.#upgrades = upgrades2;
  }
  get location() {
    return this.#stores.location;
  }
  /** Reads. Without a ledger yet, `nothing` is given. */
  async read(nothing, work) {
    const store = await this.#stores.open({ create: false, purpose: "read the ledger" });
    if (store === null) return nothing;
    return closing(store, async () => {
      if (await versionOf(store, this.#upgrades.length) < this.#upgrades.length)
        await this.#upgrade(store);
      return work(new LedgerReader(store, this.live));
    });
  }
  /** Writes, all or nothing; makes the ledger, or brings it to this version, when needed. */
  async write(purpose, work) {
    const store = await this.#stores.open({ create: true, purpose });
    if (store === null) throw new Error("The store was not created");
    return closing(store, async () => {
      if (await versionOf(store, this.#upgrades.length) < this.#upgrades.length)
        await this.#upgrade(store);
      return store.write((writer) => work(new LedgerWriter(writer, this.live)));
    });
  }
  /** The right to change this release, or live, that one process has at a time. */
  hold(name, waitMs = 2e3) {
    return this.#stores.hold(name, waitMs);
  }
  async #upgrade(store) {
    await store.write(async (writer) => {
      const from = await versionOf(writer, this.#upgrades.length);
      for (const [index, operations] of this.#upgrades.entries()) {
        if (index < from) continue;
        for (const operation of operations) await writer.apply(operation);
        await writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .ledgerTable */ .Ab, {
          version: index + 1,
          upgraded_at: (/* @__PURE__ */ new Date()).toISOString(),
          tool_version: _version_js__WEBPACK_IMPORTED_MODULE_3__/* .version */ .r
        });
      }
    });
  }
};
async function versionOf(reader, known) {
  const existing = await reader.tables();
  if (!existing.includes(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .ledgerTable */ .Ab.name)) {
    if (existing.length === 0) return 0;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .GreenlightError */ .uf({
      what: "This database is not a Greenlight ledger: it holds other tables.",
      cause: `found ${existing.slice(0, 3).join(", ")}`,
      help: "Give `ledger` in greenlight.yml a database of its own."
    });
  }
  const found = await reader.max(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .ledgerTable */ .Ab, "version") ?? 0;
  if (found > known) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .GreenlightError */ .uf({
      what: `The ledger has version ${found}; this Greenlight knows versions up to ${known}.`,
      help: "Use the newer Greenlight that wrote it."
    });
  }
  return found;
}
async function closing(store, work) {
  try {
    return await work();
  } finally {
    await store.close();
  }
}
var LedgerReader = class {
  reader;
  #live;
  constructor(reader, live) {
    this.reader = reader;
    this.#live = live;
  }
  /** Releases of this live. */
  async releases() {
    return this.#all(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .releaseTable */ .KZ, { live: this.#live }, ["created_at", "id"]);
  }
  /** A release of any live. */
  async release(id) {
    const [release] = await this.#all(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .releaseTable */ .KZ, { id });
    return release ?? null;
  }
  /** Runs of steps, oldest first. */
  async steps(release) {
    return this.#all(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .stepTable */ .Ph, { release }, ["id"]);
  }
  async migrations(release) {
    return this.#all(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .migrationTable */ .dM, { release }, ["position"]);
  }
  async simulations(release) {
    return this.reader.select(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .simulationTable */ .G1, { release }, ["position"]);
  }
  /** Finished comparisons, oldest first. */
  async comparisons(release) {
    return this.#all(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .comparisonTable */ .Qv, { release, state: "done" }, ["id"]);
  }
  async tableDeviations(comparison) {
    return this.reader.select(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .tableDeviationTable */ .W5, { comparison }, ["table_name"]);
  }
  async approvals(release) {
    return this.#all(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .approvalTable */ .oy, { release }, ["id"]);
  }
  /** Exchanges of this live by all releases, oldest first. */
  async swaps() {
    return this.#all(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .swapTable */ .US, { live: this.#live }, ["id"]);
  }
  async #all(table, where, order = []) {
    return await this.reader.select(table, where, order);
  }
};
var LedgerWriter = class extends LedgerReader {
  #writer;
  constructor(writer, live) {
    super(writer, live);
    this.#writer = writer;
  }
  /** A release begins anew: whatever an earlier clone under this id had recorded of its candidate goes. */
  async startRelease(release) {
    const existing = await this.release(release.id);
    const now = (/* @__PURE__ */ new Date()).toISOString();
    if (existing === null) {
      await this.#writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .releaseTable */ .KZ, {
        ...release,
        state: "new",
        created_at: now,
        updated_at: now
      });
    } else {
      await this.updateRelease(release.id, { state: "new" });
    }
    await this.forgetCandidate(release.id);
  }
  /** What ran on a candidate that is no more. */
  async forgetCandidate(release) {
    await this.#writer.delete(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .migrationTable */ .dM, { release });
    await this.#writer.delete(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .simulationTable */ .G1, { release });
  }
  async updateRelease(id, set) {
    await this.#writer.update(
      _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .releaseTable */ .KZ,
      { ...set, updated_at: (/* @__PURE__ */ new Date()).toISOString() },
      { id }
    );
  }
  async setState(id, state) {
    await this.updateRelease(id, { state });
  }
  async startStep(release, step, actor, logicHash) {
    const id = await this.#nextId(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .stepTable */ .Ph);
    await this.#writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .stepTable */ .Ph, {
      id,
      release,
      step,
      state: "running",
      started_at: (/* @__PURE__ */ new Date()).toISOString(),
      actor,
      machine: (0,node_os__WEBPACK_IMPORTED_MODULE_0__.hostname)(),
      tool_version: _version_js__WEBPACK_IMPORTED_MODULE_3__/* .version */ .r,
      logic_hash: logicHash
    });
    return id;
  }
  async finishStep(id, state, detail) {
    await this.#writer.update(
      _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .stepTable */ .Ph,
      { state, finished_at: (/* @__PURE__ */ new Date()).toISOString(), detail },
      { id }
    );
  }
  /** Runs that nobody will finish: their process is gone, or it would hold the release. */
  async interruptSteps(release) {
    await this.#writer.update(
      _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .stepTable */ .Ph,
      { state: "interrupted" },
      { release, state: "running" }
    );
  }
  async startScript(table, row) {
    const { name, ...rest } = row;
    const definition = table === "migration" ? _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .migrationTable */ .dM : _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .simulationTable */ .G1;
    await this.#writer.insert(definition, {
      ...rest,
      [table === "migration" ? "script" : "item"]: name,
      state: "running",
      started_at: (/* @__PURE__ */ new Date()).toISOString()
    });
  }
  async finishScript(table, { release, position }, report) {
    const definition = table === "migration" ? _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .migrationTable */ .dM : _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .simulationTable */ .G1;
    await this.#writer.update(
      definition,
      {
        state: "applied",
        finished_at: (/* @__PURE__ */ new Date()).toISOString(),
        statements: report?.statements ?? null,
        transactional: report?.transactional ?? null
      },
      { release, position }
    );
  }
  async startComparison(row) {
    const id = await this.#nextId(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .comparisonTable */ .Qv);
    await this.#writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .comparisonTable */ .Qv, {
      ...row,
      id,
      state: "running",
      started_at: (/* @__PURE__ */ new Date()).toISOString()
    });
    return id;
  }
  async finishComparison(id, set, deviations) {
    for (const row of deviations.tables)
      await this.#writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .tableDeviationTable */ .W5, { comparison: id, ...row });
    for (const row of deviations.columns) {
      await this.#writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .columnDeviationTable */ .YI, { comparison: id, ...row });
    }
    for (const row of deviations.objects) {
      await this.#writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .objectDeviationTable */ .FT, { comparison: id, ...row });
    }
    await this.#writer.update(
      _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .comparisonTable */ .Qv,
      { ...set, state: "done", finished_at: (/* @__PURE__ */ new Date()).toISOString() },
      { id }
    );
  }
  /** The rows of comparisons that did not come to an end: they would look whole. */
  async dropUnfinishedComparisons(release) {
    const unfinished = await this.reader.select(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .comparisonTable */ .Qv, {
      release,
      state: "running"
    });
    for (const { id } of unfinished) {
      await this.#writer.delete(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .rowDeviationTable */ .wk, { comparison: id });
      await this.#writer.delete(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .comparisonTable */ .Qv, { id });
    }
  }
  async addApproval(approval) {
    await this.#writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .approvalTable */ .oy, {
      ...approval,
      id: await this.#nextId(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .approvalTable */ .oy),
      approved_at: (/* @__PURE__ */ new Date()).toISOString()
    });
  }
  async intendSwap(swap) {
    const id = await this.#nextId(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .swapTable */ .US);
    await this.#writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .swapTable */ .US, {
      ...swap,
      id,
      state: "intended",
      intended_at: (/* @__PURE__ */ new Date()).toISOString()
    });
    return id;
  }
  async updateSwap(id, set) {
    await this.#writer.update(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .swapTable */ .US, { ...set }, { id });
  }
  async #nextId(table) {
    return (await this.reader.max(table, "id") ?? 0) + 1;
  }
};



/***/ }),

/***/ 6697:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ab: () => (/* binding */ ledgerTable),
/* harmony export */   FT: () => (/* binding */ objectDeviationTable),
/* harmony export */   G1: () => (/* binding */ simulationTable),
/* harmony export */   KZ: () => (/* binding */ releaseTable),
/* harmony export */   Ph: () => (/* binding */ stepTable),
/* harmony export */   Qv: () => (/* binding */ comparisonTable),
/* harmony export */   Sm: () => (/* binding */ upgrades),
/* harmony export */   US: () => (/* binding */ swapTable),
/* harmony export */   W5: () => (/* binding */ tableDeviationTable),
/* harmony export */   YI: () => (/* binding */ columnDeviationTable),
/* harmony export */   dM: () => (/* binding */ migrationTable),
/* harmony export */   oy: () => (/* binding */ approvalTable),
/* harmony export */   wk: () => (/* binding */ rowDeviationTable)
/* harmony export */ });
// src/release/tables.ts
var ledgerTable = {
  name: "ledger",
  columns: { version: "integer", upgraded_at: "instant", tool_version: "text" },
  key: ["version"]
};
var releaseTable = {
  name: "release",
  columns: {
    id: "text",
    state: "text",
    created_at: "instant",
    updated_at: "instant",
    engine: "text",
    live: "text",
    live_id: "text",
    live_mark: "text",
    clone_instant: "instant",
    clone_method: "text",
    candidate: "text",
    candidate_id: "text",
    candidate_mark: "text",
    baseline: "text",
    baseline_id: "text",
    baseline_mark: "text",
    inventory: "json",
    migrated_inventory: "json"
  },
  key: ["id"]
};
var stepTable = {
  name: "step",
  columns: {
    id: "integer",
    release: "text",
    step: "text",
    state: "text",
    started_at: "instant",
    finished_at: "instant",
    actor: "text",
    machine: "text",
    tool_version: "text",
    logic_hash: "text",
    detail: "json"
  },
  key: ["id"]
};
var migrationTable = {
  name: "migration",
  columns: {
    release: "text",
    position: "integer",
    script: "text",
    kind: "text",
    checksum: "text",
    state: "text",
    started_at: "instant",
    finished_at: "instant",
    statements: "integer",
    transactional: "boolean"
  },
  key: ["release", "script"]
};
var simulationTable = {
  name: "simulation",
  columns: {
    release: "text",
    position: "integer",
    item: "text",
    kind: "text",
    checksum: "text",
    state: "text",
    started_at: "instant",
    finished_at: "instant",
    statements: "integer",
    transactional: "boolean"
  },
  key: ["release", "position"]
};
var comparisonTable = {
  name: "comparison",
  columns: {
    id: "integer",
    release: "text",
    state: "text",
    started_at: "instant",
    finished_at: "instant",
    digest: "text",
    verdict: "text",
    logic_hash: "text",
    candidate_mark: "text",
    privacy: "text",
    mode: "text",
    coverage: "json",
    inventory: "json"
  },
  key: ["id"]
};
var tableDeviationTable = {
  name: "table_deviation",
  columns: {
    comparison: "integer",
    table_name: "text",
    kind: "text",
    role: "text",
    status: "text",
    reason: "text",
    key: "json",
    old_rows: "integer",
    new_rows: "integer",
    added: "integer",
    removed: "integer",
    changed: "integer",
    unexplained: "integer",
    proof: "text",
    way: "text",
    fingerprint: "text",
    skipped: "text",
    old_definition: "text",
    new_definition: "text",
    likely_rename: "json"
  },
  key: ["comparison", "table_name"]
};
var columnDeviationTable = {
  name: "column_deviation",
  columns: {
    comparison: "integer",
    table_name: "text",
    column_name: "text",
    status: "text",
    reason: "text",
    old_type: "text",
    new_type: "text",
    changed: "integer",
    unexplained: "integer",
    pattern: "text",
    patterns: "json",
    condition: "text",
    likely_rename: "json"
  },
  key: ["comparison", "table_name", "column_name"]
};
var rowDeviationTable = {
  name: "row_deviation",
  columns: {
    comparison: "integer",
    table_name: "text",
    kind: "text",
    row_key: "text",
    columns: "text",
    old_values: "text",
    new_values: "text",
    occurrences: "integer",
    explained: "boolean",
    fingerprint: "text"
  },
  key: []
};
var objectDeviationTable = {
  name: "object_deviation",
  columns: {
    comparison: "integer",
    kind: "text",
    object_name: "text",
    status: "text",
    old_definition: "text",
    new_definition: "text"
  },
  key: ["comparison", "kind", "object_name"]
};
var approvalTable = {
  name: "approval",
  columns: {
    id: "integer",
    release: "text",
    comparison: "integer",
    digest: "text",
    approver: "text",
    approved_at: "instant",
    place: "text"
  },
  key: ["id"]
};
var swapTable = {
  name: "swap",
  columns: {
    id: "integer",
    release: "text",
    direction: "text",
    state: "text",
    live: "text",
    live_id: "text",
    incoming: "text",
    incoming_id: "text",
    incoming_mark: "text",
    kept: "text",
    intended_at: "instant",
    finished_at: "instant",
    exchange_ms: "integer",
    live_mark_after: "text",
    actor: "text",
    detail: "json"
  },
  key: ["id"]
};
var upgrades = [
  [
    ledgerTable,
    releaseTable,
    stepTable,
    migrationTable,
    simulationTable,
    comparisonTable,
    tableDeviationTable,
    columnDeviationTable,
    rowDeviationTable,
    objectDeviationTable,
    approvalTable,
    swapTable
  ].map((createTable) => ({ createTable }))
];



/***/ })

};
