import { TestSystem } from '../support/system';

let system: TestSystem;
beforeAll(async () => { system = await TestSystem.start({ limits: { perMinute: 5, signInsPerMinute: 4 }, trustedProxies: ['10.0.0.0/8'] }); }, 120_000);
afterAll(async () => { await system.stop(); });

/** What the audit holds of requests with this id. */
const audited = (requestId: string) => system.store.audit.entries.findOne({ requestId });

describe('rate limits', () => {
  it('count each identity by itself, say when to come back, and stand in the audit', async () => {
    for (let count = 0; count < 5; count++) expect((await system.raw('handler', 'GET', '/v1/me')).status).toBe(200);
    const refused = await system.raw('handler', 'GET', '/v1/me', { headers: { 'x-request-id': 'once-too-often' } });
    expect(refused).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(refused.type).toMatch(/^application\/problem\+json/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await system.raw('department', 'GET', '/v1/me')).status).toBe(200);
    expect(await audited('once-too-often')).toMatchObject({ user: 'handler', action: 'readMe', outcome: 'refused', reason: 'too-many-requests' });
  });

  it('slow down guessing of passwords; the door tells the auditor who was tried, and of unknown names from which address', async () => {
    const statuses: number[] = [];
    const guess = async (username: string, id: string): Promise<void> => {
      statuses.push((await system.send(null, 'POST', '/v1/sessions', { username, password: 'guess' }, { 'x-request-id': id })).status);
    };
    await guess('leader', 'guess-of-leader');
    await guess('nobody', 'guess-of-nobody');
    await guess('leader', 'guess-too-many-1');
    await guess('leader', 'guess-too-many-2');
    expect(statuses).toEqual([401, 401, 429, 429]);
    expect(await audited('guess-of-leader')).toMatchObject({ user: 'leader', action: 'session.login-refused', kind: 'session', outcome: 'refused', reason: 'bad-credentials' });
    expect(await audited('guess-of-nobody')).toMatchObject({ user: expect.stringMatching(/^anonymous:[\w-]{8}$/) as unknown, action: 'session.open', kind: 'session', outcome: 'refused', reason: 'bad-credentials' });
    expect(await audited('guess-too-many-1')).toMatchObject({ action: 'session.open', reason: 'too-many-requests' });
    expect(await audited('guess-too-many-2')).toBeNull();
    await system.door.flush();
    expect(await audited('guess-too-many-2')).toMatchObject({ action: 'session.open', reason: 'too-many-requests ×1' });
  });

  it('stop who guesses tokens, whatever it says of its address, keep the count in the audit, and hold up nobody else at that address', async () => {
    const guess = (index: number) => system.raw(null, 'GET', '/v1/cases', { headers: { authorization: `Bearer guess-${index}`, 'x-forwarded-for': `203.0.113.${index}`, 'x-request-id': `token-guess-${index}` } });
    const statuses: number[] = [];
    for (let index = 1; index <= 8; index += 1) statuses.push((await guess(index)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    await system.door.flush();
    const [first, rest] = [await audited('token-guess-1'), await audited('token-guess-5')];
    expect(first).toMatchObject({ action: 'case.list', kind: 'read', outcome: 'refused', reason: 'not-signed-in' });
    expect(rest).toMatchObject({ user: first?.user, reason: 'not-signed-in ×4' });
    expect(await audited('token-guess-8')).toMatchObject({ user: first?.user, reason: 'too-many-requests ×2' });
    expect((await system.raw('department', 'GET', '/v1/me')).status).toBe(200);
    // Nothing of the address itself, nor of the guess.
    expect(JSON.stringify(await system.store.audit.entries.find().toArray())).not.toMatch(/127\.0\.0\.1|203\.0\.113|Bearer/);
  });

  it('log-in, log-out and a changed password are one entry each', async () => {
    const entries = await system.store.audit.entries.find({ user: 'handler', kind: 'session' }).toArray();
    expect(entries.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(['session.open allowed']);
    await system.raw('department', 'DELETE', '/v1/sessions/current', { headers: { 'x-request-id': 'good-bye-now' } });
    const bye = await system.store.audit.entries.find({ requestId: 'good-bye-now' }).toArray();
    expect(bye.map(({ user, action, outcome }) => `${user} ${action} ${outcome}`)).toEqual(['department session.logout allowed']);
  });
});
