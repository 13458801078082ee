import type { Db } from 'mongodb';
import { sha256 } from '../../crypto/hash';
import type { Keyring } from '../../crypto/keyring';
import { addDays, civilDateAt, startOfDay } from '../../domain/civil-date';
import type { Identity } from '../../domain/identity';
import type { OrganTree } from '../../domain/organs';
import type { Authenticated, AuthenticationRefusal, Caller, Credential, IdentityPort, Session } from '../access-port';
import { Accounts } from './accounts';
import { ApiKeyStore } from './api-keys';
import { LoginAttempts } from './attempts';
import { DelegationStore } from './delegations';
import { OfficerDirectory } from './directory';
import { FeedLinkStore } from './feed-links';
import { identityOf, OidcVerifier, type OidcOptions } from './oidc';
import { accountCost, hashPassword, isAcceptable, samePassword, verifyPassword, type ScryptCost } from './passwords';
import { claimedIssuer, SessionStore, sessionLimits, type SessionLimits } from './sessions';
import { UserStore, type UserDocument } from './users';

/** What happened at the door, for the audit log: successes and failures. `user` is absent when no such account is known. */
export interface IdentityEvent {
  readonly kind: 'login' | 'login-refused' | 'login-locked' | 'logout' | 'password-changed' | 'password-change-refused';
  readonly at: number;
  readonly user?: string;
}

export interface IdentityOptions {
  readonly db: Db;
  readonly tree: OrganTree;
  /** Seals why somebody is stood in for. */
  readonly keyring: Keyring;
  /** 32 bytes in base64, WENZE_TOKEN_SECRET. */
  readonly tokenSecret: string;
  /** Accounts of the demonstration are good in demo mode only. */
  readonly demo: boolean;
  /** With a provider, local accounts log in only if `localLogin` says so. */
  readonly oidc?: OidcOptions;
  readonly localLogin?: boolean;
  /** Milliseconds for which a credential once checked is taken again unseen; so long may a revocation take to reach another process. Default 5,000. */
  readonly cacheMs?: number;
  readonly limits?: SessionLimits;
  /** What hashing a password costs; less than the default only in tests. */
  readonly cost?: ScryptCost;
  readonly audit?: (event: IdentityEvent) => Promise<void>;
  readonly now?: () => number;
}

const CACHE_ENTRIES = 10_000;
const cacheKeyOf = (credential: Credential): string => sha256([credential.scheme, credential.value, credential.scheme === 'feed-link' ? credential.calendar : ''].join(' '));
const refused = (reason: AuthenticationRefusal): Extract<Authenticated, { ok: false }> => ({ ok: false, reason });

interface Known {
  readonly until: number;
  readonly caller: Identity;
}

/** Who calls: local accounts with sessions, tokens of an identity provider, keys of systems. Throws only when MongoDB or the provider is away. */
export class IdentityService implements IdentityPort {
  readonly users: UserStore;
  readonly keys: ApiKeyStore;
  readonly delegations: DelegationStore;
  readonly officers: OfficerDirectory;
  readonly accounts: Accounts;
  private readonly sessions: SessionStore;
  private readonly feeds: FeedLinkStore;
  private readonly attempts: LoginAttempts;
  private readonly oidc: OidcVerifier | undefined;
  private readonly now: () => number;
  private readonly cache = new Map<string, Known>();
  /** Moves with whatever ends a right. */
  private age = 0;
  private nobodysHash: Promise<string> | undefined;

  /** @throws InsecureIssuer */
  constructor(private readonly options: IdentityOptions) {
    const { db, tree } = options;
    this.now = options.now ?? Date.now;
    const secret = Buffer.from(options.tokenSecret, 'base64');
    if (secret.length !== 32) throw new RangeError('the token secret must be 32 bytes in base64');
    this.users = new UserStore(db, tree, this.now, options.cost);
    this.keys = new ApiKeyStore(db, { now: this.now, changed: () => { this.forget(); } });
    this.delegations = new DelegationStore(db, this.users, { keyring: options.keyring, now: this.now, demo: options.demo, changed: () => { this.forget(); } });
    this.officers = new OfficerDirectory(this.users, options.oidc === undefined, options.demo);
    this.sessions = new SessionStore(db, secret, this.now, options.limits ?? sessionLimits);
    this.feeds = new FeedLinkStore(db, this.now);
    this.attempts = new LoginAttempts(db, secret, this.now);
    this.accounts = new Accounts(db, this.users, (user) => this.endSessions(user), this.attempts);
    this.oidc = options.oidc === undefined ? undefined : new OidcVerifier(options.oidc, this.users, tree, this.now);
  }

