import type { z } from 'zod';
import { checkFields, ActionFields, findStep, stepNameOf, type ActionName, type Actor, type CaseDefinition, type StepDefinition } from '../../domain/case-definition';
import type { CaseView, OpenStep } from '../../domain/case-file';
import { halfCharacterIn, type Json } from '../../domain/json';
import type { ActionMessage, AnswerMessage } from '../../domain/messages';
import { CaseFile } from './case-file';

/** What may happen now: the answer to give with every refusal. */
export function allowedNow(view: CaseView): Json {
  return {
    status: view.status,
    steps: view.openSteps.map((step) => ({ step: step.id, answers: [...step.answers], roles: [...step.assignee.roles], organ: step.assignee.organ })),
    actions: [...view.actions],
  };
}

/** When a message is checked: at the door, or by its handler once the door has let it in. */
export type Checked = 'at-the-door' | 'let-in';

/** Refuses an answer that is not allowed now. Gives the open step and the parsed fields. */
export function checkAnswer(definition: CaseDefinition, view: CaseView, message: AnswerMessage, when: Checked): { step: OpenStep; fields: Json } {
  refuseClosed(view);
  refuseStale(view, message.expected);
  const stepDefinition = findStep(definition, stepNameOf(message.step));
  if (stepDefinition === undefined) throw CaseFile.refuse('unknown-step', `${view.type} has no step "${message.step}"`, { allowed: allowedNow(view) });
  const step = view.openSteps.find((each) => each.id === message.step);
  if (step === undefined) throw CaseFile.refuse('step-not-open', `step "${message.step}" is not open`, { allowed: allowedNow(view) });
  refuseRecused(view, message.by);
  refuseStranger(step, message.by);
  return { step, fields: checkAnswerFields(stepDefinition, step, message, when) };
}

function checkAnswerFields(definition: StepDefinition, step: OpenStep, message: AnswerMessage, when: Checked): Json {
  const answer = Object.hasOwn(definition.answers, message.answer) ? definition.answers[message.answer] : undefined;
  if (answer === undefined) throw CaseFile.refuse('answer-not-allowed', `"${message.answer}" is no answer to "${step.id}"`, { allowed: [...step.answers] });
  return fieldsOf(answer.fields, message.fields, when, 'the fields of the answer are not as they must be');
}

/**
 * The parsed fields. What has been let in is taken as it is when the schema knows it no longer: it was let in under the schema of its day, and a
 * definition that has become stricter since neither refuses an answer on file nor breaks the replay of the case that has it.
 */
function fieldsOf(schema: z.ZodType, given: Json, when: Checked, sentence: string): Json {
  // It could not be put on record, and the case would wait for ever for its recording.
  const half = when === 'at-the-door' ? halfCharacterIn(given) : undefined;
  if (half !== undefined) throw CaseFile.refuse('invalid-fields', sentence, { issues: [{ path: half, message: 'has half a character' }] });
  const fields = checkFields(schema, given);
  if (fields.ok) return fields.value as Json;
  if (when === 'let-in') return given;
  throw CaseFile.refuse('invalid-fields', sentence, { issues: fields.issues.map((issue) => ({ ...issue })) });
}

/** Refuses an action that is not allowed now. Gives the parsed fields. */
export function checkAction(definition: CaseDefinition, view: CaseView, message: ActionMessage, when: Checked): Json {
  refuseClosed(view);
  refuseStale(view, message.expected);
  const rule = definition.actions[message.action];
  const refusedBy = view.openSteps.find((step) => findStep(definition, step.step)?.refuses?.includes(message.action));
  if (rule === undefined || refusedBy !== undefined) {
    throw CaseFile.refuse('action-not-allowed', `"${message.action}" is not allowed ${refusedBy === undefined ? 'on this case' : `while "${refusedBy.id}" is open`}`, { allowed: allowedNow(view) });
  }
  refuseBetweenSteps(definition, view, message.action);
  refuseRecused(view, message.by);
  if (message.by.kind === 'user' && !message.by.roles.some((role) => rule.roles.includes(role))) {
    throw CaseFile.refuse('not-yours', `"${message.action}" is for ${rule.roles.join(', ')}`, { allowed: allowedNow(view) });
  }
  return fieldsOf(ActionFields[message.action satisfies ActionName], message.fields, when, 'the fields of the action are not as they must be');
}

function refuseClosed(view: CaseView): void {
  if (view.status === 'closed') throw CaseFile.refuse('case-closed', `${view.caseNumber} is closed`, { allowed: allowedNow(view) });
}

/** Who acts on what they have seen is refused when the case has moved on since: two officers with the same page before them are one decision. */
function refuseStale(view: CaseView, expected: readonly number[] | undefined): void {
  if (expected === undefined || expected.includes(view.revision)) return;
  throw CaseFile.refuse('stale-revision', `the case is at revision ${view.revision} by now: read it again`, { allowed: { revision: view.revision } });
}

/** What the law lets follow from a decision (filing, criticism, referral) is finished before a case can be turned aside; a follower has no step and may always leave. */
function refuseBetweenSteps(definition: CaseDefinition, view: CaseView, action: ActionName): void {
  if (action !== 'withdraw' && action !== 'merge') return;
  if (view.links.some((link) => link.relation === 'leading') || view.openSteps.some((step) => Object.hasOwn(definition.steps, step.step))) return;
  throw CaseFile.refuse('action-not-allowed', `"${action}" is not allowed while the case carries out what was decided`, { allowed: allowedNow(view) });
}

/** 回避: an officer named in a case never handles it (公务员法 76), neither in person nor by a deputy, whose acts count as the officer's (AB角). */
function refuseRecused(view: CaseView, by: Actor): void {
  const acting = [by.staffId, by.onBehalfOfStaffId].filter((staffId) => staffId !== undefined);
  if (view.persons.some((person) => person.staffId !== undefined && acting.includes(person.staffId))) {
    throw CaseFile.refuse('recusal', 'an officer named in a case does not handle it');
  }
}

/** A step is answered by its assignee: one of its roles in its organ, or the one user it was given to. */
function refuseStranger(step: OpenStep, by: Actor): void {
  if (by.kind === 'system') return;
  const { assignee } = step;
  const mine = assignee.user === undefined
    ? by.organ === assignee.organ && by.roles.some((role) => assignee.roles.includes(role))
    : by.id === assignee.user || by.onBehalfOf === assignee.user;
  if (!mine) throw CaseFile.refuse('not-yours', `step "${step.id}" belongs to ${assignee.user ?? `${assignee.roles.join('/')} of ${assignee.organ}`}`);
}
