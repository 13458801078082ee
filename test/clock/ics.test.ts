/** Due dates as iCalendar: RFC 5545 by its letter, and as a reader that is not ours takes it. */
import fc from 'fast-check';
import { civilDate } from '../../domain/civil-date';
import { toIcs, type DueEntry } from '../../domain/clock';
import { readCalendar } from '../support/calendar';

const stamped = Date.parse('2026-09-25T10:20:30.500+08:00');
const entry = (more: Partial<DueEntry> = {}): DueEntry => ({
  id: 'TS-2026-000123.handle', due: civilDate('2026-10-09'), title: 'TS-2026-000123 办理期限', description: '投诉 complaint', revision: 7, state: 'certain', ...more,
});

test('a calendar of one date, line by line', () => {
  expect(toIcs('问责 待办', [entry()], stamped).split('\r\n')).toEqual([
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//wenze//due dates//ZH', 'CALSCALE:GREGORIAN', 'METHOD:PUBLISH', 'REFRESH-INTERVAL;VALUE=DURATION:PT1H', 'X-WR-CALNAME:问责 待办',
    'BEGIN:VEVENT', 'UID:TS-2026-000123.handle@wenze', 'DTSTAMP:20260925T022030Z', 'SEQUENCE:7', 'DTSTART;VALUE=DATE:20261009', 'DTEND;VALUE=DATE:20261010',
    'STATUS:CONFIRMED', 'SUMMARY:TS-2026-000123 办理期限', 'DESCRIPTION:投诉 complaint', 'TRANSP:TRANSPARENT', 'END:VEVENT', 'END:VCALENDAR', '',
  ]);
});

test('a reader that is not ours finds a whole day, its words, and who published it', async () => {
  const { properties, events } = await readCalendar(toIcs('问责', [entry()], stamped));
  expect(properties).toMatchObject({ version: '2.0', method: 'PUBLISH', 'x-wr-calname': '问责' });
  expect(events).toEqual([{
    uid: 'TS-2026-000123.handle@wenze', summary: 'TS-2026-000123 办理期限', description: '投诉 complaint', start: '2026-10-09', end: '2026-10-10', allDay: true,
    status: 'CONFIRMED', sequence: 7, stamp: '2026-09-25T02:20:30Z',
  }]);
});

test('no entry is a calendar too', async () => expect((await readCalendar(toIcs('问责', [], stamped))).events).toEqual([]));

test('the day after 31 December is 1 January, and after 28 February of a leap year the 29th', async () => {
  const { events } = await readCalendar(toIcs('x', [entry({ due: civilDate('2026-12-31') }), entry({ due: civilDate('2028-02-28') })], stamped));
  expect(events.map(({ end }) => end)).toEqual(['2027-01-01', '2028-02-29']);
});

describe('an entry that changes keeps its name, so that a telephone moves it', () => {
  test('a moved date has the same UID and a higher SEQUENCE', async () => {
    const [before, after] = await Promise.all([entry({ state: 'provisional' }), entry({ due: civilDate('2026-10-12'), revision: 8 })].map(async (each) => (await readCalendar(toIcs('x', [each], stamped))).events[0]));
    expect(after?.uid).toBe(before?.uid);
    expect(Number(after?.sequence)).toBeGreaterThan(Number(before?.sequence));
    expect([before?.start, after?.start]).toEqual(['2026-10-09', '2026-10-12']);
    expect([before?.status, after?.status]).toEqual(['TENTATIVE', 'CONFIRMED']);
  });
  test('a limit that was met is cancelled', async () => {
    expect((await readCalendar(toIcs('x', [entry({ state: 'cancelled' })], stamped))).events[0]?.status).toBe('CANCELLED');
  });
});

describe('words', () => {
  test.each([
    ['a comma, a semicolon and a backslash', 'a, b; c\\d', 'SUMMARY:a\\, b\\; c\\\\d'],
    ['a line break of any kind', 'a\r\nb\nc\rd', 'SUMMARY:a\\nb\\nc\\nd'],
    ['what would end the event', 'x\r\nEND:VEVENT', 'SUMMARY:x\\nEND:VEVENT'],
    ['a colon and quotes stay', '甲:"乙"', 'SUMMARY:甲:"乙"'],
    ['control characters are left out, a tab is not', 'a\u0000\u0007b\tc', 'SUMMARY:ab\tc'],
  ])('%s', (_name, title, line) => {
    expect(toIcs('x', [entry({ title })], stamped).split('\r\n')).toContain(line);
  });

  test('a line of Chinese is folded at 75 octets: 22 characters after SUMMARY:, 24 on each line that goes on', () => {
    const title = '期'.repeat(60);
    const lines = toIcs('x', [entry({ title })], stamped).split('\r\n');
    const at = lines.findIndex((line) => line.startsWith('SUMMARY:'));
    expect(lines.slice(at, at + 3)).toEqual([`SUMMARY:${'期'.repeat(22)}`, ` ${'期'.repeat(24)}`, ` ${'期'.repeat(14)}`]);
    expect(lines.slice(at, at + 2).map((line) => Buffer.byteLength(line))).toEqual([74, 73]);
  });
  test('a line of exactly 75 octets is one line, of 76 two', () => {
    const linesOf = (length: number) => toIcs('x', [entry({ title: 'a'.repeat(length) })], stamped).split('\r\n').filter((line) => /^(SUMMARY:| )a+$/.test(line));
    expect(linesOf(75 - 'SUMMARY:'.length)).toHaveLength(1);
    expect(linesOf(76 - 'SUMMARY:'.length)).toEqual([`SUMMARY:${'a'.repeat(67)}`, ' a']);
  });
  test('a character of four octets is never cut in two', () => {
    const text = toIcs('x', [entry({ title: '𠮷'.repeat(40) })], stamped);
    for (const line of text.split('\r\n')) expect(line.isWellFormed()).toBe(true);
  });
  test('whatever the words, every line has at most 75 octets and they are read back as they were (2,000 texts)', async () => {
    const words = fc.string({ unit: fc.constantFrom('a', '期', '𠮷', ',', ';', '\\', '\n', ' ', ':', '"', 'é'), maxLength: 120 }).filter((text) => text.trim() === text && text !== '');
    await fc.assert(fc.asyncProperty(words, words, async (title, description) => {
      const text = toIcs('x', [entry({ title, description })], stamped);
      for (const line of text.split('\r\n')) if (Buffer.byteLength(line) > 75) throw new Error(`${Buffer.byteLength(line)} octets: ${line}`);
      const [read] = (await readCalendar(text)).events;
      expect([read?.summary, read?.description]).toEqual([title, description]);
    }), { numRuns: 2_000 });
  });
});
