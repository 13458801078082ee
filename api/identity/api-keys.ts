import { randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { z } from 'zod';
import { sameSecret, sha256 } from '../../crypto/hash';
import { staticActions } from '../../domain/access';
import { RoleSet, type Identity } from '../../domain/identity';
import { OrganId, type OrganTree } from '../../domain/organs';
import type { AuthenticationRefusal } from '../access-port';

/** What a key may be given for: an action, `action.note`, or all that begin alike, `case.*`. */
export const Scope = z.string().refine(
  (scope) => (staticActions as readonly string[]).includes(scope) || /^action\.[a-z-]+$/.test(scope) || ['case.*', 'action.*', 'document.*'].includes(scope),
  'names no action',
);

/** What an administrator enters for a system that calls us. `expiresAt` in milliseconds since the epoch. */
export const KeyRequest = z.strictObject({
  name: z.string().min(1).max(100), organ: OrganId, roles: RoleSet, scopes: z.array(Scope).min(1).max(40), expiresAt: z.int().min(0).nullable().default(null),
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
}

/** What is shown of a key afterwards: never the key. */
export type KeyView = Omit<KeyDocument, 'hash'>;

/** API keys of other systems: hashed, scoped, revocable, kept on record when they have ended. */
export class ApiKeyStore {
  private readonly keys: Collection<KeyDocument>;

  constructor(db: Db, private readonly tree: OrganTree, private readonly now: () => number = Date.now) {
    this.keys = db.collection<KeyDocument>('api_keys');
  }

  /** Makes a key; its text is given this once. @throws ZodError, UnknownOrgan */
  async issue(request: KeyRequest, by: string): Promise<{ readonly id: string; readonly key: string }> {
    const wanted = KeyRequest.parse(request);
    this.tree.get(wanted.organ);
    const id = randomBytes(6).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    await this.keys.insertOne({ _id: id, ...wanted, hash: sha256(secret), createdAt: this.now(), createdBy: by, revokedAt: null, revokedBy: null });
    return { id, key: `wz_${id}_${secret}` };
  }

  /** Ends a key; false when there is none of that id still good. */
  async revoke(id: string, by: string): Promise<boolean> {
    const { modifiedCount } = await this.keys.updateOne({ _id: id, revokedAt: null }, { $set: { revokedAt: this.now(), revokedBy: by } });
    return modifiedCount === 1;
  }

  /** Every key, newest first, at most 500. */
  async list(): Promise<KeyView[]> {
    const keys = await this.keys.find().sort({ createdAt: -1 }).limit(500).toArray();
    return keys.map(({ hash: _hash, ...view }) => view);
  }

  /** Whose key it is and when it ends (null: never), or why it is not accepted. */
  async read(key: string): Promise<{ readonly ok: true; readonly identity: Identity; readonly expiresAt: number | null } | { readonly ok: false; readonly reason: AuthenticationRefusal }> {
    const [, id, secret] = /^wz_([0-9a-f]{12})_([\w-]{43})$/.exec(key) ?? [];
    const found = id === undefined ? null : await this.keys.findOne({ _id: id });
    if (found === null || secret === undefined || !sameSecret(sha256(secret), found.hash)) return { ok: false, reason: 'invalid' };
    if (found.revokedAt !== null) return { ok: false, reason: 'revoked' };
    if (found.expiresAt !== null && found.expiresAt <= this.now()) return { ok: false, reason: 'expired' };
    return { ok: true, expiresAt: found.expiresAt, identity: { id: `system:${found._id}`, kind: 'system', name: found.name, organ: found.organ, roles: found.roles, scopes: found.scopes } };
  }
}
