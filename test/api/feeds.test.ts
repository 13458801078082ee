/** Calendars by link: what a telephone subscribes to, which can send no token. */
import { readCalendar } from '../support/calendar';
import { incident } from '../support/intakes';
import { TestSystem } from '../support/system';

const perMinute = 90;
let system: TestSystem;
let caseNumber: string;
beforeAll(async () => {
  system = await TestSystem.start({ identityCacheMs: 0, limits: { perMinute } });
  caseNumber = await (await system.as('handler')).startCase('incident-review', { ...incident, occurredOn: '2026-09-01' });
}, 120_000);
afterAll(async () => { await system.stop(); });

/** A fresh link of a user; gives what stands after the address. */
async function linkOf(user: string, path = '/v1/inbox/feed'): Promise<string> {
  const answer = await system.raw(user, 'POST', path);
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return String(answer.body['path']);
}
const tokenOf = (link: string): string => link.split('token=')[1] ?? '';
const subscribed = (link: string) => system.raw(null, 'GET', link);

async function eventsIn(text: string) {
  return (await readCalendar(text)).events.map(({ uid, start, status, allDay }) => ({ uid, start, status, allDay }));
}

describe('the link to an inbox', () => {
  it('shows the inbox of its user without any header, as the same calendar that the token shows', async () => {
    const link = await linkOf('department');
    expect(link).toMatch(/^\/v1\/inbox\/calendar\.ics\?token=wzf_[0-9a-f]{12}_[\w-]{43}$/);
    const answer = await subscribed(link);
    expect(answer).toMatchObject({ status: 200, type: expect.stringMatching(/^text\/calendar/) as unknown });
    expect(await eventsIn(answer.text)).toEqual([{ uid: `${caseNumber}.explain.yz-water@wenze`, start: '2026-10-08', status: 'CONFIRMED', allDay: true }]);
    const byToken = await system.raw('department', 'GET', '/v1/inbox/calendar.ics');
    const undated = (text: string): string => text.replaceAll(/(DTSTAMP|SEQUENCE):\w+/g, '');
    expect(undated(byToken.text)).toBe(undated(answer.text));
  });
  it('holds no word of what the case is about', async () => {
    const { text } = await subscribed(await linkOf('department'));
    const words = [incident.subject, incident.facts, '氯气'];
    const unfolded = text.replaceAll('\r\n ', '');
    for (const word of words) expect(unfolded).not.toContain(word);
  });
  it('shows each user the own inbox', async () => {
    expect(await eventsIn((await subscribed(await linkOf('approver'))).text)).toEqual([]);
  });
  it('opens nothing but this calendar, and changes nothing', async () => {
    const token = tokenOf(await linkOf('department'));
    const tries = [
      ['GET', `/v1/inbox?token=${token}`], ['GET', `/v1/me?token=${token}`], ['GET', `/v1/cases/${caseNumber}?token=${token}`],
      ['GET', `/v1/cases/${caseNumber}/calendar.ics?token=${token}`], ['POST', `/v1/inbox/feed?token=${token}`], ['DELETE', `/v1/inbox/feed?token=${token}`],
    ] as const;
    for (const [method, path] of tries) expect({ path, status: (await system.raw(null, method, path)).status }).toEqual({ path, status: 401 });
    for (const headers of [{ authorization: `Bearer ${token}` }, { 'x-api-key': token }]) expect((await system.raw(null, 'GET', '/v1/inbox/calendar.ics', { headers })).status).toBe(401);
  });
  it('is ended by its user, at once, and ending it again is no error', async () => {
    const link = await linkOf('department');
    expect((await system.raw('approver', 'DELETE', '/v1/inbox/feed')).status).toBe(204);
    expect((await subscribed(link)).status).toBe(200);
    expect((await system.raw('department', 'DELETE', '/v1/inbox/feed')).status).toBe(204);
    expect(await subscribed(link)).toMatchObject({ status: 401, body: { code: 'not-signed-in' } });
    expect((await system.raw('department', 'DELETE', '/v1/inbox/feed')).status).toBe(204);
  });
  it('made anew ends the one before', async () => {
    const [first, second] = [await linkOf('department'), await linkOf('department')];
    expect((await subscribed(first)).status).toBe(401);
    expect((await subscribed(second)).status).toBe(200);
  });
  it('is not for one who has no inbox', async () => {
    expect(await system.raw('administrator', 'POST', '/v1/inbox/feed')).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
  });
  it.each(['', 'x', `wzf_${'0'.repeat(12)}_${'A'.repeat(43)}`, `wzf_${'0'.repeat(12)}`, 'a'.repeat(5_000)])('that is none (%#) is refused like no log-in at all', async (token) => {
    expect((await subscribed(`/v1/inbox/calendar.ics?token=${token}`)).status).toBe(401);
  });
  it('with one figure of its secret changed is refused', async () => {
    const link = await linkOf('department');
    const last = link.at(-2) === 'A' ? 'B' : 'A';
    expect((await subscribed(`${link.slice(0, -2)}${last}${link.slice(-1)}`)).status).toBe(401);
  });
  it('lies in no log, no audit and no database as it is', async () => {
    const token = tokenOf(await linkOf('department'));
    const secret = token.slice(-43);
    await system.raw(null, 'GET', `/v1/inbox/calendar.ics?token=${token}`, { headers: { 'x-request-id': 'feed-read-once' } });
    await system.raw(null, 'GET', `/v1/cases/${caseNumber}/calendar.ics?token=${token}`);
    await system.door.flush();
    expect(system.logLines.some((line) => line.includes('feed-read-once') && line.includes('/v1/inbox/calendar.ics'))).toBe(true);
    expect(system.logLines.filter((line) => line.includes(secret))).toEqual([]);
    const { db } = system.store.connection;
    for (const { name } of await db.listCollections().toArray()) expect({ name, found: JSON.stringify(await db.collection(name).find().toArray()).includes(secret) }).toEqual({ name, found: false });
    expect(await system.store.audit.entries.findOne({ requestId: 'feed-read-once' })).toMatchObject({ user: 'department', action: 'inbox.read', outcome: 'allowed' });
  });
});

