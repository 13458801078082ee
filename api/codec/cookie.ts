import type { Request, Response } from 'express';
import { CannotOpen, type Keyring } from '../../crypto/keyring';

/** What the cookie holds: a session of ours. */
export interface CodecSession {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export const codecPath = '/v1/codec';
const NAME = 'wenze_codec';
const PURPOSE = 'cookie:codec';

/**
 * The cookie of the codec routes. Its value is the session's token sealed for this purpose, so it is no bearer token: whoever has it can use it nowhere else.
 * HttpOnly, SameSite=Strict, sent to the codec routes alone; `secure` where the UI is reached over https.
 */
export class CodecCookie {
  constructor(private readonly keyring: Pick<Keyring, 'sealJson' | 'openJson'>, private readonly secure: boolean) {}

  /** The value of Set-Cookie that begins a session, or goes on with one. */
  begin(session: CodecSession, now: number): string {
    return this.header(this.keyring.sealJson(session, PURPOSE), Math.max(0, Math.floor((session.expiresAt - now) / 1_000)));
  }

  /** The value of Set-Cookie that ends it. */
  end(): string {
    return this.header('', 0);
  }

  /** The session of a request; undefined without a cookie, or with one that is not ours. */
  read(request: Request): CodecSession | undefined {
    const value = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim()).find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
    if (value === undefined || value === '') return undefined;
    try {
      return this.keyring.openJson(decodeURIComponent(value), PURPOSE) as CodecSession;
    } catch (error) {
      // Sealed under a key that has left the ring, or made up: then nobody is signed in.
      if (error instanceof CannotOpen || error instanceof URIError) return undefined;
      throw error;
    }
  }

  set(response: Response, session: CodecSession, now: number): void {
    response.setHeader('Set-Cookie', this.begin(session, now));
  }

  private header(value: string, maxAge: number): string {
    return `${NAME}=${encodeURIComponent(value)}; Path=${codecPath}; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${this.secure ? '; Secure' : ''}`;
  }
}
