import { actor, CaseWorld, personOf } from '../support/case-world';
import { notInvolved } from '../support/intakes';

let world: CaseWorld;
// Friday 1 March 2030; the calendar of 2030 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const incident = {
  category: 'work-safety', subject: '水库溢洪道闸门故障', facts: '汛前检查发现闸门不能启闭。', occurredOn: '2030-02-27', organs: ['yz-water'],
};
const explanation = {
  managementSystem: { missing: true, statement: '检修制度缺失' },
  measures: { appropriate: true, statement: '已采取临时措施' },
  responsibility: { sound: false, statement: '责任未落实到岗' },
};
const finding = { level: 'handling', person: personOf('department.water'), responsible: true, fault: '未按期检修', duty: '水利工程检修', cause: 'duty-not-performed' };
const report = {
  facts: '经查,检修责任未落实。', findings: [finding, { level: 'approval', person: personOf('leader.water', 'organ-head'), responsible: false, fault: '无' }],
  levelsNotInvolved: notInvolved('review'), leadership: { examined: true, result: '分管负责人已作检查,不负直接责任' }, dereliction: true, touchesHead: true,
};

const dates = async (caseNumber: string): Promise<unknown[]> => (await world.events(caseNumber))
  .filter((event) => event.kind === 'rung').map((event) => [event.facts['rung'], event.facts['legalDate'], event.facts['effect']]);

test('answered in time it closes with the notification recorded', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  const opened = await world.view(number);
  expect(opened.openSteps.map((step) => [step.id, step.assignee.organ, step.due])).toEqual([['explain.yz-water', 'yz-water', '2030-03-27']]);

  await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department');
  await world.answer(number, 'examine.yz-water', 'accept', {}, 'leader');
  await world.answer(number, 'investigate', 'report', report, 'supervisor');
  await world.answer(number, 'approve', 'approve', {}, 'leader');
  await world.untilOpen(number, 'apologise.yz-water');
  await world.answer(number, 'apologise.yz-water', 'apologise', { text: '致歉', where: '市政府网站', on: '2030-03-01' }, 'department');
  await world.untilOpen(number, 'notify.yz-water');
  const notifying = await world.view(number);
  // S2 四(一): three months after 1 March 2030, itself not counted: 1 June is a Saturday, so Monday 3 June.
  expect(notifying.openSteps.find((step) => step.id === 'notify.yz-water')?.due).toBe('2030-06-03');
  await world.answer(number, 'government-announce', 'announce', { text: '通报' }, 'leader');
  await world.answer(number, 'notify.yz-water', 'notify', { text: '通报调查处理情况' }, 'department');
  expect(await world.result(number)).toEqual({ caseNumber: number, outcome: 'notified' });

  const closed = await world.view(number);
  expect(closed.status).toBe('closed');
  const started = closed.links.filter((link) => link.relation === 'started');
  expect(started.map((link) => link.type)).toEqual(['referral']);
  const announced = (await world.events(number)).filter((event) => event.kind === 'announcement').map((event) => event.facts['scope']);
  expect(announced.sort()).toEqual(['government', 'government', 'public']);
  const referral = await world.view(started[0]?.caseNumber ?? '');
  expect(referral.persons.map((person) => person.staffId)).toEqual([finding.person.staffId]);
  expect(referral.leadOrgan).toBe('yz-supervision');
});

test('left unanswered it climbs its ladder to the referral of the organ\'s head, on the dates of the law', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  await world.skipTo('2030-04-30T09:00:00+08:00');
  await world.settled(number);
  expect(await dates(number)).toEqual([
    ['reminder', '2030-03-20', 'notice'],
    ['overdue', '2030-03-27', 'overdue'],
    ['criticism', '2030-04-10', 'criticism'],
    ['referral', '2030-04-24', 'referral'],
  ]);
  const view = await world.view(number);
  expect(view.overdue).toBe(true);
  expect(view.escalationLevel).toBe(3);
  await world.until(async () => (await world.view(number)).links.length > 0, 'the referral to be linked');
  const link = (await world.view(number)).links[0];
  expect(link?.type).toBe('referral');
  const referral = await world.view(link?.caseNumber ?? '');
  expect(referral.persons).toEqual([personOf('leader.water', 'organ-head')]);
  expect(await world.store.connection.collections.notices.countDocuments({ caseNumber: number, organ: 'yz-supervision', template: 'rung.overdue' })).toBe(1);
  // Still open: the organ must explain all the same.
  await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department');
  expect((await world.view(number)).openSteps.map((step) => step.id)).toEqual(['examine.yz-water']);
});

