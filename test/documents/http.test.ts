import { createHash } from 'node:crypto';
import { Binary, type ObjectId } from 'mongodb';
import PizZip from 'pizzip';
import { readZip } from '../../evidence/zip';
import { complaint } from '../support/intakes';
import { TestSystem } from '../support/system';
import { docx, executable, pdf } from './samples';

let system: TestSystem;
let caseNumber: string;
beforeAll(async () => {
  system = await TestSystem.start();
  caseNumber = await (await system.as('handler')).startCase('complaint', complaint);
}, 120_000);
afterAll(async () => { await system.stop(); });

const upload = (user: string, body: Uint8Array, headers: Record<string, string> = {}, on = caseNumber) =>
  system.raw(user, 'POST', `/v1/cases/${on}/documents`, { body, headers: { 'content-type': 'application/octet-stream', ...headers } });

async function download(user: string, path: string): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const { token } = await system.as(user);
  const response = await fetch(`${system.url}${path}`, { headers: { authorization: `Bearer ${token ?? ''}` } });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

describe('evidence over HTTP', () => {
  it('is on the case, and comes back byte for byte as an attachment under its content’s type', async () => {
    const answer = await upload('handler', pdf, { 'x-filename': encodeURIComponent('../用水证 申请.exe'), 'x-title': encodeURIComponent('申请材料') });
    expect(answer.status).toBe(201);
    const sha256 = createHash('sha256').update(pdf).digest('hex');
    expect(answer.body).toMatchObject({ caseNumber, sha256, size: pdf.length, mediaType: 'application/pdf' });
    const id = String(answer.body['id']);
    expect(answer.headers.get('location')).toBe(`/v1/cases/${caseNumber}/documents/${id}`);

    const read = await (await system.as('handler')).getCase(caseNumber);
    expect(read.evidence).toEqual([{ title: '申请材料', documentId: id, sha256 }]);

    const got = await download('handler', `/v1/cases/${caseNumber}/documents/${id}`);
    expect(got.status).toBe(200);
    expect(got.bytes.equals(pdf)).toBe(true);
    expect(Object.fromEntries(['content-type', 'content-disposition', 'x-content-type-options', 'content-security-policy', 'cache-control'].map((name) => [name, got.headers.get(name)]))).toEqual({
      'content-type': 'application/pdf', 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-store', 'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': `attachment; filename="___ __.pdf"; filename*=UTF-8''${encodeURIComponent('用水证 申请.pdf')}`,
    });
    expect((await system.queries.audit.find(caseNumber)).map((entry) => entry.action)).toContain('document.read');
  });

  it('is one document and one event however often it is handed in', async () => {
    const bytes = Buffer.from('同一份材料');
    const all = await Promise.all([1, 2, 3].map(() => upload('handler', bytes)));
    const again = await upload('handler', bytes);
    expect(new Set([...all, again].map((answer) => answer.body['id'])).size).toBe(1);
    expect(again.status).toBe(200);
    const read = await (await system.as('handler')).getCase(caseNumber);
    expect(read.evidence.filter((each) => (each as { documentId: string }).documentId === again.body['id'])).toHaveLength(1);
  });

  it.each<[string, Uint8Array, Record<string, string>, number, string]>([
    ['a program called .pdf', executable, { 'x-filename': 'a.pdf', 'content-type': 'application/pdf' }, 415, 'unsupported-content'],
    ['JSON', Buffer.from('{}'), { 'content-type': 'application/json' }, 415, 'unsupported-media-type'],
    ['nothing', Buffer.alloc(0), {}, 400, 'invalid-fields'],
    ['more than is taken', Buffer.alloc(2_000_001, 'a'), {}, 413, 'body-too-large'],
    ['a name that is not encoded', pdf, { 'x-filename': '%ZZ' }, 400, 'invalid-fields'],
  ])('refuses %s', async (_what, body, headers, status, code) => {
    expect(await upload('handler', body, headers)).toMatchObject({ status, body: { code } });
  });

  it('has a title of one line and whole characters, and the case goes on after it', async () => {
    const title = encodeURIComponent(`${'a'.repeat(299)}😀`);
    expect(await upload('handler', Buffer.from('半个字符'), { 'x-title': title })).toMatchObject({ status: 201 });
    expect(await upload('handler', Buffer.from('换向'), { 'x-title': encodeURIComponent('\u202e\u0000'), 'x-filename': encodeURIComponent('a\u202eb.txt') })).toMatchObject({ status: 201 });
    const { evidence } = await (await system.as('handler')).getCase(caseNumber);
    expect(evidence.slice(-2).map((each) => (each as { title: string }).title)).toEqual(['a'.repeat(299), 'ab.txt']);
    expect(await system.send('handler', 'POST', `/v1/cases/${caseNumber}/actions/note`, { text: '照常办理' })).toMatchObject({ status: 200 });
  });

  it('that was taken by the case is exported also when its process died before it had noted so', async () => {
    const { body } = await upload('handler', Buffer.from('进程中断前的材料'));
    await system.store.connection.db.collection<{ _id: string }>('documents').updateOne({ _id: String(body['id']) }, { $set: { filed: null } });
    const exported = await download('handler', `/v1/cases/${caseNumber}/export?redacted=false`);
    expect(exported.status).toBe(200);
    expect(readZip(exported.bytes).entries.map((entry) => entry.name)).toContain(`documents/${String(body['sha256'])}`);
  });

  it('whose bytes were damaged is told as an error of ours, not as a broken line', async () => {
    const { body, headers } = await upload('handler', Buffer.from('将被损坏的材料'));
    const row = await system.store.connection.db.collection<{ _id: string; file: ObjectId }>('documents').findOne({ _id: String(body['id']) });
    await system.store.connection.db.collection('documents.chunks').updateOne({ files_id: row?.file }, { $set: { data: new Binary(Buffer.alloc(64)) } });
    const { status, headers: got, bytes } = await download('handler', String(headers.get('location')));
    expect([status, got.get('content-type'), (JSON.parse(bytes.toString()) as { code: string }).code]).toEqual([500, 'application/problem+json; charset=utf-8', 'internal-error']);
  });

  it('refuses too much also when nobody said how much would come', async () => {
    const { token } = await system.as('handler');
    const response = await fetch(`${system.url}/v1/cases/${caseNumber}/documents`, {
      method: 'POST', headers: { authorization: `Bearer ${token ?? ''}`, 'content-type': 'application/octet-stream' }, duplex: 'half',
      body: new ReadableStream({ start(controller) { for (let each = 0; each < 30; each++) controller.enqueue(Buffer.alloc(100_000, 'a')); controller.close(); } }),
    });
    expect(response.status).toBe(413);
  });

  it('is nobody’s who may not read the case, and not of another case', async () => {
    const id = String((await upload('handler', pdf)).body['id']);
    expect(await system.raw('department.transport', 'GET', `/v1/cases/${caseNumber}/documents/${id}`)).toMatchObject({ status: 403 });
    expect(await upload('department.transport', pdf)).toMatchObject({ status: 403 });
    expect(await upload('auditor', pdf)).toMatchObject({ status: 403 });
    const other = await (await system.as('handler')).startCase('complaint', complaint);
    expect(await system.raw('handler', 'GET', `/v1/cases/${other}/documents/${id}`)).toMatchObject({ status: 404, body: { code: 'unknown-document' } });
  });

  it('that is confidential stays hidden from the department complained of', async () => {
    const secret = await upload('handler', Buffer.from('投诉人身份材料'), { 'x-confidential': 'true' });
    const path = `/v1/cases/${caseNumber}/documents`;
    const listed = async (user: string) => ((await system.raw(user, 'GET', path)).body['items'] as { id: string }[]).map((each) => each.id);
    expect(await listed('handler')).toContain(secret.body['id']);
    expect(await listed('department')).not.toContain(secret.body['id']);
    expect((await listed('department')).length).toBeGreaterThan(0);
    expect(await system.raw('department', 'GET', `${path}/${String(secret.body['id'])}`)).toMatchObject({ status: 403 });
    expect((await download('handler', `${path}/${String(secret.body['id'])}`)).bytes.toString()).toBe('投诉人身份材料');
    expect((await system.queries.audit.find(caseNumber)).filter((entry) => entry.action === 'personal.unmask').map((entry) => [entry.user, entry.outcome]))
      .toEqual(expect.arrayContaining([['department', 'refused'], ['handler', 'allowed']]));
  });

  it('is not taken by a closed case, and nothing of it stays', async () => {
    const handler = await system.as('handler');
    const closing = await handler.startCase('complaint', complaint);
    await handler.answer(closing, 'route', 'reject', { reasons: '不属于受理范围', channel: '法院' });
    await system.until(async () => (await handler.getCase(closing)).status === 'closed', 'the case to close');
    expect(await upload('handler', docx, {}, closing)).toMatchObject({ status: 409, body: { code: 'case-closed' } });
    expect((await system.raw('handler', 'GET', `/v1/cases/${closing}/documents`)).body).toEqual({ items: [] });
  });
});

