import { createHmac } from 'node:crypto';
import type { Collection, Db } from 'mongodb';

/** After this many wrong passwords in a row a name is locked. */
export const MAX_FAILURES = 5;
/** Milliseconds a name stays locked. */
export const LOCK_MS = 15 * 60_000;
/** Milliseconds after which failures are forgotten. */
const FORGET_MS = 60 * 60_000;

interface AttemptDocument {
  readonly _id: string;
  readonly failures: number;
  /** 0 while not locked. */
  readonly lockedUntil: number;
  readonly forgetAt: Date;
}

export type Attempt = { readonly ok: true; failed(): Promise<number>; succeeded(): Promise<void> } | { readonly ok: false; readonly lockedUntil: number };

/**
 * Counts failed log-ins by name, whether or not there is such an account, so that a lock tells nobody which accounts exist. Names are kept
 * as a keyed hash: people type their password there. An attempt is counted before its password is looked at, so that many at once get no more tries.
 */
export class LoginAttempts {
  private readonly attempts: Collection<AttemptDocument>;

  constructor(db: Db, private readonly secret: Uint8Array, private readonly now: () => number = Date.now) {
    this.attempts = db.collection<AttemptDocument>('login_attempts');
  }

  /** Makes the index by which MongoDB clears what is forgotten; safe to repeat. */
  async prepare(): Promise<void> {
    await this.attempts.createIndex({ forgetAt: 1 }, { expireAfterSeconds: 0 });
  }

  /** Takes one try. `failed` gives the moment until which the name is locked, 0 when it is not. */
  async begin(name: string): Promise<Attempt> {
    const _id = this.idOf(name);
    const before = await this.attempts.findOne({ _id });
    if (before !== null && before.lockedUntil > this.now()) return { ok: false, lockedUntil: before.lockedUntil };
    if (before !== null && (before.lockedUntil !== 0 || before.forgetAt.getTime() <= this.now())) {
      // Only as it was read: of many who find it over, one forgets, and the others are counted with what has come since.
      await this.attempts.deleteOne({ _id, lockedUntil: before.lockedUntil, failures: before.failures, forgetAt: before.forgetAt });
    }
    const counted = await this.attempts.findOneAndUpdate(
      { _id }, { $inc: { failures: 1 }, $set: { forgetAt: new Date(this.now() + FORGET_MS) }, $setOnInsert: { lockedUntil: 0 } }, { upsert: true, returnDocument: 'after' },
    );
    const failures = counted?.failures ?? 1;
    if (failures > MAX_FAILURES) return { ok: false, lockedUntil: await this.lock(_id) };
    return {
      ok: true,
      failed: async () => (failures === MAX_FAILURES ? this.lock(_id) : 0),
      succeeded: async () => {
        await this.attempts.deleteOne({ _id });
      },
    };
  }

  /** Forgets the failures of a name, and with them its lock. False when there were none. */
  async clear(name: string): Promise<boolean> {
    return (await this.attempts.deleteOne({ _id: this.idOf(name) })).deletedCount > 0;
  }

  private idOf(name: string): string {
    return createHmac('sha256', this.secret).update(`login ${name.normalize('NFKC').toLowerCase()}`, 'utf8').digest('base64url');
  }

  private async lock(_id: string): Promise<number> {
    const lockedUntil = this.now() + LOCK_MS;
    await this.attempts.updateOne({ _id }, { $set: { lockedUntil } });
    return lockedUntil;
  }
}
