import { asJson, checkFields, ActionFields, findStep, stepNameOf, type ActionName, type CaseDefinition } from '../../domain/case-definition';
import type { Verdict } from '../../domain/access';
import type { CaseView } from '../../domain/case-file';
import type { StandIn } from '../../domain/identity';
import type { Json } from '../../domain/json';
import type { ActionMessage, Receipt } from '../../domain/messages';
import type { Caller } from '../access-port';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { actionsFor, instant, subjectOf } from '../present/case';
import { problem, type ApiProblem } from '../problems';
import { CaseRefused, NoRunningCase } from '../temporal/gateway';
import { actorFor } from './actor';
import { mayOrRefuse, readableCase, unknownCase } from './find-case';
import { oneRequest, whileClaimed, type OneRequest } from './idempotency';
import { refuseUnfitAssignee } from './reassign';
import { refuseUnknownOrgans } from './start-case';

type AnswerRoute = typeof contract.answerStep;
type ActionRoute = typeof contract.takeAction;

/** POST /v1/cases/{caseNumber}/steps/{step}: 200 once the answer is on record. */
export const answerStep = (service: Service) => async (call: Call<AnswerRoute>): Promise<Reply<AnswerRoute>> => {
  const { caller, requestId, params: { caseNumber, step } } = call;
  const view = await readableCase(service, { caller, requestId }, caseNumber);
  const definition = definitionOf(service, view);
  const { answer, ...fields } = call.body;
  const request = await oneRequest(service, caller, `answer:${caseNumber}:${step}`, call.headers['idempotency-key'], call.body);
  return whileClaimed(service, request, async () => {
    const checked = checkAnswer(service, definition, view, step, answer, fields as Json);
    const known = view.openSteps.some((open) => open.id === step);
    if (!request.repeated) refuseByState(call, view);
    const place = known && !request.repeated
      ? await mayOrRefuse(service, { caller, requestId }, 'step.answer', view, step)
      : placeOf(service.access.may(caller, 'step.answer', subjectOf(view, step)), caller);
    const by = actorFor(caller, place);
    return receiptReply(await sent(service, caseNumber, request, () => service.gateway.answer(caseNumber, request.key, { step, answer, fields: checked, by, key: request.key, ...expectedBy(call) })));
  });
};

function definitionOf(service: Service, view: CaseView): CaseDefinition {
  const definition = service.definitions.find(view.type);
  if (definition === undefined) throw new Error(`the case ${view.caseNumber} is of the type "${view.type}", which this API does not serve`);
  return definition;
}

/** Everything about an answer that does not depend on when it comes. */
function checkAnswer(service: Service, definition: CaseDefinition, view: CaseView, step: string, answer: string, fields: Json): Json {
  const known = findStep(definition, stepNameOf(step));
  if (known === undefined) {
    throw problem('unknown-step', `此类案件没有环节 ${step}`, `a ${definition.type} has no step "${step}"`, { allowed: { steps: Object.keys(definition.steps), open: view.openSteps.map((open) => open.id) } });
  }
  const wanted = Object.hasOwn(known.answers, answer) ? known.answers[answer] : undefined;
  if (wanted === undefined) {
    throw problem('answer-not-allowed', `环节 ${step} 不接受答复 ${answer}`, `"${answer}" is no answer to "${step}"`, { allowed: { ...allowedNow(view), answers: Object.keys(known.answers) } });
  }
  const checked = checkFields(wanted.fields, fields);
  if (!checked.ok) throw problem('invalid-fields', '答复字段不符合要求', 'the fields of the answer are not as they must be', { errors: checked.issues });
  refuseUnknownOrgans(service, service.definitions.answerForm(definition, stepNameOf(step), answer), fields);
  return asJson(fields);
}

/** What the file already knows to be impossible: a closed case, a stale reader. The case itself has the last word. */
function refuseByState(call: Call<AnswerRoute> | Call<ActionRoute>, view: CaseView): void {
  refuseStale(call.headers['if-match'], view);
  if (view.status === 'closed') throw caseClosed(view);
}

/** Where the rules do not decide (a step not open on file, a request sent again), the caller comes as they are and the case decides. */
const placeOf = (verdict: Verdict, caller: Caller): StandIn => (verdict.allowed ? verdict.as : { id: caller.id, organ: caller.organ, roles: caller.roles });

/** What the file shows to be stale is refused here; what two officers send in the same moment, by the case, which is told what each had seen. */
function refuseStale(ifMatch: string | undefined, view: CaseView): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  if (!tagsIn(ifMatch).includes(etagOf(view.revision))) {
    throw problem('stale-revision', `案件已更新到第 ${view.revision} 版,请重新查看`, `the case is at revision ${view.revision} by now: read it again`, { allowed: { revision: view.revision } });
  }
}

const tagsIn = (ifMatch: string): string[] => ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));

/** The revisions an `If-Match` names, for the case to hold against its own. */
function expectedBy(call: Call<AnswerRoute> | Call<ActionRoute>): { readonly expected?: readonly number[] } {
  const ifMatch = call.headers['if-match'];
  if (ifMatch === undefined || ifMatch.trim() === '*') return {};
  return { expected: tagsIn(ifMatch).flatMap((tag) => /^"(\d{1,9})"$/.exec(tag)?.[1] ?? []).map(Number) };
}

/** The revision as an entity tag. */
export const etagOf = (revision: number): string => `"${revision}"`;

