import { CaseWorld, personOf } from '../support/case-world';
import { accepted, answered, complaint, Course, type Turn } from './course';

let world: CaseWorld;
// Friday 1 March 2030; the calendar of 2030 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const order = { ground: 'evaluation', orderingOrgan: 'yz-supervision', organ: 'yz-water', subject: '整改', order: '整改' };
const reported: Turn = ['report', 'report', { report: '已改' }, 'department'];
const investigating = async (): Promise<string> => {
  const number = await world.start('complaint', complaint, 'handler');
  await course.drive(number, ...accepted);
  await world.untilOpen(number, 'investigate');
  return number;
};
/** Ends cases once nothing of them is under way; what they started is left to climb by itself, since a case ended in its first task would keep time from passing. */
const endWith = async (...numbers: readonly string[]): Promise<void> => {
  for (const number of numbers) await world.settled(number);
  await course.end(...numbers);
};

test('left unanswered, each climbs the ladder of its own limit on the dates of the law', async () => {
  const dispute = await world.start('dispute', { ground: 'matter', parties: ['yz-water', 'yz-transport'], coordinatingOrgan: 'yz-gov', subject: '职责', facts: '不明' }, 'department');
  const confirming = await world.start('dispute', { ground: 'matter', parties: ['yz-water', 'yz-transport'], coordinatingOrgan: 'yz-gov', subject: '职责', facts: '不明' }, 'department');
  const complying = await world.start('dispute', { ground: 'matter', parties: ['yz-water'], coordinatingOrgan: 'yz-gov', subject: '职责', facts: '不明' }, 'department');
  const rectification = await world.start('rectification', order, 'supervisor');
  const verifying = await world.start('rectification', order, 'supervisor');
  const routing = await world.start('complaint', complaint, 'handler');
  const reviewing = await investigating();
  const issue: Turn = ['opinion', 'issue', { opinion: '由交通局负责', responsibleOrgan: 'yz-transport' }, 'leader'];
  await course.drive(complying, issue);
  await course.drive(confirming, ['negotiate', 'failed', { reasons: '不成' }, 'department'], issue, ['comply', 'report', { report: '已执行' }, 'department.transport']);
  await course.drive(verifying, reported);
  await course.drive(reviewing, ...answered(), ['rate', 'dissatisfied', { grounds: '不服' }, 'complainant']);
  await world.untilOpen(reviewing, 'review-decision');
  await world.untilOpen(complying, 'comply');
  await world.untilOpen(confirming, 'confirm');
  await world.untilOpen(verifying, 'verify');
  await world.skipTo('2030-05-10T09:00:00+08:00');
  await world.until(async () => (await course.started(rectification)).length > 0 && (await course.started(complying)).length > 0, 'the heads to be referred');
  await world.settled(routing);

  // 15 working days after 1 March: Friday 22 March.
  expect(await course.rungs(dispute, 'negotiate')).toEqual([['reminder', '2030-03-19', 'notice'], ['overdue', '2030-03-22', 'overdue'], ['criticism', '2030-04-19', 'criticism']]);
  expect(await course.rungs(confirming, 'confirm')).toEqual([['reminder', '2030-03-19', 'notice'], ['overdue', '2030-03-22', 'overdue'], ['criticism', '2030-04-19', 'criticism']]);
  expect(await course.rungs(verifying, 'verify')).toEqual([['reminder', '2030-03-19', 'notice'], ['overdue', '2030-03-22', 'overdue'], ['criticism', '2030-04-19', 'criticism']]);
  expect(await course.rungs(complying, 'comply')).toEqual([['reminder', '2030-03-15', 'notice'], ['overdue', '2030-03-22', 'overdue'], ['criticism', '2030-04-05', 'criticism'], ['referral', '2030-04-19', 'referral']]);
  // 30 days after 1 March: Sunday the 31st, so Monday 1 April.
  expect(await course.rungs(rectification, 'report')).toEqual([['reminder', '2030-03-25', 'notice'], ['overdue', '2030-04-01', 'overdue'], ['criticism', '2030-04-15', 'criticism'], ['referral', '2030-04-29', 'referral']]);
  expect(await course.rungs(reviewing, 'review-decision')).toEqual([['reminder', '2030-03-27', 'notice'], ['overdue', '2030-04-01', 'overdue'], ['criticism', '2030-04-29', 'criticism']]);
  // 15 days after 1 March: Saturday the 16th, so Monday the 18th.
  expect(await course.rungs(routing, 'route')).toEqual([['reminder', '2030-03-13', 'notice'], ['overdue', '2030-03-18', 'overdue'], ['criticism', '2030-04-15', 'criticism']]);

  for (const [number, head] of [[rectification, 'leader.water'], [complying, 'leader.transport']] as const) {
    const [link] = await course.started(number);
    expect((await world.view(link?.caseNumber ?? '')).persons).toEqual([personOf(head, 'organ-head')]);
  }
  await endWith(dispute, confirming, complying, rectification, verifying, routing, reviewing);
});

