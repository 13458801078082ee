export { BadColumns, ColumnMapping, RowReader } from './columns';
export { BadTable, harmless, readCsv, writeCsv, type Cell } from './csv';
export { Importer, RowRefused, type CaseStarter, type ImportOptions } from './importer';
export { ImportStore, type ImportRecord, type ImportState, type RowState } from './import-store';
export { maxSheetRows, SheetTooLong, writeXlsx } from './xlsx';
