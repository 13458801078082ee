import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Keys by id, 32 bytes each in base64, and which of them seals; what WENZE_KEYRING holds. */
export interface KeyringData {
  readonly current: string;
  readonly keys: Readonly<Record<string, string>>;
}

/** Why something sealed cannot be opened: not ours, sealed under a key that is not in the ring, or changed since (or another purpose). */
export type OpenFailure = 'not-sealed' | 'unknown-key' | 'tampered';

/** Thrown by {@link Keyring.open}. Carries the key id for the engineer, never any of the content. */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen';
  constructor(readonly code: OpenFailure, readonly keyId?: string) {
    super({
      'not-sealed': 'these bytes were not sealed by a keyring',
      'unknown-key': `sealed under the key "${keyId ?? ''}", which is not in the keyring`,
      tampered: 'the sealed bytes were changed, or sealed for another purpose',
    }[code]);
  }
}

/** Thrown when a ring cannot be built; names the key id, never its value. */
export class BadKeyring extends Error {
  override readonly name = 'BadKeyring';
}

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** 96 bits of the HMAC: long enough that two terms of one city never meet, short enough for an index. */
const BLIND_BYTES = 12;
const blindForm = /^(.+):[\w-]{16}$/s;

interface Key {
  readonly id: string;
  /** format, length of the id, id: the clear head of everything sealed under this key. */
  readonly head: Buffer;
  readonly cipher: Buffer;
  readonly blind: Buffer;
}

/**
 * Seals with AES-256-GCM under the current key, opens under any key of the ring, so keys are rotated by adding one and naming it current;
 * an old one leaves the ring when nothing sealed under it is left.
 *
 * Layout: `01 | length of key id | key id | IV (12) | ciphertext | tag (16)`. The head and the caller's purpose `aad` are authenticated.
 * IVs are random: one key seals at most 2^32 messages (NIST SP 800-38D 8.3), so a busy city rotates yearly.
 */
export class Keyring {
  private readonly keys: ReadonlyMap<string, Key>;
  private readonly current: Key;

  /** @throws BadKeyring */
  constructor(data: KeyringData) {
    this.keys = new Map(Object.entries(data.keys).map(([id, secret]) => [id, derive(id, secret)]));
    const current = this.keys.get(data.current);
    if (!current) throw new BadKeyring(`the current key "${data.current}" is not among the keys`);
    this.current = current;
  }

  /** Id of the key that seals now. */
  get currentKeyId(): string {
    return this.current.id;
  }

  /** Ids of every key of the ring. */
  get keyIds(): readonly string[] {
    return [...this.keys.keys()];
  }

  /** Bytes → sealed bytes. `aad` names the purpose (`mongo:cases`, `temporal`); the same must be given to open. */
  seal(plain: Uint8Array, aad: string): Uint8Array {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.current.cipher, iv);
    cipher.setAAD(Buffer.concat([this.current.head, Buffer.from(aad, 'utf8')]));
    return Buffer.concat([this.current.head, iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** The inverse of {@link seal}. @throws CannotOpen */
  open(sealed: Uint8Array, aad: string): Uint8Array {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const headBytes = 2 + (bytes[1] ?? 0);
    if (bytes[0] !== FORMAT || bytes.length < headBytes + IV_BYTES + TAG_BYTES) throw new CannotOpen('not-sealed');
    const keyId = bytes.toString('utf8', 2, headBytes);
    const key = this.keys.get(keyId);
    if (!key) throw new CannotOpen('unknown-key', keyId);
    const ivEnd = headBytes + IV_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key.cipher, bytes.subarray(headBytes, ivEnd), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.concat([key.head, Buffer.from(aad, 'utf8')]));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = decipher.update(bytes.subarray(ivEnd, -TAG_BYTES));
    try {
      return Buffer.concat([plain, decipher.final()]);
    } catch {
      // final() fails for one reason only, that the tag does not fit; Node's own message says less.
      throw new CannotOpen('tampered', keyId);
    }
  }

  /** A text sealed for a document field, base64. */
  sealText(plain: string, aad: string): string {
    return Buffer.from(this.seal(Buffer.from(plain, 'utf8'), aad)).toString('base64');
  }

  /** The inverse of {@link sealText}. @throws CannotOpen */
  openText(sealed: string, aad: string): string {
    return Buffer.from(this.open(Buffer.from(sealed, 'base64'), aad)).toString('utf8');
  }

  /** A value that JSON can hold, sealed for a document field, base64. */
  sealJson(value: unknown, aad: string): string {
    return this.sealText(JSON.stringify(value), aad);
  }

  /** The inverse of {@link sealJson}; the caller checks the shape. @throws CannotOpen */
  openJson(sealed: string, aad: string): unknown {
    return JSON.parse(this.openText(sealed, aad));
  }

  /** Id of the key something was sealed under, for finding what must be sealed anew before a key leaves the ring. @throws CannotOpen when it is not sealed */
  keyIdOf(sealed: Uint8Array): string {
    const id = sealedKeyId(sealed);
    if (id === null) throw new CannotOpen('not-sealed');
    return id;
  }

  /** Whether a sealed text lies under the current key. @throws CannotOpen when it is not sealed */
  isCurrent(sealed: string): boolean {
    return this.keyIdOf(Buffer.from(sealed, 'base64')) === this.currentKeyId;
  }

  /** Whether a blind index was made under the current key. */
  isCurrentBlind(index: string): boolean {
    return blindKeyId(index) === this.currentKeyId;
  }

  /** The blind index of a term under the current key, `keyId:…`: equal terms give equal texts, and nobody without the key can guess one. */
  blind(term: string): string {
    return blindUnder(this.current, term);
  }

  /** The same under every key of the ring, for searching what was indexed before a rotation. */
  blindUnderAll(term: string): string[] {
    return [...this.keys.values()].map((key) => blindUnder(key, term));
  }
}

/** Id of the key that bytes were sealed under, or null when they were not sealed by a keyring. Needs no key. */
export function sealedKeyId(bytes: Uint8Array): string | null {
  const length = bytes[1] ?? 0;
  if (bytes[0] !== FORMAT || length === 0 || bytes.length < 2 + length + IV_BYTES + TAG_BYTES) return null;
  return Buffer.from(bytes.subarray(2, 2 + length)).toString('utf8');
}

/** Id of the key that a blind index was made under, or null when the text has not the form of one. Needs no key. */
export function blindKeyId(text: string): string | null {
  return blindForm.exec(text)?.[1] ?? null;
}

function derive(id: string, secret: string): Key {
  const idBytes = Buffer.from(id, 'utf8');
  if (idBytes.length === 0 || idBytes.length > 255) throw new BadKeyring('a key id has 1 to 255 bytes');
  const master = Buffer.from(secret, 'base64');
  if (master.length !== 32) throw new BadKeyring(`the key "${id}" is not 32 bytes in base64`);
  // One secret, two uses: each gets a key of its own, so that knowing an index key opens nothing.
  const sub = (use: string): Buffer => Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `wenze/${use}`, 32));
  return { id, head: Buffer.concat([Buffer.from([FORMAT, idBytes.length]), idBytes]), cipher: sub('seal'), blind: sub('blind') };
}

function blindUnder(key: Key, term: string): string {
  const digest = createHmac('sha256', key.blind).update(term, 'utf8').digest().subarray(0, BLIND_BYTES);
  return `${key.id}:${digest.toString('base64url')}`;
}
