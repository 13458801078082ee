/** The version of a piece of law is a hash of its content: the same content has the same version wherever it lies. */
import { canonicalJson } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import type { CalendarData } from '../domain/calendar/data';
import type { CalendarSet, LawArchive, PolicyLimit, PolicySet } from '../domain/clock/law';

const VERSION_LENGTH = 16;

/** Content → version: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON. */
export function versionOf(content: unknown): string {
  return sha256(canonicalJson(content)).slice(0, VERSION_LENGTH);
}

/** Entries in order of id and validity, under the hash of their content. */
export function policySet(limits: readonly PolicyLimit[]): PolicySet {
  const ordered = [...limits].sort((a, b) => compare(a.id, b.id) || compare(a.validFrom, b.validFrom));
  return { version: versionOf(ordered), limits: ordered };
}

/** Calendars in order of jurisdiction, under the hash of their content. */
export function calendarSet(calendars: readonly CalendarData[]): CalendarSet {
  const ordered = [...calendars].sort((a, b) => compare(a.jurisdiction, b.jurisdiction));
  return { version: versionOf(ordered), calendars: ordered };
}

/** Which sets of an archive do not have the content their version names; empty when none was tampered with. */
export function tamperedVersions(archive: LawArchive): string[] {
  return [
    ...archive.policies.filter((set) => versionOf(set.limits) !== set.version).map((set) => `policy ${set.version}`),
    ...archive.calendars.filter((set) => versionOf(set.calendars) !== set.version).map((set) => `calendar ${set.version}`),
  ];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
