import { createHmac } from 'node:crypto';
import { sameSecret } from '../crypto/hash';

/** Seconds by which the clocks of sender and receiver may differ. */
const toleranceSeconds = 300;

const hmac = (secret: string, timestamp: number, body: string): string => createHmac('sha256', secret).update(`${timestamp}.${body}`, 'utf8').digest('hex');

/** The header `Wenze-Signature` of a delivery: HMAC-SHA256 over `timestamp.body`, hexadecimal. @param timestamp seconds since the epoch */
export const sign = (secret: string, timestamp: number, body: string): string => `t=${timestamp},v1=${hmac(secret, timestamp, body)}`;

/** For receivers: whether a delivery is ours and recent. `now` in seconds since the epoch. */
export function verifySignature(secret: string, header: string, body: string, now: number): boolean {
  const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header);
  if (parts === null) return false;
  const timestamp = Number(parts[1]);
  return Math.abs(now - timestamp) <= toleranceSeconds && sameSecret(parts[2] ?? '', hmac(secret, timestamp, body));
}
