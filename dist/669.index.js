export const id = 669;
export const ids = [669,63];
export const modules = {

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

/***/ 9669:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   approve: () => (/* binding */ approve)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
/* harmony import */ var _release_find_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9971);
/* harmony import */ var _release_run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2063);
// src/steps/approve.ts



async function approve(context, options) {
  const { ledger } = context;
  const { digest: given, by } = options;
  if (given === void 0 || by === void 0 || by.trim() === "") {
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
      what: "An approval names what is approved and who approves it.",
      help: "greenlight approve --digest DIGEST --by NAME; `greenlight status` shows the digest."
    });
  }
  const found = await (0,_release_find_js__WEBPACK_IMPORTED_MODULE_1__/* .findRelease */ .dv)(ledger, options.release);
  const release = (0,_release_find_js__WEBPACK_IMPORTED_MODULE_1__/* .requireState */ .JS)(
    found,
    ["compared", "approved"],
    `greenlight compare --release ${found.id}`
  );
  return (0,_release_run_js__WEBPACK_IMPORTED_MODULE_2__/* .runStep */ .eg)(
    context,
    { release: release.id, step: "approve", logic: null, seen: release },
    async () => {
      const latest = (await ledger.read([], (reader) => reader.comparisons(release.id))).at(-1);
      if (latest === void 0)
        throw new Error(`Release ${release.id} is ${release.state} without a comparison`);
      if (latest.stopped !== null) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf(
          {
            what: "The latest comparison ended early: nobody has seen all deviations.",
            cause: latest.stopped,
            help: `greenlight compare --release ${release.id}, with a larger budget or none`
          },
          _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .EXIT */ .dc.refused
        );
      }
      if (!namesDigest(given, latest.digest)) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .GreenlightError */ .uf(
          {
            what: "This digest is not the one of the latest comparison: the deviations are other ones than those you reviewed.",
            cause: `given ${given}, latest ${latest.digest}`,
            help: `Review the latest comparison, then approve its digest: greenlight status --release ${release.id}`
          },
          _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .EXIT */ .dc.refused
        );
      }
      await ledger.write(`approve ${release.id}`, async (writer) => {
        await writer.addApproval({
          release: release.id,
          comparison: latest.id,
          digest: latest.digest,
          approver: by.trim(),
          place: `command line, by ${context.host.actor}`
        });
        await writer.setState(release.id, "approved");
      });
      return {
        release: release.id,
        state: "approved",
        digest: latest.digest,
        by: by.trim(),
        comparison: latest.id
      };
    }
  );
}
function namesDigest(given, digest) {
  return given.length >= 12 && digest.startsWith(given.toLowerCase());
}



/***/ })

};
