/** A folded clock laid out over its calendar: the whole of the counting, from which the reading and the explanation are both taken. */
import type { Calendar } from '../calendar/calendar';
import { toDayNumber, type CivilDate } from '../civil-date';
import type { Limit } from '../limit';
import { advance, mergeStretches, rollForward, type Excluded, type Position, type Stretch } from './count';
import type { ClockSpec } from './events';
import { foldClock, openPause, type ClockState } from './fold';
import type { Law, PolicyLimit } from './law';

export interface Layout {
  readonly state: ClockState;
  readonly entry: PolicyLimit;
  readonly calendar: Calendar;
  readonly policyVersion: string;
  readonly calendarVersion: string;
  /** The limit and its extensions, neighbours of one unit added up. */
  readonly parts: readonly Limit[];
  /** Where each part ends. */
  readonly partEnds: readonly (Position | null)[];
  /** The day of the event (not counted, unless the entry says so). */
  readonly eventDay: number;
  readonly start: Position;
  readonly excluded: Excluded;
  /** Where the count ends before it is moved off a day of rest; null while the pause holds it. */
  readonly end: Position | null;
  readonly dueDay: number | null;
  readonly dueAt: number | null;
  /** The end was drawn in by the entry's cap. */
  readonly capped: boolean;
  readonly provisional: boolean;
}

/**
 * Lays a clock out; null before its start. With `openPauses: false` a pause that still lasts is left aside, which shows where the
 * count stood when it began.
 * @throws UnknownLaw, OutsideCalendar
 */
export function layOut(spec: ClockSpec, law: Law, { openPauses = true } = {}): Layout | null {
  const state = foldClock(spec.events);
  if (state.start === null) return null;
  const { policyVersion, calendarVersion } = state.recalculated ?? spec;
  const calendar = law.calendar(spec.jurisdiction, calendarVersion);
  const eventDay = state.start.on === null ? calendar.dayAt(state.start.at) : toDayNumber(state.start.on);
  const entry = law.limit(spec.limitId, policyVersion, calendar.dateOf(eventDay));
  const start = startPosition(calendar, entry, eventDay, state.start.at);
  const excluded = excludedTime(state, calendar, openPauses);
  const parts = partsOf(spec.override ?? entry.limit, state);
  const hours = parts.at(-1)?.unit === 'office-hour';

  const partEnds: (Position | null)[] = [];
  for (const part of parts) {
    const from = partEnds.length === 0 ? start : (partEnds.at(-1) ?? null);
    partEnds.push(from === null ? null : advance(calendar, from, part, excluded));
  }
  let end = partEnds.at(-1) ?? null;
  const cap = entry.cap === null ? null : advance(calendar, start, entry.cap, excluded);
  const capped = cap !== null && (end === null || (hours ? cap.instant < end.instant : cap.day < end.day));
  if (capped) end = cap;

  const roll = entry.rollToWorkingDay && !hours;
  const dueDay = end === null ? null : roll ? rollForward(calendar, end.day, excluded.days) : end.day;
  const dueAt = end === null || dueDay === null ? null : hours ? end.instant : calendar.startOf(dueDay + 1);
  return {
    state, entry, calendar, policyVersion, calendarVersion, parts, partEnds, eventDay, start, excluded, end, dueDay, dueAt, capped,
    provisional: end !== null && dueDay !== null && isProvisional(calendar, parts, start.day + 1, end.day, dueDay, roll),
  };
}

function startPosition(calendar: Calendar, entry: PolicyLimit, eventDay: number, at: number): Position {
  // Where only the day of the event is known, hours run from its end.
  const instant = calendar.dayAt(at) === eventDay ? at : calendar.startOf(eventDay + 1);
  return entry.startRule === 'same-day' ? { day: eventDay - 1, instant, anchor: eventDay } : { day: eventDay, instant };
}

/**
 * Time that does not count. A pause takes the day on which it begins and gives back the day on which it ends, so that a clock paused
 * on its last day still has that whole day afterwards; for office hours it is exact.
 */
function excludedTime(state: ClockState, calendar: Calendar, openPauses: boolean): Excluded {
  const days: Stretch[] = [];
  const instants: Stretch[] = [];
  for (const pause of state.pauses) {
    if (pause.to === null && !openPauses) continue;
    days.push({ from: calendar.dayAt(pause.from), to: pause.to === null ? Infinity : calendar.dayAt(pause.to) });
    instants.push({ from: pause.from, to: pause.to ?? Infinity });
  }
  for (const { from, to } of state.exclusions) {
    const [first, next] = [toDayNumber(from), toDayNumber(to) + 1];
    days.push({ from: first, to: next });
    instants.push({ from: calendar.startOf(first), to: calendar.startOf(next) });
  }
  return { days: mergeStretches(days), instants: mergeStretches(instants) };
}

function partsOf(limit: Limit, state: ClockState): Limit[] {
  const parts: Limit[] = [limit];
  for (const { by } of state.extensions) {
    const last = parts.at(-1);
    if (last?.unit === by.unit) parts[parts.length - 1] = { unit: by.unit, amount: last.amount + by.amount };
    else parts.push(by);
  }
  return parts;
}

/** Whether the date rests on a year whose calendar is not published. Days and months ask the calendar only about the day they end on. */
function isProvisional(calendar: Calendar, parts: readonly Limit[], first: number, endDay: number, dueDay: number, roll: boolean): boolean {
  const asksEveryDay = parts.some((part) => part.unit === 'working-day' || part.unit === 'office-hour');
  if (asksEveryDay) return !calendar.isPublished(Math.min(first, dueDay)) || !calendar.isPublished(dueDay);
  return roll && (!calendar.isPublished(endDay) || !calendar.isPublished(dueDay));
}

/** The day the act was done, by what the stop says. */
export function stopDayOf(layout: Layout): number | null {
  const { stop } = layout.state;
  if (stop === null) return null;
  return stop.on === null ? layout.calendar.dayAt(stop.at) : toDayNumber(stop.on);
}

/** Whether the clock rests now. */
export const isResting = (layout: Layout): boolean => layout.state.stop === null && openPause(layout.state) !== null;

/** `YYYY-MM-DD` of a day, or null. */
export const dateOrNull = (calendar: Calendar, day: number | null): CivilDate | null => (day === null ? null : calendar.dateOf(day));
