export const id = 227;
export const ids = [227,191];
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

/***/ 1212:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   d: () => (/* binding */ canonicalJson),
/* harmony export */   o: () => (/* binding */ digestOf)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
// src/release/digest.ts

function digestOf(comparison) {
  const canonical = canonicalJson({
    format: 1,
    mode: comparison.mode,
    stopped: comparison.stopped !== null,
    tables: comparison.tables.map(whatWasFound),
    objects: comparison.objects,
    expectations: comparison.expectations.map(whatBecameOfIt)
  });
  return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)("sha256").update(canonical).digest("hex");
}
function whatWasFound(outcome) {
  const { proof: _proof, way: _way, likely_rename: _rename, ...table } = outcome;
  if (table.status !== "identical") return { ...table, columns: table.columns.map(whatCounts) };
  const skipped = table.columns.filter(({ status }) => status === "skipped").map(whatCounts);
  return { table: table.table, kind: table.kind, status: table.status, skipped };
}
function whatCounts(column) {
  const { pattern: _pattern, patterns: _patterns, condition: _condition, ...counted } = column;
  const { likely_rename: _rename, ...rest } = counted;
  return rest;
}
function whatBecameOfIt({
  file: _file,
  line: _line,
  because: _because,
  ...rest
}) {
  return rest;
}
function canonicalJson(value) {
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== void 0).sort(([a], [b]) => a < b ? -1 : 1).map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}



/***/ }),

/***/ 993:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ih: () => (/* binding */ expectationsFile),
/* harmony export */   JU: () => (/* binding */ migrationScripts),
/* harmony export */   WY: () => (/* binding */ verifyScripts),
/* harmony export */   rl: () => (/* binding */ runSteps),
/* harmony export */   sc: () => (/* binding */ sha256),
/* harmony export */   x6: () => (/* binding */ projectFiles)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(3893);
// src/release/files.ts




async function migrationScripts(config) {
  if (config.migrate?.kind !== "scripts") return [];
  const { folder } = config.migrate;
  if (!await isFolder((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(config.root, folder))) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .UsageError */ .eb({
      what: `There is no folder ${folder}.`,
      where: `${config.file}: migrate.scripts`,
      help: `Make it, or write another one. Paths are relative to ${config.root}.`
    });
  }
  const files = await projectFiles(config, [`${folder.replace(/\/+$/, "")}/**/*.sql`]);
  const scripts = files.map((file) => {
    const name = file.file.split("/").at(-1) ?? file.file;
    const match = /^(?:V(\d+(?:[._]\d+)*)|R)__(.+)\.sql$/.exec(name);
    if (match === null) {
      throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .GreenlightError */ .uf({
        what: "This file in the migrations folder has no migration name.",
        where: file.file,
        help: "Call it V<version>__<name>.sql (runs once) or R__<name>.sql (runs when it changed), or move it elsewhere."
      });
    }
    const version = match[1]?.split(/[._]/).map(Number) ?? null;
    return {
      ...file,
      name,
      version,
      kind: version === null ? "repeatable" : "versioned"
    };
  });
  scripts.sort((a, b) => compareVersions(a.version, b.version) || (a.name < b.name ? -1 : 1));
  scripts.forEach((script, at) => {
    const before = scripts[at - 1];
    if (before === void 0) return;
    const sameVersion = script.version !== null && compareVersions(before.version, script.version) === 0;
    if (!sameVersion && before.name !== script.name) return;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .GreenlightError */ .uf({
      what: sameVersion ? "Two migration scripts have the same version." : "Two migration scripts have the same name.",
      where: `${before.file} and ${script.file}`,
      help: "Rename one of them."
    });
  });
  return scripts.map(({ version: _, ...script }) => script);
}
function compareVersions(a, b) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
async function runSteps(config) {
  const steps = [];
  for (const item of config.simulate?.run ?? []) {
    if (item.kind === "command") {
      const checksum = sha256(
        item.command,
        ...(await projectFiles(config, item.paths)).map((file) => file.checksum)
      );
      steps.push({ kind: "command", name: item.command, checksum, command: item });
      continue;
    }
    for (const file of await matching(config, item.glob, "simulate.run")) {
      steps.push({ kind: "sql", name: file.file, checksum: file.checksum, script: file });
    }
  }
  return steps;
}
async function verifyScripts(config) {
  const files = [];
  for (const glob of config.swap.verify)
    files.push(...await matching(config, glob, "swap.verify"));
  return files;
}
async function expectationsFile({
  root,
  expectations: { file }
}) {
  const content = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(root, file)).catch(() => null);
  if (content === null) return [];
  return [{ file, text: content.toString("utf8"), checksum: sha256(content) }];
}
async function projectFiles(config, globs) {
  if (globs.length === 0) return [];
  const { glob } = await __webpack_require__.e(/* import() */ 382).then(__webpack_require__.bind(__webpack_require__, 3382));
  const found = await glob([...globs], { cwd: config.root, expandDirectories: true });
  const files = [];
  for (const file of found.sort()) {
    const content = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(config.root, file));
    files.push({ file, text: content.toString("utf8"), checksum: sha256(content) });
  }
  return files;
}
function sha256(...parts) {
  const hash = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}
