import { z } from 'zod';
import { allowedMediaTypes, mediaTypes } from '../../documents/media-types';
import { letterKindNames, letterKinds } from '../../letters/kinds';
import { text } from '../../domain/text';
import { CaseNumber, CaseNumberParams, IdempotencyHeaders, Instant, Name } from './common';
import { defineRoute } from './route';

/** A header's text: percent-encoded UTF-8, since headers hold ASCII only. */
const EncodedText = (description: string) => z.string().regex(/^(?:[A-Za-z0-9\-._~!'()* ]|%[0-9A-Fa-f]{2}){1,900}$/, 'percent-encoded UTF-8').optional()
  .meta({ description: `${description}, percent-encoded UTF-8`, example: '%E7%85%A7%E7%89%87.jpg' });

const DocumentDto = z.strictObject({
  id: z.string(), caseNumber: CaseNumber, kind: z.enum(['evidence', 'letter']), name: z.string(), title: z.string(), mediaType: z.enum(allowedMediaTypes),
  size: z.int(), sha256: z.string(), at: Instant, by: z.string(),
  confidential: z.boolean().meta({ description: 'shown only to those who may know who complained, and to who handed it in' }),
  seq: z.int().nullable().meta({ description: 'the event that records it on the case' }),
  letter: z.strictObject({ kind: z.string(), number: z.string().meta({ description: '文号', example: '云监移〔2026〕12号' }) }).nullable(),
}).meta({ id: 'Document' });

const DocumentReceiptDto = z.strictObject({
  id: z.string(), caseNumber: CaseNumber, sha256: z.string(), size: z.int(), mediaType: z.enum(allowedMediaTypes), seq: z.int().nullable(),
}).meta({ id: 'DocumentReceipt' });

const onCase = ['unknown-case', 'recusal', 'not-on-record-yet'] as const;
const onChange = [...onCase, 'not-yours', 'case-closed', 'action-not-allowed', 'step-not-open', 'engine-unavailable'] as const;

export const uploadDocument = defineRoute({
  id: 'uploadDocument', method: 'post', path: '/v1/cases/{caseNumber}/documents', tag: 'documents',
  summary: text('提交证据材料', 'Hand in a document'),
  description: `The body is the file itself. Its type is decided by its content: ${Object.values(mediaTypes).join(', ')}. The same content on the same case is one document. It becomes evidence on the case.`,
  auth: { kind: 'action', action: 'document.upload', onCase: true },
  params: CaseNumberParams,
  headers: z.object({
    'x-filename': EncodedText('name of the file'), 'x-title': EncodedText('title on the list of evidence; left out, the name'),
    'x-confidential': z.enum(['true', 'false']).optional().meta({ description: 'shown only to those who may know who complained; what a complainant hands in always is' }),
  }),
  rawBody: ['application/octet-stream', ...allowedMediaTypes],
  responses: {
    200: { description: 'It was on the case already.', schema: DocumentReceiptDto, headers: z.object({ location: z.string() }) },
    201: { description: 'It is on the case.', schema: DocumentReceiptDto, headers: z.object({ location: z.string() }) },
  },
  problems: [...onChange, 'unsupported-content'],
});

export const listDocuments = defineRoute({
  id: 'listDocuments', method: 'get', path: '/v1/cases/{caseNumber}/documents', tag: 'documents',
  summary: text('案件材料目录', 'Documents of a case'), description: 'Evidence and letters, in the order they came; those that are confidential to you are left out.',
  auth: { kind: 'action', action: 'document.read', onCase: true }, params: CaseNumberParams,
  responses: { 200: { description: 'The documents.', schema: z.strictObject({ items: z.array(DocumentDto) }).meta({ id: 'DocumentList' }) } },
  problems: onCase,
});

export const downloadDocument = defineRoute({
  id: 'downloadDocument', method: 'get', path: '/v1/cases/{caseNumber}/documents/{documentId}', tag: 'documents',
  summary: text('下载材料', 'Download a document'), description: 'Always as an attachment; each download is on record.',
  auth: { kind: 'action', action: 'document.read', onCase: true }, params: CaseNumberParams.extend({ documentId: Name }),
  responses: {
    200: {
      description: 'The file.', stream: allowedMediaTypes,
      headers: z.object({ 'content-disposition': z.string(), 'x-content-type-options': z.literal('nosniff'), digest: z.string().meta({ description: 'sha-256 of the file, base64' }) }),
    },
  },
  problems: [...onCase, 'unknown-document'],
});

export const issueLetter = defineRoute({
  id: 'issueLetter', method: 'post', path: '/v1/cases/{caseNumber}/letters/{kind}', tag: 'documents',
  summary: text('制发文书', 'Issue a letter'),
  description: `Kinds: ${letterKindNames.map((kind) => `\`${kind}\` ${letterKinds[kind].title.zh}`).join(', ')}. Numbered 文号 and put on the case as a document; the due date and its article come from the case's clock. With an Idempotency-Key it is issued once.`,
  auth: { kind: 'action', action: 'letter.issue', onCase: true },
  params: CaseNumberParams.extend({ kind: Name }), headers: IdempotencyHeaders, body: z.record(z.string(), z.unknown()),
  bodyExample: { procedure: '调查、审核、批准后书面答复' },
  responses: {
    201: { description: 'It is issued.', schema: DocumentReceiptDto.extend({ kind: z.enum(letterKindNames), number: z.string() }).meta({ id: 'LetterReceipt' }), headers: z.object({ location: z.string() }) },
  },
  problems: [...onChange, 'unknown-letter', 'idempotency-key-reused'],
});
