/**
 * The fold of a clock's events into what stands: when it began, when it rested, by how much it was extended, whether the act is done.
 * It knows neither law nor calendar nor the present, so the same events always fold to the same state, in whatever portions they come.
 */
import type { CivilDate } from '../civil-date';
import type { ClockEvent, ClockEventOf } from './events';

export interface ClockState {
  readonly start: { readonly at: number; readonly on: CivilDate | null; readonly trigger: string } | null;
  readonly extensions: readonly ClockEventOf<'extend'>[];
  /** `to` is null while the pause lasts. */
  readonly pauses: readonly { readonly from: number; readonly to: number | null; readonly ground: string }[];
  readonly exclusions: readonly { readonly from: CivilDate; readonly to: CivilDate; readonly ground: string }[];
  readonly stop: { readonly at: number; readonly on: CivilDate | null } | null;
  /** Versions of the last recalculation; null: those the clock began with. */
  readonly recalculated: { readonly policyVersion: string; readonly calendarVersion: string } | null;
  readonly lastAt: number | null;
  readonly count: number;
  /** Events that could have no effect where they stand, by their index; a sound history has none. */
  readonly idle: readonly { readonly index: number; readonly kind: ClockEvent['kind']; readonly why: string }[];
}

export const NOT_STARTED: ClockState = {
  start: null, extensions: [], pauses: [], exclusions: [], stop: null, recalculated: null, lastAt: null, count: 0, idle: [],
};

/** Folds events onto a state (onto nothing, unless one is given). Never throws: an event without effect is noted in `idle`. */
export function foldClock(events: readonly ClockEvent[], from: ClockState = NOT_STARTED): ClockState {
  return events.reduce(step, from);
}

/** The ground of the pause a clock is in, or null. */
export function openPause(state: ClockState): ClockState['pauses'][number] | null {
  const last = state.pauses.at(-1);
  return last !== undefined && last.to === null ? last : null;
}

function step(before: ClockState, event: ClockEvent): ClockState {
  const why = obstacle(before, event);
  const noted: ClockState = {
    ...before,
    lastAt: before.lastAt === null ? event.at : Math.max(before.lastAt, event.at),
    count: before.count + 1,
    idle: why === null ? before.idle : [...before.idle, { index: before.count, kind: event.kind, why }],
  };
  return why === null ? apply(noted, event) : noted;
}

/** Why an event can have no effect in a state; null when it can. */
function obstacle(state: ClockState, event: ClockEvent): string | null {
  if (event.kind === 'recalculation') return null;
  if (event.kind === 'start') return state.start === null ? null : 'the clock has begun already';
  if (state.start === null) return 'the clock has not begun';
  const paused = openPause(state);
  switch (event.kind) {
    case 'pause':
      if (state.stop !== null) return 'the act is done';
      return paused === null ? null : 'the clock rests already';
    case 'resume':
      if (paused === null) return 'the clock does not rest';
      return event.at < paused.from ? 'it is before the pause' : null;
    case 'exclude': return event.to < event.from ? 'it ends before it begins' : null;
    case 'stop': return state.stop === null ? null : 'the act is done already';
    case 'reopen': return state.stop === null ? 'the act is not done' : null;
    case 'extend':
    case 'restart': return null;
  }
}

function apply(state: ClockState, event: ClockEvent): ClockState {
  switch (event.kind) {
    case 'start': return { ...state, start: { at: event.at, on: event.on ?? null, trigger: event.trigger } };
    case 'pause': return { ...state, pauses: [...state.pauses, { from: event.at, to: null, ground: event.ground }] };
    case 'resume': return { ...state, pauses: state.pauses.map((pause) => (pause.to === null ? { ...pause, to: event.at } : pause)) };
    case 'extend': return { ...state, extensions: [...state.extensions, event] };
    case 'exclude': return { ...state, exclusions: [...state.exclusions, { from: event.from, to: event.to, ground: event.ground }] };
    case 'restart': return { ...state, start: { at: event.at, on: null, trigger: event.ground }, extensions: [], pauses: [], stop: null };
    case 'recalculation': return { ...state, recalculated: { policyVersion: event.policyVersion, calendarVersion: event.calendarVersion } };
    case 'stop': return { ...state, stop: { at: event.at, on: event.on ?? null } };
    case 'reopen': return { ...state, stop: null };
  }
}
