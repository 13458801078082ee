import { explanation, incident } from '../support/intakes';
import { TestSystem } from '../support/system';

let system: TestSystem;
beforeAll(async () => { system = await TestSystem.start(); }, 120_000);
afterAll(async () => { await system.stop(); });

const start = (key: string, body: object = incident, user = 'handler') => system.send(user, 'POST', '/v1/cases/incident-review', body, { 'idempotency-key': key });

describe('starting with an Idempotency-Key', () => {
  it('starts one case however often it is sent, and says when it is a replay', async () => {
    const first = await start('key-1');
    const again = await start('key-1');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
  });

  it('starts one case when it is sent ten times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => start('key-2')));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect(new Set(answers.map((answer) => answer.body['caseNumber'])).size).toBe(1);
  });

  it('refuses the same key with another body', async () => {
    await start('key-3');
    const other = await start('key-3', { ...incident, subject: '另一件事' });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  });

  it('keeps the keys of two users apart', async () => {
    const [one, other] = [await start('key-4'), await start('key-4', incident, 'supervisor')];
    expect(other.status).toBe(201);
    expect(other.body['caseNumber']).not.toBe(one.body['caseNumber']);
  });

  it('leaves the key free when the request was refused', async () => {
    expect((await start('key-5', { ...incident, organs: ['yz-moon'] })).status).toBe(400);
    expect((await start('key-5')).status).toBe(201);
  });

  it('takes the next number when another case has the one the store gave, and replays that one', async () => {
    // As after a crash in which the store lost its newest numbers: the counter and the key of the last case are gone, the case is not.
    const taken = await start('key-6');
    const { counters, intakes } = system.store.connection.collections;
    await intakes.deleteOne({ caseNumber: String(taken.body['caseNumber']) });
    const prefix = String(taken.body['caseNumber']).slice(0, 7);
    await counters.updateOne({ _id: prefix }, { $inc: { value: -1 } });

    const next = await start('key-7');
    expect(next.status).toBe(201);
    expect(next.body['caseNumber']).not.toBe(taken.body['caseNumber']);
    const again = await start('key-7');
    expect(again.body).toEqual(next.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('without a key, each request is a case of its own', async () => {
    const answers = [await system.send('handler', 'POST', '/v1/cases/incident-review', incident), await system.send('handler', 'POST', '/v1/cases/incident-review', incident)];
    expect(answers[0]?.body['caseNumber']).not.toBe(answers[1]?.body['caseNumber']);
  });
});

describe('answering with an Idempotency-Key', () => {
  it('records one answer however often it is sent, with the same receipt', async () => {
    const caseNumber = String((await start('key-8')).body['caseNumber']);
    const send = (body: object) => system.send('department', 'POST', `/v1/cases/${caseNumber}/steps/explain.yz-water`, body, { 'idempotency-key': 'answer-1' });
    const answers = await Promise.all([send({ answer: 'explain', ...explanation }), send({ answer: 'explain', ...explanation })]);
    const later = await send({ answer: 'explain', ...explanation });
    expect([...answers, later].map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(answers[1].body).toEqual(answers[0].body);
    expect(later.body).toEqual(answers[0].body);
    const events = await system.store.cases.findEvents(caseNumber);
    expect(events.filter(({ event }) => event.kind === 'step-answered')).toHaveLength(1);
    expect(await send({ answer: 'explain', ...explanation, measures: { appropriate: true, statement: '改口' } })).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  });

  it('gives the same receipt for the answer that closed the case', async () => {
    const caseNumber = String((await start('key-9')).body['caseNumber']);
    const withdraw = () => system.send('leader', 'POST', `/v1/cases/${caseNumber}/actions/withdraw`, { reasons: '重复立案' }, { 'idempotency-key': 'withdraw-1' });
    const first = await withdraw();
    expect(first.status).toBe(200);
    await system.until(async () => (await (await system.as('handler')).getCase(caseNumber)).status === 'closed', 'the case to close');
    expect(await withdraw()).toMatchObject({ status: 200, body: first.body });
  });

  it('leaves the key free when the answer was refused', async () => {
    const caseNumber = String((await start('key-10')).body['caseNumber']);
    const send = (answer: string) => system.send('department', 'POST', `/v1/cases/${caseNumber}/steps/explain.yz-water`, { answer, ...explanation }, { 'idempotency-key': 'answer-2' });
    expect((await send('shrug')).status).toBe(409);
    expect((await send('explain')).status).toBe(200);
  });
});
