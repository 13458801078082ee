import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { BadKeyring, CannotOpen, Keyring } from '../../crypto/keyring';

const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
const first = new Keyring({ current: 'k1', keys: { k1: key(1) } });
const rotated = new Keyring({ current: 'k2', keys: { k1: key(1), k2: key(2) } });
const later = new Keyring({ current: 'k2', keys: { k2: key(2) } });
const plain = Buffer.from('投诉人甲 139-0000-0000', 'utf8');

function failureOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof CannotOpen) return error.code;
    throw error;
  }
  return 'opened';
}

it('opens what it sealed, bytes and text and JSON', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 60 }), (bytes, aad) => {
    expect(Buffer.from(first.open(first.seal(bytes, aad), aad))).toEqual(Buffer.from(bytes));
  }), { numRuns: 300 });
  expect(first.openText(first.sealText('投诉人甲', 'a'), 'a')).toBe('投诉人甲');
  expect(first.openJson(first.sealJson({ name: '甲', n: [1] }, 'a'), 'a')).toEqual({ name: '甲', n: [1] });
});

it('shows nothing of the plain text and never seals twice alike', () => {
  const [a, b] = [Buffer.from(first.seal(plain, 'x')), Buffer.from(first.seal(plain, 'x'))];
  expect(a.includes(plain.subarray(0, 6))).toBe(false);
  expect(a.equals(b)).toBe(false);
});

it('rotation: the new ring reads the old, the old ring does not read the new, and a ring without the old key says which is missing', () => {
  const old = first.seal(plain, 'x');
  expect(Buffer.from(rotated.open(old, 'x'))).toEqual(plain);
  expect(rotated.keyIdOf(rotated.seal(plain, 'x'))).toBe('k2');
  expect(rotated.keyIdOf(old)).toBe('k1');
  expect(failureOf(() => first.open(rotated.seal(plain, 'x'), 'x'))).toBe('unknown-key');
  expect(() => later.open(old, 'x')).toThrow('sealed under the key "k1", which is not in the keyring');
});

it('a key of the same id but other bytes opens nothing', () => {
  const impostor = new Keyring({ current: 'k1', keys: { k1: key(9) } });
  expect(failureOf(() => impostor.open(first.seal(plain, 'x'), 'x'))).toBe('tampered');
});

it('what was sealed for one purpose does not open for another', () => {
  expect(failureOf(() => first.open(first.seal(plain, 'mongo:cases'), 'mongo:users'))).toBe('tampered');
});

it('finds every single flipped bit, and every cut', () => {
  const sealed = Buffer.from(first.seal(plain, 'x'));
  for (let at = 0; at < sealed.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      expect(failureOf(() => first.open(changed, 'x'))).not.toBe('opened');
    }
    expect(failureOf(() => first.open(sealed.subarray(0, at), 'x'))).not.toBe('opened');
  }
});

it('what is not sealed is told apart', () => {
  expect(failureOf(() => first.open(Buffer.from('{"a":1}'), 'x'))).toBe('not-sealed');
  expect(failureOf(() => first.open(new Uint8Array(0), 'x'))).toBe('not-sealed');
});

it('blind index: equal terms meet, others do not, and search reaches terms indexed before a rotation', () => {
  expect(first.blind('张三')).toBe(first.blind('张三'));
  expect(first.blind('张三')).not.toBe(first.blind('张四'));
  expect(rotated.blind('张三')).not.toBe(first.blind('张三'));
  expect(rotated.blindUnderAll('张三')).toContain(first.blind('张三'));
  expect(first.blind('张三')).not.toContain('张三');
});

it.each([
  ['a current key that is not there', { current: 'k9', keys: { k1: key(1) } }],
  ['a short key', { current: 'k1', keys: { k1: Buffer.alloc(16).toString('base64') } }],
  ['an empty id', { current: '', keys: { '': key(1) } }],
  ['an id longer than the head can say', { current: 'k'.repeat(256), keys: { ['k'.repeat(256)]: key(1) } }],
])('refuses %s', (_, data) => {
  expect(() => new Keyring(data)).toThrow(BadKeyring);
});

it('never quotes a key in its refusal', () => {
  const secret = randomBytes(20).toString('base64');
  let message = '';
  try {
    new Keyring({ current: 'k1', keys: { k1: secret } });
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('k1');
  expect(message).not.toContain(secret);
});
