import type { Role } from '../../domain/roles';
import type { UserDocument, UserStore } from './users';

/** Who a step may be given to, as far as accounts tell. */
export interface Officer {
  readonly id: string;
  readonly organ: string;
  readonly roles: readonly Role[];
  readonly staffId?: string;
}

/** The officers who have an account here and may use it. */
export class OfficerDirectory {
  /**
   * @param complete whether every officer has an account here; with an identity provider, people may come of whom nothing is known yet
   * @param demo whether the demonstration's accounts count
   */
  constructor(private readonly users: UserStore, readonly complete: boolean, private readonly demo: boolean) {}

  /** The officer, or null where there is no open account of that id. */
  async find(id: string): Promise<Officer | null> {
    const account = await this.users.find(id);
    return account === null || account.disabled || (account.demo && !this.demo) ? null : officerOf(account);
  }

  /** Those who hold one of the roles, in one organ or in any, by id, at most 200. */
  async withRoles(roles: readonly Role[], organ?: string): Promise<Officer[]> {
    return (await this.users.withRoles(roles, organ)).filter((account) => this.demo || !account.demo).map(officerOf);
  }
}

const officerOf = ({ _id, organ, roles, staffId }: UserDocument): Officer => ({ id: _id, organ, roles, ...(staffId === null ? {} : { staffId }) });
