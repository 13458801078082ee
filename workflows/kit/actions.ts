import { getExternalWorkflowHandle, isCancellation, patched } from '@temporalio/workflow';
import { ActionFields, stepNameOf, type CaseDefinition, type Actor } from '../../domain/case-definition';
import type { CaseClock, OpenStep } from '../../domain/case-file';
import type { Json } from '../../domain/json';
import { messageNames, type ActionMessage } from '../../domain/messages';
import { isOverdue, isStopped } from '../../domain/record';
import { allowedNow, checkAction } from './refusals';
import { CaseFile } from './case-file';
import { timer } from './ledger';
import { headIsNamed, nearestImpartial } from './recusal';

/** How a procedure is turned aside. */
export type Diversion = { readonly kind: 'withdrawn' } | { readonly kind: 'merged'; readonly into: string };

/** What an action may do to the course of a case. */
export interface Turns {
  divert(to: Diversion): void;
  /** The case is about to join another, whose conclusion may come before it has. */
  beginJoining(into: string): void;
  giveUpJoining(into: string): void;
}

/** Carries out an action that has been checked. Gives the sequence number of the event that records it. */
export async function carryOut<D extends CaseDefinition>(file: CaseFile<D>, message: ActionMessage, fields: Json, turns: Turns): Promise<number> {
  const { by } = message;
  switch (message.action) {
    case 'note': return file.ledger.enter('note', { by, detail: fields });
    case 'evidence': return file.ledger.enter('evidence', { by, detail: fields }, { evidence: [...file.view.evidence, fields] });
    case 'suspend': return suspend(file, ActionFields.suspend.parse(fields), by);
    case 'resume': return resume(file, ActionFields.resume.parse(fields), by);
    case 'extend': return requestExtension(file, ActionFields.extend.parse(fields), by);
    case 'reassign': return reassign(file, ActionFields.reassign.parse(fields), by);
    case 'withdraw': {
      const seq = file.ledger.enter('withdrawn', { by, detail: fields });
      turns.divert({ kind: 'withdrawn' });
      return seq;
    }
    case 'merge': return merge(file, ActionFields.merge.parse(fields), message, turns);
  }
}

const isRunning = (clock: CaseClock): boolean => !isStopped(clock.spec);
const isPaused = (clock: CaseClock): boolean => clock.spec.events.findLast((event) => event.kind === 'pause' || event.kind === 'resume')?.kind === 'pause';

function chooseClocks<D extends CaseDefinition>(file: CaseFile<D>, id: string | undefined, fits: (clock: CaseClock) => boolean, what: string): CaseClock[] {
  const clocks = file.view.clocks.filter((clock) => isRunning(clock) && (id === undefined || clock.id === id) && fits(clock));
  if (clocks.length === 0) {
    throw CaseFile.refuse('action-not-allowed', id === undefined ? `no running clock of this case ${what}` : `clock "${id}" is not one that ${what}`, {
      allowed: { clocks: file.view.clocks.filter((clock) => isRunning(clock) && fits(clock)).map((clock) => clock.id), now: allowedNow(file.view) },
    });
  }
  return clocks;
}

function suspend<D extends CaseDefinition>(file: CaseFile<D>, wanted: ReturnType<typeof ActionFields.suspend.parse>, by: Actor): number {
  const clocks = chooseClocks(file, wanted.clock, (clock) => !isPaused(clock) && clock.rules?.pauseGrounds.includes(wanted.ground) === true, `pauses for "${wanted.ground}"`);
  for (const clock of clocks) file.addClockEvent(clock.id, 'clock-paused', { kind: 'pause', at: Date.now(), ground: wanted.ground }, by, { reasons: wanted.reasons });
  return file.ledger.seq;
}

function resume<D extends CaseDefinition>(file: CaseFile<D>, wanted: ReturnType<typeof ActionFields.resume.parse>, by: Actor): number {
  for (const clock of chooseClocks(file, wanted.clock, isPaused, 'is paused')) {
    file.addClockEvent(clock.id, 'clock-resumed', { kind: 'resume', at: Date.now() }, by, wanted.remark === undefined ? undefined : { remark: wanted.remark });
  }
  return file.ledger.seq;
}

