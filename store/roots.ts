import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { addDays, civilDateAt, startOfDay, type CivilDate } from '../domain/civil-date';
import { text } from '../domain/text';
import { firstPrevious, inOrder, leafText, makeRoot, rootHash, type DailyRoot, type Leaf } from '../evidence/daily-root';
import type { Anchor } from '../evidence/format';
import { merkleProof, merkleRoot } from '../evidence/merkle';
import { sealHash } from '../evidence/seal';
import type { Fault } from '../evidence/verify-chain';
import type { AuditLog } from './audit';
import type { Collections } from './connect';
import type { SealStore } from './seals';
import { isDuplicateKey } from './duplicate-key';

/** `attempt` tells the leaves that belong to the root from those of a process that came second or died. */
interface RootDocument extends DailyRoot { readonly _id: CivilDate; readonly attempt: string; readonly madeAt: number; readonly auditDestroyed?: { readonly at: number; readonly by: string } }
interface LeafDocument extends Leaf { readonly _id: string; readonly day: CivilDate; readonly attempt: string }

/** A root is made no sooner than this after its day, so that what was under way at midnight is on file: milliseconds. */
export const ROOT_GRACE_MS = 3_600_000;
/** Heads that came on file later than that (a worker was away) are taken up by the next root, this many days back. */
const LOOK_BACK_DAYS = 7;
const CHUNK = 1_000;

/** The daily roots: every case that moved on a day under one hash, each day's on the one before. */
export class RootStore {
  private readonly roots: Collection<RootDocument>;
  private readonly leaves: Collection<LeafDocument>;

  constructor(db: Db, private readonly collections: Pick<Collections, 'events'>, private readonly seals: SealStore, private readonly audit: AuditLog) {
    this.roots = db.collection('roots');
    this.leaves = db.collection('leaves');
  }

  async ensureIndexes(): Promise<void> {
    await this.collections.events.createIndexes([{ key: { at: 1 } }]);
    await this.leaves.createIndexes([{ key: { attempt: 1 } }, { key: { day: 1 } }, { key: { caseNumber: 1, day: 1 } }, { key: { head: 1 } }]);
  }

  /** Makes every root that is missing for the days that are over (and an hour past) at `now`. Gives those it made; again gives none. */
  async makeDue(now: number): Promise<DailyRoot[]> {
    const until = addDays(civilDateAt(now - ROOT_GRACE_MS), -1);
    const last = await this.roots.find().sort({ _id: -1 }).limit(1).next();
    const first = last === null ? await this.firstDay() : addDays(last.day, 1);
    const made: DailyRoot[] = [];
    if (first === null) return made;
    for (let day = first, previous = last?.hash ?? firstPrevious; day <= until; day = addDays(day, 1)) {
      const root = await this.make(day, previous, now);
      made.push(root);
      previous = root.hash;
    }
    return made;
  }

  private async firstDay(): Promise<CivilDate | null> {
    const event = await this.collections.events.find().sort({ at: 1 }).limit(1).next();
    const days = [event === null ? null : civilDateAt(event.at), await this.audit.firstDay()].filter((day) => day !== null).sort();
    return days[0] ?? null;
  }

  private async make(day: CivilDate, previous: string, now: number): Promise<DailyRoot> {
    const attempt = randomUUID();
    const leaves = inOrder(await this.leavesOf(day));
    for (let from = 0; from < leaves.length; from += CHUNK) {
      await this.leaves.insertMany(leaves.slice(from, from + CHUNK).map((leaf, index): LeafDocument => ({ _id: `${attempt}:${from + index}`, day, attempt, ...leaf })));
    }
    const { seq: entries, hash: head } = await this.audit.endOf(day);
    const root = makeRoot(day, previous, leaves, { entries, head });
    try {
      await this.roots.insertOne({ _id: day, ...root, attempt, madeAt: now });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const made = await this.roots.findOne({ _id: day });
      if (made === null) throw error;
      await this.leaves.deleteMany({ attempt });
      return rootOf(made);
    }
    await this.leaves.deleteMany({ day, attempt: { $ne: attempt } });
    return root;
  }

