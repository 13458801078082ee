import type { Request } from 'express';
import type { Caller } from '../access-port';
import type { RouteContract } from '../contract';
import { caseNumberPattern } from '../contract/common';
import type { Service } from '../parts';
import { recordAccess } from '../routes/find-case';
import { requestContext } from '../temporal/connection';
import { toProblem } from './errors';
import { requestIdOf } from './request-id';

/** How a request ended: what the handler answered, or what it threw. */
export type Ended = { readonly reply: { readonly body?: unknown } } | { readonly error: unknown };

/**
 * Puts every request of somebody who is signed in on record before it is answered, success and failure, reading and change, unless its handler has
 * done so in more exact words (an unmasking, a refusal by right).
 */
export const auditRequests = (service: Service) => async (route: RouteContract, request: Request, caller: Caller | undefined, ended: Ended): Promise<void> => {
  if (caller === undefined || requestContext.getStore()?.audited === true) return;
  const failed = 'error' in ended;
  await recordAccess(service, { caller, requestId: requestIdOf(request) }, actionOf(route, request), {
    caseNumber: caseNumberIn(request.params) ?? (failed ? null : caseNumberIn(ended.reply.body)),
    outcome: failed ? 'refused' : 'allowed', reason: failed ? toProblem(ended.error).code : null,
  });
};

/** The rule's name, which is what an auditor looks for; a route without one goes by its id. */
function actionOf({ auth, id }: RouteContract, { params }: Request): string {
  if (auth.kind !== 'action') return id;
  return auth.action === 'action.{action}' ? `action.${String(params['action']).slice(0, 40)}` : auth.action;
}

function caseNumberIn(place: unknown): string | null {
  const value = typeof place === 'object' && place !== null && 'caseNumber' in place ? place.caseNumber : undefined;
  return typeof value === 'string' && caseNumberPattern.test(value) ? value : null;
}
