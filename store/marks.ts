import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import type { Mark } from '../domain/mark';
import { isDuplicateKey } from './duplicate-key';

/** Where one of the two keeps its mark. */
export interface MarkPlace {
  find(): Promise<Mark | null>;
  write(mark: Mark): Promise<void>;
}

/** Renewals by which the marks may differ while nothing is wrong: workers that renew in the same moment. */
export const MARK_SLACK = 2;

/** What the marks say of the engine, seen from the file; in an engine that is older, or another one, what was acknowledged since is not known. */
export function engineFault(file: Mark | null, engine: Mark | null): 'unmarked' | 'another' | 'older' | null {
  // A file that was never paired, or whose pair an operator has parted, takes what it finds.
  if (file === null || file.n === 0) return null;
  if (engine === null) return 'unmarked';
  if (engine.id !== file.id) return 'another';
  return engine.n < file.n - MARK_SLACK ? 'older' : null;
}

/** Whether the file lacks what the engine may know: it was put back, or is new. */
export const fileIsOlder = (file: Mark | null, engine: Mark | null): boolean => engine !== null && (file === null || file.n < engine.n - MARK_SLACK);

/** The mark in the store. */
export class FileMark implements MarkPlace {
  private readonly marks: Collection<{ readonly _id: string } & Mark>;

  constructor(db: Db) {
    this.marks = db.collection('marks');
  }

  async find(): Promise<Mark | null> {
    const found = await this.marks.findOne({ _id: 'engine' });
    return found === null ? null : { id: found.id, n: found.n, at: found.at };
  }

  /** Never goes back, whichever of several workers comes last. */
  async write({ id, n, at }: Mark): Promise<void> {
    try {
      await this.marks.updateOne({ _id: 'engine', n: { $lt: n } }, { $set: { id, n, at } }, { upsert: true });
    } catch (error) {
      // There, and not lower.
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /** The id of the pair: the engine's where it has one, else the file's own, made now if need be; workers that begin together get the same. */
  async pairId(engine: Mark | null): Promise<string> {
    await this.marks.updateOne({ _id: 'engine' }, { $setOnInsert: { id: engine?.id ?? randomUUID(), n: 0, at: 0 } }, { upsert: true });
    const file = await this.marks.findOne({ _id: 'engine' });
    if (file === null) throw new Error('the mark of the file could not be kept');
    return file.n === 0 && engine !== null ? engine.id : file.id;
  }

  /** Parts the file from its engine: the next worker takes the engine as it finds it, and compares every case with it. */
  async part(): Promise<void> {
    await this.marks.deleteOne({ _id: 'engine' });
  }
}
