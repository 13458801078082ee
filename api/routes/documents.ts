import { asJson } from '../../domain/case-definition';
import type { CaseView } from '../../domain/case-file';
import type { StandIn } from '../../domain/identity';
import { allowedMediaTypes, attachment, DocumentGone, FileTooLarge, plainTitle, RefusedContent, type CaseDocumentFile, type NewDocument } from '../../documents';
import type { Caller } from '../access-port';
import type { contract } from '../contract';
import { bodyOf, type Call, type Reply } from '../http/bind';
import { retryIsSafe } from '../http/errors';
import type { Service } from '../parts';
import { instant, subjectOf } from '../present/case';
import { ApiProblem, problem } from '../problems';
import { actorFor } from './actor';
import { begun } from './begun';
import { mayOrRefuse, readableCase, recordAccess, type Asking } from './find-case';
import { refuseUnlessOpen, sendAction } from './messages';

type UploadRoute = typeof contract.uploadDocument;
type ListRoute = typeof contract.listDocuments;
type DownloadRoute = typeof contract.downloadDocument;

/** Puts documents beside the case and on its record: first the bytes, then the event that names them. */
export async function fileDocument(service: Service, asking: Asking, view: CaseView, place: StandIn, document: NewDocument, source: AsyncIterable<Uint8Array>): Promise<{ readonly document: CaseDocumentFile; readonly known: boolean }> {
  const { documents } = service.annexes;
  const kept = await put(service, document, source);
  if (kept.filed !== null) return { document: kept, known: true };
  try {
    const fields = asJson({ title: kept.title, documentId: kept.id, sha256: kept.sha256 });
    const receipt = await sendAction(service, view.caseNumber, { action: 'evidence', fields, by: actorFor(asking.caller, place), key: `document:${kept.id}` });
    await documents.markFiled(kept.id, receipt.seq);
    return { document: { ...kept, filed: receipt.seq }, known: false };
  } catch (error) {
    // What the case refused is not kept; after anything else it may be on record, and sending it again settles it.
    if (error instanceof ApiProblem && error.status < 500 && !await isOnRecord(service, kept)) await documents.discard(kept.id);
    throw error;
  }
}

/** Whether the case names a document already: another hand may have put the same content there a moment ago, or a process died before it had noted so. */
async function isOnRecord(service: Service, { caseNumber, id }: CaseDocumentFile): Promise<boolean> {
  const view = await service.store.cases.findView(caseNumber);
  return view?.evidence.some((entry) => (entry as { readonly documentId?: unknown } | null)?.documentId === id) ?? false;
}

async function put(service: Service, document: NewDocument, source: AsyncIterable<Uint8Array>): Promise<CaseDocumentFile> {
  try {
    return await service.annexes.documents.put(document, source);
  } catch (error) {
    if (error instanceof FileTooLarge) throw tooLarge(error.maxBytes);
    if (error instanceof DocumentGone) throw problem('store-unavailable', `材料正在被撤下;${retryIsSafe.zh}`, `the document is being taken back; ${retryIsSafe.en}`, { retryAfterSeconds: 1, cause: error });
    if (!(error instanceof RefusedContent)) throw error;
    if (error.fault === 'empty') throw problem('invalid-fields', '文件为空', 'the file is empty', { errors: [{ path: 'body', message: error.message }] });
    throw problem('unsupported-content', '文件内容不属于可接收的类型(类型由内容判定,不看文件名)', error.message, { allowed: [...allowedMediaTypes] });
  }
}

const tooLarge = (maxBytes: number): ApiProblem =>
  problem('body-too-large', `文件不得超过 ${Math.floor(maxBytes / 1024 / 1024)} MB`, `a file has at most ${maxBytes} bytes`);

