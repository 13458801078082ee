/** Random clocks: sound histories of a clock in China between 2004 and a few years after the last published one. */
import fc from 'fast-check';
import type { ClockEvent } from '../../domain/clock';
import type { Limit } from '../../domain/limit';
import { civilDate } from '../../domain/civil-date';
import { midnightOf, written, type OracleUnit } from './oracle';

const DAY = 86_400_000;
const FIRST = midnightOf('2004-01-01');

/** A day from 2004-01-01 on; the later ones lie in years that are not published. */
export const someDay = fc.integer({ min: 0, max: 26 * 365 }).map((days) => written(FIRST + days * DAY));
/** A minute of the day on a wall clock in China. */
export const someMinute = fc.integer({ min: 0, max: 1439 });

/** Date and minute on the wall clock in China → instant. */
export const instantOf = (date: string, minute: number): number => midnightOf(date) + (minute - 480) * 60_000;
export const later = (date: string, days: number): string => written(midnightOf(date) + days * DAY);

export const someUnit = fc.constantFrom<OracleUnit>('working-day', 'calendar-day', 'month');
const largest: Readonly<Record<OracleUnit, number>> = { 'working-day': 250, 'calendar-day': 200, month: 14 };
export const someLimit = fc.tuple(someUnit, fc.integer({ min: 1, max: 250 })).map(([unit, n]) => ({ unit, amount: ((n - 1) % largest[unit]) + 1 }));

/** Pauses one after the other: days from the last resumption to the pause, and how long it lasts. */
export const someGaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 60 })), { maxLength: 4 });

/** Pauses as dates, each after the one before it. A pause and the next may touch. */
export function pausesOf(from: string, gaps: readonly (readonly [number, number])[]): { from: string; to: string }[] {
  let day = from;
  return gaps.map(([until, length]) => {
    const begins = later(day, until);
    day = later(begins, length);
    return { from: begins, to: day };
  });
}

/** The events of pauses at minutes that keep their order: a pause in the first half of its day, a resumption in the second. */
export function pauseEvents(pauses: readonly { from: string; to: string }[], minute: number): ClockEvent[] {
  return pauses.flatMap((each, index): ClockEvent[] => [
    { kind: 'pause', at: instantOf(each.from, touches(pauses, index) ? 1439 : minute % 720), ground: 'materials' },
    { kind: 'resume', at: instantOf(each.to, each.from === each.to ? 1439 : 720 + (minute % 700)) },
  ]);
}
const touches = (pauses: readonly { from: string; to: string }[], index: number): boolean => pauses[index - 1]?.to === pauses[index]?.from;

export const startEvent = (date: string, minute: number): ClockEvent => ({ kind: 'start', at: instantOf(date, minute), trigger: 'acceptance' });
export const extendEvent = (at: number, by: Limit): ClockEvent => ({ kind: 'extend', at, by, approver: 'leader', ground: 'complicated' });
export const excludeEvent = (at: number, from: string, to: string): ClockEvent => ({ kind: 'exclude', at, from: civilDate(from), to: civilDate(to), ground: 'hearing' });

/** Any event at all at any time, sound or not. */
export const anyEvent: fc.Arbitrary<ClockEvent> = fc.tuple(someDay, someMinute, fc.integer({ min: 0, max: 8 }), someLimit, fc.integer({ min: -5, max: 30 })).map(([date, minute, kind, by, length]) => {
  const at = instantOf(date, minute);
  const all: ClockEvent[] = [
    startEvent(date, minute), { kind: 'pause', at, ground: 'materials' }, { kind: 'resume', at }, extendEvent(at, by), excludeEvent(at, date, later(date, length)),
    { kind: 'restart', at, ground: 'new facts' }, { kind: 'stop', at }, { kind: 'reopen', at, ground: 'returned' },
    { kind: 'recalculation', at, policyVersion: 'policy-1', calendarVersion: 'calendar-1', ground: 'new calendar' },
  ];
  return all[kind] ?? { kind: 'resume', at };
});

/** `expect(a).toBe(b)` for values compared a hundred thousand times: the same refusal without the cost of building a matcher. */
export function same<T>(actual: T, expected: T): void {
  if (!Object.is(actual, expected)) throw new Error(`expected ${String(expected)}, got ${String(actual)}`);
}
