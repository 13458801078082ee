/**
 * A due date explained: what a citizen can be told in one breath, what happened to the clock in order, and the list of days.
 * Everything comes from the same layout the date comes from, so that the explanation can't say anything else than the date.
 */
import { toDayNumber, type CivilDate } from '../civil-date';
import { limitText } from '../limit';
import { roleTitles } from '../roles';
import { text, type Text } from '../text';
import { dayOf, doneOn, explainDays, groundTitle, type ExplainedDay } from './explain-days';
import type { ClockEvent, ClockSpec } from './events';
import { foldClock, openPause } from './fold';
import { dateOrNull, isResting, layOut, type Layout } from './lay-out';
import type { Law, PolicyLimit } from './law';

/** Something that happened to the clock, in words. */
export interface Happening { readonly date: CivilDate; readonly kind: ClockEvent['kind']; readonly text: Text }

export interface ClockExplanation {
  /** The whole in a few sentences, with the article. */
  readonly sentence: Text;
  readonly limit: Text;
  readonly title: Text;
  readonly article: PolicyLimit['article'];
  readonly due: CivilDate | null;
  readonly provisional: boolean;
  readonly capped: boolean;
  readonly calendar: { readonly jurisdiction: string; readonly title: Text; readonly version: string };
  readonly policyVersion: string;
  readonly happenings: readonly Happening[];
  /** From the day of the event to the last day; while the clock rests, up to where it rests. Empty before the start. */
  readonly days: readonly ExplainedDay[];
}

/** Explains a clock. Pure, without a present. @throws UnknownLaw, OutsideCalendar as {@link readClock} does */
export function explainClock(spec: ClockSpec, law: Law): ClockExplanation {
  const layout = layOut(spec, law);
  if (layout === null) return notBegun(spec, law);
  const { calendar, entry, policyVersion, calendarVersion } = layout;
  const days = explainDays(layout);
  return {
    sentence: sentenceOf(spec, layout, days),
    limit: limitText(spec.override ?? entry.limit),
    title: entry.title,
    article: entry.article,
    due: dateOrNull(calendar, layout.dueDay),
    provisional: layout.provisional,
    capped: layout.capped,
    calendar: { jurisdiction: calendar.jurisdiction, title: calendar.data.title, version: calendarVersion },
    policyVersion,
    happenings: happeningsOf(spec, layout),
    days,
  };
}

function notBegun(spec: ClockSpec, law: Law): ClockExplanation {
  const { policyVersion, calendarVersion } = foldClock(spec.events).recalculated ?? spec;
  const entry = law.limit(spec.limitId, policyVersion);
  const calendar = law.calendar(spec.jurisdiction, calendarVersion);
  const limit = limitText(spec.override ?? entry.limit);
  return {
    sentence: text(`${entry.title.zh}${limit.zh}，尚未起算：自${entry.trigger.zh}起算。`, `${capital(entry.title.en)}: ${limit.en}, not begun yet; it runs from: ${entry.trigger.en}.`),
    limit, title: entry.title, article: entry.article, due: null, provisional: false, capped: false,
    calendar: { jurisdiction: calendar.jurisdiction, title: calendar.data.title, version: calendarVersion }, policyVersion, happenings: [], days: [],
  };
}

function sentenceOf(spec: ClockSpec, layout: Layout, days: readonly ExplainedDay[]): Text {
  const { calendar, entry, state } = layout;
  const parts: Text[] = [begins(spec, layout)];
  for (const pause of state.pauses) parts.push(pausedFor(layout, pause));
  for (const exclusion of state.exclusions.filter((each) => isOnTheWay(layout, each))) {
    const ground = groundTitle(entry, exclusion.ground);
    parts.push(text(`${dateZh(exclusion.from)}至${dateZh(exclusion.to)}不计入（${ground.zh}）。`, `${dateEn(exclusion.from)} to ${dateEn(exclusion.to)} are not counted (${ground.en}).`));
  }
  for (const extension of state.extensions) parts.push(extendedBy(layout, extension));
  const skipped = skippedDays(days);
  if (skipped !== null) parts.push(skipped);
  if (layout.capped && entry.cap !== null) {
    const cap = limitText(entry.cap);
    parts.push(text(`全部期限最长不超过${cap.zh}。`, `In all it may not be longer than ${cap.en}.`));
  }
  parts.push(endsOn(layout, days));
  if (layout.provisional) parts.push(provisionalBecause(layout));
  const done = doneOn(layout);
  if (done !== null) parts.push(text(`已于${dateZh(done)}办结。`, `Done on ${dateEn(done)}.`));
  parts.push(lawOf(layout.entry));
  const calendarOf = calendar.data.title;
  return text(parts.map((part) => part.zh).join(''), `${parts.map((part) => part.en).join(' ')} Calendar: ${calendarOf.en}.`);
}

