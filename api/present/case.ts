import { findStep, type ActionName, type Actor } from '../../domain/case-definition';
import type { CaseEvent, CaseView, OpenStep } from '../../domain/case-file';
import type { Json } from '../../domain/json';
import { isOverdue, isStopped } from '../../domain/record';
import { text } from '../../domain/text';
import type { CaseDocument, NoticeDocument, TaskDocument } from '../../store/documents';
import { noDueAt } from '../../store/documents';
import type { AccessPort, AccessSubject, Caller } from '../access-port';
import type { CaseDto } from '../contract/case-dto';
import type { Definitions } from './definitions';
import { maskComplainants } from './masking';

/** Milliseconds since the epoch → ISO 8601 in UTC. */
export const instant = (at: number): string => new Date(at).toISOString();
const instantOrNull = (at: number | null): string | null => (at === null || at >= noDueAt ? null : instant(at));

/** What the rules look at in a case. */
export function subjectOf(view: CaseView, step?: string): AccessSubject {
  return {
    caseType: view.type, organs: view.organs, participants: view.participants,
    namedStaff: view.persons.flatMap((person) => (person.staffId === undefined ? [] : [person.staffId])),
    openSteps: view.openSteps.map((open) => ({ id: open.id, roles: open.assignee.roles, organ: open.assignee.organ, ...(open.assignee.user === undefined ? {} : { user: open.assignee.user }) })),
    ...(step === undefined ? {} : { step }),
  };
}

export function actorDto(actor: Actor) {
  return {
    kind: actor.kind, id: actor.id, roles: [...actor.roles], ...(actor.organ === undefined ? {} : { organ: actor.organ }),
    ...(actor.onBehalfOf === undefined ? {} : { onBehalfOf: actor.onBehalfOf }),
  };
}

/** The actions a caller may take on the case now: allowed on the type, not refused by an open step, and the caller's by right. */
export function actionsFor(view: CaseView, caller: Caller, definitions: Definitions, access: AccessPort): ActionName[] {
  const definition = definitions.find(view.type);
  if (definition === undefined || view.status === 'closed') return [];
  return view.actions.filter((action) => definition.actions[action] !== undefined
    && !view.openSteps.some((open) => findStep(definition, open.step)?.refuses?.includes(action))
    && access.may(caller, `action.${action}`, subjectOf(view)).allowed);
}

/** A case as the API shows it to a caller who may read it. */
export function presentCase(view: CaseView, caller: Caller, options: { readonly definitions: Definitions; readonly access: AccessPort; readonly unmask: boolean }): CaseDto {
  const { definitions, access, unmask } = options;
  const show = (value: Json): Json => (unmask ? value : maskComplainants(value));
  return {
    caseNumber: view.caseNumber, type: view.type, title: { ...definitions.title(view.type) }, revision: view.revision,
    status: view.status, stage: view.stage, stageTitle: { ...definitions.stageTitle(view.type, view.stage) },
    ...(view.outcome === undefined ? {} : { outcome: view.outcome, outcomeTitle: { ...definitions.outcomeTitle(view.type, view.outcome) } }),
    openedAt: instant(view.openedAt), ...(view.closedAt === undefined ? {} : { closedAt: instant(view.closedAt) }),
    startedBy: actorDto(view.startedBy), leadOrgan: view.leadOrgan, organs: [...view.organs],
    openSteps: view.openSteps.map((step) => presentStep(view, step, caller, definitions, access, show)),
    clocks: view.clocks.map((clock) => ({
      clock: clock.id, title: { ...(clock.rules?.title ?? text(clock.id, clock.id)) }, limit: clock.spec.limitId, organ: clock.organ,
      due: clock.reading?.due ?? null, dueAt: instantOrNull(clock.reading?.dueAt ?? null), provisional: clock.reading?.provisional ?? false,
      paused: clock.reading?.paused ?? false, stopped: isStopped(clock.spec), overdue: isOverdue(clock),
    })),
    links: view.links.map((link) => ({ ...link })),
    waiting: view.waiting.map((each) => ({ system: each.system, since: instant(each.since) })),
    escalationLevel: view.escalationLevel, overdue: view.overdue, due: view.due, dueAt: instantOrNull(view.dueAt),
    actions: actionsFor(view, caller, definitions, access), law: view.law === null ? null : { ...view.law },
    subject: view.subject, intake: show(view.intake), persons: view.persons.map((person) => ({ ...person })),
    evidence: view.evidence.map(show), findings: view.findings.map(show), ...(view.result === undefined ? {} : { result: show(view.result) }),
    masked: !unmask,
  };
}