  /** Makes the indexes; call once before serving, safe to repeat. */
  async prepare(): Promise<void> {
    for (const store of [this.users, this.keys, this.delegations, this.sessions, this.feeds, this.attempts]) await store.prepare();
  }

  /** Checks name and password. A name that does not exist takes as long and answers the same as a wrong password, and is locked alike. */
  async login(username: string, password: string): Promise<{ readonly ok: true; readonly session: Session } | Extract<Authenticated, { ok: false }>> {
    if (!(this.options.localLogin ?? this.oidc === undefined)) return refused('bad-credentials');
    const attempt = await this.attempts.begin(username);
    const account = await this.openAccount(username);
    const known = account === null ? {} : { user: account._id };
    if (!attempt.ok) {
      await this.audit({ kind: 'login-locked', at: this.now(), ...known });
      return this.locked(attempt.lockedUntil);
    }
    const matches = await verifyPassword(password, account?.password ?? await this.dummyHash());
    if (account?.password == null || !matches) {
      const lockedUntil = await attempt.failed();
      await this.audit({ kind: lockedUntil === 0 ? 'login-refused' : 'login-locked', at: this.now(), ...known });
      return lockedUntil === 0 ? refused('bad-credentials') : this.locked(lockedUntil);
    }
    const { sessionId, ...token } = await this.sessions.open(account._id);
    // Whoever changes a password or closes an account ends the sessions there are. This one may have come a moment later, by what was true a moment before.
    if ((await this.openAccount(account._id))?.password !== account.password) {
      await this.sessions.revoke(sessionId);
      await this.audit({ kind: 'login-refused', at: this.now(), user: account._id });
      return refused('bad-credentials');
    }
    await attempt.succeeded();
    await this.audit({ kind: 'login', at: this.now(), user: account._id });
    return { ok: true, session: { ...token, caller: await this.withStandIns(identityOf(account)) } };
  }

  async authenticate(credential: Credential): Promise<Authenticated> {
    if (credential.value === '') return refused('missing');
    const key = cacheKeyOf(credential);
    const known = this.cache.get(key);
    if (known !== undefined && known.until > this.now()) return { ok: true, caller: known.caller };
    this.cache.delete(key);
    const { age } = this;
    const found = await this.check(credential);
    if (!found.ok) return found;
    // What was read before a right ended is not remembered after it.
    if (age === this.age) this.remember(key, found);
    return { ok: true, caller: found.caller };
  }

  /** Until the credential ends, for some seconds at most, and never into the next day in Shanghai: somebody may stand in for another until today. */
  private remember(key: string, { caller, until }: Known): void {
    if (this.cache.size >= CACHE_ENTRIES) this.cache.clear();
    const now = this.now();
    this.cache.set(key, { until: Math.min(until, now + (this.options.cacheMs ?? 5_000), startOfDay(addDays(civilDateAt(now), 1))), caller });
  }

  private forget(): void {
    this.age += 1;
    this.cache.clear();
  }

  /** Ends the session of a token; what is no live session of ours is left alone. */
  async logout(credential: Credential): Promise<void> {
    if (credential.scheme !== 'bearer') return;
    const reading = await this.sessions.read(credential.value);
    if (!reading.ok) return;
    await this.sessions.revoke(reading.sessionId);
    // A renewed session has more tokens than this one.
    this.forget();
    await this.audit({ kind: 'logout', at: this.now(), user: reading.userId });
  }

  /** A new token for a session that still lives, so that nobody types a password twice a day; undefined for any other credential. */
  async renew(credential: Credential): Promise<{ readonly token: string; readonly expiresAt: number } | undefined> {
    if (credential.scheme !== 'bearer') return undefined;
    const reading = await this.sessions.read(credential.value);
    return reading.ok ? await this.sessions.renew(reading.sessionId) ?? undefined : undefined;
  }

