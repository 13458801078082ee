/** What a new version of policy or calendar does to a running clock: a recorded event, and a notice where the date moved. */
import type { CivilDate } from '../civil-date';
import { readClock, type ClockReading } from './clock';
import type { ClockEventOf, ClockSpec } from './events';
import { foldClock } from './fold';
import { UnknownLaw, type Law, type PolicyLimit } from './law';

export interface Recalculation {
  readonly event: ClockEventOf<'recalculation'>;
  readonly before: ClockReading;
  readonly after: ClockReading;
  /** Whether the people concerned must be told: the date moved, or a provisional date became certain or the reverse. */
  readonly moved: boolean;
  readonly from: CivilDate | null;
  readonly to: CivilDate | null;
}

/** Why a clock is recalculated: a year was published or corrected, the limit was, or both at once. */
export const RECALCULATION_GROUNDS = ['calendar-published', 'corrected-limit', 'new-calendar-or-policy'] as const;
export type RecalculationGround = (typeof RECALCULATION_GROUNDS)[number];

/** The versions by which a clock counts. */
interface Versions { readonly policyVersion: string; readonly calendarVersion: string }

/**
 * The recalculation of a clock under the law in force; null when nothing reaches it.
 * A calendar reaches every running clock whose dates it changes or makes certain. A new version of the policy reaches it only where the entry in
 * force is another and says `running-cases`; else the case keeps the entry it began with. A clock that is stopped keeps its dates.
 * @param at the instant of recording (ms) @throws as readClock
 */
export function recalculate(spec: ClockSpec, law: Law, at: number): Recalculation | null {
  const state = foldClock(spec.events);
  if (state.start === null || state.stop !== null) return null;
  const pinned: Versions = state.recalculated ?? spec;
  const calendar = law.calendar(spec.jurisdiction, pinned.calendarVersion);
  const policyVersion = policyFor(spec.limitId, state.start.on ?? calendar.dateOf(calendar.dayAt(state.start.at)), pinned.policyVersion, law);
  const current = law.current.calendarVersion;
  if (policyVersion === pinned.policyVersion && current === pinned.calendarVersion) return null;

  const under = (versions: Versions, ground: RecalculationGround): Recalculation['event'] => ({ kind: 'recalculation', at, policyVersion: versions.policyVersion, calendarVersion: versions.calendarVersion, ground });
  const before = readClock(spec, law);
  const after = readClock({ ...spec, events: [...spec.events, under({ policyVersion, calendarVersion: current }, 'new-calendar-or-policy')] }, law);
  if (!before.paused && sameDates(before, after)) return null;
  // The version is one of all calendars together: that of another jurisdiction may be what changed.
  const calendarVersion = sameContent(calendar.data, law.calendar(spec.jurisdiction, current).data) ? pinned.calendarVersion : current;
  const [newPolicy, newCalendar] = [policyVersion !== pinned.policyVersion, calendarVersion !== pinned.calendarVersion];
  if (!newPolicy && !newCalendar) return null;
  const event = under({ policyVersion, calendarVersion }, newPolicy && newCalendar ? 'new-calendar-or-policy' : newCalendar ? 'calendar-published' : 'corrected-limit');
  return { event, before, after: { ...after, calendarVersion }, moved: before.due !== after.due, from: before.due, to: after.due };
}

/**
 * The versions under which a clock begins in a case that itself began under `pinned`. The calendar is the one in force: it says what days are, and a case keeps
 * no wrong day. The policy is the one the case began with, unless the transition rule of the entry in force takes running cases along, or the case is
 * older than the limit.
 * @param since the day the clock runs from @throws UnknownLaw when no version on file has the limit
 */
export function versionsAtStart(limitId: string, since: CivilDate, pinned: Versions, law: Law): Versions {
  return { policyVersion: policyFor(limitId, since, pinned.policyVersion, law), calendarVersion: law.current.calendarVersion };
}

function policyFor(limitId: string, since: CivilDate, pinned: string, law: Law): string {
  const known = entryAt(limitId, pinned, since, law);
  const { policyVersion } = law.current;
  if (known === null) return policyVersion;
  const inForce = entryAt(limitId, policyVersion, since, law);
  return inForce?.transition === 'running-cases' && !sameContent(inForce, known) ? policyVersion : pinned;
}

/** The entry of a limit at a version; null where that version has none (a limit given up, or not yet made). @throws UnknownLaw for a version not on file */
function entryAt(limitId: string, version: string, on: CivilDate, law: Law): PolicyLimit | null {
  try {
    return law.limit(limitId, version, on);
  } catch (error) {
    if (error instanceof UnknownLaw && error.what === 'limit') return null;
    throw error;
  }
}

/** Both come out of one schema, so that their fields stand in one order. */
const sameContent = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

function sameDates(a: ClockReading, b: ClockReading): boolean {
  return a.due === b.due && a.dueAt === b.dueAt && a.provisional === b.provisional && a.dueSoonAt === b.dueSoonAt
    && a.rungs.length === b.rungs.length && a.rungs.every((rung, index) => rung.key === b.rungs[index]?.key && rung.at === b.rungs[index].at);
}
