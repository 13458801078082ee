/**
 * A civil date: a day in the calendar of the jurisdiction, without a time and without a zone (`2026-09-25`).
 * Law counts days, not instants; passing a `Date` for a day loses one of them near midnight, so nobody does.
 */
declare const civil: unique symbol;
export type CivilDate = string & { readonly [civil]: true };

/** China has kept one zone without daylight saving since 1991. Other jurisdictions bring their own offset with their calendar. */
const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

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
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value);
}

/** Days since 1970-01-01; the number all date arithmetic runs on. */
export function toDayNumber(date: CivilDate): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** The inverse of {@link toDayNumber}. */
export function fromDayNumber(day: number): CivilDate {
  return new Date(day * DAY_MS).toISOString().slice(0, 10) as CivilDate;
}

/** `date` moved by whole calendar days (negative: back). */
export function addDays(date: CivilDate, days: number): CivilDate {
  return fromDayNumber(toDayNumber(date) + days);
}

/** The day on which an instant (milliseconds since the epoch) falls, in Asia/Shanghai unless another offset in ms is given. */
export function civilDateAt(instant: number, offsetMs: number = SHANGHAI_OFFSET_MS): CivilDate {
  return fromDayNumber(Math.floor((instant + offsetMs) / DAY_MS));
}

/** The first instant of a day (milliseconds since the epoch), in Asia/Shanghai unless another offset in ms is given. */
export function startOfDay(date: CivilDate, offsetMs: number = SHANGHAI_OFFSET_MS): number {
  return toDayNumber(date) * DAY_MS - offsetMs;
}
