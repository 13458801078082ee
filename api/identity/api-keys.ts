import { randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { z } from 'zod';
import { sameSecret, sha256 } from '../../crypto/hash';
import { personsOnly, staticActions, type StaticAction } from '../../domain/access';
import { actionNames } from '../../domain/case-definition';
import { soleRoles, type Identity } from '../../domain/identity';
import { OrganId, type OrganTree } from '../../domain/organs';
import { Role } from '../../domain/roles';
import { pageOf, readCursor, type PageOf } from '../../store/queries/cursor';
import type { AuthenticationRefusal } from '../access-port';

const isForSystems = (action: StaticAction): boolean => !(personsOnly as readonly StaticAction[]).includes(action);

/** What a key may be given for: an action, `action.note`, or all that begin alike, `case.*`. */
export const scopes: readonly [string, ...string[]] = ['case.*', 'action.*', 'document.*', ...staticActions.filter(isForSystems), ...actionNames.map((name) => `action.${name}`)];
export const Scope = z.enum(scopes, `a scope is one of ${scopes.join(', ')}`);

/** What an administrator enters for a system that calls us. `expiresAt` in milliseconds since the epoch; null: until it is revoked. */
export const KeyRequest = z.strictObject({
  name: z.string().min(1).max(100), organ: OrganId,
  /** Officers' roles only: who oversees or administers is a person, and so is a citizen. */
  roles: z.array(Role.exclude(soleRoles)).min(1).refine((held) => held.length === new Set(held).size, 'a role is held once').meta({ uniqueItems: true }),
  scopes: z.array(Scope).min(1).max(40),
  expiresAt: z.int().max(8_640_000_000_000_000).nullable().default(null),
});
export type KeyRequest = z.input<typeof KeyRequest>;

interface KeyDocument extends z.output<typeof KeyRequest> {
  readonly _id: string;
  /** SHA-256; the secret is 256 random bits, so that a slow hash would add nothing. */
  readonly hash: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
  /** To the minute; absent until it is used. */
  readonly lastUsedAt?: number;
}

/** Where a key stands: good, out of time, or ended by somebody. */
export const keyStates = ['active', 'expired', 'revoked'] as const;

/** What is shown of a key afterwards: never the key. Times in milliseconds since the epoch. */
export interface KeyView extends Omit<KeyDocument, '_id' | 'hash' | 'lastUsedAt'> {
  readonly id: string;
  readonly state: (typeof keyStates)[number];
  readonly lastUsedAt: number | null;
}

/** Thrown when a key is to end before it begins. */
export class ExpiryPassed extends Error {
  override readonly name = 'ExpiryPassed';
  constructor() {
    super('a key ends after it is made');
  }
}

/** How often at most the use of one key is written down, in milliseconds. */
const USE_EVERY_MS = 60_000;

export interface ApiKeyOptions {
  readonly now?: () => number;
  /** Told of every key that ends, so that nobody's rights are remembered from before it. */
  readonly changed?: () => void;
}

/** API keys of other systems: hashed, scoped, revocable, kept on record when they have ended. */
export class ApiKeyStore {
  private readonly keys: Collection<KeyDocument>;
  private readonly now: () => number;
  private readonly changed: () => void;

  constructor(db: Db, { now = Date.now, changed = () => undefined }: ApiKeyOptions = {}) {
    this.keys = db.collection<KeyDocument>('api_keys');
    this.now = now;
    this.changed = changed;
  }

  /** Makes the index; safe to repeat. */
  async prepare(): Promise<void> {
    await this.keys.createIndex({ createdAt: -1, _id: -1 });
  }

  /** Makes a key for a system of an organ of `tree`; its text is given this once. @throws ZodError, UnknownOrgan, ExpiryPassed */
  async issue(request: KeyRequest, by: string, tree: OrganTree): Promise<{ readonly view: KeyView; readonly key: string }> {
    const wanted = KeyRequest.parse(request);
    tree.get(wanted.organ);
    const now = this.now();
    if (wanted.expiresAt !== null && wanted.expiresAt <= now) throw new ExpiryPassed();
    const id = randomBytes(6).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const row: KeyDocument = { _id: id, ...wanted, hash: sha256(secret), createdAt: now, createdBy: by, revokedAt: null, revokedBy: null };
    await this.keys.insertOne(row);
    return { view: this.viewOf(row), key: `wz_${id}_${secret}` };
  }

  /** Ends a key for good; false when there is none of that id, or it was ended before. */
  async revoke(id: string, by: string): Promise<boolean> {
    const { modifiedCount } = await this.keys.updateOne({ _id: id, revokedAt: null }, { $set: { revokedAt: this.now(), revokedBy: by } });
    if (modifiedCount === 0) return false;
    this.changed();
    return true;
  }

  async find(id: string): Promise<KeyView | null> {
    const row = await this.keys.findOne({ _id: id });
    return row === null ? null : this.viewOf(row);
  }

  /** A page of all keys, newest first, those that have ended included. @throws BadCursor */
  async page({ cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number }): Promise<PageOf<KeyView>> {
    const after = cursor === undefined ? undefined : readCursor(cursor);
    const rows = await this.keys
      .find(after === undefined ? {} : { $or: [{ createdAt: { $lt: after.at } }, { createdAt: after.at, _id: { $lt: after.id } }] })
      .sort({ createdAt: -1, _id: -1 }).limit(limit + 1).toArray();
    const { items, next } = pageOf(rows, limit, (row) => ({ at: row.createdAt, id: row._id }));
    return { items: items.map((row) => this.viewOf(row)), next };
  }

  /** Whose key it is and when it ends (null: never), or why it is not accepted. That it was used is written down. */
  async read(key: string): Promise<{ readonly ok: true; readonly identity: Identity; readonly expiresAt: number | null } | { readonly ok: false; readonly reason: AuthenticationRefusal }> {
    const [, id, secret] = /^wz_([0-9a-f]{12})_([\w-]{43})$/.exec(key) ?? [];
    const found = id === undefined ? null : await this.keys.findOne({ _id: id });
    if (found === null || secret === undefined || !sameSecret(sha256(secret), found.hash)) return { ok: false, reason: 'invalid' };
    const now = this.now();
    if (found.revokedAt !== null) return { ok: false, reason: 'revoked' };
    if (found.expiresAt !== null && found.expiresAt <= now) return { ok: false, reason: 'expired' };
    if (now - (found.lastUsedAt ?? -Infinity) >= USE_EVERY_MS) await this.keys.updateOne({ _id: found._id }, { $max: { lastUsedAt: now } });
    return { ok: true, expiresAt: found.expiresAt, identity: { id: `system:${found._id}`, kind: 'system', name: found.name, organ: found.organ, roles: found.roles, scopes: found.scopes } };
  }

  private viewOf({ _id, hash: _hash, lastUsedAt, ...row }: KeyDocument): KeyView {
    const state = row.revokedAt !== null ? 'revoked' : row.expiresAt !== null && row.expiresAt <= this.now() ? 'expired' : 'active';
    return { id: _id, ...row, lastUsedAt: lastUsedAt ?? null, state };
  }
}
