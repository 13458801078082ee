import type { CaseClock, CaseView } from '../../domain/case-file';
import { OutsideCalendar } from '../../domain/calendar/calendar';
import { isCivilDate } from '../../domain/civil-date';
import { clockStatus, deadline, explainClock, explainDeadline, MONITORING_MARKS, remainingAt, toIcs, UnknownLaw, type ClockExplanation, type DueEntry } from '../../domain/clock';
import { BadLimit, parseLimit, type Limit } from '../../domain/limit';
import { isStopped } from '../../domain/record';
import { text } from '../../domain/text';
import type { Caller } from '../access-port';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { instant } from '../present/case';
import { inboxFeed } from '../http/gates';
import { problem } from '../problems';
import { mayOrRefuse, readableCase, recordAccess, type Asking } from './find-case';
import { holdersOf } from './lists';

type ClocksRoute = typeof contract.listClocks;
type DeadlineRoute = typeof contract.computeDeadline;
type CaseCalendarRoute = typeof contract.caseCalendar;
type InboxCalendarRoute = typeof contract.inboxCalendar;
type OpenInboxFeedRoute = typeof contract.openInboxFeed;
type CloseInboxFeedRoute = typeof contract.closeInboxFeed;
type OpenCaseFeedRoute = typeof contract.openCaseFeed;
type CloseCaseFeedRoute = typeof contract.closeCaseFeed;

/** Entries of an inbox that go into its calendar. */
const calendarEntries = 500;

async function caseForClocks(service: Service, asking: Asking, caseNumber: string): Promise<CaseView> {
  const view = await readableCase(service, asking, caseNumber);
  await mayOrRefuse(service, asking, 'clocks.read', view);
  await recordAccess(service, asking, 'clocks.read', { caseNumber, outcome: 'allowed' });
  return view;
}

/** GET /v1/cases/{caseNumber}/clocks */
export const listClocks = (service: Service) => async (call: Call<ClocksRoute>): Promise<Reply<ClocksRoute>> => {
  const view = await caseForClocks(service, { caller: call.caller, requestId: call.requestId }, call.params.caseNumber);
  return { status: 200, body: { caseNumber: view.caseNumber, items: view.clocks.flatMap((clock) => presentClock(service, clock)) } };
};

function presentClock(service: Service, clock: CaseClock) {
  const { reading, rules, spec } = clock;
  if (reading === null) return [];
  const now = service.now();
  const status = clockStatus(reading, spec, now);
  const remaining = onFile(() => remainingAt(spec, service.law, now));
  const explanation = onFile(() => explainClock(spec, service.law));
  return [{
    clock: clock.id, title: { ...(rules?.title ?? text(clock.id, clock.id)) }, organ: clock.organ, status, mark: MONITORING_MARKS[status],
    due: reading.due, dueAt: reading.dueAt === null ? null : instant(reading.dueAt), remaining: remaining === null ? null : { ...remaining },
    provisional: reading.provisional, capped: reading.capped, inTime: reading.inTime,
    rungs: reading.rungs.map((rung) => {
      const known = rules?.ladder.find((each) => each.key === rung.key);
      return { rung: rung.key, title: { ...(known?.title ?? text(rung.key, rung.key)) }, effect: known?.effect ?? 'notice', date: rung.date, at: instant(rung.at), acted: clock.fired.includes(rung.key) };
    }),
    policyVersion: reading.policyVersion, calendarVersion: reading.calendarVersion,
    article: explanation === null ? null : { ...explanation.article },
    explanation: explanation === null ? null : presentExplanation(explanation),
    spec,
  }];
}

function presentExplanation({ sentence, limit, article, calendar, policyVersion, happenings, days }: ClockExplanation) {
  return {
    sentence: { ...sentence }, limit: { ...limit }, article: { ...article }, calendar: { ...calendar, title: { ...calendar.title } }, policyVersion,
    happenings: happenings.map((each) => ({ ...each, text: { ...each.text } })),
    days: days.map((day) => ({ ...day, reason: { ...day.reason }, notice: day.notice === null ? null : { ...day.notice } })),
  };
}

/** What the law at a version says; null for a version that is not at hand, whose dates stand on the case all the same. */
function onFile<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch (error) {
    if (error instanceof UnknownLaw) return null;
    throw error;
  }
}

/** POST /v1/deadlines */
export const computeDeadline = (service: Service) => (call: Call<DeadlineRoute>): Reply<DeadlineRoute> => {
  const { from, limit: given, calendar = service.jurisdiction, direction = 'after', roll = true, explain = false } = call.body;
  if (!isCivilDate(from)) throw fieldProblem('from', `"${from}" is not a date that exists`);
  if (explain && direction === 'before') throw fieldProblem('explain', 'counting back has no list of days');
  const question = { from, limit: limitOf(given), jurisdiction: calendar, direction, roll };
  const { due, dueAt, provisional, calendarVersion } = counted(() => deadline(question, service.law));
  const explanation = explain ? { explanation: presentExplanation(counted(() => explainDeadline(question, service.law))) } : {};
  return { status: 200, body: { from, limit: given, due, dueAt: instant(dueAt), provisional, direction, calendar, calendarVersion, ...explanation } };
};

