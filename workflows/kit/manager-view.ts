import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { findStep, type CaseDefinition } from '../../domain/case-definition';
import type { CaseView } from '../../domain/case-file';
import { readable } from '../../temporal/readable';

/** Search attributes of a case; worker/search-attributes.ts registers the same names and types. */
export const searchAttributes = {
  caseType: defineSearchAttributeKey('CaseType', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('Stage', SearchAttributeType.KEYWORD),
  organ: defineSearchAttributeKey('Organ', SearchAttributeType.KEYWORD),
  dueDate: defineSearchAttributeKey('DueDate', SearchAttributeType.DATETIME),
  overdue: defineSearchAttributeKey('Overdue', SearchAttributeType.BOOL),
  escalationLevel: defineSearchAttributeKey('EscalationLevel', SearchAttributeType.INT),
} as const;

/** The state of a case in words, for the Temporal UI. No personal data: organs, steps and dates only. */
export function describeForManagers(definition: CaseDefinition, view: CaseView): string {
  const stage = definition.stages[view.stage];
  const lines = [`**${definition.title.zh} ${definition.title.en} · ${view.caseNumber}**`, ''];
  if (view.status === 'closed') lines.push(`已办结 closed: ${definition.outcomes[view.outcome ?? '']?.zh ?? ''} (${view.outcome ?? ''})`);
  else lines.push(`阶段 stage: ${stage?.zh ?? ''} ${stage?.en ?? view.stage}`);
  for (const step of view.openSteps) {
    const title = findStep(definition, step.step)?.title;
    const due = step.due === null ? '' : ` · 期限 due ${step.due}${step.provisional ? ' (暂定 provisional)' : ''}${step.overdue ? ' · **逾期 overdue**' : ''}`;
    lines.push(`- ${title?.zh ?? ''} ${title?.en ?? step.step} · ${step.assignee.organ} (${step.assignee.roles.join(', ')})${due}`);
  }
  for (const waiting of view.waiting) lines.push(`- 等待系统恢复 waiting for the ${waiting.system} system since ${new Date(waiting.since).toISOString()}`);
  if (view.escalationLevel > 0) lines.push('', `督办级别 escalation level: ${view.escalationLevel}`);
  for (const link of view.links) lines.push(`- ${link.relation}: ${link.caseNumber}`);
  return lines.join('\n');
}

/** Keeps Temporal's lists and details in step with the case; writes only what changed, since each write is an event in history. */
export class ManagerView {
  private readonly shown = new Map<string, string>();

  constructor(private readonly definition: CaseDefinition) {}

  show(view: CaseView): void {
    const keys = searchAttributes;
    const wanted: SearchAttributeUpdatePair[] = [
      { key: keys.caseType, value: view.type },
      { key: keys.stage, value: view.status === 'closed' ? 'closed' : view.stage },
      { key: keys.organ, value: view.leadOrgan },
      { key: keys.dueDate, value: view.dueAt === null ? null : new Date(view.dueAt) },
      { key: keys.overdue, value: view.overdue },
      { key: keys.escalationLevel, value: view.escalationLevel },
    ];
    const changed = wanted.filter((pair) => (this.shown.get(pair.key.name) ?? 'null') !== JSON.stringify(pair.value));
    for (const pair of changed) this.shown.set(pair.key.name, JSON.stringify(pair.value));
    if (changed.length > 0) upsertSearchAttributes(changed);
    setCurrentDetails(readable(describeForManagers(this.definition, view)));
  }
}
