export const id = 566;
export const ids = [566,63];
export const modules = {

/***/ 1916:
/***/ ((__unused_webpack_module, exports) => {

var __webpack_unused_export__;

__webpack_unused_export__ = true;
exports.Io = exports.kp = void 0;
var peq = new Uint32Array(0x10000);
var myers_32 = function (a, b) {
    var n = a.length;
    var m = b.length;
    var lst = 1 << (n - 1);
    var pv = -1;
    var mv = 0;
    var sc = n;
    var i = n;
    while (i--) {
        peq[a.charCodeAt(i)] |= 1 << i;
    }
    for (i = 0; i < m; i++) {
        var eq = peq[b.charCodeAt(i)];
        var xv = eq | mv;
        eq |= ((eq & pv) + pv) ^ pv;
        mv |= ~(eq | pv);
        pv &= eq;
        if (mv & lst) {
            sc++;
        }
        if (pv & lst) {
            sc--;
        }
        mv = (mv << 1) | 1;
        pv = (pv << 1) | ~(xv | mv);
        mv &= xv;
    }
    i = n;
    while (i--) {
        peq[a.charCodeAt(i)] = 0;
    }
    return sc;
};
var myers_x = function (b, a) {
    var n = a.length;
    var m = b.length;
    var mhc = [];
    var phc = [];
    var hsize = Math.ceil(n / 32);
    var vsize = Math.ceil(m / 32);
    for (var i = 0; i < hsize; i++) {
        phc[i] = -1;
        mhc[i] = 0;
    }
    var j = 0;
    for (; j < vsize - 1; j++) {
        var mv_1 = 0;
        var pv_1 = -1;
        var start_1 = j * 32;
        var vlen_1 = Math.min(32, m) + start_1;
        for (var k = start_1; k < vlen_1; k++) {
            peq[b.charCodeAt(k)] |= 1 << k;
        }
        for (var i = 0; i < n; i++) {
            var eq = peq[a.charCodeAt(i)];
            var pb = (phc[(i / 32) | 0] >>> i) & 1;
            var mb = (mhc[(i / 32) | 0] >>> i) & 1;
            var xv = eq | mv_1;
            var xh = ((((eq | mb) & pv_1) + pv_1) ^ pv_1) | eq | mb;
            var ph = mv_1 | ~(xh | pv_1);
            var mh = pv_1 & xh;
            if ((ph >>> 31) ^ pb) {
                phc[(i / 32) | 0] ^= 1 << i;
            }
            if ((mh >>> 31) ^ mb) {
                mhc[(i / 32) | 0] ^= 1 << i;
            }
            ph = (ph << 1) | pb;
            mh = (mh << 1) | mb;
            pv_1 = mh | ~(xv | ph);
            mv_1 = ph & xv;
        }
        for (var k = start_1; k < vlen_1; k++) {
            peq[b.charCodeAt(k)] = 0;
        }
    }
    var mv = 0;
    var pv = -1;
    var start = j * 32;
    var vlen = Math.min(32, m - start) + start;
    for (var k = start; k < vlen; k++) {
        peq[b.charCodeAt(k)] |= 1 << k;
    }
    var score = m;
    for (var i = 0; i < n; i++) {
        var eq = peq[a.charCodeAt(i)];
        var pb = (phc[(i / 32) | 0] >>> i) & 1;
        var mb = (mhc[(i / 32) | 0] >>> i) & 1;
        var xv = eq | mv;
        var xh = ((((eq | mb) & pv) + pv) ^ pv) | eq | mb;
        var ph = mv | ~(xh | pv);
        var mh = pv & xh;
        score += (ph >>> (m - 1)) & 1;
        score -= (mh >>> (m - 1)) & 1;
        if ((ph >>> 31) ^ pb) {
            phc[(i / 32) | 0] ^= 1 << i;
        }
        if ((mh >>> 31) ^ mb) {
            mhc[(i / 32) | 0] ^= 1 << i;
        }
        ph = (ph << 1) | pb;
        mh = (mh << 1) | mb;
        pv = mh | ~(xv | ph);
        mv = ph & xv;
    }
    for (var k = start; k < vlen; k++) {
        peq[b.charCodeAt(k)] = 0;
    }
    return score;
};
var distance = function (a, b) {
    if (a.length < b.length) {
        var tmp = b;
        b = a;
        a = tmp;
    }
    if (b.length === 0) {
        return a.length;
    }
    if (a.length <= 32) {
        return myers_32(a, b);
    }
    return myers_x(a, b);
};
exports.Io = distance;
var closest = function (str, arr) {
    var min_distance = Infinity;
    var min_index = 0;
    for (var i = 0; i < arr.length; i++) {
        var dist = distance(str, arr[i]);
        if (dist < min_distance) {
            min_distance = dist;
            min_index = i;
        }
    }
    return arr[min_index];
};
exports.kp = closest;


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



/***/ })

};
