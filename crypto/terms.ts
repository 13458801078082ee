import type { Keyring } from './keyring';

/** The scripts written without spaces that we search by pairs: Han, and the kana and hangul that names may bring. */
const CJK = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}';
const runs = new RegExp(`[${CJK}]+|[\\p{L}\\p{N}]+?(?=[${CJK}]|[^\\p{L}\\p{N}]|$)`, 'gu');
const isCjk = new RegExp(`^[${CJK}]`, 'u');

/** Terms beyond this many of one text are not indexed; a statement of facts is found by its first pages. */
export const MAX_TERMS = 400;

/**
 * The search terms of a text, each once, in order: Latin words and numbers whole, Chinese runs as overlapping pairs (云州市 → 云州, 州市), a run of
 * one character as itself. Compared without width, case and compatibility forms (NFKC). A single character inside a longer run finds nothing:
 * indexing those would let frequencies give the text away.
 */
export function searchTerms(text: string): string[] {
  const terms = new Set<string>();
  for (const [run] of text.normalize('NFKC').toLowerCase().matchAll(runs)) {
    for (const term of isCjk.test(run) ? pairs(run) : [run]) {
      terms.add(term);
      if (terms.size === MAX_TERMS) return [...terms];
    }
  }
  return [...terms];
}

function pairs(run: string): string[] {
  const characters = [...run];
  return characters.length === 1 ? characters : characters.slice(1).map((character, index) => `${characters[index] ?? ''}${character}`);
}

/** What is stored in a document's index of blind terms for these texts; the keyring's current key. */
export function blindTerms(keyring: Keyring, ...texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap(searchTerms))].slice(0, MAX_TERMS).map((term) => keyring.blind(term));
}

/**
 * A search over `field` as a MongoDB filter: every term must be there, under any key of the ring. Null when the text has no term
 * (only punctuation), which is to find nothing rather than everything.
 */
export function blindFilter(keyring: Keyring, field: string, query: string): { readonly $and: readonly Record<string, { readonly $in: readonly string[] }>[] } | null {
  const terms = searchTerms(query);
  return terms.length === 0 ? null : { $and: terms.map((term) => ({ [field]: { $in: keyring.blindUnderAll(term) } })) };
}
