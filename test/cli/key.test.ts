import { setTimeout as delay } from 'node:timers/promises';
import { addDays, civilDateAt } from '../../domain/civil-date';
import { startCity, type City } from './city';
import { wenze, type Said } from './run';

let city: City;
beforeAll(async () => { city = await startCity(); }, 120_000);
afterAll(async () => { await city.stop(); });

const key = (...args: string[]): Promise<Said> => wenze(['key', ...args], city.environment);
const hotline = ['--name', '12345 热线', '--organ', 'yz-complaints', '--roles', 'handler', '--scopes', 'case.list,case.read'];
const wish = (over: Record<string, string>): string[] => {
  const all = { '--name': '12345 热线', '--organ': 'yz-complaints', '--roles': 'handler', '--scopes': 'case.read', ...over };
  return Object.entries(all).flat();
};
const today = civilDateAt(Date.now());

test.each<[string, Record<string, string>, string]>([
  ['the role of a person', { '--roles': 'administrator' }, '--roles: '],
  ['a right that is for persons', { '--scopes': 'case.read,key.manage' }, '--scopes: a scope is one of case.*'],
  ['an unknown organ', { '--organ': 'nowhere' }, '--organ: no organ "nowhere" in the tree'],
  ['an end that is past', { '--until': addDays(today, -1) }, '--until: a key ends after it is made'],
  ['an end that is no day', { '--until': '2026-02-30' }, '--until: "2026-02-30" is no day'],
  ['no name', { '--name': '' }, '--name: '],
])('%s is refused, and no key is there afterwards', async (_what, over, message) => {
  const said = await key('add', ...wish(over));
  expect({ code: said.code, out: said.out }).toEqual({ code: 1, out: '' });
  expect(said.err).toContain(message);
  expect((await key('list')).out).toBe('');
});

test('a key is made, opens what it is for until it is revoked, and stays in the list; every act is in the audit, the key nowhere', async () => {
  const made = await key('add', ...hotline, '--until', addDays(today, 30), '--by', 'zhang.san');
  expect(made).toMatchObject({ code: 0, err: '' });
  const [, id = '', secret = ''] = /wz_([0-9a-f]{12})_([\w-]{43})$/m.exec(made.out) ?? [];
  const ask = (route: string): ReturnType<City['http']> => city.http({ 'x-api-key': `wz_${id}_${secret}` }, 'GET', route);
  expect(await ask('/v1/cases')).toMatchObject({ status: 200, body: { items: [] } });
  expect(await ask('/v1/inbox')).toMatchObject({ status: 403, body: { code: 'not-allowed' } });

  const [listed] = (await key('list', '--json')).out.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(listed).toMatchObject({ id, state: 'active', organ: 'yz-complaints', createdBy: 'zhang.san', revokedAt: null, expiresAt: Date.parse(`${addDays(today, 30)}T16:00:00Z`), lastUsedAt: expect.any(Number) as number });
  expect(JSON.stringify(listed)).not.toContain('hash');

  expect(await key('revoke', id)).toMatchObject({ code: 0, out: `${id}: 已吊销 revoked\n` });
  // A running API takes what it has looked at again for five seconds, unseen.
  while ((await ask('/v1/cases')).status === 200) await delay(100);
  expect(await ask('/v1/cases')).toMatchObject({ status: 401, body: { code: 'not-signed-in' } });
  expect(await key('revoke', id)).toMatchObject({ code: 1, err: `wenze: "${id}" was revoked before\n` });
  expect(await key('revoke', 'nobody')).toMatchObject({ code: 1, err: 'wenze: no key "nobody"\n' });
  expect((await key('list')).out).toMatch(new RegExp(`^${id} {2}12345 热线 {2}yz-complaints {2}handler {2}case\\.list,case\\.read {2}\\(已吊销 revoked by operator; 建立 created by zhang\\.san; .+last used .+\\)$`, 'm'));

  const entries = await city.audited(/^key\./);
  expect(entries.map((entry) => [entry.user, entry.action, entry.outcome, entry.reason])).toEqual([
    ...['invalid-fields', 'invalid-fields', 'unknown-organ', 'expiry-passed', 'not-possible', 'invalid-fields'].map((code) => ['operator', 'key.create', 'refused', code]),
    ['zhang.san', 'key.create', 'allowed', id], ['operator', 'key.revoke', 'allowed', id], ['operator', 'key.revoke', 'refused', `${id}: not-possible`], ['operator', 'key.revoke', 'refused', 'nobody: not-possible'],
  ]);
  expect((await city.audited(/^case\.list$/)).map((entry) => entry.user)).toContain(`system:${id}`);
  expect(JSON.stringify(await city.audited(/./))).not.toContain(secret);
});
