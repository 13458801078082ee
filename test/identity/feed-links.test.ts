/** Links of calendars: whose they are, and when they end. */
import { randomBytes } from 'node:crypto';
import { IdentityService } from '../../api/identity';
import type { Caller } from '../../api/access-port';
import { demoOrganTree } from '../../policy/demo';
import { mongoForFile } from '../support/mongo-client';
import { cheap, keyring } from './identity';

const DAY = 86_400_000;
const officer: Caller = { id: 'officer.x', kind: 'user', name: '甲', organ: 'yz-water', roles: ['department'], staffId: 'S1' };
const mongo = mongoForFile();
let service: IdentityService;
let now = Date.UTC(2026, 8, 25, 2);
let round = 0;

beforeEach(async () => {
  service = new IdentityService({ db: mongo.client.db(`feeds_${round += 1}`), tree: demoOrganTree(), keyring, tokenSecret: randomBytes(32).toString('base64'), demo: false, cost: cheap, cacheMs: 0, now: () => now });
  await service.prepare();
  await service.users.create({ id: officer.id, name: officer.name, organ: officer.organ, roles: [...officer.roles], staffId: 'S1' }, { password: 'first password given' });
});

async function open(caller: Caller, calendar = 'inbox'): Promise<string> {
  const link = await service.openFeed(caller, calendar);
  if (link === undefined) throw new Error('no link was made');
  return link.token;
}
async function read(token: string, calendar = 'inbox'): Promise<string> {
  const answer = await service.authenticate({ scheme: 'feed-link', value: token, calendar });
  return answer.ok ? `${answer.caller.id} of ${answer.caller.organ}` : answer.reason;
}

test('a link is its user’s, for its one calendar', async () => {
  const token = await open(officer);
  expect(await read(token)).toBe('officer.x of yz-water');
  expect(await read(token, 'JT-2026-000001')).toBe('invalid');
  expect(await service.authenticate({ scheme: 'bearer', value: token })).toMatchObject({ ok: false });
  expect(await service.authenticate({ scheme: 'api-key', value: token })).toMatchObject({ ok: false });
});
test('the rights are those of the account as it is now, and none when it is closed', async () => {
  const token = await open(officer);
  await mongo.client.db(`feeds_${round}`).collection<{ _id: string }>('users').updateOne({ _id: officer.id }, { $set: { organ: 'yz-transport' } });
  expect(await read(token)).toBe('officer.x of yz-transport');
  await mongo.client.db(`feeds_${round}`).collection<{ _id: string }>('users').updateOne({ _id: officer.id }, { $set: { disabled: true } });
  expect(await read(token)).toBe('revoked');
});
test('a changed password ends every link', async () => {
  const [inbox, ofCase] = [await open(officer), await open(officer, 'JT-2026-000001')];
  expect(await service.changePassword(officer, 'first password given', 'a password of my own')).toBe(true);
  expect([await read(inbox), await read(ofCase, 'JT-2026-000001')]).toEqual(['invalid', 'invalid']);
});
test('of an account it lasts 400 days', async () => {
  const token = await open(officer);
  const begun = now;
  now = begun + 400 * DAY - 1;
  expect(await read(token)).toBe('officer.x of yz-water');
  now = begun + 400 * DAY;
  expect(await read(token)).toBe('expired');
});
test('of somebody only a provider knows it lasts 30 days, with what the provider said', async () => {
  const token = await open({ ...officer, id: 'provider.y', organ: 'yz-transport' });
  const begun = now;
  expect(await read(token)).toBe('provider.y of yz-transport');
  now = begun + 30 * DAY;
  expect(await read(token)).toBe('expired');
});
test('a name that the provider and an account share stays with what the provider said', async () => {
  expect(await read(await open({ ...officer, organ: 'yz-transport' }))).toBe('officer.x of yz-transport');
});
test('a system gets none', async () => {
  expect(await service.openFeed({ id: 'system:1', kind: 'system', name: 'S', organ: 'yz-water', roles: ['handler'] }, 'inbox')).toBeUndefined();
});
