import { testKeyring } from '../support/case-world';
import { startMongo, type MongoServer } from '../support/servers';
import { civilDate } from '../../domain/civil-date';
import { openStore, type Store } from '../../store';
import { AuditLog, auditKindOf, type AuditEntry } from '../../store/audit';

let mongo: MongoServer;
let store: Store;
let now = Date.parse('2026-09-25T10:00:00+08:00');
const day = civilDate('2026-09-25');
const clock = (): number => now;

beforeAll(async () => {
  mongo = await startMongo();
  store = await openStore({ uri: mongo.uri, database: 'audit', keyring: testKeyring() });
}, 120_000);
afterAll(async () => {
  await store.close();
  await mongo.stop();
});
beforeEach(async () => {
  now = Date.parse('2026-09-25T10:00:00+08:00');
  await store.connection.db.collection('audit').deleteMany({});
  await Promise.all(['roots', 'leaves', 'events'].map((name) => store.connection.db.collection(name).deleteMany({})));
});

const entry = (user: string, more: Partial<AuditEntry> = {}): AuditEntry =>
  ({ at: now, user, organ: 'yz-water', action: 'case.read', caseNumber: 'TS-2026-000001', outcome: 'allowed', reason: null, requestId: `r-${user}`, ...more });
const log = (): AuditLog => new AuditLog(store.connection.db, clock);
const raw = () => store.connection.db.collection<{ _id: string; user: string; hash: string }>('audit');

test('success and failure, reading and change, each under its kind; unmasking is one of its own', () => {
  expect(['case.read', 'events.read', 'case.list', 'export', 'readStats', 'personal.unmask', 'session.open', 'step.answer', 'action.note', 'case.start', 'takeAction', 'case.destroy'].map(auditKindOf))
    .toEqual(['read', 'read', 'read', 'read', 'read', 'unmask', 'session', 'change', 'change', 'change', 'change', 'destruction']);
});

test('entries stand in order, each on the one before, and say nothing but who, what, which, how and when', async () => {
  const audit = log();
  await audit.record(entry('handler'));
  await audit.record(entry('department', { action: 'personal.unmask', outcome: 'refused', reason: 'role' }));
  const [first, second] = await audit.find('TS-2026-000001');
  expect(second).toMatchObject({ seq: 2, kind: 'unmask', user: 'department', outcome: 'refused', reason: 'role', previous: first?.hash, day });
  expect(Object.keys(first ?? {}).sort()).toEqual(['action', 'at', 'caseNumber', 'day', 'hash', 'kind', 'organ', 'outcome', 'previous', 'reason', 'requestId', 'seq', 'user']);
  expect(await audit.verify(day)).toEqual({ entries: 2, head: second?.hash });
});

test('many at once, from several processes, make one chain in which none is missing', async () => {
  const logs = [log(), log(), log()];
  await Promise.all(logs.flatMap((each, process) => Array.from({ length: 100 }, (_, index) => each.record(entry(`u${process}-${index}`)))));
  expect(await log().verify(day)).toMatchObject({ entries: 300 });
  expect(new Set(await raw().distinct('user')).size).toBe(300);
}, 60_000);

test('a new day begins a chain of its own', async () => {
  const audit = log();
  await audit.record(entry('handler'));
  now = Date.parse('2026-09-26T00:00:00+08:00');
  await audit.record(entry('leader'));
  expect([await audit.verify(day), await audit.verify(civilDate('2026-09-26'))]).toMatchObject([{ entries: 1 }, { entries: 1 }]);
});

test('an entry changed, taken out or put in between is found at its place', async () => {
  const audit = log();
  for (const user of ['a', 'b', 'c', 'd']) await audit.record(entry(user));
  const place = async (): Promise<string | undefined> => {
    const verdict = await audit.verify(day);
    return 'fault' in verdict ? verdict.fault.place : undefined;
  };
  await raw().updateOne({ user: 'b' }, { $set: { user: 'x' } });
  expect(await place()).toBe('audit 2026-09-25 entry 2');
  await raw().updateOne({ user: 'x' }, { $set: { user: 'b' } });
  expect(await place()).toBeUndefined();
  await raw().deleteOne({ user: 'c' });
  expect(await place()).toBe('audit 2026-09-25 entry 3');
});

test('the last entries of a day taken out: its chain holds, the daily root remembers them', async () => {
  const audit = new AuditLog(store.connection.db, clock);
  for (const user of ['a', 'b', 'c']) await audit.record(entry(user));
  await store.roots.makeDue(Date.parse('2026-09-26T02:00:00+08:00'));
  expect(await store.roots.find(day)).toMatchObject({ cases: 0, audit: { entries: 3 } });
  expect(await store.roots.verify()).toMatchObject({ days: 1 });
  await raw().deleteOne({ user: 'c' });
  expect(await audit.verify(day)).toMatchObject({ entries: 2 });
  expect(await store.roots.verify()).toMatchObject({ fault: { place: 'audit 2026-09-25' } });
});

test('while the store is away nothing counts as on record; when it is back the chain goes on', async () => {
  const audit = new AuditLog(store.connection.db, clock);
  await audit.record(entry('before'));
  await mongo.kill('SIGKILL');
  await expect(audit.record(entry('during'))).rejects.toThrow();
  await mongo.restart();
  await audit.record(entry('after'));
  const verdict = await audit.verify(day);
  expect(verdict).not.toHaveProperty('fault');
  expect((await audit.find('TS-2026-000001')).map((each) => each.user)).toEqual(expect.arrayContaining(['after']));
}, 120_000);
