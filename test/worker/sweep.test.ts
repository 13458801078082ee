import { WorkflowNotFoundError } from '@temporalio/client';
import { Sweep } from '../../worker/sweep';

const MINUTE = 60_000;

/** Cases that are silent, and what becomes of a nudge; every nudge is kept. */
class Scene {
  silent: readonly string[] = [];
  refused: readonly string[] = [];
  readonly nudged: string[] = [];
  readonly errors = new Map<string, Error>();
  readonly sweep = new Sweep(
    { findSilent: () => Promise.resolve([...this.silent]) },
    (caseNumber) => {
      this.nudged.push(caseNumber);
      const error = this.errors.get(caseNumber);
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    },
    { list: () => this.refused, forget: (caseNumber) => { this.refused = this.refused.filter((each) => each !== caseNumber); } },
  );

  /** One round each minute from one minute to another; gives the minutes in which a case was nudged. */
  async minutes(caseNumber: string, from: number, to: number): Promise<number[]> {
    const heard: number[] = [];
    for (let minute = from; minute <= to; minute++) {
      const before = this.nudged.length;
      await this.sweep.round(minute * MINUTE);
      if (this.nudged.slice(before).includes(caseNumber)) heard.push(minute);
    }
    return heard;
  }
}

let scene: Scene;
beforeEach(() => { scene = new Scene(); });

test('a case that does not stir is nudged at once, after 5 minutes, 15, an hour, 6 hours, and then once a day', async () => {
  scene.silent = ['a'];
  expect(await scene.minutes('a', 0, 3 * 1_440)).toEqual([0, 5, 20, 80, 440, 1_880, 3_320]);
});

test('who has stirred in between is nudged at once when it falls silent again', async () => {
  scene.silent = ['a'];
  await scene.minutes('a', 0, 30);
  scene.silent = [];
  await scene.minutes('a', 31, 31);
  scene.silent = ['a'];
  expect(await scene.minutes('a', 32, 50)).toEqual([32, 37]);
});

test('a case that cannot be nudged does not keep the others from it: it is told of, and tried every 5 minutes', async () => {
  const deaf = new Error('signals exceeded the limit');
  scene.errors.set('b', deaf);
  scene.errors.set('c', new WorkflowNotFoundError('no such case', 'c', undefined));
  scene.silent = ['a', 'b', 'c', 'd'];
  expect(await scene.sweep.round(0)).toEqual({ nudged: ['a', 'd'], gone: ['c'], failed: [{ caseNumber: 'b', error: deaf }] });
  expect(await scene.minutes('b', 1, 30)).toEqual([5, 10, 15, 20, 25, 30]);
  // Heard at last, it begins with the first distance.
  scene.errors.clear();
  expect(await scene.minutes('b', 31, 60)).toEqual([35, 40, 55]);
});

test('with Temporal away a round ends soon, and those it did not come to are the first of the next', async () => {
  const all = Array.from({ length: 25 }, (_, index) => `case-${String(index).padStart(2, '0')}`);
  for (const caseNumber of all) scene.errors.set(caseNumber, new Error('UNAVAILABLE'));
  scene.silent = all;
  expect((await scene.sweep.round(0)).failed).toHaveLength(10);
  expect((await scene.sweep.round(MINUTE)).failed.map((each) => each.caseNumber)).toEqual(all.slice(10, 20));
});

test('a case that the store had refused is nudged once the store can be asked again', async () => {
  scene.refused = ['a'];
  scene.silent = ['b', 'a'];
  expect((await scene.sweep.round(0)).nudged).toEqual(['b', 'a']);
  // Told, it is late at the most.
  expect(scene.refused).toEqual([]);
  expect(await scene.minutes('a', 1, 10)).toEqual([5]);
});

test('a case that was refused here and has been closed with another worker is none that Temporal has lost', async () => {
  scene.errors.set('a', new WorkflowNotFoundError('completed', 'a', undefined));
  scene.refused = ['a'];
  expect(await scene.sweep.round(0)).toEqual({ nudged: [], gone: [], failed: [] });
  expect(scene.refused).toEqual([]);
});
