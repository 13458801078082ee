import { GridFSBucket, MongoClient, type Db } from 'mongodb';
import { startMongo, type MongoServer } from '../support/servers';

/**
 * What the project asks of a MongoDB-wire server, tried on the one this machine has: MongoDB itself, or the embedded one. Both must pass.
 * The last group holds what the embedded server does otherwise, so that nobody builds on it.
 */
jest.setTimeout(120_000);

let server: MongoServer;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  server = await startMongo();
  client = await new MongoClient(server.uri, { writeConcern: { w: 'majority', journal: true } }).connect();
  db = client.db('subset');
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

interface Row {
  _id: string;
  n?: number;
  version?: number;
  tags?: string[];
}

const rows = (name: string) => db.collection<Row>(name);

describe('indexes', () => {
  it('refuses a second document under a unique index, plain and compound, with code 11000', async () => {
    const cases = db.collection('unique');
    await cases.createIndex({ organ: 1, number: 1 }, { unique: true });
    await cases.insertMany([{ organ: 'a', number: 1 }, { organ: 'a', number: 2 }]);
    await expect(cases.insertOne({ organ: 'a', number: 2 })).rejects.toMatchObject({ code: 11_000 });
    await expect(cases.updateOne({ number: 1 }, { $set: { number: 2 } })).rejects.toMatchObject({ code: 11_000 });
    expect(await cases.countDocuments()).toBe(2);
  });

  it('leaves out documents without the field under a sparse unique index', async () => {
    const keys = db.collection('sparse');
    await keys.createIndex({ key: 1 }, { unique: true, sparse: true });
    await keys.insertMany([{ other: 1 }, { other: 2 }, { key: 'k' }]);
    await expect(keys.insertOne({ key: 'k' })).rejects.toMatchObject({ code: 11_000 });
  });

  it('accepts plain, compound and TTL indexes, again and again as each start does', async () => {
    const sessions = db.collection('indexed');
    for (let start = 1; start <= 2; start++) {
      await sessions.createIndex({ organ: 1, due: -1 });
      await sessions.createIndex({ until: 1 }, { expireAfterSeconds: 0 });
    }
    expect((await sessions.listIndexes().toArray()).map((index: { name: string }) => index.name).sort()).toEqual(['_id_', 'organ_1_due_-1', 'until_1']);
  });
});

describe('one document at a time', () => {
  it('counts without a gap or a double under 40 concurrent findAndModify upserts', async () => {
    const counters = rows('counters');
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => counters.findOneAndUpdate({ _id: 'TS-2026' }, { $inc: { n: 1 }, $setOnInsert: { version: 1 } }, { upsert: true, returnDocument: 'after' })),
    );
    expect(answers.map((answer) => answer?.n ?? 0).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('lets exactly one of 20 concurrent writers pass a version guard', async () => {
    const cases = rows('guarded');
    await cases.insertOne({ _id: 'c', version: 1 });
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => cases.replaceOne({ _id: 'c', version: 1 }, { version: 2, n })));
    expect(results.filter((result) => result.modifiedCount === 1)).toHaveLength(1);
  });

  it('turns a guarded upsert of an existing document into a duplicate key', async () => {
    const cases = rows('guarded-upsert');
    await cases.insertOne({ _id: 'c', version: 5 });
    await expect(cases.replaceOne({ _id: 'c', version: { $lt: 5 } }, { version: 4 }, { upsert: true })).rejects.toMatchObject({ code: 11_000 });
    expect((await cases.replaceOne({ _id: 'c', version: { $lt: 6 } }, { version: 6 }, { upsert: true })).modifiedCount).toBe(1);
  });

  it('sets, increments, pushes, adds to a set, pulls and unsets', async () => {
    const cases = db.collection<{ _id: string; tags: string[]; last?: number[]; n?: number; gone?: number }>('operators');
    await cases.insertOne({ _id: 'x', tags: ['a'], gone: 1 });
    await cases.updateOne({ _id: 'x' }, { $addToSet: { tags: { $each: ['a', 'b'] } }, $push: { last: { $each: [3, 4], $slice: -1 } }, $inc: { n: 2 }, $unset: { gone: '' } });
    await cases.updateOne({ _id: 'x' }, { $pull: { tags: 'a' }, $max: { n: 1 } });
    expect(await cases.findOne({ _id: 'x' })).toEqual({ _id: 'x', tags: ['b'], last: [4], n: 2 });
  });

  it('changes one element of an array by position and by array filter', async () => {
    const cases = db.collection<{ _id: string; steps: { key: string; state: string }[] }>('elements');
    await cases.insertOne({ _id: 'x', steps: [{ key: 'a', state: 'open' }, { key: 'b', state: 'open' }] });
    await cases.updateOne({ _id: 'x', 'steps.key': 'b' }, { $set: { 'steps.$.state': 'done' } });
    await cases.updateOne({ _id: 'x' }, { $set: { 'steps.$[step].state': 'overdue' } }, { arrayFilters: [{ 'step.key': 'a' }] });
    expect((await cases.findOne({ _id: 'x' }))?.steps.map(({ state }) => state)).toEqual(['overdue', 'done']);
  });
});

