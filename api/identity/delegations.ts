import { randomUUID } from 'node:crypto';
import type { Collection, Db, Filter } from 'mongodb';
import { z } from 'zod';
import type { Keyring } from '../../crypto/keyring';
import { civilDateAt, isCivilDate } from '../../domain/civil-date';
import { isSole, RoleSet, type StandIn } from '../../domain/identity';
import type { Role } from '../../domain/roles';
import { text, type Text } from '../../domain/text';
import { pageOf, readCursor, type PageOf } from '../../store/queries/cursor';
import type { UserDocument, UserStore } from './users';

const Day = z.iso.date().refine(isCivilDate, 'a day of the form YYYY-MM-DD').meta({ description: 'a civil date in the jurisdiction', example: '2026-10-09' });

/** AB角: while `principal` (A角) is away, from the first day to the last, both included, `deputy` (B角) may do what the principal may; with `roles`, what these roles of the principal may. */
export const DelegationRequest = z.strictObject({
  principal: z.string().min(1).max(60), deputy: z.string().min(1).max(60),
  roles: RoleSet.optional(), from: Day, until: Day, reason: z.string().min(1).max(500),
}).refine((each) => each.from <= each.until, { path: ['until'], message: 'the last day is not before the first' })
  .refine((each) => each.principal !== each.deputy, { path: ['deputy'], message: 'nobody stands in for oneself' });
export type DelegationRequest = z.input<typeof DelegationRequest>;

/** A delegation on record; one ended before its time stays, with who ended it and when. */
export interface Delegation {
  readonly _id: string;
  readonly principal: string;
  readonly deputy: string;
  /** The organ of both. */
  readonly organ: string;
  /** Roles of the principal that are stood in for; null for all of them. */
  readonly roles: readonly Role[] | null;
  readonly from: string;
  readonly until: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
}

/** A delegation as it lies in MongoDB. Why somebody is away may be an illness: it lies sealed, and is opened only to be shown. */
interface DelegationRow extends Omit<Delegation, 'reason'> {
  readonly sealedReason: string;
}

/** A delegation of today or to come, as one of the two officers is told of it; `otherName` is the other's. */
export interface Ahead extends Pick<Delegation, 'principal' | 'deputy' | 'roles' | 'from' | 'until'> {
  readonly id: string;
  readonly otherName: string;
}

/** Times one is entered anew when somebody enters the same in the same moment. */
const MOST_TRIES = 3;

/** What the reason of a delegation is sealed for. */
export const reasonPurpose = (id: string): string => `mongo:delegation:${id}`;

/** Where a delegation stands on a day: not begun, in force, over, or ended before its time. */
export const delegationStates = ['upcoming', 'active', 'over', 'ended'] as const;
export type DelegationState = (typeof delegationStates)[number];

/** @param today the civil date in the jurisdiction */
export function stateOf({ from, until, revokedAt }: Pick<Delegation, 'from' | 'until' | 'revokedAt'>, today: string): DelegationState {
  if (revokedAt !== null) return 'ended';
  return today < from ? 'upcoming' : today > until ? 'over' : 'active';
}

const refusals = {
  'unknown-principal': text('没有这名工作人员', 'there is no such officer'),
  'unknown-deputy': text('没有这名工作人员', 'there is no such officer'),
  'in-the-past': text('AB角不得追溯', 'nobody has stood in on a day that is over'),
  'another-organ': text('AB角须为同一机关工作人员', 'both must be officers of the same organ'),
  'sole-role': text('该角色不得代行', 'nobody stands in for an auditor, an administrator or a complainant'),
  'role-not-held': text('被代行人不担任该角色', 'the principal does not hold every role that is to be stood in for'),
  'own-appointment': text('不得自行指定本人代行他人职责', 'nobody puts oneself in the place of another'),
  overlaps: text('同一期间已有相同的AB角', 'the same two have such a delegation for days of these already'),
} as const satisfies Record<string, Text>;

/** Thrown when a delegation is not one that may be. */
export class DelegationRefused extends Error {
  override readonly name = 'DelegationRefused';
  readonly text: Text;
  /** @param other the delegation that it would overlap */
  constructor(readonly code: keyof typeof refusals, readonly other?: Delegation) {
    super(refusals[code].en);
    this.text = refusals[code];
  }
}

/** Whose delegations are asked for: everybody's, an organ's, or those one user gave or holds. */
export type DelegationReach = { readonly organ: string; readonly user: string } | { readonly user: string } | 'all';

