import pino from 'pino';
import { rootsRegularly } from '../../worker/roots';

/** A store that counts how often roots were asked for, and says when. */
function counting() {
  let asked = 0;
  let told: () => void = () => undefined;
  const first = new Promise<void>((resolve) => { told = resolve; });
  const roots = { makeDue: () => { asked++; told(); return Promise.resolve([]); } };
  return { store: { roots } as unknown as Parameters<typeof rootsRegularly>[0], first, asked: () => asked };
}

test('no root is made before Temporal has answered twice in a row', async () => {
  const { store, first, asked } = counting();
  const answers = [true, false, true, true];
  const askedAt: number[] = [];
  let round = 0;
  const stop = rootsRegularly(store, () => {
    askedAt.push(asked());
    return answers[round++] === false ? Promise.reject(new Error('away')) : Promise.resolve();
  }, pino({ level: 'silent' }), 5);
  await first;
  stop();
  // Answered, away, answered: nothing yet; at the fourth round it is the second answer in a row.
  expect(askedAt.slice(0, 4)).toEqual([0, 0, 0, 0]);
  expect(round).toBeGreaterThanOrEqual(4);
});
