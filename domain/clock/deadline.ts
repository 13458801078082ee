/** A deadline for anyone who asks: a limit that runs from a day, under the general rules of counting, without a case. */
import type { Calendar } from '../calendar/calendar';
import { DAY_MS, startOfDay, toDayNumber, type CivilDate } from '../civil-date';
import { limitText, type Limit } from '../limit';
import { text } from '../text';
import { advance, NOTHING_EXCLUDED, retreat, rollForward, type Position } from './count';
import type { ClockSpec } from './events';
import { explainClock, type ClockExplanation } from './explain';
import type { Law, PolicyLimit } from './law';

export interface DeadlineQuestion {
  /** The day of the event. */
  readonly from: CivilDate;
  readonly limit: Limit;
  /** Whose calendar; `cn` unless said otherwise. */
  readonly jurisdiction?: string | undefined;
  /** `after` unless said otherwise. `before`: the last day on which something must be done so that the limit lies between it and `from`. */
  readonly direction?: 'after' | 'before' | undefined;
  /** Whether an end on a day of rest moves to the next working day; it does unless said otherwise. Without meaning for `before`. */
  readonly roll?: boolean | undefined;
  /** The version of the calendars; the current one unless said otherwise. */
  readonly calendarVersion?: string | undefined;
}

export interface Deadline {
  readonly from: CivilDate;
  readonly limit: Limit;
  readonly direction: 'after' | 'before';
  readonly due: CivilDate;
  /** The first instant that is too late (ms since the epoch); for office hours the exact instant. For `before`: the start of the day. */
  readonly dueAt: number;
  /** The date rests on a year whose calendar is not published yet. */
  readonly provisional: boolean;
  readonly jurisdiction: string;
  readonly calendarVersion: string;
}

const DEFAULT_JURISDICTION = 'cn';

/** The general rules of China, for a limit that no entry of the policy describes. */
const CIVIL_CODE = {
  start: { zh: '按照年、月、日计算期间的，开始的当日不计入，自下一日开始计算。', en: 'Of a period counted in years, months and days the first day is not counted.', source: '第二百零一条' },
  hours: { zh: '按照小时计算期间的，自法律规定或者当事人约定的时间开始计算。', en: 'A period counted in hours runs from the time that the law sets or the parties agree.', source: '第二百零一条' },
  months: {
    zh: '按照年、月计算期间的，到期月的对应日为期间的最后一日；没有对应日的，月末日为期间的最后一日。',
    en: 'A period counted in years and months ends on the same day of its last month, or on the last day of a month that has no such day.', source: '第二百零二条',
  },
  rest: {
    zh: '期间的最后一日是法定休假日的，以法定休假日结束的次日为期间的最后一日。',
    en: 'Where the last day is a statutory day of rest, the day after the rest is the last.', source: '第二百零三条',
  },
} as const;

/** The articles by which a question is answered: those that had a part in it, and none of China for the calendar of another jurisdiction. */
function generalRule({ limit: { unit }, roll = true, jurisdiction = DEFAULT_JURISDICTION }: DeadlineQuestion): PolicyLimit['article'] {
  if (!/^cn(-|$)/.test(jurisdiction)) {
    return {
      zh: '系统默认的计算规则，非该法域的规定', source: 'default',
      en: 'Counted by the default rules of the product, which are no law of this jurisdiction',
    };
  }
  const { start, hours, months, rest } = CIVIL_CODE;
  const rules = unit === 'office-hour' ? [hours] : [start, ...(unit === 'month' ? [months] : []), ...(roll && unit !== 'working-day' ? [rest] : [])];
  return { zh: rules.map((rule) => rule.zh).join(''), en: rules.map((rule) => rule.en).join(' '), source: `民法典${rules.map((rule) => rule.source).join('、')}` };
}

/**
 * Computes a deadline: two look-ups in the calendar's tables, however long the limit. It is what `readClock` finds for a clock that was only
 * started, without the clock. @throws UnknownLaw for a jurisdiction or version not on file; OutsideCalendar beyond 2000–2099
 */
