import { text, type Text } from '../domain/text';
import type { CaseEvent } from '../domain/case-file';
import type { Json } from '../domain/json';
import { bodyHash, eventHash, genesis } from './chain';

/** An event as it is shown to a verifier: the confidential part only where it may be seen. */
export interface ShownEvent {
  readonly event: Omit<CaseEvent, 'detail' | 'salt'>;
  readonly body: string;
  readonly previous: string;
  readonly hash: string;
  readonly shown?: { readonly salt: string; readonly detail: Json };
}

/** The first place that does not hold. */
export interface Fault {
  readonly place: string;
  readonly what: Text;
}

/** A chain that holds gives its head; one that does not, the first place. */
export type ChainVerdict =
  | { readonly holds: true; readonly head: { readonly seq: number; readonly hash: string } }
  | { readonly holds: false; readonly fault: Fault };

const fault = (place: string, zh: string, en: string): ChainVerdict => ({ holds: false, fault: { place, what: text(zh, en) } });

/**
 * Checks the chain of one case from its first event: numbers without a gap, each hash of its own content and of the one before, and, where the
 * confidential part is shown, that it is the one that was hashed. Pure; says the first place that does not hold.
 */
export function verifyChain(caseNumber: string, events: readonly ShownEvent[]): ChainVerdict {
  let previous = genesis(caseNumber);
  let seq = 0;
  for (const shown of events) {
    seq += 1;
    const { event } = shown;
    const place = `event ${event.seq}`;
    if (event.seq !== seq) return fault(`event ${seq}`, `第 ${seq} 条缺失(其后为第 ${event.seq} 条)`, `event ${seq} is missing or out of order (${event.seq} stands in its place)`);
    if (event.caseNumber !== caseNumber) return fault(place, `属于另一案件 ${event.caseNumber}`, `belongs to another case, ${event.caseNumber}`);
    if (shown.previous !== previous) return fault(place, '与前一条的摘要不相接', 'does not refer to the event before it');
    if (shown.shown !== undefined && bodyHash(shown.shown.salt, shown.shown.detail) !== shown.body) {
      return fault(`${place}, confidential part`, '保密部分被改动', 'the confidential part is not the one that was recorded');
    }
    if (eventHash(event, shown.body, shown.previous) !== shown.hash) return fault(place, '内容与其摘要不符', 'the content does not fit its hash');
    previous = shown.hash;
  }
  return seq === 0 ? fault('event 1', '没有任何记录', 'there are no events') : { holds: true, head: { seq, hash: previous } };
}
