import PizZip from 'pizzip';

/** Small files of each kind, made in memory. */
export const pdf = Buffer.from('%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n', 'latin1');
export const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
export const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46]);
export const gb18030Text = Buffer.from([0xd7, 0xa3, 0xc4, 0xfa, 0x0a]);
export const executable = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0]);
export const windowsExecutable = Buffer.concat([Buffer.from('MZ'), Buffer.from([0x90, 0, 3, 0, 0, 0])]);

/** A ZIP container with these entries. */
export function zip(...names: readonly string[]): Buffer {
  const made = new PizZip();
  for (const name of names) made.file(name, `<x>${name}</x>`);
  return made.generate({ type: 'nodebuffer', compression: 'DEFLATE' });
}
export const docx = zip('[Content_Types].xml', '_rels/.rels', 'word/document.xml');
export const xlsx = zip('[Content_Types].xml', 'xl/workbook.xml', 'xl/worksheets/sheet1.xml');
export const ofd = zip('OFD.xml', 'Doc_0/Document.xml');

/** Bytes in pieces of `size`, as a network brings them. */
export async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}
