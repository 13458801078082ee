import { WenzeClient, type CallInput } from '../../client';
import type { Contract } from '../../api/contract';
import { complaint } from '../support/intakes';
import { TestSystem, type RawAnswer } from '../support/system';

let system: TestSystem;
beforeAll(async () => { system = await TestSystem.start(); }, 120_000);
afterAll(async () => { await system.stop(); });

type Wish = CallInput<Contract['createApiKey']>['body'];
const wanted: Wish = { name: '12345 热线', organ: 'yz-complaints', roles: ['handler'], scopes: ['case.start', 'case.list', 'case.read', 'action.note'] };
const make = async (over: Partial<Wish> = {}): Promise<{ id: string; key: string; client: WenzeClient }> => {
  const { status, body, headers } = await (await system.as('administrator')).call('createApiKey', { body: { ...wanted, ...over } });
  expect([status, headers.get('location'), headers.get('cache-control')]).toEqual([201, `/v1/api-keys/${body.apiKey.id}`, 'no-store']);
  return { id: body.apiKey.id, key: body.key, client: new WenzeClient({ baseUrl: system.url, apiKey: body.key }) };
};
const ask = (key: string, method: string, path: string, body?: unknown): Promise<RawAnswer> =>
  (body === undefined ? system.raw(null, method, path, { headers: { 'x-api-key': key } }) : system.send(null, method, path, body, { 'x-api-key': key }));
const revoke = (id: string, by = 'administrator'): Promise<RawAnswer> => system.raw(by, 'DELETE', `/v1/api-keys/${id}`);
const listed = async (id: string): Promise<unknown> => (await (await system.as('administrator')).call('listApiKeys', { query: { limit: 100 } })).body.items.find((each) => each.id === id);
const audited = (filter: object): Promise<{ user: string; action: string; outcome: string; reason: string | null }[]> =>
  system.store.connection.db.collection<{ user: string; action: string; outcome: string; reason: string | null }>('audit').find(filter, { projection: { _id: 0, user: 1, action: 1, outcome: 1, reason: 1 } }).sort({ seq: 1 }).toArray();

