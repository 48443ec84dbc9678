export const id = 504;
export const ids = [504];
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

/***/ 2054:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   eS: () => (/* binding */ standingOfObjects),
/* harmony export */   o4: () => (/* binding */ deviates),
/* harmony export */   zD: () => (/* binding */ standingOfTables)
/* harmony export */ });
/* harmony import */ var node_util__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7975);
// src/compare/standing.ts

function deviates({ status, skipped }) {
  return status === "skipped" ? skipped !== "configured" : status !== "identical";
}
function standingOfTables(now, before) {
  const earlier = new Map((before ?? []).map((table) => [table.table, table]));
  const known = new Set(now.map(({ table }) => table));
  const lost = [...earlier.values()].filter((table) => !known.has(table.table) && deviates(table));
  return [
    ...now.map((table) => standingOfTable(table, before, earlier.get(table.table) ?? null)),
    ...lost.map(
      (table) => ({
        ...table,
        standing: "gone",
        before: beforeOf(table, null),
        columns: standingOfColumns([], table.columns)
      })
    )
  ].sort((a, b) => a.table < b.table ? -1 : 1);
}
function standingOfTable(table, all, before) {
  const told = all !== null && table.skipped !== "configured";
  const was = before !== null && deviates(before);
  const standing = deviates(table) ? was ? "still" : "new" : was ? "gone" : null;
  return {
    ...table,
    standing: told ? standing : null,
    before: before === null ? null : beforeOf(before, table),
    columns: standingOfColumns(
      table.columns,
      told && table.skipped === null ? before?.columns ?? [] : null
    )
  };
}
function beforeOf(before, now) {
  const { status, old_rows, new_rows, added, removed, changed } = before;
  const same = now !== null && (0,node_util__WEBPACK_IMPORTED_MODULE_0__.isDeepStrictEqual)(found(before), found(now));
  return { status, old_rows, new_rows, added, removed, changed, same };
}
function found(outcome) {
  const { kind, status, added, removed, changed, fingerprint, old_definition, new_definition } = outcome;
  return [
    [kind, status, added, removed, changed, fingerprint, old_definition, new_definition],
    outcome.columns.map((one) => [one.column, one.status, one.old_type, one.new_type, one.changed])
  ];
}
function standingOfColumns(now, before) {
  const told = before !== null;
  const earlier = new Map((before ?? []).filter(isDeviating).map((one) => [one.column, one]));
  const known = new Set(now.map(({ column }) => column));
  const lost = [...earlier.values()].filter(({ column }) => !known.has(column));
  const was = (column) => {
    const { status, old_type, new_type, changed } = column;
    return { status, old_type, new_type, changed };
  };
  return [
    ...now.map((column) => {
      const then = earlier.get(column.column);
      const standing = then === void 0 ? "new" : "still";
      return {
        ...column,
        standing: told && isDeviating(column) ? standing : null,
        before: then === void 0 ? null : was(then)
      };
    }),
    ...lost.map((column) => ({ ...column, standing: "gone", before: was(column) }))
  ];
}
function isDeviating({ status }) {
  return status !== "identical" && status !== "skipped";
}
function standingOfObjects(now, before) {
  if (before === null) return now.map((object) => ({ ...object, standing: null }));
  const has = (all, one) => all.some((other) => (0,node_util__WEBPACK_IMPORTED_MODULE_0__.isDeepStrictEqual)(other, one));
  return [
    ...now.map(
      (object) => ({ ...object, standing: has(before, object) ? "still" : "new" })
    ),
    ...before.filter((object) => !has(now, object)).map((object) => ({ ...object, standing: "gone" }))
  ];
}



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

/***/ 9205:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B: () => (/* binding */ findCompared),
/* harmony export */   w: () => (/* binding */ inShort)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _find_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9971);
// src/release/find-compared.ts


