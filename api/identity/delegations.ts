import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { z } from 'zod';
import { civilDateAt, isCivilDate } from '../../domain/civil-date';
import { isSole, type StandIn } from '../../domain/identity';
import { text, type Text } from '../../domain/text';
import type { UserStore } from './users';

const Day = z.string().refine(isCivilDate, 'a day of the form YYYY-MM-DD');

/** AB角: while `principal` (A角) is away, from the first day to the last, both included, `deputy` (B角) may do what the principal may. */
export const DelegationRequest = z.strictObject({
  principal: z.string().min(1).max(60), deputy: z.string().min(1).max(60), from: Day, until: Day, reason: z.string().min(1).max(500),
}).refine((each) => each.from <= each.until, { path: ['until'], message: 'the last day is not before the first' })
  .refine((each) => each.principal !== each.deputy, { path: ['deputy'], message: 'nobody stands in for oneself' });
export type DelegationRequest = z.input<typeof DelegationRequest>;

/** A delegation on record; a revoked one stays, with who revoked it and when. */
export interface Delegation extends Readonly<z.output<typeof DelegationRequest>> {
  readonly _id: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
}

const refusals = {
  'unknown-user': text('没有这个账号', 'there is no such account'),
  'another-organ': text('AB角须为同一机关工作人员', 'both must be officers of the same organ'),
  'sole-role': text('该角色不得代行', 'nobody stands in for an auditor, an administrator or a complainant'),
} as const satisfies Record<string, Text>;

/** Thrown when a delegation is not one that may be. */
export class DelegationRefused extends Error {
  override readonly name = 'DelegationRefused';
  readonly text: Text;
  constructor(readonly code: keyof typeof refusals) {
    super(refusals[code].en);
    this.text = refusals[code];
  }
}

/** Delegations with dates, on record. They are not passed on: a deputy's deputy is nobody. */
export class DelegationStore {
  private readonly delegations: Collection<Delegation>;

  constructor(db: Db, private readonly users: UserStore, private readonly now: () => number = Date.now) {
    this.delegations = db.collection<Delegation>('delegations');
  }

  /** Makes the indexes; safe to repeat. */
  async prepare(): Promise<void> {
    await this.delegations.createIndex({ deputy: 1, until: 1 });
    await this.delegations.createIndex({ principal: 1, until: 1 });
  }

  /** Puts a delegation on record, entered by `by` (the principal, its head or the administrator; the caller of this checks). @throws ZodError, DelegationRefused */
  async create(request: DelegationRequest, by: string): Promise<Delegation> {
    const wanted = DelegationRequest.parse(request);
    const [principal, deputy] = await Promise.all([this.users.find(wanted.principal), this.users.find(wanted.deputy)]);
    if (principal === null || deputy === null || principal.disabled || deputy.disabled) throw new DelegationRefused('unknown-user');
    if (principal.organ !== deputy.organ) throw new DelegationRefused('another-organ');
    if ([...principal.roles, ...deputy.roles].some(isSole)) throw new DelegationRefused('sole-role');
    const delegation: Delegation = {
      _id: randomUUID(), ...wanted, createdAt: this.now(), createdBy: by, revokedAt: null, revokedBy: null,
    };
    await this.delegations.insertOne(delegation);
    return delegation;
  }

  /** Ends a delegation before its time; false when there is none of that id still good. */
  async revoke(id: string, by: string): Promise<boolean> {
    const { modifiedCount } = await this.delegations.updateOne({ _id: id, revokedAt: null }, { $set: { revokedAt: this.now(), revokedBy: by } });
    return modifiedCount === 1;
  }

  find(id: string): Promise<Delegation | null> {
    return this.delegations.findOne({ _id: id });
  }

  /** All delegations that a user gave or holds, latest first, at most 200. */
  of(user: string): Promise<Delegation[]> {
    return this.delegations.find({ $or: [{ principal: user }, { deputy: user }] }).sort({ until: -1, _id: 1 }).limit(200).toArray();
  }

  /** Those for whom a user stands in today (Asia/Shanghai); not the ones whose account was closed or moved to another organ since. */
  async standsInFor(deputy: { readonly id: string; readonly organ: string }): Promise<StandIn[]> {
    const today = civilDateAt(this.now());
    const active = await this.delegations.find({ deputy: deputy.id, from: { $lte: today }, until: { $gte: today }, revokedAt: null }).toArray();
    if (active.length === 0) return [];
    const principals = await this.users.findMany([...new Set(active.map((each) => each.principal))]);
    return principals.filter((each) => !each.disabled && each.organ === deputy.organ)
      .map((each) => ({ id: each._id, organ: each.organ, roles: each.roles, ...(each.staffId === null ? {} : { staffId: each.staffId }) }));
  }
}
