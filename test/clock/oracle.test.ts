/** The clock against a count made apart from it, day by day (see oracle.ts), over random limits, pauses and extensions. */
import fc from 'fast-check';
import { findWorkday } from 'chinese-days';
import { readClock, remainingAt, type ClockEvent } from '../../domain/clock';
import type { LIMIT_UNITS } from '../../domain/limit';
import { excludeEvent, extendEvent, instantOf, later, pauseEvents, pausesOf, same, someDay, someGaps, someLimit, someMinute, startEvent } from './arbitraries';
import { oracleCounted, oracleDue, oracleOfficeEnd } from './oracle';
import { entry, lawOf, spec } from './world';

/** One law for all: an entry per limit would be a new calendar per case. */
const law = lawOf(entry('1 day', { id: 'test.rolls' }), entry('1 day', { id: 'test.stays', rollToWorkingDay: false }));
const clock = (events: readonly ClockEvent[], limit: { amount: number; unit: (typeof LIMIT_UNITS)[number] }, roll: boolean) =>
  spec(events, { limitId: roll ? 'test.rolls' : 'test.stays', override: limit });

test('the due date of every unit is the one counted day by day (35,000 cases)', () => {
  fc.assert(fc.property(someDay, someMinute, someLimit, fc.boolean(), (from, minute, limit, roll) => {
    same<unknown>(readClock(clock([startEvent(from, minute)], limit, roll), law).due, oracleDue({ from, parts: [limit], rests: [], roll }));
  }), { numRuns: 35_000 });
});

test('with pauses and excluded days it is the one counted day by day without them (25,000 cases)', () => {
  const hearing = fc.option(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 10 })));
  fc.assert(fc.property(someDay, someMinute, someLimit, fc.boolean(), someGaps, hearing, (from, minute, limit, roll, gaps, heard) => {
    const pauses = pausesOf(later(from, 1), gaps);
    const [first, last] = heard === null ? [from, from] : [later(from, heard[0]), later(from, heard[0] + heard[1])];
    const events = [startEvent(from, minute), ...pauseEvents(pauses, minute), ...(heard === null ? [] : [excludeEvent(instantOf(later(from, 400), 0), first, last)])];
    const rests = [...pauses, ...(heard === null ? [] : [{ from: first, to: later(last, 1) }])];
    same<unknown>(readClock(clock(events, limit, roll), law).due, oracleDue({ from, parts: [limit], rests, roll }));
  }), { numRuns: 25_000 });
});

test('an extension in another unit runs on from where the limit ends (8,000 cases)', () => {
  fc.assert(fc.property(someDay, someLimit, someLimit, fc.boolean(), (from, limit, by, roll) => {
    const parts = by.unit === limit.unit ? [{ unit: limit.unit, amount: limit.amount + by.amount }] : [limit, by];
    same<unknown>(readClock(clock([startEvent(from, 600), extendEvent(instantOf(from, 601), by)], limit, roll), law).due, oracleDue({ from, parts, rests: [], roll }));
  }), { numRuns: 8_000 });
});

test('office hours end at the minute counted minute by minute (1,500 cases)', () => {
  fc.assert(fc.property(someDay, someMinute, fc.integer({ min: 1, max: 40 }), fc.option(fc.tuple(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 0, max: 8_000 }))), (from, minute, hours, rest) => {
    const begin = instantOf(from, minute);
    const rests = rest === null ? [] : [{ from: begin + rest[0] * 60_000, to: begin + (rest[0] + rest[1]) * 60_000 }];
    const events = rests.flatMap((each): ClockEvent[] => [{ kind: 'pause', at: each.from, ground: 'materials' }, { kind: 'resume', at: each.to }]);
    same<unknown>(readClock(clock([startEvent(from, minute), ...events], { amount: hours, unit: 'office-hour' }, true), law).dueAt, oracleOfficeEnd(begin, hours, rests));
  }), { numRuns: 1_500 });
});

test('what remains is the limit less what was counted day by day before today (8,000 cases)', () => {
  const unit = fc.constantFrom<'working-day' | 'calendar-day'>('working-day', 'calendar-day');
  fc.assert(fc.property(someDay, someMinute, unit, fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 200 }), (from, minute, units, amount, after) => {
    const now = later(from, after);
    const counted = after === 0 ? 0 : oracleCounted(from, later(now, -1), units, []);
    const left = remainingAt(clock([startEvent(from, minute)], { amount, unit: units }, false), law, instantOf(now, 1439));
    same(left?.amount, Math.max(amount - counted, 0));
    same(left?.unit, units);
  }), { numRuns: 8_000 });
});

test('working days within the published years are those chinese-days finds by itself (2,000 cases)', () => {
  const published = fc.integer({ min: 0, max: 5 * 365 }).map((days) => later('2020-01-01', days));
  fc.assert(fc.property(published, fc.integer({ min: 1, max: 200 }), (from, amount) => {
    same<unknown>(readClock(clock([startEvent(from, 600)], { amount, unit: 'working-day' }, true), law).due, findWorkday(amount, from));
  }), { numRuns: 2_000 });
});
