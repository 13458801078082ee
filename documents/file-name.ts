import { mediaTypes, type MediaType } from './media-types';

/** Characters of a name kept beside its extension; some file systems stop at 255 bytes. */
const maxCharacters = 80;

/** Names that Windows takes for devices. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * A file name that does nothing anywhere: no path, no control or direction-changing characters, none that a shell or a file system reads,
 * no leading dot; the extension is that of the content.
 */
export function neutralName(given: string, mediaType: MediaType): string {
  const base = given.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const stem = base.replace(/\.[A-Za-z0-9]{1,8}$/, '')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}<>:"|?*%;&$`'!]/gu, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[.\s~-]+|[.\s]+$/g, '');
  const short = [...stem].slice(0, maxCharacters).join('').trim();
  return `${short === '' || device.test(short) ? 'document' : short}.${mediaTypes[mediaType]}`;
}

const maxTitle = 300;

/**
 * A title as a list of evidence shows it: one line, no characters that turn the direction of reading, at most 300, whole ones only: half a character could
 * never be put on record, and the case would wait for it. Empty where nothing is left.
 */
export function plainTitle(given: string): string {
  const words = given.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replaceAll(/[\p{Bidi_Control}\p{Surrogate}]/gu, '').trim();
  return words.slice(0, maxTitle).replace(/\p{Surrogate}$/u, '').trim();
}

/** RFC 6266: always `attachment`, so that no browser ever shows a document in our origin; the name as it is and as ASCII. */
export function attachment(name: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]/g, '_').replaceAll(/["\\]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
