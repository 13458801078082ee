import { civilDateAt } from '../domain/civil-date';
import type { Collections } from './connect';
import { isDuplicateKey } from './duplicate-key';

/** What a case number is asked for. */
export interface NumberRequest {
  readonly type: string;
  readonly prefix: string;
  /** The same key always gets the same number. */
  readonly key: string;
  /** Milliseconds since the epoch; the year of the number is the year in Shanghai. */
  readonly at: number;
}

/** Case numbers: `TS-2026-000123`, counted per type and year, one per key. */
export class CaseNumbers {
  constructor(private readonly collections: Pick<Collections, 'counters' | 'intakes'>) {}

  /** The number for a key; allocates one at the first call. */
  async allocate(request: NumberRequest): Promise<string> {
    const known = await this.collections.intakes.findOne({ _id: request.key });
    if (known !== null) return known.caseNumber;
    const year = civilDateAt(request.at).slice(0, 4);
    for (;;) {
      const counter = await this.collections.counters.findOneAndUpdate(
        { _id: `${request.prefix}-${year}` }, { $inc: { value: 1 } }, { upsert: true, returnDocument: 'after' });
      if (counter === null) throw new Error('the counter of case numbers could not be kept');
      const caseNumber = `${request.prefix}-${year}-${String(counter.value).padStart(6, '0')}`;
      try {
        await this.collections.intakes.insertOne({ _id: request.key, caseNumber, type: request.type, at: request.at });
        return caseNumber;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        // Either this key was given a number by a twin call, or the number is taken because the counter fell back in a crash.
        const twin = await this.collections.intakes.findOne({ _id: request.key });
        if (twin !== null) return twin.caseNumber;
      }
    }
  }

  /** Puts back what a crash of the store took: the key of a case that Temporal knows, and a counter past its number. */
  async restore(entry: { readonly key: string; readonly caseNumber: string; readonly type: string; readonly at: number }): Promise<void> {
    await this.collections.intakes.updateOne({ _id: entry.key }, { $setOnInsert: { caseNumber: entry.caseNumber, type: entry.type, at: entry.at } }, { upsert: true });
    const [prefix, year, digits] = entry.caseNumber.split('-');
    const value = Number(digits);
    if (prefix === undefined || year === undefined || !Number.isSafeInteger(value)) return;
    await this.collections.counters.updateOne({ _id: `${prefix}-${year}`, value: { $lt: value } }, { $set: { value } });
  }
}
