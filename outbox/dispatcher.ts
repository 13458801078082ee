import type { AddressGuard } from './address-guard';
import { deliver } from './deliver';
import type { OutboxFeed, OutboxRow } from './feed';
import type { Lease } from './lease';
import type { DueSubscription, Subscriptions } from './subscriptions';

export interface DispatcherOptions {
  /** Milliseconds between rounds when there is nothing to do. */
  readonly pollMs?: number;
  readonly timeoutMs?: number;
  /** The wait after the first failure; doubled with each further one, at most an hour. */
  readonly backoffMs?: number;
  /** Milliseconds of failing after which a subscription is suspended. */
  readonly giveUpMs?: number;
  /** Milliseconds rows are kept for replay. */
  readonly keepMs?: number;
  readonly now?: () => number;
}

const HOUR_MS = 3_600_000;
const defaults = { pollMs: 1_000, timeoutMs: 10_000, backoffMs: 2_000, giveUpMs: 72 * HOUR_MS, keepMs: 90 * 24 * HOUR_MS, now: Date.now } satisfies Required<DispatcherOptions>;
const maxBackoffMs = HOUR_MS;
/** Rows looked at, and milliseconds after which no further one is sent, in one turn of a subscription, so that neither a long replay nor a slow receiver holds up the others. */
const rowsPerTurn = 100;
const turnMs = 2_000;
const subscriptionsAtOnce = 8;

interface Log { warn(object: object, message: string): void; error(object: object, message: string): void }

/**
 * Feeds the outbox and sends it, in order for each subscription, at least once: an event goes out again until its receiver says 2xx, and no
 * later one before it. No subscription waits for another: each has its turn, whoever waited longest first. Any number of processes may run one; a lease
 * lets one at a time work.
 */
export class Dispatcher {
  private readonly options: Required<DispatcherOptions>;
  private stopping = false;
  /** Something may be there to do, whatever the time of the next round. */
  private nudged = false;
  private wake: () => void = () => undefined;
  private readonly underWay = new Map<string, Promise<boolean>>();
  /** When each subscription last had its turn, by the count of turns. */
  private readonly turns = new Map<string, number>();
  private turn = 0;
  private running: Promise<void> | undefined;

  constructor(private readonly parts: { readonly feed: OutboxFeed; readonly subscriptions: Subscriptions; readonly guard: AddressGuard; readonly lease: Lease; readonly log: Log }, options: DispatcherOptions = {}) {
    this.options = { ...defaults, ...options };
  }

  /** Begins to work until stopped. */
  start(): void {
    this.running ??= this.loop();
  }

