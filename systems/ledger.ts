import type { Collection, Db, Filter } from 'mongodb';
import { MongoServerError } from 'mongodb';
import { z } from 'zod';
import { canonicalJson } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import type { Keyring } from '../crypto/keyring';
import { Kept, type Entry, type Kind, type ListQuery, type Page, type Receipt, type Statistics } from './contract';

/** Number words before a receipt: 档 archive, 抄 copy, 变 change, 备 filing, 批 criticism, 公 publication. */
const receiptPrefix = { entry: 'DA', copy: 'CS', change: 'BG', filing: 'BA', criticism: 'TB', publication: 'GB' } as const satisfies Record<Kind, string>;

/** What facts are sealed for. */
export const ledgerPurpose = 'systems';

/** One fact as it lies in MongoDB: what lists and counts need in the clear, the rest sealed. */
interface LedgerRow {
  /** `kind key`; its uniqueness is what makes a write idempotent. */
  readonly _id: string;
  readonly kind: Kind;
  readonly key: string;
  readonly caseNumber: string;
  /** Blind index of the staff number: whom facts are about is not read from the database. */
  readonly staffId: string | null;
  readonly organ: string | null;
  readonly at: number;
  readonly recordedAt: number;
  readonly receipt: string;
  /** HMAC of the canonical body: equal bodies are recognised without opening them, short ones cannot be guessed. */
  readonly body: string;
  readonly sealed: string;
}

/** Thrown when a key comes again with another body. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';
  constructor(readonly key: string) {
    super(`the key ${key} was used for another body`);
  }
}

/** Where a fact belongs beside its key. */
export interface Place {
  readonly staffId?: string;
  readonly organ?: string;
  readonly scope?: string;
}

/** Append-only store of one system; nothing is changed or removed. Content lies sealed (purpose `systems`). */
export class Ledger {
  private readonly rows: Collection<LedgerRow>;

  constructor(db: Db, private readonly keyring: Keyring, private readonly now: () => number = Date.now) {
    this.rows = db.collection<LedgerRow>('ledger');
  }

  /** Makes the indexes; safe to repeat. */
  async prepare(): Promise<void> {
    await this.rows.createIndex({ kind: 1, staffId: 1, _id: 1 });
    await this.rows.createIndex({ kind: 1, organ: 1, _id: 1 });
    await this.rows.createIndex({ caseNumber: 1, kind: 1, _id: 1 });
    await this.rows.createIndex({ at: 1 });
  }

  /**
   * Keeps a fact once. The receipt follows from kind and key, so that a fact sent again after its write was lost gets the number it had.
   * @returns `created` false when it was already there with the same body
   * @throws KeyReused when it was there with another
   */
  async keep(kind: Kind, key: string, entry: Entry, place: Place = {}): Promise<Receipt & { readonly created: boolean }> {
    const body = canonicalJson({ entry, place });
    const row: LedgerRow = {
      _id: idOf(kind, key), kind, key, caseNumber: entry.caseNumber, staffId: place.staffId === undefined ? null : this.keyring.blind(staffTerm(place.staffId)), organ: place.organ ?? null, at: entry.at,
      recordedAt: this.now(), receipt: `${receiptPrefix[kind]}-${sha256(`${kind} ${key}`).slice(0, 12)}`,
      body: this.keyring.blind(body), sealed: this.keyring.sealJson({ entry, place }, ledgerPurpose),
    };
    try {
      await this.rows.insertOne(row);
      return { receipt: row.receipt, recordedAt: row.recordedAt, created: true };
    } catch (error) {
      if (!(error instanceof MongoServerError && error.code === 11_000)) throw error;
    }
    const before = await this.rows.findOne({ _id: row._id });
    if (before === null || !this.keyring.blindUnderAll(body).includes(before.body)) throw new KeyReused(key);
    return { receipt: before.receipt, recordedAt: before.recordedAt, created: false };
  }

  /** Facts of a kind in the order of their keys, a page of at most `query.limit`. */
  async list(kind: Kind, query: ListQuery & { readonly staffId?: string | undefined }): Promise<Page> {
    const filter: Filter<LedgerRow> = {
      kind,
      ...(query.staffId === undefined ? {} : { staffId: { $in: this.keyring.blindUnderAll(staffTerm(query.staffId)) } }),
      ...(query.organ === undefined ? {} : { organ: query.organ }),
      ...(query.caseNumber === undefined ? {} : { caseNumber: query.caseNumber }),
      ...(query.cursor === undefined ? {} : { _id: { $gt: idOf(kind, query.cursor) } }),
    };
    const rows = await this.rows.find(filter).sort({ _id: 1 }).limit(query.limit + 1).toArray();
    const items = rows.slice(0, query.limit).map((row) => this.read(row));
    return { items, next: rows.length > query.limit ? items.at(-1)?.key ?? null : null };
  }

  /** How many facts happened from `from` until before `to` (milliseconds since the epoch), by kind and by organ. */
  async count(from: number, to: number): Promise<Statistics> {
    const groups = await this.rows.aggregate([
      { $match: { at: { $gte: from, $lt: to } } },
      { $group: { _id: { kind: '$kind', organ: '$organ' }, n: { $sum: 1 } } },
    ]).toArray();
    const statistics = { total: 0, byKind: {} as Record<string, number>, byOrgan: {} as Record<string, number> };
    for (const group of groups) {
      const { _id: { kind, organ }, n } = Group.parse(group);
      statistics.total += n;
      statistics.byKind[kind] = (statistics.byKind[kind] ?? 0) + n;
      if (organ != null) statistics.byOrgan[organ] = (statistics.byOrgan[organ] ?? 0) + n;
    }
    return statistics;
  }

  private read(row: LedgerRow): Kept {
    const { entry, place } = Sealed.parse(this.keyring.openJson(row.sealed, ledgerPurpose));
    return Kept.parse({ ...entry, ...place, key: row.key, kind: row.kind, receipt: row.receipt, recordedAt: row.recordedAt });
  }
}

/** What the blind index of a staff number is made of. */
export const staffTerm = (staffId: string): string => `archive:${staffId}`;

const idOf = (kind: Kind, key: string): string => `${kind} ${key}`;
const Group = z.object({ _id: z.object({ kind: z.string(), organ: z.string().nullish() }), n: z.number() });
const Sealed = z.object({ entry: z.looseObject({}), place: z.looseObject({}) });
