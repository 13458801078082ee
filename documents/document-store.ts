import type { Collection, Db, ObjectId } from 'mongodb';
import type { Readable } from 'node:stream';
import { documentId } from '../evidence/document-id';
import type { Keyring } from '../crypto/keyring';
import { ContentProbe, type Probed } from './content-probe';
import { neutralName } from './file-name';
import type { MediaType } from './media-types';
import { SealedFiles } from './sealed-files';
import { isDuplicateKey } from '../store/duplicate-key';

/** A letter of ours, by its kind and number 文号. */
export interface LetterMark {
  readonly kind: string;
  readonly number: string;
}

/** A document of a case as it lies in the store; what may identify somebody is sealed. */
interface DocumentRow {
  readonly _id: string;
  readonly caseNumber: string;
  readonly kind: 'evidence' | 'letter';
  readonly sha256: string;
  readonly size: number;
  readonly mediaType: MediaType;
  readonly file: ObjectId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Id of the user who put it there. */
  readonly by: string;
  /** Shown only to those who may know who complained. */
  readonly confidential: boolean;
  /** The event that records it on the case; null until the case has said so. */
  readonly filed: number | null;
  readonly letter: LetterMark | null;
  readonly sealed: string;
}

/** A document of a case. */
export interface CaseDocumentFile extends Omit<DocumentRow, '_id' | 'file' | 'sealed'> {
  readonly id: string;
  /** Fit for any file system, with the extension of its content. */
  readonly name: string;
  readonly title: string;
}

export interface NewDocument {
  readonly caseNumber: string;
  readonly kind: 'evidence' | 'letter';
  readonly name: string;
  readonly title: string;
  readonly by: string;
  readonly at: number;
  readonly confidential: boolean;
  readonly letter?: LetterMark;
}

/** Thrown when a file is longer than allowed. */
export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';
  constructor(readonly maxBytes: number) {
    super(`a file has at most ${maxBytes} bytes`);
  }
}

/** Thrown when a document was taken back while the same content was handed in again: sending it once more settles it. */
export class DocumentGone extends Error {
  override readonly name = 'DocumentGone';
  constructor(readonly id: string) {
    super(`the document ${id} was taken back meanwhile`);
  }
}

/** Bytes a file may have unless the city says otherwise. */
export const defaultMaxBytes = 50 * 1024 * 1024;

/** Documents of cases: evidence as it was handed in, letters as they went out. Sealed at rest, known by their content. */
export class DocumentStore {
  private readonly rows: Collection<DocumentRow>;
  private readonly files: SealedFiles;

  constructor(db: Db, private readonly keyring: Keyring, readonly maxBytes: number = defaultMaxBytes) {
    this.rows = db.collection('documents');
    this.files = new SealedFiles(db, keyring, 'documents');
  }

  async ensureIndexes(): Promise<void> {
    await this.rows.createIndexes([{ key: { caseNumber: 1, at: 1 } }, { key: { file: 1 } }]);
  }

  /**
   * Takes in a file. The same content on the same case comes to the document there is already; it stays (or becomes) confidential when either was.
   * @throws FileTooLarge, RefusedContent, DocumentGone; whatever the source fails with. Nothing is kept then.
   */
  async put(document: NewDocument, source: AsyncIterable<Uint8Array>): Promise<CaseDocumentFile> {
    const probe = new ContentProbe();
    const file = await this.files.write(this.watch(source, probe));
    let kept = false;
    try {
      const row = this.rowOf(document, probe.finish(), file);
      kept = await this.insert(row);
      return kept ? this.present(row) : await this.again(row._id, document.confidential);
    } finally {
      if (!kept) await this.files.remove(file);
    }
  }

