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

test.each([
  ['1999-12-11', '2000-01-10', '30 days'], ['1999-12-31', '2000-01-31', '1 month'], ['the date', '0000-01-01', '1 day'],
])('counted back beyond the century there is no date: %s', (place, from, limit) => {
  expect(() => deadline({ from: civilDate(from), limit: parseLimit(limit), direction: 'before' }, shipped)).toThrow(`calendar cn reaches from 2000 to 2099: ${place} lies outside`);
});

describe('the rule an explanation cites is the one that was applied', () => {
  const article = (limit: string, more: { roll?: boolean; jurisdiction?: string } = {}) => explainDeadline({ from: civilDate('2026-09-01'), limit: parseLimit(limit), ...more }, shipped).article;
  test('days: the first day is not counted, the last moves off a day of rest', () => {
    expect(article('5 days')).toMatchObject({
      source: '民法典第二百零一条、第二百零三条',
      zh: '按照年、月、日计算期间的，开始的当日不计入，自下一日开始计算。期间的最后一日是法定休假日的，以法定休假日结束的次日为期间的最后一日。',
    });
  });
  test('a month: also the same day of its last month', () => expect(article('1 month').source).toBe('民法典第二百零一条、第二百零二条、第二百零三条'));
  test('1 September + 1 month left on National Day: the rule that would have moved it is not cited', () => {
    expect(article('1 month', { roll: false }).source).toBe('民法典第二百零一条、第二百零二条');
  });
  test('working days never end on a day of rest', () => expect(article('5 working days').source).toBe('民法典第二百零一条'));
  test('hours', () => expect(article('5 office hours')).toMatchObject({ source: '民法典第二百零一条', zh: '按照小时计算期间的，自法律规定或者当事人约定的时间开始计算。' }));
  test('the Civil Code of China is not cited for England', () => {
    const { article: cited, sentence } = explainDeadline({ from: civilDate('2026-09-01'), limit: parseLimit('5 days'), jurisdiction: 'gb-eaw' }, shipped);
    expect(cited.source).toBe('default');
    expect(sentence.zh).not.toContain('民法典');
    expect(sentence.en).toMatch(/Counted by the default rules of the product, which are no law of this jurisdiction\. Calendar: England and Wales\.$/);
  });
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
