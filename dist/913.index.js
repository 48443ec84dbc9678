export const id = 913;
export const ids = [913];
export const modules = {

/***/ 8996:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Z: () => (/* binding */ loadConfig)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./build/esm/config/faults.js
var config_faults = __webpack_require__(5602);
// EXTERNAL MODULE: ./build/esm/config/file.js
var config_file = __webpack_require__(7725);
// EXTERNAL MODULE: ./build/esm/config/schema.js + 1 modules
var schema = __webpack_require__(7053);
// EXTERNAL MODULE: ./node_modules/yaml/dist/index.js
var dist = __webpack_require__(8815);
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
  const text = await (0,config_file/* readText */.yR)(file, {
    called: "configuration file",
    help: "Run `greenlight init` to write one, or name another with --config."
  });
  const { document, lines } = (0,config_file/* parseYaml */.hN)(maskVariables(text));
  const unreadable = (0,config_faults/* syntaxFaults */.Rp)(document);
  if (unreadable.some((fault) => fault.fatal)) throw (0,config_file/* refusal */.x5)(file, unreadable, lines);
  const variables = replaceVariables(document, env);
  const written = schema/* configSchema */.Qn.safeParse((0,config_file/* toPlain */.Ul)(document, file, "configuration file"));
  const faults = [
    ...unreadable,
    ...(0,config_faults/* variableFaults */.qY)(variables.faults, text),
    ...(0,config_faults/* schemaFaults */.d9)(
      written.error?.issues ?? [],
      document,
      text,
      { schema: (0,schema/* configJsonSchema */.Mk)(), isLater: schema/* isLater */.d8 },
      variables.faults
    )
  ];
  if (faults.length > 0 || !written.success) throw (0,config_file/* refusal */.x5)(file, faults, lines);
  return toConfig((0,external_node_path_.resolve)(file), variables.ofConnection, written.data);
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
    expectations: {
      file: written.expectations ?? schema/* DEFAULT_EXPECTATIONS */.Cs,
      mustExist: written.expectations !== void 0
    },
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
  duckdb: async () => (await __webpack_require__.e(/* import() */ 73).then(__webpack_require__.bind(__webpack_require__, 7073))).createDuckdb
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
  /** Deviating rows that comparisons recorded; null without a ledger. To be closed. */
  deviations(query) {
    return this.#stores.openDeviations({ ...query, table: _tables_js__WEBPACK_IMPORTED_MODULE_2__/* .rowDeviationTable */ .wk.name });
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
  /** Releases of any live. */
  async allReleases() {
    return this.#all(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .releaseTable */ .KZ, {}, ["created_at", "id"]);
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
  /** Columns that deviate or were skipped. */
  async columnDeviations(comparison) {
    const order = ["table_name", "column_name"];
    return this.reader.select(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .columnDeviationTable */ .YI, { comparison }, order);
  }
  async objectDeviations(comparison) {
    return this.reader.select(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .objectDeviationTable */ .FT, { comparison }, ["kind", "object_name"]);
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
    for (const row of deviations.expectations) {
      await this.#writer.insert(_tables_js__WEBPACK_IMPORTED_MODULE_2__/* .expectationTable */ .rI, { comparison: id, ...row });
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

/***/ 3528:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A: () => (/* binding */ countHeads),
/* harmony export */   h: () => (/* binding */ countCells)
/* harmony export */ });
// src/report/table-counts.ts
var shown = {
  "old rows": "old_rows",
  "new rows": "new_rows",
  removed: "removed",
  added: "added",
  changed: "changed",
  unexplained: "unexplained"
};
var countHeads = Object.keys(shown);
function countCells(table) {
  return Object.values(shown).map((counted) => table[counted]);
}



/***/ }),

/***/ 659:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   e: () => (/* binding */ textTable)
/* harmony export */ });
/* harmony import */ var cli_table3__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5832);
/* harmony import */ var _format_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4816);
// src/report/table.ts


function textTable(head, rows, options = {}) {
  const lines = [head, ...rows].map((row) => row.map(cellText));
  const aligned = head.map((_, i) => isNumeric(rows, i) ? "right" : "left");
  const natural = layOut(lines, aligned, []);
  const widths = shrink(natural.widths, options.width ?? 120);
  const { text } = widths === natural.widths ? natural : layOut(lines, aligned, widths);
  return text.replace(/ +$/gm, "");
}
function layOut(lines, aligned, widths) {
  const table = new cli_table3__WEBPACK_IMPORTED_MODULE_0__({
    chars: NO_BORDERS,
    // No colours: the library would take them from the environment, not from the stream.
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP },
    colWidths: [...widths],
    colAligns: aligned
  });
  table.push(...lines);
  const text = table.toString();
  return { text, widths: table.options.colWidths.map(Number) };
}
function shrink(natural, width) {
  const narrowest = 8 + GAP;
  const widths = [...natural];
  let excess = widths.reduce((sum, one) => sum + one, -GAP) - width;
  if (excess <= 0) return natural;
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}
var GAP = 2;
var NO_BORDERS = Object.fromEntries(
  ["top", "bottom", "left", "mid", "right"].flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`]).concat("middle").map((side) => [side, ""])
);
function cellText(cell) {
  if (cell === null) return "";
  return typeof cell === "string" ? (0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(cell) : (0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .count */ .U9)(cell);
}
function isNumeric(rows, column) {
  const cells = rows.map((row) => row[column] ?? null).filter((cell) => cell !== null);
  return cells.length > 0 && cells.every((cell) => typeof cell !== "string");
}



/***/ }),

/***/ 436:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   approveText: () => (/* binding */ approveText),
/* harmony export */   cloneText: () => (/* binding */ cloneText),
/* harmony export */   compareText: () => (/* binding */ compareText),
/* harmony export */   initText: () => (/* binding */ initText),
/* harmony export */   migrateText: () => (/* binding */ migrateText),
/* harmony export */   retireText: () => (/* binding */ retireText),
/* harmony export */   rollbackText: () => (/* binding */ rollbackText),
/* harmony export */   simulateText: () => (/* binding */ simulateText),
/* harmony export */   statusText: () => (/* binding */ statusText),
/* harmony export */   swapText: () => (/* binding */ swapText)
/* harmony export */ });
/* harmony import */ var _format_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4816);
/* harmony import */ var _table_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(659);
/* harmony import */ var _table_counts_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3528);
// src/report/text.ts



function cloneText(result) {
  return `Release ${result.release} is cloned: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(result.tables, "table")} and ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(result.views, "view")}, ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(result.bytes)} for candidate and baseline.
