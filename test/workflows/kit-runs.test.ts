import type { CaseView } from '../../domain/case-file';
import { messageNames } from '../../domain/messages';
import { CaseWorld, personOf } from '../support/case-world';
import { accepted, answered, complaint, Course, faulty, finding, satisfied } from './course';

let world: CaseWorld;
// Friday 1 March 2030; the calendar of 2030 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
/** A case that goes on in a new run after every few events. */
const startShort = (historyBudget = 10): Promise<string> => world.start('complaint', complaint, 'handler', { historyBudget });
const run = (number: string): Promise<number> => world.run(number);
const chained = async (number: string): Promise<void> => {
  const events = await course.events(number);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
};
/** What remains the same however often a case goes on: not the moments, not the run. */
const lasting = (view: CaseView) => ({
  outcome: view.outcome, leadOrgan: view.leadOrgan, participants: view.participants, findings: view.findings, result: view.result,
  clocks: view.clocks.map((clock) => [clock.id, clock.spec.events.map((event) => event.kind), clock.fired]), links: view.links.map((link) => [link.type, link.relation]),
});

test('a ladder half climbed is climbed on in the new run, no rung twice and none left out', async () => {
  const number = await world.start('incident-review', {
    category: 'fire-safety', subject: '消防通道堵塞', facts: '消防通道长期堵塞。', occurredOn: '2030-02-27', organs: ['yz-water'],
  }, 'supervisor', { historyBudget: 10 });
  await world.skipTo('2030-03-29T09:00:00+08:00');
  await world.settled(number);
  const half = [['reminder', '2030-03-20', 'notice'], ['overdue', '2030-03-27', 'overdue']];
  expect(await course.rungs(number, 'explain.yz-water')).toEqual(half);
  const before = await run(number);
  for (let note = 1; await run(number) <= before; note++) await world.act(number, 'note', { text: `附注 ${note}` }, 'handler');
  await world.skipTo('2030-04-25T09:00:00+08:00');
  await world.until(async () => (await course.started(number)).length > 0, 'the head to be referred');
  await world.settled(number);
  expect(await course.rungs(number, 'explain.yz-water')).toEqual([...half, ['criticism', '2030-04-10', 'criticism'], ['referral', '2030-04-24', 'referral']]);
  expect(await course.kept('criticism', number)).toHaveLength(1);
  const started = await course.started(number);
  expect((await world.view(started[0]?.caseNumber ?? '')).persons).toEqual([personOf('leader.water', 'organ-head')]);
  await chained(number);
  await course.end(number, ...started.map((link) => link.caseNumber));
});

test('a case that goes on in a new run after every step ends like one that never does', async () => {
  const turns = [...accepted, ...answered(faulty(finding('rule-or-process'))).slice(0, 2), ['approve', 'return', { reasons: '再查' }, 'leader.water'] as const, ...answered(faulty(finding('rule-or-process'))), satisfied];
  const [short, long] = [await startShort(), await world.start('complaint', complaint, 'handler')];
  await course.drive(short, ...turns);
  await course.drive(long, ...turns);
  expect([await course.closed(short), await course.closed(long)]).toEqual(['replied-fault-found', 'replied-fault-found']);
  expect(await run(short)).toBeGreaterThan(4);
  expect(await run(long)).toBe(0);
  expect(lasting(await world.view(short))).toEqual(lasting(await world.view(long)));
  const told = async (number: string) => (await course.events(number)).map((event) => [event.seq, event.kind, event.step ?? event.clock ?? null]);
  expect(await told(short)).toEqual((await told(long)).map(([seq, kind, step]) => [seq, kind, step]));
  expect(await course.kept('filing', short)).toHaveLength(1);
  await chained(short);
  await course.end(...[...await course.started(short), ...await course.started(long)].map((link) => link.caseNumber));
});

test('an extension asked for in one run is granted in the next', async () => {
  const number = await startShort();
  await course.drive(number, ...accepted);
  await world.untilOpen(number, 'investigate');
  await world.act(number, 'extend', { by: { amount: 30, unit: 'calendar-day' }, reasons: '情况复杂' }, 'department');
  const before = await run(number);
  for (let note = 1; await run(number) <= before; note++) await world.act(number, 'note', { text: `附注 ${note}` }, 'handler');
  expect((await course.open(number)).map(([id]) => id)).toEqual(['investigate', 'extension.handle']);
  await course.drive(number, ['extension.handle', 'approve', {}, 'leader.water']);
  await world.until(async () => (await course.due(number, 'handle')) === '2030-07-24', 'the extension to count: 90 days after 25 April');
  await course.drive(number, ...answered(), satisfied);
  expect(await course.closed(number)).toBe('replied-no-fault');
  await chained(number);
});