test('while a clock is suspended its ladder does not climb; resumed, it climbs on the dates that moved', async () => {
  // Friday 10 May 2030.
  const number = await investigating();
  expect(await course.due(number, 'handle')).toBe('2030-07-09');
  await world.skipTo('2030-05-20T09:00:00+08:00');
  await world.act(number, 'suspend', { ground: 'judicial', clock: 'handle', reasons: '等待判决' }, 'department');
  await world.skipTo('2030-09-02T09:00:00+08:00');
  expect(await course.rungs(number, 'handle')).toEqual([]);
  expect(await world.view(number)).toMatchObject({ overdue: false, escalationLevel: 0 });
  await world.act(number, 'resume', {}, 'department');
  // Nine days counted before 20 May, fifty-one from 2 September, that day counted: Tuesday 22 October.
  expect(await course.due(number, 'handle')).toBe('2030-10-22');
  await world.skipTo('2030-10-23T09:00:00+08:00');
  expect(await course.rungs(number, 'handle')).toEqual([['reminder', '2030-10-15', 'notice'], ['overdue', '2030-10-22', 'overdue']]);
  await endWith(number);
});

test('信访工作条例 34: an extension asked for in time and granted late takes back what was overdue; asked for late it is refused', async () => {
  // Wednesday 23 October 2030.
  const number = await investigating();
  // 60 days later: Sunday 22 December, so Monday the 23rd.
  expect(await course.due(number, 'handle')).toBe('2030-12-23');
  const late = await investigating();
  await world.skipTo('2030-12-23T09:00:00+08:00');
  await world.act(number, 'extend', { by: { amount: 30, unit: 'calendar-day' }, reasons: '复杂' }, 'department');
  await world.skipTo('2030-12-25T09:00:00+08:00');
  expect(await course.rungs(number, 'handle')).toEqual([['reminder', '2030-12-16', 'notice'], ['overdue', '2030-12-23', 'overdue']]);
  expect((await world.view(number)).overdue).toBe(true);
  expect((await world.refusal(world.act(late, 'extend', { by: { amount: 30, unit: 'calendar-day' }, reasons: '复杂' }, 'department'))).type).toBe('action-not-allowed');

  await world.answer(number, 'extension.handle', 'approve', {}, 'leader.water');
  await world.settled(number);
  // 90 days after 23 October: Tuesday 21 January 2031.
  expect(await world.view(number)).toMatchObject({ overdue: false, openSteps: [{ id: 'investigate', due: '2031-01-21', overdue: false }] });
  await world.skipTo('2031-02-19T09:00:00+08:00');
  await world.until(async () => (await course.started(number)).length > 0, 'the head to be referred');
  expect((await course.rungs(number, 'handle')).slice(2)).toEqual([
    ['reminder', '2031-01-14', 'notice'], ['overdue', '2031-01-21', 'overdue'], ['criticism', '2031-02-04', 'criticism'], ['referral', '2031-02-18', 'referral'],
  ]);
  expect(await course.kept('criticism', number)).toHaveLength(1);
  await world.until(async () => (await course.started(late)).length > 0, 'the head to be referred for the other too');
  await endWith(number, late);
});
