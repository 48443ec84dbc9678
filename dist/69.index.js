export const id = 69;
export const ids = [69,63];
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



/***/ })

};
