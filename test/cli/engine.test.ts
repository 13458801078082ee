import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { FileMark } from '../../store/marks';
import { chain } from '../../evidence/chain';
import { demoOrganTree } from '../../policy/demo';
import { createDataConverter } from '../../temporal/codec';
import { EngineMark } from '../../temporal/mark';
import { repair } from '../../worker/repair';
import { incident } from '../support/intakes';
import { TestSystem } from '../support/system';
import { wenze } from './run';

/** MongoDB and Temporal put back from backups of different age: what the repair makes good, and what an operator is told of the rest. */
let system: TestSystem;
let connection: Connection;
let client: Client;
const folder = mkdtempSync(path.join(tmpdir(), 'wenze-engine-'));
const names = ['cases', 'events', 'tasks', 'notices'];

beforeAll(async () => {
  system = await TestSystem.start();
  connection = await Connection.connect({ address: system.temporal.address });
  client = new Client({ connection, namespace: system.temporal.namespace, dataConverter: createDataConverter(system.keyring) });
}, 180_000);
afterAll(async () => {
  await connection.close();
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

const startIncident = async (): Promise<string> => (await system.as('supervisor')).startCase('incident-review', incident);
const env = (): Record<string, string> => ({
  MONGODB_URI: system.mongo.uri, MONGODB_DB: 'wenze', WENZE_KEYRING: JSON.stringify(system.keyringData), TEMPORAL_ADDRESS: system.temporal.address, TEMPORAL_NAMESPACE: system.temporal.namespace,
});
const stateOf = async (caseNumber: string) => {
  const view = await system.store.cases.findView(caseNumber);
  return { revision: view?.revision, notes: (await system.store.cases.findEvents(caseNumber)).flatMap(({ event }) => (event.kind === 'note' ? [event.seq] : [])) };
};
const note = async (caseNumber: string): Promise<void> => {
  expect(await system.send('supervisor', 'POST', `/v1/cases/${caseNumber}/actions/note`, { text: '已电话催办' })).toMatchObject({ status: 200 });
};

/** Puts back what MongoDB held of a case before `work`, as a backup from then does. */
async function withOlderFile(caseNumber: string, work: () => Promise<void>): Promise<void> {
  const { db } = system.store.connection;
  const held = await Promise.all(names.map((name) => db.collection(name).find({ $or: [{ caseNumber }, { _id: caseNumber as never }] }).toArray()));
  await work();
  for (const [index, name] of names.entries()) {
    await db.collection(name).deleteMany({ $or: [{ caseNumber }, { _id: caseNumber as never }] });
    const rows = held[index] ?? [];
    if (rows.length > 0) await db.collection(name).insertMany(rows);
  }
}

/** An entry on file that this Temporal has never heard of, as one from before an older backup of it was put back. */
async function noteUnknownToTemporal(caseNumber: string, as = caseNumber): Promise<void> {
  const view = await system.store.cases.findView(caseNumber);
  const known = await system.store.cases.findEvents(caseNumber);
  const last = known.at(-1);
  if (view === null || last === undefined) throw new Error(`${caseNumber} is not on file`);
  const added = { ...last.event, caseNumber: as, seq: last.event.seq + 1, kind: 'note' as const, salt: 's' };
  const events = as === caseNumber ? chain(last.hash, [added]) : chain('', [...known.map(({ event }) => ({ ...event, caseNumber: as })), added]);
  await system.store.cases.write({ ...view, caseNumber: as, revision: added.seq }, events, 900_000, (to) => to);
}

it('a case whose newest entries the file has lost, and which is whole as it stands, is written anew', async () => {
  const caseNumber = await startIncident();
  await withOlderFile(caseNumber, () => note(caseNumber));
  expect((await stateOf(caseNumber)).notes).toEqual([]);
  expect((await repair(system.store, client, demoOrganTree(), new Date())).repaired).toEqual([caseNumber]);
  expect((await stateOf(caseNumber)).notes).toHaveLength(1);
  expect((await repair(system.store, client, demoOrganTree(), new Date())).repaired).toEqual([]);
}, 60_000);

it('an older Temporal: status names the cases, accept keeps them and lets the worker write what Temporal knows', async () => {
  const [whole, behind] = [await startIncident(), await startIncident()];
  await note(behind);
  const before = await stateOf(behind);
  const unknown = 'JT-2026-000900';
  await noteUnknownToTemporal(behind);
  await noteUnknownToTemporal(whole, unknown);
  const [file, engine] = [new FileMark(system.store.connection.db), new EngineMark(connection, system.temporal.namespace)];
  await engine.write({ id: 'pair', n: 10, at: Date.now() });
  await file.write({ id: 'pair', n: 20, at: Date.now() });

  const status = await wenze(['engine', 'status', '--json'], env());
  expect(JSON.parse(status.out)).toMatchObject({ fault: 'older', cases: [{ caseNumber: behind, difference: 'behind' }, { caseNumber: unknown, difference: 'unknown' }] });
  expect((await wenze(['engine', 'status'], env())).out).toContain('no worker starts');

  expect(await wenze(['engine', 'accept', '--keep', folder, '--by', 'operator'], env())).toMatchObject({ code: 0 });
  for (const kept of [behind, unknown]) expect(await wenze(['verify', path.join(folder, `${kept}.zip`)], {})).toMatchObject({ code: 0 });
  expect(existsSync(path.join(folder, `${whole}.zip`))).toBe(false);
  expect((await repair(system.store, client, demoOrganTree(), new Date(0))).repaired).toEqual([behind]);
  expect(await stateOf(behind)).toEqual(before);
  // And it goes on from there.
  await note(behind);
  expect((await stateOf(behind)).notes).toHaveLength(2);
  expect((await system.store.connection.db.collection('audit').find({ action: 'engine.accept', user: 'operator' }).toArray())).toHaveLength(1);

  await file.write({ id: 'pair', n: 11, at: Date.now() });
  expect(await wenze(['engine', 'accept', '--keep', folder, '--by', 'operator'], env())).toMatchObject({ code: 1, err: expect.stringContaining('nothing to accept') as string });
}, 60_000);
