import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadRecordTerms } from '../../policy/records';
import { openStore, type Store } from '../../store';
import { AuditLog } from '../../store/audit';
import { Requests } from '../../store/queries/requests';
import { RecordRetention } from '../../store/record-retention';
import { RootStore } from '../../store/roots';
import { testKeyring } from '../support/case-world';
import { startMongo, type MongoServer } from '../support/servers';

let mongo: MongoServer;
let store: Store;
let now = Date.parse('2026-03-02T10:00:00+08:00');
const at = (text: string): number => Date.parse(`${text}T10:00:00+08:00`);
const terms = { requests: 90, audit: 186 };
let roots: RootStore;
let audit: AuditLog;
let retention: RecordRetention;
let requests: Requests;

beforeAll(async () => {
  mongo = await startMongo();
  store = await openStore({ uri: mongo.uri, database: 'records', keyring: testKeyring() });
  const { db, collections } = store.connection;
  audit = new AuditLog(db, () => now);
  roots = new RootStore(db, collections, store.seals, audit);
  requests = new Requests(db);
  await requests.ensureIndexes();
  retention = new RecordRetention({ requests, roots, audit });
  for (const day of ['2026-03-02', '2026-03-03']) {
    now = at(day);
    for (const user of ['handler', 'leader']) await audit.record({ at: now, user, organ: 'yz-water', action: 'case.read', caseNumber: 'TS-2026-000001', outcome: 'allowed', reason: null, requestId: '' });
  }
  await roots.makeDue(at('2026-03-05'));
}, 120_000);
afterAll(async () => {
  await store.close();
  await mongo.stop();
});

test('a request is forgotten after its term, to the millisecond, and its key is free', async () => {
  const begun = at('2026-01-01');
  await requests.claim('old', 'h1', begun);
  await requests.claim('young', 'h2', begun + 1);
  const then = begun + 90 * 86_400_000 + 1;
  expect(await retention.due({ ...terms, requests: null }, then)).toMatchObject({ requests: 0 });
  expect(await retention.due(terms, then)).toMatchObject({ requests: 1 });
  expect(await retention.forgetRequests(terms, then)).toBe(1);
  expect([await requests.claim('old', 'another', then), await requests.claim('young', 'another', then)]).toEqual(['new', 'other']);
});

test('kept for ever is kept: nothing of the audit is due', async () => {
  expect(await retention.due({ requests: null, audit: null }, at('2099-01-01'))).toEqual({ requests: 0, audit: [] });
});

test('a day of the audit goes once 186 days are over, on record; the roots still hold, and say so of nothing else', async () => {
  // 186 days after 2 March is 4 September, which is the last day it is kept.
  expect((await retention.due(terms, at('2026-09-04'))).audit).toEqual([]);
  now = at('2026-09-05');
  expect(await retention.apply(terms, now, 'archivist')).toMatchObject({ audit: ['2026-03-02'] });
  expect(await audit.entries.countDocuments({ day: '2026-03-02' as never })).toBe(0);
  expect(await audit.entries.countDocuments({ day: '2026-03-03' as never })).toBe(2);
  expect(await audit.entries.find({ action: 'audit.destroy' }).toArray()).toMatchObject([{ user: 'archivist', kind: 'destruction', reason: '2026-03-02' }]);
  expect(await roots.verify()).toMatchObject({ days: 3 });
  expect((await retention.apply(terms, now, 'archivist')).audit).toEqual([]);
});

test('the day on which something was destroyed is itself kept for ever', async () => {
  now = at('2026-09-08');
  await roots.makeDue(now);
  now = at('2030-01-01');
  const { audit: days } = await retention.apply(terms, now, 'archivist');
  expect(days).toEqual(['2026-03-03']);
  expect(await audit.isDestructionOnRecord('2026-03-02' as never)).toBe(true);
  expect(await roots.verify()).not.toHaveProperty('fault');
});

test('a day that is gone without a record is a fault, and so is one that is marked and still there', async () => {
  const { db } = store.connection;
  const kept = await audit.entries.find({ action: 'audit.destroy', reason: '2026-03-02' }).toArray();
  await audit.entries.deleteMany({ action: 'audit.destroy', reason: '2026-03-02' });
  expect(await roots.verify()).toMatchObject({ fault: { place: 'audit 2026-03-02', what: { en: expect.stringContaining('no entry says') as string } } });
  await audit.entries.insertMany(kept);
  await db.collection('audit').insertOne({ _id: '2026-03-03:000000001' as never, day: '2026-03-03', seq: 1 });
  expect(await roots.verify()).toMatchObject({ fault: { place: 'audit 2026-03-03', what: { en: expect.stringContaining('not done') as string } } });
});

describe('the terms', () => {
  const city = mkdtempSync(path.join(tmpdir(), 'wenze-records-'));
  afterAll(() => { rmSync(city, { recursive: true, force: true }); });
  const article = { zh: '本市规定', en: 'a rule of this city', source: '某市档案办法第一条' };
  const write = (rules: unknown): void => { writeFileSync(path.join(city, 'records.json'), JSON.stringify(rules)); };

  test('as shipped: requests 90 days, the audit for ever', () => {
    expect(loadRecordTerms()).toEqual({ requests: 90, audit: null });
  });

  test('a city changes one and keeps the other', () => {
    write([{ records: 'audit', days: 3_650, basis: 'article', article }]);
    expect(loadRecordTerms(city)).toEqual({ requests: 90, audit: 3_650 });
  });

  test('the audit is kept six months at the least, a request a week; nothing has two rules', () => {
    write([{ records: 'audit', days: 185, basis: 'article', article }]);
    expect(() => loadRecordTerms(city)).toThrow(/records\.json: \[0\]\.days/);
    write([{ records: 'requests', days: 6, basis: 'article', article }]);
    expect(() => loadRecordTerms(city)).toThrow(/\[0\]\.days/);
    write([{ records: 'requests', days: 30, basis: 'article', article }, { records: 'requests', days: 31, basis: 'article', article }]);
    expect(() => loadRecordTerms(city)).toThrow('"requests" has two rules');
  });
});
