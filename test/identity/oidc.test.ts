import { randomBytes } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { IdentityProviderAway, IdentityService, InsecureIssuer } from '../../api/identity';
import { demoOrganTree } from '../../policy/demo';
import { startMongo, type MongoServer } from '../support/servers';
import { LocalIssuer } from './issuer';

const tree = demoOrganTree();
let mongo: MongoServer;
let client: MongoClient;
let db: Db;
let issuer: LocalIssuer;
let service: IdentityService;
let round = 0;
const make = (url: string): IdentityService =>
  new IdentityService({ db, tree, tokenSecret: randomBytes(32).toString('base64'), demo: false, oidc: { issuer: url, audience: 'wenze' }, cacheMs: 0, cost: { ln: 8, r: 8, p: 1 } });
const reasonOf = async (value: string): Promise<string> => {
  const answer = await service.authenticate({ scheme: 'bearer', value });
  return answer.ok ? answer.caller.id : answer.reason;
};
const officer = { wenze_roles: ['handler', 'reviewer'], wenze_organ: 'yz-complaints', name: '甲', wenze_staff_id: 'S7' };

beforeAll(async () => {
  mongo = await startMongo();
  client = await MongoClient.connect(mongo.uri);
});
afterAll(async () => {
  await client.close();
  await mongo.stop();
});
beforeEach(async () => {
  round += 1;
  db = client.db(`oidc_${round}`);
  issuer = await LocalIssuer.start();
  service = make(issuer.url);
  await service.prepare();
});
afterEach(() => issuer.stop());

it('a token that says roles and organ makes the caller', async () => {
  const token = await issuer.token({ claims: officer });
  expect(await service.authenticate({ scheme: 'bearer', value: token })).toEqual({
    ok: true, caller: { id: 'subject-1', kind: 'user', name: '甲', organ: 'yz-complaints', roles: ['handler', 'reviewer'], staffId: 'S7' },
  });
});

it('a token that says neither opens the account known by its subject, and no other', async () => {
  expect(await reasonOf(await issuer.token())).toBe('invalid');
  await service.users.create({ id: 'officer.x', name: '乙', roles: ['department'], organ: 'yz-water', staffId: null }, { externalId: 'subject-1' });
  expect(await reasonOf(await issuer.token())).toBe('officer.x');
  expect(await reasonOf(await issuer.token({ claims: { sub: 'officer.x' } }))).toBe('invalid');
  await service.users.setDisabled('officer.x', true);
  expect(await reasonOf(await issuer.token())).toBe('revoked');
});

it.each([
  ['another audience', { audience: 'another' }, 'invalid'],
  ['another issuer', { issuer: 'https://elsewhere.example' }, 'invalid'],
  ['no end', { exp: null }, 'invalid'],
  ['an end that is past', { exp: -60 }, 'expired'],
  ['an unknown role', { claims: { ...officer, wenze_roles: ['handler', 'emperor'] } }, 'invalid'],
  ['an auditor who also handles', { claims: { ...officer, wenze_roles: ['handler', 'auditor'] } }, 'invalid'],
  ['an unknown organ', { claims: { ...officer, wenze_organ: 'yz-nowhere' } }, 'invalid'],
  ['roles but no organ', { claims: { ...officer, wenze_organ: undefined } }, 'invalid'],
  ['no subject', { claims: { ...officer, sub: undefined } }, 'invalid'],
])('a token with %s is refused', async (_, wish, reason) => {
  expect(await reasonOf(await issuer.token({ claims: officer }))).toBe('subject-1');
  expect(await reasonOf(await issuer.token({ claims: officer, ...wish }))).toBe(reason);
});

it('a token signed with what is public, with nothing, or as one of ours is refused', async () => {
  const { SignJWT, base64url } = await import('jose');
  const jwk = new TextEncoder().encode(JSON.stringify(issuer.publicKey));
  const claims = { ...officer, sub: 'subject-1', iss: issuer.url, aud: 'wenze', exp: Math.floor(Date.now() / 1_000) + 300 };
  expect(await reasonOf(await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(jwk))).toBe('invalid');
  expect(await reasonOf(`${base64url.encode('{"alg":"none"}')}.${base64url.encode(JSON.stringify(claims))}.`)).toBe('invalid');
  expect(await reasonOf(await issuer.token({ claims: officer, issuer: 'wenze', audience: 'wenze-api' }))).toBe('invalid');
  const good = await issuer.token({ claims: officer });
  expect(await reasonOf(`${good.slice(0, -6)}${good.slice(-6) === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA'}`)).toBe('invalid');
});

it('keys are asked for once, and again when the provider has rotated them; the old ones are good no more', async () => {
  const old = await issuer.token({ claims: officer });
  for (let n = 0; n < 5; n += 1) expect(await reasonOf(old)).toBe('subject-1');
  expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/jwks']);
  await issuer.rotate('second');
  service = make(issuer.url);
  expect(await reasonOf(await issuer.token({ claims: officer }))).toBe('subject-1');
  expect(await reasonOf(old)).toBe('invalid');
});

it('a rotation reaches a running service', async () => {
  expect(await reasonOf(await issuer.token({ claims: officer }))).toBe('subject-1');
  await issuer.rotate('second');
  const token = await issuer.token({ claims: officer });
  // jose asks for new keys at most once in its cool-down; its clock is the system's, so it is moved rather than waited for.
  const ahead = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10_000);
  try {
    expect(await reasonOf(token)).toBe('subject-1');
  } finally {
    ahead.mockRestore();
  }
});

it('a provider that is away refuses nobody: it is an error, and the next token asks again', async () => {
  const token = await issuer.token({ claims: officer });
  issuer.broken = true;
  await expect(reasonOf(token)).rejects.toThrow(IdentityProviderAway);
  issuer.broken = false;
  expect(await reasonOf(token)).toBe('subject-1');
});

it('a provider whose discovery names another issuer is not believed', async () => {
  issuer.namesItself = 'https://elsewhere.example';
  await expect(reasonOf(await issuer.token({ claims: officer }))).rejects.toThrow(IdentityProviderAway);
});

it('plain http to another machine is refused at the start', () => {
  expect(() => make('http://issuer.example')).toThrow(InsecureIssuer);
  expect(() => make('https://issuer.example')).not.toThrow();
});

it('with a provider, local passwords open nothing unless asked for', async () => {
  await service.users.create({ id: 'officer.x', name: '乙', roles: ['department'], organ: 'yz-water', staffId: null }, { password: 'first password given' });
  expect(await service.login('officer.x', 'first password given')).toEqual({ ok: false, reason: 'bad-credentials' });
  const both = new IdentityService({ db, tree, tokenSecret: randomBytes(32).toString('base64'), demo: false, oidc: { issuer: issuer.url, audience: 'wenze' }, localLogin: true });
  expect((await both.login('officer.x', 'first password given')).ok).toBe(true);
});
