import type { z } from 'zod';
import { contract, type Contract, type RouteContract, type RouteId } from '../api/contract';
import type { Problem } from '../api/problems';

type Input<R, K extends 'params' | 'query' | 'headers' | 'body'> = R extends { readonly [k in K]: infer S extends z.ZodType }
  ? K extends 'query' | 'headers' ? { readonly [k in K]?: z.input<S> } : { readonly [k in K]: z.input<S> }
  : unknown;

/** What a route takes, by its contract. */
export type CallInput<R extends RouteContract> = Input<R, 'params'> & Input<R, 'query'> & Input<R, 'headers'> & Input<R, 'body'>;

type Success = 200 | 201 | 204;
type BodyOf<R extends RouteContract> = {
  [S in keyof R['responses'] & Success]: R['responses'][S] extends { readonly schema: infer T extends z.ZodType } ? z.output<T> : undefined;
}[keyof R['responses'] & Success];

/** An answer of the API that is not an error. */
export interface Answer<R extends RouteContract> {
  readonly status: number;
  readonly body: BodyOf<R>;
  readonly headers: Headers;
}

/** An error of the API: its problem, with the stable code. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(readonly status: number, readonly problem: Problem, readonly headers: Headers) {
    super(`${status} ${problem.code}: ${problem.text.detail.en}`);
  }

  get code(): Problem['code'] {
    return this.problem.code;
  }
}

export interface ClientOptions {
  /** Such as http://127.0.0.1:3000, without a slash at the end. */
  readonly baseUrl: string;
  readonly token?: string;
  readonly apiKey?: string;
  /** Milliseconds a request may take. */
  readonly timeoutMs?: number;
}

type Plain = string | number | boolean | undefined;
type PlainValues = Readonly<Record<string, Plain>>;

const definedEntries = (values: PlainValues): [string, string][] =>
  Object.entries(values).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));

/** The API, typed by its contract. One per signed-in user; holds no state but the token. */
export class WenzeClient {
  constructor(private readonly options: ClientOptions) {}

  /** A client with a session of its own. @throws ProblemError bad-credentials */
  static async login(baseUrl: string, username: string, password: string): Promise<WenzeClient> {
    const { body } = await new WenzeClient({ baseUrl }).call('openSession', { body: { username, password } });
    return new WenzeClient({ baseUrl, token: body.token });
  }

  get baseUrl(): string {
    return this.options.baseUrl;
  }

  /** The token it signs in with, if any. */
  get token(): string | undefined {
    return this.options.token;
  }

  /** Calls a route by its id. @throws ProblemError for any answer that is an error; TypeError when nobody answers */
  async call<Id extends RouteId>(id: Id, input: CallInput<Contract[Id]>): Promise<Answer<Contract[Id]>> {
    const route: RouteContract = contract[id];
    const parts = input as { params?: PlainValues; query?: PlainValues; headers?: PlainValues; body?: unknown };
    const response = await fetch(this.urlOf(route, parts.params ?? {}, parts.query ?? {}), {
      method: route.method.toUpperCase(),
      headers: this.headersOf(parts.headers ?? {}, parts.body),
      ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
      signal: AbortSignal.timeout(this.options.timeoutMs ?? 30_000),
    });
    return this.read(response);
  }

  /** Calls a route whose body is bytes. @throws ProblemError */
  async send<Id extends RouteId>(id: Id, input: CallInput<Contract[Id]>, bytes: Uint8Array, mediaType = 'application/octet-stream'): Promise<Answer<Contract[Id]>> {
    return this.read(await this.fetchBytes(id, input, { body: bytes, headers: { 'content-type': mediaType } }));
  }

  /** Calls a route that answers with bytes, and gives the answer to be read as it comes. @throws ProblemError */
  async download<Id extends RouteId>(id: Id, input: CallInput<Contract[Id]>): Promise<Response> {
    const response = await this.fetchBytes(id, input, {});
    if (!response.ok) await this.read(response);
    return response;
  }

  private fetchBytes(id: RouteId, input: unknown, init: { readonly body?: Uint8Array; readonly headers?: Record<string, string> }): Promise<Response> {
    const route: RouteContract = contract[id];
    const parts = input as { params?: PlainValues; query?: PlainValues; headers?: PlainValues };
    return fetch(this.urlOf(route, parts.params ?? {}, parts.query ?? {}), {
      method: route.method.toUpperCase(), headers: { ...this.headersOf(parts.headers ?? {}, undefined), ...init.headers },
      ...(init.body === undefined ? {} : { body: init.body as Uint8Array<ArrayBuffer> }), signal: AbortSignal.timeout(this.options.timeoutMs ?? 120_000),
    });
  }

  private urlOf(route: RouteContract, params: PlainValues, query: PlainValues): string {
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(String(params[name])));
    const search = new URLSearchParams(definedEntries(query));
    return `${this.options.baseUrl}${path}${search.size === 0 ? '' : `?${search.toString()}`}`;
  }

  private headersOf(given: PlainValues, body: unknown): Record<string, string> {
    return {
      accept: 'application/json, application/problem+json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.options.token === undefined ? {} : { authorization: `Bearer ${this.options.token}` }),
      ...(this.options.apiKey === undefined ? {} : { 'x-api-key': this.options.apiKey }),
      ...Object.fromEntries(definedEntries(given)),
    };
  }

  private async read<R extends RouteContract>(response: Response): Promise<Answer<R>> {
    const type = response.headers.get('content-type') ?? '';
    const body: unknown = type.includes('json') ? await response.json() : await response.text();
    if (!response.ok) {
      if (!type.startsWith('application/problem+json')) throw new Error(`${response.status} ${response.url} without a problem: ${String(body).slice(0, 200)}`);
      throw new ProblemError(response.status, body as Problem, response.headers);
    }
    return { status: response.status, body: (response.status === 204 ? undefined : body) as BodyOf<R>, headers: response.headers };
  }

  /** Starts a case. Gives its number. */
  async startCase(type: string, intake: Record<string, unknown>, idempotencyKey?: string): Promise<string> {
    const { body } = await this.call('startCase', { params: { type }, body: intake, headers: { 'idempotency-key': idempotencyKey } });
    return body.caseNumber;
  }

  /** Answers a step. */
  async answer(caseNumber: string, step: string, answer: string, fields: Record<string, unknown> = {}, idempotencyKey?: string) {
    const { body } = await this.call('answerStep', { params: { caseNumber, step }, body: { answer, ...fields }, headers: { 'idempotency-key': idempotencyKey } });
    return body;
  }

  /** Acts on a case. */
  async act(caseNumber: string, action: CallInput<Contract['takeAction']>['params']['action'], fields: Record<string, unknown> = {}, idempotencyKey?: string) {
    const { body } = await this.call('takeAction', { params: { caseNumber, action }, body: fields, headers: { 'idempotency-key': idempotencyKey } });
    return body;
  }

  /** A case as it is now. */
  async getCase(caseNumber: string) {
    return (await this.call('getCase', { params: { caseNumber } })).body;
  }

  /** The whole history of a case, page by page. */
  async *events(caseNumber: string) {
    let cursor: string | undefined;
    do {
      const { body } = await this.call('listEvents', { params: { caseNumber }, query: { cursor } });
      yield* body.items;
      cursor = body.next ?? undefined;
    } while (cursor !== undefined);
  }
}
