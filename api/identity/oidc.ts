import type { JWTVerifyGetKey } from 'jose' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import { RoleSet, type Identity } from '../../domain/identity';
import type { OrganTree } from '../../domain/organs';
import type { UserDocument, UserStore } from './users';

/** Which claims of a token say what. Without roles and organ in the token, `user` must be the `externalId` of a local account. */
export interface ClaimNames {
  readonly user: string;
  readonly name: string;
  readonly roles: string;
  readonly organ: string;
  readonly staffId: string;
}
export const claimNames: ClaimNames = { user: 'sub', name: 'name', roles: 'wenze_roles', organ: 'wenze_organ', staffId: 'wenze_staff_id' };

export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly claims?: Partial<ClaimNames>;
}

/** Thrown when the provider cannot be asked for its keys: nobody is refused for that, it is tried again (503). */
export class IdentityProviderAway extends Error {
  override readonly name = 'IdentityProviderAway';
  constructor(readonly issuer: string, cause: unknown) {
    super(`the identity provider ${issuer} does not answer`, { cause });
  }
}

/** Thrown at start for an issuer that a token could be forged for on the way. */
export class InsecureIssuer extends Error {
  override readonly name = 'InsecureIssuer';
  constructor(readonly issuer: string) {
    super(`OIDC_ISSUER ${issuer} must be https: keys fetched without it can be replaced on the way`);
  }
}

export type OidcReading = { readonly ok: true; readonly identity: Identity; readonly expiresAt: number } | { readonly ok: false; readonly reason: 'invalid' | 'expired' | 'revoked' };

/** Signatures with a key pair only: with a shared secret, whoever knows our public key could sign. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const ANSWER_MS = 5_000;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Checks tokens of one OpenID Connect provider: issuer, audience, times, signature by the keys it publishes (found by discovery, fetched anew when it rotates them). */
export class OidcVerifier {
  private keys: Promise<JWTVerifyGetKey> | undefined;
  private readonly claims: ClaimNames;

  /** @throws InsecureIssuer for plain http to another machine */
  constructor(private readonly options: OidcOptions, private readonly users: UserStore, private readonly tree: OrganTree, private readonly now: () => number = Date.now) {
    const { protocol, hostname } = new URL(options.issuer);
    if (protocol !== 'https:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) throw new InsecureIssuer(options.issuer);
    this.claims = { ...claimNames, ...options.claims };
  }

  /** @throws IdentityProviderAway */
  async read(token: string): Promise<OidcReading> {
    const { jwtVerify, errors } = await import('jose');
    const keys = await this.keySource();
    let claims: Readonly<Record<string, unknown>>;
    let expiresAt: number;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: this.options.issuer, audience: this.options.audience, algorithms, requiredClaims: ['exp', 'sub'], clockTolerance: 30, currentDate: new Date(this.now()),
      });
      claims = payload;
      expiresAt = (payload.exp ?? 0) * 1_000;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { ok: false, reason: 'expired' };
      // A key set that does not come, or comes broken, is the provider's trouble; every other refusal of jose is the token's.
      if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC') {
        throw new IdentityProviderAway(this.options.issuer, error);
      }
      return { ok: false, reason: 'invalid' };
    }
    const mapped = await this.identify(claims);
    return mapped.ok ? { ...mapped, expiresAt } : mapped;
  }

  private async identify(claims: Readonly<Record<string, unknown>>): Promise<{ readonly ok: true; readonly identity: Identity } | { readonly ok: false; readonly reason: 'invalid' | 'revoked' }> {
    const user = z.string().min(1).max(200).safeParse(claims[this.claims.user]);
    if (!user.success) return { ok: false, reason: 'invalid' };
    if (claims[this.claims.roles] === undefined && claims[this.claims.organ] === undefined) {
      const account = await this.users.findByExternalId(user.data);
      if (account === null) return { ok: false, reason: 'invalid' };
      return account.disabled ? { ok: false, reason: 'revoked' } : { ok: true, identity: identityOf(account) };
    }
    const told = z.object({ roles: RoleSet, organ: z.string().refine((organ) => this.tree.has(organ)), name: z.string().min(1).max(100).catch(user.data), staffId: z.string().min(1).max(40).optional() })
      .safeParse({ roles: claims[this.claims.roles], organ: claims[this.claims.organ], name: claims[this.claims.name], staffId: claims[this.claims.staffId] });
    if (!told.success) return { ok: false, reason: 'invalid' };
    const { staffId, ...rest } = told.data;
    return { ok: true, identity: { id: user.data, kind: 'user', ...rest, ...(staffId === undefined ? {} : { staffId }) } };
  }

  private keySource(): Promise<JWTVerifyGetKey> {
    const discovery = (this.keys ??= this.discover());
    // A provider that was away is asked again by the next token.
    discovery.catch(() => {
      if (this.keys === discovery) this.keys = undefined;
    });
    return discovery;
  }

  private async discover(): Promise<JWTVerifyGetKey> {
    const { issuer } = this.options;
    const { createRemoteJWKSet } = await import('jose');
    try {
      const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
      if (!response.ok) throw new Error(`discovery answered ${response.status}`);
      const found = Discovery.parse(await response.json());
      if (found.issuer !== issuer) throw new Error(`discovery names the issuer ${found.issuer}`);
      return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: ANSWER_MS, cooldownDuration: 5_000 });
    } catch (error) {
      throw new IdentityProviderAway(issuer, error);
    }
  }
}

/** An account as the rules see it. */
export function identityOf(account: UserDocument): Identity {
  const { _id, name, organ, roles, staffId, mustChangePassword } = account;
  return { id: _id, kind: 'user', name, organ, roles, ...(staffId === null ? {} : { staffId }), ...(mustChangePassword ? { mustChangePassword } : {}) };
}
