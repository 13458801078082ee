import type { Json } from '../../domain/json';
import { actor, CaseWorld } from '../support/case-world';
import { accepted, answered, complaint, Course, satisfied } from './course';

let world: CaseWorld;
// Friday 1 March 2030; the calendar of 2030 is not published, so weekends and fixed-date holidays only.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterAll(() => world.end());

const course = new Course(() => world);
const start = (extra: { readonly [name: string]: Json } = {}, by = 'handler'): Promise<string> => world.start('complaint', { ...complaint, ...extra }, by);
const investigating = async (): Promise<string> => {
  const number = await start();
  await course.drive(number, ...accepted);
  await world.untilOpen(number, 'investigate');
  return number;
};
const grounds = async (number: string): Promise<string> => {
  const [ground] = (await course.clock(number, 'handle')).rules?.pauseGrounds ?? [];
  if (ground === undefined) throw new Error('the 60 days know no ground of suspension');
  return ground;
};

test('evidence and notes are on the file from whoever may add them, and from nobody else', async () => {
  const number = await investigating();
  await world.act(number, 'evidence', { title: '现场照片', sha256: 'a'.repeat(64) }, 'complainant');
  await world.act(number, 'note', { text: '已电话核实' }, 'handler');
  expect((await world.view(number)).evidence).toEqual([{ title: '现场照片', sha256: 'a'.repeat(64) }]);
  expect((await course.events(number, 'evidence', 'note')).map((event) => [event.kind, event.by.id, event.detail])).toEqual([
    ['evidence', 'complainant', { title: '现场照片', sha256: 'a'.repeat(64) }], ['note', 'handler', { text: '已电话核实' }],
  ]);
  expect(await world.refusal(world.act(number, 'note', { text: '旁观' }, 'auditor'))).toMatchObject({ type: 'not-yours' });
  expect((await world.view(number)).participants).toEqual(['handler', 'department', 'complainant']);
  await course.end(number);
});

test('a step is given to one officer, who alone answers it, and to another organ', async () => {
  const number = await investigating();
  await world.act(number, 'reassign', { step: 'investigate', user: 'department.water', reasons: '专人办理' }, 'handler');
  expect((await world.refusal(world.answer(number, 'investigate', 'report', { faultFound: false, facts: '属实' }, 'department'))).type).toBe('not-yours');
  await world.act(number, 'reassign', { step: 'investigate', organ: 'yz-transport', reasons: '移交' }, 'handler');
  expect(await course.step(number, 'investigate')).toMatchObject({ assignee: { organ: 'yz-transport' } });
  expect((await course.step(number, 'investigate')).assignee.user).toBeUndefined();
  expect((await course.clock(number, 'handle')).organ).toBe('yz-transport');
  expect((await course.events(number, 'reassigned')).map((event) => event.facts['to'])).toEqual([
    { organ: 'yz-water', roles: ['department', 'handler', 'supervisor'], user: 'department.water' }, { organ: 'yz-transport', roles: ['department', 'handler', 'supervisor'] },
  ]);
  await course.drive(number, ['investigate', 'report', { faultFound: false, facts: '属实' }, 'department.transport']);
  expect(await world.refusal(world.act(number, 'reassign', { step: 'investigate', organ: 'yz-water', reasons: '退回' }, 'handler'))).toMatchObject({ type: 'step-not-open' });
  await course.end(number);
});

test('withdrawn, every step and clock ends, and nothing more is answered', async () => {
  const number = await investigating();
  await world.act(number, 'withdraw', { reasons: '问题已解决' }, 'complainant');
  expect(await course.closed(number)).toBe('withdrawn');
  expect((await course.events(number, 'step-cancelled')).map((event) => event.step)).toEqual(['investigate']);
  expect(await world.view(number)).toMatchObject({ openSteps: [], actions: [], due: null, nextRungAt: null, overdue: false });
  // The workflow has ended: Temporal itself refuses, which the API reports as `case-closed`.
  await expect(world.answer(number, 'investigate', 'report', { faultFound: false, facts: '属实' }, 'department')).rejects.toThrow(/completed|not found/i);
});

test('what a validator refuses leaves no trace in history and no event on the file', async () => {
  const number = await investigating();
  const updates = async (): Promise<number> => (await world.handle(number).fetchHistory()).events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes != null).length ?? 0;
  const [events, before] = [(await course.events(number)).length, await updates()];
  const refusals = [
    world.answer(number, 'investigate', 'dance', {}, 'department'), world.answer(number, 'reply', 'send', { text: '答复' }, 'department'),
    world.answer(number, 'investigate', 'report', { faultFound: true }, 'department'), world.act(number, 'merge', { into: 'TS' }, 'handler'), world.act(number, 'note', { text: '' }, 'handler'),
  ].map((attempt) => world.refusal(attempt));
  const types = (await Promise.all(refusals)).map((refused) => refused.type);
  expect(types).toEqual(['answer-not-allowed', 'step-not-open', 'invalid-fields', 'invalid-fields', 'invalid-fields']);
  expect(await course.events(number)).toHaveLength(events);
  expect(await updates()).toBe(before);
  await course.end(number);
});

test('a stranger, a wrong role and another organ are refused; who stands in under a delegation is not', async () => {
  const number = await investigating();
  await world.act(number, 'reassign', { step: 'investigate', user: 'department.water', reasons: '专人' }, 'handler');
  const standIn = { ...actor('department'), onBehalfOf: 'department.water' };
  await world.answer(number, 'investigate', 'report', { faultFound: false, facts: '属实' }, standIn);
  expect((await course.events(number, 'step-answered')).at(-1)?.by).toMatchObject({ id: 'department', onBehalfOf: 'department.water' });
  await world.untilOpen(number, 'review');
  expect((await world.refusal(world.answer(number, 'review', 'agree', {}, 'supervisor'))).type).toBe('not-yours');
  expect((await world.refusal(world.answer(number, 'review', 'agree', {}, 'reviewer.complaints'))).type).toBe('not-yours');
  await course.end(number);
});