  /** The last event of each case on the day, and late ones of the days before. */
  private async leavesOf(day: CivilDate): Promise<Leaf[]> {
    const begin = startOfDay(day);
    const heads = new Map<string, { readonly seq: number; readonly head: string; readonly at: number }>();
    const events = this.collections.events.find({ at: { $gte: startOfDay(addDays(day, -LOOK_BACK_DAYS)), $lt: startOfDay(addDays(day, 1)) } })
      .project<{ caseNumber: string; seq: number; hash: string; at: number }>({ _id: 0, caseNumber: 1, seq: 1, hash: 1, at: 1 });
    for await (const { caseNumber, seq, hash, at } of events) {
      if ((heads.get(caseNumber)?.seq ?? 0) < seq) heads.set(caseNumber, { seq, head: hash, at });
    }
    const late = [...heads].filter(([, { at }]) => at < begin);
    const covered = await this.coveredAmong(late.map(([, { head }]) => head));
    for (const [caseNumber, { head }] of late) if (covered.has(head)) heads.delete(caseNumber);
    return this.withSeals(heads);
  }

  private async coveredAmong(heads: readonly string[]): Promise<Set<string>> {
    const covered = new Set<string>();
    for (let from = 0; from < heads.length; from += CHUNK) {
      const known = this.leaves.find({ head: { $in: heads.slice(from, from + CHUNK) } });
      for await (const leaf of known) if (await this.belongs(leaf)) covered.add(leaf.head);
    }
    return covered;
  }

  private async belongs({ day, attempt }: LeafDocument): Promise<boolean> {
    return await this.roots.countDocuments({ _id: day, attempt }, { limit: 1 }) > 0;
  }

  private async withSeals(heads: ReadonlyMap<string, { readonly seq: number; readonly head: string }>): Promise<Leaf[]> {
    const numbers = [...heads.keys()];
    const leaves: Leaf[] = [];
    for (let from = 0; from < numbers.length; from += CHUNK) {
      const chunk = numbers.slice(from, from + CHUNK);
      const seals = await this.seals.findAll(chunk);
      for (const caseNumber of chunk) {
        const end = heads.get(caseNumber);
        if (end === undefined) continue;
        const seal = seals.get(caseNumber);
        leaves.push({ caseNumber, seq: end.seq, head: end.head, seal: seal !== undefined && seal.seq === end.seq ? sealHash(seal) : null });
      }
    }
    return leaves;
  }

  /** Every root a case lies under, with the way to it, oldest first. */
  async anchorsOf(caseNumber: string): Promise<Anchor[]> {
    const anchors: Anchor[] = [];
    for (const own of await this.leaves.find({ caseNumber }).sort({ day: 1 }).toArray()) {
      const root = await this.roots.findOne({ _id: own.day, attempt: own.attempt });
      if (root === null) continue;
      const leaves = await this.leavesUnder(root);
      const proof = merkleProof(leaves.map(leafText), leaves.findIndex((leaf) => leaf.caseNumber === caseNumber));
      anchors.push({ root: rootOf(root), leaf: leafOf(own), proof: { ...proof, path: [...proof.path] } });
    }
    return anchors;
  }

  private async leavesUnder({ attempt }: RootDocument): Promise<Leaf[]> {
    return inOrder((await this.leaves.find({ attempt }).toArray()).map(leafOf));
  }

  /** Days before a day, oldest first, whose audit still has entries under its root. Days on which something was destroyed are not among them: the record of a destruction is kept for ever. */
  async daysWithAuditBefore(before: CivilDate): Promise<CivilDate[]> {
    const days: CivilDate[] = [];
    for await (const { _id } of this.roots.find({ _id: { $lt: before } }).sort({ _id: 1 })) {
      if (await this.audit.hasEntries(_id) && !await this.audit.hasEntries(_id, 'destruction')) days.push(_id);
    }
    return days;
  }

