import { TestSystem } from '../support/system';

let behind: TestSystem;
beforeAll(async () => { behind = await TestSystem.start({ limits: { perMinute: 1_000, signInsPerMinute: 2 }, trustedProxies: ['127.0.0.1'] }); }, 120_000);
afterAll(async () => { await behind.stop(); });

describe('behind a proxy of ours', () => {
  let names = 0;
  /** A log-in under a name of its own, so that only the address is counted. */
  const statusFrom = async (forwardedFor: string): Promise<number> =>
    (await behind.send(null, 'POST', '/v1/sessions', { username: `nobody${names += 1}`, password: 'guess' }, { 'x-forwarded-for': forwardedFor })).status;

  it('each caller counts by the address the proxy saw; what the caller wrote before it counts for nothing', async () => {
    expect([await statusFrom('203.0.113.1'), await statusFrom('198.51.100.9, 203.0.113.1'), await statusFrom('192.0.2.7, 203.0.113.1')]).toEqual([401, 401, 429]);
    expect(await statusFrom('203.0.113.2')).toBe(401);
  });

  it('of IPv6 the network counts, for one caller has all of it', async () => {
    expect([await statusFrom('2001:db8:1:2::1'), await statusFrom('2001:db8:1:2::2'), await statusFrom('2001:db8:1:2:ffff::3')]).toEqual([401, 401, 429]);
  });
});
