import { CaseWorld } from '../support/case-world';
import { Course } from './course';

let world: CaseWorld;
// Friday 1 March 2030.
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterEach(() => { world.fault = undefined; });
afterAll(() => world.end());

const course = new Course(() => world);
const order = { ground: 'evaluation', orderingOrgan: 'yz-supervision', organ: 'yz-water', subject: '整改', order: '整改' };

test('withdrawn while the record system is away: the case turns aside at once and closes when the criticism it owes is kept', async () => {
  const number = await world.start('rectification', { ...order, within: { amount: 1, unit: 'calendar-day' } }, 'supervisor');
  await world.untilOpen(number, 'report');
  // One day after Friday 1 March: Saturday, so Monday the 4th; ten working days on: Monday the 18th.
  await world.skipTo('2030-03-17T23:59:30+08:00');
  world.fault = { status: 503 };
  await world.skipTo('2030-03-18T00:00:01+08:00');
  await world.until(async () => (await world.view(number)).waiting.length > 0, 'the case to say that it waits');
  await world.act(number, 'withdraw', { reasons: '依据变更' }, 'supervisor');
  await world.settled(number);
  expect(await world.view(number)).toMatchObject({ status: 'open', openSteps: [], waiting: [{ system: 'records' }] });
  expect((await world.refusal(world.act(number, 'withdraw', { reasons: '再撤' }, 'supervisor'))).type).toBe('action-not-allowed');
  world.fault = undefined;
  expect(await course.closed(number)).toBe('withdrawn');
  expect(await course.kept('criticism', number)).toHaveLength(1);
});