candidate  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(result.candidate)}
baseline   ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(result.baseline)}`;
}
function migrateText({ release, applied, skipped }) {
  if (applied.length === 0)
    return `Release ${release}: nothing to migrate (${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(skipped.length, "script")} applied before).`;
  return [
    `Release ${release} is migrated.`,
    ...applied.map((script) => `applied  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(script)}`),
    ...skipped.map((script) => `skipped  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(script)} (applied before)`)
  ].join("\n");
}
function simulateText({ release, items, clock }) {
  const rows = items.map(({ item, ms }) => [item, (0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .duration */ .p0)(ms)]);
  return `Release ${release} is simulated, with ${clock} as now.
${(0,_table_js__WEBPACK_IMPORTED_MODULE_0__/* .textTable */ .e)(["item", "time"], rows)}`;
}
function compareText(result) {
  const { tables, columns, rows, skipped } = result.coverage;
  const share = (name, of) => `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(of.compared)} of ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(of.total)} ${name}`;
  const lineage = result.tables.filter(({ proof }) => proof === "lineage").length;
  return [
    `${result.release}: ${verdictText(result)}`,
    ...result.stopped === null ? [] : [`Ended early: ${result.stopped}.`],
    `Compared ${share("tables and views", tables)}, ${share("columns", columns)}, ${share("rows (both sides)", rows)}${lineage > 0 ? `; ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(lineage, "table")} proven equal without reading` : ""}.`,
    ...skipped.map(
      ({ table, column, reason }) => `Skipped ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(column === null ? table : `${table}.${column}`)}: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(reason)}`
    ),
    ...unmetExpectations(result.expectations),
    ...deviatingTables(result.tables),
    ...result.objects.toSorted((a, b) => Number(a.explained) - Number(b.explained)).map(
      ({ kind, name, status, explained }) => `${status} ${kind} ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(name)}${explained ? " (explained)" : ""}`
    ),
    ...proposedText(result),
    `digest ${result.digest}`
  ].join("\n");
}
function verdictText({ verdict, tables, objects, expectations, state }) {
  if (verdict === "identical") return "identical. Nothing deviates.";
  const explainedRows = tables.reduce(
    (sum, { added, removed, changed, unexplained }) => sum + added + removed + changed - unexplained,
    0
  );
  const isDeviating = ({ status }) => !["identical", "skipped"].includes(status);
  if (verdict === "explained") {
    const declared = tables.some(isDeviating) || objects.length > 0;
    return declared ? `explained. All that deviates is declared, with ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(explainedRows, "row")}.` : "explained. Nothing deviates in what was compared.";
  }
  const deviating = tables.filter((table) => isDeviating(table) && !table.explained);
  const rows = deviating.reduce((sum, table) => sum + table.unexplained, 0);
  const unreadable = tables.filter(({ skipped }) => skipped === "unreadable").length;
  const unexplainedObjects = objects.filter(({ explained }) => !explained).length;
  const unmet = expectations.filter(({ status }) => status !== "met").length;
  const found = [
    `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(deviating.length, "table or view deviates", "tables and views deviate")}, ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(rows, "row")}`,
    ...unexplainedObjects > 0 ? [(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(unexplainedObjects, "other object")] : [],
    ...unreadable > 0 ? [`${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(unreadable)} could not be read`] : [],
    ...unmet > 0 ? [(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(unmet, "expectation is not met", "expectations are not met")] : [],
    ...explainedRows > 0 ? [(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(explainedRows, "more row is explained", "more rows are explained")] : []
  ];
  return `unexplained. ${found.join(", ")}${state === "approved" ? "; this digest is approved" : ""}.`;
}
function unmetExpectations(expectations) {
  return expectations.filter(({ status }) => status !== "met").map(({ file, line, declares, status, claimed, broken }) => {
    const why = {
      met: "",
      unmatched: "matches nothing",
      broken: `does not hold for ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(broken)} of ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(claimed, "row")}`,
      "too-few": `matches only ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(claimed, "row")}`,
      "too-many": `matches ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(claimed, "row")}, too many`
    }[status];
    return `Not met ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(file)}:${line} ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(declares)}: ${why}`;
  });
}
function proposedText({ proposed, release }) {
  if (proposed === null) return [];
  const { file, declarations } = proposed;
  if (declarations === 0) return [`Nothing to propose for ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(file)}.`];
  return [
    `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(declarations, "declaration")} proposed in ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(file)}. Read and edit them, then: greenlight compare --release ${release}`
  ];
}
function deviatingTables(tables) {
  const deviating = tables.filter(({ status }) => !["identical", "skipped"].includes(status)).toSorted(
    (a, b) => Number(a.explained) - Number(b.explained) || byWeight(a, b) || (a.table < b.table ? -1 : 1)
  );
  if (deviating.length === 0) return [];
  const head = ["table", "status", ..._table_counts_js__WEBPACK_IMPORTED_MODULE_1__/* .countHeads */ .A];
  const rows = deviating.map((table) => [
    table.table,
    `${table.status}${table.role === "input" ? " (input!)" : ""}${table.explained ? " (explained)" : ""}`,
    ...(0,_table_counts_js__WEBPACK_IMPORTED_MODULE_1__/* .countCells */ .h)(table)
  ]);
  return ["", (0,_table_js__WEBPACK_IMPORTED_MODULE_0__/* .textTable */ .e)(head, rows), "", ...deviating.flatMap(columnLines), ""];
}
function byWeight(a, b) {
  return b.unexplained - a.unexplained || deviatingRows(b) - deviatingRows(a);
}
function deviatingRows(outcome) {
  return outcome.changed + ("added" in outcome ? outcome.added + outcome.removed : 0);
}
function columnLines(outcome) {
  const { table, columns, reason, key, status, old_definition, new_definition } = outcome;
  const keyless = key === null && status === "changed" ? ["no key: rows are compared as a whole"] : [];
  const notes = [
    ...reason === null ? keyless : [reason],
    ...old_definition !== new_definition && status === "changed" ? ["its definition changed"] : [],
    ...outcome.likely_rename === null ? [] : [`${status}${renamed(outcome)}`]
  ];
  const lines = status !== "changed" ? [] : columns.toSorted(byWeight).flatMap((column) => {
    const name = `  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(`${table}.${column.column}`)}:`;
    const pattern = column.pattern === null ? "" : `: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(column.pattern)}`;
    const cells = column.changed > 0 ? `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(column.changed, "row")} changed${explainedShare(column)}${pattern}` : "";
    const declared = column.explained ? " (explained)" : "";
    if (column.status === "changed") return [`${name} ${cells}`];
    if (column.status === "retyped") {
      const types = `${column.old_type} is now ${column.new_type}`;
      return [`${name} ${types}${cells === "" ? declared : `, ${cells}`}`];
    }
    if (column.status === "added")
      return [`${name} column added (${column.new_type})${renamed(column)}${declared}`];
    return column.status === "removed" ? [`${name} column removed (${column.old_type})${renamed(column)}${declared}`] : [];
  });
  return [...notes.map((note) => `  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(table)}: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(note)}`), ...lines];
}
function renamed({
  status,
  likely_rename
}) {
  if (likely_rename === null) return "";
  const { other, evidence } = likely_rename;
  return `, likely renamed ${status === "removed" ? "to" : "from"} ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(other)}: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(evidence)}`;
}
function explainedShare({ changed, unexplained }) {
  if (unexplained === changed) return "";
  return unexplained === 0 ? " (explained)" : ` (${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(changed - unexplained)} explained)`;
}
function approveText({ release, digest, by }) {
  return `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(by)} approved digest ${digest.slice(0, 12)} of release ${release}.
