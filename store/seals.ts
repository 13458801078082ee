import { randomBytes } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import type { Keyring } from '../crypto/keyring';
import type { CaseView } from '../domain/case-file';
import { openViewHash, wholeViewHash, type Seal } from '../evidence/seal';
import type { Fence } from './documents';
import { isDuplicateKey } from './duplicate-key';

/** A seal as it is stored; `sealed` holds the salt, until it is destroyed with the case's confidential part. */
export interface SealDocument extends Omit<Seal, 'caseNumber'> {
  readonly _id: string;
  readonly sealed: string | null;
  readonly fence: Fence;
}

/** What the salt of a seal is sealed for. */
export const sealPurpose = (caseNumber: string): string => `mongo:seal:${caseNumber}`;

/** Seals of closed cases 封存: one per case, outliving the engine's history. */
export class SealStore {
  readonly seals: Collection<SealDocument>;

  constructor(db: Db, private readonly keyring: Keyring) {
    this.seals = db.collection('seals');
  }

  /** Seals a closed case at the end of its chain. Done again for the same end it changes nothing; a later end (by a later writer) is sealed anew. */
  async seal(view: CaseView, end: { readonly seq: number; readonly hash: string }, fence: Fence, now: number): Promise<void> {
    const known = await this.seals.findOne({ _id: view.caseNumber });
    if (known?.head === end.hash && known.seq === end.seq) return;
    const salt = randomBytes(16).toString('hex');
    const document: Omit<SealDocument, '_id'> = {
      head: end.hash, seq: end.seq, closedAt: view.closedAt ?? view.openedAt, sealedAt: now,
      view: { open: openViewHash(view), whole: wholeViewHash(view, salt) }, sealed: this.keyring.sealJson({ salt }, sealPurpose(view.caseNumber)), fence,
    };
    try {
      await this.seals.replaceOne({ _id: view.caseNumber, fence: { $lte: fence } }, document, { upsert: true });
    } catch (error) {
      // The filter missed because a later writer has sealed it; its seal is the one that counts.
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /** The seal of a case with its confidential salt (null once destroyed), or null. @throws CannotOpen when the salt was tampered with */
  async find(caseNumber: string): Promise<{ readonly seal: Seal; readonly salt: string | null } | null> {
    const document = await this.seals.findOne({ _id: caseNumber });
    if (document === null) return null;
    const salt = document.sealed === null ? null : (this.keyring.openJson(document.sealed, sealPurpose(caseNumber)) as { readonly salt: string }).salt;
    return { seal: sealOf(document), salt };
  }

  /** Seals of several cases, by case number. */
  async findAll(caseNumbers: readonly string[]): Promise<ReadonlyMap<string, Seal>> {
    const documents = await this.seals.find({ _id: { $in: [...caseNumbers] } }).toArray();
    return new Map(documents.map((document) => [document._id, sealOf(document)]));
  }

  /** Destroys the salt, so that what the view said cannot be guessed from its hash. */
  async destroySalt(caseNumber: string): Promise<void> {
    await this.seals.updateOne({ _id: caseNumber }, { $set: { sealed: null } });
  }
}

const sealOf = ({ _id, head, seq, closedAt, sealedAt, view }: SealDocument): Seal => ({ caseNumber: _id, head, seq, closedAt, sealedAt, view });
