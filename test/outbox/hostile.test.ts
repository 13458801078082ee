import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Keyring } from '../../crypto/keyring';
import type { CaseEvent } from '../../domain/case-file';
import { chain } from '../../evidence/chain';
import { openOutbox, type Dispatcher, type Outbox } from '../../outbox';
import { openStore, type Store } from '../../store';
import { view } from '../letters/world';
import { startMongo, type MongoServer } from '../support/servers';
import { Receiver } from './receiver';

let server: MongoServer;
let store: Store;
let outbox: Outbox;
let receiver: Receiver;
let databases = 0;
const keyring = new Keyring({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } });
const closers: (() => Promise<void>)[] = [];
const log = { warn: () => undefined, error: (object: object) => { throw new Error(JSON.stringify(object)); } };

beforeAll(async () => { server = await startMongo(); }, 120_000);
afterAll(async () => { await server.stop(); });
beforeEach(async () => {
  store = await openStore({ uri: server.uri, database: `hostile-${++databases}`, keyring });
  receiver = await Receiver.start();
  outbox = await open();
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  await receiver.stop();
  await store.close();
});

async function open(options: { readonly timeoutMs?: number } = {}): Promise<Outbox> {
  const opened = openOutbox(store.connection.db, keyring, { networks: ['127.0.0.0/8'], settleMs: 0, pollMs: 5, backoffMs: 60_000, timeoutMs: 500, ...options });
  await opened.ensureIndexes();
  return opened;
}

function start(): Dispatcher {
  const made = outbox.dispatcher(log);
  closers.push(() => made.stop());
  made.start();
  return made;
}

async function record(count: number): Promise<void> {
  const events = Array.from({ length: count }, (_each, index): CaseEvent => ({
    caseNumber: 'TS-2026-000001', seq: index + 1, at: 1_790_000_000_000 + index, kind: 'note', by: { kind: 'user', id: 'handler', roles: ['handler'] }, facts: {}, detail: {}, salt: `s${index}`,
  }));
  await store.cases.write(view({ caseNumber: 'TS-2026-000001' }), chain('', events), 1, (to) => to);
}

/** A receiver that says these bytes to whoever has sent something. */
async function sayer(say: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const http: Server = createServer((socket) => {
    sockets.add(socket);
    // It is cut off in the middle, which is what the test is about.
    socket.on('error', () => undefined);
    socket.once('data', () => { say(socket); });
  });
  await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve); });
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => { http.close(() => { resolve(); }); });
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
}

/** Waits until a delivery to a subscription has failed; gives why. */
async function faultOf(id: string): Promise<string> {
  for (;;) {
    const found = await outbox.subscriptions.find(id);
    if (found?.lastFault != null) return found.lastFault;
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}

describe('a receiver that answers', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['that it will speak another protocol', (socket) => { socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'); }],
    ['that it will go on, for ever', (socket) => {
      const timer = setInterval(() => { socket.write('HTTP/1.1 100 Continue\r\n\r\n'); }, 5);
      socket.once('close', () => { clearInterval(timer); });
    }],
    ['nothing', () => undefined],
    ['half a line', (socket) => { socket.write('HTTP/1.1 20'); }],
    ['and goes', (socket) => { socket.end(); }],
    ['what is no answer', (socket) => { socket.write('220 mail.example.org ESMTP\r\n'); }],
    ['with headers without end', (socket) => {
      const timer = setInterval(() => { socket.write(`X-${'a'.repeat(2_000)}: b\r\n`); }, 1);
      socket.write('HTTP/1.1 200 OK\r\n');
      socket.once('close', () => { clearInterval(timer); });
    }],
  ])('%s has not taken the event, and nobody else waits for it', async (_what, say) => {
    const bad = await outbox.subscriptions.create({ url: await sayer(say), kinds: [], caseTypes: [] }, 'administrator', 0);
    await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
    await record(3);
    const work = start();
    await receiver.until(3);
    expect(await faultOf(bad.subscription.id)).not.toBe('');
    await work.stop();
    expect(await outbox.subscriptions.find(bad.subscription.id)).toMatchObject({ cursor: 0, state: 'retrying', failures: 1 });
  });
});

it('a receiver that takes its time holds up no other, however much there is for it', async () => {
  outbox = await open({ timeoutMs: 20_000 });
  const held: (() => void)[] = [];
  const slow = await sayer((socket) => { held.push(() => { socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'); }); });
  await outbox.subscriptions.create({ url: slow, kinds: [], caseTypes: [] }, 'administrator', 0);
  await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  await record(2);
  start();
  await receiver.until(2);
  // The slow one has not answered its first event, and what happens now still goes out.
  await record(12);
  await receiver.until(12);
  expect(receiver.sequences).toEqual(Array.from({ length: 12 }, (_each, index) => index + 1));
  expect(held).toHaveLength(1);
  held[0]?.();
});

it('a subscription whose secret cannot be opened holds up no other', async () => {
  const bad = await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  await store.connection.db.collection('subscriptions').updateOne({ url: receiver.url }, { $set: { sealedSecret: new Keyring({ current: 'k9', keys: { k9: randomBytes(32).toString('base64') } }).sealText('lost', 'x') } });
  await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  await record(2);
  start();
  await receiver.until(2);
  expect(receiver.sequences).toEqual([1, 2]);
  expect(await faultOf(bad.subscription.id)).toBe('secret-unreadable');
});
