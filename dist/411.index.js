export const id = 411;
export const ids = [411];
export const modules = {

/***/ 905:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  O: () => (/* binding */ compareDatabases)
});

// EXTERNAL MODULE: ./build/esm/report/format.js
var format = __webpack_require__(4816);
;// CONCATENATED MODULE: ./build/esm/compare/budget.js
// src/compare/budget.ts

var SpentBudget = class {
  #budget;
  #abort = new AbortController();
  #timer;
  #deviations = 0;
  #spent = null;
  constructor(budget) {
    this.#budget = budget;
    if (budget.seconds === null) return;
    const text = `--max-seconds ${budget.seconds} was used up`;
    this.#timer = setTimeout(() => this.#end(text), budget.seconds * 1e3);
  }
  /** Which part of the budget is used up; null while there is some left. */
  get spent() {
    return this.#spent;
  }
  /** Aborts when the budget is used up. */
  get signal() {
    return this.#abort.signal;
  }
  /** Adds the deviating rows of one more table. False when they are more than was left. */
  add(rows) {
    this.#deviations += rows;
    const { deviations: most } = this.#budget;
    if (most === null || this.#deviations <= most) return true;
    if (this.#spent === null) {
      const found = (0,format/* plural */.LS)(this.#deviations, "deviating row");
      this.#end(`--max-deviations ${most} was used up: ${found} so far`);
    }
    return false;
  }
  /** The comparison is over. */
  end() {
    clearTimeout(this.#timer);
  }
  #end(text) {
    this.#spent = text;
    this.#abort.abort();
  }
};


// EXTERNAL MODULE: ./build/esm/config/names.js
var config_names = __webpack_require__(7963);
// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
// EXTERNAL MODULE: ./build/esm/compare/expectations.js
var compare_expectations = __webpack_require__(5597);
;// CONCATENATED MODULE: ./build/esm/compare/expectation-faults.js
// src/compare/expectation-faults.ts



async function refuseWrongExpectations(session, plan, { old, new: candidate }, expectations) {
  const tables = new Map(plan.map((planned) => [planned.table, planned]));
  const objects = [...old.objects, ...candidate.objects].map(({ kind, name }) => `${kind} ${name}`);
  const faults = [];
  for (const expectation of expectations) {
    const fault = expectation.table === null ? objectFault(expectation, objects) : await tableFault(session, expectation, expectation.table, tables);
    if (fault !== null) faults.push(`${expectation.file}:${expectation.line} ${fault}`);
  }
  if (faults.length === 0) return;
  const file = expectations[0]?.file ?? "";
  throw new errors/* UsageError */.eb({
    what: faults.length === 1 ? `${file} has a mistake.` : `${file} has ${faults.length} mistakes.`,
    cause: faults.join("\n")
  });
}
function objectFault({ declares }, objects) {
  if (declares.kind !== "object" || objects.includes(declares.object)) return null;
  return `there is no ${declares.object}, neither in the baseline nor in the candidate.${hint(declares.object, objects)}`;
}
async function tableFault(session, expectation, table, tables) {
  const planned = tables.get(table);
  if (planned === void 0)
    return `there is no table or view ${table}, neither in the baseline nor in the candidate.${hint(table, [...tables.keys()])}`;
  const { declares } = expectation;
  if (declares.kind === "table") return null;
  if (planned.old === null || planned.new === null) {
    const [side, status] = planned.old === null ? ["new", "added"] : ["old", "removed"];
    return `only the ${side} side has ${table}. Write \`${table}: ${status}\`: that explains all of it.`;
  }
  if (planned.old.fault !== null || planned.new.fault !== null) return null;
  if (declares.kind === "structure") return partFault(planned, declares.part);
  if (declares.kind === "column") return columnFault(planned, declares.column);
  return (0,compare_expectations/* isAboutRows */.vU)(expectation) ? rowsFault(session, expectation, planned) : null;
}
function partFault({ table, old, new: after }, part) {
  const isView = old?.kind === "view" || after?.kind === "view";
  return part === "definition" && !isView ? `${table} is a table: only a view has a definition.` : null;
}
function columnFault({ table, old, new: after }, column) {
  const names = [...after?.columns ?? [], ...old?.columns ?? []].map(({ name }) => name);
  return names.includes(column) ? null : `${table} has no column ${column}.${hint(column, names)}`;
}
async function rowsFault(session, expectation, planned) {
  const { table, skip, key, ignored } = planned;
  const { column } = expectation.declares;
  const columns = { old: planned.old?.columns ?? [], new: planned.new?.columns ?? [] };
  if (column !== null) {
    const unknown = columnFault(planned, column);
    if (unknown !== null) return unknown;
  }
  if (skip !== null)
    return `the values of ${table} are not compared: it is ${skip}. Only its structure can be declared.`;
  if (column !== null) {
    if (ignored.has(column))
      return `the values of ${table}.${column} are not compared: it is in compare.ignore.`;
    for (const [side, status] of [
      ["old", "removed"],
      ["new", "added"]
    ]) {
      const other = side === "old" ? "new" : "old";
      if (has(columns[side], column) && !has(columns[other], column))
        return `only the ${side} side has ${table}.${column}. Write \`${column}: ${status}\`: that explains all its values.`;
    }
    if (key === null)
      return `${table} has no key, so that no change of a value is known: a changed row is one removed and one added. Give it a key in compare.keys, or declare \`rows\`.`;
    if (key.includes(column))
      return `${table}.${column} is part of the key: a row with another key is one removed and one added. Declare \`rows\`.`;
  }
  return session.claimFault(
    (0,compare_expectations/* claimOf */._B)(expectation),
    key === null ? comparedOnly(columns, ignored) : columns
  );
}
function comparedOnly(columns, ignored) {
  const shared = (side, other) => columns[side].filter(({ name }) => has(columns[other], name) && !ignored.has(name));
  return { old: shared("old", "new"), new: shared("new", "old") };
}
function has(columns, column) {
  return columns.some(({ name }) => name === column);
}
function hint(written, known) {
  const names = [...new Set(known)];
  const meant = (0,config_names/* nearest */.pA)(written, names);
  if (meant !== null) return ` Did you mean ${meant}?`;
  if (names.length === 0) return "";
  return ` There are ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", ..." : ""}.`;
}


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
function sides({ table, old: before, new: after }) {
  if (before === null || after === null) throw new Error(`${table} is on one side only`);
  return [before, after];
}
function pairOf(planned, config, key, without = /* @__PURE__ */ new Map()) {
  const { table, ignored } = planned;
  const [before, after] = sides(planned);
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
      if (newType === void 0 || ignored.has(name) || without.has(name)) return [];
      return [{ name, oldType: type, newType, tolerance: tolerance[name] ?? null }];
    }),
    mode: config.mode
  };
}
function matcher(patterns) {
  const matches = (0,config_names/* nameMatcher */.MH)(patterns, { ignoreCase: false });
  return (table) => matches((0,config_names/* parseName */.$q)(table));
}
function byName(catalog) {
  return new Map(
    catalog.relations.map((relation) => [(0,config_names/* formatName */.nD)([relation.schema, relation.name]), relation])
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
  const parts = (0,config_names/* parseName */.$q)(name);
  return { table: (0,config_names/* formatName */.nD)(parts.slice(0, -1)), column: parts.at(-1) ?? "" };
}
function refuseUnknownNames(config, old, candidate) {
  const names = [.../* @__PURE__ */ new Set([...old.keys(), ...candidate.keys()])].sort();
  const check = (key, table, columns) => {
    const sides2 = [old.get(table), candidate.get(table)].filter(
      (relation) => relation !== void 0
    );
    if (sides2.length === 0) {
      throw new errors/* UsageError */.eb({
        what: `There is no table or view ${table}, neither in the baseline nor in the candidate.`,
        where: `greenlight.yml: ${key}`,
        help: `Write schema.table. There are ${shortList(names)}.`
      });
    }
    for (const column of columns) {
      if (sides2.some((relation) => relation.fault !== null || plan_has(relation.columns, column)))
        continue;
      throw new errors/* UsageError */.eb({
        what: `${table} has no column ${column}.`,
        where: `greenlight.yml: ${key}`,
        help: `Its columns are ${shortList(sides2.flatMap((relation) => relation.columns.map(({ name }) => name)))}.`
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
  for (const [table, columns] of Object.entries(config.keys)) {
    check(`compare.keys.${table}`, table, columns);
    refuseHalfKeys(table, columns, old.get(table), candidate.get(table));
  }
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
function refuseHalfKeys(table, key, before, after) {
  if (before === void 0 || after === void 0) return;
  if (before.fault !== null || after.fault !== null) return;
  const isOnBoth = (column) => plan_has(before.columns, column) && plan_has(after.columns, column);
  const missing = key.find((column) => !isOnBoth(column));
  if (missing === void 0) return;
  const both = before.columns.map(({ name }) => name).filter(isOnBoth);
  throw new errors/* UsageError */.eb({
    what: `${table} has no column ${missing} in the ${plan_has(after.columns, missing) ? "baseline" : "candidate"}: it cannot be a key.`,
    where: `greenlight.yml: compare.keys.${table}`,
    help: both.length === 0 ? "Remove the key." : `Both sides have ${shortList(both)}.`
  });
}
function plan_has(columns, name) {
  return columns.some((column) => column.name === name);
}
function shortList(names) {
  const unique = [...new Set(names)];
  return unique.length > 12 ? `${unique.slice(0, 12).join(", ")}, ...` : unique.join(", ");
}


;// CONCATENATED MODULE: ./build/esm/compare/identical.js
// src/compare/identical.ts

async function identicalByLineage(session, planned, evidence) {
  const [{ schema, name, kind, columns }] = sides(planned);
  const rows = kind === "table" ? await session.countRows("old", schema, name, kind) : null;
  return {
    ...identicalTable(planned),
    key: planned.key,
    old_rows: rows,
    new_rows: rows,
    proof: "lineage",
    way: evidence,
    columns: columns.map((column) => identicalColumn(column.name, column.type))
  };
}
function identicalTable(planned) {
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
    explained: false,
    structure: [],
    proof: "exact",
    way: null,
    fingerprint: null,
    old_definition: null,
    new_definition: null,
    likely_rename: null,
    columns: []
  };
}
function identicalColumn(column, type) {
  return {
    column,
    status: "identical",
    reason: null,
    old_type: type,
    new_type: type,
    changed: 0,
    unexplained: 0,
    explained: false,
    pattern: null,
    patterns: [],
    condition: null,
    likely_rename: null
  };
}


;// CONCATENATED MODULE: ./build/esm/compare/changes.js
// src/compare/changes.ts
function describeChange(description) {
  if (description === void 0) return { pattern: null, patterns: [], condition: null };
  const { patterns, condition } = description;
  return {
    pattern: changesInWords(description),
    patterns,
    condition: condition?.relation ?? null
  };
}
function changesInWords({ patterns, condition }) {
  const total = patterns.reduce((sum, { rows }) => sum + rows, 0);
  const texts = patterns.map(({ pattern, detail, rows }) => {
    const text = detail === null ? pattern : `${pattern} (${detail})`;
    return rows === total ? text : `${text} ${share(rows, total)}`;
  });
  return texts.join(", ") + (condition === null ? "" : `; only ${condition.detail}`);
}
function share(rows, total) {
  const percent = Math.round(rows / total * 100);
  if (percent === 0) return "< 1 %";
  return percent === 100 ? "> 99 %" : `${percent} %`;
}


;// CONCATENATED MODULE: ./build/esm/compare/structure.js
// src/compare/structure.ts


var notCompared = {
  cells: /* @__PURE__ */ new Map(),
  unexplainedCells: /* @__PURE__ */ new Map(),
  descriptions: /* @__PURE__ */ new Map()
};
function structureOf(planned, values = notCompared) {
  const [before, after] = sides(planned);
  const columns = columnOutcomes(planned, values);
  const shared = (from, other) => from.columns.map(({ name }) => name).filter((name) => other.columns.some((one) => one.name === name));
  const moved = shared(before, after).join("\0") !== shared(after, before).join("\0");
  const definitionChanged = before.definition !== after.definition;
  const becameOther = before.kind !== after.kind;
  const parts = [
    // A table that becomes a view has a text now; that says nothing more.
    ...definitionChanged && !becameOther ? ["definition"] : [],
    ...moved ? ["order"] : [],
    ...becameOther ? ["kind"] : []
  ];
  return {
    changed: parts.length > 0 || columns.some(
      ({ status }) => status !== "identical" && status !== "skipped" && status !== "changed"
    ),
    definitionChanged,
    parts,
    notes: [
      ...!becameOther ? [] : [`was a ${before.kind}, is a ${after.kind}`],
      ...moved ? ["its columns stand in another order"] : []
    ],
    columns
  };
}
function columnOutcomes(planned, { cells, unexplainedCells, descriptions }) {
  const [before, after] = sides(planned);
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
      unexplained: unexplainedCells.get(name) ?? 0,
      explained: false,
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


;// CONCATENATED MODULE: ./build/esm/compare/skipped.js
// src/compare/skipped.ts



async function leftOut(session, planned, reason) {
  const [before, after] = sides(planned);
  const structure = structureOf(planned);
  return {
    ...identicalTable(planned),
    status: structure.changed ? "changed" : "skipped",
    skipped: "configured",
    reason: [
      structure.changed ? `values not compared: ${reason}` : reason,
      ...structure.notes
    ].join("; "),
    proof: null,
    old_rows: await rowsOf(session, "old", before),
    new_rows: await rowsOf(session, "new", after),
    structure: structure.parts,
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
async function notLookedAt(session, planned, spent, what = "not looked at") {
  return {
    ...skip(planned, `${what}: ${spent}`),
    skipped: "budget",
    old_rows: await rowsOf(session, "old", planned.old),
    new_rows: await rowsOf(session, "new", planned.new)
  };
}
async function rowsOf(session, side, relation) {
  if (relation === null || relation.kind !== "table") return null;
  return session.countRows(side, relation.schema, relation.name, relation.kind);
}
function skip(planned, reason) {
  const columns = (planned.new ?? planned.old)?.columns ?? [];
  return {
    ...identicalTable(planned),
    status: "skipped",
    reason,
    proof: null,
    columns: columns.map(({ name, type }) => ({
      ...identicalColumn(name, type),
      status: "skipped"
    }))
  };
}


;// CONCATENATED MODULE: ./build/esm/compare/one-side.js
// src/compare/one-side.ts




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
    ...identicalTable(planned),
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
      ...identicalColumn(column, type),
      status,
      old_type: side === "old" ? type : null,
      new_type: side === "new" ? type : null
    }))
  };
}
async function fingerprintsOfOneSide(session, planned, { schema, name, oldKind, newKind, key }) {
  const [before, after] = sides(planned);
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


// EXTERNAL MODULE: ./node_modules/fastest-levenshtein/mod.js
var mod = __webpack_require__(1916);
;// CONCATENATED MODULE: ./build/esm/compare/renames.js
// src/compare/renames.ts



var mostPairs = 20;
var leastEqual = 0.9;
var leastAlike = 0.7;
async function withColumnRenames(session, planned, pair, columns) {
  const [before, after] = sides(planned);
  const alone = (own, other) => own.filter(
    ({ name }) => !planned.ignored.has(name) && !other.some((column) => column.name === name)
  );
  const removed = alone(before.columns, after.columns);
  const added = alone(after.columns, before.columns);
  const pairs = removed.flatMap((from) => added.map((to) => ({ from, to, alike: likeness(from.name, to.name) }))).filter(({ from, to }) => isComparable(session, from.type, to.type)).sort((a, b) => b.alike - a.alike).slice(0, mostPairs);
  const candidates = [];
  for (const { from, to, alike } of pairs) {
    const evidence = await evidenceOf(session, pair, from, to, alike);
    if (evidence !== null) candidates.push({ old: from.name, new: to.name, ...evidence });
  }
  const renames = bestOf(candidates);
  return columns.map((column) => {
    const rename = renameOf(column.column, column.status, renames);
    return rename === void 0 ? column : { ...column, likely_rename: rename };
  });
}
async function evidenceOf(session, pair, from, to, alike) {
  const found = await session.countEqual(pair, from, to);
  if (found === null) return renames_byName(from, to, alike);
  if (found.isConstant) return found.equal === found.rows ? renames_byName(from, to, alike) : null;
  const share = found.equal / found.rows;
  if (share < leastEqual) return null;
  return {
    evidence: `${(0,format/* count */.U9)(found.equal)} of ${(0,format/* count */.U9)(found.rows)} values are equal`,
    weight: 1 + share
  };
}
function renames_byName(from, to, alike) {
  if (from.type !== to.type || alike < leastAlike) return null;
  return { evidence: `the names are alike and the type is the same (${to.type})`, weight: alike };
}
function isComparable(session, from, to) {
  if (session.incomparable(from, to) !== null) return false;
  return from === to || session.takesTolerance(from) && session.takesTolerance(to);
}
function withTableRenames(tables) {
  const of = (status) => tables.filter((table) => table.status === status);
  const candidates = of("removed").flatMap(
    (from) => of("added").flatMap((to) => {
      const evidence = evidenceOfTables(from, to);
      return evidence === null ? [] : [{ old: from.table, new: to.table, ...evidence }];
    })
  );
  const renames = bestOf(candidates);
  return tables.map((table) => {
    const rename = renameOf(table.table, table.status, renames);
    return rename === void 0 ? table : { ...table, likely_rename: rename };
  });
}
function evidenceOfTables(from, to) {
  const shape = ({ kind, columns }) => JSON.stringify([
    kind,
    columns.map(({ column, old_type, new_type }) => [column, old_type ?? new_type])
  ]);
  if (shape(from) !== shape(to)) return null;
  const alike = likeness(from.table, to.table);
  const [oldRows, newRows] = [from.removed, to.added];
  if (oldRows > 0 && from.fingerprint === to.fingerprint)
    return { evidence: `same columns, same ${(0,format/* count */.U9)(oldRows)} rows`, weight: 2 + alike };
  const share = Math.min(oldRows, newRows) / Math.max(oldRows, newRows, 1);
  if (share < leastEqual || alike < leastAlike) return null;
  return {
    evidence: `same columns, ${(0,format/* count */.U9)(oldRows)} and ${(0,format/* count */.U9)(newRows)} rows, and the names are alike`,
    weight: alike
  };
}
function bestOf(candidates) {
  const renames = { old: /* @__PURE__ */ new Map(), new: /* @__PURE__ */ new Map() };
  const strongest = candidates.toSorted(
    (a, b) => b.weight - a.weight || likeness(b.old, b.new) - likeness(a.old, a.new)
  );
  for (const candidate of strongest) {
    const { old: from, new: to, evidence } = candidate;
    if (renames.old.has(from) || renames.new.has(to)) continue;
    renames.old.set(from, { other: to, evidence });
    renames.new.set(to, { other: from, evidence });
  }
  return renames;
}
function renameOf(name, status, renames) {
  if (status === "removed") return renames.old.get(name);
  return status === "added" ? renames.new.get(name) : void 0;
}
function likeness(a, b) {
  return 1 - (0,mod/* distance */.Io)(a.toLowerCase(), b.toLowerCase()) / Math.max(a.length, b.length, 1);
}


// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./build/esm/compare/reconcile.js
// src/compare/reconcile.ts

function requireReconciled(table, rows, found, recorded) {
  const cells = [...found.cells.values()];
  const most = cells.reduce((sum, count) => sum + count, 0);
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


;// CONCATENATED MODULE: ./build/esm/compare/table.js
// src/compare/table.ts










async function compareTable(session, planned, config, { target, patterns, budget, expectations }, onShare) {
  const [before, after] = sides(planned);
  const gaps = incomparableColumns(session, planned);
  const isKeyed = !planned.key?.some((name) => gaps.has(name));
  const asked = pairOf(planned, config, isKeyed ? planned.key : null, gaps);
  refuseTolerances(session, asked, planned);
  let rows;
  try {
    rows = {
      old: await count(session, "old", before, budget.signal),
      new: await count(session, "new", after, budget.signal)
    };
  } catch (error) {
    if (budget.signal.aborted) return endedEarly(session, planned, budget);
    return {
      found: unreadable(planned, (0,errors/* messageOf */.bD)(error)),
      outcomes: (0,compare_expectations/* judgeRows */.J0)(expectations, null).outcomes
    };
  }
  const keyless = pairOf(planned, config, null, gaps);
  const joined = await joinRows(session, asked, keyless, rows, budget, onShare);
  if (joined === null) return endedEarly(session, planned, budget);
  const { pair, found, fault } = joined;
  const deviates = found.added + found.removed > 0 || found.cells.size > 0;
  const deviating = found.added + found.removed + Math.max(0, ...found.cells.values());
  if (!budget.add(deviating) && target !== null) {
    const what = `${(0,format/* plural */.LS)(deviating, "deviating row")} counted and not recorded`;
    return endedEarly(session, planned, budget, what);
  }
  const written = deviates && target !== null ? await recordRows(session, pair, found, target, { patterns, budget, expectations }) : { recorded: null, descriptions: none, ...(0,compare_expectations/* judgeRows */.J0)(expectations, null) };
  if (written === null) return endedEarly(session, planned, budget);
  const { recorded, descriptions, outcomes } = written;
  const columnsOfOneSide = target === null ? [] : await fingerprintsOfOneSide(session, planned, pair);
  const unexplainedCells = recorded?.unexplainedCells ?? found.cells;
  const structure = structureOf(planned, { cells: found.cells, unexplainedCells, descriptions });
  const columns = await withColumnRenames(session, planned, pair, structure.columns);
  await session.release(pair.schema, pair.name);
  requireReconciled(planned.table, rows, found, recorded);
  const changed = recorded?.changed ?? Math.max(0, ...found.cells.values());
  const notes = [
    fault && keyFaultNote(asked, fault),
    isKeyed ? null : keylessNote(planned),
    ...structure.notes,
    toleranceNote(pair)
  ].filter((note) => note !== null);
  const outcome = {
    table: planned.table,
    kind: after.kind,
    role: planned.role,
    status: deviates || structure.changed || gaps.size > 0 ? "changed" : "identical",
    skipped: null,
    reason: notes.join("; ") || null,
    key: pair.key,
    old_rows: rows.old,
    new_rows: rows.new,
    added: found.added,
    removed: found.removed,
    changed,
    unexplained: recorded?.unexplained ?? found.added + found.removed + changed,
    explained: false,
    structure: structure.parts,
    proof: found.proof,
    way: found.way,
    fingerprint: digestOf([recorded?.fingerprint, ...columnsOfOneSide]),
    old_definition: structure.definitionChanged ? before.definition : null,
    new_definition: structure.definitionChanged ? after.definition : null,
    likely_rename: null,
    columns: columns.map((column) => withoutValues(column, gaps.get(column.column)))
  };
  return { found: outcome, outcomes };
}
var none = /* @__PURE__ */ new Map();
function count(session, side, { schema, name, kind }, signal) {
  return session.countRows(side, schema, name, kind, signal);
}
async function endedEarly(session, planned, budget, what) {
  await session.release(planned.new?.schema ?? "", planned.new?.name ?? "");
  return notLookedAt(session, planned, budget.spent ?? "the comparison ended", what);
}
async function joinRows(session, asked, keyless, rows, budget, onShare) {
  let looked = 0;
  const onProgress = (more) => {
    looked += more;
    onShare(Math.min(1, looked / Math.max(1, rows.old)));
  };
  try {
    const first = await session.compareRows(asked, rows, onProgress, budget.signal);
    if (!("fault" in first)) return { pair: asked, found: first, fault: null };
    const found = await session.compareRows(keyless, rows, onProgress, budget.signal);
    if ("fault" in found)
      throw new Error(`${asked.schema}.${asked.name} has no key that could be at fault`);
    return { pair: keyless, found, fault: first };
  } catch (error) {
    if (budget.signal.aborted) return null;
    throw error;
  }
}
async function recordRows(session, pair, found, target, { patterns, budget, expectations }) {
  const claims = expectations.map(compare_expectations/* claimOf */._B);
  const { signal } = budget;
  const options = { claims, privacy: target.privacy, signal };
  const deviating = await within(budget, session.gather(pair, found, options));
  if (deviating === null) return null;
  try {
    const { outcomes, explaining } = (0,compare_expectations/* judgeRows */.J0)(expectations, await deviating.judge(claims));
    const recorded = await deviating.record(target, explaining);
    const values = target.privacy === "keys" || target.privacy === "full";
    const descriptions = patterns ? await within(budget, deviating.describe({ values, signal })) : none;
    return { recorded, descriptions: descriptions ?? none, outcomes };
  } finally {
    await deviating.discard();
  }
}
async function within({ signal }, work) {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
function digestOf(fingerprints) {
  const present = fingerprints.filter((fingerprint) => fingerprint !== void 0);
  if (present.length < 2) return present[0] ?? null;
  return (0,external_node_crypto_.createHash)("sha256").update(present.join("\n")).digest("hex");
}
function incomparableColumns(session, planned) {
  const [before, after] = sides(planned);
  const newTypes = new Map(after.columns.map(({ name, type }) => [name, type]));
  const reasons = /* @__PURE__ */ new Map();
  for (const { name, type } of before.columns) {
    const newType = newTypes.get(name);
    if (newType === void 0 || planned.ignored.has(name)) continue;
    const reason = session.incomparable(type, newType);
    if (reason !== null) reasons.set(name, reason);
  }
  return reasons;
}
function withoutValues(column, cause) {
  if (cause === void 0) return column;
  const help = "compare a view that casts it, or name it in compare.ignore";
  return { ...column, status: "incomparable", reason: `cannot be compared: ${cause}; ${help}` };
}
function refuseTolerances(session, pair, { table }) {
  const wrong = pair.columns.find(
    ({ tolerance, oldType, newType }) => tolerance !== null && !(session.takesTolerance(oldType) && session.takesTolerance(newType))
  );
  const where = (column) => `greenlight.yml: compare.tolerance.${table}.${column}`;
  const ofKey = pair.columns.find(
    ({ name, tolerance }) => tolerance !== null && pair.key?.includes(name)
  );
  if (ofKey !== void 0) {
    throw new errors/* UsageError */.eb({
      what: `${table}.${ofKey.name} cannot have a tolerance: it is part of the key, by which rows are brought together.`,
      where: where(ofKey.name),
      help: "Remove the tolerance, or name another key in compare.keys."
    });
  }
  if (wrong === void 0) return;
  throw new errors/* UsageError */.eb({
    what: `${table}.${wrong.name} cannot have a tolerance: its type is ${wrong.newType}.`,
    where: where(wrong.name),
    help: "Remove the tolerance, or ignore the column."
  });
}
function keyFaultNote({ key }, { fault, count: values, side }) {
  const what = fault === "null" ? "NULL" : "duplicate";
  return `compared without its key (${key?.join(", ")}): ${values} ${what} key values on the ${side} side; name a key in compare.keys that is unique and never NULL`;
}
function keylessNote({ key }) {
  return `compared without its key (${key?.join(", ")}): its values cannot be compared`;
}
function toleranceNote({ key, columns }) {
  const tolerated = columns.filter(({ tolerance }) => tolerance !== null);
  if (key !== null || tolerated.length === 0) return null;
  return `no tolerance applied to ${tolerated.map(({ name }) => name).join(", ")}: the table has no key`;
}


;// CONCATENATED MODULE: ./build/esm/compare/compare.js
// src/compare/compare.ts









async function compareDatabases(request) {
  const { engine, config, expectations = [] } = request;
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
  const budget = new SpentBudget(request.budget ?? { seconds: null, deviations: null });
  const task = request.progress.task("Comparing", plan.length);
  try {
    if (session.sameBytes !== null)
      request.progress.note(`Proven without reading rows: ${session.sameBytes}.`);
    await refuseWrongExpectations(
      session,
      plan,
      { old: oldCatalog, new: newCatalog },
      expectations
    );
    const compared = await inParallel(plan, session.parallel, task, async (planned, onShare) => {
      return compareAndExplain(session, planned, request, budget, onShare);
    });
    task.done(`${plan.length} tables and views`);
    const { objects, outcomes } = (0,compare_expectations/* explainObjects */.mk)(
      compareObjects(oldCatalog, newCatalog),
      expectations
    );
    const tables = compared.map(({ table }) => table);
    const comparison = {
      mode: config.mode,
      // Only when it left something out: what was compared before the end is compared.
      stopped: tables.some(({ skipped }) => skipped === "budget") ? budget.spent : null,
      tables: withTableRenames(tables),
      objects,
      expectations: [...compared.flatMap((table) => table.outcomes), ...outcomes].sort(
        (a, b) => a.line - b.line
      )
    };
    return { comparison, newCatalog };
  } catch (error) {
    task.failed();
    throw error;
  } finally {
    budget.end();
    await session.close();
  }
}
async function inParallel(plan, most, task, compare) {
  const outcomes = [];
  const shares = /* @__PURE__ */ new Map();
  const queue = [...plan.entries()];
  let failure = null;
  const advance = (table, share) => {
    shares.set(table, share);
    task.advance(
      [...shares.values()].reduce((sum, one) => sum + one, 0),
      table
    );
  };
  const work = async () => {
    for (let next = queue.shift(); next !== void 0 && failure === null; next = queue.shift()) {
      const [at, planned] = next;
      advance(planned.table, 0);
      try {
        outcomes[at] = await compare(planned, (share) => advance(planned.table, share));
      } catch (error) {
        failure ??= { error };
      }
      advance(planned.table, 1);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(most, plan.length)) }, work));
  if (failure !== null) throw failure.error;
  return outcomes;
}
async function compareAndExplain(session, planned, request, budget, onShare) {
  const own = (request.expectations ?? []).filter(({ table }) => table === planned.table);
  const aboutRows = own.filter(compare_expectations/* isAboutRows */.vU);
  const compared = await comparePlanned(session, planned, request, aboutRows, budget, onShare);
  const { found, outcomes } = "found" in compared ? compared : { found: compared, outcomes: (0,compare_expectations/* judgeRows */.J0)(aboutRows, null).outcomes };
  const explained = (0,compare_expectations/* explainTable */.WO)(found, own);
  return { table: explained.table, outcomes: [...outcomes, ...explained.outcomes] };
}
async function comparePlanned(session, planned, { config, record, patterns = true }, expectations, budget, onShare) {
  if (session.sameBytes !== null && planned.skip === null) {
    return identicalByLineage(session, planned, session.sameBytes);
  }
  if (budget.spent !== null) return notLookedAt(session, planned, budget.spent);
  const fault = planned.old?.fault ?? planned.new?.fault ?? null;
  const isNews = planned.skip === null || planned.old?.fault !== planned.new?.fault;
  if (fault !== null && isNews) return unreadable(planned, fault);
  if (planned.old === null || planned.new === null) return onOneSide(session, planned);
  if (planned.skip !== null) return leftOut(session, planned, planned.skip);
  const target = record && { ...record, tableName: planned.table };
  const options = { target, patterns, budget, expectations };
  return compareTable(session, planned, config, options, onShare);
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
  return { kind, name, status, explained: false, old_definition, new_definition };
}



/***/ }),

/***/ 5597:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J0: () => (/* binding */ judgeRows),
/* harmony export */   WO: () => (/* binding */ explainTable),
/* harmony export */   _B: () => (/* binding */ claimOf),
/* harmony export */   mk: () => (/* binding */ explainObjects),
/* harmony export */   vU: () => (/* binding */ isAboutRows)
/* harmony export */ });
/* harmony import */ var _config_expectations_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7748);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3893);
// src/compare/expectations.ts


