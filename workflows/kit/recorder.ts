import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import { applyRecord, withDueDates } from '../../domain/record';
import { store } from './activities';
import type { Ledger } from './ledger';
import { untilSettled } from './settle';

/** One activation, one write (ADR 1): takes what the ledger has gathered and puts it on file in one local activity. */
export class Recorder {
  /** Clocks whose dates are to be read with the next recording. */
  private readonly unread = new Set<string>();
  /** Clocks whose dates are being read. */
  private reading: readonly string[] = [];
  private lastTurn: Promise<void> = Promise.resolve();
  private lookups = 0;
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
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(work);
    this.lastTurn = turn.then(() => undefined, () => undefined);
    return turn;
  }

  /** Asks the store; what is to be recorded waits for it, so that a step is on file together with the answer that opens it. */
  async lookUp<T>(work: () => Promise<T>): Promise<T> {
    this.lookups++;
    try {
      return await this.inTurn(work);
    } finally {
      this.lookups--;
    }
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
    const { events, result } = await this.inTurn(async () => {
      const read = [...this.unread];
      this.unread.clear();
      this.reading = read;
      const taken = this.ledger.takePending();
      return { events: taken, result: await store.record({
        view: withDueDates(this.ledger.view), events: taken, read, head: this.head,
        fence: { run: this.runNumber, historyLength: workflowInfo().historyLength },
      }) };
    });
    this.head = result.head.hash;
    this.ledger.view = applyRecord(this.ledger.view, result);
    this.reading = [];
    this.shown();
    this.ledger.confirm(events.at(-1)?.seq ?? this.ledger.recordedSeq);
  }

  /** Lets {@link run} end after the last write. */
  finish(): void {
    this.finished = true;
  }
}
