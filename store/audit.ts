import { MongoBulkWriteError, type Collection, type Db } from 'mongodb';
import { canonicalJson } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import { civilDateAt, type CivilDate } from '../domain/civil-date';
import { text } from '../domain/text';
import type { Fault } from '../evidence/verify-chain';

/** An access on record 访问留痕: who did, or wanted to do, what. Never holds what was seen, and no personal data. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly user: string;
  readonly organ: string | null;
  /** Such as `case.read`, `step.answer`, `personal.unmask`, `session.open`. */
  readonly action: string;
  readonly caseNumber: string | null;
  readonly outcome: 'allowed' | 'refused';
  /** Code of the refusal. */
  readonly reason: string | null;
  readonly requestId: string;
}

/** Whatever takes entries; resolves once the entry will last, so that what is not on record is not shown. */
export interface AuditSink {
  record(entry: AuditEntry): Promise<void>;
}

export const auditKinds = ['read', 'change', 'unmask', 'session', 'destruction'] as const;
export type AuditKind = (typeof auditKinds)[number];

/** An entry in its place: numbered and chained within its day (Asia/Shanghai). */
export interface ChainedAudit extends AuditEntry {
  readonly kind: AuditKind;
  readonly day: CivilDate;
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
}

type AuditDocument = ChainedAudit & { readonly _id: string };

/** The kind of an action; unmasking is one of its own, so that it is found at a glance. */
export function auditKindOf(action: string): AuditKind {
  if (action === 'personal.unmask') return 'unmask';
  if (action.startsWith('session.')) return 'session';
  if (action === 'case.destroy' || action === 'audit.destroy') return 'destruction';
  return /(^export$|\.(read|list|export)$|^(get|list|read|download|find|export)[A-Z])/.test(action) ? 'read' : 'change';
}

/** What the first entry of a day refers to. */
export const auditGenesis = (day: CivilDate): string => sha256(`wenze/audit/${day}`);

/** Hash of an entry in its place. */
export const auditHash = ({ day, seq, previous, at, user, organ, action, kind, caseNumber, outcome, reason, requestId }: Omit<ChainedAudit, 'hash'>): string =>
  sha256(canonicalJson({ v: 1, day, seq, previous, at, user, organ, action, kind, caseNumber, outcome, reason, requestId }));

interface Waiting {
  readonly entry: AuditEntry;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

interface End { readonly day: CivilDate; readonly seq: number; readonly hash: string }

/** At most so many entries go in one write. */
const MOST_AT_ONCE = 500;

/**
 * The access audit: append-only, a chain per day, the end of each day under the daily root. Entries that come while one write is under way go together in the
 * next, so a busy API pays one write for many; several processes append to one chain, each number is given once.
 */
export class AuditLog implements AuditSink {
  readonly entries: Collection<AuditDocument>;
  private waiting: Waiting[] = [];
  private writing = false;
  private end: End | undefined;

  constructor(db: Db, private readonly now: () => number = Date.now) {
    this.entries = db.collection('audit');
  }

  /** Creates the indexes by which an auditor finds who saw a case, and what somebody did. */
  async ensureIndexes(): Promise<void> {
    await this.entries.createIndexes([{ key: { day: 1, seq: 1 }, unique: true }, { key: { caseNumber: 1, at: 1 } }, { key: { user: 1, at: 1 } }, { key: { kind: 1, at: 1 } }]);
  }

