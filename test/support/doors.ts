import { randomBytes } from 'node:crypto';
import type { AccessPort, Caller, IdentityPort } from '../../api/access-port';
import { demoUsers } from '../../policy/demo';

/** A simple door for API tests that are not about identity: the demo users, one password, rules by role and organ. */
export function simpleIdentity(password = 'wenze-demo'): IdentityPort {
  const sessions = new Map<string, Caller>();
  const users = new Map(demoUsers().map((user): [string, Caller] => [user.id, {
    id: user.id, kind: 'user', name: user.name, organ: user.organ, roles: user.roles, ...(user.staffId === null ? {} : { staffId: user.staffId }),
  }]));
  return {
    login: (username, given) => {
      const caller = users.get(username);
      if (caller === undefined || given !== password) return Promise.resolve({ ok: false, reason: 'bad-credentials' });
      const token = randomBytes(16).toString('hex');
      sessions.set(token, caller);
      return Promise.resolve({ ok: true, session: { token, expiresAt: Date.now() + 3_600_000, caller } });
    },
    authenticate: ({ value }) => {
      const caller = sessions.get(value);
      return Promise.resolve(caller === undefined ? { ok: false, reason: 'invalid' } : { ok: true, caller });
    },
    logout: ({ value }) => {
      sessions.delete(value);
      return Promise.resolve();
    },
  };
}
