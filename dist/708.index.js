export const id = 708;
export const ids = [708,191];
export const modules = {

/***/ 2754:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  O: () => (/* binding */ compareDatabases)
});

// EXTERNAL MODULE: ./build/esm/config/names.js
var names = __webpack_require__(7963);
// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
;// CONCATENATED MODULE: ./build/esm/compare/plan.js
// src/compare/plan.ts


function planComparison(old, candidate, config) {
  const oldRelations = byName(old);
  const newRelations = byName(candidate);
  const names = [.../* @__PURE__ */ new Set([...oldRelations.keys(), ...newRelations.keys()])].sort();
  refuseUnknownNames(config, oldRelations, newRelations);
  const isInput = matcher(config.input);
  const isResult = config.result === null ? () => true : matcher(config.result);
  return names.map((table) => {
    const [before, after] = [oldRelations.get(table) ?? null, newRelations.get(table) ?? null];
    const role = isInput(table) ? "input" : "result";
    const ignored = new Set(ignoredColumns(config, table));
    return {
      table,
      old: before,
      new: after,
      role,
      skip: role === "input" || isResult(table) ? null : "not in compare.result",
      ...chooseKey(config.keys[table] ?? null, before, after, ignored),
      ignored
    };
  });
}
function pairOf(planned, config, key) {
  const { old: before, new: after, table, ignored } = planned;
  if (before === null || after === null) throw new Error(`${table} is on one side only`);
  const newTypes = new Map(after.columns.map(({ name, type }) => [name, type]));
  const tolerance = config.tolerance[table] ?? {};
  return {
    schema: after.schema,
    name: after.name,
    oldKind: before.kind,
    newKind: after.kind,
    key,
    keyEnforced: key !== null && planned.keyEnforced,
    columns: before.columns.flatMap(({ name, type }) => {
      const newType = newTypes.get(name);
      if (newType === void 0 || ignored.has(name)) return [];
      return [{ name, oldType: type, newType, tolerance: tolerance[name] ?? null }];
    }),
    mode: config.mode
  };
}
function matcher(patterns) {
  const matches = (0,names/* nameMatcher */.MH)(patterns, { ignoreCase: false });
  return (table) => matches((0,names/* parseName */.$q)(table));
}
function byName(catalog) {
  return new Map(
    catalog.relations.map((relation) => [(0,names/* formatName */.nD)([relation.schema, relation.name]), relation])
  );
}
function chooseKey(configured, before, after, ignored) {
  const candidates = [...before?.keys ?? [], ...after?.keys ?? []].filter(
    ({ notNull, columns }) => notNull && !columns.some((column) => ignored.has(column))
  );
  const key = configured ?? candidates.find(({ columns }) => hasAll(before, columns) && hasAll(after, columns))?.columns;
  if (key === void 0) return { key: null, keyEnforced: false };
  const enforces = (relation) => relation?.keys.some((own) => own.enforced && own.notNull && sameColumns(own.columns, key)) ?? true;
  return { key, keyEnforced: enforces(before) && enforces(after) };
}
function hasAll(relation, columns) {
  return relation === null || columns.every((name) => relation.columns.some((column) => column.name === name));
}
function sameColumns(a, b) {
  return a.length === b.length && a.every((name) => b.includes(name));
}
function ignoredColumns(config, table) {
  return config.ignore.flatMap((name) => {
    const { table: of, column } = splitColumn(name);
    return of === table ? [column] : [];
  });
}
function splitColumn(name) {
  const parts = (0,names/* parseName */.$q)(name);
  return { table: (0,names/* formatName */.nD)(parts.slice(0, -1)), column: parts.at(-1) ?? "" };
}
function refuseUnknownNames(config, old, candidate) {
  const names = [.../* @__PURE__ */ new Set([...old.keys(), ...candidate.keys()])].sort();
  const check = (key, table, columns) => {
    const sides = [old.get(table), candidate.get(table)].filter(
      (relation) => relation !== void 0
    );
    if (sides.length === 0) {
      throw new errors/* UsageError */.eb({
        what: `There is no table or view ${table}, neither in the baseline nor in the candidate.`,
        where: `greenlight.yml: ${key}`,
        help: `Write schema.table. There are ${shortList(names)}.`
      });
    }
    for (const column of columns) {
      if (sides.some((relation) => relation.fault !== null || has(relation.columns, column)))
        continue;
      throw new errors/* UsageError */.eb({
        what: `${table} has no column ${column}.`,
        where: `greenlight.yml: ${key}`,
        help: `Its columns are ${shortList(sides.flatMap((relation) => relation.columns.map(({ name }) => name)))}.`
      });
    }
  };
  for (const [key, patterns] of Object.entries({
    input: config.input,
    result: config.result ?? []
  })) {
    for (const pattern of patterns) {
      if (names.some(matcher([pattern]))) continue;
      throw new errors/* UsageError */.eb({
        what: `No table or view matches ${pattern}, neither in the baseline nor in the candidate.`,
        where: `greenlight.yml: compare.${key}`,
        help: `Write schema.table, with * for any text. There are ${shortList(names)}.`
      });
    }
  }
  for (const [table, columns] of Object.entries(config.keys))
    check(`compare.keys.${table}`, table, columns);
  for (const [table, columns] of Object.entries(config.tolerance)) {
    check(`compare.tolerance.${table}`, table, Object.keys(columns));
  }
  for (const name of config.ignore) {
    const { table, column } = splitColumn(name);
    check(`compare.ignore.${name}`, table, [column]);
    if (config.keys[table]?.includes(column)) {
      throw new errors/* UsageError */.eb({
        what: `${table}.${column} is part of the key and cannot be ignored.`,
        where: `greenlight.yml: compare.ignore.${name}`,
        help: "Take it out of compare.keys or of compare.ignore."
      });
    }
  }
}
function has(columns, name) {
  return columns.some((column) => column.name === name);
}
function shortList(names) {
  const unique = [...new Set(names)];
  return unique.length > 12 ? `${unique.slice(0, 12).join(", ")}, ...` : unique.join(", ");
}


// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./build/esm/compare/table.js
// src/compare/table.ts



async function compareTable(session, planned, config, target, onShare) {
  const [before, after] = bothSides(planned);
  const asked = pairOf(planned, config, planned.key);
  refuseTolerances(session, asked, planned);
  let rows;
  try {
    rows = { old: await count(session, "old", before), new: await count(session, "new", after) };
  } catch (error) {
    return unreadable(planned, (0,errors/* messageOf */.bD)(error));
  }
  let looked = 0;
  const compareRows = (pair2) => session.compareRows(pair2, rows, (more) => {
    looked += more;
    onShare(Math.min(1, looked / Math.max(1, rows.old)));
  });
  const first = await compareRows(asked);
  const fault = "fault" in first ? first : null;
  const pair = fault === null ? asked : pairOf(planned, config, null);
  const found = "fault" in first ? await compareRows(pair) : first;
  if ("fault" in found) throw new Error(`${planned.table} has no key that could be at fault`);
  const keyNote = fault === null ? null : `compared without its key (${asked.key?.join(", ")}): ${fault.count} ${fault.fault === "null" ? "NULL" : "duplicate"} key values on the ${fault.side} side`;
  const deviates = found.added + found.removed > 0 || found.cells.size > 0;
  const { recorded, descriptions } = deviates && target !== null ? await recordRows(session, pair, found, target) : { recorded: null, descriptions: none };
  const columnsOfOneSide = target === null ? [] : await fingerprintsOfOneSide(session, planned, pair);
  await session.release(pair.schema, pair.name);
  requireReconciled(planned.table, rows, found, recorded);
  const changed = recorded?.changed ?? Math.max(0, ...found.cells.values());
  const structure = structureOf(planned, found.cells, descriptions);
  return {
    table: planned.table,
    kind: after.kind,
    role: planned.role,
    status: deviates || structure.changed ? "changed" : "identical",
    skipped: null,
    reason: [keyNote, ...structure.notes, toleranceNote(pair)].filter((note) => note !== null).join("; ") || null,
    key: pair.key,
    old_rows: rows.old,
    new_rows: rows.new,
    added: found.added,
    removed: found.removed,
    changed,
    unexplained: found.added + found.removed + changed,
    proof: found.proof,
    way: found.way,
    fingerprint: joined([recorded?.fingerprint, ...columnsOfOneSide]),
    old_definition: structure.definitionChanged ? before.definition : null,
    new_definition: structure.definitionChanged ? after.definition : null,
    likely_rename: null,
    columns: structure.columns
  };
}
var none = /* @__PURE__ */ new Map();
async function recordRows(session, pair, found, target) {
  const deviating = await session.gather(pair, found, []);
  try {
    const recorded = await deviating.record(target, []);
    const descriptions = await deviating.describe();
    return { recorded, descriptions };
  } finally {
    await deviating.discard();
  }
}
async function fingerprintsOfOneSide(session, planned, { schema, name, oldKind, newKind, key }) {
  const [before, after] = bothSides(planned);
  const names = (relation) => relation.columns.map((column) => column.name).filter((column) => !planned.ignored.has(column));
  const fingerprints = [];
  for (const [side, kind, own, other] of [
    ["old", oldKind, names(before), names(after)],
    ["new", newKind, names(after), names(before)]
  ]) {
    const alone = own.filter((column) => !other.includes(column));
    if (alone.length === 0) continue;
    const columns = key === null ? own : [...key, ...alone];
    fingerprints.push(`${side} ${await session.fingerprint(side, schema, name, kind, columns)}`);
  }
  return fingerprints;
}
function joined(fingerprints) {
  const present = fingerprints.filter((fingerprint) => fingerprint !== void 0);
  if (present.length < 2) return present[0] ?? null;
  return (0,external_node_crypto_.createHash)("sha256").update(present.join("\n")).digest("hex");
}
async function onOneSide(session, planned) {
  const side = planned.old === null ? "new" : "old";
  const relation = planned.old ?? planned.new;
  if (relation === null) throw new Error(`${planned.table} is on no side`);
  const { schema, name, kind } = relation;
  let rows;
  let fingerprint;
  try {
    rows = await session.countRows(side, schema, name, kind);
    fingerprint = await session.fingerprint(
      side,
      schema,
      name,
      kind,
      relation.columns.map((column) => column.name)
    );
    await session.release(schema, name);
  } catch (error) {
    return unreadable(planned, (0,errors/* messageOf */.bD)(error));
  }
  const status = side === "new" ? "added" : "removed";
  return {
    ...describe(planned),
    status,
    old_rows: side === "old" ? rows : 0,
    new_rows: side === "new" ? rows : 0,
    added: side === "new" ? rows : 0,
    removed: side === "old" ? rows : 0,
    unexplained: rows,
    proof: "exact",
    fingerprint,
    old_definition: planned.old?.definition ?? null,
    new_definition: planned.new?.definition ?? null,
    columns: relation.columns.map(({ name: column, type }) => ({
      ...unchanged(column, type),
      status,
      old_type: side === "old" ? type : null,
      new_type: side === "new" ? type : null
    }))
  };
}
async function identicalByLineage(session, planned, evidence) {
  const [before] = bothSides(planned);
  let rows = null;
  if (before.kind === "table") rows = await count(session, "old", before);
  return {
    ...describe(planned),
    status: "identical",
    reason: null,
    key: planned.key,
    old_rows: rows,
    new_rows: rows,
    proof: "lineage",
    way: evidence,
    columns: before.columns.map(({ name, type }) => unchanged(name, type))
  };
}
async function leftOut(session, planned, reason) {
  const [before, after] = bothSides(planned);
  const rows = async (side, relation) => relation.kind === "table" ? count(session, side, relation) : null;
  const structure = structureOf(planned, /* @__PURE__ */ new Map(), none);
  return {
    ...describe(planned),
    status: structure.changed ? "changed" : "skipped",
    skipped: "configured",
    reason: [
      structure.changed ? `values not compared: ${reason}` : reason,
      ...structure.notes
    ].join("; "),
    proof: null,
    old_rows: await rows("old", before),
    new_rows: await rows("new", after),
    old_definition: structure.definitionChanged ? before.definition : null,
    new_definition: structure.definitionChanged ? after.definition : null,
    columns: structure.columns.map(
      (column) => column.status === "identical" ? { ...column, status: "skipped", reason } : column
    )
  };
}
function unreadable(planned, cause) {
  return { ...skip(planned, `cannot be read: ${cause.split("\n", 1)[0]}`), skipped: "unreadable" };
}
function skip(planned, reason) {
  const columns = (planned.new ?? planned.old)?.columns ?? [];
  return {
    ...describe(planned),
    status: "skipped",
    reason,
    proof: null,
    columns: columns.map(({ name, type }) => ({ ...unchanged(name, type), status: "skipped" }))
  };
}
function describe(planned) {
  return {
    table: planned.table,
    kind: (planned.new ?? planned.old)?.kind ?? "table",
    role: planned.role,
    status: "identical",
    skipped: null,
    reason: null,
    key: null,
    old_rows: null,
    new_rows: null,
    added: 0,
    removed: 0,
    changed: 0,
    unexplained: 0,
    proof: "exact",
    way: null,
    fingerprint: null,
    old_definition: null,
    new_definition: null,
    likely_rename: null,
    columns: []
  };
}
function unchanged(column, type) {
  return {
    column,
    status: "identical",
    reason: null,
    old_type: type,
    new_type: type,
    changed: 0,
    unexplained: 0,
    pattern: null,
    patterns: [],
    condition: null,
    likely_rename: null
  };
}
function bothSides({ table, old, new: after }) {
  if (old === null || after === null) throw new Error(`${table} is on one side only`);
  return [old, after];
}
function count(session, side, relation) {
  return session.countRows(side, relation.schema, relation.name, relation.kind);
}
function refuseTolerances(session, pair, { table }) {
  const wrong = pair.columns.find(
    ({ tolerance, oldType, newType }) => tolerance !== null && !(session.takesTolerance(oldType) && session.takesTolerance(newType))
  );
  if (wrong === void 0) return;
  throw new errors/* UsageError */.eb({
    what: `${table}.${wrong.name} cannot have a tolerance: its type is ${wrong.newType}.`,
    where: `greenlight.yml: compare.tolerance.${table}.${wrong.name}`,
    help: "Remove the tolerance, or ignore the column."
  });
}
function requireReconciled(table, rows, found, recorded) {
  const cells = [...found.cells.values()];
  const most = cells.reduce((sum, count2) => sum + count2, 0);
  const faults = [
    rows.old - found.removed + found.added === rows.new || `${rows.old} old rows - ${found.removed} removed + ${found.added} added is not ${rows.new} new rows`,
    recorded === null || recorded.added === found.added && recorded.removed === found.removed || `${found.added} added and ${found.removed} removed rows were counted, ${recorded.added} and ${recorded.removed} recorded`,
    recorded === null || recorded.changed >= Math.max(0, ...cells) && recorded.changed <= most || `${recorded.changed} changed rows were recorded for ${most} changed cells`
  ].filter((fault) => fault !== true);
  if (faults.length === 0) return;
  throw new errors/* GreenlightError */.uf({
    what: "The comparison does not reconcile, so there is no verdict.",
    where: table,
    cause: faults.join("; "),
    help: "If another process changed the candidate meanwhile, run compare again; else please report this as a bug."
  });
}
function structureOf(planned, cells, descriptions) {
  const [before, after] = bothSides(planned);
  const columns = columnOutcomes(planned, cells, descriptions);
  const shared = (from, other) => from.columns.map(({ name }) => name).filter((name) => other.columns.some((one) => one.name === name));
  const moved = shared(before, after).join("\0") !== shared(after, before).join("\0");
  const definitionChanged = before.definition !== after.definition;
  return {
    changed: definitionChanged || moved || before.kind !== after.kind || columns.some(
      ({ status }) => status !== "identical" && status !== "skipped" && status !== "changed"
    ),
    definitionChanged,
    notes: [
      ...before.kind === after.kind ? [] : [`was a ${before.kind}, is a ${after.kind}`],
      ...moved ? ["its columns stand in another order"] : []
    ],
    columns
  };
}
function columnOutcomes(planned, cells, descriptions) {
  const [before, after] = bothSides(planned);
  const oldTypes = new Map(before.columns.map(({ name, type }) => [name, type]));
  const newTypes = new Map(after.columns.map(({ name, type }) => [name, type]));
  const names = [.../* @__PURE__ */ new Set([...newTypes.keys(), ...oldTypes.keys()])];
  return names.map((name) => {
    const [oldType, newType] = [oldTypes.get(name) ?? null, newTypes.get(name) ?? null];
    const changed = cells.get(name) ?? 0;
    const ignored = planned.ignored.has(name);
    const outcome = {
      column: name,
      reason: ignored ? "in compare.ignore" : null,
      old_type: oldType,
      new_type: newType,
      changed,
      unexplained: changed,
      ...describeChange(descriptions.get(name)),
      likely_rename: null
    };
    if (oldType === null) return { ...outcome, status: "added" };
    if (newType === null) return { ...outcome, status: "removed" };
    if (oldType !== newType) return { ...outcome, status: "retyped" };
    if (ignored) return { ...outcome, status: "skipped" };
    return { ...outcome, status: changed > 0 ? "changed" : "identical" };
  });
}
function describeChange(description) {
  if (description === void 0) return { pattern: null, patterns: [], condition: null };
  const { patterns, condition } = description;
  const text = patterns.map(({ pattern, detail }) => detail === null ? pattern : `${pattern} (${detail})`).join(", ");
  return { pattern: condition === null ? text : `${text}; only ${condition}`, patterns, condition };
}
function toleranceNote({ key, columns }) {
  const tolerated = columns.filter(({ tolerance }) => tolerance !== null);
  if (key !== null || tolerated.length === 0) return null;
  return `no tolerance applied to ${tolerated.map(({ name }) => name).join(", ")}: the table has no key`;
}


