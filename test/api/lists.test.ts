import { complaint, explanation, incident } from '../support/intakes';
import { TestSystem } from '../support/system';

let system: TestSystem;
const numbers: string[] = [];
let complaintNumber: string;

beforeAll(async () => {
  system = await TestSystem.start();
  const handler = await system.as('handler');
  for (let index = 0; index < 7; index++) {
    numbers.push(await handler.startCase('incident-review', { ...incident, subject: `第${index}号泵站停运`, organs: [index < 5 ? 'yz-water' : 'yz-transport'] }));
  }
  complaintNumber = await handler.startCase('complaint', complaint);
}, 120_000);
afterAll(async () => { await system.stop(); });

interface Page { readonly items: { readonly caseNumber: string; readonly subject: string; readonly stage: string }[]; readonly next: string | null }
const list = async (user: string, query: string): Promise<Page> => (await system.raw(user, 'GET', `/v1/cases${query}`)).body as unknown as Page;
const found = async (user: string, query: string): Promise<string[]> => (await list(user, query)).items.map((row) => row.caseNumber);

describe('the list of cases', () => {
  it('comes page by page, newest first, each case once', async () => {
    const seen: string[] = [];
    let query = '?limit=3';
    for (let pages = 0; ; pages++) {
      const page = await list('handler', query);
      seen.push(...page.items.map((row) => row.caseNumber));
      if (page.next === null) {
        expect(pages).toBe(2);
        break;
      }
      query = `?limit=3&cursor=${encodeURIComponent(page.next)}`;
    }
    expect(seen).toEqual([complaintNumber, ...numbers.toReversed()]);
  });
  it('is filtered by type, stage, organ, status and overdue', async () => {
    expect(await found('handler', '?type=complaint')).toEqual([complaintNumber]);
    expect(await found('handler', '?stage=routing')).toEqual([complaintNumber]);
    expect(await found('handler', '?organ=yz-transport')).toEqual([numbers[6], numbers[5]]);
    expect(await found('handler', '?status=closed')).toEqual([]);
    expect(await found('handler', '?overdue=true&type=complaint')).toEqual([]);
    expect(await found('handler', '?status=open&overdue=false&type=complaint')).toEqual([complaintNumber]);
  });
  it('finds words of the subject and numbers', async () => {
    expect(await found('handler', `?q=${encodeURIComponent('用水证')}`)).toEqual([complaintNumber]);
    expect(await found('handler', `?q=${String(numbers[2]).toLowerCase()}`)).toEqual([numbers[2]]);
    expect(await found('handler', `?q=${encodeURIComponent('火星')}`)).toEqual([]);
    expect(await found('handler', `?q=${encodeURIComponent('!!!')}`)).toEqual([]);
  });
  it('never shows what a read would refuse', async () => {
    for (const user of ['department', 'department.transport', 'leader', 'supervisor', 'auditor', 'personnel', 'complainant', 'handler.dx']) {
      const listed = new Set(await found(user, '?limit=100'));
      for (const caseNumber of [...numbers, complaintNumber]) {
        const read = await system.raw(user, 'GET', `/v1/cases/${caseNumber}`);
        expect({ user, caseNumber, listed: listed.has(caseNumber) }).toEqual({ user, caseNumber, listed: read.status === 200 });
      }
    }
  });
  it('shows no complainant', async () => {
    expect((await system.raw('auditor', 'GET', '/v1/cases')).text).not.toContain('赵钱孙');
  });
});

