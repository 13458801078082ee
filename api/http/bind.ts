import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { contract, type Contract, type RouteContract, type RouteId } from '../contract';
import type { Caller } from '../access-port';
import { problem, type ApiProblem } from '../problems';
import { requestIdOf } from './request-id';

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type Part<R, K extends 'params' | 'query' | 'headers' | 'body'> = R extends { readonly [k in K]: infer S } ? Parsed<S> : undefined;

/** A request as its contract describes it, checked. */
export interface Call<R extends RouteContract> {
  readonly params: Part<R, 'params'>;
  readonly query: Part<R, 'query'>;
  readonly headers: Part<R, 'headers'>;
  readonly body: Part<R, 'body'>;
  readonly caller: R['auth'] extends { readonly kind: 'public' } ? undefined : Caller;
  readonly requestId: string;
  readonly raw: Request;
}

type Responses<R extends RouteContract> = R['responses'];
type BodyOf<C> = C extends { readonly stream: readonly string[] } ? { readonly stream: Readable } : C extends { readonly schema: infer S extends z.ZodType } ? { readonly body: z.input<S> } : { readonly body?: undefined };

/** One of the responses the contract names, with the headers it sends. */
export type Reply<R extends RouteContract> = {
  [Status in keyof Responses<R> & number]: { readonly status: Status; readonly headers?: Readonly<Record<string, string>> } & BodyOf<Responses<R>[Status]>;
}[keyof Responses<R> & number];

export type Handler<R extends RouteContract> = (call: Call<R>) => Promise<Reply<R>> | Reply<R>;
export type HandlerTable = { readonly [Id in RouteId]: Handler<Contract[Id]> };

/** What stands before every handler, by the kind of its route. */
export interface Gates {
  /** Puts the caller on `response.locals`, or refuses. */
  readonly authenticate: RequestHandler;
  readonly limit: RequestHandler;
  readonly limitSignIn: RequestHandler;
  readonly parseBody: (route: RouteContract) => RequestHandler;
  /** Refuses by role alone; rules that look at a case are the handler's. */
  readonly authorise: (route: RouteContract) => RequestHandler;
}

export interface BindOptions {
  /** Checks every reply against the contract before it is sent: on in tests. */
  readonly checkReplies: boolean;
  /** What a part of an address that names nothing means: a part that is not of its form names nothing either. */
  readonly unknown: (route: RouteContract, part: string, value: string) => Error;
  /** Whether an address of the route's shape is one of the route's own: `/v1/cases/complaint` is not a case. */
  readonly owns: (route: RouteContract, params: Params) => boolean;
  /** Puts an answered request on record; its answer waits for that. Refusals are the error handler's. */
  readonly audit: (route: RouteContract, request: Request, caller: Caller | undefined, reply: { readonly body?: unknown }) => Promise<void>;
}

/** `/v1/cases/{caseNumber}` → `/v1/cases/:caseNumber`. */
const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');
const shapeOf = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}');

/** Mounts every route of the contract, and answers 405 where an address has no such method. */
export function bindRoutes(app: Express, handlers: HandlerTable, gates: Gates, options: BindOptions): void {
  const routes: readonly RouteContract[] = Object.values(contract);
  for (const route of routes) {
    const handler = handlers[route.id as RouteId] as unknown as Handler<RouteContract>;
    const before: RequestHandler[] = route.auth.kind === 'public'
      ? [route.id === 'openSession' || route.id === 'openCodecSession' ? gates.limitSignIn : gates.limit]
      : [gates.authenticate, gates.limit, gates.authorise(route)];
    const rest = [...(route.rawBody === undefined ? [] : [acceptRaw(route.rawBody)]), ...(route.body === undefined ? [] : [gates.parseBody(route)])];
    app[route.method](expressPath(route.path), refuseForeign(route, options), named(route), ...before, ...rest, serve(route, handler, options));
  }
  for (const route of routes) {
    app.all(expressPath(route.path), (request: Request) => {
      throw methodNotAllowed(request.method, methodsAt(route, request.params, options));
    });
  }
}

/** Says which route it is, for whoever meets the request outside its handler. */
const named = (route: RouteContract): RequestHandler => (request, response, next) => {
  response.locals['route'] = route;
  // Express forgets them when it leaves the route.
  response.locals['params'] = request.params;
  next();
};

/** A method that belongs to another kind of thing under an address of the same shape is not allowed, before anything else is asked. */
function refuseForeign(route: RouteContract, options: BindOptions): RequestHandler {
  return (request, _response, next) => {
    const own = options.owns(route, request.params);
    if (!own && sharing(route).some((other) => other !== route && options.owns(other, valuesFor(other, request.params)))) {
      throw methodNotAllowed(request.method, methodsAt(route, request.params, options));
    }
    next();
  };
}

