/** Recomputing what a case says of its clocks: anyone who has the events and the law at their versions must come to the same dates. */
import type { Json } from '../json';
import { readClock, type ClockReading } from './clock';
import { ClockSpec } from './events';
import type { Law } from './law';

/** What a case keeps, or an export carries, of one clock. */
export interface RecordedClock { readonly spec: ClockSpec; readonly reading: ClockReading }

/** A place where the record and the law disagree. */
export interface ClockDifference {
  readonly clockId: string;
  readonly limitId: string;
  /** The field of the reading; `spec` when the events are not readable; `law` when a version is not on file. */
  readonly field: keyof ClockReading | 'spec' | 'law';
  readonly recorded: Json;
  readonly computed: Json;
}

/**
 * Reads every clock again and compares field by field; empty when every date holds. Never throws for what the record says:
 * an unreadable clock and a law that is not at hand are differences too.
 */
export function verifyClocks({ clocks, law }: { readonly clocks: readonly RecordedClock[]; readonly law: Law }): ClockDifference[] {
  return clocks.flatMap(({ spec, reading }): ClockDifference[] => {
    const { clockId, limitId } = spec;
    const parsed = ClockSpec.safeParse(spec);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return [{ clockId, limitId, field: 'spec', recorded: issue?.path.map(String).join('.') ?? '', computed: issue?.message ?? '' }];
    }
    const computed = readAgain(parsed.data, law);
    if (computed instanceof Error) return [{ clockId, limitId, field: 'law', recorded: `${reading.policyVersion}/${reading.calendarVersion}`, computed: computed.message }];
    return fieldsOf(computed).flatMap((field) => {
      const [recorded, again] = [plain(reading[field]), plain(computed[field])];
      return same(recorded, again) ? [] : [{ clockId, limitId, field, recorded, computed: again }];
    });
  });
}

const fieldsOf = (reading: ClockReading): (keyof ClockReading)[] => Object.keys(reading) as (keyof ClockReading)[];

function readAgain(spec: ClockSpec, law: Law): ClockReading | Error {
  try {
    return readClock(spec, law);
  } catch (error) {
    if (error instanceof Error && (error.name === 'UnknownLaw' || error.name === 'OutsideCalendar')) return error;
    throw error;
  }
}

/** A value as JSON carries it; a field that is not there is null. */
const plain = (value: unknown): Json => (value === undefined ? null : JSON.parse(JSON.stringify(value)) as Json);

function same(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, Json>, b as Record<string, Json>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => key in left && key in right && same(left[key] ?? null, right[key] ?? null));
}
