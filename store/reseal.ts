import type { Collection, Db, Document, Filter } from 'mongodb';
import { CannotOpen, type Keyring } from '../crypto/keyring';
import type { CaseView } from '../domain/case-file';
import { destroyed, namedStaffIndex, purposes, staffTerm, termsIndex } from './case-store';
import type { Collections } from './connect';
import type { CaseDocument } from './documents';
import { sealPurpose, type SealStore } from './seals';

/** What is written in the place of what lay under an old key. */
export interface Renewal {
  /** Matches only while nobody has written since it was read: sealed text is never twice alike, so equal text is the same writing. */
  readonly guard: Filter<Document>;
  readonly set: Document;
  /** Entries of a blind index that no known staff number gives: they stay under their old key. */
  readonly unmatched?: number;
}

/** A place where something lies sealed or blindly indexed. */
export interface SealedPlace {
  /** As reports name it: the collection's name, with its database where that is another one. */
  readonly name: string;
  readonly collection: Collection;
  /** Fields that `renew` reads, beside the id. */
  readonly fields: readonly string[];
  /** The renewal of a document, or null when nothing of it lies under an old key. @throws CannotOpen */
  renew(document: Document): Promise<Renewal | null>;
}

/** What came of one place. */
export interface ResealReport {
  readonly place: string;
  readonly seen: number;
  readonly resealed: number;
  /** Written by somebody else each time it was to be replaced; the next run finds it, or nothing more to do. */
  readonly overtaken: number;
  readonly unmatched: number;
  /** Ids of what could not be opened, at most 100, and how many there are. */
  readonly unopened: { readonly count: number; readonly ids: readonly string[] };
}

export interface ResealOptions {
  /** Only count. */
  readonly dryRun?: boolean;
  /** Documents read at once. */
  readonly batch?: number;
  /** Called after each batch. */
  readonly progress?: (report: ResealReport) => void;
}

/** Times a document is read anew when somebody writes it in the same moment. */
const MOST_TRIES = 5;
const UNOPENED_NAMED = 100;

/**
 * Seals everything of a place under the current key, a batch at a time, in the order of the ids. Run again it passes over what is done, so it may be
 * ended at any moment; each document is replaced whole and only as it was read, so a writer at work is never undone.
 */
export async function reseal(place: SealedPlace, options: ResealOptions = {}): Promise<ResealReport> {
  const { dryRun = false, batch = 200, progress } = options;
  const projection = Object.fromEntries(place.fields.map((field) => [field, 1]));
  const sum = { place: place.name, seen: 0, resealed: 0, overtaken: 0, unmatched: 0, unopened: { count: 0, ids: [] as string[] } };
  for (let last: unknown = undefined; ;) {
    const page: Document[] = await place.collection.find(last === undefined ? {} : { _id: { $gt: last } } as Filter<Document>, { projection }).sort({ _id: 1 }).limit(batch).toArray();
    for (const document of page) {
      sum.seen++;
      try {
        const { outcome, unmatched } = await renewOne(place, document, projection, dryRun);
        sum.unmatched += unmatched;
        if (outcome !== 'current') sum[outcome]++;
      } catch (error) {
        // One document that was tampered with must not keep the others under the old key.
        if (!(error instanceof CannotOpen)) throw error;
        sum.unopened.count++;
        if (sum.unopened.ids.length < UNOPENED_NAMED) sum.unopened.ids.push(String(document['_id']));
      }
    }
    last = page.at(-1)?.['_id'];
    if (page.length > 0) progress?.(sum);
    if (page.length < batch) return sum;
  }
}

async function renewOne(place: SealedPlace, read: Document, projection: Document, dryRun: boolean): Promise<{ readonly outcome: 'current' | 'resealed' | 'overtaken'; readonly unmatched: number }> {
  const _id: unknown = read['_id'];
  for (let document: Document | null = read, tries = 0; document !== null && tries < MOST_TRIES; tries++) {
    const renewal = await place.renew(document);
    if (renewal === null) return { outcome: 'current', unmatched: 0 };
    const unmatched = renewal.unmatched ?? 0;
    if (Object.keys(renewal.set).length === 0) return { outcome: 'current', unmatched };
    if (dryRun) return { outcome: 'resealed', unmatched };
    const { matchedCount } = await place.collection.updateOne({ ...renewal.guard, _id } as Filter<Document>, { $set: renewal.set });
    if (matchedCount === 1) return { outcome: 'resealed', unmatched };
    document = await place.collection.findOne({ _id } as Filter<Document>, { projection });
    if (document === null) return { outcome: 'current', unmatched: 0 };
  }
  return { outcome: 'overtaken', unmatched: 0 };
}

/** A place whose documents have one sealed text of one purpose; what stands in the place of something destroyed is passed over. */
export function sealedField(keyring: Keyring, collection: Collection, field: string, purpose: (document: Document) => string, needs: readonly string[] = []): SealedPlace {
  return {
    name: collection.collectionName, collection, fields: [field, ...needs],
    renew: (document) => settle(() => {
      const sealed = document[field] as string | null;
      if (sealed === null || sealed === destroyed || keyring.isCurrent(sealed)) return null;
      return { guard: { [field]: sealed }, set: { [field]: resealText(keyring, sealed, purpose(document)) } };
    }),
  };
}

/** The same text under the current key; the plain text is not looked at, so it comes out byte for byte. @throws CannotOpen */
export const resealText = (keyring: Keyring, sealed: string, purpose: string): string => keyring.sealText(keyring.openText(sealed, purpose), purpose);

