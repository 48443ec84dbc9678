import { createPublicKey, createVerify, randomUUID } from 'node:crypto';
import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isNativeError } from 'node:util/types';
import { gunzipSync } from 'node:zlib';
import { Account, newWarehouse } from './account.ts';
import { Duck, type Rows } from './duck.ts';
import { SnowflakeFault } from './errors.ts';
import { loadGrammar } from './grammar.ts';
import { type Executed, type Server, Session } from './session.ts';
import { runStatement } from './statements.ts';
import { quoted, tokensOf } from './tokens.ts';
import { rowtypeOf } from './types.ts';

/** How somebody may log in. */
export type Credential =
  | { readonly password: string }
  | { readonly publicKey: string }
  | {
      readonly token: string;
      readonly authenticator: 'OAUTH' | 'PROGRAMMATIC_ACCESS_TOKEN' | 'WORKLOAD_IDENTITY';
    };

export interface DoubleUser {
  readonly name: string;
  readonly roles: readonly string[];
  readonly credential: Credential;
}

/** One request that came in: for tests of what is said to the account. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** An account on loopback, which the real driver talks to. */
export interface SnowflakeDouble {
  readonly url: string;
  readonly account: Account;
  readonly requests: readonly Request[];
  readonly history: readonly Executed[];
  readonly connections: () => number;
  /** The next requests for the state of a statement, so many, find their connection broken. */
  breakStatus(times: number): void;
  addUser(user: DoubleUser): void;
  /** Runs statements as ACCOUNTADMIN, past the protocol; texts of the last one's rows. */
  sql(
    text: string,
    at?: {
      readonly database?: string | null;
      readonly schema?: string | null;
      readonly role?: string;
    },
  ): Promise<Record<string, string | null>[]>;
  stop(): Promise<void>;
}