Next: greenlight swap --release ${release}`;
}
function swapText({ release, exchange_ms, verified, previous }) {
  return `Release ${release} is live: exchanged in ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .duration */ .p0)(exchange_ms)}, ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(verified, "verification file")} held.
previous  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(previous)}
To go back: greenlight rollback --release ${release}`;
}
function rollbackText({
  release,
  exchange_ms,
  kept,
  written_since_swap: written
}) {
  return [
    `Release ${release} is rolled back: the old database is live again, exchanged in ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .duration */ .p0)(exchange_ms)}.`,
    ...(written ?? ["Nothing was written to live since the swap."]).map((line) => (0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(line)),
    `kept  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(kept)}`
  ].join("\n");
}
function retireText({ release, dropped, dry_run: dryRun, left }) {
  const lines = [
    ...dropped.map(
      ({ role, location, bytes: size }) => `${dryRun ? "would drop" : "dropped"}  ${role}  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(size)}  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(location)}`
    ),
    ...left.map(
      ({ role, location, reason }) => `left alone  ${role}  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(location)}: ${reason}`
    )
  ];
  return lines.length === 0 ? `Release ${release} keeps no database.` : lines.join("\n");
}
function statusText(result) {
  const rows = result.releases.map((release) => [
    release.release,
    [
      release.state,
      ...release.running === null ? [] : [`${release.running} is running`],
      ...release.unfinished === null ? [] : [`${release.unfinished} was cut off`]
    ].join(", "),
    release.verdict ?? "",
    release.digest?.slice(0, 12) ?? "",
    release.approved_by.join(", "),
    release.next ?? ""
  ]);
  const table = rows.length === 0 ? "No release yet. Begin with: greenlight clone --release ID" : (0,_table_js__WEBPACK_IMPORTED_MODULE_0__/* .textTable */ .e)(["release", "state", "verdict", "digest", "approved by", "next"], rows, {
    width: 160
  });
  const gate = result.gate === null ? [] : result.gate.open ? ["", `The gate is open for ${result.gate.release}.`] : [
    "",
    `The gate is closed for ${result.gate.release}:`,
    ...result.gate.reasons.map(
      ({ condition, found, help }) => `- ${condition}: ${found}
    -> ${help}`
    )
  ];
  const live = result.live_exists ? result.live_release ?? "as it was before the first release" : "missing";
  return [`live  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(result.live)} (${live})`, "", table, ...gate].join("\n");
}
function initText({ written, live }) {
  return [
    ...written.map((file) => `wrote  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(file)}`),
    `live   ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(live)}`,
    "",
    "Next: put migration scripts and logic into the folders, name your input tables in greenlight.yml, then",
    "  greenlight clone --release my-first"
  ].join("\n");
}



/***/ }),

/***/ 9669:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   approve: () => (/* binding */ approve)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _release_find_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9971);
/* harmony import */ var _release_run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2063);
// src/steps/approve.ts



async function approve(context, options) {
  const { ledger } = context;
  const { digest: given, by } = options;
  if (given === void 0 || by === void 0 || by.trim() === "") {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
      what: "An approval names what is approved and who approves it.",
      help: "greenlight approve --digest DIGEST --by NAME; `greenlight status` shows the digest."
    });
  }
  const found = await (0,_release_find_js__WEBPACK_IMPORTED_MODULE_1__/* .findRelease */ .dv)(ledger, options.release);
  const release = (0,_release_find_js__WEBPACK_IMPORTED_MODULE_1__/* .requireState */ .JS)(
    found,
    ["compared", "approved"],
    `greenlight compare --release ${found.id}`
  );
  return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_2__/* .runStep */ .eg)(
    context,
    { release: release.id, step: "approve", logic: null, seen: release },
    async () => {
      const latest = (await ledger.read([], (reader) => reader.comparisons(release.id))).at(-1);
      if (latest === void 0)
        throw new Error(`Release ${release.id} is ${release.state} without a comparison`);
      if (latest.stopped !== null) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf(
          {
            what: "The latest comparison ended early: nobody has seen all deviations.",
            cause: latest.stopped,
            help: `greenlight compare --release ${release.id}, with a larger budget or none`
          },
          _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .EXIT */ .dc.refused
        );
      }
      if (!namesDigest(given, latest.digest)) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf(
          {
            what: "This digest is not the one of the latest comparison: the deviations are other ones than those you reviewed.",
            cause: `given ${given}, latest ${latest.digest}`,
            help: `Review the latest comparison, then approve its digest: greenlight status --release ${release.id}`
          },
          _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .EXIT */ .dc.refused
        );
      }
      await ledger.write(`approve ${release.id}`, async (writer) => {
        await writer.addApproval({
          release: release.id,
          comparison: latest.id,
          digest: latest.digest,
          approver: by.trim(),
          place: `command line, by ${context.host.actor}`
        });
        await writer.setState(release.id, "approved");
      });
      return {
        release: release.id,
        state: "approved",
        digest: latest.digest,
        by: by.trim(),
        comparison: latest.id
      };
    }
  );
}
function namesDigest(given, digest) {
  return given.length >= 12 && digest.startsWith(given.toLowerCase());
}



/***/ }),

/***/ 2773:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   clone: () => (/* binding */ clone)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _release_find_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9971);
/* harmony import */ var _release_inventory_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4178);
/* harmony import */ var _release_run_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2063);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4816);
// src/steps/clone.ts





async function clone(context, options) {
  const { engine, ledger, host, config } = context;
  if (options.release === void 0) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
      what: "A new release needs an id.",
      help: "greenlight clone --release pr-42"
    });
  }
  const id = (0,_release_find_js__WEBPACK_IMPORTED_MODULE_1__/* .requireReleaseId */ .WU)(options.release);
  await refuseWhenLive(context, id);
  await requireLive(context);
  return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_3__/* .runStep */ .eg)(context, { release: id, step: "clone", logic: null, seen: null }, async () => {
    await ledger.write(
      `clone ${id}`,
      (writer) => writer.startRelease({ id, engine: engine.name, live: engine.places.live })
    );
    const [baseline, candidate] = [engine.places.baseline(id), engine.places.candidate(id)];
    const fromLive = await copy(context, engine.places.live, baseline, "baseline");
    const instant = (/* @__PURE__ */ new Date()).toISOString();
    const fromBaseline = await copy(context, baseline, candidate, "candidate");
    host.progress.note(`Copied by ${fromLive.method}: ${fromLive.reason}.`);
    const catalog = await engine.catalog.read(baseline);
    const inventory = (0,_release_inventory_js__WEBPACK_IMPORTED_MODULE_2__/* .inventoryOf */ .o8)(catalog);
    const missing = (0,_release_inventory_js__WEBPACK_IMPORTED_MODULE_2__/* .missingFrom */ .fY)(inventory, (0,_release_inventory_js__WEBPACK_IMPORTED_MODULE_2__/* .inventoryOf */ .o8)(await engine.catalog.read(candidate)));
    for (const name of missing) host.progress.warn(`The clone lacks ${name}.`);
    await ledger.write(
      `clone ${id}`,
      (writer) => writer.updateRelease(id, {
        state: "cloned",
        live_id: fromLive.source.id,
        live_mark: fromLive.source.mark,
        clone_instant: instant,
        clone_method: fromLive.method,
        candidate,
        candidate_id: fromBaseline.clone.id,
        candidate_mark: fromBaseline.clone.mark,
        baseline,
        baseline_id: fromLive.clone.id,
        baseline_mark: fromLive.clone.mark,
        inventory,
        migrated_inventory: inventory
      })
    );
    return {
      release: id,
      state: "cloned",
      live: engine.places.live,
      candidate,
      baseline,
      method: fromLive.method,
      reason: fromLive.reason,
      clone_instant: instant,
      bytes: fromLive.bytes + fromBaseline.bytes,
      tables: catalog.relations.filter(({ kind }) => kind === "table").length,
      views: catalog.relations.filter(({ kind }) => kind === "view").length,
      missing
    };
  });
  async function copy({ engine: { databases } }, from, to, role) {
    const task = host.progress.task(`Cloning the ${role}`, await databases.size(from));
    try {
      const report = await databases.clone(from, to, {
        method: config.clone.method,
        onProgress: (done) => task.advance(done)
      });
      task.done((0,_report_format_js__WEBPACK_IMPORTED_MODULE_4__/* .bytes */ .ee)(report.bytes));
      return report;
    } catch (error) {
      task.failed();
      throw error;
    }
  }
}
async function refuseWhenLive({ ledger }, id) {
  const release = await ledger.read(null, (reader) => reader.release(id));
  if (release !== null) (0,_release_find_js__WEBPACK_IMPORTED_MODULE_1__/* .requireSameLive */ .CA)(ledger, release);
  if (release === null || !["swapped", "rolled-back", "retired"].includes(release.state)) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
    what: `Release ${id} is ${release.state}; its id cannot be used again.`,
    where: ledger.location,
    help: "Take another id for the next release."
  });
}
async function requireLive({ engine, config }) {
  if (await engine.databases.identify(engine.places.live) !== null) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: "There is no live database.",
    where: engine.places.live,
    live: "there is none",
    help: `Check \`live\` in ${config.file}. Greenlight never makes it: the first one is yours.`
  });
}



