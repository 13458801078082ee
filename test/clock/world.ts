/** What the tests of the clock share: entries of their own over the shipped calendars, so that a change of a limit breaks no test of the counting. */
import type { z } from 'zod';
import { civilDate, type CivilDate } from '../../domain/civil-date';
import { lawFromVersions, PolicyLimit, readClock, type ClockEvent, type ClockReading, type ClockSpec, type Law } from '../../domain/clock';
import { parseLimit } from '../../domain/limit';
import { loadLaw } from '../../policy/load';

export const shipped = loadLaw();

/** The shipped calendars under the version name the test's clocks are pinned to. */
const calendars = [{ version: 'calendar-1', calendars: shipped.archive.calendars[0]?.calendars ?? [] }];
const current = { policyVersion: 'policy-1', calendarVersion: 'calendar-1' };

/** An entry `test.limit` of a limit in words, with whatever else the test needs. */
export function entry(limit: string, more: Partial<z.input<typeof PolicyLimit>> = {}): PolicyLimit {
  return PolicyLimit.parse({
    id: 'test.limit', title: { zh: '试', en: 'test' }, limit: parseLimit(limit), trigger: { zh: '受理', en: 'acceptance' },
    article: { zh: '试', en: 'test', source: 'test' }, validFrom: '2000-01-01', ...more,
  });
}

/** The law of a test: these entries, the shipped calendars. */
export const lawOf = (...limits: PolicyLimit[]): Law => lawFromVersions({ policies: [{ version: 'policy-1', limits }], calendars }, current);

/** A clock under `test.limit`. */
export function spec(events: readonly ClockEvent[], more: Partial<ClockSpec> = {}): ClockSpec {
  return { clockId: 'clock', limitId: 'test.limit', ...current, jurisdiction: 'cn', events, ...more };
}

/** A clock under an entry of the shipped policy. */
export const shippedSpec = (limitId: string, events: readonly ClockEvent[]): ClockSpec => spec(events, { limitId, ...shipped.current });

/** `2026-09-25` (noon) or `2026-09-25 16:00` on a wall clock in China → instant. */
export const at = (wall: string): number => Date.parse(`${wall.includes(' ') ? wall.replace(' ', 'T') : `${wall}T12:00`}:00+08:00`);

/** The same on a wall clock in England, by the offset in force. */
export const atLondon = (wall: string, offset: '+00:00' | '+01:00'): number => Date.parse(`${wall.replace(' ', 'T')}:00${offset}`);

export const start = (wall: string): ClockEvent => ({ kind: 'start', at: at(wall), trigger: 'acceptance' });
export const pause = (wall: string): ClockEvent => ({ kind: 'pause', at: at(wall), ground: 'materials' });
export const resume = (wall: string): ClockEvent => ({ kind: 'resume', at: at(wall) });
export const extend = (wall: string, by: string): ClockEvent => ({ kind: 'extend', at: at(wall), by: parseLimit(by), approver: 'leader', ground: 'complicated' });
export const exclude = (wall: string, from: string, to: string): ClockEvent => ({ kind: 'exclude', at: at(wall), from: civilDate(from), to: civilDate(to), ground: 'hearing' });
export const stop = (wall: string): ClockEvent => ({ kind: 'stop', at: at(wall) });

/** Reads a clock under one entry. */
export const read = (limit: PolicyLimit, events: readonly ClockEvent[], more: Partial<ClockSpec> = {}): ClockReading => readClock(spec(events, more), lawOf(limit));

/** The due date of a limit in words that begins on a day. */
export const due = (limit: string, from: string, jurisdiction = 'cn'): CivilDate | null => read(entry(limit), [start(from)], { jurisdiction }).due;
