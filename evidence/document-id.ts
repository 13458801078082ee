import { sha256 } from '../crypto/hash';

/** The same content on the same case is the same document. */
export const documentId = (caseNumber: string, contentHash: string): string => `D${sha256(`${caseNumber}/${contentHash}`).slice(0, 31)}`;