/***/ }),

/***/ 1913:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   demo: () => (/* binding */ demo),
/* harmony export */   demoText: () => (/* binding */ demoText)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8161);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6760);
/* harmony import */ var node_url__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(3136);
/* harmony import */ var _config_load_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8996);
/* harmony import */ var _engines_registry_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(5165);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(3893);
/* harmony import */ var _release_ledger_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(7529);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_19__ = __webpack_require__(4816);
/* harmony import */ var _report_table_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(659);
/* harmony import */ var _report_text_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(436);
/* harmony import */ var _approve_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(9669);
/* harmony import */ var _clone_js__WEBPACK_IMPORTED_MODULE_12__ = __webpack_require__(2773);
/* harmony import */ var _compare_js__WEBPACK_IMPORTED_MODULE_13__ = __webpack_require__(7692);
/* harmony import */ var _migrate_js__WEBPACK_IMPORTED_MODULE_14__ = __webpack_require__(4409);
/* harmony import */ var _rollback_js__WEBPACK_IMPORTED_MODULE_15__ = __webpack_require__(7566);
/* harmony import */ var _simulate_js__WEBPACK_IMPORTED_MODULE_16__ = __webpack_require__(6332);
/* harmony import */ var _status_js__WEBPACK_IMPORTED_MODULE_17__ = __webpack_require__(6188);
/* harmony import */ var _swap_js__WEBPACK_IMPORTED_MODULE_18__ = __webpack_require__(681);
// src/steps/demo.ts




















