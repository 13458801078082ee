/** Due dates as a calendar that telephones read (RFC 5545). Pure: the octets of a line are counted, not encoded. */
import { addDays, type CivilDate } from '../civil-date';

/** A due date in a calendar. Holds no personal data: calendars travel to telephones. */
export interface DueEntry {
  /** The same for as long as the limit runs, so that a moved date moves the entry. */
  readonly id: string;
  readonly due: CivilDate;
  readonly title: string;
  readonly description: string;
  /** Grows with every change of the case. */
  readonly revision: number;
  /** Provisional: may still move. Cancelled: nobody waits for it any more, and it is taken out of the calendars that had it. */
  readonly state: 'certain' | 'provisional' | 'cancelled';
}

const STATUS = { certain: 'CONFIRMED', provisional: 'TENTATIVE', cancelled: 'CANCELLED' } as const satisfies Record<DueEntry['state'], string>;

/** Entries → an iCalendar of all-day events under a name. `stampedAt` is milliseconds since the epoch. */
export function toIcs(name: string, entries: readonly DueEntry[], stampedAt: number): string {
  const stamp = `${new Date(stampedAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const lines = [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//wenze//due dates//ZH', 'CALSCALE:GREGORIAN', 'METHOD:PUBLISH', 'REFRESH-INTERVAL;VALUE=DURATION:PT1H', `X-WR-CALNAME:${escapeText(name)}`,
    ...entries.flatMap((entry) => [
      'BEGIN:VEVENT', `UID:${escapeText(entry.id)}@wenze`, `DTSTAMP:${stamp}`, `SEQUENCE:${entry.revision}`,
      `DTSTART;VALUE=DATE:${compact(entry.due)}`, `DTEND;VALUE=DATE:${compact(addDays(entry.due, 1))}`,
      `STATUS:${STATUS[entry.state]}`, `SUMMARY:${escapeText(entry.title)}`, `DESCRIPTION:${escapeText(entry.description)}`, 'TRANSP:TRANSPARENT', 'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return `${lines.map(fold).join('\r\n')}\r\n`;
}

const compact = (day: CivilDate): string => day.replaceAll('-', '');

/** RFC 5545 3.3.11: backslash, semicolon and comma are escaped, a line break is `\n`; other control characters may not stand there. */
export function escapeText(value: string): string {
  return value.replaceAll(/[\\;,]/g, (character) => `\\${character}`).replaceAll(/\r\n|\r|\n/g, '\\n').replaceAll(/[\p{Cc}]/gu, (character) => (character === '\t' ? character : ''));
}

/** RFC 5545 3.1: a line has at most 75 octets; the rest goes on after a space, never within a character. */
function fold(line: string): string {
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const character of line) {
    const size = octetsOf(character.codePointAt(0) ?? 0);
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

/** Octets of a code point in UTF-8. */
const octetsOf = (point: number): number => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
