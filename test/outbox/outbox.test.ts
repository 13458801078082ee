import { randomBytes } from 'node:crypto';
import { Keyring } from '../../crypto/keyring';
import type { CaseEvent } from '../../domain/case-file';
import { Lease, openOutbox, verifySignature, type Dispatcher, type Outbox, type OutboxOptions } from '../../outbox';
import { openStore, type Store } from '../../store';
import { chain } from '../../evidence/chain';
import { view } from '../letters/world';
import { startMongo, type MongoServer } from '../support/servers';
import { Receiver } from './receiver';

let server: MongoServer;
let store: Store;
let outbox: Outbox;
let receiver: Receiver;
let databases = 0;
const keyring = new Keyring({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } });
const dispatchers: Dispatcher[] = [];
let clockOf = (): number => Date.now();

beforeAll(async () => { server = await startMongo(); }, 120_000);
afterAll(async () => { await server.stop(); });

const options: OutboxOptions = { networks: ['127.0.0.0/8'], settleMs: 0, pollMs: 5, backoffMs: 1, timeoutMs: 5_000, now: () => clockOf() };
beforeEach(async () => {
  clockOf = () => Date.now();
  store = await openStore({ uri: server.uri, database: `outbox-${++databases}`, keyring });
  outbox = openOutbox(store.connection.db, keyring, options);
  await outbox.ensureIndexes();
  receiver = await Receiver.start();
});
afterEach(async () => {
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.stop()));
  await receiver.stop();
  await store.close();
});

const logged: string[] = [];
const log = { warn: (_object: object, message: string) => { logged.push(message); }, error: (object: object) => { throw new Error(JSON.stringify(object)); } };
function dispatcher(): Dispatcher {
  const made = outbox.dispatcher(log);
  dispatchers.push(made);
  return made;
}

/** Records events on a case, as an activation does. */
async function record(caseNumber: string, count: number, over: Partial<CaseEvent> = {}): Promise<void> {
  const events = Array.from({ length: count }, (_each, index): CaseEvent => ({
    caseNumber, seq: index + 1, at: 1_790_000_000_000 + index, kind: 'note', by: { kind: 'user', id: 'handler', roles: ['handler'] },
    facts: { stage: 'routing', to: { organ: 'yz-water', user: 'secret.officer' } }, detail: { text: '举报人李四' }, salt: `s${index}`, ...over,
  }));
  await store.cases.write(view({ caseNumber }), chain('', events), 1, (to) => to);
}

it('sends every event once, in order, signed, without personal data', async () => {
  const { secret } = await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  await record('TS-2026-000001', 5);
  await record('TS-2026-000002', 3);
  dispatcher().start();
  await receiver.until(8);
  expect(receiver.sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(new Set(receiver.received.map((each) => each.headers['wenze-event-id'])).size).toBe(8);
  const [first] = receiver.received;
  expect(JSON.parse(first?.body ?? '')).toEqual({
    id: 'TS-2026-000001:0000001', sequence: 1, kind: 'note', at: '2026-09-21T14:13:20.000Z', caseNumber: 'TS-2026-000001', caseType: 'complaint',
    facts: { stage: 'routing', to: { organ: 'yz-water' } }, links: { case: '/v1/cases/TS-2026-000001', events: '/v1/cases/TS-2026-000001/events' },
  });
  expect(verifySignature(secret, String(first?.headers['wenze-signature']), first?.body ?? '', Date.now() / 1000)).toBe(true);
  expect(receiver.received.map((each) => each.body).join()).not.toMatch(/李四|secret\.officer|用水证|赵钱孙/);
});

it('an event written again goes out no second time', async () => {
  const work = dispatcher();
  await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  await record('TS-2026-000001', 3);
  while (await work.round());
  await record('TS-2026-000001', 4);
  while (await work.round());
  expect(receiver.received.map((each) => each.headers['wenze-event-id'])).toEqual([1, 2, 3, 4].map((seq) => `TS-2026-000001:000000${seq}`));
});

it('sends only what was asked for, and from now on', async () => {
  const work = dispatcher();
  await record('TS-2026-000001', 2);
  await outbox.feed.run();
  await outbox.subscriptions.create({ url: receiver.url, kinds: ['case-closed'], caseTypes: [] }, 'administrator', await outbox.feed.last());
  await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: ['referral'] }, 'administrator', await outbox.feed.last());
  await record('TS-2026-000002', 1);
  await record('TS-2026-000003', 1, { kind: 'case-closed' });
  while (await work.round());
  expect(receiver.received.map((each) => each.headers['wenze-event-id'])).toEqual(['TS-2026-000003:0000001']);
  expect((await outbox.subscriptions.list()).map((each) => each.cursor)).toEqual([4, 4]);
});

it('tries again until it arrives, nothing later before it', async () => {
  const { subscription } = await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  receiver.status = 503;
  await record('TS-2026-000001', 3);
  dispatcher().start();
  await receiver.until(3);
  expect(new Set(receiver.sequences)).toEqual(new Set([1]));
  expect(await outbox.subscriptions.find(subscription.id)).toMatchObject({ state: 'retrying', cursor: 0, lastFault: 'answered 503' });
  receiver.status = 204;
  const failed = receiver.received.length;
  await receiver.until(failed + 3);
  expect(receiver.sequences.slice(-3)).toEqual([1, 2, 3]);
});

