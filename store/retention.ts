import type { Keyring } from '../crypto/keyring';
import { addMonths, civilDateAt, fromDayNumber, toDayNumber, type CivilDate } from '../domain/civil-date';
import { destructionHash, firstDestruction } from '../evidence/destruction';
import type { Destruction } from '../evidence/format';
import { openView } from '../evidence/seal';
import { verifyChain, type Fault } from '../evidence/verify-chain';
import { retentionRuleOf, type RetentionRules } from '../policy/retention';
import type { AuditSink } from './audit';
import { destroyed, purposes, type CaseStore } from './case-store';
import type { Collections } from './connect';
import { recordOf, type DestructionDocument, type DestructionRecords } from './destructions';
import type { CaseDocument } from './documents';
import type { RootStore } from './roots';
import type { SealStore } from './seals';
import type { Store } from '.';

/** Documents, as far as destroying them goes. */
export interface DestroyableDocuments {
  list(caseNumber: string): Promise<readonly { readonly id: string; readonly sha256: string }[]>;
  destroy(caseNumber: string, id: string): Promise<unknown>;
}

/** What destruction works on. */
export interface RetentionParts {
  readonly collections: Pick<Collections, 'cases' | 'events' | 'notices'>;
  readonly keyring: Keyring;
  readonly cases: CaseStore;
  readonly seals: SealStore;
  readonly roots: RootStore;
  readonly destructions: DestructionRecords;
  readonly documents: DestroyableDocuments;
  readonly audit: AuditSink;
}

/** The parts out of an open store. */
export function retentionParts(store: Store, keyring: Keyring, documents: DestroyableDocuments): RetentionParts {
  const { connection: { collections }, cases, seals, roots, destructions, audit } = store;
  return { collections, keyring, cases, seals, roots, destructions, documents, audit };
}

/** A case past its term, or why it cannot be destroyed yet. */
export interface RetentionItem {
  readonly caseNumber: string;
  readonly caseType: string;
  readonly closedOn: CivilDate;
  /** The first day on which it may be destroyed. */
  readonly dueOn: CivilDate;
  readonly years: number;
  readonly obstacle: string | null;
}

/**
 * The first day on which a case may be destroyed. The years are whole calendar years after the one in which it closed, so they begin with the
 * next 1 January (default of the product: a case is never kept shorter than the rule says).
 */
export function destructionDay(closedAt: number, years: number): CivilDate {
  const year = Number(civilDateAt(closedAt).slice(0, 4)) + 1;
  const end = addMonths(toDayNumber(`${year}-01-01` as CivilDate), years * 12);
  return fromDayNumber(end);
}

/**
 * Retention 保管与销毁: destroys the confidential part of cases past their term (details, intake, persons, notices, documents) and keeps the open part with the
 * hashes of the rest, so that the chain still verifies. What was destroyed, by which rule, when and by whom is on record, one record chained to the next.
 */
export class RetentionStore {
  constructor(private readonly parts: RetentionParts) {}

  async ensureIndexes(): Promise<void> {
    await this.parts.collections.cases.createIndexes([{ key: { status: 1, closedAt: 1 } }]);
  }

  private get destructions(): DestructionRecords['collection'] {
    return this.parts.destructions.collection;
  }

  /** Cases past their term at `now` that have not been destroyed, each with what stands against it. Changes nothing. */
  async due(rules: RetentionRules, now: number): Promise<RetentionItem[]> {
    const items: RetentionItem[] = [];
    for await (const document of this.parts.collections.cases.find({ status: 'closed' }).sort({ closedAt: 1, _id: 1 })) {
      const item = itemOf(document, rules, now);
      if (item === null || await this.isDone(document._id)) continue;
      const fault = await this.obstacle(document);
      items.push({ ...item, obstacle: fault === null ? null : `${fault.place}: ${fault.what.en}` });
    }
    return items;
  }

  private async isDone(caseNumber: string): Promise<boolean> {
    return (await this.destructions.findOne({ _id: caseNumber }))?.done === true;
  }

