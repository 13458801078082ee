import type { Json } from '../../domain/json';
import { CaseWorld, personOf } from '../support/case-world';
import { accepted, answered, complaint, Course, faulty, finding, satisfied } from './course';

let world: CaseWorld;
// Friday 1 March 2030; the calendar of 2030 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const start = (extra: { readonly [name: string]: Json } = {}, by = 'handler'): Promise<string> => world.start('complaint', { ...complaint, ...extra }, by);
const inOffice = { organ: 'yz-water', procedure: '按一般程序办理' };

test('信访工作条例 22, 23, 34: routed within 15 days, handled within 60 of acceptance, answered in writing, rated', async () => {
  const number = await start();
  // 15 days after Friday 1 March: Saturday the 16th, so Monday the 18th.
  expect(await course.open(number)).toEqual([['route', '2030-03-18']]);
  await course.drive(number, ...accepted);
  // 60 days after 1 March: Tuesday 30 April.
  expect(await course.step(number, 'investigate')).toMatchObject({ due: '2030-04-30', assignee: { organ: 'yz-water' } });
  expect(await world.view(number)).toMatchObject({ leadOrgan: 'yz-water', stage: 'investigation' });
  await course.drive(number, ...answered());
  // 30 days after 1 March: Sunday the 31st, so Monday 1 April.
  expect(await course.step(number, 'rate')).toMatchObject({ due: '2030-04-01', assignee: { organ: 'yz-complaints' } });
  await course.drive(number, satisfied);

  expect(await course.closed(number)).toBe('replied-no-fault');
  expect(await course.letters(number)).toEqual(['routed', 'acceptance', 'reply']);
  expect((await course.events(number, 'step-answered')).map((event) => [event.step, event.facts['answer'], event.by.id])).toEqual([
    ['route', 'route', 'handler'], ['accept', 'accept', 'department'], ['investigate', 'report', 'department'], ['review', 'agree', 'reviewer'],
    ['approve', 'approve', 'leader.water'], ['reply', 'send', 'department'], ['rate', 'satisfied', 'complainant'],
  ]);
  expect((await world.view(number)).result).toMatchObject({ reply: { text: '经调查,现答复如下。' }, faultFound: false });
  expect(await course.kept('filing', number)).toEqual([]);
});

test('S4 件件有答复: it does not close without a written reply on file', async () => {
  const number = await start();
  await course.drive(number, ...accepted, ...answered().slice(0, 3));
  await world.untilOpen(number, 'reply');
  expect(await world.refusal(world.answer(number, 'reply', 'send', { text: '' }, 'department'))).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'text' }] } });
  expect(await world.view(number)).toMatchObject({ status: 'open', openSteps: [{ id: 'reply' }] });
  await course.drive(number, ['reply', 'send', { text: '答复' }, 'department'], satisfied);
  expect(await course.closed(number)).toBe('replied-no-fault');
});

test('a complaint that is not for this procedure is refused in writing with its lawful channel', async () => {
  const number = await start();
  await course.drive(number, ['route', 'reject', { reasons: '属于诉讼事项', channel: '人民法院' }, 'handler']);
  expect(await course.closed(number)).toBe('not-accepted');
  const [letter] = (await course.events(number, 'notice')).filter((event) => event.facts['to'] === 'complainant');
  expect(letter).toMatchObject({ facts: { template: 'not-accepted' }, detail: { channel: '人民法院' } });
  expect((await course.clock(number, 'route')).reading?.stopped).toBe(true);
});

