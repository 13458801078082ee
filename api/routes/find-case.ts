import { actionNames } from '../../domain/case-definition';
import { refusalTexts, type RefusalReason } from '../../domain/access';
import type { CaseView } from '../../domain/case-file';
import type { StandIn } from '../../domain/identity';
import type { AccessAction, Caller } from '../access-port';
import type { RouteContract } from '../contract';
import type { Service } from '../parts';
import { subjectOf } from '../present/case';
import { ApiProblem, problem } from '../problems';
import { requestContext } from '../temporal/connection';
import { retryIsSafe } from '../http/errors';

/** Who asks, for the record of accesses. */
export interface Asking {
  readonly caller: Caller;
  readonly requestId: string;
}

/** The view of a case the caller may read. @throws ApiProblem unknown-case, not-allowed, recusal, not-on-record-yet */
export async function readableCase(service: Service, asking: Asking, caseNumber: string): Promise<CaseView> {
  const view = await findCase(service, caseNumber);
  await mayOrRefuse(service, asking, 'case.read', view);
  return view;
}

async function findCase(service: Service, caseNumber: string): Promise<CaseView> {
  const view = await service.store.cases.findView(caseNumber);
  if (view !== null) return view;
  const known = await service.store.connection.collections.intakes.findOne({ caseNumber });
  if (known !== null && await service.gateway.findStartMemo(caseNumber) !== undefined) {
    throw problem('not-on-record-yet', `案件 ${caseNumber} 已受理,正在入档;${retryIsSafe.zh}。`, `Case ${caseNumber} was accepted and is being put on record; ${retryIsSafe.en}.`, { retryAfterSeconds: 1 });
  }
  throw unknownCase(caseNumber);
}

/** 404 for a number under which nothing is on file. */
export function unknownCase(caseNumber: string): ApiProblem {
  return problem('unknown-case', `没有编号为 ${caseNumber} 的案件`, `no case has the number ${caseNumber}`);
}

/** Refuses what the rules refuse, and puts the refusal on record. Gives the place in which the caller acts. */
export async function mayOrRefuse(service: Service, asking: Asking, action: AccessAction, view: CaseView, step?: string): Promise<StandIn> {
  const verdict = service.access.may(asking.caller, action, subjectOf(view, step));
  if (verdict.allowed) return verdict.as;
  await recordAccess(service, asking, action, { caseNumber: view.caseNumber, outcome: 'refused', reason: verdict.reason });
  throw refusal(verdict.reason, action);
}

function refusal(reason: RefusalReason, action: AccessAction): ApiProblem {
  const code = reason === 'recusal' ? 'recusal' : action === 'step.answer' ? 'not-yours' : 'not-allowed';
  return new ApiProblem(code, refusalTexts[reason]);
}

/** Puts an access on record; the caller waits for it, because what is not on record is not shown. */
export async function recordAccess(service: Service, asking: Asking, action: string, what: { readonly caseNumber: string | null; readonly outcome: 'allowed' | 'refused'; readonly reason?: string | null }): Promise<void> {
  await service.queries.audit.record({
    at: service.now(), user: asking.caller.id, organ: asking.caller.organ, action, caseNumber: what.caseNumber, outcome: what.outcome,
    reason: what.reason ?? null, requestId: asking.requestId,
  });
  const context = requestContext.getStore();
  if (context !== undefined) context.audited = true;
}

/** The problem of an address whose part is not of its form, and so names nothing. */
export function unknownPart(_route: RouteContract, part: string, value: string): ApiProblem {
  switch (part) {
    case 'caseNumber': return unknownCase(value);
    case 'action': return problem('unknown-action', `没有操作 ${value}`, `no action "${value}"`, { allowed: [...actionNames] });
    case 'step': return problem('unknown-step', '没有这个环节', 'no step has such a name');
    case 'type': return problem('unknown-case-type', '没有这种案件类型', 'no case type has such a name');
    default: return problem('unknown-route', '没有这个地址', 'nothing is at this address');
  }
}

/** Whose an address is: `/v1/cases/complaint` is a case type's and takes POST, `/v1/cases/TS-2026-000123` is a case's and takes GET. */
export const ownsAddress = (service: Service) => (route: RouteContract, params: Readonly<Record<string, unknown>>): boolean => {
  if (route.id === 'startCase') return service.definitions.find(String(params['type'])) !== undefined;
  return route.params === undefined || route.params.safeParse(params).success;
};
