import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Binary, MongoClient, ObjectId, type Db } from 'mongodb';
import { ColumnMapping, Importer, RowRefused, type CaseStarter, type ImportOptions } from '../../bulk';
import { Keyring } from '../../crypto/keyring';
import { checkFields } from '../../domain/case-definition';
import { complaintCase } from '../../domain/cases/complaint';
import type { Identity } from '../../domain/identity';
import { inPieces } from '../documents/samples';
import { startMongo, type MongoServer } from '../support/servers';

let server: MongoServer;
let client: MongoClient;
let db: Db;
let databases = 0;
const keyring = new Keyring({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } });
const handler: Identity = { id: 'handler', kind: 'user', name: '钱一', organ: 'yz-complaints', roles: ['handler'] };

beforeAll(async () => {
  server = await startMongo();
  client = await MongoClient.connect(server.uri);
}, 120_000);
afterAll(async () => {
  await client.close();
  await server.stop();
});

/** Starts cases in memory, as the API would: one per key. */
class Cases implements CaseStarter {
  readonly begun = new Map<string, string>();
  calls = 0;
  /** Fails from this call on. */
  awayFrom = Infinity;
  check = (_by: Identity, definition: typeof complaintCase | Parameters<CaseStarter['check']>[1], intake: unknown): Promise<void> => {
    const checked = checkFields(definition.intake, intake);
    return checked.ok ? Promise.resolve() : Promise.reject(new RowRefused(checked.issues));
  };

  start: CaseStarter['start'] = async (by, definition, intake, key) => {
    if (++this.calls >= this.awayFrom) throw new Error('the engine is away');
    await this.check(by, definition, intake);
    if ((intake as { subject: string }).subject === '回避') throw new RowRefused([{ path: 'accused.person', message: 'recusal' }]);
    const caseNumber = this.begun.get(key) ?? `TS-2026-${String(this.begun.size + 1).padStart(6, '0')}`;
    this.begun.set(key, caseNumber);
    return caseNumber;
  };
}

let cases: Cases;
const logged: string[] = [];
const importer = (options: ImportOptions = {}): Importer => new Importer(db, keyring, {
  definitions: { find: (type) => (type === 'complaint' ? complaintCase : undefined) }, starter: cases, log: { error: (_object, message) => { logged.push(message); } },
}, { atOnce: 2, ...options });
beforeEach(async () => {
  db = client.db(`imports-${++databases}`);
  cases = new Cases();
  await importer().store.ensureIndexes();
});

const table = (...rows: string[]): Buffer => Buffer.from(`channel,subject,facts,complainant.name,accused.organ\n${rows.join('\n')}\n`);
const good = (index: number): string => `web,事由${index},事实${index},赵钱孙,yz-water`;
const check = (from: Importer, bytes: Buffer) => from.check(handler, complaintCase, {}, inPieces(bytes, 50));