var release = "pr-42";
async function demo(host, options) {
  const say = (line = "") => {
    if (options.json !== true) process.stdout.write(`${line}
`);
  };
  const started = performance.now();
  const folder = options.keep ?? await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdtemp)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_2__.tmpdir)(), "greenlight-demo-"));
  try {
    const example = await copyExample(folder);
    process.chdir(folder);
    const context = await openProject(host);
    const result = await play(context, say, example);
    const ms = Math.round(performance.now() - started);
    return { ...result, ms, folder: options.keep === void 0 ? null : folder };
  } finally {
    process.chdir((0,node_os__WEBPACK_IMPORTED_MODULE_2__.tmpdir)());
    if (options.keep === void 0) await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true });
  }
}
function demoText({ folder, ms }) {
  const left = folder === null ? "Nothing of it is left; `--keep FOLDER` keeps it." : `All of it is in ${folder}.`;
  return `The whole way took ${(0,_report_format_js__WEBPACK_IMPORTED_MODULE_19__/* .duration */ .p0)(ms)}. ${left}`;
}
async function play(context, say, example) {
  const chapter = (title, command) => {
    say(`
${title}`);
    if (command !== void 0) say(`$ greenlight ${command}`);
  };
  chapter("1. Production today: a warehouse of three million flights, built by the old logic.");
  await buildProduction(context, example);
  await showReport(context, say);
  chapter(
    "2. A pull request changes what counts as delayed: from more than 15 minutes to 15 or more.",
    `clone --release ${release}`
  );
  await overlay((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(example.story, "1-first-attempt"));
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.cloneText(await (0,_clone_js__WEBPACK_IMPORTED_MODULE_12__.clone)(context, { release })));
  chapter(
    "3. The migration and the new logic run on the candidate; nobody touches production.",
    `migrate --release ${release}`
  );
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.migrateText(await (0,_migrate_js__WEBPACK_IMPORTED_MODULE_14__.migrate)(context, { release })));
  say(`$ greenlight simulate --release ${release}`);
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.simulateText(await (0,_simulate_js__WEBPACK_IMPORTED_MODULE_16__.simulate)(context, { release })));
  chapter(
    "4. Every table, column and row is compared with what production has.",
    `compare --release ${release}`
  );
  const first = await (0,_compare_js__WEBPACK_IMPORTED_MODULE_13__.compare)(context, { release });
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.compareText(first));
  say(
    "14,411 flights are gone: those without a delay class, lost by an inner join. No total showed it."
  );
  chapter("5. A swap now is refused.", `swap --release ${release}`);
  say(await refusal(() => (0,_swap_js__WEBPACK_IMPORTED_MODULE_18__.swap)(context, { release })));
  chapter("6. The logic is mended, simulated and compared again.", `simulate --release ${release}`);
  await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.cp)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(example.folder, "logic"), "logic", { recursive: true });
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.simulateText(await (0,_simulate_js__WEBPACK_IMPORTED_MODULE_16__.simulate)(context, { release })));
  say(`$ greenlight compare --release ${release}`);
  const second = await (0,_compare_js__WEBPACK_IMPORTED_MODULE_13__.compare)(context, { release });
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.compareText(second));
  const digest = second.digest.slice(0, 12);
  chapter(
    "7. A reviewer approves exactly these deviations, and the release goes live.",
    `approve --release ${release} --digest ${digest} --by reviewer`
  );
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.approveText(await (0,_approve_js__WEBPACK_IMPORTED_MODULE_11__.approve)(context, { release, digest, by: "reviewer" })));
  say(`$ greenlight swap --release ${release}`);
  const swapped = await (0,_swap_js__WEBPACK_IMPORTED_MODULE_18__.swap)(context, { release });
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.swapText(swapped));
  await showReport(context, say);
  chapter("8. Back again: the old database was kept.", "rollback");
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.rollbackText(await (0,_rollback_js__WEBPACK_IMPORTED_MODULE_15__.rollback)(context, {})));
  await showReport(context, say);
  say("\n$ greenlight status");
  say(_report_text_js__WEBPACK_IMPORTED_MODULE_10__.statusText(await (0,_status_js__WEBPACK_IMPORTED_MODULE_17__.status)(context, {})));
  say();
  const rows = ({ tables }) => tables.reduce((sum, table) => sum + table.unexplained, 0);
  return { unexplained: [rows(first), rows(second)], exchange_ms: swapped.exchange_ms };
}
async function copyExample(target) {
  const root = packageRoot();
  const folder = (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(root, "examples", "flights");
  const flights = (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(root, "node_modules", "vega-datasets", "data", "flights-3m.parquet");
  if (!(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(folder) || !(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(flights)) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_7__/* .GreenlightError */ .uf({
      what: "The demo needs the example and the flights, which come with a checkout of Greenlight.",
      where: (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(folder) ? flights : folder,
      live: "no database was touched",
      help: "In a checkout: npm ci && npm run demo"
    });
  }
  await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)(target, { recursive: true });
  if ((await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readdir)(target)).length > 0) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_7__/* .UsageError */ .eb({
      what: "The folder for the demo is not empty.",
      where: target,
      help: "Name a new one: --keep FOLDER"
    });
  }
  await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.cp)(folder, target, { recursive: true });
  return { folder, story: (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, "story"), flights };
}
function packageRoot() {
  let folder = (0,node_path__WEBPACK_IMPORTED_MODULE_3__.dirname)((0,node_url__WEBPACK_IMPORTED_MODULE_4__.fileURLToPath)(import.meta.url));
  while (!(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, "package.json")) || !(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, "examples"))) {
    if (folder === (0,node_path__WEBPACK_IMPORTED_MODULE_3__.dirname)(folder)) return (0,node_path__WEBPACK_IMPORTED_MODULE_3__.dirname)((0,node_url__WEBPACK_IMPORTED_MODULE_4__.fileURLToPath)(import.meta.url));
    folder = (0,node_path__WEBPACK_IMPORTED_MODULE_3__.dirname)(folder);
  }
  return folder;
}
async function openProject(host) {
  const config = await (0,_config_load_js__WEBPACK_IMPORTED_MODULE_5__/* .loadConfig */ .Z)("greenlight.yml", process.env);
  const engine = await (0,_engines_registry_js__WEBPACK_IMPORTED_MODULE_6__/* .createEngine */ .P)(config.engine, config);
  return { config, engine, host, ledger: new _release_ledger_js__WEBPACK_IMPORTED_MODULE_8__/* .Ledger */ .Oc(engine.stores, engine.places.live) };
}
async function buildProduction({ engine, host }, { flights }) {
  const files = [
    ...await sqlFiles("production"),
    ...await sqlFiles((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)("production", "logic"))
  ];
  const task = host.progress.task("Building production", files.length);
  const session = await engine.scripts.open(engine.places.live, {
    write: true,
    variables: { flights_parquet: flights },
    forbidden: []
  });
  try {
    for (const [index, file] of files.entries()) {
      task.advance(index, file);
      await session.run({ file, text: await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(file, "utf8") });
    }
  } finally {
    await session.close();
  }
  task.done();
}
async function sqlFiles(folder) {
  const names = (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readdir)(folder)).filter((name) => name.endsWith(".sql")).sort();
  return names.map((name) => (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, name));
}
async function overlay(folder) {
  await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.cp)(folder, ".", { recursive: true });
}
async function showReport({ engine }, say) {
  const session = await engine.scripts.open(engine.places.live, {
    write: false,
    variables: {},
    forbidden: []
  });
  try {
    const { columns, rows } = await session.query(
      "SELECT * FROM reports.top_delayed_airports LIMIT 5"
    );
    say("reports.top_delayed_airports, as the business sees it on live:");
    say((0,_report_table_js__WEBPACK_IMPORTED_MODULE_9__/* .textTable */ .e)(columns, rows));
  } finally {
    await session.close();
  }
}
async function refusal(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_7__/* .GreenlightError */ .uf) return error.problem.what;
    throw error;
  }
  throw new Error("The gate let an unapproved release through");
}



