import { ActivityFailure, ApplicationFailure, CancellationScope, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { StoreActivities } from '../../activities/contract';
import { applyRecord, withDueDates, type RecordBatch } from '../../domain/record';
import { stores } from './activities';
import type { Ledger } from './ledger';
import { untilSettled } from './settle';

/**
 * Waits of a case that the store has refused, each twice the one before. Measured (test/workflows/kit-store-away.test.ts): 67 events with the first hour, a start included, then
 * 24 an hour while attempts are refused at once or within the 3 s in which the driver looks for a server: 576 a day, 17,280 a month, 51,200 (where Temporal ends a run) after 88 days.
 * A store that takes each attempt and lets it hang for its 20 s costs up to 80 an hour: 26 days. A nudge ends a wait; the worker's sweep gives it within a minute of the
 * store's return to the cases it has seen refused, so that the quarter of an hour is for those whose worker was started anew meanwhile.
 */
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 900_000;

/** One activation, one write (ADR 1): takes what the ledger has gathered and puts it on file in one local activity. */
export class Recorder {
  /** Clocks whose dates are to be read with the next recording. */
  private readonly unread = new Set<string>();
  /** Clocks whose dates are being read. */
  private reading: readonly string[] = [];
  private lastTurn: Promise<void> = Promise.resolve();
  private lookups = 0;
  private nudges = 0;
  /** Length of the history at the recording that was begun last: the place of this case among the writers of its file. */
  private fence = 0;
  private finished = false;

  /**
   * @param head hash of the last event on file, '' before the first
   * @param shown called after every recording, before those who wait for it go on
   */
  constructor(private readonly ledger: Ledger, private readonly runNumber: number, public head: string, private readonly shown: () => void) {}

  /** Has a clock's dates read anew with the next recording. */
  reread(clockId: string): void {
    this.unread.add(clockId);
  }

  /** Whether a clock has had an event since its dates were read: what they say of it may be overtaken. */
  awaitsReading(clockId: string): boolean {
    return this.unread.has(clockId) || this.reading.includes(clockId);
  }

  /**
   * Local activities go one after another: side by side they may resolve in another order when history is replayed than they did at first,
   * and what each sets off (an update completed, a search attribute) would not be found where history has it.
   */
  inTurn<T>(work: (store: StoreActivities) => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(() => work(stores.insistent).catch((error: unknown) => this.untilStored(work, error)));
    this.lastTurn = turn.then(() => undefined, () => undefined);
    return turn;
  }

  /** Asks the store; what is to be recorded waits for it, so that a step is on file together with the answer that opens it. */
  async lookUp<T>(work: (store: StoreActivities) => Promise<T>): Promise<T> {
    this.lookups++;
    try {
      return await this.inTurn(work);
    } finally {
      this.lookups--;
    }
  }

  /**
   * Patience without end. A later writer that has been at the file (StaleWriter), such as a repair, is no reason to give up either: the timer is set by Temporal only for
   * the worker whose turn it is, and with it the history, and the place of the next attempt among the writers, has grown.
   */
  private async untilStored<T>(work: (store: StoreActivities) => Promise<T>, refusal: unknown): Promise<T> {
    for (let wait = FIRST_WAIT_MS, error = refusal; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      if (isCancellation(error) || isFinal(error)) throw error;
      const before = this.nudges;
      await condition(() => this.nudges > before, wait, { summary: '等待案卷库恢复 waiting for the store' });
      try {
        return await work(stores.again);
      } catch (next) {
        error = next;
      }
    }
  }

  /** The store is asked again now, if it had refused. */
  nudge(): void {
    this.nudges++;
  }

  /** Resolves once everything up to `seq` is on record. */
  async recorded(seq: number = this.ledger.seq): Promise<void> {
    await condition(() => this.ledger.recordedSeq >= seq);
  }

  /** Records every activation until the case is over. */
  async run(): Promise<void> {
    // Timers and the managers' view belong to a run: a new one begins with them.
    if (this.runNumber > 0) this.shown();
    for (;;) {
      await untilSettled(() => (this.ledger.hasPending && this.lookups === 0) || this.finished);
      if (!this.ledger.hasPending) return;
      await CancellationScope.nonCancellable(() => this.recordOnce());
    }
  }

  private async recordOnce(): Promise<void> {
    let batch: Omit<RecordBatch, 'fence'> | undefined;
    const result = await this.inTurn((store) => {
      batch ??= this.takeBatch();
      this.fence = workflowInfo().historyLength;
      return store.record({ ...batch, fence: this.place });
    });
    this.head = result.head.hash;
    this.ledger.view = applyRecord(this.ledger.view, result);
    this.reading = [];
    this.shown();
    this.ledger.confirm(batch?.events.at(-1)?.seq ?? this.ledger.recordedSeq);
  }

  private takeBatch(): Omit<RecordBatch, 'fence'> {
    const read = [...this.unread];
    this.unread.clear();
    this.reading = read;
    const events = this.ledger.takePending();
    return { view: withDueDates(this.ledger.view), events, read, head: this.head };
  }

  /** The place of the recording begun last among the writers of the file. */
  get place(): RecordBatch['fence'] { return { run: this.runNumber, historyLength: this.fence }; }

  /** Lets {@link run} end after the last write. */
  finish(): void {
    this.finished = true;
  }
}

/** Whether the store will not answer otherwise however often it is asked. */
function isFinal(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause.nonRetryable === true && cause.type !== 'StaleWriter' : !(error instanceof ActivityFailure);
}
