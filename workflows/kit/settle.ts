import { condition } from '@temporalio/workflow';

/** More than the longest chain of promises between a timer, signal, update or answer and the entry it makes. */
const TICKS_TO_SETTLE = 100;

/**
 * Waits until a condition holds and goes on holding when everything this activation has set off has had its turn:
 * what a timer, a signal or an answer enters a few promises later counts too.
 */
export async function untilSettled(holds: () => boolean): Promise<void> {
  do {
    await condition(holds);
    for (let tick = 0; tick < TICKS_TO_SETTLE; tick++) await Promise.resolve();
  } while (!holds());
}
