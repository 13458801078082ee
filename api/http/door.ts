import type { Logger } from 'pino';
import type { IdentityEvent } from '../identity';
import type { AuditEntry, AuditSink } from '../../store/audit';
import { requestContext } from '../temporal/connection';

/** Somebody turned away: who, as far as known, from what, why. */
export type TurnedAway = Pick<AuditEntry, 'user' | 'organ' | 'action' | 'reason' | 'requestId'>;

export interface DoorOptions {
  /** Milliseconds over which refusals of one kind are counted together. */
  readonly windowMs?: number;
  /** Kinds of refusal that are told apart within one window; what comes beyond is counted under `anonymous`. */
  readonly most?: number;
  readonly now?: () => number;
}

interface Counted {
  last: TurnedAway;
  /** Refusals since the one that was written. */
  more: number;
}

/** Who is not signed in; after a colon, where the address is told apart. */
export const anonymous = 'anonymous';

/**
 * Refusals at the door, in the audit: those before anybody is signed in (401, 403), and those for coming too often (429). The first of a kind in a
 * minute is written at once; those that follow are counted and written as one line at the end of the minute, `not-signed-in ×37`, so that a flood
 * of requests is not a flood of records. A process that dies loses at most the counts of its last minute.
 */
export class DoorLog {
  private counted = new Map<string, Counted>();
  private timer: NodeJS.Timeout | undefined;
  private readonly options: Required<DoorOptions>;

  constructor(private readonly sink: AuditSink, private readonly log: Pick<Logger, 'error'>, options: DoorOptions = {}) {
    this.options = { windowMs: 60_000, most: 500, now: Date.now, ...options };
  }

  /** Counts one refusal; resolves when the first of its kind is on record. Never rejects: a record that cannot be written is logged, counted, and tried again. */
  async note(turned: TurnedAway): Promise<void> {
    const told = this.counted.has(kindOf(turned)) || this.counted.size < this.options.most ? turned : { ...turned, user: anonymous, organ: null, action: 'session.refused' };
    const known = this.counted.get(kindOf(told));
    this.timer ??= setTimeout(() => { void this.flush(); }, this.options.windowMs).unref();
    if (known !== undefined) {
      known.more += 1;
      known.last = told;
      return;
    }
    const first: Counted = { last: told, more: 0 };
    this.counted.set(kindOf(told), first);
    if (!await this.write(told, told.reason)) first.more += 1;
  }

  /** Ends the window: writes what was counted. Also to be called at the stop of the process. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const window = this.counted;
    this.counted = new Map();
    for (const [kind, { last, more }] of window) {
      if (more === 0 || await this.write(last, `${last.reason ?? 'refused'} ×${more}`)) continue;
      const since = this.counted.get(kind);
      this.counted.set(kind, { last, more: more + (since?.more ?? 0) });
    }
    if (this.counted.size > 0) this.timer ??= setTimeout(() => { void this.flush(); }, this.options.windowMs).unref();
  }

  private async write({ user, organ, action, requestId }: TurnedAway, reason: string | null): Promise<boolean> {
    try {
      await this.sink.record({ at: this.options.now(), user, organ, action, caseNumber: null, outcome: 'refused', reason, requestId });
      return true;
    } catch (error) {
      this.log.error({ err: error }, 'a refusal at the door could not be put on record; it is tried again with the next count');
      return false;
    }
  }
}

const kindOf = ({ user, action, reason }: TurnedAway): string => JSON.stringify([user, action, reason]);

/**
 * What happens to sessions and passwords, in the audit, under the id of its request. A log-in that succeeds is written by its route; a refused one for a
 * name nobody has is left to the middleware, which knows the address it came from.
 */
export const auditIdentity = (door: DoorLog, sink: AuditSink) => async ({ kind, at, user }: IdentityEvent): Promise<void> => {
  if (kind === 'login' || user === undefined) return;
  const context = requestContext.getStore();
  const entry = { user, organ: null, action: `session.${kind}`, requestId: context?.requestId ?? '' };
  if (kind.endsWith('refused') || kind.endsWith('locked')) await door.note({ ...entry, reason: kind.endsWith('locked') ? 'account-locked' : 'bad-credentials' });
  else await sink.record({ ...entry, at, caseNumber: null, outcome: 'allowed', reason: null });
  if (context !== undefined) context.audited = true;
};
