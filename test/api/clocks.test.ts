import { incident } from '../support/intakes';
import { TestSystem } from '../support/system';

let system: TestSystem;
let caseNumber: string;
beforeAll(async () => {
  system = await TestSystem.start();
  caseNumber = await (await system.as('handler')).startCase('incident-review', { ...incident, occurredOn: '2026-09-01' });
}, 120_000);
afterAll(async () => { await system.stop(); });

describe('the clocks of a case', () => {
  it('show date, state, ladder and all that the date is computed from', async () => {
    const { body } = await (await system.as('department')).call('listClocks', { params: { caseNumber } });
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({
      // One month from 1 September 2026, the day itself not counted; 1 October is a holiday, and so are the days until the 7th.
      clock: 'explain.yz-water', organ: 'yz-water', due: '2026-10-08', dueAt: '2026-10-08T16:00:00.000Z', provisional: false,
      spec: { limitId: 'incident.explain', jurisdiction: 'cn', events: [{ kind: 'start', on: '2026-09-01' }] },
    });
    expect(body.items[0]).toMatchObject({ status: expect.stringMatching(/running|due-soon|overdue/) as unknown, policyVersion: expect.stringMatching(/^[0-9a-f]{16}/) as unknown, article: { source: expect.any(String) as unknown } });
    const own = (await system.raw('department', 'GET', `/v1/cases/${caseNumber}`)).body['openSteps'] as { due: string }[];
    expect(own[0]?.due).toBe('2026-10-08');
    for (const rung of body.items[0]?.rungs ?? []) expect(rung.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });
  it('explain themselves day by day, in both languages', async () => {
    const { body } = await (await system.as('department')).call('listClocks', { params: { caseNumber } });
    const explanation = body.items[0]?.explanation;
    expect(explanation?.sentence.zh).toContain('最后一日为2026年10月8日');
    expect(explanation?.sentence.en).toContain('the last day is the next working day, 8 October 2026');
    const days = explanation?.days ?? [];
    expect(days[0]).toMatchObject({ date: '2026-09-01', counted: false, why: 'event-day' });
    // Thirty days are counted to 1 October; the holiday moves the end.
    expect(days.filter((day) => day.counted).at(-1)).toMatchObject({ date: '2026-10-01', number: 30 });
    expect(days.at(-1)).toMatchObject({ date: '2026-10-08', counted: false, why: 'due' });
    expect(days.find((day) => day.date === '2026-10-02')).toMatchObject({ why: 'rest-at-end', notice: { number: '国办发明电〔2025〕7号' } });
    expect(explanation?.happenings[0]).toMatchObject({ kind: 'start', date: '2026-09-01' });
  });
  it('are not for those who may not read the case', async () => {
    expect((await system.raw('department.transport', 'GET', `/v1/cases/${caseNumber}/clocks`)).status).toBe(403);
    expect((await system.raw('department.transport', 'GET', `/v1/cases/${caseNumber}/calendar.ics`)).status).toBe(403);
    expect((await system.raw('handler', 'GET', '/v1/cases/JT-2026-999999/clocks')).status).toBe(404);
  });
});

describe('a deadline', () => {
  const ask = (body: object) => system.send('handler', 'POST', '/v1/deadlines', body);

  it.each([
    ['5 working days across the National Day week', '2026-09-25', '5 working days', '2026-10-09'],
    ['in Chinese words', '2026-09-25', '5个工作日', '2026-10-09'],
    ['31 January plus one month', '2025-01-31', '1 month', '2025-02-28'],
    ['60 days', '2026-01-05', '60 days', '2026-03-06'],
  ])('%s', async (_name, from, limit, due) => {
    const answer = await ask({ from, limit });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ from, limit, due, provisional: false, calendar: 'cn' });
  });
  it('is for anyone, signed in or not', async () => {
    expect(await system.send(null, 'POST', '/v1/deadlines', { from: '2026-09-25', limit: '5 working days' })).toMatchObject({ status: 200, body: { due: '2026-10-09' } });
  });
  it('counted back, and without the move to a working day', async () => {
    // 24, 23, 22, 21 September and the make-up Sunday of 20 September.
    expect((await ask({ from: '2026-09-25', limit: '5 working days', direction: 'before' })).body).toMatchObject({ due: '2026-09-20', direction: 'before' });
    expect((await ask({ from: '2026-09-01', limit: '1 month', roll: false })).body).toMatchObject({ due: '2026-10-01' });
  });
  it('explained, where that is asked for', async () => {
    const answer = await ask({ from: '2026-09-25', limit: '5 working days', explain: true });
    expect(answer.body).toMatchObject({ explanation: { sentence: { zh: expect.stringContaining('国庆节7天') as unknown } } });
    expect((await ask({ from: '2026-09-25', limit: '5 working days' })).body).not.toHaveProperty('explanation');
  });
  it('by another calendar', async () => {
    expect((await ask({ from: '2026-09-25', limit: '5 working days', calendar: 'gb-eaw' })).body).toMatchObject({ due: '2026-10-02', calendar: 'gb-eaw' });
  });
  it('beyond the published years is provisional', async () => {
    expect((await ask({ from: '2035-01-05', limit: '10 working days' })).body).toMatchObject({ provisional: true });
  });
  it.each([
    ['an unknown unit', { from: '2026-09-25', limit: '5 fortnights' }, 'limit'],
    ['a negative amount', { from: '2026-09-25', limit: '-5 days' }, 'limit'],
    ['a day that does not exist', { from: '2026-02-30', limit: '5 days' }, 'from'],
    ['an unknown calendar', { from: '2026-09-25', limit: '5 days', calendar: 'moon' }, 'calendar'],
    ['an explanation of counting back', { from: '2026-09-25', limit: '5 days', direction: 'before', explain: true }, 'explain'],
    ['a day beyond every calendar', { from: '9999-12-31', limit: '5 working days' }, 'from'],
  ])('%s is refused by its field', async (_name, body, path) => {
    const answer = await ask(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-fields', errors: [{ path }] } });
  });
});

describe('calendars', () => {
  it('of a case and of an inbox are RFC 5545, with whole lines of at most 75 octets and no subject', async () => {
    for (const path of [`/v1/cases/${caseNumber}/calendar.ics`, '/v1/inbox/calendar.ics']) {
      const answer = await system.raw('department', 'GET', path);
      expect(answer.status).toBe(200);
      expect(answer.type).toMatch(/^text\/calendar/);
      const lines = answer.text.split('\r\n');
      for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(lines[0]).toBe('BEGIN:VCALENDAR');
      expect(lines).toEqual(expect.arrayContaining(['DTSTART;VALUE=DATE:20261008', 'DTEND;VALUE=DATE:20261009', `UID:${caseNumber}.explain.yz-water@wenze`]));
      expect(answer.text).not.toContain('氯气');
    }
  });
});
