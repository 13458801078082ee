import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import type { Collection } from 'mongodb';
import { DocumentStore, SealedFiles } from '../../documents';
import { KeyUses } from '../../store/key-use';
import { reseal } from '../../store/reseal';
import { Ledger } from '../../systems/ledger';
import { civilDateAt } from '../../domain/civil-date';
import { databasesOf, placesOf } from '../../cli/keys/places';
import type { RingStatus } from '../../cli/keys/status';
import { pdf } from '../documents/samples';
import { complaint, incident, referral } from '../support/intakes';
import { TestSystem } from '../support/system';
import { wenze } from './run';

/** A city turns its keys while officers work: k1 sealed everything, k2 takes over, k1 leaves. One story, told in order. */
let system: TestSystem;
const directory = mkdtempSync(path.join(tmpdir(), 'wenze-keys-'));
const secret = (): string => randomBytes(32).toString('base64');
const k2 = secret();

const numbers = { complaint: '', incident: '', referral: '', closed: '' };
let documentId = '';
let hashes: readonly string[] = [];
let secretOfWebhook = '';
const reasonOfAbsence = '住院手术';

beforeAll(async () => {
  system = await TestSystem.start();
  const handler = await system.as('handler');
  numbers.complaint = await handler.startCase('complaint', complaint);
  numbers.closed = await handler.startCase('complaint', { ...complaint, subject: '重复来信' });
  numbers.incident = await (await system.as('supervisor')).startCase('incident-review', incident);
  numbers.referral = await (await system.as('referrer')).startCase('referral', referral);
  documentId = String((await system.raw('handler', 'POST', `/v1/cases/${numbers.complaint}/documents`, { body: pdf, headers: { 'content-type': 'application/octet-stream', 'x-filename': 'a.pdf' } })).body['id']);
  expect(await system.send('handler', 'POST', `/v1/cases/${numbers.closed}/steps/route`, { answer: 'reject', reasons: '属于诉讼事项', channel: '人民法院' })).toMatchObject({ status: 200 });
  expect(await system.send('supervisor', 'POST', `/v1/cases/${numbers.referral}/actions/reassign`, { step: 'receive', user: 'supervisor', reasons: '专人办理' })).toMatchObject({ status: 200 });
  const csv = '渠道,事由,内容,投诉人,单位\nweb,甲事,甲,赵钱孙,yz-water\n';
  await system.raw('handler', 'POST', `/v1/imports?type=complaint&mapping=${encodeURIComponent('{"单位":"accused.organ"}')}`, { body: csv, headers: { 'content-type': 'text/csv' } });
  const webhook = await system.send('administrator', 'POST', '/v1/webhooks', { url: 'http://127.0.0.1:9/', kinds: ['finding'] });
  expect(webhook.status).toBe(201);
  secretOfWebhook = String(webhook.body['secret']);
  const today = civilDateAt(Date.now());
  expect(await system.send('leader.water', 'POST', '/v1/delegations', { principal: 'leader.water', deputy: 'department', from: today, until: '2099-12-31', reason: reasonOfAbsence })).toMatchObject({ status: 201 });
  await fetchPersonnel();
  hashes = await allHashes();
}, 180_000);
afterAll(async () => {
  await system.stop();
  rmSync(directory, { recursive: true, force: true });
});

const ignoreForgotten = (error: unknown): void => { if (!(error instanceof Error) || !('code' in error) || error.code !== 5) throw error; };

const env = (): Record<string, string> => ({
  MONGODB_URI: system.mongo.uri, MONGODB_DB: 'wenze', WENZE_KEYRING: JSON.stringify(system.keyringData), TEMPORAL_ADDRESS: system.temporal.address, TEMPORAL_NAMESPACE: system.temporal.namespace,
});
const status = async (): Promise<RingStatus> => JSON.parse((await wenze(['keys', 'status', '--json'], env())).out) as RingStatus;
const keyOf = (found: RingStatus, keyId: string) => found.keys.find((key) => key.keyId === keyId);
const resealed = (): Promise<{ code: number; out: string; err: string }> => wenze(['keys', 'reseal', '--grace', '0'], env());

/** What processes say of the key they seal under, a moment ago. */
async function said(...keyIds: string[]): Promise<void> {
  for (const keyId of keyIds) await new KeyUses(system.store.connection.db).note(keyId, Date.now());
}

