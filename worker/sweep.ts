import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { messageNames } from '../domain/messages';
import type { Store } from '../store';

/** What a sweep found and did. */
export interface SweepReport {
  readonly nudged: readonly string[];
  readonly gone: readonly string[];
}

/**
 * Finds open cases whose ladder should have acted `graceMs` ago and nudges their workflows, so that a timer Temporal lost cannot hide.
 * A nudge that was not needed does nothing.
 */
export async function sweep(store: Store, client: Client, now: number, graceMs = 60_000): Promise<SweepReport> {
  const nudged: string[] = [];
  const gone: string[] = [];
  for (const caseNumber of await store.cases.findSilent(now - graceMs)) {
    try {
      await client.workflow.getHandle(caseNumber).signal(messageNames.nudge);
      nudged.push(caseNumber);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      gone.push(caseNumber);
    }
  }
  return { nudged, gone };
}

/** Sweeps every `everyMs`; a sweep that fails is logged and the next one comes. Gives the way to stop. */
export function sweepRegularly(store: Store, client: Client, log: Logger, everyMs = 60_000): () => void {
  let told = '';
  const timer = setInterval(() => {
    sweep(store, client, Date.now()).then(
      ({ nudged, gone }) => {
        if (nudged.length > 0) log.warn({ nudged }, 'ladders were late and have been nudged');
        // Once, and again when they are others: it needs an operator, not a line a minute.
        if (gone.length > 0 && gone.join() !== told) log.error({ gone }, 'open on file and unknown to Temporal: their ladders stand still; `wenze engine status` says more');
        told = gone.join();
      },
      (error: unknown) => log.error({ err: error }, 'sweep failed'),
    );
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