;// CONCATENATED MODULE: ./build/esm/compare/compare.js
// src/compare/compare.ts


async function compareDatabases(request) {
  const { engine, config } = request;
  const [oldCatalog, newCatalog] = await Promise.all([
    engine.catalog.read(request.old),
    engine.catalog.read(request.new)
  ]);
  const plan = planComparison(oldCatalog, newCatalog, config);
  const session = await engine.comparison.open({
    old: request.old,
    new: request.new,
    store: request.record === null ? null : engine.stores.location,
    purpose: request.purpose,
    lineage: request.lineage ?? true
  });
  const task = request.progress.task("Comparing", plan.length);
  try {
    if (session.sameBytes !== null)
      request.progress.note(`Proven without reading rows: ${session.sameBytes}.`);
    const tables = [];
    for (const planned of plan) {
      task.advance(tables.length, planned.table);
      tables.push(await comparePlanned(session, planned, request, task, tables.length));
    }
    task.done(`${plan.length} tables and views`);
    const objects = compareObjects(oldCatalog, newCatalog);
    return { comparison: { mode: config.mode, tables, objects }, newCatalog };
  } catch (error) {
    task.failed();
    throw error;
  } finally {
    await session.close();
  }
}
async function comparePlanned(session, planned, { config, record }, task, done) {
  if (session.sameBytes !== null && planned.skip === null) {
    return identicalByLineage(session, planned, session.sameBytes);
  }
  const fault = planned.old?.fault ?? planned.new?.fault ?? null;
  const isNews = planned.skip === null || planned.old?.fault !== planned.new?.fault;
  if (fault !== null && isNews) return unreadable(planned, fault);
  if (planned.old === null || planned.new === null) return onOneSide(session, planned);
  if (planned.skip !== null) return leftOut(session, planned, planned.skip);
  const target = record && { ...record, tableName: planned.table };
  return compareTable(
    session,
    planned,
    config,
    target,
    (share) => task.advance(done + share, planned.table)
  );
}
function compareObjects(old, candidate) {
  const nameOf = ({ kind, name }) => JSON.stringify([kind, name]);
  const before = new Map(old.objects.map((object) => [nameOf(object), object]));
  const after = new Map(candidate.objects.map((object) => [nameOf(object), object]));
  return [.../* @__PURE__ */ new Set([...before.keys(), ...after.keys()])].sort().flatMap((id) => {
    const [from, to] = [before.get(id), after.get(id)];
    if (from === void 0 && to !== void 0)
      return [objectOutcome(to, "added", null, to.definition)];
    if (from !== void 0 && to === void 0)
      return [objectOutcome(from, "removed", from.definition, null)];
    if (from === void 0 || from.definition === to?.definition) return [];
    return [objectOutcome(from, "changed", from.definition, to?.definition ?? null)];
  });
}
function objectOutcome({ kind, name }, status, old_definition, new_definition) {
  return { kind, name, status, old_definition, new_definition };
}



