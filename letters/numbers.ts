import { MongoServerError, type Collection, type Db } from 'mongodb';
import { civilDateAt } from '../domain/civil-date';

interface NumberRow {
  /** The request it was given to. */
  readonly _id: string;
  readonly mark: string;
  readonly year: number;
  readonly value: number;
  /** Milliseconds since the epoch: the letter is of this day, however often it is asked for. */
  readonly at: number;
}

/** A number 文号 as it was given. */
export interface LetterNumber {
  readonly text: string;
  readonly at: number;
}

const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11000;

/** Document numbers 文号: counted per organ, kind and year; the same key always gets the same one. */
export class LetterNumbers {
  private readonly rows: Collection<NumberRow>;

  constructor(db: Db) {
    this.rows = db.collection('letterNumbers');
  }

  async ensureIndexes(): Promise<void> {
    await this.rows.createIndex({ mark: 1, year: 1, value: 1 }, { unique: true });
  }

  /**
   * The number for a key, allocated at the first call: one above the highest given, so that nothing but the numbers themselves needs keeping.
   * @param mark organ's short name and the kind's character, such as 云监移
   * @param at milliseconds since the epoch; the year is the year in Shanghai
   */
  async allocate(key: string, mark: string, at: number): Promise<LetterNumber> {
    for (;;) {
      const known = await this.rows.findOne({ _id: key });
      if (known !== null) return present(known);
      const year = Number(civilDateAt(at).slice(0, 4));
      const [highest] = await this.rows.find({ mark, year }).sort({ value: -1 }).limit(1).toArray();
      const row: NumberRow = { _id: key, mark, year, value: (highest?.value ?? 0) + 1, at };
      try {
        await this.rows.insertOne(row);
        return present(row);
      } catch (error) {
        // A twin took the number, or this very key has one by now: the next round knows.
        if (!isDuplicate(error)) throw error;
      }
    }
  }
}

const present = ({ mark, year, value, at }: NumberRow): LetterNumber => ({ text: `${mark}〔${year}〕${value}号`, at });
