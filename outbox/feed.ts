import type { Collection, Db } from 'mongodb';
import type { EventKind } from '../domain/case-file';
import type { Json, JsonObject } from '../domain/json';
import type { CaseDocument, EventDocument } from '../store/documents';
import { isDuplicateKey } from '../store/duplicate-key';

/** An event on its way out. Sequence numbers are dense and in the order in which the rows appear. */
export interface OutboxRow {
  /** The event's own id: case number and sequence within the case. */
  readonly _id: string;
  readonly seq: number;
  readonly caseNumber: string;
  readonly caseType: string;
  readonly kind: EventKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly step: string | null;
  readonly clock: string | null;
  readonly facts: JsonObject;
  /** When it was put here. */
  readonly queuedAt: number;
}

/** The mark on events that are in the outbox. An event written anew loses it and comes by again; its id keeps it from going out twice. */
type MarkedEvent = EventDocument & { readonly queued?: true };

const batch = 200;
/** Puts the events of cases into the outbox, each once, in order. Reads the projection; workflows know nothing of it. */
export class OutboxFeed {
  private readonly events: Collection<MarkedEvent>;
  private readonly cases: Collection<CaseDocument>;
  private readonly outbox: Collection<OutboxRow>;

  /** @param settleMs how old an event must be: what an activation that died has left is written over within that time */
  constructor(db: Db, private readonly settleMs = 1_000, private readonly now: () => number = Date.now) {
    this.events = db.collection('events');
    this.cases = db.collection('cases');
    this.outbox = db.collection('outbox');
  }

  async ensureIndexes(): Promise<void> {
    await this.events.createIndexes([{ key: { queued: 1, at: 1, _id: 1 } }]);
    await this.outbox.createIndexes([{ key: { seq: 1 }, unique: true }, { key: { queuedAt: 1 } }]);
  }

  /** One round: up to 200 events. Gives how many there were. */
  async run(): Promise<number> {
    const found = await this.events.find({ queued: { $exists: false }, at: { $lt: this.now() - this.settleMs } }).sort({ at: 1, _id: 1 }).limit(batch).toArray();
    if (found.length === 0) return 0;
    const types = await this.typesOf([...new Set(found.map((event) => event.caseNumber))]);
    // Events are written before the case itself; one without its case comes with a later round.
    const ready = found.filter((event) => types.has(event.caseNumber));
    await this.queue(ready, types);
    await this.events.updateMany({ _id: { $in: ready.map((event) => event._id) } }, { $set: { queued: true } });
    return ready.length;
  }

  private async typesOf(caseNumbers: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const cases = await this.cases.find({ _id: { $in: caseNumbers } }).project<{ _id: string; type: string }>({ type: 1 }).toArray();
    return new Map(cases.map((each) => [each._id, each.type]));
  }

  private async queue(events: readonly MarkedEvent[], types: ReadonlyMap<string, string>): Promise<void> {
    for (;;) {
      const there = await this.outbox.find({ _id: { $in: events.map((event) => event._id) } }).project<{ _id: string }>({ _id: 1 }).toArray();
      const known = new Set(there.map((row) => row._id));
      const fresh = events.filter((event) => !known.has(event._id));
      if (fresh.length === 0) return;
      const last = await this.last();
      try {
        await this.outbox.insertMany(fresh.map((event, index) => this.rowOf(event, types.get(event.caseNumber) ?? '', last + 1 + index)), { ordered: true });
        return;
      } catch (error) {
        // Somebody who had lost the lease has written meanwhile: numbers are taken anew, so that none appears before a smaller one.
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }

  private rowOf(event: MarkedEvent, caseType: string, seq: number): OutboxRow {
    const { _id, caseNumber, kind, at, step, clock, facts } = event;
    return { _id, seq, caseNumber, caseType, kind, at, step: step ?? null, clock: clock ?? null, facts: withoutPeople(facts) as JsonObject, queuedAt: this.now() };
  }

  /** The highest sequence number; 0 when nothing has gone through. */
  async last(): Promise<number> {
    const [row] = await this.outbox.find().sort({ seq: -1 }).limit(1).toArray();
    return row?.seq ?? 0;
  }

  /** Rows after a sequence number, in order. */
  after(seq: number, limit: number): Promise<OutboxRow[]> {
    return this.outbox.find({ seq: { $gt: seq } }).sort({ seq: 1 }).limit(limit).toArray();
  }

  /** Forgets rows queued before an instant (milliseconds), never the last: the numbers go on from it. */
  async prune(before: number): Promise<number> {
    const last = await this.last();
    return (await this.outbox.deleteMany({ queuedAt: { $lt: before }, seq: { $lt: last } })).deletedCount;
  }
}

/** Names of facts that point to a person, of whatever kind. Facts hold no personal data; user names of officers stay in as well. */
const personal = new Set(['user', 'staffId', 'by', 'approver', 'requestedBy', 'person', 'name']);

function withoutPeople(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => withoutPeople(item) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value as JsonObject).filter(([key]) => !personal.has(key)).map(([key, item]) => [key, withoutPeople(item)]));
}
