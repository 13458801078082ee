import { randomInt } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import type { Account } from '../../domain/identity';
import { isAcceptable } from './passwords';
import type { UserDocument, UserStore } from './users';

/** What is shown of an account: never its password. */
export type AccountView = Account & Pick<UserDocument, 'mustChangePassword' | 'disabled' | 'demo' | 'createdAt' | 'passwordChangedAt'> & {
  /** Whether a password opens it, or only an identity provider. */
  readonly hasPassword: boolean;
};

/** Thrown for an account that does not exist. */
export class UnknownUser extends Error {
  override readonly name = 'UnknownUser';
  constructor(readonly user: string) {
    super(`no account "${user}"`);
  }
}

/** Thrown for a password that is too easily guessed; says what one needs. */
export class WeakPassword extends Error {
  override readonly name = 'WeakPassword';
  constructor() {
    super('the password is too weak: 12 to 128 characters, at least five different ones, not made of the account\'s id');
  }
}

/** Thrown when an account of the demonstration is to be managed; its password is public and stays so. */
export class DemoAccount extends Error {
  override readonly name = 'DemoAccount';
  constructor(readonly user: string) {
    super(`"${user}" is an account of the demonstration`);
  }
}

/** Characters of a one-time password: none that are mistaken for another when read aloud or copied from paper. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
const GROUPS = 5;
const GROUP_LENGTH = 4;

/** A password to be used once, some 100 bits, in groups that can be dictated. */
export function oneTimePassword(): string {
  const group = (): string => Array.from({ length: GROUP_LENGTH }, () => alphabet[randomInt(alphabet.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

/** Management of local accounts, by the administrator over HTTP and by the operator's command alike. Whoever calls it puts on record what was done. */
export class Accounts {
  private readonly documents: Collection<UserDocument>;

  /** @param ends ends every session of a user @param attempts counts of failed log-ins */
  constructor(db: Db, private readonly users: UserStore, private readonly ends: (user: string) => Promise<void>, private readonly attempts: { clear(name: string): Promise<boolean> }) {
    this.documents = db.collection('users');
  }

  /**
   * Opens an account whose password must be changed at the first log-in. Without a password one is made and given this once; with `externalId` the
   * identity provider opens it and there is none.
   * @throws ZodError, UnknownOrgan, UserExists, WeakPassword
   */
  async create(account: Account, how: { readonly password?: string; readonly externalId?: string } = {}): Promise<{ readonly password: string | null }> {
    if (how.externalId !== undefined) {
      await this.users.create(account, { externalId: how.externalId });
      return { password: null };
    }
    if (how.password !== undefined && !isAcceptable(how.password, account.id)) throw new WeakPassword();
    const password = how.password ?? oneTimePassword();
    await this.users.create(account, { password });
    return { password: how.password === undefined ? password : null };
  }

  /** Accounts after an id, in the order of the ids, at most `limit`. */
  async list(after = '', limit = 500): Promise<AccountView[]> {
    return (await this.documents.find({ _id: { $gt: after } }).sort({ _id: 1 }).limit(limit).toArray()).map(present);
  }

  /** @throws UnknownUser */
  async get(id: string): Promise<AccountView> {
    const found = await this.users.find(id);
    if (found === null) throw new UnknownUser(id);
    return present(found);
  }

  /** Closes an account and ends its sessions, or opens it again. @throws UnknownUser, DemoAccount */
  async setDisabled(id: string, disabled: boolean): Promise<void> {
    await this.own(id);
    await this.users.setDisabled(id, disabled);
    if (disabled) await this.ends(id);
  }

  /** Lifts the lock that failed log-ins have set. False when there was none. @throws UnknownUser */
  async unlock(id: string): Promise<boolean> {
    await this.get(id);
    return this.attempts.clear(id);
  }

  /** Gives an account a password that must be changed at the next log-in, and ends its sessions; without one it is made and given this once. @throws UnknownUser, DemoAccount, WeakPassword */
  async resetPassword(id: string, wanted?: string): Promise<{ readonly password: string | null }> {
    await this.own(id);
    if (wanted !== undefined && !isAcceptable(wanted, id)) throw new WeakPassword();
    const password = wanted ?? oneTimePassword();
    await this.users.setPassword(id, password, { mustChange: true });
    await this.ends(id);
    return { password: wanted === undefined ? password : null };
  }

  private async own(id: string): Promise<void> {
    if ((await this.get(id)).demo) throw new DemoAccount(id);
  }
}

const present = ({ _id, name, roles, organ, staffId, password, mustChangePassword, disabled, demo, createdAt, passwordChangedAt }: UserDocument): AccountView =>
  ({ id: _id, name, roles, organ, staffId, hasPassword: password !== null, mustChangePassword, disabled, demo, createdAt, passwordChangedAt });
