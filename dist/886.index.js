export const id = 886;
export const ids = [886];
export const modules = {

/***/ 7336:
/***/ ((module) => {

let p = process || {}, argv = p.argv || [], env = p.env || {}
let isColorSupported =
	!(!!env.NO_COLOR || argv.includes("--no-color")) &&
	(!!env.FORCE_COLOR || argv.includes("--color") || p.platform === "win32" || ((p.stdout || {}).isTTY && env.TERM !== "dumb") || !!env.CI)

let formatter = (open, close, replace = open) =>
	input => {
		let string = "" + input, index = string.indexOf(close, open.length)
		return ~index ? open + replaceClose(string, close, replace, index) + close : open + string + close
	}

let replaceClose = (string, close, replace, index) => {
	let result = "", cursor = 0
	do {
		result += string.substring(cursor, index) + replace
		cursor = index + close.length
		index = string.indexOf(close, cursor)
	} while (~index)
	return result + string.substring(cursor)
}

let createColors = (enabled = isColorSupported) => {
	let f = enabled ? formatter : () => String
	return {
		isColorSupported: enabled,
		reset: f("\x1b[0m", "\x1b[0m"),
		bold: f("\x1b[1m", "\x1b[22m", "\x1b[22m\x1b[1m"),
		dim: f("\x1b[2m", "\x1b[22m", "\x1b[22m\x1b[2m"),
		italic: f("\x1b[3m", "\x1b[23m"),
		underline: f("\x1b[4m", "\x1b[24m"),
		inverse: f("\x1b[7m", "\x1b[27m"),
		hidden: f("\x1b[8m", "\x1b[28m"),
		strikethrough: f("\x1b[9m", "\x1b[29m"),

		black: f("\x1b[30m", "\x1b[39m"),
		red: f("\x1b[31m", "\x1b[39m"),
		green: f("\x1b[32m", "\x1b[39m"),
		yellow: f("\x1b[33m", "\x1b[39m"),
		blue: f("\x1b[34m", "\x1b[39m"),
		magenta: f("\x1b[35m", "\x1b[39m"),
		cyan: f("\x1b[36m", "\x1b[39m"),
		white: f("\x1b[37m", "\x1b[39m"),
		gray: f("\x1b[90m", "\x1b[39m"),

		bgBlack: f("\x1b[40m", "\x1b[49m"),
		bgRed: f("\x1b[41m", "\x1b[49m"),
		bgGreen: f("\x1b[42m", "\x1b[49m"),
		bgYellow: f("\x1b[43m", "\x1b[49m"),
		bgBlue: f("\x1b[44m", "\x1b[49m"),
		bgMagenta: f("\x1b[45m", "\x1b[49m"),
		bgCyan: f("\x1b[46m", "\x1b[49m"),
		bgWhite: f("\x1b[47m", "\x1b[49m"),

		blackBright: f("\x1b[90m", "\x1b[39m"),
		redBright: f("\x1b[91m", "\x1b[39m"),
		greenBright: f("\x1b[92m", "\x1b[39m"),
		yellowBright: f("\x1b[93m", "\x1b[39m"),
		blueBright: f("\x1b[94m", "\x1b[39m"),
		magentaBright: f("\x1b[95m", "\x1b[39m"),
		cyanBright: f("\x1b[96m", "\x1b[39m"),
		whiteBright: f("\x1b[97m", "\x1b[39m"),

		bgBlackBright: f("\x1b[100m", "\x1b[49m"),
		bgRedBright: f("\x1b[101m", "\x1b[49m"),
		bgGreenBright: f("\x1b[102m", "\x1b[49m"),
		bgYellowBright: f("\x1b[103m", "\x1b[49m"),
		bgBlueBright: f("\x1b[104m", "\x1b[49m"),
		bgMagentaBright: f("\x1b[105m", "\x1b[49m"),
		bgCyanBright: f("\x1b[106m", "\x1b[49m"),
		bgWhiteBright: f("\x1b[107m", "\x1b[49m"),
	}
}

module.exports = createColors()
module.exports.createColors = createColors


/***/ }),

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

/***/ 9886:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  runAlone: () => (/* binding */ runAlone),
  runInProject: () => (/* binding */ runInProject)
});

// EXTERNAL MODULE: ./build/esm/config/load.js + 1 modules
var load = __webpack_require__(8996);
// EXTERNAL MODULE: ./build/esm/engines/registry.js
var registry = __webpack_require__(5165);
// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: ./node_modules/picocolors/picocolors.js
var picocolors = __webpack_require__(7336);
// EXTERNAL MODULE: ./build/esm/report/format.js
var format = __webpack_require__(4816);
;// CONCATENATED MODULE: ./build/esm/hosts/terminal.js
// src/hosts/terminal.ts



