/** The bank holidays of England and Wales: the rules of the Act applied independently of the file. */
import { civilDate, fromDayNumber, toDayNumber } from '../../domain/civil-date';
import { shipped } from '../clock/world';

const eaw = shipped.calendar('gb-eaw', shipped.current.calendarVersion);
const years = eaw.data.years.map((year) => year.year);

/** By proclamation, beyond what the rules give. */
const MOVED: Readonly<Record<number, { without: readonly string[]; and: readonly string[] }>> = {
  2020: { without: ['2020-05-04'], and: ['2020-05-08'] },
  2022: { without: ['2022-05-30'], and: ['2022-06-02', '2022-06-03', '2022-09-19'] },
  2023: { without: [], and: ['2023-05-08'] },
};

const iso = (date: Date): string => date.toISOString().slice(0, 10);
const utc = (year: number, month: number, day: number): Date => new Date(Date.UTC(year, month - 1, day));
const plus = (date: Date, days: number): Date => new Date(date.getTime() + days * 86_400_000);

/** Easter Sunday in the Gregorian calendar (the anonymous algorithm of 1876). */
function easter(year: number): Date {
  const a = year % 19, b = Math.floor(year / 100), c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return utc(year, Math.floor(n / 31), (n % 31) + 1);
}

const firstMonday = (year: number, month: number): Date => plus(utc(year, month, 1), (8 - utc(year, month, 1).getUTCDay()) % 7);
function lastMonday(year: number, month: number): Date {
  const last = plus(utc(year, month + 1, 1), -1);
  return plus(last, -((last.getUTCDay() + 6) % 7));
}

/** A day at a weekend is taken on the next free weekday. */
function weekday(date: Date, taken: readonly string[]): string {
  let day = date;
  while (day.getUTCDay() % 6 === 0 || taken.includes(iso(day))) day = plus(day, 1);
  return iso(day);
}

function bankHolidays(year: number): string[] {
  const days = [weekday(utc(year, 1, 1), []), iso(plus(easter(year), -2)), iso(plus(easter(year), 1)), iso(firstMonday(year, 5)), iso(lastMonday(year, 5)), iso(lastMonday(year, 8))];
  // Christmas and Boxing Day have two weekdays between them; which of the two is called which does not matter for counting.
  const christmas = weekday(utc(year, 12, 25), []);
  days.push(christmas, weekday(utc(year, 12, 26), [christmas]));
  const moved = MOVED[year];
  return [...days.filter((day) => moved?.without.includes(day) !== true), ...(moved?.and ?? [])].sort();
}

test.each(years)('the weekdays of %i that are not worked are the bank holidays by rule and proclamation', (year) => {
  const rest: string[] = [];
  for (let day = toDayNumber(civilDate(`${year}-01-01`)); day <= toDayNumber(civilDate(`${year}-12-31`)); day += 1) {
    const weekend = [0, 6].includes(new Date(day * 86_400_000).getUTCDay());
    if (!eaw.isWorkingDay(day) && !weekend) rest.push(fromDayNumber(day));
    if (weekend) expect(eaw.isWorkingDay(day)).toBe(false);
  }
  expect(rest).toEqual(bankHolidays(year));
});

test('every year cites where it is published', () => {
  for (const year of eaw.data.years) expect(year.notices[0]?.source).toBe('https://www.gov.uk/bank-holidays');
});
