import { randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { sameSecret, sha256 } from '../../crypto/hash';
import { DAY_MS } from '../../domain/civil-date';
import type { Identity } from '../../domain/identity';
import type { AuthenticationRefusal } from '../access-port';

/** How long a link lives: of an account, whose rights are read anew each time, a year and a month; of somebody only a provider knows, as long as its word is taken. */
const lifetimeMs = { account: 400 * DAY_MS, provider: 30 * DAY_MS } as const;

interface FeedLinkDocument {
  readonly _id: string;
  /** SHA-256; the secret is 256 random bits, so that a slow hash would add nothing. */
  readonly hash: string;
  readonly userId: string;
  /** What the link shows: `inbox`, or a case by its number. */
  readonly scope: string;
  /** Who it was, where no account of ours says it anew. */
  readonly identity: Identity | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export type FeedLinkReading =
  | { readonly ok: true; readonly userId: string; readonly identity: Identity | null; readonly expiresAt: number }
  | { readonly ok: false; readonly reason: AuthenticationRefusal };

/**
 * Links under which a calendar program, which can send no token, reads the due dates of one user: one for each calendar, which shows that calendar and
 * opens nothing else. Only a hash is kept; a link that is made anew ends the one before.
 */
export class FeedLinkStore {
  private readonly links: Collection<FeedLinkDocument>;

  constructor(db: Db, private readonly now: () => number = Date.now) {
    this.links = db.collection<FeedLinkDocument>('feed_links');
  }

  /** Makes the index; safe to repeat. */
  async prepare(): Promise<void> {
    await this.links.createIndex({ userId: 1, scope: 1 });
  }

  /** Makes the link of a user to one calendar and ends an earlier one; its text is given this once. `hasAccount`: whether the user's rights are read from an account of ours. */
  async open(user: Identity, scope: string, hasAccount: boolean): Promise<{ readonly token: string; readonly expiresAt: number }> {
    const id = randomBytes(6).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const expiresAt = this.now() + (hasAccount ? lifetimeMs.account : lifetimeMs.provider);
    await this.links.deleteMany({ userId: user.id, scope });
    await this.links.insertOne({ _id: id, hash: sha256(secret), userId: user.id, scope, identity: hasAccount ? null : user, createdAt: this.now(), expiresAt });
    return { token: `wzf_${id}_${secret}`, expiresAt };
  }

  /** Ends the link of a user to one calendar, or with no calendar named all of that user's. */
  async close(userId: string, scope?: string): Promise<void> {
    await this.links.deleteMany({ userId, ...(scope === undefined ? {} : { scope }) });
  }

  /** Whose link it is, if it is one to this calendar. */
  async read(token: string, scope: string): Promise<FeedLinkReading> {
    const [, id, secret] = /^wzf_([0-9a-f]{12})_([\w-]{43})$/.exec(token) ?? [];
    const found = id === undefined ? null : await this.links.findOne({ _id: id });
    if (found === null || secret === undefined || !sameSecret(sha256(secret), found.hash) || found.scope !== scope) return { ok: false, reason: 'invalid' };
    if (found.expiresAt <= this.now()) return { ok: false, reason: 'expired' };
    return { ok: true, userId: found.userId, identity: found.identity, expiresAt: found.expiresAt };
  }
}