  /** Ends after the deliveries under way, and gives the lease back. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
    await Promise.allSettled(this.underWay.values());
    await this.parts.lease.release();
  }

  private async loop(): Promise<void> {
    let pruned = 0;
    while (!this.stopping) {
      let busy = false;
      try {
        if (await this.parts.lease.hold()) {
          const { fed, left, begun } = await this.begin();
          busy = fed > 0;
          for (const work of begun) this.follow(work, left);
          const now = this.options.now();
          if (now - pruned > HOUR_MS) {
            await this.parts.feed.prune(now - this.options.keepMs);
            pruned = now;
          }
        }
      } catch (error) {
        this.parts.log.error({ err: error }, 'the outbox stands still; the next round tries again');
      }
      if (!busy) await this.pause();
    }
  }

  /** Looks again as soon as a turn is over that leaves something to do. */
  private follow(work: Promise<boolean>, left: boolean): void {
    work.then((more) => {
      if (!more && !left) return;
      this.nudged = true;
      this.wake();
    }, (error: unknown) => { this.parts.log.error({ err: error }, 'a subscription stands still; a later round tries again'); });
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      if (this.stopping || this.nudged) {
        this.nudged = false;
        resolve();
        return;
      }
      const timer = setTimeout(resolve, this.options.pollMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** One round of feeding and sending, to the end of every turn; whoever calls it holds the lease. True when there may be more to do at once. */
  async round(): Promise<boolean> {
    const { fed, left } = await this.begin();
    const more = await Promise.all(this.underWay.values());
    return fed > 0 || left || more.includes(true);
  }

  /** Feeds the outbox and begins the turns of as many subscriptions as there is room for; `left` when there was no room for some. */
  private async begin(): Promise<{ readonly fed: number; readonly left: boolean; readonly begun: readonly Promise<boolean>[] }> {
    const fed = await this.parts.feed.run();
    // Known before it is asked who is due: what is read of one at work is out of date as soon as its turn ends.
    const atWork = new Set(this.underWay.keys());
    const due = (await this.parts.subscriptions.due(await this.parts.feed.last())).filter(({ _id }) => !atWork.has(_id));
    const room = Math.max(0, subscriptionsAtOnce - this.underWay.size);
    const next = due.sort((a, b) => (this.turns.get(a._id) ?? 0) - (this.turns.get(b._id) ?? 0)).slice(0, room);
    return { fed, left: due.length > next.length, begun: next.map((subscription) => this.serveInTurn(subscription)) };
  }

  private serveInTurn(subscription: DueSubscription): Promise<boolean> {
    this.turns.set(subscription._id, ++this.turn);
    const work = this.serve(subscription).finally(() => { this.underWay.delete(subscription._id); });
    this.underWay.set(subscription._id, work);
    return work;
  }

  /** Sends what a subscription has not had. True when there is more for it. */
  private async serve(subscription: DueSubscription): Promise<boolean> {
    const rows = await this.parts.feed.after(subscription.cursor, rowsPerTurn);
    const until = performance.now() + turnMs;
    let skippedTo: number | undefined;
    for (const row of rows) {
      if (this.stopping) break;
      if (performance.now() > until) return true;
      if (!isWanted(row, subscription)) {
        skippedTo = row.seq;
        continue;
      }
      if (!await this.parts.lease.hold()) return false;
      if (!await this.send(row, subscription)) return false;
      skippedTo = undefined;
    }
    if (skippedTo !== undefined) await this.parts.subscriptions.advance(subscription, skippedTo, false);
    return rows.length === rowsPerTurn;
  }

  private async send(row: OutboxRow, subscription: DueSubscription): Promise<boolean> {
    const { timeoutMs, now } = this.options;
    const { url, secret } = subscription;
    if (secret === null) {
      await this.failed(row, subscription, 'secret-unreadable', false);
      return false;
    }
    const delivery = await deliver(row, { url, secret }, this.parts.guard, { timeoutMs, now: now() });
    if (delivery.outcome === 'arrived') return this.parts.subscriptions.advance(subscription, row.seq, true);
    await this.failed(row, subscription, delivery.fault, delivery.outcome === 'gone');
    return false;
  }

  private async failed(row: OutboxRow, subscription: DueSubscription, fault: string, gone: boolean): Promise<void> {
    const { now, backoffMs, giveUpMs } = this.options;
    const failures = subscription.failures + 1;
    const failingSince = subscription.failingSince ?? now();
    const suspended = gone || now() - failingSince >= giveUpMs;
    // Up to a fifth later, so that receivers behind one door are not all called in the same moment.
    const wait = Math.min(backoffMs * 2 ** Math.min(failures - 1, 30), maxBackoffMs) * (1 + Math.random() / 5);
    await this.parts.subscriptions.fail(subscription, { failures, failingSince, nextAt: now() + wait, lastFault: fault, suspended });
    this.parts.log.warn({ subscription: subscription._id, sequence: row.seq, failures, fault, suspended }, 'a webhook was not delivered');
  }
}

const isWanted = (row: OutboxRow, { kinds, caseTypes }: DueSubscription): boolean =>
  (kinds.length === 0 || kinds.includes(row.kind)) && (caseTypes.length === 0 || caseTypes.includes(row.caseType));