  /** A case whose chain does not hold, or that no daily root covers, is kept: destroying it would destroy the proof as well. */
  private async obstacle({ _id: caseNumber, head }: CaseDocument): Promise<Fault | null> {
    const verdict = verifyChain(caseNumber, await this.shownEvents(caseNumber));
    if (!verdict.holds) return verdict.fault;
    if (verdict.head.hash !== head) return { place: `event ${verdict.head.seq + 1}`, what: { zh: '证据链不完整', en: 'the chain does not end at its head' } };
    const covered = (await this.parts.roots.anchorsOf(caseNumber)).some((anchor) => anchor.leaf.head === head);
    return covered ? null : { place: 'roots', what: { zh: '尚无每日总摘要覆盖', en: 'no daily root covers the end of the chain yet' } };
  }

  private async shownEvents(caseNumber: string) {
    const events = [];
    for (let after = 0; ;) {
      const page = await this.parts.cases.findEvents(caseNumber, after);
      events.push(...page.map(({ event: { detail, salt, ...event }, ...link }) => ({ event, ...link, ...(salt === '' ? {} : { shown: { salt, detail: detail ?? null } }) })));
      const last = page.at(-1);
      if (last === undefined) return events;
      after = last.event.seq;
    }
  }

  /**
   * Destroys what is due. An interruption leaves a record that is not done; the next call takes it up.
   * @param by id of whoever decided
   */
  async apply(rules: RetentionRules, now: number, by: string): Promise<Destruction[]> {
    const made: Destruction[] = [];
    for (const unfinished of await this.destructions.find({ done: false }).sort({ order: 1 }).toArray()) made.push(await this.carryOut(unfinished));
    for (const item of await this.due(rules, now)) {
      if (item.obstacle === null) made.push(await this.destroy(item, rules, now, by));
    }
    return made;
  }

  private async destroy(item: RetentionItem, rules: RetentionRules, now: number, by: string): Promise<Destruction> {
    const { caseNumber } = item;
    const document = await this.parts.collections.cases.findOne({ _id: caseNumber });
    if (document === null) throw new Error(`the case ${caseNumber} has gone while it was to be destroyed`);
    const { collections, audit } = this.parts;
    const last = await this.destructions.find().sort({ order: -1 }).limit(1).next();
    const content = {
      caseNumber, caseType: document.type, rule: retentionRuleOf(rules, document.type), policyVersion: rules.version, closedAt: document.closedAt ?? document.openedAt, dueOn: item.dueOn, at: now, by,
      head: document.head, seq: document.revision,
      destroyed: {
        details: await collections.events.countDocuments({ caseNumber }), notices: await collections.notices.countDocuments({ caseNumber }),
        documents: (await this.parts.documents.list(caseNumber)).map((each) => each.sha256).sort(),
      },
      previous: last?.hash ?? firstDestruction,
    };
    const record: Destruction = { ...content, hash: destructionHash(content) };
    const stored: DestructionDocument = { _id: caseNumber, order: (last?.order ?? 0) + 1, done: false, ...record };
    // On record before anything is gone; the unique order lets one process at a time append.
    await this.destructions.insertOne(stored);
    await audit.record({ at: now, user: by, organ: null, action: 'case.destroy', caseNumber, outcome: 'allowed', reason: record.hash, requestId: '' });
    return this.carryOut(stored);
  }

  private async carryOut(record: DestructionDocument): Promise<Destruction> {
    const { collections, cases, keyring, seals, documents } = this.parts;
    const { caseNumber } = record;
    for (const { id } of await documents.list(caseNumber)) await documents.destroy(caseNumber, id);
    await collections.notices.deleteMany({ caseNumber });
    await collections.events.updateMany({ caseNumber }, { $set: { sealed: destroyed } });
    const view = await cases.findView(caseNumber);
    if (view !== null) {
      // With the words of the subject goes their index, and with the persons theirs.
      await collections.cases.updateOne({ _id: caseNumber }, { $set: { sealed: keyring.sealJson(openView(view), purposes.view(caseNumber)), terms: [], namedStaff: [] } });
    }
    await seals.destroySalt(caseNumber);
    await this.destructions.updateOne({ _id: caseNumber }, { $set: { done: true } });
    return recordOf(record);
  }
}

function itemOf({ _id, type, closedAt, openedAt }: CaseDocument, rules: RetentionRules, now: number): RetentionItem | null {
  const { years } = retentionRuleOf(rules, type);
  if (years === null) return null;
  const closed = closedAt ?? openedAt;
  const dueOn = destructionDay(closed, years);
  return civilDateAt(now) < dueOn ? null : { caseNumber: _id, caseType: type, closedOn: civilDateAt(closed), dueOn, years, obstacle: null };
}
