import { z } from 'zod';
import { OrganId } from './organs';
import { Role, type Role as RoleName } from './roles';

/** Somebody a caller stands in for today under a recorded delegation AB角: what the other one is, and no more. */
export interface StandIn {
  readonly id: string;
  readonly organ: string;
  readonly roles: readonly RoleName[];
  readonly staffId?: string;
}

/** Who calls, once a token or key has been checked. */
export interface Identity {
  readonly id: string;
  readonly kind: 'user' | 'system';
  readonly name: string;
  readonly organ: string;
  readonly roles: readonly RoleName[];
  readonly staffId?: string;
  readonly standsInFor?: readonly StandIn[];
  /** A first log-in must change its password before anything else. */
  readonly mustChangePassword?: boolean;
  /** Of a system: the actions its key was given for (`case.read`, `action.*`). A system without scopes may do nothing. */
  readonly scopes?: readonly string[];
}

/** Roles that go with no other: who oversees or administers takes no part in cases, and a citizen is no officer. */
export const soleRoles = ['auditor', 'administrator', 'complainant'] as const satisfies readonly RoleName[];

/** Whether a role must be a holder's only one. */
export const isSole = (role: RoleName): boolean => (soleRoles as readonly RoleName[]).includes(role);

/** The roles of one holder. */
export const RoleSet = z.array(Role).min(1).refine((held) => held.length === new Set(held).size, 'a role is held once')
  .refine((held) => held.length === 1 || !held.some(isSole), `${soleRoles.join(', ')} go with no other role`)
  // The same for whoever reads the schema alone.
  .meta({ uniqueItems: true, anyOf: [{ maxItems: 1 }, { items: { not: { enum: [...soleRoles] } } }] });

/** Who nobody is called: in the records these are whoever is not signed in, the operator's shell and the system itself. */
export const reservedIds = ['anonymous', 'operator', 'system'] as const;

/** An account as it is entered, by the administrator or from the demonstration city. */
export const Account = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/, 'lower-case words joined by . _ or -').max(60)
    .refine((id) => !(reservedIds as readonly string[]).includes(id), `none of ${reservedIds.join(', ')}`).meta({ not: { enum: [...reservedIds] } }),
  name: z.string().min(1).max(100),
  roles: RoleSet,
  organ: OrganId,
  staffId: z.string().min(1).max(40).nullable(),
});
export type Account = Readonly<z.infer<typeof Account>>;
