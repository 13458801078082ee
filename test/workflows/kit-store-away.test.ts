import { messageNames } from '../../domain/messages';
import { CaseWorld } from '../support/case-world';
import { complaint, Course } from './course';

let world: CaseWorld;
beforeAll(async () => { world = await CaseWorld.begin('2030-03-01'); }, 180_000);
afterEach(() => { answers(); });
afterAll(() => world.end());
const course = new Course(() => world);

/** Every writing fails from now on. */
function refuses(): void {
  Object.defineProperty(world.store.cases, 'write', { configurable: true, value: () => Promise.reject(new Error('no server')) });
}

/** The store is as it was. */
function answers(): void { Reflect.deleteProperty(world.store.cases, 'write'); }

const historyOf = async (number: string) => (await world.handle(number).fetchHistory()).events ?? [];
const waits = async (number: string): Promise<number> => (await historyOf(number)).filter((event) => event.timerStartedEventAttributes != null && isWait(event)).length;
const isWait = (event: Awaited<ReturnType<typeof historyOf>>[number]): boolean => Buffer.from(event.userMetadata?.summary?.data ?? []).toString('utf8').includes('waiting for the store');

/** A case whose note the store has refused until the case began to wait. */
async function refusedNote(): Promise<{ readonly number: string; readonly noted: Promise<unknown> }> {
  const number = await world.start('complaint', complaint, 'handler');
  await world.untilOpen(number, 'route');
  await world.settled(number);
  refuses();
  const noted = world.act(number, 'note', { text: '已电话催办' }, 'handler');
  await world.until(async () => await waits(number) > 0, 'the case to wait for the store', 60_000);
  return { number, noted };
}

test('a store that is away for days leaves few events, and what it refused is on file once it is back', async () => {
  const { number, noted } = await refusedNote();
  // The waits grow to their longest in the first half hour.
  await world.environment.sleep('1 hour');
  const before = (await historyOf(number)).length;
  await world.environment.sleep('3 hours');
  const perHour = ((await historyOf(number)).length - before) / 3;
  expect(perHour).toBeGreaterThan(3);
  // A month of it is less than half of the 51,200 events at which Temporal ends a run.
  expect(perHour * 24 * 30).toBeLessThan(25_600);

  answers();
  await world.environment.sleep('16 minutes');
  await noted;
  expect(await course.events(number, 'note')).toHaveLength(1);
  await course.end(number);
}, 120_000);

test('a nudge, as the sweep gives it when the store is back, ends the wait at once', async () => {
  const { number, noted } = await refusedNote();
  answers();
  const at = await world.now();
  await world.handle(number).signal(messageNames.nudge);
  await noted;
  expect(await world.now() - at).toBeLessThan(10_000);
  expect(await course.events(number, 'note')).toHaveLength(1);
  await course.end(number);
}, 60_000);

test('a case that finds a later writer at its file waits and writes again: it neither fails nor loses what it had to record', async () => {
  const number = await world.start('complaint', complaint, 'handler');
  await world.untilOpen(number, 'route');
  await world.settled(number);
  // As a repair left it that took the length of the history before the case's own writing was through.
  const { cases } = world.store.connection.collections;
  const fence = (await cases.findOne({ _id: number }))?.fence ?? 0;
  const length = (await historyOf(number)).length;
  await cases.updateOne({ _id: number }, { $set: { fence: Math.max(fence, length) + 6 } });
  const noted = world.act(number, 'note', { text: '已电话催办' }, 'handler');
  await world.until(async () => await waits(number) > 0, 'the case to wait');
  await world.environment.sleep('1 hour');
  await noted;
  expect((await course.events(number, 'note')).map((event) => event.kind)).toEqual(['note']);
  expect((await world.view(number)).revision).toBe((await course.events(number)).length);
  await course.end(number);
}, 60_000);
