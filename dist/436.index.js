export const id = 436;
export const ids = [436];
export const modules = {

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



/***/ })

};
