import { canonicalJson } from '../crypto/canonical-json';
import type { CaseClock } from '../domain/case-file';
import { verifyClocks, type ClockEvent, type ClockReading, type Law } from '../domain/clock';
import { text } from '../domain/text';
import type { Fault, ShownEvent } from './verify-chain';

/** The fields a reading has; others that a difference may name are the clock's own. */
const recomputed = {
  limitId: 1, due: 1, dueAt: 1, dueSoonAt: 1, remaining: 1, provisional: 1, capped: 1, paused: 1, stopped: 1, inTime: 1, rungs: 1, policyVersion: 1, calendarVersion: 1,
} as const satisfies Record<keyof ClockReading, 1>;

/**
 * Computes every date of every clock again, from its events and the law at its versions, and compares it with what the case holds; and holds
 * the events of each clock against the chain, so that a changed clock shows even where the case is not sealed.
 * Gives the number of dates compared, or the first place that differs.
 */
export function verifyCaseClocks(clocks: readonly CaseClock[], events: readonly ShownEvent[], law: Law): { readonly dates: number } | { readonly fault: Fault } {
  let dates = 0;
  for (const clock of clocks) {
    const place = `clock ${clock.id}`;
    const foreign = differsFromChain(clock, events);
    if (foreign !== null) return { fault: { place: `${place}, ${foreign}`, what: text('与案件经过的记录不符', 'is not what the chain of events records') } };
    const { reading, spec } = clock;
    if (reading === null) return { fault: { place, what: text('没有读数', 'has not been read') } };
    // A field the product did not know when the case was dated is no difference.
    const [different] = verifyClocks({ clocks: [{ spec, reading }], law }).filter(({ field }) => !(field in recomputed) || field in reading);
    if (different !== undefined) {
      const [is, held] = [canonicalJson(different.computed), canonicalJson(different.recorded)];
      return { fault: { place: `${place}, ${different.field}`, what: text(`卷载 ${held},重新计算为 ${is}`, `the case holds ${held}, computed again it is ${is}`) } };
    }
    dates += 1 + reading.rungs.length;
  }
  return { dates };
}

/** The first event of a clock that the chain does not record, or records otherwise; null when they agree. */
function differsFromChain(clock: CaseClock, events: readonly ShownEvent[]): string | null {
  const own = events.map((each) => each.event).filter((event) => event.clock === clock.id && event.kind.startsWith('clock-'));
  const started = own.findLastIndex((event) => event.kind === 'clock-started');
  const first = own[started];
  if (first === undefined) return 'start';
  const since = first.facts['since'] ?? undefined;
  const start = { kind: 'start', at: first.at, trigger: first.facts['trigger'], ...(since === undefined ? {} : { on: since }) };
  const recorded = [start, ...own.slice(started + 1).map((event) => event.facts)];
  if (first.facts['limit'] !== clock.spec.limitId) return 'limit';
  if (recorded.length !== clock.spec.events.length) return `${clock.spec.events.length} events instead of ${recorded.length}`;
  const index = recorded.findIndex((event, at) => canonicalJson(event) !== canonicalJson(clock.spec.events[at] satisfies ClockEvent | undefined));
  return index === -1 ? null : `event ${index + 1} (${clock.spec.events[index]?.kind ?? ''})`;
}