/** An extension is asked for here and granted in a step of its own, by the role the policy names (信访工作条例 34: 经本机关、单位负责人批准). */
async function requestExtension<D extends CaseDefinition>(file: CaseFile<D>, wanted: ReturnType<typeof ActionFields.extend.parse>, by: Actor): Promise<number> {
  const clocks = chooseClocks(file, wanted.clock, (clock) => canBeExtended(file, clock), 'can be extended (again) before it runs out');
  const [clock] = clocks;
  if (clock === undefined || clocks.length > 1) {
    throw CaseFile.refuse('action-not-allowed', 'several clocks can be extended: name one', { allowed: { clocks: clocks.map((each) => each.id) } });
  }
  const rule = clock.rules?.extension;
  const most = `at most ${rule?.max.amount} ${rule?.max.unit}`;
  if (rule !== undefined && rule.max.unit !== wanted.by.unit) throw CaseFile.refuse('invalid-fields', `an extension is ${most}, in that unit`, { issues: [{ path: 'by.unit', message: most }] });
  if (rule !== undefined && wanted.by.amount > rule.max.amount) throw CaseFile.refuse('invalid-fields', `an extension is ${most}`, { issues: [{ path: 'by.amount', message: most }] });
  // A clock of the case as a whole is extended by the organ in charge of it, wherever the step that runs under it lies (本机关、单位负责人).
  const office = Object.hasOwn(file.definition.clocks, stepNameOf(clock.id)) ? file.view.leadOrgan : clock.organ;
  const organ = await granting(file, office);
  // Another request may have come while the tree was asked.
  if (organ !== office) chooseClocks(file, clock.id, (each) => canBeExtended(file, each), 'can be extended (again) before it runs out');
  const seq = file.ledger.enter('extension-requested', { by, clock: clock.id, facts: { by: { ...wanted.by } }, detail: { reasons: wanted.reasons } });
  const id = `extension.${clock.id}`;
  file.raiseStep('extension', id, { organ, key: clock.id, ...(rule === undefined ? {} : { roles: [rule.approverRole] }), context: { clock: clock.id, by: { ...wanted.by }, reasons: wanted.reasons, requestedBy: { ...by, roles: [...by.roles] } } });
  awaitExtension(file, id);
  return seq;
}

/** Who is named in the case grants nothing in it: where that is the head of the organ, the next above (回避). */
async function granting<D extends CaseDefinition>(file: CaseFile<D>, organ: string): Promise<string> {
  if (!headIsNamed(file.view, organ)) return organ;
  const relations = await file.lookUp((store) => store.findOrgans([organ]));
  return nearestImpartial(file.view, relations[organ]?.superiors ?? []) ?? organ;
}

/** A limit that has run out is not extended; one asked for in time may be granted late. */
function canBeExtended<D extends CaseDefinition>(file: CaseFile<D>, clock: CaseClock): boolean {
  const rule = clock.rules?.extension;
  const used = clock.spec.events.filter((event) => event.kind === 'extend').length;
  return rule !== undefined && used < rule.times && !isOverdue(clock) && !file.view.openSteps.some((step) => step.id === `extension.${clock.id}`);
}

interface ExtensionRequest { readonly clock: string; readonly by: { readonly amount: number; readonly unit: 'working-day' | 'calendar-day' | 'month' }; readonly reasons: string; readonly requestedBy: Actor }

/** Waits for the approver's answer to an extension that was asked for; called again when the case goes on in a new run. */
export function awaitExtension<D extends CaseDefinition>(file: CaseFile<D>, stepId: string): void {
  const request = file.view.openSteps.find((step) => step.id === stepId)?.context as unknown as ExtensionRequest;
  void file.awaitAnswer(stepId).then((given) => {
    const answer = given as unknown as { readonly answer: string; readonly by: Actor; readonly fields: { readonly reasons?: string } };
    if (answer.answer === 'approve') {
      file.addClockEvent(request.clock, 'clock-extended', {
        kind: 'extend', at: Date.now(), by: request.by, approver: answer.by.id, ground: 'approved-request',
      }, answer.by, { reasons: request.reasons });
      if (file.definition.hasComplainant === true) file.sendNotice('complainant', 'extension', { clock: request.clock }, { reasons: request.reasons });
    } else {
      file.ledger.enter('extension-refused', { by: answer.by, clock: request.clock, detail: { reasons: answer.fields.reasons ?? '' } });
    }
    file.sendNotice({ roles: request.requestedBy.roles, organ: request.requestedBy.organ ?? file.view.leadOrgan, user: request.requestedBy.id }, `extension.${answer.answer}`, { clock: request.clock });
  });
}