const sharing = (route: RouteContract): RouteContract[] => (Object.values(contract) as RouteContract[]).filter((other) => shapeOf(other.path) === shapeOf(route.path));

type Params = Readonly<Record<string, string | readonly string[]>>;

/** The same values under the names another route gives them. */
function valuesFor(route: RouteContract, params: Params): Params {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return Object.fromEntries(Object.values(params).map((value, index) => [names[index] ?? '', value]));
}

function methodsAt(route: RouteContract, params: Params, options: BindOptions): string {
  const sharers = sharing(route);
  const owners = sharers.filter((other) => options.owns(other, valuesFor(other, params)));
  const methods = (owners.length === 0 ? sharers : owners).flatMap((other) => (other.method === 'get' ? ['GET', 'HEAD'] : [other.method.toUpperCase()]));
  return [...new Set(methods)].sort().join(', ');
}

/** 405 with the methods there are. */
export function methodNotAllowed(method: string, allow: string): ApiProblem {
  return problem('method-not-allowed', `此地址只接受 ${allow}`, `${method} is not taken here, only ${allow}`, { headers: { Allow: allow } });
}

function serve(route: RouteContract, handler: Handler<RouteContract>, options: BindOptions): RequestHandler {
  return async (request: Request, response: Response, _next: NextFunction) => {
    const locals = response.locals as { caller?: Caller };
    const reply = await answer(route, handler, request, locals.caller, options);
    await options.audit(route, request, locals.caller, reply);
    if (options.checkReplies) assertInContract(route, reply);
    await write(route, reply, response);
  };
}

async function answer(route: RouteContract, handler: Handler<RouteContract>, request: Request, caller: Caller | undefined, options: BindOptions): Promise<Reply<RouteContract>> {
  const call = {
    params: locate(route, request.params, options),
    query: check(route.query, request.query, 'query'),
    headers: check(route.headers, request.headers, 'header'),
    body: check(route.body, request.body, ''),
    caller, requestId: requestIdOf(request), raw: request,
  } as unknown as Call<RouteContract>;
  return handler(call);
}

function locate(route: RouteContract, params: Params, options: BindOptions): unknown {
  const parsed = route.params?.safeParse(params);
  if (parsed === undefined || parsed.success) return parsed?.data;
  const part = String(parsed.error.issues[0]?.path[0] ?? '');
  throw options.unknown(route, part, String(params[part]));
}

function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw problem('invalid-fields', '请求字段不符合要求', 'some fields of the request are not as they must be', {
    errors: parsed.error.issues.map((issue) => ({ path: [where, ...issue.path.map(String)].filter((part) => part !== '').join('.'), message: issue.message })),
  });
}

async function write(route: RouteContract, reply: Reply<RouteContract>, response: Response): Promise<void> {
  response.status(reply.status);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  const { stream } = reply as { readonly stream?: Readable };
  if (stream !== undefined) {
    await send(stream, response);
    return;
  }
  const contentType = route.responses[reply.status]?.contentType;
  if (reply.body === undefined) response.end();
  else if (contentType === undefined) response.json(reply.body);
  else response.type(contentType).send(reply.body);
}

/** Sends bytes as they come. A caller that goes away half-way is no error of ours. */
async function send(stream: Readable, response: Response): Promise<void> {
  try {
    await pipeline(stream, response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/**
 * The bytes of a request as they come. Whoever stops reading leaves the rest to be dropped, so that the answer still reaches the caller;
 * a caller that goes away half-way is no error of ours.
 */
export async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    throw problem('malformed-request', '请求体未传完', 'the body broke off', { cause: error });
  }
}

/** Refuses a body of another media type before it is read; without one it is taken for bytes. */
function acceptRaw(mediaTypes: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    const given = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (given !== undefined && !mediaTypes.includes(given)) {
      throw problem('unsupported-media-type', `此地址接受: ${mediaTypes.join('、')}`, `taken here: ${mediaTypes.join(', ')}`, { allowed: [...mediaTypes] });
    }
    next();
  };
}

/** Thrown in tests when a handler answers what its contract does not say. */
export class OutsideContract extends Error {
  override readonly name = 'OutsideContract';
}

function assertInContract(route: RouteContract, reply: Reply<RouteContract>): void {
  const documented = route.responses[reply.status];
  if (documented === undefined) throw new OutsideContract(`${route.id} answered ${reply.status}, which is not in its contract`);
  if (documented.schema === undefined) return;
  const parsed = documented.schema.safeParse(reply.body);
  if (!parsed.success) throw new OutsideContract(`${route.id} answered ${reply.status} with a body outside its contract: ${z.prettifyError(parsed.error)}`);
}
