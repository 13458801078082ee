import type { Caller } from '../access-port';
import type { contract } from '../contract';
import type { Call, Reply } from '../http/bind';
import { credentialOf, unauthenticated } from '../http/gates';
import type { Service } from '../parts';
import { instant } from '../present/case';
import { toldTo } from '../present/standing-in';
import { problem } from '../problems';
import { recordAccess } from './find-case';

type OpenRoute = typeof contract.openSession;
type CloseRoute = typeof contract.closeSession;
type RenewRoute = typeof contract.renewSession;
type PasswordRoute = typeof contract.changePassword;
type MeRoute = typeof contract.readMe;

/** POST /v1/sessions */
export const openSession = (service: Service) => async (call: Call<OpenRoute>): Promise<Reply<OpenRoute>> => {
  const { username, password } = call.body;
  const answer = await service.identity.login(username, password);
  // Refused log-ins are put on record by the identity service, which knows whether there is such an account.
  if (!answer.ok) throw unauthenticated(answer.reason, answer.retryAfterSeconds);
  const { token, expiresAt, caller } = answer.session;
  await recordAccess(service, { caller, requestId: call.requestId }, 'session.open', { caseNumber: null, outcome: 'allowed' });
  return { status: 201, headers: { 'Cache-Control': 'no-store' }, body: { token, tokenType: 'Bearer', expiresAt: instant(expiresAt), user: await meDto(service, caller) } };
};

/** DELETE /v1/sessions/current */
export const closeSession = (service: Service) => async (call: Call<CloseRoute>): Promise<Reply<CloseRoute>> => {
  const credential = credentialOf(call.raw);
  if (credential !== undefined) await service.identity.logout(credential);
  return { status: 204 };
};

/** POST /v1/sessions/current/renewal */
export const renewSession = (service: Service) => async (call: Call<RenewRoute>): Promise<Reply<RenewRoute>> => {
  const credential = credentialOf(call.raw);
  const renewed = credential === undefined ? undefined : await service.identity.renew(credential);
  if (renewed === undefined) throw unauthenticated('expired');
  return { status: 201, headers: { 'Cache-Control': 'no-store' }, body: { token: renewed.token, tokenType: 'Bearer', expiresAt: instant(renewed.expiresAt) } };
};

/** POST /v1/me/password */
export const changePassword = (service: Service) => async (call: Call<PasswordRoute>): Promise<Reply<PasswordRoute>> => {
  if (!await service.identity.changePassword(call.caller, call.body.old, call.body.wanted)) {
    throw problem('password-not-changed', '原密码有误,或新密码过于简单', 'the old password is wrong, or the new one is too simple or the same');
  }
  return { status: 204 };
};

/** GET /v1/me */
export const readMe = (service: Service) => async (call: Call<MeRoute>): Promise<Reply<MeRoute>> => ({ status: 200, body: await meDto(service, call.caller) });

async function meDto(service: Service, caller: Caller) {
  const { delegations } = service.identity;
  // A system has nobody stand in for it, whatever an officer is called.
  const ahead = caller.kind === 'user' ? await delegations.ahead(caller) : [];
  return {
    id: caller.id, name: caller.name, organ: caller.organ, roles: [...caller.roles], ...(caller.staffId === undefined ? {} : { staffId: caller.staffId }),
    standsInFor: (caller.standsInFor ?? []).map((each) => ({ id: each.id, organ: each.organ, roles: [...each.roles] })),
    delegations: ahead.map((each) => toldTo(caller.id, each, delegations.today())),
    mustChangePassword: caller.mustChangePassword ?? false,
    mayStart: service.definitions.all.filter((definition) => service.access.may(caller, 'case.start', { caseType: definition.type }).allowed).map((definition) => definition.type),
  };
}
