import { Client, Connection } from '@temporalio/client';
import { demoOrganTree } from '../../policy/demo';
import { openStore, type Store } from '../../store';
import { createDataConverter } from '../../temporal/codec';
import { repair } from '../../worker/repair';
import { incident } from '../support/intakes';
import { TestSystem } from '../support/system';
import { Held } from '../workflows/races';

/** A repair beside cases that go on meanwhile, on the real server. */
let system: TestSystem;
let connection: Connection;
let client: Client;
/** The repair's own way to the file: the cases' is held back in these tests. */
let beside: Store;

beforeAll(async () => {
  system = await TestSystem.start();
  connection = await Connection.connect({ address: system.temporal.address });
  client = new Client({ connection, namespace: system.temporal.namespace, dataConverter: createDataConverter(system.keyring) });
  beside = await openStore({ uri: system.mongo.uri, database: 'wenze', keyring: system.keyring });
}, 180_000);
afterAll(async () => {
  await beside.close();
  await connection.close();
  await system.stop();
});

const note = (caseNumber: string, text: string) => system.send('supervisor', 'POST', `/v1/cases/${caseNumber}/actions/note`, { text });
const kindsOf = async (caseNumber: string): Promise<string[]> => (await beside.cases.findEvents(caseNumber)).map(({ event }) => event.kind);

const summaryOf = (data: Uint8Array | null | undefined): string => Buffer.from(data ?? []).toString('utf8');

test('a file repaired while its case is writing to it takes what the case writes, and the case goes on', async () => {
  const caseNumber = await (await system.as('supervisor')).startCase('incident-review', incident);
  const before = await kindsOf(caseNumber);
  const own = new Held(() => system.store.cases, 'write');
  const noted = note(caseNumber, '已电话催办');
  await own.reached;
  await system.store.connection.db.collection('events').deleteMany({ caseNumber, seq: before.length });
  expect((await repair(beside, client, demoOrganTree(), new Date())).repaired).toEqual([caseNumber]);
  own.release();
  await noted;
  await system.until(async () => (await note(caseNumber, '再次催办')).status === 200, 'the case to take another note');
  const after = await kindsOf(caseNumber);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.slice(before.length, before.length + 2)).toEqual(['note', 'note']);
  expect((await beside.cases.findEvents(caseNumber)).map(({ event }) => event.seq)).toEqual(after.map((_, index) => index + 1));
  const handle = client.workflow.getHandle(caseNumber);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  // Its own writing was not taken for that of a worker that lost its turn.
  expect(((await handle.fetchHistory()).events ?? []).filter((event) => summaryOf(event.userMetadata?.summary?.data).includes('waiting for the store'))).toEqual([]);
  expect((await repair(beside, client, demoOrganTree(), new Date())).repaired).toEqual([]);
}, 90_000);
