import type { Keyring } from '../crypto/keyring';
import { blindTerms } from '../crypto/terms';
import type { Assignee, CaseEvent, CaseView } from '../domain/case-file';
import type { Json, JsonObject } from '../domain/json';
import type { ChainedEvent } from '../evidence/chain';
import type { Collections } from './connect';
import type { SealStore } from './seals';
import { noDueAt, type CaseDocument, type EventDocument, type Fence, type NoticeDocument, type TaskDocument } from './documents';
import { isDuplicateKey } from './duplicate-key';

/** Purposes under which things are sealed; a sealed field moved to another place does not open. */
export const purposes = {
  view: (caseNumber: string): string => `mongo:case:${caseNumber}`,
  event: (caseNumber: string, seq: number): string => `mongo:event:${caseNumber}:${seq}`,
  notice: (id: string): string => `mongo:notice:${id}`,
} as const;

/** The blind index of a case's words: its number and its subject. */
export const termsIndex = (keyring: Keyring, view: Pick<CaseView, 'caseNumber' | 'subject'>): string[] => blindTerms(keyring, view.caseNumber, view.subject);

/** What stands for a staff number in a blind index. */
export const staffTerm = (staffId: string): string => `staff:${staffId}`;

/** The blind index of the staff numbers of the persons named in a case, for recusal. */
export const namedStaffIndex = (keyring: Keyring, view: Pick<CaseView, 'persons'>): string[] =>
  view.persons.flatMap((person) => (person.staffId === undefined ? [] : [keyring.blind(staffTerm(person.staffId))]));

/** What stands in the place of something sealed that was destroyed. */
export const destroyed = '';

/** Thrown when a writer finds that a later one has been here: it is a worker that lost its turn and must not write. */
export class StaleWriter extends Error {
  override readonly name = 'StaleWriter';
  constructor(readonly caseNumber: string, readonly fence: Fence) {
    super(`a later writer has recorded ${caseNumber} (this one is at ${fence})`);
  }
}

/** Where a notice goes; relative addresses such as "the supervisory organ of …" have been resolved. */
export type ResolvedAddress = Assignee | 'complainant';

/** Sequence numbers sort as text. */
export const eventId = (caseNumber: string, seq: number): string => `${caseNumber}:${String(seq).padStart(7, '0')}`;

/** Writes and reads of cases: projection, events, inboxes. Every write can be repeated and comes to the same. */
export class CaseStore {
  constructor(private readonly collections: Collections, private readonly keyring: Keyring, private readonly seals: Pick<SealStore, 'seal'>) {}

  /**
   * Writes one activation of a case. Events first, the projection after, inboxes last: whoever sees a task finds its case.
   * @throws StaleWriter
   */
  async write(view: CaseView, chained: readonly ChainedEvent[], fence: Fence, resolve: (to: ResolvedAddress) => ResolvedAddress): Promise<void> {
    const namedStaff = namedStaffIndex(this.keyring, view);
    try {
      await this.writeEvents(view.caseNumber, chained, fence);
      await this.writeProjection(view, namedStaff, chained.at(-1)?.hash, fence);
    } catch (error) {
      if (error instanceof StaleWriter) await this.takeBack(view.caseNumber, fence);
      throw error;
    }
    await this.writeTasks(view, namedStaff);
    await this.writeNotices(view, namedStaff, chained.map((each) => each.event), resolve);
    const end = chained.at(-1);
    if (view.status === 'closed' && end !== undefined) await this.seals.seal(view, { seq: end.event.seq, hash: end.hash }, fence, Date.now());
  }

  private async writeEvents(caseNumber: string, chained: readonly ChainedEvent[], fence: Fence): Promise<void> {
    const last = chained.at(-1)?.event.seq;
    if (last === undefined) return;
    const documents = chained.map((each): EventDocument => this.eventDocument(each, fence));
    try {
      await this.collections.events.bulkWrite(documents.map((document) => ({
        replaceOne: { filter: { _id: document._id, fence: { $lte: fence } }, replacement: withoutId(document), upsert: true },
      })), { ordered: true });
    } catch (error) {
      if (isDuplicateKey(error)) throw new StaleWriter(caseNumber, fence);
      throw error;
    }
    // An attempt that died before its history was written may have left more events than this one makes.
    await this.collections.events.deleteMany({ caseNumber, seq: { $gt: last }, fence: { $lte: fence } });
  }

