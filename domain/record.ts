import type { CaseClock, CaseEvent, CaseView, ClockRules, LawPin, OpenStep } from './case-file';
import type { ClockReading, ClockSpec } from './clock';

/** One activation's worth of a case: what happened, what it looks like now, which clocks to read. */
export interface RecordBatch {
  readonly view: CaseView;
  readonly events: readonly CaseEvent[];
  /** Ids of the clocks that changed and must be read anew. */
  readonly read: readonly string[];
  /** Hash of the last event on record; '' before the first. */
  readonly head: string;
  /** Position of the writer in the workflow's history: a later writer wins over what an unconfirmed earlier attempt left. */
  readonly fence: { readonly run: number; readonly historyLength: number };
}

/** What recording gives back, and what therefore stands in history: the head of the evidence chain and the dates of the law. */
export interface RecordResult {
  readonly head: { readonly seq: number; readonly hash: string };
  readonly law: LawPin;
  readonly clocks: Readonly<Record<string, {
    readonly reading: ClockReading;
    readonly rules: ClockRules;
    readonly events: number;
    /** Under which the clock began, with its first reading. */
    readonly versions?: Pick<LawPin, 'policyVersion' | 'calendarVersion'>;
  }>>;
}

/**
 * The view with the readings of its clocks filled in: due dates of steps, earliest due date, next rung.
 * A reading made for an older state of a clock (fewer events) is left aside; the next recording reads it again.
 */
export function applyRecord(view: CaseView, result: Pick<RecordResult, 'law' | 'clocks'>): CaseView {
  const clocks = view.clocks.map((clock): CaseClock => {
    const spec = clock.spec.policyVersion === '' ? { ...clock.spec, ...result.law } : clock.spec;
    const read = result.clocks[clock.id];
    return read !== undefined && read.events === clock.spec.events.length
      ? { ...clock, spec: { ...spec, ...read.versions }, reading: read.reading, rules: read.rules, fired: stillFired(clock, read.reading) }
      : { ...clock, spec };
  });
  return withDueDates({ ...view, law: view.law ?? result.law, clocks });
}

/**
 * Rungs that have acted and still lie behind. What moves the due date (an extension granted late, the end of a pause, a hearing) moves the
 * ladder with it: a rung that lies after the clock's last event has not come, and acts when it comes.
 */
function stillFired(clock: CaseClock, reading: ClockReading): readonly string[] {
  const last = clock.spec.events.at(-1)?.at ?? 0;
  return clock.fired.filter((key) => (reading.rungs.find((rung) => rung.key === key)?.at ?? last) <= last);
}

/** Whether a clock's act is done, by its own events; true before the next reading says so. */
export function isStopped(spec: ClockSpec): boolean {
  const last = spec.events.findLast((event) => event.kind === 'start' || event.kind === 'restart' || event.kind === 'reopen' || event.kind === 'stop');
  return last?.kind === 'stop';
}

/** Derives from the clocks what is shown of them: each step's due date and the case's earliest. */
export function withDueDates(view: CaseView): CaseView {
  const byId = new Map(view.clocks.map((clock) => [clock.id, clock]));
  const openSteps = view.openSteps.map((step): OpenStep => {
    const clock = step.clock === undefined ? undefined : byId.get(step.clock);
    return {
      ...step,
      due: clock?.reading?.due ?? null,
      dueAt: clock?.reading?.dueAt ?? null,
      provisional: clock?.reading?.provisional ?? false,
      overdue: clock !== undefined && isOverdue(clock),
    };
  });
  const running = view.clocks.filter((clock) => clock.reading !== null && !isStopped(clock.spec));
  const earliest = running.map((clock) => clock.reading).filter((reading) => reading?.dueAt != null)
    .sort((a, b) => (a?.dueAt ?? 0) - (b?.dueAt ?? 0))[0];
  const nextRungs = running.map((clock) => nextRung(clock)?.at).filter((at) => at !== undefined);
  return {
    ...view,
    openSteps,
    due: earliest?.due ?? null,
    dueAt: earliest?.dueAt ?? null,
    nextRungAt: nextRungs.length === 0 ? null : Math.min(...nextRungs),
    overdue: running.some(isOverdue),
  };
}

/** Whether the ladder of a running clock has passed its due date. */
export function isOverdue(clock: CaseClock): boolean {
  if (clock.reading === null || isStopped(clock.spec)) return false;
  const severe = new Set(clock.rules?.ladder.filter((rung) => rung.effect !== 'notice').map((rung) => rung.key));
  return clock.fired.some((key) => severe.has(key));
}

/** The first rung of a clock that has not acted yet. */
export function nextRung(clock: CaseClock): { key: string; at: number; date: string } | undefined {
  if (clock.reading === null || isStopped(clock.spec) || clock.reading.paused) return undefined;
  return clock.reading.rungs.find((rung) => !clock.fired.includes(rung.key));
}