describe('many documents at a time', () => {
  it('runs a bulk of inserts, upserts, replacements and deletions', async () => {
    const cases = rows('bulk');
    const result = await cases.bulkWrite([
      { insertOne: { document: { _id: '1', n: 1 } } },
      { updateOne: { filter: { _id: '2' }, update: { $set: { n: 2 } }, upsert: true } },
      { replaceOne: { filter: { _id: '1' }, replacement: { n: 3 }, upsert: true } },
      { deleteOne: { filter: { _id: 'absent' } } },
    ]);
    expect([result.insertedCount, result.upsertedCount, result.modifiedCount, result.deletedCount]).toEqual([1, 1, 1, 0]);
  });

  it('goes on after a duplicate in an unordered bulk', async () => {
    const events = rows('unordered');
    await expect(events.insertMany([{ _id: 'a' }, { _id: 'a' }, { _id: 'b' }], { ordered: false })).rejects.toMatchObject({ code: 11_000 });
    expect(await events.countDocuments()).toBe(2);
  });

  it('finds by $all, $in, $nin, $elemMatch, $or, $exists, ranges and expressions', async () => {
    const cases = db.collection('find');
    await cases.insertMany([
      { _id: 1 as never, tags: ['a', 'b'], n: 1, steps: [{ key: 'x', n: 1 }, { key: 'y', n: 5 }] },
      { _id: 2 as never, tags: ['b'], n: 2, steps: [{ key: 'x', n: 5 }] },
      { _id: 3 as never, tags: [], n: 3 },
    ]);
    const ids = async (filter: object): Promise<unknown[]> => (await cases.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id as unknown);
    expect(await ids({ tags: { $all: ['a', 'b'] } })).toEqual([1]);
    expect(await ids({ tags: { $in: ['a', 'z'] } })).toEqual([1]);
    expect(await ids({ tags: 'b' })).toEqual([1, 2]);
    expect(await ids({ tags: { $nin: ['a'] } })).toEqual([2, 3]);
    expect(await ids({ steps: { $elemMatch: { key: 'x', n: 5 } } })).toEqual([2]);
    expect(await ids({ $or: [{ n: { $lt: 2 } }, { n: { $gte: 3 } }] })).toEqual([1, 3]);
    expect(await ids({ steps: { $exists: false } })).toEqual([3]);
    expect(await ids({ $expr: { $gt: ['$n', 2] } })).toEqual([3]);
  });

  it('sorts by several fields with skip, limit and projection, and pages by cursor', async () => {
    const cases = db.collection('sorted');
    await cases.insertMany(Array.from({ length: 1_500 }, (_, n) => ({ n, day: new Date(Math.floor(n / 2) * 1_000), pad: 'x'.repeat(500) })));
    const page = await cases.find({ n: { $gt: 10 } }).sort({ day: -1, n: 1 }).skip(1).limit(3).project({ n: 1, _id: 0 }).toArray();
    expect(page).toEqual([{ n: 1_499 }, { n: 1_496 }, { n: 1_497 }]);
    let seen = 0;
    for await (const row of cases.find().batchSize(200)) seen += row['n'] === undefined ? 0 : 1;
    expect(seen).toBe(1_500);
  });

  it('aggregates: match, group with sums, unwind, sort, project, lookup, facet', async () => {
    const cases = db.collection('aggregate');
    await cases.insertMany([{ organ: 'a', n: 1, tags: ['x', 'y'] }, { organ: 'a', n: 2, tags: ['x'] }, { organ: 'b', n: 3, tags: [] }]);
    await db.collection<{ _id: string; title: string }>('aggregate-organs').insertMany([{ _id: 'a', title: 'A' }, { _id: 'b', title: 'B' }]);
    expect(await cases.aggregate([
      { $match: { n: { $gt: 0 } } },
      { $group: { _id: '$organ', total: { $sum: 1 }, sum: { $sum: '$n' }, large: { $sum: { $cond: [{ $gt: ['$n', 1] }, 1, 0] } } } },
      { $sort: { _id: 1 } },
      { $lookup: { from: 'aggregate-organs', localField: '_id', foreignField: '_id', as: 'organ' } },
      { $unwind: '$organ' },
      { $project: { _id: 0, title: '$organ.title', total: 1, sum: 1, large: 1 } },
    ]).toArray()).toEqual([{ title: 'A', total: 2, sum: 3, large: 1 }, { title: 'B', total: 1, sum: 3, large: 1 }]);
    expect(await cases.aggregate([{ $facet: { tags: [{ $unwind: '$tags' }, { $group: { _id: '$tags', n: { $sum: 1 } } }, { $sort: { _id: 1 } }], all: [{ $count: 'n' }] } }]).toArray())
      .toEqual([{ tags: [{ _id: 'x', n: 2 }, { _id: 'y', n: 1 }], all: [{ n: 3 }] }]);
  });
});