/** A fact of the reference systems, so that their ledgers hold something. */
async function fetchPersonnel(): Promise<void> {
  const { client } = system.store.connection;
  const ledger = new Ledger(client.db('wenze_records'), system.keyring);
  await ledger.prepare();
  await ledger.keep('filing', 'key-1', { caseNumber: numbers.incident, at: 1, by: { kind: 'user', id: 'supervisor' }, content: '备案一则' }, { organ: 'yz-water' });
}

async function allHashes(): Promise<string[]> {
  const events = await system.store.connection.collections.events.find({}, { sort: { _id: 1 } }).toArray();
  return events.map((event) => `${event._id} ${event.body} ${event.previous} ${event.hash}`);
}

/** A note, sent again under the same key for as long as the machine is too busy to answer (503), as whoever gets that is told to do. */
async function noted(text: string): Promise<number> {
  const headers = { 'idempotency-key': randomUUID() };
  for (;;) {
    const { status: answered } = await system.send('handler', 'POST', `/v1/cases/${numbers.complaint}/actions/note`, { text }, headers);
    if (answered !== 503) return answered;
  }
}

/** Everything an officer can read still reads, and everything that is checked still holds. */
async function everythingReads(): Promise<void> {
  const handler = await system.as('handler');
  const unmasked = await system.raw('handler', 'GET', `/v1/cases/${numbers.complaint}?unmask=true`);
  expect(unmasked).toMatchObject({ status: 200 });
  expect(unmasked.text).toContain(complaint.complainant.name);
  expect((await handler.call('listCases', { query: { q: '用水证' } })).body.items.map((each) => each.caseNumber)).toEqual([numbers.complaint]);
  expect((await system.raw('handler', 'GET', `/v1/cases/${numbers.complaint}/events?unmask=true`)).text).toContain('用水证');
  expect((await system.raw('handler', 'GET', `/v1/cases/${numbers.closed}`)).body).toMatchObject({ status: 'closed' });
  expect((await system.raw('handler', 'GET', '/v1/inbox')).body['items']).not.toEqual([]);
  expect((await system.raw('department', 'GET', '/v1/notices')).status).toBe(200);
  expect((await system.raw('leader.water', 'GET', '/v1/delegations')).body).toMatchObject({ items: [{ reason: reasonOfAbsence }] });
  const { token } = handler;
  const download = await fetch(`${system.url}/v1/cases/${numbers.complaint}/documents/${documentId}`, { headers: { authorization: `Bearer ${token ?? ''}` } });
  expect(Buffer.from(await download.arrayBuffer()).equals(pdf)).toBe(true);
  for (const number of [numbers.complaint, numbers.closed]) {
    const file = path.join(directory, `${number}.zip`);
    expect(await wenze(['export', number, '-o', file], env())).toMatchObject({ code: 0, err: '' });
    expect(await wenze(['verify', file])).toMatchObject({ code: 0 });
  }
  const ledger = new Ledger(system.store.connection.client.db('wenze_records'), system.keyring);
  expect((await ledger.list('filing', { limit: 10 })).items).toMatchObject([{ content: '备案一则' }]);
  expect(await ledger.keep('filing', 'key-1', { caseNumber: numbers.incident, at: 1, by: { kind: 'user', id: 'supervisor' }, content: '备案一则' }, { organ: 'yz-water' })).toMatchObject({ created: false });
  const now = new Set(await allHashes());
  expect(hashes.filter((each) => !now.has(each))).toEqual([]);
}

/** The officer named in the referral must not find it, whichever key its index lies under. */
async function theNamedStaysOut(): Promise<void> {
  const named = { id: 'x', kind: 'user', name: 'x', organ: 'yz-water', roles: ['department'], staffId: referral.persons[0].staffId } as const;
  const marks = system.keyring.blindUnderAll(`staff:${named.staffId}`);
  const { cases, tasks, notices } = system.store.connection.collections;
  expect(await cases.countDocuments({ namedStaff: { $in: marks } })).toBe(1);
  const inboxes = [tasks, notices].map((each) => each as unknown as Collection);
  for (const inbox of inboxes) {
    expect(await inbox.countDocuments({ caseNumber: numbers.referral, namedStaff: { $in: marks } })).toBeGreaterThan(0);
    expect(await inbox.countDocuments({ caseNumber: numbers.referral, namedStaff: { $nin: marks } })).toBe(0);
  }
}

test('before the turn everything lies under k1', async () => {
  const found = await status();
  expect(found.keys).toEqual([expect.objectContaining({ keyId: 'k1', needed: ['current'], inRing: true })]);
  expect(found.collections.map((each) => each.collection)).toEqual([
    'wenze.cases', 'wenze.delegations', 'wenze.documents', 'wenze.documents.files', 'wenze.events', 'wenze.imports.files', 'wenze.notices', 'wenze.seals', 'wenze.subscriptions', 'wenze.tasks', 'wenze_records.ledger',
  ]);
});