/***/ }),

/***/ 7566:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   rollback: () => (/* binding */ rollback)
/* harmony export */ });
/* harmony import */ var _config_names_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7963);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3893);
/* harmony import */ var _release_exchange_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1425);
/* harmony import */ var _release_find_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9971);
/* harmony import */ var _release_lineage_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(4059);
/* harmony import */ var _release_recover_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7102);
/* harmony import */ var _release_run_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(2063);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(4816);
// src/steps/rollback.ts








async function rollback(context, options) {
  const { engine, ledger, host } = context;
  const found = await releaseToRollBack(context, options.release);
  return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_5__/* .withHold */ .yw)(ledger, "live", "live", async () => {
    const recovered = await (0,_release_recover_js__WEBPACK_IMPORTED_MODULE_4__/* .recoverExchange */ .U)(context, found);
    const run = { release: found.id, step: "rollback", logic: null };
    if (recovered?.state === "done" && recovered.direction === "rollback") {
      host.progress.note(
        "An earlier rollback was cut off after the exchange; the rest is done now."
      );
      return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_5__/* .runStep */ .eg)(
        context,
        { ...run, seen: found },
        () => finish(context, found, recovered, null)
      );
    }
    if (recovered?.state === "done" || recovered?.state === "returning") {
      await adoptSwap(context, found, recovered);
    }
    const release = await (0,_release_find_js__WEBPACK_IMPORTED_MODULE_3__/* .findRelease */ .dv)(ledger, found.id);
    (0,_release_find_js__WEBPACK_IMPORTED_MODULE_3__/* .requireState */ .JS)(
      release,
      ["swapped"],
      release.state === "retired" ? "Its old database was dropped when it was retired; there is nothing to go back to." : "Only a release that is live can be rolled back."
    );
    const swaps = await ledger.read([], (reader) => reader.swaps());
    const swapped = swaps.findLast(
      (swap) => swap.release === release.id && swap.direction === "swap" && swap.state === "done"
    );
    if (swapped === void 0)
      throw new Error(`${release.id} is live without a swap in the ledger`);
    return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_5__/* .runStep */ .eg)(context, { ...run, seen: release }, async () => {
      await requireOnTop(context, release, swaps, swapped);
      const seen = await engine.databases.identify(engine.places.live);
      const written = await writtenSince(context, release, swapped);
      for (const line of written ?? []) host.progress.warn(`Written since the swap: ${line}`);
      if (await engine.swap.settle(engine.places.live)) {
        host.progress.note("The log of live was worked in.");
        return exchange(context, release, swapped, written, null);
      }
      return exchange(context, release, swapped, written, seen);
    });
  });
}
async function releaseToRollBack({ ledger }, id) {
  if (id !== void 0) return (0,_release_find_js__WEBPACK_IMPORTED_MODULE_3__/* .findRelease */ .dv)(ledger, id);
  const swaps = await ledger.read([], (reader) => reader.swaps());
  const cutOff = swaps.find(_release_recover_js__WEBPACK_IMPORTED_MODULE_4__/* .isOpen */ .n);
  return (0,_release_find_js__WEBPACK_IMPORTED_MODULE_3__/* .findRelease */ .dv)(ledger, cutOff?.release ?? (0,_release_lineage_js__WEBPACK_IMPORTED_MODULE_6__/* .releasesInLive */ .W)(swaps).at(-1));
}
async function adoptSwap({ ledger }, release, record) {
  await ledger.write(`swap ${release.id}: done`, async (writer) => {
    await writer.updateSwap(record.id, {
      state: "done",
      finished_at: (/* @__PURE__ */ new Date()).toISOString(),
      live_mark_after: record.incoming_mark
    });
    await writer.setState(release.id, "swapped");
  });
}
async function requireOnTop({ engine }, release, swaps, swapped) {
  const top = (0,_release_lineage_js__WEBPACK_IMPORTED_MODULE_6__/* .releasesInLive */ .W)(swaps).at(-1) ?? release.id;
  if (top !== release.id) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .GreenlightError */ .uf(
      {
        what: `Release ${top} went live after ${release.id}.`,
        help: `greenlight rollback --release ${top}`
      },
      _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .EXIT */ .dc.refused
    );
  }
  const live = await engine.databases.identify(engine.places.live);
  const previous = await engine.databases.identify(swapped.kept);
  if (live?.id === swapped.incoming_id && previous?.id === swapped.live_id) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .GreenlightError */ .uf(
    previous?.id === swapped.live_id ? {
      what: `Live is not the database of ${release.id} any more.`,
      where: engine.places.live,
      cause: `released ${swapped.incoming_id}, now ${live?.id ?? "nothing"}`,
      help: `The old database is untouched at ${swapped.kept}. Find out who replaced live.`
    } : {
      what: "The old database is not there any more.",
      where: engine.places.describe(swapped.kept),
      help: "Without it there is nothing to roll back to."
    },
    _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .EXIT */ .dc.refused
  );
}
async function writtenSince({ engine, ledger }, release, { live_mark_after, kept }) {
  const live = await engine.databases.identify(engine.places.live);
  if (live?.mark === live_mark_after) return null;
  const comparison = await ledger.read(null, async (reader) => {
    const last = (await reader.comparisons(release.id)).at(-1);
    return last === void 0 ? null : reader.tableDeviations(last.id);
  });
  const { relations } = await engine.catalog.read(engine.places.live);
  const session = await engine.comparison.open({
    old: kept,
    new: engine.places.live,
    store: null,
    lineage: true,
    purpose: `rollback ${release.id}`
  });
  const lines = [];
  try {
    for (const { schema, name, kind } of relations) {
      if (kind !== "table") continue;
      const released = comparison?.find(
        (row) => row.table_name === (0,_config_names_js__WEBPACK_IMPORTED_MODULE_0__/* .formatName */ .nD)([schema, name])
      )?.new_rows;
      const now = await session.countRows("new", schema, name, kind);
      if (released === void 0)
        lines.push(
          `${(0,_config_names_js__WEBPACK_IMPORTED_MODULE_0__/* .formatName */ .nD)([schema, name])}: not there when released, ${(0,_report_format_js__WEBPACK_IMPORTED_MODULE_7__/* .count */ .U9)(now)} rows now`
        );
      if (typeof released === "number" && now !== released) {
        lines.push(
          `${(0,_config_names_js__WEBPACK_IMPORTED_MODULE_0__/* .formatName */ .nD)([schema, name])}: ${(0,_report_format_js__WEBPACK_IMPORTED_MODULE_7__/* .count */ .U9)(released)} rows when released, ${(0,_report_format_js__WEBPACK_IMPORTED_MODULE_7__/* .count */ .U9)(now)} now`
        );
      }
    }
  } finally {
    await session.close();
  }
  return [
    ...lines,
    "rows that were only changed are not counted here; all of it stays in the database that is kept"
  ];
}
async function exchange(context, release, swapped, written, seen) {
  const { engine, host, config } = context;
  const { live } = engine.places;
  const fence = await (0,_release_exchange_js__WEBPACK_IMPORTED_MODULE_2__/* .raiseFences */ .$)(context, [live], config.swap.timeoutMs);
  try {
    const now = await engine.databases.identify(live);
    if (seen !== null && now?.mark !== seen.mark) {
      throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .GreenlightError */ .uf({
        what: "Live was written to while the rollback looked for what was written.",
        where: live,
        help: "Run the rollback again: it tells the new rows as well."
      });
    }
    const previous = await engine.databases.identify(swapped.kept);
    const intent = {
      release: release.id,
      direction: "rollback",
      live,
      live_id: swapped.incoming_id,
      incoming: swapped.kept,
      incoming_id: swapped.live_id,
      incoming_mark: previous?.mark ?? "",
      kept: engine.places.rolledBack(release.id),
      actor: host.actor
    };
    return await (0,_release_exchange_js__WEBPACK_IMPORTED_MODULE_2__/* .exchangeLive */ .y)(
      context,
      intent,
      (record) => finish(context, release, record, written)
    );
  } finally {
    await fence.release();
  }
}
async function finish({ engine, ledger }, release, { id, kept, exchange_ms, incoming_mark }, written) {
  await ledger.write(`rollback ${release.id}: done`, async (writer) => {
    await writer.updateSwap(id, {
      state: "done",
      finished_at: (/* @__PURE__ */ new Date()).toISOString(),
      exchange_ms,
      live_mark_after: incoming_mark,
      detail: { written_since_swap: written }
    });
    await writer.setState(release.id, "rolled-back");
  });
  return {
    release: release.id,
    state: "rolled-back",
    live: engine.places.live,
    kept,
    exchange_ms: exchange_ms ?? 0,
    written_since_swap: written
  };
}



