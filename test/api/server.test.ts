import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createHttpServer } from '../../api/http/server';
import { Problem } from '../../api/problems';

const patience = { head: 200, request: 5_000, silence: 1_000 };
let server: Server;
let begun: (() => void) | undefined;
let finish: (() => void) | undefined;
beforeAll(async () => {
  server = createHttpServer((request, response) => {
    if (request.url === '/endless') {
      // More than the buffers between us hold, so that a caller who does not read stops it.
      const more = (): void => { while (!response.destroyed && response.write(Buffer.alloc(1_000_000))); };
      response.on('drain', more);
      more();
      begun?.();
    } else if (request.url === '/begun') {
      response.write('half');
      begun?.();
    } else if (request.url === '/slow') {
      request.resume().on('end', () => { finish = () => response.end('late'); begun?.(); });
    } else {
      request.resume().on('end', () => response.end('whole'));
    }
  }, patience);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const open = (): Socket => connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);

/** Everything the server says to these words until it ends the connection. */
function answerTo(words: string): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = open();
    socket.setEncoding('utf8').on('data', (text: string) => { said += text; }).on('close', () => resolve(said));
    socket.write(words);
  });
}

test.each([
  ['what is no HTTP', 'HELLO\r\n\r\n', 400, 'malformed-request'],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc', 400, 'malformed-request'],
  ['a head without an end', 'GET / HTTP/1.1\r\nHost: a\r\n', 408, 'request-timeout'],
  ['a body without an end', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc', 408, 'request-timeout'],
  ['a head of 64 KB', `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(65_536)}\r\n\r\n`, 431, 'head-too-large'],
])('%s is answered with a problem', async (_, words, status, code) => {
  const [head = '', body = ''] = (await answerTo(words)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head).toContain('Content-Type: application/problem+json');
  expect(Problem.parse(JSON.parse(body))).toMatchObject({ status, code });
  expect(head).toContain(`X-Request-Id: ${Problem.parse(JSON.parse(body)).instance}`);
});

test('an answer that has begun is never followed by a second head', async () => {
  const answering = new Promise<void>((resolve) => { begun = resolve; });
  const socket = open().setEncoding('utf8');
  let said = '';
  const ended = new Promise<void>((resolve) => { socket.on('data', (text: string) => { said += text; }).on('close', () => resolve()); });
  socket.write('POST /begun HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  await answering;
  socket.write('no chunk\r\n');
  await ended;
  expect(said.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test('whose request is here is not let go because the answer takes long', async () => {
  const arrived = new Promise<void>((resolve) => { begun = resolve; });
  const quiet = new Promise<void>((resolve) => { server.once('timeout', () => resolve()); });
  const answered = answerTo('GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await arrived;
  await quiet;
  finish?.();
  expect(await answered).toMatch(/^HTTP\/1\.1 200 [^]*late/);
});

test('who does not read is let go', async () => {
  const answering = new Promise<void>((resolve) => { begun = resolve; });
  const [connection] = await Promise.all([
    new Promise<Socket>((resolve) => { server.once('connection', resolve); }),
    (async () => { open().pause().write('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n'); await answering; })(),
  ]);
  await new Promise<void>((resolve) => { if (connection.destroyed) resolve(); else connection.once('close', () => resolve()); });
  expect(connection.destroyed).toBe(true);
});
