import type { Json } from '../../domain/json';
import { CaseWorld, personOf } from '../support/case-world';
import { accepted, answered, complaint, Course, faulty, finding, satisfied, type Turn } from './course';

let world: CaseWorld;
// Friday 1 March 2030.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const start = (extra: { readonly [name: string]: Json } = {}): Promise<string> => world.start('complaint', { ...complaint, ...extra }, 'handler');
const object = (by: string): Turn => ['accept', 'object', { reasons: '不属本局职责' }, by];
const name = (organ: string): Turn => ['jurisdiction', 'decide', { organ, reasons: '指定' }, 'leader'];
const merge = (number: string, into: string) => world.act(number, 'merge', { into, reasons: '同一事项' }, 'handler');
const ending: readonly Turn[] = [
  ['rate', 'dissatisfied', { grounds: '不服' }, 'complainant'], ['review-decision', 'uphold', { text: '维持' }, 'leader'],
  ['rate-review', 'request-re-review', { grounds: '不服' }, 'complainant'], ['re-review', 'uphold', { text: '维持' }, 'leader.province'],
];
const endStarted = async (number: string): Promise<void> => course.end(...(await course.started(number)).map((link) => link.caseNumber));

test('信访工作条例 36: once re-reviewed the same facts are not accepted, by a second complaint, a third that names the second, or one that names a case joined to the first', async () => {
  const [first, follower] = [await start(), await start()];
  await world.untilOpen(follower, 'route');
  await world.untilOpen(first, 'route');
  await merge(follower, first);
  await course.drive(first, ...accepted, ...answered(), ...ending);
  expect(await course.closed(first)).toBe('concluded-after-re-review');
  expect(await course.closed(follower)).toBe('merged');

  const second = await start({ sameMatterAs: first });
  expect(await course.closed(second)).toBe('not-accepted');
  const third = await start({ sameMatterAs: second });
  expect(await course.closed(third)).toBe('not-accepted');
  const joined = await start({ sameMatterAs: follower });
  expect(await course.closed(joined)).toBe('not-accepted');
  // Each says which case concluded the facts, and links the one it named.
  for (const [number, named] of [[second, first], [third, second], [joined, follower]] as const) {
    expect((await world.view(number)).links).toEqual([{ caseNumber: named, type: 'complaint', relation: 'prior' }]);
    expect((await world.view(number)).result).toEqual({ reasons: `同一事实和理由已经复核终结 concluded after re-review: ${first}` });
    expect(await course.letters(number)).toEqual(['not-accepted']);
  }
});

test('a complaint that was not accepted for another reason does not bar the next on the same facts', async () => {
  const first = await start();
  await course.drive(first, ['route', 'reject', { reasons: '材料不全', channel: '补正后再提' }, 'handler']);
  expect(await course.closed(first)).toBe('not-accepted');
  const second = await start({ sameMatterAs: first });
  await world.untilOpen(second, 'route');
  await course.end(second);
});

test('S4 二(二)3: a case that leads others may join another; every complainant down the chain gets the answer', async () => {
  const [top, middle, last] = [await start(), await start(), await start()];
  for (const number of [top, middle, last]) await world.untilOpen(number, 'route');
  await merge(last, middle);
  await merge(middle, top);
  await world.settled(top);
  // Nobody joins in a circle.
  for (const into of [middle, last]) expect((await world.refusal(merge(top, into))).type).toBe('invalid-fields');
  await course.drive(top, ...accepted, ...answered(), satisfied);
  expect(await course.closed(top)).toBe('replied-no-fault');
  for (const number of [middle, last]) {
    expect(await course.closed(number)).toBe('merged');
    expect((await course.events(number, 'notice')).at(-1)).toMatchObject({ facts: { to: 'complainant', template: 'reply', outcome: 'replied-no-fault' }, detail: { reply: { text: '经调查,现答复如下。' } } });
  }
});