/***/ }),

/***/ 6332:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   simulate: () => (/* binding */ simulate)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _release_candidate_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6383);
/* harmony import */ var _release_definitions_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8648);
/* harmony import */ var _release_files_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(993);
/* harmony import */ var _release_find_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9971);
/* harmony import */ var _release_logic_hash_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(89);
/* harmony import */ var _release_run_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(2063);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(4816);
/* harmony import */ var _command_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(6319);
/* harmony import */ var _migrate_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(4409);
// src/steps/simulate.ts










async function simulate(context, options) {
  const { config, ledger, engine } = context;
  if (config.simulate === null) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
      what: "This project has nothing to simulate.",
      where: `${config.file}: simulate`,
      help: "Compare what the migration made: greenlight compare"
    });
  }
  const found = await (0,_release_find_js__WEBPACK_IMPORTED_MODULE_4__/* .findRelease */ .dv)(ledger, options.release);
  const again = await isCutOff(ledger, found);
  const release = (0,_release_find_js__WEBPACK_IMPORTED_MODULE_4__/* .requireState */ .JS)(
    found,
    [
      ...config.migrate === null || again ? ["cloned"] : [],
      "migrated",
      "simulated",
      "compared",
      "approved"
    ],
    found.state === "cloned" ? `greenlight migrate --release ${found.id}` : `greenlight clone --release ${found.id}`
  );
  const steps = await (0,_release_files_js__WEBPACK_IMPORTED_MODULE_3__/* .runSteps */ .rl)(config);
  const logic = await (0,_release_logic_hash_js__WEBPACK_IMPORTED_MODULE_5__/* .logicHash */ .z)(config);
  return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_6__/* .runStep */ .eg)(
    context,
    { release: release.id, step: "simulate", logic, seen: release },
    async () => {
      const ready = await freshCandidate(context, release, again);
      await (0,_release_definitions_js__WEBPACK_IMPORTED_MODULE_2__/* .refuseNamedDatabases */ .qS)(engine, ready);
      const clock = config.simulate?.clock ?? ready.clone_instant;
      const items = await runAll(context, ready, steps, clock);
      await (0,_release_candidate_js__WEBPACK_IMPORTED_MODULE_1__/* .leaveCandidate */ .nh)(context, ready, "simulated");
      return { release: release.id, state: "simulated", clock, items };
    }
  );
}
async function isCutOff(ledger, release) {
  const steps = await ledger.read([], (reader) => reader.steps(release.id));
  const last = steps.findLast(({ step }) => ["clone", "migrate", "simulate"].includes(step));
  return last?.step === "simulate" && last.state !== "done";
}
async function freshCandidate(context, release, again) {
  const { ledger, config, host } = context;
  const state = await (0,_release_candidate_js__WEBPACK_IMPORTED_MODULE_1__/* .requireCandidate */ .Vg)(context, release);
  const halfway = again && release.state === "cloned" && config.migrate !== null;
  if (!halfway && await (0,_migrate_js__WEBPACK_IMPORTED_MODULE_8__.migrationIsPending)(context, release)) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
      what: "There are migration scripts that have not run on the candidate.",
      help: `greenlight migrate --release ${release.id}`
    });
  }
  const ran = await ledger.read(
    false,
    async (reader) => (await reader.simulations(release.id)).length > 0
  );
  if (!halfway && !ran && state === "as-left") return release;
  host.progress.note(
    ran || halfway ? "Logic ran on this candidate before, so it is made anew and migrated again." : "The candidate was changed since the last step left it, so it is made anew and migrated again."
  );
  const restored = await (0,_release_candidate_js__WEBPACK_IMPORTED_MODULE_1__/* .restoreCandidate */ .QK)(context, release, config.clone.method, host.progress);
  await (0,_migrate_js__WEBPACK_IMPORTED_MODULE_8__.applyMigrations)(context, restored);
  return restored;
}
async function runAll(context, release, steps, clock) {
  const { ledger, host } = context;
  const task = host.progress.task("Simulating", steps.length);
  const items = [];
  try {
    for (const [position, step] of steps.entries()) {
      task.advance(position, step.name);
      const { name, kind, checksum } = step;
      await ledger.write(
        `simulate ${release.id}: ${name}`,
        (writer) => writer.startScript("simulation", { release: release.id, position, name, kind, checksum })
      );
      const started = performance.now();
      const report = await runOne(
        context,
        release,
        step,
        clock,
        (detail) => task.advance(position, detail)
      );
      const ms = Math.round(performance.now() - started);
      await ledger.write(
        `simulate ${release.id}: ${name}`,
        (writer) => writer.finishScript("simulation", { release: release.id, position }, report)
      );
      host.progress.note(`${name}: ${(0,_report_format_js__WEBPACK_IMPORTED_MODULE_9__/* .duration */ .p0)(ms)}`);
      items.push({ item: name, kind, ms });
    }
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done((0,_report_format_js__WEBPACK_IMPORTED_MODULE_9__/* .plural */ .LS)(steps.length, "item"));
  return items;
}
async function runOne(context, release, step, clock, onDetail) {
  const { engine, ledger } = context;
  if (step.kind === "command") {
    await (0,_command_js__WEBPACK_IMPORTED_MODULE_7__/* .runOnCandidate */ .I)(context, release, step.command, onDetail, clock);
    return null;
  }
  const session = await engine.scripts.open(release.candidate, {
    write: true,
    variables: { greenlight_release: release.id, greenlight_now: clock },
    forbidden: [engine.places.live, release.baseline, ledger.location]
  });
  try {
    const report = await session.run(
      step.script,
      (done, total) => onDetail(`${step.name}: statement ${done} of ${total}`)
    );
    await session.close();
    return report;
  } catch (error) {
    await session.close().catch(() => void 0);
    throw error;
  }
}



/***/ }),