export interface DelegationOptions {
  /** Seals the reasons. */
  readonly keyring: Keyring;
  readonly now?: () => number;
  /** Whether the demonstration's accounts are good for anything. */
  readonly demo?: boolean;
  /** Told of every change, so that nobody's rights are remembered from before it. */
  readonly changed?: () => void;
}

/** Delegations with dates, on record. They are not passed on: a deputy's deputy is nobody. */
export class DelegationStore {
  private readonly delegations: Collection<DelegationRow>;
  private readonly keyring: Keyring;
  private readonly now: () => number;
  private readonly demo: boolean;
  private readonly changed: () => void;

  constructor(db: Db, private readonly users: UserStore, { keyring, now = Date.now, demo = true, changed = () => undefined }: DelegationOptions) {
    this.delegations = db.collection<DelegationRow>('delegations');
    this.keyring = keyring;
    this.now = now;
    this.demo = demo;
    this.changed = changed;
  }

  /** Makes the indexes, and seals the reasons of delegations from before reasons were sealed; safe to repeat. */
  async prepare(): Promise<void> {
    await this.delegations.createIndex({ deputy: 1, until: 1 });
    await this.delegations.createIndex({ principal: 1, until: 1 });
    await this.delegations.createIndex({ organ: 1, createdAt: -1, _id: -1 });
    for await (const { _id, reason } of (this.delegations as unknown as Collection<Delegation>).find({ reason: { $exists: true } })) {
      await this.delegations.updateOne({ _id }, { $set: { sealedReason: this.seal(_id, reason) }, $unset: { reason: '' } });
    }
  }

  /** Today in Asia/Shanghai. */
  today(): string {
    return civilDateAt(this.now());
  }

  /** Puts a delegation on record, entered by `by` (the principal, its head or the administrator; the caller of this checks). @throws ZodError, DelegationRefused */
  async create(request: DelegationRequest, by: string): Promise<Delegation> {
    const wanted = DelegationRequest.parse(request);
    const [principal, deputy] = await Promise.all([this.officer(wanted.principal), this.officer(wanted.deputy)]);
    if (principal === null) throw new DelegationRefused('unknown-principal');
    if (deputy === null) throw new DelegationRefused('unknown-deputy');
    if (principal.organ !== deputy.organ) throw new DelegationRefused('another-organ');
    if ([...principal.roles, ...deputy.roles].some(isSole)) throw new DelegationRefused('sole-role');
    if (wanted.roles?.some((role) => !principal.roles.includes(role)) ?? false) throw new DelegationRefused('role-not-held');
    if (by === wanted.deputy) throw new DelegationRefused('own-appointment');
    if (wanted.from < this.today()) throw new DelegationRefused('in-the-past');
    const _id = randomUUID();
    const row: DelegationRow = {
      _id, principal: wanted.principal, deputy: wanted.deputy, organ: principal.organ, roles: wanted.roles ?? null, from: wanted.from, until: wanted.until,
      sealedReason: this.seal(_id, wanted.reason), createdAt: this.now(), createdBy: by, revokedAt: null, revokedBy: null,
    };
    await this.insertAlone(row);
    this.changed();
    return this.open(row);
  }

  /** Two who ask at once both find nothing in their way, and a deputy would go on by the one when the other is ended: whoever then finds another takes the own back and looks again. */
  private async insertAlone(row: DelegationRow): Promise<void> {
    for (let tries = 1; ; tries++) {
      const other = await this.overlapping(row);
      if (other !== undefined) throw new DelegationRefused('overlaps', this.open(other));
      await this.delegations.insertOne(row);
      const twin = await this.overlapping(row);
      if (twin === undefined) return;
      await this.delegations.deleteOne({ _id: row._id });
      if (tries === MOST_TRIES) throw new DelegationRefused('overlaps', this.open(twin));
    }
  }

  /** Ends a delegation before its time; false when there is none of that id that is still to run. */
  async revoke(id: string, by: string): Promise<boolean> {
    const { modifiedCount } = await this.delegations.updateOne({ _id: id, revokedAt: null, until: { $gte: this.today() } }, { $set: { revokedAt: this.now(), revokedBy: by } });
    if (modifiedCount === 0) return false;
    this.changed();
    return true;
  }

  async find(id: string): Promise<Delegation | null> {
    const row = await this.delegations.findOne({ _id: id });
    return row === null ? null : this.open(row);
  }

