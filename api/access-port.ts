import type { AccessRules } from '../domain/access';
import type { Identity } from '../domain/identity';

/** The identity service, as the API needs it: who calls. Whoever stands behind it throws only when its store is away. */

/** Who calls, after the token or key has been checked. */
export type Caller = Identity;

/** Why a log-in or a token was not accepted. */
export type AuthenticationRefusal = 'missing' | 'invalid' | 'expired' | 'revoked' | 'bad-credentials' | 'locked';

export interface Unauthenticated {
  readonly ok: false;
  readonly reason: AuthenticationRefusal;
  readonly retryAfterSeconds?: number;
}

export type Authenticated = { readonly ok: true; readonly caller: Caller } | Unauthenticated;

export interface Session {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly caller: Caller;
}

export interface Credential {
  readonly scheme: 'bearer' | 'api-key';
  readonly value: string;
}

export interface IdentityPort {
  login(username: string, password: string): Promise<{ readonly ok: true; readonly session: Session } | Unauthenticated>;
  authenticate(credential: Credential): Promise<Authenticated>;
  logout(credential: Credential): Promise<void>;
  /** A new token for a session that still lives; undefined for any other credential. */
  renew(credential: Credential): Promise<{ readonly token: string; readonly expiresAt: number } | undefined>;
  /** Changes the caller's own password; false when the old one is wrong or the new one not acceptable. */
  changePassword(caller: Caller, old: string, wanted: string): Promise<boolean>;
}

/** The rules of access; what depends on a case is in the subject they are given. */
export type AccessPort = Pick<AccessRules, 'may' | 'readable'>;

export type { AccessAction, AccessSubject } from '../domain/access';
