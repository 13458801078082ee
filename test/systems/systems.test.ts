import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { Keyring } from '../../crypto/keyring';
import { createLogger } from '../../process/log';
import { createSystemsApp, type Fault } from '../../systems/app';
import { SystemRefused, SystemsClient, SystemUnavailable } from '../../systems/client';
import { MAX_BODY_BYTES, Page, Statistics } from '../../systems/contract';
import { startMongo, type MongoServer } from '../support/servers';

const token = 'a-token-of-the-systems';
const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
let mongo: MongoServer;
let client: MongoClient;
let server: Server;
let base: string;
let fault: Fault | undefined;
const lines: string[] = [];

const systems = (timeoutMs = 5_000): SystemsClient => new SystemsClient({ personnelUrl: `${base}/personnel`, recordsUrl: `${base}/records`, token, timeoutMs });
const fact = (name: string, content: Record<string, string> = { measure: 'warning' }) =>
  ({ key: `YS-2026-000001/${name}`, caseNumber: 'YS-2026-000001', at: 1_790_000_000_000, by: { kind: 'user', id: 'supervisor', organ: 'yz-supervision', roles: ['supervisor'] }, content });
const get = async (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}` }, ...init });
const troubleOf = async (call: Promise<unknown>): Promise<{ kind: string; code: string; status?: number | undefined; retryAfterMs?: number | undefined }> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof SystemUnavailable) return { kind: 'again', code: error.trouble.code, status: error.trouble.status, retryAfterMs: error.retryAfterMs };
    if (error instanceof SystemRefused) return { kind: 'final', code: error.trouble.code, status: error.trouble.status };
    throw error;
  }
  return { kind: 'done', code: '' };
};

beforeAll(async () => {
  mongo = await startMongo();
  client = await MongoClient.connect(mongo.uri, { serverSelectionTimeoutMS: 1_000 });
  const log = createLogger('systems', { level: 'info', destination: { write: (line) => void lines.push(line) } });
  const { app, prepare } = createSystemsApp({
    personnelDb: client.db('t_personnel'), recordsDb: client.db('t_records'), keyring: new Keyring({ current: 'k1', keys: { k1: key(1) } }), token, log, faults: () => fault,
  });
  await prepare();
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  fault = undefined;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await client.close();
  await mongo.stop();
});

describe('a fact is kept once', () => {
  it('the same key and body give the same receipt, another body is refused and the first one stays', async () => {
    const first = await systems().enterPersonnelArchive({ ...fact('once'), staffId: 'YZ1006' });
    expect(first.receipt).toMatch(/^DA-[0-9a-f]{12}$/);
    expect(await systems().enterPersonnelArchive({ ...fact('once'), staffId: 'YZ1006' })).toEqual(first);
    expect(await troubleOf(systems().enterPersonnelArchive({ ...fact('once', { measure: 'demerit' }), staffId: 'YZ1006' }))).toEqual({ kind: 'final', code: 'key-reused', status: 409 });
    expect(await troubleOf(systems().enterPersonnelArchive({ ...fact('once'), staffId: 'YZ1007' }))).toMatchObject({ kind: 'final', code: 'key-reused' });
    const page = Page.parse(await (await get('/personnel/archive/YZ1006/entries')).json());
    expect(page.items).toEqual([expect.objectContaining({ key: 'YS-2026-000001/once', kind: 'entry', content: { measure: 'warning' }, receipt: first.receipt, staffId: 'YZ1006' })]);
    expect(page.next).toBeNull();
  });

  it('twenty at once make one entry', async () => {
    const receipts = await Promise.all(Array.from({ length: 20 }, () => systems().fileForRecord(fact('race'))));
    expect(new Set(receipts.map((each) => each.receipt)).size).toBe(1);
    expect(await client.db('t_records').collection('ledger').countDocuments({ key: 'YS-2026-000001/race' })).toBe(1);
  });

  it('an answer lost after the write is found by sending again', async () => {
    fault = 'drop-after-write';
    expect(await troubleOf(systems().publish({ ...fact('dropped'), scope: 'government' }))).toMatchObject({ kind: 'again', code: 'no-connection' });
    fault = undefined;
    expect((await systems().publish({ ...fact('dropped'), scope: 'government' })).receipt).toMatch(/^GB-/);
    expect(await client.db('t_records').collection('ledger').countDocuments({ key: 'YS-2026-000001/dropped' })).toBe(1);
  });

  it('copies and changes lie beside entries, each in its list', async () => {
    await systems().copyToPersonnel({ ...fact('copy'), staffId: 'YZ1008' });
    await systems().registerPersonnelChange({ ...fact('change'), staffId: 'YZ1008' });
    for (const [segment, kind] of [['copies', 'copy'], ['changes', 'change']] as const) {
      expect(Page.parse(await (await get(`/personnel/archive/YZ1008/${segment}`)).json()).items.map((item) => item.kind)).toEqual([kind]);
    }
    expect(Page.parse(await (await get('/personnel/archive/YZ1008/entries')).json()).items).toEqual([]);
  });
});

describe('lists and counts', () => {
  it('pages a list without losing or repeating one', async () => {
    for (let n = 1; n <= 5; n += 1) await systems().recordCriticism({ ...fact(`criticism-${n}`), organ: 'yz-housing' });
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = Page.parse(await (await get(`/records/criticisms?organ=yz-housing&limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)).json());
      seen.push(...page.items.map((item) => item.key));
      cursor = page.next;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5].map((n) => `YS-2026-000001/criticism-${n}`));
  });

  it('counts what happened in a period by kind and by organ, a filing by the organ in its content', async () => {
    const at = Date.UTC(2031, 0, 15);
    await systems().fileForRecord({ ...fact('count-1', { organ: 'yz-water' }), at });
    await systems().fileForRecord({ ...fact('count-2', { organ: 'yz-water' }), at: at + 1 });
    await systems().recordCriticism({ ...fact('count-3'), at, organ: 'yz-health' });
    await systems().fileForRecord({ ...fact('count-4', { organ: 'yz-water' }), at: at + 2 });
    expect(Statistics.parse(await (await get(`/records/statistics?from=${at}&to=${at + 2}`)).json()))
      .toEqual({ total: 3, byKind: { filing: 2, criticism: 1 }, byOrgan: { 'yz-water': 2, 'yz-health': 1 } });
  });
});

