/** Whatever is put in, only the documented errors come out; and what is not refused is an answer. */
import fc from 'fast-check';
import { civilDate, NotACivilDate, type CivilDate } from '../../domain/civil-date';
import { OutsideCalendar } from '../../domain/calendar/calendar';
import { CalendarData } from '../../domain/calendar/data';
import { ClockSpec, PolicyLimit, readClock, UnknownLaw, verifyClocks, type ClockReading } from '../../domain/clock';
import { BadLimit, Limit, LIMIT_UNITS, parseLimit } from '../../domain/limit';
import { anyEvent, instantOf, startEvent } from './arbitraries';
import { entry, lawOf, shipped, spec } from './world';

const law = lawOf(entry('5 working days'));

/** Runs it; passes an error on unless it is one of those allowed. The answer, or null when it was refused. */
function refusedOnlyBy<T>(allowed: readonly (new (...args: never[]) => Error)[], run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (allowed.some((each) => error instanceof each)) return null;
    throw error;
  }
}

const nearLimit = fc.tuple(fc.constantFrom('', ' ', '-', '+', '5', '0', '1.5', '1e3', '９', '99999', '٣', 'NaN'), fc.constantFrom('', ' ', '  '), fc.constantFrom('working days', 'WORKING DAYS', '个工作日', '日', 'month', 'years', 'constructor', '__proto__', 'days\n'))
  .map((parts) => parts.join(''));

test('a text is a limit or refused as BadLimit with the text in the message (10,000 texts)', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), nearLimit), (text) => {
    const limit = refusedOnlyBy([BadLimit], () => parseLimit(text));
    if (limit !== null) expect(Limit.safeParse(limit).success).toBe(true);
  }), { numRuns: 10_000 });
});

test('what a refusal says', () => {
  const says = (text: string): string => {
    try {
      return JSON.stringify(parseLimit(text));
    } catch (error) {
      return error instanceof BadLimit ? error.message : 'another error';
    }
  };
  expect(says('5 fortnights')).toBe('"5 fortnights" is not a limit: the unit "fortnights" is not known (working days, days, months, office hours)');
  expect(says('-5 days')).toBe('"-5 days" is not a limit: the number "-5" is not a whole number of 1 or more');
  expect(says('0 days')).toBe('"0 days" is not a limit: the number "0" is not a whole number of 1 or more');
  expect(says('1.5 days')).toBe('"1.5 days" is not a limit: the number "1.5" is not a whole number of 1 or more');
  expect(says('5')).toBe('"5" is not a limit: the unit is missing');
  expect(says('10001 days')).toBe('"10001 days" is not a limit: the number 10001 is larger than 10000');
  expect(says('soon')).toBe('"soon" is not a limit: write a number and a unit, for example "5 working days"');
});

test.each([
  ['5 working days', 5, 'working-day'], ['5个工作日', 5, 'working-day'], ['60日', 60, 'calendar-day'], ['1个月', 1, 'month'],
  ['8 office hours', 8, 'office-hour'], [' 3  Calendar   Days ', 3, 'calendar-day'], ['1 Month', 1, 'month'],
] as const)('"%s" is understood', (text, amount, unit) => expect(parseLimit(text)).toEqual({ amount, unit }));

test('a text is a date that exists or refused as NotACivilDate (10,000 texts)', () => {
  const digits = fc.tuple(fc.nat(9999), fc.nat(99), fc.nat(99)).map(([y, m, d]) => `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`);
  fc.assert(fc.property(fc.oneof(fc.string(), digits), (text) => {
    const date = refusedOnlyBy([NotACivilDate], () => civilDate(text));
    const parsed = new Date(`${text}T00:00:00Z`);
    const exists = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
    expect(date !== null).toBe(exists);
  }), { numRuns: 10_000 });
});