  private rowOf(document: NewDocument, probed: Probed, file: ObjectId): DocumentRow {
    const { caseNumber, kind, at, by, confidential } = document;
    const _id = documentId(caseNumber, probed.sha256);
    const named = { name: neutralName(document.name, probed.mediaType), title: document.title };
    return {
      _id, caseNumber, kind, ...probed, file, at, by, confidential, filed: null, letter: document.letter ?? null,
      sealed: this.keyring.sealJson(named, documentPurpose(_id)),
    };
  }

  /** False when the document is there already. */
  private async insert(row: DocumentRow): Promise<boolean> {
    try {
      await this.rows.insertOne(row);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  private async again(id: string, confidential: boolean): Promise<CaseDocumentFile> {
    const known = confidential
      ? await this.rows.findOneAndUpdate({ _id: id }, { $set: { confidential: true } }, { returnDocument: 'after' })
      : await this.rows.findOne({ _id: id });
    // Its case refused it between the two calls; whoever hands it in now is refused the same way.
    if (known === null) throw new DocumentGone(id);
    return this.present(known);
  }

  private async *watch(source: AsyncIterable<Uint8Array>, probe: ContentProbe): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of source) {
      size += chunk.byteLength;
      if (size > this.maxBytes) throw new FileTooLarge(this.maxBytes);
      probe.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      yield chunk;
    }
  }

  /** The document is on the case, recorded by the event `seq`. */
  async markFiled(id: string, seq: number): Promise<void> {
    await this.rows.updateOne({ _id: id }, { $set: { filed: seq } });
  }

  /** Takes back a document that the case refused; one that is on record stays. */
  async discard(id: string): Promise<void> {
    const row = await this.rows.findOneAndDelete({ _id: id, filed: null });
    if (row !== null) await this.files.remove(row.file);
  }

  /** A document of a case, or null. */
  async find(caseNumber: string, id: string): Promise<CaseDocumentFile | null> {
    const row = await this.rows.findOne({ _id: id, caseNumber });
    return row === null ? null : this.present(row);
  }

  /** The letter of a case with this number, or null. */
  async findLetter(caseNumber: string, number: string): Promise<CaseDocumentFile | null> {
    const row = await this.rows.findOne({ caseNumber, 'letter.number': number });
    return row === null ? null : this.present(row);
  }

  /** All documents of a case, in the order they came. */
  async list(caseNumber: string): Promise<CaseDocumentFile[]> {
    const rows = await this.rows.find({ caseNumber }).sort({ at: 1, _id: 1 }).toArray();
    return rows.map((row) => this.present(row));
  }

  /** The bytes of a document, opened as they are read; null when it is not of this case. */
  async read(caseNumber: string, id: string): Promise<Readable | null> {
    const row = await this.rows.findOne({ _id: id, caseNumber });
    return row === null ? null : this.files.read(row.file);
  }

  /** Destroys a document and its row; for retention. Gives what was destroyed, or null. */
  async destroy(caseNumber: string, id: string): Promise<{ readonly id: string; readonly sha256: string } | null> {
    const row = await this.rows.findOneAndDelete({ _id: id, caseNumber });
    if (row === null) return null;
    await this.files.remove(row.file);
    return { id, sha256: row.sha256 };
  }

  /** Removes files stored before an instant (milliseconds) that no document owns, and the pieces of those that never became one: what a crash in the middle of `put` left. Gives how many. */
  async removeOrphans(before: number): Promise<number> {
    let removed = await this.files.removeUnfinished(before);
    for await (const file of this.files.olderThan(before)) {
      if (await this.rows.countDocuments({ file }, { limit: 1 }) > 0) continue;
      await this.files.remove(file);
      removed++;
    }
    return removed;
  }

  private present({ _id, file: _file, sealed, ...row }: DocumentRow): CaseDocumentFile {
    return { id: _id, ...row, ...this.keyring.openJson(sealed, documentPurpose(_id)) as { name: string; title: string } };
  }
}

/** What name and title of a document are sealed for. */
export const documentPurpose = (id: string): string => `mongo:document:${id}`;
