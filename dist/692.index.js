export const id = 692;
export const ids = [692];
export const modules = {

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
/* harmony export */   rI: () => (/* binding */ expectationTable),
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
    stopped: "text",
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
    explained: "boolean",
    structure: "json",
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
    explained: "boolean",
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
    explained: "boolean",
    old_definition: "text",
    new_definition: "text"
  },
  key: ["comparison", "kind", "object_name"]
};
var expectationTable = {
  name: "expectation",
  columns: {
    comparison: "integer",
    position: "integer",
    file: "text",
    line: "integer",
    table_name: "text",
    declares: "text",
    status: "text",
    claimed: "integer",
    broken: "integer",
    because: "text"
  },
  key: ["comparison", "position"]
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
    expectationTable,
    approvalTable,
    swapTable
  ].map((createTable) => ({ createTable }))
];



/***/ }),

/***/ 7692:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  compare: () => (/* binding */ compare_compare)
});

// EXTERNAL MODULE: ./build/esm/compare/compare.js + 11 modules
var compare = __webpack_require__(905);
// EXTERNAL MODULE: ./build/esm/config/expectations.js
var config_expectations = __webpack_require__(7748);
// EXTERNAL MODULE: ./build/esm/compare/expectations.js
var compare_expectations = __webpack_require__(5597);
;// CONCATENATED MODULE: ./build/esm/compare/proposals.js
// src/compare/proposals.ts


function proposeExpectations({
  tables,
  objects,
  expectations: outcomes
}, expectations, { noneOf }) {
  const proposals = [];
  const impossible = [];
  for (const found of tables.filter(({ explained }) => !explained)) {
    const own = expectations.filter(({ table }) => table === found.table);
    const propose = (declares) => proposals.push({ table: found.table, declares });
    if (found.status === "skipped") {
      impossible.push(`${found.table}: ${found.reason ?? "it cannot be read"}`);
    } else if (found.status === "added" || found.status === "removed") {
      propose({ kind: "table", status: found.status });
    } else {
      for (const declares of structureOf(found, own)) propose(declares);
      const rest = restOf(found.table, own.filter(compare_expectations/* isAboutRows */.vU), outcomes, noneOf);
      for (const { of, column, rows } of deviationsOf(found)) {
        const left = rest(of, column?.column ?? null, rows);
        if (left.rows === 0) continue;
        propose({
          kind: "rows",
          of,
          column: column?.column ?? null,
          where: left.where ?? column?.condition ?? null,
          holds: holdsOf(column),
          atLeast: left.rows,
          atMost: left.rows,
          because: null
        });
      }
    }
  }
  for (const { kind, name, status, explained } of objects)
    if (!explained)
      proposals.push({
        table: null,
        declares: { kind: "object", object: `${kind} ${name}`, status }
      });
  return { proposals, impossible };
}
function structureOf(found, own) {
  const declared = (fits) => own.some(({ declares }) => fits(declares));
  const isStructural = (status) => status === "added" || status === "removed" || status === "retyped";
  return [
    ...found.columns.flatMap(
      ({ column, status }) => isStructural(status) && !declared((one) => one.kind === "column" && one.column === column && one.status === status) ? [{ kind: "column", column, status }] : []
    ),
    ...found.structure.filter((part) => !declared((one) => one.kind === "structure" && one.part === part)).map((part) => ({ kind: "structure", part }))
  ];
}
function deviationsOf({ columns, added, removed }) {
  return [
    ...columns.filter(({ unexplained }) => unexplained > 0).map((column) => ({ of: "changed", column, rows: column.changed })),
    { of: "added", column: null, rows: added },
    { of: "removed", column: null, rows: removed }
  ];
}
function restOf(table, expectations, outcomes, noneOf) {
  const claimedBy = (expectation) => outcomes.find(
    ({ line, declares }) => line === expectation.line && declares === (0,config_expectations/* describeExpectation */.uN)({ table, declares: expectation.declares })
  )?.claimed ?? 0;
  return (of, column, rows) => {
    const same = expectations.filter(
      ({ declares }) => declares.of === of && declares.column === column
    );
    const claimed = same.reduce((sum, expectation) => sum + claimedBy(expectation), 0);
    const conditions = same.map(({ declares: { where } }) => where).filter((where) => where !== null);
    return {
      rows: rows - claimed,
      where: conditions.length === 0 ? null : noneOf(conditions)
    };
  };
}
function holdsOf(column) {
  const [pattern, ...more] = column?.patterns ?? [];
  return more.length === 0 ? pattern?.relation ?? null : null;
}