test('any limit from any day in any century is a date or OutsideCalendar (5,000 cases)', () => {
  const anyDay = fc.tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
    .map(([y, m, d]) => `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}` as CivilDate);
  const century = fc.integer({ min: 1998, max: 2101 }).map((year) => `${year}-06-30` as CivilDate);
  fc.assert(fc.property(fc.oneof(anyDay, century), fc.integer({ min: 1, max: 10_000 }), fc.constantFrom(...LIMIT_UNITS), (on, amount, unit) => {
    const reading = refusedOnlyBy([OutsideCalendar], () => readClock(spec([{ kind: 'start', at: instantOf(on, 600), on, trigger: 't' }], { override: { amount, unit } }), law));
    if (reading !== null) expect(reading.due !== null && reading.due >= on).toBe(true);
  }), { numRuns: 5_000 });
});

test('any instant a number can hold is read or refused as OutsideCalendar (5,000 cases)', () => {
  const instant = fc.oneof(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.maxSafeInteger());
  fc.assert(fc.property(instant, instant, instant, (a, b, c) => {
    const events = [{ kind: 'start', at: a, trigger: 't' }, { kind: 'pause', at: b, ground: 'g' }, { kind: 'resume', at: c }] as const;
    refusedOnlyBy([OutsideCalendar], () => readClock(spec(events), law));
  }), { numRuns: 5_000 });
});

test('events in any order, sound or not, are read or refused as documented (5,000 histories)', () => {
  fc.assert(fc.property(fc.array(anyEvent, { maxLength: 10 }), fc.constantFrom('test.limit', 'no.limit'), fc.constantFrom('cn', 'gb-eaw', 'xx'), (events, limitId, jurisdiction) => {
    const kept = spec(events, { limitId, jurisdiction });
    const reading = refusedOnlyBy([UnknownLaw, OutsideCalendar], () => readClock(kept, law));
    if (reading !== null && limitId === 'no.limit') expect(reading.due).toBeNull();
  }), { numRuns: 5_000 });
});

test('anything at all is a clock, a limit or a calendar, or refused by its schema, never by an exception (5,000 values)', () => {
  const likeAClock = fc.record({
    clockId: fc.oneof(fc.string(), fc.nat()), limitId: fc.constantFrom('test.limit', ''), policyVersion: fc.constantFrom('policy-1', 'x'), calendarVersion: fc.constantFrom('calendar-1', 'x'),
    jurisdiction: fc.constantFrom('cn', 'xx'), events: fc.array(fc.oneof(anyEvent, fc.record({ kind: fc.constantFrom('start', 'stop', 'pause', 'leap'), at: fc.oneof(fc.integer(), fc.double(), fc.string()) }))),
  });
  fc.assert(fc.property(fc.oneof(fc.anything({ withNullPrototype: true }), likeAClock), (value) => {
    for (const schema of [Limit, PolicyLimit, CalendarData]) schema.safeParse(value);
    const parsed = ClockSpec.safeParse(value);
    if (parsed.success) refusedOnlyBy([UnknownLaw, OutsideCalendar], () => readClock(parsed.data, law));
  }), { numRuns: 5_000 });
});

test('verify says what it cannot read, and does not throw (3,000 exports)', () => {
  const reading = readClock(spec([startEvent('2026-03-09', 600)]), law);
  fc.assert(fc.property(fc.anything(), fc.constantFrom('events', 'policyVersion', 'jurisdiction', 'override', 'limitId'), (value, field) => {
    const broken = { ...spec([startEvent('2026-03-09', 600)]), [field]: value } as unknown as ClockSpec;
    expect(Array.isArray(verifyClocks({ clocks: [{ spec: broken, reading }], law }))).toBe(true);
  }), { numRuns: 3_000 });
});

test('verify names a law that is not on file, and an event that is not one', () => {
  const kept = spec([startEvent('2026-03-09', 600)]);
  const reading: ClockReading = readClock(kept, law);
  expect(verifyClocks({ clocks: [{ spec: kept, reading }], law: shipped })).toEqual([expect.objectContaining({ field: 'law', computed: expect.stringContaining('calendar version "calendar-1" is not on file') as string })]);
  const leap = { ...kept, events: [{ kind: 'leap', at: 1 }] } as unknown as ClockSpec;
  expect(verifyClocks({ clocks: [{ spec: leap, reading }], law })).toEqual([expect.objectContaining({ field: 'spec', recorded: 'events.0.kind' })]);
});