describe('the link to a case', () => {
  it('shows that case and no other calendar', async () => {
    const link = await linkOf('department', `/v1/cases/${caseNumber}/feed`);
    expect(await eventsIn((await subscribed(link)).text)).toEqual([{ uid: `${caseNumber}.explain.yz-water@wenze`, start: '2026-10-08', status: 'CONFIRMED', allDay: true }]);
    expect((await subscribed(`/v1/inbox/calendar.ics?token=${tokenOf(link)}`)).status).toBe(401);
    const other = await (await system.as('handler')).startCase('incident-review', { ...incident, occurredOn: '2026-09-02' });
    expect((await subscribed(`/v1/cases/${other}/calendar.ics?token=${tokenOf(link)}`)).status).toBe(401);
    // The inbox's link is another, and stays.
    const inbox = await linkOf('department');
    expect((await system.raw('department', 'DELETE', `/v1/cases/${caseNumber}/feed`)).status).toBe(204);
    expect((await subscribed(link)).status).toBe(401);
    expect((await subscribed(inbox)).status).toBe(200);
  });
  it('is not for one who may not read the case, nor for a case that is not', async () => {
    expect((await system.raw('department.transport', 'POST', `/v1/cases/${caseNumber}/feed`)).status).toBe(403);
    expect((await system.raw('department', 'POST', '/v1/cases/JT-2026-999999/feed')).status).toBe(404);
  });
});

test('guesses are slowed down by the count of their address, and hold up no good link from it', async () => {
  const link = await linkOf('leader');
  let status = 401;
  for (let index = 0; status === 401 && index <= perMinute; index += 1) ({ status } = await subscribed(`/v1/inbox/calendar.ics?token=wzf_${index}`));
  expect(status).toBe(429);
  expect((await subscribed(link)).status).toBe(200);
});
