import {
  allHandlersFinished, CancellationScope, condition, defineQuery, defineSignal, defineUpdate, getExternalWorkflowHandle,
  isCancellation, makeContinueAsNewFunc, patched, setHandler, workflowInfo,
} from '@temporalio/workflow';
import type { CaseDefinition, IntakeOf } from '../../domain/case-definition';
import type { CaseClock, CaseView } from '../../domain/case-file';
import type { Json } from '../../domain/json';
import { messageNames, type ActionMessage, type AnswerMessage, type CaseResult, type CaseStart, type EventsOfRun, type RecalculateMessage, type Receipt } from '../../domain/messages';
import { foldClock } from '../../domain/clock';
import { isStopped } from '../../domain/record';
import { admitFollower, awaitExtension, carryOut, type Diversion, type Turns } from './actions';
import { CaseFile } from './case-file';
import { timer } from './ledger';
import { checkAction, checkAnswer, type Checked } from './refusals';
import { untilSettled } from './settle';

const answerUpdate = defineUpdate<Receipt, [AnswerMessage]>(messageNames.answer);
const actUpdate = defineUpdate<Receipt, [ActionMessage]>(messageNames.act);
const viewQuery = defineQuery<CaseView>(messageNames.view);
const eventsQuery = defineQuery<EventsOfRun>(messageNames.events);
const nudgeSignal = defineSignal<[]>(messageNames.nudge);
const goOnSignal = defineSignal<[]>(messageNames.goOn);
const followerJoinedSignal = defineSignal<[{ readonly caseNumber: string; readonly type: string }]>(messageNames.followerJoined);
const leadingConcludedSignal = defineSignal<[Conclusion]>(messageNames.leadingConcluded);
const recalculateSignal = defineSignal<[RecalculateMessage]>(messageNames.recalculate);

/** How a leading case ended, as its followers are told. */
interface Conclusion {
  readonly leading: string;
  readonly outcome: string;
  readonly result: Json;
}

/** A procedure: the case type's own code, from the open file to its close. */
export type Procedure<D extends CaseDefinition> = (file: CaseFile<D>) => Promise<CaseResult>;

/**
 * Conducts a case: listens first, then runs the procedure, turns it aside on withdrawal or merger, records every activation,
 * goes on in a new run before the history grows too long, and ends when the last handler has had its answer.
 * A case ends by its procedure, or withdrawn or merged on record: a cancellation asked of Temporal itself passes by every right, and changes nothing.
 */
export function conductCase<D extends CaseDefinition>(definition: D, start: CaseStart<IntakeOf<D>>, procedure: Procedure<D>): Promise<CaseResult> {
  return CancellationScope.nonCancellable(() => conduct(definition, start, procedure));
}

async function conduct<D extends CaseDefinition>(definition: D, start: CaseStart<IntakeOf<D>>, procedure: Procedure<D>): Promise<CaseResult> {
  const file = new CaseFile(definition, start);
  const course = new Course();
  const leading = file.view.links.find((link) => link.relation === 'leading');
  if (leading !== undefined) course.diversion = { kind: 'merged', into: leading.caseNumber };
  listen(file, course);
  const main = runCourse(file, course, procedure);
  const recorder = file.record();
  const next = whenToGoOn(file, course, start).then(() => goOn(file, start));
  const result = await Promise.race([main, recorder.then(() => main), next]);

  await releaseFollowers(file);
  await condition(allHandlersFinished);
  file.finish();
  await recorder;
  return result;
}

/** Handlers run in the workflow's own scope, which a cancellation asked of Temporal would cancel. */
const shielded = <A extends unknown[], R>(handle: (...args: A) => Promise<R>) => (...args: A): Promise<R> => CancellationScope.nonCancellable(() => handle(...args));

/** Where the procedure runs, and whether it has been turned aside. */
class Course implements Turns {
  scope: CancellationScope = new CancellationScope();
  diversion: Diversion | undefined;
  /** An operator asks for a new run: a history under an old key cannot be sealed anew, but it can be left. */
  leavesHistory = false;
  /** Conclusions of leading cases that have not been acted on, by their number. */
  readonly concluded = new Map<string, Conclusion>();
  private readonly joining = new Set<string>();

  divert(to: Diversion): void {
    if (to.kind === 'merged') this.joining.delete(to.into);
    this.diversion = to;
    this.scope.cancel();
  }

  beginJoining(into: string): void {
    this.joining.add(into);
  }

  giveUpJoining(into: string): void {
    this.joining.delete(into);
    if (!this.waitsFor(into)) this.concluded.delete(into);
  }

  /** Whether this case follows another, or is about to. */
  waitsFor(leading: string): boolean {
    return this.joining.has(leading) || (this.diversion?.kind === 'merged' && this.diversion.into === leading);
  }

  /** The case goes its own way again, from the beginning. */
  release(from: string): void {
    this.diversion = undefined;
    if (!this.waitsFor(from)) this.concluded.delete(from);
    this.scope = new CancellationScope();
  }
}

