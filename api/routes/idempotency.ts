import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../../crypto/canonical-json';
import { sha256 } from '../../crypto/hash';
import type { Caller } from '../access-port';
import type { Service } from '../parts';
import { ApiProblem, problem } from '../problems';

/** A request that is one however often it is sent. */
export interface OneRequest {
  /** The key under which it is known to the store and to Temporal. */
  readonly key: string;
  readonly bodyHash: string;
  /** Sent before, with the same body. */
  readonly repeated: boolean;
}

/**
 * Makes one request of a caller, an address and an Idempotency-Key; without a key every request is its own.
 * @throws ApiProblem idempotency-key-reused when the key came with another body before
 */
export async function oneRequest(service: Service, caller: Caller, address: string, idempotencyKey: string | undefined, body: unknown): Promise<OneRequest> {
  const bodyHash = sha256(canonicalJson(body));
  if (idempotencyKey === undefined) return { key: `once-${randomUUID()}`, bodyHash, repeated: false };
  const key = sha256(canonicalJson([caller.id, address, idempotencyKey]));
  const claim = await service.queries.requests.claim(key, bodyHash, service.now());
  if (claim === 'other') throw keyReused();
  return { key, bodyHash, repeated: claim === 'same' };
}

/** 422 for a key that came with another body before. */
export function keyReused(): ApiProblem {
  return problem('idempotency-key-reused', '此 Idempotency-Key 已用于内容不同的请求', 'this Idempotency-Key came with another body before; take a new key for a new request');
}

/** Runs what a request asks for; when it is refused it has changed nothing, so its key is free again. */
export async function whileClaimed<T>(service: Service, request: OneRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiProblem && error.status < 500) await service.queries.requests.release(request.key, request.bodyHash);
    throw error;
  }
}
