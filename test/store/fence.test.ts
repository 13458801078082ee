import { openStore, type Store } from '../../store';
import { StaleWriter } from '../../store/case-store';
import { chain } from '../../evidence/chain';
import type { CaseEvent, CaseView } from '../../domain/case-file';
import { smallCase } from '../evidence/small-case';
import { testKeyring } from '../support/case-world';
import { startMongo, type MongoServer } from '../support/servers';

let mongo: MongoServer;
let store: Store;
beforeAll(async () => {
  mongo = await startMongo();
  store = await openStore({ uri: mongo.uri, database: 'fence', keyring: testKeyring() });
}, 120_000);
afterAll(async () => {
  await store.close();
  await mongo.stop();
});
beforeEach(async () => { await Promise.all(['cases', 'events'].map((name) => store.connection.db.collection(name).deleteMany({}))); });

const { caseNumber } = smallCase().view;
const view = (revision: number, stage: string): CaseView => {
  const { closedAt: _closedAt, outcome: _outcome, ...open } = smallCase().view;
  return { ...open, status: 'open', revision, stage };
};
const events = (texts: readonly string[]): CaseEvent[] =>
  texts.map((text, index) => ({ caseNumber, seq: index + 1, at: 1_800_000_000_000 + index, kind: 'note', by: { kind: 'user', id: 'handler', roles: ['handler'] }, facts: { text }, salt: `s${index}` }));
const write = (stage: string, texts: readonly string[], fence: number): Promise<void> => store.cases.write(view(texts.length, stage), chain('', events(texts)), fence, (to) => to);
const onFile = async (): Promise<unknown> => [(await store.cases.findView(caseNumber))?.stage, (await store.cases.findEvents(caseNumber)).map(({ event }) => event.facts['text'])];

it('a writer that lost its turn changes nothing', async () => {
  await write('later', ['a', 'b'], 20);
  await expect(write('earlier', ['x', 'y', 'z'], 10)).rejects.toThrow(StaleWriter);
  expect(await onFile()).toEqual(['later', ['a', 'b']]);
});

it('nor does it leave anything beyond the end, where no event stands in its way', async () => {
  await write('attempt', ['a', 'b'], 10);
  await write('later', ['a', 'b'], 20);
  const [, , third] = chain('', events(['a', 'b', 'beyond']));
  if (third === undefined) throw new Error('no third event');
  await expect(store.cases.write(view(3, 'earlier'), [third], 10, (to) => to)).rejects.toThrow(StaleWriter);
  expect(await onFile()).toEqual(['later', ['a', 'b']]);
});

it('a later writer replaces what an unconfirmed attempt left, and takes away what it left beyond', async () => {
  await write('attempt', ['a', 'lost', 'lost too'], 10);
  await write('confirmed', ['a', 'b'], 20);
  expect(await onFile()).toEqual(['confirmed', ['a', 'b']]);
});

it('the same write again comes to the same', async () => {
  await write('once', ['a', 'b'], 20);
  await write('once', ['a', 'b'], 20);
  expect(await onFile()).toEqual(['once', ['a', 'b']]);
});