test('with k2 current the old reads beside the new, and k1 is needed: for what is stored and for what runs', async () => {
  await system.restartWith({ current: 'k2', keys: { ...system.keyringData.keys, k2 } });
  await said('k1', 'k2');
  expect((await system.send('handler', 'POST', `/v1/cases/${numbers.complaint}/actions/note`, { text: '换钥后附注' })).status).toBe(200);
  await everythingReads();
  await theNamedStaysOut();
  const found = keyOf(await status(), 'k1');
  expect(found?.needed).toEqual(expect.arrayContaining(['stored', 'sealing', 'running', 'kept']));
  expect(found?.executions?.examples).toEqual(expect.arrayContaining([numbers.complaint, numbers.incident, numbers.referral]));
  expect((await wenze(['keys', 'status'], env())).out).toContain('k1: 须保留 is needed: MongoDB');
});

test('a dry run counts and changes nothing', async () => {
  const before = (await status()).collections;
  expect(await wenze(['keys', 'reseal', '--dry-run'], env())).toMatchObject({ code: 0, out: expect.stringContaining('to reseal under k2') as string });
  expect((await status()).collections).toEqual(before);
});

test('ended in the middle, it goes on; what a crash left of a file is removed', async () => {
  const places = placesOf(system.store, await databasesOf(system.store), system.keyring);
  const events = places.find((place) => place.name === 'events');
  if (events === undefined) throw new Error('no such place');
  const crash = new Error('killed');
  await expect(reseal(events, { batch: 3, progress: (report) => { if (report.resealed >= 3) throw crash; } })).rejects.toBe(crash);
  const halfway = (await status()).collections.filter((each) => each.collection === 'wenze.events');
  expect(halfway.map((each) => [each.keyId, each.sealed > 0])).toEqual([['k1', true], ['k2', true]]);

  // A file whose owner was turned to a new one a moment before the end, and one whose owner never came; both stored long ago.
  const { db } = system.store.connection;
  const old = new SealedFiles(db, system.keyring, 'documents');
  const orphan = await old.write((async function* () { yield await Promise.resolve(Buffer.from('遗留')); })());
  await db.collection('documents.files').updateOne({ _id: orphan }, { $set: { uploadDate: new Date(Date.now() - 3_600_000), metadata: { key: 'k1' } } });

  const done = await resealed();
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('已重封 resealed under k2') as string });
  expect(done.out).toContain('left by a crash and removed');
  expect(await db.collection('documents.files').countDocuments({ _id: orphan })).toBe(0);
  expect(await db.collection('documents.chunks').countDocuments({ files_id: orphan })).toBe(0);
});

test('every case that ran in a history begun under k1 has left it, and goes on', async () => {
  // Some minutes after the last process that sealed under k1 has ended.
  await system.store.connection.db.collection<{ _id: string }>('keyUses').updateOne({ _id: 'k1' }, { $set: { lastUsed: Date.now() - 600_000 } });
  await system.until(async () => keyOf(await status(), 'k1')?.executions?.running === 0, 'running cases to leave their histories');
  expect(keyOf(await status(), 'k1')?.needed).toEqual(['kept']);
  expect((await system.send('handler', 'POST', `/v1/cases/${numbers.complaint}/actions/note`, { text: '新历史中附注' })).status).toBe(200);
});

test('nothing in MongoDB lies under k1 any more, and once more there is nothing to do', async () => {
  const found = await status();
  expect(found.collections.filter((each) => each.keyId !== 'k2')).toEqual([]);
  await everythingReads();
  await theNamedStaysOut();
  expect((await resealed()).out).toBe('0 处已重封 resealed under k2\n');
  expect((await system.store.audit.entries.find({ action: 'keys.reseal' }).toArray()).map((entry) => [entry.user, entry.reason])).toEqual([['operator', 'k2'], ['operator', 'k2']]);
  const subscription = await system.store.connection.db.collection<{ _id: string; sealedSecret: string }>('subscriptions').findOne({});
  expect(system.keyring.openText(subscription?.sealedSecret ?? '', `mongo:subscription:${subscription?._id ?? ''}`)).toBe(secretOfWebhook);
});