/***/ }),

/***/ 7963:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $q: () => (/* binding */ parseName),
/* harmony export */   F6: () => (/* binding */ patternParts),
/* harmony export */   MH: () => (/* binding */ nameMatcher),
/* harmony export */   Pt: () => (/* binding */ isPattern),
/* harmony export */   nD: () => (/* binding */ formatName)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
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
      throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
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

/***/ 1212:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   d: () => (/* binding */ canonicalJson),
/* harmony export */   o: () => (/* binding */ digestOf)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
// src/release/digest.ts

function digestOf(comparison) {
  const canonical = canonicalJson({
    format: 1,
    mode: comparison.mode,
    tables: comparison.tables.map(whatWasFound),
    objects: comparison.objects
  });
  return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)("sha256").update(canonical).digest("hex");
}
function whatWasFound(outcome) {
  const { proof: _proof, way: _way, likely_rename: _rename, ...table } = outcome;
  if (table.status !== "identical") return { ...table, columns: table.columns.map(whatCounts) };
  const skipped = table.columns.filter(({ status }) => status === "skipped").map(whatCounts);
  return { table: table.table, kind: table.kind, status: table.status, skipped };
}
function whatCounts(column) {
  const { pattern: _pattern, patterns: _patterns, condition: _condition, ...counted } = column;
  const { likely_rename: _rename, ...rest } = counted;
  return rest;
}
function canonicalJson(value) {
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== void 0).sort(([a], [b]) => a < b ? -1 : 1).map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}



