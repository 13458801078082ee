import { CaseWorld } from '../support/case-world';
import { accepted, answered, complaint, Course, faulty, finding, satisfied } from './course';

let world: CaseWorld;
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterEach(() => { world.fault = undefined; });
afterAll(() => world.end());
const course = new Course(() => world);

/** Brings a complaint to the filing of its fault. */
const toFiling = async (): Promise<string> => {
  const number = await world.start('complaint', complaint, 'handler');
  await course.drive(number, ...accepted, ...answered(faulty(finding('shirking'))));
  return number;
};
const waits = (number: string): Promise<void> => world.until(async () => (await world.view(number)).waiting.length > 0, `${number} to say that it waits`);

test('while the record system is away the case waits and says so, and goes on by itself when it is back', async () => {
  world.fault = { status: 503 };
  const number = await toFiling();
  await waits(number);
  expect(await world.view(number)).toMatchObject({ status: 'open', openSteps: [], waiting: [{ system: 'records' }] });
  // What was decided is carried out first: the case can be noted but not turned aside.
  await world.act(number, 'note', { text: '备案系统故障' }, 'handler');
  expect((await world.refusal(world.act(number, 'withdraw', { reasons: '撤回' }, 'complainant'))).type).toBe('action-not-allowed');
  world.fault = undefined;
  await course.drive(number, satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  expect((await world.view(number)).waiting).toEqual([]);
  expect((await course.events(number, 'system-waiting', 'system-done')).filter((event) => event.facts['for'] === 'fileForRecord').map((event) => [event.kind, event.facts['afterWaiting'] ?? null])).toEqual([
    ['system-waiting', null], ['system-done', true],
  ]);
  expect(await course.kept('filing', number)).toHaveLength(1);
});

test('a connection lost after the fact was kept leaves exactly one entry in the other system', async () => {
  let drops = 0;
  const number = await world.start('complaint', complaint, 'handler');
  await course.drive(number, ...accepted, ...answered(faulty(finding('shirking'))).slice(0, 3));
  await world.untilOpen(number, 'reply');
  world.fault = () => (drops++ < 2 ? 'drop-after-write' : undefined);
  await course.drive(number, ...answered().slice(3), satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  expect(drops).toBeGreaterThan(2);
  expect(await course.kept('filing', number)).toHaveLength(1);
  expect(await course.kept('criticism', number)).toHaveLength(1);
});

test('what a system refuses for good waits for an operator, and a nudge tries it again', async () => {
  world.fault = { status: 422 };
  const number = await toFiling();
  await waits(number);
  world.fault = undefined;
  await world.handle(number).signal('nudge');
  await course.drive(number, satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  expect(await course.kept('filing', number)).toHaveLength(1);
});

test('a nudge that comes while an attempt is under way counts although that attempt is refused', async () => {
  const number = await course.nudgedWhileTried(toFiling);
  const before = await world.now();
  await course.drive(number, satisfied);
  expect(await course.closed(number)).toBe('replied-fault-found');
  // By the nudge, not by the hour.
  expect(await world.now() - before).toBeLessThan(3_600_000);
  expect(await course.kept('filing', number)).toHaveLength(1);
});
