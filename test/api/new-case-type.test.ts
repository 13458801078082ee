import path from 'node:path';
import { caseDefinitions } from '../../domain/cases/registry';
import { TestSystem } from '../support/system';
import { toyCase } from '../support/toy/definition';

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start({ definitions: [...caseDefinitions, toyCase], workflowsPath: path.join(__dirname, '../support/toy/workflow.ts') });
}, 120_000);
afterAll(async () => { await system.stop(); });

describe('a case type that the product does not know, added by its definition and its procedure alone', () => {
  it('runs over HTTP from intake to outcome', async () => {
    const [handler, department] = [await system.as('handler'), await system.as('department')];
    const caseNumber = await handler.startCase('toy', { subject: '积木塔', organ: 'yz-water', colour: 'red' });
    expect(caseNumber).toMatch(/^WJ-\d{4}-000001$/);
    expect((await department.call('readInbox', {})).body.items).toMatchObject([{ caseNumber, step: 'build', stepTitle: { zh: '搭建', en: 'build' } }]);
    await department.answer(caseNumber, 'build', 'built', { bricks: 12 });
    expect(await handler.getCase(caseNumber)).toMatchObject({ stage: 'checking', openSteps: [{ step: 'check', yours: true, context: { bricks: 12 } }], actions: ['note'] });
    await handler.act(caseNumber, 'note', { text: '不错' });
    await handler.answer(caseNumber, 'check', 'good');
    await system.until(async () => (await handler.getCase(caseNumber)).status === 'closed', 'the toy to be done');
    expect(await handler.getCase(caseNumber)).toMatchObject({ outcome: 'done', outcomeTitle: { zh: '完成', en: 'done' }, actions: [], openSteps: [] });
    expect((await handler.call('listCases', { query: { type: 'toy' } })).body.items).toMatchObject([{ caseNumber, subject: '积木塔', title: { zh: '玩具案件', en: 'toy case' } }]);
  });

  it('is refused, described and documented like any other', async () => {
    const refused = await system.send('handler', 'POST', '/v1/cases/toy', { subject: '塔', organ: 'yz-moon', colour: 'red' });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid-fields', errors: [{ path: 'organ' }] } });
    expect(await system.send('handler', 'POST', '/v1/cases/toy', { subject: '塔', organ: 'yz-water', colour: 'green' })).toMatchObject({ status: 400, body: { errors: [{ path: 'colour' }] } });
    expect(await system.send('department', 'POST', '/v1/cases/toy', { subject: '塔', organ: 'yz-water', colour: 'red' })).toMatchObject({ status: 403 });
    const types = (await system.raw('handler', 'GET', '/v1/case-types')).body['items'] as { type: string; mayStart: boolean }[];
    expect(types.at(-1)).toMatchObject({ type: 'toy', mayStart: true });
    const document = (await system.raw(null, 'GET', '/openapi.json')).body as { paths: Record<string, { post?: { requestBody: { content: Record<string, { schema: object }> } } }> };
    expect(document.paths['/v1/cases/toy']?.post?.requestBody.content['application/json']?.schema).toMatchObject({ required: ['subject', 'organ', 'colour'] });
  });
});
