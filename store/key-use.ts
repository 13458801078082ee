import type { Collection, Db } from 'mongodb';

/** When a key has sealed, as far as the processes have said; milliseconds since the epoch. */
export interface KeyUse {
  readonly keyId: string;
  readonly firstUsed: number;
  readonly lastUsed: number;
}

interface KeyUseDocument {
  readonly _id: string;
  readonly firstUsed: number;
  readonly lastUsed: number;
}

/** How often a process says which key it seals under, milliseconds. */
export const KEY_USE_EVERY_MS = 60_000;
/** A process killed outright may have sealed for as long after its last word. */
export const KEY_USE_MARGIN_MS = 2 * KEY_USE_EVERY_MS;

/**
 * Which key sealed when. Temporal keeps what was sealed for as long as it keeps a history, and nobody can seal that anew; so an old key is needed until every
 * history that was begun while it sealed is gone, and this says until when it did.
 */
export class KeyUses {
  private readonly uses: Collection<KeyUseDocument>;

  constructor(db: Db) {
    this.uses = db.collection('keyUses');
  }

  /** Says that a key seals at `now`. */
  async note(keyId: string, now: number): Promise<void> {
    await this.uses.updateOne({ _id: keyId }, { $max: { lastUsed: now }, $setOnInsert: { firstUsed: now } }, { upsert: true });
  }

  async findAll(): Promise<KeyUse[]> {
    return (await this.uses.find().toArray()).map(({ _id, ...use }) => ({ keyId: _id, ...use }));
  }
}

/**
 * The last instant (milliseconds) at which a key may have sealed. One that nobody has spoken of was in use before anybody did; when nobody has spoken at all, until now.
 */
export function sealedUntil(keyId: string, uses: readonly KeyUse[], now: number): number {
  const own = uses.find((use) => use.keyId === keyId);
  const until = own?.lastUsed ?? Math.min(now, ...uses.map((use) => use.firstUsed));
  return Math.min(now, until + KEY_USE_MARGIN_MS);
}

/** Says which key seals, now and every minute, and once more at the end. Gives the way to stop. */
export async function noteKeyRegularly(db: Db, keyId: string, failed: (error: unknown) => void): Promise<() => Promise<void>> {
  const uses = new KeyUses(db);
  await uses.note(keyId, Date.now());
  const timer = setInterval(() => { uses.note(keyId, Date.now()).catch(failed); }, KEY_USE_EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await uses.note(keyId, Date.now()).catch(failed);
  };
}
