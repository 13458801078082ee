import { canonicalJson } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import type { Destruction } from './format';

/** What the first destruction record refers to. */
export const firstDestruction = sha256('wenze/destructions');

/** Hash of a destruction record, which is chained to the one recorded before it. */
export function destructionHash(record: Omit<Destruction, 'hash'> & { readonly hash?: string }): string {
  const { hash: _own, ...content } = record;
  return sha256(canonicalJson({ v: 1, ...content }));
}
