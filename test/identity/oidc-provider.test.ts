import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import { IdentityService, type OidcOptions } from '../../api/identity';
import { demoOrganTree } from '../../policy/demo';
import { mongoForFile } from '../support/mongo-client';
import { bearer, cheap, keyring, reasonOf } from './identity';
import { OidcProvider } from './provider';

/** Tokens of a real provider (oidc-provider), fetched the way a console and a hotline fetch theirs. */
const tree = demoOrganTree();
const mongo = mongoForFile();
let db: Db;
let provider: OidcProvider;
let now: () => number;
let service: IdentityService;
let round = 0;

const make = (over: Partial<OidcOptions> = {}): IdentityService => new IdentityService({
  db, tree, keyring, tokenSecret: randomBytes(32).toString('base64'), demo: false, oidc: { issuer: provider.url, audience: 'wenze', ...over }, cacheMs: 0, cost: cheap, now: () => now(),
});
const claimsOf = (token: string): Record<string, unknown> => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
/** jose asks for new keys at most once in its cool-down and goes by the system's clock: that is moved, rather than waited for. */
async function afterCooldown<T>(work: () => Promise<T>): Promise<T> {
  const ahead = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10_000);
  try {
    return await work();
  } finally {
    ahead.mockRestore();
  }
}

beforeEach(async () => {
  round += 1;
  db = mongo.client.db(`provider_${round}`);
  now = Date.now;
  provider = await OidcProvider.start();
  service = make();
  await service.prepare();
});
afterEach(() => provider.stop());

it('an officer who signs in with authorization code and PKCE is let in, with the roles and the organ the provider tells', async () => {
  const { access_token: token } = await provider.signIn('sub-officer');
  expect(claimsOf(token)).toMatchObject({ iss: provider.url, aud: 'wenze', sub: 'sub-officer' });
  expect(await service.authenticate({ scheme: 'bearer', value: token })).toEqual({
    ok: true, caller: { id: 'sub-officer', kind: 'user', name: '甲', organ: 'yz-complaints', roles: ['handler', 'reviewer'], staffId: 'S7' },
  });
});

it('a system with client credentials is let in by its own token', async () => {
  expect(await reasonOf(service, bearer((await provider.machineToken()).access_token))).toBe('hotline');
});

it('somebody the provider knows and this city does not is refused, until there is an account for the subject', async () => {
  const { access_token: token } = await provider.signIn('sub-plain');
  expect(await reasonOf(service, bearer(token))).toBe('invalid');
  await service.users.create({ id: 'officer.x', name: '丙', roles: ['department'], organ: 'yz-water', staffId: null }, { externalId: 'sub-plain' });
  expect(await reasonOf(service, bearer(token))).toBe('officer.x');
});

it('a token for another audience of the same provider, and the ID token of the same sign-in, open nothing', async () => {
  expect(await reasonOf(service, bearer((await provider.machineToken('urn:another:api')).access_token))).toBe('invalid');
  const { access_token: good, id_token: idToken = '' } = await provider.signIn('sub-officer');
  expect(claimsOf(idToken)).toMatchObject({ sub: 'sub-officer', aud: 'console' });
  expect([await reasonOf(service, bearer(idToken)), await reasonOf(service, bearer(good))]).toEqual(['invalid', 'sub-officer']);
});

it('a token of another provider opens nothing, though everything else in it is the same', async () => {
  const other = await OidcProvider.start();
  try {
    const { access_token: token } = await other.signIn('sub-officer');
    expect(await reasonOf(service, bearer(token))).toBe('invalid');
    expect(await reasonOf(make({ issuer: other.url }), bearer(token))).toBe('sub-officer');
  } finally {
    await other.stop();
  }
});

it('a token is good until it expires and 30 seconds of a clock that is off, no longer', async () => {
  const { access_token: token } = await provider.machineToken();
  const end = Number(claimsOf(token)['exp']) * 1_000;
  now = () => end + 29_000;
  expect(await reasonOf(service, bearer(token))).toBe('hotline');
  now = () => end + 31_000;
  expect(await reasonOf(service, bearer(token))).toBe('expired');
});

