import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../../launch/ports';
import { openUiDoor, type UiDoor } from '../../launch/ui-door';

const loginUrl = 'http://127.0.0.1:3000/v1/codec/login';
let ui: Server;
let door: UiDoor;
let port: number;

beforeAll(async () => {
  ui = createServer((request, response) => {
    if (request.url?.startsWith('/api/v1/settings') === true) {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ Version: '2', Codec: { Endpoint: 'http://e/v1/codec', IncludeCredentials: false } }));
      return;
    }
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (part: string) => { body += part; });
    request.on('end', () => { response.writeHead(201, { 'Set-Cookie': ['a=1', 'b=2'] }).end(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['x-csrf-token']?.toString() ?? ''} ${body}`); });
  });
  await new Promise<void>((resolve) => { ui.listen(0, '127.0.0.1', resolve); });
  port = await freePort();
  door = await openUiDoor({ port, uiPort: (ui.address() as AddressInfo).port, loginUrl });
});
afterAll(async () => { await door.close(); });

it('hands requests and answers on as they are', async () => {
  const query = '/api/v1/namespaces/default/workflows/TS-2026-000001/query/__temporal_workflow_metadata';
  const answer = await fetch(`http://127.0.0.1:${port}${query}?x=%20`, { method: 'POST', body: '数据', headers: { 'X-CSRF-Token': 't' } });
  expect(answer.status).toBe(201);
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(await answer.text()).toBe(`POST ${query}?x=%20 t 数据`);
});

it.each([
  ['POST', '/api/v1/namespaces/default/workflows/TS-2026-000001/cancel'], ['POST', '/api/v1/namespaces/default/workflows/TS-2026-000001/terminate'],
  ['POST', '/api/v1/namespaces/default/workflows/x/signal/query/y/z'], ['PUT', '/api/v1/namespaces/default'], ['DELETE', '/api/v1/namespaces/default/schedules/x'],
])('%s %s acts on a case and goes no further', async (method, path) => {
  expect((await fetch(`http://127.0.0.1:${port}${path}`, { method })).status).toBe(403);
});

it('tells the browser to offer no action, to send credentials to the codec, and where to log in', async () => {
  expect(await (await fetch(`http://127.0.0.1:${port}/api/v1/settings?`)).json()).toEqual({
    Version: '2', DisableWriteActions: true, Codec: { Endpoint: 'http://e/v1/codec', IncludeCredentials: true, DefaultErrorMessage: expect.stringContaining('log in') as unknown, DefaultErrorLink: loginUrl },
  });
});

it('sends whoever comes to localhost on to the origin that the API answers', async () => {
  const answer = await fetch(`http://localhost:${port}/namespaces/default?q=1`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([307, `http://127.0.0.1:${port}/namespaces/default?q=1`]);
});

it('says that the UI is starting while it is away, and rejects a taken port', async () => {
  await expect(openUiDoor({ port, uiPort: 1, loginUrl })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  ui.closeAllConnections();
  await new Promise<void>((resolve) => { ui.close(() => { resolve(); }); });
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(502);
});
