import type { Collection, Db } from 'mongodb';
import { isDuplicateKey } from '../duplicate-key';

/** A request that came with an idempotency key: which body it had. */
export interface RequestDocument {
  /** Hash of caller, address and key. */
  readonly _id: string;
  /** Hash of the body. */
  readonly hash: string;
  readonly at: number;
}

/** Whether a key is seen for the first time, again with the same body, or with another. */
export type Claim = 'new' | 'same' | 'other';

/** Remembers which body each idempotency key came with, so that a key is never used for two requests. */
export class Requests {
  private readonly requests: Collection<RequestDocument>;

  constructor(db: Db) {
    this.requests = db.collection('requests');
  }

  /** Creates the index by which old requests are found. */
  async ensureIndexes(): Promise<void> {
    await this.requests.createIndex({ at: 1 });
  }

  /** How many came before an instant (milliseconds). */
  countBefore(at: number): Promise<number> {
    return this.requests.countDocuments({ at: { $lt: at } });
  }

  /** Forgets those that came before an instant (milliseconds). Gives how many. */
  async forgetBefore(at: number): Promise<number> {
    return (await this.requests.deleteMany({ at: { $lt: at } })).deletedCount;
  }

  /** Claims a key for a body. */
  async claim(key: string, hash: string, at: number): Promise<Claim> {
    try {
      await this.requests.insertOne({ _id: key, hash, at });
      return 'new';
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const known = await this.requests.findOne({ _id: key });
      // Released between the two calls: its request was refused, so the key is free again.
      if (known === null) return this.claim(key, hash, at);
      return known.hash === hash ? 'same' : 'other';
    }
  }

  /** Gives a key free again: its request was refused and changed nothing. */
  async release(key: string, hash: string): Promise<void> {
    await this.requests.deleteOne({ _id: key, hash });
  }
}
