/** A calendar that contradicts itself is refused with the place. */
import { Calendar, OutsideCalendar } from '../../domain/calendar/calendar';
import { CalendarData, calendarProblems, withYear, type CalendarYear } from '../../domain/calendar/data';
import { civilDate, toDayNumber } from '../../domain/civil-date';
import { shipped } from '../clock/world';

const cn = shipped.calendar('cn', shipped.current.calendarVersion).data;
const day = civilDate;

/** The year after the last published one, invented: only its form matters here. */
function invented(holidays: CalendarYear['holidays']): CalendarYear {
  return { year: 2027, notices: [{ number: '试〔2026〕1号', issued: day('2026-11-01'), source: 'https://example.org' }], holidays };
}
const refusals = (holidays: CalendarYear['holidays']) => calendarProblems(withYear(cn, invented(holidays))).map((problem) => `${problem.path.slice(2).join('.')}: ${problem.message}`);

test('what is shipped is sound', () => expect(calendarProblems(cn)).toEqual([]));

test('two holidays on one day', () => {
  expect(refusals([{ name: 'new-year', from: day('2027-01-01'), to: day('2027-01-03') }, { name: 'spring-festival', from: day('2027-01-03'), to: day('2027-01-04') }]))
    .toEqual(['holidays.1: 2027-01-03 is given twice: holiday new-year of 2027 and holiday spring-festival of 2027']);
});
test('a day both of rest and worked', () => {
  expect(refusals([{ name: 'new-year', from: day('2027-01-01'), to: day('2027-01-03'), work: [day('2027-01-02')] }]))
    .toEqual(['holidays.0.work.0: 2027-01-02 is given twice: holiday new-year of 2027 and make-up workday for new-year of 2027']);
});
test('a make-up workday given twice', () => {
  expect(refusals([{ name: 'new-year', from: day('2027-01-01'), to: day('2027-01-01'), work: [day('2027-01-09'), day('2027-01-09')] }]))
    .toEqual(['holidays.0.work.1: 2027-01-09 is given twice: make-up workday for new-year of 2027 and make-up workday for new-year of 2027']);
});
test('a day that the year before has given already', () => {
  expect(refusals([{ name: 'new-year', from: day('2026-10-07'), to: day('2026-10-07') }])).toEqual([
    'holidays.0: 2026-10-07 is given twice: holiday national-day of 2026 and holiday new-year of 2027',
    'holidays.0: 2026-10-07 is not in 2027 or at its edge', 'holidays.0: 2026-10-07 is not in 2027 or at its edge',
  ]);
});
test('a make-up workday on a day that is worked anyway', () => {
  expect(refusals([{ name: 'new-year', from: day('2027-01-01'), to: day('2027-01-01'), work: [day('2027-01-06')] }]))
    .toEqual(['holidays.0.work.0: 2027-01-06 is no day of rest, so it cannot be a make-up workday']);
});
test('a holiday that ends before it begins', () => {
  expect(refusals([{ name: 'new-year', from: day('2027-01-03'), to: day('2027-01-01') }])).toEqual(['holidays.0.to: 2027-01-01 is before 2027-01-03']);
});
test('a holiday longer than a month', () => {
  expect(refusals([{ name: 'new-year', from: day('2027-01-01'), to: day('2027-02-15') }])).toEqual(['holidays.0.to: 2027-01-01 to 2027-02-15 is longer than a month']);
});
test('a name that is not given in both languages', () => {
  expect(refusals([{ name: 'carnival', from: day('2027-02-15'), to: day('2027-02-15') }])).toEqual(['holidays.0.name: "carnival" is not one of names']);
});
test('a notice the year does not have', () => {
  expect(refusals([{ name: 'new-year', from: day('2027-01-01'), to: day('2027-01-01'), notice: 1 }])).toEqual(['holidays.0.notice: the year has no notice 1']);
});
test('a gap between years', () => {
  expect(calendarProblems(withYear(cn, { ...invented([]), year: 2028 })).map((problem) => problem.message)).toEqual(['2028 does not follow 2026: years stand in order without a gap']);
});
test('office hours that overlap', () => {
  expect(calendarProblems({ ...cn, officeHours: [{ from: '09:00', to: '12:00' }, { from: '11:00', to: '18:00' }] })).toMatchObject([{ path: ['officeHours', 1] }]);
});
test('a fixed holiday on 30 February, which is no day in any year', () => {
  const fixed = { ...cn.fixed, days: [...cn.fixed.days, { name: 'new-year', month: 2, day: 30 }] };
  expect(calendarProblems({ ...cn, fixed })).toEqual([{ path: ['fixed', 'days', 6, 'day'], message: 'there is no day 30 in month 2' }]);
});
test('a fixed holiday on 29 February is one in leap years, and not 1 March in others', () => {
  const fixed = { ...cn.fixed, days: [{ name: 'new-year', month: 2, day: 29 }] };
  const leap = new Calendar(CalendarData.parse({ ...cn, fixed }), 'leap');
  expect(leap.natureOf(toDayNumber(day('2028-02-29')))).toMatchObject({ kind: 'holiday', provisional: true });
  expect(leap.natureOf(toDayNumber(day('2027-03-01')))).toMatchObject({ kind: 'working-day', provisional: true });
});
test('a date that is not one is refused with its place', () => {
  const result = CalendarData.safeParse(withYear(cn, invented([{ name: 'new-year', from: '2027-02-30' as typeof cn.years[number]['holidays'][number]['from'], to: day('2027-03-01') }])));
  expect(result.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)).toEqual(['years.23.holidays.0.from: "2027-02-30" is not a date of the form YYYY-MM-DD that exists']);
});
test('a published year takes the place of the provisional one', () => {
  const loaded = new Calendar(CalendarData.parse(withYear(cn, invented([{ name: 'new-year', from: day('2027-01-01'), to: day('2027-01-05') }]))), 'new');
  const monday = toDayNumber(day('2027-01-04'));
  expect(loaded.natureOf(monday)).toMatchObject({ kind: 'holiday', provisional: false });
  // 1 May is a holiday of the Measures, but a published year says itself what it gives: nothing is added to it.
  expect(loaded.natureOf(toDayNumber(day('2027-05-03')))).toMatchObject({ working: true, provisional: false });
  expect(shipped.calendar('cn', shipped.current.calendarVersion).natureOf(monday)).toMatchObject({ working: true, provisional: true });
});
test('beyond the century of the tables is an error of its own, not a date', () => {
  const calendar = shipped.calendar('cn', shipped.current.calendarVersion);
  expect(() => calendar.rank(toDayNumber(day('1999-12-31')))).toThrow(OutsideCalendar);
  expect(() => calendar.rank(toDayNumber(day('2100-01-01')))).toThrow('calendar cn reaches from 2000 to 2099: 2100-01-01 lies outside');
  expect(() => calendar.dateOf(toDayNumber(day('9999-12-31')) + 1)).toThrow('calendar cn reaches from 2000 to 2099: the date lies outside');
  expect(() => calendar.dateOf(toDayNumber(day('0000-01-01')) - 1)).toThrow('calendar cn reaches from 2000 to 2099: the date lies outside');
  expect(() => calendar.select(0)).toThrow(OutsideCalendar);
  expect(() => calendar.select(100_000)).toThrow(OutsideCalendar);
});
