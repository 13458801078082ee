import type { Collection, Db } from 'mongodb';
import { MongoServerError } from 'mongodb';
import { Account } from '../../domain/identity';
import type { OrganTree } from '../../domain/organs';
import type { Role } from '../../domain/roles';
import { accountCost, hashPassword, type ScryptCost } from './passwords';

/** An account as it lies in MongoDB. `externalId` is the subject under which an identity provider knows it. */
export interface UserDocument extends Omit<Account, 'id'> {
  readonly _id: string;
  /** `scrypt$…`, or null for an account that only an identity provider opens. */
  readonly password: string | null;
  readonly mustChangePassword: boolean;
  readonly disabled: boolean;
  readonly demo: boolean;
  readonly externalId: string | null;
  readonly createdAt: number;
  readonly passwordChangedAt: number;
}

/** Thrown when an account is created under an id, or for a subject, that is taken. */
export class UserExists extends Error {
  override readonly name = 'UserExists';
  constructor(readonly user: string) {
    super(`there is an account "${user}"`);
  }
}

/** The local accounts of officers. */
export class UserStore {
  private readonly users: Collection<UserDocument>;

  constructor(db: Db, private readonly tree: OrganTree, private readonly now: () => number = Date.now, private readonly cost: ScryptCost = accountCost) {
    this.users = db.collection<UserDocument>('users');
  }

  /** Makes the indexes; safe to repeat. */
  async prepare(): Promise<void> {
    await this.users.createIndex({ externalId: 1 });
    await this.users.createIndex({ organ: 1 });
  }

  /**
   * Opens an account. Its first log-in must change the password given here; without one only an identity provider opens it.
   * @throws ZodError, UnknownOrgan, UserExists
   */
  async create(account: Account, how: { readonly password?: string; readonly externalId?: string } = {}): Promise<void> {
    const { id, ...rest } = Account.parse(account);
    this.tree.get(rest.organ);
    if (how.externalId !== undefined && (await this.findByExternalId(how.externalId)) !== null) throw new UserExists(id);
    try {
      await this.users.insertOne({
        _id: id, ...rest, password: how.password === undefined ? null : await hashPassword(how.password, this.cost), mustChangePassword: how.password !== undefined,
        disabled: false, demo: false, externalId: how.externalId ?? null, createdAt: this.now(), passwordChangedAt: this.now(),
      });
    } catch (error) {
      if (error instanceof MongoServerError && error.code === 11_000) throw new UserExists(id);
      throw error;
    }
    // Two who enter one subject at once both find it free; no provider's word may open one of two accounts, whichever comes first.
    if (how.externalId !== undefined && await this.users.countDocuments({ externalId: how.externalId }) > 1) {
      await this.users.deleteOne({ _id: id });
      throw new UserExists(id);
    }
  }

  /** Adds the accounts that are not there yet, with a password already hashed and no change asked for: the demonstration's. Gives how many were added. */
  async seedDemo(accounts: readonly Account[], hash: () => Promise<string>): Promise<number> {
    const known = new Set((await this.users.find({ _id: { $in: accounts.map((each) => each.id) } }, { projection: { _id: 1 } }).toArray()).map((each) => each._id));
    const missing = accounts.filter((each) => !known.has(each.id));
    if (missing.length === 0) return 0;
    const password = await hash();
    await this.users.bulkWrite(missing.map(({ id, ...rest }) => {
      this.tree.get(rest.organ);
      const fresh: Omit<UserDocument, '_id'> = {
        ...rest, password, mustChangePassword: false, disabled: false, demo: true, externalId: null, createdAt: this.now(), passwordChangedAt: this.now(),
      };
      return { updateOne: { filter: { _id: id }, update: { $setOnInsert: fresh }, upsert: true } };
    }));
    return missing.length;
  }

  /** The account, or null. */
  find(id: string): Promise<UserDocument | null> {
    return this.users.findOne({ _id: id });
  }

  findMany(ids: readonly string[]): Promise<UserDocument[]> {
    return this.users.find({ _id: { $in: [...ids] } }).toArray();
  }

  findByExternalId(externalId: string): Promise<UserDocument | null> {
    return this.users.findOne({ externalId });
  }

  /** The accounts of an organ, by id, at most 500; for choosing whom a step is given to. */
  inOrgan(organ: string): Promise<UserDocument[]> {
    return this.users.find({ organ, disabled: false }).sort({ _id: 1 }).limit(500).toArray();
  }

  /** The open accounts that hold one of the roles, in one organ or in any, by id, at most 200. */
  withRoles(roles: readonly Role[], organ?: string): Promise<UserDocument[]> {
    return this.users.find({ roles: { $in: [...roles] }, disabled: false, ...(organ === undefined ? {} : { organ }) }).sort({ _id: 1 }).limit(200).toArray();
  }

  /** Sets a password; with `replacing`, only while that hash is still the account's. False when nothing was set. */
  async setPassword(id: string, password: string, { mustChange = false, replacing }: { readonly mustChange?: boolean; readonly replacing?: string } = {}): Promise<boolean> {
    const hash = await hashPassword(password, this.cost);
    const { matchedCount } = await this.users.updateOne(
      { _id: id, ...(replacing === undefined ? {} : { password: replacing }) }, { $set: { password: hash, mustChangePassword: mustChange, passwordChangedAt: this.now() } },
    );
    return matchedCount === 1;
  }

  /** Closes or opens an account again; what it did stays on file. */
  async setDisabled(id: string, disabled: boolean): Promise<void> {
    await this.users.updateOne({ _id: id }, { $set: { disabled } });
  }
}
