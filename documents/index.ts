export { allowedMediaTypes, mediaTypes, RefusedContent, type MediaType } from './media-types';
export { attachment, neutralName, plainTitle } from './file-name';
export { DamagedFile, SealedFiles } from './sealed-files';
export { defaultMaxBytes, DocumentGone, DocumentStore, FileTooLarge, type CaseDocumentFile, type NewDocument } from './document-store';
