import { Readable } from 'node:stream';
import { SheetTooLong, writeCsv, writeXlsx, type Cell } from '../../bulk';
import { civilDateAt } from '../../domain/civil-date';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { presentNotice, presentRow, presentTask } from '../present/case';
import { problem } from '../problems';
import { begun } from './begun';
import { fileHeaders } from './documents';
import { recordAccess } from './find-case';
import { holdersOf, readStats } from './lists';

type Route = typeof contract.exportList;
type Rows = AsyncGenerator<readonly Cell[]>;

const pageRows = 100;
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const flag = (value: 'true' | 'false' | undefined): boolean | undefined => (value === undefined ? undefined : value === 'true');
const words = ({ zh, en }: { readonly zh: string; readonly en: string }): string => `${zh} ${en}`;

/** GET /v1/exports/{list}: the same rows as the list, page after page. */
export const exportList = (service: Service) => async (call: Call<Route>): Promise<Reply<Route>> => {
  const { params: { list }, query: { format } } = call;
  const rows = { cases, inbox, notices, stats }[list](service, call);
  await recordAccess(service, { caller: call.caller, requestId: call.requestId }, `export.${list}`, { caseNumber: null, outcome: 'allowed' });
  const name = `${list}-${civilDateAt(service.now())}.${format}`;
  if (format === 'csv') return { status: 200, headers: fileHeaders(name, 'text/csv'), stream: await begun(writeCsv(rows)) };
  try {
    return { status: 200, headers: fileHeaders(name, xlsx), stream: Readable.from([await writeXlsx(rows)]) };
  } catch (error) {
    if (!(error instanceof SheetTooLong)) throw error;
    throw problem('invalid-fields', '清单过长,请导出 CSV', error.message, { errors: [{ path: 'query.format', message: error.message }], cause: error });
  }
};

async function* cases(service: Service, { caller, query: { type, stage, organ, status, overdue, q } }: Call<Route>): Rows {
  yield ['caseNumber 案件编号', 'type 类型', 'status 状态', 'stage 阶段', 'outcome 结果', 'leadOrgan 主办机关', 'organs 涉及机关', 'openedAt 立案时间', 'closedAt 办结时间', 'due 到期日', 'overdue 逾期', 'escalationLevel 升级层级', 'subject 事由'];
  const readable = service.access.readable(caller);
  if (readable === null) return;
  let cursor: string | null = null;
  do {
    const page = await service.queries.list.page({ readable, type, stage, organ, status, overdue: flag(overdue), q, limit: pageRows, ...(cursor === null ? {} : { cursor }) });
    for (const document of page.items) {
      const row = presentRow(document, service.store.cases.openView(document), service.definitions);
      yield [row.caseNumber, words(row.title), row.status, words(row.stageTitle), row.outcome, row.leadOrgan, row.organs.join(' '), row.openedAt, row.closedAt, row.due, row.overdue, row.escalationLevel, row.subject];
    }
    cursor = page.next;
  } while (cursor !== null);
}

async function* inbox(service: Service, { caller, query: { type, overdue } }: Call<Route>): Rows {
  yield ['caseNumber 案件编号', 'type 类型', 'step 环节', 'title 环节名称', 'openedAt 开始时间', 'due 到期日', 'provisional 暂定', 'overdue 逾期', 'organ 机关', 'roles 角色', 'user 经办'];
  let cursor: string | null = null;
  do {
    const page = await service.queries.inbox.tasks({ ...holdersOf(service, caller), type, overdue: flag(overdue), limit: pageRows, ...(cursor === null ? {} : { cursor }) });
    for (const task of page.items) {
      const row = presentTask(task, service.definitions);
      yield [row.caseNumber, words(row.title), row.step, words(row.stepTitle), row.openedAt, row.due, row.provisional, row.overdue, row.assignee.organ, row.assignee.roles.join(' '), row.assignee.user ?? null];
    }
    cursor = page.next;
  } while (cursor !== null);
}

async function* notices(service: Service, { caller }: Call<Route>): Rows {
  yield ['id 编号', 'caseNumber 案件编号', 'type 类型', 'at 时间', 'template 种类', 'organ 机关', 'complainant 致投诉人'];
  let cursor: string | null = null;
  do {
    const page = await service.queries.inbox.notices({ ...holdersOf(service, caller), limit: pageRows, ...(cursor === null ? {} : { cursor }) });
    for (const notice of page.items) {
      const row = presentNotice(notice, null);
      yield [row.id, row.caseNumber, row.type, row.at, row.template, row.to.organ, row.to.complainant];
    }
    cursor = page.next;
  } while (cursor !== null);
}

async function* stats(service: Service, call: Call<Route>): Rows {
  const { type, organ, year } = call.query;
  const { body } = await readStats(service)({ ...call, params: undefined, query: { type, organ, year } });
  yield ['of 统计对象', 'id 编号', 'open 在办', 'closed 办结', 'overdue 逾期', 'criticised 通报批评'];
  for (const each of body.byType) yield ['type 类型', each.type, each.open, each.closed, each.overdue, null];
  for (const each of body.byOrgan) yield ['organ 机关', each.organ, each.open, each.closed, each.overdue, each.criticised];
}
