import { demoUsers } from '../../policy/demo';
import type { OrganTree } from '../../domain/organs';
import { demoPassword, hashPassword } from './passwords';
import type { UserStore } from './users';

/** Thrown when accounts whose password everybody knows would be made where they must not be. */
export class DemoRefused extends Error {
  override readonly name = 'DemoRefused';
  constructor() {
    super('demonstration accounts exist in demo mode only, and never when NODE_ENV=production');
  }
}

/** The password is public: one cheap hash does for all of them, so that a start is not held up. */
const demoCost = { ln: 14, r: 8, p: 1 };

/** Adds the demonstration accounts that are missing; password `wenze-demo`. Gives how many were added. @throws DemoRefused */
export async function seedDemoUsers(users: UserStore, tree: OrganTree, mode: { readonly demo: boolean; readonly nodeEnv: string }): Promise<number> {
  if (!mode.demo || mode.nodeEnv === 'production') throw new DemoRefused();
  return users.seedDemo(demoUsers(tree), () => hashPassword(demoPassword, demoCost));
}
