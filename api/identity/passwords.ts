import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
const HASH_BYTES = 32;

/** Cost of one hash: 2^`ln` × `r` × 128 bytes of memory, `p` times over. */
export interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP Password Storage: N=2^15, r=8, p=3, some 32 MiB and a quarter of a second on a small machine. */
export const accountCost: ScryptCost = { ln: 15, r: 8, p: 3 };

/** A password → `scrypt$ln$r$p$salt$hash`, salt and hash in base64url. */
export async function hashPassword(password: string, cost: ScryptCost = accountCost): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost);
  return ['scrypt', cost.ln, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Whether a password is the one that was hashed; false too for a text that is no hash of ours. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parts = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(stored);
  if (parts === null) return false;
  const [, ln, r, p, salt = '', hash = ''] = parts;
  const expected = Buffer.from(hash, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'), { ln: Number(ln), r: Number(r), p: Number(p) });
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function derive(password: string, salt: Buffer, { ln, r, p }: ScryptCost): Promise<Buffer> {
  const N = 2 ** ln;
  // The same password typed on another keyboard may be composed otherwise; NFKC makes it one.
  return run(password.normalize('NFKC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r });
}

/** Known to everybody: no account but those of the demonstration has it. */
export const demoPassword = 'wenze-demo';

/** Whether two texts are one password, however they are composed: what is hashed is their NFKC form. */
export const samePassword = (a: string, b: string): boolean => a.normalize('NFKC') === b.normalize('NFKC');

/** How many characters a password has, as typed and as hashed: one sign may stand for eighteen. */
export const passwordLength = { least: 12, most: 128 } as const;

/** Whether a new password will do: 12 to 128 characters, not the account's id in disguise, not the demonstration's, not one character over and over. */
export function isAcceptable(password: string, userId: string): boolean {
  const lower = password.normalize('NFKC').toLowerCase();
  const lengths = [[...password].length, [...lower].length];
  return Math.min(...lengths) >= passwordLength.least && Math.max(...lengths) <= passwordLength.most && new Set(lower).size >= 5 && !lower.includes(demoPassword) && lower.replaceAll(userId.toLowerCase(), '').length >= 8;
}
