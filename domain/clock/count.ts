/**
 * Counting a limit over a calendar while some of the time does not count. Each unit is a measure that only grows; a limit of
 * any length is found by two look-ups in the tables and one step per excluded stretch, never by walking the days.
 */
import type { Calendar } from '../calendar/calendar';
import { addMonths } from '../civil-date';
import type { Limit, LimitUnit } from '../limit';

const HOUR_MS = 3_600_000;

/** A stretch that does not count. Days: from (included) to (not included); the last may be open. */
export interface Stretch { readonly from: number; readonly to: number }

/** Time that does not count, in both measures: whole days for limits in days, exact instants for office hours. Sorted, apart. */
export interface Excluded { readonly days: readonly Stretch[]; readonly instants: readonly Stretch[] }

export const NOTHING_EXCLUDED: Excluded = { days: [], instants: [] };

/** Where a count stands: `day` has been counted to its end; `instant` is the exact moment for office hours. */
export interface Position {
  readonly day: number;
  readonly instant: number;
  /** The day whose number in the month a limit in months ends on, where it isn't `day` (the event's own day counts too). */
  readonly anchor?: number;
}

/** A measure: units up to and including a point, and the first point at which so many units are reached. */
interface Measure { rank(point: number): number; select(units: number): number }

const calendarDays: Measure = { rank: (day) => day, select: (units) => units };

/** Stretches merged where they meet or overlap, sorted; empty ones dropped. */
export function mergeStretches(stretches: readonly Stretch[]): Stretch[] {
  const merged: Stretch[] = [];
  for (const next of stretches.filter((each) => each.to > each.from).sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && next.from <= last.to) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, next.to) };
    else merged.push(next);
  }
  return merged;
}

/**
 * The point at which `units` are reached after `from` when the stretches do not count; null when an open stretch is met first.
 * `edge` is 1 where a point is a whole day (a stretch begins at its start), 0 where it is an instant.
 */
function reach(measure: Measure, from: number, units: number, stretches: readonly Stretch[], edge: 0 | 1): number | null {
  let target = measure.rank(from) + units;
  let reached = measure.select(target);
  for (const stretch of stretches) {
    const start = Math.max(stretch.from, from + edge);
    if (stretch.to <= start) continue;
    if (edge === 1 ? reached < start : reached <= start) break;
    if (stretch.to === Infinity) return null;
    target += measure.rank(stretch.to - edge) - measure.rank(start - edge);
    reached = measure.select(target);
  }
  return reached;
}

function measureOf(unit: 'working-day' | 'calendar-day' | 'office-hour', calendar: Calendar): Measure {
  switch (unit) {
    case 'working-day': return calendar;
    case 'calendar-day': return calendarDays;
    case 'office-hour': return { rank: (instant) => calendar.officeRank(instant), select: (units) => calendar.officeSelect(units) };
  }
}

/**
 * The position after one limit from another; null when the time that does not count has no end yet.
 * Days and months count from the day after `from.day`; office hours from `from.instant`.
 */
export function advance(calendar: Calendar, from: Position, limit: Limit, excluded: Excluded): Position | null {
  switch (limit.unit) {
    case 'office-hour': {
      const instant = reach(measureOf('office-hour', calendar), from.instant, limit.amount * HOUR_MS, excluded.instants, 0);
      return instant === null ? null : { day: calendar.dayAt(instant), instant };
    }
    case 'month': {
      const anchor = from.anchor ?? from.day;
      const same = addMonths(anchor, limit.amount);
      // Where the event's own day counts the last is the eve of the same day; in a month that has no such day it is the month's last (民法典第二百零二条).
      const missing = from.anchor !== undefined && addMonths(same, -limit.amount) < anchor ? 1 : 0;
      return atEndOf(calendar, reach(calendarDays, from.day, same - anchor + missing, excluded.days, 1));
    }
    default:
      return atEndOf(calendar, reach(measureOf(limit.unit, calendar), from.day, limit.amount, excluded.days, 1));
  }
}

/** The position before another by a limit, over the same time that counts: what the ladder's "5 working days before" is found by. */
export function retreat(calendar: Calendar, from: Position, limit: Limit, excluded: Excluded): Position {
  if (limit.unit === 'office-hour') {
    const measure = measureOf('office-hour', calendar);
    const counted = countedBetween(measure, from.instant, excluded.instants, 0);
    const instant = measure.select(uncounted(measure, from.instant, counted - limit.amount * HOUR_MS, excluded.instants, 0));
    return { day: calendar.dayAt(instant), instant };
  }
  const amount = limit.unit === 'month' ? from.day - addMonths(from.day, -limit.amount) : limit.amount;
  const measure = measureOf(limit.unit === 'month' ? 'calendar-day' : limit.unit, calendar);
  const eve = from.day - 1;
  const counted = countedBetween(measure, eve, excluded.days, 1);
  const day = measure.select(uncounted(measure, eve, counted - amount + 1, excluded.days, 1));
  return { day, instant: calendar.startOf(day) };
}

/** Units counted from the start of the measure up to a point, stretches left out. */
function countedBetween(measure: Measure, point: number, stretches: readonly Stretch[], edge: 0 | 1): number {
  let counted = measure.rank(point);
  for (const stretch of stretches) {
    if (stretch.from > point) break;
    counted -= measure.rank(Math.min(stretch.to - edge, point)) - measure.rank(stretch.from - edge);
  }
  return counted;
}

/** The inverse: the units of the bare measure at which `counted` units have been counted, not beyond `point`. */
function uncounted(measure: Measure, point: number, counted: number, stretches: readonly Stretch[], edge: 0 | 1): number {
  let bare = counted;
  for (const stretch of stretches) {
    if (stretch.from > point) break;
    if (bare <= measure.rank(stretch.from - edge)) break;
    bare += measure.rank(Math.min(stretch.to - edge, point)) - measure.rank(stretch.from - edge);
  }
  return bare;
}

/** Units of a limit counted between two positions, what is excluded left out. Months are counted in days. */
export function countedSince(calendar: Calendar, from: Position, to: Position, unit: LimitUnit, excluded: Excluded): number {
  if (unit === 'office-hour') {
    const measure = measureOf('office-hour', calendar);
    return (countedBetween(measure, to.instant, excluded.instants, 0) - countedBetween(measure, from.instant, excluded.instants, 0)) / HOUR_MS;
  }
  const measure = measureOf(unit === 'month' ? 'calendar-day' : unit, calendar);
  return countedBetween(measure, to.day, excluded.days, 1) - countedBetween(measure, from.day, excluded.days, 1);
}

/** The first working day on or after a day that is not excluded; null when an open stretch is met first. */
export function rollForward(calendar: Calendar, day: number, stretches: readonly Stretch[]): number | null {
  let rolled = calendar.isWorkingDay(day) ? day : calendar.select(calendar.rank(day) + 1);
  if (rolled === day) return day;
  for (const stretch of stretches) {
    if (rolled < stretch.from || rolled >= stretch.to) continue;
    if (stretch.to === Infinity) return null;
    rolled = calendar.isWorkingDay(stretch.to) ? stretch.to : calendar.select(calendar.rank(stretch.to) + 1);
  }
  return rolled;
}

function atEndOf(calendar: Calendar, day: number | null): Position | null {
  return day === null ? null : { day, instant: calendar.startOf(day + 1) };
}
