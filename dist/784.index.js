export const id = 784;
export const ids = [784];
export const modules = {

/***/ 4784:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   init: () => (/* binding */ init)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3893);
// src/steps/init.ts



async function init(options) {
  const { config: file } = options;
  const folder = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.dirname)(file);
  if (await exists(file)) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .UsageError */ .eb({
      what: "There is a configuration already.",
      where: file,
      help: "Edit it, or remove it first."
    });
  }
  const live = options.live ?? await onlyDatabase(folder);
  const written = [file];
  await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdir)(folder, { recursive: true });
  await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.writeFile)(file, starter(live), { flag: "wx" });
  for (const name of ["migrations", "logic"]) {
    const path = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, name);
    if (await exists(path)) continue;
    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdir)(path);
    written.push(`${path}/`);
  }
  return { written, live };
}
async function onlyDatabase(folder) {
  const files = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)(folder).catch(() => []);
  const databases = files.filter(
    (name) => /\.(duckdb|ddb|db)$/.test(name) && name !== "greenlight.duckdb"
  );
  const [only] = databases;
  if (only !== void 0 && databases.length === 1) return only;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .UsageError */ .eb({
    what: only === void 0 ? "There is no database file here." : `There are several databases here: ${databases.join(", ")}.`,
    where: folder,
    help: "Say which one production uses: greenlight init --live warehouse.duckdb"
  });
}
async function exists(path) {
  return (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.access)(path).then(
    () => true,
    () => false
  );
}
function starter(live) {
  return `# Greenlight: how changes to this database go live. Paths are relative to this file.
# All keys: docs/configuration.md.
version: 1
engine: duckdb

# The database that production uses now.
live: ${JSON.stringify(live)}

# Greenlight's own records: a file of its own, so that nothing is written to live.
ledger: greenlight.duckdb

# V<version>__<name>.sql runs once, R__<name>.sql again whenever it changed.
# Or the team's own tool: { command: "...", paths: [...] }
migrate:
  scripts: migrations/

# The logic that makes the results: SQL files and commands, in this order.
simulate:
  run:
    - logic/*.sql

compare:
  # What the delivery systems bring, as schema.table. Everything else is a result of the logic.
  input: []
  # Keys of tables and views that declare none. Without a key, rows are compared as a whole.
  # keys: { marts.delay: [carrier, day] }

# What the ledger keeps of deviating rows: keys, masked, full or none.
privacy: keys

# Queries whose every value must be true on live after the swap; if not, Greenlight swaps back.
# swap: { verify: [checks/*.sql] }
`;
}



/***/ })

};
