import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CryptoKey } from 'jose' with { 'resolution-mode': 'import' };

/** Claims and header of a token to be made; `exp` is in seconds from now. */
export interface TokenWish {
  readonly claims?: Record<string, unknown>;
  readonly audience?: string;
  readonly issuer?: string;
  readonly exp?: number | null;
}

/** A provider over real HTTP: discovery, a key set, tokens signed with ES256, rotation, and being away. */
export class LocalIssuer {
  private readonly keys = new Map<string, CryptoKey>();
  private published: Record<string, unknown>[] = [];
  private current = '';
  private readonly server: Server;
  /** While true every request is answered 500. */
  broken = false;
  /** Paths asked for, in order. */
  readonly asked: string[] = [];
  /** What discovery says of itself, when it lies. */
  namesItself: string | undefined;

  private constructor() {
    this.server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      if (this.broken) response.writeHead(500).end('{}');
      else if (request.url === '/.well-known/openid-configuration') response.end(JSON.stringify({ issuer: this.namesItself ?? this.url, jwks_uri: `${this.url}/jwks` }));
      else if (request.url === '/jwks') response.end(JSON.stringify({ keys: this.published }));
      else response.writeHead(404).end('{}');
    });
  }

  static async start(): Promise<LocalIssuer> {
    const issuer = new LocalIssuer();
    issuer.server.listen(0, '127.0.0.1');
    await once(issuer.server, 'listening');
    await issuer.rotate('first');
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A new key pair under `kid`; the old public keys are published no more. */
  async rotate(kid: string): Promise<void> {
    const { exportJWK, generateKeyPair } = await import('jose');
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    this.keys.set(kid, privateKey);
    this.published = [{ ...await exportJWK(publicKey), kid, alg: 'ES256', use: 'sig' }];
    this.current = kid;
  }

  async token(wish: TokenWish = {}): Promise<string> {
    const { SignJWT } = await import('jose');
    const kid = this.current;
    const key = this.keys.get(kid);
    if (key === undefined) throw new Error(`no key ${kid}`);
    const jwt = new SignJWT({ sub: 'subject-1', ...wish.claims }).setProtectedHeader({ alg: 'ES256', kid }).setIssuer(wish.issuer ?? this.url).setAudience(wish.audience ?? 'wenze').setIssuedAt();
    const now = Math.floor(Date.now() / 1_000);
    return (wish.exp === null ? jwt : jwt.setExpirationTime(now + (wish.exp ?? 300))).sign(key);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
