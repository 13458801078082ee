import type { Json } from '../../domain/json';
import { CaseWorld, personOf } from '../support/case-world';
import { Course, type Turn } from './course';

let world: CaseWorld;
// Friday 1 March 2030; the calendar of 2030 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const head = personOf('leader.water', 'organ-head');

describe('rectification 限期整改 (S2 四(二)(三))', () => {
  const order = { ground: 'supervision-recommendation', orderingOrgan: 'yz-supervision', organ: 'yz-water', subject: '抢修响应整改', order: '建立抢修响应制度。' };
  const start = (extra: { readonly [name: string]: Json } = {}): Promise<string> => world.start('rectification', { ...order, ...extra }, 'supervisor');
  const report: Turn = ['report', 'report', { report: '已建立制度' }, 'department'];

  test('ordered, reported, verified, done', async () => {
    const number = await start();
    // 30 days after 1 March: Sunday the 31st, so Monday 1 April.
    expect(await course.step(number, 'report')).toMatchObject({ due: '2030-04-01', assignee: { organ: 'yz-water' } });
    expect(await course.notices(number)).toEqual(['rectification-order → yz-water']);
    expect((await course.events(number, 'order')).map((event) => [event.facts, event.detail])).toEqual([[{ organ: 'yz-water', within: null }, { order: '建立抢修响应制度。' }]]);
    await course.drive(number, report, ['verify', 'done', {}, 'supervisor']);
    expect(await course.closed(number)).toBe('done');
    expect(await course.kept('criticism', number)).toEqual([]);
  });

  test('the order sets its own date', async () => {
    const number = await start({ within: { amount: 10, unit: 'working-day' } });
    // 10 working days after Friday 1 March: Friday the 15th.
    expect((await course.step(number, 'report')).due).toBe('2030-03-15');
    await course.end(number);
  });

  test('returned for more, the date of the order stands', async () => {
    const number = await start();
    await course.drive(number, report, ['verify', 'return', { reasons: '未落实到岗' }, 'supervisor']);
    expect(await course.step(number, 'report')).toMatchObject({ round: 2, due: '2030-04-01', context: { returned: '未落实到岗' } });
    await course.drive(number, report, ['verify', 'done', {}, 'supervisor']);
    expect(await course.closed(number)).toBe('done');
  });

  test('S2 四(二): not put right, the organ is criticised and its head referred', async () => {
    const number = await start();
    await course.drive(number, report, ['verify', 'not-done', { reasons: '敷衍整改' }, 'supervisor']);
    expect(await course.closed(number)).toBe('not-done');
    expect(await course.kept('criticism', number)).toMatchObject([{ organ: 'yz-water' }]);
    const [link] = await course.started(number);
    expect(link?.type).toBe('referral');
    expect(await world.view(link?.caseNumber ?? '')).toMatchObject({ persons: [head], leadOrgan: 'yz-supervision' });
    await course.end(link?.caseNumber ?? '');
  });

  test('S2 四(二): failed outright, criticism and the leaders\' responsibility come at once', async () => {
    const number = await start({ failedOutright: true });
    expect(await course.closed(number)).toBe('failed-outright');
    expect(await course.kept('criticism', number)).toHaveLength(1);
    expect((await course.events(number, 'step-opened'))).toEqual([]);
    const links = await course.started(number);
    expect(links.map((link) => link.type)).toEqual(['referral']);
    await course.end(...links.map((link) => link.caseNumber));
  });

  test('the ordering organ may withdraw its order', async () => {
    const number = await start();
    await world.untilOpen(number, 'report');
    await world.act(number, 'withdraw', { reasons: '依据变更' }, 'supervisor');
    expect(await course.closed(number)).toBe('withdrawn');
  });
});

describe('dispute 职能争议协调 (S3 二(二)5, S2 四(二))', () => {
  const matter = { ground: 'matter', parties: ['yz-water', 'yz-transport'], coordinatingOrgan: 'yz-gov', subject: '道路塌陷抢修职责', facts: '双方均认为不属本局。' };
  const start = (extra: { readonly [name: string]: Json } = {}): Promise<string> => world.start('dispute', { ...matter, ...extra }, 'department');
  const toOpinion: readonly Turn[] = [
    ['negotiate', 'failed', { reasons: '各执一词' }, 'department'], ['opinion', 'issue', { opinion: '由交通局负责', responsibleOrgan: 'yz-transport' }, 'leader'],
  ];
  const complied: Turn = ['comply', 'report', { report: '已抢修' }, 'department.transport'];

  test('the parties agree between themselves', async () => {
    const number = await start();
    expect((await course.step(number, 'negotiate')).assignee).toMatchObject({ organ: 'yz-water' });
    await course.drive(number, ['negotiate', 'agreed', { agreement: '由水务局牵头' }, 'leader.water']);
    expect(await course.closed(number)).toBe('agreed');
  });

  test('failing that the coordinating organ issues a written opinion to all parties, and it is carried out', async () => {
    const number = await start();
    await course.drive(number, ...toOpinion);
    expect(await course.step(number, 'comply')).toMatchObject({ assignee: { organ: 'yz-transport' }, context: { opinion: { opinion: '由交通局负责' } } });
    expect((await course.notices(number)).filter((notice) => notice.startsWith('coordination'))).toEqual(['coordination-opinion → yz-water', 'coordination-opinion → yz-transport']);
    await course.drive(number, complied, ['confirm', 'return', { reasons: '路面未恢复' }, 'leader']);
    expect(await course.step(number, 'comply')).toMatchObject({ round: 2, context: { returned: '路面未恢复' } });
    await course.drive(number, complied, ['confirm', 'done', {}, 'leader']);
    expect(await course.closed(number)).toBe('carried-out');
  });

  test('where waiting would gravely harm the public interest one organ acts at once and the others support it', async () => {
    const number = await start({ urgent: { actingOrgan: 'yz-transport', measure: '立即围挡抢修' } });
    await world.untilOpen(number, 'negotiate');
    expect((await course.events(number, 'order')).map((event) => event.facts)).toEqual([{ organ: 'yz-transport', interim: true }]);
    expect(await course.notices(number)).toEqual(['interim-order → yz-water', 'interim-order → yz-transport']);
    await course.end(number);
  });

  test('S2 四(二): an opinion not carried out leads to criticism and the referral of the head', async () => {
    const number = await start();
    await course.drive(number, ...toOpinion, complied, ['confirm', 'not-done', { reasons: '拒不执行' }, 'leader']);
    expect(await course.closed(number)).toBe('not-carried-out');
    expect(await course.kept('criticism', number)).toMatchObject([{ organ: 'yz-transport' }]);
    const [link] = await course.started(number);
    expect(await world.view(link?.caseNumber ?? '')).toMatchObject({ type: 'referral', persons: [personOf('leader.transport', 'organ-head')] });
    await course.end(link?.caseNumber ?? '');
  });

  test('a dispute may be withdrawn by who brought it', async () => {
    const number = await start();
    await world.untilOpen(number, 'negotiate');
    await world.act(number, 'withdraw', { reasons: '已自行解决' }, 'department');
    expect(await course.closed(number)).toBe('withdrawn');
  });
});
