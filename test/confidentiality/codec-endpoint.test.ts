import { randomBytes } from 'node:crypto';
import { CodecCookie } from '../../api/codec/cookie';
import { openFor } from '../../api/codec/opening';
import { createAccess } from '../../api/identity';
import { Keyring } from '../../crypto/keyring';
import { caseDefinitions } from '../../domain/cases/registry';
import { demoOrganTree } from '../../policy/demo';
import { KeyringCodec } from '../../temporal/codec';
import { complaint, referral } from '../support/intakes';
import { TestSystem, type RawAnswer } from '../support/system';
import { encodingOf, payloadsOf, textOf, type WirePayload } from './histories';

const ui = 'http://127.0.0.1:18233';
let system: TestSystem;
let referralCase: string;
let complaintCase: string;
let histories: Record<'referral' | 'complaint', WirePayload[]>;

beforeAll(async () => {
  system = await TestSystem.start({ temporalUiUrl: `${ui}/` });
  referralCase = await (await system.as('referrer')).startCase('referral', { ...referral, persons: [{ ...referral.persons[0], name: '水务经办员乙', staffId: 'YZ1021' }] });
  complaintCase = await (await system.as('handler')).startCase('complaint', complaint);
  const of = (caseNumber: string): Promise<WirePayload[]> => payloadsOf(system.temporal.address, system.temporal.namespace, caseNumber);
  histories = { referral: await of(referralCase), complaint: await of(complaintCase) };
}, 120_000);
afterAll(async () => { await system.stop(); });

/** As the UI asks: a page of its origin, the cookie sent along. */
const decode = (payloads: unknown, headers: Record<string, string>, user: string | null = null): Promise<RawAnswer> =>
  system.send(user, 'POST', '/v1/codec/decode?preserveStorageRefs=true', { payloads }, { 'X-Namespace': 'default', ...headers });
const shownIn = (answer: RawAnswer): WirePayload[] => answer.body['payloads'] as WirePayload[];
const sealedOf = (payloads: readonly WirePayload[]): WirePayload[] => payloads.filter((payload) => encodingOf(payload) === 'binary/encrypted');

async function logIn(username: string): Promise<string> {
  const answer = await system.send(null, 'POST', '/v1/codec/session', { username, password: 'wenze-demo' });
  if (answer.status !== 201) throw new Error(`logging in answered ${answer.status}`);
  return (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
}

describe('a history in Temporal', () => {
  it('is sealed but for its summaries, which say what happens and name nobody', () => {
    for (const payloads of Object.values(histories)) {
      expect(sealedOf(payloads).length).toBeGreaterThan(3);
      const words = payloads.filter((payload) => encodingOf(payload) === 'json/plain').map(textOf);
      expect(words.some((each) => each.includes('entry in the case file'))).toBe(true);
      for (const each of words) expect(each).not.toMatch(/赵钱孙|水务经办员乙|挪用|\u2060/);
    }
  });
});

describe('opening payloads', () => {
  it('the supervisor of the case sees it all, in the order it was sent; what was not sealed comes back as it was', async () => {
    const answer = await decode(histories.referral, { Origin: ui, Cookie: await logIn('supervisor') });
    expect(answer.status).toBe(200);
    expect(sealedOf(shownIn(answer))).toEqual([]);
    expect(shownIn(answer)).toHaveLength(histories.referral.length);
    expect(shownIn(answer).map(textOf).join('\n')).toContain('挪用工程款');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    histories.referral.forEach((payload, index) => {
      if (encodingOf(payload) !== 'binary/encrypted') expect(shownIn(answer)[index]).toEqual(payload);
    });
    expect(await system.queries.audit.find(referralCase)).toContainEqual(expect.objectContaining({
      user: 'supervisor', action: 'personal.unmask', kind: 'unmask', outcome: 'allowed', reason: `history:${sealedOf(histories.referral).length}`, requestId: answer.headers.get('x-request-id'),
    }));
  });

  it('a case of others stays sealed beside it, byte for byte, and the attempt is on record', async () => {
    const mixed = [...histories.complaint, ...histories.referral];
    const answer = await decode(mixed, { Origin: ui, Cookie: await logIn('supervisor') });
    expect(answer.status).toBe(200);
    expect(shownIn(answer).slice(0, histories.complaint.length)).toEqual(histories.complaint);
    expect(answer.text).not.toContain(Buffer.from('赵钱孙').toString('base64').slice(0, 8));
    expect(sealedOf(shownIn(answer).slice(histories.complaint.length))).toEqual([]);
    expect(await system.queries.audit.find(complaintCase)).toContainEqual(expect.objectContaining({ user: 'supervisor', action: 'personal.unmask', outcome: 'refused', reason: `organ:${sealedOf(histories.complaint).length}` }));
  });

  it('the approver of the complaints office opens the complaint with its complainant, by bearer token as the CLI sends it', async () => {
    const answer = await decode(histories.complaint, {}, 'approver.complaints');
    expect(shownIn(answer).map(textOf).join('\n')).toContain('赵钱孙');
  });

  it.each(['department', 'handler', 'leader', 'auditor', 'administrator', 'complainant', 'personnel'])('%s opens none: the role does not', async (user) => {
    const answer = await decode(histories.referral, { Origin: ui, Cookie: await logIn(user) });
    expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    expect(answer.text).not.toContain('payloads');
  });

  it('what was changed, sealed under another key, of no case on file or without a case comes back as it came', async () => {
    const [one] = sealedOf(histories.referral);
    const bytes = Buffer.from(one?.data ?? '', 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const strange = new KeyringCodec(new Keyring({ current: 'kx', keys: { kx: randomBytes(32).toString('base64') } }));
    const ours = new KeyringCodec(system.keyring);
    const content = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"a":1}') };
    const wire = (payloads: readonly { metadata?: Record<string, Uint8Array> | null; data?: Uint8Array | null }[]): WirePayload[] => payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')])), data: Buffer.from(data ?? []).toString('base64'),
    }));
    const payloads = [
      { ...one, data: bytes.toString('base64') }, { metadata: one?.metadata ?? {} }, ...wire(await strange.encode([content])), ...wire(await ours.encode([content])),
      ...wire(await ours.encode([content], { type: 'workflow', namespace: 'default', workflowId: 'TS-2001-000001' })),
    ];
    const answer = await decode(payloads, {}, 'supervisor');
    expect(answer.status).toBe(200);
    expect(shownIn(answer)).toEqual(payloads);
  });

  it('too many, malformed or too large a request is refused in the documented ways', async () => {
    expect((await decode(Array.from({ length: 201 }, () => ({})), {}, 'supervisor')).body).toMatchObject({ code: 'invalid-fields' });
    expect((await decode([{ data: 'not base64!' }], {}, 'supervisor')).body).toMatchObject({ code: 'invalid-fields', errors: [{ path: 'payloads.0.data' }] });
    expect((await decode([{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: randomBytes(2_900_000).toString('base64') }], {}, 'supervisor')).status).toBe(200);
    expect((await decode([{ data: randomBytes(3_100_000).toString('base64') }], {}, 'supervisor')).body).toMatchObject({ code: 'body-too-large' });
    expect((await decode([], {}, 'supervisor')).body).toEqual({ payloads: [] });
  });
});

