import { DoorLog, type TurnedAway } from '../../api/http/door';
import type { AuditEntry } from '../../store/audit';

let written: AuditEntry[];
let away: boolean;
let errors: string[];
const sink = { record: (entry: AuditEntry): Promise<void> => (away ? Promise.reject(new Error('away')) : (written.push(entry), Promise.resolve())) };
const open = (most = 500): DoorLog => new DoorLog(sink, { error: (_line: unknown, text?: unknown) => { errors.push(String(text)); } }, { most, now: () => 7 });
const turned = (over: Partial<TurnedAway> = {}): TurnedAway => ({ user: 'anonymous:a', organ: null, action: 'case.read', reason: 'not-signed-in', requestId: 'r1', ...over });
const lines = (): string[] => written.map((entry) => `${entry.user} ${entry.action} ${entry.reason ?? ''} ${entry.requestId}`);
beforeEach(() => {
  written = [];
  errors = [];
  away = false;
});

it('a flood of one kind is two records: the first at once, the rest as a count', async () => {
  const door = open();
  await door.note(turned());
  expect(written).toEqual([{ at: 7, user: 'anonymous:a', organ: null, action: 'case.read', caseNumber: null, outcome: 'refused', reason: 'not-signed-in', requestId: 'r1' }]);
  await Promise.all(Array.from({ length: 10_000 }, (_each, index) => door.note(turned({ requestId: `r${index + 2}` }))));
  expect(written).toHaveLength(1);
  await door.flush();
  expect(lines()).toEqual(['anonymous:a case.read not-signed-in r1', 'anonymous:a case.read not-signed-in ×10000 r10001']);
});

it('kinds are told apart, by who, by what, by why; a window without more writes no more', async () => {
  const door = open();
  for (const each of [turned(), turned({ user: 'anonymous:b' }), turned({ action: 'session.open' }), turned({ reason: 'too-many-requests' })]) await door.note(each);
  await door.flush();
  await door.flush();
  expect(written).toHaveLength(4);
  await door.note(turned());
  expect(written).toHaveLength(5);
});

it('however many sources there are, the records of a minute are bounded', async () => {
  const door = open(3);
  for (let source = 0; source < 1_000; source += 1) await door.note(turned({ user: `anonymous:${source}` }));
  await door.flush();
  expect(lines()).toEqual([
    'anonymous:0 case.read not-signed-in r1', 'anonymous:1 case.read not-signed-in r1', 'anonymous:2 case.read not-signed-in r1',
    'anonymous session.refused not-signed-in r1', 'anonymous session.refused not-signed-in ×996 r1',
  ]);
});

it('while the store is away nothing is lost, and it is said that it is away', async () => {
  const door = open();
  away = true;
  await door.note(turned());
  await door.note(turned());
  await door.flush();
  expect(errors).toHaveLength(2);
  await door.note(turned());
  away = false;
  await door.flush();
  expect(lines()).toEqual(['anonymous:a case.read not-signed-in ×3 r1']);
});
