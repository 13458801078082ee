import type { JWTVerifyGetKey } from 'jose' with { 'resolution-mode': 'import' };
import { z } from 'zod';
import type { ClaimMapping } from '../../domain/claim-mapping';
import type { Identity } from '../../domain/identity';
import type { OrganTree } from '../../domain/organs';
import { readClaims } from './claims';
import type { UserDocument, UserStore } from './users';

export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Which claims say what, and what their values mean here. */
  readonly claims?: ClaimMapping;
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

  /** @throws InsecureIssuer for plain http to another machine */
  constructor(private readonly options: OidcOptions, private readonly users: UserStore, private readonly tree: OrganTree, private readonly now: () => number = Date.now) {
    const { protocol, hostname } = new URL(options.issuer);
    if (protocol !== 'https:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) throw new InsecureIssuer(options.issuer);
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
    const told = readClaims(claims, this.options.claims ?? {}, this.tree);
    if (told === null) return { ok: false, reason: 'invalid' };
    if (told.kind === 'identity') return { ok: true, identity: told.identity };
    const account = await this.users.findByExternalId(told.subject);
    if (account === null) return { ok: false, reason: 'invalid' };
    return account.disabled ? { ok: false, reason: 'revoked' } : { ok: true, identity: identityOf(account) };
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
