import { canonicalJson } from '../crypto/canonical-json';
import type { CaseClock } from '../domain/case-file';
import { verifyClocks, type ClockEvent, type ClockReading, type Law } from '../domain/clock';
import { text } from '../domain/text';
import type { Fault, ShownEvent } from './verify-chain';

/**
 * The fields of a reading that are computed again, and whether every reading has had them; others that a difference may name are the clock's own.
 * One that comes to be known `later` is no difference where a case dated before does not have it.
 */
const recomputed: Readonly<Record<string, 'always' | 'later'>> = {
  limitId: 'always', due: 'always', dueAt: 'always', dueSoonAt: 'always', remaining: 'always', provisional: 'always', capped: 'always', paused: 'always', stopped: 'always',
  inTime: 'always', rungs: 'always', policyVersion: 'always', calendarVersion: 'always',
} satisfies Record<keyof ClockReading, 'always' | 'later'>;

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
    const [different] = verifyClocks({ clocks: [{ spec, reading }], law }).filter(({ field }) => recomputed[field] !== 'later' || field in reading);
    if (different !== undefined) {
      // What is not there at all reads as nothing.
      const [is, held] = [canonicalJson(different.computed ?? null), canonicalJson(different.recorded ?? null)];
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
