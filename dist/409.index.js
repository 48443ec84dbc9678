export const id = 409;
export const ids = [409,69,63];
export const modules = {

/***/ 6383:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   QK: () => (/* binding */ restoreCandidate),
/* harmony export */   Vg: () => (/* binding */ requireCandidate),
/* harmony export */   nh: () => (/* binding */ leaveCandidate)
/* harmony export */ });
/* unused harmony export requireBaseline */
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4816);
// src/release/candidate.ts


async function requireBaseline({ engine }, release) {
  const found = await engine.databases.identify(release.baseline);
  if (found?.id === release.baseline_id && found.mark === release.baseline_mark) return;
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: found === null ? "The baseline is gone." : "The baseline is not the one that the clone made.",
    where: engine.places.describe(release.baseline),
    help: `Begin again with a fresh clone: greenlight clone --release ${release.id}`
  });
}
var beingMade = "being made anew";
async function requireCandidate(parts, release) {
  await requireBaseline(parts, release);
  if (release.candidate_mark === beingMade) return "changed";
  const found = await parts.engine.databases.identify(release.candidate);
  if (found !== null && found.id === release.candidate_id) {
    return found.mark === release.candidate_mark ? "as-left" : "changed";
  }
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: found === null ? "The candidate is gone: somebody dropped it." : "Another database took the place of the candidate.",
    where: parts.engine.places.describe(release.candidate),
    help: `Begin again with a fresh clone: greenlight clone --release ${release.id}`
  });
}
async function restoreCandidate({ engine, ledger }, release, method, progress) {
  await requireBaseline({ engine, ledger }, release);
  await ledger.write(`restore the candidate of ${release.id}`, async (writer) => {
    await writer.forgetCandidate(release.id);
    await writer.updateRelease(release.id, { state: "cloned", candidate_mark: beingMade });
  });
  const task = progress.task(
    "Making the candidate anew from the baseline",
    await engine.databases.size(release.baseline)
  );
  try {
    const { clone, bytes: size } = await engine.databases.clone(
      release.baseline,
      release.candidate,
      {
        method,
        onProgress: (done) => task.advance(done)
      }
    );
    const set = { candidate_id: clone.id, candidate_mark: clone.mark };
    await ledger.write(
      `restore the candidate of ${release.id}`,
      (writer) => writer.updateRelease(release.id, { ...set, state: "cloned" })
    );
    task.done((0,_report_format_js__WEBPACK_IMPORTED_MODULE_1__/* .bytes */ .ee)(size));
    return { ...release, ...set, state: "cloned" };
  } catch (error) {
    task.failed();
    throw error;
  }
}
async function leaveCandidate({ engine, ledger }, release, state) {
  const found = await engine.databases.identify(release.candidate);
  if (found === null || found.id !== release.candidate_id) {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
      what: "The candidate vanished, or was replaced by another database, while the step worked on it.",
      where: engine.places.describe(release.candidate),
      help: `Find out what did that, then run greenlight clone --release ${release.id}.`
    });
  }
  await ledger.write(
    `${release.id}: ${state}`,
    (writer) => writer.updateRelease(release.id, { state, candidate_mark: found.mark })
  );
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

/***/ 6319:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  I: () => (/* binding */ runOnCandidate)
});

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
// EXTERNAL MODULE: external "node:string_decoder"
var external_node_string_decoder_ = __webpack_require__(6193);
// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
;// CONCATENATED MODULE: ./build/esm/command.js
// src/command.ts



var GRACE_MS = 5e3;
var TAIL_LINES = 20;
var MAX_LINE = 2e3;
async function runCommand(options) {
  const started = performance.now();
  let group = null;
  const release = endWithThisProcess(() => group);
  const child = (0,external_node_child_process_.spawn)(options.command, {
    shell: true,
    cwd: options.cwd,
    env: options.env,
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe"]
  });
  const tail = [];
  const outputs = [child.stdout, child.stderr].map(
    (stream) => readLines(stream, (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      options.onLine(line);
    })
  );
  const own = new ProcessGroup(child);
  group = own;
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    void own.end();
  }, options.timeoutMs);
  try {
    const { exitCode, signal } = await exitOf(child, options);
    clearTimeout(limit);
    await own.end();
    await within(1e3, Promise.all(outputs));
    return { exitCode, signal, timedOut, ms: Math.round(performance.now() - started), tail };
  } finally {
    clearTimeout(limit);
    release();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}