test('asked to leave its history, a case goes on in a new run once, with its memo, and ends as it would have', async () => {
  const number = await world.start('complaint', complaint, 'handler');
  await course.drive(number, ...accepted);
  await world.untilOpen(number, 'investigate');
  expect(await run(number)).toBe(0);
  const { workflow } = world.environment.client;
  const before = await workflow.getHandle(number).describe();
  await workflow.getHandle(number).signal(messageNames.goOn);
  await world.until(async () => (await workflow.getHandle(number).describe()).runId !== before.runId, 'the new run');
  expect((await workflow.getHandle(number).describe()).memo).toEqual(before.memo);
  await course.drive(number, ...answered(), satisfied);
  expect(await course.closed(number)).toBe('replied-no-fault');
  expect(await run(number)).toBe(1);
  await chained(number);
});

test('a cancellation asked of Temporal itself changes nothing', async () => {
  const number = await world.start('complaint', complaint, 'handler');
  await course.drive(number, ...accepted);
  await world.untilOpen(number, 'investigate');
  const handle = world.environment.client.workflow.getHandle(number);
  await handle.cancel();
  await world.act(number, 'note', { text: '附注' }, 'handler');
  expect((await handle.fetchHistory()).events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes != null)).toBe(true);
  await course.drive(number, ...answered(), satisfied);
  expect(await course.closed(number)).toBe('replied-no-fault');
  expect((await course.events(number, 'step-cancelled'))).toEqual([]);
});

test('the same key is one answer in a later run too', async () => {
  const number = await startShort();
  await world.untilOpen(number, 'route');
  const route = () => world.answer(number, 'route', 'route', { organ: 'yz-water', procedure: '一般程序' }, 'handler', 'key-1');
  const first = await route();
  const before = await run(number);
  for (let note = 1; await run(number) <= before; note++) await world.act(number, 'note', { text: `附注 ${note}` }, 'handler');
  expect(await route()).toEqual(first);
  expect((await course.events(number, 'step-answered'))).toHaveLength(1);
  await course.end(number);
});

test('answers that arrive while a case goes on in a new run are each on the file exactly once', async () => {
  const number = await startShort();
  await world.untilOpen(number, 'route');
  const notes = Array.from({ length: 12 }, (_, index) => `附注 ${index}`);
  await Promise.all([...notes.map((note) => world.act(number, 'note', { text: note }, 'handler')), course.drive(number, ...accepted, ...answered(), satisfied)]);
  expect(await course.closed(number)).toBe('replied-no-fault');
  expect((await course.events(number, 'note')).map((event) => (event.detail as { text: string }).text).sort()).toEqual([...notes].sort());
  expect((await course.events(number, 'step-opened')).map((event) => event.step)).toEqual(['route', 'accept', 'investigate', 'review', 'approve', 'reply', 'rate']);
  await chained(number);
});

test('a follower that joined in one run is answered from a later one; released in a later one it begins anew, and goes on again', async () => {
  const [leading, follower] = [await startShort(), await startShort()];
  await course.drive(leading, ...accepted);
  await world.untilOpen(leading, 'investigate');
  await world.untilOpen(follower, 'route');
  await world.act(follower, 'merge', { into: leading, reasons: '同一事项' }, 'handler');
  for (const number of [leading, follower]) {
    const before = await run(number);
    for (let note = 1; await run(number) <= before; note++) await world.act(number, 'note', { text: `附注 ${note}` }, 'handler');
  }
  expect((await world.view(leading)).links.map((link) => link.relation)).toEqual(['follower']);
  await world.act(leading, 'withdraw', { reasons: '已解决' }, 'complainant');
  await course.drive(follower, ...accepted);
  await world.untilOpen(follower, 'investigate');
  const before = await run(follower);
  for (let note = 1; await run(follower) <= before; note++) await world.act(follower, 'note', { text: `附注 ${note}` }, 'handler');
  expect((await course.open(follower)).map(([id]) => id)).toEqual(['investigate']);
  await course.drive(follower, ...answered(), satisfied);
  expect(await course.closed(follower)).toBe('replied-no-fault');
  await chained(follower);
});
