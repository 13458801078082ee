/** A calendar as data: what a jurisdiction published, year by year, each entry under the notice that set it. */
import { z } from 'zod';
import { daysInMonth, isCivilDate, toDayNumber, type CivilDate } from '../civil-date';
import { Zone } from './zone';

const Name = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) }).readonly();
const Day = z.custom<CivilDate>((value) => typeof value === 'string' && isCivilDate(value), {
  error: (issue) => `"${String(issue.input)}" is not a date of the form YYYY-MM-DD that exists`,
});
const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day HH:MM');

/** The publication a year rests on: number as printed (`国办发明电〔2025〕7号`), day of issue, where to read it. */
export const Notice = z.strictObject({ number: z.string().min(1), issued: Day, source: z.string().min(1) }).readonly();
export type Notice = z.infer<typeof Notice>;

export const Holiday = z
  .strictObject({
    /** Key into `names`. */
    name: z.string().min(1),
    from: Day,
    to: Day,
    /** Days at a weekend worked in exchange 调休. */
    work: z.array(Day).readonly().optional(),
    /** Which of the year's notices set it; the first unless said otherwise. */
    notice: z.int().min(0).optional(),
  })
  .readonly();

export const CalendarYear = z
  .strictObject({ year: z.int().min(2000).max(2099), notices: z.array(Notice).min(1).readonly(), holidays: z.array(Holiday).readonly() })
  .readonly();
export type CalendarYear = z.infer<typeof CalendarYear>;

const Base = z
  .strictObject({
    jurisdiction: z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not a key of small letters, digits and hyphens'),
    title: Name,
    zone: Zone,
    /** Days of rest in the week, 0 Sunday … 6 Saturday. */
    weekend: z.array(z.int().min(0).max(6)).max(6).readonly(),
    officeHours: z.array(z.strictObject({ from: TimeOfDay, to: TimeOfDay }).readonly()).min(1).readonly(),
    names: z.record(z.string(), Name).readonly(),
    /** Holidays on a fixed date, which the law itself sets; all that is known of a year not yet published. */
    fixed: z.strictObject({
      source: Name,
      days: z.array(z.strictObject({ name: z.string(), month: z.int().min(1).max(12), day: z.int().min(1).max(31) }).readonly()).readonly(),
    }).readonly(),
    years: z.array(CalendarYear).min(1).readonly(),
  })
  .readonly();

/** The schema of a whole calendar, with what no single field shows: overlaps, gaps, names without meaning. */
export const CalendarData = Base.superRefine((data, context) => {
  for (const problem of calendarProblems(data)) context.addIssue({ code: 'custom', path: [...problem.path], message: problem.message });
});
export type CalendarData = z.infer<typeof Base>;

interface Problem { readonly path: readonly (string | number)[]; readonly message: string }

/** Everything that makes a well-formed calendar contradict itself, each with the place. Empty when it is sound. */
export function calendarProblems(data: CalendarData): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<CivilDate, string>();
  const take = (day: CivilDate, as: string, path: Problem['path']): void => {
    const before = taken.get(day);
    if (before !== undefined) problems.push({ path, message: `${day} is given twice: ${before} and ${as}` });
    taken.set(day, as);
  };
  data.years.forEach((year, y) => {
    const previous = data.years[y - 1];
    if (previous !== undefined && year.year !== previous.year + 1) {
      problems.push({ path: ['years', y, 'year'], message: `${year.year} does not follow ${previous.year}: years stand in order without a gap` });
    }
    year.holidays.forEach((holiday, h) => {
      const path = ['years', y, 'holidays', h];
      if (data.names[holiday.name] === undefined) problems.push({ path: [...path, 'name'], message: `"${holiday.name}" is not one of names` });
      if ((holiday.notice ?? 0) >= year.notices.length) problems.push({ path: [...path, 'notice'], message: `the year has no notice ${holiday.notice}` });
      const [first, last] = [toDayNumber(holiday.from), toDayNumber(holiday.to)];
      if (last < first) problems.push({ path: [...path, 'to'], message: `${holiday.to} is before ${holiday.from}` });
      if (last - first > 31) problems.push({ path: [...path, 'to'], message: `${holiday.from} to ${holiday.to} is longer than a month` });
      else for (const day of daysFrom(first, last)) take(day, `holiday ${holiday.name} of ${year.year}`, path);
      for (const day of [holiday.from, holiday.to, ...(holiday.work ?? [])]) {
        if (!belongsTo(day, year.year)) problems.push({ path, message: `${day} is not in ${year.year} or at its edge` });
      }
      (holiday.work ?? []).forEach((day, w) => {
        if (!data.weekend.includes((toDayNumber(day) + 4) % 7)) problems.push({ path: [...path, 'work', w], message: `${day} is no day of rest, so it cannot be a make-up workday` });
        take(day, `make-up workday for ${holiday.name} of ${year.year}`, [...path, 'work', w]);
      });
    });
  });
  data.fixed.days.forEach((day, index) => {
    if (data.names[day.name] === undefined) problems.push({ path: ['fixed', 'days', index, 'name'], message: `"${day.name}" is not one of names` });
    // 29 February is one in some years.
    if (day.day > daysInMonth(2000, day.month)) problems.push({ path: ['fixed', 'days', index, 'day'], message: `there is no day ${day.day} in month ${day.month}` });
  });
  let closed = '00:00';
  data.officeHours.forEach((span, index) => {
    if (span.from < closed || span.to <= span.from) problems.push({ path: ['officeHours', index], message: `${span.from}–${span.to} overlaps or runs backwards` });
    closed = span.to;
  });
  return problems;
}

/** A notice may reach into the neighbouring year (元旦: 2018-12-29 to 2019-01-01), never further. */
function belongsTo(day: CivilDate, year: number): boolean {
  return day.startsWith(String(year)) || day.startsWith(`${year - 1}-12`) || day.startsWith(`${year + 1}-01`);
}

function* daysFrom(first: number, last: number): Generator<CivilDate> {
  for (let day = first; day <= last; day += 1) yield new Date(day * 86_400_000).toISOString().slice(0, 10) as CivilDate;
}

/** The calendar with a newly published (or corrected) year in its place. Sound only if {@link CalendarData} then accepts it. */
export function withYear(data: CalendarData, year: CalendarYear): CalendarData {
  const years = [...data.years.filter((each) => each.year !== year.year), year].sort((a, b) => a.year - b.year);
  return { ...data, years };
}
