export const id = 188;
export const ids = [188];
export const modules = {

/***/ 8648:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   YX: () => (/* binding */ namedDatabases),
/* harmony export */   Zw: () => (/* binding */ describeNamed),
/* harmony export */   qS: () => (/* binding */ refuseNamedDatabases)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
// src/release/definitions.ts

function namedDatabases(engine, release, definitions) {
  const roles = {
    live: engine.places.live,
    candidate: release.candidate,
    baseline: release.baseline
  };
  return definitions.flatMap(
    ({ kind, name, databases }) => databases.flatMap((database) => {
      const named = Object.entries(roles).flatMap(
        ([role, at]) => engine.places.names(at).some((known) => known.toLowerCase() === database.toLowerCase()) ? [role] : []
      );
      return named.length === 0 ? [] : [{ kind, name, database, roles: named }];
    })
  );
}
async function refuseNamedDatabases(engine, release) {
  const { definitions } = await engine.catalog.read(release.candidate);
  const found = namedDatabases(engine, release, definitions);
  if (found.length === 0) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf(
    {
      what: `${found.length} stored ${found.length === 1 ? "definition names" : "definitions name"} a database of this release:
${found.map(describeNamed).join("\n")}`,
      where: engine.places.describe(release.candidate),
      cause: "such a name is kept by clone and swap, and then leads to another database than meant",
      help: "Let a migration create them again with schema.table only, then run migrate and simulate again."
    },
    _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .EXIT */ .dc.refused
  );
}
function describeNamed({ kind, name, database, roles }) {
  return `  ${kind} ${name} names ${database} (${roles.join(", ")})`;
}



/***/ }),

/***/ 7038:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  h: () => (/* binding */ gatherEvidence)
});

// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
// EXTERNAL MODULE: ./build/esm/release/definitions.js
var definitions = __webpack_require__(8648);
// EXTERNAL MODULE: ./build/esm/compare/compare.js + 11 modules
var compare = __webpack_require__(905);
// EXTERNAL MODULE: ./build/esm/report/format.js
var format = __webpack_require__(4816);
;// CONCATENATED MODULE: ./build/esm/release/drift.js
// src/release/drift.ts


async function findDrift(engine, release, live, progress) {
  if (live.mark === release.live_mark) return [];
  progress.note(
    "Live was touched since the clone instant, so its values are compared with the baseline."
  );
  const { comparison } = await (0,compare/* compareDatabases */.O)({
    engine,
    old: release.baseline,
    new: engine.places.live,
    config: { input: [], result: null, keys: {}, ignore: [], tolerance: {}, mode: "strict" },
    record: null,
    purpose: `drift ${release.id}`,
    progress
  });
  return [
    ...comparison.tables.filter(({ status }) => status !== "identical").map(describe),
    ...comparison.objects.map(({ kind, name, status }) => `${kind} ${name}: ${status}`)
  ];
}
function describe({ table, status, added, removed, changed, reason }) {
  if (status === "skipped") return `${table}: ${reason}`;
  if (status !== "changed") return `${table}: ${status}`;
  if (added + removed + changed === 0) return `${table}: its structure changed`;
  const atLeast = changed > 0 ? "at least " : "";
  return `${table}: ${(0,format/* count */.U9)(added)} rows added, ${(0,format/* count */.U9)(removed)} removed, ${atLeast}${(0,format/* count */.U9)(changed)} changed`;
}


// EXTERNAL MODULE: ./build/esm/release/inventory.js
var inventory = __webpack_require__(4178);
// EXTERNAL MODULE: ./build/esm/release/logic-hash.js
var logic_hash = __webpack_require__(89);
// EXTERNAL MODULE: ./build/esm/release/next.js
var next = __webpack_require__(7569);
;// CONCATENATED MODULE: ./build/esm/release/evidence.js
// src/release/evidence.ts






