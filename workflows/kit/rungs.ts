import { patched } from '@temporalio/workflow';
import type { Assignee, CaseClock, CaseView, LadderRung, OpenStep, OrganRelations } from '../../domain/case-file';
import type { CivilDate } from '../../domain/civil-date';
import type { Json } from '../../domain/json';
import { headOf } from '../../domain/cases/responsible';
import { isStopped, withDueDates } from '../../domain/record';
import { timer, type Ledger } from './ledger';

/** What a rung does to a case. */
export interface Climbed {
  readonly view: CaseView;
  readonly ledger: Ledger;
  awaitsReading(clockId: string): boolean;
  patchClock(id: string, patch: Partial<CaseClock>): void;
  lapseStep(step: OpenStep, legalDate: CivilDate): void;
  sendNotice(to: Assignee, template: string, facts: { readonly [key: string]: Json }): void;
  publishCriticism(organ: string, grounds: string, key: string): void;
  background(work: () => Promise<unknown>): void;
  organs(...ids: string[]): Promise<Readonly<Record<string, OrganRelations>>>;
  startCase(type: string, key: string, intake: Json): Promise<string>;
}

/** Rungs weigh this much on the case's escalation level. */
const levels: Readonly<Record<LadderRung['effect'], number>> = { notice: 0, lapse: 0, overdue: 1, criticism: 2, referral: 3 };

type RungDue = NonNullable<CaseClock['reading']>['rungs'][number];

/** What a rung is called in the Temporal UI: which limit, which rung. */
export function rungTitle(clock: CaseClock, key: string): string {
  const rung = clock.rules?.ladder.find((each) => each.key === key);
  return `${clock.rules?.title.zh ?? clock.id}: ${rung?.title.zh ?? key} ${rung?.title.en ?? ''}`.trim();
}

/**
 * Lets every rung of a clock act whose legal moment has come by `until`. A clock that was suspended, resumed or extended a moment ago acts
 * once its dates are read anew: while the store is away a rung may come that the act before it has moved.
 */
export function fireRungs(file: Climbed, clockId: string, until: number): void {
  for (;;) {
    const clock = file.view.clocks.find((each) => each.id === clockId);
    const due = clock !== undefined && !isStopped(clock.spec) && clock.reading?.paused !== true
      ? clock.reading?.rungs.find((rung) => rung.at <= until && !clock.fired.includes(rung.key)) : undefined;
    if (clock === undefined || due === undefined) return;
    if (file.awaitsReading(clockId) && patched('2026-11-22-rung-awaits-reading')) return;
    fire(file, clock, due);
  }
}

/** Whether the moment has come at which a limit answers for the silent, heard of or not: from then on an answer comes too late. */
export function hasLapsed(file: Pick<Climbed, 'view' | 'awaitsReading'>, step: OpenStep, now: number): boolean {
  const clock = file.view.clocks.find((each) => each.id === step.clock);
  if (clock === undefined || isStopped(clock.spec) || file.awaitsReading(clock.id) || clock.reading?.paused !== false) return false;
  const lapses = clock.rules?.ladder.filter((rung) => rung.effect === 'lapse').map((rung) => rung.key) ?? [];
  return clock.reading.rungs.some((rung) => lapses.includes(rung.key) && rung.at <= now);
}

function fire(file: Climbed, clock: CaseClock, due: RungDue): void {
  const rung = clock.rules?.ladder.find((each) => each.key === due.key);
  if (rung === undefined) throw new Error(`clock ${clock.id} has no rung ${due.key}`);
  file.patchClock(clock.id, { fired: [...clock.fired, due.key] });
  const level = Math.max(file.view.escalationLevel, levels[rung.effect]);
  // A clock that was started anew climbs its ladder anew: the number of the event tells one climb from the other.
  const acted = file.ledger.enter('rung', {
    by: timer, clock: clock.id,
    facts: { rung: rung.key, effect: rung.effect, organ: clock.organ, legalDate: due.date, legalAt: due.at, actedAt: Date.now(), level },
  }, { escalationLevel: level });
  file.ledger.view = withDueDates(file.view);
  const steps = file.view.openSteps.filter((step) => step.clock === clock.id);
  for (const to of addressees(file, rung, clock, steps)) file.sendNotice(to, `rung.${rung.effect}`, { clock: clock.id, rung: rung.key, legalDate: due.date, title: { ...rung.title } });
  if (rung.effect === 'lapse') for (const step of steps) file.lapseStep(step, due.date);
  if (rung.effect === 'criticism') file.publishCriticism(clock.organ, `${rungTitle(clock, rung.key)} (${due.date})`, `rung:${clock.id}:${rung.key}:${acted}`);
  if (rung.effect === 'referral') file.background(() => referHead(file, clock, due.date, rung, acted));
}

function addressees(file: Climbed, rung: LadderRung, clock: CaseClock, steps: readonly OpenStep[]): readonly Assignee[] {
  return rung.notify.flatMap((whom): readonly Assignee[] => {
    switch (whom) {
      case 'assignee': return steps.length > 0 ? steps.map((step) => step.assignee) : [{ roles: ['department', 'handler'], organ: clock.organ }];
      case 'leader': return [{ roles: ['leader'], organ: clock.organ }];
      case 'handler': return [{ roles: ['handler', 'supervisor'], organ: file.view.leadOrgan }];
      case 'superior': return [{ roles: ['leader', 'approver'], organ: `superior-of:${clock.organ}` }];
      case 'supervisor': return [{ roles: ['supervisor'], organ: `supervisory-of:${clock.organ}` }];
    }
  });
}

/** The last rung: the head of the organ that stayed silent is referred to the supervisory organ. */
async function referHead(file: Climbed, clock: CaseClock, legalDate: string, rung: LadderRung, acted: number): Promise<void> {
  const organ = (await file.organs(clock.organ))[clock.organ];
  await file.startCase('referral', `rung:${clock.id}:${rung.key}:${acted}`, {
    source: 'ladder',
    referringOrgan: file.view.leadOrgan,
    subject: `${organ?.title.zh ?? clock.organ}逾期未履行:${clock.rules?.title.zh ?? clock.id} (${file.view.caseNumber})`,
    facts: `${rungTitle(clock, rung.key)}; ${legalDate}; ${file.view.caseNumber}`,
    ownMeasures: '已催办、督办并通报批评 reminded, escalated to the supervisor and criticised',
    evidence: [{ title: `${file.view.caseNumber} 案卷 case file` }],
    persons: [headOf(clock.organ, organ)],
  });
}
