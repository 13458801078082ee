import { crc32 } from 'node:zlib';

/** One file of a container. */
export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Where a container is not what the writer makes: byte offset from its start, the file it lies in, what is wrong. */
export interface ZipDamage {
  readonly offset: number;
  readonly entry: string | null;
  readonly what: string;
}

/** A verifier reads a container as one piece, and Node reads files of up to 2 GiB so. */
const mostBytes = 0x7f00_0000;

/** One more would be the mark of a longer directory (zip64). */
const mostFiles = 0xfffe;

/** Thrown when a container would hold more than 65,534 files, or more than a verifier can read (2,130,706,432 bytes). */
export class ContainerTooLarge extends Error {
  override readonly name = 'ContainerTooLarge';
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
/** Names are UTF-8; 2.0 to unpack; 1 January 1980, 00:00, the first moment the format knows: nothing in a header varies. */
const FLAGS = 0x0800;
const VERSION = 20;
const DOS_TIME = 0;
const DOS_DATE = 0x0021;

/** One file of a container that is read as it is written, such as a document in the store. Its size and checksum are known beforehand. */
export interface ZipSource {
  readonly name: string;
  readonly bytes: number;
  readonly crc32: number;
  /** The bytes, each time anew. */
  open(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Thrown when a file was not what it was measured to be: the container breaks off rather than lie. */
export class SourceChanged extends Error {
  override readonly name = 'SourceChanged';
}

/** A file in memory as a source. */
export const sourceOf = ({ name, data }: ZipEntry): ZipSource => ({ name, bytes: data.length, crc32: crc32(data), open: () => [data] });

/**
 * Entries → a zip file any tool opens, the same bytes for the same entries: stored without compression, fixed time, no extra fields, no comment.
 * @throws ContainerTooLarge
 */
export function writeZip(entries: readonly ZipEntry[]): Buffer {
  const { locals, tail } = layOut(entries.map(sourceOf));
  return Buffer.concat([...entries.flatMap(({ data }, index) => [locals[index] ?? Buffer.alloc(0), data]), tail]);
}

/** Bytes of the container that these files make. @throws ContainerTooLarge */
export function zipLength(sources: readonly ZipSource[]): number {
  const { locals, tail } = layOut(sources);
  return sources.reduce((sum, { bytes }, index) => sum + bytes + (locals[index]?.length ?? 0), tail.length);
}

/** The same container as {@link writeZip}, as it comes: nothing is held but what is under way. @throws ContainerTooLarge, SourceChanged */
export async function* streamZip(sources: readonly ZipSource[]): AsyncGenerator<Uint8Array> {
  const { locals, tail } = layOut(sources);
  for (const [index, source] of sources.entries()) {
    yield locals[index] ?? Buffer.alloc(0);
    let [bytes, sum] = [0, 0];
    for await (const chunk of source.open()) {
      bytes += chunk.length;
      sum = crc32(chunk, sum);
      yield chunk;
    }
    if (bytes !== source.bytes || sum !== source.crc32) throw new SourceChanged(`${source.name} is not what it was a moment ago`);
  }
  yield tail;
}

/** The header of each file, and all that follows the last one. */
function layOut(sources: readonly ZipSource[]): { readonly locals: readonly Buffer[]; readonly tail: Buffer } {
  if (sources.length > mostFiles) throw new ContainerTooLarge(`${sources.length} files do not fit into one container`);
  const locals: Buffer[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const source of sources) {
    const nameBytes = Buffer.from(source.name, 'utf8');
    const shared = sharedFields(source, nameBytes.length);
    const local = Buffer.concat([header(LOCAL), shared, nameBytes]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([header(CENTRAL), u16(VERSION), shared, place, nameBytes]));
    locals.push(local);
    offset += local.length + source.bytes;
    if (offset > mostBytes) throw new ContainerTooLarge(`the files come to more than ${mostBytes} bytes`);
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(sources.length, 8);
  end.writeUInt16LE(sources.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return { locals, tail: Buffer.concat([directory, end]) };
}

/** What local header and directory have in common: from "version needed" to "length of the extra field". */
function sharedFields({ bytes, crc32: sum }: ZipSource, nameLength: number): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(FLAGS, 2);
  fields.writeUInt16LE(DOS_TIME, 6);
  fields.writeUInt16LE(DOS_DATE, 8);
  fields.writeUInt32LE(sum, 10);
  fields.writeUInt32LE(bytes, 14);
  fields.writeUInt32LE(bytes, 18);
  fields.writeUInt16LE(nameLength, 22);
  return fields;
}

/**
 * Reads a container this writer has made. It must come out of its own files byte for byte: `damage` is the first byte that does not.
 * Files are given as far as they could be found, so that a look inside can name the place more closely.
 */
export function readZip(bytes: Uint8Array): { readonly entries: readonly ZipEntry[]; readonly damage: ZipDamage | null } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: ZipEntry[] = [];
  let at = 0;
  while (entries.length < mostFiles && at + LOCAL_BYTES <= view.length && view.readUInt32LE(at) === LOCAL) {
    const size = view.readUInt32LE(at + 18);
    const nameLength = view.readUInt16LE(at + 26);
    const from = at + LOCAL_BYTES + nameLength;
    if (from + size > view.length) break;
    entries.push({ name: view.toString('utf8', at + LOCAL_BYTES, from), data: view.subarray(from, from + size) });
    at = from + size;
  }
  const seen = new Set<string>();
  const repeated = entries.find(({ name }) => seen.size === seen.add(name).size);
  if (repeated !== undefined) return { entries, damage: { offset: 0, entry: repeated.name, what: 'two files of one name' } };
  return { entries, damage: firstDifference(view, entries) };
}

function firstDifference(view: Buffer, entries: readonly ZipEntry[]): ZipDamage | null {
  const made = writeZip(entries);
  if (made.equals(view)) return null;
  let offset = 0;
  while (offset < made.length && offset < view.length && made[offset] === view[offset]) offset += 1;
  return describe(offset, entries, view.length);
}

/** Says in words what lies at an offset of the container. */
function describe(offset: number, entries: readonly ZipEntry[], length: number): ZipDamage {
  let at = 0;
  for (const { name, data } of entries) {
    const head = LOCAL_BYTES + Buffer.byteLength(name, 'utf8');
    // The content itself is compared with its checksum only, which stands at 14–17 of the header: a changed content shows there.
    if (offset >= at + 14 && offset < at + 18) return { offset, entry: name, what: 'the content does not fit its checksum' };
    if (offset < at + head) return { offset, entry: name, what: 'the header is not the one that belongs to the file' };
    at += head + data.length;
  }
  if (entries.length === 0) return { offset, entry: null, what: 'no file can be read' };
  for (const { name } of entries) {
    at += CENTRAL_BYTES + Buffer.byteLength(name, 'utf8');
    if (offset < at) return { offset, entry: name, what: offset >= length ? 'the container is cut off' : 'its line in the directory does not fit' };
  }
  return { offset, entry: null, what: offset >= length ? 'the container is cut off' : offset < at + END_BYTES ? 'the end of the directory does not fit' : 'there are bytes after the end' };
}

function header(signature: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(signature, 0);
  return bytes;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value, 0);
  return bytes;
}