function isAboutRows(expectation) {
  return expectation.declares.kind === "rows";
}
function claimOf({ declares: { of, column, where, holds } }) {
  return { kind: of, column, where, holds };
}
function judgeRows(expectations, claimed) {
  if (claimed !== null) refuseUnclear(expectations, claimed);
  const outcomes = expectations.map(
    (expectation, at) => outcomeOf(expectation, claimed?.[at]?.claimed ?? 0, claimed?.[at]?.broken ?? 0)
  );
  const met = expectations.filter((_, at) => outcomes[at]?.status === "met");
  return { outcomes, explaining: met.map(claimOf) };
}
function refuseUnclear(expectations, claimed) {
  const faults = claimed.flatMap(({ fault, overlap }, at) => {
    const own = expectations[at];
    if (own === void 0) return [];
    if (fault !== null) return [`${placeOf(own)} ${(0,_config_expectations_js__WEBPACK_IMPORTED_MODULE_0__/* .describeExpectation */ .uN)(own)}: ${fault}`];
    const other = overlap === null ? void 0 : expectations[overlap.claim];
    if (overlap === null || other === void 0) return [];
    return [
      `${placeOf(other)} and ${placeOf(own)} both claim the same ${overlap.rows} rows of ${subjectOf(own)}.`
    ];
  });
  if (faults.length === 0) return;
  const failed = claimed.some(({ fault }) => fault !== null);
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .UsageError */ .eb({
    what: failed ? "The condition of a declaration fails on the data." : "Declarations are ambiguous: it is not clear which of them explains a row.",
    cause: faults.join("\n"),
    help: failed ? "Rule out the rows for which it fails, in `where`, or let it give NULL for them." : "Let the `where` of one of them rule out the rows of the other."
  });
}
function placeOf({ file, line }) {
  return `${file}:${line}`;
}
function subjectOf({ table, declares }) {
  return (0,_config_expectations_js__WEBPACK_IMPORTED_MODULE_0__/* .describeExpectation */ .uN)({ table, declares: { ...declares, where: null, holds: null } });
}
function outcomeOf(expectation, claimed, broken) {
  const { file, line, table, declares } = expectation;
  return {
    file,
    line,
    table,
    declares: (0,_config_expectations_js__WEBPACK_IMPORTED_MODULE_0__/* .describeExpectation */ .uN)(expectation),
    status: statusOf(expectation, claimed, broken),
    claimed,
    broken,
    because: declares.kind === "rows" ? declares.because : null
  };
}
function statusOf({ declares }, claimed, broken) {
  if (broken > 0) return "broken";
  const [atLeast, atMost] = declares.kind === "rows" ? [declares.atLeast, declares.atMost] : [1, null];
  if (claimed < atLeast) return claimed === 0 ? "unmatched" : "too-few";
  return atMost !== null && claimed > atMost ? "too-many" : "met";
}
function explainTable(found, expectations) {
  const outcomes = [];
  const met = expectations.filter((expectation) => {
    if (isAboutRows(expectation)) return false;
    const matches = isThere(found, expectation);
    outcomes.push(outcomeOf(expectation, matches ? 1 : 0, 0));
    return matches;
  });
  const columns = found.columns.map((column) => ({
    ...column,
    explained: isColumnExplained(column, met)
  }));
  const isOnOneSide = found.status === "added" || found.status === "removed";
  const whole = isOnOneSide && met.length > 0;
  const explained = found.status === "skipped" ? found.skipped === "configured" : isOnOneSide ? whole : found.unexplained === 0 && columns.every((column) => column.explained) && found.structure.every((part) => declaresPart(met, part));
  return {
    table: {
      ...found,
      explained,
      unexplained: whole ? 0 : found.unexplained,
      columns: isOnOneSide ? columns.map((column) => ({ ...column, explained: whole })) : columns
    },
    outcomes
  };
}
function isThere(found, { declares }) {
  switch (declares.kind) {
    case "table":
      return found.status === declares.status;
    case "column":
      return found.columns.some(
        ({ column, status }) => column === declares.column && status === declares.status
      );
    case "structure":
      return found.structure.includes(declares.part);
    default:
      return false;
  }
}
function isColumnExplained({ column, status, unexplained }, met) {
  const isDeclared = () => met.some(({ declares }) => declares.kind === "column" && declares.column === column);
  switch (status) {
    case "identical":
    case "skipped":
      return true;
    case "changed":
      return unexplained === 0;
    case "incomparable":
      return false;
    case "retyped":
      return unexplained === 0 && isDeclared();
    default:
      return isDeclared();
  }
}
function declaresPart(met, part) {
  return met.some(({ declares }) => declares.kind === "structure" && declares.part === part);
}
function explainObjects(found, expectations) {
  const declared = expectations.filter(({ table }) => table === null);
  const matches = ({ declares }, { kind, name, status }) => declares.kind === "object" && declares.object === `${kind} ${name}` && declares.status === status;
  return {
    objects: found.map((object) => ({
      ...object,
      explained: declared.some((expectation) => matches(expectation, object))
    })),
    outcomes: declared.map(
      (expectation) => outcomeOf(expectation, found.some((object) => matches(expectation, object)) ? 1 : 0, 0)
    )
  };
}