it('the typed client hands in and fetches', async () => {
  const handler = await system.as('handler');
  const { status, body } = await handler.send('uploadDocument', { params: { caseNumber }, headers: { 'x-filename': 'client.txt' } }, Buffer.from('由客户端提交'));
  expect([status, body.mediaType]).toEqual([201, 'text/plain']);
  const response = await handler.download('downloadDocument', { params: { caseNumber, documentId: body.id } });
  expect(await response.text()).toBe('由客户端提交');
  await expect(handler.download('downloadDocument', { params: { caseNumber, documentId: 'nothing' } })).rejects.toMatchObject({ code: 'unknown-document' });
});

describe('letters over HTTP', () => {
  const issue = (kind: string, body: object, key?: string, user = 'handler') =>
    system.send(user, 'POST', `/v1/cases/${caseNumber}/letters/${kind}`, body, key === undefined ? {} : { 'idempotency-key': key });
  const reply = { findings: '经查属实。', conclusion: '三日内办结。' };

  it('are numbered, on the case, and say the due date and its article', async () => {
    const issued = await issue('acceptance', { procedure: '调查后书面答复。', clock: 'route' }, 'letter-1');
    expect(issued).toMatchObject({ status: 201, body: { kind: 'acceptance', mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' } });
    expect(issued.body['number']).toMatch(/^云行受〔\d{4}〕1号$/);
    const read = await (await system.as('handler')).getCase(caseNumber);
    expect(read.evidence).toContainEqual({ title: `受理告知书 ${String(issued.body['number'])}`, documentId: issued.body['id'], sha256: issued.body['sha256'] });

    const got = await download('handler', String(issued.headers.get('location')));
    const words = new PizZip(got.bytes).file('word/document.xml')?.asText() ?? '';
    const [year = 0, month = 0, day = 0] = (read.clocks.find((clock) => clock.clock === 'route')?.due ?? '').split('-').map(Number);
    for (const part of ['赵钱孙', '云州市行政过错投诉中心', String(issued.body['number']), `${year}年${month}月${day}日`, '依据：']) expect(words).toContain(part);
  });

  it('are issued once per key, also at the same time, and anew without one', async () => {
    const [first, twin] = await Promise.all([issue('reply', reply, 'letter-2'), issue('reply', reply, 'letter-2')]);
    const later = await issue('reply', reply, 'letter-2');
    expect([twin.body['number'], later.body['number'], later.body['id'], later.status]).toEqual([first.body['number'], first.body['number'], first.body['id'], 201]);
    expect((await issue('reply', { ...reply, conclusion: '另行处理。' }, 'letter-2')).body['code']).toBe('idempotency-key-reused');
    const next = await issue('reply', reply);
    expect([first.body['number'], next.body['number']]).toEqual([expect.stringMatching(/〕1号$/), expect.stringMatching(/〕2号$/)]);
  });

  it('to the complainant are hidden from the department complained of', async () => {
    const { body } = await issue('reply', reply);
    expect(await system.raw('department', 'GET', `/v1/cases/${caseNumber}/documents/${String(body['id'])}`)).toMatchObject({ status: 403 });
    expect(await issue('reply', reply, undefined, 'department')).toMatchObject({ status: 201 });
    expect(await issue('reply', reply, undefined, 'auditor')).toMatchObject({ status: 403 });
  });

  it.each([
    ['nonsense', {}, 404, 'unknown-letter'],
    ['reply', {}, 400, 'invalid-fields'],
    ['reply', { ...reply, clock: 'route' }, 400, 'invalid-fields'],
    ['extension', { reasons: '鉴定' }, 400, 'invalid-fields'],
    ['decision', { facts: '甲', basis: '乙', decision: '丙', remedy: '丁' }, 400, 'invalid-fields'],
  ])('%s %j is refused, and takes no number', async (kind, body, status, code) => {
    const before = await system.store.connection.db.collection('letterNumbers').countDocuments();
    expect(await issue(kind, body)).toMatchObject({ status, body: { code } });
    expect(await system.store.connection.db.collection('letterNumbers').countDocuments()).toBe(before);
  });
});

it('names and contents of documents never reach a log', () => {
  const all = system.logLines.join('\n');
  expect(all).toContain('/documents');
  for (const secret of ['用水证', '投诉人身份材料', '赵钱孙', encodeURIComponent('用水证')]) expect(all).not.toContain(secret);
});
