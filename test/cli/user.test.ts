import { setTimeout as delay } from 'node:timers/promises';
import { startCity, type City } from './city';
import { wenze } from './run';

const first = '一个 long enough 口令 2026';
let city: City;
let environment: Readonly<Record<string, string>>;
beforeAll(async () => {
  city = await startCity();
  environment = city.environment;
}, 120_000);
afterAll(async () => { await city.stop(); });

const http = (token: string | null, method: string, route: string, body?: unknown): ReturnType<City['http']> => city.http(token === null ? {} : { authorization: `Bearer ${token}` }, method, route, body);
const signIn = (username: string, password: string) => http(null, 'POST', '/v1/sessions', { username, password });
const tokenOf = async (username: string, password: string): Promise<string> => {
  const answer = await signIn(username, password);
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body['token']);
};
const create = (args: readonly string[], stdin = '') => wenze(['user', 'create', ...args], environment, stdin);
const chief = ['--id', 'admin.zhang', '--name', '张管理', '--organ', 'yz-gov', '--roles', 'administrator'];

test.each<[string, readonly string[], string, string]>([
  ['an unknown role', ['--id', 'a.b', '--name', '甲', '--organ', 'yz-gov', '--roles', 'boss'], first, '--roles: '],
  ['a role that goes with no other', ['--id', 'a.b', '--name', '甲', '--organ', 'yz-gov', '--roles', 'administrator,handler'], first, '--roles: '],
  ['an unknown organ', ['--id', 'a.b', '--name', '甲', '--organ', 'nowhere', '--roles', 'handler'], first, '--organ: no organ "nowhere" in the tree'],
  ['a bad id', ['--id', 'A B', '--name', '甲', '--organ', 'yz-gov', '--roles', 'handler'], first, '--id: lower-case words'],
  ['a weak password', chief, 'admin.zhang1', 'too weak'],
  ['the demonstration\'s password', chief, 'wenze-demo-wenze-demo', 'too weak'],
  ['no password', chief, '', 'no password came'],
  ['a one-time password beside a provider', [...chief, '--one-time', '--external-id', 'x'], '', 'has no password'],
])('%s is refused, and nobody is there afterwards', async (_what, args, stdin, message) => {
  const said = await create(args, stdin);
  expect({ code: said.code, out: said.out }).toEqual({ code: 1, out: '' });
  expect(said.err).toContain(message);
  expect((await wenze(['user', 'list'], environment)).out).toBe('');
});

test('the first administrator comes by the command, changes the password, and opens an account for a handler over HTTP', async () => {
  expect((await signIn('admin.zhang', first)).status).toBe(401);
  expect(await create(chief, `${first}\n`)).toEqual({ code: 0, err: '', out: 'admin.zhang: 已建立 created (administrator, yz-gov); 首次登录须改密码 the first log-in must change the password\n' });
  expect(await create(chief, first)).toMatchObject({ code: 1, err: 'wenze: there is an account "admin.zhang"\n' });

  const early = await tokenOf('admin.zhang', first);
  expect(await http(early, 'GET', '/v1/users')).toMatchObject({ status: 403, body: { code: 'password-change-required' } });
  const own = '换过的 longer 口令 2026';
  expect((await http(early, 'POST', '/v1/me/password', { old: first, wanted: own })).status).toBe(204);
  expect((await signIn('admin.zhang', first)).status).toBe(401);

  const admin = await tokenOf('admin.zhang', own);
  const made = await http(admin, 'POST', '/v1/users', { id: 'handler.li', name: '李承办', roles: ['handler'], organ: 'yz-complaints', staffId: 'S1' });
  expect(made).toMatchObject({ status: 201, body: { user: { id: 'handler.li', mustChangePassword: true, disabled: false, hasPassword: true } } });
  const once = String(made.body['oneTimePassword']);
  const handler = await tokenOf('handler.li', once);
  expect((await http(handler, 'POST', '/v1/me/password', { old: once, wanted: own })).status).toBe(204);
  expect((await http(await tokenOf('handler.li', own), 'GET', '/v1/me')).body).toMatchObject({ id: 'handler.li', staffId: 'S1', mustChangePassword: false, mayStart: expect.arrayContaining(['complaint']) as string[] });

  expect(await http(admin, 'POST', '/v1/users', { id: 'handler.li', name: '李', roles: ['handler'], organ: 'yz-complaints' })).toMatchObject({ status: 409, body: { code: 'user-exists' } });
  expect(await http(admin, 'POST', '/v1/users', { id: 'x', name: '李', roles: ['handler'], organ: 'nowhere' })).toMatchObject({ status: 400, body: { errors: [{ path: 'organ' }] } });
  expect(await http(admin, 'POST', '/v1/users', { id: 'x', name: '李', roles: ['handler'], organ: 'yz-gov', password: 'short' })).toMatchObject({ status: 400, body: { errors: [{ path: 'password' }] } });
  expect(await http(await tokenOf('handler.li', own), 'GET', '/v1/users')).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
  expect((await http(admin, 'GET', '/v1/users?limit=1')).body).toMatchObject({ items: [{ id: 'admin.zhang' }], next: 'admin.zhang' });
  expect(JSON.stringify((await http(admin, 'GET', '/v1/users')).body)).not.toContain('scrypt');
});