async function findCompared(ledger, id) {
  if (id !== void 0) (0,_find_js__WEBPACK_IMPORTED_MODULE_1__/* .requireReleaseId */ .WU)(id);
  const found = await ledger.read(null, async (reader) => {
    const releases = await reader.allReleases();
    const compared = [];
    for (const release2 of releases) {
      compared.push({ release: release2, comparisons: await reader.comparisons(release2.id) });
    }
    const chosen = choose(ledger, compared, id);
    return { ...chosen, approvals: await reader.approvals(chosen.release.id) };
  });
  if (found === null) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
      what: "There is no ledger yet.",
      where: ledger.location,
      help: "Check `ledger` in greenlight.yml, or begin with: greenlight clone --release ID"
    });
  }
  const { release, comparisons, approvals } = found;
  return { id: release.id, comparisons, approvedBy: (digest) => approversOf(approvals, digest) };
}
function inShort({ id, finished_at, started_at, verdict, digest, privacy, mode }, { approvedBy }) {
  return {
    comparison: id,
    finished_at: finished_at ?? started_at,
    verdict,
    digest,
    approved_by: approvedBy(digest),
    privacy,
    mode
  };
}
function choose(ledger, all, id) {
  const compared = all.filter(({ comparisons }) => comparisons.length > 0);
  const known = compared.length === 0 ? "No release was compared yet." : `Compared are ${compared.map(({ release }) => `${release.id} (${release.state})`).join(", ")}.`;
  if (id !== void 0) {
    const named = all.find(({ release }) => release.id === id);
    if (named !== void 0 && named.comparisons.length > 0) return named;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
      what: named === void 0 ? `The ledger knows no release ${id}.` : `Release ${id} was not compared yet; it is ${named.release.state}.`,
      where: ledger.location,
      help: known
    });
  }
  const underWay = compared.filter(
    ({ release: { live, state } }) => live === ledger.live && state !== "retired" && state !== "rolled-back"
  );
  const [only] = underWay.length === 1 ? underWay : compared;
  if (only !== void 0 && (underWay.length === 1 || compared.length === 1)) return only;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
    what: compared.length === 0 ? "No release was compared yet." : "Several releases were compared.",
    where: ledger.location,
    help: compared.length === 0 ? "greenlight status shows what comes next." : `Say which by --release. ${known}`
  });
}
function approversOf(approvals, digest) {
  const own = approvals.filter((approval) => approval.digest === digest);
  return [...new Set(own.map(({ approver }) => approver))];
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

/***/ 1612:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   P: () => (/* binding */ recordedOutcome)
/* harmony export */ });
// src/release/recorded.ts
async function recordedOutcome(reader, comparison) {
  const columns = /* @__PURE__ */ new Map();
  for (const row of await reader.columnDeviations(comparison)) {
    columns.set(row.table_name, [...columns.get(row.table_name) ?? [], columnOf(row)]);
  }
  const tables = await reader.tableDeviations(comparison);
  const objects = await reader.objectDeviations(comparison);
  return {
    tables: tables.map(({ comparison: _comparison, table_name: table, ...rest }) => ({
      table,
      ...rest,
      columns: columns.get(table) ?? []
    })),
    objects: objects.map(({ comparison: _comparison, object_name: name, ...rest }) => ({
      name,
      ...rest
    }))
  };
}
function columnOf(row) {
  const { comparison: _comparison, table_name: _table, column_name: column, ...rest } = row;
  return { column, ...rest };
}



/***/ }),

/***/ 6504:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  report: () => (/* binding */ report),
  reportCsv: () => (/* binding */ reportCsv)
});

