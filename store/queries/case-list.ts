import type { Filter } from 'mongodb';
import type { Keyring } from '../../crypto/keyring';
import { blindFilter } from '../../crypto/terms';
import type { Collections } from '../connect';
import type { CaseDocument } from '../documents';
import { pageOf, readCursor, type PageOf } from './cursor';

/** A filter on the projection that rights have given; lists only ever narrow it. */
export type ReadableFilter = { readonly [field: string]: unknown };

export interface CaseListRequest {
  /** What the caller may read. */
  readonly readable: ReadableFilter;
  readonly type?: string | undefined;
  readonly stage?: string | undefined;
  readonly organ?: string | undefined;
  readonly status?: 'open' | 'closed' | undefined;
  readonly overdue?: boolean | undefined;
  /** Words of the subject, or a case number. */
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
  /** Rows, at most 100. */
  readonly limit: number;
}

const caseNumberLike = /^[A-Za-z]{2,8}-\d{4}-\d{6,9}$/;

/** Lists of cases, newest first, each page served by an index. */
export class CaseList {
  constructor(private readonly collections: Pick<Collections, 'cases'>, private readonly keyring: Keyring) {}

  /** A page of the cases that are readable and fit. @throws BadCursor */
  async page(request: CaseListRequest): Promise<PageOf<CaseDocument>> {
    const conditions: Filter<CaseDocument>[] = [request.readable];
    if (request.type !== undefined) conditions.push({ type: request.type });
    if (request.stage !== undefined) conditions.push({ stage: request.stage });
    if (request.organ !== undefined) conditions.push({ organs: request.organ });
    if (request.status !== undefined) conditions.push({ status: request.status });
    if (request.overdue !== undefined) conditions.push({ overdue: request.overdue });
    if (request.q !== undefined) {
      const search = this.searchFor(request.q);
      if (search === null) return { items: [], next: null };
      conditions.push(search);
    }
    if (request.cursor !== undefined) {
      const { at, id } = readCursor(request.cursor);
      conditions.push({ $or: [{ openedAt: { $lt: at } }, { openedAt: at, _id: { $lt: id } }] });
    }
    const limit = Math.min(request.limit, 100);
    const rows = await this.collections.cases.find({ $and: conditions }).sort({ openedAt: -1, _id: -1 }).limit(limit + 1).toArray();
    return pageOf(rows, limit, (row) => ({ at: row.openedAt, id: row._id }));
  }

  private searchFor(q: string): Filter<CaseDocument> | null {
    const text = q.trim();
    if (caseNumberLike.test(text)) return { _id: text.toUpperCase() };
    return blindFilter(this.keyring, 'terms', text) as Filter<CaseDocument> | null;
  }

  /** The projection of one case; null when none of this number is on file. */
  find(caseNumber: string): Promise<CaseDocument | null> {
    return this.collections.cases.findOne({ _id: caseNumber });
  }
}