  /** Removes the audit of a day past its term; its number of entries and its last hash stay under the root. */
  async destroyAudit(day: CivilDate, how: { readonly at: number; readonly by: string }): Promise<void> {
    await this.roots.updateOne({ _id: day }, { $set: { auditDestroyed: how } });
    await this.audit.destroyDay(day);
  }

  /** The root of a day, or null. */
  async find(day: CivilDate): Promise<DailyRoot | null> {
    const root = await this.roots.findOne({ _id: day });
    return root === null ? null : rootOf(root);
  }

  /**
   * Checks everything the roots hold together: the chain of days without a gap, the leaves under each, that the event of each leaf still stands
   * in its case, and the audit of each day. Gives the number of days, or the first place that does not hold.
   */
  async verify(): Promise<{ readonly days: number; readonly last: DailyRoot | null } | { readonly fault: Fault }> {
    let last: DailyRoot | null = null;
    let days = 0;
    for await (const document of this.roots.find().sort({ _id: 1 })) {
      const fault = linkFault(document, last) ?? await this.contentFault(document);
      if (fault !== null) return { fault };
      last = rootOf(document);
      days++;
    }
    return { days, last };
  }

  private async contentFault(root: RootDocument): Promise<Fault | null> {
    const leaves = await this.leavesUnder(root);
    if (leaves.length !== root.cases || merkleRoot(leaves.map(leafText)) !== root.merkle) return { place: `root of ${root.day}`, what: text('其下案件与摘要不符', 'the cases under it do not come to its hash') };
    for (const leaf of leaves) {
      const event = await this.collections.events.findOne({ caseNumber: leaf.caseNumber, seq: leaf.seq });
      if (event?.hash !== leaf.head) return { place: `${leaf.caseNumber} event ${leaf.seq}`, what: text(`与 ${root.day} 总摘要所载不符`, `is not the one that stood under the root of ${root.day}`) };
    }
    if (root.auditDestroyed !== undefined) return this.destroyedAuditFault(root.day);
    const audit = await this.audit.verify(root.day);
    if ('fault' in audit) return audit.fault;
    return audit.entries === root.audit.entries && audit.head === root.audit.head ? null
      : { place: `audit ${root.day}`, what: text(`有 ${audit.entries} 条,总摘要所载为 ${root.audit.entries} 条`, `has ${audit.entries} entries, not the ${root.audit.entries} that stood under the root`) };
  }

  /** A day that is said to be destroyed must be gone, and its destruction must stand in the audit, which lies under a later root itself. */
  private async destroyedAuditFault(day: CivilDate): Promise<Fault | null> {
    if (await this.audit.hasEntries(day)) return { place: `audit ${day}`, what: text('销毁未完成', 'its destruction was begun and is not done') };
    return await this.audit.isDestructionOnRecord(day) ? null : { place: `audit ${day}`, what: text('缺失,且无销毁留痕', 'is missing, and no entry says that it was destroyed') };
  }
}

/** Whether a root is what its hash says and follows the one before; null when it does. */
function linkFault(root: DailyRoot, before: DailyRoot | null): Fault | null {
  const place = `root of ${root.day}`;
  if (rootHash(root) !== root.hash) return { place, what: text('与其摘要不符', 'does not fit its hash') };
  if (before === null) return root.previous === firstPrevious ? null : { place, what: text('之前的总摘要缺失', 'the roots before it are missing') };
  if (root.day !== addDays(before.day, 1)) return { place: `root of ${addDays(before.day, 1)}`, what: text('缺失', 'is missing') };
  return root.previous === before.hash ? null : { place, what: text('与前一日不相接', 'does not refer to the root of the day before') };
}

const rootOf = ({ day, previous, cases, merkle, audit, hash }: RootDocument): DailyRoot => ({ day, previous, cases, merkle, audit: { entries: audit.entries, head: audit.head }, hash });
const leafOf = ({ caseNumber, seq, head, seal }: LeafDocument): Leaf => ({ caseNumber, seq, head, seal });
