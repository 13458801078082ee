import { setTimeout } from 'node:timers/promises';
import { MongoRuntimeError, type Collection, type Db, type Document, type Filter, type ObjectId } from 'mongodb';
import { CannotOpen, type Keyring } from '../crypto/keyring';
import { sealedField, type ResealOptions, type ResealReport, type SealedPlace } from '../store/reseal';
import { documentPurpose } from './document-store';
import { DamagedFile, SealedFiles } from './sealed-files';

/** The sealed names and titles of documents. */
export const placeOfDocuments = (db: Db, keyring: Keyring): SealedPlace => sealedField(keyring, db.collection('documents'), 'sealed', (row) => documentPurpose(String(row['_id'])));

/** Files in GridFS, and the documents that own them by their field `file`. */
export interface SealedFilePlace {
  readonly files: SealedFiles;
  readonly owners: Collection;
  /** Owners whose file may be replaced now; others are at work on it. */
  readonly free: Filter<Document>;
}

/** The files of documents, and of bulk imports that nobody is running. */
export const filePlaces = (db: Db, keyring: Keyring): SealedFilePlace[] => [
  { files: new SealedFiles(db, keyring, 'documents'), owners: db.collection('documents'), free: {} },
  { files: new SealedFiles(db, keyring, 'imports'), owners: db.collection('imports'), free: { state: { $ne: 'running' } } },
];

export interface ResealFilesOptions extends ResealOptions {
  /** Milliseconds a replaced file is kept for whoever is reading it. Default 30,000. */
  readonly graceMs?: number;
  /** Milliseconds after which a stored file without an owner is what a crash left, and is removed. Default ten minutes. */
  readonly ownerlessMs?: number;
  readonly now?: () => number;
}

/** What came of the files of one place. */
export interface ResealFilesReport extends ResealReport {
  /** Left for another run: its owner is at work on it, or it was stored a moment ago and has no owner yet. */
  readonly busy: number;
  /** What crashes had left without an owner. */
  readonly removed: number;
}

/** Milliseconds an upload may take; pieces older than that without a file were cut off. */
const UPLOAD_MS = 86_400_000;

/**
 * Seals every file of a place under the current key: a new file is written beside the old, its owner is turned to it in one step, and the old one goes once
 * nobody can still be reading it. Ended at any moment, it leaves at most a file without an owner, which the next run removes.
 */
export async function resealFiles(place: SealedFilePlace, keyring: Keyring, options: ResealFilesOptions = {}): Promise<ResealFilesReport> {
  const { batch = 50, dryRun = false, graceMs = 30_000, ownerlessMs = 600_000, now = Date.now, progress } = options;
  const { files, owners } = place;
  const sum = { place: `${files.bucketName}.files`, seen: 0, resealed: 0, overtaken: 0, unmatched: 0, busy: 0, removed: 0, unopened: { count: 0, ids: [] as string[] } };
  const replaced: ObjectId[] = [];
  for (let last: ObjectId | null = null; ;) {
    const page: Awaited<ReturnType<SealedFiles['page']>> = await files.page(last, batch);
    for (const { id, storedAt, keyId } of page) {
      sum.seen++;
      if (keyId === keyring.currentKeyId) continue;
      const owner = await owners.findOne({ file: id });
      if (owner === null && storedAt > now() - ownerlessMs) sum.busy++;
      else if (owner === null) {
        sum.removed++;
        if (!dryRun) await files.remove(id);
      } else if (await owners.countDocuments({ ...place.free, _id: owner._id }, { limit: 1 }) === 0) sum.busy++;
      else if (dryRun) sum.resealed++;
      else {
        const outcome = await replace(place, id, owner);
        if (outcome === 'unopened') {
          sum.unopened.count++;
          sum.unopened.ids.push(id.toHexString());
        } else sum[outcome]++;
        if (outcome === 'resealed') replaced.push(id);
      }
    }
    last = page.at(-1)?.id ?? null;
    if (page.length > 0) progress?.(sum);
    if (page.length < batch) break;
  }
  if (!dryRun) sum.removed += await files.removeUnfinished(now() - UPLOAD_MS);
  if (replaced.length > 0) await setTimeout(graceMs);
  for (const id of replaced) await files.remove(id);
  return sum;
}

async function replace({ files, owners, free }: SealedFilePlace, old: ObjectId, owner: Document): Promise<'resealed' | 'overtaken' | 'unopened'> {
  let fresh: ObjectId;
  try {
    fresh = await files.write(files.read(old));
  } catch (error) {
    if (error instanceof CannotOpen || error instanceof DamagedFile) return 'unopened';
    // Destroyed by the rules of retention, or its import done, while it was read.
    if (error instanceof MongoRuntimeError && await owners.countDocuments({ file: old }, { limit: 1 }) === 0) return 'overtaken';
    throw error;
  }
  const { matchedCount } = await owners.updateOne({ ...free, _id: owner['_id'] as ObjectId, file: old }, { $set: { file: fresh } });
  if (matchedCount === 1) return 'resealed';
  await files.remove(fresh);
  return 'overtaken';
}