  /** What a writer that lost its turn has put beyond the end of the case: nobody was there to refuse it, and some servers go on after the first refusal. */
  private async takeBack(caseNumber: string, fence: Fence): Promise<void> {
    const current = await this.collections.cases.findOne({ _id: caseNumber }, { projection: { revision: 1 } });
    if (current !== null) await this.collections.events.deleteMany({ caseNumber, seq: { $gt: current.revision }, fence: { $lte: fence } });
  }

  private eventDocument({ event, body, previous, hash }: ChainedEvent, fence: Fence): EventDocument {
    return {
      _id: eventId(event.caseNumber, event.seq), caseNumber: event.caseNumber, seq: event.seq, at: event.at, kind: event.kind, by: event.by,
      ...(event.step === undefined ? {} : { step: event.step }), ...(event.clock === undefined ? {} : { clock: event.clock }),
      facts: event.facts, sealed: this.keyring.sealJson({ salt: event.salt, detail: event.detail ?? null }, purposes.event(event.caseNumber, event.seq)),
      body, previous, hash, fence,
    };
  }

  private async writeProjection(view: CaseView, namedStaff: readonly string[], head: string | undefined, fence: Fence): Promise<void> {
    const document = this.caseDocument(view, namedStaff, head ?? '', fence);
    try {
      await this.collections.cases.replaceOne({ _id: view.caseNumber, fence: { $lte: fence } }, withoutId(document), { upsert: true });
    } catch (error) {
      if (isDuplicateKey(error)) throw new StaleWriter(view.caseNumber, fence);
      throw error;
    }
  }

  private caseDocument(view: CaseView, namedStaff: readonly string[], head: string, fence: Fence): CaseDocument {
    return {
      _id: view.caseNumber, type: view.type, status: view.status, stage: view.stage, outcome: view.outcome ?? null, leadOrgan: view.leadOrgan,
      organs: view.organs, openedAt: view.openedAt, closedAt: view.closedAt ?? null, due: view.due, dueAt: view.dueAt, nextRungAt: view.nextRungAt,
      overdue: view.overdue,
      policyVersion: view.law?.policyVersion ?? null, calendarVersion: view.law?.calendarVersion ?? null,
      provisional: view.clocks.some((clock) => clock.reading?.provisional === true && !clock.reading.stopped), escalationLevel: view.escalationLevel, revision: view.revision, participants: view.participants,
      namedStaff, terms: termsIndex(this.keyring, view), head, fence,
      sealed: this.keyring.sealJson(view, purposes.view(view.caseNumber)),
    };
  }

  private async writeTasks(view: CaseView, namedStaff: readonly string[]): Promise<void> {
    const tasks = view.openSteps.map((step): TaskDocument => ({
      _id: `${view.caseNumber}:${step.id}`, caseNumber: view.caseNumber, type: view.type, step: step.step, stepId: step.id,
      roles: step.assignee.roles, organ: step.assignee.organ, user: step.assignee.user ?? null, openedAt: step.openedAt,
      due: step.due, dueAt: step.dueAt ?? noDueAt, provisional: step.provisional, overdue: step.overdue, answers: step.answers, namedStaff, revision: view.revision,
    }));
    await this.collections.tasks.deleteMany({ caseNumber: view.caseNumber, _id: { $nin: tasks.map((task) => task._id) } });
    if (tasks.length === 0) return;
    await this.collections.tasks.bulkWrite(tasks.map((task) => ({ replaceOne: { filter: { _id: task._id }, replacement: withoutId(task), upsert: true } })));
  }

