import type { Json } from '../../domain/json';
import { CaseWorld } from '../support/case-world';
import { accepted, answered, complaint, Course, satisfied, type Turn } from './course';

let world: CaseWorld;
// Friday 1 March 2030; the calendar of 2030 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const start = (extra: { readonly [name: string]: Json } = {}): Promise<string> => world.start('complaint', { ...complaint, ...extra }, 'handler');
const dissatisfied: Turn = ['rate', 'dissatisfied', { grounds: '问题仍未解决' }, 'complainant'];
const extend = (amount: number, unit = 'calendar-day'): Json => ({ by: { amount, unit }, reasons: '情况复杂' });

test('信访工作条例 34: the 60 days are extended once, by at most 30, by the head of the organ, and the complainant is told', async () => {
  const number = await start();
  await course.drive(number, ...accepted);
  await world.untilOpen(number, 'investigate');
  expect(await world.refusal(world.act(number, 'extend', extend(31), 'department'))).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'by.amount' }] } });
  expect(await world.refusal(world.act(number, 'extend', extend(1, 'month'), 'department'))).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'by.unit' }] } });

  await world.act(number, 'extend', extend(30), 'department');
  expect(await course.step(number, 'extension.handle')).toMatchObject({ assignee: { organ: 'yz-water', roles: ['leader'] }, context: { clock: 'handle', by: { amount: 30 } } });
  expect(await course.due(number, 'handle')).toBe('2030-04-30');
  expect((await world.refusal(world.answer(number, 'extension.handle', 'approve', {}, 'department'))).type).toBe('not-yours');
  await world.answer(number, 'extension.handle', 'approve', {}, 'leader.water');
  // 90 days after 1 March: Thursday 30 May.
  expect(await course.due(number, 'handle')).toBe('2030-05-30');
  expect(await course.letters(number)).toEqual(['routed', 'acceptance', 'extension']);
  expect((await world.refusal(world.act(number, 'extend', extend(1), 'department'))).type).toBe('action-not-allowed');
  await course.end(number);
});

test('信访工作条例 34: a refused extension leaves the date as it was and may be asked for again', async () => {
  const number = await start();
  await course.drive(number, ...accepted);
  await world.untilOpen(number, 'investigate');
  await world.act(number, 'extend', extend(20), 'department');
  await world.answer(number, 'extension.handle', 'refuse', { reasons: '无正当理由' }, 'leader.water');
  expect(await course.due(number, 'handle')).toBe('2030-04-30');
  expect((await course.events(number, 'extension-refused')).map((event) => event.detail)).toEqual([{ reasons: '无正当理由' }]);
  expect(await course.letters(number)).toEqual(['routed', 'acceptance']);
  await world.act(number, 'extend', extend(10), 'department');
  await world.answer(number, 'extension.handle', 'approve', {}, 'leader.water');
  // 70 days after 1 March: Friday 10 May.
  expect(await course.due(number, 'handle')).toBe('2030-05-10');
  await course.end(number);
});

test('信访工作条例 35, 36: not content, 复查 by the superior within 30 days; content with it, the case is concluded', async () => {
  const number = await start();
  await course.drive(number, ...accepted, ...answered(), dissatisfied);
  // 30 days after 1 March: Sunday the 31st, so Monday 1 April.
  expect(await course.step(number, 'review-decision')).toMatchObject({ assignee: { organ: 'yz-gov' }, due: '2030-04-01', context: { grounds: '问题仍未解决' } });
  await course.drive(number, ['review-decision', 'uphold', { text: '维持原答复' }, 'leader'], ['rate-review', 'content', {}, 'complainant']);
  expect(await course.closed(number)).toBe('concluded-after-review');
  expect(await course.letters(number)).toEqual(['routed', 'acceptance', 'reply', 'review']);
});

test('信访工作条例 36: the time of a hearing is not counted in the 30 days of 复核; afterwards the same facts are not accepted', async () => {
  const number = await start();
  await course.drive(number, ...accepted, ...answered(), dissatisfied,
    ['review-decision', 'change', { text: '责令重新抢修' }, 'leader'], ['rate-review', 'request-re-review', { grounds: '仍不服' }, 'complainant']);
  expect(await course.step(number, 're-review')).toMatchObject({ assignee: { organ: 'yl-gov' }, due: '2030-04-01' });
  expect(await world.refusal(world.answer(number, 're-review', 'hearing', { from: '2030-03-12', to: '2030-03-11' }, 'leader.province')))
    .toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'to' }] } });
  await course.drive(number, ['re-review', 'hearing', { from: '2030-03-11', to: '2030-03-15' }, 'leader.province']);
  // Five days of hearing not counted: 35 days after 1 March, Friday 5 April.
  await world.until(async () => (await course.due(number, 're-review')) === '2030-04-05', 'the hearing to be left out of the limit');
  expect(await course.step(number, 're-review')).toMatchObject({ round: 2 });
  await course.drive(number, ['re-review', 'uphold', { text: '维持复查意见' }, 'leader.province']);
  expect(await course.closed(number)).toBe('concluded-after-re-review');

  const again = await start({ sameMatterAs: number });
  expect(await course.closed(again)).toBe('not-accepted');
  expect((await world.view(again)).links).toEqual([{ caseNumber: number, type: 'complaint', relation: 'prior' }]);
  expect(await course.letters(again)).toEqual(['not-accepted']);
});