function reassign<D extends CaseDefinition>(file: CaseFile<D>, wanted: ReturnType<typeof ActionFields.reassign.parse>, by: Actor): number {
  const step = file.view.openSteps.find((each) => each.id === wanted.step);
  if (step === undefined) throw CaseFile.refuse('step-not-open', `step "${wanted.step}" is not open`, { allowed: allowedNow(file.view) });
  const assignee = { ...step.assignee, ...(wanted.organ === undefined ? {} : { organ: wanted.organ }) };
  const { user: _previous, ...office } = assignee;
  const moved: OpenStep = { ...step, assignee: wanted.user === undefined ? office : { ...office, user: wanted.user } };
  const seq = file.ledger.enter('reassigned', {
    by, step: step.id, facts: { from: { ...step.assignee }, to: { ...moved.assignee } }, detail: { reasons: wanted.reasons },
  }, {
    openSteps: file.view.openSteps.map((each) => (each.id === step.id ? moved : each)),
    organs: wanted.organ === undefined || file.view.organs.includes(wanted.organ) ? file.view.organs : [...file.view.organs, wanted.organ],
    // Who is to answer must be able to read, whatever organ they sit in.
    participants: [...new Set([...file.view.participants, ...(by.kind === 'user' ? [by.id] : []), ...(wanted.user === undefined ? [] : [wanted.user])])],
  });
  if (wanted.organ !== undefined && step.clock !== undefined) file.patchClock(step.clock, { organ: wanted.organ });
  file.sendNotice(moved.assignee, 'reassigned', { step: step.id });
  return seq;
}

/** Repeat complaints join one leading case; each complainant still gets an answer (S4 二(二)3). */
async function merge<D extends CaseDefinition>(file: CaseFile<D>, { into, reasons }: ReturnType<typeof ActionFields.merge.parse>, message: ActionMessage, turns: Turns): Promise<number> {
  // What the law lets follow from an answer that came while others were asked is carried out first.
  const stillAllowed = (): void => {
    const { expected: _seen, ...asked } = message;
    if (patched('2026-11-22-joined-while-answered')) checkAction(file.definition, file.view, asked, 'let-in');
  };
  if (into === file.caseNumber) throw refuseLeading('a case is not merged into itself');
  const leading = await file.lookUp((store) => store.findPriorCase(into));
  if (leading === null || leading.status !== 'open') throw refuseLeading(`${into} is not an open case`);
  if (leading.type !== file.definition.type) throw refuseLeading(`${into} is a ${leading.type}: cases of one type are joined`);
  // Whoever follows cannot lead: two cases that wait for each other would wait for ever.
  if (leading.leading !== null) throw refuseLeading(`${into} has itself joined ${leading.leading}: join that one`);
  turns.beginJoining(into);
  try {
    stillAllowed();
    await tellLeading(file, into);
    if (file.view.status === 'closed') throw CaseFile.refuse('case-closed', `${file.caseNumber} closed meanwhile`, { allowed: allowedNow(file.view) });
    stillAllowed();
    if (leads(file, into) && file.caseNumber < into) throw refuseLeading(`${into} has joined this case meanwhile`);
    const seq = file.ledger.enter('merged', { by: message.by, facts: { into }, detail: { reasons } }, {
      links: [...file.view.links.filter((link) => link.relation !== 'leading'), { caseNumber: into, type: file.definition.type, relation: 'leading' }],
    });
    turns.divert({ kind: 'merged', into });
    return seq;
  } catch (error) {
    turns.giveUpJoining(into);
    throw error;
  }
}

async function tellLeading<D extends CaseDefinition>(file: CaseFile<D>, into: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(into).signal(messageNames.followerJoined, { caseNumber: file.caseNumber, type: file.definition.type });
  } catch (error) {
    if (isCancellation(error)) throw error;
    throw refuseLeading(`${into} is not an open case`);
  }
}

const refuseLeading = (message: string) => CaseFile.refuse('invalid-fields', message, { issues: [{ path: 'into', message }] });

const leads = <D extends CaseDefinition>(file: CaseFile<D>, other: string): boolean =>
  file.view.links.some((link) => link.relation === 'follower' && link.caseNumber === other);

/**
 * Another case has joined this one. Where both joined each other in the same moment the smaller number leads:
 * `leads-instead` says that this case, which was on its way to follow, is to go its own way again.
 */
export function admitFollower<D extends CaseDefinition>(file: CaseFile<D>, follower: { readonly caseNumber: string; readonly type: string }): 'admitted' | 'leads-instead' | 'follows' {
  const mutual = file.view.links.some((link) => link.relation === 'leading' && link.caseNumber === follower.caseNumber);
  if (mutual && file.caseNumber > follower.caseNumber) return 'follows';
  if (!leads(file, follower.caseNumber)) {
    file.ledger.enter('follower-joined', { by: timer, facts: { ...follower } }, { links: [...file.view.links, { ...follower, relation: 'follower' }] });
  }
  return mutual ? 'leads-instead' : 'admitted';
}
