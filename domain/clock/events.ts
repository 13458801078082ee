/** What can happen to a statutory clock. Pure data: an instant is milliseconds since the epoch, a day is a civil date. */
import { z } from 'zod';
import { isCivilDate, type CivilDate } from '../civil-date';
import { Limit } from '../limit';

/** zod schema of a civil date; the message is what an officer reads. */
export const CivilDay = z.custom<CivilDate>((value) => typeof value === 'string' && isCivilDate(value), {
  error: (issue) => `"${String(issue.input)}" is not a date of the form YYYY-MM-DD that exists`,
});

const at = z.int();
const ground = z.string().min(1);

export const ClockEvent = z.discriminatedUnion('kind', [
  /** `on`: the civil day of the triggering event when it isn't the day of `at`. */
  z.object({ kind: z.literal('start'), at, on: CivilDay.optional(), trigger: z.string() }).readonly(),
  z.object({ kind: z.literal('pause'), at, ground }).readonly(),
  z.object({ kind: z.literal('resume'), at }).readonly(),
  z.object({ kind: z.literal('extend'), at, by: Limit, approver: z.string().min(1), ground }).readonly(),
  /** Days that do not count, both included, for example the time of a hearing. */
  z.object({ kind: z.literal('exclude'), at, from: CivilDay, to: CivilDay, ground }).readonly(),
  /** Counting begins anew on the day of `at`; earlier extensions and pauses are spent. */
  z.object({ kind: z.literal('restart'), at, ground }).readonly(),
  /** From here on the clock is read under these versions of the law, from its start. */
  z.object({ kind: z.literal('recalculation'), at, policyVersion: z.string().min(1), calendarVersion: z.string().min(1), ground }).readonly(),
  /** The act was done; `on`: the civil day it was done when that isn't the day of `at`. */
  z.object({ kind: z.literal('stop'), at, on: CivilDay.optional() }).readonly(),
  /** The stop is undone as if it never was (an explanation returned with reasons: a return does not stop the clock). */
  z.object({ kind: z.literal('reopen'), at, ground }).readonly(),
]);
export type ClockEvent = z.infer<typeof ClockEvent>;
export type ClockEventOf<K extends ClockEvent['kind']> = Extract<ClockEvent, { kind: K }>;

/** What a case keeps and exports of one clock; with the law at these versions it is all that is needed to recompute every date. */
export const ClockSpec = z
  .object({
    clockId: z.string().min(1),
    limitId: z.string().min(1),
    policyVersion: z.string().min(1),
    calendarVersion: z.string().min(1),
    jurisdiction: z.string().min(1),
    /** An order that sets its own date replaces the limit of the policy entry (限期整改). */
    override: Limit.optional(),
    /** In the order they happened. */
    events: z.array(ClockEvent).readonly(),
  })
  .readonly();
export type ClockSpec = z.infer<typeof ClockSpec>;
