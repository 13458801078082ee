import { createHash } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { RefusedContent, type MediaType } from './media-types';
import { zipNames } from './zip-directory';

/** Enough of the end of a file for the directory of any office document; a larger one is refused. */
const tailBytes = 1 << 20;
const headBytes = 16;

const signatures: readonly (readonly [MediaType | 'zip', Buffer])[] = [
  ['application/pdf', Buffer.from('%PDF-')],
  ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff])],
  ['image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['zip', Buffer.from([0x50, 0x4b, 0x03, 0x04])],
];

/** What a file turned out to be. */
export interface Probed {
  readonly mediaType: MediaType;
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Watches a file go by and says at its end what it is. Memory is bounded whatever the file's length. */
export class ContentProbe {
  private readonly hash = createHash('sha256');
  private readonly text = new TextProbe();
  private head = Buffer.alloc(0);
  private readonly tail = new Tail();
  private size = 0;

  /** Takes the next bytes of the file. */
  push(chunk: Buffer): void {
    this.hash.update(chunk);
    this.size += chunk.length;
    if (this.head.length < headBytes) this.head = Buffer.concat([this.head, chunk.subarray(0, headBytes - this.head.length)]);
    this.tail.push(chunk);
    this.text.push(chunk);
  }

  /** The whole file has gone by. @throws RefusedContent */
  finish(): Probed {
    if (this.size === 0) throw new RefusedContent('empty');
    return { mediaType: this.mediaType(), size: this.size, sha256: this.hash.digest('hex') };
  }

  private mediaType(): MediaType {
    const found = signatures.find(([, signature]) => this.head.subarray(0, signature.length).equals(signature))?.[0];
    if (found === 'zip') return officeType(zipNames(this.tail.bytes(), this.size));
    if (found !== undefined) return found;
    if (this.text.isText()) return 'text/plain';
    throw new RefusedContent('unknown-type');
  }
}

/** The last bytes of a file in one ring: what it costs does not hang on how small the pieces are in which a caller chooses to send them. */
class Tail {
  private readonly ring = Buffer.allocUnsafe(tailBytes);
  private length = 0;
  private end = 0;

  push(chunk: Buffer): void {
    const kept = chunk.subarray(Math.max(0, chunk.length - tailBytes));
    const straight = kept.copy(this.ring, this.end);
    kept.copy(this.ring, 0, straight);
    this.end = (this.end + kept.length) % tailBytes;
    this.length = Math.min(tailBytes, this.length + kept.length);
  }

  bytes(): Buffer {
    return this.length < tailBytes ? this.ring.subarray(0, this.length) : Buffer.concat([this.ring.subarray(this.end), this.ring.subarray(0, this.end)]);
  }
}

function officeType(names: readonly string[]): MediaType {
  if (names.some((name) => /(^|\/)vbaProject\.bin$/i.test(name))) throw new RefusedContent('macros');
  if (names.includes('OFD.xml')) return 'application/ofd';
  if (names.includes('[Content_Types].xml')) {
    if (names.includes('word/document.xml')) return 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
    if (names.includes('xl/workbook.xml')) return 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  }
  throw new RefusedContent('unknown-type');
}

const control = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/;

/** Whether bytes are text in UTF-8 or GB 18030, the two encodings in use in offices, without control characters. */
class TextProbe {
  private decoders = [new TextDecoder('utf-8', { fatal: true }), new TextDecoder('gb18030', { fatal: true })];

  push(chunk: Buffer | undefined): void {
    this.decoders = this.decoders.filter((decoder) => decodes(decoder, chunk));
  }

  isText(): boolean {
    this.push(undefined);
    return this.decoders.length > 0;
  }
}

function decodes(decoder: TextDecoder, chunk: Buffer | undefined): boolean {
  try {
    return !control.test(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
}