;// CONCATENATED MODULE: ./build/esm/compare/verdict.js
// src/compare/verdict.ts
function verdictOf(comparison) {
  const { tables, objects, expectations } = comparison;
  const isExplained = [...tables, ...objects].every(({ explained }) => explained) && expectations.every(({ status }) => status === "met");
  if (!isExplained) return "unexplained";
  const isIdentical = tables.every(({ status }) => status === "identical") && objects.length === 0 && coverageOf(comparison).skipped.length === 0;
  return isIdentical ? "identical" : "explained";
}
function coverageOf({ tables }) {
  const rowsOf = ({ old_rows, new_rows }) => (old_rows ?? 0) + (new_rows ?? 0);
  const looked = tables.filter(({ skipped }) => skipped === null);
  const columns = tables.flatMap((table) => table.columns);
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  return {
    tables: { compared: looked.length, total: tables.length },
    columns: {
      compared: looked.flatMap((table) => table.columns).filter(({ reason }) => reason === null).length,
      total: columns.length
    },
    rows: { compared: sum(looked.map(rowsOf)), total: sum(tables.map(rowsOf)) },
    skipped: tables.flatMap(({ table, skipped, reason, columns: own }) => {
      if (skipped !== null) return [{ table, column: null, reason: reason ?? "" }];
      return own.filter((column) => column.reason !== null).map(({ column, reason: why }) => ({ table, column, reason: why ?? "" }));
    })
  };
}


// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./node_modules/yaml/dist/index.js
var dist = __webpack_require__(8815);
// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
// EXTERNAL MODULE: ./build/esm/config/expectations-schema.js
var expectations_schema = __webpack_require__(9506);
// EXTERNAL MODULE: ./build/esm/config/names.js
var names = __webpack_require__(7963);
;// CONCATENATED MODULE: ./build/esm/config/expectations-file.js
// src/config/expectations-file.ts







var HEAD = ` Proposed by greenlight compare --write-expectations.
 What stands here needs no approval: keep what you intend, say why, and remove the rest.`;