/** Days that lie before the start (of a clock begun anew), or after the last day, took no part in the date. */
function isOnTheWay({ start, dueDay }: Layout, { from, to }: Layout['state']['exclusions'][number]): boolean {
  return toDayNumber(to) > start.day && (dueDay === null || toDayNumber(from) <= dueDay);
}

/** A year to come is not published yet; one before the first on file was, but not here. */
function provisionalBecause({ calendar, start }: Layout): Text {
  return start.day + 1 < calendar.publishedFrom
    ? text('所涉年度的放假安排未收录，该日期为暂定。', 'The calendar of a year it rests on is not on file, so that the date is provisional.')
    : text('所涉年度的放假安排尚未公布，该日期为暂定。', 'The calendar of a year it rests on is not published yet, so that the date is provisional.');
}

function begins(spec: ClockSpec, { calendar, entry, eventDay, start, state }: Layout): Text {
  const limit = limitText(spec.override ?? entry.limit);
  const day = calendar.dateOf(eventDay);
  const restarted = spec.events.findLast((event) => event.kind === 'restart' && event.at === state.start?.at);
  const trigger = restarted?.kind === 'restart' ? text(`重新起算：${groundTitle(entry, restarted.ground).zh}`, `begun anew: ${groundTitle(entry, restarted.ground).en}`) : entry.trigger;
  const counted = start.day < eventDay;
  const exact = (spec.override ?? entry.limit).unit === 'office-hour';
  // Hours run from the event, or from the end of its day where only the day is known.
  const time = exact && calendar.dayAt(start.instant) === eventDay ? clockTime(start.instant - calendar.startOf(eventDay)) : null;
  return text(
    `${entry.title.zh}${limit.zh}，自${dateZh(day)}${time ?? ''}（${trigger.zh}）起算${counted || exact ? '' : '，当日不计入'}。`,
    `${capital(entry.title.en)}: ${limit.en} from ${dateEn(day)}${time === null ? '' : ` at ${time}`} (${trigger.en})${counted || exact ? '' : '; that day itself is not counted'}.`);
}

function pausedFor(layout: Layout, pause: Layout['state']['pauses'][number]): Text {
  const ground = groundTitle(layout.entry, pause.ground);
  const from = momentOf(layout, pause.from);
  if (pause.to === null) return text(`自${from.zh}起中止（${ground.zh}）。`, `Paused since ${from.en} (${ground.en}).`);
  const to = momentOf(layout, pause.to);
  return text(`${from.zh}中止（${ground.zh}），${to.zh}恢复。`, `Paused on ${from.en} (${ground.en}) and resumed on ${to.en}.`);
}

/** The day of an instant; with the time of day where hours are counted, for they rest to the minute. */
function momentOf({ calendar, parts }: Layout, instant: number): Text {
  const day = calendar.dayAt(instant);
  const [zh, en] = [dateZh(calendar.dateOf(day)), dateEn(calendar.dateOf(day))];
  if (!parts.some((part) => part.unit === 'office-hour')) return text(zh, en);
  const time = clockTime(instant - calendar.startOf(day));
  return text(`${zh}${time}`, `${en} at ${time}`);
}

function extendedBy({ entry }: Layout, extension: Layout['state']['extensions'][number]): Text {
  const by = limitText(extension.by);
  const ground = groundTitle(entry, extension.ground);
  const approver = entry.extension === null ? text('有权机关', 'those entitled to') : roleTitles[entry.extension.approverRole];
  return text(`经${approver.zh}批准延长${by.zh}（${ground.zh}）。`, `Extended by ${by.en} (${ground.en}), granted by: ${approver.en}.`);
}

