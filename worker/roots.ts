import type { Logger } from 'pino';
import type { Store } from '../store';

/** Rounds in a row that Temporal must have answered: by then a worker's unfinished recordings have been made good. */
const STEADY_ROUNDS = 2;

/**
 * Makes the daily roots that are due, every `everyMs`. Only while Temporal answers: a recording that it never confirmed may still be replaced,
 * and must not stand under a root. A round that fails is logged and the next one comes. Gives the way to stop.
 * @param answers rejects while Temporal is away
 */
export function rootsRegularly(store: Pick<Store, 'roots'>, answers: () => Promise<unknown>, log: Logger, everyMs = 300_000): () => void {
  let steady = 0;
  const round = async (): Promise<void> => {
    await answers();
    if (++steady < STEADY_ROUNDS) return;
    for (const root of await store.roots.makeDue(Date.now())) log.info({ day: root.day, root: root.hash, cases: root.cases }, 'daily root made');
  };
  const timer = setInterval(() => {
    round().catch((error: unknown) => {
      steady = 0;
      log.error({ err: error }, 'the daily root could not be made; the next round tries again');
    });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
