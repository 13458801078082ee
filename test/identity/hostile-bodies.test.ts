import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { gzipSync } from 'node:zlib';
import type { AccessPort, IdentityPort } from '../../api/access-port';
import { contract } from '../../api/contract';
import { problemHandler } from '../../api/http/errors';
import { makeGates } from '../../api/http/gates';

/** What may be sent to the door before anybody has signed in. */
let server: Server;
let url: string;
const logged: unknown[] = [];

beforeAll(async () => {
  const app = express();
  const gates = makeGates({ identity: {} as IdentityPort, access: {} as AccessPort, limits: { perMinute: 1, signInsPerMinute: 1 }, onRefused: () => Promise.resolve() });
  app.post('/', gates.parseBody(contract.openSession), (request, response) => { response.json({ length: JSON.stringify(request.body).length }); });
  app.use(problemHandler({ error: (line: unknown) => { logged.push(line); }, warn: (line: unknown) => { logged.push(line); } }));
  server = createServer(app);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => new Promise((resolve) => {
  server.closeAllConnections();
  server.close(resolve);
}));

const send = async (body: string | Uint8Array, headers: Record<string, string> = {}): Promise<[number, unknown]> => {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  return [answer.status, (await answer.json() as { code?: unknown }).code];
};
const arrays = (depth: number, inner = ''): string => `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`;
const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

it.each<[string, () => string | Uint8Array, Record<string, string>]>([
  ['brackets alone', () => arrays(490_000), {}],
  ['objects in objects', () => objects(160_000), {}],
  ['brackets packed into a kilobyte', () => gzipSync(arrays(490_000)), { 'content-encoding': 'gzip' }],
  ['one more than is taken', () => arrays(101), {}],
])('a body nested without end is refused, and the next request is answered: %s', async (_, body, headers) => {
  expect(await send(body(), headers)).toEqual([400, 'malformed-json']);
  expect(await send(arrays(100))).toEqual([200, undefined]);
  expect(logged).toEqual([]);
});

it.each(['"\\ud800"', '{"\\udc00":1}', arrays(99, '"a\\ud800"'), '[1,{"a":["x","\\ud83d"]}]'])('half a character is found wherever it stands: %s', async (body) => {
  expect(await send(body)).toEqual([400, 'malformed-json']);
});

it('whole characters, and a body that is wide rather than deep, are taken', async () => {
  expect(await send('{"a":"\\ud83d\\ude00","b":[[],{}]}')).toEqual([200, undefined]);
  expect(await send(`[${Array.from({ length: 300_000 }, () => '[]').join(',')}]`)).toEqual([200, undefined]);
});
