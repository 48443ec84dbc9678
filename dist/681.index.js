export const id = 681;
export const ids = [681];
export const modules = {

/***/ 1810:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   d: () => (/* binding */ patiently)
/* harmony export */ });
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8500);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3893);
// src/patiently.ts


async function patiently(waitMs, open) {
  const deadline = Date.now() + waitMs;
  for (; ; ) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .DatabaseInUse */ .qx) || Date.now() >= deadline) throw error;
      await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(50);
    }
  }
}



/***/ }),

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

/***/ 1425:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ raiseFences),
/* harmony export */   y: () => (/* binding */ exchangeLive)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _patiently_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1810);
// src/release/exchange.ts


async function exchangeLive(parts, intent, then) {
  const { engine, ledger } = parts;
  const { direction, release } = intent;
  const id = await ledger.write(
    `${direction} ${release}: intent`,
    (writer) => writer.intendSwap(intent)
  );
  try {
    const started = performance.now();
    await engine.swap.exchange(intent.live, intent.incoming, intent.kept);
    const exchange_ms = Math.ceil(performance.now() - started);
    await ledger.write(
      `${direction} ${release}: exchanged`,
      (writer) => writer.updateSwap(id, { exchange_ms })
    );
    return await then({ ...intent, id, exchange_ms });
  } catch (error) {
    throw await tellingLive(parts, intent, error);
  }
}
async function tellingLive({ engine }, intent, error) {
  if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf && error.problem.live !== void 0) return error;
  const live = await engine.databases.identify(intent.live).catch(() => null);
  if (live?.id === intent.live_id) return error;
  const problem = error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf ? error.problem : { what: (0,_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .messageOf */ .bD)(error), where: intent.live };
  return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    ...problem,
    live: live?.id === intent.incoming_id ? `live was exchanged already: it is ${intent.incoming_id}, the old one is at ${intent.kept}` : "live is neither the old database nor the new one",
    help: `Run greenlight ${intent.direction} --release ${intent.release} again: it finishes what is left.`
  });
}
async function raiseFences({ engine }, locations, patienceMs) {
  const deadline = Date.now() + patienceMs;
  const fences = [];
  const release = async () => {
    for (const fence of fences) await fence.release();
  };
  for (const location of locations) {
    try {
      fences.push(await (0,_patiently_js__WEBPACK_IMPORTED_MODULE_1__/* .patiently */ .d)(deadline - Date.now(), () => engine.swap.fence(location)));
    } catch (error) {
      await release();
      throw error;
    }
  }
  return { release };
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

/***/ 681:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   GateClosed: () => (/* binding */ GateClosed),
/* harmony export */   swap: () => (/* binding */ swap)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _release_evidence_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7038);
/* harmony import */ var _release_exchange_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1425);
/* harmony import */ var _release_files_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(993);
/* harmony import */ var _release_find_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9971);
/* harmony import */ var _release_gate_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(9327);
/* harmony import */ var _release_recover_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(7102);
/* harmony import */ var _release_run_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(2063);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(4816);
// src/steps/swap.ts