it('first says row by row what would happen, and starts nothing', async () => {
  const from = importer();
  const checked = await check(from, table(good(1), 'web,,事实,赵钱孙,yz-water', 'pigeon,x,y,赵钱孙,yz-water', 'web,x', good(2)));
  expect(checked).toMatchObject({ state: 'checked', rows: 5, counts: { valid: 2, invalid: 3, started: 0, refused: 0 } });
  expect(cases.calls).toBe(0);
  const report = (await text(from.report(checked._id))).split('\r\n');
  expect(report[1]).toBe('2,valid,,');
  expect(report[2]).toMatch(/^3,invalid,,"subject: /);
  expect(report[3]).toMatch(/^4,invalid,,"?channel: /);
  expect(report[4]).toMatch(/^5,invalid,,"?the row has 2 cells, the heading 5/);
  expect(report.join('\n')).not.toContain('赵钱孙');
});

it('then starts each good row once, and tells which case it became', async () => {
  const from = importer();
  const { _id } = await check(from, table(good(1), 'web,,x,赵钱孙,yz-water', good(2), 'web,回避,x,赵钱孙,yz-water', good(3)));
  expect(await from.run(_id)).not.toBeNull();
  expect(await from.run(_id)).toBeNull();
  await from.finished(_id);
  expect(await from.store.find(_id)).toMatchObject({ state: 'done', counts: { valid: 0, invalid: 1, started: 3, refused: 1 } });
  expect(await from.run(_id)).toBeNull();
  expect(cases.begun.size).toBe(3);
  expect(await text(from.report(_id))).toMatch(/2,started,TS-2026-00000\d,\r\n3,invalid,.*\r\n4,started,TS-2026-00000\d,\r\n5,refused,,accused.person: recusal\r\n6,started/);
  expect(await db.collection('imports.files').countDocuments()).toBe(0);
});

it('stops when something is away and goes on where it stopped', async () => {
  const from = importer();
  const { _id } = await check(from, table(...Array.from({ length: 9 }, (_each, index) => good(index))));
  cases.awayFrom = 6;
  await from.run(_id);
  await from.finished(_id);
  expect(await from.store.find(_id)).toMatchObject({ state: 'stopped', fault: 'Error', counts: { started: 5, valid: 4 } });
  cases.awayFrom = Infinity;
  await from.run(_id);
  await from.finished(_id);
  expect(await from.store.find(_id)).toMatchObject({ state: 'done', counts: { started: 9 } });
  expect(cases.begun.size).toBe(9);
});

it('a run whose process died is taken up by another, and no row becomes two cases', async () => {
  let now = 1_800_000_000_000;
  const dead = importer({ now: () => now, aliveMs: 10_000 });
  const { _id } = await check(dead, table(good(1), good(2), good(3)));
  await dead.store.claim(_id, 'a process that died', 10_000);
  // It had started a case and not yet written so.
  const fileHash = (await dead.store.find(_id))?.fileHash ?? '';
  cases.begun.set(`import:complaint:${fileHash}:2`, 'TS-2026-000001');
  const other = importer({ now: () => now, aliveMs: 10_000 });
  expect(await other.resumeAbandoned()).toEqual([]);
  now += 10_001;
  expect(await other.resumeAbandoned()).toEqual([_id]);
  await other.finished(_id);
  expect(await other.store.find(_id)).toMatchObject({ state: 'done', counts: { started: 3 } });
  expect([...cases.begun.values()].sort()).toEqual(['TS-2026-000001', 'TS-2026-000002', 'TS-2026-000003']);
});

it('the same table twice is one import', async () => {
  const from = importer();
  const [first, second] = [await check(from, table(good(1))), await check(from, table(good(1)))];
  expect(second._id).toBe(first._id);
  expect((await check(from, table(good(2))))._id).not.toBe(first._id);
  expect((await from.store.list('handler', 10)).length).toBe(2);
  expect(await from.store.list('somebody', 10)).toEqual([]);
});

it('keeps nothing of a table it cannot read', async () => {
  const from = importer({ maxRows: 2, maxBytes: 5_000 });
  for (const bytes of [table(), table(good(1), good(2), good(3)), Buffer.from('a,b\n"x'), Buffer.alloc(6_000, 'a'), Buffer.from('colour\nred\n')]) {
    await expect(check(from, bytes)).rejects.toThrow();
  }
  expect(await db.collection('imports').countDocuments()).toBe(0);
  expect(await db.collection('imports.chunks').countDocuments()).toBe(0);
});

it('a table lies sealed until its cases have begun', async () => {
  await check(importer(), table(good(1)));
  const raw = Buffer.concat((await db.collection('imports.chunks').find().toArray()).map((chunk) => Buffer.from((chunk['data'] as { buffer: Uint8Array }).buffer)));
  expect(raw.length).toBeGreaterThan(0);
  expect(raw.includes('赵钱孙')).toBe(false);
});

it('keeps nothing of what was said of rows before a table turned out to be none', async () => {
  const rows = Array.from({ length: 60 }, (_each, index) => `web,事${index},事实,甲,yz-water`);
  await expect(importer().check(handler, complaintCase, {}, inPieces(table(...rows, 'web,"没有结尾'), 700))).rejects.toMatchObject({ name: 'BadTable' });
  expect(await db.collection('importRows').countDocuments()).toBe(0);
  expect(await db.collection('imports.files').countDocuments()).toBe(0);
});

it('a crash leaves no table behind: neither one without an import, nor one whose cases have begun, nor half of one', async () => {
  const from = importer();
  const checked = await from.check(handler, complaintCase, {}, inPieces(table('web,事,事实,甲,yz-water'), 20));
  await db.collection('imports.chunks').insertOne({ files_id: ObjectId.createFromTime(1_000_000_000), n: 0, data: new Binary(Buffer.from('x')) });
  expect(await from.removeOrphans(Date.now() + 1_000)).toBe(1);
  expect(await db.collection('imports.files').countDocuments()).toBe(1);
  await db.collection<{ _id: string }>('imports').updateOne({ _id: checked._id }, { $set: { state: 'done' } });
  expect(await from.removeOrphans(Date.now() + 1_000)).toBe(1);
  expect([await db.collection('imports.files').countDocuments(), await db.collection('imports.chunks').countDocuments()]).toEqual([0, 0]);
});

it('a heading of a hundred thousand columns is refused in few words, and a mapping by what no store can hold', async () => {
  const heading = Buffer.from(`${Array.from({ length: 60_000 }, (_each, index) => `c${index}`).join(',')}\nx\n`);
  await expect(importer().check(handler, complaintCase, {}, inPieces(heading, 60_000))).rejects.toMatchObject({ name: 'BadColumns', issues: { length: 100 } });
  expect(ColumnMapping.safeParse({ 'a\0b': '' }).success).toBe(false);
});