function terminalHost(options) {
  return { actor: findActor(options.env), progress: chooseProgress(options) };
}
function chooseProgress(options) {
  const { stream, isTTY, quiet, env } = options;
  if (quiet) return SILENCE;
  const colors = picocolors.createColors(isTTY && !env.NO_COLOR && env.TERM !== "dumb");
  const isLive = isTTY && stream.columns !== 0 && !isSet(env.CI) && env.TERM !== "dumb";
  const board = isLive ? new LiveBoard(stream) : new LogBoard(stream);
  return {
    task: (label, total) => board.begin(new Work((0,format/* visible */.RK)(label), total, colors, board)),
    note: (text) => board.write(`${colors.dim("-")} ${(0,format/* visible */.RK)(text)}`),
    warn: (text) => board.write(`${colors.yellow("warning:")} ${(0,format/* visible */.RK)(text)}`)
  };
}
var SILENCE = {
  task: () => ({ advance() {
  }, done() {
  }, failed() {
  } }),
  note() {
  },
  warn() {
  }
};
function isSet(value) {
  return value !== void 0 && value !== "" && value !== "0" && value !== "false";
}
var Work = class {
  label;
  started = performance.now();
  #total;
  #colors;
  #board;
  #done = 0;
  #detail = "";
  constructor(label, total, colors, board) {
    this.label = label;
    this.#total = total;
    this.#colors = colors;
    this.#board = board;
  }
  advance(done, detail) {
    this.#done = done;
    if (detail !== void 0) this.#detail = (0,format/* visible */.RK)(detail);
  }
  done(summary) {
    this.#board.end(this, this.#lastLine(this.#colors.green("done"), summary));
  }
  failed(summary) {
    this.#board.end(this, this.#lastLine(this.#colors.red("failed"), summary));
  }
  get elapsed() {
    return performance.now() - this.started;
  }
  /** `compare: 45 %, marts.delay, 12.3 s, about 15 s left` */
  get line() {
    const share = this.#share;
    const facts = [
      share === null ? "" : `${Math.floor(share * 100)} %`,
      this.#detail,
      (0,format/* duration */.p0)(this.elapsed),
      share === null ? "" : this.#timeLeft(share)
    ];
    return `${this.label}: ${facts.filter((fact) => fact !== "").join(", ")}`;
  }
  get #share() {
    if (this.#total === void 0 || this.#total <= 0) return null;
    return Math.min(1, Math.max(0, this.#done / this.#total));
  }
  /** Worth telling once some time and some work are behind it. */
  #timeLeft(share) {
    if (this.elapsed < 2e3 || share < 0.02 || share === 1) return "";
    const left = this.elapsed * (1 - share) / share;
    return `about ${(0,format/* duration */.p0)(Math.ceil(left / 1e3) * 1e3)} left`;
  }
  #lastLine(outcome, summary) {
    const time = this.#colors.dim(`(${(0,format/* duration */.p0)(this.elapsed)})`);
    return `${this.label}: ${summary ? `${outcome}, ${(0,format/* visible */.RK)(summary)}` : outcome} ${time}`;
  }
};
var LogBoard = class {
  #stream;
  #timers = /* @__PURE__ */ new Map();
  constructor(stream) {
    this.#stream = stream;
  }
  begin(work) {
    this.write(`${work.label} ...`);
    this.#remind(work);
    return work;
  }
  end(work, line) {
    clearTimeout(this.#timers.get(work));
    if (this.#timers.delete(work)) this.write(line);
  }
  write(line) {
    this.#stream.write(`${line}
`);
  }
  /** After 10 seconds, and ever less often the longer it lasts: an hour makes some forty lines. */
  #remind(work) {
    const timer = setTimeout(
      () => {
        this.write(`  ${work.line}`);
        this.#remind(work);
      },
      Math.max(1e4, work.elapsed / 10)
    );
    timer.unref();
    this.#timers.set(work, timer);
  }
};
var LiveBoard = class {
  #stream;
  #works = /* @__PURE__ */ new Set();
  #update = null;
  #timer = null;
  constructor(stream) {
    this.#stream = stream;
  }
  begin(work) {
    this.#works.add(work);
    this.#timer ??= setInterval(() => this.#refresh(), 100).unref();
    this.#load().catch(() => void 0);
    return work;
  }
  end(work, line) {
    if (!this.#works.delete(work)) return;
    this.write(line);
    if (this.#works.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
  write(line) {
    this.#update?.clear();
    this.#stream.write(`${line}
`);
    this.#refresh();
  }
  #refresh() {
    if (this.#works.size === 0) return;
    const width = (this.#stream.columns ?? 80) - 1;
    this.#update?.([...this.#works].map((work) => cut(work.line, width)).join("\n"));
  }
  /** The library is loaded when there is something to show; until it is there, nothing moves. */
  async #load() {
    const { createLogUpdate } = await __webpack_require__.e(/* import() */ 128).then(__webpack_require__.bind(__webpack_require__, 2128));
    this.#update ??= createLogUpdate(this.#stream, { showCursor: true });
  }
};
function cut(line, width) {
  const characters = [...line];
  return characters.length > width ? `${characters.slice(0, width - 1).join("")}…` : line;
}
function findActor(env) {
  const { GREENLIGHT_ACTOR, GITHUB_ACTOR, GITLAB_USER_LOGIN, USER } = env;
  if (GREENLIGHT_ACTOR) return GREENLIGHT_ACTOR;
  if (GITHUB_ACTOR) return `github:${GITHUB_ACTOR}`;
  if (GITLAB_USER_LOGIN) return `gitlab:${GITLAB_USER_LOGIN}`;
  if (USER) return USER;
  try {
    return (0,external_node_os_.userInfo)().username;
  } catch {
    return "unknown";
  }
}


// EXTERNAL MODULE: ./build/esm/release/ledger.js
var ledger = __webpack_require__(7529);
// EXTERNAL MODULE: ./build/esm/version.js
var version = __webpack_require__(7960);
;// CONCATENATED MODULE: ./build/esm/run-step.js
// src/run-step.ts







function runInProject(options, work) {
  let tellLive = async () => "live is unchanged";
  return runAlone(
    options,
    async (host) => {
      const config = await (0,load/* loadConfig */.Z)(options.config, process.env);
      process.chdir(config.root);
      const engine = await (0,registry/* createEngine */.P)(config.engine, config);
      const { live } = engine.places;
      tellLive = await watch(engine, live);
      return work({ config, engine, host, ledger: new ledger/* Ledger */.Oc(engine.stores, live) });
    },
    () => tellLive()
  );
}
async function watch({ databases }, live) {
  const look = () => databases.identify(live).catch(() => null);
  const before = await look();
  return async () => {
    const after = await look();
    if (before === null && after === null) return "there is no live database";
    return after?.id === before?.id && after?.mark === before?.mark ? "live is unchanged" : "live was written to or replaced while this ran, by this step or by somebody else";
  };
}
async function runAlone({ json, quiet }, work, tellLive = async () => "live is unchanged") {
  const host = terminalHost({
    stream: process.stderr,
    isTTY: process.stderr.isTTY === true,
    quiet: quiet === true,
    env: process.env
  });
  try {
    const { result, text } = await work(host);
    if (json === true) await print(JSON.stringify(result, null, 2));
    else if (typeof text === "string") await print(text);
    else await printPieces(text);
    return errors/* EXIT */.dc.done;
  } catch (error) {
    const told = error instanceof errors/* GreenlightError */.uf ? error.problem : bug(error);
    const problem = { live: await tellLive(), ...told };
    process.stderr.write(`${problemText(problem)}
`);
    if (json === true) await print(JSON.stringify(errorDocument(error, problem), null, 2));
    return error instanceof errors/* GreenlightError */.uf ? error.exitCode : errors/* EXIT */.dc.error;
  }
}
async function print(text) {
  await written(`${text}
`);
}
async function printPieces(pieces) {
  for await (const piece of pieces) {
    if (!await written(piece)) return;
  }
}
async function written(text) {
  if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", () => void 0);
  return new Promise((done) => {
    process.stdout.write(text, (error) => done(error === null || error === void 0));
  });
}
function problemText({ what, where, cause, live, help }) {
  const lines = (text) => text.split("\n").map(format/* visible */.RK).join("\n");
  return [
    `error: ${lines(what)}`,
    ...where === void 0 ? [] : [`where: ${lines(where)}`],
    ...cause === void 0 ? [] : [`cause: ${lines(cause)}`],
    `live:  ${lines(live)}`,
    ...help === void 0 || help === "" ? [] : [`help:  ${lines(help)}`]
  ].join("\n");
}
function errorDocument(error, problem) {
  const gate = error instanceof Error && "gate" in error ? { gate: error.gate } : {};
  return { error: problem, ...gate };
}
function bug(error) {
  return {
    what: `This should not have happened: ${withoutStatement((0,errors/* messageOf */.bD)(error))}`,
    cause: error instanceof Error ? framesOf(error).slice(0, 3).join("\n") : "",
    help: `Please report it, with the command and the version (${version/* version */.r}).`
  };
}
function withoutStatement(message) {
  return (message.split("\n", 1)[0] ?? "").replace(/ at or near .*/, "");
}
function framesOf({ stack = "" }) {
  return stack.split("\n").map((line) => line.trim()).filter((line) => line.startsWith("at "));
}



/***/ })

};
