import { hashPassword, isAcceptable, verifyPassword } from '../../api/identity/passwords';

it('hashes with the cost OWASP asks for, each time with another salt, and knows its own', async () => {
  const [one, two] = [await hashPassword('a password of my own'), await hashPassword('a password of my own')];
  expect(one).toMatch(/^scrypt\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword('a password of my own', one)).toBe(true);
  expect(await verifyPassword('a password of my own ', one)).toBe(false);
});

it('the same characters typed in another form are the same password', async () => {
  expect(await verifyPassword('e\u0301tude ＡＢＣ', await hashPassword('\u00e9tude ABC', { ln: 8, r: 8, p: 1 }))).toBe(true);
});

it.each(['', 'plain', 'scrypt$15$8$3$salt', 'bcrypt$8$8$1$AAAA$AAAA', 'scrypt$8$8$1$AAAA$AAAA'])('the stored text %p opens for no password', async (stored) => {
  expect(await verifyPassword('', stored)).toBe(false);
});

it.each([
  ['correct horse battery', true], ['十二个字符以上的中文口令也可以', true], ['short', false], ['aaaaaaaaaaaaaaaa', false],
  ['officer.x-officer.x', false], ['\ufdfa', false], ['\ufdfa'.repeat(2), false], ['my wenze-demo password', false], ['0123456789'.repeat(13), false],
])('new password %p: %p', (password, good) => {
  expect(isAcceptable(password, 'officer.x')).toBe(good);
});