/** The places of the store itself: cases with their indexes, events, inboxes, seals. */
export function placesOfStore({ db, collections, seals, keyring }: { readonly db: Db; readonly collections: Collections; readonly seals: SealStore; readonly keyring: Keyring }): SealedPlace[] {
  const { cases, events, tasks, notices } = collections;
  const staff = new StaffIndex(db, cases, keyring);
  const untyped = (collection: { readonly collectionName: string }): Collection => db.collection(collection.collectionName);
  return [
    { name: cases.collectionName, collection: untyped(cases), fields: ['sealed', 'terms', 'namedStaff'], renew: (document) => settle(() => renewCase(keyring, document as CaseDocument)) },
    sealedField(keyring, untyped(events), 'sealed', (event) => purposes.event(String(event['caseNumber']), Number(event['seq'])), ['caseNumber', 'seq']),
    { name: notices.collectionName, collection: untyped(notices), fields: ['caseNumber', 'sealed', 'namedStaff'], renew: async (document) => {
      const notice = document as { readonly _id: string; readonly caseNumber: string; readonly sealed: string; readonly namedStaff: readonly string[] };
      const index = await staff.renewed(notice.caseNumber, notice.namedStaff);
      if (keyring.isCurrent(notice.sealed) && index === null) return null;
      const sealed = keyring.isCurrent(notice.sealed) ? {} : { sealed: resealText(keyring, notice.sealed, purposes.notice(notice._id)) };
      return { guard: { sealed: notice.sealed, namedStaff: notice.namedStaff }, set: { ...sealed, ...index?.set }, unmatched: index?.unmatched ?? 0 };
    } },
    { name: tasks.collectionName, collection: untyped(tasks), fields: ['caseNumber', 'namedStaff'], renew: async (document) => {
      const task = document as { readonly caseNumber: string; readonly namedStaff: readonly string[] };
      const index = await staff.renewed(task.caseNumber, task.namedStaff);
      return index === null ? null : { guard: { namedStaff: task.namedStaff }, set: index.set, unmatched: index.unmatched };
    } },
    sealedField(keyring, untyped(seals.seals), 'sealed', (seal) => sealPurpose(String(seal['_id']))),
  ];
}

function renewCase(keyring: Keyring, { _id, sealed, terms, namedStaff }: CaseDocument): Renewal | null {
  if (keyring.isCurrent(sealed) && [...terms, ...namedStaff].every((entry) => keyring.isCurrentBlind(entry))) return null;
  const plain = keyring.openText(sealed, purposes.view(_id));
  const view = JSON.parse(plain) as CaseView;
  return {
    guard: { sealed },
    set: {
      sealed: keyring.sealText(plain, purposes.view(_id)),
      // Every case has words until they are destroyed by the rules of retention; then they do not come back.
      terms: terms.length === 0 ? [] : termsIndex(keyring, view), namedStaff: namedStaff.length === 0 ? [] : namedStaffIndex(keyring, view),
    },
  };
}

/** Makes blind entries of staff numbers anew. A blind index cannot be read back; the numbers come from the case itself, and from the staff list. */
class StaffIndex {
  private ofCase: { readonly caseNumber: string; readonly known: ReadonlyMap<string, string> } | undefined;
  private listed: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(private readonly db: Db, private readonly cases: Collections['cases'], private readonly keyring: Keyring) {}

  /** The entries under the current key, or null when all of them are. */
  async renewed(caseNumber: string, entries: readonly string[]): Promise<{ readonly set: Document; readonly unmatched: number } | null> {
    const old = entries.filter((entry) => !this.keyring.isCurrentBlind(entry));
    if (old.length === 0) return null;
    const named = await this.namedIn(caseNumber);
    const listed = old.every((entry) => named.has(entry)) ? named : await (this.listed ??= this.staffList());
    const renewed = entries.map((entry) => named.get(entry) ?? listed.get(entry) ?? entry);
    const unmatched = renewed.filter((entry) => !this.keyring.isCurrentBlind(entry)).length;
    return { set: unmatched === old.length ? {} : { namedStaff: renewed }, unmatched };
  }

  private async namedIn(caseNumber: string): Promise<ReadonlyMap<string, string>> {
    // Messages of one case follow each other, so one case is remembered.
    if (this.ofCase?.caseNumber === caseNumber) return this.ofCase.known;
    const document = await this.cases.findOne({ _id: caseNumber }, { projection: { sealed: 1 } });
    const view = document === null ? null : this.keyring.openJson(document.sealed, purposes.view(caseNumber)) as CaseView;
    const known = this.mapOf((view?.persons ?? []).flatMap((person) => person.staffId ?? []));
    this.ofCase = { caseNumber, known };
    return known;
  }

  private async staffList(): Promise<ReadonlyMap<string, string>> {
    const users = await this.db.collection<{ readonly staffId: string | null }>('users').find({ staffId: { $ne: null } }, { projection: { staffId: 1 } }).toArray();
    return this.mapOf(users.flatMap((user) => user.staffId ?? []));
  }

  private mapOf(staffIds: readonly string[]): ReadonlyMap<string, string> {
    return new Map(staffIds.flatMap((staffId) => this.keyring.blindUnderAll(staffTerm(staffId)).map((entry) => [entry, this.keyring.blind(staffTerm(staffId))] as const)));
  }
}

async function settle<T>(work: () => T): Promise<T> {
  return Promise.resolve(work());
}
