import type { CaseClock, CaseView, OpenStep } from '../../domain/case-file';
import { civilDate } from '../../domain/civil-date';
import type { ClockEvent } from '../../domain/clock';
import { changesPost, Complainant, Measure } from '../../domain/person';
import { applyRecord, isOverdue, isStopped, nextRung, withDueDates } from '../../domain/record';

const at = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);
const started: ClockEvent = { kind: 'start', at: at('2030-03-01'), trigger: 'receipt' };
const stop: ClockEvent = { kind: 'stop', at: at('2030-03-10') };

function clock(id: string, due: string, extra: Partial<CaseClock> = {}, events: readonly ClockEvent[] = [started]): CaseClock {
  return {
    id, organ: 'yz-water', fired: [],
    spec: { clockId: id, limitId: 'complaint.route', policyVersion: 'p', calendarVersion: 'c', jurisdiction: 'cn', events: [...events] },
    reading: {
      limitId: 'complaint.route', due: civilDate(due), dueAt: at(due), remaining: null, dueSoonAt: null, capped: false, inTime: null, provisional: true, paused: false, stopped: false, policyVersion: 'p', calendarVersion: 'c',
      rungs: [{ key: 'reminder', date: civilDate('2030-03-11'), at: at('2030-03-11') }, { key: 'overdue', date: civilDate(due), at: at(due) }],
    },
    rules: { title: { zh: '', en: '' }, pauseGrounds: [], ladder: [
      { key: 'reminder', effect: 'notice', notify: [], title: { zh: '', en: '' } }, { key: 'overdue', effect: 'overdue', notify: [], title: { zh: '', en: '' } },
    ] },
    ...extra,
  };
}

const openStep: OpenStep = {
  id: 'route', step: 'route', round: 1, assignee: { roles: ['handler'], organ: 'yz-water' }, openedAt: 0, clock: 'route', due: null, dueAt: null, provisional: false, overdue: false, answers: [],
};
const view = (clocks: readonly CaseClock[], steps: readonly OpenStep[] = []): CaseView => ({
  caseNumber: 'TS-2030-000001', type: 'complaint', revision: 1, status: 'open', stage: 'routing', openedAt: 0, startedBy: { kind: 'user', id: 'handler', roles: [] },
  leadOrgan: 'yz-water', organs: [], openSteps: steps, clocks, links: [], waiting: [], escalationLevel: 0, overdue: false, due: null, dueAt: null, nextRungAt: null,
  actions: [], participants: [], law: null, subject: '', intake: {}, persons: [], evidence: [], findings: [],
});

test('a case is due with its earliest running clock; a stopped one no longer counts', () => {
  expect(withDueDates(view([clock('a', '2030-04-30'), clock('b', '2030-03-18')])).due).toBe('2030-03-18');
  expect(withDueDates(view([clock('a', '2030-04-30'), clock('b', '2030-03-18', {}, [started, stop])])).due).toBe('2030-04-30');
  expect(withDueDates(view([])).due).toBeNull();
});

test('a step is due with the clock it runs under', () => {
  expect(withDueDates(view([clock('route', '2030-03-18')], [openStep])).openSteps[0]).toMatchObject({ due: '2030-03-18', provisional: true, overdue: false });
});

test('a stop undone by a return leaves the clock running', () => {
  const reopen: ClockEvent = { kind: 'reopen', at: at('2030-03-12'), ground: 'returned' };
  expect([isStopped(clock('a', '2030-03-18').spec), isStopped(clock('a', '2030-03-18', {}, [started, stop]).spec), isStopped(clock('a', '2030-03-18', {}, [started, stop, reopen]).spec)])
    .toEqual([false, true, false]);
});

test('a reminder makes nothing overdue, the next rung does, a stopped clock never is', () => {
  expect(isOverdue(clock('a', '2030-03-18', { fired: ['reminder'] }))).toBe(false);
  expect(isOverdue(clock('a', '2030-03-18', { fired: ['reminder', 'overdue'] }))).toBe(true);
  expect(isOverdue(clock('a', '2030-03-18', { fired: ['reminder', 'overdue'] }, [started, stop]))).toBe(false);
});

test('the next rung is the first that has not acted; a paused clock has none', () => {
  expect(nextRung(clock('a', '2030-03-18'))?.key).toBe('reminder');
  expect(nextRung(clock('a', '2030-03-18', { fired: ['reminder'] }))?.key).toBe('overdue');
  expect(nextRung(clock('a', '2030-03-18', { fired: ['reminder', 'overdue'] }))).toBeUndefined();
  const { reading, ...rest } = clock('a', '2030-03-18');
  expect(nextRung({ ...rest, reading: reading === null ? null : { ...reading, paused: true } })).toBeUndefined();
});

test('a reading made for an older state of a clock is left aside', () => {
  const before = clock('a', '2030-03-18');
  const read = clock('a', '2030-04-30');
  const law = { policyVersion: 'p', calendarVersion: 'c', jurisdiction: 'cn' };
  if (read.reading === null || read.rules === null) throw new Error('the clock of this test is read');
  expect(applyRecord(view([before]), { law, clocks: { a: { reading: read.reading, rules: read.rules, events: 1 } } }).due).toBe('2030-04-30');
  expect(applyRecord(view([before]), { law, clocks: { a: { reading: read.reading, rules: read.rules, events: 2 } } }).due).toBe('2030-03-18');
});

test('the law is pinned once: a later recording does not change it', () => {
  const first = { policyVersion: 'p1', calendarVersion: 'c1', jurisdiction: 'cn' };
  const pinned = applyRecord(view([]), { law: first, clocks: {} });
  expect(applyRecord(pinned, { law: { ...first, policyVersion: 'p2' }, clocks: {} }).law).toEqual(first);
});

test('政务处分法 54: which measures change post, level or grade', () => {
  expect(Measure.options.filter(changesPost)).toEqual(['transfer', 'resignation', 'removal', 'demotion', 'dismissal', 'expulsion']);
});

test('an anonymous complainant leaves nothing, a named one has a name', () => {
  expect(Complainant.safeParse({ anonymous: true }).success).toBe(true);
  expect(Complainant.safeParse({ anonymous: true, phone: '000-0000' }).success).toBe(false);
  expect(Complainant.safeParse({ phone: '000-0000' }).success).toBe(false);
  expect(Complainant.safeParse({ name: '投诉人甲' }).success).toBe(true);
});
