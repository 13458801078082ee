import type { Cell } from './csv';

/** Rows a sheet may have here; it is made in memory. A longer list is exported as CSV. */
export const maxSheetRows = 20_000;

/** Characters a cell may hold in the file format. */
const maxCellCharacters = 32_767;

/** Thrown when a list is too long for a sheet. */
export class SheetTooLong extends Error {
  override readonly name = 'SheetTooLong';
  constructor() {
    super(`a sheet holds at most ${maxSheetRows} rows here; take CSV`);
  }
}

/** Rows → .xlsx. Texts are text cells: a spreadsheet shows them and never runs them. @throws SheetTooLong */
export async function writeXlsx(rows: AsyncIterable<readonly Cell[]>): Promise<Buffer> {
  const data: (null | { value: string | number | boolean; type: StringConstructor | NumberConstructor | BooleanConstructor; fontWeight?: 'bold' })[][] = [];
  for await (const row of rows) {
    if (data.length > maxSheetRows) throw new SheetTooLong();
    const heading = data.length === 0;
    data.push(row.map((value) => (value === null || value === '' ? null : {
      value: typeof value === 'string' ? printable(value) : value,
      type: typeof value === 'string' ? String : typeof value === 'number' ? Number : Boolean,
      ...(heading ? { fontWeight: 'bold' as const } : {}),
    })));
  }
  const { default: writeXlsxFile } = await import('write-excel-file/node');
  return writeXlsxFile(data, { stickyRowsCount: 1 }).toBuffer();
}

/** XML cannot hold control characters. */
const printable = (value: string): string => value.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '').slice(0, maxCellCharacters).replace(/\p{Surrogate}$/u, '');
