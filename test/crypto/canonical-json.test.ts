import fc from 'fast-check';
import { canonicalJson } from '../../crypto/canonical-json';
import { sameSecret, sha256 } from '../../crypto/hash';

it.each([
  ['members sorted by code unit', { b: 1, a: 2, A: 3, 办: 4, '€': 5, '\u{1F600}': 6, '\ufb33': 7 }, '{"A":3,"a":2,"b":1,"€":5,"办":4,"\u{1F600}":6,"\ufb33":7}'],
  ['numbers as ECMAScript writes them', [1e21, 1e-7, -0, 0.1, 333333333.33333329], '[1e+21,1e-7,0,0.1,333333333.3333333]'],
  ['escapes', '\u000f\n"\\/é', '"\\u000f\\n\\"\\\\/é"'],
  ['a member that is undefined', { a: undefined, b: null }, '{"b":null}'],
  ['nothing inside', [{}, []], '[{},[]]'],
])('%s', (_, value, expected) => {
  expect(canonicalJson(value)).toBe(expected);
});

it('does not depend on the order of members, and parses back to the same value', () => {
  const reverse = (value: unknown): unknown => Array.isArray(value) ? value.map(reverse)
    : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).reverse().map(([k, v]) => [k, reverse(v)])) : value;
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const canonical = canonicalJson(value);
    expect(canonicalJson(reverse(value))).toBe(canonical);
    expect(JSON.parse(canonical)).toEqual(JSON.parse(JSON.stringify(value)));
  }), { numRuns: 500 });
});

it.each<[string, unknown, RegExp]>([
  ['NaN', { a: [Number.NaN] }, /a\[0\] is NaN/],
  ['a Date', { a: { b: new Date(0) } }, /a\.b is a Date/],
  ['a Map', new Map(), /the value is a Map/],
  ['a bigint', { a: 1n }, /a is a bigint/],
  ['an undefined item', [1, undefined], /\[1\] is a undefined/],
  ['a hole', [1, , 2], /\[1\] is a undefined/],
  ['half a character', { a: '\ud800' }, /a is a text with half a character/],
])('refuses %s and says where', (_, value, message) => {
  expect(() => canonicalJson(value)).toThrow(message);
});

it('sha256 of the empty text and of abc (FIPS 180-4)', () => {
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('secrets are compared whole', () => {
  expect(sameSecret('a-long-secret', 'a-long-secret')).toBe(true);
  expect(sameSecret('a-long-secre', 'a-long-secret')).toBe(false);
  expect(sameSecret('', 'a-long-secret')).toBe(false);
});
