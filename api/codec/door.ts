import { Router, type Request, type RequestHandler } from 'express';
import type { IdentityPort } from '../access-port';
import type { CodecCookie, CodecSession } from './cookie';

/** A token with less left than this is renewed when it is used, so that whoever works with histories logs in once a day. */
const renewBelowMs = 60 * 60_000;

export interface DoorParts {
  readonly cookie: CodecCookie;
  readonly identity: Pick<IdentityPort, 'renew'>;
  /** Origin of the Temporal UI, `http://127.0.0.1:8233`; undefined: no page of another origin may ask, and no cookie counts but on our own. */
  readonly uiOrigin: string | undefined;
  readonly now: () => number;
}

/**
 * Stands before the codec routes: answers the UI's preflight, and takes the cookie for a bearer token where it may count. Cross-origin requests are
 * answered to one origin, the configured UI, and to no other. The cookie counts only in a request that the UI or our own page has made, by what
 * the browser says in headers that no page can set (Origin, Sec-Fetch-Site): SameSite=Strict alone would let any port or host of the same site use it.
 */
export function codecDoor(parts: DoorParts): Router {
  const router = Router();
  router.all('/decode', crossOrigin(parts.uiOrigin));
  router.all('/decode', takeCookie(parts, (request) => parts.uiOrigin !== undefined && request.headers.origin === parts.uiOrigin));
  // Not `router.delete`: a router answers OPTIONS for the methods it knows, and it knows one of two.
  router.use('/session', takeCookie(parts, (request) => request.method === 'DELETE' && request.headers['sec-fetch-site'] === 'same-origin'));
  return router;
}

function crossOrigin(uiOrigin: string | undefined): RequestHandler {
  return (request, response, next) => {
    response.vary('Origin');
    response.setHeader('Cache-Control', 'no-store');
    if (uiOrigin === undefined || request.headers.origin !== uiOrigin) {
      next();
      return;
    }
    response.setHeader('Access-Control-Allow-Origin', uiOrigin);
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    if (request.method !== 'OPTIONS') {
      next();
      return;
    }
    response.setHeader('Access-Control-Allow-Methods', 'POST');
    // Authorization-Extras is the identity token the UI sends beside the access token; it is not looked at.
    response.setHeader('Access-Control-Allow-Headers', 'Content-Type, X-Namespace, Authorization, Authorization-Extras');
    response.setHeader('Access-Control-Max-Age', '600');
    response.status(204).end();
  };
}

function takeCookie({ cookie, identity, now }: DoorParts, counts: (request: Request) => boolean): RequestHandler {
  return async (request, response, next) => {
    const session = request.headers.authorization === undefined && request.headers['x-api-key'] === undefined && counts(request) ? cookie.read(request) : undefined;
    if (session !== undefined) {
      const renewed = await renew(session, identity, now());
      if (renewed !== undefined) cookie.set(response, renewed, now());
      request.headers.authorization = `Bearer ${(renewed ?? session).token}`;
    }
    next();
  };
}

async function renew(session: CodecSession, identity: Pick<IdentityPort, 'renew'>, now: number): Promise<CodecSession | undefined> {
  return session.expiresAt - now < renewBelowMs ? identity.renew({ scheme: 'bearer', value: session.token }) : undefined;
}
