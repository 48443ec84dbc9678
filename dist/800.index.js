export const id = 800;
export const ids = [800];
export const modules = {

/***/ 7336:
/***/ ((module) => {

let p = process || {}, argv = p.argv || [], env = p.env || {}
let isColorSupported =
	!(!!env.NO_COLOR || argv.includes("--no-color")) &&
	(!!env.FORCE_COLOR || argv.includes("--color") || p.platform === "win32" || ((p.stdout || {}).isTTY && env.TERM !== "dumb") || !!env.CI)

let formatter = (open, close, replace = open) =>
	input => {
		let string = "" + input, index = string.indexOf(close, open.length)
		return ~index ? open + replaceClose(string, close, replace, index) + close : open + string + close
	}

let replaceClose = (string, close, replace, index) => {
	let result = "", cursor = 0
	do {
		result += string.substring(cursor, index) + replace
		cursor = index + close.length
		index = string.indexOf(close, cursor)
	} while (~index)
	return result + string.substring(cursor)
}

let createColors = (enabled = isColorSupported) => {
	let f = enabled ? formatter : () => String
	return {
		isColorSupported: enabled,
		reset: f("\x1b[0m", "\x1b[0m"),
		bold: f("\x1b[1m", "\x1b[22m", "\x1b[22m\x1b[1m"),
		dim: f("\x1b[2m", "\x1b[22m", "\x1b[22m\x1b[2m"),
		italic: f("\x1b[3m", "\x1b[23m"),
		underline: f("\x1b[4m", "\x1b[24m"),
		inverse: f("\x1b[7m", "\x1b[27m"),
		hidden: f("\x1b[8m", "\x1b[28m"),
		strikethrough: f("\x1b[9m", "\x1b[29m"),

		black: f("\x1b[30m", "\x1b[39m"),
		red: f("\x1b[31m", "\x1b[39m"),
		green: f("\x1b[32m", "\x1b[39m"),
		yellow: f("\x1b[33m", "\x1b[39m"),
		blue: f("\x1b[34m", "\x1b[39m"),
		magenta: f("\x1b[35m", "\x1b[39m"),
		cyan: f("\x1b[36m", "\x1b[39m"),
		white: f("\x1b[37m", "\x1b[39m"),
		gray: f("\x1b[90m", "\x1b[39m"),

		bgBlack: f("\x1b[40m", "\x1b[49m"),
		bgRed: f("\x1b[41m", "\x1b[49m"),
		bgGreen: f("\x1b[42m", "\x1b[49m"),
		bgYellow: f("\x1b[43m", "\x1b[49m"),
		bgBlue: f("\x1b[44m", "\x1b[49m"),
		bgMagenta: f("\x1b[45m", "\x1b[49m"),
		bgCyan: f("\x1b[46m", "\x1b[49m"),
		bgWhite: f("\x1b[47m", "\x1b[49m"),

		blackBright: f("\x1b[90m", "\x1b[39m"),
		redBright: f("\x1b[91m", "\x1b[39m"),
		greenBright: f("\x1b[92m", "\x1b[39m"),
		yellowBright: f("\x1b[93m", "\x1b[39m"),
		blueBright: f("\x1b[94m", "\x1b[39m"),
		magentaBright: f("\x1b[95m", "\x1b[39m"),
		cyanBright: f("\x1b[96m", "\x1b[39m"),
		whiteBright: f("\x1b[97m", "\x1b[39m"),

		bgBlackBright: f("\x1b[100m", "\x1b[49m"),
		bgRedBright: f("\x1b[101m", "\x1b[49m"),
		bgGreenBright: f("\x1b[102m", "\x1b[49m"),
		bgYellowBright: f("\x1b[103m", "\x1b[49m"),
		bgBlueBright: f("\x1b[104m", "\x1b[49m"),
		bgMagentaBright: f("\x1b[105m", "\x1b[49m"),
		bgCyanBright: f("\x1b[106m", "\x1b[49m"),
		bgWhiteBright: f("\x1b[107m", "\x1b[49m"),
	}
}

module.exports = createColors()
module.exports.createColors = createColors


/***/ }),

/***/ 7963:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $q: () => (/* binding */ parseName),
/* harmony export */   F6: () => (/* binding */ patternParts),
/* harmony export */   MH: () => (/* binding */ nameMatcher),
/* harmony export */   Pt: () => (/* binding */ isPattern),
/* harmony export */   nD: () => (/* binding */ formatName)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3893);
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
      throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .UsageError */ .eb({
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

/***/ 9886:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  runAlone: () => (/* binding */ runAlone),
  runInProject: () => (/* binding */ runInProject)
});