  private async writeNotices(view: CaseView, namedStaff: readonly string[], events: readonly CaseEvent[], resolve: (to: ResolvedAddress) => ResolvedAddress): Promise<void> {
    const notices = events.filter((event) => event.kind === 'notice').map((event): NoticeDocument => {
      const { to, template, ...facts } = event.facts as unknown as { to: ResolvedAddress; template: string } & JsonObject;
      const address = resolve(to);
      const _id = eventId(event.caseNumber, event.seq);
      return {
        _id, caseNumber: event.caseNumber, type: view.type, at: event.at, template, complainant: address === 'complainant',
        roles: address === 'complainant' ? ['complainant', 'handler'] : address.roles, organ: address === 'complainant' ? view.startedBy.organ ?? view.leadOrgan : address.organ,
        user: address === 'complainant' ? null : address.user ?? null, facts, namedStaff,
        sealed: this.keyring.sealJson(event.detail ?? null, purposes.notice(_id)),
      };
    });
    if (notices.length === 0) return;
    await this.collections.notices.bulkWrite(notices.map((notice) => ({ replaceOne: { filter: { _id: notice._id }, replacement: withoutId(notice), upsert: true } })));
  }

  /** The current view of a case, or null when none of this number is on file. */
  async findView(caseNumber: string): Promise<CaseView | null> {
    const document = await this.collections.cases.findOne({ _id: caseNumber });
    return document === null ? null : this.openView(document);
  }

  /** Opens the sealed view of a projection. */
  openView(document: Pick<CaseDocument, '_id' | 'sealed'>): CaseView {
    return this.keyring.openJson(document.sealed, purposes.view(document._id)) as CaseView;
  }

  /** Events of a case after `after`, at most `limit`, in order, with their place in the chain. */
  async findEvents(caseNumber: string, after = 0, limit = 500): Promise<ChainedEvent[]> {
    const documents = await this.collections.events.find({ caseNumber, seq: { $gt: after } }).sort({ seq: 1 }).limit(limit).toArray();
    return documents.map((document) => this.openEvent(document));
  }

  /** How many events of a case are on file; none is opened for it. */
  countEvents(caseNumber: string): Promise<number> {
    return this.collections.events.countDocuments({ caseNumber });
  }

  /** The confidential part of an event; null where it was destroyed under the retention rules, so that only its hash remains. @throws CannotOpen */
  openBody({ caseNumber, seq, sealed }: Pick<EventDocument, 'caseNumber' | 'seq' | 'sealed'>): { readonly salt: string; readonly detail: Json } | null {
    return sealed === destroyed ? null : this.keyring.openJson(sealed, purposes.event(caseNumber, seq)) as { readonly salt: string; readonly detail: Json };
  }

  private openEvent(document: EventDocument): ChainedEvent {
    const { salt, detail } = this.openBody(document) ?? { salt: '', detail: null };
    const { caseNumber, seq, at, kind, by, facts } = document;
    const event: CaseEvent = {
      caseNumber, seq, at, kind, by, facts, salt,
      ...(document.step === undefined ? {} : { step: document.step }), ...(document.clock === undefined ? {} : { clock: document.clock }),
      ...(detail === null ? {} : { detail }),
    };
    return { event, body: document.body, previous: document.previous, hash: document.hash };
  }

  /** The confidential text of a notice. */
  openNotice(document: Pick<NoticeDocument, '_id' | 'sealed'>): Json {
    return this.keyring.openJson(document.sealed, purposes.notice(document._id)) as Json;
  }

  /** Open cases that run under another version of the law than these, a page after `after`. */
  async findUnderOtherLaw(current: { readonly policyVersion: string; readonly calendarVersion: string }, after: string, limit = 200): Promise<CaseView[]> {
    const documents = await this.collections.cases.find({
      _id: { $gt: after }, status: 'open', $or: [{ policyVersion: { $ne: current.policyVersion } }, { calendarVersion: { $ne: current.calendarVersion } }],
    }).sort({ _id: 1 }).limit(limit).toArray();
    return documents.map((document) => this.openView(document));
  }

  /** Open cases whose ladder should have acted before `before`: a lost timer cannot hide. */
  async findSilent(before: number, limit = 200): Promise<string[]> {
    const documents = await this.collections.cases.find({ status: 'open', nextRungAt: { $lt: before } }).project<{ _id: string }>({ _id: 1 }).limit(limit).toArray();
    return documents.map((document) => document._id);
  }
}

/** A replacement document carries no id; the filter does. */
function withoutId<T extends { readonly _id: string }>(document: T): Omit<T, '_id'> {
  const { _id: _named, ...rest } = document;
  return rest;
}
