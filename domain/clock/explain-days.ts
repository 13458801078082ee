/** The list of days behind a date: each one counted or skipped, and why. The counting itself is {@link layOut}'s; this only reads it out. */
import type { Calendar, DayNature } from '../calendar/calendar';
import type { Notice } from '../calendar/data';
import { toDayNumber, type CivilDate } from '../civil-date';
import type { LimitUnit } from '../limit';
import { text, type Text } from '../text';
import { countedSince, type Position } from './count';
import { stopDayOf, type Layout } from './lay-out';

/** What a day is to a clock. `rest-at-end`: the limit had run out, but nobody has to act on a day of rest. */
export const DAY_ROLES = ['event-day', 'counted', 'weekend', 'holiday', 'paused', 'excluded', 'out-of-hours', 'rest-at-end', 'due'] as const;
export type DayRole = (typeof DAY_ROLES)[number];

export interface ExplainedDay {
  readonly date: CivilDate;
  readonly counted: boolean;
  readonly why: DayRole;
  /** What the day is: weekend, a holiday by its name, a make-up workday, the ground of a pause. */
  readonly reason: Text;
  /** Running number among the counted days; for office hours the hours counted so far; null for a day that is not counted. */
  readonly number: number | null;
  /** The publication that made the day what it is, where one did. */
  readonly notice: Notice | null;
  /** Nobody has published the year yet; the day may turn out otherwise. */
  readonly provisional: boolean;
}

/** A part of the limit with one unit and the last position it reaches. */
interface Span { readonly unit: LimitUnit; readonly end: Position }

/** Every day from the day of the event to the last day; while the clock rests, up to the day on which the rest began. */
export function explainDays(layout: Layout): ExplainedDay[] {
  const { calendar, eventDay, start, dueDay } = layout;
  const spans = spansOf(layout);
  const last = dueDay ?? Math.max(eventDay, layout.excluded.days.at(-1)?.from ?? eventDay);
  const days: ExplainedDay[] = [];
  let number = 0;
  for (let day = Math.min(eventDay, start.day + 1); day <= last; day += 1) {
    const nature = calendar.natureOf(day);
    const span = spans.find((each) => day <= each.end.day);
    const found = isEventDay(layout, day, span)
      ? { why: 'event-day' as const, reason: text('事件发生当日，不计入', 'day of the event, not counted'), amount: 0 }
      : placeOf(layout, day, nature, span);
    number += found.amount;
    days.push({
      date: calendar.dateOf(day), counted: found.amount > 0, why: found.why, reason: found.reason,
      number: found.amount > 0 ? Math.round(number * 100) / 100 : null, notice: nature.notice ?? null, provisional: nature.provisional,
    });
  }
  return days;
}

/** The parts of the limit, drawn in to the end where a cap shortened them; without an end while the clock rests. */
function spansOf({ parts, partEnds, end }: Layout): Span[] {
  return parts.map((part, index) => {
    const reached: Position = partEnds[index] ?? { day: Infinity, instant: Infinity };
    return { unit: part.unit, end: end !== null && end.day < reached.day ? end : reached };
  });
}

/** The day itself does not count; for office hours only where they run from its end. */
function isEventDay({ calendar, start }: Layout, day: number, span: Span | undefined): boolean {
  return span?.unit === 'office-hour' ? start.instant >= calendar.startOf(day + 1) : day <= start.day;
}

function placeOf(layout: Layout, day: number, nature: DayNature, span: Span | undefined): { why: DayRole; reason: Text; amount: number } {
  const lost = groundOf(layout, day);
  if (span === undefined) {
    if (lost !== null) return { ...lost, amount: 0 };
    return day === layout.dueDay
      ? { why: 'due', reason: titled(nature, '期满顺延后的最后一日', 'last day, after the days of rest'), amount: 0 }
      : { why: 'rest-at-end', reason: titled(nature, '期满日为休息日，顺延', 'the limit ended on a day of rest and moves on'), amount: 0 };
  }
  if (span.unit === 'office-hour') return officeTime(layout, day, nature, span, lost);
  if (lost !== null) return { ...lost, amount: 0 };
  if (span.unit === 'working-day' && !nature.working) return { why: nature.kind === 'weekend' ? 'weekend' : 'holiday', reason: nature.name, amount: 0 };
  return { why: 'counted', reason: nature.name, amount: 1 };
}

/** Hours are exact: a pause may take part of a day. */
function officeTime({ calendar, start, excluded }: Layout, day: number, nature: DayNature, span: Span, lost: { why: DayRole; reason: Text } | null): { why: DayRole; reason: Text; amount: number } {
  const from = Math.max(calendar.startOf(day), start.instant);
  const to = Math.min(calendar.startOf(day + 1), span.end.instant);
  const at = (instant: number): Position => ({ day, instant });
  const amount = to > from ? countedSince(calendar, at(from), at(to), 'office-hour', excluded) : 0;
  if (amount > 0) return { why: 'counted', reason: nature.name, amount };
  if (lost !== null) return { ...lost, amount };
  if (!nature.working) return { why: nature.kind === 'weekend' ? 'weekend' : 'holiday', reason: nature.name, amount };
  return { why: 'out-of-hours', reason: text('办公时间以外', 'outside office hours'), amount };
}

/** Whether a whole day is taken by a pause or an exclusion, and on what ground. */
function groundOf({ calendar, state, entry, excluded }: Layout, day: number): { why: 'paused' | 'excluded'; reason: Text } | null {
  if (!excluded.days.some((stretch) => day >= stretch.from && day < stretch.to)) return null;
  const pause = state.pauses.find((each) => day >= calendar.dayAt(each.from) && day < (each.to === null ? Infinity : calendar.dayAt(each.to)));
  if (pause !== undefined) return { why: 'paused', reason: groundTitle(entry, pause.ground) };
  const exclusion = state.exclusions.find((each) => day >= toDayNumber(each.from) && day <= toDayNumber(each.to));
  return exclusion === undefined ? null : { why: 'excluded', reason: groundTitle(entry, exclusion.ground) };
}

/** The words for grounds that the procedure itself gives, whatever the entry. */
const KNOWN_GROUNDS: Readonly<Record<string, Text>> = {
  hearing: text('听证', 'hearing'),
  'approved-request': text('经申请批准', 'on request'),
  'new-calendar-or-policy': text('放假安排或期限规定有新版本', 'a new version of the calendar or of the limit'),
  'calendar-published': text('新公布的放假安排', 'a newly published calendar'),
  'corrected-limit': text('期限规定更正', 'a corrected limit'),
};

/** A ground in words: by the policy entry, by the product, or as it was written. */
export function groundTitle(entry: Layout['entry'], ground: string): Text {
  return entry.pauseGrounds.find((each) => each.key === ground)?.title ?? KNOWN_GROUNDS[ground] ?? text(ground, ground);
}

const titled = (nature: DayNature, zh: string, en: string): Text => text(`${nature.name.zh}，${zh}`, `${nature.name.en}: ${en}`);

/** The day of an instant or of the civil date that goes before it. */
export const dayOf = (calendar: Calendar, at: number, on: CivilDate | null): CivilDate => on ?? calendar.dateOf(calendar.dayAt(at));

/** The day the act was done as a date; null while it is not. */
export function doneOn(layout: Layout): CivilDate | null {
  const day = stopDayOf(layout);
  return day === null ? null : layout.calendar.dateOf(day);
}
