import { RefusedContent } from './media-types';

/** Lengths and signatures of APPNOTE.TXT 4.3.12 and 4.3.16. */
const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const ENTRY_BYTES = 46;
const ENTRY_SIGNATURE = 0x02014b50;

/**
 * Names in the central directory of a ZIP file, read from the end of the file alone: nothing is ever unpacked.
 * @param tail the last bytes of the file
 * @param size length of the whole file in bytes
 * @throws RefusedContent `damaged` when the directory is not whole or does not lie in the tail
 */
export function zipNames(tail: Buffer, size: number): string[] {
  const end = endRecord(tail);
  const entries = tail.readUInt16LE(end + 10);
  const directoryBytes = tail.readUInt32LE(end + 12);
  const directoryAt = tail.readUInt32LE(end + 16);
  let at = directoryAt - (size - tail.length);
  // Bytes before the first entry or after the directory would make the file two things at once.
  if (at < 0 || at + directoryBytes !== end) throw new RefusedContent('damaged');
  const names: string[] = [];
  for (let entry = 0; entry < entries; entry++) {
    if (at + ENTRY_BYTES > end || tail.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new RefusedContent('damaged');
    const nameBytes = tail.readUInt16LE(at + 28);
    names.push(tail.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes));
    at += ENTRY_BYTES + nameBytes + tail.readUInt16LE(at + 30) + tail.readUInt16LE(at + 32);
  }
  if (at !== end) throw new RefusedContent('damaged');
  return names;
}

function endRecord(tail: Buffer): number {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) === END_SIGNATURE && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  throw new RefusedContent('damaged');
}
