import http from 'node:http';
import https from 'node:https';
import type { AddressGuard } from './address-guard';
import type { OutboxRow } from './feed';
import { sign } from './signature';

/** What a receiver is sent: what happened and where to read of it, no personal data. */
export function payloadOf(row: OutboxRow): string {
  return JSON.stringify({
    id: row._id, sequence: row.seq, kind: row.kind, at: new Date(row.at).toISOString(), caseNumber: row.caseNumber, caseType: row.caseType,
    ...(row.step === null ? {} : { step: row.step }), ...(row.clock === null ? {} : { clock: row.clock }), facts: row.facts,
    links: { case: `/v1/cases/${row.caseNumber}`, events: `/v1/cases/${row.caseNumber}/events` },
  });
}

/** How a delivery went: arrived (2xx), failed, or the receiver says that it is gone for good (410). */
export type Delivery = { readonly outcome: 'arrived' } | { readonly outcome: 'failed' | 'gone'; readonly fault: string };

/** Sends one event. Never throws, and ends within its time: whatever goes wrong is the outcome. Redirects are not followed, answers not read. */
export async function deliver(row: OutboxRow, to: { readonly url: string; readonly secret: string }, guard: AddressGuard, options: { readonly timeoutMs: number; readonly now: number }): Promise<Delivery> {
  try {
    const status = await post(guard.check(to.url), payloadOf(row), row, to.secret, guard, options);
    if (status >= 200 && status < 300) return { outcome: 'arrived' };
    return { outcome: status === 410 ? 'gone' : 'failed', fault: `answered ${status}` };
  } catch (error) {
    return { outcome: 'failed', fault: error instanceof Error ? (error as NodeJS.ErrnoException).code ?? error.message : String(error) };
  }
}

function post(url: URL, body: string, row: OutboxRow, secret: string, guard: AddressGuard, { timeoutMs, now }: { readonly timeoutMs: number; readonly now: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST', agent: false, lookup: guard.lookupFor(url), signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'wenze-webhook/1',
        'wenze-event-id': row._id, 'wenze-sequence': String(row.seq), 'wenze-signature': sign(secret, Math.floor(now / 1000), body),
      },
    }, (response) => {
      resolve(response.statusCode ?? 0);
      // The answer's body is nobody's business, however long.
      response.destroy();
    });
    // Another protocol is not spoken here; without a listener such an answer would be neither an answer nor an error.
    request.on('upgrade', (response, socket) => {
      resolve(response.statusCode ?? 0);
      socket.destroy();
    });
    request.on('error', reject);
    // Whatever else may end a request, it ends: who waits for it holds up a subscription.
    request.on('close', () => { reject(new Error('closed without an answer')); });
    request.end(body);
  });
}