test('a return with reasons does not stop the clock of the explanation', async () => {
  const number = await world.start('incident-review', { ...incident, occurredOn: '2030-04-29' }, 'supervisor');
  const due = (await world.view(number)).openSteps[0]?.due;
  await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department');
  await world.skipTo('2030-05-08T09:00:00+08:00');
  await world.answer(number, 'examine.yz-water', 'return', { reasons: '责任机制一节不具体' }, 'leader');
  const reopened = (await world.view(number)).openSteps.find((step) => step.id === 'explain.yz-water');
  expect(reopened).toMatchObject({ due, round: 2, context: { returned: '责任机制一节不具体' } });
});

test('an explanation that leaves out one of the three questions is none', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  const { responsibility: _left, ...two } = explanation;
  const refused = await world.refusal(world.answer(number, 'explain.yz-water', 'explain', two, 'department'));
  expect(refused).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'responsibility' }] } });
});

test('refusals name what is allowed: wrong answer, stranger, unknown step, second answer', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  expect(await world.refusal(world.answer(number, 'explain.yz-water', 'accept', {}, 'department'))).toMatchObject({ type: 'answer-not-allowed', detail: { allowed: ['explain'] } });
  expect(await world.refusal(world.answer(number, 'explain.yz-water', 'explain', explanation, 'department.transport'))).toMatchObject({ type: 'not-yours' });
  expect(await world.refusal(world.answer(number, 'dance', 'explain', explanation, 'department'))).toMatchObject({ type: 'unknown-step' });
  await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department');
  expect(await world.refusal(world.answer(number, 'explain.yz-water', 'explain', explanation, 'department'))).toMatchObject({
    type: 'step-not-open', detail: { allowed: { steps: [{ step: 'examine.yz-water', answers: ['accept', 'return'] }] } },
  });
});

test('S2 四(一) 责任倒查、层层追究: a level that is left open, or both found on and excused, is no tracing', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department');
  await world.answer(number, 'examine.yz-water', 'accept', {}, 'leader');
  const issues = async (levelsNotInvolved: ReturnType<typeof notInvolved>): Promise<unknown> =>
    (await world.refusal(world.answer(number, 'investigate', 'report', { ...report, levelsNotInvolved }, 'supervisor'))).detail;
  expect(await issues([])).toEqual({ issues: [{ path: 'findings', message: 'no finding at the level "review", and levelsNotInvolved does not say why there is none' }] });
  expect(await issues(notInvolved('review', 'handling'))).toEqual({ issues: [{ path: 'levelsNotInvolved', message: '"handling" is said not to be involved, and has a finding' }] });
  expect((await world.view(number)).openSteps.map((step) => step.id)).toEqual(['investigate']);
});

test('half a character, which no record could hold, is refused and the case goes on', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  const half = { ...explanation, measures: { appropriate: true, statement: '已采取\ud83d' } };
  expect(await world.refusal(world.answer(number, 'explain.yz-water', 'explain', half, 'department'))).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'measures.statement', message: 'has half a character' }] } });
  expect(await world.refusal(world.act(number, 'note', { text: '\udc00' }, 'department'))).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'text' }] } });
  await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department');
});

test('the same key is one answer, however often it is sent', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  const first = await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department', 'key-1');
  const second = await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department', 'key-1');
  expect(second).toEqual(first);
  expect((await world.events(number)).filter((event) => event.kind === 'step-answered')).toHaveLength(1);
});

test('an officer named in the case does not handle it', async () => {
  const number = await world.start('incident-review', incident, 'supervisor');
  await world.answer(number, 'explain.yz-water', 'explain', explanation, 'department');
  await world.answer(number, 'examine.yz-water', 'accept', {}, 'leader');
  const naming = { ...report, findings: [{ ...finding, person: personOf('leader.water', 'organ-head') }], levelsNotInvolved: notInvolved('review', 'approval') };
  await world.answer(number, 'investigate', 'report', naming, 'supervisor');
  await world.answer(number, 'approve', 'approve', {}, 'leader');
  await world.untilOpen(number, 'apologise.yz-water');
  const refused = await world.refusal(world.answer(number, 'apologise.yz-water', 'apologise', { text: '致歉', where: '网站', on: '2030-05-08' }, 'leader.water'));
  expect(refused.type).toBe('recusal');
  expect(actor('leader.water').staffId).toBe(naming.findings[0]?.person.staffId);
});
