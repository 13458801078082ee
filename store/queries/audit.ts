import type { Collection, Db } from 'mongodb';

/** An access on record: who looked at what, or was refused. Never holds what was seen. */
export interface AccessEntry {
  readonly at: number;
  readonly user: string;
  readonly organ: string | null;
  /** Such as `case.read`, `personal.unmask`, `session.open`. */
  readonly action: string;
  readonly caseNumber: string | null;
  readonly outcome: 'allowed' | 'refused';
  readonly reason: string | null;
  readonly requestId: string;
}

/** Access to cases, on record: reading as well as change, refusals too. Append-only. */
export class AccessLog {
  private readonly accesses: Collection<AccessEntry>;

  constructor(db: Db) {
    this.accesses = db.collection('accesses');
  }

  /** Creates the index by which an auditor finds who saw a case. */
  async ensureIndexes(): Promise<void> {
    await this.accesses.createIndexes([{ key: { caseNumber: 1, at: 1 } }, { key: { user: 1, at: 1 } }]);
  }

  /** Writes an entry before the answer goes out: what is not on record is not shown. */
  async record(entry: AccessEntry): Promise<void> {
    await this.accesses.insertOne({ ...entry });
  }

  /** Entries on a case, oldest first, at most `limit`. */
  find(caseNumber: string, limit = 100): Promise<AccessEntry[]> {
    return this.accesses.find({ caseNumber }, { projection: { _id: 0 } }).sort({ at: 1 }).limit(limit).toArray();
  }
}