export async function startDouble(): Promise<SnowflakeDouble> {
  await loadGrammar();
  const duck = await Duck.open();
  const account = new Account();
  const server: Server = { account, duck, history: [], sessions: new Set() };
  account.warehouses.set('WH', {
    ...account.thing('WAREHOUSE', 'WH', 'SYSADMIN'),
    kind: 'WAREHOUSE',
    ...newWarehouse,
    grants: [
      { privilege: 'USAGE', role: 'PUBLIC', option: false, at: account.now(), by: 'SYSADMIN' },
    ],
  });
  const endpoint = new Endpoint(server);
  let breaking = 0;
  const http: HttpServer = createServer((request, response) => {
    if (breaking > 0 && request.url?.startsWith('/monitoring/') === true) {
      breaking -= 1;
      request.socket.destroy();
      return;
    }
    void endpoint.answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  let connections = 0;
  http.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    account,
    requests: endpoint.requests,
    history: server.history,
    connections: () => connections,
    breakStatus: (times) => {
      breaking = times;
    },
    addUser: (user) => endpoint.addUser(user),
    sql: async (text, at = {}) => {
      const session = new Session(server, {
        id: account.id(),
        user: 'ADMIN',
        role: at.role ?? 'ACCOUNTADMIN',
        warehouse: 'WH',
        database: at.database ?? null,
        schema: at.schema ?? (at.database ? 'PUBLIC' : null),
      });
      let rows: Rows | null = null;
      for (const statement of statementsOf(text))
        rows = (await endpoint.execute(statement, session, new AbortController().signal)).result;
      return (rows?.rows ?? []).map((row) =>
        Object.fromEntries((rows?.columns ?? []).map(({ name }, n) => [name, row[n] ?? null])),
      );
    },
    stop: async () => {
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
      duck.close();
    },
  };
}

/** Statements of a text, each as it is written. */
export function statementsOf(text: string): string[] {
  const statements: string[] = [];
  let from = 0;
  for (const { kind, text: word, at, end } of tokensOf(text)) {
    if (kind !== 'sign' || word !== ';') continue;
    statements.push(text.slice(from, at));
    from = end;
  }
  return [...statements, text.slice(from)]
    .map((one) => one.trim())
    .filter((one) => one !== '' && tokensOf(one).length > 0);
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Running {
  readonly executed: Promise<Executed>;
  readonly cancel: AbortController;
}

class Endpoint {
  readonly requests: Request[] = [];
  readonly #server: Server;
  readonly #users = new Map<string, DoubleUser>();
  readonly #tokens = new Map<string, Session>();
  /** By request and by query. */
  readonly #running = new Map<string, Running>();

  constructor(server: Server) {
    this.#server = server;
  }

  addUser(user: DoubleUser): void {
    const { account } = this.#server;
    for (const role of user.roles) if (!account.roles.has(role)) account.roles.set(role, new Set());
    this.#users.set(user.name, user);
    account.users.set(user.name, {
      name: user.name,
      defaultRole: user.roles[0] ?? 'PUBLIC',
      roles: new Set([...user.roles, 'PUBLIC']),
    });
  }

  async answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://double');
    const body = await bodyOf(request);
    this.requests.push({ method: request.method ?? '', path: url.pathname, body });
    const path = `${request.method} ${url.pathname}`;
    if (path === 'POST /session/v1/login-request') return this.#login(url, body);
    const token = /Token="([^"]+)"/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const session = this.#tokens.get(token);
    if (session === undefined)
      return failed(
        '390111',
        'Session no longer exists. New login required to access the service.',
        null,
      );
    if (path === 'POST /session' && url.searchParams.get('delete') === 'true') {
      session.end();
      this.#tokens.delete(token);
      return succeeded(null);
    }
    if (path === 'POST /session/heartbeat') return succeeded(null);
    if (path === 'POST /session/token-request')
      return succeeded({
        sessionToken: token,
        masterToken: token,
        validityInSecondsST: 3600,
        validityInSecondsMT: 14_400,
      });
    if (path === 'POST /queries/v1/query-request') return this.#query(url, body, session);
    if (path === 'POST /queries/v1/abort-request') return this.#abort(String(body.requestId));
    const [, id = '', what] =
      /^\/(?:monitoring\/)?queries\/([^/]+)(?:\/(result|abort-request))?$/.exec(url.pathname) ?? [];
    if (what === 'abort-request') return this.#abort(id);
    if (what === 'result') return this.#result(id);
    if (path === `GET /monitoring/queries/${id}`) return this.#status(id);
    return { status: 404, body: { success: false, message: `The double has no ${path}.` } };
  }

  #login(url: URL, body: Record<string, unknown>): Answer {
    const data = (body.data ?? {}) as Record<string, unknown>;
    const user = this.#authenticated(data);
    if (user === null)
      return failed('390100', 'Incorrect username or password was specified.', null);
    const { account } = this.#server;
    const role = nameOf(url.searchParams.get('roleName')) ?? user.roles[0] ?? 'PUBLIC';
    if (!account.users.get(user.name)?.roles.has(role))
      return failed(
        '390189',
        `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
        null,
      );
    const warehouse = nameOf(url.searchParams.get('warehouse'));
    const found = warehouse === null ? undefined : account.warehouses.get(warehouse);
    const session = new Session(this.#server, {
      id: account.id(),
      user: user.name,
      role,
      warehouse: found !== undefined && account.can(role, 'USAGE', found) ? warehouse : null,
      database: null,
      schema: null,
    });
    const given = (data.SESSION_PARAMETERS ?? {}) as Record<string, unknown>;
    for (const [name, value] of Object.entries(given)) session.parameters.set(name, String(value));
    session.tag = String(given.QUERY_TAG ?? '');
    this.#server.sessions.add(session);
    const token = randomUUID();
    this.#tokens.set(token, session);
    return succeeded({
      token,
      masterToken: token,
      validityInSeconds: 3600,
      masterValidityInSeconds: 14_400,
      sessionId: session.id,
      parameters: parametersOf(session),
      sessionInfo: {
        databaseName: null,
        schemaName: null,
        warehouseName: session.warehouse,
        roleName: role,
      },
    });
  }

  #authenticated(data: Record<string, unknown>): DoubleUser | null {
    const authenticator = String(data.AUTHENTICATOR ?? 'SNOWFLAKE');
    const named = this.#users.get(String(data.LOGIN_NAME ?? '').toUpperCase());
    if (authenticator === 'SNOWFLAKE') {
      return named !== undefined &&
        'password' in named.credential &&
        named.credential.password === data.PASSWORD
        ? named
        : null;
    }
    if (authenticator === 'SNOWFLAKE_JWT') {
      return named !== undefined &&
        'publicKey' in named.credential &&
        isSigned(String(data.TOKEN), named.credential.publicKey)
        ? named
        : null;
    }
    const isTheirs = ({ credential }: DoubleUser) =>
      'token' in credential &&
      credential.authenticator === authenticator &&
      credential.token === data.TOKEN;
    return [...this.#users.values()].find(isTheirs) ?? null;
  }

  async #query(url: URL, body: Record<string, unknown>, session: Session): Promise<Answer> {
    const cancel = new AbortController();
    const parameters = (body.parameters ?? {}) as Record<string, unknown>;
    if (typeof parameters.QUERY_TAG === 'string') session.tag = parameters.QUERY_TAG;
    const seconds = Number(
      parameters.STATEMENT_TIMEOUT_IN_SECONDS ??
        session.parameters.get('STATEMENT_TIMEOUT_IN_SECONDS') ??
        0,
    );
    const limit = seconds > 0 ? setTimeout(() => cancel.abort('timeout'), seconds * 1000) : null;
    let id = '';
    const executed = this.execute(
      bound(String(body.sqlText), body.bindings as Bindings, session),
      session,
      cancel.signal,
      (started) => {
        id = started;
      },
    ).finally(() => limit !== null && clearTimeout(limit));
    const running = { executed, cancel };
    for (const key of [id, url.searchParams.get('requestId') ?? ''])
      this.#running.set(key, running);
    if (body.describeOnly === true) {
      const { result, fault } = await executed;
      return fault === null
        ? this.#rows(id, { columns: result?.columns ?? [], rows: [] }, session)
        : faulty(fault, id);
    }
    if (body.asyncExec === true) {
      return {
        status: 200,
        body: {
          success: true,
          code: '333334',
          message: 'Query execution in progress',
          data: {
            queryId: id,
            getResultUrl: `/queries/${id}/result`,
            progressDesc: null,
            queryAbortsAfterSecs: 300,
          },
        },
      };
    }
    return this.#answerOf(await executed);
  }

  #answerOf({ id, result, fault, session }: Executed): Answer {
    return fault === null
      ? this.#rows(id, result ?? { columns: [], rows: [] }, session)
      : faulty(fault, id);
  }

  #rows(id: string, { columns, rows }: Rows, session: Session): Answer {
    return succeeded({
      parameters: parametersOf(session),
      rowtype: columns.map(({ name, type }) => rowtypeOf(name, type)),
      rowset: rows,
      total: rows.length,
      returned: rows.length,
      queryId: id,
      queryResultFormat: 'json',
      finalDatabaseName: session.database,
      finalSchemaName: session.schema,
      finalWarehouseName: session.warehouse,
      finalRoleName: session.role,
      numberOfBinds: 0,
      arrayBindSupported: false,
      statementTypeId: 4096,
      version: 1,
    });
  }

  async #abort(key: string): Promise<Answer> {
    this.#running.get(key)?.cancel.abort();
    return succeeded(null);
  }

  async #result(id: string): Promise<Answer> {
    const running = this.#running.get(id);
    if (running === undefined) return failed('000709', `Statement ${id} not found`, null);
    return this.#answerOf(await running.executed);
  }

  /** Waits a moment, so that a test need not: the real one answers at once. */
  async #status(id: string): Promise<Answer> {
    const running = this.#running.get(id);
    if (running === undefined) return succeeded({ queries: [] });
    await Promise.race([running.executed, new Promise((resume) => setTimeout(resume, 500))]);
    const { status } = this.#server.history.find((one) => one.id === id) ?? { status: 'RUNNING' };
    return succeeded({ queries: [{ id, status, errorMessage: '' }] });
  }

  async execute(
    sql: string,
    session: Session,
    cancelled: AbortSignal,
    onStart?: (id: string) => void,
  ): Promise<Executed> {
    const id = `01${randomUUID().slice(2)}`;
    const { account, history } = this.#server;
    const executed: Executed = {
      id,
      text: sql,
      session,
      tag: session.tag,
      started: account.now(),
      role: session.role,
      warehouse: session.warehouse,
      before: account.lastSequence,
      after: account.lastSequence,
      status: 'RUNNING',
      ended: null,
      result: null,
      fault: null,
    };
    history.push(executed);
    onStart?.(id);
    try {
      executed.result = await runStatement(sql, session, cancelled);
      executed.status = 'SUCCESS';
    } catch (error) {
      executed.status = 'FAILED_WITH_ERROR';
      executed.fault = cancelled.aborted
        ? cancelled.reason === 'timeout'
          ? new SnowflakeFault(
              '000630',
              '57014',
              'Statement reached its statement or warehouse timeout of 1 second(s) and was canceled.',
            )
          : new SnowflakeFault('000604', '57014', 'SQL execution canceled')
        : error instanceof SnowflakeFault
          ? error
          : new SnowflakeFault(
              '000603',
              'XX000',
              `SQL execution internal error: ${isNativeError(error) ? error.stack : error}`,
            );
      if (onStart === undefined) throw executed.fault;
    } finally {
      executed.after = account.lastSequence;
      executed.ended = account.now();
      session.last = id;
    }
    return executed;
  }
}

type Bindings =
  | Record<string, { readonly type: string; readonly value: string | null }>
  | undefined;

/** Values are bound by their types; variables of the session likewise. */
function bound(sql: string, bindings: Bindings, session: Session): string {
  let made = '';
  let from = 0;
  let count = 0;
  for (const { kind, text, at, end } of tokensOf(sql)) {
    if (kind !== 'bind' && kind !== 'variable') continue;
    made += sql.slice(from, at);
    from = end;
    if (kind === 'variable') {
      const value = session.variables.get(text.toUpperCase());
      if (value === undefined)
        throw new SnowflakeFault(
          '000904',
          '42000',
          `SQL compilation error: error line 1 at position ${at}\nSession variable '$${text.toUpperCase()}' does not exist`,
        );
      made += quoted(value);
      continue;
    }
    count += 1;
    const { type, value } = bindings?.[String(count)] ?? { type: 'TEXT', value: null };
    made +=
      value === null
        ? 'NULL'
        : type === 'FIXED' || type === 'REAL'
          ? value
          : type === 'BOOLEAN'
            ? value.toUpperCase()
            : quoted(value);
  }
  return made + sql.slice(from);
}

/** Only what the driver needs so that it shows texts as the session says. */
function parametersOf({ parameters }: Session): { name: string; value: unknown }[] {
  const shown = {
    TIMEZONE: 'America/Los_Angeles',
    TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
    TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
    TIMESTAMP_LTZ_OUTPUT_FORMAT: '',
    TIMESTAMP_TZ_OUTPUT_FORMAT: '',
    DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
    TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
    BINARY_OUTPUT_FORMAT: 'HEX',
    ...Object.fromEntries(parameters),
  };
  return Object.entries(shown).map(([name, value]) => ({ name, value }));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const whole = Buffer.concat(pieces);
  const text = (
    request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole
  ).toString();
  return text === '' ? {} : JSON.parse(text);
}

/** As a parameter of the login: without quotes, the upper-case form is meant. */
function nameOf(written: string | null): string | null {
  if (written === null || written === '') return null;
  return written.startsWith('"')
    ? written.slice(1, -1).replaceAll('""', '"')
    : written.toUpperCase();
}

function isSigned(token: string, publicKey: string): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return createVerify('RSA-SHA256')
    .update(`${header}.${payload}`)
    .verify(createPublicKey(publicKey), signature, 'base64url');
}

function succeeded(data: unknown): Answer {
  return { status: 200, body: { success: true, code: null, message: null, data } };
}

function failed(code: string, message: string, data: unknown): Answer {
  return { status: 200, body: { success: false, code, message, data } };
}

function faulty({ code, sqlState, message }: SnowflakeFault, queryId: string): Answer {
  return failed(code, message, {
    errorCode: code,
    sqlState,
    queryId,
    internalError: false,
    line: -1,
    pos: -1,
    type: 'COMPILATION',
  });
}
