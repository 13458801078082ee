/**
 * An independent count, as a clerk would do it with a wall calendar and a pencil: day after day, hour after hour, no arithmetic.
 * It shares nothing with domain/: days are JavaScript dates in UTC, holidays come from chinese-days, months are found by walking.
 * Slow on purpose.
 */
import { isWorkday } from 'chinese-days';

const DAY = 86_400_000;
const MINUTE = 60_000;
/** chinese-days calls every date past its data a workday; and it misses this one (see test/calendar/china.test.ts). */
const LAST_PUBLISHED = Date.UTC(2026, 11, 31);
const WORKED_BY_NOTICE = new Set([Date.UTC(2005, 11, 31)]);
/** 全国年节及纪念日放假办法第二条: what is known of a year not yet published. */
const FIXED = new Set(['1-1', '5-1', '5-2', '10-1', '10-2', '10-3']);

const known = new Map<number, boolean>();

/** Whether a day (its midnight in UTC) is worked. */
export function isWorked(midnight: number): boolean {
  const remembered = known.get(midnight);
  if (remembered !== undefined) return remembered;
  const date = new Date(midnight);
  const worked = midnight > LAST_PUBLISHED
    ? date.getUTCDay() !== 0 && date.getUTCDay() !== 6 && !FIXED.has(`${date.getUTCMonth() + 1}-${date.getUTCDate()}`)
    : WORKED_BY_NOTICE.has(midnight) || isWorkday(written(midnight));
  known.set(midnight, worked);
  return worked;
}

/** `2026-09-25` of a midnight in UTC. */
export const written = (midnight: number): string => new Date(midnight).toISOString().slice(0, 10);
export const midnightOf = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/** Days that do not count: from (included) to (not included), as dates. */
export interface Rest { readonly from: string; readonly to: string }
export type OracleUnit = 'working-day' | 'calendar-day' | 'month';

export interface OracleQuestion {
  readonly from: string;
  readonly parts: readonly { readonly amount: number; readonly unit: OracleUnit }[];
  readonly rests: readonly Rest[];
  readonly roll: boolean;
}

/** The last day of a limit, counted day by day. */
export function oracleDue({ from, parts, rests, roll }: OracleQuestion): string {
  const resting = rests.map((rest) => ({ from: midnightOf(rest.from), to: midnightOf(rest.to) }));
  const rested = (day: number): boolean => resting.some((rest) => day >= rest.from && day < rest.to);
  let day = midnightOf(from);
  for (const { amount, unit } of parts) {
    let left = unit === 'month' ? daysUntilSameDay(day, amount) : amount;
    while (left > 0) {
      day += DAY;
      if (!rested(day) && (unit !== 'working-day' || isWorked(day))) left -= 1;
    }
  }
  if (roll && !isWorked(day)) while (!isWorked(day) || rested(day)) day += DAY;
  return written(day);
}

/** How many days until the day of the same number `months` later, or the last of that month, by leafing through the calendar. */
function daysUntilSameDay(start: number, months: number): number {
  const wanted = new Date(start).getUTCDate();
  let [day, turned, days] = [start, 0, 0];
  for (;;) {
    day += DAY;
    days += 1;
    const date = new Date(day).getUTCDate();
    if (date === 1) turned += 1;
    if (turned < months) continue;
    if (date === wanted || new Date(day + DAY).getUTCDate() === 1) return days;
  }
}

/** How many days of a limit were counted after `from` up to and including `to`. */
export function oracleCounted(from: string, to: string, unit: 'working-day' | 'calendar-day', rests: readonly Rest[]): number {
  const resting = rests.map((rest) => ({ from: midnightOf(rest.from), to: midnightOf(rest.to) }));
  const last = midnightOf(to);
  let counted = 0;
  for (let day = midnightOf(from) + DAY; day <= last; day += DAY) {
    if (!resting.some((rest) => day >= rest.from && day < rest.to) && (unit === 'calendar-day' || isWorked(day))) counted += 1;
  }
  return counted;
}

/** Whether the minute that begins at an instant is office time in China: 09:00–12:00 and 13:00–18:00 of a worked day. */
function isOfficeMinute(instant: number): boolean {
  const wall = instant + 8 * 60 * MINUTE;
  const hour = Math.floor((wall % DAY) / (60 * MINUTE));
  return ((hour >= 9 && hour < 12) || (hour >= 13 && hour < 18)) && isWorked(wall - (wall % DAY));
}

/** The instant at which so many office hours have passed, minute by minute; instants are whole minutes. */
export function oracleOfficeEnd(from: number, hours: number, rests: readonly { readonly from: number; readonly to: number }[]): number {
  let left = hours * 60;
  let instant = from;
  while (left > 0) {
    const now = instant;
    if (isOfficeMinute(now) && !rests.some((rest) => now >= rest.from && now < rest.to)) left -= 1;
    instant += MINUTE;
  }
  return instant;
}
