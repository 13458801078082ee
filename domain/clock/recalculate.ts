/** What a new version of policy or calendar does to a running clock: a recorded event, and a notice where the date moved. */
import type { CivilDate } from '../civil-date';
import { readClock, type ClockReading } from './clock';
import type { ClockEventOf, ClockSpec } from './events';
import { foldClock } from './fold';
import type { Law } from './law';

export interface Recalculation {
  readonly event: ClockEventOf<'recalculation'>;
  readonly before: ClockReading;
  readonly after: ClockReading;
  /** Whether the people concerned must be told: the date moved, or a provisional date became certain or the reverse. */
  readonly moved: boolean;
  readonly from: CivilDate | null;
  readonly to: CivilDate | null;
}

/**
 * The recalculation of a clock under the law in force; null when nothing reaches it.
 * A calendar reaches every running clock whose dates it changes or makes certain. A new version of the policy reaches it only where the entry in
 * force says `running-cases`; else the case keeps the entry it began with. A clock that is stopped keeps its dates.
 * @param at the instant of recording (ms) @throws as readClock
 */
export function recalculate(spec: ClockSpec, law: Law, at: number, ground = 'new-calendar-or-policy'): Recalculation | null {
  const state = foldClock(spec.events);
  if (state.start === null || state.stop !== null) return null;
  const pinned = state.recalculated ?? spec;
  const calendar = law.calendar(spec.jurisdiction, pinned.calendarVersion);
  const entry = law.limit(spec.limitId, law.current.policyVersion, state.start.on ?? calendar.dateOf(calendar.dayAt(state.start.at)));
  const policyVersion = entry.transition === 'running-cases' ? law.current.policyVersion : pinned.policyVersion;
  const { calendarVersion } = law.current;
  if (policyVersion === pinned.policyVersion && calendarVersion === pinned.calendarVersion) return null;

  const event: ClockEventOf<'recalculation'> = { kind: 'recalculation', at, policyVersion, calendarVersion, ground };
  const before = readClock(spec, law);
  const after = readClock({ ...spec, events: [...spec.events, event] }, law);
  if (!before.provisional && !before.paused && sameDates(before, after)) return null;
  return { event, before, after, moved: before.due !== after.due, from: before.due, to: after.due };
}

function sameDates(a: ClockReading, b: ClockReading): boolean {
  return a.due === b.due && a.dueAt === b.dueAt && a.provisional === b.provisional && a.dueSoonAt === b.dueSoonAt
    && a.rungs.length === b.rungs.length && a.rungs.every((rung, index) => rung.key === b.rungs[index]?.key && rung.at === b.rungs[index].at);
}
