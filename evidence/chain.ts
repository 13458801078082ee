import { canonicalJson } from '../crypto/canonical-json';
import { sha256 } from '../crypto/hash';
import type { CaseEvent } from '../domain/case-file';
import type { Json } from '../domain/json';

/** An event with its place in the chain. */
export interface ChainedEvent {
  readonly event: CaseEvent;
  /** SHA-256 of the confidential part (salt and detail): the chain can be checked by someone who is not shown it. */
  readonly body: string;
  readonly previous: string;
  readonly hash: string;
}

/** What the first event of a case refers to. */
export const genesis = (caseNumber: string): string => sha256(`wenze/case/${caseNumber}`);

/** Hash of the confidential part of an event. */
export const bodyHash = (salt: string, detail: Json | undefined): string => sha256(canonicalJson({ salt, detail: detail ?? null }));

/** Hash of an event: its open part, the hash of its confidential part, and the hash before it. */
export function eventHash(event: Omit<CaseEvent, 'detail' | 'salt'>, body: string, previous: string): string {
  return sha256(canonicalJson({
    v: 1, previous, caseNumber: event.caseNumber, seq: event.seq, at: event.at, kind: event.kind, by: event.by,
    step: event.step, clock: event.clock, facts: event.facts, body,
  }));
}

/** Chains events onto `head` ('' for the first event of the case), in order. */
export function chain(head: string, events: readonly CaseEvent[]): ChainedEvent[] {
  let previous = head;
  return events.map((event) => {
    if (previous === '') previous = genesis(event.caseNumber);
    const body = bodyHash(event.salt, event.detail);
    const hash = eventHash(event, body, previous);
    const chained = { event, body, previous, hash };
    previous = hash;
    return chained;
  });
}
