import { randomBytes } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { DelegationRefused, DemoRefused, IdentityService, seedDemoUsers, UserExists, type IdentityEvent } from '../../api/identity';
import type { Credential } from '../../api/access-port';
import { civilDateAt } from '../../domain/civil-date';
import { demoOrganTree, demoUsers } from '../../policy/demo';
import { mongoForFile } from '../support/mongo-client';
import { bearer, cheap, keyring, reasonOf } from './identity';

const tree = demoOrganTree();
const tokenSecret = randomBytes(32).toString('base64');
const MINUTE = 60_000;
const mongo = mongoForFile();
let db: Db;
let now: number;
let events: IdentityEvent[];
let service: IdentityService;
const make = (over: Partial<ConstructorParameters<typeof IdentityService>[0]> = {}): IdentityService => new IdentityService({
  db, tree, keyring, tokenSecret, demo: true, now: () => now, cost: cheap,
  audit: (event) => {
    events.push(event);
    return Promise.resolve();
  },
  ...over,
});
const officer = { id: 'officer.x', name: '甲', roles: ['department' as const], organ: 'yz-water', staffId: 'S1' };
const firstPassword = 'first password given';
const ownPassword = 'a password of my own';
const login = async (who: string, password: string): Promise<string> => {
  const answer = await service.login(who, password);
  if (!answer.ok) throw new Error(`log-in refused: ${answer.reason}`);
  return answer.session.token;
};

let round = 0;
beforeEach(async () => {
  round += 1;
  db = mongo.client.db(`identity_${round}`);
  now = Date.UTC(2026, 8, 25, 2);
  events = [];
  service = make();
  await service.prepare();
  await service.prepare();
});

describe('demonstration accounts', () => {
  it('log in with the known password, once each role, however often they are seeded', async () => {
    expect(await seedDemoUsers(service.users, tree, { demo: true, nodeEnv: 'development' })).toBe(demoUsers(tree).length);
    expect(await seedDemoUsers(service.users, tree, { demo: true, nodeEnv: 'development' })).toBe(0);
    const answer = await service.login('handler', 'wenze-demo');
    expect(answer).toMatchObject({ ok: true, session: { expiresAt: now + 120 * MINUTE, caller: { id: 'handler', kind: 'user', organ: 'yz-complaints', roles: ['handler'] } } });
    expect(answer.ok && 'mustChangePassword' in answer.session.caller).toBe(false);
  });

  it('are refused in production and without demo mode, and good for nothing when demo mode ends', async () => {
    await expect(seedDemoUsers(service.users, tree, { demo: true, nodeEnv: 'production' })).rejects.toThrow(DemoRefused);
    await expect(seedDemoUsers(service.users, tree, { demo: false, nodeEnv: 'development' })).rejects.toThrow(DemoRefused);
    await seedDemoUsers(service.users, tree, { demo: true, nodeEnv: 'development' });
    const token = await login('leader', 'wenze-demo');
    const real = make({ demo: false });
    expect(await real.login('leader', 'wenze-demo')).toEqual({ ok: false, reason: 'bad-credentials' });
    expect(await reasonOf(real, bearer(token))).toBe('revoked');
    expect(await reasonOf(service, bearer(token))).toBe('leader');
  });

  it('keep their password', async () => {
    await seedDemoUsers(service.users, tree, { demo: true, nodeEnv: 'test' });
    const caller = { id: 'handler', kind: 'user' as const, name: '', organ: 'yz-complaints', roles: ['handler' as const] };
    expect(await service.changePassword(caller, 'wenze-demo', ownPassword)).toBe(false);
    expect(await login('handler', 'wenze-demo')).toMatch(/^ey/);
  });
});

