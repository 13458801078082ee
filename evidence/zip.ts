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

/** Thrown when a container would need what the plain format does not have: 65,535 files or 4 GiB. */
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

/**
 * Entries → a zip file any tool opens, the same bytes for the same entries: stored without compression, fixed time, no extra fields, no comment.
 * @throws ContainerTooLarge
 */
export function writeZip(entries: readonly ZipEntry[]): Buffer {
  if (entries.length > 0xfffe) throw new ContainerTooLarge(`${entries.length} files do not fit into one container`);
  const locals: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const { name, data } of entries) {
    const nameBytes = Buffer.from(name, 'utf8');
    const shared = sharedFields(data, nameBytes.length);
    const local = Buffer.concat([header(LOCAL), shared, nameBytes]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([header(CENTRAL), u16(VERSION), shared, tail, nameBytes]));
    locals.push(local, data);
    offset += local.length + data.length;
    if (offset > 0xffff_0000) throw new ContainerTooLarge('the files come to more than 4 GiB');
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** What local header and directory have in common: from "version needed" to "length of the extra field". */
function sharedFields(data: Uint8Array, nameLength: number): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(FLAGS, 2);
  fields.writeUInt16LE(DOS_TIME, 6);
  fields.writeUInt16LE(DOS_DATE, 8);
  fields.writeUInt32LE(crc32(data), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(data.length, 18);
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
  while (at + LOCAL_BYTES <= view.length && view.readUInt32LE(at) === LOCAL) {
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