function commandEnvironment(base, options) {
  const shows = options.forbiddenValues.flatMap((value) => [value, encodeURIComponent(value)]).filter((value) => value !== "").map(showing);
  const isForbidden = (name, value) => options.forbiddenNames.includes(name) || shows.some((expression) => expression.test(value));
  const inherited = Object.entries(base).filter(([, value]) => value !== void 0);
  const dropped = inherited.filter(([name, value]) => isForbidden(name, value));
  const kept = inherited.filter(([name, value]) => !isForbidden(name, value));
  return {
    env: { ...Object.fromEntries(kept), ...options.add },
    dropped: dropped.map(([name]) => name).sort()
  };
}
function showing(value) {
  const literal = value.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const isShort = value.length < 8;
  const word = "[\\p{L}\\p{N}_]";
  return new RegExp(isShort ? `(?<!${word})${literal}(?!${word})` : literal, "iu");
}
function exitOf(child, { cwd }) {
  return new Promise((resolve, reject) => {
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
    child.once(
      "error",
      (error) => reject(
        new errors/* GreenlightError */.uf({
          what: "The command could not be started.",
          where: cwd,
          cause: (0,errors/* messageOf */.bD)(error)
        })
      )
    );
  });
}
var ProcessGroup = class {
  #child;
  #ending = null;
  constructor(child) {
    this.#child = child;
  }
  /** Asks every process of the group to stop, makes them stop after a while, and waits until none is left. */
  end() {
    this.#ending ??= this.#end();
    return this.#ending;
  }
  async #end() {
    const deadline = performance.now() + GRACE_MS;
    this.signal("SIGTERM");
    while (this.signal(0)) {
      const late = performance.now() - deadline;
      if (late > 0) this.signal("SIGKILL");
      if (late > 1e3) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  /** False when nobody is left to get it. */
  signal(signal) {
    const { pid } = this.#child;
    if (pid === void 0) return false;
    try {
      return process.platform === "win32" ? signalTree(pid, signal) : process.kill(-pid, signal);
    } catch {
      return false;
    }
  }
};
function signalTree(pid, signal) {
  if (signal !== 0) (0,external_node_child_process_.spawnSync)("taskkill", ["/pid", String(pid), "/T", "/F"]);
  return process.kill(pid, 0);
}
function endWithThisProcess(group) {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const onSignal = async (signal) => {
    await group()?.end();
    release();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const onExit = () => group()?.signal("SIGKILL");
  const release = () => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off("exit", onExit);
  };
  for (const signal of signals) process.on(signal, onSignal);
  process.on("exit", onExit);
  return release;
}
async function within(ms, work) {
  let timer;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
function readLines(stream, onLine) {
  const decoder = new external_node_string_decoder_.StringDecoder("utf8");
  let pending = "";
  let isCut = false;
  let afterReturn = false;
  const take = (text) => {
    const pieces = text.slice(afterReturn && text.startsWith("\n") ? 1 : 0).split(/\r\n|\n|\r/);
    afterReturn = text === "" ? afterReturn : text.endsWith("\r");
    pieces.forEach((piece, i) => {
      const room = MAX_LINE - pending.length;
      isCut ||= piece.length > room;
      pending += piece.slice(0, room);
      if (i === pieces.length - 1) return;
      tell();
    });
  };
  const tell = () => {
    onLine(isCut ? `${pending}…` : pending);
    pending = "";
    isCut = false;
  };
  return new Promise((resolve) => {
    stream.on("data", (chunk) => take(decoder.write(chunk)));
    stream.once("close", () => {
      take(decoder.end());
      if (pending !== "") tell();
      resolve();
    });
  });
}


// EXTERNAL MODULE: ./build/esm/report/format.js
var format = __webpack_require__(4816);
;// CONCATENATED MODULE: ./build/esm/steps/command.js
// src/steps/command.ts



async function runOnCandidate({ config, engine, host }, release, { command, timeoutMs }, onDetail, now = release.clone_instant) {
  const { env, dropped } = commandEnvironment(process.env, {
    add: {
      ...engine.commandEnvironment(release.candidate),
      GREENLIGHT_RELEASE: release.id,
      GREENLIGHT_NOW: now
    },
    forbiddenValues: engine.traces(),
    forbiddenNames: config.variables
  });
  if (dropped.length > 0) host.progress.note(`Kept from the command: ${dropped.join(", ")}.`);
  const before = await engine.databases.identify(engine.places.live);
  const result = await runCommand({
    command,
    cwd: config.root,
    env,
    timeoutMs,
    onLine: onDetail
  });
  const after = await engine.databases.identify(engine.places.live);
  if (after?.id !== before?.id || after?.mark !== before?.mark) {
    host.progress.warn(
      "Live was written to while the command ran, by it or by production. The swap will look at what changed."
    );
  }
  if (result.exitCode === 0 && !result.timedOut) return;
  throw new errors/* GreenlightError */.uf({
    what: result.timedOut ? `The command did not end within ${(0,format/* duration */.p0)(timeoutMs)} and was stopped:
  ${command}` : `The command failed with ${result.signal ?? `exit code ${result.exitCode}`}:
  ${command}`,
    cause: `its last lines:
${result.tail.map((line) => `  | ${line}`).join("\n")}`,
    help: "Mend the command, or raise its `timeout`, then run the same step again."
  });
}



/***/ }),

