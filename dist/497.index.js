export const id = 497;
export const ids = [497];
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

/***/ 497:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   reportListText: () => (/* binding */ reportListText),
/* harmony export */   reportText: () => (/* binding */ reportText)
/* harmony export */ });
/* harmony import */ var _format_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4816);
/* harmony import */ var _table_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(659);
/* harmony import */ var _table_counts_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3528);
// src/report/report-text.ts



function reportText(report) {
  const tables = report.tables.toSorted(
    (a, b) => b.unexplained - a.unexplained || (a.table < b.table ? -1 : 1)
  );
  return [
    ...headLines(report),
    ...tables.length === 0 ? ["", nothingText(report)] : ["", overview(report, tables)],
    ...tables.flatMap((table) => tableLines(report, table)),
    ...objectLines(report.objects),
    ...endLines(report)
  ].join("\n");
}
function reportListText({ release, comparisons }) {
  const head = ["comparison", "finished", "verdict", "digest", "approved by", "privacy"];
  const counts = ["tables", "other objects", "unexplained rows"];
  const rows = comparisons.map((one) => [
    String(one.comparison),
    instant(one.finished_at),
    one.verdict,
    one.digest.slice(0, 12),
    one.approved_by.join(", "),
    one.privacy,
    one.tables,
    one.objects,
    one.unexplained
  ]);
  return `Comparisons of release ${release}, with what deviates:
${(0,_table_js__WEBPACK_IMPORTED_MODULE_0__/* .textTable */ .e)([...head, ...counts], rows, { width: 160 })}`;
}
function headLines(report) {
  const { against, coverage, privacy, approved_by: approvers, filter } = report;
  const share = (name, of) => `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(of.compared)} of ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(of.total)} ${name}`;
  return [
    `${report.release}, comparison ${report.comparison} of ${instant(report.finished_at)}: ${report.verdict}`,
    `digest    ${report.digest}${approvers.length === 0 ? "" : `, approved by ${approvers.map(_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK).join(", ")}`}`,
    `compared  ${share("tables and views", coverage.tables)}, ${share("columns", coverage.columns)}, ${share("rows (both sides)", coverage.rows)}`,
    ...coverage.skipped.map(
      ({ table, column, reason }) => `skipped   ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(column === null ? table : `${table}.${column}`)}: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(reason)}`
    ),
    against === null ? "against   no other comparison: nothing is new, still there or gone" : `against   comparison ${against.comparison} of ${instant(against.finished_at)}: ${against.verdict}${against.digest === report.digest ? ", the same digest" : ""}`,
    ...against === null || report.standing_unknown === null ? [] : [`          which rows are new cannot be told: ${report.standing_unknown}`],
    ...filter.tables === null ? [] : [`tables    ${filter.tables.map(_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK).join(", ")}`],
    ...filter.where === null ? [] : [`where     ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(filter.where)}`],
    ...filter.standings === null ? [] : [`standing  ${filter.standings.join(", ")}`],
    ...privacy === "full" || report.rows_total === 0 ? [] : [`privacy   ${privacyText(privacy)}`]
  ];
}
function privacyText(privacy) {
  if (privacy === "masked") return "masked: letters of values are recorded as x, digits as 9";
  if (privacy === "keys") return "keys: old and new values were not recorded";
  return "none: neither keys nor values were recorded";
}
function nothingText({ filter, verdict }) {
  if (filter.tables !== null || filter.where !== null || filter.standings !== null)
    return "Nothing that was asked for.";
  return verdict === "identical" ? "Nothing deviates." : "No table or view deviates.";
}
function endLines({
  truncated,
  rows_total: total,
  tables,
  filter,
  left_out: left
}) {
  const shown = tables.reduce((sum, { rows }) => sum + rows.length, 0);
  const gone = tables.reduce((sum, { standings }) => sum + (standings?.gone ?? 0), 0);
  const hidden = [
    ...left.tables > 0 ? [(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(left.tables, "table or view", "tables and views")] : [],
    ...left.objects > 0 ? [(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(left.objects, "other object")] : []
  ];
  return [
    ...truncated ? [
      "",
      `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(shown)} of ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(total, "row")} shown; --limit 0 shows all, --format csv writes them.`
    ] : [],
    ...gone > 0 && filter.standings === null ? ["", `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(gone, "row is", "rows are")} gone; --standing gone shows them.`] : [],
    ...hidden.length > 0 ? ["", `Left out by what was asked for: ${hidden.join(", ")}.`] : []
  ];
}
function overview(report, tables) {
  const told = report.against !== null;
  const rowsTold = report.standing_unknown === null;
  const head = ["table", ...told ? ["standing"] : [], "status", ..._table_counts_js__WEBPACK_IMPORTED_MODULE_1__/* .countHeads */ .A];
  const rows = tables.map((table) => [
    table.table,
    ...told ? [table.standing ?? ""] : [],
    statusText(table),
    ...(0,_table_counts_js__WEBPACK_IMPORTED_MODULE_1__/* .countCells */ .h)(table),
    ...rowsTold ? standingCells(table) : []
  ]);
  const standings = rowsTold ? ["new", "still", "gone"] : [];
  return (0,_table_js__WEBPACK_IMPORTED_MODULE_0__/* .textTable */ .e)([...head, ...standings], rows, { width: 160 });
}
function standingCells({ standings }) {
  return [standings?.new ?? null, standings?.still ?? null, standings?.gone ?? null];
}
function statusText({ status, role, standing }) {
  const shown = standing === "gone" && status !== "identical" ? "no more" : status;
  return role === "input" && !["identical", "skipped"].includes(status) ? `${shown} (input!)` : shown;
}
function tableLines(report, table) {
  const notes = [
    ...tableNotes(table),
    ...table.status === "changed" ? table.columns.flatMap((column) => columnNotes(column, table.before?.same === true)) : []
  ];
  const rows = table.rows.length === 0 ? [] : rowLines(report, table);
  if (notes.length + rows.length === 0) return [];
  return ["", (0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(table.table), ...notes.map((note) => `  ${note}`), ...rows];
}
function tableNotes(table) {
  const { before, standing } = table;
  return [
    ...table.reason === null ? [] : [(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(table.reason)],
    ...table.key === null && table.reason === null && table.status === "changed" ? ["no key: rows are compared as a whole"] : [],
    ...table.likely_rename === null ? [] : [
      `probably renamed: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(table.likely_rename.other)} (${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(table.likely_rename.evidence)})`
    ],
    ...table.old_definition !== table.new_definition && table.status === "changed" ? ["its definition changed"] : [],
    ...before === null || standing === null || standing === "new" ? [] : [`before: ${beforeText(before)}`],
    ...before?.status === "skipped" && standing === "new" ? ["before: it was skipped"] : []
  ];
}
function beforeText(before) {
  if (before.same) return "the same";
  if (before.status !== "changed") return before.status;
  return `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(before.removed)} removed, ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(before.added)} added, ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(before.changed)} changed`;
}
function columnNotes(column, same) {
  const name = `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(column.column)}:`;
  const before = column.before === null || same ? "" : ` (before: ${columnBefore(column.before)})`;
  if (column.standing === "gone") return [`${name} deviates no more${before}`];
  const standing = column.standing === "new" ? " (new)" : before;
  const what = columnText(column);
  if (what === null) return [];
  const more = column.patterns.length > 1 ? column.patterns.map(patternLine) : [];
  return [
    `${name} ${what}${standing}`,
    ...more.map((line) => `  ${line}`),
    ...column.condition === null ? [] : [`  exactly where ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(column.condition)}`],
    ...column.likely_rename === null ? [] : [
      `  probably renamed: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(column.likely_rename.other)} (${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(column.likely_rename.evidence)})`
    ]
  ];
}
function columnBefore({
  status,
  changed,
  old_type,
  new_type
}) {
  if (status === "changed") return (0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(changed, "row");
  const type = status === "retyped" ? ` from ${old_type} to ${new_type}` : "";
  return `${status}${type}${changed > 0 ? `, ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(changed, "row")}` : ""}`;
}
function columnText(column) {
  const cells = column.changed === 0 ? "" : `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(column.changed, "row")} changed${column.pattern === null ? "" : `: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(column.pattern)}`}`;
  switch (column.status) {
    case "changed":
      return cells;
    case "retyped":
      return `${column.old_type} is now ${column.new_type}${cells === "" ? "" : `, ${cells}`}`;
    case "added":
      return `column added (${column.new_type})`;
    case "removed":
      return `column removed (${column.old_type})`;
    case "skipped":
      return `skipped: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(column.reason ?? "")}`;
    default:
      return null;
  }
}
function patternLine({ pattern, detail, rows }) {
  return `${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(rows, "row")}: ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(detail ?? pattern)}`;
}
function objectLines(objects) {
  if (objects.length === 0) return [];
  return [
    "",
    "Other objects",
    ...objects.map(
      ({ kind, name, status, standing }) => `  ${status} ${kind} ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .visible */ .RK)(name)}${standing === null ? "" : ` (${standing})`}`
    )
  ];
}
function rowLines(report, { rows, rows_total: total, truncated }) {
  const keys = [...new Set(rows.flatMap(({ key }) => Object.keys(key ?? {})))];
  const told = report.standing_unknown === null;
  const repeated = rows.some(({ occurrences }) => occurrences > 1);
  const explained = rows.some((row) => row.explained);
  const head = [
    ...told ? ["standing"] : [],
    "row",
    ...repeated ? ["times"] : [],
    ...explained ? ["explained"] : [],
    ...keys,
    "what deviates"
  ];
  const cells = rows.map((row) => [
    ...told ? [row.standing ?? ""] : [],
    row.kind,
    ...repeated ? [row.occurrences] : [],
    ...explained ? [row.explained ? "yes" : "no"] : [],
    ...keys.map((key) => valueText(row.key?.[key])),
    whatDeviates(row)
  ]);
  const table = (0,_table_js__WEBPACK_IMPORTED_MODULE_0__/* .textTable */ .e)(head, cells, { width: 118 });
  return [
    "",
    ...table.split("\n").map((line) => `  ${line}`.trimEnd()),
    ...truncated ? [`  ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(rows.length)} of ${(0,_format_js__WEBPACK_IMPORTED_MODULE_2__/* .plural */ .LS)(total, "row")} shown`] : []
  ];
}
function whatDeviates({ kind, columns, old, new: now, key }) {
  if (kind === "changed") {
    const changes = (columns ?? []).map(
      (column) => old === null || now === null ? column : `${column}: ${valueText(old[column])} -> ${valueText(now[column])}`
    );
    return changes.join(", ");
  }
  const values = (kind === "added" ? now : old) ?? {};
  return Object.entries(values).filter(([column]) => key === null || !(column in key)).map(([column, value]) => `${column}: ${valueText(value)}`).join(", ");
}
function valueText(value) {
  if (value === void 0) return "";
  if (value === null) return "NULL";
  return value === "" || value === "NULL" || value !== value.trim() ? `'${value}'` : value;
}
function instant(iso) {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}



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



/***/ })

};