describe('local accounts', () => {
  beforeEach(() => service.users.create(officer, { password: firstPassword }));

  it('the first log-in is told to change the password; the change ends every session', async () => {
    const token = await login('officer.x', firstPassword);
    const answer = await service.authenticate(bearer(token));
    expect(answer).toMatchObject({ ok: true, caller: { mustChangePassword: true, staffId: 'S1' } });
    if (!answer.ok) throw new Error('not accepted');
    expect(await service.changePassword(answer.caller, 'wrong password here', ownPassword)).toBe(false);
    expect(await service.changePassword(answer.caller, firstPassword, 'short')).toBe(false);
    expect(await service.changePassword(answer.caller, firstPassword, firstPassword)).toBe(false);
    expect(await service.changePassword(answer.caller, firstPassword, ownPassword)).toBe(true);
    expect(await reasonOf(service, bearer(token))).toBe('revoked');
    expect((await service.login('officer.x', firstPassword)).ok).toBe(false);
    const changed = await service.login('officer.x', ownPassword);
    expect(changed.ok && changed.session.caller.mustChangePassword).toBeFalsy();
    expect(events.map((event) => event.kind)).toEqual(['login', 'password-change-refused', 'password-changed', 'login-refused', 'login']);
  });

  it('five wrong passwords lock the name for 15 minutes, the right one included, and not a minute longer', async () => {
    for (let n = 1; n <= 4; n += 1) expect(await service.login('officer.x', 'wrong')).toEqual({ ok: false, reason: 'bad-credentials' });
    expect(await service.login('officer.x', 'wrong')).toEqual({ ok: false, reason: 'locked', retryAfterSeconds: 900 });
    now += 15 * MINUTE - 1_000;
    expect(await service.login('OFFICER.x', firstPassword)).toEqual({ ok: false, reason: 'locked', retryAfterSeconds: 1 });
    now += 1_000;
    expect((await service.login('officer.x', firstPassword)).ok).toBe(true);
    expect(events.filter((event) => event.kind === 'login-locked').map((event) => event.user)).toEqual(['officer.x', undefined]);
  });

  it('a name nobody has is answered and locked in the same way', async () => {
    const answers = [];
    for (let n = 1; n <= 6; n += 1) answers.push(await service.login('nobody', 'wrong'));
    expect(answers.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => ({ ok: false, reason: 'bad-credentials' })));
    expect(answers.slice(4)).toEqual(Array.from({ length: 2 }, () => ({ ok: false, reason: 'locked', retryAfterSeconds: 900 })));
    expect(JSON.stringify(await db.collection('login_attempts').find().toArray())).not.toContain('nobody');
  });

  it('a success forgets the failures before it, and an hour does too', async () => {
    for (let n = 1; n <= 4; n += 1) await service.login('officer.x', 'wrong');
    await login('officer.x', firstPassword);
    for (let n = 1; n <= 4; n += 1) expect(await service.login('officer.x', 'wrong')).toMatchObject({ reason: 'bad-credentials' });
    now += 61 * MINUTE;
    expect(await service.login('officer.x', 'wrong')).toMatchObject({ reason: 'bad-credentials' });
  });

  it('twenty at once get no more tries than one after the other', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.login('officer.x', 'wrong')));
    expect(answers.filter((answer) => !answer.ok && answer.reason === 'bad-credentials').length).toBeLessThanOrEqual(4);
    expect(await service.login('officer.x', firstPassword)).toMatchObject({ reason: 'locked' });
  }, 30_000);

  it('an account is opened once, in an organ that is there, with its password hashed', async () => {
    await expect(service.users.create(officer, { password: ownPassword })).rejects.toThrow(UserExists);
    await expect(service.users.create({ ...officer, id: 'officer.y', organ: 'yz-nowhere' })).rejects.toThrow(/yz-nowhere/);
    await expect(service.users.create({ ...officer, id: 'officer.y', roles: ['auditor', 'handler'] })).rejects.toThrow(/no other role/);
    const stored = await service.users.find('officer.x');
    expect(stored?.password).toMatch(/^scrypt\$8\$8\$1\$/);
    expect(JSON.stringify(stored)).not.toContain(firstPassword);
  });

  it('a closed account is out within the cache time', async () => {
    const token = await login('officer.x', firstPassword);
    expect(await reasonOf(service, bearer(token))).toBe('officer.x');
    await service.users.setDisabled('officer.x', true);
    now += 5_001;
    expect(await reasonOf(service, bearer(token))).toBe('revoked');
    expect(await service.login('officer.x', firstPassword)).toEqual({ ok: false, reason: 'bad-credentials' });
  });
});