/***/ }),

/***/ 9506:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B$: () => (/* binding */ expectationsJsonSchema),
/* harmony export */   Hj: () => (/* binding */ expectationsSchema),
/* harmony export */   Jh: () => (/* binding */ canonicalTable),
/* harmony export */   uV: () => (/* binding */ columnOf)
/* harmony export */ });
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2311);
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8439);
/* harmony import */ var _names_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7963);
/* harmony import */ var _schema_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7053);
// src/config/expectations-schema.ts



var sql = _schema_js__WEBPACK_IMPORTED_MODULE_1__/* .text */ .Qq.meta({
  description: "SQL over old.x and new.x, the values of a row; within a column also old and new."
});
var rowsClaim = zod__WEBPACK_IMPORTED_MODULE_2__/* .strictObject */ .rej({
  where: sql.optional().meta({
    description: "Which of the deviating rows. Default: all.",
    examples: ["new.currency = 'CAD'"]
  }),
  holds: sql.optional().meta({
    description: "What must hold for each of them. Default: nothing more.",
    examples: ["new = round(old * 1.19, 2)"]
  }),
  at_least: zod__WEBPACK_IMPORTED_MODULE_2__/* .int */ .Whr().nonnegative("must not be negative").default(1).meta({ description: "How many rows at least.", examples: [1] }),
  at_most: zod__WEBPACK_IMPORTED_MODULE_2__/* .int */ .Whr().nonnegative("must not be negative").optional().meta({ description: "How many rows at most. Default: no limit.", examples: [5e3] }),
  because: _schema_js__WEBPACK_IMPORTED_MODULE_1__/* .text */ .Qq.optional().meta({
    description: "Why, for the reviewers. The report shows it.",
    examples: ["VAT since January"]
  })
}).superRefine(({ at_least, at_most }, context) => {
  if (at_most === void 0 || at_least <= at_most) return;
  context.addIssue({
    code: "custom",
    path: ["at_most"],
    message: `is less than at_least, which is ${at_least}`
  });
}, _schema_js__WEBPACK_IMPORTED_MODULE_1__/* .always */ .Gk).meta({ description: "Rows that deviate as intended.", examples: [{ where: "new.id > 7" }] });
var rows = zod__WEBPACK_IMPORTED_MODULE_2__/* .union */ .KCZ([rowsClaim, zod__WEBPACK_IMPORTED_MODULE_2__/* .array */ .YOg(rowsClaim).min(1, "must not be empty")]).meta({ examples: [{ at_most: 100 }] });
var column = zod__WEBPACK_IMPORTED_MODULE_2__/* .union */ .KCZ([
  rowsClaim,
  zod__WEBPACK_IMPORTED_MODULE_2__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_2__/* .union */ .KCZ([rowsClaim, zod__WEBPACK_IMPORTED_MODULE_2__/* .literal */ .euz("retyped")])).min(1, "must not be empty").refine(
    (list) => list.filter((one) => one === "retyped").length < 2,
    "says `retyped` more than once"
  ),
  zod__WEBPACK_IMPORTED_MODULE_2__/* ["enum"] */ .k5n(["added", "removed", "retyped"])
]).meta({ examples: [{ holds: "new = round(old * 1.19, 2)" }] });
var changed = zod__WEBPACK_IMPORTED_MODULE_2__/* .literal */ .euz("changed").optional();
var table = zod__WEBPACK_IMPORTED_MODULE_2__/* .union */ .KCZ([
  zod__WEBPACK_IMPORTED_MODULE_2__/* .strictObject */ .rej({
    columns: zod__WEBPACK_IMPORTED_MODULE_2__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_2__/* .string */ .YjP(), column).default({}).superRefine((0,_schema_js__WEBPACK_IMPORTED_MODULE_1__/* .namesAsKeys */ .Nd)(1, "one column"), _schema_js__WEBPACK_IMPORTED_MODULE_1__/* .always */ .Gk).meta({
      description: "Column -> what becomes of it, or which of its values change.",
      examples: [{ tax: "added" }]
    }),
    rows: zod__WEBPACK_IMPORTED_MODULE_2__/* .strictObject */ .rej({
      added: rows.optional().meta({
        description: "Rows that only the new side has.",
        examples: [{ at_most: 100 }]
      }),
      removed: rows.optional().meta({
        description: "Rows that only the old side has.",
        examples: [{ where: "old.id = 7" }]
      })
    }).default({}).meta({
      description: "Rows that come and go. {}: all of them.",
      examples: [{ added: { at_most: 100 } }]
    }),
    definition: changed.meta({
      description: "The text of a view changes.",
      examples: ["changed"]
    }),
    order: changed.meta({
      description: "Its columns stand in another order.",
      examples: ["changed"]
    }),
    kind: changed.meta({
      description: "A table becomes a view, or the other way round.",
      examples: ["changed"]
    })
  }),
  zod__WEBPACK_IMPORTED_MODULE_2__/* ["enum"] */ .k5n(["added", "removed"])
]).meta({ examples: [{ columns: { tax: "added" } }] });
var expectationsSchema = zod__WEBPACK_IMPORTED_MODULE_2__/* .strictObject */ .rej({
  version: zod__WEBPACK_IMPORTED_MODULE_2__/* .literal */ .euz(1).default(1).meta({ description: "Version of this format.", examples: [1] }),
  tables: zod__WEBPACK_IMPORTED_MODULE_2__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_2__/* .string */ .YjP(), table).default({}).superRefine((0,_schema_js__WEBPACK_IMPORTED_MODULE_1__/* .namesAsKeys */ .Nd)(2, _schema_js__WEBPACK_IMPORTED_MODULE_1__/* .TABLE */ .Bt), _schema_js__WEBPACK_IMPORTED_MODULE_1__/* .always */ .Gk).meta({
    description: "schema.table -> what becomes of it.",
    examples: [{ "marts.extra": "added" }]
  }),
  objects: zod__WEBPACK_IMPORTED_MODULE_2__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_2__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_2__/* ["enum"] */ .k5n(["added", "removed", "changed"])).default({}).meta({
    description: "Anything that is neither table nor view, by kind and name as the report writes them.",
    examples: [{ "macro marts.net": "changed" }]
  })
}).meta({
  title: "Greenlight expectations",
  description: "Which deviations the author of a change intends: greenlight.expected.yml."
});
function expectationsJsonSchema() {
  return zod__WEBPACK_IMPORTED_MODULE_3__/* .toJSONSchema */ .bl(expectationsSchema, { io: "input", target: "draft-7" });
}
function columnOf(key) {
  return (0,_names_js__WEBPACK_IMPORTED_MODULE_0__/* .parseName */ .$q)(key)[0] ?? key;
}
function canonicalTable(key) {
  return (0,_names_js__WEBPACK_IMPORTED_MODULE_0__/* .formatName */ .nD)((0,_names_js__WEBPACK_IMPORTED_MODULE_0__/* .parseName */ .$q)(key));
}



