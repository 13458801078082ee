import { once } from 'node:events';
import { Readable } from 'node:stream';
import { GridFSBucket, ObjectId, type Binary, type Collection, type Db } from 'mongodb';
import { sealedKeyId, type Keyring } from '../crypto/keyring';

/** Plain bytes per sealed block: the most of a file that is in memory at once, a few times over. */
const blockBytes = 192 * 1024;

/** Thrown when a stored file is not whole; blocks were cut off, moved or changed. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
  constructor(readonly file: string) {
    super(`the stored file ${file} is not whole`);
  }
}

/**
 * Files in GridFS, sealed with the keyring block by block. The purpose of each block names the file, its place and whether it is the last,
 * so that blocks can be neither moved nor cut off unseen.
 */
export class SealedFiles {
  private readonly bucket: GridFSBucket;
  private readonly chunks: Collection<Chunk>;

  /** @param bucketName collections `<bucketName>.files` and `<bucketName>.chunks` */
  constructor(db: Db, private readonly keyring: Keyring, readonly bucketName: string) {
    this.bucket = new GridFSBucket(db, { bucketName });
    this.chunks = db.collection(`${bucketName}.chunks`);
  }

  /** Stores what the source gives, and gives its id. When the source fails nothing is left behind, and its error is thrown. */
  async write(source: AsyncIterable<Uint8Array>): Promise<ObjectId> {
    const id = new ObjectId();
    const upload = this.bucket.openUploadStreamWithId(id, this.bucketName, { metadata: { key: this.keyring.currentKeyId } satisfies FileMark });
    const failed = new Promise<never>((_resolve, reject) => { upload.once('error', reject); });
    failed.catch(() => undefined);
    try {
      for await (const frame of this.seal(id, source)) {
        // A stream that has failed never drains.
        if (!upload.write(frame)) await Promise.race([once(upload, 'drain'), failed]);
      }
      upload.end();
      await Promise.race([once(upload, 'finish'), failed]);
      return id;
    } catch (error) {
      await upload.abort();
      throw error;
    }
  }

  private async *seal(id: ObjectId, source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    let index = 0;
    let held: Buffer | undefined;
    for await (const block of blocksOf(source)) {
      if (held !== undefined) yield this.frame(id, index++, held, false);
      held = block;
    }
    yield this.frame(id, index, held ?? Buffer.alloc(0), true);
  }

  private frame(id: ObjectId, index: number, block: Buffer, last: boolean): Buffer {
    const sealed = this.keyring.seal(block, this.purpose(id, index, last));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.length);
    return Buffer.concat([length, sealed]);
  }

  private purpose(id: ObjectId, index: number, last: boolean): string {
    return `mongo:file:${this.bucketName}:${id.toHexString()}:${index}:${last ? 'last' : 'more'}`;
  }

  /** The plain bytes of a file, each block checked before it is given. Ends with DamagedFile, CannotOpen or MongoRuntimeError (no such file). */
  read(id: ObjectId): Readable {
    return Readable.from(this.open(id), { objectMode: false });
  }

  private async *open(id: ObjectId): AsyncGenerator<Buffer> {
    const download = this.bucket.openDownloadStream(id);
    let rest = Buffer.alloc(0);
    let index = 0;
    let held: Buffer | undefined;
    for await (const chunk of download as AsyncIterable<Buffer>) {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
        const end = 4 + rest.readUInt32BE(0);
        if (held !== undefined) yield this.unseal(id, index++, held, false);
        held = rest.subarray(4, end);
        rest = rest.subarray(end);
      }
    }
    if (held === undefined || rest.length > 0) throw new DamagedFile(id.toHexString());
    yield this.unseal(id, index, held, true);
  }

  private unseal(id: ObjectId, index: number, sealed: Buffer, last: boolean): Buffer {
    return Buffer.from(this.keyring.open(sealed, this.purpose(id, index, last)));
  }

  /** Removes a file; one that is not there is no error. */
  async remove(id: ObjectId): Promise<void> {
    const found = await this.bucket.find({ _id: id }).limit(1).toArray();
    if (found.length > 0) await this.bucket.delete(id);
  }

  /** Id of the key a file was sealed under, all its blocks alike; null when nothing sealed is in it. */
  private async keyIdOf(id: ObjectId, mark: Partial<FileMark> | undefined): Promise<string | null> {
    // Files stored before there was a mark say it themselves.
    if (mark?.key !== undefined) return mark.key;
    const first = await this.chunks.findOne({ files_id: id, n: 0 });
    return first === null ? null : keyIdOfChunk(first);
  }

  /** Every file with the instant it was stored (milliseconds) and the id of its key, a page of at most `limit` after an id, in the order of the ids. */
  async page(after: ObjectId | null, limit: number): Promise<{ readonly id: ObjectId; readonly storedAt: number; readonly keyId: string | null }[]> {
    const files = await this.bucket.find(after === null ? {} : { _id: { $gt: after } }).sort({ _id: 1 }).limit(limit).toArray();
    return Promise.all(files.map(async (file) => ({ id: file._id, storedAt: file.uploadDate.getTime(), keyId: await this.keyIdOf(file._id, file.metadata) })));
  }

  /** Removes the pieces of uploads begun before an instant (milliseconds) that were cut off before there was a file. Gives how many uploads. */
  async removeUnfinished(before: number): Promise<number> {
    let removed = 0;
    const begun = this.chunks.find({ n: 0, files_id: { $lt: ObjectId.createFromTime(Math.floor(before / 1_000)) } }).project<Pick<Chunk, 'files_id'>>({ files_id: 1 });
    for await (const { files_id } of begun) {
      if ((await this.bucket.find({ _id: files_id }).limit(1).toArray()).length > 0) continue;
      await this.chunks.deleteMany({ files_id });
      removed++;
    }
    return removed;
  }

  /** Ids of files stored before an instant (milliseconds): what a crash may have left without an owner is among them. */
  async *olderThan(before: number): AsyncGenerator<ObjectId> {
    for await (const file of this.bucket.find({ uploadDate: { $lt: new Date(before) } })) yield file._id;
  }
}

/** What stands beside a file: the id of its key, so that old keys are found without reading every file. */
export interface FileMark {
  readonly key: string;
}

/** A piece of a file, as GridFS keeps it. */
interface Chunk {
  readonly _id: ObjectId;
  readonly files_id: ObjectId;
  readonly n: number;
  readonly data: Binary;
}

/** Id of the key that the first piece of a file was sealed under, or null. */
const keyIdOfChunk = ({ data }: Pick<Chunk, 'data'>): string | null => sealedKeyId(data.buffer.subarray(4, data.position));

async function* blocksOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (length + rest.length >= blockBytes) {
      const take = blockBytes - length;
      yield Buffer.concat([...parts, rest.subarray(0, take)]);
      rest = rest.subarray(take);
      parts = [];
      length = 0;
    }
    if (rest.length > 0) {
      parts.push(rest);
      length += rest.length;
    }
  }
  if (length > 0) yield Buffer.concat(parts);
}
