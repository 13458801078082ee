import { z } from 'zod';
import { Role } from './roles';

/** Name of a claim, or a path into one: `realm_access.roles`. A claim whose whole name is that is taken first. */
const ClaimName = z.string().min(1).max(200);

/**
 * Which claims of a token say what, and what the city's own words for roles and organs mean here; OIDC_CLAIMS holds it as JSON:
 * `{"roles":"groups","organ":"department","staffId":"employeeNumber","roleOf":{"12345-承办":"handler"},"organOf":{"330199-07":"yz-complaints"}}`.
 */
export const ClaimMapping = z.strictObject({
  /** Who it is; default `sub`. */
  user: ClaimName.optional(),
  /** What is shown; default `name`. */
  name: ClaimName.optional(),
  /** A list, one text, or texts with spaces between; default `wenze_roles`. */
  roles: ClaimName.optional(),
  /** Default `wenze_organ`. */
  organ: ClaimName.optional(),
  /** The staff number by which recusal goes; default `wenze_staff_id`. */
  staffId: ClaimName.optional(),
  /** The provider's word → our role. With it, words that are not named count for nothing: a directory has many groups. Without it, each must be a role. */
  roleOf: z.record(z.string(), Role).optional(),
  /** The provider's word → our organ; without it, the claim holds the organ's id. */
  organOf: z.record(z.string(), z.string()).optional(),
});
export type ClaimMapping = z.infer<typeof ClaimMapping>;
