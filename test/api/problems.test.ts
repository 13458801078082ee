import { Problem, problemTable, type ProblemCode } from '../../api/problems';
import { complaint, explanation, incident, referral } from '../support/intakes';
import { TestSystem, type RawAnswer } from '../support/system';

let system: TestSystem;
let caseNumber: string;
beforeAll(async () => {
  system = await TestSystem.start();
  caseNumber = await (await system.as('handler')).startCase('incident-review', incident);
}, 120_000);
afterAll(async () => { await system.stop(); });

/** A problem on the wire: the right status and code, in the form every problem has. */
function expectProblem(answer: RawAnswer, code: ProblemCode): Problem {
  expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status: problemTable[code].status, code });
  expect(answer.type).toMatch(/^application\/problem\+json/);
  const problem = Problem.parse(answer.body);
  expect(problem.type).toBe(`/docs/problems#${code}`);
  expect(problem.text.detail.zh).not.toBe('');
  expect(problem.text.detail.en).not.toBe('');
  expect(problem.instance).toBe(answer.headers.get('x-request-id'));
  return problem;
}

const explainPath = (): string => `/v1/cases/${caseNumber}/steps/explain.yz-water`;

describe('400', () => {
  it('malformed JSON', async () => {
    for (const body of ['{', '', '{"a":1,}', 'nonsense']) {
      const answer = await system.raw('handler', 'POST', '/v1/cases/incident-review', { body, headers: { 'content-type': 'application/json' } });
      if (body === '') expectProblem(answer, 'invalid-fields');
      else expectProblem(answer, 'malformed-json');
    }
  });
  it('half a character, which could never be put on record', async () => {
    const answer = await system.raw('handler', 'POST', '/v1/cases/incident-review', { body: '{"subject":"\\ud800"}', headers: { 'content-type': 'application/json' } });
    expectProblem(answer, 'malformed-json');
  });
  it('a field of the intake, by its path', async () => {
    const problem = expectProblem(await system.send('handler', 'POST', '/v1/cases/complaint', { ...complaint, accused: { organ: 'NO' }, subject: '' }), 'invalid-fields');
    expect(problem.errors?.map((error) => error.path).sort()).toEqual(['accused.organ', 'subject']);
  });
  it('an organ nobody knows, by its path', async () => {
    const problem = expectProblem(await system.send('handler', 'POST', '/v1/cases/incident-review', { ...incident, organs: ['yz-water', 'yz-moon'] }), 'invalid-fields');
    expect(problem.errors).toEqual([{ path: 'organs.1', message: expect.stringContaining('yz-moon') as string }]);
  });
  it('a field of an answer, by its path', async () => {
    const { measures: _left, ...incomplete } = explanation;
    const problem = expectProblem(await system.send('department', 'POST', explainPath(), { answer: 'explain', ...incomplete }), 'invalid-fields');
    expect(problem.errors?.map((error) => error.path)).toEqual(['measures']);
  });
  it('a field of an action, a query and a header, by its path', async () => {
    expect(expectProblem(await system.send('handler', 'POST', `/v1/cases/${caseNumber}/actions/note`, {}), 'invalid-fields').errors?.[0]?.path).toBe('text');
    expect(expectProblem(await system.raw('handler', 'GET', '/v1/cases?limit=0'), 'invalid-fields').errors?.[0]?.path).toBe('query.limit');
    expect(expectProblem(await system.raw('handler', 'GET', '/v1/cases?cursor=garbage'), 'invalid-fields').errors?.[0]?.path).toBe('query.cursor');
    expect(expectProblem(await system.send('handler', 'POST', '/v1/cases/incident-review', incident, { 'idempotency-key': 'a b' }), 'invalid-fields').errors?.[0]?.path).toBe('header.idempotency-key');
  });
  it('an address that is not well formed', async () => {
    expectProblem(await system.raw('handler', 'GET', '/v1/cases/%zz'), 'malformed-request');
  });
});