async function addToExpectations({ root, expectations: { file } }, proposals) {
  if (proposals.length === 0) return { file, added: 0, left: [] };
  const path = (0,external_node_path_.resolve)(root, file);
  const text = (0,external_node_fs_.existsSync)(path) ? await (0,promises_.readFile)(path, "utf8") : "";
  const document = text.trim() === "" ? newDocument() : (0,dist/* parseDocument */.Tp)(text, { stringKeys: true });
  if (!(0,dist/* isMap */.jh)(document.contents)) document.contents = document.createNode({});
  const left = proposals.filter((proposal) => !add(document, proposal));
  if (left.length < proposals.length) {
    await save(path, document.toString({ lineWidth: 0 }), file);
  }
  return { file, added: proposals.length - left.length, left };
}
async function save(path, text, file) {
  try {
    await (0,promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
    await (0,promises_.writeFile)(path, text);
  } catch (error) {
    throw new errors/* GreenlightError */.uf({
      what: "The expectations file cannot be written. The comparison itself is done and recorded.",
      where: file,
      cause: (0,errors/* messageOf */.bD)(error),
      help: "Give `expectations` in greenlight.yml a file that can be written."
    });
  }
}
function newDocument() {
  const document = new dist/* Document */.yo({ version: 1 });
  document.commentBefore = HEAD;
  return document;
}
function add(document, { table, declares }) {
  const root = document.contents;
  if (declares.kind === "object") {
    const objects = mapAt(document, root, "objects", (key2) => key2);
    return objects !== null && put(document, objects, declares.object, declares.status);
  }
  const tables = mapAt(document, root, "tables", (key2) => key2);
  if (tables === null || table === null) return false;
  if (declares.kind === "table")
    return put(document, tables, keyIn(tables, table, expectations_schema/* canonicalTable */.Jh), declares.status);
  const own = mapAt(document, tables, table, expectations_schema/* canonicalTable */.Jh);
  if (own === null) return false;
  if (declares.kind === "structure") return put(document, own, declares.part, "changed");
  if (declares.kind === "rows" && declares.column === null) {
    const rows = mapAt(document, own, "rows", (key2) => key2);
    return rows !== null && append(document, rows, declares.of, claimOf(declares));
  }
  const columns = mapAt(document, own, "columns", (key2) => key2);
  if (columns === null || declares.column === null) return false;
  const key = keyIn(columns, (0,names/* formatName */.nD)([declares.column]), (name) => (0,names/* formatName */.nD)([(0,expectations_schema/* columnOf */.uV)(name)]));
  return append(
    document,
    columns,
    key,
    declares.kind === "rows" ? claimOf(declares) : declares.status
  );
}
function claimOf({
  where,
  holds,
  atLeast,
  atMost
}) {
  return {
    ...where === null ? {} : { where },
    ...holds === null ? {} : { holds },
    at_least: atLeast,
    ...atMost === null ? {} : { at_most: atMost }
  };
}
function mapAt(document, map, name, canonical) {
  const key = keyIn(map, name, canonical);
  const found = map.get(key, true);
  if ((0,dist/* isMap */.jh)(found)) return found;
  if (found !== void 0 && !isEmpty(found)) return null;
  const made = document.createNode({});
  map.set(key, made);
  return made;
}
function put(document, map, key, value) {
  const found = map.get(key, true);
  if (found !== void 0 && !isEmpty(found)) return false;
  map.set(key, document.createNode(value));
  return true;
}
function append(document, map, key, value) {
  const found = map.get(key, true);
  if (found === void 0 || isEmpty(found)) return put(document, map, key, value);
  if (value === "added" || value === "removed") return false;
  if ((0,dist/* isSeq */.oP)(found)) {
    found.add(document.createNode(value));
    return true;
  }
  const fits = (0,dist/* isMap */.jh)(found) || (0,dist/* isScalar */.jn)(found) && found.value === "retyped";
  if (!fits) return false;
  const both = document.createNode([]);
  both.items.push(found, document.createNode(value));
  map.set(key, both);
  return true;
}
function isEmpty(node) {
  return (0,dist/* isScalar */.jn)(node) && node.value === null;
}
function keyIn(map, name, canonical) {
  const keys = map.items.map(({ key }) => String((0,dist/* isScalar */.jn)(key) ? key.value : key));
  return keys.find((key) => canonical(key) === name) ?? name;
}


// EXTERNAL MODULE: ./build/esm/release/candidate.js
var candidate = __webpack_require__(6383);
// EXTERNAL MODULE: ./build/esm/release/digest.js
var digest = __webpack_require__(1212);
// EXTERNAL MODULE: ./build/esm/release/find.js
var find = __webpack_require__(9971);
// EXTERNAL MODULE: ./build/esm/release/inventory.js
var inventory = __webpack_require__(4178);
// EXTERNAL MODULE: ./build/esm/release/logic-hash.js
var logic_hash = __webpack_require__(89);
// EXTERNAL MODULE: ./build/esm/release/next.js
var next = __webpack_require__(7569);
// EXTERNAL MODULE: ./build/esm/release/run.js
var run = __webpack_require__(2063);
// EXTERNAL MODULE: ./build/esm/release/tables.js
var tables = __webpack_require__(6697);
;// CONCATENATED MODULE: ./build/esm/steps/compare.js
// src/steps/compare.ts














async function compare_compare(context, options) {
  const { config, ledger } = context;
  const writes = options.writeExpectations === true;
  const found = await (0,find/* findRelease */.dv)(ledger, options.release);
  const release = (0,find/* requireState */.JS)(
    found,
    [config.simulate === null ? "migrated" : "simulated", "compared", "approved"],
    wayTo(found, config)
  );
  const logic = await (0,logic_hash/* logicHash */.z)(config);
  const expectations = await (0,config_expectations/* loadExpectations */.MQ)(writes ? mayBeMissing(config) : config);
  const result = await (0,run/* runRecordedStep */.UP)(
    context,
    { release: release.id, step: "compare", logic, seen: release },
    (id) => compareSides(context, release, id, expectations, options),
    {
      begin: async (writer) => {
        requireSameLogic(config, await writer.steps(release.id), release, logic);
        return writer.startComparison({
          release: release.id,
          logic_hash: logic.hash,
          privacy: config.privacy,
          mode: config.compare.mode
        });
      },
      end: (writer, found2) => record(writer, release, found2)
    }
  );
  if (!writes) return result;
  if (result.stopped !== null) {
    context.host.progress.warn("Nothing is proposed: the comparison ended early.");
    return result;
  }
  return { ...result, proposed: await propose(context, result, expectations) };
}
async function compareSides(context, release, id, expectations, { lineage = true, patterns = true, maxSeconds, maxDeviations }) {
  const { config, engine, host } = context;
  await requireUntouched(context, release);
  const { comparison, newCatalog } = await (0,compare/* compareDatabases */.O)({
    engine,
    old: release.baseline,
    new: release.candidate,
    config: config.compare,
    expectations,
    record: { table: tables/* rowDeviationTable */.wk.name, comparison: id, privacy: config.privacy },
    purpose: `compare ${release.id}`,
    progress: host.progress,
    lineage,
    patterns,
    budget: { seconds: maxSeconds ?? null, deviations: maxDeviations ?? null }
  });
  await requireUntouched(context, release);
  const candidate = await engine.databases.identify(release.candidate);
  return {
    id,
    comparison,
    judged: {
      digest: (0,digest/* digestOf */.o)(comparison),
      verdict: verdictOf(comparison),
      coverage: coverageOf(comparison)
    },
    inventory: (0,inventory/* inventoryOf */.o8)(newCatalog),
    candidateMark: candidate?.mark ?? ""
  };
}
function mayBeMissing(config) {
  const { root, expectations } = config;
  return { root, expectations: { ...expectations, mustExist: false } };
}
async function propose({ config, engine, host }, comparison, expectations) {
  const { proposals, impossible } = proposeExpectations(
    comparison,
    expectations,
    engine.comparison
  );
  const { file, added, left } = await addToExpectations(config, proposals);
  for (const reason of impossible) host.progress.warn(`Not proposed: ${reason}.`);
  for (const proposal of left) {
    host.progress.warn(
      `Not proposed: ${(0,config_expectations/* describeExpectation */.uN)(proposal)}: ${file} says something else there.`
    );
  }
  return { file, declarations: added };
}
function wayTo(release, config) {
  const missing = (0,next/* nextStep */.s)(release, config, null);
  const step = missing === "migrate" || missing === "simulate" ? missing : "clone";
  return `greenlight ${step} --release ${release.id}`;
}
function requireSameLogic(config, steps, release, logic) {
  const maker = config.simulate === null ? "migrate" : "simulate";
  const last = steps.findLast(
    ({ step, state }) => step === maker && !["failed", "refused"].includes(state)
  );
  if (last === void 0) return;
  const made = last.detail?.logic;
  if (made === void 0 ? last.logic_hash === logic.hash : made.candidate === logic.candidate)
    return;
  throw new errors/* UsageError */.eb({
    what: "The logic has changed since the candidate was made.",
    ...made === void 0 ? {} : { cause: (0,logic_hash/* changedParts */.T)(made.parts, logic.parts).join(", ") },
    help: `Make the candidate anew: greenlight clone --release ${release.id}, and the steps after it`
  });
}
async function requireUntouched(context, release) {
  if (await (0,candidate/* requireCandidate */.Vg)(context, release) === "as-left") return;
  throw new errors/* GreenlightError */.uf({
    what: "Somebody changed the candidate since it was simulated.",
    where: context.engine.places.describe(release.candidate),
    help: `Make it anew: greenlight simulate --release ${release.id}`
  });
}
async function record(writer, release, { id, comparison, judged, inventory, candidateMark }) {
  const approvals = await writer.approvals(release.id);
  const isApproved = approvals.some(({ digest }) => digest === judged.digest);
  const state = isApproved ? "approved" : "compared";
  await writer.finishComparison(
    id,
    { ...judged, stopped: comparison.stopped, inventory, candidate_mark: candidateMark },
    deviationRows(comparison)
  );
  await writer.setState(release.id, state);
  const { stopped, tables, objects, expectations } = comparison;
  return {
    release: release.id,
    state,
    comparison: id,
    ...judged,
    stopped,
    tables,
    objects,
    expectations,
    proposed: null
  };
}
function deviationRows({ tables, objects, expectations }) {
  return {
    tables: tables.map(({ table, columns: _columns, ...rest }) => ({ table_name: table, ...rest })),
    columns: tables.flatMap(
      ({ table, columns }) => columns.filter(({ status }) => status !== "identical").map(({ column, ...rest }) => ({ table_name: table, column_name: column, ...rest }))
    ),
    objects: objects.map(({ name, ...rest }) => ({ object_name: name, ...rest })),
    expectations: expectations.map(({ table, ...rest }, position) => ({
      position,
      table_name: table,
      ...rest
    }))
  };
}



/***/ })

};
