import type { CaseClock, CaseView } from '../../domain/case-file';
import { civilDate, isCivilDate, startOfDay } from '../../domain/civil-date';
import { clockStatus, MONITORING_MARKS, PolicyLimit, readClock, remainingAt, UnknownLaw, type Law } from '../../domain/clock';
import { BadLimit, limitText, parseLimit, type Limit } from '../../domain/limit';
import { isStopped } from '../../domain/record';
import { text } from '../../domain/text';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { instant } from '../present/case';
import { toCalendar } from '../present/ics';
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
  const article = onFile(() => service.law.limit(spec.limitId, reading.policyVersion).article);
  return [{
    clock: clock.id, title: { ...(rules?.title ?? text(clock.id, clock.id)) }, organ: clock.organ, status, mark: MONITORING_MARKS[status],
    due: reading.due, dueAt: reading.dueAt === null ? null : instant(reading.dueAt), remaining: remaining === null ? null : { ...remaining },
    provisional: reading.provisional, capped: reading.capped, inTime: reading.inTime,
    rungs: reading.rungs.map((rung) => {
      const known = rules?.ladder.find((each) => each.key === rung.key);
      return { rung: rung.key, title: { ...(known?.title ?? text(rung.key, rung.key)) }, effect: known?.effect ?? 'notice', date: rung.date, at: instant(rung.at), acted: clock.fired.includes(rung.key) };
    }),
    article: article === null ? null : { ...article },
    spec,
  }];
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
  const { from, limit: given, calendar = service.jurisdiction } = call.body;
  const { calendarVersion } = service.law.current;
  const limit = limitOf(given);
  if (!isCivilDate(from)) throw fieldProblem('from', `"${from}" is not a date that exists`);
  const reading = within('calendar', () => readClock({
    clockId: 'deadline', limitId: 'deadline.asked', policyVersion: service.law.current.policyVersion, calendarVersion, jurisdiction: calendar,
    events: [{ kind: 'start', at: startOfDay(from), on: from, trigger: 'asked' }],
  }, withLimit(service.law, limit)));
  if (reading.due === null || reading.dueAt === null) throw fieldProblem('from', 'beyond the calendar');
  return { status: 200, body: { from, limit: given, due: reading.due, dueAt: instant(reading.dueAt), provisional: reading.provisional, calendar, calendarVersion } };
};

function limitOf(given: string): Limit {
  try {
    return parseLimit(given);
  } catch (error) {
    if (error instanceof BadLimit) throw fieldProblem('limit', error.reason);
    throw error;
  }
}

function within<T>(field: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof UnknownLaw) throw fieldProblem(field, error.message);
    if (error instanceof Error && error.name === 'OutsideCalendar') throw fieldProblem('from', error.message);
    throw error;
  }
}

const fieldProblem = (path: string, message: string) => problem('invalid-fields', '期限无法计算', 'the deadline cannot be computed', { errors: [{ path, message }] });

/** The law with one limit more: what is asked for, under the general rules of counting (民法典 201, 203). */
function withLimit(law: Law, limit: Limit): Law {
  const entry = PolicyLimit.parse({
    id: 'deadline.asked', title: limitText(limit), limit, trigger: { zh: '所给之日', en: 'the day given' }, validFrom: civilDate('1000-01-01'),
    article: { zh: '民法典第二百条至第二百零四条', en: 'Civil Code 200–204', source: '民法典' },
  });
  return { current: law.current, calendar: (jurisdiction, version) => law.calendar(jurisdiction, version), limit: () => entry };
}

/** GET /v1/cases/{caseNumber}/calendar.ics */
export const caseCalendar = (service: Service) => async (call: Call<CaseCalendarRoute>): Promise<Reply<CaseCalendarRoute>> => {
  const view = await caseForClocks(service, { caller: call.caller, requestId: call.requestId }, call.params.caseNumber);
  const title = service.definitions.title(view.type);
  const entries = view.clocks.flatMap((clock) => (clock.reading?.due == null || isStopped(clock.spec) ? [] : [{
    id: `${view.caseNumber}.${clock.id}`, due: clock.reading.due, revision: view.revision,
    title: `${view.caseNumber} ${clock.rules?.title.zh ?? clock.id}`,
    description: `${title.zh} ${title.en}\n${clock.rules?.title.en ?? clock.id}\n${clock.organ}${clock.reading.provisional ? '\n暂定 provisional' : ''}`,
  }]));
  return { status: 200, headers: attachment(view.caseNumber), body: toCalendar(`问责 ${view.caseNumber}`, entries, service.now()) };
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
  return { status: 200, headers: attachment('inbox'), body: toCalendar('问责 待办', entries, service.now()) };
};

const attachment = (name: string): Record<string, string> => ({ 'Content-Disposition': `inline; filename="${name}.ics"`, 'Cache-Control': 'private, no-cache' });
