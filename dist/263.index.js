export const id = 263;
export const ids = [263];
export const modules = {

/***/ 5602:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Rp: () => (/* binding */ syntaxFaults),
/* harmony export */   YA: () => (/* binding */ keyOffsetOf),
/* harmony export */   b4: () => (/* binding */ offsetOf),
/* harmony export */   d9: () => (/* binding */ schemaFaults),
/* harmony export */   qY: () => (/* binding */ variableFaults)
/* harmony export */ });
/* harmony import */ var yaml__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8815);
/* harmony import */ var _names_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7963);
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
  (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .visit */ .YR)(document, {
    Pair(_, { key }) {
      if (!(0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isScalar */ .jn)(key) || key.value !== "__proto__") return;
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
function schemaFaults(issues, document, text, format, variables = []) {
  const incomplete = new Set(variables.map((fault) => fault.node));
  return issues.flatMap((issue) => explain(issue, [], { document, text, format, incomplete }));
}
function explain(issue, above, written) {
  const { document, text, format, incomplete } = written;
  const path = [...above, ...issue.path];
  const { node, offset, keyOffset } = find(document, path);
  if (incomplete.has(node)) return [];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      offset: find(document, [...path, key]).keyOffset,
      message: unknownKey(path, key, format)
    }));
  }
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((errors) => !errors.some(isAboutKind));
    if (meant) return meant.flatMap((inner) => explain(inner, path, written));
  }
  if (node === null && issue.code !== "custom") {
    return [{ offset, message: `${name(path)} is missing.${example(path, format.schema)}` }];
  }
  switch (issue.code) {
    case "invalid_union":
      return [{ offset, message: wrongKind(path, issue.errors.flat(), node, format) }];
    case "invalid_type":
      return [{ offset, message: wrongKind(path, [issue], node, format) }];
    case "invalid_value": {
      const value = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isScalar */ .jn)(node) ? node.value : void 0;
      const shown = excerpt(text.slice(...node?.range ?? [0, 0]));
      const fault = format.isLater(path, value) ? "is not available in this version" : "is not allowed";
      const told = shown === "" ? " has no value" : `: \`${shown}\` ${fault}`;
      const message = `${name(path)}${told}. Write ${oneOf(issue.values)}.`;
      return [{ offset, message }];
    }
    default: {
      const told = `${name(path)} ${issue.message}.`;
      return issue.code === "custom" && issue.params?.at === "key" ? [{ offset: keyOffset, message: told }] : [{ offset, message: `${told}${example(path, format.schema)}` }];
    }
  }
}
function unknownKey(path, key, format) {
  const told = name([...path, key]);
  if (format.isLater([...path, key], void 0)) {
    return `${told} is not available in this version. Remove it.`;
  }
  const known = Object.keys(describedAt(path, format.schema)?.properties ?? {});
  const meant = (0,_names_js__WEBPACK_IMPORTED_MODULE_1__/* .nearest */ .pA)(key, known);
  return `${told} is not a known key. ${meant === null ? `Known are ${list(known)}.` : `Did you mean \`${meant}\`?`}`;
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
function wrongKind(path, issues, node, { schema }) {
  const kinds = issues.map((issue) => KINDS[issue.code === "invalid_type" ? issue.expected : ""]);
  const expected = kinds.join(", ").replace(/, ([^,]*)$/, " or $1");
  return `${name(path)} must be ${expected}, ${actualKind(node)}.${example(path, schema)}`;
}
function actualKind(node) {
  if ((0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isMap */ .jh)(node)) return "not a map";
  if ((0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isSeq */ .oP)(node)) return "not a list";
  const value = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isScalar */ .jn)(node) ? node.value : null;
  return value === null ? "and has no value" : `not ${KINDS[typeof value]}`;
}
function offsetOf(document, path) {
  return find(document, path).offset;
}
function keyOffsetOf(document, path) {
  return find(document, path).keyOffset;
}
function find(document, path) {
  let node = document.contents;
  let keyOffset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if ((0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isAlias */ .Vj)(node)) node = node.resolve(document) ?? null;
    if ((0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isMap */ .jh)(node)) {
      const pair = node.items.findLast(
        ({ key }) => String((0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isScalar */ .jn)(key) ? key.value : key) === String(step)
      );
      if (pair === void 0) return { node: null, offset: keyOffset, keyOffset };
      keyOffset = pair.key.range?.[0] ?? keyOffset;
      node = pair.value ?? null;
    } else {
      node = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isSeq */ .oP)(node) ? node.items[Number(step)] ?? null : null;
      keyOffset = node?.range?.[0] ?? keyOffset;
    }
  }
  const isEmpty = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .isScalar */ .jn)(node) && node.value === null;
  return { node, offset: isEmpty ? keyOffset : node?.range?.[0] ?? keyOffset, keyOffset };
}
function name(path) {
  if (path.length === 0) return "the file";
  const text = path.map(
    (step) => typeof step === "string" && /^[\w ]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
  ).join("").replace(/^\./, "");
  return `\`${text}\``;
}
function example(path, schema) {
  const keys = path.slice(0, path.findLastIndex((step) => typeof step === "string") + 1);
  const value = describedAt(keys, schema)?.examples?.[0];
  if (value === void 0) return "";
  const written = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .stringify */ .As)(
    { [String(keys.at(-1))]: value },
    { collectionStyle: "flow", flowCollectionPadding: false, lineWidth: 0 }
  );
  return ` Example: \`${written.trim().replace(/^\{(.*)\}$/s, "$1")}\``;
}
function describedAt(path, schema) {
  let described = schema;
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



/***/ }),