describe('recusal', () => {
  const keyring = new Keyring({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } });
  const codec = new KeyringCodec(keyring);
  const access = createAccess({ definitions: caseDefinitions, tree: demoOrganTree(), keyring });
  const supervisor = { id: 'supervisor', kind: 'user', name: '监察员甲', organ: 'yz-supervision', roles: ['supervisor'], staffId: 'YZ1004' } as const;
  const subject = { caseType: 'referral', organs: ['yz-supervision'], participants: [], namedStaff: [] as string[], openSteps: [] };
  const attempt = async (content: unknown, over: Partial<typeof subject> = {}, reader: Parameters<typeof openFor>[0] = supervisor) => {
    const sealed = await codec.encode([{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(content)) }], { type: 'workflow', namespace: 'default', workflowId: 'YS-2026-000001' });
    const { tallies } = await openFor(reader, sealed, { codec, access, findSubject: () => Promise.resolve({ ...subject, ...over }) });
    return tallies;
  };

  it('who is named in the case opens nothing of it', async () => {
    expect(await attempt({}, { namedStaff: ['YZ1004'] })).toEqual([{ caseNumber: 'YS-2026-000001', refused: 'recusal', count: 1 }]);
    expect(await attempt({})).toEqual([{ caseNumber: 'YS-2026-000001', count: 1 }]);
  });

  it.each([
    ['by staff number, at any depth', { fields: { findings: [{ person: { name: '某人', staffId: 'YZ1004', organ: 'yz-water' } }] } }],
    ['by name where the person has no number', { persons: [{ name: '监察员甲', organ: 'yz-water' }] }],
  ])('nor a payload that names the reader %s before the case has', async (_how, content) => {
    expect(await attempt(content)).toEqual([{ caseNumber: 'YS-2026-000001', refused: 'recusal', count: 1 }]);
  });

  it('standing in for somebody who is named does not lift it', async () => {
    const standIn = { ...supervisor, standsInFor: [{ id: 'x', organ: 'yz-supervision', roles: ['supervisor'], staffId: 'YZ7777' }] } as const;
    expect(await attempt({ persons: [{ name: '某人', staffId: 'YZ7777' }] }, {}, standIn)).toEqual([{ caseNumber: 'YS-2026-000001', refused: 'recusal', count: 1 }]);
  });

  it('to have acted in a case is not to be named in it', async () => {
    expect(await attempt({ by: { kind: 'user', id: 'supervisor', organ: 'yz-supervision', roles: ['supervisor'], staffId: 'YZ1004' } })).toEqual([{ caseNumber: 'YS-2026-000001', count: 1 }]);
    expect(await attempt({ persons: [{ name: '监察员甲', staffId: 'YZ9999' }] })).toEqual([{ caseNumber: 'YS-2026-000001', count: 1 }]);
  });
});