describe('the inbox', () => {
  const inbox = async (user: string, query = '') => (await system.raw(user, 'GET', `/v1/inbox${query}`)).body as unknown as { items: { caseNumber: string; step: string; due: string | null }[]; next: string | null; notices: unknown[] };

  it('holds what an officer of the organ may answer, earliest due date first, page by page', async () => {
    const first = await inbox('department', '?limit=4&type=incident-review');
    const second = await inbox('department', `?limit=4&type=incident-review&cursor=${encodeURIComponent(first.next ?? '')}`);
    const all = [...first.items, ...second.items];
    expect(all.map((task) => task.caseNumber).sort()).toEqual(numbers.slice(0, 5));
    expect(all.map((task) => task.due)).toEqual(all.map((task) => task.due).toSorted());
    expect(second.next).toBeNull();
  });
  it('is empty for roles and organs that have nothing to answer', async () => {
    expect((await inbox('personnel')).items).toEqual([]);
    expect((await inbox('handler.dx')).items).toEqual([]);
    expect((await system.raw('administrator', 'GET', '/v1/inbox')).status).toBe(403);
  });
  it('follows a reassignment to one officer by name', async () => {
    const caseNumber = numbers[4] ?? '';
    const moved = await system.send('supervisor', 'POST', `/v1/cases/${caseNumber}/actions/reassign`, { step: 'explain.yz-water', user: 'department.water', reasons: '分工调整' });
    expect(moved.status).toBe(200);
    expect((await inbox('department')).items.map((task) => task.caseNumber)).not.toContain(caseNumber);
    expect((await inbox('department.water')).items.map((task) => task.caseNumber)).toContain(caseNumber);
    expect((await system.send('department', 'POST', `/v1/cases/${caseNumber}/steps/explain.yz-water`, { answer: 'explain', ...explanation })).status).toBe(403);
    expect((await system.send('department.water', 'POST', `/v1/cases/${caseNumber}/steps/explain.yz-water`, { answer: 'explain', ...explanation })).status).toBe(200);
  });
  it('brings the notices, and they have a list of their own', async () => {
    const notices = await system.raw('department.water', 'GET', `/v1/notices?case=${numbers[4] ?? ''}`);
    expect(notices.body['items']).toEqual([expect.objectContaining({ template: 'reassigned', caseNumber: numbers[4], to: expect.objectContaining({ user: 'department.water' }) as unknown })]);
    expect((await inbox('department.water')).notices).toHaveLength(1);
  });
});

describe('statistics and reference data', () => {
  it('counts the cases the caller may read', async () => {
    const all = (await system.raw('auditor', 'GET', '/v1/stats')).body as unknown as { cases: number; open: number; byType: { type: string; open: number }[]; byOrgan: { organ: string; open: number }[] };
    expect(all).toMatchObject({ cases: 8, open: 8 });
    expect(all.byType.map(({ type, open }) => [type, open])).toEqual([['complaint', 1], ['incident-review', 7]]);
    expect(all.byOrgan.find((row) => row.organ === 'yz-transport')?.open).toBe(2);
    expect((await system.raw('department.transport', 'GET', '/v1/stats')).body).toMatchObject({ cases: 2 });
    expect((await system.raw('auditor', 'GET', '/v1/stats?type=complaint&year=2001')).body).toMatchObject({ cases: 0 });
  });
  it('describes case types with the schema of every form', async () => {
    const { items } = (await system.raw('handler', 'GET', '/v1/case-types')).body as unknown as { items: { type: string; mayStart: boolean; intake: { required: string[] }; steps: { step: string; answers: { answer: string; fields: object }[] }[] }[] };
    expect(items.map((item) => item.type)).toEqual(['complaint', 'incident-review', 'referral', 'rectification', 'dispute']);
    expect(items[1]).toMatchObject({ mayStart: true, intake: { type: 'object' } });
    expect(items[1]?.intake.required).toEqual(expect.arrayContaining(['category', 'occurredOn', 'organs']));
    expect(items[2]?.mayStart).toBe(false);
    for (const item of items) for (const step of item.steps) for (const answer of step.answers) expect(answer.fields).toMatchObject({ type: 'object' });
  });
  it('lists organs, below one or by matter', async () => {
    const ids = async (query: string) => ((await system.raw('handler', 'GET', `/v1/organs${query}`)).body['items'] as { id: string }[]).map((organ) => organ.id);
    expect((await ids('')).length).toBeGreaterThan(30);
    expect(await ids('?under=yz-xs-gov&function=complaints')).toEqual(['yz-xs-complaints']);
    expect(await ids('?under=nowhere')).toEqual([]);
  });
});
