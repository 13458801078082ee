import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of a text (as UTF-8) or bytes, lower-case hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Whether two secrets are equal, in a time that does not tell where they differ or how long the expected one is. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