function listen<D extends CaseDefinition>(file: CaseFile<D>, course: Course): void {
  const receipt = (seq: number, key: string | undefined): Receipt => {
    const given: Receipt = { caseNumber: file.caseNumber, revision: seq, seq, at: Date.now() };
    if (key !== undefined) file.receipts.set(key, given);
    return given;
  };
  /** The receipt once its entry is on file: its revision is the file's then, with the steps that the entry opened. */
  const onFile = async (given: Receipt, key: string | undefined): Promise<Receipt> => {
    await file.recorded(given.seq);
    const settled = { ...given, revision: file.ledger.recordedSeq };
    if (key !== undefined) file.receipts.set(key, settled);
    return settled;
  };
  const check = (message: AnswerMessage, when: Checked): ReturnType<typeof checkAnswer> => {
    const checked = checkAnswer(file.definition, file.view, message, when);
    // What was let in before this was looked at stands.
    if (when === 'at-the-door') file.refuseLapsed(checked.step);
    file.refuseWanting(checked.step.id, message.answer, checked.fields);
    return checked;
  };
  const repeated = async (key: string | undefined): Promise<Receipt | undefined> => {
    const given = key === undefined ? undefined : file.receipts.get(key);
    if (given === undefined || key === undefined) return undefined;
    await file.recorded(given.seq);
    return file.receipts.get(key) ?? given;
  };

  setHandler(answerUpdate, shielded(async (message: AnswerMessage) => {
    const before = await repeated(message.key);
    if (before !== undefined) return before;
    if (!file.awaits(message.step) && patched('2026-11-22-checked-in-a-new-run')) await file.untilAwaited(message.step);
    const { step, fields } = check(message, 'let-in');
    return onFile(receipt(file.answerStep(step, message.answer, fields, message.by), message.key), message.key);
  }), {
    validator: (message: AnswerMessage) => {
      if (message.key !== undefined && file.receipts.has(message.key)) return;
      check(message, 'at-the-door');
    },
  });

  setHandler(actUpdate, shielded(async (message: ActionMessage) => {
    const before = await repeated(message.key);
    if (before !== undefined) return before;
    // A clock started a moment ago has its grounds and its extension only once it has been read.
    await file.recorded();
    const fields = checkAction(file.definition, file.view, message, 'let-in');
    return onFile(receipt(await carryOut(file, message, fields, course), message.key), message.key);
  }), {
    validator: (message: ActionMessage) => {
      if (message.key !== undefined && file.receipts.has(message.key)) return;
      checkAction(file.definition, file.view, message, 'at-the-door');
    },
  });

  setHandler(viewQuery, () => file.view);
  setHandler(eventsQuery, (): EventsOfRun => ({ ...file.place, events: file.ledger.events }));
  setHandler(nudgeSignal, () => file.nudge());
  setHandler(goOnSignal, () => { course.leavesHistory = true; });
  setHandler(followerJoinedSignal, shielded(async (follower: { readonly caseNumber: string; readonly type: string }) => {
    // Who joins in the moment of the close is answered like the others.
    if (file.view.status === 'closed') await tellFollower(file, follower.caseNumber);
    else if (admitFollower(file, follower) === 'leads-instead') course.concluded.set(follower.caseNumber, { leading: follower.caseNumber, outcome: 'withdrawn', result: null });
  }));
  setHandler(leadingConcludedSignal, (conclusion) => {
    // Who did not join after all goes its own way; kept, the news would keep the case from ever going on in a new run.
    if (course.waitsFor(conclusion.leading) || !patched('2026-11-22-joined-while-answered')) course.concluded.set(conclusion.leading, conclusion);
  });
  setHandler(recalculateSignal, shielded((message: RecalculateMessage) => recalculate(file, message)));
  for (const step of file.view.openSteps) if (step.step === 'extension') awaitExtension(file, step.id);
}

/** A new calendar or a corrected limit reaches a running case: an event on each clock it names, and a notice where the date moved. */
async function recalculate<D extends CaseDefinition>(file: CaseFile<D>, { clocks, ground }: RecalculateMessage): Promise<void> {
  if (file.view.status === 'closed') return;
  const reached = file.view.clocks.flatMap((clock) => {
    const versions = clocks.find((each) => each.id === clock.id);
    if (versions === undefined || isStopped(clock.spec)) return [];
    return goesBy(clock, versions) && patched('2026-11-22-told-twice') ? [] : [{ clock, versions }];
  });
  for (const { clock, versions: { policyVersion, calendarVersion } } of reached) {
    file.addClockEvent(clock.id, 'clock-recalculated', { kind: 'recalculation', at: Date.now(), policyVersion, calendarVersion, ground }, timer);
  }
  await file.recorded();
  for (const { clock: before } of reached) {
    const after = file.view.clocks.find((clock) => clock.id === before.id);
    const [from, to] = [before.reading?.due ?? null, after?.reading?.due ?? null];
    if (from !== to) file.sendNotice({ roles: ['department', 'handler', 'supervisor', 'leader'], organ: before.organ }, 'due-date-moved', { clock: before.id, dueBefore: from, due: to, ground });
  }
}

