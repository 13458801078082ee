import { z } from 'zod';
import { text } from '../../domain/text';
import { Instant, Name } from './common';
import { defineRoute } from './route';

const Count = z.int().min(0);
const ImportDto = z.strictObject({
  id: z.string(), type: z.string(), state: z.enum(['checked', 'running', 'stopped', 'done']).meta({ description: '`checked`: read, nothing started; `stopped`: something was away, start it again' }),
  fileSha256: z.string(), createdAt: Instant, finishedAt: Instant.nullable(), rows: Count,
  valid: Count.meta({ description: 'could be started and have not been yet' }), invalid: Count, started: Count, refused: Count, fault: z.string().nullable(),
}).meta({ id: 'Import' });

const ImportParams = z.object({ importId: Name });

export const checkImport = defineRoute({
  id: 'checkImport', method: 'post', path: '/v1/imports', tag: 'bulk',
  summary: text('批量导入:试运行', 'Bulk import: the dry run'),
  description: 'The body is a CSV table, its headings paths of the intake such as `complainant.name`, the usual Chinese headings, or what `mapping` makes of them. Every row is checked, nothing is started. The same table again is the same import. At most 50 MiB and 100,000 rows; UTF-8 or GB 18030.',
  auth: { kind: 'action', action: 'case.import' },
  query: z.object({ type: Name.meta({ example: 'complaint' }), mapping: z.string().max(1000).optional().meta({ description: 'JSON object: heading → path; an empty path leaves the column out', example: '{"单位":"accused.organ"}' }) }),
  rawBody: ['text/csv', 'text/plain', 'application/octet-stream'],
  responses: { 201: { description: 'What would happen.', schema: ImportDto, headers: z.object({ location: z.string() }) } },
  problems: ['unknown-case-type'],
});

export const startImport = defineRoute({
  id: 'startImport', method: 'post', path: '/v1/imports/{importId}/start', tag: 'bulk',
  summary: text('批量导入:开始或继续', 'Bulk import: begin or go on'), description: 'Starts the cases of the good rows in the background. Each row is one case however often this is called.',
  auth: { kind: 'action', action: 'case.import' }, params: ImportParams,
  responses: { 202: { description: 'It runs.', schema: ImportDto, headers: z.object({ location: z.string() }) } },
  problems: ['unknown-import', 'import-not-startable'],
});

export const getImport = defineRoute({
  id: 'getImport', method: 'get', path: '/v1/imports/{importId}', tag: 'bulk',
  summary: text('批量导入:进度', 'Bulk import: progress'), auth: { kind: 'action', action: 'case.import' }, params: ImportParams,
  responses: { 200: { description: 'How far it is.', schema: ImportDto } }, problems: ['unknown-import'],
});

export const listImports = defineRoute({
  id: 'listImports', method: 'get', path: '/v1/imports', tag: 'bulk',
  summary: text('批量导入:我的导入', 'Bulk import: yours'), auth: { kind: 'action', action: 'case.import' },
  responses: { 200: { description: 'The latest hundred.', schema: z.strictObject({ items: z.array(ImportDto) }).meta({ id: 'ImportList' }) } }, problems: [],
});

export const downloadImportReport = defineRoute({
  id: 'downloadImportReport', method: 'get', path: '/v1/imports/{importId}/report', tag: 'bulk',
  summary: text('批量导入:逐行结果', 'Bulk import: the report per row'), auth: { kind: 'action', action: 'case.import' }, params: ImportParams,
  responses: { 200: { description: 'CSV.', stream: ['text/csv'], headers: z.object({ 'content-disposition': z.string() }) } }, problems: ['unknown-import'],
});

const flag = z.enum(['true', 'false']);
const exportedLists = ['cases', 'inbox', 'notices', 'stats'] as const;

export const exportList = defineRoute({
  id: 'exportList', method: 'get', path: '/v1/exports/{list}', tag: 'bulk',
  summary: text('导出清单', 'Export a list'),
  description: 'The list as you may see it, whole, with the filters of the list itself. No cell of it is a formula. CSV is sent as it is read, however long; a sheet holds at most 20,000 rows, and of a longer list the answer is 400.',
  auth: { kind: 'action', action: 'export' }, params: z.object({ list: z.enum(exportedLists) }),
  query: z.object({
    format: z.enum(['csv', 'xlsx']).default('csv'),
    type: Name.optional(), stage: Name.optional(), organ: Name.optional(), status: z.enum(['open', 'closed']).optional(), overdue: flag.optional(), q: z.string().min(1).max(200).optional(),
    year: z.coerce.number().int().min(2000).max(2999).optional(),
  }),
  responses: {
    200: {
      description: 'The table.', stream: ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'], headers: z.object({ 'content-disposition': z.string() }),
    },
  },
  problems: ['unknown-route'],
});
