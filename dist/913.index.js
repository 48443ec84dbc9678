export const id = 913;
export const ids = [913];
export const modules = {

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
/* harmony import */ var _format_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4816);
/* harmony import */ var _table_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(659);
// src/report/text.ts


function cloneText(result) {
  return `Release ${result.release} is cloned: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .plural */ .LS)(result.tables, "table")} and ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .plural */ .LS)(result.views, "view")}, ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .bytes */ .ee)(result.bytes)} for candidate and baseline.
candidate  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(result.candidate)}
baseline   ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(result.baseline)}`;
}
function migrateText({ release, applied, skipped }) {
  if (applied.length === 0)
    return `Release ${release}: nothing to migrate (${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .plural */ .LS)(skipped.length, "script")} applied before).`;
  return [
    `Release ${release} is migrated.`,
    ...applied.map((script) => `applied  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(script)}`),
    ...skipped.map((script) => `skipped  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(script)} (applied before)`)
  ].join("\n");
}
function simulateText({ release, items, clock }) {
  const rows = items.map(({ item, ms }) => [item, (0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .duration */ .p0)(ms)]);
  return `Release ${release} is simulated, with ${clock} as now.
${(0,_table_js__WEBPACK_IMPORTED_MODULE_0__/* .textTable */ .e)(["item", "time"], rows)}`;
}
function compareText(result) {
  const { tables, columns, rows, skipped } = result.coverage;
  const share = (name, of) => `${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .count */ .U9)(of.compared)} of ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .count */ .U9)(of.total)} ${name}`;
  const lineage = result.tables.filter(({ proof }) => proof === "lineage").length;
  return [
    `${result.release}: ${verdictText(result)}`,
    `Compared ${share("tables and views", tables)}, ${share("columns", columns)}, ${share("rows (both sides)", rows)}${lineage > 0 ? `; ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .plural */ .LS)(lineage, "table")} proven equal without reading` : ""}.`,
    ...skipped.map(
      ({ table, column, reason }) => `Skipped ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(column === null ? table : `${table}.${column}`)}: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(reason)}`
    ),
    ...deviatingTables(result.tables),
    ...result.objects.map(({ kind, name, status }) => `${status} ${kind} ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(name)}`),
    `digest ${result.digest}`
  ].join("\n");
}
function verdictText({ verdict, tables, objects, state }) {
  if (verdict === "identical") return "identical. Nothing deviates.";
  if (verdict === "explained") return "explained. Nothing deviates in what was compared.";
  const deviating = tables.filter(({ status }) => !["identical", "skipped"].includes(status));
  const rows = deviating.reduce((sum, table) => sum + table.unexplained, 0);
  const unreadable = tables.filter(({ skipped }) => skipped === "unreadable").length;
  const found = [
    `${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .plural */ .LS)(deviating.length, "table or view deviates", "tables and views deviate")}, ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .plural */ .LS)(rows, "row")}`,
    ...objects.length > 0 ? [(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .plural */ .LS)(objects.length, "other object")] : [],
    ...unreadable > 0 ? [`${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .count */ .U9)(unreadable)} could not be read`] : []
  ];
  return `unexplained. ${found.join(", ")}${state === "approved" ? "; this digest is approved" : ""}.`;
}
function deviatingTables(tables) {
  const deviating = tables.filter(({ status }) => !["identical", "skipped"].includes(status)).toSorted((a, b) => b.unexplained - a.unexplained || (a.table < b.table ? -1 : 1));
  if (deviating.length === 0) return [];
  const head = ["table", "status", "old rows", "new rows", "removed", "added", "changed"];
  const rows = deviating.map((table) => [
    table.table,
    table.role === "input" ? `${table.status} (input!)` : table.status,
    table.old_rows,
    table.new_rows,
    table.removed,
    table.added,
    table.changed
  ]);
  return ["", (0,_table_js__WEBPACK_IMPORTED_MODULE_0__/* .textTable */ .e)(head, rows), "", ...deviating.flatMap(columnLines), ""];
}
function columnLines({
  table,
  columns,
  reason,
  key,
  status,
  old_definition,
  new_definition
}) {
  const keyless = key === null && status === "changed" ? ["no key: rows are compared as a whole"] : [];
  const notes = [
    ...reason === null ? keyless : [reason],
    ...old_definition !== new_definition && status === "changed" ? ["its definition changed"] : []
  ];
  const lines = status !== "changed" ? [] : columns.flatMap((column) => {
    const name = `  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(`${table}.${column.column}`)}:`;
    const cells = column.changed > 0 ? `${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .plural */ .LS)(column.changed, "row")} changed` : "";
    const pattern = column.pattern === null ? "" : `: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(column.pattern)}`;
    if (column.status === "changed") return [`${name} ${cells}${pattern}`];
    if (column.status === "retyped") {
      return [
        `${name} ${column.old_type} is now ${column.new_type}${cells === "" ? "" : `, ${cells}${pattern}`}`
      ];
    }
    if (column.status === "added") return [`${name} column added (${column.new_type})`];
    return column.status === "removed" ? [`${name} column removed (${column.old_type})`] : [];
  });
  return [...notes.map((note) => `  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(table)}: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(note)}`), ...lines];
}
function approveText({ release, digest, by }) {
  return `${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(by)} approved digest ${digest.slice(0, 12)} of release ${release}.
Next: greenlight swap --release ${release}`;
}
function swapText({ release, exchange_ms, verified, previous }) {
  return `Release ${release} is live: exchanged in ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .duration */ .p0)(exchange_ms)}, ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .plural */ .LS)(verified, "verification file")} held.
previous  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(previous)}
To go back: greenlight rollback --release ${release}`;
}
function rollbackText({
  release,
  exchange_ms,
  kept,
  written_since_swap: written
}) {
  return [
    `Release ${release} is rolled back: the old database is live again, exchanged in ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .duration */ .p0)(exchange_ms)}.`,
    ...(written ?? ["Nothing was written to live since the swap."]).map((line) => (0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(line)),
    `kept  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(kept)}`
  ].join("\n");
}
function retireText({ release, dropped, dry_run: dryRun, left }) {
  const lines = [
    ...dropped.map(
      ({ role, location, bytes: size }) => `${dryRun ? "would drop" : "dropped"}  ${role}  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .bytes */ .ee)(size)}  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(location)}`
    ),
    ...left.map(
      ({ role, location, reason }) => `left alone  ${role}  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(location)}: ${reason}`
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
  return [`live  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(result.live)} (${live})`, "", table, ...gate].join("\n");
}
function initText({ written, live }) {
  return [
    ...written.map((file) => `wrote  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(file)}`),
    `live   ${(0,_format_js__WEBPACK_IMPORTED_MODULE_1__/* .visible */ .RK)(live)}`,
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

/***/ 422:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  compare: () => (/* binding */ compare_compare)
});

// EXTERNAL MODULE: ./build/esm/compare/compare.js + 2 modules
var compare = __webpack_require__(2754);
;// CONCATENATED MODULE: ./build/esm/compare/verdict.js
// src/compare/verdict.ts
function verdictOf(comparison) {
  const deviates = comparison.objects.length > 0 || comparison.tables.some(isDeviation);
  if (deviates) return "unexplained";
  return coverageOf(comparison).skipped.length > 0 ? "explained" : "identical";
}
function isDeviation({ status, skipped }) {
  return status === "skipped" ? skipped === "unreadable" : status !== "identical";
}
function coverageOf({ tables }) {
  const rowsOf = ({ old_rows, new_rows }) => (old_rows ?? 0) + (new_rows ?? 0);
  const looked = tables.filter(({ skipped }) => skipped === null);
  const columns = tables.flatMap((table) => table.columns);
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  return {
    tables: { compared: looked.length, total: tables.length },
    columns: {
      compared: columns.filter(({ reason }) => reason === null).length,
      total: columns.length
    },
    rows: { compared: sum(looked.map(rowsOf)), total: sum(tables.map(rowsOf)) },
    skipped: tables.flatMap(({ table, skipped, reason, columns: own }) => {
      if (skipped !== null) return [{ table, column: null, reason: reason ?? "" }];
      return own.filter((column) => column.reason !== null).map(({ column, reason: why }) => ({ table, column, reason: why ?? "" }));
    })
  };
}


// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
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
  const found = await (0,find/* findRelease */.dv)(ledger, options.release);
  const release = (0,find/* requireState */.JS)(
    found,
    [config.simulate === null ? "migrated" : "simulated", "compared", "approved"],
    wayTo(found, config)
  );
  const logic = await (0,logic_hash/* logicHash */.z)(config);
  return (0,run/* runRecordedStep */.UP)(
    context,
    { release: release.id, step: "compare", logic, seen: release },
    (id) => compareSides(context, release, id),
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
}
async function compareSides(context, release, id) {
  const { config, engine, host } = context;
  await requireUntouched(context, release);
  const { comparison, newCatalog } = await (0,compare/* compareDatabases */.O)({
    engine,
    old: release.baseline,
    new: release.candidate,
    config: config.compare,
    record: { table: tables/* rowDeviationTable */.wk.name, comparison: id, privacy: config.privacy },
    purpose: `compare ${release.id}`,
    progress: host.progress
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
    { ...judged, inventory, candidate_mark: candidateMark },
    deviationRows(comparison)
  );
  await writer.setState(release.id, state);
  const { tables, objects } = comparison;
  return { release: release.id, state, comparison: id, ...judged, tables, objects };
}
function deviationRows({ tables, objects }) {
  return {
    tables: tables.map(({ table, columns: _columns, ...rest }) => ({ table_name: table, ...rest })),
    columns: tables.flatMap(
      ({ table, columns }) => columns.filter(({ status }) => status !== "identical").map(({ column, ...rest }) => ({ table_name: table, column_name: column, ...rest }))
    ),
    objects: objects.map(({ name, ...rest }) => ({ object_name: name, ...rest }))
  };
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
/* harmony import */ var _config_load_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6431);
/* harmony import */ var _engines_registry_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(5165);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(3893);
/* harmony import */ var _release_ledger_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(7529);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_19__ = __webpack_require__(4816);
/* harmony import */ var _report_table_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(659);
/* harmony import */ var _report_text_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(436);
/* harmony import */ var _approve_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(9669);
/* harmony import */ var _clone_js__WEBPACK_IMPORTED_MODULE_12__ = __webpack_require__(2773);
/* harmony import */ var _compare_js__WEBPACK_IMPORTED_MODULE_13__ = __webpack_require__(422);
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