test('the top of a chain withdrawn, the next goes its own way and goes on leading', async () => {
  const [top, middle, last] = [await start(), await start(), await start()];
  for (const number of [top, middle, last]) await world.untilOpen(number, 'route');
  await merge(last, middle);
  await merge(middle, top);
  await world.settled(top);
  await world.act(top, 'withdraw', { reasons: '已解决' }, 'complainant');
  await course.drive(middle, ...accepted, ...answered(), satisfied);
  expect(await course.closed(middle)).toBe('replied-no-fault');
  expect(await course.closed(last)).toBe('merged');
});

test('信访工作条例 22: the complainant is told of receipt, route and procedure when it is routed, and the 15 days end there', async () => {
  const number = await start();
  await course.drive(number, ['route', 'route', { organ: 'yz-water', procedure: '按一般程序办理' }, 'handler']);
  await world.untilOpen(number, 'accept');
  const [letter] = (await course.events(number, 'notice')).filter((event) => event.facts['to'] === 'complainant');
  expect(letter).toMatchObject({ facts: { template: 'routed', receivedBy: 'yz-complaints', receivedOn: '2030-03-01', organ: 'yz-water' }, detail: { procedure: '按一般程序办理' } });
  expect((await course.clock(number, 'route')).reading).toMatchObject({ stopped: true, inTime: true });
  await course.end(number);
});

test('信访工作条例 24: the superior common to the organ that routed and the one that objects decides', async () => {
  // Registered by the city's centre, first asked was a district's: it routes to a city bureau, and the city stands over both.
  const number = await start({ receivingOrgan: 'yz-dx-complaints' });
  await course.drive(number, ['route', 'route', { organ: 'yz-dx-urban', procedure: '一般程序' }, 'handler.dx'], object('department.dx'));
  expect((await course.step(number, 'jurisdiction')).assignee.organ).toBe('yz-dx-gov');
  await course.end(number);
  const across = await start({ receivingOrgan: 'yz-dx-complaints' });
  await course.drive(across, ['route', 'route', { organ: 'yz-water', procedure: '一般程序' }, 'handler.dx'], object('department'));
  expect((await course.step(across, 'jurisdiction')).assignee.organ).toBe('yz-gov');
  await course.end(across);
});

test('each organ named may object once; named in spite of its objection it has nothing left to object to, and unclear duties are coordinated between them', async () => {
  const number = await start();
  await course.drive(number, ['route', 'route', { organ: 'yz-water', procedure: '一般程序' }, 'handler'], object('department'), name('yz-transport'), object('department.transport'), name('yz-water'));
  await world.untilOpen(number, 'investigate');
  expect((await course.step(number, 'investigate')).assignee.organ).toBe('yz-water');
  await course.drive(number, ...answered(faulty(finding('unclear-duties'))), satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  await world.settled(number);
  const [link] = await course.started(number);
  expect(await world.view(link?.caseNumber ?? '')).toMatchObject({ type: 'dispute', intake: { parties: ['yz-water', 'yz-transport'] }, openSteps: [{ id: 'negotiate' }] });
  await endStarted(number);
});

test('S3 二(七)5: what follows meets the organs at fault, not the one that found it; a person at fault twice is referred once', async () => {
  const number = await start({ accused: { organ: 'yz-transport' } });
  const findings = [
    finding('shirking', 'department.transport'), finding('rule-or-process', 'department.housing'),
    finding('duty-not-performed', 'department.market'), { ...finding('duty-not-performed', 'department.market'), level: 'review', fault: '未审核' },
  ];
  await course.drive(number, ...accepted, ...answered(faulty(...findings)), satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  await world.settled(number);
  expect(await course.kept('criticism', number)).toMatchObject([{ organ: 'yz-transport' }]);
  const started = await Promise.all((await course.started(number)).map((link) => world.view(link.caseNumber)));
  expect(started.map((view) => view.type)).toEqual(['rectification', 'referral']);
  expect(started[0]?.openSteps[0]?.assignee.organ).toBe('yz-housing');
  expect([started[1]?.persons.map((person) => person.staffId), (started[1]?.intake as { facts: string }).facts]).toEqual([[personOf('department.market').staffId], '未按规定处理报修\n未审核']);
  await endStarted(number);
});
