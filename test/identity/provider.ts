import { fork, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';

/** What a provider gives after a sign-in. */
export interface Tokens {
  readonly access_token: string;
  readonly id_token?: string;
}

/** A real OpenID Connect provider in a process of its own; people sign in as their browser would, systems with their secret. */
export class OidcProvider {
  private constructor(private readonly child: ChildProcess, readonly url: string) {}

  static async start(): Promise<OidcProvider> {
    const child = fork(path.join(__dirname, 'provider-process.mjs'), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    let said = '';
    child.stderr?.on('data', (text: Buffer) => { said += text.toString(); });
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => { throw new Error(`the provider ended at once: ${said}`); })]) as [{ url: string }];
    return new OidcProvider(child, message.url);
  }

  /** A new signing key under `kid`; the one before stays published when it is kept. */
  async rotate(kid: string, how: { readonly keep?: boolean; readonly alg?: 'ES256' | 'RS256' } = {}): Promise<void> {
    const done = once(this.child, 'message');
    this.child.send({ rotate: kid, ...how });
    await done;
  }

  /** Authorization code with PKCE, through the provider's own pages for log-in and consent. */
  async signIn(subject: string, resource = 'urn:wenze:api'): Promise<Tokens> {
    const verifier = randomBytes(32).toString('base64url');
    const redirect = `${this.url}/back`;
    const cookies = new Map<string, string>();
    const ask = async (address: string, form?: Record<string, string>): Promise<Response> => {
      const response = await fetch(new URL(address, this.url), {
        method: form === undefined ? 'GET' : 'POST', redirect: 'manual', ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      return response;
    };
    const query = new URLSearchParams({
      client_id: 'console', response_type: 'code', scope: 'openid', redirect_uri: redirect, resource,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
    });
    let next = `/auth?${query.toString()}`;
    for (let page = 0; page < 10 && !next.startsWith(redirect); page += 1) {
      let answer = await ask(next);
      if (answer.status === 200) {
        const prompt = /name="prompt" value="(\w+)"/.exec(await answer.text())?.[1] ?? '';
        answer = await ask(next, { prompt, ...(prompt === 'login' ? { login: subject, password: 'any' } : {}) });
      }
      next = answer.headers.get('location') ?? '';
      if (next === '') throw new Error(`the provider stopped with ${answer.status}: ${await answer.text()}`);
    }
    const code = new URL(next).searchParams.get('code');
    if (code === null) throw new Error(`no code came back: ${next}`);
    return this.token({ grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier, resource }, 'console');
  }

  /** Client credentials: a system's own token. */
  machineToken(resource = 'urn:wenze:api'): Promise<Tokens> {
    return this.token({ grant_type: 'client_credentials', resource }, 'hotline');
  }

  private async token(form: Record<string, string>, client: string): Promise<Tokens> {
    const response = await fetch(`${this.url}/token`, {
      method: 'POST', body: new URLSearchParams(form), headers: { authorization: `Basic ${Buffer.from(`${client}:${client}-secret`).toString('base64')}` },
    });
    if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
    return await response.json() as Tokens;
  }

  /** The public keys as anybody may fetch them. */
  async publicKeys(): Promise<Record<string, unknown>[]> {
    return (await (await fetch(`${this.url}/jwks`)).json() as { keys: Record<string, unknown>[] }).keys;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}