// EXTERNAL MODULE: ./build/esm/config/load.js + 4 modules
var load = __webpack_require__(6431);
// EXTERNAL MODULE: ./build/esm/engines/registry.js
var registry = __webpack_require__(5165);
// EXTERNAL MODULE: ./build/esm/errors.js + 1 modules
var errors = __webpack_require__(3893);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: ./node_modules/picocolors/picocolors.js
var picocolors = __webpack_require__(7336);
// EXTERNAL MODULE: ./build/esm/report/format.js
var format = __webpack_require__(4816);
;// CONCATENATED MODULE: ./build/esm/hosts/terminal.js
// src/hosts/terminal.ts



function terminalHost(options) {
  return { actor: findActor(options.env), progress: chooseProgress(options) };
}
function chooseProgress(options) {
  const { stream, isTTY, quiet, env } = options;
  if (quiet) return SILENCE;
  const colors = picocolors.createColors(isTTY && !env.NO_COLOR && env.TERM !== "dumb");
  const isLive = isTTY && stream.columns !== 0 && !isSet(env.CI) && env.TERM !== "dumb";
  const board = isLive ? new LiveBoard(stream) : new LogBoard(stream);
  return {
    task: (label, total) => board.begin(new Work((0,format/* visible */.RK)(label), total, colors, board)),
    note: (text) => board.write(`${colors.dim("-")} ${(0,format/* visible */.RK)(text)}`),
    warn: (text) => board.write(`${colors.yellow("warning:")} ${(0,format/* visible */.RK)(text)}`)
  };
}
var SILENCE = {
  task: () => ({ advance() {
  }, done() {
  }, failed() {
  } }),
  note() {
  },
  warn() {
  }
};
function isSet(value) {
  return value !== void 0 && value !== "" && value !== "0" && value !== "false";
}
var Work = class {
  label;
  started = performance.now();
  #total;
  #colors;
  #board;
  #done = 0;
  #detail = "";
  constructor(label, total, colors, board) {
    this.label = label;
    this.#total = total;
    this.#colors = colors;
    this.#board = board;
  }
  advance(done, detail) {
    this.#done = done;
    if (detail !== void 0) this.#detail = (0,format/* visible */.RK)(detail);
  }
  done(summary) {
    this.#board.end(this, this.#lastLine(this.#colors.green("done"), summary));
  }
  failed(summary) {
    this.#board.end(this, this.#lastLine(this.#colors.red("failed"), summary));
  }
  get elapsed() {
    return performance.now() - this.started;
  }
  /** `compare: 45 %, marts.delay, 12.3 s, about 15 s left` */
  get line() {
    const share = this.#share;
    const facts = [
      share === null ? "" : `${Math.floor(share * 100)} %`,
      this.#detail,
      (0,format/* duration */.p0)(this.elapsed),
      share === null ? "" : this.#timeLeft(share)
    ];
    return `${this.label}: ${facts.filter((fact) => fact !== "").join(", ")}`;
  }
  get #share() {
    if (this.#total === void 0 || this.#total <= 0) return null;
    return Math.min(1, Math.max(0, this.#done / this.#total));
  }
  /** Worth telling once some time and some work are behind it. */
  #timeLeft(share) {
    if (this.elapsed < 2e3 || share < 0.02 || share === 1) return "";
    const left = this.elapsed * (1 - share) / share;
    return `about ${(0,format/* duration */.p0)(Math.ceil(left / 1e3) * 1e3)} left`;
  }
  #lastLine(outcome, summary) {
    const time = this.#colors.dim(`(${(0,format/* duration */.p0)(this.elapsed)})`);
    return `${this.label}: ${summary ? `${outcome}, ${(0,format/* visible */.RK)(summary)}` : outcome} ${time}`;
  }
};
var LogBoard = class {
  #stream;
  #timers = /* @__PURE__ */ new Map();
  constructor(stream) {
    this.#stream = stream;
  }
  begin(work) {
    this.write(`${work.label} ...`);
    this.#remind(work);
    return work;
  }
  end(work, line) {
    clearTimeout(this.#timers.get(work));
    if (this.#timers.delete(work)) this.write(line);
  }
  write(line) {
    this.#stream.write(`${line}
`);
  }
  /** After 10 seconds, and ever less often the longer it lasts: an hour makes some forty lines. */
  #remind(work) {
    const timer = setTimeout(
      () => {
        this.write(`  ${work.line}`);
        this.#remind(work);
      },
      Math.max(1e4, work.elapsed / 10)
    );
    timer.unref();
    this.#timers.set(work, timer);
  }
};
var LiveBoard = class {
  #stream;
  #works = /* @__PURE__ */ new Set();
  #update = null;
  #timer = null;
  constructor(stream) {
    this.#stream = stream;
  }
  begin(work) {
    this.#works.add(work);
    this.#timer ??= setInterval(() => this.#refresh(), 100).unref();
    this.#load().catch(() => void 0);
    return work;
  }
  end(work, line) {
    if (!this.#works.delete(work)) return;
    this.write(line);
    if (this.#works.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
  write(line) {
    this.#update?.clear();
    this.#stream.write(`${line}
`);
    this.#refresh();
  }
  #refresh() {
    if (this.#works.size === 0) return;
    const width = (this.#stream.columns ?? 80) - 1;
    this.#update?.([...this.#works].map((work) => cut(work.line, width)).join("\n"));
  }
  /** The library is loaded when there is something to show; until it is there, nothing moves. */
  async #load() {
    const { createLogUpdate } = await __webpack_require__.e(/* import() */ 128).then(__webpack_require__.bind(__webpack_require__, 2128));
    this.#update ??= createLogUpdate(this.#stream, { showCursor: true });
  }
};
function cut(line, width) {
  const characters = [...line];
  return characters.length > width ? `${characters.slice(0, width - 1).join("")}…` : line;
}
function findActor(env) {
  const { GREENLIGHT_ACTOR, GITHUB_ACTOR, GITLAB_USER_LOGIN, USER } = env;
  if (GREENLIGHT_ACTOR) return GREENLIGHT_ACTOR;
  if (GITHUB_ACTOR) return `github:${GITHUB_ACTOR}`;
  if (GITLAB_USER_LOGIN) return `gitlab:${GITLAB_USER_LOGIN}`;
  if (USER) return USER;
  try {
    return (0,external_node_os_.userInfo)().username;
  } catch {
    return "unknown";
  }
}


// EXTERNAL MODULE: ./build/esm/release/ledger.js
var ledger = __webpack_require__(7529);
// EXTERNAL MODULE: ./build/esm/version.js
var version = __webpack_require__(7960);
;// CONCATENATED MODULE: ./build/esm/run-step.js
// src/run-step.ts







function runInProject(options, work) {
  let tellLive = async () => "live is unchanged";
  return runAlone(
    options,
    async (host) => {
      const config = await (0,load/* loadConfig */.Z)(options.config, process.env);
      process.chdir(config.root);
      const engine = await (0,registry/* createEngine */.P)(config.engine, config);
      const { live } = engine.places;
      tellLive = await watch(engine, live);
      return work({ config, engine, host, ledger: new ledger/* Ledger */.Oc(engine.stores, live) });
    },
    () => tellLive()
  );
}
async function watch({ databases }, live) {
  const look = () => databases.identify(live).catch(() => null);
  const before = await look();
  return async () => {
    const after = await look();
    if (before === null && after === null) return "there is no live database";
    return after?.id === before?.id && after?.mark === before?.mark ? "live is unchanged" : "live was written to or replaced while this ran, by this step or by somebody else";
  };
}
async function runAlone({ json, quiet }, work, tellLive = async () => "live is unchanged") {
  const host = terminalHost({
    stream: process.stderr,
    isTTY: process.stderr.isTTY === true,
    quiet: quiet === true,
    env: process.env
  });
  try {
    const { result, text } = await work(host);
    await print(json === true ? JSON.stringify(result, null, 2) : text);
    return errors/* EXIT */.dc.done;
  } catch (error) {
    const told = error instanceof errors/* GreenlightError */.uf ? error.problem : bug(error);
    const problem = { live: await tellLive(), ...told };
    process.stderr.write(`${problemText(problem)}
`);
    if (json === true) await print(JSON.stringify(errorDocument(error, problem), null, 2));
    return error instanceof errors/* GreenlightError */.uf ? error.exitCode : errors/* EXIT */.dc.error;
  }
}
async function print(text) {
  process.stdout.on("error", () => void 0);
  await new Promise((done) => {
    process.stdout.write(`${text}
`, () => done());
  });
}
function problemText({ what, where, cause, live, help }) {
  const lines = (text) => text.split("\n").map(format/* visible */.RK).join("\n");
  return [
    `error: ${lines(what)}`,
    ...where === void 0 ? [] : [`where: ${lines(where)}`],
    ...cause === void 0 ? [] : [`cause: ${lines(cause)}`],
    `live:  ${lines(live)}`,
    ...help === void 0 || help === "" ? [] : [`help:  ${lines(help)}`]
  ].join("\n");
}
function errorDocument(error, problem) {
  const gate = error instanceof Error && "gate" in error ? { gate: error.gate } : {};
  return { error: problem, ...gate };
}
function bug(error) {
  return {
    what: `This should not have happened: ${(0,errors/* messageOf */.bD)(error)}`,
    cause: error instanceof Error ? (error.stack ?? "").split("\n").slice(1, 4).join("\n").trim() : "",
    help: `Please report it, with the command and the version (${version/* version */.r}).`
  };
}



/***/ })

};