// EXTERNAL MODULE: ./build/esm/compare/standing.js
var standing = __webpack_require__(2054);
// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
// EXTERNAL MODULE: ./build/esm/release/find-compared.js
var find_compared = __webpack_require__(9205);
;// CONCATENATED MODULE: ./build/esm/report/csv.js
// src/report/csv.ts
async function* csvLines(columns, pages) {
  let head = `${columns.map(field).join(",")}\r
`;
  for await (const page of pages) {
    const lines = page.map((row) => `${columns.map((column) => field(row[column])).join(",")}\r
`);
    yield head + lines.join("");
    head = "";
  }
  if (head !== "") yield head;
}
function field(value) {
  if (value === null || value === void 0) return "";
  const text = String(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}


// EXTERNAL MODULE: ./build/esm/config/names.js
var config_names = __webpack_require__(7963);
// EXTERNAL MODULE: ./build/esm/release/recorded.js
var recorded = __webpack_require__(1612);
;// CONCATENATED MODULE: ./build/esm/steps/report-choice.js
// src/steps/report-choice.ts





var nothing = { tables: [], objects: [] };
async function choose({ ledger }, options) {
  const release = await (0,find_compared/* findCompared */.B)(ledger, options.release);
  const comparison = chooseComparison(release, options.comparison);
  const against = chooseAgainst(release, comparison, options.against);
  const outcomeOf = ({ id }) => ledger.read(nothing, (reader) => (0,recorded/* recordedOutcome */.P)(reader, id));
  const now = await outcomeOf(comparison);
  const before = against === null ? null : await outcomeOf(against);
  const all = (0,standing/* standingOfTables */.zD)(now.tables, before?.tables ?? null);
  const matches = tableFilter(all, options.table);
  const standingUnknown = whyUnknown(comparison, against);
  if (options.standing !== void 0 && standingUnknown !== null) {
    throw new errors/* UsageError */.eb({
      what: "The standing of rows cannot be told.",
      where: "--standing",
      cause: standingUnknown,
      help: "Leave --standing out, or name another comparison by --against."
    });
  }
  return {
    release,
    comparison,
    against,
    now,
    before,
    worthShowing: all.filter(isWorthShowing),
    tables: all.filter(
      (table) => options.table === void 0 ? isWorthShowing(table) : matches(table)
    ),
    standings: standingUnknown === null ? options.standing ?? ["new", "still"] : null,
    standingUnknown
  };
}
function chooseComparison(release, id) {
  const found = id === void 0 ? release.comparisons.at(-1) : release.comparisons.find((comparison) => comparison.id === id);
  if (found !== void 0) return found;
  throw unknownComparison(release, Number(id));
}
function chooseAgainst(release, comparison, asked) {
  if (asked === "none") return null;
  if (asked === void 0)
    return release.comparisons.findLast(({ id }) => id < comparison.id) ?? null;
  if (asked === comparison.id) {
    throw new errors/* UsageError */.eb({
      what: `Comparison ${asked} cannot be held against itself.`,
      where: "--against",
      help: "Name another one; greenlight report --list shows them."
    });
  }
  return chooseComparison(release, asked);
}
function unknownComparison(release, id) {
  const known = release.comparisons.map((comparison) => comparison.id);
  return new errors/* UsageError */.eb({
    what: `Release ${release.id} has no finished comparison ${id}.`,
    help: `It has ${known.join(", ")}; greenlight report --release ${release.id} --list shows them.`
  });
}
function whyUnknown(comparison, against) {
  if (against === null) return "there is no other comparison to hold it against";
  const silent = [comparison, against].filter(({ privacy }) => privacy === "none");
  if (silent.length === 0) return null;
  const ids = silent.map(({ id }) => id).join(" and ");
  return `comparison ${ids} recorded no fingerprints of rows (privacy: none)`;
}
function tableFilter(all, patterns = []) {
  for (const pattern of patterns) {
    const fits2 = (0,config_names/* nameMatcher */.MH)([pattern], { ignoreCase: false });
    if (all.some(({ table }) => fits2((0,config_names/* parseName */.$q)(table)))) continue;
    const names = all.map(({ table }) => table);
    const shown = names.slice(0, 12).join(", ");
    throw new errors/* UsageError */.eb({
      what: `The comparison has no table or view ${pattern}.`,
      where: "--table",
      help: names.length === 0 ? "It has none at all." : `It has ${shown}${names.length > 12 ? ` and ${names.length - 12} more` : ""}.`
    });
  }
  const fits = (0,config_names/* nameMatcher */.MH)(patterns, { ignoreCase: false });
  return ({ table }) => fits((0,config_names/* parseName */.$q)(table));
}
function isWorthShowing(table) {
  return table.status !== "identical" || table.standing === "gone";
}


;// CONCATENATED MODULE: ./build/esm/steps/report.js
// src/steps/report.ts





var defaultLimit = 20;
async function report(context, options) {
  const chosen = await choose(context, options);
  const limit = (options.limit ?? defaultLimit) === 0 ? null : options.limit ?? defaultLimit;
  const { release, comparison, against, now, before } = chosen;
  const objects = (0,standing/* standingOfObjects */.eS)(now.objects, before?.objects ?? null);
  const shownObjects = filteredObjects(objects, options);
  const found = await reading(context, chosen, options, async (reader) => {
    const counts = await reader.counts();
    const tables = [];
    for (const table of chosen.tables) {
      const own = counts.filter(({ table_name: name }) => name === table.table);
      const total = recordedRows(own, chosen.standings);
      if (!isShown(table, own, total, options)) continue;
      const rows = total === 0 ? [] : await reader.first(table.table, limit);
      tables.push({
        ...table,
        columns: filteredColumns(table.columns, options),
        standings: chosen.standingUnknown === null ? standingsOf(own) : null,
        rows: rows.map(reportedRow),
        rows_total: total,
        truncated: rows.length < total
      });
    }
    return tables;
  });
  return {
    release: release.id,
    ...(0,find_compared/* inShort */.w)(comparison, release),
    coverage: comparison.coverage,
    against: against === null ? null : heldAgainst(against),
    standing_unknown: chosen.standingUnknown,
    filter: {
      tables: options.table ?? null,
      where: options.where ?? null,
      standings: options.standing ?? null,
      limit
    },
    tables: found,
    objects: shownObjects,
    rows_total: found.reduce((sum, { rows_total: total }) => sum + total, 0),
    truncated: found.some(({ truncated }) => truncated),
    left_out: {
      tables: chosen.worthShowing.filter(
        ({ table }) => !found.some((shown) => shown.table === table)
      ).length,
      objects: objects.length - shownObjects.length
    }
  };
}
function heldAgainst(record) {
  const { id, verdict, digest, finished_at, started_at } = record;
  return { comparison: id, finished_at: finished_at ?? started_at, verdict, digest };
}
async function reportCsv(context, options) {
  refuseOtherFormats(options);
  return csvOf(await openReader(context, await choose(context, options), options));
}
async function* csvOf(reader) {
  try {
    yield* csvLines(csvColumns, reader.all());
  } finally {
    await reader.close();
  }
}
var csvColumns = [
  "comparison",
  "table_name",
  "standing",
  "kind",
  "row_key",
  "columns",
  "old_values",
  "new_values",
  "occurrences",
  "explained",
  "fingerprint"
];
function refuseOtherFormats({
  json,
  list,
  limit
}) {
  const other = json === true ? "--json" : list === true ? "--list" : "--limit";
  if (json !== true && list !== true && limit === void 0) return;
  throw new errors/* UsageError */.eb({
    what: `--format csv does not go with ${other}.`,
    help: "It writes all rows that --table, --where and --standing let through."
  });
}
function isShown(table, counts, total, options) {
  if (total > 0 || options.standing === void 0 && counts.length > 0) return true;
  if (options.where !== void 0) return false;
  if (options.standing === void 0) return true;
  return [table, ...table.columns].some(
    ({ standing }) => standing !== null && options.standing?.includes(standing)
  );
}
function filteredColumns(columns, { standing }) {
  return columns.filter(
    (column) => standing === void 0 || column.standing !== null && standing.includes(column.standing)
  );
}
function filteredObjects(objects, options) {
  if (options.table !== void 0 || options.where !== void 0) return [];
  return objects.filter(
    ({ standing }) => options.standing === void 0 || standing !== null && options.standing.includes(standing)
  );
}
async function reading(context, chosen, options, work) {
  const reader = await openReader(context, chosen, options);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}
async function openReader({ ledger }, { comparison, against, now, tables, standings, release }, { where }) {
  const names = tables.map(({ table }) => table);
  const skipped = new Set(
    now.tables.filter(({ status }) => status === "skipped").map(({ table }) => table)
  );
  const of = (record, its) => ({
    id: record.id,
    privacy: record.privacy,
    tables: its
  });
  const reader = await ledger.deviations({
    comparison: of(comparison, names),
    against: against === null ? null : of(
      against,
      names.filter((name) => !skipped.has(name))
    ),
    standings,
    where: where ?? null,
    purpose: `report ${release.id}`
  });
  if (reader === null) throw new Error("The ledger went away");
  return reader;
}
function recordedRows(counts, standings) {
  return counts.filter(
    ({ standing }) => standing === null || standings === null || standings.includes(standing)
  ).reduce((sum, { recorded }) => sum + recorded, 0);
}
function standingsOf(counts) {
  const rows = (standing) => counts.find((count) => count.standing === standing)?.rows ?? 0;
  return { new: rows("new"), still: rows("still"), gone: rows("gone") };
}
function reportedRow(row) {
  const parsed = (text) => text === null ? null : JSON.parse(text);
  return {
    kind: row.kind,
    standing: row.standing,
    key: parsed(row.row_key),
    columns: parsed(row.columns),
    old: parsed(row.old_values),
    new: parsed(row.new_values),
    occurrences: row.occurrences,
    explained: row.explained,
    fingerprint: row.fingerprint
  };
}



/***/ })

};