export function deadline(question: DeadlineQuestion, law: Law): Deadline {
  const { from, limit, jurisdiction = DEFAULT_JURISDICTION, direction = 'after', calendarVersion = law.current.calendarVersion } = question;
  const calendar = law.calendar(jurisdiction, calendarVersion);
  const start = toDayNumber(from);
  if (limit.unit !== 'working-day' || direction === 'before') return { from, limit, direction, ...elsewise(question, calendar, start), jurisdiction, calendarVersion };
  const due = calendar.workingDayAfter(start, limit.amount);
  return { from, limit, direction, due: calendar.dateOf(due), dueAt: calendar.startOf(due + 1), provisional: !calendar.isPublished(start + 1, due), jurisdiction, calendarVersion };
}

/** What is no number of working days after a day; apart, so that the way of those stays short. */
function elsewise({ limit, direction, roll = true }: DeadlineQuestion, calendar: Calendar, start: number): Pick<Deadline, 'due' | 'dueAt' | 'provisional'> {
  return direction === 'before' ? before(calendar, start, limit) : after(calendar, start, limit, roll);
}

/** Hours, days and months after a day. */
function after(calendar: Calendar, start: number, limit: Limit, roll: boolean): Pick<Deadline, 'due' | 'dueAt' | 'provisional'> {
  const { day: end, instant } = positionOf(calendar, start, limit);
  if (limit.unit === 'office-hour') return { due: calendar.dateOf(end), dueAt: instant, provisional: !calendar.isPublished(start + 1, end) };
  const due = roll ? (rollForward(calendar, end, []) ?? end) : end;
  return { due: calendar.dateOf(due), dueAt: calendar.startOf(due + 1), provisional: roll && !calendar.isPublished(end, due) };
}

/** Only the day is known, so office hours run from its end. */
function positionOf(calendar: Calendar, start: number, limit: Limit): Position {
  const position = advance(calendar, { day: start, instant: calendar.startOf(start + 1) }, limit, NOTHING_EXCLUDED);
  if (position === null) throw new Error(`the limit ${limitText(limit).en} has no end`);
  return position;
}

/** The deadline explained day by day. Only for `after`: counting back is one look-up and has no pauses or rolls. @throws as {@link deadline} */
export function explainDeadline(question: DeadlineQuestion, law: Law): ClockExplanation {
  return explainClock(specOf(question, law), withEntry(question, law));
}

/** Counting back from a day. */
function before(calendar: Calendar, day: number, limit: Limit): Pick<Deadline, 'due' | 'dueAt' | 'provisional'> {
  const { day: found, instant } = retreat(calendar, { day, instant: calendar.startOf(day) }, limit, NOTHING_EXCLUDED);
  const asksEveryDay = limit.unit === 'working-day' || limit.unit === 'office-hour';
  return { due: calendar.dateOf(found), dueAt: instant, provisional: asksEveryDay && !calendar.isPublished(found, day - 1) };
}

/** Only the day is known, so the question is put after it in every zone, and office hours run from its end. */
function specOf({ from, jurisdiction = DEFAULT_JURISDICTION, calendarVersion }: DeadlineQuestion, law: Law): ClockSpec {
  return {
    clockId: 'deadline', limitId: 'deadline.asked', policyVersion: law.current.policyVersion,
    calendarVersion: calendarVersion ?? law.current.calendarVersion, jurisdiction, events: [{ kind: 'start', at: startOfDay(from) + 2 * DAY_MS, on: from, trigger: 'asked' }],
  };
}

/** The law with one entry more: the limit that was asked for. */
function withEntry(question: DeadlineQuestion, law: Law): Law {
  const { from, limit, roll = true } = question;
  const entry: PolicyLimit = {
    id: 'deadline.asked', title: text('期限', 'limit'), limit, trigger: text('所给之日', 'the day given'), startRule: 'next-day', rollToWorkingDay: roll, cap: null,
    pauseGrounds: [], extension: null, dueSoon: null, ladder: [], article: generalRule(question), validFrom: from, validTo: null, transition: 'new-cases',
  };
  return { current: law.current, calendar: (jurisdiction, version) => law.calendar(jurisdiction, version), limit: () => entry };
}
