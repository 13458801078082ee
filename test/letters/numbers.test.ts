import { MongoClient } from 'mongodb';
import { LetterNumbers } from '../../letters';
import { startMongo, type MongoServer } from '../support/servers';

let server: MongoServer;
let client: MongoClient;
let numbers: LetterNumbers;
beforeAll(async () => {
  server = await startMongo();
  client = await MongoClient.connect(server.uri);
  numbers = new LetterNumbers(client.db('letters-test'));
  await numbers.ensureIndexes();
}, 120_000);
afterAll(async () => {
  await client.close();
  await server.stop();
});

const autumn = Date.UTC(2026, 8, 25);
/** Still the old year in Greenwich, the new one in Shanghai. */
const newYear = Date.UTC(2026, 11, 31, 16);

it('counts per organ, kind and year in Shanghai', async () => {
  expect((await numbers.allocate('a', '云监移', autumn)).text).toBe('云监移〔2026〕1号');
  expect((await numbers.allocate('b', '云监移', autumn)).text).toBe('云监移〔2026〕2号');
  expect((await numbers.allocate('c', '云监决', autumn)).text).toBe('云监决〔2026〕1号');
  expect((await numbers.allocate('d', '云监移', newYear)).text).toBe('云监移〔2027〕1号');
});

it('gives the same key the same number and day, whenever it asks again', async () => {
  expect(await numbers.allocate('a', '云监移', newYear)).toEqual({ text: '云监移〔2026〕1号', at: autumn });
});

it('never gives one number twice, nor leaves one out, when many ask at once', async () => {
  const given = await Promise.all(Array.from({ length: 20 }, (_each, index) => numbers.allocate(`k${index % 10}`, '云水复', autumn)));
  const texts = [...new Set(given.map((each) => each.text))].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  expect(texts).toEqual(Array.from({ length: 10 }, (_each, index) => `云水复〔2026〕${index + 1}号`));
});