it('nobody signs with what is public: HS256 under the public key in any form, no algorithm, a key of one’s own, a key that travels in the token', async () => {
  const { SignJWT, importJWK, exportSPKI, exportJWK, generateKeyPair, base64url } = await import('jose');
  await provider.rotate('rsa', { alg: 'RS256' });
  const good = (await provider.machineToken()).access_token;
  expect(await reasonOf(service, bearer(good))).toBe('hotline');
  const claims = claimsOf(good);
  const [jwk = {}] = await provider.publicKeys();
  const pem = await exportSPKI(await importJWK(jwk, 'RS256', { extractable: true }) as Parameters<typeof exportSPKI>[0]);
  const own = await generateKeyPair('RS256', { extractable: true });
  const [, payload = '', signature = ''] = good.split('.');
  const head = (header: object): string => base64url.encode(JSON.stringify(header));
  const forged = [
    await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'rsa' }).sign(new TextEncoder().encode(pem)),
    await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'rsa' }).sign(new TextEncoder().encode(JSON.stringify(jwk))),
    await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'rsa' }).sign(own.privateKey),
    await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(own.publicKey) }).sign(own.privateKey),
    `${head({ alg: 'none' })}.${payload}.`, `${head({ alg: 'none', kid: 'rsa' })}.${payload}.${signature}`, `${head({ alg: 'NONE', kid: 'rsa' })}.${payload}.`,
    `${head({ alg: 'RS256', kid: 'rsa' })}.${base64url.encode(JSON.stringify({ ...claims, wenze_roles: ['leader'] }))}.${signature}`,
  ];
  for (const token of forged) expect(await reasonOf(service, bearer(token))).toBe('invalid');
});

it('a key nobody published is refused, also after the keys were asked for again, and those in use go on', async () => {
  const { SignJWT, generateKeyPair } = await import('jose');
  const { privateKey } = await generateKeyPair('ES256');
  const claims = claimsOf((await provider.machineToken()).access_token);
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'nobodys' }).sign(privateKey);
  expect(await reasonOf(service, bearer(token))).toBe('invalid');
  expect(await afterCooldown(() => reasonOf(service, bearer(token)))).toBe('invalid');
  expect(await reasonOf(service, bearer((await provider.machineToken()).access_token))).toBe('hotline');
});

it('keys are rotated under a running service: first the old one stays published, then it is gone and what it signed with it', async () => {
  const before = (await provider.machineToken()).access_token;
  expect(await reasonOf(service, bearer(before))).toBe('hotline');
  await provider.rotate('second', { keep: true });
  const after = (await provider.machineToken()).access_token;
  expect(await afterCooldown(() => reasonOf(service, bearer(after)))).toBe('hotline');
  expect(await reasonOf(service, bearer(before))).toBe('hotline');
  await provider.rotate('third');
  const last = (await provider.machineToken()).access_token;
  const fresh = make();
  expect([await reasonOf(fresh, bearer(last)), await reasonOf(fresh, bearer(after)), await reasonOf(fresh, bearer(before))]).toEqual(['hotline', 'invalid', 'invalid']);
});

describe('claims by configuration', () => {
  const claims = {
    roles: 'realm.groups', organ: 'https://city.example/unit', staffId: 'employeeNumber',
    roleOf: { '12345-承办': 'handler', '12345-审核': 'reviewer' }, organOf: { '330199-07': 'yz-complaints' },
  } as const;

  it('the city’s own groups and units become roles and organs; groups that mean nothing here count for nothing', async () => {
    const mapped = make({ claims });
    const { access_token: token } = await provider.signIn('sub-officer');
    expect(await mapped.authenticate({ scheme: 'bearer', value: token })).toEqual({
      ok: true, caller: { id: 'sub-officer', kind: 'user', name: '甲', organ: 'yz-complaints', roles: ['handler', 'reviewer'], staffId: 'S7' },
    });
  });

  it('who is in none of the groups, or in a unit nobody mapped, is nobody', async () => {
    const visitor = (await provider.signIn('sub-visitor')).access_token;
    expect(await reasonOf(make({ claims }), bearer(visitor))).toBe('invalid');
    const officer = (await provider.signIn('sub-officer')).access_token;
    expect(await reasonOf(make({ claims: { ...claims, organOf: { other: 'yz-water' } } }), bearer(officer))).toBe('invalid');
    expect(await reasonOf(make({ claims: { ...claims, organOf: { '330199-07': 'yz-nowhere' } } }), bearer(officer))).toBe('invalid');
  });
});
