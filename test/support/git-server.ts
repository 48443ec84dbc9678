import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Repositories below a folder over HTTP, as a GitLab serves them to a job: with its name and its token. */
export interface GitServer {
  readonly url: string;
  /** Paths that were asked for with the right credentials. */
  readonly served: readonly string[];
  close(): Promise<void>;
}

export async function gitServer(
  folder: string,
  credentials: { readonly user: string; readonly password: string },
): Promise<GitServer> {
  const { user, password } = credentials;
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const served: string[] = [];
  const server = createServer((request, response) => {
    if (request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    served.push(request.url ?? '');
    answer(folder, request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** By git's own program for that, which speaks CGI. */
function answer(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const { headers } = request;
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      REQUEST_METHOD: request.method ?? '',
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(child.stdin);
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.once('close', () => {
    const all = Buffer.concat(pieces);
    const end = all.indexOf('\r\n\r\n');
    const lines = all.subarray(0, end).toString().split('\r\n');
    const told = new Map(lines.map((line) => line.split(': ', 2) as [string, string]));
    const status = Number(told.get('Status')?.split(' ')[0] ?? 200);
    told.delete('Status');
    response.writeHead(status, Object.fromEntries(told)).end(all.subarray(end + 4));
  });
}
