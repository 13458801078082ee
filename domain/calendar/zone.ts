/** The zone of a jurisdiction, as data: a fixed offset and, where there is one, a summer time by rule. Pure, so that workflows may use it. */
import { z } from 'zod';
import { DAY_MS, dayNumberOf, daysInMonth } from '../civil-date';

const MINUTE_MS = 60_000;

/** The last Sunday of a month at a moment given in minutes after midnight UTC: the rule of Europe. */
const Turn = z.strictObject({ month: z.int().min(1).max(12), day: z.literal('last-sunday'), utcMinutes: z.int().min(0).max(1439) }).readonly();

export const Zone = z
  .strictObject({
    name: z.string().min(1),
    offsetMinutes: z.int().min(-840).max(840),
    summer: z.strictObject({ offsetMinutes: z.int().min(-840).max(840), from: Turn, to: Turn }).readonly().optional(),
  })
  .readonly();
export type Zone = z.infer<typeof Zone>;

/** The instant (ms) of a turn in a year. */
function turnAt(turn: z.infer<typeof Turn>, year: number): number {
  const last = dayNumberOf(year, turn.month, daysInMonth(year, turn.month));
  const sunday = last - ((last + 4) % 7);
  return sunday * DAY_MS + turn.utcMinutes * MINUTE_MS;
}

/** Offset from UTC in ms in force at an instant (ms since the epoch). */
export function offsetAt(zone: Zone, instant: number): number {
  const summer = zone.summer;
  if (summer === undefined) return zone.offsetMinutes * MINUTE_MS;
  const year = new Date(instant).getUTCFullYear();
  const inSummer = instant >= turnAt(summer.from, year) && instant < turnAt(summer.to, year);
  return (inSummer ? summer.offsetMinutes : zone.offsetMinutes) * MINUTE_MS;
}

/** The instant (ms since the epoch) at which the wall clock of the zone shows `msOfDay` on a day (days since the epoch). */
export function instantAt(zone: Zone, day: number, msOfDay: number): number {
  const wall = day * DAY_MS + msOfDay;
  const guess = wall - zone.offsetMinutes * MINUTE_MS;
  return wall - offsetAt(zone, wall - offsetAt(zone, guess));
}

/** The day (days since the epoch) and the ms of the wall clock into it at an instant (ms since the epoch). */
export function wallClockAt(zone: Zone, instant: number): { day: number; msOfDay: number } {
  const wall = instant + offsetAt(zone, instant);
  const day = Math.floor(wall / DAY_MS);
  return { day, msOfDay: wall - day * DAY_MS };
}