test('信访工作条例 36: the same facts as a case that was not re-reviewed are accepted, and linked', async () => {
  const first = await start();
  await course.drive(first, ...accepted, ...answered(), satisfied);
  await course.closed(first);
  const second = await start({ sameMatterAs: first });
  await world.untilOpen(second, 'route');
  expect((await world.view(second)).links).toEqual([{ caseNumber: first, type: 'complaint', relation: 'prior' }]);
  const third = await start({ sameMatterAs: 'TS-2029-000001' });
  await world.untilOpen(third, 'route');
  expect((await world.view(third)).links).toEqual([]);
  await course.end(second, third);
});

test('信访工作条例 23: an objection not raised in 5 working days is none; the 60 days run from the acceptance so deemed', async () => {
  const number = await start();
  await course.drive(number, ['route', 'route', { organ: 'yz-water', procedure: '一般程序' }, 'handler']);
  await world.untilOpen(number, 'accept');
  await world.skipTo('2030-03-09T09:00:00+08:00');
  await world.untilOpen(number, 'investigate');
  expect(await course.rungs(number, 'accept')).toContainEqual(['deemed-accepted', '2030-03-08', 'lapse']);
  expect((await course.events(number, 'step-lapsed')).map((event) => event.step)).toEqual(['accept']);
  // 60 days after Saturday 9 March: Wednesday 8 May.
  expect(await course.step(number, 'investigate')).toMatchObject({ due: '2030-05-08', assignee: { organ: 'yz-water' } });
  expect(await course.letters(number)).toEqual(['routed', 'acceptance']);
  await course.end(number);
});

test('信访工作条例 35: who does not ask for a review within 30 days is taken to be content', async () => {
  await world.skipTo('2030-03-11T09:00:00+08:00');
  const number = await start();
  await course.drive(number, ...accepted, ...answered());
  // 30 days after Monday 11 March: Wednesday 10 April; it lapses as the 11th begins.
  expect((await course.step(number, 'rate')).due).toBe('2030-04-10');
  await world.skipTo('2030-04-10T23:59:00+08:00');
  expect((await world.view(number)).status).toBe('open');
  await world.skipTo('2030-04-11T00:01:00+08:00');
  expect(await course.closed(number)).toBe('replied-no-fault');
  expect(await course.rungs(number, 'rate')).toContainEqual(['lapsed', '2030-04-10', 'lapse']);
});

test('信访工作条例 36: who does not ask for a re-review within 30 days ends with the review', async () => {
  await world.skipTo('2030-04-11T09:00:00+08:00');
  const number = await start();
  await course.drive(number, ...accepted, ...answered(), dissatisfied, ['review-decision', 'uphold', { text: '维持' }, 'leader']);
  // 30 days after Thursday 11 April: Saturday 11 May, so Monday the 13th.
  expect((await course.step(number, 'rate-review')).due).toBe('2030-05-13');
  await world.skipTo('2030-05-14T00:01:00+08:00');
  expect(await course.closed(number)).toBe('concluded-after-review');
});

test('信访工作条例 34: a complaint not handled in 60 days climbs its ladder on the dates of the law', async () => {
  await world.skipTo('2030-06-03T09:00:00+08:00');
  const number = await start();
  await course.drive(number, ...accepted);
  // 60 days after Monday 3 June: Friday 2 August.
  expect((await course.step(number, 'investigate')).due).toBe('2030-08-02');
  await world.skipTo('2030-09-03T09:00:00+08:00');
  await world.settled(number);
  expect(await course.rungs(number, 'handle')).toEqual([
    ['reminder', '2030-07-26', 'notice'],
    ['overdue', '2030-08-02', 'overdue'],
    ['criticism', '2030-08-16', 'criticism'],
    ['referral', '2030-08-30', 'referral'],
  ]);
  expect(await world.view(number)).toMatchObject({ overdue: true, escalationLevel: 3 });
  await course.end(number);
});
