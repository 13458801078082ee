/**
 * A civil date: a day in the calendar of the jurisdiction, without a time and without a zone (`2026-09-25`).
 * Law counts days, not instants; passing a `Date` for a day loses one of them near midnight, so nobody does.
 */
declare const civil: unique symbol;
export type CivilDate = string & { readonly [civil]: true };

/** China has kept one zone without daylight saving since 1991. Other jurisdictions bring their own zone with their calendar. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
export const DAY_MS = 86_400_000;

/** Thrown when a text is not a day that exists (`2026-02-30`, `tomorrow`). */
export class NotACivilDate extends Error {
  override readonly name = 'NotACivilDate';
  constructor(readonly given: string) {
    super(`"${given}" is not a date of the form YYYY-MM-DD that exists`);
  }
}

/** `YYYY-MM-DD` → CivilDate. @throws NotACivilDate */
export function civilDate(value: string): CivilDate {
  if (!isCivilDate(value)) throw new NotACivilDate(value);
  return value;
}

/** Whether a text is a day that exists, written `YYYY-MM-DD`. */
export function isCivilDate(value: string): value is CivilDate {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const { year, month, day } = partsOf(value);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/**
 * Days since 1970-01-01; the number all date arithmetic runs on. The rule of {@link dayNumberOf} in whole numbers, which a processor
 * divides many times faster: a text has a year of four figures, so that none is negative but that before March of the year 0, where the
 * two roundings of a century cancel out.
 */
export function toDayNumber(date: CivilDate): number {
  const month = date.charCodeAt(5) * 10 + date.charCodeAt(6) - TWO_ZEROS;
  const early = month > 2 ? 0 : 1;
  const y = date.charCodeAt(0) * 1000 + date.charCodeAt(1) * 100 + date.charCodeAt(2) * 10 + date.charCodeAt(3) - FOUR_ZEROS - early;
  const century = (y / 100) | 0;
  return 365 * y + (y >> 2) - century + (century >> 2) + (((153 * (month + 12 * early) - 457) / 5) | 0) + date.charCodeAt(8) * 10 + date.charCodeAt(9) - TWO_ZEROS - 719_469;
}

/** What the character codes of `00` and `0000` come to as figures; taken off once. */
const TWO_ZEROS = 48 * 11;
const FOUR_ZEROS = 48 * 1111;

/**
 * Year, month (1–12) and day (1–31) → days since 1970-01-01, in the Gregorian calendar.
 * Years are taken to begin in March so that the leap day comes last; 153 days make every five months.
 */
export function dayNumberOf(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const m = month > 2 ? month - 3 : month + 9;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + Math.floor((153 * m + 2) / 5) + day - 719_469;
}

/** The inverse of {@link toDayNumber}. */
export function fromDayNumber(day: number): CivilDate {
  return new Date(day * DAY_MS).toISOString().slice(0, 10) as CivilDate;
}

/** `date` moved by whole calendar days (negative: back). */
export function addDays(date: CivilDate, days: number): CivilDate {
  return fromDayNumber(toDayNumber(date) + days);
}

/**
 * A day number moved by whole months: the same day of the month, or the last day where the month has no such day
 * (《民法典》第二百零二条：按照年、月计算期间的，到期月的对应日为期间的最后一日；没有对应日的，月末日为期间的最后一日。).
 */
export function addMonths(day: number, months: number): number {
  const from = new Date(day * DAY_MS);
  const index = from.getUTCFullYear() * 12 + from.getUTCMonth() + months;
  const year = Math.floor(index / 12);
  const month = index - year * 12 + 1;
  return dayNumberOf(year, month, Math.min(from.getUTCDate(), daysInMonth(year, month)));
}

/** Length of a month in days; `month` is 1–12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The day on which an instant (milliseconds since the epoch) falls, in Asia/Shanghai unless another offset in ms is given. */
export function civilDateAt(instant: number, offsetMs: number = SHANGHAI_OFFSET_MS): CivilDate {
  return fromDayNumber(Math.floor((instant + offsetMs) / DAY_MS));
}

/** The first instant of a day (milliseconds since the epoch), in Asia/Shanghai unless another offset in ms is given. */
export function startOfDay(date: CivilDate, offsetMs: number = SHANGHAI_OFFSET_MS): number {
  return toDayNumber(date) * DAY_MS - offsetMs;
}

/** The figures of a text already known to have the form `YYYY-MM-DD`; read by character code, which is many times faster than parsing. */
function partsOf(date: string): { year: number; month: number; day: number } {
  const digit = (index: number): number => date.charCodeAt(index) - 48;
  return {
    year: digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3),
    month: digit(5) * 10 + digit(6),
    day: digit(8) * 10 + digit(9),
  };
}
