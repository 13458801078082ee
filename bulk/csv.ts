import { TextDecoder } from 'node:util';
import { parse, CsvError } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A cell as lists are written; an empty one is null. */
export type Cell = string | number | boolean | null;

/** Thrown when a file is no table: unbalanced quotes, neither UTF-8 nor GB 18030, a record beyond all measure. */
export class BadTable extends Error {
  override readonly name = 'BadTable';
  constructor(message: string, readonly row?: number) {
    super(message);
  }
}

/** Characters of one record; more is an unclosed quote. */
const maxRecord = 400_000;

/** What spreadsheets take for the beginning of a formula (OWASP CSV injection), full-width forms included. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/** A text that no spreadsheet runs: an apostrophe goes before what would begin a formula. */
export const harmless = (value: string): string => (formula.test(value) ? `'${value}` : value);

/** Rows that are written together. */
const atOnce = 100;

/**
 * Rows → CSV (RFC 4180) with the byte order mark by which spreadsheets know UTF-8. Numbers stay numbers, texts never become formulas.
 * Nothing is read before somebody reads, and nothing after they have gone.
 */
export function writeCsv(rows: AsyncIterable<readonly Cell[]>): Readable {
  return Readable.from(linesOf(rows), { objectMode: false });
}

async function* linesOf(rows: AsyncIterable<readonly Cell[]>): AsyncGenerator<Buffer> {
  yield Buffer.from('\ufeff');
  let held: Cell[][] = [];
  for await (const row of rows) {
    if (held.push([...row]) < atOnce) continue;
    yield written(held);
    held = [];
  }
  if (held.length > 0) yield written(held);
}

const written = (rows: readonly Cell[][]): Buffer =>
  Buffer.from(stringify([...rows], { record_delimiter: 'windows', quoted_match: /[\r\n]/, cast: { string: harmless, boolean: (value) => String(value) } }));

/**
 * CSV → records, in order, as they are read. Comma, semicolon and tab are known by the first line; the text is UTF-8 or GB 18030.
 * @param open gives the bytes anew each time: they are read twice, first to know the encoding
 * @throws BadTable
 */
export async function* readCsv(open: () => AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const encoding = await encodingOf(open());
  const parser = parse({ delimiter: await delimiterOf(decoded(open(), encoding)), relax_column_count: true, skip_empty_lines: true, max_record_size: maxRecord, trim: true });
  const feeding = pipeline(decoded(open(), encoding), parser);
  // Whoever reads the records meets its fault there, and whoever stops early has ended it.
  feeding.catch(() => undefined);
  let row = 0;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      row++;
      yield record;
    }
  } catch (error) {
    if (error instanceof CsvError) throw new BadTable(`row ${row + 1}: ${error.code}`, row + 1);
    throw error;
  }
  await feeding;
}

type Encoding = 'utf-8' | 'gb18030';

async function encodingOf(bytes: AsyncIterable<Uint8Array>): Promise<Encoding> {
  let fitting = (['utf-8', 'gb18030'] as const).map((name) => ({ name, decoder: new TextDecoder(name, { fatal: true }) }));
  for await (const chunk of bytes) fitting = fitting.filter(({ decoder }) => fits(() => decoder.decode(chunk, { stream: true })));
  fitting = fitting.filter(({ decoder }) => fits(() => decoder.decode()));
  const [first] = fitting;
  if (first === undefined) throw new BadTable('the text is neither UTF-8 nor GB 18030');
  return first.name;
}

function fits(decode: () => string): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
}

async function* decoded(bytes: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

async function delimiterOf(parts: AsyncIterable<string>): Promise<string> {
  let head = '';
  for await (const part of parts) {
    head += part;
    if (head.includes('\n') || head.length > maxRecord) break;
  }
  const line = head.split('\n', 1)[0] ?? '';
  const counted = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counted.sort((a, b) => b.count - a.count)[0]?.delimiter ?? ',';
}