  /** Puts an entry on record. Rejects when the store is away: then the caller must not show what it was about. */
  record(entry: AuditEntry): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ entry, done, failed });
      if (!this.writing) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MOST_AT_ONCE);
      try {
        const written = await this.append(batch.map((each) => each.entry));
        for (const each of batch.slice(0, written)) each.done();
        this.waiting.unshift(...batch.slice(written));
      } catch (error) {
        // Whether the entries arrived is not known; the end of the chain is looked up anew, and their callers are refused.
        this.end = undefined;
        for (const each of batch) each.failed(error);
      }
    }
    this.writing = false;
  }

  /** Appends what it can; gives how many. Fewer than all means that another process has appended meanwhile. */
  private async append(entries: readonly AuditEntry[]): Promise<number> {
    const day = civilDateAt(this.now());
    const end = this.end?.day === day ? this.end : await this.endOf(day);
    let { seq, hash: previous } = end;
    const documents = entries.map((entry): AuditDocument => {
      const { at, user, organ, action, caseNumber, outcome, reason, requestId } = entry;
      const placed = { at, user, organ, action, kind: auditKindOf(action), caseNumber, outcome, reason, requestId, day, seq: ++seq, previous };
      const hash = auditHash(placed);
      previous = hash;
      return { _id: `${day}:${String(placed.seq).padStart(9, '0')}`, ...placed, hash };
    });
    try {
      await this.entries.insertMany(documents, { ordered: true });
      this.end = { day, seq, hash: previous };
      return documents.length;
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError) || error.code !== 11000) throw error;
      this.end = undefined;
      return this.arrived(documents);
    }
  }

  /** How many of a write that met another's stand in their places; looked up, for servers differ in what they report of a write cut short. */
  private async arrived(documents: readonly AuditDocument[]): Promise<number> {
    const stored = await this.entries.find({ _id: { $in: documents.map((each) => each._id) } }).toArray();
    const own = new Set(stored.map((each) => each.hash));
    const missing = documents.findIndex((each) => !own.has(each.hash));
    return missing === -1 ? documents.length : missing;
  }

  /** Where the chain of a day ends; before its first entry, its beginning. */
  async endOf(day: CivilDate): Promise<End> {
    const last = await this.entries.find({ day }).sort({ seq: -1 }).limit(1).next();
    return last === null ? { day, seq: 0, hash: auditGenesis(day) } : { day, seq: last.seq, hash: last.hash };
  }

  /** The first day with an entry, or null. */
  async firstDay(): Promise<CivilDate | null> {
    return (await this.entries.find().sort({ day: 1, seq: 1 }).limit(1).next())?.day ?? null;
  }

  /** Entries on a case, oldest first, at most `limit`. */
  async find(caseNumber: string, limit = 100): Promise<ChainedAudit[]> {
    const documents = await this.entries.find({ caseNumber }).sort({ at: 1 }).limit(limit).toArray();
    return documents.map(({ _id, ...entry }) => entry);
  }

  /** Whether it is on record that a day was destroyed by rule. */
  async isDestructionOnRecord(day: CivilDate): Promise<boolean> {
    return await this.entries.countDocuments({ kind: 'destruction', action: 'audit.destroy', reason: day }, { limit: 1 }) > 0;
  }

  /** Whether a day has entries; of a kind, where one is named. */
  async hasEntries(day: CivilDate, kind?: AuditKind): Promise<boolean> {
    return await this.entries.countDocuments({ day, ...(kind === undefined ? {} : { kind }) }, { limit: 1 }) > 0;
  }

  /** Removes a day; whoever calls it has put it on record. */
  async destroyDay(day: CivilDate): Promise<void> {
    await this.entries.deleteMany({ day });
  }

  /** Checks the chain of a day. Gives its length, or the first place that does not hold. */
  async verify(day: CivilDate): Promise<{ readonly entries: number; readonly head: string } | { readonly fault: Fault }> {
    let previous = auditGenesis(day);
    let seq = 0;
    for await (const entry of this.entries.find({ day }).sort({ seq: 1 })) {
      seq++;
      const place = `audit ${day} entry ${entry.seq}`;
      if (entry.seq !== seq) return { fault: { place: `audit ${day} entry ${seq}`, what: text('缺失', 'is missing') } };
      if (entry.previous !== previous) return { fault: { place, what: text('与前一条不相接', 'does not refer to the one before') } };
      if (auditHash(entry) !== entry.hash) return { fault: { place, what: text('内容与其摘要不符', 'the content does not fit its hash') } };
      previous = entry.hash;
    }
    return { entries: seq, head: previous };
  }
}
