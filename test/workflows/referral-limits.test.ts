import { CaseWorld, personOf } from '../support/case-world';
import { Course, type Turn } from './course';

let world: CaseWorld;
// Tuesday 1 April 2031; the calendar of 2031 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2031-04-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const water = personOf('department.water');

test('处分条例 44, 政务处分法 54: six months to decide, and the month of personnel runs from the decision, not from when personnel is told', async () => {
  const silent = await world.start('referral', { source: 'audit', referringOrgan: 'yz-audit', subject: '挪用', facts: '发现', ownMeasures: '责令', evidence: [{ title: '报告' }], persons: [water] }, 'referrer');
  const slow = await world.start('referral', { source: 'audit', referringOrgan: 'yz-audit', subject: '挪用', facts: '发现', ownMeasures: '责令', evidence: [{ title: '报告' }], persons: [water] }, 'referrer');
  const opened: Turn = ['receive', 'accept', {}, 'supervisor'];
  await course.drive(silent, opened);
  await course.drive(slow, opened,
    ['investigate', 'report', { facts: '属实', findings: [{ level: 'handling', person: water, responsible: true, fault: '挪用' }], leadership: { examined: true, result: '已查' } }, 'supervisor'],
    ['statement.1', 'waived', {}, 'supervisor'], ['review', 'agree', {}, 'reviewer'],
    ['decide', 'decide', { decisions: [{ name: water.name, staffId: water.staffId ?? '', measure: 'demotion', reasons: '违纪' }], effectiveOn: '2031-04-01', publish: 'none' }, 'approver'],
    ['serve', 'served', { on: '2031-04-01', method: 'in-person' }, 'supervisor']);
  await world.skipTo('2031-04-14T09:00:00+08:00');
  await course.drive(slow, ['feedback', 'send', { text: '结果' }, 'supervisor']);
  // One month after 1 April: Thursday 1 May and Friday 2 May are holidays, then a weekend: Monday 5 May.
  expect((await course.step(slow, 'personnel-change.1')).due).toBe('2031-05-05');
  await world.settled(slow);
  await course.end(slow);

  await world.skipTo('2031-11-07T09:00:00+08:00');
  await world.until(async () => (await course.started(silent)).length > 0, 'the head of the supervisory organ to be referred');
  // Six months after 1 April: 1 to 3 October are holidays, then a weekend: Monday 6 October.
  expect(await course.rungs(silent, 'decision')).toEqual([
    ['reminder', '2031-09-24', 'notice'], ['overdue', '2031-10-06', 'overdue'], ['criticism', '2031-10-20', 'criticism'], ['referral', '2031-11-03', 'referral'],
  ]);
  const [link] = await course.started(silent);
  expect(await world.view(link?.caseNumber ?? '')).toMatchObject({ leadOrgan: 'yl-supervision', persons: [personOf('leader.supervision', 'organ-head')] });
  await course.end(silent);
});
