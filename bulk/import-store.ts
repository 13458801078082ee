import { MongoServerError, type Collection, type Db, type ObjectId } from 'mongodb';
import type { FieldIssue } from '../domain/case-definition';
import type { Identity } from '../domain/identity';
import type { ColumnMapping } from './columns';

/** checked: read, nothing started. running. stopped: something was away, go on when it is back. done. */
export type ImportState = 'checked' | 'running' | 'stopped' | 'done';
export type RowState = 'valid' | 'invalid' | 'started' | 'refused';

export interface ImportRecord {
  readonly _id: string;
  readonly caseType: string;
  readonly fileHash: string;
  readonly file: ObjectId;
  readonly mapping: ColumnMapping;
  /** Who imports, with the rights of then: the cases are started in this name. */
  readonly by: Identity;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  readonly state: ImportState;
  readonly rows: number;
  readonly counts: Readonly<Record<RowState, number>>;
  readonly fault: string | null;
  /** The runner at work and until when it is believed to live. */
  readonly runner: string | null;
  readonly aliveUntil: number;
}

/** What became of one row; `row` as a spreadsheet numbers it, the heading being row 1. Holds no content of the row. */
export interface RowRecord {
  readonly _id: string;
  readonly import: string;
  readonly row: number;
  readonly state: RowState;
  readonly issues: readonly FieldIssue[];
  readonly caseNumber: string | null;
}

const rowId = (id: string, row: number): string => `${id}:${String(row).padStart(7, '0')}`;

/** Imports and what became of each of their rows. */
export class ImportStore {
  private readonly imports: Collection<ImportRecord>;
  private readonly rows: Collection<RowRecord>;

  constructor(db: Db, private readonly now: () => number = Date.now) {
    this.imports = db.collection('imports');
    this.rows = db.collection('importRows');
  }

  async ensureIndexes(): Promise<void> {
    await this.imports.createIndexes([{ key: { 'by.id': 1, createdAt: -1 } }, { key: { state: 1, aliveUntil: 1 } }]);
    await this.rows.createIndexes([{ key: { import: 1, row: 1 }, unique: true }]);
  }

  /** False when there is one of this id. */
  async insert(record: ImportRecord): Promise<boolean> {
    try {
      await this.imports.insertOne(record);
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === 11000) return false;
      throw error;
    }
  }

  find(id: string): Promise<ImportRecord | null> {
    return this.imports.findOne({ _id: id });
  }

  /** Imports of a user, newest first. */
  list(user: string, limit: number): Promise<ImportRecord[]> {
    return this.imports.find({ 'by.id': user }).sort({ createdAt: -1 }).limit(limit).toArray();
  }

  /** Writes what became of rows; the same again comes to the same. */
  async record(id: string, rows: readonly Omit<RowRecord, '_id' | 'import'>[]): Promise<void> {
    if (rows.length === 0) return;
    await this.rows.bulkWrite(rows.map((row) => ({ replaceOne: { filter: { _id: rowId(id, row.row) }, replacement: { import: id, ...row }, upsert: true } })));
  }

  /** Forgets what was said of the rows of a table that became no import. */
  async forgetRows(id: string): Promise<void> {
    if (await this.find(id) === null) await this.rows.deleteMany({ import: id });
  }

  /** Whether an import may still read this file. */
  async needs(file: ObjectId): Promise<boolean> {
    return await this.imports.countDocuments({ file, state: { $ne: 'done' } }, { limit: 1 }) > 0;
  }

  /** Every row, in order. */
  async *report(id: string): AsyncGenerator<RowRecord> {
    yield* this.rows.find({ import: id }).sort({ row: 1 });
  }

  /** Numbers of the rows that are not to be tried: their case has begun, or the dry run found that it never can. */
  async settledRows(id: string): Promise<ReadonlySet<number>> {
    return new Set((await this.rows.find({ import: id, state: { $in: ['started', 'invalid'] } }).project<{ row: number }>({ row: 1 }).toArray()).map((each) => each.row));
  }

  /** Counts the rows anew and writes the counts. */
  async count(id: string): Promise<void> {
    const found = await this.rows.aggregate<{ _id: RowState; count: number }>([{ $match: { import: id } }, { $group: { _id: '$state', count: { $sum: 1 } } }]).toArray();
    const counts = { valid: 0, invalid: 0, started: 0, refused: 0, ...Object.fromEntries(found.map((each) => [each._id, each.count])) };
    await this.imports.updateOne({ _id: id }, { $set: { counts } });
  }

  /** How a run ended: whole, or to be taken up again. Nothing happens when another runner has taken over. */
  async release(id: string, runner: string, end: Pick<ImportRecord, 'state' | 'fault' | 'finishedAt'>): Promise<void> {
    await this.imports.updateOne({ _id: id, runner }, { $set: { ...end, aliveUntil: 0 } });
  }

  /** Takes an import to run; null when it is done, or somebody runs it. */
  claim(id: string, runner: string, aliveMs: number): Promise<ImportRecord | null> {
    const now = this.now();
    return this.imports.findOneAndUpdate(
      { _id: id, $or: [{ state: { $in: ['checked', 'stopped'] } }, { state: 'running', aliveUntil: { $lt: now } }] },
      { $set: { state: 'running', runner, aliveUntil: now + aliveMs, fault: null } }, { returnDocument: 'after' });
  }

  /** Says that the runner lives. False when another has taken over. */
  async alive(id: string, runner: string, aliveMs: number): Promise<boolean> {
    return (await this.imports.updateOne({ _id: id, runner, state: 'running' }, { $set: { aliveUntil: this.now() + aliveMs } })).matchedCount > 0;
  }

  /** Ids of imports whose runner is gone. */
  async abandoned(): Promise<string[]> {
    return (await this.imports.find({ state: 'running', aliveUntil: { $lt: this.now() } }).project<{ _id: string }>({ _id: 1 }).limit(100).toArray()).map((each) => each._id);
  }
}