var GateClosed = class extends _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf {
  gate;
  constructor(release, gate) {
    const reasons = gate.reasons.map(
      ({ condition, found, help }) => `- ${condition}: ${found}
    -> ${help}`
    );
    super(
      {
        what: `The gate refuses to swap ${release}, for ${gate.reasons.length === 1 ? "this reason" : "these reasons"}:
${reasons.join("\n")}`
      },
      _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .EXIT */ .dc.refused
    );
    this.gate = gate;
  }
};
async function swap(context, options) {
  const { engine, ledger, host } = context;
  const found = await (0,_release_find_js__WEBPACK_IMPORTED_MODULE_4__/* .findRelease */ .dv)(ledger, options.release);
  return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_7__/* .withHold */ .yw)(ledger, "live", "live", async () => {
    const cutOff = await (0,_release_recover_js__WEBPACK_IMPORTED_MODULE_6__/* .recoverExchange */ .U)(context, found);
    if (cutOff?.direction === "swap" && ["done", "returning"].includes(cutOff.state)) {
      host.progress.note("An earlier run was cut off after the exchange; the rest is done now.");
      return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_7__/* .runStep */ .eg)(
        context,
        { release: found.id, step: "swap", logic: null, seen: found },
        () => finishCutOff(context, found, cutOff)
      );
    }
    const release = (0,_release_find_js__WEBPACK_IMPORTED_MODULE_4__/* .requireState */ .JS)(
      found,
      ["cloned", "migrated", "simulated", "compared", "approved"],
      found.state === "swapped" ? "It is live already." : `greenlight clone --release ${found.id}`
    );
    return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_7__/* .runStep */ .eg)(
      context,
      { release: release.id, step: "swap", logic: null, seen: release },
      async () => {
        let evidence = await requireOpenGate(context, release);
        if (await engine.swap.settle(engine.places.live)) {
          evidence = await requireOpenGate(context, release);
        }
        return exchange(context, release, evidence);
      }
    );
  });
}
async function requireOpenGate(context, release) {
  const evidence = await (0,_release_evidence_js__WEBPACK_IMPORTED_MODULE_1__/* .gatherEvidence */ .h)(context, release, context.host.progress);
  const gate = (0,_release_gate_js__WEBPACK_IMPORTED_MODULE_5__/* .decideGate */ .q)(evidence);
  if (!gate.open) throw new GateClosed(release.id, gate);
  return evidence;
}
async function exchange(context, release, evidence) {
  const { engine, host, config } = context;
  const { live } = engine.places;
  const fence = await (0,_release_exchange_js__WEBPACK_IMPORTED_MODULE_2__/* .raiseFences */ .$)(context, [live, release.candidate], config.swap.timeoutMs);
  try {
    await requireUnmoved(context, release, evidence);
    const intent = {
      release: release.id,
      direction: "swap",
      live,
      live_id: release.live_id,
      incoming: release.candidate,
      incoming_id: release.candidate_id,
      incoming_mark: evidence.candidate?.mark ?? "",
      kept: engine.places.previous(release.id),
      actor: host.actor
    };
    return await (0,_release_exchange_js__WEBPACK_IMPORTED_MODULE_2__/* .exchangeLive */ .y)(context, intent, (record) => {
      host.progress.note(`Exchanged in ${(0,_report_format_js__WEBPACK_IMPORTED_MODULE_8__/* .duration */ .p0)(record.exchange_ms ?? 0)}.`);
      return verify(context, release, record);
    });
  } finally {
    await fence.release();
  }
}
async function requireUnmoved({ engine }, release, seen) {
  const live = await engine.databases.identify(engine.places.live);
  const candidate = await engine.databases.identify(release.candidate);
  const same = (now, then) => now !== null && now.id === then?.id && now.mark === then.mark;
  if (same(live, seen.live) && same(candidate, seen.candidate)) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: "Live or the candidate was written to while the gate was decided.",
    where: engine.places.live,
    help: "Run the swap again: it decides anew."
  });
}
async function finishCutOff(context, release, cutOff) {
  const fence = await (0,_release_exchange_js__WEBPACK_IMPORTED_MODULE_2__/* .raiseFences */ .$)(context, [cutOff.live], context.config.swap.timeoutMs);
  try {
    if (cutOff.state === "returning") {
      return await putBack(context, cutOff, ["it failed in the run that was cut off"]);
    }
    return await verify(context, release, cutOff);
  } finally {
    await fence.release();
  }
}
async function verify(context, release, record) {
  const { engine, ledger, host, config } = context;
  const scripts = await (0,_release_files_js__WEBPACK_IMPORTED_MODULE_3__/* .verifyScripts */ .WY)(config);
  const session = await engine.scripts.open(engine.places.live, {
    write: false,
    variables: {},
    forbidden: []
  });
  try {
    const failures = await failedChecks(host, session, scripts);
    if (failures.length > 0) return await putBack(context, record, failures);
    await ledger.write(`swap ${release.id}: done`, async (writer) => {
      await writer.updateSwap(record.id, {
        state: "done",
        finished_at: (/* @__PURE__ */ new Date()).toISOString(),
        live_mark_after: record.incoming_mark,
        detail: { verified: scripts.length }
      });
      await writer.setState(release.id, "swapped");
    });
  } finally {
    await session.close();
  }
  host.progress.note(
    `Live is the database of ${release.id}; the old one is kept at ${engine.places.describe(record.kept)}.`
  );
  return {
    release: release.id,
    state: "swapped",
    live: engine.places.live,
    previous: record.kept,
    exchange_ms: record.exchange_ms ?? 0,
    verified: scripts.length
  };
}
async function putBack({ engine, ledger }, record, failures) {
  const { id, release, live, incoming, kept } = record;
  const listed = failures.map((failure) => `  ${failure}`).join("\n");
  if ((await engine.databases.identify(live))?.mark !== record.incoming_mark) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
      what: `The verification failed, but somebody has written to live since the exchange, so the old database was not put back:
${listed}`,
      where: live,
      live: `live is the database of ${release}; the old one is kept at ${kept}`,
      help: `greenlight rollback --release ${release} puts the old one back, tells what was written and keeps it.`
    });
  }
  const set = (state, detail) => ledger.write(
    `swap ${release}: ${state}`,
    (writer) => writer.updateSwap(id, { state, finished_at: (/* @__PURE__ */ new Date()).toISOString(), ...detail })
  );
  await set("returning", { detail: { failures } });
  await engine.swap.exchange(live, kept, incoming);
  await set("returned", {});
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: `The verification failed, so the old database was put back:
${listed}`,
    where: live,
    live: "live is the old database again; it was exchanged for the time of the verification",
    help: `Mend the logic or the check, then run the steps again with --release ${release}.`
  });
}
async function failedChecks(host, session, scripts) {
  const failures = [];
  const task = host.progress.task("Verifying live", scripts.length);
  for (const [index, script] of scripts.entries()) {
    task.advance(index, script.file);
    try {
      failures.push(...await session.check(script));
    } catch (error) {
      if (!(error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf)) throw error;
      const { where, cause } = error.problem;
      failures.push(`${where ?? script.file}: ${cause ?? error.message}`);
    }
  }
  if (failures.length > 0) task.failed(`${failures.length} failed`);
  else task.done();
  return failures;
}



/***/ })

};
