import { randomBytes } from 'node:crypto';
import type { Credential, IdentityPort } from '../../api/access-port';
import { Keyring } from '../../crypto/keyring';

/** Seals what tests of identity put on record. */
export const keyring = new Keyring({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } });

/** What hashing a password costs where that is not what is tried. */
export const cheap = { ln: 8, r: 8, p: 1 } as const;

export const bearer = (value: string): Credential => ({ scheme: 'bearer', value });

/** Whom a credential opens to, or why it does not. */
export async function reasonOf(service: Pick<IdentityPort, 'authenticate'>, credential: Credential): Promise<string> {
  const answer = await service.authenticate(credential);
  return answer.ok ? answer.caller.id : answer.reason;
}