/** Days that did not count, by reason, in the order in which they are met; null when there were none. */
function skippedDays(days: readonly ExplainedDay[]): Text | null {
  const byReason = new Map<string, { reason: Text; count: number }>();
  for (const day of days) {
    if (day.counted || (day.why !== 'weekend' && day.why !== 'holiday' && day.why !== 'paused' && day.why !== 'excluded')) continue;
    const known = byReason.get(day.reason.zh);
    byReason.set(day.reason.zh, { reason: day.reason, count: (known?.count ?? 0) + 1 });
  }
  if (byReason.size === 0) return null;
  const groups = [...byReason.values()];
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  return text(
    `期间${total}天不计入（${groups.map((group) => `${group.reason.zh}${group.count}天`).join('、')}）。`,
    `${total} ${total === 1 ? 'day is' : 'days are'} not counted on the way (${groups.map((group) => `${group.reason.en} ${group.count}`).join(', ')}).`);
}

function endsOn(layout: Layout, days: readonly ExplainedDay[]): Text {
  const { calendar, dueDay, dueAt, end, parts } = layout;
  if (dueDay === null || end === null || dueAt === null) {
    return isResting(layout) || openPause(layout.state) !== null
      ? text('中止期间没有到期日，恢复后继续计算。', 'While it rests there is no due date; what remains runs on when it is resumed.')
      : text('没有到期日。', 'There is no due date.');
  }
  const last = calendar.dateOf(dueDay);
  if (parts.at(-1)?.unit === 'office-hour') {
    const time = clockTime(dueAt - calendar.startOf(dueDay));
    return text(`于${dateZh(last)}${time}届满。`, `It ends on ${dateEn(last)} at ${time}.`);
  }
  if (end.day === dueDay) return text(`最后一日为${dateZh(last)}。`, `The last day is ${dateEn(last)}.`);
  const rest = days.find((day) => day.date === calendar.dateOf(end.day));
  const nature = calendar.natureOf(end.day).name;
  return text(
    `${dateZh(rest?.date ?? last)}为${nature.zh}，顺延至其后第一个工作日，最后一日为${dateZh(last)}。`,
    `${dateEn(rest?.date ?? last)} is a day of rest (${nature.en}), so that the last day is the next working day, ${dateEn(last)}.`);
}

function lawOf({ article }: PolicyLimit): Text {
  const byDefault = article.source === 'default';
  return text(
    byDefault ? `${article.zh}。` : `依据：${article.source}：“${article.zh}”`,
    byDefault ? `${article.en}.` : `Rule: ${article.source}: “${article.en}”`);
}

function happeningsOf(spec: ClockSpec, { calendar, entry }: Layout): Happening[] {
  return spec.events.map((event) => ({
    date: dayOf(calendar, event.at, 'on' in event ? event.on ?? null : null),
    kind: event.kind,
    text: happened(event, entry),
  }));
}

function happened(event: ClockEvent, entry: PolicyLimit): Text {
  const why = 'ground' in event ? groundTitle(entry, event.ground) : text('', '');
  switch (event.kind) {
    case 'start': return text(`起算：${entry.trigger.zh}`, `begins: ${entry.trigger.en}`);
    case 'pause': return text(`中止：${why.zh}`, `paused: ${why.en}`);
    case 'resume': return text('恢复计算', 'resumed');
    case 'extend': {
      const by = limitText(event.by);
      return text(`延长${by.zh}：${why.zh}`, `extended by ${by.en}: ${why.en}`);
    }
    case 'exclude': return text(`${dateZh(event.from)}至${dateZh(event.to)}不计入：${why.zh}`, `${dateEn(event.from)} to ${dateEn(event.to)} not counted: ${why.en}`);
    case 'restart': return text(`重新起算：${why.zh}`, `begun anew: ${why.en}`);
    case 'recalculation': return text(`按新版本重新计算：${why.zh}`, `recalculated: ${why.en}`);
    case 'stop': return text('办结', 'done');
    case 'reopen': return text(`办结撤销，期限视为未停止：${why.zh}`, `the end is undone as if it never was: ${why.en}`);
  }
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** `2026年9月25日`, as an official letter writes it. */
export function dateZh(date: CivilDate): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${year}年${Number(month)}月${Number(day)}日`;
}

/** `25 September 2026`. */
export function dateEn(date: CivilDate): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
}

/** Milliseconds into a day → `HH:MM`. */
function clockTime(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
