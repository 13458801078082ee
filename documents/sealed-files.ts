import { once } from 'node:events';
import { Readable } from 'node:stream';
import { GridFSBucket, ObjectId, type Db } from 'mongodb';
import type { Keyring } from '../crypto/keyring';

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

  /** @param bucketName collections `<bucketName>.files` and `<bucketName>.chunks` */
  constructor(db: Db, private readonly keyring: Keyring, private readonly bucketName: string) {
    this.bucket = new GridFSBucket(db, { bucketName });
  }

  /** Stores what the source gives, and gives its id. When the source fails nothing is left behind, and its error is thrown. */
  async write(source: AsyncIterable<Uint8Array>): Promise<ObjectId> {
    const id = new ObjectId();
    const upload = this.bucket.openUploadStreamWithId(id, this.bucketName);
    const failed = new Promise<never>((_resolve, reject) => { upload.once('error', reject); });
    failed.catch(() => undefined);
    try {
      for await (const frame of this.seal(id, source)) {
        if (!upload.write(frame)) await once(upload, 'drain');
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

  /** Ids of files stored before an instant (milliseconds): what a crash may have left without an owner is among them. */
  async *olderThan(before: number): AsyncGenerator<ObjectId> {
    for await (const file of this.bucket.find({ uploadDate: { $lt: new Date(before) } })) yield file._id;
  }
}

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
