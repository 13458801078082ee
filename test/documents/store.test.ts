import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { MongoClient, type Db } from 'mongodb';
import { Keyring } from '../../crypto/keyring';
import { DocumentStore, FileTooLarge, RefusedContent, type NewDocument } from '../../documents';
import { startMongo, type MongoServer } from '../support/servers';
import { executable, inPieces, pdf } from './samples';

let server: MongoServer;
let client: MongoClient;
let db: Db;
let store: DocumentStore;
const secret = randomBytes(32).toString('base64');
const keyring = new Keyring({ current: 'k1', keys: { k1: secret } });

beforeAll(async () => {
  server = await startMongo();
  client = await MongoClient.connect(server.uri);
  db = client.db('documents-test');
  store = new DocumentStore(db, keyring, 3_000_000);
  await store.ensureIndexes();
}, 120_000);
afterAll(async () => {
  await client.close();
  await server.stop();
});

const about = (caseNumber: string, over: Partial<NewDocument> = {}): NewDocument => ({
  caseNumber, kind: 'evidence', name: '张三的证言.pdf', title: '证言', by: 'handler', at: 1_790_000_000_000, confidential: false, ...over,
});
const put = (caseNumber: string, bytes: Buffer, over: Partial<NewDocument> = {}) => store.put(about(caseNumber, over), inPieces(bytes, 60_000));
const read = async (caseNumber: string, id: string): Promise<Buffer> => {
  const stream = await store.read(caseNumber, id);
  if (stream === null) throw new Error(`${id} is not on ${caseNumber}`);
  return buffer(stream);
};
const files = (): Promise<number> => db.collection('documents.files').countDocuments();
const chunks = (): Promise<number> => db.collection('documents.chunks').countDocuments();

it('gives back byte for byte what was handed in, whatever its length', async () => {
  for (const length of [1, 191 * 1024, 192 * 1024, 192 * 1024 + 1, 2_500_000]) {
    const bytes = Buffer.alloc(length, `%PDF-${length}\n问责`);
    const kept = await put(`L-${length}`, bytes);
    expect(kept).toMatchObject({ size: length, name: '张三的证言.' + (length === 1 ? 'txt' : 'pdf') });
    expect((await read(`L-${length}`, kept.id)).equals(bytes)).toBe(true);
  }
});

it('is one document however often it is handed in, also at the same time', async () => {
  const before = await files();
  const all = await Promise.all([1, 2, 3, 4].map(() => put('A-1', pdf)));
  expect(new Set(all.map((each) => each.id)).size).toBe(1);
  expect(await files()).toBe(before + 1);
  expect(await store.list('A-1')).toHaveLength(1);
  const other = await put('A-2', pdf);
  expect(other.id).not.toBe(all[0]?.id);
});

it('stays confidential once anybody said so', async () => {
  await put('C-1', pdf);
  expect((await put('C-1', pdf, { confidential: true })).confidential).toBe(true);
  expect((await put('C-1', pdf)).confidential).toBe(true);
});

it('keeps nothing of what it refuses', async () => {
  const [filesBefore, chunksBefore] = [await files(), await chunks()];
  await expect(put('R-1', executable)).rejects.toThrow(RefusedContent);
  await expect(put('R-1', Buffer.alloc(3_000_001, 'a'))).rejects.toThrow(FileTooLarge);
  const broken = (async function* () {
    yield Buffer.alloc(1_000_000, 'a');
    await Promise.resolve();
    throw new Error('the connection broke');
  })();
  await expect(store.put(about('R-1'), broken)).rejects.toThrow('the connection broke');
  expect([await files(), await chunks()]).toEqual([filesBefore, chunksBefore]);
  expect(await store.list('R-1')).toEqual([]);
});

it('belongs to its case alone', async () => {
  const kept = await put('B-1', pdf);
  expect(await store.find('B-2', kept.id)).toBeNull();
  expect(await store.read('B-2', kept.id)).toBeNull();
});

it('takes back what the case refused, and only that', async () => {
  const refused = await put('T-1', pdf);
  await store.discard(refused.id);
  expect(await store.find('T-1', refused.id)).toBeNull();
  const filed = await put('T-1', pdf);
  await store.markFiled(filed.id, 7);
  await store.discard(filed.id);
  expect(await store.find('T-1', filed.id)).toMatchObject({ filed: 7 });
});

it('lies sealed in the database, names and titles too', async () => {
  await put('S-1', Buffer.from('举报人李四,电话13900001234'.repeat(50)), { name: '李四.txt', title: '李四的举报' });
  const raw = Buffer.concat([
    ...(await db.collection('documents.chunks').find().toArray()).map((chunk) => Buffer.from((chunk['data'] as { buffer: Uint8Array }).buffer)),
    Buffer.from(JSON.stringify([await db.collection('documents').find().toArray(), await db.collection('documents.files').find().toArray()])),
  ]);
  for (const secretText of ['李四', '13900001234', '张三']) expect(raw.includes(secretText)).toBe(false);
});

it('is not given out once changed, cut off or moved', async () => {
  const bytes = Buffer.alloc(600_000, 'x');
  const kept = await put('D-1', bytes);
  const file = (await db.collection<{ _id: string; file: unknown }>('documents').findOne({ _id: kept.id }))?.file;
  const all = db.collection('documents.chunks');
  const first = await all.findOne({ files_id: file, n: 0 });
  const data = Buffer.from((first?.['data'] as { buffer: Uint8Array }).buffer);
  data[5000] = (data[5000] ?? 0) ^ 1;
  await all.updateOne({ files_id: file, n: 0 }, { $set: { data } });
  await expect(read('D-1', kept.id)).rejects.toThrow('changed');
  data[5000] = (data[5000] ?? 0) ^ 1;
  await all.updateOne({ files_id: file, n: 0 }, { $set: { data } });
  expect((await read('D-1', kept.id)).equals(bytes)).toBe(true);
  await all.deleteOne({ files_id: file, n: 2 });
  await expect(read('D-1', kept.id)).rejects.toThrow();
});

it('removes what a crash left without an owner, and nothing else', async () => {
  const kept = await put('O-1', pdf);
  const lost = await put('O-2', Buffer.from('孤'));
  await db.collection<{ _id: string }>('documents').deleteOne({ _id: lost.id });
  expect(await store.removeOrphans(Date.now() - 60_000)).toBe(0);
  expect(await store.removeOrphans(Date.now() + 1)).toBe(1);
  expect((await read('O-1', kept.id)).equals(pdf)).toBe(true);
});