describe('a key', () => {
  it('is made, opens what it is for and no more, and nothing from the moment it is revoked', async () => {
    const { id, key, client } = await make();
    const caseNumber = await client.startCase('complaint', complaint);
    expect((await client.getCase(caseNumber)).caseNumber).toBe(caseNumber);
    await client.act(caseNumber, 'note', { text: '热线回访' });
    const { body: events } = await client.call('listEvents', { params: { caseNumber } });
    expect(events.items.find((each) => each.kind === 'case-opened')?.by).toMatchObject({ kind: 'system', id: `system:${id}`, organ: 'yz-complaints' });
    expect((await ask(key, 'GET', '/v1/cases')).body['items']).toEqual(expect.arrayContaining([expect.objectContaining({ caseNumber })]));
    // The role would have these, the key was not given for them.
    expect(await ask(key, 'GET', '/v1/inbox')).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    expect(await ask(key, 'POST', `/v1/cases/${caseNumber}/actions/withdraw`, { reasons: '撤回' })).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    expect(await ask(key, 'GET', `/v1/cases/${caseNumber}?unmask=true`)).toMatchObject({ status: 403 });

    expect(await listed(id)).toMatchObject({ state: 'active', createdBy: 'administrator', expiresAt: null, revokedAt: null, lastUsedAt: expect.stringMatching(/^\d{4}-/) as string });
    expect(await revoke(id)).toMatchObject({ status: 200, body: { id, state: 'revoked', revokedBy: 'administrator' } });
    expect(await ask(key, 'GET', `/v1/cases/${caseNumber}`)).toMatchObject({ status: 401, body: { code: 'not-signed-in' } });
    expect(await listed(id)).toMatchObject({ state: 'revoked', revokedBy: 'administrator' });

    const again = await revoke(id);
    expect(again).toMatchObject({ status: 200, body: { state: 'revoked' } });
    expect(await revoke('000000000000')).toMatchObject({ status: 404, body: { code: 'unknown-key' } });
    expect(await audited({ reason: id })).toEqual([
      { user: 'administrator', action: 'key.create', outcome: 'allowed', reason: id }, { user: 'administrator', action: 'key.revoke', outcome: 'allowed', reason: id },
    ]);
    expect(await audited({ action: 'key.manage', outcome: 'refused', reason: 'unknown-key' })).toHaveLength(1);
    expect((await audited({ user: `system:${id}`, outcome: 'refused' })).map((each) => each.action)).toEqual(expect.arrayContaining(['readInbox', 'action.withdraw']));
  });

  it('makes and ends no key, and none makes one that does', async () => {
    const { id, key } = await make({ roles: ['supervisor', 'leader'], scopes: ['case.*', 'action.*', 'document.*'] });
    expect((await ask(key, 'GET', '/v1/me')).status).toBe(200);
    expect(await ask(key, 'POST', '/v1/api-keys', wanted)).toMatchObject({ status: 403 });
    expect(await ask(key, 'GET', '/v1/api-keys')).toMatchObject({ status: 403 });
    expect(await ask(key, 'DELETE', `/v1/api-keys/${id}`)).toMatchObject({ status: 403 });
    expect(await ask(key, 'POST', '/v1/delegations', { principal: 'leader.water', deputy: 'department', from: '2099-01-01', until: '2099-01-02', reason: '外出' })).toMatchObject({ status: 403 });
    // Nor one that somebody wrote into the database.
    await system.store.connection.db.collection<{ _id: string }>('api_keys').updateOne({ _id: id }, { $set: { roles: ['administrator'], scopes: ['key.manage'] } });
    const { key: other, id: otherId } = await make();
    await system.store.connection.db.collection<{ _id: string }>('api_keys').updateOne({ _id: otherId }, { $set: { roles: ['administrator'], scopes: ['key.manage'] } });
    expect(await ask(other, 'POST', '/v1/api-keys', wanted)).toMatchObject({ status: 403 });
  });

  it.each<[string, object, string]>([
    ['an administrator’s', { roles: ['administrator'] }, 'roles.0'], ['an auditor’s', { roles: ['auditor'] }, 'roles.0'], ['a citizen’s', { roles: ['complainant'] }, 'roles.0'],
    ['one that makes keys', { scopes: ['case.read', 'key.manage'] }, 'scopes.1'], ['one for everything', { scopes: ['*'] }, 'scopes.0'], ['one for nothing', { scopes: [] }, 'scopes'],
    ['one of an organ that is not there', { organ: 'nowhere' }, 'organ'], ['one that has ended', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'], ['one that ended before all clocks', { expiresAt: '0961-02-11T03:58:52.546610Z' }, 'expiresAt'],
    ['one that ends on no day', { expiresAt: '2030-02-30T00:00:00Z' }, 'expiresAt'],
    ['one without a name', { name: '' }, 'name'], ['one with a secret of its own', { key: 'x' }, ''],
  ])('is not made: %s', async (_, over, path) => {
    const answer = await system.send('administrator', 'POST', '/v1/api-keys', { ...wanted, ...over });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-fields' } });
    expect((answer.body['errors'] as { path: string }[]).map((each) => each.path)).toContain(path);
  });

  it('is made by an administrator alone', async () => {
    const { id } = await make();
    for (const user of ['handler', 'supervisor', 'leader', 'auditor', 'complainant']) {
      expect([user, (await system.send(user, 'POST', '/v1/api-keys', wanted)).status, (await system.raw(user, 'GET', '/v1/api-keys')).status, (await revoke(id, user)).status]).toEqual([user, 403, 403, 403]);
    }
    expect(await listed(id)).toMatchObject({ state: 'active' });
  });

  it('is listed page by page, newest first', async () => {
    const ids = [(await make()).id, (await make()).id, (await make()).id];
    const administrator = await system.as('administrator');
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const { body } = await administrator.call('listApiKeys', { query: { limit: 2, cursor } });
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map((each) => each.id));
      if (body.next === null) break;
      cursor = body.next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(ids));
  });

  it('lies nowhere in the clear: not in the database, the log, nor any answer after the first', async () => {
    const { id, key } = await make({ expiresAt: '2099-12-31T16:00:00Z' });
    expect((await ask(key, 'GET', '/v1/cases')).status).toBe(200);
    const answers = [JSON.stringify(await listed(id)), (await revoke(id)).text, (await ask(key, 'GET', '/v1/cases')).text];
    const { db } = system.store.connection;
    const rows = await Promise.all((await db.listCollections().toArray()).map(async ({ name }) => JSON.stringify(await db.collection(name).find().toArray())));
    const everything = [...answers, ...rows, ...system.logLines].join('\n');
    // The search sees what is there.
    expect(everything).toContain(id);
    expect(everything).not.toContain(key.slice('wz_'.length + id.length + 1));
  });
});
