import { randomBytes } from 'node:crypto';
import { findAll, formsOf, Secrets } from './searching';

const secret = '欧阳测试甲';
const around = (text: string | Buffer, before = 7): Buffer => Buffer.concat([randomBytes(before), Buffer.from(text), randomBytes(9)]);
const base64Of = (before: number, text: string): Buffer => Buffer.from(Buffer.concat([randomBytes(before), Buffer.from(text), randomBytes(20)]).toString('base64'));

it.each<[string, Buffer]>([
  ['UTF-8', around(secret)],
  ['UTF-16, either way round', around(Buffer.from(secret, 'utf16le'))],
  ['UTF-16, the other way round', around(Buffer.from(secret, 'utf16le').swap16())],
  ...[0, 1, 2, 3, 4, 5].map((before): [string, Buffer] => [`base64 after ${before} bytes`, base64Of(before, secret)]),
  ['base64url', Buffer.from(Buffer.from(`a${secret}b`).toString('base64url'))],
  ['hex', around(Buffer.from(secret).toString('hex'))],
  ['HEX', around(Buffer.from(secret).toString('hex').toUpperCase())],
  ['URL', around(encodeURIComponent(`name=${secret}`))],
  ['lower-case URL', around(encodeURIComponent(secret).toLowerCase())],
  ['JSON escapes', around(secret.replaceAll(/./gu, (character) => `\\u${character.charCodeAt(0).toString(16)}`))],
])('a text is found as %s', (_form, bytes) => {
  expect(findAll({ it: secret }, [{ name: 'p', bytes }])).not.toEqual([]);
});

it('a text of plain digits is found in base64 and hex too', () => {
  for (const before of [0, 1, 2]) expect(findAll({ it: '13900001234' }, [{ name: 'p', bytes: base64Of(before, '13900001234') }])).not.toEqual([]);
  expect(findAll({ it: '13900001234' }, [{ name: 'p', bytes: around(Buffer.from('13900001234').toString('hex')) }])).toEqual(['p: hex of it', 'p: HEX of it']);
});

it('what is not there is not found, and forms are long enough not to occur by chance', () => {
  expect(findAll({ it: secret }, [{ name: 'p', bytes: randomBytes(1_000_000) }, { name: 'q', bytes: Buffer.from('欧阳测试') }])).toEqual([]);
  const secrets = new Secrets();
  secrets.words('a');
  secrets.name('b');
  secrets.digits('c', '139', 11);
  for (const text of Object.values(secrets.texts)) for (const form of formsOf(text).values()) expect(form.length).toBeGreaterThanOrEqual(8);
});
