import { TestSystem } from '../support/system';
import { complaint, explanation, incident } from '../support/intakes';

let system: TestSystem;
beforeAll(async () => { system = await TestSystem.start(); }, 120_000);
afterAll(async () => { await system.stop(); });

const start = async (type: string, intake: object, user = 'handler', key?: string): Promise<string> =>
  (await system.as(user)).startCase(type, intake as Record<string, unknown>, key);

describe('an incident self-review over HTTP', () => {
  it('starts with 201, a Location and a number, and can be read at once', async () => {
    const answer = await system.send('handler', 'POST', '/v1/cases/incident-review', incident);
    expect(answer.status).toBe(201);
    const caseNumber = String(answer.body['caseNumber']);
    expect(caseNumber).toMatch(/^JT-\d{4}-\d{6}$/);
    expect(answer.headers.get('location')).toBe(`/v1/cases/${caseNumber}`);

    const read = await system.raw('handler', 'GET', `/v1/cases/${caseNumber}`);
    expect(read.status).toBe(200);
    expect(read.body).toMatchObject({
      caseNumber, type: 'incident-review', status: 'open', stage: 'explanation', subject: '水厂氯气泄漏',
      openSteps: [{ step: 'explain.yz-water', yours: false, answers: [{ answer: 'explain', title: { zh: '提交说明', en: 'submit the explanation' } }], assignee: { organ: 'yz-water', roles: ['department', 'leader'] } }],
    });
    expect(read.headers.get('etag')).toBe(`"${String(read.body['revision'])}"`);
  });

  it('takes the explanation of the organ, and then waits for its superior', async () => {
    const caseNumber = await start('incident-review', incident);
    const officer = await system.as('department');
    expect((await officer.getCase(caseNumber)).openSteps).toMatchObject([{ step: 'explain.yz-water', yours: true }]);
    const receipt = await officer.answer(caseNumber, 'explain.yz-water', 'explain', explanation);
    const after = await officer.getCase(caseNumber);
    expect(after.openSteps.map((step) => step.step)).toEqual(['examine.yz-water']);
    expect(after.revision).toBeGreaterThanOrEqual(receipt.revision);

    const kinds: string[] = [];
    for await (const event of officer.events(caseNumber)) kinds.push(event.kind);
    expect(kinds).toEqual(expect.arrayContaining(['case-opened', 'step-opened', 'step-answered']));
  });
});

describe('personal data', () => {
  it('hides the complainant until somebody allowed asks, and puts the asking on record', async () => {
    const caseNumber = await start('complaint', complaint);
    const masked = await system.raw('handler', 'GET', `/v1/cases/${caseNumber}`);
    expect(masked.body['intake']).toMatchObject({ complainant: { name: '赵**', phone: '139****1234', idNumber: '110****1234', address: '****' } });
    expect(masked.text).not.toContain('赵钱孙');
    const events = await system.raw('handler', 'GET', `/v1/cases/${caseNumber}/events`);
    expect(events.text).not.toContain('赵钱孙');

    const shown = await system.raw('handler', 'GET', `/v1/cases/${caseNumber}?unmask=true`);
    expect(shown.body['intake']).toMatchObject({ complainant: { name: '赵钱孙', phone: '13900001234' } });
    expect(await system.queries.audit.find(caseNumber)).toEqual(expect.arrayContaining([expect.objectContaining({ user: 'handler', action: 'personal.unmask', outcome: 'allowed' })]));

    const refused = await system.raw('department', 'GET', `/v1/cases/${caseNumber}?unmask=true`);
    expect(refused).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    expect(await system.queries.audit.find(caseNumber)).toEqual(expect.arrayContaining([expect.objectContaining({ user: 'department', action: 'personal.unmask', outcome: 'refused' })]));
  });

  it('never reaches a log', () => {
    const all = system.logLines.join('\n');
    expect(all).toContain('/v1/cases');
    for (const secret of ['赵钱孙', '13900001234', '110101199001011234', 'wenze-demo']) expect(all).not.toContain(secret);
  });
});
