export const id = 422;
export const ids = [422,63];
export const modules = {

/***/ 6383:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   QK: () => (/* binding */ restoreCandidate),
/* harmony export */   Vg: () => (/* binding */ requireCandidate),
/* harmony export */   nh: () => (/* binding */ leaveCandidate)
/* harmony export */ });
/* unused harmony export requireBaseline */
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4816);
// src/release/candidate.ts


async function requireBaseline({ engine }, release) {
  const found = await engine.databases.identify(release.baseline);
  if (found?.id === release.baseline_id && found.mark === release.baseline_mark) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: found === null ? "The baseline is gone." : "The baseline is not the one that the clone made.",
    where: engine.places.describe(release.baseline),
    help: `Begin again with a fresh clone: greenlight clone --release ${release.id}`
  });
}
var beingMade = "being made anew";
async function requireCandidate(parts, release) {
  await requireBaseline(parts, release);
  if (release.candidate_mark === beingMade) return "changed";
  const found = await parts.engine.databases.identify(release.candidate);
  if (found !== null && found.id === release.candidate_id) {
    return found.mark === release.candidate_mark ? "as-left" : "changed";
  }
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: found === null ? "The candidate is gone: somebody dropped it." : "Another database took the place of the candidate.",
    where: parts.engine.places.describe(release.candidate),
    help: `Begin again with a fresh clone: greenlight clone --release ${release.id}`
  });
}
async function restoreCandidate({ engine, ledger }, release, method, progress) {
  await requireBaseline({ engine, ledger }, release);
  await ledger.write(`restore the candidate of ${release.id}`, async (writer) => {
    await writer.forgetCandidate(release.id);
    await writer.updateRelease(release.id, { state: "cloned", candidate_mark: beingMade });
  });
  const task = progress.task(
    "Making the candidate anew from the baseline",
    await engine.databases.size(release.baseline)
  );
  try {
    const { clone, bytes: size } = await engine.databases.clone(
      release.baseline,
      release.candidate,
      {
        method,
        onProgress: (done) => task.advance(done)
      }
    );
    const set = { candidate_id: clone.id, candidate_mark: clone.mark };
    await ledger.write(
      `restore the candidate of ${release.id}`,
      (writer) => writer.updateRelease(release.id, { ...set, state: "cloned" })
    );
    task.done((0,_report_format_js__WEBPACK_IMPORTED_MODULE_1__/* .bytes */ .ee)(size));
    return { ...release, ...set, state: "cloned" };
  } catch (error) {
    task.failed();
    throw error;
  }
}
async function leaveCandidate({ engine, ledger }, release, state) {
  const found = await engine.databases.identify(release.candidate);
  if (found === null || found.id !== release.candidate_id) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
      what: "The candidate vanished, or was replaced by another database, while the step worked on it.",
      where: engine.places.describe(release.candidate),
      help: `Find out what did that, then run greenlight clone --release ${release.id}.`
    });
  }
  await ledger.write(
    `${release.id}: ${state}`,
    (writer) => writer.updateRelease(release.id, { state, candidate_mark: found.mark })
  );
}



/***/ }),

/***/ 2063:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   UP: () => (/* binding */ runRecordedStep),
/* harmony export */   eg: () => (/* binding */ runStep),
/* harmony export */   yw: () => (/* binding */ withHold)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
// src/release/run.ts

function runStep(parts, run, work) {
  return runRecordedStep(parts, run, work, {
    begin: async () => void 0,
    end: async (_, result) => result
  });
}
async function runRecordedStep({ ledger, host }, run, work, records) {
  return withHold(ledger, `release-${run.release}`, `release ${run.release}`, async () => {
    const { id, begun } = await ledger.write(
      `${run.step} ${run.release}: begin`,
      async (writer) => {
        requireUnchanged(await writer.release(run.release), run);
        await writer.interruptSteps(run.release);
        await writer.dropUnfinishedComparisons(run.release);
        const own = await records.begin(writer);
        const hash = run.logic?.hash ?? null;
        return { id: await writer.startStep(run.release, run.step, host.actor, hash), begun: own };
      }
    );
    try {
      const found = await work(begun);
      return await ledger.write(`${run.step} ${run.release}: done`, async (writer) => {
        const result = await records.end(writer, found);
        await writer.finishStep(id, "done", { result, logic: run.logic });
        return result;
      });
    } catch (error) {
      const refused = error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf && error.exitCode === _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .EXIT */ .dc.refused;
      const state = refused ? "refused" : "failed";
      await ledger.write(
        `${run.step} ${run.release}: ${state}`,
        (writer) => writer.finishStep(id, state, { error: (0,_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .messageOf */ .bD)(error) })
      ).catch(() => void 0);
      throw error;
    }
  });
}
function requireUnchanged(now, { seen, release, step }) {
  if (seen === null || now?.updated_at === seen.updated_at) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: `Another greenlight has just changed release ${release}.`,
    cause: `it was ${seen.state}, now it is ${now?.state ?? "gone"}`,
    help: `Look at greenlight status, then run ${step} again.`
  });
}
async function withHold(ledger, name, what, work) {
  const hold = await ledger.hold(name);
  if (!hold.held) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
      what: `Another greenlight works on ${what} right now.`,
      cause: hold.holder,
      help: "Wait until it has ended, then run the same command again."
    });
  }
  try {
    return await work();
  } finally {
    await hold.release();
  }
}



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



/***/ })

};