async function isFolder(path) {
  return (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.stat)(path).then(
    (found) => found.isDirectory(),
    () => false
  );
}
async function matching(config, glob, key) {
  const files = await projectFiles(config, [glob]);
  if (files.length > 0) return files;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .UsageError */ .eb({
    what: `No file matches ${glob}.`,
    where: `${config.file}: ${key}`,
    help: `Paths are relative to ${config.root}.`
  });
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

/***/ 4178:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   O4: () => (/* binding */ inventoryChanges),
/* harmony export */   fY: () => (/* binding */ missingFrom),
/* harmony export */   o8: () => (/* binding */ inventoryOf)
/* harmony export */ });
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1212);
/* harmony import */ var _files_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(993);
// src/release/inventory.ts


function inventoryOf(catalog) {
  const entries = [
    ...catalog.relations.map(({ kind, schema, name, columns, definition }) => [
      `${kind} ${schema}.${name}`,
      (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .sha256 */ .sc)((0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .canonicalJson */ .d)({ columns, definition }))
    ]),
    ...catalog.objects.map(({ kind, name, definition }) => [`${kind} ${name}`, (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .sha256 */ .sc)(definition)])
  ];
  return Object.fromEntries(entries.sort(([a = ""], [b = ""]) => a < b ? -1 : 1));
}
function missingFrom(inventory, other) {
  return Object.keys(inventory).filter((name) => other[name] === void 0);
}
function inventoryChanges(before, after) {
  return [.../* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name) => {
    if (before[name] === after[name]) return [];
    if (after[name] === void 0) return [`- ${name}`];
    return before[name] === void 0 ? [`+ ${name}`] : [`~ ${name}`];
  });
}



/***/ }),

/***/ 89:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   T: () => (/* binding */ changedParts),
/* harmony export */   z: () => (/* binding */ logicHash)
/* harmony export */ });
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1212);
/* harmony import */ var _files_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(993);
// src/release/logic-hash.ts


async function logicHash(config) {
  const scripts = await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .migrationScripts */ .JU)(config);
  const run = await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .runSteps */ .rl)(config);
  const migratePaths = config.migrate?.kind === "command" ? await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .projectFiles */ .x6)(config, config.migrate.paths) : [];
  const runPaths = await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .projectFiles */ .x6)(
    config,
    (config.simulate?.run ?? []).flatMap((item) => item.kind === "command" ? item.paths : [])
  );
  const makesCandidate = {
    "greenlight.yml: migrate": checksum(config.migrate),
    "greenlight.yml: simulate": checksum(config.simulate),
    ...checksums([...scripts, ...migratePaths, ...runPaths]),
    ...checksums(
      run.flatMap(
        (step) => step.kind === "sql" ? [{ file: step.name, checksum: step.checksum }] : []
      )
    )
  };
  const parts = {
    ...makesCandidate,
    "greenlight.yml: compare": checksum(config.compare),
    "greenlight.yml: swap": checksum(config.swap),
    ...checksums(await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .expectationsFile */ .Ih)(config)),
    ...checksums(await (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .verifyScripts */ .WY)(config))
  };
  return { hash: checksum(parts), candidate: checksum(makesCandidate), parts };
}
function checksums(files) {
  return Object.fromEntries(files.map(({ file, checksum: content }) => [file, content]));
}
function checksum(value) {
  return (0,_files_js__WEBPACK_IMPORTED_MODULE_1__/* .sha256 */ .sc)((0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .canonicalJson */ .d)(value));
}
function changedParts(before, after) {
  const names = [.../* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    if (before[name] === after[name]) return [];
    if (before[name] === void 0) return [`+ ${name}`];
    return after[name] === void 0 ? [`- ${name}`] : [`~ ${name}`];
  });
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



/***/ })

};
