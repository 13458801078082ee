import http, { type IncomingMessage, type ServerResponse } from 'node:http';

/** A door before the Temporal UI, serving until it is closed. */
export interface UiDoor {
  readonly close: () => Promise<void>;
}

/**
 * Serves the UI of the development server under `port`, to be read and not acted on, and unchanged but for its codec settings. Cancelling, terminating or signalling a
 * case from there would pass by every right and every record, so the UI is told to offer no such action, and what is not a read goes no further. Its browser part is told to send credentials along to the codec
 * endpoint, and to point at `loginUrl` when the endpoint refuses. The development server has a flag for the endpoint and none for these (the UI's own image
 * has TEMPORAL_CODEC_INCLUDE_CREDENTIALS and others), and without them the log-in of the manager would never reach the endpoint. Whoever comes by the name `localhost` is sent on to 127.0.0.1, the one origin that
 * the API answers to. Rejects when the port is taken.
 */
export async function openUiDoor({ port, uiPort, loginUrl }: { readonly port: number; readonly uiPort: number; readonly loginUrl: string }): Promise<UiDoor> {
  const server = http.createServer((request, response) => {
    if (request.headers.host === `localhost:${port}`) {
      response.writeHead(307, { Location: `http://127.0.0.1:${port}${request.url ?? '/'}` }).end();
      return;
    }
    if (!isRead(request)) {
      response.writeHead(403, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Read only: cases are acted on through the API. 只读:办理案件请使用接口。\n');
      return;
    }
    pass(request, response, uiPort, loginUrl);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    close: () => new Promise((resolve) => {
      server.close(() => { resolve(); });
      server.closeAllConnections();
    }),
  };
}

/** A query of a workflow is a read that comes as POST. */
function isRead({ method, url = '' }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && /^\/api\/v1\/namespaces\/[^/]+\/workflows\/[^/]+\/query\/[^/]+$/.test(url.split('?', 1)[0] ?? ''));
}

function pass(request: IncomingMessage, response: ServerResponse, uiPort: number, loginUrl: string): void {
  const settings = request.method === 'GET' && request.url?.split('?', 1)[0] === '/api/v1/settings';
  const headers = settings ? { ...request.headers, 'accept-encoding': 'identity' } : request.headers;
  const forward = http.request({ host: '127.0.0.1', port: uiPort, method: request.method, path: request.url, headers }, (answer) => {
    if (settings && answer.statusCode === 200) {
      answerSettings(answer, response, loginUrl);
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  // The server is starting, or being started again.
  forward.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '2' }).end('Temporal is starting; try again in a moment. Temporal 正在启动,请稍后重试。\n');
  });
  response.on('close', () => { forward.destroy(); });
  request.pipe(forward);
}

function answerSettings(answer: IncomingMessage, response: ServerResponse, loginUrl: string): void {
  const parts: Buffer[] = [];
  answer.on('data', (part: Buffer) => { parts.push(part); });
  answer.on('end', () => {
    const body = withLogin(Buffer.concat(parts).toString('utf8'), loginUrl);
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = answer.headers;
    response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  });
}

/** What the UI says where the codec refuses: most often nobody has logged in, or the session is over. */
const refused = '内容已加密:请登录后查看(须有权限) Sealed: log in to read, if your roles allow it';

/** The settings without actions, and with the log-in in their codec part. */
function withLogin(text: string, loginUrl: string): string {
  const settings = JSON.parse(text) as { readonly Codec?: object };
  return JSON.stringify({ ...settings, DisableWriteActions: true, ...(settings.Codec === undefined ? {} : { Codec: { ...settings.Codec, IncludeCredentials: true, DefaultErrorMessage: refused, DefaultErrorLink: loginUrl } }) });
}