/***/ }),

/***/ 993:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   JU: () => (/* binding */ migrationScripts),
/* harmony export */   WY: () => (/* binding */ verifyScripts),
/* harmony export */   rl: () => (/* binding */ runSteps),
/* harmony export */   sc: () => (/* binding */ sha256),
/* harmony export */   x6: () => (/* binding */ projectFiles)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(3893);
// src/release/files.ts




async function migrationScripts(config) {
  if (config.migrate?.kind !== "scripts") return [];
  const { folder } = config.migrate;
  if (!await isFolder((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(config.root, folder))) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .UsageError */ .eb({
      what: `There is no folder ${folder}.`,
      where: `${config.file}: migrate.scripts`,
      help: `Make it, or write another one. Paths are relative to ${config.root}.`
    });
  }
  const files = await projectFiles(config, [`${folder.replace(/\/+$/, "")}/**/*.sql`]);
  const scripts = files.map((file) => {
    const name = file.file.split("/").at(-1) ?? file.file;
    const match = /^(?:V(\d+(?:[._]\d+)*)|R)__(.+)\.sql$/.exec(name);
    if (match === null) {
      throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .GreenlightError */ .uf({
        what: "This file in the migrations folder has no migration name.",
        where: file.file,
        help: "Call it V<version>__<name>.sql (runs once) or R__<name>.sql (runs when it changed), or move it elsewhere."
      });
    }
    const version = match[1]?.split(/[._]/).map(Number) ?? null;
    return {
      ...file,
      name,
      version,
      kind: version === null ? "repeatable" : "versioned"
    };
  });
  scripts.sort((a, b) => compareVersions(a.version, b.version) || (a.name < b.name ? -1 : 1));
  scripts.forEach((script, at) => {
    const before = scripts[at - 1];
    if (before === void 0) return;
    const sameVersion = script.version !== null && compareVersions(before.version, script.version) === 0;
    if (!sameVersion && before.name !== script.name) return;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .GreenlightError */ .uf({
      what: sameVersion ? "Two migration scripts have the same version." : "Two migration scripts have the same name.",
      where: `${before.file} and ${script.file}`,
      help: "Rename one of them."
    });
  });
  return scripts.map(({ version: _, ...script }) => script);
}
function compareVersions(a, b) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
async function runSteps(config) {
  const steps = [];
  for (const item of config.simulate?.run ?? []) {
    if (item.kind === "command") {
      const checksum = sha256(
        item.command,
        ...(await projectFiles(config, item.paths)).map((file) => file.checksum)
      );
      steps.push({ kind: "command", name: item.command, checksum, command: item });
      continue;
    }
    for (const file of await matching(config, item.glob, "simulate.run")) {
      steps.push({ kind: "sql", name: file.file, checksum: file.checksum, script: file });
    }
  }
  return steps;
}
async function verifyScripts(config) {
  const files = [];
  for (const glob of config.swap.verify)
    files.push(...await matching(config, glob, "swap.verify"));
  return files;
}
async function projectFiles(config, globs) {
  if (globs.length === 0) return [];
  const { glob } = await __webpack_require__.e(/* import() */ 382).then(__webpack_require__.bind(__webpack_require__, 3382));
  const found = await glob([...globs], { cwd: config.root, expandDirectories: true });
  const files = [];
  for (const file of found.sort()) {
    const content = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(config.root, file));
    files.push({ file, text: content.toString("utf8"), checksum: sha256(content) });
  }
  return files;
}
function sha256(...parts) {
  const hash = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}