describe('401 and 403', () => {
  it('no token, a wrong token, a token that was logged out', async () => {
    const missing = await system.raw(null, 'GET', '/v1/cases');
    expectProblem(missing, 'not-signed-in');
    expect(missing.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expectProblem(await system.raw(null, 'GET', '/v1/cases', { headers: { authorization: 'Bearer nonsense' } }), 'not-signed-in');
    const login = await system.send(null, 'POST', '/v1/sessions', { username: 'auditor', password: 'wenze-demo' });
    expect(login.status).toBe(201);
    const authorization = `Bearer ${String(login.body['token'])}`;
    expect((await system.raw(null, 'GET', '/v1/me', { headers: { authorization } })).body).toMatchObject({ id: 'auditor', roles: ['auditor'], mayStart: [] });
    expect((await system.raw(null, 'DELETE', '/v1/sessions/current', { headers: { authorization } })).status).toBe(204);
    expectProblem(await system.raw(null, 'GET', '/v1/me', { headers: { authorization } }), 'not-signed-in');
  });
  it('a wrong password', async () => {
    expectProblem(await system.send(null, 'POST', '/v1/sessions', { username: 'handler', password: 'guess' }), 'bad-credentials');
  });
  it('a role that may not start the case', async () => {
    expectProblem(await system.send('personnel', 'POST', '/v1/cases/complaint', complaint), 'not-allowed');
  });
  it('a case that is none of the caller\'s', async () => {
    expectProblem(await system.raw('department.transport', 'GET', `/v1/cases/${caseNumber}`), 'not-allowed');
    expectProblem(await system.raw('administrator', 'GET', `/v1/cases/${caseNumber}`), 'not-allowed');
    expectProblem(await system.raw('administrator', 'GET', '/v1/cases'), 'not-allowed');
  });
  it('a step that belongs to somebody else', async () => {
    expectProblem(await system.send('handler', 'POST', explainPath(), { answer: 'explain', ...explanation }), 'not-yours');
  });
  it('an officer named in the case neither reads nor handles it', async () => {
    const named = await (await system.as('referrer')).startCase('referral', referral);
    expectProblem(await system.raw('department.water', 'GET', `/v1/cases/${named}`), 'recusal');
    const list = await system.raw('department.water', 'GET', '/v1/cases?type=referral');
    expect(list.text).not.toContain(named);
    expect((await system.raw('department', 'GET', '/v1/cases?type=referral')).text).toContain(named);
  });
});

describe('404 and 405', () => {
  it('an unknown case, step, action, case type and address', async () => {
    expectProblem(await system.raw('handler', 'GET', '/v1/cases/JT-2026-999999'), 'unknown-case');
    expectProblem(await system.raw('handler', 'GET', '/v1/cases/nonsense'), 'unknown-case');
    expectProblem(await system.send('handler', 'POST', '/v1/cases/JT-2026-999999/steps/explain', { answer: 'explain' }), 'unknown-case');
    const step = expectProblem(await system.send('department', 'POST', `/v1/cases/${caseNumber}/steps/dance`, { answer: 'explain' }), 'unknown-step');
    expect(step.allowed).toMatchObject({ steps: expect.arrayContaining(['explain', 'examine']) as string[], open: ['explain.yz-water'] });
    expectProblem(await system.send('handler', 'POST', `/v1/cases/${caseNumber}/actions/dance`, {}), 'unknown-action');
    const type = expectProblem(await system.send('handler', 'POST', '/v1/cases/dance', {}), 'unknown-case-type');
    expect(type.allowed).toContain('incident-review');
    expectProblem(await system.raw('handler', 'GET', '/v1/nonsense'), 'unknown-route');
  });
  it('a method an address does not take', async () => {
    const answer = await system.raw('handler', 'DELETE', `/v1/cases/${caseNumber}`);
    expectProblem(answer, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    const onType = await system.raw('handler', 'GET', '/v1/cases/complaint');
    expectProblem(onType, 'method-not-allowed');
    expect(onType.headers.get('allow')).toBe('POST');
    const onCase = await system.send('handler', 'POST', `/v1/cases/${caseNumber}`, {});
    expectProblem(onCase, 'method-not-allowed');
    expect(onCase.headers.get('allow')).toBe('GET, HEAD');
  });
});

describe('409 and 412', () => {
  it('an answer the step does not take, with those it takes', async () => {
    const problem = expectProblem(await system.send('department', 'POST', explainPath(), { answer: 'shrug' }), 'answer-not-allowed');
    expect(problem.allowed).toMatchObject({ answers: ['explain'] });
  });
  it('a step that is not open, with those that are', async () => {
    const problem = expectProblem(await system.send('leader', 'POST', `/v1/cases/${caseNumber}/steps/examine.yz-water`, { answer: 'accept' }), 'step-not-open');
    expect(problem.allowed).toMatchObject({ status: 'open', steps: [{ step: 'explain.yz-water', answers: ['explain'] }] });
  });
  it('a second identical answer, and an action the open step refuses', async () => {
    const own = await (await system.as('handler')).startCase('incident-review', incident);
    const path = `/v1/cases/${own}/steps/explain.yz-water`;
    expectProblem(await system.send('supervisor', 'POST', `/v1/cases/${own}/actions/merge`, { into: caseNumber, reasons: '同一事件' }), 'action-not-allowed');
    expect((await system.send('department', 'POST', path, { answer: 'explain', ...explanation })).status).toBe(200);
    const second = expectProblem(await system.send('department', 'POST', path, { answer: 'explain', ...explanation }), 'step-not-open');
    expect(second.allowed).toMatchObject({ steps: [{ step: 'examine.yz-water', answers: ['accept', 'return'] }] });
  });
  it('a closed case, for answers and actions', async () => {
    const own = await (await system.as('handler')).startCase('incident-review', incident);
    expect((await system.send('leader', 'POST', `/v1/cases/${own}/actions/withdraw`, { reasons: '重复立案' })).status).toBe(200);
    await system.until(async () => (await (await system.as('handler')).getCase(own)).status === 'closed', 'the case to close');
    const answer = expectProblem(await system.send('department', 'POST', `/v1/cases/${own}/steps/explain.yz-water`, { answer: 'explain', ...explanation }), 'case-closed');
    expect(answer.allowed).toMatchObject({ status: 'closed', steps: [], actions: [] });
    expectProblem(await system.send('handler', 'POST', `/v1/cases/${own}/actions/note`, { text: '迟到的附注' }), 'case-closed');
  });
  it('a case that has changed since it was read', async () => {
    const read = await system.raw('department', 'GET', `/v1/cases/${caseNumber}`);
    const etag = read.headers.get('etag') ?? '';
    expect((await system.raw('department', 'GET', `/v1/cases/${caseNumber}`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const noted = await system.send('department', 'POST', `/v1/cases/${caseNumber}/actions/note`, { text: '第一条' }, { 'if-match': etag });
    expect(noted.status).toBe(200);
    expectProblem(await system.send('department', 'POST', `/v1/cases/${caseNumber}/actions/note`, { text: '第二条' }, { 'if-match': etag }), 'stale-revision');
    expect((await system.send('department', 'POST', `/v1/cases/${caseNumber}/actions/note`, { text: '第二条' }, { 'if-match': noted.headers.get('etag') ?? '' })).status).toBe(200);
  });
});

describe('413, 415, 429', () => {
  it('a body over 1 MiB', async () => {
    const answer = await system.send('handler', 'POST', '/v1/cases/incident-review', { ...incident, facts: 'x'.repeat(1024 * 1024) });
    expectProblem(answer, 'body-too-large');
  });
  it('a body that is not JSON', async () => {
    expectProblem(await system.raw('handler', 'POST', '/v1/cases/incident-review', { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }), 'unsupported-media-type');
    expectProblem(await system.raw('handler', 'POST', '/v1/cases/incident-review', { body: '<a/>', headers: { 'content-type': 'text/xml' } }), 'unsupported-media-type');
  });
});

describe('every route', () => {
  it('answers with the security headers and no technology banner, and lets no other origin in', async () => {
    const answer = await system.raw('handler', 'GET', '/v1/cases', { headers: { origin: 'https://elsewhere.example' } });
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
  it('keeps a plain request id and replaces any other', async () => {
    expect((await system.raw(null, 'GET', '/healthz', { headers: { 'x-request-id': 'request-0001' } })).headers.get('x-request-id')).toBe('request-0001');
    expect((await system.raw(null, 'GET', '/healthz', { headers: { 'x-request-id': 'a b<script>' } })).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});