  /** Changes the caller's own password and ends all its sessions; false when the old one is wrong, the new one too weak or the same. Wrong ones count towards the lock. */
  async changePassword(caller: Caller, old: string, wanted: string): Promise<boolean> {
    const account = caller.kind === 'user' ? await this.openAccount(caller.id) : null;
    if (account?.password == null) return false;
    const attempt = await this.attempts.begin(account._id);
    if (!attempt.ok) return false;
    const refuse = async (): Promise<false> => {
      await this.audit({ kind: 'password-change-refused', at: this.now(), user: account._id });
      return false;
    };
    if (!await verifyPassword(old, account.password)) {
      await attempt.failed();
      return refuse();
    }
    await attempt.succeeded();
    // The demonstration's logins are printed at its start; whoever changed one would lock out the rest.
    if (account.demo || samePassword(wanted, old) || !isAcceptable(wanted, account._id)) return false;
    // Somebody who was reset meanwhile, or changes it twice at once, does not write over the newer one.
    if (!await this.users.setPassword(account._id, wanted, { replacing: account.password })) return refuse();
    await this.endSessions(account._id);
    await this.audit({ kind: 'password-changed', at: this.now(), user: account._id });
    return true;
  }

  /** Makes the link of a person's calendar; undefined for a system, which has its key. */
  async openFeed(caller: Caller, calendar: string): Promise<{ readonly token: string; readonly expiresAt: number } | undefined> {
    if (caller.kind !== 'user') return undefined;
    const account = await this.openAccount(caller.id);
    // A provider's word may give a name that an account of ours has too; its link goes by what the provider said.
    const same = account !== null && account.organ === caller.organ && account.roles.join() === caller.roles.join();
    const link = await this.feeds.open(caller, calendar, same);
    this.forget();
    return link;
  }

  async closeFeed(caller: Caller, calendar: string): Promise<void> {
    await this.feeds.close(caller.id, calendar);
    this.forget();
  }

  /** Ends every session and every calendar link of a user and forgets what was cached, as closing an account must. */
  async endSessions(userId: string): Promise<void> {
    await this.sessions.revokeAll(userId);
    await this.feeds.close(userId);
    this.forget();
  }

  private async check(credential: Credential): Promise<{ readonly ok: true; readonly caller: Identity; readonly until: number } | Extract<Authenticated, { ok: false }>> {
    if (credential.scheme === 'api-key') {
      const reading = await this.keys.read(credential.value);
      return reading.ok ? { ok: true, caller: reading.identity, until: reading.expiresAt ?? Infinity } : refused(reading.reason);
    }
    if (credential.scheme === 'feed-link') return this.checkFeed(credential.value, credential.calendar);
    const issuer = await claimedIssuer(credential.value);
    if (issuer === 'another' && this.oidc !== undefined) {
      const reading = await this.oidc.read(credential.value);
      return reading.ok ? { ok: true, caller: await this.withStandIns(reading.identity), until: reading.expiresAt } : refused(reading.reason);
    }
    if (issuer !== 'ours') return refused('invalid');
    const reading = await this.sessions.read(credential.value);
    if (!reading.ok) return refused(reading.reason);
    const account = await this.openAccount(reading.userId);
    if (account === null) return refused('revoked');
    return { ok: true, caller: await this.withStandIns(identityOf(account)), until: reading.expiresAt };
  }

  /** Whose calendar link it is, with the rights of that user as they are now. */
  private async checkFeed(token: string, calendar: string): Promise<{ readonly ok: true; readonly caller: Identity; readonly until: number } | Extract<Authenticated, { ok: false }>> {
    const reading = await this.feeds.read(token, calendar);
    if (!reading.ok) return refused(reading.reason);
    const account = reading.identity === null ? await this.openAccount(reading.userId) : null;
    const identity = account === null ? reading.identity : identityOf(account);
    return identity === null ? refused('revoked') : { ok: true, caller: await this.withStandIns(identity), until: reading.expiresAt };
  }

  /** An account that may be used here and now. */
  private async openAccount(id: string): Promise<UserDocument | null> {
    const account = await this.users.find(id);
    return account === null || account.disabled || (account.demo && !this.options.demo) ? null : account;
  }

  private async withStandIns(identity: Identity): Promise<Identity> {
    const standsInFor = await this.delegations.standsInFor(identity);
    return standsInFor.length === 0 ? identity : { ...identity, standsInFor };
  }

  private locked(until: number): Extract<Authenticated, { ok: false }> {
    return { ok: false, reason: 'locked', retryAfterSeconds: Math.max(1, Math.ceil((until - this.now()) / 1_000)) };
  }

  private dummyHash(): Promise<string> {
    return this.nobodysHash ??= hashPassword('nobody', this.options.cost ?? accountCost);
  }

  private async audit(event: IdentityEvent): Promise<void> {
    await this.options.audit?.(event);
  }
}
