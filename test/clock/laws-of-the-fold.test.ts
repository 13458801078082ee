/** What holds for every history of a clock, whatever happened in it. Together with oracle.test.ts over 100,000 random cases. */
import fc from 'fast-check';
import { ClockSpec, foldClock, readClock, verifyClocks, type ClockEvent, type ClockReading } from '../../domain/clock';
import { anyEvent, extendEvent, instantOf, later, pauseEvents, pausesOf, same, someDay, someGaps, someLimit, someMinute, startEvent } from './arbitraries';
import { oracleCounted } from './oracle';
import { entry, lawOf, spec } from './world';

const ladder = [
  { key: 'reminder', offset: { before: { amount: 5, unit: 'working-day' } }, effect: 'notice', notify: ['assignee'], title: { zh: '提醒', en: 'reminder' } },
  { key: 'overdue', offset: 'due', effect: 'overdue', notify: ['assignee'], title: { zh: '逾期', en: 'overdue' } },
  { key: 'criticism', offset: { after: { amount: 10, unit: 'working-day' } }, effect: 'criticism', notify: ['leader'], title: { zh: '批评', en: 'criticism' } },
] as const;
const law = lawOf(
  entry('1 day', { id: 'test.rolls', ladder }), entry('1 day', { id: 'test.stays', rollToWorkingDay: false }),
  entry('1 day', { id: 'test.capped', cap: { amount: 12, unit: 'month' }, ladder }),
);
const someEntry = fc.constantFrom('test.rolls', 'test.stays', 'test.capped');
const someHistory = fc.tuple(someDay, someMinute, fc.array(anyEvent, { maxLength: 8 })).map(([from, minute, events]): ClockEvent[] => [startEvent(from, minute), ...events]);

test('pause and resume at any moment never lose or gain counted time (12,000 cases)', () => {
  const unit = fc.constantFrom<'working-day' | 'calendar-day'>('working-day', 'calendar-day');
  fc.assert(fc.property(someDay, someMinute, unit, fc.integer({ min: 1, max: 120 }), someGaps, (from, minute, units, amount, gaps) => {
    const pauses = pausesOf(later(from, 1), gaps);
    const { due } = readClock(spec([startEvent(from, minute), ...pauseEvents(pauses, minute)], { limitId: 'test.stays', override: { amount, unit: units } }), law);
    same<unknown>(due === null ? null : oracleCounted(from, due, units, pauses), amount);
  }), { numRuns: 12_000 });
});

test('extending is monotone: never earlier, and by more never earlier than by less (8,000 cases)', () => {
  fc.assert(fc.property(someEntry, someDay, someLimit, someLimit, fc.integer({ min: 1, max: 50 }), (limitId, from, limit, by, more) => {
    const begun = startEvent(from, 600);
    const dueAt = (...events: ClockEvent[]): number => readClock(spec([begun, ...events], { limitId, override: limit }), law).dueAt ?? NaN;
    const at = instantOf(from, 700);
    const [none, less, longer] = [dueAt(), dueAt(extendEvent(at, by)), dueAt(extendEvent(at, { ...by, amount: by.amount + more }))];
    same<unknown>(none <= less && less <= longer, true);
    if (limitId === 'test.stays') same<unknown>(none < less && less < longer, true);
  }), { numRuns: 8_000 });
});

test('the cap holds whatever is granted: never beyond 12 months of the trigger (3,000 cases)', () => {
  fc.assert(fc.property(someDay, someLimit, fc.array(someLimit, { maxLength: 4 }), (from, limit, granted) => {
    const read = (override: ClockSpec['override'], events: readonly ClockEvent[]) => readClock(spec([startEvent(from, 600), ...events], { limitId: 'test.capped', ...(override === undefined ? {} : { override }) }), law);
    const reading = read(limit, granted.map((by) => extendEvent(instantOf(from, 700), by)));
    const year = read({ amount: 12, unit: 'month' }, []);
    same<unknown>((reading.dueAt ?? NaN) <= (year.dueAt ?? NaN), true);
    if (reading.capped) same<unknown>(reading.due, year.due);
  }), { numRuns: 3_000 });
});

test('the fold does not depend on how its events are batched (8,000 cases)', () => {
  fc.assert(fc.property(someHistory, fc.array(fc.nat(8), { maxLength: 4 }), (events, cuts) => {
    const places = [...cuts, 0, events.length].map((cut) => Math.min(cut, events.length)).sort((a, b) => a - b);
    const batched = places.slice(1).reduce((state, to, index) => foldClock(events.slice(places[index], to), state), foldClock([]));
    same(JSON.stringify(batched), JSON.stringify(foldClock(events)));
  }), { numRuns: 8_000 });
});

test('a clock written down as JSON and read again reads the same (3,000 cases)', () => {
  fc.assert(fc.property(someHistory, someLimit, someEntry, (events, override, limitId) => {
    const kept = spec(events, { limitId, override });
    const again = ClockSpec.parse(JSON.parse(JSON.stringify(kept)));
    expect(again).toEqual(kept);
    expect(readClock(again, law)).toEqual(readClock(kept, law));
  }), { numRuns: 3_000 });
});

test('an exported clock verifies clean, and one whose date was changed does not (3,000 cases)', () => {
  fc.assert(fc.property(someHistory, someLimit, someEntry, (events, override, limitId) => {
    const kept = spec(events, { limitId, override });
    const reading = readClock(kept, law);
    const exported = JSON.parse(JSON.stringify([{ spec: kept, reading }])) as { spec: ClockSpec; reading: ClockReading }[];
    expect(verifyClocks({ clocks: exported, law })).toEqual([]);
    const forged = exported.map((clock) => ({ ...clock, reading: { ...clock.reading, due: '2003-03-03' as ClockReading['due'] } }));
    expect(verifyClocks({ clocks: forged, law })).toEqual([{ clockId: 'clock', limitId, field: 'due', recorded: '2003-03-03', computed: reading.due }]);
  }), { numRuns: 3_000 });
});

test('of any history at all: rungs in order, none while at rest; due and the instant after it belong together; nothing before the start (8,000 cases)', () => {
  fc.assert(fc.property(someHistory, someLimit, someEntry, (events, override, limitId) => {
    const reading = readClock(spec(events, { limitId, override }), law);
    same<unknown>(reading.rungs.every((rung, index) => index === 0 || (reading.rungs[index - 1]?.at ?? 0) <= rung.at), true);
    if (reading.paused || reading.stopped) same(reading.rungs.length, 0);
    same<unknown>(reading.due === null, reading.dueAt === null);
    if (reading.due !== null) same<unknown>(reading.dueAt, instantOf(later(reading.due, 1), 0));
    if (reading.remaining !== null) same(reading.remaining.amount >= 0, true);
    same<unknown>(reading.inTime === null, !reading.stopped);
  }), { numRuns: 8_000 });
});
