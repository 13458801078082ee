import type { z } from 'zod';
import type { Text } from '../../domain/text';
import type { AccessAction } from '../access-port';
import type { ProblemCode } from '../problems';

/** What one status of a route answers with. */
export interface ResponseContract {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Default application/json where there is a schema. */
  readonly contentType?: string;
  readonly headers?: z.ZodObject;
  readonly example?: unknown;
  /** Bytes of one of these media types, sent as they come; the handler names the type. Instead of a schema. */
  readonly stream?: readonly string[];
}

/**
 * Who may call: anyone; anyone signed in; or who the rules give the action to. `onCase` says that the rule also looks at the case,
 * so that the role alone does not decide. `link`: a calendar program may call with the token of a link in its query, in the rights of the link's user.
 */
export type RouteAuth =
  | { readonly kind: 'public' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'action'; readonly action: AccessAction | 'action.{action}'; readonly onCase?: boolean; readonly link?: boolean };

/**
 * One route of the API: everything there is to know of it but its handler. Express routes, the OpenAPI document, the typed client and the
 * route × role table come from the list of these.
 */
export interface RouteContract {
  readonly id: string;
  readonly method: 'get' | 'post' | 'delete';
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly tag: 'cases' | 'inbox' | 'reference' | 'sessions' | 'clocks' | 'service' | 'documents' | 'bulk' | 'webhooks' | 'codec' | 'users' | 'keys' | 'delegations';
  readonly summary: Text;
  readonly description?: string;
  readonly auth: RouteAuth;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly bodyExample?: unknown;
  /** How long a body may be, where it is not as everywhere. */
  readonly bodyLimitBytes?: number;
  /** The body is bytes of one of these media types, which the handler reads itself. Instead of `body`. */
  readonly rawBody?: readonly string[];
  readonly responses: Readonly<Record<number, ResponseContract>>;
  /** Problems beside those every route can have. */
  readonly problems: readonly ProblemCode[];
}

/** Keeps the literal types of a route. */
export function defineRoute<const R extends RouteContract>(route: R): R {
  return route;
}

/** Problems any route can answer with; those signed in, any route that is not public. */
export const problemsOf = (route: RouteContract): readonly ProblemCode[] => [...new Set<ProblemCode>([
  ...route.problems,
  'malformed-request', 'method-not-allowed', 'too-many-requests', 'internal-error',
  ...(route.query !== undefined || route.headers !== undefined || route.body !== undefined ? ['invalid-fields' as const] : []),
  ...(route.rawBody === undefined ? [] : ['invalid-fields' as const, 'body-too-large' as const, 'unsupported-media-type' as const]),
  ...(route.body === undefined ? [] : ['malformed-json' as const, 'body-too-large' as const, 'unsupported-media-type' as const]),
  ...(route.auth.kind === 'public' ? [] : ['not-signed-in' as const, 'session-expired' as const, 'password-change-required' as const, 'store-unavailable' as const, 'identity-unavailable' as const]),
  ...(route.auth.kind === 'action' ? ['not-allowed' as const] : []),
])];