/***/ 6188:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   status: () => (/* binding */ status)
/* harmony export */ });
/* harmony import */ var _release_evidence_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7038);
/* harmony import */ var _release_find_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9971);
/* harmony import */ var _release_gate_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9327);
/* harmony import */ var _release_lineage_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4059);
/* harmony import */ var _release_next_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(7569);
/* harmony import */ var _release_recover_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7102);
// src/steps/status.ts






async function status(context, options) {
  const { engine, ledger, host } = context;
  const live = await engine.databases.identify(engine.places.live);
  const known = await ledger.read(
    { releases: [], swaps: [] },
    async (reader) => {
      const swaps = await reader.swaps();
      const releases = [];
      for (const release of await reader.releases()) {
        if (options.release !== void 0 && release.id !== options.release) continue;
        releases.push(await describe(context, reader, release, swaps));
      }
      return { releases, swaps };
    }
  );
  let gate = null;
  if (options.gate === true || options.release !== void 0) {
    const release = await (0,_release_find_js__WEBPACK_IMPORTED_MODULE_1__/* .findRelease */ .dv)(ledger, options.release);
    if (options.gate === true && release.candidate_id !== null) {
      const evidence = await (0,_release_evidence_js__WEBPACK_IMPORTED_MODULE_0__/* .gatherEvidence */ .h)(context, release, host.progress);
      gate = { release: release.id, ...(0,_release_gate_js__WEBPACK_IMPORTED_MODULE_2__/* .decideGate */ .q)(evidence) };
    }
  }
  return {
    live: engine.places.live,
    live_exists: live !== null,
    live_release: (0,_release_lineage_js__WEBPACK_IMPORTED_MODULE_4__/* .releasesInLive */ .W)(known.swaps.map((swap) => asSeen(swap, live))).at(-1) ?? null,
    ledger: ledger.location,
    releases: known.releases,
    gate
  };
}
function asSeen(swap, live) {
  return (0,_release_recover_js__WEBPACK_IMPORTED_MODULE_3__/* .isOpen */ .n)(swap) && swap.incoming_id === live?.id ? { ...swap, state: "done" } : swap;
}
async function describe({ config, ledger }, reader, release, swaps) {
  const comparison = (await reader.comparisons(release.id)).at(-1) ?? null;
  const approvals = await reader.approvals(release.id);
  const steps = await reader.steps(release.id);
  const last = steps.at(-1);
  const exchange = swaps.find((swap) => swap.release === release.id && (0,_release_recover_js__WEBPACK_IMPORTED_MODULE_3__/* .isOpen */ .n)(swap));
  const open = last !== void 0 && ["running", "interrupted"].includes(last.state) && endStates[last.step] !== release.state ? last.step : null;
  const running = open !== null && last?.state === "running" && await isHeld(ledger, release.id);
  const compared = ["compared", "approved", "swapped", "rolled-back", "retired"].includes(
    release.state
  );
  const current = compared ? comparison : null;
  const next = exchange?.direction ?? (0,_release_next_js__WEBPACK_IMPORTED_MODULE_5__/* .nextStep */ .s)(release, config, current?.verdict ?? null);
  return {
    release: release.id,
    state: release.state,
    created_at: release.created_at,
    verdict: current?.verdict ?? null,
    digest: current?.digest ?? null,
    approved_by: [
      ...new Set(
        approvals.filter(({ digest }) => digest === current?.digest).map(({ approver }) => approver)
      )
    ],
    running: running ? open : null,
    unfinished: running ? null : exchange?.direction ?? open,
    next: running || next === null ? null : `greenlight ${next} --release ${release.id}`
  };
}
async function isHeld(ledger, release) {
  const hold = await ledger.hold(`release-${release}`, 0);
  if (hold.held) await hold.release();
  return !hold.held;
}
var endStates = {
  swap: "swapped",
  rollback: "rolled-back",
  retire: "retired"
};



/***/ })

};
