/** Rules that only show at an edge: the instant a pause begins, an event out of order, a rung counted back across a rest. Dates by hand; the calendar of 2026 stands in counting.test.ts. */
import { civilDate } from '../../domain/civil-date';
import { clockStatus, foldClock, readClock, remainingAt, verifyClocks, type ClockEvent, type ClockReading, type PolicyLimit } from '../../domain/clock';
import { parseLimit } from '../../domain/limit';
import { at, entry, extend, lawOf, pause, read, resume, spec, start, stop } from './world';

const restart = (wall: string): ClockEvent => ({ kind: 'restart', at: at(wall), ground: 'new facts' });
const rung = (key: string, offset: PolicyLimit['ladder'][number]['offset']): PolicyLimit['ladder'][number] => ({ key, offset, effect: 'notice', notify: ['assignee'], title: { zh: key, en: key } });
const fiveDays = entry('5 working days');
const left = (events: readonly ClockEvent[], wall: string) => remainingAt(spec(events), lawOf(fiveDays), at(wall));

describe('office hours at the instant', () => {
  test('used up at the very instant of the pause: nothing was left to rest, it ended then', () => {
    const events = [start('2026-03-10 09:00'), pause('2026-03-10 10:00')];
    expect(read(entry('1 office hour'), events).dueAt).toBe(at('2026-03-10 10:00'));
    expect(read(entry('1 office hour'), [...events, resume('2026-03-11 09:00')]).dueAt).toBe(at('2026-03-10 10:00'));
  });
  test('done at the hour is in time, a minute later on the same day is late', () => {
    const inTime = (wall: string) => read(entry('1 office hour'), [start('2026-03-10 09:00'), stop(wall)]).inTime;
    expect([inTime('2026-03-10 10:00'), inTime('2026-03-10 10:01')]).toEqual([true, false]);
  });
});

describe('what remains', () => {
  const events = [start('2026-03-09'), pause('2026-03-12'), resume('2026-03-18')];
  test('after a pause: on Thursday 19 March that day and Friday 20 March', () => expect(left(events, '2026-03-19')).toEqual({ amount: 2, unit: 'working-day' }));
  test('within a pause that is over: what there was when it began', () => expect(left(events.slice(0, 2), '2026-06-01')).toEqual({ amount: 3, unit: 'working-day' }));
  test('on the day of the event: all of it', () => expect(left(events.slice(0, 1), '2026-03-09')).toEqual({ amount: 5, unit: 'working-day' }));
});

describe('rungs', () => {
  test.each([
    ['1 working day', '2026-03-19'], ['2 working days', '2026-03-18'], ['3 working days', '2026-03-11'], ['4 working days', '2026-03-10'],
  ])('%s before Friday 20 March, across a pause of 12–17 March: %s', (before, date) => {
    const reading = read(entry('5 working days', { ladder: [rung('reminder', { before: parseLimit(before) })] }), [start('2026-03-09'), pause('2026-03-12'), resume('2026-03-18')]);
    expect(reading).toMatchObject({ due: '2026-03-20', rungs: [{ key: 'reminder', date }] });
  });
  test('5 working days before the end of a limit of one: on the day of the event, not before it', () => {
    expect(read(entry('1 working day', { ladder: [rung('reminder', { before: parseLimit('5 working days') })] }), [start('2026-03-09')]).rungs).toMatchObject([{ date: '2026-03-09' }]);
  });
  test('stand in the order of time, whatever their order in the policy', () => {
    const ladder = [rung('late', { after: parseLimit('2 days') }), rung('end', 'due'), rung('early', { before: parseLimit('2 days') })];
    expect(read(entry('9 days', { ladder }), [start('2026-03-02')]).rungs.map((each) => each.key)).toEqual(['early', 'end', 'late']);
  });
  test('an entry may say what is soon, apart from its first reminder', () => {
    const reading = read(entry('9 days', { dueSoon: parseLimit('1 day'), ladder: [rung('early', { before: parseLimit('5 days') })] }), [start('2026-03-02')]);
    expect(reading).toMatchObject({ due: '2026-03-11', dueSoonAt: at('2026-03-10 00:00') });
  });
});