async function isFolder(path) {
  return (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.stat)(path).then(
    (found) => found.isDirectory(),
    () => false
  );
}
async function matching(config, glob, key) {
  const files = await projectFiles(config, [glob]);
  if (files.length > 0) return files;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .UsageError */ .eb({
    what: `No file matches ${glob}.`,
    where: `${config.file}: ${key}`,
    help: `Paths are relative to ${config.root}.`
  });
}



/***/ }),

/***/ 9971:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   CA: () => (/* binding */ requireSameLive),
/* harmony export */   JS: () => (/* binding */ requireState),
/* harmony export */   WU: () => (/* binding */ requireReleaseId),
/* harmony export */   dv: () => (/* binding */ findRelease)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
// src/release/find.ts

var validId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
function requireReleaseId(id) {
  if (validId.test(id)) return id;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
    what: `${JSON.stringify(id.slice(0, 80))} cannot be the id of a release.`,
    help: "Use letters, digits, dot, dash and underscore, at most 63 of them: pr-42."
  });
}
async function findRelease(ledger, id) {
  if (id !== void 0) requireReleaseId(id);
  const { releases, found } = await ledger.read(
    { releases: [], found: null },
    async (reader) => ({
      releases: await reader.releases(),
      found: id === void 0 ? null : await reader.release(id)
    })
  );
  if (id !== void 0) {
    if (found !== null) return requireSameLive(ledger, found);
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
      what: `The ledger knows no release ${id}.`,
      where: ledger.location,
      help: releases.length === 0 ? `greenlight clone --release ${id}` : `It knows ${names(releases)}.`
    });
  }
  const open = releases.filter(({ state }) => state !== "retired" && state !== "rolled-back");
  const [only] = open;
  if (only !== void 0 && open.length === 1) return only;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
    what: open.length === 0 ? "There is no release under way." : "Several releases are under way.",
    where: ledger.location,
    help: open.length === 0 ? "greenlight clone --release ID" : `Say which by --release: ${names(open)}.`
  });
}
function requireSameLive(ledger, release) {
  if (release.live === ledger.live) return release;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
    what: `Release ${release.id} belongs to another live database.`,
    where: ledger.location,
    cause: `it was cloned from ${release.live}, the configuration says ${ledger.live}`,
    help: "Use the configuration it was cloned with, or take another id."
  });
}
function requireState(release, states, then) {
  if (states.includes(release.state) && release.candidate_id !== null)
    return release;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
    what: `Release ${release.id} is ${release.state === "new" ? "not cloned yet" : release.state}.`,
    help: then
  });
}
function names(releases) {
  return releases.map(({ id, state }) => `${id} (${state})`).join(", ");
}