describe('the cookie', () => {
  it('is HttpOnly, SameSite=Strict, for the codec alone; Secure where the UI is https', async () => {
    const answer = await system.send(null, 'POST', '/v1/codec/session', { username: 'supervisor', password: 'wenze-demo' });
    expect(answer.headers.get('set-cookie')).toMatch(/^wenze_codec=[^;]+; Path=\/v1\/codec; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    expect(answer.body).toMatchObject({ mayUnmask: true, ui: `${ui}/` });
    expect(new CodecCookie(system.keyring, true).end()).toMatch(/Max-Age=0; HttpOnly; SameSite=Strict; Secure$/);
    const refused = await system.send(null, 'POST', '/v1/codec/session', { username: 'supervisor', password: 'wrong' });
    expect(refused).toMatchObject({ status: 401, body: { code: 'bad-credentials' } });
    expect(refused.headers.get('set-cookie')).toBeNull();
  });

  it('counts nowhere else, and its value is no bearer token', async () => {
    const cookie = await logIn('supervisor');
    expect((await system.raw(null, 'GET', '/v1/me', { headers: { Cookie: cookie, Origin: ui } })).status).toBe(401);
    expect((await system.raw(null, 'GET', '/v1/me', { headers: { Authorization: `Bearer ${decodeURIComponent(cookie.split('=')[1] ?? '')}` } })).status).toBe(401);
  });

  it('does not count in a request that neither the UI nor our own page made', async () => {
    const Cookie = await logIn('supervisor');
    for (const headers of [{ Cookie }, { Cookie, Origin: 'http://127.0.0.1:6666' }, { Cookie, Origin: 'null' }, { Cookie, Origin: `${ui}.example.org` }, { Cookie: 'wenze_codec=%E0%A4%A', Origin: ui }, { Cookie: 'wenze_codec=AAAA', Origin: ui }]) {
      expect(await decode(histories.referral, headers)).toMatchObject({ status: 401, body: { code: 'not-signed-in' } });
    }
    expect((await system.raw(null, 'DELETE', '/v1/codec/session', { headers: { Cookie, Origin: ui, 'Sec-Fetch-Site': 'same-site' } })).status).toBe(401);
  });

  it('is worth nothing after logging out', async () => {
    const Cookie = await logIn('supervisor');
    const out = await system.raw(null, 'DELETE', '/v1/codec/session', { headers: { Cookie, 'Sec-Fetch-Site': 'same-origin' } });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await decode(histories.referral, { Cookie, Origin: ui })).status).toBe(401);
  });

  it('is renewed while it is used', async () => {
    const cookie = new CodecCookie(system.keyring, false);
    const { token } = await system.as('supervisor');
    const old = cookie.begin({ token: token ?? '', expiresAt: Date.now() + 1_000 }, Date.now()).split(';', 1)[0] ?? '';
    const answer = await decode([], { Cookie: old, Origin: ui });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toMatch(/^wenze_codec=[^;]+; Path=\/v1\/codec; Max-Age=7\d{3};/);
  });
});

describe('other origins', () => {
  const preflight = (origin: string): Promise<RawAnswer> => system.raw(null, 'OPTIONS', '/v1/codec/decode?preserveStorageRefs=true', {
    headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type,x-namespace' },
  });

  it('the configured UI is let through with credentials', async () => {
    const answer = await preflight(ui);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ui);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/content-type, x-namespace/i);
    expect((await decode([], { Origin: ui })).headers.get('access-control-allow-origin')).toBe(ui);
  });

  it.each(['http://localhost:18233', 'http://127.0.0.1:18234', 'https://127.0.0.1:18233', 'null', `${ui}.example.org`])('%s is not', async (origin) => {
    const answer = await preflight(origin);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect((await decode([], { Origin: origin }, 'supervisor')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('no other route answers another origin, not even the UI', async () => {
    for (const path of ['/v1/me', '/v1/codec/session', '/v1/codec/login', '/healthz']) {
      const answer = await system.raw('supervisor', 'GET', path, { headers: { Origin: ui } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

describe('the log-in page', () => {
  it('is there with its script, and the policy allows no other', async () => {
    const page = await system.raw(null, 'GET', '/v1/codec/login');
    expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') as unknown });
    expect(page.text).toContain('<script src="/v1/codec/login.js"></script>');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const script = await system.raw(null, 'GET', '/v1/codec/login.js');
    expect(script).toMatchObject({ status: 200, type: expect.stringContaining('javascript') as unknown });
  });
});
