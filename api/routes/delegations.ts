import type { Caller } from '../access-port';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import { DelegationRefused, stateOf, type Delegation, type DelegationReach } from '../identity/delegations';
import type { Service } from '../parts';
import { instant } from '../present/case';
import { ApiProblem, problem } from '../problems';
import { recordAccess } from './find-case';

type CreateRoute = typeof contract.createDelegation;
type ListRoute = typeof contract.listDelegations;
type EndRoute = typeof contract.endDelegation;

const present = (each: Delegation, today: string) => ({
  id: each._id, principal: each.principal, deputy: each.deputy, organ: each.organ, roles: each.roles === null ? null : [...each.roles],
  from: each.from, until: each.until, reason: each.reason, state: stateOf(each, today), createdAt: instant(each.createdAt), createdBy: each.createdBy,
  endedAt: each.revokedAt === null ? null : instant(each.revokedAt), endedBy: each.revokedBy,
});

/** Who was put in whose place stands where a refusal has its reason, with the id of the delegation. */
const recorded = (service: Service, call: Call<CreateRoute> | Call<EndRoute>, action: string, { _id, principal, deputy }: Delegation): Promise<void> =>
  recordAccess(service, { caller: call.caller, requestId: call.requestId }, action, { caseNumber: null, outcome: 'allowed', reason: `${deputy} for ${principal}: ${_id}` });

function reachOf(service: Service, caller: Caller): DelegationReach {
  const reach = service.access.delegationReach(caller);
  if (reach === 'all') return 'all';
  return reach === 'organ' ? { user: caller.id, organ: caller.organ } : { user: caller.id };
}

/** POST /v1/delegations */
export const createDelegation = (service: Service) => async (call: Call<CreateRoute>): Promise<Reply<CreateRoute>> => {
  const { caller, body } = call;
  const { delegations } = service.identity;
  await refuseToGive(service, caller, body.principal);
  try {
    const made = await delegations.create(body, caller.id);
    await recorded(service, call, 'delegation.create', made);
    return { status: 201, headers: { Location: `/v1/delegations/${made._id}` }, body: present(made, delegations.today()) };
  } catch (error) {
    throw error instanceof DelegationRefused ? problemOf(error, delegations.today()) : error;
  }
};

/** Whose place is not one's to give is not told whether there is such an officer. @throws ApiProblem not-allowed */
async function refuseToGive(service: Service, caller: Caller, principal: string): Promise<void> {
  const reach = reachOf(service, caller);
  if (reach === 'all' || principal === caller.id) return;
  if ('organ' in reach && await service.identity.delegations.organOf(principal) === reach.organ) return;
  throw 'organ' in reach
    ? problem('not-allowed', '只能为本机关工作人员设置AB角', 'the head of an organ has somebody stand in for officers of the own organ')
    : problem('not-allowed', '只能为本人设置AB角', 'an officer has somebody stand in for the own person only');
}

/** GET /v1/delegations */
export const listDelegations = (service: Service) => async (call: Call<ListRoute>): Promise<Reply<ListRoute>> => {
  const { delegations } = service.identity;
  const { items, next } = await delegations.page(reachOf(service, call.caller), call.query);
  return { status: 200, body: { items: items.map((each) => present(each, delegations.today())), next } };
};

/** POST /v1/delegations/{delegationId}/end */
export const endDelegation = (service: Service) => async (call: Call<EndRoute>): Promise<Reply<EndRoute>> => {
  const { delegations } = service.identity;
  const { delegationId } = call.params;
  const found = await delegations.find(delegationId);
  // One that the caller's list would not show is not there.
  if (found === null || !isWithin(reachOf(service, call.caller), found)) throw problem('unknown-delegation', `没有AB角安排 ${delegationId}`, `no delegation "${delegationId}"`);
  if (!await delegations.revoke(delegationId, call.caller.id)) throw problem('delegation-ended', '该AB角安排已结束', 'the delegation has ended already');
  const ended = await delegations.find(delegationId) ?? found;
  await recorded(service, call, 'delegation.end', ended);
  return { status: 200, body: present(ended, delegations.today()) };
};

const isWithin = (reach: DelegationReach, { principal, deputy, organ }: Delegation): boolean =>
  reach === 'all' || principal === reach.user || deputy === reach.user || ('organ' in reach && organ === reach.organ);

/** The field that a refusal is about, where it is about one alone. */
const fields: Partial<Readonly<Record<DelegationRefused['code'], string>>> = { 'unknown-principal': 'principal', 'unknown-deputy': 'deputy', 'in-the-past': 'from', 'role-not-held': 'roles' };

function problemOf(error: DelegationRefused, today: string): ApiProblem {
  const path = fields[error.code];
  if (path !== undefined) return new ApiProblem('invalid-fields', error.text, { errors: [{ path, message: error.message }], cause: error });
  if (error.other === undefined) return new ApiProblem('delegation-not-allowed', error.text, { cause: error });
  return new ApiProblem('delegation-overlaps', error.text, { allowed: { existing: present(error.other, today) }, cause: error });
}
