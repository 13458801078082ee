import { Connection } from '@temporalio/client';
import { MongoClient, type Db } from 'mongodb';
import type { Mark } from '../../domain/mark';
import { FileMark } from '../../store/marks';
import { EngineMark } from '../../temporal/mark';
import { Pair, WrongEngine } from '../../worker/pair';
import type { RepairReport } from '../../worker/repair';

import { startMongo, startTemporal, type MongoServer, type TemporalServer } from '../support/servers';

/** MongoDB and Temporal, each put back from a backup older than the other's: what a worker sees of it, on real servers. */
jest.setTimeout(120_000);

let temporal: TemporalServer;
let mongo: MongoServer;
let connection: Connection;
let close: () => Promise<void>;
let db: Db;

beforeAll(async () => {
  [temporal, mongo] = await Promise.all([startTemporal(), startMongo()]);
  connection = await Connection.connect({ address: temporal.address });
  const client = await MongoClient.connect(mongo.uri);
  close = () => client.close();
  db = client.db('pair');
});
afterAll(async () => {
  await connection.close();
  await close();
  await Promise.all([temporal.stop(), mongo.stop()]);
});

const noon = Date.parse('2026-11-20T12:00:00Z');
const MINUTE = 60_000;

/** Two workers' worth of calls: what was repaired since when, and whether it could be. */
class Watched {
  readonly since: string[] = [];
  failure: Error | undefined;
  readonly file = new FileMark(db);
  readonly engine = new EngineMark(connection, temporal.namespace);
  readonly worker = (): Pair => new Pair(this.file, this.engine, (since) => this.repair(since), { warn: () => undefined, error: () => undefined });

  private repair(since: Date): Promise<RepairReport> {
    this.since.push(since.toISOString());
    return this.failure === undefined ? Promise.resolve({ checked: 0, repaired: [] }) : Promise.reject(this.failure);
  }

  /** Puts the mark of one of them back to what it was. */
  async restoreFile(mark: Mark | null): Promise<void> {
    await this.file.part();
    if (mark !== null) await this.file.write(mark);
  }
}

/** A pair of its own for each test: an engine that has been renewed five times, the last at `noon`. */
async function paired(): Promise<{ readonly watched: Watched; readonly old: { readonly file: Mark; readonly engine: Mark } }> {
  const watched = new Watched();
  await watched.file.part();
  const worker = watched.worker();
  await worker.round(noon - 9 * MINUTE);
  const [file, engine] = [await watched.file.find(), await watched.engine.find()];
  if (file === null || engine === null) throw new Error('not marked');
  expect(engine).toEqual(file);
  for (let minute = 4; minute >= 0; minute--) await worker.round(noon - minute * MINUTE);
  watched.since.length = 0;
  return { watched, old: { file, engine } };
}

it('a worker\'s first round repairs from a day before the marks, and no later round does', async () => {
  const { watched } = await paired();
  const worker = watched.worker();
  await worker.round(noon + 3 * 86_400_000);
  await worker.round(noon + 3 * 86_400_000 + MINUTE);
  expect(watched.since).toEqual(['2026-11-19T12:00:00.000Z']);
});

it('MongoDB put back from an older backup is repaired from its own time on, also under a running worker', async () => {
  const { watched, old } = await paired();
  const worker = watched.worker();
  await worker.round(noon + MINUTE);
  await watched.restoreFile(old.file);
  await worker.round(noon + 2 * MINUTE);
  expect(watched.since).toEqual(['2026-11-19T12:00:00.000Z', '2026-11-19T11:51:00.000Z']);
  await worker.round(noon + 3 * MINUTE);
  expect(watched.since).toHaveLength(2);
});

it('an empty MongoDB is repaired from the beginning, and keeps the id of the pair', async () => {
  const { watched, old } = await paired();
  await watched.restoreFile(null);
  await watched.worker().round(noon + MINUTE);
  expect(watched.since).toEqual(['1970-01-01T00:00:00.000Z']);
  expect((await watched.file.find())?.id).toBe(old.file.id);
});

it('a repair that fails is asked for again from the same moment: the marks wait for it', async () => {
  const { watched } = await paired();
  const worker = watched.worker();
  watched.failure = new Error('Temporal went away');
  await expect(worker.round(noon + 2 * 86_400_000)).rejects.toThrow('Temporal went away');
  watched.failure = undefined;
  await worker.round(noon + 5 * 86_400_000);
  expect(watched.since).toEqual(['2026-11-19T12:00:00.000Z', '2026-11-19T12:00:00.000Z']);
});

it('a Temporal put back from an older backup is refused, at the start and under a running worker; parted, it is taken as it is', async () => {
  const { watched, old } = await paired();
  const running = watched.worker();
  await running.round(noon + MINUTE);
  await watched.engine.write(old.engine);
  await expect(watched.worker().prove()).rejects.toThrow(WrongEngine);
  const { wrong, stop } = running.regularly();
  await expect(wrong).rejects.toThrow(/Temporal is older than the case file/);
  stop();
  expect(await watched.engine.find()).toEqual(old.engine);
  await watched.file.part();
  await watched.worker().round(noon + 2 * MINUTE);
  expect(watched.since.at(-1)).toBe('1970-01-01T00:00:00.000Z');
});

it('a Temporal of another file is refused, however far its count', async () => {
  const { watched } = await paired();
  await watched.engine.write({ id: 'somebody-elses', n: 999, at: noon });
  await expect(watched.worker().prove()).rejects.toThrow(/another case file/);
  await watched.file.part();
});

it('a Temporal that was lost is refused', async () => {
  const { watched } = await paired();
  const pair = new Pair(watched.file, { find: () => Promise.resolve(null), write: () => Promise.reject(new Error('must not be written')) }, () => Promise.reject(new Error('must not be repaired')), { warn: () => undefined, error: () => undefined });
  await expect(pair.round(noon)).rejects.toThrow(/never seen this case file/);
});

it('workers that begin and renew in the same moment agree', async () => {
  const { watched } = await paired();
  const workers = Array.from({ length: 4 }, () => watched.worker());
  for (let round = 1; round <= 3; round++) await Promise.all(workers.map((worker) => worker.round(noon + round * MINUTE)));
  await watched.worker().prove();
});
