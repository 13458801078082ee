import type { AccessRules } from '../domain/access';
import type { Identity } from '../domain/identity';
import type { Accounts } from './identity/accounts';
import type { ApiKeyStore } from './identity/api-keys';
import type { DelegationStore } from './identity/delegations';
import type { OfficerDirectory } from './identity/directory';

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

/** A token of a person, a key of a system, or the token of a calendar's link, which is good for that calendar alone. */
export type Credential =
  | { readonly scheme: 'bearer' | 'api-key'; readonly value: string }
  | { readonly scheme: 'feed-link'; readonly value: string; readonly calendar: string };

export interface IdentityPort {
  /** Who has an account here, for choosing whom a step is given to. */
  readonly officers: Pick<OfficerDirectory, 'find' | 'withRoles' | 'complete'>;
  /** The local accounts, for the administrator. */
  readonly accounts: Pick<Accounts, 'create' | 'list' | 'get' | 'setDisabled' | 'unlock' | 'resetPassword'>;
  /** The keys of other systems, for the administrator. */
  readonly keys: Pick<ApiKeyStore, 'issue' | 'revoke' | 'find' | 'page'>;
  /** Who stands in for whom AB角. */
  readonly delegations: Pick<DelegationStore, 'create' | 'revoke' | 'find' | 'organOf' | 'page' | 'ahead' | 'today'>;
  login(username: string, password: string): Promise<{ readonly ok: true; readonly session: Session } | Unauthenticated>;
  authenticate(credential: Credential): Promise<Authenticated>;
  logout(credential: Credential): Promise<void>;
  /** A new token for a session that still lives; undefined for any other credential. */
  renew(credential: Credential): Promise<{ readonly token: string; readonly expiresAt: number } | undefined>;
  /** Changes the caller's own password; false when the old one is wrong or the new one not acceptable. */
  changePassword(caller: Caller, old: string, wanted: string): Promise<boolean>;
  /** Makes the link under which the caller's calendar program reads one calendar (`inbox` or a case number), ending an earlier one; undefined for a system. Its token is given this once. */
  openFeed(caller: Caller, calendar: string): Promise<{ readonly token: string; readonly expiresAt: number } | undefined>;
  /** Ends it; one that is not there is left alone. */
  closeFeed(caller: Caller, calendar: string): Promise<void>;
}

/** The rules of access; what depends on a case is in the subject they are given. */
export type AccessPort = Pick<AccessRules, 'may' | 'readable' | 'delegationReach'>;

export type { AccessAction, AccessSubject } from '../domain/access';
