import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';

/** How long things last, in milliseconds. A token is renewed while its session lives; a session ends in a working day whatever happens. */
export interface SessionLimits {
  readonly tokenMs: number;
  readonly sessionMs: number;
}
export const sessionLimits: SessionLimits = { tokenMs: 2 * 3_600_000, sessionMs: 12 * 3_600_000 };

const ISSUER = 'wenze';
const AUDIENCE = 'wenze-api';

interface SessionDocument {
  readonly _id: string;
  readonly userId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

export interface Token {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export type TokenReading =
  | { readonly ok: true; readonly sessionId: string; readonly userId: string; readonly expiresAt: number }
  | { readonly ok: false; readonly reason: 'invalid' | 'expired' | 'revoked' };

/** Sessions of local accounts: a signed token (HS256) in the hand of the officer, the session on record, so that it can be ended before its time. */
export class SessionStore {
  private readonly sessions: Collection<SessionDocument>;

  constructor(db: Db, private readonly secret: Uint8Array, private readonly now: () => number = Date.now, private readonly limits: SessionLimits = sessionLimits) {
    this.sessions = db.collection<SessionDocument>('sessions');
  }

  /** Makes the indexes, one of which clears ended sessions where the server can; safe to repeat. */
  async prepare(): Promise<void> {
    await this.sessions.createIndex({ userId: 1 });
    await this.sessions.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  }

  /** Begins a session, and clears the user's ended ones. */
  async open(userId: string): Promise<Token & { readonly sessionId: string }> {
    const createdAt = new Date(this.now());
    const session: SessionDocument = { _id: randomUUID(), userId, createdAt, expiresAt: new Date(this.now() + this.limits.sessionMs), revokedAt: null };
    await this.sessions.deleteMany({ userId, expiresAt: { $lt: createdAt } });
    await this.sessions.insertOne(session);
    return { ...await this.sign(session), sessionId: session._id };
  }

  /** A new token for a session that still lives, or null. */
  async renew(sessionId: string): Promise<Token | null> {
    const session = await this.findLive(sessionId);
    return session === null ? null : this.sign(session);
  }

  /** Checks signature, times and that the session lives. */
  async read(token: string): Promise<TokenReading> {
    const { jwtVerify, errors } = await import('jose');
    try {
      const { payload } = await jwtVerify(token, this.secret, {
        issuer: ISSUER, audience: AUDIENCE, algorithms: ['HS256'], requiredClaims: ['exp', 'sub', 'jti'], currentDate: new Date(this.now()),
      });
      const session = await this.findLive(payload.jti ?? '');
      if (session === null || session.userId !== payload.sub) return { ok: false, reason: 'revoked' };
      return { ok: true, sessionId: session._id, userId: session.userId, expiresAt: (payload.exp ?? 0) * 1_000 };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { ok: false, reason: 'expired' };
      if (error instanceof errors.JOSEError) return { ok: false, reason: 'invalid' };
      throw error;
    }
  }

  async revoke(sessionId: string): Promise<void> {
    await this.sessions.updateOne({ _id: sessionId }, { $set: { revokedAt: new Date(this.now()) } });
  }

  /** Ends every session of a user, as a change of password does. */
  async revokeAll(userId: string): Promise<void> {
    await this.sessions.updateMany({ userId, revokedAt: null }, { $set: { revokedAt: new Date(this.now()) } });
  }

  private async findLive(sessionId: string): Promise<SessionDocument | null> {
    const session = await this.sessions.findOne({ _id: sessionId });
    return session === null || session.revokedAt !== null || session.expiresAt.getTime() <= this.now() ? null : session;
  }

  private async sign(session: SessionDocument): Promise<Token> {
    const { SignJWT } = await import('jose');
    const seconds = Math.floor(Math.min(this.now() + this.limits.tokenMs, session.expiresAt.getTime()) / 1_000);
    const token = await new SignJWT().setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).setIssuer(ISSUER).setAudience(AUDIENCE).setSubject(session.userId)
      .setJti(session._id).setIssuedAt(Math.floor(this.now() / 1_000)).setExpirationTime(seconds).sign(this.secret);
    return { token, expiresAt: seconds * 1_000 };
  }
}

/** Who a token says made it, unchecked: only to choose how to check it. Null for what is no token. */
export async function claimedIssuer(token: string): Promise<'ours' | 'another' | null> {
  const { decodeJwt, errors } = await import('jose');
  try {
    return decodeJwt(token).iss === ISSUER ? 'ours' : 'another';
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
