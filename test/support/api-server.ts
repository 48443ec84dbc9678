import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a server saw it. */
export interface Received {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Takes a request before the server's own answer does: gives a fault, or null to let it pass. */
export type Fault = (request: Received) => Reply | 'hang up' | null;

export interface ApiServer {
  readonly url: string;
  readonly received: Received[];
  /** Those that change something, as `POST /path`. */
  written(): string[];
  /** In force from now on, before those of earlier; gives what takes it away. */
  fault(fault: Fault): () => void;
  close(): Promise<void>;
}

/** A real HTTP server on the loopback address. */
export async function serve(answer: (request: Received) => Promise<Reply>): Promise<ApiServer> {
  const received: Received[] = [];
  const faults: Fault[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body,
    };
    received.push(seen);
    for (const fault of faults) {
      const reply = fault(seen);
      if (reply === 'hang up') return request.socket.destroy();
      if (reply !== null) return send(response, reply);
    }
    send(
      response,
      await answer(seen).catch((error) => ({ status: 599, body: { message: String(error) } })),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    written: () =>
      received
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `${method} ${path}`),
    fault: (fault) => {
      faults.unshift(fault);
      return () => faults.splice(faults.indexOf(fault), 1);
    },
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** Answers the first `times` requests that match, then lets them pass. */
export function times(count: number, matches: RegExp, reply: Reply | 'hang up'): Fault {
  let left = count;
  return ({ method, path }) => {
    if (left === 0 || !matches.test(`${method} ${path}`)) return null;
    left -= 1;
    return reply;
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const piece of request) text += piece;
  return text === '' ? undefined : JSON.parse(text);
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