/***/ 4409:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   applyMigrations: () => (/* binding */ applyMigrations),
/* harmony export */   migrate: () => (/* binding */ migrate),
/* harmony export */   migrationIsPending: () => (/* binding */ migrationIsPending)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _release_candidate_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6383);
/* harmony import */ var _release_files_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(993);
/* harmony import */ var _release_find_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9971);
/* harmony import */ var _release_inventory_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4178);
/* harmony import */ var _release_lineage_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(4059);
/* harmony import */ var _release_logic_hash_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(89);
/* harmony import */ var _release_run_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(2063);
/* harmony import */ var _report_format_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(4816);
/* harmony import */ var _command_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(6319);
// src/steps/migrate.ts










async function migrate(context, options) {
  const found = await (0,_release_find_js__WEBPACK_IMPORTED_MODULE_3__/* .findRelease */ .dv)(context.ledger, options.release);
  const release = (0,_release_find_js__WEBPACK_IMPORTED_MODULE_3__/* .requireState */ .JS)(
    found,
    ["cloned", "migrated", "simulated", "compared", "approved"],
    `greenlight clone --release ${found.id}`
  );
  const logic = await (0,_release_logic_hash_js__WEBPACK_IMPORTED_MODULE_5__/* .logicHash */ .z)(context.config);
  return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_6__/* .runStep */ .eg)(
    context,
    { release: release.id, step: "migrate", logic, seen: release },
    async () => {
      const ready = await usableCandidate(context, release);
      const { applied, skipped } = await applyMigrations(context, ready);
      const state = applied.length > 0 || ready.state === "cloned" ? "migrated" : ready.state;
      await (0,_release_candidate_js__WEBPACK_IMPORTED_MODULE_1__/* .leaveCandidate */ .nh)(context, ready, state);
      return { release: release.id, state, applied, skipped };
    }
  );
}
async function usableCandidate(context, release) {
  const { config, host, ledger } = context;
  const state = await (0,_release_candidate_js__WEBPACK_IMPORTED_MODULE_1__/* .requireCandidate */ .Vg)(context, release);
  const ran = await ledger.read([], (reader) => reader.migrations(release.id));
  const cutOff = ran.some((script) => script.state === "running");
  if (state === "as-left" && !cutOff) return release;
  host.progress.note(
    cutOff ? "An earlier run did not get to the end of a script, so the candidate is made anew." : "The candidate was changed since the last step left it, so it is made anew."
  );
  return (0,_release_candidate_js__WEBPACK_IMPORTED_MODULE_1__/* .restoreCandidate */ .QK)(context, release, config.clone.method, host.progress);
}
async function applyMigrations(context, release) {
  const { config, engine, ledger } = context;
  const result = config.migrate?.kind === "command" ? await applyCommand(context, release, config.migrate) : await applyPending(context, release);
  if (result.applied.length > 0 || release.state === "cloned") {
    const migrated_inventory = (0,_release_inventory_js__WEBPACK_IMPORTED_MODULE_4__/* .inventoryOf */ .o8)(await engine.catalog.read(release.candidate));
    await ledger.write(
      `migrate ${release.id}`,
      (writer) => writer.updateRelease(release.id, { migrated_inventory })
    );
  }
  return result;
}
async function applyPending(context, release) {
  const { pending, skipped, ran } = await pendingScripts(context, release);
  await applyScripts(context, release, pending, ran);
  return { applied: pending.map(({ name }) => name), skipped };
}
async function pendingScripts({ config, ledger }, release) {
  const scripts = await (0,_release_files_js__WEBPACK_IMPORTED_MODULE_2__/* .migrationScripts */ .JU)(config);
  const { inLive, onCandidate } = await ledger.read(
    { inLive: /* @__PURE__ */ new Map(), onCandidate: [] },
    async (reader) => ({
      inLive: await (0,_release_lineage_js__WEBPACK_IMPORTED_MODULE_8__/* .scriptsInLive */ .U)(reader),
      onCandidate: await reader.migrations(release.id)
    })
  );
  const pending = scripts.filter((script) => isPending(script, release, inLive, onCandidate));
  const skipped = scripts.filter((script) => !pending.includes(script)).map(({ name }) => name);
  return { pending, skipped, ran: onCandidate.length };
}
function isPending(script, release, inLive, onCandidate) {
  const here = onCandidate.find((record) => record.script === script.name);
  const before = here ?? inLive.get(script.name);
  if (before === void 0) return true;
  if (before.checksum === script.checksum) return false;
  if (script.kind === "repeatable" && here === void 0) return true;
  const [where, help] = here === void 0 ? [
    `to live by release ${before.release}`,
    "Put the old content back, and write the change as a new version."
  ] : [
    "to this candidate",
    `To run the new content, begin with a fresh clone: greenlight clone --release ${release.id}`
  ];
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: `The script was applied ${where} and has changed since.`,
    where: script.file,
    cause: `checksum when applied ${before.checksum}, now ${script.checksum}`,
    help
  });
}
async function applyScripts({ engine, ledger, host }, release, scripts, firstPosition) {
  if (scripts.length === 0) return;
  const task = host.progress.task("Migrating the candidate", scripts.length);
  const session = await engine.scripts.open(release.candidate, {
    write: true,
    variables: { greenlight_release: release.id, greenlight_now: release.clone_instant },
    forbidden: [engine.places.live, release.baseline, ledger.location]
  });
  try {
    for (const [index, script] of scripts.entries()) {
      const position = firstPosition + index;
      task.advance(index, script.name);
      await ledger.write(
        `migrate ${release.id}: ${script.name}`,
        (writer) => writer.startScript("migration", {
          release: release.id,
          position,
          name: script.name,
          kind: script.kind,
          checksum: script.checksum
        })
      );
      const report = await session.run(script);
      if (!report.transactional)
        host.progress.note(`${script.name} ran without a transaction: ${report.reason}.`);
      await ledger.write(
        `migrate ${release.id}: ${script.name}`,
        (writer) => writer.finishScript("migration", { release: release.id, position }, report)
      );
    }
  } catch (error) {
    task.failed();
    await session.close().catch(() => void 0);
    throw error;
  }
  await session.close();
  task.done((0,_report_format_js__WEBPACK_IMPORTED_MODULE_9__/* .plural */ .LS)(scripts.length, "script"));
}
async function migrationIsPending(context, release) {
  const { migrate: item } = context.config;
  if (item === null) return false;
  if (item.kind === "scripts") return (await pendingScripts(context, release)).pending.length > 0;
  return !(await commandHasRun(context, release, item)).done;
}
async function applyCommand(context, release, item) {
  const { ledger, host } = context;
  const { done, checksum } = await commandHasRun(context, release, item);
  if (done) return { applied: [], skipped: [item.command] };
  const position = 0;
  await ledger.write(
    `migrate ${release.id}`,
    (writer) => writer.startScript("migration", {
      release: release.id,
      position,
      name: item.command,
      kind: "command",
      checksum
    })
  );
  const task = host.progress.task("Migrating the candidate by command");
  try {
    await (0,_command_js__WEBPACK_IMPORTED_MODULE_7__/* .runOnCandidate */ .I)(context, release, item, (line) => task.advance(0, line));
    task.done();
  } catch (error) {
    task.failed();
    throw error;
  }
  await ledger.write(
    `migrate ${release.id}`,
    (writer) => writer.finishScript("migration", { release: release.id, position }, null)
  );
  return { applied: [item.command], skipped: [] };
}
async function commandHasRun({ config, ledger }, release, item) {
  const files = await (0,_release_files_js__WEBPACK_IMPORTED_MODULE_2__/* .projectFiles */ .x6)(config, item.paths);
  const checksum = (0,_release_files_js__WEBPACK_IMPORTED_MODULE_2__/* .sha256 */ .sc)(item.command, ...files.map((file) => file.checksum));
  const [before] = await ledger.read([], (reader) => reader.migrations(release.id));
  if (before === void 0 || before.checksum === checksum)
    return { done: before !== void 0, checksum };
  throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf({
    what: "The migration command, or a file of its `paths`, has changed since it ran on this candidate.",
    where: `${config.file}: migrate.command`,
    cause: `checksum when it ran ${before.checksum}, now ${checksum}`,
    help: `To run the new one, begin with a fresh clone: greenlight clone --release ${release.id}`
  });
}



/***/ })

};
