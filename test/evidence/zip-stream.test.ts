import { buffer } from 'node:stream/consumers';
import { ContainerTooLarge, readZip, SourceChanged, sourceOf, streamZip, writeZip, zipLength, type ZipSource } from '../../evidence/zip';

const files = [{ name: 'a.json', data: Buffer.from('{}') }, { name: 'documents/光', data: Buffer.alloc(70_000, 7) }, { name: 'empty', data: Buffer.alloc(0) }];
/** A file that comes in pieces. */
const inPieces = ({ name, data }: (typeof files)[number]): ZipSource => ({ ...sourceOf({ name, data }), open: () => Array.from({ length: Math.ceil(data.length / 1000) }, (_each, index) => data.subarray(index * 1000, (index + 1) * 1000)) });

it('a container that is streamed is the one that is written, byte for byte, of the length that was told', async () => {
  const streamed = await buffer(streamZip(files.map(inPieces)));
  expect(streamed.equals(writeZip(files))).toBe(true);
  expect(zipLength(files.map(inPieces))).toBe(streamed.length);
  expect(readZip(streamed).damage).toBeNull();
});

it('a file that is not what it was measured to be breaks the container off', async () => {
  const changed = { ...inPieces({ name: 'a', data: Buffer.from('before') }), open: () => [Buffer.from('behind')] };
  const shortened = { ...inPieces({ name: 'a', data: Buffer.from('before') }), open: () => [Buffer.from('bef')] };
  for (const source of [changed, shortened]) await expect(buffer(streamZip([source]))).rejects.toThrow(SourceChanged);
});

it('what no verifier could read in one piece is refused before a byte of it is read', () => {
  const big = (bytes: number): ZipSource => ({ name: `${bytes}`, bytes, crc32: 0, open: () => { throw new Error('was read'); } });
  expect(() => zipLength([big(0x7e00_0000)])).not.toThrow();
  expect(() => zipLength([big(0x7e00_0000), big(0x0200_0000)])).toThrow(ContainerTooLarge);
});
