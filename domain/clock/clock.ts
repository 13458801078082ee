/** What a clock reads: its due date, what remains, its ladder and its status, from its events and the law at the pinned versions. */
import type { CivilDate } from '../civil-date';
import type { Limit, LimitUnit } from '../limit';
import { advance, countedSince, retreat, type Position } from './count';
import type { ClockSpec } from './events';
import { foldClock, openPause } from './fold';
import { dateOrNull, isResting, layOut, stopDayOf, type Layout } from './lay-out';
import type { Law, PolicyLimit } from './law';

/** A rung of the ladder: its legal date and the instant at which it acts (the start of that day; for `due` the first instant after the due day). */
export interface Rung { readonly key: string; readonly date: CivilDate; readonly at: number }

/** What is left of a limit; months are counted out in calendar days. The amount may be 0 or, for office hours, a fraction. */
export interface Remainder { readonly amount: number; readonly unit: LimitUnit }

export interface ClockReading {
  readonly limitId: string;
  /** The last day; null while the clock is paused and was not yet overdue. */
  readonly due: CivilDate | null;
  /** The first instant that is overdue: the start of the day after `due`; for office hours the exact instant. */
  readonly dueAt: number | null;
  /** The first instant that counts as due soon; null where the entry knows none. */
  readonly dueSoonAt: number | null;
  /** What is left as of the last event, the day of that event included. */
  readonly remaining: Remainder | null;
  /** The date rests on a year whose calendar is not published yet. */
  readonly provisional: boolean;
  /** The entry's cap drew the date in. */
  readonly capped: boolean;
  readonly paused: boolean;
  readonly stopped: boolean;
  /** Once stopped: whether the act was done within the limit; null before. */
  readonly inTime: boolean | null;
  /** Every rung of the entry's ladder, by time; none while paused or stopped. */
  readonly rungs: Rung[];
  readonly policyVersion: string;
  readonly calendarVersion: string;
}

/**
 * Reads a clock: a pure fold of its events over the law, without a present.
 * @throws UnknownLaw when a version, limit or jurisdiction is not on file; OutsideCalendar beyond the calendar's century.
 */
export function readClock(spec: ClockSpec, law: Law): ClockReading {
  const layout = layOut(spec, law);
  if (layout === null) return notStarted(spec);
  const { calendar, state, dueAt } = layout;
  const paused = isResting(layout);
  const stopped = state.stop !== null;
  return {
    limitId: spec.limitId,
    due: dateOrNull(calendar, layout.dueDay),
    dueAt,
    dueSoonAt: dueSoonAt(layout),
    remaining: remainingIn(spec, law, state.lastAt ?? 0),
    provisional: layout.provisional,
    capped: layout.capped,
    paused,
    stopped,
    inTime: doneInTime(layout),
    rungs: paused || stopped ? [] : rungsOf(layout),
    policyVersion: layout.policyVersion,
    calendarVersion: layout.calendarVersion,
  };
}

export const CLOCK_STATUSES = ['running', 'paused', 'due-soon', 'overdue', 'met', 'met-late'] as const;
export type ClockStatus = (typeof CLOCK_STATUSES)[number];

/** The status of a clock at an instant (ms). A clock that was overdue when it was paused stays overdue. */
export function clockStatus(reading: ClockReading, _spec: ClockSpec, now: number): ClockStatus {
  if (reading.stopped) return reading.inTime === false ? 'met-late' : 'met';
  if (reading.dueAt !== null && now >= reading.dueAt) return 'overdue';
  if (reading.paused) return 'paused';
  return reading.dueSoonAt !== null && now >= reading.dueSoonAt ? 'due-soon' : 'running';
}

/** The mark of the electronic monitoring 电子监察: green, yellow (about to fall due), red (overdue), grey while the clock rests. */
export const MONITORING_MARKS = {
  running: 'green', 'due-soon': 'yellow', overdue: 'red', met: 'green', 'met-late': 'red', paused: 'grey',
} as const satisfies Record<ClockStatus, string>;

/** What is left at an instant (ms), the day of it included; null before the start, and never below 0. @throws as {@link readClock} */
export function remainingAt(spec: ClockSpec, law: Law, now: number): Remainder | null {
  return remainingIn(spec, law, now);
}