describe('sessions', () => {
  beforeEach(() => service.users.create(officer, { password: firstPassword }));

  it('a token is good for two hours, renewed while its session lives, twelve hours at most', async () => {
    const begun = now;
    let token = await login('officer.x', firstPassword);
    now += 119 * MINUTE;
    expect(await reasonOf(service, bearer(token))).toBe('officer.x');
    const first = token;
    for (let hour = 2; hour < 12; hour += 1) {
      const renewed = await service.renew(bearer(token));
      token = renewed?.token ?? '';
      now = begun + (hour * 60 + 59) * MINUTE;
      expect(await reasonOf(service, bearer(token))).toBe('officer.x');
    }
    expect(await reasonOf(service, bearer(first))).toBe('expired');
    expect((await service.renew(bearer(token)))?.expiresAt).toBe(begun + 12 * 60 * MINUTE);
    now = begun + 12 * 60 * MINUTE;
    expect(await service.renew(bearer(token))).toBeUndefined();
    expect(await reasonOf(service, bearer(token))).toBe('expired');
  });

  it('logging out ends this session and no other', async () => {
    const [one, two] = [await login('officer.x', firstPassword), await login('officer.x', firstPassword)];
    expect(await reasonOf(service, bearer(one))).toBe('officer.x');
    await service.logout(bearer(one));
    expect(await reasonOf(service, bearer(one))).toBe('revoked');
    expect(await reasonOf(service, bearer(two))).toBe('officer.x');
    expect(await service.renew(bearer(one))).toBeUndefined();
  });

  it('what is changed, unsigned, foreign or no token is refused', async () => {
    const token = await login('officer.x', firstPassword);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()) as object, sub: 'leader' })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const bad of [`${header}.${forged}.${signature}`, `${none}.${payload}.`, `${header}.${payload}.`, 'no token', 'a.b.c', token.slice(0, -2)]) {
      expect(await reasonOf(service, bearer(bad))).toBe('invalid');
    }
    expect(await reasonOf(service, bearer(''))).toBe('missing');
    expect(await reasonOf(make({ tokenSecret: randomBytes(32).toString('base64') }), bearer(token))).toBe('invalid');
    expect(await reasonOf(service, { scheme: 'api-key', value: token })).toBe('invalid');
  });

  it('a secret of the wrong length is refused at the start', () => {
    expect(() => make({ tokenSecret: Buffer.alloc(16).toString('base64') })).toThrow(/32 bytes/);
  });
});

describe('keys of systems', () => {
  const wanted = { name: '12345 热线', organ: 'yz-complaints', roles: ['handler' as const], scopes: ['case.start', 'action.*'] };
  type Wish = Parameters<typeof service.keys.issue>[0];
  const issue = async (over: Partial<Wish> = {}): Promise<{ id: string; credential: Credential; key: string }> => {
    const { view: { id }, key } = await service.keys.issue({ ...wanted, ...over }, 'administrator', tree);
    return { id, key, credential: { scheme: 'api-key', value: key } };
  };

  it('open with their scopes, are kept as a hash, and end when revoked, at once, or out of time', async () => {
    const { id, key, credential } = await issue({ expiresAt: now + 60 * MINUTE });
    expect(await service.authenticate(credential)).toEqual({ ok: true, caller: { id: `system:${id}`, kind: 'system', name: '12345 热线', organ: 'yz-complaints', roles: ['handler'], scopes: ['case.start', 'action.*'] } });
    expect(JSON.stringify(await db.collection('api_keys').find().toArray())).not.toContain(key.slice(16));
    expect(JSON.stringify([await service.keys.page({ limit: 100 }), await service.keys.find(id)])).not.toMatch(/hash|_id/);
    expect(await service.keys.revoke(id, 'administrator')).toBe(true);
    expect(await reasonOf(service, credential)).toBe('revoked');
    expect(await service.keys.revoke(id, 'another')).toBe(false);
    expect(await service.keys.find(id)).toMatchObject({ state: 'revoked', revokedAt: now, revokedBy: 'administrator' });
    const other = await issue({ expiresAt: now + MINUTE });
    now += MINUTE;
    expect(await reasonOf(service, other.credential)).toBe('expired');
    expect(await service.keys.find(other.id)).toMatchObject({ state: 'expired', revokedAt: null });
  });

  it('tell when they were used last, to the minute', async () => {
    const { id, credential } = await issue();
    const used = async (): Promise<number | null | undefined> => {
      await service.authenticate(credential);
      return (await service.keys.find(id))?.lastUsedAt;
    };
    expect((await service.keys.find(id))?.lastUsedAt).toBeNull();
    const first = now;
    expect(await used()).toBe(first);
    now += MINUTE - 1;
    expect(await used()).toBe(first);
    now += 5_001;
    expect(await used()).toBe(now);
    expect(await reasonOf(service, { scheme: 'api-key', value: `wz_${id}_${'A'.repeat(43)}` })).toBe('invalid');
  });

  it('one that is revoked in another process while it is read is refused within five seconds, and one that is read while it is revoked here is not remembered', async () => {
    const { id, credential } = await issue();
    const elsewhere = make();
    expect(await reasonOf(service, credential)).toBe(`system:${id}`);
    await elsewhere.keys.revoke(id, 'administrator');
    now += 5_000;
    expect(await reasonOf(service, credential)).toBe('revoked');

    const another = await issue();
    const read = jest.spyOn(service.keys, 'read').mockImplementationOnce(async (value) => {
      const reading = await service.keys.read(value);
      await service.keys.revoke(another.id, 'administrator');
      return reading;
    });
    expect(await reasonOf(service, another.credential)).toBe(`system:${another.id}`);
    expect(await reasonOf(service, another.credential)).toBe('revoked');
    read.mockRestore();
  });

  it('are listed page by page, newest first, each once', async () => {
    await db.collection('api_keys').deleteMany({});
    const ids: string[] = [];
    // Two in the same millisecond.
    for (const later of [0, 0, 1, 2, 3]) {
      now += later;
      ids.push((await issue()).id);
    }
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const { items, next } = await service.keys.page({ cursor, limit: 2 });
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map((each) => each.id));
      cursor = next;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(seen.slice(0, 3)).toEqual(ids.slice(2).reverse());
  });

  it('another secret under a known id is refused, and so is a key as a bearer token', async () => {
    const { id, key } = await issue();
    expect(await reasonOf(service, { scheme: 'api-key', value: `wz_${id}_${'A'.repeat(43)}` })).toBe('invalid');
    expect(await reasonOf(service, { scheme: 'api-key', value: `${key}x` })).toBe('invalid');
    expect(await reasonOf(service, bearer(key))).toBe('invalid');
  });

  it.each<[string, object]>([
    ['a scope that names no action', { scopes: ['everything'] }], ['no scope', { scopes: [] }], ['the whole world', { scopes: ['*'] }], ['an unknown organ', { organ: 'yz-nowhere' }],
    ['an end that is past', { expiresAt: 1 }], ['a role twice', { roles: ['handler', 'handler'] }], ['no role', { roles: [] }],
    ...['administrator', 'auditor', 'complainant'].map((role): [string, object] => [`the role of a person: ${role}`, { roles: [role] }]),
    ...['key.manage', 'user.manage', 'settings.change', 'webhook.manage', 'audit.read', 'history.unmask', 'delegation.read', 'delegation.change'].map((scope): [string, object] => [`what is for persons: ${scope}`, { scopes: [scope] }]),
  ])('are not made with %s', async (_, over) => {
    const before = await db.collection('api_keys').countDocuments();
    await expect(issue(over)).rejects.toThrow();
    expect(await db.collection('api_keys').countDocuments()).toBe(before);
  });
});