/** POST /v1/cases/{caseNumber}/documents: 201 once the document is evidence on the case. */
export const uploadDocument = (service: Service) => async (call: Call<UploadRoute>): Promise<Reply<UploadRoute>> => {
  const asking = { caller: call.caller, requestId: call.requestId };
  const view = await readableCase(service, asking, call.params.caseNumber);
  await mayOrRefuse(service, asking, 'document.upload', view);
  const place = await mayOrRefuse(service, asking, 'action.evidence', view);
  refuseUnlessOpen(service, view, call.caller, 'evidence');
  const { maxBytes } = service.annexes.documents;
  if (Number(call.raw.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const name = decoded(call.headers['x-filename'], 'x-filename') ?? 'document';
  const { document, known } = await fileDocument(service, asking, view, place, {
    caseNumber: view.caseNumber, kind: 'evidence', name, title: titleOf(decoded(call.headers['x-title'], 'x-title'), name), by: call.caller.id, at: service.now(),
    // 检举、控告人的情况不得透露: what a complainant hands in may show who that is.
    confidential: call.headers['x-confidential'] === 'true' || place.roles.includes('complainant'),
  }, bodyOf(call.raw));
  return { status: known ? 200 : 201, headers: { Location: addressOf(document) }, body: receiptOf(document) };
};

/** What the officer calls it, else its file's name. */
const titleOf = (given: string | undefined, name: string): string => [given ?? '', name].map(plainTitle).find((title) => title !== '') ?? 'document';

function decoded(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  try {
    return decodeURIComponent(header);
  } catch (error) {
    throw problem('invalid-fields', '请求头编码有误', 'a header is not percent-encoded UTF-8', { errors: [{ path: `header.${name}`, message: 'not percent-encoded UTF-8' }], cause: error });
  }
}

export const addressOf = (document: CaseDocumentFile): string => `/v1/cases/${document.caseNumber}/documents/${document.id}`;

/** What whoever handed a document in learns of it. */
export const receiptOf = ({ id, caseNumber, sha256, size, mediaType, filed }: CaseDocumentFile) => ({ id, caseNumber, sha256, size, mediaType, seq: filed });

/** Whether somebody who may read the documents of a case may see this one. */
const mayShow = (service: Service, caller: Caller, view: CaseView, document: CaseDocumentFile): boolean =>
  !document.confidential || document.by === caller.id || service.access.may(caller, 'personal.unmask', subjectOf(view)).allowed;

/** GET /v1/cases/{caseNumber}/documents */
export const listDocuments = (service: Service) => async (call: Call<ListRoute>): Promise<Reply<ListRoute>> => {
  const asking = { caller: call.caller, requestId: call.requestId };
  const view = await readableCase(service, asking, call.params.caseNumber);
  await mayOrRefuse(service, asking, 'document.read', view);
  const documents = (await service.annexes.documents.list(view.caseNumber)).filter((document) => mayShow(service, call.caller, view, document));
  return { status: 200, body: { items: documents.map(({ filed, letter, at, ...rest }) => ({ ...rest, at: instant(at), seq: filed, letter: letter === null ? null : { ...letter } })) } };
};

/** GET /v1/cases/{caseNumber}/documents/{documentId}: an attachment, never shown in our origin. */
export const downloadDocument = (service: Service) => async (call: Call<DownloadRoute>): Promise<Reply<DownloadRoute>> => {
  const asking = { caller: call.caller, requestId: call.requestId };
  const { caseNumber, documentId } = call.params;
  const view = await readableCase(service, asking, caseNumber);
  await mayOrRefuse(service, asking, 'document.read', view);
  const document = await service.annexes.documents.find(caseNumber, documentId);
  if (document === null) throw unknownDocument(documentId);
  if (document.confidential && document.by !== call.caller.id) await mayOrRefuse(service, asking, 'personal.unmask', view);
  const stream = await service.annexes.documents.read(caseNumber, documentId);
  if (stream === null) throw unknownDocument(documentId);
  await recordAccess(service, asking, document.confidential ? 'personal.unmask' : 'document.read', { caseNumber, outcome: 'allowed' });
  return { status: 200, headers: fileHeaders(document.name, document.mediaType, { 'Content-Length': String(document.size), Digest: `sha-256=${Buffer.from(document.sha256, 'hex').toString('base64')}` }), stream: await begun(stream) };
};

const unknownDocument = (id: string): ApiProblem => problem('unknown-document', `本案没有材料 ${id}`, `the case has no document "${id}"`);

/** Headers under which bytes leave: as an attachment that no browser interprets or keeps. */
export const fileHeaders = (name: string, mediaType: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  'Content-Type': mediaType === 'text/plain' || mediaType === 'text/csv' ? `${mediaType}; charset=utf-8` : mediaType,
  'Content-Disposition': attachment(name), 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': "default-src 'none'; sandbox", 'Cache-Control': 'private, no-store', ...more,
});

