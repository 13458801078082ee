import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { messageNames } from '../domain/messages';
import type { CaseStore } from '../store/case-store';

const MINUTE_MS = 60_000;
/** What lies between one nudge of a case and the next while it does not stir. A run takes 10,000 signals and is deaf from then on: these are some 400 a year. */
const DISTANCES_MS = [5, 15, 60, 360, 1_440].map((minutes) => minutes * MINUTE_MS);
/** After so many failures one upon the other it is Temporal that is away and not a case that cannot hear. */
const FAILURES_THAT_END_A_ROUND = 10;
/** Those that do not stir must not hide the others behind them. */
const AT_MOST = 10_000;

/** What a round found and did. */
export interface SweepReport {
  readonly nudged: readonly string[];
  /** Open on file and unknown to Temporal. */
  readonly gone: readonly string[];
  /** Not to be nudged now, with the reason; tried again later. */
  readonly failed: readonly { readonly caseNumber: string; readonly error: unknown }[];
}

/** What a sweep needs to know of cases that were refused by the store. */
export interface Refused {
  list(): readonly string[];
  /** It has been told: should the store refuse it again, it comes back. */
  forget(caseNumber: string): void;
}

const nobody: Refused = { list: () => [], forget: () => undefined };

/**
 * Finds open cases whose ladder should have acted, so that a timer Temporal lost cannot hide, and those whom the store had refused, which is back
 * where it can be asked, and nudges their workflows: at once, then ever more seldom for as long as a case does not stir.
 * A nudge that was not needed does nothing.
 */
export class Sweep {
  private readonly nudges = new Map<string, { readonly times: number; readonly next: number }>();

  /** @param nudge tells a case's workflow to look again */
  constructor(private readonly cases: Pick<CaseStore, 'findSilent'>, private readonly nudge: (caseNumber: string) => Promise<void>, private readonly refused: Refused = nobody) {}

  /** One round at `now`; late is who should have acted `graceMs` ago. @throws what a store that is away throws */
  async round(now: number, graceMs = MINUTE_MS): Promise<SweepReport> {
    const late = new Set(await this.cases.findSilent(now - graceMs, AT_MOST));
    const silent = new Set([...late, ...this.refused.list()]);
    // Who has stirred in between is nudged at once when it falls silent again.
    for (const caseNumber of this.nudges.keys()) if (!silent.has(caseNumber)) this.nudges.delete(caseNumber);
    const report = { nudged: [] as string[], gone: [] as string[], failed: [] as { caseNumber: string; error: unknown }[] };
    let inARow = 0;
    for (const caseNumber of silent) {
      const { times, next } = this.nudges.get(caseNumber) ?? { times: 0, next: now };
      if (next > now) continue;
      if (inARow === FAILURES_THAT_END_A_ROUND) break;
      // Kept before it is answered: a round may take longer than a minute, and the next one comes.
      this.nudges.set(caseNumber, { times: times + 1, next: now + (DISTANCES_MS[times] ?? DISTANCES_MS.at(-1) ?? 0) });
      try {
        await this.nudge(caseNumber);
        this.refused.forget(caseNumber);
        report.nudged.push(caseNumber);
        inARow = 0;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) {
          // Refused here and closed since with another worker, it wants nothing any more.
          this.refused.forget(caseNumber);
          if (late.has(caseNumber)) report.gone.push(caseNumber);
          continue;
        }
        // It has not been heard: the distance does not grow.
        this.nudges.set(caseNumber, { times, next: now + (DISTANCES_MS[0] ?? 0) });
        report.failed.push({ caseNumber, error });
        inARow++;
      }
    }
    return report;
  }
}

/** Sweeps every `everyMs`; a round that fails is logged and the next one comes. Gives the way to stop. */
export function sweepRegularly(cases: Pick<CaseStore, 'findSilent'>, client: Client, refused: Refused, log: Logger, everyMs = MINUTE_MS): () => void {
  const sweep = new Sweep(cases, (caseNumber) => client.workflow.getHandle(caseNumber).signal(messageNames.nudge), refused);
  const timer = setInterval(() => {
    sweep.round(Date.now()).then(
      ({ nudged, gone, failed }) => {
        if (nudged.length > 0) log.warn({ nudged }, 'cases that should have acted have been nudged');
        if (gone.length > 0) log.error({ gone }, 'open on file and unknown to Temporal: their ladders stand still; `wenze engine status` says more');
        if (failed.length > 0) log.error({ err: failed[0]?.error, failed: failed.map((each) => each.caseNumber) }, 'cases that should have acted could not be nudged; tried again');
      },
      (error: unknown) => log.error({ err: error }, 'sweep failed'),
    );
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
