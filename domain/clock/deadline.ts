/** A deadline for anyone who asks: a limit that runs from a day, under the general rules of counting, without a case. */
import { DAY_MS, fromDayNumber, startOfDay, toDayNumber, type CivilDate } from '../civil-date';
import { limitText, type Limit } from '../limit';
import { text } from '../text';
import { NOTHING_EXCLUDED, retreat } from './count';
import type { ClockSpec } from './events';
import { explainClock, type ClockExplanation } from './explain';
import { layOut } from './lay-out';
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

/** 《民法典》第二百零一条、第二百零三条 for a limit that no entry of the policy describes. */
const GENERAL_RULE: PolicyLimit['article'] = {
  zh: '按照年、月、日计算期间的，开始的当日不计入，自下一日开始计算。期间的最后一日是法定休假日的，以法定休假日结束的次日为期间的最后一日。',
  en: 'Of a period counted in years, months and days the first day is not counted; where its last day is a statutory day of rest, the day after the rest is the last.',
  source: '民法典第二百零一条、第二百零三条',
};

/** Computes a deadline. Time does not depend on the length of the limit. @throws UnknownLaw for a jurisdiction or version not on file; OutsideCalendar beyond 2000–2099 */
export function deadline(question: DeadlineQuestion, law: Law): Deadline {
  const { from, limit, jurisdiction = DEFAULT_JURISDICTION, direction = 'after', calendarVersion = law.current.calendarVersion } = question;
  const asked = { from, limit, direction, jurisdiction, calendarVersion };
  if (direction === 'before') return { ...asked, ...before(question, law) };
  const layout = layOut(specOf(question, law), withEntry(question, law));
  if (layout?.dueDay == null || layout.dueAt === null) throw new Error(`the limit ${limitText(limit).en} from ${from} has no end`);
  return { ...asked, due: layout.calendar.dateOf(layout.dueDay), dueAt: layout.dueAt, provisional: layout.provisional };
}

/** The deadline explained day by day. Only for `after`: counting back is one look-up and has no pauses or rolls. @throws as {@link deadline} */
export function explainDeadline(question: DeadlineQuestion, law: Law): ClockExplanation {
  const explanation = explainClock(specOf(question, law), withEntry(question, law));
  if (explanation === null) throw new Error('a deadline begins with its question');
  return explanation;
}

function before({ from, limit, jurisdiction = DEFAULT_JURISDICTION, calendarVersion }: DeadlineQuestion, law: Law): Pick<Deadline, 'due' | 'dueAt' | 'provisional'> {
  const calendar = law.calendar(jurisdiction, calendarVersion ?? law.current.calendarVersion);
  const day = toDayNumber(from);
  const { day: found, instant } = retreat(calendar, { day, instant: calendar.startOf(day) }, limit, NOTHING_EXCLUDED);
  const asksEveryDay = limit.unit === 'working-day' || limit.unit === 'office-hour';
  return { due: fromDayNumber(found), dueAt: instant, provisional: asksEveryDay && !(calendar.isPublished(found) && calendar.isPublished(day - 1)) };
}

/** Only the day is known, so the question is put after it in every zone, and office hours run from its end. */
function specOf({ from, jurisdiction = DEFAULT_JURISDICTION, calendarVersion }: DeadlineQuestion, law: Law): ClockSpec {
  return {
    clockId: 'deadline', limitId: 'deadline.asked', policyVersion: law.current.policyVersion,
    calendarVersion: calendarVersion ?? law.current.calendarVersion, jurisdiction, events: [{ kind: 'start', at: startOfDay(from) + 2 * DAY_MS, on: from, trigger: 'asked' }],
  };
}

/** The law with one entry more: the limit that was asked for. */
function withEntry({ from, limit, roll = true }: DeadlineQuestion, law: Law): Law {
  const entry: PolicyLimit = {
    id: 'deadline.asked', title: text('期限', 'limit'), limit, trigger: text('所给之日', 'the day given'), startRule: 'next-day', rollToWorkingDay: roll, cap: null,
    pauseGrounds: [], extension: null, dueSoon: null, ladder: [], article: GENERAL_RULE, validFrom: from, validTo: null, transition: 'new-cases',
  };
  return { current: law.current, calendar: (jurisdiction, version) => law.calendar(jurisdiction, version), limit: () => entry };
}
