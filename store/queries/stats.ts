import { startOfDay, civilDate } from '../../domain/civil-date';
import type { Collections } from '../connect';
import type { ReadableFilter } from './case-list';

export interface StatsRequest {
  readonly readable: ReadableFilter;
  readonly type?: string | undefined;
  readonly organ?: string | undefined;
  /** Calendar year in Shanghai in which the case was opened. */
  readonly year?: number | undefined;
}

/** Cases of one kind, counted. */
export interface CountRow {
  readonly type: string;
  readonly status: 'open' | 'closed';
  readonly stage: string;
  readonly outcome: string | null;
  readonly overdue: boolean;
  readonly escalationLevel: number;
  readonly count: number;
}

export interface OrganRow {
  readonly organ: string;
  readonly status: 'open' | 'closed';
  readonly overdue: boolean;
  readonly criticised: boolean;
  readonly count: number;
}

interface Grouped<T> { readonly _id: T; readonly count: number }

/** Statistics over the cases a caller may read (统计分析, S2 二(三)). */
export class Statistics {
  constructor(private readonly collections: Pick<Collections, 'cases'>) {}

  async count(request: StatsRequest): Promise<{ readonly rows: readonly CountRow[]; readonly organs: readonly OrganRow[] }> {
    const match = { $match: { $and: conditionsOf(request) } };
    const [rows, organs] = await Promise.all([
      this.collections.cases.aggregate<Grouped<Omit<CountRow, 'count'>>>([
        match,
        { $group: { _id: { type: '$type', status: '$status', stage: '$stage', outcome: '$outcome', overdue: '$overdue', escalationLevel: '$escalationLevel' }, count: { $sum: 1 } } },
      ]).toArray(),
      this.collections.cases.aggregate<Grouped<{ organ: string; status: 'open' | 'closed'; overdue: boolean; escalationLevel: number }>>([
        match,
        { $unwind: '$organs' },
        { $group: { _id: { organ: '$organs', status: '$status', overdue: '$overdue', escalationLevel: '$escalationLevel' }, count: { $sum: 1 } } },
      ]).toArray(),
    ]);
    return {
      rows: rows.map((row) => ({ ...row._id, count: row.count })),
      organs: organs.map(({ _id: { escalationLevel, ...key }, count }) => ({ ...key, criticised: escalationLevel >= 2, count })),
    };
  }
}

function conditionsOf(request: StatsRequest): object[] {
  const conditions: object[] = [request.readable];
  if (request.type !== undefined) conditions.push({ type: request.type });
  if (request.organ !== undefined) conditions.push({ organs: request.organ });
  if (request.year !== undefined) {
    conditions.push({ openedAt: { $gte: startOfDay(civilDate(`${request.year}-01-01`)), $lt: startOfDay(civilDate(`${request.year + 1}-01-01`)) } });
  }
  return conditions;
}