test('an account is closed and opened again by either way; its sessions end; nobody closes the own one', async () => {
  const own = '换过的 longer 口令 2026';
  const admin = await tokenOf('admin.zhang', own);
  const handler = await tokenOf('handler.li', own);
  expect(await http(admin, 'POST', '/v1/users/handler.li/state', { disabled: true })).toMatchObject({ status: 200, body: { disabled: true } });
  expect((await http(handler, 'GET', '/v1/me')).status).toBe(401);
  expect((await signIn('handler.li', own)).status).toBe(401);
  expect(await wenze(['user', 'enable', 'handler.li'], environment)).toMatchObject({ code: 0, out: 'handler.li: 已启用 enabled\n' });
  expect((await signIn('handler.li', own)).status).toBe(201);
  expect((await wenze(['user', 'disable', 'handler.li'], environment)).code).toBe(0);
  expect((await signIn('handler.li', own)).status).toBe(401);
  expect((await wenze(['user', 'list'], environment)).out).toMatch(/^handler\.li {2}李承办 {2}yz-complaints {2}handler {2}\(已停用 disabled\)$/m);
  await wenze(['user', 'enable', 'handler.li'], environment);
  expect(await http(admin, 'POST', '/v1/users/admin.zhang/state', { disabled: true })).toMatchObject({ status: 409, body: { code: 'user-not-changeable' } });
  expect(await http(admin, 'POST', '/v1/users/nobody/state', { disabled: true })).toMatchObject({ status: 404, body: { code: 'unknown-user' } });
  expect(await wenze(['user', 'disable', 'nobody'], environment)).toMatchObject({ code: 1, err: 'wenze: no account "nobody"\n' });
});

test('who locked himself out is let in again: the lock is lifted, the password reset', async () => {
  for (let attempt = 0; attempt < 6; attempt++) await signIn('handler.li', 'wrong');
  expect(await signIn('handler.li', '换过的 longer 口令 2026')).toMatchObject({ status: 403, body: { code: 'account-locked' } });
  const { WENZE_TOKEN_SECRET: _secret, ...without } = environment;
  expect(await wenze(['user', 'unlock', 'handler.li'], without)).toMatchObject({ code: 1, err: expect.stringContaining('WENZE_TOKEN_SECRET') as string });
  expect((await wenze(['user', 'unlock', 'handler.li'], environment)).code).toBe(0);
  expect((await signIn('handler.li', '换过的 longer 口令 2026')).status).toBe(201);

  const { body: link } = await http(await tokenOf('handler.li', '换过的 longer 口令 2026'), 'POST', '/v1/inbox/feed');
  const calendar = (): Promise<number> => city.status(String(link['path']));
  expect(await calendar()).toBe(200);
  const reset = await wenze(['user', 'reset-password', 'handler.li', '--one-time'], environment);
  const once = /one-time password: (\S+)/.exec(reset.out)?.[1] ?? '';
  expect(once).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
  expect((await signIn('handler.li', '换过的 longer 口令 2026')).status).toBe(401);
  expect(await signIn('handler.li', once)).toMatchObject({ status: 201, body: { user: { mustChangePassword: true } } });
  // A running API takes what it has looked at again for five seconds, unseen.
  while (await calendar() === 200) await delay(100);
  expect(await calendar()).toBe(401);
  expect(await wenze(['user', 'reset-password', 'handler.li'], environment, 'weak\n')).toMatchObject({ code: 1, err: expect.stringContaining('too weak') as string });
});

test('with an identity provider an account has a subject and no password', async () => {
  expect((await create(['--id', 'leader.wang', '--name', '王领导', '--organ', 'yz-gov', '--roles', 'leader', '--external-id', 'sub-1'])).code).toBe(0);
  expect((await create(['--id', 'leader.two', '--name', '王', '--organ', 'yz-gov', '--roles', 'leader', '--external-id', 'sub-1'])).code).toBe(1);
  expect((await wenze(['user', 'list', '--json'], environment)).out).toContain('"id":"leader.wang"');
});

test('every act stands in the audit, done and refused, with whose account it was; no password does', async () => {
  const entries = await city.audited(/^user\./);
  expect(entries.map((entry) => [entry.user, entry.action, entry.outcome, entry.reason])).toEqual(expect.arrayContaining([
    ['operator', 'user.create', 'refused', 'a.b: unknown-organ'], ['operator', 'user.create', 'refused', 'admin.zhang: weak-password'],
    ['operator', 'user.create', 'allowed', 'admin.zhang'], ['operator', 'user.create', 'refused', 'admin.zhang: user-exists'], ['admin.zhang', 'user.create', 'allowed', 'handler.li'],
    ['admin.zhang', 'user.disable', 'allowed', 'handler.li'], ['operator', 'user.enable', 'allowed', 'handler.li'], ['operator', 'user.unlock', 'allowed', 'handler.li'], ['operator', 'user.reset-password', 'allowed', 'handler.li'],
  ]));
  expect(JSON.stringify(entries)).not.toContain('口令');
});
