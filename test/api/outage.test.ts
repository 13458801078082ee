import { explanation, incident } from '../support/intakes';
import { TestSystem, type RawAnswer } from '../support/system';

let system: TestSystem;
let caseNumber: string;

beforeAll(async () => {
  // Tokens are checked at every request, so that MongoDB is missed at once.
  system = await TestSystem.start({ identityCacheMs: 0, deadlines: { startMs: 3_000, updateMs: 4_000, queryMs: 2_000 } });
  caseNumber = await (await system.as('handler')).startCase('incident-review', incident);
  await system.as('department');
}, 120_000);
afterAll(async () => { await system.stop(); });

/** Within a few seconds, and saying what to do. */
async function away(request: () => Promise<RawAnswer>, code: string): Promise<void> {
  const began = Date.now();
  const answer = await request();
  expect(answer).toMatchObject({ status: 503, body: { code } });
  expect(answer.type).toMatch(/^application\/problem\+json/);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer.body['detail']).toContain('Idempotency-Key');
  expect(Date.now() - began).toBeLessThan(8_000);
}

const start = (key: string) => system.send('handler', 'POST', '/v1/cases/incident-review', incident, { 'idempotency-key': key });
const note = (key: string) => system.send('department', 'POST', `/v1/cases/${caseNumber}/actions/note`, { text: '附注' }, { 'idempotency-key': key });
const ready = () => system.raw(null, 'GET', '/readyz');
const untilReady = () => system.until(async () => (await ready()).status === 200, 'the system to be ready again', 60_000);
const noteCount = async (): Promise<number> => (await system.store.cases.findEvents(caseNumber)).filter(({ event }) => event.kind === 'note').length;

describe('while no worker runs', () => {
  it('takes cases all the same, refuses answers for now, and loses and doubles nothing', async () => {
    await system.stopWorker();
    const started = await start('no-worker');
    expect(started.status).toBe(201);
    const number = String(started.body['caseNumber']);
    await away(() => system.raw('handler', 'GET', `/v1/cases/${number}`), 'not-on-record-yet');
    await away(() => note('no-worker'), 'engine-unavailable');

    await system.startWorker();
    await system.until(async () => (await system.raw('handler', 'GET', `/v1/cases/${number}`)).status === 200, 'the case to be on record');
    expect((await note('no-worker')).status).toBe(200);
    expect((await note('no-worker')).status).toBe(200);
    expect(await noteCount()).toBe(1);
  });
});

describe('while Temporal is away', () => {
  it('answers 503 within seconds, reads go on, and the same keys go through once it is back', async () => {
    await system.temporal.kill('SIGKILL');
    await away(() => start('no-temporal'), 'engine-unavailable');
    await away(() => note('no-temporal'), 'engine-unavailable');
    expect((await system.raw('handler', 'GET', `/v1/cases/${caseNumber}`)).status).toBe(200);
    expect((await system.raw('handler', 'GET', '/v1/cases')).status).toBe(200);
    expect(await ready()).toMatchObject({ status: 503, body: { status: 'not-ready', temporal: 'away', mongodb: 'ok' } });
    expect((await system.raw(null, 'GET', '/healthz')).status).toBe(200);

    await system.temporal.restart();
    await untilReady();
    const again = await start('no-temporal');
    expect(again.status).toBe(201);
    expect((await start('no-temporal')).body).toEqual(again.body);
    const before = await noteCount();
    expect((await note('no-temporal')).status).toBe(200);
    expect(await noteCount()).toBe(before + 1);
  });
});

describe('while MongoDB is away', () => {
  it('answers 503 within seconds, and goes on by itself once it is back', async () => {
    const before = await noteCount();
    await system.mongo.kill('SIGKILL');
    await away(() => system.raw('handler', 'GET', `/v1/cases/${caseNumber}`), 'store-unavailable');
    await away(() => system.raw('handler', 'GET', '/v1/cases'), 'store-unavailable');
    await away(() => start('no-mongo'), 'store-unavailable');
    await away(() => note('no-mongo'), 'store-unavailable');
    await away(() => system.send(null, 'POST', '/v1/sessions', { username: 'handler', password: 'wenze-demo' }), 'store-unavailable');
    expect(await ready()).toMatchObject({ status: 503, body: { status: 'not-ready', temporal: 'ok', mongodb: 'away' } });

    await system.mongo.restart();
    await untilReady();
    expect((await start('no-mongo')).status).toBe(201);
    expect((await note('no-mongo')).status).toBe(200);
    expect(await noteCount()).toBe(before + 1);
  });

  it('an answer that was taken just before is on record once', async () => {
    const number = String((await start('before-the-fall')).body['caseNumber']);
    const answer = () => system.send('department', 'POST', `/v1/cases/${number}/steps/explain.yz-water`, { answer: 'explain', ...explanation }, { 'idempotency-key': 'before-the-fall' });
    const [first] = await Promise.all([answer(), system.mongo.kill('SIGKILL')]);
    expect([200, 503]).toContain(first.status);
    await system.mongo.restart();
    await untilReady();
    expect((await answer()).status).toBe(200);
    const events = await system.store.cases.findEvents(number);
    expect(events.filter(({ event }) => event.kind === 'step-answered')).toHaveLength(1);
  });
});