/***/ }),

/***/ 4178:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   O4: () => (/* binding */ inventoryChanges),
/* harmony export */   fY: () => (/* binding */ missingFrom),
/* harmony export */   o8: () => (/* binding */ inventoryOf)
/* harmony export */ });
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1212);
/* harmony import */ var _files_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(993);
// src/release/inventory.ts


function inventoryOf(catalog) {
  const entries = [
    ...catalog.relations.map(({ kind, schema, name, columns, definition }) => [
      `${kind} ${schema}.${name}`,
      (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .sha256 */ .sc)((0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .canonicalJson */ .d)({ columns, definition }))
    ]),
    ...catalog.objects.map(({ kind, name, definition }) => [`${kind} ${name}`, (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .sha256 */ .sc)(definition)])
  ];
  return Object.fromEntries(entries.sort(([a = ""], [b = ""]) => a < b ? -1 : 1));
}
function missingFrom(inventory, other) {
  return Object.keys(inventory).filter((name) => other[name] === void 0);
}
function inventoryChanges(before, after) {
  return [.../* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name) => {
    if (before[name] === after[name]) return [];
    if (after[name] === void 0) return [`- ${name}`];
    return before[name] === void 0 ? [`+ ${name}`] : [`~ ${name}`];
  });
}



/***/ }),