describe('provisional', () => {
  test('a month that ends in December and 2 working days granted after it, with no move off days of rest', () => {
    // 1 month from 30 November: 30 December; 31 December and, 1–3 January being holiday and weekend, 4 January.
    expect(read(entry('1 month', { rollToWorkingDay: false }), [start('2026-11-30'), extend('2026-12-20', '2 working days')])).toMatchObject({ due: '2027-01-04', provisional: true });
  });
});

describe('events that can have no effect', () => {
  const day = (n: number): number => at(`2026-03-${String(n).padStart(2, '0')}`);
  test.each<[string, ClockEvent[], string]>([
    ['a second start', [start('2026-03-02'), start('2026-03-03')], 'the clock has begun already'],
    ['a pause before the start', [pause('2026-03-02')], 'the clock has not begun'],
    ['a pause within a pause', [start('2026-03-02'), pause('2026-03-03'), pause('2026-03-04')], 'the clock rests already'],
    ['a pause of what is done', [start('2026-03-02'), stop('2026-03-03'), pause('2026-03-04')], 'the act is done'],
    ['a resumption of what runs', [start('2026-03-02'), resume('2026-03-04')], 'the clock does not rest'],
    ['a resumption before its pause', [start('2026-03-02'), pause('2026-03-05'), resume('2026-03-04')], 'it is before the pause'],
    ['a second stop', [start('2026-03-02'), stop('2026-03-03'), stop('2026-03-04')], 'the act is done already'],
    ['a stop undone that was not', [start('2026-03-02'), { kind: 'reopen', at: day(3), ground: 'returned' }], 'the act is not done'],
  ])('%s is noted by its place in the whole, and changes nothing', (_name, events, why) => {
    const [before, after] = [foldClock(events.slice(0, -1)), foldClock(events.slice(-1), foldClock(events.slice(0, -1)))];
    expect(after).toEqual({ ...before, lastAt: after.lastAt, count: events.length, idle: [{ index: events.length - 1, kind: events.at(-1)?.kind, why }] });
  });
  test('what is recorded of an earlier day does not take the clock back', () => {
    expect(foldClock([start('2026-03-10'), extend('2026-03-09', '1 day')]).lastAt).toBe(day(10));
  });
});

describe('stop', () => {
  test('what was done in time and reported late was done in time', () => {
    const told = (on: string) => read(fiveDays, [start('2026-03-09'), { kind: 'stop', at: at('2026-03-20'), on: civilDate(on) }]).inTime;
    expect([told('2026-03-16'), told('2026-03-17')]).toEqual([true, false]);
  });
  test('done while it rested: it no longer rests', () => {
    const events = [start('2026-03-09'), pause('2026-03-11'), stop('2026-03-12')];
    const reading = read(fiveDays, events);
    expect(reading).toMatchObject({ paused: false, stopped: true, inTime: true });
    expect(clockStatus(reading, spec(events), at('2026-06-01'))).toBe('met');
  });
  test('begun anew after it was done, it runs', () => {
    expect(read(fiveDays, [start('2026-03-02'), stop('2026-03-03'), restart('2026-03-09')])).toMatchObject({ due: '2026-03-16', stopped: false, inTime: null });
  });
});

describe('verify finds a change of any field of a reading', () => {
  const kept = spec([start('2026-03-09')]);
  const law = lawOf(entry('5 working days', { ladder: [rung('end', 'due')], dueSoon: parseLimit('1 day') }));
  const reading = readClock(kept, law);
  const found = (forged: object) => verifyClocks({ clocks: [{ spec: kept, reading: { ...reading, ...forged } }], law }).map((each) => each.field);
  test.each(Object.keys(reading))('%s', (field) => {
    expect(found({ [field]: 'forged' })).toEqual([field]);
    expect(found({ [field]: undefined })).toEqual(reading[field as keyof ClockReading] === null ? [] : [field]);
  });
  test('also of a rung, and of a field that a rung lacks or has too many', () => {
    const [end] = reading.rungs;
    if (end === undefined) throw new Error('no rung');
    const { date: _date, ...without } = end;
    for (const rungs of [[], [{ ...end, at: end.at + 1 }], [without], [{ ...end, more: null }], [end, end]]) expect(found({ rungs })).toEqual(['rungs']);
  });
});
