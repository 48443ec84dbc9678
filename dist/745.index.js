export const id = 745;
export const ids = [745];
export const modules = {

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

/***/ 8745:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   reportList: () => (/* binding */ reportList)
/* harmony export */ });
/* harmony import */ var _compare_standing_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2054);
/* harmony import */ var _release_find_compared_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9205);
/* harmony import */ var _release_recorded_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1612);
// src/steps/report-list.ts



async function reportList({ ledger }, options) {
  const release = await (0,_release_find_compared_js__WEBPACK_IMPORTED_MODULE_1__/* .findCompared */ .B)(ledger, options.release);
  const comparisons = [];
  for (const comparison of release.comparisons) {
    const { tables, objects } = await ledger.read(
      { tables: [], objects: [] },
      (reader) => (0,_release_recorded_js__WEBPACK_IMPORTED_MODULE_2__/* .recordedOutcome */ .P)(reader, comparison.id)
    );
    comparisons.push({
      ...(0,_release_find_compared_js__WEBPACK_IMPORTED_MODULE_1__/* .inShort */ .w)(comparison, release),
      tables: tables.filter(_compare_standing_js__WEBPACK_IMPORTED_MODULE_0__/* .deviates */ .o4).length,
      objects: objects.length,
      unexplained: tables.reduce((sum, { unexplained }) => sum + unexplained, 0)
    });
  }
  return { release: release.id, comparisons };
}



/***/ })

};