/***/ 7725:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ul: () => (/* binding */ toPlain),
/* harmony export */   hN: () => (/* binding */ parseYaml),
/* harmony export */   x5: () => (/* binding */ refusal),
/* harmony export */   yR: () => (/* binding */ readText)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var yaml__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8815);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3893);
// src/config/file.ts



async function readText(file, { called, help }) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(file));
  } catch (thrown) {
    if ((0,_errors_js__WEBPACK_IMPORTED_MODULE_2__/* .systemCode */ .xU)(thrown) === "ENOENT") {
      throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .UsageError */ .eb({
        what: `There is no ${called}.`,
        where: file,
        help
      });
    }
    const notText = (0,_errors_js__WEBPACK_IMPORTED_MODULE_2__/* .systemCode */ .xU)(thrown) === "ERR_ENCODING_INVALID_ENCODED_DATA";
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .UsageError */ .eb({
      what: `The ${called} cannot be read.`,
      where: file,
      cause: notText ? "It is not text in UTF-8." : (0,_errors_js__WEBPACK_IMPORTED_MODULE_2__/* .messageOf */ .bD)(thrown)
    });
  }
}
function parseYaml(text) {
  const lines = new yaml__WEBPACK_IMPORTED_MODULE_1__/* .LineCounter */ .HN();
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true };
  return { document: (0,yaml__WEBPACK_IMPORTED_MODULE_1__/* .parseDocument */ .Tp)(text, options), lines };
}
function toPlain(document, file, called) {
  try {
    return document.toJS() ?? {};
  } catch {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .UsageError */ .eb({
      what: `The ${called} repeats its anchors too often.`,
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
  return new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .UsageError */ .eb({
    what: distinct.length === 1 ? `${file} has a mistake.` : `${file} has ${distinct.length} mistakes.`,
    cause: distinct.join("\n")
  });
}



/***/ }),

/***/ 7963:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $q: () => (/* binding */ parseName),
/* harmony export */   F6: () => (/* binding */ patternParts),
/* harmony export */   MH: () => (/* binding */ nameMatcher),
/* harmony export */   Pt: () => (/* binding */ isPattern),
/* harmony export */   nD: () => (/* binding */ formatName),
/* harmony export */   pA: () => (/* binding */ nearest)
/* harmony export */ });
/* harmony import */ var fastest_levenshtein__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1916);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3893);
// src/config/names.ts


