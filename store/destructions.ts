import type { Collection, Db } from 'mongodb';
import { text } from '../domain/text';
import { destructionHash, firstDestruction } from '../evidence/destruction';
import type { Destruction } from '../evidence/format';
import type { Fault } from '../evidence/verify-chain';

/** A record of destruction as it is stored; `done` once everything it names is gone, so that an interrupted one is taken up again. */
export type DestructionDocument = Destruction & { readonly _id: string; readonly order: number; readonly done: boolean };

/** The records of what was destroyed 销毁清册: one per case, each on the one before. */
export class DestructionRecords {
  readonly collection: Collection<DestructionDocument>;

  constructor(db: Db) {
    this.collection = db.collection('destructions');
  }

  async ensureIndexes(): Promise<void> {
    await this.collection.createIndexes([{ key: { order: 1 }, unique: true }]);
  }

  /** The record of a case's destruction, or null. */
  async find(caseNumber: string): Promise<Destruction | null> {
    const document = await this.collection.findOne({ _id: caseNumber });
    return document === null ? null : recordOf(document);
  }

  /** All records, oldest first. */
  async list(): Promise<Destruction[]> {
    return (await this.collection.find().sort({ order: 1 }).toArray()).map(recordOf);
  }

  /** Checks the chain of the records. Gives their number, or the first place that does not hold. */
  async verify(): Promise<{ readonly records: number } | { readonly fault: Fault }> {
    let previous = firstDestruction;
    const records = await this.list();
    for (const record of records) {
      const place = `destruction of ${record.caseNumber}`;
      if (record.previous !== previous) return { fault: { place, what: text('与前一条销毁记录不相接', 'does not refer to the record before') } };
      if (destructionHash(record) !== record.hash) return { fault: { place, what: text('与其摘要不符', 'does not fit its hash') } };
      previous = record.hash;
    }
    return { records: records.length };
  }
}

/** The record without what only the store needs. */
export function recordOf({ _id: _number, order: _order, done: _done, ...record }: DestructionDocument): Destruction {
  return record;
}