test('repeat complaints join a leading case; each complainant gets its answer when it concludes (S4 二(二)3)', async () => {
  const leading = await investigating();
  const follower = await start();
  await world.untilOpen(follower, 'route');
  await world.act(follower, 'merge', { into: leading, reasons: '同一事项' }, 'handler');
  await world.settled(leading);
  expect((await world.view(leading)).links).toEqual([{ caseNumber: follower, type: 'complaint', relation: 'follower' }]);
  expect(await world.view(follower)).toMatchObject({ status: 'open', openSteps: [], links: [{ caseNumber: leading, relation: 'leading' }], nextRungAt: null });
  await course.drive(leading, ...answered(), satisfied);
  expect(await course.closed(leading)).toBe('replied-no-fault');
  expect(await course.closed(follower)).toBe('merged');
  expect((await course.events(follower, 'notice')).at(-1)).toMatchObject({ facts: { to: 'complainant', template: 'reply', leading }, detail: { reply: { text: '经调查,现答复如下。' } } });
});

test('when the leading case is withdrawn its followers go their own way again, from the beginning', async () => {
  const leading = await investigating();
  const follower = await investigating();
  await world.act(follower, 'merge', { into: leading, reasons: '同一事项' }, 'handler');
  await world.settled(leading);
  await world.act(leading, 'withdraw', { reasons: '问题已解决' }, 'complainant');
  await world.untilOpen(follower, 'route');
  expect((await course.events(follower, 'released')).map((event) => event.facts)).toEqual([{ by: leading }]);
  expect((await world.view(follower)).links).toEqual([]);
  await course.drive(follower, ...accepted, ...answered(), satisfied);
  expect(await course.closed(follower)).toBe('replied-no-fault');
});

test('no case waits for one that waits for it: itself, a follower, a closed case and another type are refused', async () => {
  const [leading, follower, third, other] = [await investigating(), await start(), await start(), await world.start('rectification', {
    ground: 'complaint', orderingOrgan: 'yz-supervision', organ: 'yz-water', subject: '整改', order: '整改',
  }, 'supervisor')];
  await world.untilOpen(follower, 'route');
  await world.untilOpen(third, 'route');
  const merge = (number: string, into: string) => world.act(number, 'merge', { into, reasons: '同一事项' }, 'handler');
  await merge(follower, leading);
  for (const [number, into] of [[third, third], [third, follower], [leading, follower], [third, other], [third, 'TS-2029-000001']] as const) {
    expect(await world.refusal(merge(number, into))).toMatchObject({ type: 'invalid-fields', detail: { issues: [{ path: 'into' }] } });
  }
  // Withdrawn, the follower leaves; the leading case ends without it.
  await world.act(follower, 'withdraw', { reasons: '不再投诉' }, 'handler');
  expect(await course.closed(follower)).toBe('withdrawn');
  expect(await world.refusal(merge(third, follower))).toMatchObject({ type: 'invalid-fields' });
  await course.drive(leading, ...answered(), satisfied);
  expect(await course.closed(leading)).toBe('replied-no-fault');
  await course.end(third, other);
});

test('two cases that join each other in the same moment: the smaller number leads, the other is answered with it', async () => {
  const [first, second] = [await start(), await start()];
  await world.untilOpen(first, 'route');
  await world.untilOpen(second, 'route');
  await Promise.allSettled([world.act(first, 'merge', { into: second, reasons: '同一事项' }, 'handler'), world.act(second, 'merge', { into: first, reasons: '同一事项' }, 'handler')]);
  // Whichever came first, one of the two has a step to answer and the other follows it.
  const leads = async (number: string): Promise<boolean> => (await world.view(number)).openSteps.some((step) => step.id === 'route');
  await world.until(async () => await leads(first) !== await leads(second), 'one to lead');
  const [leading, follower] = await leads(first) ? [first, second] : [second, first];
  await course.drive(leading, ...accepted, ...answered(), satisfied);
  expect(await course.closed(leading)).toBe('replied-no-fault');
  expect(await course.closed(follower)).toBe('merged');
});

test('suspended and resumed, the due date moves by what was paused and no day is lost', async () => {
  const number = await investigating();
  expect(await course.due(number, 'handle')).toBe('2030-04-30');
  const ground = await grounds(number);
  expect(await world.refusal(world.act(number, 'suspend', { ground: 'holiday-trip', reasons: '出差' }, 'department'))).toMatchObject({ type: 'action-not-allowed', detail: { allowed: { clocks: [] } } });
  expect((await world.refusal(world.act(number, 'resume', {}, 'department'))).type).toBe('action-not-allowed');
  // Ten days counted, ten paused, the remaining fifty begin on 21 March: Friday 10 May.
  await world.skipTo('2030-03-11T09:00:00+08:00');
  await world.act(number, 'suspend', { ground, clock: 'handle', reasons: '等待鉴定' }, 'department');
  expect(await world.view(number)).toMatchObject({ nextRungAt: null, openSteps: [{ id: 'investigate', due: null }] });
  expect((await world.refusal(world.act(number, 'suspend', { ground, clock: 'handle', reasons: '再次' }, 'department'))).type).toBe('action-not-allowed');
  await world.skipTo('2030-03-21T09:00:00+08:00');
  await world.act(number, 'resume', { remark: '鉴定完成' }, 'department');
  expect(await course.due(number, 'handle')).toBe('2030-05-10');
  expect(await course.step(number, 'investigate')).toMatchObject({ due: '2030-05-10' });
  await course.end(number);
});