it('waits longer each time, at most an hour, and suspends after the time set for it; an administrator sets it going again', async () => {
  let now = 1_800_000_000_000;
  clockOf = () => now;
  const { subscription } = await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  const find = async () => {
    const found = await outbox.subscriptions.find(subscription.id);
    if (found === null) throw new Error('the subscription is gone');
    return found;
  };
  outbox = openOutbox(store.connection.db, keyring, { ...options, backoffMs: 2_000, giveUpMs: 6 * 3_600_000 });
  const work = dispatcher();
  receiver.status = 500;
  await record('TS-2026-000001', 1);
  const waits: number[] = [];
  while ((await find()).state !== 'suspended') {
    await work.round();
    const { nextAt } = await find();
    waits.push((nextAt - now) / 1000);
    now = Math.ceil(nextAt);
  }
  [2, 4, 8, 16].forEach((expected, index) => {
    expect(waits[index]).toBeGreaterThanOrEqual(expected);
    expect(waits[index]).toBeLessThanOrEqual(expected * 1.2);
  });
  expect(Math.max(...waits)).toBeLessThanOrEqual(3600 * 1.2);
  expect((now - 1_800_000_000_000) / 3_600_000).toBeGreaterThanOrEqual(6);
  receiver.status = 200;
  now += 1000 * 3_600_000;
  await work.round();
  expect((await find()).state).toBe('suspended');
  await outbox.subscriptions.replay(subscription.id, undefined);
  await work.round();
  expect(await find()).toMatchObject({ state: 'active', cursor: 1, failures: 0 });
});

it.each([[410, 'suspended'], [302, 'retrying']])('an answer of %i leaves it %s', async (status, state) => {
  const work = dispatcher();
  const { subscription } = await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  receiver.status = status;
  await record('TS-2026-000001', 1);
  await work.round();
  expect(await outbox.subscriptions.find(subscription.id)).toMatchObject({ state });
  expect(receiver.received).toHaveLength(1);
});

it('is sent again from where an administrator says', async () => {
  const work = dispatcher();
  const { subscription } = await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  await record('TS-2026-000001', 4);
  while (await work.round());
  await outbox.subscriptions.replay(subscription.id, 3);
  while (await work.round());
  expect(receiver.sequences).toEqual([1, 2, 3, 4, 3, 4]);
});

it('does not call what the guard refuses, not even when it was let in before', async () => {
  await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  outbox = openOutbox(store.connection.db, keyring, { ...options, networks: [] });
  const work = dispatcher();
  await record('TS-2026-000001', 1);
  await work.round();
  expect(receiver.received).toHaveLength(0);
  expect((await outbox.subscriptions.list())[0]?.lastFault).toContain('not an address of the public internet');
});

it('several dispatchers at once send everything once', async () => {
  await outbox.subscriptions.create({ url: receiver.url, kinds: [], caseTypes: [] }, 'administrator', 0);
  for (let each = 0; each < 3; each++) dispatcher().start();
  for (let each = 1; each <= 6; each++) await record(`TS-2026-00000${each}`, 4);
  await receiver.until(24);
  expect(receiver.sequences).toEqual(Array.from({ length: 24 }, (_each, index) => index + 1));
});

it('feeds that overlap give each event one number, none before a smaller one', async () => {
  await record('TS-2026-000001', 150);
  await Promise.all([outbox.feed.run(), outbox.feed.run(), outbox.feed.run()]);
  const rows = await outbox.feed.after(0, 1000);
  expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 150 }, (_each, index) => index + 1));
  expect(new Set(rows.map((row) => row._id)).size).toBe(150);
});

it('numbers go on after old rows are forgotten', async () => {
  await record('TS-2026-000001', 3);
  await outbox.feed.run();
  expect(await outbox.feed.prune(Date.now() + 1)).toBe(2);
  await record('TS-2026-000002', 1);
  await outbox.feed.run();
  expect((await outbox.feed.after(0, 10)).map((row) => row.seq)).toEqual([3, 4]);
});

it('secrets lie sealed', async () => {
  await outbox.subscriptions.create({ url: receiver.url, secret: 'planted-secret-0001', kinds: [], caseTypes: [] }, 'administrator', 0);
  const raw = JSON.stringify(await store.connection.db.collection('subscriptions').find().toArray());
  expect(raw).toContain(receiver.url);
  expect(raw).not.toContain('planted-secret-0001');
});

it('a lease is one process’ until it is given back or runs out', async () => {
  let now = 1_800_000_000_000;
  const lease = () => new Lease(store.connection.db, 'work', 10_000, () => now);
  const [first, second] = [lease(), lease()];
  expect(await first.hold()).toBe(true);
  expect(await second.hold()).toBe(false);
  now += 9_000;
  expect(await first.hold()).toBe(true);
  now += 9_000;
  expect(await second.hold()).toBe(false);
  now += 2_000;
  expect(await second.hold()).toBe(true);
  expect(await first.hold()).toBe(false);
  await second.release();
  expect(await first.hold()).toBe(true);
});
