import { refusalTexts } from '../../domain/access';
import { asJson, checkFields, type CaseDefinition } from '../../domain/case-definition';
import type { StandIn } from '../../domain/identity';
import type { Json } from '../../domain/json';
import type { CaseStart } from '../../domain/messages';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import type { Service } from '../parts';
import { organFields } from '../present/organ-fields';
import { problem, type ApiProblem } from '../problems';
import { actorFor } from './actor';
import { recordAccess, type Asking } from './find-case';
import { keyReused, oneRequest, whileClaimed, type OneRequest } from './idempotency';

type Route = typeof contract.startCase;

/** Numbers tried before giving up; more than one is needed only when the store lost its newest numbers in a crash. */
const maxAttempts = 50;

/** Milliseconds a start waits for its case to be on file. */
const onFileMs = 5_000;

/** POST /v1/cases/{type}: 201 once the case is in Temporal's history. */
export const startCase = (service: Service) => async (call: Call<Route>): Promise<Reply<Route>> => {
  const { caller } = call;
  const definition = service.definitions.find(call.params.type);
  if (definition === undefined) throw unknownCaseType(service, call.params.type);
  const { intake, place } = await admit(service, { caller, requestId: call.requestId }, definition, call.body as Json);
  const request = await oneRequest(service, caller, `start:${definition.type}`, call.headers['idempotency-key'], call.body);
  const started = await whileClaimed(service, request, () => start(service, { definition, intake, by: actorFor(caller, place), requestId: call.requestId }, request));
  return {
    status: 201,
    headers: { Location: `/v1/cases/${started.caseNumber}`, ...(started.replayed ? { 'Idempotency-Replayed': 'true' } : {}) },
    body: { caseNumber: started.caseNumber, type: definition.type },
  };
};

/** 404 for a type there is not, with those there are. */
export const unknownCaseType = (service: Service, type: string): ApiProblem =>
  problem('unknown-case-type', `没有案件类型 ${type}`, `no case type "${type}"`, { allowed: service.definitions.all.map((each) => each.type) });

/** Everything that can be said of an intake before it is started: its form, and the right of who brings it. @throws ApiProblem */
export async function admit(service: Service, asking: Asking, definition: CaseDefinition, body: Json): Promise<{ readonly intake: Json; readonly place: StandIn }> {
  await mayStart(service, asking, definition, []);
  const intake = checkIntake(service, definition, body);
  const { persons } = definition.summarise(intake as never, { organ: asking.caller.organ });
  return { intake, place: await mayStart(service, asking, definition, persons.flatMap((person) => person.staffId ?? [])) };
}

/** Whether the caller may start a case of this type that names these persons; whoever is named does not start it either (回避). */
async function mayStart(service: Service, asking: Asking, definition: CaseDefinition, namedStaff: readonly string[]): Promise<StandIn> {
  const verdict = service.access.may(asking.caller, 'case.start', { caseType: definition.type, namedStaff });
  if (verdict.allowed) return verdict.as;
  await recordAccess(service, asking, 'case.start', { caseNumber: null, outcome: 'refused', reason: verdict.reason });
  throw verdict.reason === 'recusal'
    ? problem('recusal', refusalTexts.recusal.zh, refusalTexts.recusal.en)
    : problem('not-allowed', '您的角色不能提起此类案件', `a ${definition.type} is started by: ${definition.startedBy.join(', ')}`, { allowed: { roles: [...definition.startedBy] } });
}

function checkIntake(service: Service, definition: CaseDefinition, body: Json): Json {
  const checked = checkFields(definition.intake, body);
  if (!checked.ok) throw problem('invalid-fields', '立案材料不符合要求', 'the intake is not as it must be', { errors: checked.issues });
  refuseUnknownOrgans(service, service.definitions.intakeForm(definition.type), body);
  return asJson(checked.value);
}

/** Refuses fields that name an organ which is not in the tree. */
export function refuseUnknownOrgans(service: Service, form: Parameters<typeof organFields>[0], body: Json): void {
  const unknown = organFields(form, body).filter((field) => !service.organs.has(field.organ));
  if (unknown.length > 0) {
    throw problem('invalid-fields', '有不存在的机关', 'a field names an organ that does not exist', { errors: unknown.map((field) => ({ path: field.path, message: `no organ "${field.organ}"; GET /v1/organs lists them` })) });
  }
}

interface Beginning {
  readonly definition: CaseDefinition;
  readonly intake: Json;
  readonly by: CaseStart['by'];
  readonly requestId: string;
}

/** Starts a case for a request; the same request is the same case. */
export async function start(service: Service, { definition, intake, by, requestId }: Beginning, request: OneRequest): Promise<{ caseNumber: string; replayed: boolean }> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const key = `${request.key}/${attempt}`;
    const caseNumber = await service.store.numbers.allocate({ type: definition.type, prefix: definition.prefix, key, at: service.now() });
    if (request.repeated && await startedBefore(service, caseNumber, key, request)) return { caseNumber, replayed: true };
    const began = await service.gateway.start(definition, { caseNumber, intake, by }, { key, requestHash: request.bodyHash, requestId });
    if (began) {
      await untilOnFile(service, caseNumber);
      return { caseNumber, replayed: false };
    }
    if (await startedBefore(service, caseNumber, key, request)) return { caseNumber, replayed: true };
    // Another request's case has this number: the store had lost its newest numbers. The next one is tried.
  }
  throw new Error(`no free case number for a ${definition.type} in ${maxAttempts} attempts`);
}

/**
 * Waits until the case is on file, so that a read right after finds it; at most a few seconds, since without a worker the case is safe all the same.
 * It looks at the file and does not ask the workflow: a query answered while a local activity runs can leave a history that no longer replays.
 */
async function untilOnFile(service: Service, caseNumber: string): Promise<void> {
  const end = Date.now() + onFileMs;
  while (Date.now() < end && await service.store.cases.findView(caseNumber) === null) {
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** Whether this very request started the case: by its memo, or by the file when the workflow is past its retention. */
async function startedBefore(service: Service, caseNumber: string, key: string, request: OneRequest): Promise<boolean> {
  const memo = await service.gateway.findStartMemo(caseNumber);
  if (memo === undefined) return await service.queries.list.find(caseNumber) !== null;
  if (memo.key !== key) return false;
  if (memo.requestHash !== request.bodyHash) throw keyReused();
  return true;
}
