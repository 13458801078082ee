import { z } from 'zod';
import { text } from '../../domain/text';
import { CaseNumberParams } from './common';
import { defineRoute } from './route';

export const exportCase = defineRoute({
  id: 'exportCase', method: 'get', path: '/v1/cases/{caseNumber}/export', tag: 'cases',
  summary: text('案卷导出', 'Export a case as evidence'),
  description: 'A zip with the chain of events, the seal, the daily roots, the documents and the law by which every date was found. `wenze verify` checks it offline, with nothing but the file. '
    + 'Redacted it leaves out everything confidential and still verifies; for `redacted=false` who exports must be allowed to see the complainant. Each export is on record. An export holds at most 2,130,706,432 bytes and a history of 256 MiB.',
  auth: { kind: 'action', action: 'export', onCase: true },
  params: CaseNumberParams, query: z.object({ redacted: z.enum(['true', 'false']).default('true') }),
  responses: {
    200: { description: 'The exported case.', stream: ['application/zip'], headers: z.object({ 'content-disposition': z.string(), 'x-content-type-options': z.literal('nosniff') }) },
  },
  problems: ['unknown-case', 'recusal', 'not-on-record-yet', 'export-too-large'],
});
