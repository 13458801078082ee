import type { CaseDefinition, IntakeOf } from '../../domain/case-definition';
import type { CaseView } from '../../domain/case-file';
import type { Json } from '../../domain/json';
import type { CaseStart } from '../../domain/messages';

/** A case as it stands before its first event. */
export function openingView<D extends CaseDefinition>(definition: D, start: CaseStart<IntakeOf<D>>): CaseView {
  const summary = definition.summarise(start.intake as never, { organ: start.by.organ });
  return {
    caseNumber: start.caseNumber, type: definition.type, revision: 0, status: 'open', stage: Object.keys(definition.stages)[0] ?? '',
    openedAt: Date.now(), startedBy: start.by, leadOrgan: summary.leadOrgan, organs: [...new Set([summary.leadOrgan, ...summary.organs])],
    openSteps: [], clocks: [], waiting: [], escalationLevel: 0, overdue: false, due: null, dueAt: null, nextRungAt: null,
    links: start.origin === undefined ? [] : [{ ...start.origin, relation: 'origin' }],
    actions: Object.keys(definition.actions) as CaseView['actions'], participants: [], law: null,
    subject: summary.subject, intake: start.intake as Json, persons: summary.persons, evidence: [], findings: [],
  };
}
