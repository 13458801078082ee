/** What two do in the same moment: the one that ends a right is never undone by the one that was under way. */
import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import { DelegationRefused, IdentityService, UserExists } from '../../api/identity';
import { DelegationStore } from '../../api/identity/delegations';
import { SessionStore } from '../../api/identity/sessions';
import { UserStore } from '../../api/identity/users';
import { demoOrganTree } from '../../policy/demo';
import { mongoForFile } from '../support/mongo-client';
import { bearer, cheap, keyring, reasonOf } from './identity';

const MINUTE = 60_000;
const officer = { id: 'officer.x', name: '甲', roles: ['department' as const], organ: 'yz-water', staffId: 'S1' };
const head = { id: 'head.y', name: '乙', roles: ['leader' as const], organ: 'yz-water', staffId: 'S2' };
const first = 'first password given';
const mongo = mongoForFile();
let db: Db;
let now: number;
let service: IdentityService;
let round = 0;

beforeEach(async () => {
  db = mongo.client.db(`races_${round += 1}`);
  now = Date.UTC(2026, 8, 25, 2);
  // It remembers for long, so that nothing here is mended by forgetting.
  service = new IdentityService({ db, tree: demoOrganTree(), keyring, tokenSecret: randomBytes(32).toString('base64'), demo: false, cacheMs: MINUTE, cost: cheap, now: () => now });
  await service.prepare();
  await service.users.create(officer, { password: first });
  await service.users.create(head, { password: first });
});
afterEach(() => { jest.restoreAllMocks(); });

const login = async (password = first): Promise<string> => {
  const answer = await service.login('officer.x', password);
  if (!answer.ok) throw new Error(`log-in refused: ${answer.reason}`);
  return answer.session.token;
};
const liveSessions = (): Promise<number> => db.collection('sessions').countDocuments({ revokedAt: null });
/** Once, before the next log-in has its session, something else happens. */
function beforeTheSession(happens: () => Promise<unknown>): void {
  const open = Reflect.get(SessionStore.prototype, 'open');
  jest.spyOn(SessionStore.prototype, 'open').mockImplementationOnce(async function (this: SessionStore, user) {
    await happens();
    return open.call(this, user);
  });
}

describe('a log-in while', () => {
  it('the password is reset opens nothing by the old one', async () => {
    beforeTheSession(() => service.accounts.resetPassword('officer.x'));
    expect(await service.login('officer.x', first)).toEqual({ ok: false, reason: 'bad-credentials' });
    expect(await liveSessions()).toBe(0);
  });

  it('the account is closed leaves no session for when it is opened again', async () => {
    beforeTheSession(() => service.accounts.setDisabled('officer.x', true));
    expect(await service.login('officer.x', first)).toEqual({ ok: false, reason: 'bad-credentials' });
    await service.accounts.setDisabled('officer.x', false);
    expect(await liveSessions()).toBe(0);
    expect(await reasonOf(service, bearer(await login()))).toBe('officer.x');
  });
});

describe('a change of password', () => {
  const caller = { id: 'officer.x', kind: 'user' as const, name: '甲', organ: 'yz-water', roles: ['department' as const] };

  it('by a one-time password, sent twice at once, is done once', async () => {
    const wishes = ['a password of my own', 'another one of somebody'] as const;
    const done = await Promise.all(wishes.map((wanted) => service.changePassword(caller, first, wanted)));
    expect([...done].sort()).toEqual([false, true]);
    expect((await Promise.all(wishes.map((wanted) => service.login('officer.x', wanted)))).map((answer) => answer.ok)).toEqual(done);
  });

  it('does not write over the password that the administrator has set meanwhile', async () => {
    const setPassword = Reflect.get(UserStore.prototype, 'setPassword');
    let oneTime: string | null = null;
    jest.spyOn(UserStore.prototype, 'setPassword').mockImplementationOnce(async function (this: UserStore, ...wish) {
      oneTime = (await service.accounts.resetPassword('officer.x')).password;
      return setPassword.apply(this, wish);
    });
    expect(await service.changePassword(caller, first, 'a password of my own')).toBe(false);
    expect((await service.login('officer.x', 'a password of my own')).ok).toBe(false);
    expect(await service.login('officer.x', oneTime ?? '')).toMatchObject({ ok: true, session: { caller: { mustChangePassword: true } } });
  });

  it('to the same password composed otherwise is no change', async () => {
    expect(await service.changePassword(caller, first, 'ｆｉｒｓｔ password given')).toBe(false);
    expect((await service.authenticate(bearer(await login()))).ok).toBe(true);
  });
});

