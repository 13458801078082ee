/** A deadline without a case is what a clock finds that was only started: by another way, which is the faster for it. */
import fc from 'fast-check';
import { civilDate } from '../../domain/civil-date';
import { deadline, explainDeadline, readClock } from '../../domain/clock';
import { LIMIT_UNITS, parseLimit, type LimitUnit } from '../../domain/limit';
import type { Calendar } from '../../domain/calendar/calendar';
import { later, same, someDay } from './arbitraries';
import { oracleCounted, isWorked, midnightOf } from './oracle';
import { entry, lawOf, shipped, spec } from './world';

const law = lawOf(entry('1 day', { id: 'test.rolls' }), entry('1 day', { id: 'test.stays', rollToWorkingDay: false }));
const largest: Readonly<Record<LimitUnit, number>> = { 'working-day': 300, 'calendar-day': 400, month: 24, 'office-hour': 200 };
const someLimit = fc.tuple(fc.constantFrom(...LIMIT_UNITS), fc.nat(399)).map(([unit, n]) => ({ unit, amount: (n % largest[unit]) + 1 }));
const someCalendar = fc.constantFrom('cn', 'gb-eaw');

test('for every unit, with and without the move to a working day, by every calendar it is the reading of a clock just started (12,000 cases)', () => {
  fc.assert(fc.property(someDay, someLimit, fc.boolean(), someCalendar, (day, limit, roll, jurisdiction) => {
    const from = civilDate(day);
    const found = deadline({ from, limit, jurisdiction, roll }, law);
    // Begun late on the day after, so that the day of the event is told by its date alone in either zone.
    const clock = spec([{ kind: 'start', at: midnightOf(later(day, 2)), on: from, trigger: 'acceptance' }], { limitId: roll ? 'test.rolls' : 'test.stays', override: limit, jurisdiction });
    const reading = readClock(clock, law);
    same<unknown>(found.due, reading.due);
    same<unknown>(found.dueAt, reading.dueAt);
    same<unknown>(found.provisional, reading.provisional);
    same<unknown>([found.from, found.jurisdiction, found.direction, found.calendarVersion].join(), [from, jurisdiction, 'after', reading.calendarVersion].join());
  }), { numRuns: 12_000 });
});

test('its explanation ends on the same day and counts as many days as the limit has (2,000 cases)', () => {
  const inDays = fc.tuple(fc.constantFrom<'working-day' | 'calendar-day'>('working-day', 'calendar-day'), fc.integer({ min: 1, max: 60 })).map(([unit, amount]) => ({ unit, amount }));
  fc.assert(fc.property(someDay, inDays, fc.boolean(), someCalendar, (day, limit, roll, jurisdiction) => {
    const question = { from: civilDate(day), limit, jurisdiction, roll };
    const { days, due } = explainDeadline(question, law);
    same<unknown>(due, deadline(question, law).due);
    same<unknown>(days.at(-1)?.date, due);
    same(days.filter((each) => each.counted).length, limit.amount);
  }), { numRuns: 2_000 });
});

test('counted back, as many working days lie between as the limit has, the first of them included (5,000 cases)', () => {
  fc.assert(fc.property(someDay, fc.integer({ min: 1, max: 120 }), (day, amount) => {
    const { due } = deadline({ from: civilDate(later(day, 400)), limit: { amount, unit: 'working-day' }, direction: 'before' }, law);
    same<unknown>(isWorked(midnightOf(due)), true);
    same(oracleCounted(later(due, -1), later(day, 399), 'working-day', []), amount);
  }), { numRuns: 5_000 });
});

test.each([
  ['5 working days before 25 September 2026: 24, 23, 22, 21 and worked Sunday 20 September', '2026-09-25', '5 working days', '2026-09-20'],
  ['30 days before 31 October', '2026-10-31', '30 days', '2026-10-01'],
  ['1 month before 31 March', '2026-03-31', '1 month', '2026-02-28'],
])('counted back: %s', (_name, from, limit, due) => {
  expect(deadline({ from: civilDate(from), limit: parseLimit(limit), direction: 'before' }, shipped).due).toBe(due);
});

test('the calendar’s own step is the same job in numbers and in text', () => {
  const cn: Calendar = shipped.calendar('cn', shipped.current.calendarVersion);
  const day = midnightOf('2026-09-25') / 86_400_000;
  expect(cn.dateOf(cn.workingDayAfter(day, 5))).toBe('2026-10-09');
  expect(deadline({ from: civilDate('2026-09-25'), limit: parseLimit('5 working days') }, shipped)).toEqual({
    from: '2026-09-25', limit: { amount: 5, unit: 'working-day' }, direction: 'after', due: '2026-10-09', dueAt: Date.parse('2026-10-10T00:00:00+08:00'), provisional: false,
    jurisdiction: 'cn', calendarVersion: shipped.current.calendarVersion,
  });
});
