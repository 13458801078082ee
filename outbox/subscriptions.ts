import { randomBytes, randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { z } from 'zod';
import { CannotOpen, type Keyring } from '../crypto/keyring';
import { eventKinds, type EventKind } from '../domain/case-file';
import type { AddressGuard } from './address-guard';

/** What an administrator asks for. */
export const NewSubscription = z.strictObject({
  url: z.string().min(1).max(2000).meta({ description: 'where events are sent, https', example: 'https://records.example.org/wenze' }),
  secret: z.string().regex(/^[\x21-\x7e]{16,200}$/, '16 to 200 printable ASCII characters without spaces').optional().meta({ description: 'signs every delivery; left out, one is made and shown once' }),
  kinds: z.array(z.enum(eventKinds)).max(eventKinds.length).default([]).meta({ description: 'event kinds; empty: all' }),
  caseTypes: z.array(z.string().min(1).max(80)).max(100).default([]).meta({ description: 'case types; empty: all' }),
  from: z.int().min(1).optional().meta({ description: 'first sequence number to be sent; left out, what happens from now on' }),
});
export type NewSubscription = z.infer<typeof NewSubscription>;

/** How a subscription is doing: sending, waiting after a failure, or stopped until an administrator resumes it. */
export type SubscriptionState = 'active' | 'retrying' | 'suspended';

interface SubscriptionRow {
  readonly _id: string;
  readonly url: string;
  readonly kinds: readonly EventKind[];
  readonly caseTypes: readonly string[];
  readonly sealedSecret: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly suspended: boolean;
  /** Everything up to here has arrived or was not wanted. */
  readonly cursor: number;
  /** Moves with every replay, so that a delivery under way does not move the cursor back on. */
  readonly epoch: number;
  /** Failures since the last success. */
  readonly failures: number;
  readonly failingSince: number | null;
  readonly nextAt: number;
  readonly lastSuccessAt: number | null;
  readonly lastFault: string | null;
}

/** A subscription as administrators see it; the secret is never shown again. */
export interface Subscription extends Omit<SubscriptionRow, '_id' | 'sealedSecret' | 'epoch' | 'suspended'> {
  readonly id: string;
  readonly state: SubscriptionState;
}

/** What the dispatcher needs of one. */
export interface DueSubscription extends SubscriptionRow {
  /** Null when it cannot be opened: its key has left the ring, or the row was changed. */
  readonly secret: string | null;
}

/** Subscriptions to what happens on cases, managed by administrators. */
export class Subscriptions {
  private readonly rows: Collection<SubscriptionRow>;

  constructor(db: Db, private readonly keyring: Keyring, private readonly guard: AddressGuard, private readonly now: () => number = Date.now) {
    this.rows = db.collection('subscriptions');
  }

  /** @param head the outbox' last sequence number @throws RefusedAddress */
  async create(wanted: NewSubscription, by: string, head: number): Promise<{ readonly subscription: Subscription; readonly secret: string }> {
    const url = this.guard.check(wanted.url).href;
    const secret = wanted.secret ?? randomBytes(32).toString('base64url');
    const _id = randomUUID();
    const row: SubscriptionRow = {
      _id, url, kinds: wanted.kinds, caseTypes: wanted.caseTypes, sealedSecret: this.keyring.sealText(secret, secretPurpose(_id)), createdAt: this.now(), createdBy: by,
      suspended: false, cursor: wanted.from === undefined ? head : wanted.from - 1, epoch: 0, failures: 0, failingSince: null, nextAt: 0, lastSuccessAt: null, lastFault: null,
    };
    await this.rows.insertOne(row);
    return { subscription: present(row), secret };
  }

  async list(): Promise<Subscription[]> {
    return (await this.rows.find().sort({ createdAt: 1, _id: 1 }).limit(1000).toArray()).map(present);
  }

  async find(id: string): Promise<Subscription | null> {
    const row = await this.rows.findOne({ _id: id });
    return row === null ? null : present(row);
  }

  /** False when there is none of this id. */
  async remove(id: string): Promise<boolean> {
    return (await this.rows.deleteOne({ _id: id })).deletedCount > 0;
  }

  /** Sends everything from a sequence number on (again), or goes on where it stopped when none is given; a suspended one is active again. */
  async replay(id: string, from: number | undefined): Promise<Subscription | null> {
    const row = await this.rows.findOneAndUpdate({ _id: id }, {
      $set: { ...(from === undefined ? {} : { cursor: from - 1 }), suspended: false, failures: 0, failingSince: null, nextAt: 0, lastFault: null }, $inc: { epoch: 1 },
    }, { returnDocument: 'after' });
    return row === null ? null : present(row);
  }

  /** Those that may send now and are not at `head` yet. */
  async due(head: number): Promise<DueSubscription[]> {
    const rows = await this.rows.find({ suspended: false, nextAt: { $lte: this.now() }, cursor: { $lt: head } }).limit(1000).toArray();
    return rows.map((row) => ({ ...row, secret: this.secretOf(row) }));
  }

  private secretOf({ _id, sealedSecret }: SubscriptionRow): string | null {
    try {
      return this.keyring.openText(sealedSecret, secretPurpose(_id));
    } catch (error) {
      if (error instanceof CannotOpen) return null;
      throw error;
    }
  }

  /** Everything up to `cursor` is done with. False when a replay came between or it is gone: leave it. */
  async advance({ _id, epoch }: DueSubscription, cursor: number, delivered: boolean): Promise<boolean> {
    const success = { failures: 0, failingSince: null, nextAt: 0, lastFault: null, lastSuccessAt: this.now() };
    return (await this.rows.updateOne({ _id, epoch }, { $set: { cursor, ...(delivered ? success : {}) } })).matchedCount > 0;
  }

  /** A delivery failed: again at `nextAt`, or not until an administrator says so. */
  async fail({ _id, epoch }: DueSubscription, failure: { readonly failures: number; readonly failingSince: number; readonly nextAt: number; readonly lastFault: string; readonly suspended: boolean }): Promise<void> {
    await this.rows.updateOne({ _id, epoch }, { $set: { ...failure } });
  }
}

function present({ _id, sealedSecret: _sealed, epoch: _epoch, suspended, ...row }: SubscriptionRow): Subscription {
  return { id: _id, ...row, state: suspended ? 'suspended' : row.failures > 0 ? 'retrying' : 'active' };
}

/** What the secret of a subscription is sealed for. */
export const secretPurpose = (id: string): string => `mongo:subscription:${id}`;
