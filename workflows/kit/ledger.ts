import { uuid4 } from '@temporalio/workflow';
import type { Actor } from '../../domain/case-definition';
import type { CaseEvent, CaseView, EventKind } from '../../domain/case-file';
import type { Json, JsonObject } from '../../domain/json';

/** What an event carries beside its place in the history. */
export interface Entry {
  readonly by: Actor;
  readonly step?: string;
  readonly clock?: string;
  readonly facts?: JsonObject;
  readonly detail?: Json;
}

/** The law's own timer as an actor. */
export const timer: Actor = { kind: 'timer', id: 'timer', roles: [] };

/**
 * The state of one case in its workflow: the view, and the events that are not on record yet.
 * Every change of the view comes with the event that explains it; nothing here waits or writes.
 */
export class Ledger {
  private pending: CaseEvent[] = [];
  private readonly written: CaseEvent[] = [];
  private last: number;
  private confirmed: number;

  constructor(public view: CaseView, seq: number) {
    this.last = seq;
    this.confirmed = seq;
  }

  get seq(): number { return this.last; }
  get recordedSeq(): number { return this.confirmed; }
  get hasPending(): boolean { return this.pending.length > 0; }
  /** Events of this run, recorded or not, for the projection to be rebuilt from. */
  get events(): readonly CaseEvent[] { return [...this.written, ...this.pending]; }

  /** Adds an event and changes the view with it. Gives its sequence number. */
  enter(kind: EventKind, entry: Entry, change: Partial<CaseView> = {}): number {
    const event: CaseEvent = {
      caseNumber: this.view.caseNumber,
      seq: ++this.last,
      at: Date.now(),
      kind,
      by: entry.by,
      ...(entry.step === undefined ? {} : { step: entry.step }),
      ...(entry.clock === undefined ? {} : { clock: entry.clock }),
      facts: entry.facts ?? {},
      ...(entry.detail === undefined ? {} : { detail: entry.detail }),
      salt: uuid4(),
    };
    this.pending.push(event);
    const participants = entry.by.kind === 'user' && !this.view.participants.includes(entry.by.id)
      ? [...this.view.participants, entry.by.id] : this.view.participants;
    this.view = { ...this.view, participants, ...change, revision: this.last };
    return this.last;
  }

  /** Takes what is to be recorded now. */
  takePending(): readonly CaseEvent[] {
    const events = this.pending;
    this.pending = [];
    this.written.push(...events);
    return events;
  }

  /** Everything up to `seq` is on record. */
  confirm(seq: number): void {
    this.confirmed = seq;
  }
}
