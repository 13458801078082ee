import type { CivilDate } from '../../domain/civil-date';
import { addDays } from '../../domain/civil-date';

/** A due date in a calendar. Holds no personal data: calendars travel to telephones. */
export interface DueEntry {
  /** The same for as long as the limit runs, so that a moved date moves the entry. */
  readonly id: string;
  readonly due: CivilDate;
  readonly title: string;
  readonly description: string;
  /** Grows with every change of the case. */
  readonly revision: number;
}

/** Entries → an iCalendar (RFC 5545) of all-day events. `stampedAt` is milliseconds since the epoch. */
export function toCalendar(name: string, entries: readonly DueEntry[], stampedAt: number): string {
  const stamp = `${new Date(stampedAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const lines = [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//wenze//due dates//ZH', 'CALSCALE:GREGORIAN', 'METHOD:PUBLISH', `X-WR-CALNAME:${escape(name)}`,
    ...entries.flatMap((entry) => [
      'BEGIN:VEVENT', `UID:${escape(entry.id)}@wenze`, `DTSTAMP:${stamp}`, `SEQUENCE:${entry.revision}`,
      `DTSTART;VALUE=DATE:${compact(entry.due)}`, `DTEND;VALUE=DATE:${compact(addDays(entry.due, 1))}`,
      `SUMMARY:${escape(entry.title)}`, `DESCRIPTION:${escape(entry.description)}`, 'TRANSP:TRANSPARENT', 'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return `${lines.map(fold).join('\r\n')}\r\n`;
}

const compact = (day: CivilDate): string => day.replaceAll('-', '');
const escape = (text: string): string => text.replaceAll(/[\\;,]/g, (character) => `\\${character}`).replaceAll('\n', '\\n');

/** RFC 5545 3.1: a line has at most 75 octets; the rest goes on after a space, never within a character. */
function fold(line: string): string {
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      parts.push(part);
      part = '';
      octets = 1;
    }
    part += character;
    octets += size;
  }
  return [...parts, part].join('\r\n ');
}
