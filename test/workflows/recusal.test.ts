import type { Json } from '../../domain/json';
import { CaseWorld, personOf } from '../support/case-world';
import { accepted, answered, complaint, Course, faulty, finding, type Turn } from './course';

let world: CaseWorld;
// Friday 1 March 2030.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const about = (organ: string, extra: { readonly [name: string]: Json } = {}): Promise<string> => world.start('complaint', { ...complaint, accused: { organ }, ...extra }, 'handler');
const headed = (id: string) => ({ ...finding('shirking', id), person: personOf(id, 'organ-head') });
const endWith = async (...numbers: readonly string[]): Promise<void> => {
  for (const number of numbers) {
    await world.settled(number);
    const open = (await world.view(number)).status === 'open' ? [number] : [];
    await course.end(...open, ...(await course.started(number)).map((link) => link.caseNumber));
  }
};

const water = personOf('department.water');
const referral = { source: 'audit', referringOrgan: 'yz-audit', subject: '挪用资金', facts: '审计发现。', ownMeasures: '责令归还', evidence: [{ title: '审计报告' }], persons: [water] };
const refer = (extra: { readonly [name: string]: unknown } = {}): Promise<string> => world.start('referral', { ...referral, ...extra }, 'referrer');
const found = (...persons: readonly ReturnType<typeof personOf>[]): Json => ({
  facts: '属实', findings: persons.map((person) => ({ level: 'handling', person, responsible: true, fault: '挪用' })), leadership: { examined: true, result: '已作检查' },
});
const decision = (...persons: readonly { readonly name: string; readonly staffId?: string | undefined }[]): Json => ({
  decisions: persons.map(({ name, staffId }) => ({ name, ...(staffId === undefined ? {} : { staffId }), measure: 'warning', reasons: '违纪' })), effectiveOn: '2030-03-01', publish: 'none',
});

test('S1 三(二): the organ first asked routes, but a complaint about itself is routed by its supervisory organ', async () => {
  const [centre, supervision] = [await about('yz-complaints'), await about('yz-supervision', { receivingOrgan: 'yz-supervision' })];
  expect((await course.step(centre, 'route')).assignee.organ).toBe('yz-supervision');
  expect((await world.view(centre)).leadOrgan).toBe('yz-supervision');
  expect((await world.refusal(world.answer(centre, 'route', 'reject', { reasons: '无据', channel: '无' }, 'handler'))).type).toBe('not-yours');
  expect((await course.step(supervision, 'route')).assignee.organ).toBe('yl-supervision');
  await endWith(centre, supervision);
});

test('公务员法 76: findings that name the head of the handling organ are approved above it, and the extension is granted there', async () => {
  const number = await about('yz-water');
  await course.drive(number, ...accepted, ['investigate', 'report', faulty(headed('leader.water')), 'department'], ['review', 'agree', {}, 'reviewer']);
  expect((await course.step(number, 'approve')).assignee.organ).toBe('yz-gov');
  await world.act(number, 'extend', { by: { amount: 10, unit: 'calendar-day' }, reasons: '复杂' }, 'handler');
  expect((await course.step(number, 'extension.handle')).assignee).toEqual({ roles: ['leader'], organ: 'yz-gov' });
  await course.drive(number, ['extension.handle', 'approve', {}, 'leader'], ['approve', 'approve', {}, 'leader']);
  await world.untilOpen(number, 'reply');
  await endWith(number);
});

test('公务员法 76: findings that name the head of the supervisory organ are reviewed by the supervisory organ above', async () => {
  const number = await about('yz-water');
  await course.drive(number, ...accepted, ['investigate', 'report', faulty(headed('leader.supervision')), 'department']);
  expect((await course.step(number, 'review')).assignee.organ).toBe('yl-supervision');
  await endWith(number);
});

test('a complaint that names the heads of the handling organ and of its government is reviewed further up', async () => {
  const number = await about('yz-water');
  const turns = answered(faulty(headed('leader.water'), headed('leader')));
  await course.drive(number, ...accepted, turns[0] ?? accepted[0] as Turn, ['review', 'agree', {}, 'reviewer']);
  expect((await course.step(number, 'approve')).assignee.organ).toBe('yl-gov');
  await course.drive(number, ['approve', 'approve', {}, 'leader.province'], ['reply', 'send', { text: '答复' }, 'department'], ['rate', 'dissatisfied', { grounds: '不服' }, 'complainant']);
  expect((await course.step(number, 'review-decision')).assignee.organ).toBe('yl-gov');
  await endWith(number);
});

test('who is found at fault in the supervisory organ is referred to the one above it, and an order to it comes from there', async () => {
  const number = await about('yz-water');
  const own = [finding('duty-not-performed', 'reviewer.complaints'), finding('duty-not-performed', 'handler.supervision'), finding('rule-or-process', 'handler.supervision')];
  await course.drive(number, ...accepted, ...answered(faulty(...own)), ['rate', 'satisfied', {}, 'complainant']);
  await course.closed(number);
  await world.settled(number);
  const links = await course.started(number);
  expect(await Promise.all(links.map(async (link) => [link.type, (await world.view(link.caseNumber)).leadOrgan]))).toEqual([
    ['rectification', 'yl-supervision'], ['referral', 'yz-supervision'], ['referral', 'yl-supervision'],
  ]);
  await endWith(number);
});

