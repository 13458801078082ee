import { Keyring } from '../../crypto/keyring';
import { blindFilter, blindTerms, MAX_TERMS, searchTerms } from '../../crypto/terms';

const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
const first = new Keyring({ current: 'k1', keys: { k1: key(1) } });
const rotated = new Keyring({ current: 'k2', keys: { k1: key(1), k2: key(2) } });

it.each([
  ['Chinese as pairs', '云州市水务局', ['云州', '州市', '市水', '水务', '务局']],
  ['one character alone', '水', ['水']],
  ['Latin words and numbers whole', 'Water Bureau, No. 12345!', ['water', 'bureau', 'no', '12345']],
  ['mixed scripts split at the border', '电话13900000000停水3天', ['电话', '13900000000', '停水', '3', '天']],
  ['full width is half width', 'ＡＢＣ １２３', ['abc', '123']],
  ['accents stay with their word', 'Élan vital', ['élan', 'vital']],
  ['a pair twice is one term', '停水停水', ['停水', '水停']],
  ['nothing but punctuation', '，。！ — ', []],
])('%s', (_, text, terms) => {
  expect(searchTerms(text)).toEqual(terms);
});

it('is bounded', () => {
  const long = Array.from({ length: 3 * MAX_TERMS }, (_, n) => `w${n}`).join(' ');
  expect(searchTerms(long)).toHaveLength(MAX_TERMS);
  expect(blindTerms(first, long, '另外')).toHaveLength(MAX_TERMS);
});

it('a search finds what holds every term, before and after a rotation, and nothing else', () => {
  const finds = (keyring: Keyring, index: readonly string[], query: string): boolean =>
    blindFilter(keyring, 'terms', query)?.$and.every((clause) => clause['terms']?.$in.some((term) => index.includes(term))) ?? false;
  const index = blindTerms(first, '云州市水务局', '停水三天');
  for (const keyring of [first, rotated]) {
    expect(finds(keyring, index, '水务局')).toBe(true);
    expect(finds(keyring, index, '水务局 停水')).toBe(true);
    expect(finds(keyring, index, '水务局 停电')).toBe(false);
    expect(finds(keyring, index, '!!')).toBe(false);
  }
  expect(index.join()).not.toMatch(/[云州水]/);
});