describe('files and values', () => {
  it('stores, streams and deletes a GridFS file of several chunks', async () => {
    const bucket = new GridFSBucket(db, { bucketName: 'evidence', chunkSizeBytes: 64 * 1024 });
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const upload = bucket.openUploadStream('a.pdf', { metadata: { hash: 'h' } });
    await new Promise<void>((resolve, reject) => upload.once('finish', resolve).once('error', reject).end(content));
    const parts: Buffer[] = [];
    for await (const part of bucket.openDownloadStream(upload.id)) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(content)).toBe(true);
    await bucket.delete(upload.id);
    expect(await bucket.find().toArray()).toEqual([]);
  });

  it('keeps bytes, dates, nulls and numbers as they were', async () => {
    const values = db.collection('values');
    const day = new Date('2026-10-08T16:00:00.123Z');
    await values.insertOne({ bytes: Buffer.from([0, 1, 255]), day, nothing: null, half: 1.5, large: 9_007_199_254_740_991 });
    expect(await values.findOne({ bytes: Buffer.from([0, 1, 255]) }, { promoteBuffers: true, projection: { _id: 0 } }))
      .toEqual({ bytes: Buffer.from([0, 1, 255]), day, nothing: null, half: 1.5, large: 9_007_199_254_740_991 });
  });
});

describe('kill -9', () => {
  it('keeps documents, unique indexes and files', async () => {
    const cases = rows('killed');
    await cases.createIndex({ n: 1 }, { unique: true });
    await cases.insertMany(Array.from({ length: 200 }, (_, n) => ({ _id: String(n), n })));
    await cases.updateOne({ _id: '7' }, { $set: { version: 2 } });
    await server.kill('SIGKILL');
    await server.restart();
    expect(await cases.countDocuments()).toBe(200);
    expect(await cases.findOne({ n: 7 })).toEqual({ _id: '7', n: 7, version: 2 });
    await expect(cases.insertOne({ _id: 'x', n: 7 })).rejects.toMatchObject({ code: 11_000 });
  });
});

describe('what only MongoDB does: nothing in the project may need it', () => {
  const refused: Record<string, () => Promise<unknown>> = {
    'a pipeline in an update': async () => {
      await rows('pipeline').insertOne({ _id: 'x', n: 1 });
      return rows('pipeline').updateOne({ _id: 'x' }, [{ $set: { n: 2 } }]);
    },
    'a partial unique index': async () => {
      await rows('partial').createIndex({ n: 1 }, { unique: true, partialFilterExpression: { n: { $exists: true } } });
      return rows('partial').insertMany([{ _id: 'x' }, { _id: 'y' }]);
    },
    'a change stream': () => rows('watched').watch().tryNext(),
    'a transaction': () => client.withSession((session) => session.withTransaction(() => rows('transaction').insertOne({ _id: 'x' }, { session }))),
  };

  it.each(Object.entries(refused))('%s is refused by the embedded server, not ignored', async (_name, attempt) => {
    if (server.kind === 'mongod') return;
    await expect(attempt()).rejects.toThrow();
  });
});