test('no organ investigates its own: a referral of one of its people goes to the supervisory organ above, whoever was named', async () => {
  const [named, left] = [await refer({ persons: [personOf('handler.supervision')], supervisoryOrgan: 'yz-supervision' }), await refer({ persons: [personOf('leader.supervision', 'organ-head')] })];
  for (const number of [named, left]) expect((await course.step(number, 'receive')).assignee.organ).toBe('yl-supervision');
  await endWith(named, left);
});

test('公务员法 76: once the findings name the head of the supervisory organ, the one above reviews and decides', async () => {
  const number = await refer();
  await course.drive(number, ['receive', 'accept', {}, 'supervisor'], ['investigate', 'report', found(water, personOf('leader.supervision', 'organ-head')), 'supervisor'],
    ['statement.1', 'waived', {}, 'supervisor'], ['statement.2', 'waived', {}, 'supervisor']);
  expect((await course.step(number, 'review')).assignee.organ).toBe('yl-supervision');
  await endWith(number);
});

test('政务处分法 43: what was said in defence lies before who reviews and decides; everyone heard gets a decision, and nobody else', async () => {
  const number = await refer();
  const other = personOf('department.transport');
  await course.drive(number, ['receive', 'accept', {}, 'supervisor'], ['investigate', 'report', found(water, other), 'supervisor'],
    ['statement.1', 'heard', { statement: '系误操作', accepted: true, reasons: '有记录' }, 'supervisor'], ['statement.2', 'waived', {}, 'supervisor']);
  expect((await course.step(number, 'review')).context).toMatchObject({ statements: [{ name: water.name, answer: 'heard', statement: '系误操作', accepted: true }, { name: other.name, answer: 'waived' }] });
  await course.drive(number, ['review', 'agree', {}, 'reviewer']);
  expect((await course.step(number, 'decide')).context).toMatchObject({ statements: [{ statement: '系误操作' }, {}] });
  const decide = (fields: Json) => world.answer(number, 'decide', 'decide', fields, 'approver');
  expect(await world.refusal(decide(decision(water)))).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'decisions' }] } });
  expect(await world.refusal(decide(decision(water, other, personOf('leader.transport'))))).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'decisions.2.name' }] } });
  await decide(decision(water, other));
  await world.untilOpen(number, 'serve');
  await endWith(number);
});

test('a decision is held against who was heard in a later run too', async () => {
  const number = await world.start('referral', referral, 'referrer', { historyBudget: 10 });
  await course.drive(number, ['receive', 'accept', {}, 'supervisor'], ['investigate', 'report', found(water), 'supervisor'], ['statement.1', 'waived', {}, 'supervisor'], ['review', 'agree', {}, 'reviewer']);
  await world.untilOpen(number, 'decide');
  const before = await world.run(number);
  for (let note = 1; await world.run(number) <= before; note++) await world.act(number, 'note', { text: `附注 ${note}` }, 'supervisor');
  expect((await world.refusal(world.answer(number, 'decide', 'decide', decision(personOf('leader.transport')), 'approver'))).type).toBe('invalid-fields');
  await course.drive(number, ['decide', 'decide', decision(water), 'approver']);
  await world.untilOpen(number, 'serve');
  await endWith(number);
});

test('S2 三(三): a person without a staff number is entered and copied under the number of the case', async () => {
  const unlisted = { name: '机关主要负责人', organ: 'yz-legal', postLevel: 'organ-head' };
  const number = await refer({ persons: [unlisted] });
  await course.drive(number, ['receive', 'accept', {}, 'supervisor'], ['investigate', 'report', found(unlisted as ReturnType<typeof personOf>), 'supervisor'], ['statement.1', 'waived', {}, 'supervisor'],
    ['review', 'agree', {}, 'reviewer'], ['decide', 'decide', decision(unlisted), 'approver'], ['serve', 'served', { on: '2030-03-01', method: 'in-person' }, 'supervisor'], ['feedback', 'send', { text: '结果' }, 'supervisor']);
  expect(await course.closed(number)).toBe('decided');
  expect(await course.kept('entry', number)).toMatchObject([{ staffId: `unlisted.${number}.1`, content: { name: '机关主要负责人', measure: 'warning' } }]);
  expect(await course.kept('copy', number)).toMatchObject([{ staffId: `unlisted.${number}.1` }]);
});

test('S2 三(三): what is handed over again lies before who receives it', async () => {
  const number = await refer();
  await course.drive(number, ['receive', 'return', { reasons: '不全' }, 'supervisor'], ['supplement', 'resubmit', { statement: '已补充流水', evidence: [{ title: '银行流水' }] }, 'referrer']);
  expect(await course.step(number, 'receive')).toMatchObject({ round: 2, context: { resubmitted: { statement: '已补充流水', evidence: [{ title: '银行流水' }] } } });
  await endWith(number);
});