  /** The organ of an officer who has an account that may be used, or null. */
  async organOf(user: string): Promise<string | null> {
    return (await this.officer(user))?.organ ?? null;
  }

  /** A page of the delegations within reach, newest first. @throws BadCursor */
  async page(reach: DelegationReach, { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number }): Promise<PageOf<Delegation>> {
    const whose: Filter<DelegationRow>[] = reach === 'all' ? [] : [{ $or: [{ principal: reach.user }, { deputy: reach.user }, ...('organ' in reach ? [{ organ: reach.organ }] : [])] }];
    const after = cursor === undefined ? undefined : readCursor(cursor);
    if (after !== undefined) whose.push({ $or: [{ createdAt: { $lt: after.at } }, { createdAt: after.at, _id: { $lt: after.id } }] });
    const rows = await this.delegations.find(whose.length === 0 ? {} : { $and: whose }).sort({ createdAt: -1, _id: -1 }).limit(limit + 1).toArray();
    const { items, next } = pageOf(rows, limit, (row) => ({ at: row.createdAt, id: row._id }));
    return { items: items.map((row) => this.open(row)), next };
  }

  /**
   * What an officer is to know without asking: today's delegations and those to come in which one stands in for another of the organ, on either side,
   * the first to begin first, at most 100. Why is not told here.
   */
  async ahead({ id, organ }: { readonly id: string; readonly organ: string }): Promise<Ahead[]> {
    const today = this.today();
    const rows = await this.delegations.find({ organ, revokedAt: null, until: { $gte: today }, $or: [{ principal: id }, { deputy: id }] }).sort({ from: 1, _id: 1 }).limit(100).toArray();
    if (rows.length === 0) return [];
    const officers = await this.users.findMany([...new Set(rows.flatMap((row) => [row.principal, row.deputy]))]);
    const nameOf = new Map(officers.filter((each) => this.isOpen(each) && each.organ === organ).map((each) => [each._id, each.name]));
    return rows.flatMap(({ _id, principal, deputy, roles, from, until }) => {
      const name = nameOf.get(principal === id ? deputy : principal);
      // With an account closed or moved to another organ, nobody stands in for anybody.
      return name === undefined ? [] : [{ id: _id, principal, deputy, roles, from, until, otherName: name }];
    });
  }

  /** Those for whom a user stands in today (Asia/Shanghai), each once; not the ones whose account was closed or moved to another organ since. */
  async standsInFor(deputy: { readonly id: string; readonly organ: string }): Promise<StandIn[]> {
    const today = this.today();
    const active = await this.delegations.find({ deputy: deputy.id, from: { $lte: today }, until: { $gte: today }, revokedAt: null }).toArray();
    if (active.length === 0) return [];
    const principals = await this.users.findMany([...new Set(active.map((each) => each.principal))]);
    return principals.filter((each) => this.isOpen(each) && each.organ === deputy.organ).flatMap((each) => {
      const given = active.filter((delegation) => delegation.principal === each._id);
      // Of a role laid down since, nothing is left to stand in for.
      const roles = each.roles.filter((role) => given.some((delegation) => delegation.roles?.includes(role) ?? true));
      return roles.length === 0 ? [] : [{ id: each._id, organ: each.organ, roles, ...(each.staffId === null ? {} : { staffId: each.staffId }) }];
    });
  }

  private async overlapping({ _id, principal, deputy, roles, from, until }: DelegationRow): Promise<DelegationRow | undefined> {
    const same = await this.delegations.find({ _id: { $ne: _id }, principal, deputy, revokedAt: null, from: { $lte: until }, until: { $gte: from } }).toArray();
    return same.find((other) => roles === null || other.roles === null || other.roles.some((role) => roles.includes(role)));
  }

  private seal(id: string, reason: string): string {
    return this.keyring.sealText(reason, reasonPurpose(id));
  }

  /** @throws CannotOpen */
  private open({ sealedReason, ...row }: DelegationRow): Delegation {
    return { ...row, reason: this.keyring.openText(sealedReason, reasonPurpose(row._id)) };
  }

  private async officer(id: string): Promise<UserDocument | null> {
    const account = await this.users.find(id);
    return account !== null && this.isOpen(account) ? account : null;
  }

  private isOpen({ disabled, demo }: UserDocument): boolean {
    return !disabled && (this.demo || !demo);
  }
}