test('信访工作条例 23, 24: an organ that got it wrongly objects within 5 working days, the common superior names another', async () => {
  const number = await start();
  await course.drive(number, ['route', 'route', inOffice, 'handler']);
  // 5 working days after Friday 1 March: Friday the 8th.
  expect((await course.step(number, 'accept')).due).toBe('2030-03-08');
  await course.drive(number, ['accept', 'object', { reasons: '不属本局职责' }, 'department']);
  expect(await course.step(number, 'jurisdiction')).toMatchObject({ assignee: { organ: 'yz-gov' }, context: { objection: '不属本局职责', from: 'yz-water' } });
  await course.drive(number, ['jurisdiction', 'decide', { organ: 'yz-transport', reasons: '道路设施' }, 'leader'], ['accept', 'accept', {}, 'department.transport']);
  expect(await course.step(number, 'investigate')).toMatchObject({ assignee: { organ: 'yz-transport' } });
  expect((await world.view(number)).leadOrgan).toBe('yz-transport');
  await course.end(number);
});

test('信访工作条例 24: an objection that is not upheld leaves nothing to object to', async () => {
  const number = await start();
  await course.drive(number, ['route', 'route', inOffice, 'handler'], ['accept', 'object', { reasons: '不属本局职责' }, 'department'],
    ['jurisdiction', 'decide', { organ: 'yz-water', reasons: '属水务职责' }, 'leader']);
  expect(await course.step(number, 'investigate')).toMatchObject({ assignee: { organ: 'yz-water' }, due: '2030-04-30' });
  await course.end(number);
});

test('a return by the reviewer or the approver goes back to the investigation and the 60 days run on', async () => {
  const number = await start();
  await course.drive(number, ...accepted, answered()[0] ?? satisfied, ['review', 'return', { reasons: '事实不清' }, 'reviewer']);
  expect(await course.step(number, 'investigate')).toMatchObject({ round: 2, context: { returned: '事实不清' }, due: '2030-04-30' });
  await course.drive(number, ...answered().slice(0, 2), ['approve', 'return', { reasons: '依据不足' }, 'leader.water']);
  expect(await course.step(number, 'investigate')).toMatchObject({ round: 3, context: { returned: '依据不足' }, due: '2030-04-30' });
  await course.drive(number, ...answered(), satisfied);
  expect(await course.closed(number)).toBe('replied-no-fault');
  expect((await course.clock(number, 'handle')).spec.events.map((event) => event.kind)).toEqual(['start', 'stop']);
});

