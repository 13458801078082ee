import { CaseWorld } from '../support/case-world';
import { Course, satisfied } from './course';
import { Races } from './races';

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
