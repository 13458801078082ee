import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { isDuplicateKey } from '../store/duplicate-key';

interface LeaseRow {
  readonly _id: string;
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** The right to be the only one at a piece of work, for a while; whoever dies loses it by time. */
export class Lease {
  private readonly rows: Collection<LeaseRow>;
  readonly owner = randomUUID();
  private until = 0;

  /** @param name what the work is @param ms how long it lasts unless renewed; longer than any single piece of the work */
  constructor(db: Db, private readonly name: string, private readonly ms = 30_000, private readonly now: () => number = Date.now) {
    this.rows = db.collection('leases');
  }

  /** Takes or renews the lease. True when it is ours, for at least half its time. */
  async hold(): Promise<boolean> {
    const now = this.now();
    if (this.until - now > this.ms / 2) return true;
    const until = now + this.ms;
    this.until = await this.take(now, until) ? until : 0;
    return this.until > 0;
  }

  private async take(now: number, until: number): Promise<boolean> {
    try {
      const taken = await this.rows.updateOne(
        { _id: this.name, $or: [{ owner: this.owner }, { until: { $lt: now } }] }, { $set: { owner: this.owner, until } }, { upsert: true });
      return taken.matchedCount + taken.upsertedCount > 0;
    } catch (error) {
      // There is one, and it is somebody else's.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** Gives it back, so that another need not wait. */
  async release(): Promise<void> {
    this.until = 0;
    await this.rows.deleteOne({ _id: this.name, owner: this.owner });
  }
}