test('officers at work meanwhile lose nothing: each note is on file, whoever wrote last', async () => {
  await system.restartWith({ current: 'k3', keys: { ...system.keyringData.keys, k3: secret() } });
  const texts = Array.from({ length: 12 }, (_, index) => `并行附注${index}`);
  const notes = (async () => {
    for (const text of texts) expect(await noted(text)).toBe(200);
  })();
  const rounds = (async () => {
    for (let round = 0; round < 3; round++) expect((await resealed()).code).toBe(0);
  })();
  await Promise.all([notes, rounds]);
  await resealed();
  const events = (await system.raw('handler', 'GET', `/v1/cases/${numbers.complaint}/events?unmask=true&limit=100`)).text;
  for (const text of texts) expect(events).toContain(text);
  expect((await status()).collections.filter((each) => each.keyId !== 'k3')).toEqual([]);
});

test('what was tampered with is named and does not hold up the rest', async () => {
  await system.restartWith({ current: 'k4', keys: { ...system.keyringData.keys, k4: secret() } });
  const { notices } = system.store.connection.collections;
  const [first] = await notices.find({ caseNumber: numbers.closed }).limit(1).toArray();
  if (first === undefined) throw new Error('no notice');
  const bytes = Buffer.from(first.sealed, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await notices.updateOne({ _id: first._id }, { $set: { sealed: bytes.toString('base64') } });
  const done = await resealed();
  expect(done.code).toBe(1);
  expect(done.err).toContain(`notices 1 (${first._id})`);
  expect((await status()).collections.filter((each) => each.keyId !== 'k4')).toEqual([{ collection: 'wenze.notices', keyId: 'k3', sealed: 1, indexed: 0 }]);
  await notices.updateOne({ _id: first._id }, { $set: { sealed: first.sealed } });
  expect((await resealed()).code).toBe(0);
});

test('without Temporal no key may leave', async () => {
  const found = await wenze(['keys', 'status'], { ...env(), TEMPORAL_ADDRESS: '127.0.0.1:9' });
  expect(found.code).toBe(0);
  expect(found.err).toContain('Temporal does not answer');
  expect(found.out).toMatch(/^k1: 须保留 is needed: .*Temporal 未答复/m);
});

test('when Temporal has forgotten what was begun under them the old keys may leave, and without them everything reads', async () => {
  const connection = await Connection.connect({ address: system.temporal.address });
  try {
    const { namespace } = system.temporal;
    // A case may be on its way into a new run, and the list lags: each run it shows is deleted once, for every deletion is work for the server.
    const asked = new Set<string>();
    await system.until(async () => {
      const { executions } = await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 100 });
      for (const { execution } of executions) {
        const runId = execution?.runId ?? '';
        if (asked.has(runId)) continue;
        await connection.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: execution ?? {} }).catch(ignoreForgotten);
        asked.add(runId);
      }
      return executions.length === 0;
    }, 'Temporal to forget', 50_000);
  } finally {
    await connection.close();
  }
  await said('k1', 'k2');
  expect((await status()).keys.filter((key) => key.needed.includes('sealing')).map((key) => key.keyId)).toEqual(['k1', 'k2']);
  // Some minutes after the last process with an old ring has ended.
  await system.store.connection.db.collection('keyUses').updateMany({}, { $set: { lastUsed: Date.now() - 600_000 } });
  await system.until(async () => (await status()).keys.every((key) => key.keyId === 'k4' || key.needed.length === 0), 'the old keys to be needed no more');
  expect((await wenze(['keys', 'status'], env())).out).toContain('k1: 可以移除 may leave the ring');

  await system.restartWith({ current: 'k4', keys: { k4: system.keyringData.keys['k4'] ?? '' } });
  await everythingReads();
  await theNamedStaysOut();
  const documents = new DocumentStore(system.store.connection.db, system.keyring);
  expect((await documents.list(numbers.complaint)).map((each) => each.name)).toEqual(['a.pdf']);
});

test('a key that left too early is told: by whom it is missed, and that the rest was done', async () => {
  const [current = '', value = ''] = Object.entries(system.keyringData.keys)[0] ?? [];
  const without = { ...env(), WENZE_KEYRING: JSON.stringify({ current: 'k5', keys: { k5: secret() } }) };
  expect(value).not.toBe('');
  expect((await wenze(['keys', 'status'], without)).out).toContain(`${current}: 不在密钥环中 NOT IN THE RING; 须保留 is needed`);
  const done = await wenze(['keys', 'reseal', '--grace', '0'], without);
  expect(done).toMatchObject({ code: 1, err: expect.stringContaining('cannot be opened') as string });
});
