import { z } from 'zod';
import { OrganId, OrganTree } from '../../domain/organs';
import { Role } from '../../domain/roles';
import organsFile from './organs.json';
import usersFile from './users.json';

/** An account of the demonstration city; every person in it is invented. The complainant is a citizen and has no staff number. */
export const DemoUser = z.strictObject({
  id: z.string().regex(/^[a-z]+(\.[a-z]+)?$/),
  name: z.string().min(1),
  roles: z.array(Role).min(1),
  organ: OrganId,
  staffId: z.string().regex(/^YZ\d{4}$/).nullable(),
});
export type DemoUser = Readonly<z.infer<typeof DemoUser>>;

/** The organs of the fictional city 云州市 with the fictional province above it. @throws ZodError naming the wrong entry */
export function demoOrganTree(): OrganTree {
  return new OrganTree(organsFile);
}

/** The demonstration accounts, each in an organ of {@link demoOrganTree}. @throws ZodError, UnknownOrgan */
export function demoUsers(tree: OrganTree = demoOrganTree()): readonly DemoUser[] {
  const users = z.array(DemoUser).parse(usersFile);
  for (const user of users) tree.get(user.organ);
  return users;
}
