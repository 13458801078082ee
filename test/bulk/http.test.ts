import PizZip from 'pizzip';
import { TestSystem } from '../support/system';

let system: TestSystem;
beforeAll(async () => { system = await TestSystem.start(); }, 120_000);
afterAll(async () => { await system.stop(); });

const check = (user: string, csv: string, query = '?type=complaint', type = 'text/csv') =>
  system.raw(user, 'POST', `/v1/imports${query}`, { body: Buffer.from(csv), headers: { 'content-type': type } });
const heading = '渠道,事由,内容,投诉人,单位\n';
const mapped = `?type=complaint&mapping=${encodeURIComponent('{"单位":"accused.organ"}')}`;

async function bytesOf(user: string, path: string): Promise<{ headers: Headers; bytes: Buffer }> {
  const { token } = await system.as(user);
  const response = await fetch(`${system.url}${path}`, { headers: { authorization: `Bearer ${token ?? ''}` } });
  expect(response.status).toBe(200);
  return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

describe('bulk import over HTTP', () => {
  it('first starts nothing, then each good row once, with a report per row', async () => {
    const csv = `${heading}web,甲事,甲,赵钱孙,yz-water\nweb,乙事,乙,赵钱孙,yz-nowhere\nletter,=1+1,丙,赵钱孙,yz-transport\n`;
    const checked = await check('handler', csv, mapped);
    expect(checked).toMatchObject({ status: 201, body: { state: 'checked', rows: 3, valid: 2, invalid: 1, started: 0 } });
    const id = String(checked.body['id']);
    const handler = await system.as('handler');
    expect((await handler.call('listCases', {})).body.items).toEqual([]);
    expect((await bytesOf('handler', `/v1/imports/${id}/report`)).bytes.toString()).toContain('3,invalid,,"accused.organ: no organ ""yz-nowhere""');

    const started = await system.raw('handler', 'POST', `/v1/imports/${id}/start`);
    expect(started).toMatchObject({ status: 202, body: { state: 'running' } });
    await system.until(async () => (await system.raw('handler', 'GET', `/v1/imports/${id}`)).body['state'] === 'done', 'the import to end');
    expect((await system.raw('handler', 'GET', `/v1/imports/${id}`)).body).toMatchObject({ started: 2, invalid: 1, refused: 0, valid: 0, fault: null });
    const numbers = [...(await bytesOf('handler', `/v1/imports/${id}/report`)).bytes.toString().matchAll(/started,(TS-\d{4}-\d{6})/g)].map((match) => match[1]);
    expect(numbers).toHaveLength(2);
    expect((await handler.call('listCases', {})).body.items.map((each) => each.caseNumber).sort()).toEqual(numbers.sort());
    expect((await handler.getCase(String(numbers[0]))).startedBy.id).toBe('handler');

    expect(await system.raw('handler', 'POST', `/v1/imports/${id}/start`)).toMatchObject({ status: 409, body: { code: 'import-not-startable' } });
    expect((await check('handler', csv, mapped)).body['id']).toBe(id);
    expect(await system.raw('supervisor', 'GET', `/v1/imports/${id}`)).toMatchObject({ status: 404, body: { code: 'unknown-import' } });
    expect((await system.raw('handler', 'GET', '/v1/imports')).body['items']).toHaveLength(1);
  });

  it.each<[string, string, string, string, string, number, string]>([
    ['who may not import', 'department', 'subject\nx\n', '?type=complaint', 'text/csv', 403, 'not-allowed'],
    ['an unknown type', 'handler', 'subject\nx\n', '?type=nothing', 'text/csv', 404, 'unknown-case-type'],
    ['an unknown column', 'handler', 'colour\nx\n', '?type=complaint', 'text/csv', 400, 'invalid-fields'],
    ['a mapping that is none', 'handler', 'subject\nx\n', '?type=complaint&mapping=%7B', 'text/csv', 400, 'invalid-fields'],
    ['no rows', 'handler', 'subject\n', '?type=complaint', 'text/csv', 400, 'invalid-fields'],
    ['JSON', 'handler', '{}', '?type=complaint', 'application/json', 415, 'unsupported-media-type'],
  ])('refuses %s', async (_what, user, csv, query, type, status, code) => {
    expect(await check(user, csv, query, type)).toMatchObject({ status, body: { code } });
  });
});

describe('export over HTTP', () => {
  it('gives the list as one may see it, and no cell is a formula', async () => {
    const { headers, bytes } = await bytesOf('handler', '/v1/exports/cases?type=complaint');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="cases-\d{4}-\d{2}-\d{2}\.csv"/);
    const lines = bytes.toString().trim().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines.join('\n')).toContain(",'=1+1");
    expect(lines.join('\n')).not.toContain('赵钱孙');
    expect((await bytesOf('handler', '/v1/exports/cases?organ=yz-transport&q=nothing')).bytes.toString().trim().split('\r\n')).toHaveLength(1);
  });

  it.each(['cases', 'inbox', 'notices', 'stats'])('%s as a sheet', async (list) => {
    const { headers, bytes } = await bytesOf('handler', `/v1/exports/${list}?format=xlsx`);
    expect(headers.get('content-type')).toBe('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
    const all = Object.keys(new PizZip(bytes).files);
    expect(all).toEqual(expect.arrayContaining(['[Content_Types].xml', 'xl/workbook.xml']));
    const csv = (await bytesOf('handler', `/v1/exports/${list}`)).bytes.toString().trim().split('\r\n');
    expect(csv.length).toBeGreaterThan(list === 'notices' ? 0 : 1);
  });

  it.each([['department', '/v1/exports/cases', 403], ['administrator', '/v1/exports/cases', 403], ['handler', '/v1/exports/secrets', 404], ['handler', '/v1/exports/cases?format=pdf', 400]])('%s %s → %i', async (user, path, status) => {
    expect((await system.raw(user, 'GET', path)).status).toBe(status);
  });
});