describe('standing in AB角', () => {
  const today = (): string => civilDateAt(now);
  const wish = (over: object = {}) => ({ principal: 'leader.water', deputy: 'department', from: '2026-09-25', until: '2026-09-27', reason: '外出培训', ...over });
  beforeEach(() => seedDemoUsers(service.users, tree, { demo: true, nodeEnv: 'test' }).then(() => undefined));
  const standsInFor = async (): Promise<string[]> => {
    const answer = await make({ cacheMs: 0 }).authenticate(bearer(await login('department', 'wenze-demo')));
    return answer.ok ? (answer.caller.standsInFor ?? []).map((each) => each.id) : [answer.reason];
  };

  it('holds from its first day to its last in Shanghai, and stays on record', async () => {
    await service.delegations.create(wish(), 'leader.water');
    now = Date.UTC(2026, 8, 24, 15, 59);
    expect([today(), await standsInFor()]).toEqual(['2026-09-24', []]);
    now = Date.UTC(2026, 8, 24, 16);
    expect([today(), await standsInFor()]).toEqual(['2026-09-25', ['leader.water']]);
    now = Date.UTC(2026, 8, 27, 15, 59);
    expect([today(), await standsInFor()]).toEqual(['2026-09-27', ['leader.water']]);
    now = Date.UTC(2026, 8, 27, 16);
    expect([today(), await standsInFor()]).toEqual(['2026-09-28', []]);
    expect((await service.delegations.page({ user: 'department' }, { limit: 10 })).items).toMatchObject([{ principal: 'leader.water', createdBy: 'leader.water', reason: '外出培训', revokedAt: null }]);
  });

  it('ends when revoked, with who did it, and when the other account is closed', async () => {
    const first = await service.delegations.create(wish(), 'leader.water');
    expect(await service.delegations.revoke(first._id, 'administrator')).toBe(true);
    expect(await service.delegations.revoke(first._id, 'administrator')).toBe(false);
    expect(await standsInFor()).toEqual([]);
    expect(await service.delegations.find(first._id)).toMatchObject({ revokedAt: now, revokedBy: 'administrator' });
    await service.delegations.create(wish(), 'leader.water');
    await service.users.setDisabled('leader.water', true);
    expect(await standsInFor()).toEqual([]);
  });

  it('of some roles only is a place with these roles, as far as they are still held', async () => {
    const both = { id: 'head.b', name: '乙', roles: ['leader' as const, 'approver' as const], organ: 'yz-water', staffId: 'S2' };
    await service.users.create(both, { password: firstPassword });
    const roles = async (): Promise<unknown> => (await service.delegations.standsInFor({ id: 'department', organ: 'yz-water' })).map((each) => each.roles);
    await service.delegations.create({ ...wish({ principal: both.id }), roles: ['approver'] }, both.id);
    expect(await roles()).toEqual([['approver']]);
    await expect(service.delegations.create(wish({ principal: both.id }), both.id)).rejects.toMatchObject({ code: 'overlaps', other: { roles: ['approver'] } });
    // Another role for other days of the same, and the two are one place.
    await service.delegations.create({ ...wish({ principal: both.id }), roles: ['leader'] }, both.id);
    expect(await roles()).toEqual([['leader', 'approver']]);
    await db.collection('users').updateOne({ _id: both.id as never }, { $set: { roles: ['leader'] } });
    expect(await roles()).toEqual([['leader']]);
    await db.collection('users').updateOne({ _id: both.id as never }, { $set: { roles: ['department'] } });
    expect(await roles()).toEqual([]);
  });

  it('touching periods are no overlap; the same day is', async () => {
    await service.delegations.create(wish(), 'leader.water');
    await expect(service.delegations.create(wish({ from: '2026-09-27', until: '2026-09-30' }), 'leader.water')).rejects.toMatchObject({ code: 'overlaps' });
    await service.delegations.create(wish({ from: '2026-09-28', until: '2026-09-30' }), 'leader.water');
    await service.delegations.create(wish({ deputy: 'department.water' }), 'leader.water');
  });

  it('an end is for what is still to run, and nobody\'s rights are remembered from before it', async () => {
    const remembering = make({ cacheMs: 60_000 });
    const credential = bearer(await login('department', 'wenze-demo'));
    const places = async (): Promise<number> => {
      const answer = await remembering.authenticate(credential);
      return answer.ok ? (answer.caller.standsInFor ?? []).length : -1;
    };
    expect(await places()).toBe(0);
    const { _id } = await remembering.delegations.create(wish(), 'leader.water');
    expect(await places()).toBe(1);
    expect(await remembering.delegations.revoke(_id, 'leader.water')).toBe(true);
    expect(await places()).toBe(0);
    const over = await remembering.delegations.create(wish(), 'leader.water');
    now = Date.UTC(2026, 8, 27, 16);
    expect(await remembering.delegations.revoke(over._id, 'leader.water')).toBe(false);
  });

  it('an account of the demonstration is nobody to stand in for once demo mode has ended', async () => {
    await service.users.create(officer, { password: firstPassword });
    await service.delegations.create(wish({ deputy: officer.id }), 'leader.water');
    expect(await service.delegations.standsInFor(officer)).toHaveLength(1);
    const real = make({ demo: false });
    expect(await real.delegations.standsInFor(officer)).toEqual([]);
    await expect(real.delegations.create(wish({ principal: officer.id }), officer.id)).rejects.toMatchObject({ code: 'unknown-deputy' });
  });

  it.each([
    ['to another organ', { deputy: 'department.transport' }, DelegationRefused],
    ['to nobody', { deputy: 'nobody' }, /no such officer/],
    ['of nobody', { principal: 'nobody' }, /no such officer/],
    ['for a day that is over', { from: '2026-09-24' }, /a day that is over/],
    ['of a role the principal does not hold', { roles: ['handler'] }, /does not hold/],
    ['of an auditor', { principal: 'auditor', deputy: 'referrer' }, DelegationRefused],
    ['to oneself', { deputy: 'leader.water' }, /oneself/],
    ['backwards', { until: '2026-09-24' }, /last day/],
    ['on a day that is none', { from: '2026-02-30' }, /ISO date/],
  ])('is refused %s', async (_, over, error) => {
    await expect(service.delegations.create(wish(over), 'leader.water')).rejects.toThrow(error);
  });

  it('is refused to whoever would put oneself in the place of another', async () => {
    await expect(service.delegations.create(wish(), 'department')).rejects.toMatchObject({ code: 'own-appointment' });
  });
});

it('throws, and refuses nobody, while MongoDB is away', async () => {
  const away = await MongoClient.connect(mongo.server.uri, { serverSelectionTimeoutMS: 300 });
  const blind = make({ db: away.db('identity_away') });
  await blind.users.create(officer, { password: firstPassword });
  await mongo.server.kill('SIGKILL');
  await expect(blind.login('officer.x', firstPassword)).rejects.toThrow();
  await mongo.server.restart();
  expect((await blind.login('officer.x', firstPassword)).ok).toBe(true);
  await away.close();
});
