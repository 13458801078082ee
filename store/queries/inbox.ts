import type { Filter } from 'mongodb';
import type { Role } from '../../domain/roles';
import type { Collections } from '../connect';
import type { NoticeDocument, TaskDocument } from '../documents';
import { pageOf, readCursor, type PageOf } from './cursor';

/** Whose inbox: the user, and everybody the user stands in for today. */
export interface Holder {
  readonly id: string;
  readonly organ: string;
  readonly roles: readonly Role[];
  /** Blind forms of the holder's staff number: a case that names the one stood in for is not handled in that one's place either (回避). */
  readonly recused?: readonly string[];
}

export interface InboxRequest {
  readonly holders: readonly Holder[];
  /** Blind forms of the user's own staff number: a case that names the officer stays out of the officer's inbox (回避). */
  readonly recused: readonly string[];
  readonly type?: string | undefined;
  readonly overdue?: boolean | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Open steps and notices, by whom they are for. */
export class Inbox {
  constructor(private readonly collections: Pick<Collections, 'tasks' | 'notices'>) {}

  /** Open steps, earliest due date first; those without one last. @throws BadCursor */
  async tasks(request: InboxRequest): Promise<PageOf<TaskDocument>> {
    const conditions: Filter<TaskDocument>[] = [addressedTo<TaskDocument>(request)];
    if (request.type !== undefined) conditions.push({ type: request.type });
    if (request.overdue !== undefined) conditions.push({ overdue: request.overdue });
    if (request.cursor !== undefined) {
      const { at, id } = readCursor(request.cursor);
      conditions.push({ $or: [{ dueAt: { $gt: at } }, { dueAt: at, _id: { $gt: id } }] });
    }
    const rows = await this.collections.tasks.find({ $and: conditions }).sort({ dueAt: 1, _id: 1 }).limit(request.limit + 1).toArray();
    return pageOf(rows, request.limit, (row) => ({ at: row.dueAt, id: row._id }));
  }

  /** Notices, newest first. @throws BadCursor */
  async notices(request: InboxRequest & { readonly caseNumber?: string | undefined }): Promise<PageOf<NoticeDocument>> {
    const conditions: Filter<NoticeDocument>[] = [addressedTo<NoticeDocument>(request)];
    if (request.caseNumber !== undefined) conditions.push({ caseNumber: request.caseNumber });
    if (request.cursor !== undefined) {
      const { at, id } = readCursor(request.cursor);
      conditions.push({ $or: [{ at: { $lt: at } }, { at, _id: { $lt: id } }] });
    }
    const rows = await this.collections.notices.find({ $and: conditions }).sort({ at: -1, _id: -1 }).limit(request.limit + 1).toArray();
    return pageOf(rows, request.limit, (row) => ({ at: row.at, id: row._id }));
  }
}

function addressedTo<T extends TaskDocument | NoticeDocument>(request: InboxRequest): Filter<T> {
  const addresses = request.holders.flatMap((holder) => [
    { user: holder.id, ...notNaming(holder.recused) },
    { user: null, organ: holder.organ, roles: { $in: holder.roles }, ...notNaming(holder.recused) },
  ]);
  return { $or: addresses, ...notNaming(request.recused) } as unknown as Filter<T>;
}

const notNaming = (staff: readonly string[] = []) => (staff.length === 0 ? {} : { namedStaff: { $nin: [...staff] } });
