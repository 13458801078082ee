import { CaseWorld } from '../support/case-world';
import { messageNames } from '../../domain/messages';
import { Sweep } from '../../worker/sweep';
import { complaint, Course } from './course';

let world: CaseWorld;
// The server loses the timers of all ladders (temporal#11869: a timer whose task row is missing never fires, silently).
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01', { workflowsPath: require.resolve('./lost-timers') }); }, 180_000);
afterAll(() => world.end());
const course = new Course(() => world);

test('a ladder whose timers were lost is found by the sweep and climbs late, each rung with the date of the law beside the real one', async () => {
  const number = await world.start('complaint', complaint, 'handler');
  await world.skipTo('2030-03-25T09:00:00+08:00');
  expect(await course.rungs(number, 'route')).toEqual([]);
  expect(await world.store.cases.findSilent(await world.now())).toEqual([number]);

  const sweep = new Sweep(world.store.cases, (silent) => world.handle(silent).signal(messageNames.nudge));
  expect(await sweep.round(await world.now())).toEqual({ nudged: [number], gone: [], failed: [] });
  await world.until(async () => (await course.rungs(number, 'route')).length === 2, 'the rungs to act');
  // 15 days after 1 March: Saturday the 16th, so Monday the 18th; the reminder stands three working days before.
  expect(await course.rungs(number, 'route')).toEqual([['reminder', '2030-03-13', 'notice'], ['overdue', '2030-03-18', 'overdue']]);
  const late = Date.parse('2030-03-25T09:00:00+08:00');
  for (const event of await course.events(number, 'rung')) {
    expect(event.facts['actedAt']).toBeGreaterThanOrEqual(late);
    expect(event.facts['legalAt']).toBeLessThan(late);
  }
  expect((await world.view(number)).overdue).toBe(true);

  // A nudge that was not needed does nothing, and a sweep has nothing more to find.
  const before = (await course.events(number)).length;
  await world.handle(number).signal('nudge');
  expect(await sweep.round(await world.now())).toEqual({ nudged: [], gone: [], failed: [] });
  await world.act(number, 'note', { text: '已催办' }, 'handler');
  expect(await course.events(number)).toHaveLength(before + 1);
  await course.end(number);
});
