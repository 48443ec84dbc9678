export const id = 773;
export const ids = [773,63];
export const modules = {

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

/***/ 2773:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   clone: () => (/* binding */ clone)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _release_find_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9971);
/* harmony import */ var _release_inventory_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4178);
/* harmony import */ var _release_run_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2063);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4816);
// src/steps/clone.ts





async function clone(context, options) {
  const { engine, ledger, host, config } = context;
  if (options.release === void 0) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
      what: "A new release needs an id.",
      help: "greenlight clone --release pr-42"
    });
  }
  const id = (0,_release_find_js__WEBPACK_IMPORTED_MODULE_1__/* .requireReleaseId */ .WU)(options.release);
  await refuseWhenLive(context, id);
  await requireLive(context);
  return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_3__/* .runStep */ .eg)(context, { release: id, step: "clone", logic: null, seen: null }, async () => {
    await ledger.write(
      `clone ${id}`,
      (writer) => writer.startRelease({ id, engine: engine.name, live: engine.places.live })
    );
    const [baseline, candidate] = [engine.places.baseline(id), engine.places.candidate(id)];
    const fromLive = await copy(context, engine.places.live, baseline, "baseline");
    const instant = (/* @__PURE__ */ new Date()).toISOString();
    const fromBaseline = await copy(context, baseline, candidate, "candidate");
    host.progress.note(`Copied by ${fromLive.method}: ${fromLive.reason}.`);
    const catalog = await engine.catalog.read(baseline);
    const inventory = (0,_release_inventory_js__WEBPACK_IMPORTED_MODULE_2__/* .inventoryOf */ .o8)(catalog);
    const missing = (0,_release_inventory_js__WEBPACK_IMPORTED_MODULE_2__/* .missingFrom */ .fY)(inventory, (0,_release_inventory_js__WEBPACK_IMPORTED_MODULE_2__/* .inventoryOf */ .o8)(await engine.catalog.read(candidate)));
    for (const name of missing) host.progress.warn(`The clone lacks ${name}.`);
    await ledger.write(
      `clone ${id}`,
      (writer) => writer.updateRelease(id, {
        state: "cloned",
        live_id: fromLive.source.id,
        live_mark: fromLive.source.mark,
        clone_instant: instant,
        clone_method: fromLive.method,
        candidate,
        candidate_id: fromBaseline.clone.id,
        candidate_mark: fromBaseline.clone.mark,
        baseline,
        baseline_id: fromLive.clone.id,
        baseline_mark: fromLive.clone.mark,
        inventory,
        migrated_inventory: inventory
      })
    );
    return {
      release: id,
      state: "cloned",
      live: engine.places.live,
      candidate,
      baseline,
      method: fromLive.method,
      reason: fromLive.reason,
      clone_instant: instant,
      bytes: fromLive.bytes + fromBaseline.bytes,
      tables: catalog.relations.filter(({ kind }) => kind === "table").length,
      views: catalog.relations.filter(({ kind }) => kind === "view").length,
      missing
    };
  });
  async function copy({ engine: { databases } }, from, to, role) {
    const task = host.progress.task(`Cloning the ${role}`, await databases.size(from));
    try {
      const report = await databases.clone(from, to, {
        method: config.clone.method,
        onProgress: (done) => task.advance(done)
      });
      task.done((0,_report_format_js__WEBPACK_IMPORTED_MODULE_4__/* .bytes */ .ee)(report.bytes));
      return report;
    } catch (error) {
      task.failed();
      throw error;
    }
  }
}
async function refuseWhenLive({ ledger }, id) {
  const release = await ledger.read(null, (reader) => reader.release(id));
  if (release !== null) (0,_release_find_js__WEBPACK_IMPORTED_MODULE_1__/* .requireSameLive */ .CA)(ledger, release);
  if (release === null || !["swapped", "rolled-back", "retired"].includes(release.state)) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
    what: `Release ${id} is ${release.state}; its id cannot be used again.`,
    where: ledger.location,
    help: "Take another id for the next release."
  });
}
async function requireLive({ engine, config }) {
  if (await engine.databases.identify(engine.places.live) !== null) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: "There is no live database.",
    where: engine.places.live,
    live: "there is none",
    help: `Check \`live\` in ${config.file}. Greenlight never makes it: the first one is yours.`
  });
}



/***/ })

};
