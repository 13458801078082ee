import { messageNames } from '../../domain/messages';
import { CaseWorld, personOf } from '../support/case-world';
import { complaint, Course, finding, satisfied } from './course';
import { Held, Races } from './races';

let world: CaseWorld;
// Friday 1 March 2030.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterEach(() => { world.fault = undefined; });
afterAll(() => world.end());

const course = new Course(() => world);
const races = new Races(() => world, course);

test('a clock suspended while the store is away climbs no rung whose moment comes before the store is back', async () => {
  const { number, rungAt } = await races.suspendedBeforeARung();
  expect(await world.now()).toBeGreaterThan(rungAt);
  expect(await course.rungs(number, 'handle')).toEqual([]);
  expect(await world.view(number)).toMatchObject({ nextRungAt: null, openSteps: [{ id: 'investigate', due: null }] });
  // Resumed, the ladder climbs when its moment comes again.
  await world.act(number, 'resume', {}, 'department');
  await world.skipTo(new Date(rungAt + 2 * 86_400_000).toISOString());
  expect(await course.rungs(number, 'handle')).toHaveLength(1);
  await course.end(number);
});

test('a reply that comes while the case is about to be joined to another is answered for first: the joining is refused, and the fault is filed', async () => {
  const { number, leading, joined } = await races.joinedWhileReplied();
  expect(joined).toMatchObject({ status: 'rejected', reason: { cause: { type: 'action-not-allowed' } } });
  await course.drive(number, satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  expect(await course.kept('filing', number)).toHaveLength(1);
  expect((await course.events(number, 'merged', 'step-cancelled'))).toEqual([]);
  await course.end(leading);
});

test('an objection that comes with the lapse of its limit, or after it, is refused: the organ is deemed to have accepted', async () => {
  const number = await world.start('complaint', complaint, 'handler');
  await course.drive(number, ['route', 'route', { organ: 'yz-water', procedure: '一般程序' }, 'handler']);
  await world.untilOpen(number, 'accept');
  await world.settled(number);
  const lapse = (await course.clock(number, 'accept')).reading?.rungs.at(-1)?.at ?? 0;
  await world.skipTo(new Date(lapse - 2_000).toISOString());
  // While a note is put on file the moment passes: the next task of the case brings its timer and the objection together.
  const store = new Held(() => world.store.cases, 'write');
  const noted = world.act(number, 'note', { text: '已电话催办' }, 'handler');
  await store.reached;
  await world.until(async () => await world.now() > lapse, 'the moment of the lapse');
  const objected = world.refusal(world.answer(number, 'accept', 'object', { reasons: '不属本局职责' }, 'department'));
  await world.until(async () => (await world.handle(number).fetchHistory()).events?.at(-1)?.workflowTaskStartedEventAttributes != null, 'the next task');
  store.release();
  await noted;
  expect((await objected).type).toBe('step-not-open');
  await world.untilOpen(number, 'investigate');
  expect((await course.events(number, 'step-lapsed', 'step-answered')).map((event) => [event.kind, event.step])).toEqual([['step-answered', 'route'], ['step-lapsed', 'accept']]);
  await course.end(number);
});

test('a decision on somebody who was not heard is refused also when it comes as the case goes on in a new run', async () => {
  const water = personOf('department.water');
  const number = await world.start('referral', {
    source: 'audit', referringOrgan: 'yz-audit', subject: '挪用资金', facts: '审计发现。', ownMeasures: '责令归还', evidence: [{ title: '审计报告' }], persons: [water],
  }, 'referrer');
  await course.drive(number, ['receive', 'accept', {}, 'supervisor'],
    ['investigate', 'report', { facts: '属实', findings: [{ ...finding('shirking'), cause: undefined }], leadership: { examined: true, result: '无责' } }, 'supervisor'],
    ['statement.1', 'waived', {}, 'supervisor'], ['review', 'agree', {}, 'reviewer']);
  await world.untilOpen(number, 'decide');
  const stranger = { decisions: [{ name: '未被听取意见者', measure: 'warning', reasons: '违纪' }], effectiveOn: '2030-03-01', publish: 'none' };
  for (let round = 1; round <= 3; round++) {
    const before = await world.run(number);
    const attempts = Array.from({ length: 6 }, () => world.refusal(world.answer(number, 'decide', 'decide', stranger, 'approver')));
    await world.handle(number).signal(messageNames.goOn);
    attempts.push(...Array.from({ length: 6 }, () => world.refusal(world.answer(number, 'decide', 'decide', stranger, 'approver'))));
    expect([...new Set((await Promise.all(attempts)).map((refused) => refused.type))]).toEqual(['invalid-fields']);
    for (let note = 1; await world.run(number) <= before; note++) await world.act(number, 'note', { text: `附注 ${note}` }, 'supervisor');
  }
  expect((await course.open(number)).map(([id]) => id)).toEqual(['decide']);
  await course.end(number);
});

test('S2 四(二): an order whose ladder has referred the head is referred once; found not done, the supervisory organ is told', async () => {
  const number = await world.start('rectification', { ground: 'evaluation', orderingOrgan: 'yz-supervision', organ: 'yz-water', subject: '整改', order: '整改', within: { amount: 1, unit: 'calendar-day' } }, 'supervisor');
  await races.referredThenNotDone(number);
  const started = await course.started(number);
  expect(started.map((link) => link.type)).toEqual(['referral']);
  expect(await course.notices(number)).toContain('referred-before → yz-supervision');
  await course.end(...started.map((link) => link.caseNumber));
});

test('a reply sent while its extension waits for approval ends the asking: nothing is left to approve, and no letter of an extension follows the reply', async () => {
  const { number, approved } = await races.repliedBeforeItsExtension();
  expect(await course.letters(number)).toEqual(['routed', 'acceptance', 'reply']);
  expect(approved).toMatchObject({ status: 'rejected', reason: { cause: { type: 'step-not-open' } } });
  expect((await course.open(number)).map(([id]) => id)).toEqual(['rate']);
  expect((await course.events(number, 'step-cancelled')).map((event) => [event.step, event.facts])).toEqual([['extension.handle', { ground: 'clock-stopped' }]]);
  expect((await course.clock(number, 'extension.handle')).reading?.stopped).toBe(true);
  await course.drive(number, satisfied);
  await course.closed(number);
});