/***/ 89:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   T: () => (/* binding */ changedParts),
/* harmony export */   z: () => (/* binding */ logicHash)
/* harmony export */ });
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1212);
/* harmony import */ var _files_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(993);
// src/release/logic-hash.ts


async function logicHash(config) {
  const scripts = await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .migrationScripts */ .JU)(config);
  const run = await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .runSteps */ .rl)(config);
  const migratePaths = config.migrate?.kind === "command" ? await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .projectFiles */ .x6)(config, config.migrate.paths) : [];
  const runPaths = await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .projectFiles */ .x6)(
    config,
    (config.simulate?.run ?? []).flatMap((item) => item.kind === "command" ? item.paths : [])
  );
  const makesCandidate = {
    "greenlight.yml: migrate": checksum(config.migrate),
    "greenlight.yml: simulate": checksum(config.simulate),
    ...checksums([...scripts, ...migratePaths, ...runPaths]),
    ...checksums(
      run.flatMap(
        (step) => step.kind === "sql" ? [{ file: step.name, checksum: step.checksum }] : []
      )
    )
  };
  const parts = {
    ...makesCandidate,
    "greenlight.yml: compare": checksum(config.compare),
    "greenlight.yml: swap": checksum(config.swap),
    ...checksums(await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .verifyScripts */ .WY)(config))
  };
  return { hash: checksum(parts), candidate: checksum(makesCandidate), parts };
}
function checksums(files) {
  return Object.fromEntries(files.map(({ file, checksum: content }) => [file, content]));
}
function checksum(value) {
  return (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .sha256 */ .sc)((0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .canonicalJson */ .d)(value));
}
function changedParts(before, after) {
  const names = [.../* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    if (before[name] === after[name]) return [];
    if (before[name] === void 0) return [`+ ${name}`];
    return after[name] === void 0 ? [`- ${name}`] : [`~ ${name}`];
  });
}



/***/ }),

/***/ 7569:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   s: () => (/* binding */ nextStep)
/* harmony export */ });
// src/release/next.ts
function nextStep({ state }, config, verdict) {
  const made = config.simulate === null ? "compare" : "simulate";
  switch (state) {
    case "new":
      return "clone";
    case "cloned":
      return config.migrate === null ? made : "migrate";
    case "migrated":
      return made;
    case "simulated":
      return "compare";
    case "compared":
      return verdict === "unexplained" ? "approve" : "swap";
    case "approved":
      return "swap";
    case "rolled-back":
      return "retire";
    case "swapped":
    case "retired":
      return null;
  }
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
