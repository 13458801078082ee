import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import { IdentityProviderAway, IdentityService, InsecureIssuer } from '../../api/identity';
import { demoOrganTree } from '../../policy/demo';
import { mongoForFile } from '../support/mongo-client';
import { bearer, cheap, keyring, reasonOf } from './identity';
import { LocalIssuer } from './issuer';

/** What a right provider never does, by a small issuer that does it; the rest is tried on a real one in oidc-provider.test.ts. */
const tree = demoOrganTree();
const mongo = mongoForFile();
let db: Db;
let issuer: LocalIssuer;
let service: IdentityService;
let round = 0;
const make = (url: string): IdentityService =>
  new IdentityService({ db, tree, keyring, tokenSecret: randomBytes(32).toString('base64'), demo: false, oidc: { issuer: url, audience: 'wenze' }, cacheMs: 0, cost: cheap });
const officer = { wenze_roles: ['handler', 'reviewer'], wenze_organ: 'yz-complaints', name: '甲', wenze_staff_id: 'S7' };

beforeEach(async () => {
  round += 1;
  db = mongo.client.db(`oidc_${round}`);
  issuer = await LocalIssuer.start();
  service = make(issuer.url);
  await service.prepare();
});
afterEach(() => issuer.stop());

it('a token that says neither opens the account known by its subject, and no other', async () => {
  expect(await reasonOf(service, bearer(await issuer.token()))).toBe('invalid');
  await service.users.create({ id: 'officer.x', name: '乙', roles: ['department'], organ: 'yz-water', staffId: null }, { externalId: 'subject-1' });
  expect(await reasonOf(service, bearer(await issuer.token()))).toBe('officer.x');
  expect(await reasonOf(service, bearer(await issuer.token({ claims: { sub: 'officer.x' } })))).toBe('invalid');
  await service.users.setDisabled('officer.x', true);
  expect(await reasonOf(service, bearer(await issuer.token()))).toBe('revoked');
});

it.each([
  ['no end', { exp: null }, 'invalid'],
  ['an unknown role', { claims: { ...officer, wenze_roles: ['handler', 'emperor'] } }, 'invalid'],
  ['an auditor who also handles', { claims: { ...officer, wenze_roles: ['handler', 'auditor'] } }, 'invalid'],
  ['an unknown organ', { claims: { ...officer, wenze_organ: 'yz-nowhere' } }, 'invalid'],
  ['roles but no organ', { claims: { ...officer, wenze_organ: undefined } }, 'invalid'],
  ['no subject', { claims: { ...officer, sub: undefined } }, 'invalid'],
  ['a subject that is a system’s', { claims: { ...officer, sub: 'system:hotline' } }, 'invalid'],
  ['a subject that is a stranger’s in the records', { claims: { ...officer, sub: 'anonymous:a1b2' } }, 'invalid'],
  ['a subject that is the operator’s in the records', { claims: { ...officer, sub: 'operator' } }, 'invalid'],
  ['a subject with a sign nobody sees', { claims: { ...officer, sub: 'subject\u200b-1' } }, 'invalid'],
  ['a subject that turns what is written', { claims: { ...officer, sub: 'subject\u202e-1' } }, 'invalid'],
])('a token with %s is refused', async (_, wish, reason) => {
  expect(await reasonOf(service, bearer(await issuer.token({ claims: officer })))).toBe('subject-1');
  expect(await reasonOf(service, bearer(await issuer.token({ claims: officer, ...wish })))).toBe(reason);
});

it('a token that claims to be one of ours is not, whoever signed it', async () => {
  expect(await reasonOf(service, bearer(await issuer.token({ claims: officer, issuer: 'wenze', audience: 'wenze-api' })))).toBe('invalid');
});

it('the roles of a token may be one text, with spaces between', async () => {
  const answer = await service.authenticate({ scheme: 'bearer', value: await issuer.token({ claims: { ...officer, wenze_roles: 'handler reviewer' } }) });
  expect(answer).toMatchObject({ ok: true, caller: { roles: ['handler', 'reviewer'] } });
});

it('keys are asked for once', async () => {
  const token = await issuer.token({ claims: officer });
  for (let n = 0; n < 5; n += 1) expect(await reasonOf(service, bearer(token))).toBe('subject-1');
  expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/jwks']);
});

it('a provider that is away refuses nobody: it is an error, and the next token asks again', async () => {
  const token = await issuer.token({ claims: officer });
  issuer.broken = true;
  await expect(reasonOf(service, bearer(token))).rejects.toThrow(IdentityProviderAway);
  issuer.broken = false;
  expect(await reasonOf(service, bearer(token))).toBe('subject-1');
});

it('a provider whose discovery names another issuer is not believed', async () => {
  issuer.namesItself = 'https://elsewhere.example';
  await expect(reasonOf(service, bearer(await issuer.token({ claims: officer })))).rejects.toThrow(IdentityProviderAway);
});

it('plain http to another machine is refused at the start', () => {
  expect(() => make('http://issuer.example')).toThrow(InsecureIssuer);
  expect(() => make('https://issuer.example')).not.toThrow();
});

it('with a provider, local passwords open nothing unless asked for', async () => {
  await service.users.create({ id: 'officer.x', name: '乙', roles: ['department'], organ: 'yz-water', staffId: null }, { password: 'first password given' });
  expect(await service.login('officer.x', 'first password given')).toEqual({ ok: false, reason: 'bad-credentials' });
  const both = new IdentityService({ db, tree, keyring, tokenSecret: randomBytes(32).toString('base64'), demo: false, oidc: { issuer: issuer.url, audience: 'wenze' }, localLogin: true });
  expect((await both.login('officer.x', 'first password given')).ok).toBe(true);
});
