import type { CaseClock, CaseView } from '../../domain/case-file';
import { OutsideCalendar } from '../../domain/calendar/calendar';
import { isCivilDate } from '../../domain/civil-date';
import { clockStatus, deadline, explainClock, explainDeadline, MONITORING_MARKS, remainingAt, toIcs, UnknownLaw, type ClockExplanation } from '../../domain/clock';
import { BadLimit, parseLimit, type Limit } from '../../domain/limit';
import { isStopped } from '../../domain/record';
import { text } from '../../domain/text';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { instant } from '../present/case';
import { problem } from '../problems';
import { mayOrRefuse, readableCase, recordAccess, type Asking } from './find-case';
import { holdersOf } from './lists';

type ClocksRoute = typeof contract.listClocks;
type DeadlineRoute = typeof contract.computeDeadline;
type CaseCalendarRoute = typeof contract.caseCalendar;
type InboxCalendarRoute = typeof contract.inboxCalendar;

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
  const entries = view.clocks.flatMap((clock) => (clock.reading?.due == null || isStopped(clock.spec) ? [] : [{
    id: `${view.caseNumber}.${clock.id}`, due: clock.reading.due, revision: view.revision,
    title: `${view.caseNumber} ${clock.rules?.title.zh ?? clock.id}`,
    description: `${title.zh} ${title.en}\n${clock.rules?.title.en ?? clock.id}\n${clock.organ}${clock.reading.provisional ? '\n暂定 provisional' : ''}`,
  }]));
  return { status: 200, headers: attachment(view.caseNumber), body: toIcs(`问责 ${view.caseNumber}`, entries, service.now()) };
};

/** GET /v1/inbox/calendar.ics */
export const inboxCalendar = (service: Service) => async (call: Call<InboxCalendarRoute>): Promise<Reply<InboxCalendarRoute>> => {
  const page = await service.queries.inbox.tasks({ ...holdersOf(service, call.caller), limit: calendarEntries });
  const entries = page.items.flatMap((task) => {
    const step = service.definitions.stepTitle(task.type, task.step);
    const title = service.definitions.title(task.type);
    return task.due === null ? [] : [{
      id: `${task.caseNumber}.${task.stepId}`, due: task.due, revision: task.revision, title: `${task.caseNumber} ${step.zh}`,
      description: `${title.zh} ${title.en}\n${step.en}${task.provisional ? '\n暂定 provisional' : ''}`,
    }];
  });
  return { status: 200, headers: attachment('inbox'), body: toIcs('问责 待办', entries, service.now()) };
};

const attachment = (name: string): Record<string, string> => ({ 'Content-Disposition': `inline; filename="${name}.ics"`, 'Cache-Control': 'private, no-cache' });