/** The last instant counts: a stopped clock shows what was left then, a resting one what was left when it began to rest. */
function remainingIn(spec: ClockSpec, law: Law, now: number): Remainder | null {
  const layout = layOut(spec, law, { openPauses: false });
  if (layout === null || layout.end === null) return null;
  const { calendar, end, start, excluded, state, parts } = layout;
  const units = new Set(parts.map((part) => part.unit));
  const [only] = units.size === 1 ? units : ['calendar-day' as const];
  const unit = only === 'month' || only === undefined ? 'calendar-day' : only;
  const moment = Math.min(now, state.stop?.at ?? Infinity, (state.stop === null ? openPause(state)?.from : undefined) ?? Infinity);
  const day = stopDayOf(layout) ?? calendar.dayAt(moment);
  const from: Position = { day: Math.max(day - 1, start.day), instant: Math.max(moment, start.instant) };
  const left = countedSince(calendar, from, end, unit, excluded);
  return { amount: Math.max(left, 0), unit };
}

function doneInTime(layout: Layout): boolean | null {
  const { stop } = layout.state;
  const day = stopDayOf(layout);
  if (stop === null || day === null) return null;
  if (layout.dueDay === null || layout.dueAt === null) return true;
  return layout.parts.at(-1)?.unit === 'office-hour' && stop.on === null ? stop.at <= layout.dueAt : day <= layout.dueDay;
}

function rungsOf(layout: Layout): Rung[] {
  return layout.entry.ladder
    .flatMap((rung) => {
      const place = offsetFromDue(layout, rung.offset);
      return place === null ? [] : [{ key: rung.key, ...place }];
    })
    .sort((a, b) => a.at - b.at);
}

function dueSoonAt(layout: Layout): number | null {
  if (layout.entry.dueSoon !== null) return offsetFromDue(layout, { before: layout.entry.dueSoon })?.at ?? null;
  const reminder = layout.entry.ladder.find((rung) => typeof rung.offset === 'object' && 'before' in rung.offset);
  return reminder === undefined ? null : (offsetFromDue(layout, reminder.offset)?.at ?? null);
}

/** Time that does not count for the limit does not count for its ladder either; nothing is due before the day of the event. */
function offsetFromDue(layout: Layout, offset: PolicyLimit['ladder'][number]['offset']): { date: CivilDate; at: number } | null {
  const { calendar, dueDay, dueAt, excluded, eventDay } = layout;
  if (dueDay === null || dueAt === null) return null;
  if (offset === 'due') return { date: calendar.dateOf(dueDay), at: dueAt };
  const due: Position = { day: dueDay, instant: dueAt };
  if ('before' in offset) return placed(layout, offset.before, retreat(calendar, due, offset.before, excluded), eventDay);
  const after = advance(calendar, due, offset.after, excluded);
  return after === null ? null : placed(layout, offset.after, after, eventDay);
}

function placed({ calendar }: Layout, by: Limit, position: Position, earliest: number): { date: CivilDate; at: number } {
  const day = Math.max(position.day, earliest);
  const exact = by.unit === 'office-hour' && position.day >= earliest;
  return { date: calendar.dateOf(day), at: exact ? position.instant : calendar.startOf(day) };
}

function notStarted(spec: ClockSpec): ClockReading {
  const { policyVersion, calendarVersion } = foldClock(spec.events).recalculated ?? spec;
  return {
    limitId: spec.limitId, due: null, dueAt: null, dueSoonAt: null, remaining: null, provisional: false, capped: false,
    paused: false, stopped: false, inTime: null, rungs: [], policyVersion, calendarVersion,
  };
}

/** Why an extension may not be granted, as the entry says; null when it may. @throws as {@link readClock} */
export function extensionObstacle(spec: ClockSpec, law: Law, by: Limit): 'not-extendable' | 'too-often' | 'too-long' | 'beyond-cap' | null {
  const layout = layOut(spec, law, { openPauses: false });
  if (layout === null || layout.entry.extension === null) return 'not-extendable';
  const { extension, cap } = layout.entry;
  if (layout.state.extensions.length >= extension.times) return 'too-often';
  if (layout.end !== null && daysOf(layout, by) > daysOf(layout, extension.max)) return 'too-long';
  const extended = layOut({ ...spec, events: [...spec.events, { kind: 'extend', at: layout.state.lastAt ?? 0, by, approver: '-', ground: '-' }] }, law, { openPauses: false });
  return cap !== null && extended?.capped === true ? 'beyond-cap' : null;
}

/** How long a limit is from where the clock now ends, so that 30 days can be measured against a month. */
function daysOf(layout: Layout, limit: Limit): number {
  const { calendar, end } = layout;
  return end === null ? 0 : (advance(calendar, end, limit, { days: [], instants: [] })?.day ?? end.day) - end.day;
}