describe('what the client makes of trouble', () => {
  it.each<[string, Fault, { kind: string; code: string; status?: number; retryAfterMs?: number }]>([
    ['503', { status: 503 }, { kind: 'again', code: 'unavailable', status: 503 }],
    ['500', { status: 500 }, { kind: 'again', code: 'unavailable', status: 500 }],
    ['429 with a time', { status: 429, retryAfterSeconds: 7 }, { kind: 'again', code: 'unavailable', status: 429, retryAfterMs: 7_000 }],
    ['401: an operator mends it', { status: 401 }, { kind: 'again', code: 'unavailable', status: 401 }],
    ['422', { status: 422 }, { kind: 'final', code: 'unavailable', status: 422 }],
  ])('%s', async (_, given, expected) => {
    fault = given;
    expect(await troubleOf(systems().fileForRecord(fact('trouble')))).toEqual(expected);
  });

  it('a system that does not answer is given up after the limit', async () => {
    fault = 'hang';
    expect(await troubleOf(systems(150).fileForRecord(fact('slow')))).toMatchObject({ kind: 'again', code: 'no-answer-in-time' });
  });

  it('a cancelled call ends at once', async () => {
    fault = 'hang';
    const abort = new AbortController();
    const call = troubleOf(systems().fileForRecord(fact('cancelled'), abort.signal));
    abort.abort();
    expect(await call).toMatchObject({ kind: 'again', code: 'aborted' });
  });

  it('nobody listening, and somebody else listening', async () => {
    const idle = createServer((_req, res) => res.end('<html>hello</html>')).listen(0, '127.0.0.1');
    await once(idle, 'listening');
    const url = `http://127.0.0.1:${(idle.address() as AddressInfo).port}`;
    const stranger = new SystemsClient({ personnelUrl: url, recordsUrl: url, token });
    expect(await troubleOf(stranger.fileForRecord(fact('stranger')))).toMatchObject({ kind: 'again', code: 'bad-answer' });
    idle.closeAllConnections();
    await new Promise((resolve) => idle.close(resolve));
    expect(await troubleOf(stranger.fileForRecord(fact('nobody')))).toMatchObject({ kind: 'again', code: 'no-connection' });
  });

  it('its errors quote nothing of the content', async () => {
    fault = { status: 422 };
    const error = await systems().fileForRecord(fact('quiet', { name: '当事人甲' })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SystemRefused);
    expect(JSON.stringify(error) + String(error)).not.toContain('当事人甲');
  });
});

describe('the door', () => {
  const put = (path: string, init: { key?: string; auth?: string; body?: string }) => fetch(`${base}${path}`, {
    method: 'PUT', body: init.body ?? '{}',
    headers: { 'content-type': 'application/json', 'idempotency-key': init.key ?? 'k', authorization: init.auth ?? `Bearer ${token}` },
  });

  it.each([
    ['no token', '/records/filings/k', { auth: '' }, 401, 'unauthenticated'],
    ['a wrong token', '/records/filings/k', { auth: 'Bearer a-token-of-the-system' }, 401, 'unauthenticated'],
    ['a header that is not the path key', '/records/filings/k', { key: 'other' }, 400, 'key-mismatch'],
    ['a body out of contract', '/records/filings/k', { body: '{"caseNumber":"X"}' }, 400, 'invalid'],
    ['malformed JSON', '/records/filings/k', { body: '{' }, 400, 'invalid'],
    ['a body too large', '/records/filings/k', { body: JSON.stringify('x'.repeat(MAX_BODY_BYTES)) }, 413, 'too-large'],
    ['a path that cannot be decoded', '/records/filings/%E0%A4%A', {}, 400, 'invalid'],
    ['no such place', '/records/nothing/k', {}, 404, 'not-found'],
    ['a criticism without an organ', '/records/criticisms/k', { body: JSON.stringify({ caseNumber: 'X', at: 1, by: { kind: 'user', id: 'a' }, content: null }) }, 400, 'invalid'],
  ])('%s', async (_, path, init, status, code) => {
    const response = await put(path, init);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ status, code });
  });

  it('is healthy while MongoDB is, says 503 when it is away, and goes on when it is back', async () => {
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    await mongo.kill('SIGKILL');
    expect((await fetch(`${base}/healthz`)).status).toBe(503);
    expect(await troubleOf(systems().fileForRecord(fact('away')))).toMatchObject({ kind: 'again', code: 'unavailable', status: 503 });
    await mongo.restart();
    expect((await systems().fileForRecord(fact('away'))).receipt).toMatch(/^BA-/);
  });
});

it('keeps no content in plain text, in MongoDB or in its log', async () => {
  await systems().fileForRecord(fact('sealed', { name: '当事人甲', phone: '13900000000' }));
  const rows = await client.db('t_records').collection('ledger').find({ key: 'YS-2026-000001/sealed' }).toArray();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toMatch(/当事人|13900000000/);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.join('')).not.toMatch(/当事人|13900000000/);
});
