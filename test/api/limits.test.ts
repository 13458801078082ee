import { TestSystem } from '../support/system';

let system: TestSystem;
beforeAll(async () => { system = await TestSystem.start({ limits: { perMinute: 5, signInsPerMinute: 4 } }); }, 120_000);
afterAll(async () => { await system.stop(); });

describe('rate limits', () => {
  it('count each identity by itself and say when to come back', async () => {
    for (let count = 0; count < 5; count++) expect((await system.raw('handler', 'GET', '/v1/me')).status).toBe(200);
    const refused = await system.raw('handler', 'GET', '/v1/me');
    expect(refused).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(refused.type).toMatch(/^application\/problem\+json/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await system.raw('department', 'GET', '/v1/me')).status).toBe(200);
  });
  it('slow down guessing of passwords', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++) statuses.push((await system.send(null, 'POST', '/v1/sessions', { username: 'leader', password: 'guess' })).status);
    expect(statuses).toEqual([401, 401, 429, 429, 429]);
  });
});