const caseClosed = (view: CaseView): ApiProblem =>
  problem('case-closed', `案件 ${view.caseNumber} 已办结`, `case ${view.caseNumber} is closed`, { allowed: allowedNow(view) });

function allowedNow(view: CaseView) {
  return {
    status: view.status,
    steps: view.openSteps.map((open) => ({ step: open.id, answers: [...open.answers], roles: [...open.assignee.roles], organ: open.assignee.organ })),
    actions: view.status === 'closed' ? [] : [...view.actions],
  };
}

/** POST /v1/cases/{caseNumber}/actions/{action}: 200 once the action is on record. */
export const takeAction = (service: Service) => async (call: Call<ActionRoute>): Promise<Reply<ActionRoute>> => {
  const { caller, requestId, params: { caseNumber, action } } = call;
  const view = await readableCase(service, { caller, requestId }, caseNumber);
  const request = await oneRequest(service, caller, `act:${caseNumber}:${action}`, call.headers['idempotency-key'], call.body);
  return whileClaimed(service, request, async () => {
    const checked = checkFields(ActionFields[action], call.body);
    if (!checked.ok) throw problem('invalid-fields', '操作字段不符合要求', 'the fields of the action are not as they must be', { errors: checked.issues });
    refuseUnknownOrganOf(service, checked.value);
    if (!request.repeated) {
      refuseByState(call, view);
      refuseUnknownAction(service, view, caller, action);
    }
    const place = request.repeated
      ? placeOf(service.access.may(caller, `action.${action}`, subjectOf(view)), caller)
      : await mayOrRefuse(service, { caller, requestId }, `action.${action}`, view);
    if (action === 'reassign' && !request.repeated) await refuseUnfitAssignee(service, view, ActionFields.reassign.parse(checked.value));
    const by = actorFor(caller, place);
    return receiptReply(await sent(service, caseNumber, request, () => service.gateway.act(caseNumber, request.key, { action, fields: asJson(checked.value), by, key: request.key, ...expectedBy(call) })));
  });
};

/** Refuses what the type of the case does not know. */
function refuseUnknownAction(service: Service, view: CaseView, caller: Caller, action: ActionName): void {
  const definition = definitionOf(service, view);
  if (definition.actions[action] === undefined) {
    throw problem('action-not-allowed', `此类案件不能执行操作 ${action}`, `"${action}" is not taken on a ${definition.type}`, { allowed: { actions: actionsFor(view, caller, service.definitions, service.access) } });
  }
}

/** Refuses an action that is taken together with something larger, before the larger thing is done: a closed case, a type that does not know it. */
export function refuseUnlessOpen(service: Service, view: CaseView, caller: Caller, action: ActionName): void {
  if (view.status === 'closed') throw caseClosed(view);
  refuseUnknownAction(service, view, caller, action);
}

/** Hands an action to the case under its own key; the same key is the same action. @throws ApiProblem */
export function sendAction(service: Service, caseNumber: string, message: ActionMessage & { readonly key: string }): Promise<Receipt> {
  return sent(service, caseNumber, { key: message.key, bodyHash: '', repeated: false }, () => service.gateway.act(caseNumber, message.key, message));
}

/** A step given to an organ nobody knows would never be answered. */
function refuseUnknownOrganOf(service: Service, fields: object): void {
  const { organ } = fields as { readonly organ?: string };
  if (organ !== undefined && !service.organs.has(organ)) {
    throw problem('invalid-fields', '有不存在的机关', 'a field names an organ that does not exist', { errors: [{ path: 'organ', message: `no organ "${organ}"; GET /v1/organs lists them` }] });
  }
}

async function sent(service: Service, caseNumber: string, request: OneRequest, send: () => Promise<Receipt>): Promise<Receipt> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof CaseRefused) throw refusedBy(error);
    if (!(error instanceof NoRunningCase)) throw error;
    const view = await service.store.cases.findView(caseNumber);
    if (view === null) throw unknownCase(caseNumber);
    if (view.status === 'closed') throw caseClosed(view);
    // On file as open, unknown to Temporal: the engine lost it or is another one. Nobody at the door can mend that.
    throw problem('engine-unavailable', `流程引擎中没有案件 ${caseNumber}`, `the workflow engine does not know ${caseNumber}, which is open on file`, { retryAfterSeconds: 30, cause: error });
  }
}

const sentences = {
  'case-closed': '案件已办结', 'step-not-open': '该环节未在办理中', 'unknown-step': '没有这个环节', 'answer-not-allowed': '该环节不接受这种答复',
  'invalid-fields': '字段不符合要求', 'not-yours': '不由您办理', recusal: '您是本案当事人,应当回避', 'action-not-allowed': '现在不能执行此操作', 'stale-revision': '案件已有更新,请重新查看',
} as const;

/** The case's own refusal as a problem of the same name. */
function refusedBy({ refusal, message, detail }: CaseRefused): ApiProblem {
  return problem(refusal, sentences[refusal], message, {
    ...(detail.allowed === undefined ? {} : { allowed: detail.allowed }),
    ...(detail.issues === undefined ? {} : { errors: detail.issues }),
  });
}

function receiptReply(receipt: Receipt) {
  return {
    status: 200 as const, headers: { ETag: etagOf(receipt.revision) },
    body: { caseNumber: receipt.caseNumber, revision: receipt.revision, seq: receipt.seq, at: instant(receipt.at) },
  };
}