describe('what was read before a right ended is not remembered after it', () => {
  it('a session ended while its token is looked at', async () => {
    const token = await login();
    const read = Reflect.get(SessionStore.prototype, 'read');
    jest.spyOn(SessionStore.prototype, 'read').mockImplementationOnce(async function (this: SessionStore, text) {
      const reading = await read.call(this, text);
      await service.logout(bearer(token));
      return reading;
    });
    expect(await reasonOf(service, bearer(token))).toBe('officer.x');
    expect(await reasonOf(service, bearer(token))).toBe('revoked');
  });

  it('a session whose tokens have been renewed', async () => {
    const old = await login();
    const fresh = (await service.renew(bearer(old)))?.token ?? '';
    expect([await reasonOf(service, bearer(old)), await reasonOf(service, bearer(fresh))]).toEqual(['officer.x', 'officer.x']);
    await service.logout(bearer(fresh));
    expect([await reasonOf(service, bearer(old)), await reasonOf(service, bearer(fresh))]).toEqual(['revoked', 'revoked']);
  });

  it('a delegation ended while the deputy comes in', async () => {
    const token = bearer(await login());
    const { _id } = await service.delegations.create({ principal: 'head.y', deputy: 'officer.x', from: '2026-09-25', until: '2026-09-30', reason: '外出' }, 'head.y');
    const standsInFor = Reflect.get(DelegationStore.prototype, 'standsInFor');
    jest.spyOn(DelegationStore.prototype, 'standsInFor').mockImplementationOnce(async function (this: DelegationStore, deputy) {
      const places = await standsInFor.call(this, deputy);
      await service.delegations.revoke(_id, 'head.y');
      return places;
    });
    const places = async (): Promise<number> => {
      const answer = await service.authenticate(token);
      return answer.ok ? (answer.caller.standsInFor ?? []).length : -1;
    };
    expect([await places(), await places()]).toEqual([1, 0]);
  });

  it('a deputy’s last day ends at midnight in Shanghai, and a key in its millisecond', async () => {
    const token = bearer(await login());
    await service.delegations.create({ principal: 'head.y', deputy: 'officer.x', from: '2026-09-25', until: '2026-09-25', reason: '外出' }, 'head.y');
    now = Date.UTC(2026, 8, 25, 15, 59, 59, 999);
    const fresh = (await service.renew(bearer(await login())))?.token ?? '';
    const places = async (): Promise<number> => {
      const answer = await service.authenticate(bearer(fresh));
      return answer.ok ? (answer.caller.standsInFor ?? []).length : -1;
    };
    expect(await places()).toBe(1);
    now += 1;
    expect(await places()).toBe(0);
    expect(await reasonOf(service, token)).toBe('expired');

    const { view: { id }, key } = await service.keys.issue({ name: '12345 热线', organ: 'yz-water', roles: ['handler'], scopes: ['case.start'], expiresAt: now + 2_000 }, 'administrator', demoOrganTree());
    now += 1_999;
    expect(await reasonOf(service, { scheme: 'api-key', value: key })).toBe(`system:${id}`);
    now += 1;
    expect(await reasonOf(service, { scheme: 'api-key', value: key })).toBe('expired');
  });
});

describe('of many at once', () => {
  it('those who come when failures are forgotten get no more tries than one after the other', async () => {
    for (let n = 1; n <= 4; n += 1) await service.login('officer.x', 'wrong');
    now += 61 * MINUTE;
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.login('officer.x', 'wrong')));
    expect(answers.filter((answer) => !answer.ok && answer.reason === 'bad-credentials').length).toBeLessThanOrEqual(4);
    expect(await service.login('officer.x', first)).toMatchObject({ reason: 'locked' });
  });

  it('no two accounts are opened by one subject of the provider', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const opened = await Promise.allSettled(ids.map((id) => service.accounts.create({ ...officer, id }, { externalId: 'subject-1' })));
    const failures = opened.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    for (const failure of failures) expect(failure).toBeInstanceOf(UserExists);
    expect(await db.collection('users').countDocuments({ externalId: 'subject-1' })).toBe(ids.length - failures.length);
    expect(ids.length - failures.length).toBeLessThanOrEqual(1);
  });

  it('no two delegations are one: ending it leaves no other by which the deputy goes on', async () => {
    const wish = { principal: 'head.y', deputy: 'officer.x', from: '2026-09-25', until: '2026-09-30', reason: '外出' };
    const given = await Promise.allSettled(Array.from({ length: 5 }, () => service.delegations.create(wish, 'head.y')));
    const failures = given.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    for (const failure of failures) expect(failure).toBeInstanceOf(DelegationRefused);
    expect(await db.collection('delegations').countDocuments()).toBe(given.length - failures.length);
    expect(given.length - failures.length).toBeLessThanOrEqual(1);
  });
});
