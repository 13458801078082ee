import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Caller } from '../access-port';
import type { Service } from '../parts';
import { presentNotice, presentRow, presentTask } from '../present/case';
import type { CountRow, OrganRow } from '../../store/queries/stats';

type ListRoute = typeof contract.listCases;
type InboxRoute = typeof contract.readInbox;
type NoticesRoute = typeof contract.listNotices;
type StatsRoute = typeof contract.readStats;

/** Notices shown with the inbox. */
const noticesWithInbox = 10;

const flag = (value: 'true' | 'false' | undefined): boolean | undefined => (value === undefined ? undefined : value === 'true');

/** GET /v1/cases */
export const listCases = (service: Service) => async (call: Call<ListRoute>): Promise<Reply<ListRoute>> => {
  const readable = service.access.readable(call.caller);
  if (readable === null) return { status: 200, body: { items: [], next: null } };
  const { overdue, ...query } = call.query;
  const page = await service.queries.list.page({ ...query, readable, overdue: flag(overdue) });
  return {
    status: 200,
    body: { items: page.items.map((document) => presentRow(document, service.store.cases.openView(document), service.definitions)), next: page.next },
  };
};

/** Whose inbox a caller sees, without the cases that name the caller, and in another's place without those that name the other. */
export function holdersOf(service: Service, caller: Caller) {
  return {
    holders: [{ id: caller.id, organ: caller.organ, roles: caller.roles }, ...(caller.standsInFor ?? []).map(({ staffId, ...place }) => ({ ...place, recused: staffId === undefined ? [] : service.blindStaff(staffId) }))],
    recused: caller.staffId === undefined ? [] : service.blindStaff(caller.staffId),
  };
}

/** GET /v1/inbox */
export const readInbox = (service: Service) => async (call: Call<InboxRoute>): Promise<Reply<InboxRoute>> => {
  const { type, overdue, cursor, limit } = call.query;
  const whose = holdersOf(service, call.caller);
  const [tasks, notices] = await Promise.all([
    service.queries.inbox.tasks({ ...whose, type, overdue: flag(overdue), cursor, limit }),
    service.queries.inbox.notices({ ...whose, limit: noticesWithInbox }),
  ]);
  return {
    status: 200,
    body: {
      items: tasks.items.map((task) => presentTask(task, service.definitions)), next: tasks.next,
      notices: notices.items.map((notice) => presentNotice(notice, service.store.cases.openNotice(notice))),
    },
  };
};

/** GET /v1/notices */
export const listNotices = (service: Service) => async (call: Call<NoticesRoute>): Promise<Reply<NoticesRoute>> => {
  const { case: caseNumber, cursor, limit } = call.query;
  const page = await service.queries.inbox.notices({ ...holdersOf(service, call.caller), caseNumber, cursor, limit });
  return { status: 200, body: { items: page.items.map((notice) => presentNotice(notice, service.store.cases.openNotice(notice))), next: page.next } };
};

/** GET /v1/stats */
export const readStats = (service: Service) => async (call: Call<StatsRoute>): Promise<Reply<StatsRoute>> => {
  const readable = service.access.readable(call.caller);
  const { rows, organs } = readable === null ? { rows: [], organs: [] } : await service.queries.stats.count({ readable, ...call.query });
  const sum = (fits: (row: CountRow) => boolean): number => rows.filter(fits).reduce((total, row) => total + row.count, 0);
  return {
    status: 200,
    body: {
      cases: sum(() => true), open: sum((row) => row.status === 'open'), closed: sum((row) => row.status === 'closed'),
      overdue: sum((row) => row.overdue), escalated: sum((row) => row.escalationLevel > 0),
      byType: [...new Set(rows.map((row) => row.type))].sort().map((type) => ({ type, title: { ...service.definitions.title(type) }, ...countType(rows.filter((row) => row.type === type)) })),
      byOrgan: [...new Set(organs.map((row) => row.organ))].sort().map((organ) => countOrgan(organ, organs.filter((row) => row.organ === organ))),
    },
  };
};

function countType(rows: readonly CountRow[]) {
  const outcomes: Record<string, number> = {};
  const stages: Record<string, number> = {};
  let [open, closed, overdue] = [0, 0, 0];
  for (const row of rows) {
    if (row.status === 'open') {
      open += row.count;
      stages[row.stage] = (stages[row.stage] ?? 0) + row.count;
    } else {
      closed += row.count;
      outcomes[row.outcome ?? ''] = (outcomes[row.outcome ?? ''] ?? 0) + row.count;
    }
    if (row.overdue) overdue += row.count;
  }
  return { open, closed, overdue, outcomes, stages };
}

function countOrgan(organ: string, rows: readonly OrganRow[]) {
  const sum = (fits: (row: OrganRow) => boolean): number => rows.filter(fits).reduce((total, row) => total + row.count, 0);
  return { organ, open: sum((row) => row.status === 'open'), closed: sum((row) => row.status === 'closed'), overdue: sum((row) => row.overdue), criticised: sum((row) => row.criticised) };
}
