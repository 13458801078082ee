import type { ErrorRequestHandler, Request, Response } from 'express';
import { MongoError, MongoServerError } from 'mongodb';
import type { Logger } from 'pino';
import { IdentityProviderAway } from '../identity';
import { ApiProblem, problem, problemTable, type ProblemCode } from '../problems';
import { requestIdOf } from './request-id';

/** Seconds after which a caller may try again when something behind us is away. */
export const retryAfterSeconds = 3;

/** The sentence that belongs to every 503: what it means for the caller's request. */
export const retryIsSafe = {
  zh: '用同一 Idempotency-Key 重试是安全的,不会重复办理',
  en: 'trying again with the same Idempotency-Key is safe: nothing is done twice',
} as const;

/** A database that is away or cannot be read just now, as a problem. */
export function storeAway(cause: unknown): ApiProblem {
  return problem('store-unavailable', `数据库暂时不可用;${retryIsSafe.zh}。`, `The database does not answer just now; ${retryIsSafe.en}.`, {
    retryAfterSeconds, cause,
  });
}

/** What body-parser and the router throw carries a status and a type. */
interface HttpError extends Error {
  readonly status?: number;
  readonly statusCode?: number;
  readonly type?: string;
}

/** Any error → the problem it is to the caller. Unknown ones are ours, and say nothing of what is inside. */
export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (isStoreAway(error)) return storeAway(error);
  if (error instanceof IdentityProviderAway) {
    return problem('identity-unavailable', `统一身份认证暂时没有应答;${retryIsSafe.zh}。`, `The identity provider does not answer just now; ${retryIsSafe.en}.`, { retryAfterSeconds, cause: error });
  }
  if (!(error instanceof Error)) return internal(error);
  const { status, statusCode, type } = error as HttpError;
  switch (type) {
    case 'entity.parse.failed': return problem('malformed-json', '请求体不是有效的 JSON', 'the body is not valid JSON', { cause: error });
    case 'entity.too.large': return problem('body-too-large', '请求体不得超过 1 MB', 'a body is at most 1 MB', { cause: error });
    case 'encoding.unsupported': case 'charset.unsupported': return problem('unsupported-media-type', '不支持的编码', 'this encoding is not taken here', { cause: error });
  }
  const code = status ?? statusCode;
  if (code !== undefined && code >= 400 && code < 500) return problem('malformed-request', '请求格式有误', 'the request is not well formed', { cause: error });
  return internal(error);
}

function internal(cause: unknown): ApiProblem {
  return problem('internal-error', '系统内部错误,已记录', 'an error of ours; it is on record under the request id', { cause });
}

/** Whether MongoDB is away: no server, a lost connection, a server that is stopping. A refused write is not that. */
export function isStoreAway(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  if (error instanceof MongoServerError) return error.hasErrorLabel('RetryableWriteError') || error.hasErrorLabel('RetryableReadError');
  return /^Mongo(ServerSelection|Network|NetworkTimeout|PoolCleared|PoolClosed|Topology|NotConnected|ServerClosed|WaitQueueTimeout|OperationTimeout|ClientClosed|Client)/.test(error.name);
}

/** Writes a problem. Also used where no error was thrown, such as a rate limit. */
export function sendProblem(response: Response, request: Request, wrong: ApiProblem): void {
  const body = wrong.toBody(requestIdOf(request));
  for (const [name, value] of Object.entries(wrong.extras.headers ?? {})) response.setHeader(name, value);
  if (wrong.extras.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(wrong.extras.retryAfterSeconds));
  if (wrong.status === 401) response.setHeader('WWW-Authenticate', `Bearer realm="wenze"${challenge(wrong.code)}`);
  response.status(wrong.status).type('application/problem+json').send(JSON.stringify(body));
}

const challenge = (code: ProblemCode): string => (code === 'session-expired' ? ', error="invalid_token", error_description="expired"' : '');

/** The last middleware: every error leaves as a problem, ours are logged with their cause. */
export function problemHandler(log: Pick<Logger, 'error' | 'warn'>): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const wrong = toProblem(error);
    if (wrong.status >= 500) {
      const line = { err: wrong.extras.cause ?? wrong, code: wrong.code, requestId: request.id };
      if (wrong.status === 503) log.warn(line, problemTable[wrong.code].title.en);
      else log.error(line, 'a request failed');
    }
    // The rest of a body that is not wanted is read and dropped, so that the caller gets the answer rather than a broken pipe.
    if (!request.readableEnded) request.resume();
    sendProblem(response, request, wrong);
  };
}
