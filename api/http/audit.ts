import type { ErrorRequestHandler, Request } from 'express';
import { civilDateAt } from '../../domain/civil-date';
import type { Caller } from '../access-port';
import type { RouteContract } from '../contract';
import { caseNumberPattern } from '../contract/common';
import type { Service } from '../parts';
import type { ProblemCode } from '../problems';
import { recordAccess } from '../routes/find-case';
import { requestContext } from '../temporal/connection';
import { anonymous } from './door';
import { toProblem } from './errors';
import { requestIdOf } from './request-id';

/** Puts the request of somebody who is signed in on record before it is answered, unless its handler has done so in more exact words (an unmasking). */
export const auditReplies = (service: Service) => async (route: RouteContract, request: Request, caller: Caller | undefined, reply: { readonly body?: unknown }): Promise<void> => {
  if (caller === undefined || isAudited()) return;
  await recordAccess(service, { caller, requestId: requestIdOf(request) }, actionOf(route, request.params), { caseNumber: caseNumberIn(request.params) ?? caseNumberIn(reply.body), outcome: 'allowed' });
};

/** Refusals of whoever is not signed in that are told to the auditor; a form that is wrong (400, 415) tells nothing of anybody. */
const atTheDoor: ReadonlySet<ProblemCode> = new Set(['not-signed-in', 'session-expired', 'bad-credentials', 'account-locked', 'too-many-requests']);

/**
 * Puts every refused request on record before it is answered, wherever it was refused: of somebody signed in each one, before that and for coming too
 * often the door's counts. A stranger goes by an index of the address which the key of the day makes, so that one source is seen and nobody is named.
 */
export const auditRefusals = (service: Service): ErrorRequestHandler => async (error: unknown, request, response, next) => {
  const { caller, route, params } = response.locals as { readonly caller?: Caller; readonly route?: RouteContract; readonly params?: Request['params'] };
  if (route === undefined || response.headersSent || isAudited()) {
    next(error);
    return;
  }
  const { code } = toProblem(error);
  const [action, requestId] = [actionOf(route, params), requestIdOf(request)];
  if (caller !== undefined && code !== 'too-many-requests') {
    await recordAccess(service, { caller, requestId }, action, { caseNumber: caseNumberIn(params), outcome: 'refused', reason: code });
  } else if (caller !== undefined) {
    await service.door.note({ user: caller.id, organ: caller.organ, action, reason: code, requestId });
  } else if (atTheDoor.has(code)) {
    await service.door.note({ user: strangerOf(service, request), organ: null, action, reason: code, requestId });
  }
  next(error);
};

const isAudited = (): boolean => requestContext.getStore()?.audited === true;

function strangerOf(service: Service, request: Request): string {
  const mark = service.annexes.keyring.blind(`address:${civilDateAt(service.now())}:${request.ip ?? ''}`);
  return `${anonymous}:${mark.slice(mark.indexOf(':') + 1, mark.indexOf(':') + 9)}`;
}

/** The rule's name, which is what an auditor looks for; a route without one goes by its id. */
function actionOf({ auth, id }: RouteContract, params: Request['params'] | undefined): string {
  if (id === 'openSession' || id === 'openCodecSession') return 'session.open';
  if (auth.kind !== 'action') return id;
  return auth.action === 'action.{action}' ? `action.${String(params?.['action']).slice(0, 40)}` : auth.action;
}

function caseNumberIn(place: unknown): string | null {
  const value = typeof place === 'object' && place !== null && 'caseNumber' in place ? place.caseNumber : undefined;
  return typeof value === 'string' && caseNumberPattern.test(value) ? value : null;
}