async function gatherEvidence({ config, engine, ledger }, release, progress) {
  const recorded = await ledger.read(null, async (reader) => ({
    comparison: (await reader.comparisons(release.id)).at(-1) ?? null,
    approvals: await reader.approvals(release.id),
    steps: await reader.steps(release.id)
  }));
  const comparedStep = recorded?.steps.findLast(
    ({ step, state }) => step === "compare" && state === "done"
  );
  const live = await engine.databases.identify(engine.places.live);
  const candidate = await engine.databases.identify(release.candidate);
  const baseline = await engine.databases.identify(release.baseline);
  return {
    release,
    next: (0,next/* nextStep */.s)(release, config, recorded?.comparison?.verdict ?? null),
    comparison: recorded?.comparison ?? null,
    comparedLogic: comparedStep?.detail?.logic ?? null,
    approvals: recorded?.approvals ?? [],
    logic: await (0,logic_hash/* logicHash */.z)(config),
    live,
    drift: await drift(live?.id === release.live_id, baseline?.id === release.baseline_id),
    candidate,
    ...candidate?.id === release.candidate_id ? await readCandidate() : { inventory: null, namedDatabases: [] }
  };
  async function drift(liveIsThere, baselineIsThere) {
    if (!liveIsThere || live === null) return [];
    if (live.mark === release.live_mark) return [];
    if (!baselineIsThere)
      return ["live was written to, and the baseline is gone, so nobody can say what changed"];
    try {
      return await findDrift(engine, release, live, progress);
    } catch (error) {
      return [
        `live was written to, and could not be compared with the baseline: ${(0,errors/* messageOf */.bD)(error)}`
      ];
    }
  }
  async function readCandidate() {
    const catalog = await engine.catalog.read(release.candidate);
    return {
      inventory: { migrated: release.migrated_inventory, now: (0,inventory/* inventoryOf */.o8)(catalog) },
      namedDatabases: (0,definitions/* namedDatabases */.YX)(engine, release, catalog.definitions).map(definitions/* describeNamed */.Zw)
    };
  }
}



/***/ }),

/***/ 9327:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   q: () => (/* binding */ decideGate)
/* harmony export */ });
/* harmony import */ var _inventory_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4178);
/* harmony import */ var _logic_hash_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(89);
// src/release/gate.ts


function decideGate(evidence) {
  const over = overReason(evidence);
  if (over !== null) return { open: false, reasons: [over] };
  const reasons = [
    comparisonReason(evidence),
    identityReason(evidence),
    driftReason(evidence),
    logicReason(evidence),
    candidateReason(evidence),
    digestReason(evidence),
    inventoryReason(evidence),
    definitionsReason(evidence)
  ].filter((reason) => reason !== null);
  return { open: reasons.length === 0, reasons };
}
function overReason({ release }) {
  if (!["swapped", "rolled-back", "retired"].includes(release.state)) return null;
  return {
    condition: "comparison",
    found: `the release is ${release.state}: there is nothing to swap any more`,
    help: "Begin a new release: greenlight clone --release ID"
  };
}
function comparisonReason({ release, comparison, next }) {
  if (comparison === null || !["compared", "approved"].includes(release.state)) {
    return {
      condition: "comparison",
      found: `the release is ${release.state}: what would go live has not been compared`,
      help: `greenlight ${next ?? "compare"} --release ${release.id}`
    };
  }
  if (comparison.stopped === null) return null;
  return {
    condition: "comparison",
    found: `the comparison ended early: ${comparison.stopped}`,
    help: `greenlight compare --release ${release.id}, with a larger budget or none`
  };
}
function identityReason({ release, live }) {
  if (live?.id === release.live_id) return null;
  return {
    condition: "identity",
    found: live === null ? `there is no live database any more (cloned was ${release.live_id})` : `live is another database than the one that was cloned (cloned was ${release.live_id}, now it is ${live.id})`,
    help: `greenlight clone --release ${release.id}, and the steps after it, on what is live now`
  };
}
function driftReason({ release, drift }) {
  if (drift.length === 0) return null;
  return {
    condition: "drift",
    found: `live was changed since it was cloned:
${lines(drift)}`,
    help: `greenlight clone --release ${release.id}, and the steps after it, so that nothing written since is lost`
  };
}
function logicReason({ release, comparison, comparedLogic, logic }) {
  if (comparison === null || comparison.logic_hash === logic.hash) return null;
  const changed = comparedLogic === null ? [] : (0,_logic_hash_js__WEBPACK_IMPORTED_MODULE_1__/* .changedParts */ .T)(comparedLogic.parts, logic.parts);
  return {
    condition: "logic",
    found: `the logic in hand is not the one that was compared:
${lines(changed)}`,
    help: `Check out what was compared, or run migrate, simulate and compare again with --release ${release.id}`
  };
}
function candidateReason({ release, comparison, candidate }) {
  if (comparison === null) return null;
  if (candidate?.id === release.candidate_id && candidate.mark === comparison.candidate_mark)
    return null;
  return {
    condition: "candidate",
    found: candidate?.id === release.candidate_id ? "the candidate was changed after it was compared" : "the candidate is gone, or another database took its place",
    help: candidate?.id === release.candidate_id ? `greenlight simulate --release ${release.id}, then compare` : `greenlight clone --release ${release.id}, and the steps after it`
  };
}
function digestReason({ release, comparison, approvals }) {
  if (comparison === null || comparison.verdict !== "unexplained") return null;
  if (approvals.some(({ digest }) => digest === comparison.digest)) return null;
  const stale = approvals.at(-1);
  return {
    condition: "digest",
    found: stale === void 0 ? "there are unexplained deviations that nobody has approved" : `${stale.approver} approved digest ${stale.digest.slice(0, 12)}, but the latest comparison has ${comparison.digest.slice(0, 12)}`,
    help: `Review it, then: greenlight approve --release ${release.id} --digest ${comparison.digest.slice(0, 12)} --by NAME`
  };
}
function inventoryReason({ release, comparison, inventory }) {
  if (inventory === null || comparison === null) return null;
  const kept = Object.entries(inventory.migrated).filter(([name]) => !/^(table|view) /.test(name));
  const lost = kept.flatMap(([name, checksum]) => {
    const now = inventory.now[name];
    if (now === checksum) return [];
    return [now === void 0 ? `- ${name}` : `~ ${name}`];
  });
  const since = (0,_inventory_js__WEBPACK_IMPORTED_MODULE_0__/* .inventoryChanges */ .O4)(comparison.inventory, inventory.now);
  if (lost.length + since.length === 0) return null;
  return {
    condition: "inventory",
    found: [
      ...lost.length > 0 ? [`the logic lost or changed what the migration had left:
${lines(lost)}`] : [],
      ...since.length > 0 ? [`objects changed since the comparison:
${lines(since)}`] : []
    ].join("\n"),
    help: `Let the logic keep them, or let a migration change them on purpose; then run the steps again with --release ${release.id}`
  };
}
function definitionsReason({ release, namedDatabases }) {
  if (namedDatabases.length === 0) return null;
  return {
    condition: "definitions",
    found: `stored definitions name a database of this release:
${lines(namedDatabases)}`,
    help: `Let a migration create them again with schema.table only, then run the steps again with --release ${release.id}`
  };
}
function lines(items) {
  const shown = items.slice(0, 20).map((item) => `    ${item.trim()}`);
  return [...shown, ...items.length > 20 ? [`    ... ${items.length - 20} more`] : []].join("\n");
}



