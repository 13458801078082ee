/** What may be put on file, by what the bytes are. A name or a header never decides it. */
export const mediaTypes = {
  'application/pdf': 'pdf',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  /** GB/T 33190 开放版式文档, the format of official electronic documents. */
  'application/ofd': 'ofd',
  'text/plain': 'txt',
} as const;
export type MediaType = keyof typeof mediaTypes;
export const allowedMediaTypes = Object.keys(mediaTypes) as [MediaType, ...MediaType[]];

/** Why bytes are not put on file. */
export type ContentFault = 'empty' | 'unknown-type' | 'macros' | 'damaged';

/** Thrown when the content is none of the allowed types; says why, never quotes the content. */
export class RefusedContent extends Error {
  override readonly name = 'RefusedContent';
  constructor(readonly fault: ContentFault) {
    super({
      empty: 'the file is empty',
      'unknown-type': `the content is none of: ${Object.values(mediaTypes).join(', ')}`,
      macros: 'the document carries macros',
      damaged: 'the file is damaged: its directory cannot be read',
    }[fault]);
  }
}