function presentStep(view: CaseView, step: OpenStep, caller: Caller, definitions: Definitions, access: AccessPort, show: (value: Json) => Json) {
  const definition = definitions.find(view.type);
  const answers = definition === undefined ? undefined : findStep(definition, step.step)?.answers;
  return {
    step: step.id, title: { ...definitions.stepTitle(view.type, step.step) }, assignee: assigneeDto(step.assignee),
    yours: access.may(caller, 'step.answer', subjectOf(view, step.id)).allowed,
    openedAt: instant(step.openedAt), ...(step.clock === undefined ? {} : { clock: step.clock }),
    due: step.due, dueAt: instantOrNull(step.dueAt), provisional: step.provisional, overdue: step.overdue,
    answers: step.answers.map((answer) => ({ answer, title: { ...(answers?.[answer]?.title ?? text(answer, answer)) } })),
    ...(step.context === undefined ? {} : { context: show(step.context) }),
  };
}

const assigneeDto = (assignee: OpenStep['assignee']) => ({ roles: [...assignee.roles], organ: assignee.organ, ...(assignee.user === undefined ? {} : { user: assignee.user }) });

/** A row of a list of cases the caller may read. */
export function presentRow(document: CaseDocument, view: CaseView, definitions: Definitions) {
  return {
    caseNumber: document._id, type: document.type, title: { ...definitions.title(document.type) }, status: document.status,
    stage: document.stage, stageTitle: { ...definitions.stageTitle(document.type, document.stage) }, outcome: document.outcome,
    leadOrgan: document.leadOrgan, organs: [...document.organs], openedAt: instant(document.openedAt), closedAt: instantOrNull(document.closedAt),
    due: document.due, overdue: document.overdue, escalationLevel: document.escalationLevel, revision: document.revision, subject: view.subject,
  };
}

/** An entry of the case's history. */
export function presentEvent(event: CaseEvent, hash: string, unmask: boolean) {
  const show = (value: Json): Json => (unmask ? value : maskComplainants(value));
  return {
    seq: event.seq, at: instant(event.at), kind: event.kind, by: actorDto(event.by),
    ...(event.step === undefined ? {} : { step: event.step }), ...(event.clock === undefined ? {} : { clock: event.clock }),
    facts: show(event.facts), ...(event.detail === undefined ? {} : { detail: show(event.detail) }), hash,
  };
}

/** An open step in an inbox. */
export function presentTask(task: TaskDocument, definitions: Definitions) {
  return {
    caseNumber: task.caseNumber, type: task.type, title: { ...definitions.title(task.type) }, step: task.stepId,
    stepTitle: { ...definitions.stepTitle(task.type, task.step) },
    assignee: { roles: [...task.roles], organ: task.organ, ...(task.user === null ? {} : { user: task.user }) },
    openedAt: instant(task.openedAt), due: task.due, dueAt: instantOrNull(task.dueAt), provisional: task.provisional, overdue: task.overdue,
    answers: [...task.answers], revision: task.revision,
  };
}

/** A notice, its confidential text masked like everything else. */
export function presentNotice(notice: NoticeDocument, detail: Json) {
  return {
    id: notice._id, caseNumber: notice.caseNumber, type: notice.type, at: instant(notice.at), template: notice.template,
    to: { complainant: notice.complainant, roles: [...notice.roles], organ: notice.organ, user: notice.user },
    facts: maskComplainants(notice.facts), ...(detail === null ? {} : { detail: maskComplainants(detail) }),
  };
}