/***/ }),

/***/ 4059:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   U: () => (/* binding */ scriptsInLive),
/* harmony export */   W: () => (/* binding */ releasesInLive)
/* harmony export */ });
// src/release/lineage.ts
function releasesInLive(swaps) {
  const chain = [];
  for (const { direction, state, release } of swaps) {
    if (state !== "done") continue;
    if (direction === "swap") chain.push(release);
    else if (chain.at(-1) === release) chain.pop();
  }
  return chain;
}
async function scriptsInLive(reader) {
  const scripts = /* @__PURE__ */ new Map();
  for (const release of releasesInLive(await reader.swaps())) {
    for (const record of await reader.migrations(release)) {
      if (record.state === "applied") scripts.set(record.script, record);
    }
  }
  return scripts;
}



/***/ }),

/***/ 7102:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   U: () => (/* binding */ recoverExchange),
/* harmony export */   n: () => (/* binding */ isOpen)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
// src/release/recover.ts

async function recoverExchange({ engine, ledger }, release) {
  const swaps = await ledger.read([], (reader) => reader.swaps());
  const open = swaps.find((swap) => swap.release === release.id && isOpen(swap));
  if (open === void 0) return null;
  const live = await engine.databases.identify(open.live);
  if (live?.id === open.incoming_id) {
    return { ...open, state: open.state === "returning" ? "returning" : "done" };
  }
  if (live?.id !== open.live_id) throw lostTrack(open);
  const state = open.state === "returning" ? "returned" : "undone";
  if (state === "undone") await dropSecondName(engine, open);
  await ledger.write(
    `${open.direction} ${release.id}: ${state}`,
    (writer) => writer.updateSwap(open.id, { state, finished_at: (/* @__PURE__ */ new Date()).toISOString() })
  );
  return { ...open, state };
}
function isOpen({ state }) {
  return state === "intended" || state === "returning";
}
async function dropSecondName(engine, open) {
  const kept = await engine.databases.identify(open.kept);
  if (kept?.id === open.live_id) await engine.databases.drop(open.kept);
}
function lostTrack({ live, release, live_id, incoming_id }) {
  return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: `An exchange of ${release} was cut off, and live is now neither the old database nor the new one.`,
    where: live,
    cause: `old ${live_id}, new ${incoming_id}`,
    live: "live was replaced by somebody else",
    help: "Find out what is live. Greenlight will not touch it."
  });
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