function limitOf(given: string): Limit {
  try {
    return parseLimit(given);
  } catch (error) {
    if (error instanceof BadLimit) throw fieldProblem('limit', error.reason);
    throw error;
  }
}

/** What the counting refuses, by the field of the question it comes from. */
function counted<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof UnknownLaw) throw fieldProblem('calendar', error.message);
    if (error instanceof OutsideCalendar) throw fieldProblem('from', error.message);
    throw error;
  }
}

const fieldProblem = (path: string, message: string) => problem('invalid-fields', '期限无法计算', 'the deadline cannot be computed', { errors: [{ path, message }] });

/** GET /v1/cases/{caseNumber}/calendar.ics */
export const caseCalendar = (service: Service) => async (call: Call<CaseCalendarRoute>): Promise<Reply<CaseCalendarRoute>> => {
  const view = await caseForClocks(service, { caller: call.caller, requestId: call.requestId }, call.params.caseNumber);
  const title = service.definitions.title(view.type);
  const entries = view.clocks.flatMap(({ id, spec, reading, rules, organ }): DueEntry[] => (reading?.due == null ? [] : [{
    id: `${view.caseNumber}.${id}`, due: reading.due, revision: view.revision,
    // A limit that was met is taken out of the calendars that had it, which leaving it away would not do everywhere.
    state: isStopped(spec) ? 'cancelled' : reading.provisional ? 'provisional' : 'certain',
    title: `${view.caseNumber} ${rules?.title.zh ?? id}`,
    description: `${title.zh} ${title.en}\n${rules?.title.en ?? id}\n${organ}${reading.provisional ? provisional : ''}`,
  }]));
  return { status: 200, headers: attachment(view.caseNumber), body: toIcs(`问责 ${view.caseNumber}`, entries, service.now()) };
};

/** GET /v1/inbox/calendar.ics */
export const inboxCalendar = (service: Service) => async (call: Call<InboxCalendarRoute>): Promise<Reply<InboxCalendarRoute>> => {
  const page = await service.queries.inbox.tasks({ ...holdersOf(service, call.caller), limit: calendarEntries });
  const entries = page.items.flatMap((task): DueEntry[] => {
    const step = service.definitions.stepTitle(task.type, task.step);
    const title = service.definitions.title(task.type);
    return task.due === null ? [] : [{
      id: `${task.caseNumber}.${task.stepId}`, due: task.due, revision: task.revision, state: task.provisional ? 'provisional' : 'certain', title: `${task.caseNumber} ${step.zh}`,
      description: `${title.zh} ${title.en}\n${step.en}${task.provisional ? provisional : ''}`,
    }];
  });
  return { status: 200, headers: attachment('inbox'), body: toIcs('问责 待办', entries, service.now()) };
};

const provisional = '\n暂定 provisional';
const attachment = (name: string): Record<string, string> => ({ 'Content-Disposition': `inline; filename="${name}.ics"`, 'Cache-Control': 'private, no-cache' });

/** POST /v1/inbox/feed */
export const openInboxFeed = (service: Service) => async (call: Call<OpenInboxFeedRoute>): Promise<Reply<OpenInboxFeedRoute>> => {
  if (!service.access.may(call.caller, 'inbox.read').allowed) throw noFeed();
  return openFeed(service, call.caller, inboxFeed, '/v1/inbox/calendar.ics');
};

/** POST /v1/cases/{caseNumber}/feed */
export const openCaseFeed = (service: Service) => async (call: Call<OpenCaseFeedRoute>): Promise<Reply<OpenCaseFeedRoute>> => {
  const { caseNumber } = await caseForClocks(service, { caller: call.caller, requestId: call.requestId }, call.params.caseNumber);
  return openFeed(service, call.caller, caseNumber, `/v1/cases/${caseNumber}/calendar.ics`);
};

/** DELETE /v1/inbox/feed */
export const closeInboxFeed = (service: Service) => async (call: Call<CloseInboxFeedRoute>): Promise<Reply<CloseInboxFeedRoute>> => {
  await service.identity.closeFeed(call.caller, inboxFeed);
  return { status: 204 };
};

/** DELETE /v1/cases/{caseNumber}/feed: one's own, so that one who may read the case no more can end it too. */
export const closeCaseFeed = (service: Service) => async (call: Call<CloseCaseFeedRoute>): Promise<Reply<CloseCaseFeedRoute>> => {
  await service.identity.closeFeed(call.caller, call.params.caseNumber);
  return { status: 204 };
};

async function openFeed(service: Service, caller: Caller, calendar: string, path: string) {
  const link = await service.identity.openFeed(caller, calendar);
  if (link === undefined) throw noFeed();
  return { status: 201 as const, headers: { 'Cache-Control': 'no-store' }, body: { path: `${path}?token=${link.token}`, expiresAt: instant(link.expiresAt) } };
}

const noFeed = () => problem('not-allowed', '日历订阅供有待办的人员使用', 'a calendar link is for a person with an inbox');