/***/ }),

/***/ 7748:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   MQ: () => (/* binding */ loadExpectations),
/* harmony export */   uN: () => (/* binding */ describeExpectation)
/* harmony export */ });
/* unused harmony export readExpectations */
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var _expectations_schema_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9506);
/* harmony import */ var _faults_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5602);
/* harmony import */ var _file_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7725);
/* harmony import */ var _names_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(7963);
// src/config/expectations.ts






async function loadExpectations({
  root,
  expectations: { file, mustExist }
}) {
  const path = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(root, file);
  if (!mustExist && !(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(path)) return [];
  const text = await (0,_file_js__WEBPACK_IMPORTED_MODULE_4__/* .readText */ .yR)(path, {
    called: "expectations file",
    help: "Write it, let `greenlight compare --write-expectations` propose one, or remove `expectations` from the configuration."
  });
  return readExpectations(text, file);
}
function readExpectations(text, file) {
  const { document, lines } = (0,_file_js__WEBPACK_IMPORTED_MODULE_4__/* .parseYaml */ .hN)(text);
  const unreadable = (0,_faults_js__WEBPACK_IMPORTED_MODULE_3__/* .syntaxFaults */ .Rp)(document);
  if (unreadable.some((fault) => fault.fatal)) throw (0,_file_js__WEBPACK_IMPORTED_MODULE_4__/* .refusal */ .x5)(file, unreadable, lines);
  const written = _expectations_schema_js__WEBPACK_IMPORTED_MODULE_2__/* .expectationsSchema */ .Hj.safeParse((0,_file_js__WEBPACK_IMPORTED_MODULE_4__/* .toPlain */ .Ul)(document, file, "expectations file"));
  const format = { schema: (0,_expectations_schema_js__WEBPACK_IMPORTED_MODULE_2__/* .expectationsJsonSchema */ .B$)(), isLater: () => false };
  const faults = [
    ...unreadable,
    ...(0,_faults_js__WEBPACK_IMPORTED_MODULE_3__/* .schemaFaults */ .d9)(written.error?.issues ?? [], document, text, format)
  ];
  if (faults.length > 0 || !written.success) throw (0,_file_js__WEBPACK_IMPORTED_MODULE_4__/* .refusal */ .x5)(file, faults, lines);
  const placed = declarationsOf(written.data);
  const expectations = placed.map(({ path, table, declares }) => ({
    file,
    line: lineOf(document, lines, path),
    table,
    declares
  }));
  const senseless = [
    ...findEmpty(written.data, placed, document),
    ...findAmbiguous(placed, expectations, document)
  ];
  if (senseless.length > 0) throw (0,_file_js__WEBPACK_IMPORTED_MODULE_4__/* .refusal */ .x5)(file, senseless, lines);
  return expectations;
}
function describeExpectation({ table, declares }) {
  switch (declares.kind) {
    case "table":
      return `${table} ${declares.status}`;
    case "column":
      return `${columnName(table, declares.column)} ${declares.status}`;
    case "structure":
      return `${table} ${declares.part} changed`;
    case "object":
      return `${declares.object} ${declares.status}`;
    case "rows": {
      const { of, column, where, holds } = declares;
      const about = column === null ? `${table} rows ${of}` : columnName(table, column);
      return `${about}${where === null ? "" : ` where ${where}`}${holds === null ? "" : ` holds ${holds}`}`;
    }
  }
}
function columnName(table, column) {
  return `${table}.${(0,_names_js__WEBPACK_IMPORTED_MODULE_5__/* .formatName */ .nD)([column])}`;
}
function declarationsOf({ tables, objects }) {
  return [
    ...Object.entries(tables).flatMap(([key, declared]) => {
      const table = (0,_expectations_schema_js__WEBPACK_IMPORTED_MODULE_2__/* .canonicalTable */ .Jh)(key);
      const at = ["tables", key];
      if (typeof declared === "string")
        return [{ path: at, table, declares: { kind: "table", status: declared } }];
      const { columns, rows } = declared;
      return [
        ...Object.entries(columns).flatMap(
          ([name, one]) => ofColumn([...at, "columns", name], table, (0,_expectations_schema_js__WEBPACK_IMPORTED_MODULE_2__/* .columnOf */ .uV)(name), one)
        ),
        ...["added", "removed"].flatMap(
          (of) => claimsOf([...at, "rows", of], rows[of]).map(({ path, claim }) => ({
            path,
            table,
            declares: declaredRows(of, null, claim)
          }))
        ),
        ...["definition", "order", "kind"].filter((part) => declared[part] !== void 0).map(
          (part) => ({
            path: [...at, part],
            table,
            declares: { kind: "structure", part }
          })
        )
      ];
    }),
    ...Object.entries(objects).map(
      ([object, status]) => ({
        path: ["objects", object],
        table: null,
        declares: { kind: "object", object, status }
      })
    )
  ];
}
function ofColumn(at, table, column, declared) {
  if (typeof declared === "string")
    return [{ path: at, table, declares: { kind: "column", column, status: declared } }];
  return claimsOf(at, declared).map(({ path, claim }) => ({
    path,
    table,
    declares: claim === "retyped" ? { kind: "column", column, status: claim } : declaredRows("changed", column, claim)
  }));
}
function claimsOf(path, declared) {
  if (declared === void 0) return [];
  if (!Array.isArray(declared)) return [{ path, claim: declared }];
  return declared.map((claim, at) => ({ path: [...path, at], claim }));
}
function declaredRows(of, column, claim) {
  return {
    kind: "rows",
    of,
    column,
    where: claim.where ?? null,
    holds: claim.holds ?? null,
    atLeast: claim.at_least,
    atMost: claim.at_most ?? null,
    because: claim.because ?? null
  };
}
function lineOf(document, lines, path) {
  const isItem = typeof path.at(-1) === "number";
  return lines.linePos(isItem ? (0,_faults_js__WEBPACK_IMPORTED_MODULE_3__/* .offsetOf */ .b4)(document, path) : (0,_faults_js__WEBPACK_IMPORTED_MODULE_3__/* .keyOffsetOf */ .YA)(document, path)).line;
}
function findEmpty({ tables }, placed, document) {
  return Object.keys(tables).filter((key) => !placed.some(({ path }) => path[0] === "tables" && path[1] === key)).map((key) => ({
    offset: (0,_faults_js__WEBPACK_IMPORTED_MODULE_3__/* .keyOffsetOf */ .YA)(document, ["tables", key]),
    message: `\`${key}\` declares nothing. Write \`columns\`, \`rows\`, \`definition\`, \`order\` or \`kind\`, or remove it.`
  }));
}
function findAmbiguous(placed, expectations, document) {
  const first = /* @__PURE__ */ new Map();
  return placed.flatMap(({ table, declares, path }, at) => {
    if (declares.kind !== "rows" || declares.where !== null) return [];
    const rows = JSON.stringify([table, declares.of, declares.column]);
    const earlier = first.get(rows);
    if (earlier === void 0) {
      first.set(rows, at);
      return [];
    }
    const { line = 0 } = expectations[earlier] ?? {};
    const message = `this declaration and the one in line ${line} both claim all rows. Give one of them a \`where\`, or remove it.`;
    return [{ offset: (0,_faults_js__WEBPACK_IMPORTED_MODULE_3__/* .offsetOf */ .b4)(document, path), message }];
  });
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
    stopped: comparison.stopped !== null,
    tables: comparison.tables.map(whatWasFound),
    objects: comparison.objects,
    expectations: comparison.expectations.map(whatBecameOfIt)
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
function whatBecameOfIt({
  file: _file,
  line: _line,
  because: _because,
  ...rest
}) {
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
/* harmony export */   Ih: () => (/* binding */ expectationsFile),
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
async function expectationsFile({
  root,
  expectations: { file }
}) {
  const content = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(root, file)).catch(() => null);
  if (content === null) return [];
  return [{ file, text: content.toString("utf8"), checksum: sha256(content) }];
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
    ...checksums(await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .expectationsFile */ .Ih)(config)),
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



/***/ })

};
