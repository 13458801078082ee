import express, { type Request, type RequestHandler, type Response } from 'express';
import { ipKeyGenerator, rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import type { AccessPort, Authenticated, AuthenticationRefusal, Caller, Credential, IdentityPort } from '../access-port';
import type { RouteContract } from '../contract';
import { problem, type ApiProblem } from '../problems';
import type { Gates } from './bind';

/** Bodies stop here: well under the 2 MB a Temporal payload may have, whatever encoding adds. */
export const bodyLimitBytes = 1_000_000;

export interface LimitOptions {
  /** Requests a minute of one identity (or address, before it is known). */
  readonly perMinute: number;
  /** Log-ins a minute of one address. */
  readonly signInsPerMinute: number;
}

/** What a first log-in may do before it has changed its password. */
const beforePasswordChange: ReadonlySet<string> = new Set(['readMe', 'closeSession', 'changePassword']);

/** The middlewares before the handlers: who calls, how often, by which right, with what body. */
export function makeGates(parts: { readonly identity: IdentityPort; readonly access: AccessPort; readonly limits: LimitOptions; readonly onRefused: (caller: Caller, route: RouteContract, request: Request) => Promise<void> }): Gates {
  const { identity, access, limits } = parts;
  // Only failed attempts are counted by address: who shares one with a guesser works on. A token has more bits than anybody can guess, so a good one is taken however many bad ones came.
  const strangers = limiter(limits.perMinute, addressOf);
  return {
    authenticate: async (request, response, next) => {
      const credential = credentialOf(request) ?? linkOf(request, (response.locals as { route?: RouteContract }).route);
      const answer: Authenticated = credential === undefined ? { ok: false, reason: 'missing' } : await identity.authenticate(credential);
      if (!answer.ok) {
        await strangers(request, response, (error?: unknown) => { next(error ?? unauthenticated(answer.reason, answer.retryAfterSeconds)); });
        return;
      }
      response.locals['caller'] = answer.caller;
      next();
    },
    limit: limiter(limits.perMinute, (request, response) => (response.locals as { caller?: Caller }).caller?.id ?? addressOf(request)),
    limitSignIn: limiter(limits.signInsPerMinute, (request) => `sign-in:${addressOf(request)}`),
    parseBody: (route) => jsonBody(route.bodyLimitBytes ?? bodyLimitBytes),
    authorise: (route) => async (request, response, next) => {
      const { caller } = response.locals as { caller: Caller };
      if (caller.mustChangePassword === true && !beforePasswordChange.has(route.id)) {
        throw problem('password-change-required', '首次登录须先修改密码', 'the first log-in must change the password before anything else');
      }
      if (route.auth.kind === 'action' && route.auth.onCase !== true && !access.may(caller, route.auth.action).allowed) {
        await parts.onRefused(caller, route, request);
        throw problem('not-allowed', '您的角色无权执行此操作', `your roles (${caller.roles.join(', ')}) do not allow this`);
      }
      next();
    },
  };
}

/** `Authorization: Bearer …` of a person or `X-API-Key: …` of a system. */
export function credentialOf(request: Request): Credential | undefined {
  const key = request.header('x-api-key');
  if (key !== undefined && key !== '') return { scheme: 'api-key', value: key };
  const bearer = /^Bearer +([\x21-\x7e]+)$/i.exec(request.header('authorization') ?? '')?.[1];
  return bearer === undefined ? undefined : { scheme: 'bearer', value: bearer };
}

/** `?token=…` of a calendar's link, on the routes that take one; it is good for the calendar of this address alone. */
function linkOf(request: Request, route: RouteContract | undefined): Credential | undefined {
  const token: unknown = request.query['token'];
  if (route?.auth.kind !== 'action' || route.auth.link !== true || typeof token !== 'string' || token === '') return undefined;
  const { caseNumber } = request.params;
  return { scheme: 'feed-link', value: token, calendar: typeof caseNumber === 'string' ? caseNumber : inboxFeed };
}

/** The name of the calendar of one's inbox; that of a case is its number. */
export const inboxFeed = 'inbox';

/** Why there is no caller, as a problem. */
export function unauthenticated(reason: AuthenticationRefusal, retryAfterSeconds?: number): ApiProblem {
  switch (reason) {
    case 'missing': return problem('not-signed-in', '请先登录,并在 Authorization 头中携带令牌', 'send a token as `Authorization: Bearer …`; log in at POST /v1/sessions');
    case 'expired': return problem('session-expired', '登录已过期,请重新登录', 'the session has expired; log in again');
    case 'bad-credentials': return problem('bad-credentials', '用户名或密码错误', 'the user name or the password is wrong');
    case 'locked': return problem('account-locked', '登录失败次数过多,账号暂时锁定', 'too many failed log-ins: the account is locked for a while', retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
    case 'invalid': case 'revoked': return problem('not-signed-in', '令牌无效或已注销', 'the token is not valid or has been revoked');
  }
}

/** The address a caller is counted under; of IPv6 the network, for one caller has 2^64 addresses and more. */
const addressOf = (request: Request): string => (request.ip === undefined ? 'unknown' : ipKeyGenerator(request.ip));

function limiter(perMinute: number, keyOf: (request: Request, response: Response) => string): RateLimitRequestHandler {
  return rateLimit({
    windowMs: 60_000, limit: perMinute, standardHeaders: 'draft-7', legacyHeaders: false,
    keyGenerator: keyOf,
    // Its check asks for the key generator's text to name the helper that makes networks of IPv6 addresses; addressOf uses it. `X-Forwarded-For` from whom we do not trust is left alone, not an error.
    validate: { keyGeneratorIpFallback: false, xForwardedForHeader: false, forwardedHeader: false },
    handler: (request, _response, next) => { next(tooMany(request)); },
  });
}

function tooMany(request: Request): ApiProblem {
  const reset = (request as Request & { rateLimit?: { resetTime?: Date } }).rateLimit?.resetTime?.getTime() ?? Date.now() + 60_000;
  const seconds = Math.max(1, Math.ceil((reset - Date.now()) / 1000));
  return problem('too-many-requests', `请求过于频繁,请 ${seconds} 秒后再试`, `too many requests: try again in ${seconds} s`, { retryAfterSeconds: seconds });
}

/** How many objects and arrays may stand in one another: far more than any form has, far fewer than what the stack of whoever walks through them bears. */
const deepest = 100;

/** A JSON body within the limit, of whole characters only: half a surrogate could never be put on record. */
function jsonBody(limit: number): RequestHandler {
  const parseJson = express.json({ limit, strict: false, type: 'application/json' });
  return (request, response, next) => {
    if (request.is('application/json') === false || request.header('content-type') === undefined) {
      throw problem('unsupported-media-type', '请求体须为 application/json', 'the body must be application/json');
    }
    parseJson(request, response, (error?: unknown) => { next(error ?? faultIn(request.body)); });
  };
}

/**
 * What of a parsed body cannot be taken, wherever in it; undefined where there is nothing. Never throws and calls itself nowhere: it runs where the bytes
 * have arrived, with nobody above to catch, so that a body of brackets alone would end the process.
 */
function faultIn(body: unknown): ApiProblem | undefined {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string' && !value.isWellFormed()) return problem('malformed-json', '请求体含有不完整的字符', 'the body has half a character (a lone surrogate)');
    if (typeof value !== 'object' || value === null) continue;
    if (depth === deepest) return problem('malformed-json', `请求体嵌套不得超过 ${deepest} 层`, `the body is nested more than ${deepest} deep`);
    for (const [key, item] of Object.entries(value)) open.push({ value: key, depth: depth + 1 }, { value: item, depth: depth + 1 });
  }
  return undefined;
}