test('S3 二(七)5: a bad rule or process is ordered to be improved, and the fault is filed for record', async () => {
  const number = await start();
  await course.drive(number, ...accepted, ...answered(faulty(finding('rule-or-process'))), satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  const [link, ...others] = await course.started(number);
  expect([link?.type, others]).toEqual(['rectification', []]);
  expect(await world.view(link?.caseNumber ?? '')).toMatchObject({
    leadOrgan: 'yz-supervision', links: [{ caseNumber: number, relation: 'origin' }], openSteps: [{ id: 'report', assignee: { organ: 'yz-water' } }],
  });
  expect(await course.kept('filing', number)).toMatchObject([{ organ: 'yz-water', content: { causes: ['rule-or-process'] } }]);
  expect(await course.notices(number)).toContain('fault-filed → yz-supervision');
  await course.end(link?.caseNumber ?? '');
});

test('S3 二(七)5: unclear duties go to dispute coordination', async () => {
  const number = await start();
  await course.drive(number, ...accepted, ...answered(faulty(finding('unclear-duties'))), satisfied);
  await course.closed(number);
  const [link, ...others] = await course.started(number);
  expect([link?.type, others]).toEqual(['dispute', []]);
  // One organ whose own duties are unclear has nobody to negotiate with: the coordinating organ gives its opinion at once.
  expect(await world.view(link?.caseNumber ?? '')).toMatchObject({ leadOrgan: 'yz-gov', intake: { parties: ['yz-water'] }, openSteps: [{ id: 'opinion', assignee: { organ: 'yz-gov' } }] });
  await course.end(link?.caseNumber ?? '');
});

test('S3 二(七)5: shirking is criticised by notice; suspension and removal reach personnel', async () => {
  const number = await start();
  const { staffId, name } = personOf('department.water');
  const report = { ...faulty(finding('shirking')) as object, measures: [{ staffId: staffId ?? '', name, measure: 'suspension' }] } as unknown as Json;
  await course.drive(number, ...accepted, ['investigate', 'report', report, 'department'], ...answered().slice(1), satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  expect(await course.started(number)).toEqual([]);
  expect(await course.kept('criticism', number)).toMatchObject([{ organ: 'yz-water' }]);
  expect(await course.notices(number)).toContain('criticism → yz-water');
  expect(await course.kept('copy', number)).toMatchObject([{ staffId, content: { measure: 'suspension' } }]);
  expect((await course.events(number, 'measure')).map((event) => event.facts)).toEqual([{ measure: 'suspension' }]);
});

test('S3 二(七)5: where a duty was not performed each person responsible is referred, and only they', async () => {
  const number = await start();
  const report = faulty(finding('duty-not-performed'), finding('duty-not-performed', 'department.transport'), { ...finding('duty-not-performed', 'leader.transport'), responsible: false });
  await course.drive(number, ...accepted, ['investigate', 'report', report, 'department'], ...answered().slice(1), satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  const links = await course.started(number);
  expect(links.map((link) => link.type)).toEqual(['referral', 'referral']);
  const persons = await Promise.all(links.map(async (link) => (await world.view(link.caseNumber)).persons.map((person) => person.staffId)));
  expect(persons).toEqual([[personOf('department.water').staffId], [personOf('department.transport').staffId]]);
  await course.end(...links.map((link) => link.caseNumber));
});

test('S3 二(六)6 一案双查: a person held responsible without a word on the leader in charge is refused', async () => {
  const number = await start();
  await course.drive(number, ...accepted);
  const { leadership: _left, ...report } = faulty(finding('shirking')) as { readonly leadership: Json; readonly [name: string]: Json };
  expect(await world.refusal(world.answer(number, 'investigate', 'report', report, 'department'))).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'leadership' }] } });
  const { cause: _none, ...causeless } = finding('shirking');
  expect(await world.refusal(world.answer(number, 'investigate', 'report', { ...faulty() as object, findings: [causeless] }, 'department')))
    .toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'findings.0.cause' }] } });
  await course.end(number);
});

test('公务员法 76 回避: an officer named in the findings does not approve them; the step is given to another', async () => {
  const number = await start();
  await course.drive(number, ...accepted, ['investigate', 'report', faulty(finding('rule-or-process', 'leader.water')), 'department'], ['review', 'agree', {}, 'reviewer']);
  await world.untilOpen(number, 'approve');
  expect((await world.refusal(world.answer(number, 'approve', 'approve', {}, 'leader.water'))).type).toBe('recusal');
  await world.act(number, 'reassign', { step: 'approve', organ: 'yz-gov', reasons: '回避' }, 'handler');
  await course.drive(number, ['approve', 'approve', {}, 'leader']);
  await world.untilOpen(number, 'reply');
  await course.end(number);
});

test('an anonymous complaint is handled like any other, and nothing of a person stands on it', async () => {
  const number = await start({ complainant: { anonymous: true } });
  await course.drive(number, ...accepted, ...answered(), satisfied);
  expect(await course.closed(number)).toBe('replied-no-fault');
  // 件件有答复: the reply lies with the centre, to be asked for by case number.
  expect(await course.notices(number)).toContain('reply → complainant');
  expect((await world.view(number)).intake).toMatchObject({ complainant: { anonymous: true } });
  await expect(world.start('complaint', { ...complaint, complainant: { anonymous: true, name: '投诉人甲' } }, 'handler')).rejects.toThrow(/anonymous/);
});

test('S4 二(二)3: the supervisory organ follows a typical complaint from registration to its end', async () => {
  const number = await start({ typical: true });
  await course.drive(number, ...accepted, ...answered(), satisfied);
  await course.closed(number);
  expect((await course.notices(number)).filter((notice) => notice.startsWith('typical'))).toEqual([
    'typical-registered → yz-supervision', 'typical-replied → yz-supervision', 'typical-concluded → yz-supervision',
  ]);
});
