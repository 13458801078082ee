import type { Caller } from '../access-port';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import { credentialOf, unauthenticated } from '../http/gates';
import type { Service } from '../parts';
import { instant } from '../present/case';

type OpenRoute = typeof contract.openSession;
type CloseRoute = typeof contract.closeSession;
type MeRoute = typeof contract.readMe;

/** POST /v1/sessions */
export const openSession = (service: Service) => async (call: Call<OpenRoute>): Promise<Reply<OpenRoute>> => {
  const { username, password } = call.body;
  const answer = await service.identity.login(username, password);
  await service.queries.audit.record({
    at: service.now(), user: username, organ: answer.ok ? answer.session.caller.organ : null, action: 'session.open', caseNumber: null,
    outcome: answer.ok ? 'allowed' : 'refused', reason: answer.ok ? null : answer.reason, requestId: call.requestId,
  });
  if (!answer.ok) throw unauthenticated(answer.reason, answer.retryAfterSeconds);
  const { token, expiresAt, caller } = answer.session;
  return { status: 201, headers: { 'Cache-Control': 'no-store' }, body: { token, tokenType: 'Bearer', expiresAt: instant(expiresAt), user: meDto(service, caller) } };
};

/** DELETE /v1/sessions/current */
export const closeSession = (service: Service) => async (call: Call<CloseRoute>): Promise<Reply<CloseRoute>> => {
  const credential = credentialOf(call.raw);
  if (credential !== undefined) await service.identity.logout(credential);
  return { status: 204 };
};

/** GET /v1/me */
export const readMe = (service: Service) => (call: Call<MeRoute>): Reply<MeRoute> => ({ status: 200, body: meDto(service, call.caller) });

function meDto(service: Service, caller: Caller) {
  return {
    id: caller.id, name: caller.name, organ: caller.organ, roles: [...caller.roles], ...(caller.staffId === undefined ? {} : { staffId: caller.staffId }),
    standsInFor: (caller.standsInFor ?? []).map((each) => ({ id: each.id, organ: each.organ, roles: [...each.roles] })),
    mustChangePassword: caller.mustChangePassword ?? false,
    mayStart: service.definitions.all.filter((definition) => service.access.may(caller, 'case.start', { caseType: definition.type }).allowed).map((definition) => definition.type),
  };
}