/** Whether a clock counts by these versions already (two workers may tell a case of the same law), or has begun since and is read under what reaches it. */
function goesBy(clock: CaseClock, { policyVersion, calendarVersion }: RecalculateMessage['clocks'][number]): boolean {
  const under = foldClock(clock.spec.events).recalculated ?? clock.spec;
  return clock.reading === null || (under.policyVersion === policyVersion && under.calendarVersion === calendarVersion);
}

async function runCourse<D extends CaseDefinition>(file: CaseFile<D>, course: Course, procedure: Procedure<D>): Promise<CaseResult> {
  for (;;) {
    if (course.diversion === undefined) {
      try {
        return await course.scope.run(() => procedure(file));
      } catch (error) {
        if (!isCancellation(error) || course.diversion === undefined) throw error;
      }
    }
    const diversion: Diversion = course.diversion;
    file.cancelSteps(timer, diversion.kind);
    if (diversion.kind === 'withdrawn') return file.close('withdrawn');
    const concluded = await follow(course, diversion);
    if (concluded === undefined) continue;
    if (concluded.outcome !== 'withdrawn') return answerFollower(file, diversion.into, concluded);
    // The leading case was withdrawn: this one goes its own way again, from the beginning.
    file.ledger.enter('released', { by: timer, facts: { by: diversion.into } }, { links: file.view.links.filter((link) => link.relation !== 'leading') });
    file.restart();
    course.release(diversion.into);
  }
}

/** Waits for the leading case to conclude; undefined when this one was withdrawn, or joined another, meanwhile. */
async function follow(course: Course, joined: Diversion & { readonly kind: 'merged' }): Promise<Conclusion | undefined> {
  await condition(() => course.concluded.has(joined.into) || course.diversion !== joined);
  return course.diversion === joined ? course.concluded.get(joined.into) : undefined;
}

/** 件件有答复: the complainant of a joined case gets the leading case's answer, on this case's file; where nobody complained, the organ in charge gets it. */
async function answerFollower<D extends CaseDefinition>(file: CaseFile<D>, leading: string, concluded: Conclusion): Promise<CaseResult> {
  const [to, template] = file.definition.hasComplainant === true ? ['complainant', 'reply'] as const
    : [{ roles: ['handler', 'supervisor', 'leader'], organ: file.view.leadOrgan } as const, 'leading-concluded'] as const;
  file.sendNotice(to, template, { leading, outcome: concluded.outcome }, concluded.result);
  return file.close('merged', { leading, outcome: concluded.outcome, result: concluded.result });
}

async function releaseFollowers<D extends CaseDefinition>(file: CaseFile<D>): Promise<void> {
  for (const link of file.view.links.filter((each) => each.relation === 'follower')) await tellFollower(file, link.caseNumber);
}

/** What a case's followers are told: how it ended, or, where it followed another itself, how that one did. */
function conclusionOf(view: CaseView): Conclusion {
  const told = view.outcome === 'merged' ? view.result as { readonly outcome: string; readonly result: Json } : { outcome: view.outcome ?? '', result: view.result ?? null };
  return { leading: view.caseNumber, outcome: told.outcome, result: told.result };
}

async function tellFollower<D extends CaseDefinition>(file: CaseFile<D>, follower: string): Promise<void> {
  const conclusion = conclusionOf(file.view);
  try {
    await getExternalWorkflowHandle(follower).signal(messageNames.leadingConcluded, conclusion);
  } catch (error) {
    // A follower that was withdrawn meanwhile is gone, and needs no answer.
    if (!(error instanceof Error) || isCancellation(error)) throw error;
  }
}

/** When the history has grown long, or an operator asks, and nothing is in flight. */
async function whenToGoOn<D extends CaseDefinition>(file: CaseFile<D>, course: Course, start: CaseStart<IntakeOf<D>>): Promise<void> {
  // A timer or signal of this very activation may still be on its way to its handler: what it enters must be on record before the run ends.
  await untilSettled(() => {
    const info = workflowInfo();
    const wanted = course.leavesHistory || info.continueAsNewSuggested || (start.historyBudget !== undefined && info.historyLength > start.historyBudget);
    return wanted && file.quiet && course.concluded.size === 0 && file.view.status === 'open' && allHandlersFinished();
  });
}

function goOn<D extends CaseDefinition>(file: CaseFile<D>, start: CaseStart<IntakeOf<D>>): Promise<never> {
  const receipts = [...file.receipts].slice(-500);
  // The memo is sealed anew with the rest; left to the server it would keep its first seal from run to run.
  const next = makeContinueAsNewFunc<(start: CaseStart<IntakeOf<D>>) => Promise<CaseResult>>({ memo: workflowInfo().memo ?? {} });
  return next({
    ...start,
    carried: {
      run: file.run + 1, view: file.view, seq: file.ledger.seq, head: file.head,
      journal: file.journal.entries(), receipts: Object.fromEntries(receipts),
    },
  });
}