function parseName(text) {
  return scan(text).map((part) => part.text);
}
function formatName(parts) {
  return parts.map(formatPart).join(".");
}
function patternParts(pattern) {
  return scan(pattern).length;
}
function isPattern(text) {
  return scan(text).some((part) => !part.quoted && part.text.includes("*"));
}
function nameMatcher(patterns, options) {
  const flags = options.ignoreCase ? "isu" : "su";
  const matchers = patterns.map(
    (pattern) => scan(pattern).map((part) => new RegExp(partExpression(part), flags))
  );
  return (parts) => matchers.some(
    (matcher) => matcher.length === parts.length && matcher.every((part, i) => part.test(parts[i] ?? ""))
  );
}
function nearest(written, known) {
  if (known.length === 0) return null;
  const found = (0,fastest_levenshtein__WEBPACK_IMPORTED_MODULE_0__/* .closest */ .kp)(written.toLowerCase(), [...known]);
  const limit = Math.max(1, Math.floor(found.length / 3));
  return (0,fastest_levenshtein__WEBPACK_IMPORTED_MODULE_0__/* .distance */ .Io)(written.toLowerCase(), found.toLowerCase()) <= limit ? found : null;
}
function scan(text) {
  const quotedPart = /\s*"((?:[^"]|"")+)"\s*(\.|$)/y;
  const barePart = /([^".]*)(\.|$)/y;
  const parts = [];
  let position = 0;
  for (; ; ) {
    quotedPart.lastIndex = position;
    barePart.lastIndex = position;
    const quoted = quotedPart.exec(text);
    const match = quoted ?? barePart.exec(text);
    const content = quoted ? quoted[1]?.replaceAll('""', '"') : match?.[1]?.trim();
    if (match === null || content === void 0 || content === "") {
      throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .UsageError */ .eb({
        what: `${JSON.stringify(text)} is not a name.`,
        help: 'Write parts with a dot between them, such as marts.delay; a part that holds a dot or a quote is quoted as in SQL, such as marts."odd.table".'
      });
    }
    parts.push({ text: content, quoted: quoted !== null });
    position += match[0].length;
    if (match[2] === "") return parts;
  }
}
function formatPart(part) {
  const bare = /^[\p{L}_][\p{L}\p{M}\p{N}_$]*$/u.test(part);
  return bare ? part : `"${part.replaceAll('"', '""')}"`;
}
function partExpression(part) {
  const literals = part.quoted ? [part.text] : part.text.split(/\*+/);
  return `^${literals.map((literal) => literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join(".*")}$`;
}



/***/ }),

/***/ 7053:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Cs: () => (/* binding */ DEFAULT_EXPECTATIONS),
  Bt: () => (/* binding */ TABLE),
  Gk: () => (/* binding */ always),
  Mk: () => (/* binding */ configJsonSchema),
  Qn: () => (/* binding */ configSchema),
  d8: () => (/* binding */ isLater),
  Nd: () => (/* binding */ namesAsKeys),
  Qq: () => (/* binding */ schema_text)
});

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
var DEFAULT_EXPECTATIONS = "greenlight.expected.yml";
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
  expectations: schema_text.optional().meta({
    description: "The file that declares which deviations are intended. It must exist when this key is written.",
    default: DEFAULT_EXPECTATIONS,
    examples: [DEFAULT_EXPECTATIONS]
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



/***/ }),

/***/ 4816:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   LS: () => (/* binding */ plural),
/* harmony export */   RK: () => (/* binding */ visible),
/* harmony export */   U9: () => (/* binding */ count),
/* harmony export */   ee: () => (/* binding */ bytes),
/* harmony export */   p0: () => (/* binding */ duration)
/* harmony export */ });
// src/report/format.ts
function duration(ms) {
  if (ms < 1e3) return `${Math.round(ms)} ms`;
  if (ms < 59950) return `${Number((ms / 1e3).toFixed(1))} s`;
  const seconds = Math.round(ms / 1e3);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 6e4);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
function bytes(n) {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = n;
  let unit = 0;
  while (value >= (unit === 0 ? 1e3 : 999.95) && unit < units.length - 1) {
    value /= 1e3;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}
function count(n) {
  return n.toLocaleString("en-US");
}
function plural(n, one, many = `${one}s`) {
  return `${count(n)} ${Number(n) === 1 ? one : many}`;
}
function visible(text) {
  return text.replace(COMMANDING, (character) => {
    const code = character.charCodeAt(0);
    const known = { "\n": "\\n", "\r": "\\r", "	": "\\t" };
    return known[character] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`);
  });
}
var COMMANDING = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;



/***/ })

};
